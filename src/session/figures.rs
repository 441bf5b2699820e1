//! The figures of a shift as they are counted, and who keeps them: a thread that writes them down now and then, so
//! that neither the window nor the scanner waits for a disk.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use greenlit_core::head_count::HeadCount;
use greenlit_core::tally::{Event, Figure, Hour, Tally};
use greenlit_sync::store::{FigureRow, StoreError};

use crate::clock;
use crate::config::till::Till;
use crate::session::{Listener, SessionEvent};

/// From a change to its writing: what a till that loses its power loses at most.
const WRITE_AFTER: Duration = Duration::from_secs(10);
/// A store that could not be read or written is tried again.
const TRY_AGAIN: Duration = Duration::from_secs(30);
/// The same where another copy is only writing in it.
const TRY_BUSY_AGAIN: Duration = Duration::from_secs(1);
/// The row that holds how many are inside, in no hour.
const INSIDE: &str = "inside";

/// The figures of the window's shift. Dropped, they are written down.
pub(crate) struct Figures {
    kept: Arc<Kept>,
    keeper: Option<JoinHandle<()>>,
}

struct Kept {
    till: Till,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    tally: Tally,
    heads: HeadCount,
    /// Counts every change.
    changes: u64,
    /// What has changed is to be written down.
    dirty: bool,
    /// What was kept before is of a shift that is over.
    over: bool,
    closing: bool,
}

impl Figures {
    /// Of this till: what it kept before, and what comes.
    pub(crate) fn of(till: Till) -> Self {
        let kept = Arc::new(Kept { till, state: Mutex::default(), changed: Condvar::new() });
        let keeping = Arc::clone(&kept);
        // Where no thread can be started the figures live as long as the window.
        let keeper = std::thread::Builder::new().name("greenlit-figures".into()).spawn(move || keeping.keep()).ok();
        Self { kept, keeper }
    }

    /// Counts what a session tells.
    pub(crate) fn listener(&self) -> Listener {
        let kept = Arc::clone(&self.kept);
        Box::new(move |happening| {
            if let SessionEvent::Counted(event) = happening {
                kept.count(event);
            }
        })
    }

    /// As they are now.
    pub(crate) fn tally(&self) -> Tally {
        self.kept.state().tally.clone()
    }

    /// How many are inside, and how often anything has changed.
    pub(crate) fn inside(&self) -> (u32, u64) {
        let state = self.kept.state();
        (state.heads.inside(), state.changes)
    }

    /// Somebody has counted by hand.
    pub(crate) fn correct_inside(&self, by: i32) {
        self.kept.change(|state| state.heads.correct(by));
    }

    /// A new shift: nothing has happened in it. Who is inside stays there.
    pub(crate) fn start_shift(&self) {
        self.kept.change(|state| (state.tally, state.over) = (Tally::default(), true));
    }
}

impl Drop for Figures {
    fn drop(&mut self) {
        self.kept.state().closing = true;
        self.kept.changed.notify_all();
        // A fault of ours there is told already.
        let _ = self.keeper.take().map(JoinHandle::join);
    }
}

impl Kept {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state();
        change(&mut state);
        (state.changes, state.dirty) = (state.changes.wrapping_add(1), true);
        drop(state);
        self.changed.notify_all();
    }

    fn count(&self, event: Event) {
        let hour = clock::hour(self.till.now());
        self.change(|state| {
            state.tally.count(hour, event);
            state.heads.count(event);
        });
    }

    /// The keeper's thread.
    fn keep(&self) {
        loop {
            let pause = match self.till.figures() {
                Ok(rows) => break self.restore(rows),
                Err(StoreError::Busy(_)) => TRY_BUSY_AGAIN,
                Err(_) => TRY_AGAIN,
            };
            if self.wait(pause, |state| state.closing) {
                return;
            }
        }
        loop {
            self.wait(TRY_AGAIN, |state| state.closing || state.dirty);
            // More may come at once.
            let closing = self.wait(WRITE_AFTER, |state| state.closing);
            let rows = {
                let mut state = self.state();
                let dirty = std::mem::take(&mut state.dirty);
                dirty.then(|| rows(&state.tally, state.heads))
            };
            let noted = rows.is_none_or(|rows| self.till.note_figures(&rows).is_ok_and(|noted| noted));
            if closing {
                return;
            }
            if !noted {
                self.state().dirty = true;
                self.wait(TRY_AGAIN, |state| state.closing);
            }
        }
    }

    /// What was kept before counts too.
    fn restore(&self, kept: Vec<FigureRow>) {
        let mut state = self.state();
        for (hour, what, count) in kept {
            match Figure::parse(&what) {
                _ if what == INSIDE => state.heads.correct(i32::try_from(count).unwrap_or(i32::MAX)),
                Some(figure) if !state.over => state.tally.join(Hour::new(hour), figure, count),
                _ => {}
            }
        }
        // To be shown, and no reason to write.
        state.changes = state.changes.wrapping_add(1);
    }

    /// Until this is so; whether it is, or only the time is over.
    fn wait(&self, time: Duration, until: impl Fn(&State) -> bool) -> bool {
        let deadline = Instant::now() + time;
        let mut state = self.state();
        while !until(&state) {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }
}

