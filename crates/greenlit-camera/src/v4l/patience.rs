//! A limit to how long a frame is waited for: nokhwa has none, and a reader that waits for ever keeps its camera.
//!
//! nokhwa does not hand out the file that it reads from, so a second descriptor of the same open file is taken
//! (`pidfd_getfd(2)`, Linux 5.6) and asked first whether a frame is there (`poll(2)`). Another opening of the same
//! device would not do, for some drivers tell of frames only to the one that streams.

use std::collections::BTreeSet;
use std::os::fd::{OwnedFd, RawFd};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{PidfdFlags, PidfdGetfdFlags, getpid, pidfd_getfd, pidfd_open};

use crate::SourceError;

/// A reader waits this long for a frame before it lets go of the camera: longer than a watch is patient, which has
/// told by then that the camera has stalled and may open it anew.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// What this process has open of a device, before one more is opened.
pub(super) struct Before {
    device: PathBuf,
    open: BTreeSet<RawFd>,
}

/// The file that a camera is read from.
pub(super) struct Patience(OwnedFd);

impl Before {
    pub(super) fn opening(device: PathBuf) -> Self {
        let open = descriptors_of(&device);
        Self { device, open }
    }

    /// The one that has been opened since; `None` where that cannot be told, and then there is no limit.
    pub(super) fn opened(&self) -> Option<Patience> {
        let now = descriptors_of(&self.device);
        let mut new = now.difference(&self.open);
        let (Some(&file), None) = (new.next(), new.next()) else { return None };
        let this_process = pidfd_open(getpid(), PidfdFlags::empty()).ok()?;
        pidfd_getfd(this_process, file, PidfdGetfdFlags::empty()).ok().map(Patience)
    }
}

impl Patience {
    /// Returns when a frame is there, or something that the reader will be told.
    pub(super) fn wait(&self, limit: Duration) -> Result<(), SourceError> {
        let limit_as_timespec = Timespec::try_from(limit).ok();
        let ready =
            rustix::io::retry_on_intr(|| poll(&mut [PollFd::new(&self.0, PollFlags::IN)], limit_as_timespec.as_ref()));
        match ready {
            Ok(0) => Err(no_frame(limit)),
            _ => Ok(()),
        }
    }
}

pub(super) fn no_frame(limit: Duration) -> SourceError {
    SourceError::Io(format!("no frame for {} s", limit.as_secs()))
}

fn descriptors_of(device: &Path) -> BTreeSet<RawFd> {
    let Ok(all) = std::fs::read_dir("/proc/self/fd") else { return BTreeSet::new() };
    all.flatten()
        .filter(|entry| std::fs::read_link(entry.path()).is_ok_and(|file| file == device))
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use std::fs::OpenOptions;
    use std::io::Write;

    use rustix::fs::{CWD, FileType, Mode, mknodat};

    use super::*;

    /// A pipe with a name is ready when something was written into it, as a camera is when a frame has come.
    #[test]
    fn a_frame_is_waited_for_but_not_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let device = folder.path().canonicalize().unwrap().join("video0");
        mknodat(CWD, &device, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        let open = || OpenOptions::new().read(true).write(true).open(&device).unwrap();

        let stuck = open();
        let before = Before::opening(device.clone());
        assert!(before.opened().is_none(), "nothing was opened since");
        let mut camera = open();
        let patience = before.opened().unwrap();

        let told = patience.wait(Duration::ZERO).unwrap_err();
        assert_eq!(told.to_string(), no_frame(Duration::ZERO).to_string());
        camera.write_all(b"frame").unwrap();
        patience.wait(Duration::from_secs(60)).unwrap();

        let _third = open();
        assert!(before.opened().is_none(), "which of two it is cannot be told");
        drop(stuck);
    }
}
