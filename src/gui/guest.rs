//! The window on the guest's side of the desk: the answer and what the pass gives, and nothing of who holds it.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use slint::{CloseRequestResponse, ComponentHandle, ModelRc, SharedString, Timer, VecModel};

use greenlit_ui::{self as ui, GuestWindow};

use crate::config::look::Look;
use crate::gui::settings_controller::SettingsController;
use crate::gui::ui_models::{benefit_line, look_model};
use crate::gui::{Window, screen};
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

/// Takes a key: the text, with a key that changes it, again while held; whether it was taken.
type KeyHandler = Box<dyn Fn(&SharedString, bool, bool) -> bool>;

/// What is done about what happens there.
pub(crate) struct Heard {
    /// Somebody closes it by its frame; whether that may be.
    pub(crate) closed: Box<dyn Fn() -> bool>,
    pub(crate) key: KeyHandler,
    /// It is in front, or no longer.
    pub(crate) in_front: Box<dyn Fn(bool)>,
}

struct Open {
    window: GuestWindow,
    look: Option<Look>,
    seen: Option<Seen>,
}

impl GuestSide {
    /// Opens it. Where it cannot be opened, there is none.
    pub(crate) fn open(&self, heard: Heard) {
        let mut open = self.open.borrow_mut();
        if open.is_some() {
            return;
        }
        let shown = GuestWindow::new().and_then(|window| window.show().map(|()| window));
        let Ok(window) = shown else { return };
        let Heard { closed, key, in_front } = heard;
        window.window().on_close_requested(move || {
            if closed() { CloseRequestResponse::HideWindow } else { CloseRequestResponse::KeepWindowShown }
        });
        window.on_key(move |text, combined, repeat| key(&text, combined, repeat));
        window.on_in_front(in_front);
        *open = Some(Open { window, look: None, seen: None });
    }

    pub(crate) fn close(&self) {
        if let Some(open) = self.open.borrow_mut().take() {
            // Nothing is left to be done where even that fails.
            let _ = open.window.hide();
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
    pub(crate) fn app(&self) -> Option<slint::Weak<GuestWindow>> {
        self.open.borrow().as_ref().map(|open| open.window.as_weak())
    }

    #[cfg(test)]
    pub(crate) fn shown(&self) -> Option<ui::GuestModel> {
        self.open.borrow().as_ref().map(|open| open.window.get_guest())
    }
}

impl Window {
    /// The second window, as the settings have it.
    pub(super) fn arrange_guest_side(self: &Rc<Self>) {
        if self.controller.borrow().shows_guest() && screen::has_desktop() {
            self.open_guest_side();
        } else {
            self.guest.close();
            self.guest_in_front.set(false);
        }
    }

    pub(super) fn open_guest_side(self: &Rc<Self>) {
        let (closed, keys, front) = (Rc::downgrade(self), Rc::downgrade(&self.typing), Rc::downgrade(self));
        self.guest.open(Heard {
            closed: Box::new(move || {
                let may = closed.upgrade().is_some_and(|window| window.controller.borrow().may_close_guest_window());
                let closed = closed.clone();
                if may {
                    // It is not wanted any more. Not at once, for it is just being asked.
                    Timer::single_shot(Duration::ZERO, move || {
                        closed.upgrade().iter().for_each(|window| {
                            window.guest.close();
                            window.with_settings(SettingsController::toggle_guest_window);
                            window.arrange_guest_side();
                        });
                    });
                }
                may
            }),
            key: Box::new(move |text, combined, repeat| {
                keys.upgrade().is_some_and(|typing| typing.key(text, combined, repeat))
            }),
            in_front: Box::new(move |is| front.upgrade().iter().for_each(|window| window.guest_in_front.set(is))),
        });
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
