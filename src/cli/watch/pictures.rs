//! Picture files in place of a camera, each held up once.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use greenlit_camera::pace::{AtEnd, Pace};
use greenlit_camera::still::Stills;
use greenlit_camera::{FrameSource, SourceError};
use greenlit_qr::LumaFrame;

use crate::config::diagnostic::{language, warn};
use crate::config::failures;

/// Frames that a file is held up for, at a camera's pace: long enough to be read twice.
const FRAMES_EACH: u32 = 60;
const FRAMES_A_SECOND: u32 = 30;
/// And until the decoder has begun to look so many times, however slow the machine is: the first look may
/// still be at the file before, and the last has only begun.
const LEAST_LOOKS: u64 = 12;

/// The files, and how far it has come with them.
#[derive(Clone)]
pub(super) struct Pictures {
    stills: Stills,
    looks: Arc<AtomicU64>,
    ended: Arc<AtomicBool>,
    unreadable: Arc<AtomicBool>,
}

impl Pictures {
    /// `None` where there are no files.
    pub(super) fn new(files: Vec<PathBuf>) -> Option<Self> {
        let looks = Arc::default();
        let stills = Stills::new(files, FRAMES_EACH, Pace::Fps(FRAMES_A_SECOND), AtEnd::Stop).ok()?;
        let stills = stills.until_looked_at(Arc::clone(&looks), LEAST_LOOKS);
        Some(Self { stills, looks, ended: Arc::default(), unreadable: Arc::default() })
    }

    /// To be raised whenever the decoder begins to look at a frame.
    pub(super) fn looks(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.looks)
    }

    /// Whether the last one has been held up.
    pub(super) fn ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }

    /// Whether any could not be read.
    pub(super) fn unreadable(&self) -> bool {
        self.unreadable.load(Ordering::Acquire)
    }
}

impl FrameSource for Pictures {
    /// A file that cannot be read is told of and passed over here: a camera that gives broken frames
    /// would be opened again.
    fn next_frame(&mut self) -> Result<LumaFrame, SourceError> {
        loop {
            match self.stills.next_frame() {
                Err(SourceError::Picture(error)) => {
                    self.unreadable.store(true, Ordering::Release);
                    warn(&failures::picture(&error, language()));
                }
                Err(SourceError::Ended) => {
                    self.ended.store(true, Ordering::Release);
                    return Err(SourceError::Ended);
                }
                frame => return frame,
            }
        }
    }
}
