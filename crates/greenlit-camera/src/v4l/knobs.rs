//! Torch and zoom by V4L2's controls.
//!
//! nokhwa keeps its device to itself, so the node is opened a second time, which V4L2 allows for controls
//! beside a stream ("Opening and Closing Devices", section "Multiple Opens"). The second opening stays with
//! the device: once that is unplugged, nothing reaches another that gets its number.
//!
//! `V4L2_CID_BACKLIGHT_COMPENSATION` is an exposure for what stands before a bright ground, not a light.

use std::panic::{AssertUnwindSafe, catch_unwind};

use v4l::Device;
use v4l::control::{Control, Description, Flags, Type, Value};
use v4l::v4l_sys::{V4L2_CID_FLASH_LED_MODE, V4L2_CID_FLASH_TORCH_INTENSITY, V4L2_CID_ZOOM_ABSOLUTE};

use super::io_problem;
use crate::SourceError;
use crate::controls::{Controls, Knobs, Torch, ZoomRange};

/// `V4L2_FLASH_LED_MODE_NONE` and `V4L2_FLASH_LED_MODE_TORCH`.
const LED_OFF: u32 = 0;
const LED_TORCH: u32 = 2;

/// An open camera's controls.
pub(super) struct V4lKnobs {
    /// None where the node cannot be opened a second time: such a camera has no controls.
    device: Option<Device>,
    torch: Option<Torch>,
}

impl V4lKnobs {
    pub(super) fn new(index: u32) -> Self {
        let device = usize::try_from(index).ok().and_then(|index| Device::new(index).ok());
        Self { device, torch: None }
    }

    fn set(&self, id: u32, value: i64) -> Result<(), SourceError> {
        let Some(device) = &self.device else { return Err(SourceError::Disconnected) };
        device.set_control(Control { id, value: Value::Integer(value) }).map_err(|error| io_problem(&error))
    }
}

impl Knobs for V4lKnobs {
    fn offered(&mut self) -> Controls {
        let offered = self.device.as_ref().map(|device| offered(&describe(device))).unwrap_or_default();
        self.torch = offered.torch;
        if offered == Controls::default() {
            self.device = None;
        }
        offered
    }

    fn zoom(&mut self) -> Option<i64> {
        match self.device.as_ref()?.control(V4L2_CID_ZOOM_ABSOLUTE).ok()?.value {
            Value::Integer(value) => Some(value),
            _ => None,
        }
    }

    fn set_zoom(&mut self, value: i64) -> Result<(), SourceError> {
        self.set(V4L2_CID_ZOOM_ABSOLUTE, value)
    }

    fn set_torch(&mut self, on: bool) -> Result<(), SourceError> {
        match self.torch {
            Some(torch) => {
                let (id, value) = switch(torch, on);
                self.set(id, value)
            }
            None => Ok(()),
        }
    }
}

/// All controls, with `VIDIOC_QUERY_EXT_CTRL` and `VIDIOC_QUERYMENU`. v4l panics on kinds that it does not know.
fn describe(device: &Device) -> Vec<Description> {
    catch_unwind(AssertUnwindSafe(|| device.query_controls())).map(Result::unwrap_or_default).unwrap_or_default()
}

fn offered(all: &[Description]) -> Controls {
    let usable = |id: u32, kind: Type| {
        let is = |found: &&Description| {
            found.id == id && found.typ == kind && !found.flags.intersects(Flags::DISABLED | Flags::READ_ONLY)
        };
        all.iter().find(is)
    };
    let by_mode = usable(V4L2_CID_FLASH_LED_MODE, Type::Menu).filter(|mode| {
        let item = |wanted| mode.items.iter().flatten().any(|(index, _)| *index == wanted);
        item(LED_OFF) && item(LED_TORCH)
    });
    // The brightest only where the driver has no opinion: LEDs get hot.
    let by_intensity = usable(V4L2_CID_FLASH_TORCH_INTENSITY, Type::Integer)
        .filter(|range| range.minimum == 0 && range.maximum > 0)
        .map(|range| if (1..=range.maximum).contains(&range.default) { range.default } else { range.maximum });
    let zoom = usable(V4L2_CID_ZOOM_ABSOLUTE, Type::Integer).filter(|range| range.minimum < range.maximum);
    Controls {
        torch: by_mode.map(|_| Torch::LedMode).or(by_intensity.map(|on| Torch::Intensity { on })),
        zoom: zoom.map(|range| ZoomRange { min: range.minimum, max: range.maximum, step: range.step }),
    }
}

