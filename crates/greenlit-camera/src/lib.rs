//! The camera: whatever gives grey frames, and the watch that is kept over it.
//!
//! ```text
//! v4l       a camera on this machine ┐
//! still     picture files            ├ FrameSource → Supervisor → Event: how the camera is, and each frame
//! film      the demonstration's film ┘
//! luma      what a camera's bytes mean, as grey pixels
//! colour    and as red or blue ones
//! controls  torch and zoom of the camera that is open
//! ```
//!
//! A source may fail in any way there is: not be there, be taken, be unplugged, stall for ever, give
//! rubbish, panic. [`supervisor::Supervisor`] turns each into a [`CameraState`] and opens it again until it works.
#![forbid(unsafe_code)]

#[cfg(feature = "device")]
pub mod colour;
pub mod controls;
mod dark;
pub mod film;
#[cfg(feature = "device")]
mod huffman;
#[cfg(feature = "device")]
pub mod luma;
pub mod pace;
pub mod picture;
pub mod still;
pub mod supervisor;
#[cfg(feature = "device")]
pub mod v4l;
mod wake;

use std::sync::Arc;

use crate::picture::PictureError;
use greenlit_qr::LumaFrame;

/// Gives grey frames, one after another.
pub trait FrameSource: Send {
    /// Waits for the next frame. A device that has stalled may keep the caller here for ever; on Unix the
    /// watch interrupts the wait once it has given it up, and that is to be an error.
    fn next_frame(&mut self) -> Result<LumaFrame, SourceError>;

    /// Red and blue alone of the frame given last, now and then and where there is much colour: they show a code as light as
    /// its paper.
    fn colours(&mut self) -> Option<[LumaFrame; 2]> {
        None
    }
}

/// Why there is no frame.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// Nothing is connected.
    #[error("no camera connected")]
    NoCamera,
    /// Another program has it.
    #[error("another program is using the camera")]
    Busy,
    /// It was there, and is not any more.
    #[error("the camera was unplugged")]
    Disconnected,
    /// The system does not let this user at it.
    #[error("no permission to use the camera {0}: on Linux, add this user to the group \"video\"")]
    Denied(String),
    /// It speaks no format that is read here.
    #[error("the camera has no supported picture format ({0})")]
    Unsupported(String),
    /// One frame is damaged; the next may be good.
    #[error("damaged frame ({0})")]
    Broken(String),
    /// A picture file was not read; the next may be.
    #[error(transparent)]
    Picture(#[from] PictureError),
    /// Anything else the system says.
    #[error("the camera is not working: {0}")]
    Io(String),
    /// There are no more frames, as intended.
    #[error("no more pictures")]
    Ended,
}

impl SourceError {
    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoCamera => "no-camera",
            Self::Busy => "camera-busy",
            Self::Disconnected => "camera-gone",
            Self::Denied(_) => "camera-denied",
            Self::Unsupported(_) => "camera-unsupported",
            Self::Broken(_) => "broken-frame",
            Self::Picture(error) => error.code(),
            Self::Io(_) => "camera-error",
            Self::Ended => "ended",
        }
    }

    #[cfg(feature = "device")]
    pub(crate) fn broken(why: impl Into<String>) -> Self {
        Self::Broken(why.into())
    }
}

/// How the camera is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CameraState {
    /// Being opened for the first time.
    Starting,
    /// Frames come.
    Ready,
    /// There is none.
    NoCamera,
    /// There is one, but no permission to use it, or its picture format is not supported.
    Unusable,
    /// Another program is using it.
    Busy,
    /// It is there, but not responding.
    Stalled,
    /// It was unplugged, or has broken down.
    Disconnected,
    /// Frames come, but no image: lens covered, or no light at all.
    Dark,
}

impl CameraState {
    /// A stable word for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Ready => "ready",
            Self::NoCamera => "no-camera",
            Self::Unusable => "unusable",
            Self::Busy => "busy",
            Self::Stalled => "stalled",
            Self::Disconnected => "gone",
            Self::Dark => "dark",
        }
    }
}

/// What [`supervisor::Supervisor`] tells.
#[derive(Clone, Debug)]
pub enum Event {
    /// How the camera is, told once for each change.
    State(CameraState),
    /// A frame; told in the states [`CameraState::Ready`] and [`CameraState::Dark`] alone.
    Frame {
        /// What it shows.
        luma: Arc<LumaFrame>,
        /// See [`FrameSource::colours`].
        colours: Option<Arc<[LumaFrame; 2]>>,
    },
}

/// Other people's error texts, cut to one short line.
#[cfg(feature = "device")]
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(160).collect()
}
