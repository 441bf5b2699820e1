//! What the window notes of its camera and clock, from beside the session: see [`crate::config::journal`].

use std::sync::{Arc, Mutex, PoisonError};

use greenlit_camera::{FrameSource, SourceError};
use greenlit_qr::LumaFrame;

use crate::clock::Clock;
use crate::config::diagnostic::Level;
use crate::config::journal::note;
use crate::session::{JudgingContext, OpenCamera};

/// The same camera, with a note whenever it opens, fails or goes: each once, however often it is tried.
pub(super) fn of_camera(open: OpenCamera) -> OpenCamera {
    let state = State::default();
    Box::new(move || match open() {
        Ok(source) => {
            state.is("opened", Level::Info);
            Ok(Box::new(Noting { source, state: state.clone() }) as Box<dyn FrameSource>)
        }
        Err(error) => {
            state.is(error.code(), Level::Warning);
            Err(error)
        }
    })
}

/// What was noted last.
#[derive(Clone, Default)]
struct State(Arc<Mutex<&'static str>>);

impl State {
    fn is(&self, now: &'static str, level: Level) {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if std::mem::replace(&mut *last, now) != now {
            note(level, &format!("camera: {now}"));
        }
    }
}

struct Noting {
    source: Box<dyn FrameSource>,
    state: State,
}

impl FrameSource for Noting {
    fn next_frame(&mut self) -> Result<LumaFrame, SourceError> {
        let frame = self.source.next_frame();
        match &frame {
            // A damaged frame is dropped, and a file that cannot be read is told of by whoever shows it.
            Ok(_) | Err(SourceError::Broken(_) | SourceError::Picture(_) | SourceError::Ended) => {}
            Err(error) => self.state.is(error.code(), Level::Warning),
        }
        frame
    }

    fn colours(&mut self) -> Option<[LumaFrame; 2]> {
        self.source.colours()
    }
}

/// The same conditions, with a note when the system's clock has been set by somebody.
pub(super) fn of_clock(conditions: JudgingContext, clock: Clock) -> JudgingContext {
    let last = Mutex::new(clock.reading());
    Box::new(move |trust| {
        let now = clock.reading();
        let before = std::mem::replace(&mut *last.lock().unwrap_or_else(PoisonError::into_inner), now);
        if let Some(seconds) = now.moved_since(before) {
            note(Level::Warning, &format!("the system's clock was moved by {seconds:+} seconds"));
        }
        conditions(trust)
    })
}
