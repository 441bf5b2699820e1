//! A camera that gives GREY alone: V4L2's 8-bit luma, which nokhwa does not know.
//!
//! By the chapters "Image Formats" (`V4L2_PIX_FMT_GREY`), "Streaming I/O (Memory Mapping)" and the ioctls
//! `VIDIOC_ENUM_FRAMESIZES`, `VIDIOC_ENUM_FRAMEINTERVALS` and `VIDIOC_S_FMT` of the kernel's "Video for Linux
//! API".

use std::io::ErrorKind;
use std::time::Duration;

use nokhwa::utils::{CameraFormat, FrameFormat};
use v4l::buffer::{Flags, Type};
use v4l::frameinterval::FrameIntervalEnum;
use v4l::framesize::FrameSizeEnum;
use v4l::io::traits::CaptureStream;
use v4l::prelude::MmapStream;
use v4l::video::Capture;
use v4l::video::capture::Parameters;
use v4l::{Device, Format, FourCC, Fraction};

use super::{MAX_TRIES, cost, io_problem, prepare};
use crate::controls::nearest_step;
use crate::luma::{Layout, MAX_SIDE, PixelFormat, to_luma};
use crate::{SourceError, one_line};
use greenlit_qr::LumaFrame;

const GREY: &[u8; 4] = b"GREY";
/// What is asked for where the camera leaves the choice, in pixels.
const WANTED: (u32, u32) = (1280, 720);
/// The same in frames a second.
const WANTED_FPS: u32 = 30;
/// A reader waits this long for a frame before it lets go of the camera: longer than a watch is patient,
/// which has told by then that the camera has stalled and may open it anew.
const PATIENCE: Duration = Duration::from_secs(10);

/// An open camera.
pub(super) struct Grey {
    stream: MmapStream<'static>,
}

impl Grey {
    pub(super) fn open(index: u32) -> Result<(Self, Layout), SourceError> {
        let (device, layout) = set_format(index)?;
        let mut stream = MmapStream::new(&device, Type::VideoCapture).map_err(|error| io_problem(&error))?;
        stream.set_timeout(PATIENCE);
        Ok((Self { stream }, layout))
    }

    pub(super) fn next_frame(&mut self, layout: &Layout) -> Result<LumaFrame, SourceError> {
        let (buffer, about) = self.stream.next().map_err(|error| match error.kind() {
            ErrorKind::TimedOut => SourceError::Io(format!("no frame for {} s", PATIENCE.as_secs())),
            _ => io_problem(&error),
        })?;
        luma(layout, buffer, about.bytesused, about.flags)
    }
}

/// Whether a node gives GREY and nothing that nokhwa opens.
pub(super) fn is_only_grey(index: u32) -> bool {
    let device = usize::try_from(index).ok().and_then(|index| Device::new(index).ok());
    let formats = device.and_then(|device| device.enum_formats().ok()).unwrap_or_default();
    only_grey(formats.iter().map(|format| format.fourcc.repr))
}

fn only_grey(offered: impl IntoIterator<Item = [u8; 4]>) -> bool {
    let mut grey = false;
    for format in offered {
        if prepare::FORMATS.contains(&&format) {
            return false;
        }
        grey |= format == *GREY;
    }
    grey
}

