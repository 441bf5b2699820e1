//! What a till is: its folder, its settings, the site file that stands before them, and where its trust
//! data comes from.

use greenlit_words::Language;

pub(crate) mod authority;
pub(crate) mod bootstrap;
pub(crate) mod diagnostic;
pub(crate) mod failures;
pub(crate) mod heartbeat;
pub(crate) mod journal;
#[cfg(all(unix, any(feature = "kiosk", test)))]
#[cfg_attr(not(feature = "kiosk"), expect(dead_code, reason = "a desktop looks after its keyboards"))]
pub(crate) mod keyboard;
mod keyed;
pub(crate) mod look;
pub(crate) mod pin;
pub(crate) mod settings;
pub(crate) mod site_file;
pub(crate) mod snapshot;
pub(crate) mod sound_mode;
pub(crate) mod store_watcher;
pub(crate) mod suggest;
pub(crate) mod sync_source;
pub(crate) mod till;
pub(crate) mod window_lock;

/// The languages that Greenlit speaks.
pub(crate) const LANGUAGES: [&str; 3] = [Language::Ru.tag(), Language::Ba.tag(), Language::En.tag()];