/// As they are kept.
fn rows(tally: &Tally, heads: HeadCount) -> Vec<FigureRow> {
    let figures = tally.rows().map(|(hour, figure, count)| (hour.number(), figure.as_str().to_owned(), count));
    let inside = Some((0, INSIDE.to_owned(), heads.inside().into())).filter(|row| row.2 > 0);
    figures.chain(inside).collect()
}

/// The figures that were kept, without who is inside.
pub(crate) fn restored(rows: Vec<FigureRow>) -> Tally {
    let figure = |(hour, what, count): FigureRow| Some((Hour::new(hour), Figure::parse(&what)?, count));
    Tally::restored(rows.into_iter().filter_map(figure))
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use greenlit_core::answer::Code;
    use greenlit_core::sightings::Shown;
    use greenlit_sync::store::FILE_NAME;

    use super::*;
    use crate::clock::Clock;
    use crate::clock::tests::FakeClocks;
    use crate::config::site_file::SiteFile;

    fn till_at(folder: &std::path::Path, bench: &FakeClocks) -> Till {
        let till = Till::with(folder.join("till"), SiteFile::default(), Clock::of(bench.clone()));
        drop(till.store_to_write().unwrap());
        // As whatever stays open does.
        till.keep_trying();
        till
    }

    fn guests(figures: &Figures, count: u64) {
        let listener = figures.listener();
        (0..count).for_each(|_| listener(SessionEvent::Counted(Event::Answer { code: Code::Ok, shown: Shown::First })));
    }

    /// Until that many answers are there.
    fn comes_to(figures: &Figures, answers: u64) {
        // Ends a test that hangs, and nothing else.
        let deadline = Instant::now() + Duration::from_secs(300);
        while figures.tally().all_answers() != answers && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(5));
        }
        assert_eq!(figures.tally().all_answers(), answers);
    }

    #[test]
    fn a_shift_goes_on_after_a_restart_also_when_the_clock_has_leapt() {
        let folder = tempfile::tempdir().unwrap();
        let bench = FakeClocks::new("2026-11-27T12:00:00Z");
        let till = till_at(folder.path(), &bench);
        let figures = Figures::of(till.clone());
        guests(&figures, 7);
        bench.step("2001-01-01T00:00:00Z");
        guests(&figures, 2);
        figures.correct_inside(-4);
        drop(figures);
        bench.step("2040-01-01T00:00:00Z");
        let figures = Figures::of(till.clone());
        guests(&figures, 1);
        comes_to(&figures, 10);
        assert_eq!((figures.tally().hours().len(), figures.inside().0), (3, 6));
        figures.start_shift();
        assert!(figures.tally().is_empty());
        assert_eq!(figures.inside().0, 6, "they are still there");
        drop(figures);
        assert_eq!(till.figures().unwrap(), [(0, INSIDE.to_owned(), 6)]);
        assert!(restored(till.figures().unwrap()).is_empty());
    }

    #[test]
    fn what_happens_while_the_store_is_busy_joins_what_was_kept() {
        let folder = tempfile::tempdir().unwrap();
        let bench = FakeClocks::new("2026-11-27T12:00:00Z");
        let till = till_at(folder.path(), &bench);
        let figures = Figures::of(till.clone());
        guests(&figures, 3);
        drop(figures);
        let writer = Connection::open(folder.path().join("till").join(FILE_NAME)).unwrap();
        writer.execute_batch("BEGIN EXCLUSIVE").unwrap();
        let figures = Figures::of(till.clone());
        // Nobody waits for the store here.
        guests(&figures, 2);
        assert_eq!(figures.tally().all_answers(), 2);
        writer.execute_batch("ROLLBACK").unwrap();
        comes_to(&figures, 5);
        drop(figures);
        assert_eq!(restored(till.figures().unwrap()).all_answers(), 5);
    }

    #[test]
    fn a_shift_that_begins_before_the_last_one_was_read_takes_nothing_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let bench = FakeClocks::new("2026-11-27T12:00:00Z");
        let till = till_at(folder.path(), &bench);
        let figures = Figures::of(till.clone());
        guests(&figures, 3);
        drop(figures);
        let writer = Connection::open(folder.path().join("till").join(FILE_NAME)).unwrap();
        writer.execute_batch("BEGIN EXCLUSIVE").unwrap();
        let figures = Figures::of(till.clone());
        figures.start_shift();
        guests(&figures, 1);
        writer.execute_batch("ROLLBACK").unwrap();
        while figures.inside().0 < 4 {
            std::thread::sleep(Duration::from_millis(5));
        }
        comes_to(&figures, 1);
        drop(figures);
        assert_eq!(restored(till.figures().unwrap()).all_answers(), 1);
    }

    #[test]
    fn without_a_store_nothing_is_kept_and_none_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let till = Till::practice(folder.path().join("till"));
        let figures = Figures::of(till.clone());
        guests(&figures, 3);
        drop(figures);
        assert!(till.figures().unwrap().is_empty() && !folder.path().join("till").exists());
    }
}
