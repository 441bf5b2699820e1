//! A camera on this machine, through nokhwa: no other file names it.
//!
//! Its grey is a fourcc that V4L2 does not have, GRAY for GREY. On Linux a camera that gives GREY and
//! nothing that nokhwa knows, as barcode and infrared cameras do, is read without nokhwa.
//!
//! On Linux cameras are found in sysfs, so that a camera is known again by what it is and not by the
//! number that it happened to get. Elsewhere nokhwa's own list is used.
//!
//! # Limitations
//!
//! - nokhwa knows YUYV, MJPEG, NV12, RGB and BGR; a camera that gives none of these, nor GREY on Linux,
//!   cannot be used.
//! - It refuses a camera that was left at another format, or at a broken number of frames a second, as
//!   15/2; on Linux the camera is set to something else first.
//! - Torch and zoom are those of the video node; a light that has a node of its own (`v4l-subdev`) is not
//!   found. v4l 0.14 cannot list controls where one is of a kind that it does not know, as the rectangle
//!   by which newer kernels tell of a camera's region of interest: such a camera counts as having none.
//! - nokhwa waits for a frame without a limit. On Unix the watch wakes a reader that it has given up; elsewhere
//!   the same camera cannot be opened again from this program as long as it says nothing.

#[cfg(target_os = "linux")]
mod grey;
#[cfg(target_os = "linux")]
mod knobs;
#[cfg(target_os = "linux")]
mod nodes;
#[cfg(target_os = "linux")]
mod prepare;

mod silent;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use nokhwa::utils::{CameraFormat, CameraIndex, FrameFormat, RequestedFormat, RequestedFormatType, Resolution};
use nokhwa::{Camera, NokhwaError};

use super::colour::to_colours;
use super::controls::{ControlPanel, Plug};
use super::luma::{Layout, PixelFormat, to_luma};
use super::{FrameSource, SourceError, one_line};
use greenlit_qr::LumaFrame;

/// Colour is looked at as seldom as this: few codes need it, and a JPEG is decoded once more for it. A code that it shows is
/// still in view then, for it was seen half a second ago at most.
const COLOUR_EVERY: Duration = Duration::from_millis(250);
/// Formats that are asked for before what the camera was left at is taken.
const MAX_TRIES: usize = 8;
const FORMATS: [FrameFormat; 6] = [
    FrameFormat::YUYV,
    FrameFormat::NV12,
    FrameFormat::GRAY,
    FrameFormat::MJPEG,
    FrameFormat::RAWRGB,
    FrameFormat::RAWBGR,
];

/// A camera that can be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CameraInfo {
    /// What its maker calls it.
    pub name: String,
    /// What it is remembered by. Stays the same when it is plugged in again, on Linux with udev.
    pub id: String,
    index: u32,
}

/// The cameras that are connected, those in use among them. Nodes that give no picture are left out:
/// metadata, outputs. Each is opened for a moment.
pub fn list() -> Vec<CameraInfo> {
    let usable = |found: &CameraInfo| matches!(check(found.index), Ok(()) | Err(SourceError::Busy));
    nodes().into_iter().filter(usable).collect()
}

/// The camera that would be opened, asked for a moment and not started; or why there is none. One that another
/// program is using is [`SourceError::Busy`].
pub fn find(remembered: Option<&str>) -> Result<CameraInfo, SourceError> {
    first_that(remembered, |found| check(found.index).map(|()| found))
}

/// A camera that has been opened.
pub struct V4lCamera {
    reader: Reader,
    layout: Layout,
    found: CameraInfo,
    /// Whether it has given a frame.
    heard: bool,
    /// When colour was last looked at, and what [`FrameSource::colours`] gives next.
    coloured: Option<Instant>,
    colours: Option<[LumaFrame; 2]>,
    controls: Option<Plug>,
}

enum Reader {
    Nokhwa(Box<Camera>),
    #[cfg(target_os = "linux")]
    Grey(grey::Grey),
}

impl V4lCamera {
    /// Opens the remembered camera, by its id or else its name; if it does not work, or none is
    /// remembered, the first that does. One that opened and gave no frame comes after the others.
    pub fn open(remembered: Option<&str>) -> Result<Self, SourceError> {
        first_that(remembered, Self::open_one)
    }

    /// Which camera it is.
    pub fn found(&self) -> &CameraInfo {
        &self.found
    }

    /// Has the panel show its torch and zoom, and follows it from frame to frame. On Linux alone.
    #[must_use]
    pub fn with_controls(mut self, panel: &ControlPanel) -> Self {
        #[cfg(target_os = "linux")]
        {
            self.controls = Some(panel.plug_in(&self.found.id, knobs::V4lKnobs::new(self.found.index)));
        }
        #[cfg(not(target_os = "linux"))]
        let _ = panel;
        self
    }

