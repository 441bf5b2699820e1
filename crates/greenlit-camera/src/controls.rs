//! Torch and zoom: what a camera offers, and what is wished of it.
//!
//! Whoever shows the controls holds a [`ControlPanel`] and neither waits nor knows whether a camera is
//! open. The thread that reads the camera holds the [`Plug`] and does what was asked for between two frames.
//! A panel outlives its cameras: when one is opened anew its zoom is put back, and its torch is off.
//!
//! What the controls mean is told in the sections "Camera Control Reference" and "Flash Control Reference"
//! of the kernel's "Video for Linux API".

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::SourceError;

/// What a camera offers. A camera without controls, and one that is not open, offers none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Controls {
    /// A light that can be kept on.
    pub torch: Option<Torch>,
    /// How far it zooms.
    pub zoom: Option<ZoomRange>,
}

/// How the torch is switched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Torch {
    /// By `V4L2_CID_FLASH_LED_MODE`, as bright as its driver sets it.
    LedMode,
    /// By `V4L2_CID_FLASH_TORCH_INTENSITY` alone, off at 0.
    Intensity {
        /// The intensity when it is on, in the driver's unit: milliamperes "if possible".
        on: i64,
    },
}

/// The values of `V4L2_CID_ZOOM_ABSOLUTE`, in a unit of the driver's own: the larger, the closer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ZoomRange {
    /// The widest view.
    pub min: i64,
    /// The closest view.
    pub max: i64,
    /// From one value to the next, counted from `min`.
    pub step: u64,
}

impl ZoomRange {
    /// The value on offer that is closest to this one.
    pub fn nearest(&self, wanted: i64) -> i64 {
        nearest_step(wanted, self.min, self.max, self.step)
    }
}

/// The closest of min, min + step, min + 2 step … that is not above max; a step of 0 counts as 1.
pub(crate) fn nearest_step(wanted: i64, min: i64, max: i64, step: u64) -> i64 {
    // Wide enough for the distance between any two values.
    let (low, high, step) = (i128::from(min), i128::from(max), i128::from(step.max(1)));
    let steps = (high - low).max(0) / step;
    let wanted = ((i128::from(wanted) - low + step / 2) / step).clamp(0, steps);
    i64::try_from(low + wanted * step).unwrap_or(min)
}

/// An open camera's controls. An error of [`SourceError::Disconnected`] or [`SourceError::NoCamera`] says
/// that the camera is gone.
pub trait Knobs: Send {
    /// What there is.
    fn offered(&mut self) -> Controls;
    /// How the zoom is; `None` if that is not to be had.
    fn zoom(&mut self) -> Option<i64>;
    /// Sets the zoom to a value of the range on offer.
    fn set_zoom(&mut self, value: i64) -> Result<(), SourceError>;
    /// Switches the torch, if one is on offer.
    fn set_torch(&mut self, on: bool) -> Result<(), SourceError>;
}

/// The controls of whichever camera is open, for any thread. Its clones are one and the same panel.
#[derive(Clone, Default)]
pub struct ControlPanel {
    shared: Arc<Mutex<Panel>>,
}

#[derive(Default)]
struct Panel {
    /// The number of the plug that is followed, and its camera's id; 0 is none.
    plug: u64,
    camera: String,
    plugs: u64,
    offered: Controls,
    torch: bool,
    zoom: Option<i64>,
    wanted_torch: Option<bool>,
    wanted_zoom: Option<i64>,
    /// The zoom that was set last, and on which camera.
    chosen: Option<(String, i64)>,
    refused: Option<String>,
    /// The plugs that wait for their camera just now, and its id.
    at_work: Vec<(u64, String)>,
}

impl ControlPanel {
    /// What the camera that is open now offers.
    pub fn offered(&self) -> Controls {
        self.lock().offered
    }

    /// Whether the torch is on, or about to be switched on.
    pub fn torch(&self) -> bool {
        let panel = self.lock();
        panel.wanted_torch.unwrap_or(panel.torch)
    }

    /// The zoom as it is, or is about to be. `None` where it is not to be had.
    pub fn zoom(&self) -> Option<i64> {
        let panel = self.lock();
        panel.offered.zoom.and(panel.wanted_zoom.or(panel.zoom))
    }

    /// Asks for the torch to be switched before the next frame. Without a torch nothing happens.
    pub fn set_torch(&self, on: bool) {
        let mut panel = self.lock();
        if panel.offered.torch.is_some() {
            panel.wanted_torch = Some(on);
        }
    }

    /// Asks for the closest zoom on offer before the next frame. While no camera that zooms is open, the
    /// next one gets it.
    pub fn set_zoom(&self, value: i64) {
        let mut panel = self.lock();
        panel.wanted_zoom = Some(panel.offered.zoom.map_or(value, |range| range.nearest(value)));
    }

    /// Why the last wish came to nothing, in words for a log; `None` after one that was fulfilled. A camera
    /// that is gone is no reason: its own state tells that.
    pub fn refused(&self) -> Option<String> {
        self.lock().refused.clone()
    }

