//! Picture files as a camera: each is held up for a while.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::pace::{AtEnd, Pace, Ticker};
use super::{FrameSource, SourceError};
use crate::picture;
use greenlit_qr::LumaFrame;

/// Shows picture files one after another.
#[derive(Clone, Debug)]
pub struct Stills {
    files: Vec<PathBuf>,
    frames_each: u32,
    at_end: AtEnd,
    ticker: Ticker,
    next: usize,
    shown: Option<(LumaFrame, u32)>,
    looks: Option<Looks>,
}

/// How often somebody has looked, and until when the file that is shown is held for that.
#[derive(Clone, Debug)]
struct Looks {
    count: Arc<AtomicU64>,
    least: u64,
    until: u64,
}

impl Stills {
    /// Each file for so many frames, at least one. No files at all is [`SourceError::NoCamera`].
    pub fn new(files: Vec<PathBuf>, frames_each: u32, pace: Pace, at_end: AtEnd) -> Result<Self, SourceError> {
        if files.is_empty() {
            return Err(SourceError::NoCamera);
        }
        let frames_each = frames_each.max(1);
        Ok(Self { files, frames_each, at_end, ticker: Ticker::new(pace), next: 0, shown: None, looks: None })
    }

    /// Holds each file, beyond its frames, until this count has risen by so much since it came.
    #[must_use]
    pub fn until_looked_at(mut self, count: Arc<AtomicU64>, least: u64) -> Self {
        self.looks = Some(Looks { count, least, until: 0 });
        self
    }
}

impl FrameSource for Stills {
    /// A file is read when its turn comes. One that is not a picture is told of once and passed over.
    fn next_frame(&mut self) -> Result<LumaFrame, SourceError> {
        self.ticker.wait();
        if let Some((frame, left)) = &mut self.shown
            && (*left > 0 || self.looks.as_ref().is_some_and(|l| l.count.load(Ordering::Acquire) < l.until))
        {
            *left = left.saturating_sub(1);
            return Ok(frame.clone());
        }
        self.shown = None;
        if self.next >= self.files.len() && self.at_end == AtEnd::Loop {
            self.next = 0;
        }
        let file = self.files.get(self.next).ok_or(SourceError::Ended)?;
        self.next += 1;
        let frame = picture::read(file)?;
        self.shown = Some((frame.clone(), self.frames_each - 1));
        if let Some(looks) = &mut self.looks {
            looks.until = looks.count.load(Ordering::Acquire).saturating_add(looks.least);
        }
        Ok(frame)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(source: &mut Stills, count: usize) -> Vec<String> {
        (0..count)
            .map(|_| match source.next_frame() {
                Ok(frame) => frame.at(0, 0).to_string(),
                Err(error) => error.code().into(),
            })
            .collect()
    }

    #[test]
    fn files_are_held_and_bad_ones_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            path
        };
        let files = vec![
            file("one.pgm", b"P5 1 1 255 \x01"),
            file("bad.pgm", b"P5 9 9 255 \x01"),
            file("two.pgm", b"P5 1 1 255 \x02"),
        ];
        let mut once = Stills::new(files.clone(), 2, Pace::AsFastAsPossible, AtEnd::Stop).unwrap();
        assert_eq!(shown(&mut once, 7), ["1", "1", "damaged-picture", "2", "2", "ended", "ended"]);
        let mut round = Stills::new(files, 0, Pace::AsFastAsPossible, AtEnd::Loop).unwrap();
        assert_eq!(shown(&mut round, 5), ["1", "damaged-picture", "2", "1", "damaged-picture"]);
        // Held for as long as nobody has looked.
        let count = Arc::new(AtomicU64::new(7));
        let files = vec![file("one.pgm", b"P5 1 1 255 \x01"), file("two.pgm", b"P5 1 1 255 \x02")];
        let held = Stills::new(files, 2, Pace::AsFastAsPossible, AtEnd::Stop).unwrap();
        let mut held = held.until_looked_at(Arc::clone(&count), 2);
        assert_eq!(shown(&mut held, 5), ["1"; 5]);
        count.fetch_add(1, Ordering::AcqRel);
        assert_eq!(shown(&mut held, 2), ["1"; 2]);
        count.fetch_add(1, Ordering::AcqRel);
        assert_eq!(shown(&mut held, 3), ["2"; 3]);
        count.fetch_add(2, Ordering::AcqRel);
        assert_eq!(shown(&mut held, 1), ["ended"]);
        assert!(Stills::new(vec![], 1, Pace::AsFastAsPossible, AtEnd::Loop).is_err());
    }
}