    /// What it gives, as in a line for the log: `1280 × 720 Mjpeg`.
    pub fn format(&self) -> String {
        format!("{} × {} {:?}", self.layout.width, self.layout.height, self.layout.format)
    }

    fn open_one(found: CameraInfo) -> Result<Self, SourceError> {
        #[cfg(target_os = "linux")]
        if grey::is_only_grey(found.index) {
            let (grey, layout) = guarded(|| grey::Grey::open(found.index))?;
            return Ok(Self::with(Reader::Grey(grey), layout, found));
        }
        let mut camera = probe(found.index)?;
        let layout = guarded(|| {
            choose(&mut camera);
            let layout = layout(camera.camera_format())?;
            camera.open_stream().map_err(|error| problem(&error))?;
            Ok(layout)
        })?;
        Ok(Self::with(Reader::Nokhwa(Box::new(camera)), layout, found))
    }

    fn with(reader: Reader, layout: Layout, found: CameraInfo) -> Self {
        Self { reader, layout, found, heard: false, coloured: None, colours: None, controls: None }
    }
}

impl FrameSource for V4lCamera {
    fn next_frame(&mut self) -> Result<LumaFrame, SourceError> {
        if let Some(controls) = &mut self.controls {
            controls.follow();
        }
        self.colours = None;
        let next = match &mut self.reader {
            Reader::Nokhwa(camera) => match camera.frame_raw() {
                // The driver's stride is not to be had, nor how much of the buffer was filled.
                Ok(raw) => {
                    let layout = self.layout.with_stride_for(raw.len());
                    if self.coloured.is_none_or(|last| last.elapsed() >= COLOUR_EVERY) {
                        self.coloured = Some(Instant::now());
                        self.colours = to_colours(&layout, &raw);
                    }
                    to_luma(&layout, &raw)
                }
                Err(error) => Err(problem(&error)),
            },
            #[cfg(target_os = "linux")]
            Reader::Grey(grey) => grey.next_frame(&self.layout),
        };
        if !self.heard {
            self.heard = next.is_ok();
            silent::note(&self.found.id, self.heard);
        }
        next.map_err(|error| match error {
            SourceError::NoCamera => SourceError::Disconnected,
            other => other,
        })
    }

    fn colours(&mut self) -> Option<[LumaFrame; 2]> {
        self.colours.take()
    }
}

/// The first camera with which this can be done, the remembered one before the others; or what there is
/// most to be said about.
fn first_that<T>(
    remembered: Option<&str>,
    mut work: impl FnMut(CameraInfo) -> Result<T, SourceError>,
) -> Result<T, SourceError> {
    let mut found = nodes();
    // A stable sort: among equals the system's order stays.
    found.sort_by_key(|found| {
        let wanted = match remembered {
            Some(id) if found.id == id => 0,
            Some(name) if found.name == name => 1,
            _ => 2,
        };
        (silent::times(&found.id), wanted)
    });
    let mut worst = SourceError::NoCamera;
    for found in found {
        match work(found) {
            Ok(done) => return Ok(done),
            Err(error) if severity(&error) > severity(&worst) => worst = error,
            Err(_) => {}
        }
    }
    Err(worst)
}

/// What there is most to be said about, when several cameras fail in different ways.
fn severity(error: &SourceError) -> u8 {
    match error {
        SourceError::Busy => 4,
        SourceError::Denied(_) => 3,
        SourceError::Unsupported(_) => 2,
        SourceError::NoCamera => 0,
        _ => 1,
    }
}

/// Whether a node can be opened.
fn check(index: u32) -> Result<(), SourceError> {
    #[cfg(target_os = "linux")]
    if grey::is_only_grey(index) {
        return guarded(|| grey::set_format(index).map(drop));
    }
    probe(index).map(drop)
}