    /// Makes this the open camera; the one before it is no longer followed. `id` is what it is known
    /// again by. One that never came back from its controls is used without them.
    pub fn plug_in(&self, id: &str, knobs: impl Knobs + 'static) -> Plug {
        let mut panel = self.lock();
        panel.plugs += 1;
        let number = panel.plugs;
        (panel.plug, panel.camera) = (number, id.to_owned());
        panel.forget_camera();
        let stuck = panel.at_work.iter().any(|(_, camera)| camera == id);
        drop(panel);
        let mut plug = Plug { panel: self.clone(), number, id: id.to_owned(), knobs: Box::new(knobs), lit: false };
        if stuck {
            return plug;
        }
        let (offered, zoom) = plug.work(|knobs| {
            let offered = knobs.offered();
            (offered, offered.zoom.and_then(|_| knobs.zoom()))
        });
        plug.lit = offered.torch.is_some();
        let mut panel = self.lock();
        if panel.plug == number {
            (panel.offered, panel.zoom) = (offered, zoom);
            // It may have been left on.
            panel.wanted_torch = offered.torch.map(|_| false);
            if let Some(range) = offered.zoom {
                let chosen = panel.chosen.as_ref().filter(|(camera, _)| camera == id).map(|(_, value)| *value);
                panel.wanted_zoom = panel.wanted_zoom.or(chosen).map(|value| range.nearest(value));
            }
        }
        plug
    }

    fn lock(&self) -> MutexGuard<'_, Panel> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Panel {
    /// A zoom that is wished for waits for the next camera.
    fn forget_camera(&mut self) {
        (self.offered, self.zoom, self.torch) = (Controls::default(), None, false);
        self.wanted_torch = None;
    }
}

/// The reading thread's end of a [`ControlPanel`]. Dropped with its camera, when the torch goes out.
pub struct Plug {
    panel: ControlPanel,
    number: u64,
    id: String,
    knobs: Box<dyn Knobs>,
    /// Whether the torch may be on.
    lit: bool,
}

/// What was asked for and not done yet.
struct Wishes {
    torch: Option<bool>,
    zoom: Option<i64>,
    /// The zoom chosen before that.
    before: Option<(String, i64)>,
}

impl Plug {
    /// Does what was asked for since the last time. Takes as long as the camera does; nobody else waits.
    pub fn follow(&mut self) {
        let Some(Wishes { torch, zoom, before }) = self.take() else { return };
        if let Some(on) = torch {
            self.lit |= on;
            let done = self.work(|knobs| knobs.set_torch(on));
            if done.is_ok() {
                self.lit = on;
            }
            self.note(done, |panel, lit| panel.torch = lit, on);
        }
        if let Some(value) = zoom {
            let done = self.work(|knobs| knobs.set_zoom(value));
            let chosen = match &done {
                Ok(()) => Some((self.id.clone(), value)),
                // Wished of a camera that was unplugged at this moment: for when it is back.
                Err(error) if is_gone(error) => Some((self.id.clone(), value)),
                Err(_) => before,
            };
            let mut panel = self.panel.lock();
            if panel.plug == self.number || panel.chosen.is_none() {
                panel.chosen = chosen;
            }
            drop(panel);
            self.note(done, |panel, value| panel.zoom = Some(value), value);
        }
    }

    /// Waits for the camera, without the lock. Whoever is stuck in it, or panics, is remembered.
    fn work<T>(&mut self, work: impl FnOnce(&mut dyn Knobs) -> T) -> T {
        self.panel.lock().at_work.push((self.number, self.id.clone()));
        let done = work(self.knobs.as_mut());
        self.panel.lock().at_work.retain(|(number, _)| *number != self.number);
        done
    }

    /// From then on they are nobody's, so that a camera which hangs in one is not asked for it again.
    fn take(&self) -> Option<Wishes> {
        let mut panel = self.panel.lock();
        if panel.plug != self.number {
            return None;
        }
        let torch = panel.wanted_torch.take();
        let zoom = panel.offered.zoom.and_then(|_| panel.wanted_zoom.take());
        let before = zoom.and_then(|_| panel.chosen.take());
        Some(Wishes { torch, zoom, before })
    }

    fn note<T>(&self, done: Result<(), SourceError>, set: impl FnOnce(&mut Panel, T), value: T) {
        let mut panel = self.panel.lock();
        if panel.plug != self.number {
            return;
        }
        match done {
            Ok(()) => {
                set(&mut panel, value);
                panel.refused = None;
            }
            Err(error) if is_gone(&error) => {}
            Err(error) => panel.refused = Some(error.to_string()),
        }
    }
}

impl Drop for Plug {
    fn drop(&mut self) {
        let mut panel = self.panel.lock();
        // A reader given up leaves the torch to its successor.
        let followed = panel.plug == self.number;
        let taken_over = !followed && panel.plug != 0 && panel.camera == self.id;
        if followed {
            panel.plug = 0;
            panel.forget_camera();
        }
        drop(panel);
        if self.lit && !taken_over {
            let _ = self.work(|knobs| knobs.set_torch(false));
        }
    }
}

fn is_gone(error: &SourceError) -> bool {
    matches!(error, SourceError::Disconnected | SourceError::NoCamera)
}

#[cfg(test)]
mod tests;
