//! What a camera is asked before nokhwa opens it.
//!
//! A camera stays as the last program left it, this one among them, and nokhwa opens none that was
//! left at a format it does not know or at a broken number of frames a second, as 25/2.

use v4l::capability::Flags;
use v4l::video::Capture;
use v4l::video::capture::Parameters;
use v4l::{Device, Format};

/// Those that nokhwa opens.
pub(super) const FORMATS: [&[u8; 4]; 5] = [b"YUYV", b"NV12", b"MJPG", b"RGB3", b"BGR3"];
const FRAME_RATES: [u32; 6] = [30, 25, 15, 10, 5, 1];

/// Whether this node may give pictures: not the metadata beside a camera, nor a decoder's. What cannot
/// be asked may be one: opening it tells why.
pub(super) fn is_capture_device(index: u32) -> bool {
    let device = usize::try_from(index).ok().and_then(|index| Device::new(index).ok());
    let asked = device.and_then(|device| device.query_caps().ok());
    asked.is_none_or(|caps| caps.capabilities.contains(Flags::VIDEO_CAPTURE))
}

/// Leaves the camera at something that nokhwa opens. What cannot be set stays as it is: opening it
/// tells why.
pub(super) fn set_known_format(index: u32) {
    let Some(device) = usize::try_from(index).ok().and_then(|index| Device::new(index).ok()) else { return };
    let Ok(left_at) = device.format() else { return };
    if !FORMATS.contains(&&left_at.fourcc.repr) {
        let offered = device.enum_formats().unwrap_or_default();
        let known = FORMATS.iter().find_map(|known| offered.iter().find(|format| format.fourcc.repr == **known));
        let Some(known) = known else { return };
        let _ = device.set_format(&Format::new(left_at.width, left_at.height, known.fourcc));
    }
    for pace in FRAME_RATES {
        match device.params() {
            Ok(left_at) if left_at.interval.numerator != 1 => drop(device.set_params(&Parameters::with_fps(pace))),
            _ => return,
        }
    }
}