/// Opens a node in whatever format, to ask what it can do.
fn probe(index: u32) -> Result<Camera, SourceError> {
    #[cfg(target_os = "linux")]
    prepare::set_known_format(index);
    // Each way fails with some cameras: the first without this size, the others when the largest or
    // fastest has a broken number of frames a second.
    let hd = RequestedFormatType::HighestResolution(Resolution::new(1280, 720));
    let plain = CameraFormat::new_from(640, 480, FrameFormat::YUYV, 30);
    let ways = [
        hd,
        RequestedFormatType::AbsoluteHighestResolution,
        RequestedFormatType::AbsoluteHighestFrameRate,
        RequestedFormatType::Exact(plain),
    ];
    let mut last = SourceError::NoCamera;
    for way in ways {
        let request = RequestedFormat::with_formats(way, &FORMATS);
        match guarded(|| Camera::new(CameraIndex::Index(index), request).map_err(|error| problem(&error))) {
            Ok(camera) => return Ok(camera),
            Err(error @ (SourceError::Busy | SourceError::NoCamera | SourceError::Denied(_))) => return Err(error),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Sets the best format that the camera takes. If it takes none, it stays as it is.
fn choose(camera: &mut Camera) {
    let Ok(mut formats) = camera.compatible_camera_formats() else { return };
    formats.retain(|format| FORMATS.contains(&format.format()));
    formats.sort_by_key(cost);
    formats.dedup();
    for wanted in formats.into_iter().take(MAX_TRIES) {
        let request = RequestedFormat::with_formats(RequestedFormatType::Exact(wanted), &FORMATS);
        let set = camera.set_camera_requset(request);
        let is = camera.camera_format();
        // A camera that takes the picture but not the pace is refused by nokhwa, not by us.
        if set.is_ok() || (is.resolution() == wanted.resolution() && is.format() == wanted.format()) {
            return;
        }
    }
}

/// The lower, the better. In this order: any pace at all; enough pixels for a dense code, yet not so
/// many that reading takes too long; 15 frames a second; close to 1280 × 720; no JPEG to decode; close
/// to 30 frames a second.
fn cost(format: &CameraFormat) -> (bool, bool, bool, u64, u8, u32) {
    const WANTED: u64 = 1280 * 720;
    let pixels = u64::from(format.width()) * u64::from(format.height());
    let fps = format.frame_rate();
    let effort = match format.format() {
        FrameFormat::GRAY | FrameFormat::NV12 | FrameFormat::YUYV => 0,
        FrameFormat::RAWRGB | FrameFormat::RAWBGR => 1,
        FrameFormat::MJPEG => 2,
    };
    (
        fps < 5,
        !(WANTED * 3 / 4..=1920 * 1200).contains(&pixels),
        fps < 15,
        pixels.abs_diff(WANTED),
        effort,
        fps.abs_diff(30),
    )
}

fn layout(format: CameraFormat) -> Result<Layout, SourceError> {
    let kind = match format.format() {
        FrameFormat::MJPEG => PixelFormat::Mjpeg,
        FrameFormat::YUYV => PixelFormat::Yuyv,
        FrameFormat::NV12 => PixelFormat::Nv12,
        FrameFormat::GRAY => PixelFormat::Grey,
        FrameFormat::RAWRGB => PixelFormat::Rgb24,
        FrameFormat::RAWBGR => PixelFormat::Bgr24,
    };
    let side = |side: u32| usize::try_from(side).map_err(|_| SourceError::Unsupported(format.to_string()));
    Ok(Layout { format: kind, width: side(format.width())?, height: side(format.height())?, stride: None })
}

/// nokhwa panics on some odd devices.
fn guarded<T>(work: impl FnOnce() -> Result<T, SourceError>) -> Result<T, SourceError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(SourceError::Io("its driver crashed".into())))
}

/// nokhwa hands on the system's errors as text alone; their numbers stand at the end.
fn problem(error: &NokhwaError) -> SourceError {
    let text = one_line(&error.to_string());
    let number = text.rsplit_once("(os error ").and_then(|(_, rest)| rest.split(')').next()?.parse().ok());
    match number {
        Some(number) => numbered(number, text),
        None if matches!(error, NokhwaError::ReadFrameError(_) | NokhwaError::OpenStreamError(_)) => {
            SourceError::Io(text)
        }
        None => SourceError::Unsupported(text),
    }
}

/// What an error number of the system means for a camera.
fn numbered(number: i32, text: String) -> SourceError {
    match number {
        // EBUSY; ENOSPC is a USB bus that other cameras fill.
        16 | 28 => SourceError::Busy,
        // ENOENT, ENXIO, ENODEV, ENOTTY: not there, or not a camera.
        2 | 6 | 19 | 25 => SourceError::NoCamera,
        // EPERM, EACCES.
        1 | 13 => SourceError::Denied(text),
        _ => SourceError::Io(text),
    }
}

#[cfg(target_os = "linux")]
fn io_problem(error: &std::io::Error) -> SourceError {
    let text = one_line(&error.to_string());
    match error.raw_os_error() {
        Some(number) => numbered(number, text),
        None => SourceError::Io(text),
    }
}

#[cfg(target_os = "linux")]
fn nodes() -> Vec<CameraInfo> {
    nodes::all(std::path::Path::new("/")).into_iter().filter(|found| prepare::is_capture_device(found.index)).collect()
}

#[cfg(not(target_os = "linux"))]
fn nodes() -> Vec<CameraInfo> {
    let found = guarded(|| nokhwa::query(nokhwa::utils::ApiBackend::Auto).map_err(|error| problem(&error)));
    let known = |info: nokhwa::utils::CameraInfo| {
        let (name, index) = (info.human_name(), info.index().as_index().ok()?);
        Some(CameraInfo { id: name.clone(), name, index })
    };
    found.unwrap_or_default().into_iter().filter_map(known).collect()
}

#[cfg(test)]
mod tests;
