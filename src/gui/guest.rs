//! The window on the guest's side of the desk: the answer and what the pass gives, and nothing of who holds it.

use std::cell::RefCell;

use slint::{CloseRequestResponse, ComponentHandle, ModelRc, VecModel};

use greenlit_ui::{self as ui, GuestWindow};

use crate::config::look::Look;
use crate::gui::ui_models::{benefit_line, look_model};
use crate::session::Snapshot;
use crate::session::view_model::{Line, Page};

/// What it shows.
#[derive(Clone, Debug, Default, PartialEq)]
struct Seen {
    answer: Option<ui::AnswerKind>,
    benefits: Vec<Line>,
    practice: bool,
}

/// That window, while there is one.
#[derive(Default)]
pub(crate) struct GuestSide {
    open: RefCell<Option<Open>>,
}

struct Open {
    window: GuestWindow,
    look: Option<Look>,
    seen: Option<Seen>,
}

impl GuestSide {
    /// Opens or closes it; `closed` is called when somebody closes it by its frame. Where it cannot be opened, there
    /// is none.
    pub(crate) fn open(&self, wanted: bool, closed: impl Fn() + 'static) {
        let mut open = self.open.borrow_mut();
        match (&*open, wanted) {
            (None, true) => {
                let shown = GuestWindow::new().and_then(|window| window.show().map(|()| window));
                if let Ok(window) = shown {
                    window.window().on_close_requested(move || {
                        closed();
                        CloseRequestResponse::HideWindow
                    });
                    *open = Some(Open { window, look: None, seen: None });
                }
            }
            (Some(shown), false) => {
                // Nothing is left to be done where even that fails.
                let _ = shown.window.hide();
                *open = None;
            }
            _ => {}
        }
    }

    /// What the guest sees of this, and how.
    pub(crate) fn show(&self, snapshot: &Snapshot, look: impl FnOnce() -> Look) {
        let mut open = self.open.borrow_mut();
        let Some(Open { window, look: look_before, seen: before }) = open.as_mut() else { return };
        let look = look();
        if *look_before != Some(look) {
            window.set_till_look(look_model(look));
            *look_before = Some(look);
        }
        let seen = Seen::of(snapshot);
        if before.as_ref() == Some(&seen) {
            return;
        }
        window.set_guest(ui::GuestModel {
            answering: seen.answer.is_some(),
            answer: seen.answer.unwrap_or_default(),
            benefits: ModelRc::new(VecModel::from_iter(seen.benefits.iter().map(benefit_line))),
            practice: seen.practice,
        });
        *before = Some(seen);
    }

    #[cfg(test)]
    pub(crate) fn shown(&self) -> Option<ui::GuestModel> {
        self.open.borrow().as_ref().map(|open| open.window.get_guest())
    }
}

impl Seen {
    fn of(snapshot: &Snapshot) -> Self {
        let answer = match snapshot.page {
            Page::Valid => ui::AnswerKind::Valid,
            Page::Refused => ui::AnswerKind::Refused,
            Page::NotGenuine => ui::AnswerKind::NotGenuine,
            Page::CannotTell => ui::AnswerKind::CannotTell,
            Page::Mismatch => ui::AnswerKind::Mismatch,
            Page::Scan | Page::Unread | Page::OneAtATime | Page::Cleared => {
                return Self { practice: snapshot.standing.demo, ..Self::default() };
            }
        };
        let benefits = snapshot.answer.as_ref().map(|answer| answer.benefits.clone()).unwrap_or_default();
        Self { answer: Some(answer), benefits, practice: snapshot.standing.demo }
    }
}