/// Sets the best size and pace that the camera takes.
pub(super) fn set_format(index: u32) -> Result<(Device, Layout), SourceError> {
    let index = usize::try_from(index).map_err(|_| SourceError::NoCamera)?;
    let device = Device::new(index).map_err(|error| io_problem(&error))?;
    let mut last = SourceError::Unsupported("GREY of no size".into());
    for wanted in choices(&device)? {
        let set = device.set_format(&Format::new(wanted.width, wanted.height, FourCC::new(GREY)));
        // The driver may set another size than asked for: what it answers counts.
        match set.map_err(|error| io_problem(&error)).and_then(|is| layout(&is)) {
            Ok(layout) => {
                // A camera that does not take the pace has its own.
                if let Some(interval) = wanted.interval {
                    let _ = device.set_params(&Parameters::new(interval));
                }
                return Ok((device, layout));
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// A size, and the time from frame to frame where the camera tells of any.
#[derive(Clone, Copy, Debug)]
struct Choice {
    width: u32,
    height: u32,
    interval: Option<Fraction>,
}

/// What to ask the camera for, the best first; at the end what it was left at.
fn choices(device: &Device) -> Result<Vec<Choice>, SourceError> {
    let left_at = device.format().map_err(|error| io_problem(&error))?;
    let grey = FourCC::new(GREY);
    let mut choices = Vec::new();
    // Older drivers tell of no sizes.
    for (width, height) in
        device.enum_framesizes(grey).unwrap_or_default().into_iter().filter_map(|found| size(&found.size))
    {
        let intervals = device.enum_frameintervals(grey, width, height).unwrap_or_default();
        choices.extend(of_size(width, height, intervals.iter().map(|found| &found.interval)));
    }
    Ok(in_order(choices, Choice { width: left_at.width, height: left_at.height, interval: None }))
}

/// A size on offer, or the closest to what is wanted among many. None is too large.
fn size(offered: &FrameSizeEnum) -> Option<(u32, u32)> {
    let (width, height) = match offered {
        FrameSizeEnum::Discrete(size) => (size.width, size.height),
        FrameSizeEnum::Stepwise(sizes) => (
            stepped(WANTED.0, sizes.min_width, sizes.max_width, sizes.step_width),
            stepped(WANTED.1, sizes.min_height, sizes.max_height, sizes.step_height),
        ),
    };
    (is_side(width) && is_side(height)).then_some((width, height))
}

fn stepped(wanted: u32, min: u32, max: u32, step: u32) -> u32 {
    let nearest = nearest_step(wanted.into(), min.into(), max.into(), step.into());
    u32::try_from(nearest).unwrap_or(min)
}

fn is_side(pixels: u32) -> bool {
    usize::try_from(pixels).is_ok_and(|pixels| (1..=MAX_SIDE).contains(&pixels))
}

fn of_size<'a>(width: u32, height: u32, paces: impl Iterator<Item = &'a FrameIntervalEnum>) -> Vec<Choice> {
    let mut choices: Vec<_> =
        paces.filter_map(interval).map(|interval| Choice { width, height, interval: Some(interval) }).collect();
    if choices.is_empty() {
        choices.push(Choice { width, height, interval: None });
    }
    choices
}

/// A time between frames on offer, or the closest to what is wanted among many.
fn interval(offered: &FrameIntervalEnum) -> Option<Fraction> {
    let interval = match offered {
        FrameIntervalEnum::Discrete(interval) => *interval,
        FrameIntervalEnum::Stepwise(range) => {
            let wanted = Fraction::new(1, WANTED_FPS);
            if shorter(&wanted, &range.min) {
                range.min
            } else if shorter(&range.max, &wanted) {
                range.max
            } else {
                wanted
            }
        }
    };
    (interval.numerator > 0 && interval.denominator > 0).then_some(interval)
}

fn shorter(one: &Fraction, other: &Fraction) -> bool {
    let product = |a: u32, b: u32| u64::from(a) * u64::from(b);
    product(one.numerator, other.denominator) < product(other.numerator, one.denominator)
}

/// The best first, by the rule for all cameras.
fn in_order(mut choices: Vec<Choice>, left_at: Choice) -> Vec<Choice> {
    choices.sort_by_key(|choice| {
        let fps = choice.interval.map_or(WANTED_FPS, |interval| interval.denominator / interval.numerator.max(1));
        cost(&CameraFormat::new_from(choice.width, choice.height, FrameFormat::GRAY, fps))
    });
    choices.truncate(MAX_TRIES);
    choices.push(left_at);
    choices
}

/// How the pixels lie in what the driver has set.
fn layout(is: &Format) -> Result<Layout, SourceError> {
    let side = |pixels: u32| usize::try_from(pixels).ok().filter(|_| is_side(pixels));
    let (Some(width), Some(height), true) = (side(is.width), side(is.height), is.fourcc.repr == *GREY) else {
        return Err(SourceError::Unsupported(one_line(&format!("{} × {} {}", is.width, is.height, is.fourcc))));
    };
    // No stride, or one that cannot be, says that the driver leaves it out.
    let stride = usize::try_from(is.stride).ok().filter(|stride| *stride > width);
    Ok(Layout { format: PixelFormat::Grey, width, height, stride })
}

/// The picture in a buffer, as far as the driver says that it was filled.
fn luma(layout: &Layout, buffer: &[u8], filled: u32, flags: Flags) -> Result<LumaFrame, SourceError> {
    // `V4L2_BUF_FLAG_ERROR`: "the data may be corrupted", and the stream goes on.
    if flags.contains(Flags::ERROR) {
        return Err(SourceError::broken("marked as damaged by the driver"));
    }
    let filled = usize::try_from(filled).unwrap_or(usize::MAX).min(buffer.len());
    to_luma(layout, buffer.get(..filled).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use v4l::framesize::{Discrete, Stepwise};

    fn format(width: u32, height: u32, stride: u32) -> Format {
        Format { stride, ..Format::new(width, height, FourCC::new(GREY)) }
    }

    #[test]
    fn nokhwa_is_left_what_it_can_open() {
        for (expected, offered) in [
            (true, &[*b"GREY"][..]),
            (true, &[*b"Y16 ", *b"GREY", *b"BA81"]),
            (false, &[*b"GREY", *b"YUYV"]),
            (false, &[*b"MJPG", *b"GREY"]),
            // What nokhwa calls grey is no format of V4L2's.
            (false, &[*b"GRAY"]),
            (false, &[*b"Y16 "]),
            (false, &[]),
        ] {
            assert_eq!(only_grey(offered.iter().copied()), expected, "{offered:?}");
        }
    }

    #[test]
    fn sizes_are_taken_as_offered_or_close_to_hd_and_none_too_large() {
        let discrete = |width, height| FrameSizeEnum::Discrete(Discrete { width, height });
        let stepwise = |(min_width, max_width, step_width), (min_height, max_height, step_height)| {
            FrameSizeEnum::Stepwise(Stepwise { min_width, max_width, step_width, min_height, max_height, step_height })
        };
        for (offered, expected) in [
            (discrete(752, 480), Some((752, 480))),
            (discrete(4096, 4096), Some((4096, 4096))),
            (discrete(4097, 480), None),
            (discrete(640, 0), None),
            (stepwise((32, 4096, 1), (32, 4096, 1)), Some((1280, 720))),
            (stepwise((2, 8000, 0), (1, 719, 7)), Some((1280, 715))),
            (stepwise((16, 640, 16), (16, 480, 16)), Some((640, 480))),
            (stepwise((2000, 3000, 500), (1000, 1000, 1)), Some((2000, 1000))),
            (stepwise((5000, 6000, 1), (16, 480, 1)), None),
            (stepwise((640, 320, 1), (480, 240, 1)), Some((640, 480))),
        ] {
            assert_eq!(size(&offered), expected, "{offered:?}");
        }
    }

    #[test]
    fn intervals_are_taken_as_offered_or_close_to_30_a_second() {
        let discrete = |n, d| FrameIntervalEnum::Discrete(Fraction::new(n, d));
        let stepwise = |min: (u32, u32), max: (u32, u32)| {
            let [min, max] = [min, max].map(|(n, d)| Fraction::new(n, d));
            FrameIntervalEnum::Stepwise(v4l::frameinterval::Stepwise { min, max, step: Fraction::new(1, 1) })
        };
        for (offered, expected) in [
            (discrete(2, 25), Some((2, 25))),
            (discrete(0, 25), None),
            (discrete(1, 0), None),
            (stepwise((1, 1000), (1, 1)), Some((1, 30))),
            (stepwise((1, 15), (1, 1)), Some((1, 15))),
            (stepwise((1, 240), (1, 60)), Some((1, 60))),
            (stepwise((0, 0), (0, 0)), Some((1, 30))),
        ] {
            let found = interval(&offered).map(|found| (found.numerator, found.denominator));
            assert_eq!(found, expected, "{offered:?}");
        }
    }

    #[test]
    fn the_best_choice_is_asked_for_first_and_what_it_was_left_at_last() {
        let discrete = |n, d| FrameIntervalEnum::Discrete(Fraction::new(n, d));
        let paces = [discrete(1, 5), discrete(1, 30), discrete(1, 60)];
        let mut choices = of_size(640, 480, paces.iter());
        choices.extend(of_size(1280, 800, paces.iter()));
        choices.extend(of_size(1600, 1200, [].iter()));
        choices.extend(of_size(320, 240, paces.iter()));
        let left_at = Choice { width: 160, height: 120, interval: None };
        let order: Vec<_> = in_order(choices, left_at)
            .iter()
            .map(|choice| (choice.width, choice.height, choice.interval.map(|interval| interval.denominator)))
            .collect();
        assert_eq!(order[..3], [(1280, 800, Some(30)), (1280, 800, Some(60)), (1600, 1200, None)]);
        assert_eq!((order.len(), order[MAX_TRIES]), (MAX_TRIES + 1, (160, 120, None)));
    }

    #[test]
    fn the_drivers_answer_says_how_the_pixels_lie() {
        let stride = |width, height, stride| layout(&format(width, height, stride)).unwrap().stride;
        assert_eq!(stride(640, 480, 640), None);
        assert_eq!(stride(640, 480, 704), Some(704));
        assert_eq!(stride(640, 480, 0), None);
        assert_eq!(stride(640, 480, 1), None);
        for bad in [
            format(0, 480, 640),
            format(640, 5000, 640),
            format(u32::MAX, 480, u32::MAX),
            Format::new(640, 480, FourCC::new(b"YUYV")),
            Format::new(640, 480, FourCC::new(b"\xFF\n\0\xFE")),
        ] {
            assert_eq!(layout(&bad).unwrap_err().code(), "camera-unsupported", "{bad}");
        }
    }

    #[test]
    fn a_frame_is_its_bytes_without_the_padding_and_a_short_one_is_broken() {
        let padded = layout(&format(3, 2, 5)).unwrap();
        let buffer = [1, 2, 3, 99, 99, 4, 5, 6, 99, 99, 99, 99];
        let none = Flags::from(0);
        for filled in [8, 10, 12, u32::MAX] {
            let frame = luma(&padded, &buffer, filled, none).unwrap();
            assert_eq!((frame.width(), frame.height(), frame.pixels()), (3, 2, &[1, 2, 3, 4, 5, 6][..]), "{filled}");
        }
        for (filled, flags) in [(0, none), (7, none), (12, Flags::ERROR), (12, Flags::ERROR | Flags::DONE)] {
            let error = luma(&padded, &buffer, filled, flags).unwrap_err();
            assert_eq!(error.code(), "broken-frame", "{filled} {flags}");
        }
        assert_eq!(luma(&padded, &buffer[..7], 12, none).unwrap_err().code(), "broken-frame");
    }
}