/// The control that switches a torch, and its value.
fn switch(torch: Torch, on: bool) -> (u32, i64) {
    match torch {
        Torch::LedMode => (V4L2_CID_FLASH_LED_MODE, if on { LED_TORCH } else { LED_OFF }.into()),
        Torch::Intensity { on: bright } => (V4L2_CID_FLASH_TORCH_INTENSITY, if on { bright } else { 0 }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use v4l::control::MenuItem;
    use v4l::v4l_sys::V4L2_CID_BACKLIGHT_COMPENSATION;

    fn integer(id: u32, (minimum, maximum, step, default): (i64, i64, u64, i64)) -> Description {
        let (typ, flags) = (Type::Integer, Flags::empty());
        Description { id, typ, name: String::new(), minimum, maximum, step, default, flags, items: None }
    }

    fn led(modes: &[u32]) -> Description {
        let items = modes.iter().map(|mode| (*mode, MenuItem::Name(String::new()))).collect();
        Description { typ: Type::Menu, items: Some(items), ..integer(V4L2_CID_FLASH_LED_MODE, (0, 2, 1, 0)) }
    }

    fn flagged(of: Description, flags: Flags) -> Description {
        Description { flags, ..of }
    }

    fn torch_of(all: &[Description]) -> Option<Torch> {
        let offered = offered(all);
        assert_eq!(offered.zoom, None);
        offered.torch
    }

    #[test]
    fn a_torch_is_an_led_that_stays_on_and_can_be_switched_off() {
        let intensity = |range| integer(V4L2_CID_FLASH_TORCH_INTENSITY, range);
        for (expected, all) in [
            (None, vec![]),
            (None, vec![integer(V4L2_CID_BACKLIGHT_COMPENSATION, (0, 2, 1, 1))]),
            (Some(Torch::LedMode), vec![led(&[0, 1, 2])]),
            (Some(Torch::LedMode), vec![led(&[0, 2]), intensity((0, 200, 10, 50))]),
            // A flash alone, one that is always on, ones that cannot be set.
            (None, vec![led(&[0, 1])]),
            (None, vec![led(&[2])]),
            (None, vec![flagged(led(&[0, 1, 2]), Flags::READ_ONLY)]),
            (None, vec![flagged(led(&[0, 1, 2]), Flags::DISABLED | Flags::SLIDER)]),
            (None, vec![Description { typ: Type::Integer, ..led(&[0, 1, 2]) }]),
            (None, vec![Description { items: None, ..led(&[]) }]),
            // By its intensity where that can be nothing.
            (Some(Torch::Intensity { on: 50 }), vec![intensity((0, 200, 10, 50))]),
            (Some(Torch::Intensity { on: 50 }), vec![led(&[0, 1]), intensity((0, 200, 10, 50))]),
            (Some(Torch::Intensity { on: 200 }), vec![intensity((0, 200, 10, 0))]),
            (Some(Torch::Intensity { on: 200 }), vec![intensity((0, 200, 10, 999))]),
            (None, vec![intensity((25, 200, 25, 50))]),
            (None, vec![intensity((0, 0, 1, 0))]),
            (None, vec![flagged(intensity((0, 200, 10, 50)), Flags::READ_ONLY)]),
        ] {
            assert_eq!(torch_of(&all), expected, "{all:?}");
        }
    }

    #[test]
    fn zoom_is_a_range_with_more_than_one_value() {
        let zoom = |range| integer(V4L2_CID_ZOOM_ABSOLUTE, range);
        let range = |min, max, step| Some(ZoomRange { min, max, step });
        for (expected, all) in [
            (range(100, 500, 1), vec![zoom((100, 500, 1, 100))]),
            (range(0, 10, 0), vec![led(&[0]), zoom((0, 10, 0, 0))]),
            (range(1, 5, 2), vec![flagged(zoom((1, 5, 2, 1)), Flags::INACTIVE | Flags::VOLATILE)]),
            (None, vec![zoom((100, 100, 1, 100))]),
            (None, vec![zoom((9, 1, 1, 9))]),
            (None, vec![flagged(zoom((100, 500, 1, 100)), Flags::READ_ONLY)]),
            (None, vec![Description { typ: Type::Boolean, ..zoom((0, 1, 1, 0)) }]),
        ] {
            assert_eq!(offered(&all), Controls { torch: None, zoom: expected }, "{all:?}");
        }
    }

    #[test]
    fn a_torch_is_switched_by_the_control_that_it_has() {
        // As `v4l2-controls.h` numbers them.
        assert_eq!(switch(Torch::LedMode, true), (0x009C_0901, 2));
        assert_eq!(switch(Torch::LedMode, false), (0x009C_0901, 0));
        assert_eq!(switch(Torch::Intensity { on: 50 }, true), (0x009C_0908, 50));
        assert_eq!(switch(Torch::Intensity { on: 50 }, false), (0x009C_0908, 0));
        assert_eq!(V4L2_CID_ZOOM_ABSOLUTE, 0x009A_090D);
    }

    #[test]
    fn a_node_that_is_not_there_has_no_controls() {
        let mut knobs = V4lKnobs::new(u32::MAX);
        assert_eq!(knobs.offered(), Controls::default());
        assert_eq!(knobs.zoom(), None);
        assert!(knobs.set_torch(true).is_ok());
        assert_eq!(knobs.set_zoom(3).unwrap_err().code(), "camera-gone");
    }
}
