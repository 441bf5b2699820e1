//! What people do in the window, handed on to the session and to the settings.

use std::rc::Rc;
use std::sync::Arc;

use slint::{CloseRequestResponse, ComponentHandle, SharedString};

use greenlit_ui::AppBridge;

use super::{Overlay, Window, lens, screen};
use crate::gui::settings_controller::{Opened, PinPurpose, SettingsController, Wanted};

impl Window {
    /// Does this whenever it is called, as long as the window is there.
    pub(super) fn callback(self: &Rc<Self>, work: fn(&Self)) -> impl Fn() + use<> {
        let window = Rc::downgrade(self);
        move || window.upgrade().iter().for_each(|window| work(window))
    }

    /// The callbacks hold the window weakly, or it would keep itself alive.
    pub(super) fn listen(self: &Rc<Self>) {
        let window = Rc::downgrade(self);
        self.bindings.app.window().on_close_requested(move || {
            window.upgrade().map_or(CloseRequestResponse::HideWindow, |window| window.close_requested())
        });
        let bridge = self.bindings.app.global::<AppBridge>();
        let this = |work: fn(&Self)| self.callback(work);
        let told = |work: fn(&Self, bool)| {
            let window = Rc::downgrade(self);
            move |is: bool| window.upgrade().iter().for_each(|window| work(window, is))
        };
        bridge.on_dismiss(this(|w| {
            w.session.borrow().dismiss();
            w.refresh();
        }));
        bridge.on_mismatch(this(|w| {
            w.session.borrow().mismatch();
            w.refresh();
        }));
        bridge.on_undo_mismatch(this(|w| {
            w.session.borrow().undo_mismatch();
            w.refresh();
        }));
        bridge.on_wake_up(this(|w| {
            w.session.borrow().come_back();
            w.refresh();
        }));
        bridge.on_open_settings(this(Self::open_settings));
        bridge.on_close_settings(this(|w| {
            w.open(Overlay::None);
            w.apply_settings();
        }));
        bridge.on_unlock(this(|w| w.ask_pin(Overlay::Settings, PinPurpose::Unlock)));
        bridge.on_choose_pin(this(|w| w.ask_pin(Overlay::Settings, PinPurpose::Choose)));
        bridge.on_clear_pin(this(|w| w.with_settings(SettingsController::clear_pin)));
        bridge.on_close_pin(this(|w| {
            w.controller.borrow_mut().stop_asking();
            w.open(w.behind.get());
        }));
        bridge.on_erase_pin(this(|w| w.at_pin(SettingsController::erase_pin)));
        bridge.on_enter_pin(this(|w| w.at_pin(SettingsController::enter_pin)));
        let window = Rc::downgrade(self);
        bridge.on_type_pin(move |digit| {
            let digit = u8::try_from(digit).unwrap_or(u8::MAX);
            window.upgrade().iter().for_each(|window| window.at_pin(|controller| controller.type_pin(digit)));
        });
        bridge.on_toggle_full_screen(this(|w| {
            if !w.controller.borrow().is_kiosk() {
                screen::toggle(&w.bindings.app);
            }
        }));
        bridge.on_toggle_kiosk(this(|w| {
            w.with_settings(SettingsController::toggle_kiosk);
            screen::fill(&w.bindings.app, w.controller.borrow().is_kiosk());
        }));
        bridge.on_toggle_torch(this(|w| {
            lens::toggle_torch(w.controller.borrow().panel());
            w.refresh();
        }));
        let window = Rc::downgrade(self);
        bridge.on_zoom(move |by| {
            window.upgrade().iter().for_each(|window| {
                let controller = window.controller.borrow();
                lens::zoom(controller.panel(), by);
                controller.remember_zoom();
                drop(controller);
                window.refresh();
            });
        });
        let window = Rc::downgrade(self);
        bridge.on_change_own_percent(move |by| {
            let work = |window: Rc<Self>| window.with_settings(|controller| controller.change_own_percent(by));
            window.upgrade().into_iter().for_each(work);
        });
        let window = Rc::downgrade(self);
        bridge.on_toggle_guest_window(move || {
            window.upgrade().iter().for_each(|window| {
                window.with_settings(SettingsController::toggle_guest_window);
                window.arrange_guest_side();
            });
        });
        bridge.on_quit(this(|w| {
            // Not by whoever only found the button.
            if !w.controller.borrow().is_locked() {
                w.close();
            }
        }));
        bridge.on_open_clock(this(Self::open_clock));
        bridge.on_close_clock(this(|w| w.open(w.behind.get())));
        bridge.on_set_clock(this(Self::set_clock));
        let window = Rc::downgrade(self);
        bridge.on_turn_dial(move |place, by| {
            let work = |controller: &mut SettingsController| {
                controller.turn_dial(usize::try_from(place).unwrap_or_default(), by)
            };
            window.upgrade().iter().for_each(|window| window.at_dial(work));
        });
        let numbered = |work: fn(&mut SettingsController, u8)| {
            let window = Rc::downgrade(self);
            move |number: i32| {
                let number = u8::try_from(number).unwrap_or_default();
                window.upgrade().iter().for_each(|window| window.at_dial(|controller| work(controller, number)));
            }
        };
        bridge.on_select_dial(numbered(|controller, place| controller.select_dial(place.into())));
        bridge.on_type_digit(numbered(SettingsController::type_digit));
        bridge.on_browse_for_root(this(|w| {
            w.with_settings(|controller| controller.browse(Wanted::Root));
            w.open(Overlay::Browse);
        }));
        bridge.on_browse_for_folder(this(|w| {
            w.with_settings(|controller| controller.browse(Wanted::Publication));
            w.open(Overlay::Browse);
        }));
        bridge.on_browse_for_picture(this(|w| {
            w.with_settings(|controller| controller.browse(Wanted::Picture));
            w.open(Overlay::Browse);
        }));
        bridge.on_paste(this(|w| {
            let clipboard = Arc::clone(&w.clipboard.borrow());
            w.session.borrow().paste(move || clipboard());
            w.refresh();
        }));
        bridge.on_use_folder(this(|w| {
            w.with_settings(SettingsController::use_folder);
            w.go_home();
        }));
        bridge.on_trust_candidate(this(|w| {
            w.with_settings(SettingsController::trust_candidate);
            w.go_home();
        }));
        bridge.on_drop_candidate(this(|w| {
            w.with_settings(SettingsController::drop_candidate);
            // A code lies in no folder to go back to.
            if w.controller.borrow().listing().folder.as_os_str().is_empty() {
                w.go_home();
            }
        }));
        bridge.on_close_browse(this(Self::go_home));
        bridge.on_open_help(this(|w| w.open(Overlay::Help)));
        bridge.on_run_self_test(this(|w| {
            w.bindings.show_self_test(None, w.controller.borrow().words());
            w.controller.borrow_mut().run_self_test();
            w.open(Overlay::SelfTest);
        }));
        bridge.on_back_to_settings(this(|w| w.open(Overlay::Settings)));
        bridge.on_begin_setup(this(Self::begin_setup));
        bridge.on_end_setup(this(Self::end_setup));
        bridge.on_turn_setup(told(|w, on| {
            w.answered.replace(None);
            if !w.controller.borrow_mut().turn_setup(on) && on {
                return w.end_setup();
            }
            w.apply_settings();
            w.refresh();
        }));
        bridge.on_sync(this(|w| w.with_settings(SettingsController::sync)));
        let with = |work: fn(&Self, &str)| {
            let window = Rc::downgrade(self);
            move |text: SharedString| window.upgrade().iter().for_each(|window| work(window, &text))
        };
        bridge.on_choose_language(with(|w, key| w.with_settings(|controller| controller.choose_language(key))));
        bridge.on_toggle_site(with(|w, key| w.with_settings(|controller| controller.toggle_site(key))));
        bridge.on_choose_sound(with(|w, key| w.with_settings(|controller| controller.choose_sound(key))));
        bridge.on_choose_scheme(with(|w, key| w.with_settings(|controller| controller.choose_scheme(key))));
        bridge.on_choose_palette(with(|w, key| w.with_settings(|controller| controller.choose_palette(key))));
        bridge.on_choose_text_size(with(|w, key| w.with_settings(|controller| controller.choose_text_size(key))));
        bridge.on_choose_motion(with(|w, key| w.with_settings(|controller| controller.choose_motion(key))));
        bridge.on_choose_answer_time(with(|w, key| w.with_settings(|controller| controller.choose_answer_time(key))));
        bridge.on_open_entry(with(|w, path| {
            let opened = w.controller.borrow_mut().open_entry(path);
            w.apply_settings();
            match opened {
                Opened::Here => w.refresh(),
                Opened::Picture(path) => {
                    w.session.borrow().open_picture(path);
                    w.refresh();
                }
                Opened::Certificate => w.go_home(),
            }
        }));
        bridge.on_choose_camera(with(|w, key| {
            w.with_settings(|controller| controller.choose_camera(key));
            let open = w.controller.borrow().open_camera();
            w.session.borrow_mut().watch(open);
        }));
        self.listen_to_shift();
        self.listen_to_desk();
        self.listen_to_training();
        self.listen_to_place();
        let typing = Rc::downgrade(&self.typing);
        bridge.on_key(move |text, combined, repeat| {
            typing.upgrade().is_some_and(|typing| typing.key(&text, combined, repeat))
        });
        bridge.on_hold(told(|w, pressed| w.session.borrow().hold(pressed)));
        bridge.on_in_front(told(|w, in_front| w.in_front.set(in_front)));
    }
}
