//! What the window shows, as plain values: no Slint, no threads. `window.rs` hands it to the screens.

use greenlit_core::benefits::Venue;
use greenlit_core::time::UnixTime;
use greenlit_core::trust::{Freshness, TrustState};
use greenlit_core::verdict::Verdict;
use greenlit_front::Showing;
pub(crate) use greenlit_front::{AnswerView, Line, Page, notice};

use crate::clock;
use crate::config::till::StoreTrouble;
use crate::session::portrait;

/// What the window shows of an answer; `None` for what is no pass.
pub(crate) fn answer_view(verdict: &Verdict, place: &Venue, language: &str) -> Option<AnswerView> {
    AnswerView::of(verdict, &Showing { place, language, day: &day, draws: portrait::can_be_drawn })
}

/// The footer, and what stands on every page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Footer {
    pub(crate) age: Freshness,
    pub(crate) until: String,
    pub(crate) clock: String,
    pub(crate) date: String,
    pub(crate) sites: Vec<String>,
    pub(crate) authority: String,
    pub(crate) fingerprint: String,
    pub(crate) demo: bool,
    /// What this place is called, if anything.
    pub(crate) name: String,
    /// What a sync brings could not be kept. Only the window knows.
    pub(crate) unwritable: bool,
    /// By how many seconds somebody else has set the machine's clock a moment ago. Only the window knows.
    pub(crate) clock_moved: Option<i64>,
    /// Why neither trust data nor settings are known. Only the window knows.
    pub(crate) trouble: Option<StoreTrouble>,
}

/// The page that sets date and time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ClockView {
    /// What stands on the dials: day, month, year, hour, minute.
    pub(crate) texts: [String; 5],
    /// The dial that keys turn, by its place.
    pub(crate) field: usize,
    /// From 1, Monday.
    pub(crate) weekday: u32,
    pub(crate) month: u32,
    /// The dials show what is refused.
    pub(crate) early: bool,
    pub(crate) earliest: String,
    pub(crate) zone: String,
    /// The network sets the clock, and nobody else.
    pub(crate) network: bool,
}

impl Footer {
    /// Of this trust data at this moment.
    pub(crate) fn of(trust: &TrustState, place: &Venue, language: &str, now: UnixTime) -> Self {
        let mut standing = Self {
            clock: time_of_day(now),
            date: day(now),
            sites: place.sites.iter().map(|site| site.0.clone()).collect(),
            ..Self::default()
        };
        if let Some(root) = trust.newest_root() {
            standing.authority = root.authority.get(language).to_owned();
            standing.demo = root.demo;
        }
        standing.fingerprint = trust.anchor().map(|anchor| anchor.fingerprint().to_string()).unwrap_or_default();
        let age = trust.age(now);
        standing.age = age.stage;
        standing.until = age.until.map(day_and_time).unwrap_or_default();
        standing
    }
}

/// Hours and minutes here.
pub(crate) fn time_of_day(time: UnixTime) -> String {
    clock::local(time, "%H:%M")
}

/// Day, hours and minutes here.
pub(crate) fn day_and_time(time: UnixTime) -> String {
    clock::local(time, "%d.%m.%Y %H:%M")
}

/// A day here.
pub(crate) fn day(time: UnixTime) -> String {
    clock::local(time, "%d.%m.%Y")
}
