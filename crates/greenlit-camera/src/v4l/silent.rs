//! Cameras that open and then give no frame. Such a one must not stand before another that works: a box may have two, or
//! the same one at another port.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// How often each was opened in vain since it gave a frame.
static SILENT: Mutex<BTreeMap<String, u32>> = Mutex::new(BTreeMap::new());

/// Notes that a camera has given its first frame, or none.
pub(super) fn note(id: &str, heard: bool) {
    let mut silent = SILENT.lock().unwrap_or_else(PoisonError::into_inner);
    if heard {
        silent.remove(id);
    } else {
        let times = silent.entry(id.to_owned()).or_default();
        *times = times.saturating_add(1);
    }
}

/// How often it was opened in vain.
pub(super) fn times(id: &str) -> u32 {
    SILENT.lock().unwrap_or_else(PoisonError::into_inner).get(id).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_camera_is_silent_until_it_gives_a_frame() {
        let id = "a camera of this test alone";
        assert_eq!(times(id), 0);
        note(id, false);
        note(id, false);
        assert_eq!((times(id), times("another")), (2, 0));
        note(id, true);
        assert_eq!(times(id), 0);
    }
}
