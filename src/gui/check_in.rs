//! A hotel's check-in: the page, its last night, and its end.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use chrono::Datelike;
use slint::{ComponentHandle, ModelRc, VecModel};

use greenlit_core::answer::{Answer, Code};
use greenlit_core::check_in::{CheckIn, Guest};
use greenlit_ui::{self as ui, CheckInBridge};

use crate::clock;
use crate::gui::{Overlay, UiBindings, Window};
use crate::session::view_model::day;

/// Longer stays are no hotel's.
const MOST_NIGHTS: u32 = 90;
/// A booking that nobody went on with for so long is forgotten.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(30 * 60);

/// The booking on the page.
#[derive(Debug)]
pub(crate) struct Desk {
    nights: Cell<u32>,
    /// When it is forgotten if nobody goes on with it, by a clock that only goes forward.
    forgotten_at: Cell<Duration>,
    /// Answers that there had been by then.
    answers: Cell<u32>,
    shown: RefCell<Option<(u32, CheckIn)>>,
}

impl Default for Desk {
    fn default() -> Self {
        Self {
            nights: Cell::new(1),
            forgotten_at: Cell::default(),
            answers: Cell::default(),
            shown: RefCell::default(),
        }
    }
}

impl Desk {
    fn touch(&self) {
        self.forgotten_at.set(clock::steady().saturating_add(FORGOTTEN_AFTER));
    }

    /// As if nobody had been there for half an hour and more.
    #[cfg(test)]
    pub(crate) fn touched_long_ago(&self) {
        self.forgotten_at.set(Duration::ZERO);
    }
}

impl Window {
    /// What is true of the booking now, after so many answers.
    pub(super) fn show_check_in(&self, answers: u32) {
        if self.session.borrow().stays_until().is_none() {
            if self.sheet.get() == Overlay::CheckIn {
                self.open(Overlay::None);
            }
            return;
        }
        if self.desk.answers.replace(answers) != answers {
            self.desk.touch();
        }
        if clock::steady() > self.desk.forgotten_at.get() {
            return self.end_check_in();
        }
        // Another day may have begun meanwhile, or the clock may have been set.
        self.stay();
        if self.sheet.get() != Overlay::CheckIn {
            return;
        }
        let Some(booking) = self.session.borrow().checked_in() else { return };
        let news = (self.desk.nights.get(), booking);
        if self.desk.shown.borrow().as_ref() != Some(&news) {
            self.bindings.show_check_in(&news.1, news.0);
            *self.desk.shown.borrow_mut() = Some(news);
        }
    }

    fn begin_check_in(&self) {
        self.desk.nights.set(1);
        self.desk.shown.take();
        self.desk.touch();
        self.stay();
        self.open(Overlay::CheckIn);
    }

    fn change_nights(&self, by: i32) {
        self.desk.nights.set(self.desk.nights.get().saturating_add_signed(by).clamp(1, MOST_NIGHTS));
        self.desk.touch();
        self.refresh();
    }

    /// Has the passes judged for as many nights as are chosen, from now.
    fn stay(&self) {
        let now = self.controller.borrow().now();
        let end = clock::last_night(now, self.desk.nights.get()).and_then(clock::end_of_day).unwrap_or(now);
        let session = self.session.borrow();
        if session.stays_until() != Some(end) {
            session.check_in(Some(end));
        }
    }

    fn end_check_in(&self) {
        self.session.borrow().check_in(None);
        self.desk.shown.take();
        self.bindings.forget_check_in();
        if self.sheet.get() == Overlay::CheckIn {
            self.open(Overlay::None);
        }
    }

    pub(super) fn listen_to_desk(self: &Rc<Self>) {
        let bridge = self.bindings.app.global::<CheckInBridge>();
        let this = |work: fn(&Self)| self.callback(work);
        bridge.on_open(this(Self::begin_check_in));
        bridge.on_done(this(Self::end_check_in));
        let window = Rc::downgrade(self);
        bridge.on_change_nights(move |by| window.upgrade().iter().for_each(|window| window.change_nights(by)));
    }
}

impl UiBindings {
    fn check_in(&self) -> CheckInBridge<'_> {
        self.app.global::<CheckInBridge>()
    }

    /// Whether guests are checked in here at all.
    pub(crate) fn offer_check_in(&self, offered: bool) {
        let bridge = self.check_in();
        let mut model = bridge.get_check_in();
        if model.offered != offered {
            model.offered = offered;
            bridge.set_check_in(model);
        }
    }

    pub(crate) fn show_booking(&self, model: ui::CheckInModel) {
        self.check_in().set_check_in(model);
    }

    /// Nothing of any booking stays behind the page.
    fn forget_check_in(&self) {
        let offered = self.check_in().get_check_in().offered;
        self.show_booking(ui::CheckInModel { offered, ..ui::CheckInModel::default() });
    }

    /// The guests of a booking so far.
    fn show_check_in(&self, booking: &CheckIn, nights: u32) {
        let last = clock::date(booking.stays_until());
        let number = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
        let mut guests: Vec<_> = booking.guests().zip(1..).map(guest).collect();
        // The newest is seen without scrolling.
        guests.reverse();
        self.show_booking(ui::CheckInModel {
            offered: self.check_in().get_check_in().offered,
            nights: number(nights),
            most_nights: number(MOST_NIGHTS),
            date: last.map(|last| last.format("%d.%m.%Y").to_string()).unwrap_or_default().into(),
            weekday: last.map_or(1, |last| number(last.weekday().number_from_monday())),
            guests: ModelRc::new(VecModel::from(guests)),
            unlisted: i32::try_from(booking.unlisted()).unwrap_or(i32::MAX),
            valid: i32::try_from(booking.valid()).unwrap_or(i32::MAX),
        });
    }
}

fn guest((guest, number): (&Guest, i32)) -> ui::CheckedGuest {
    // Of one that is not theirs nothing is told.
    let until = guest.expires.filter(|_| !guest.mismatch).map(|expires| day(expires.minus(1)));
    ui::CheckedGuest {
        number,
        answer: if guest.mismatch { ui::AnswerKind::Mismatch } else { answer_kind(guest.code) },
        code: guest.code.as_str().into(),
        until: until.unwrap_or_default().into(),
    }
}

/// The answer that a code belongs to.
pub(crate) fn answer_kind(code: Code) -> ui::AnswerKind {
    match code.answer() {
        Answer::Valid => ui::AnswerKind::Valid,
        Answer::Refused => ui::AnswerKind::Refused,
        Answer::NotGenuine => ui::AnswerKind::NotGenuine,
        Answer::CannotTell => ui::AnswerKind::CannotTell,
    }
}
