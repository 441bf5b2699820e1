//! The camera's light and zoom, where it has them.

use slint::ComponentHandle;

use greenlit_camera::controls::{ControlPanel, ZoomRange};
use greenlit_ui::{self as ui, AppBridge};

use crate::gui::UiBindings;

/// Zoom is turned by so much of the way.
const PARTS: i64 = 10;

/// Switches the light on or off.
pub(super) fn toggle_torch(panel: &ControlPanel) {
    panel.set_torch(!panel.torch());
}

/// Zooms by so many tenths of the way, by one step at least.
pub(super) fn zoom(panel: &ControlPanel, by: i32) {
    if let (Some(range), Some(now)) = (panel.offered().zoom, panel.zoom()) {
        let part = (range.max.saturating_sub(range.min) / PARTS).max(i64::try_from(range.step).unwrap_or(1)).max(1);
        // The panel takes the nearest on offer.
        panel.set_zoom(now.saturating_add(part.saturating_mul(by.into())));
    }
}

fn percent(range: ZoomRange, zoom: i64) -> i32 {
    let way = i128::from(range.max) - i128::from(range.min);
    let gone = (i128::from(zoom) - i128::from(range.min)).clamp(0, way.max(0));
    if way <= 0 { 0 } else { i32::try_from(gone * 100 / way).unwrap_or(0) }
}

fn model(panel: &ControlPanel) -> ui::LensModel {
    let offered = panel.offered();
    ui::LensModel {
        torch: offered.torch.is_some(),
        torch_on: panel.torch(),
        zooms: offered.zoom.is_some(),
        zoom: offered.zoom.zip(panel.zoom()).map_or(0, |(range, zoom)| percent(range, zoom)),
    }
}

impl UiBindings {
    /// What the camera that is open offers.
    pub(crate) fn show_lens(&self, panel: &ControlPanel) {
        let bridge = self.app.global::<AppBridge>();
        let model = model(panel);
        if bridge.get_lens() != model {
            bridge.set_lens(model);
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use greenlit_camera::SourceError;
    use greenlit_camera::controls::{Controls, Knobs, Torch};

    use super::*;

    /// A camera with a light that zooms.
    pub(crate) struct Fake;

    impl Knobs for Fake {
        fn offered(&mut self) -> Controls {
            Controls { torch: Some(Torch::LedMode), zoom: Some(ZoomRange { min: 100, max: 400, step: 1 }) }
        }

        fn zoom(&mut self) -> Option<i64> {
            Some(100)
        }

        fn set_zoom(&mut self, _: i64) -> Result<(), SourceError> {
            Ok(())
        }

        fn set_torch(&mut self, _: bool) -> Result<(), SourceError> {
            Ok(())
        }
    }

    #[test]
    fn it_zooms_by_tenths_between_the_ends_and_switches_the_light() {
        let panel = ControlPanel::default();
        zoom(&panel, 1);
        toggle_torch(&panel);
        assert_eq!(model(&panel), ui::LensModel::default(), "no camera, nothing to turn");
        let mut plug = panel.plug_in("camera", Fake);
        plug.follow();
        assert_eq!(model(&panel), ui::LensModel { torch: true, torch_on: false, zooms: true, zoom: 0 });
        zoom(&panel, -1);
        plug.follow();
        assert_eq!(panel.zoom(), Some(100));
        zoom(&panel, 1);
        plug.follow();
        assert_eq!((panel.zoom(), model(&panel).zoom), (Some(130), 10));
        (0..20).for_each(|_| zoom(&panel, 1));
        plug.follow();
        assert_eq!((panel.zoom(), model(&panel).zoom), (Some(400), 100));
        toggle_torch(&panel);
        assert!(model(&panel).torch_on);
    }
}
