//! What comes otherwise than through the camera: typed by a hand scanner, pasted, opened as a picture.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use greenlit_camera::picture::{self, Picture, PictureError};
use greenlit_core::scanner::{Event, Judged};
use greenlit_core::typed::burst::Scan;
use greenlit_core::typed::reading;
use greenlit_core::unread::Unread;
use greenlit_core::verdict::ReadCode;
use greenlit_qr::{Hint, LumaFrame};
use greenlit_schemes::judge;

use super::clipboard::Clipboard;
use super::{Session, SessionState, data_matrix, lock_unpoisoned, second_opinion};

/// How long a still picture may be looked at.
pub(crate) const STILL_BUDGET: Duration = Duration::from_millis(1_500);

/// What a picture holds: its codes, how long they took and whether the time was enough.
pub(crate) struct Still {
    pub(crate) codes: Vec<ReadCode>,
    pub(crate) ran_out: bool,
    pub(crate) cpu: Duration,
}

/// Reads a picture file. That takes a while: not on the window's thread.
pub(crate) fn read_picture(path: &Path, budget: Duration) -> Result<Still, PictureError> {
    let Picture { frame, transparent } = picture::open(path)?;
    let mut still = read_frame(&frame, budget);
    if still.codes.is_empty()
        && transparent
        && let Ok(frame) = picture::read_over_black(path)
    {
        still = read_frame(&frame, budget);
    }
    // Two pictures at once are enough in memory.
    drop(frame);
    if still.codes.is_empty()
        && let Ok(Some(colours)) = picture::read_colours(path)
    {
        for frame in &colours {
            let found = read_frame(frame, budget);
            let cpu = still.cpu + found.cpu;
            if !found.codes.is_empty() {
                return Ok(Still { cpu, ..found });
            }
            still.cpu = cpu;
        }
    }
    Ok(still)
}

/// Reads one frame, with the second opinion.
pub(crate) fn read_frame(frame: &LumaFrame, budget: Duration) -> Still {
    let reading = greenlit_qr::read(frame, budget);
    let mut codes = second_opinion::read(reading.symbols);
    if codes.is_empty() {
        codes = data_matrix::read(frame);
    }
    Still { codes, ran_out: reading.ran_out, cpu: reading.cpu }
}

/// The codes of a picture, or why there are none.
fn codes_of(picture: Result<Still, PictureError>) -> Result<Vec<ReadCode>, Unread> {
    match picture {
        Ok(still) if still.codes.is_empty() => Err(Unread::NoCode),
        Ok(still) => Ok(still.codes),
        Err(PictureError::NotAPicture(_) | PictureError::Foreign { .. }) => Err(Unread::NotAPicture),
        Err(error) => Err(match error.code() {
            "too-large" => Unread::PictureTooLarge,
            "damaged-picture" => Unread::PictureDamaged,
            _ => Unread::FileUnreadable,
        }),
    }
}

impl Session {
    /// What a pass begins with as a hand scanner types it.
    pub(crate) fn typed_starts(&self) -> Vec<String> {
        self.state.layouts().starts()
    }

    /// A hand scanner has typed this.
    pub(crate) fn typed(&self, scan: &Scan) {
        self.state.read(scan, Event::Typed);
    }

    /// Somebody opens a picture. It is read aside; another one that is being read goes before.
    pub(crate) fn open_picture(&self, path: PathBuf) {
        self.aside(move |state| state.opened(&path));
    }

    /// Somebody pastes what they have copied.
    pub(crate) fn paste(&self, clipboard: impl FnOnce() -> Clipboard + Send + 'static) {
        self.aside(move |state| match clipboard() {
            Clipboard::Nothing => state.unread(Unread::NothingToPaste),
            Clipboard::File(path) => state.opened(&path),
            Clipboard::Text(text) => match Scan::pasted(&text) {
                Ok(scan) => state.read(&scan, Event::Pasted),
                Err(why) => state.unread(why),
            },
        });
    }

    /// Whether something is being read aside.
    pub(crate) fn is_reading(&self) -> bool {
        self.state.reading.load(Ordering::Acquire)
    }

    /// One at a time: whoever presses twice means the same.
    fn aside(&self, work: impl FnOnce(&SessionState) + Send + 'static) {
        if self.state.reading.swap(true, Ordering::AcqRel) {
            return;
        }
        let state = Arc::clone(&self.state);
        let work = move || {
            // Also where a decoder panics.
            let reading = Reading(state);
            work(&reading.0);
        };
        // Where no thread can be started nothing is read, and the window goes on.
        if std::thread::Builder::new().name("greenlit-aside".into()).spawn(work).is_err() {
            self.state.reading.store(false, Ordering::Release);
        }
    }
}

/// Says that it is over, when it is.
struct Reading(Arc<SessionState>);

impl Drop for Reading {
    fn drop(&mut self) {
        self.0.reading.store(false, Ordering::Release);
        (self.0.wake)();
    }
}

impl SessionState {
    fn read(&self, scan: &Scan, event: fn(Judged) -> Event<Hint>) {
        let look = lock_unpoisoned(&self.scanner).look();
        let (trust, clock) = (self.conditions)(&self.trust());
        let by = judge(&trust, clock);
        let reading = self.layouts().read(scan, &by);
        match reading {
            reading::Reading::Codes(codes) => {
                self.handle(event(look.judge(codes, &by)));
                (self.wake)();
            }
            reading::Reading::Unread(why) => self.unread(why),
        }
    }

    fn opened(&self, path: &Path) {
        match codes_of(read_picture(path, STILL_BUDGET)) {
            Ok(codes) => {
                // By what holds now, and not when it was begun.
                let look = lock_unpoisoned(&self.scanner).look();
                let (trust, clock) = (self.conditions)(&self.trust());
                self.handle(Event::Opened(look.judge(codes, &judge(&trust, clock))));
                (self.wake)();
            }
            Err(why) => self.unread(why),
        }
    }

    fn unread(&self, why: Unread) {
        self.handle(Event::Unread(why));
        (self.wake)();
    }
}
