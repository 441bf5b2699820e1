//! The page of names and addresses: what this place is called, and the ways to its trust data.

use std::rc::Rc;

use slint::ComponentHandle;

use greenlit_ui::{self as ui, PlaceBridge};

use super::settings_controller::{Entry, SettingsController, Wanted};
use super::{Overlay, UiBindings, Window};
use crate::config::settings::Setting;

impl Window {
    pub(super) fn listen_to_place(self: &Rc<Self>) {
        let bridge = self.bindings.app.global::<PlaceBridge>();
        let this = |work: fn(&Self)| self.callback(work);
        bridge.on_open(this(|w| {
            w.with_settings(SettingsController::open_entries);
            w.bindings.fill_in_place(&w.controller.borrow());
            w.open(Overlay::Place);
        }));
        bridge.on_close(this(|w| w.open(Overlay::Settings)));
        bridge.on_save(this(|w| {
            let entered = w.bindings.entered();
            w.with_settings(|controller| controller.write_entries(&entered));
            if w.controller.borrow().entries_are_taken() {
                w.open(Overlay::Settings);
            } else {
                w.bindings.show_place(&w.controller.borrow());
            }
        }));
        bridge.on_browse_for_certificate(this(|w| {
            w.with_settings(|controller| controller.browse(Wanted::Certificate));
            w.open(Overlay::Browse);
        }));
        bridge.on_clear_certificate(this(|w| {
            w.with_settings(SettingsController::clear_certificate);
            w.bindings.show_place(&w.controller.borrow());
        }));
    }
}

impl UiBindings {
    /// What has been entered so far.
    fn entered(&self) -> [(Setting, String); 3] {
        let bridge = self.app.global::<PlaceBridge>();
        [
            (Setting::Name, bridge.get_name().into()),
            (Setting::Source, bridge.get_source().into()),
            (Setting::Proxy, bridge.get_proxy().into()),
        ]
    }

    /// Begins with what is set.
    pub(crate) fn fill_in_place(&self, controller: &SettingsController) {
        let bridge = self.app.global::<PlaceBridge>();
        bridge.set_name(controller.entry(Setting::Name).value.into());
        bridge.set_source(controller.entry(Setting::Source).value.into());
        bridge.set_proxy(controller.entry(Setting::Proxy).value.into());
        self.show_place(controller);
    }

    /// What the organisation has set, and what was not taken.
    pub(crate) fn show_place(&self, controller: &SettingsController) {
        let field = |Entry { managed, wrong, .. }| ui::FieldModel { managed, wrong: wrong.into() };
        let certificate = controller.entry(Setting::Ca);
        self.app.global::<PlaceBridge>().set_place(ui::PlaceModel {
            name: field(controller.entry(Setting::Name)),
            source: field(controller.entry(Setting::Source)),
            proxy: field(controller.entry(Setting::Proxy)),
            certificate: certificate.value.as_str().into(),
            ca: field(certificate),
        });
    }
}
