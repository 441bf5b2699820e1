//! What went wrong, in the language of the command line. English is what each error says itself.

pub(crate) mod site_file;

use std::error::Error;

use greenlit_camera::SourceError;
use greenlit_camera::picture::PictureError;
use greenlit_core::head_count::MAX_GUESTS;
use greenlit_core::trust::{ImportError, VenueKind, limits};
use greenlit_files::FileError;
use greenlit_sync::store::StoreError;
use greenlit_sync::{FetchError, ListFailure, SyncError, WebError};
use greenlit_words::{Language, failure};

use crate::config::LANGUAGES;
use crate::config::authority::{NotTrusted, TrustedAuthority};
use crate::config::pin::BadPin;
use crate::config::settings::{BadSetting, MAX_NAME};
use crate::config::sync_source::NoSource;
use crate::config::till::{NoDataFolder, SettingError};
use crate::config::window_lock::OpenAlready;

/// Any error: by its type where that is known here, else as it is.
pub(crate) fn any(error: &(dyn Error + 'static), language: Language) -> String {
    fn known<E: Error + 'static>(
        error: &(dyn Error + 'static),
        language: Language,
        say: fn(&E, Language) -> String,
    ) -> Option<String> {
        error.downcast_ref().map(|error| say(error, language))
    }
    let all = [
        known::<StoreError>(error, language, store),
        known::<SyncError>(error, language, sync),
        known::<ImportError>(error, language, import),
        known::<WebError>(error, language, web),
        known::<FileError>(error, language, file),
        known::<PictureError>(error, language, picture),
        known::<SettingError>(error, language, setting),
        known::<BadSetting>(error, language, bad_setting),
        known::<BadPin>(error, language, bad_pin),
        known::<NotTrusted>(error, language, not_trusted),
        known::<NoSource>(error, language, |error, language| failure::no_source(language, error)),
        known::<OpenAlready>(error, language, |error, language| failure::open_already(language, error)),
        known::<NoDataFolder>(error, language, |error, language| failure::no_data_folder(language, error)),
    ];
    all.into_iter().flatten().next().unwrap_or_else(|| error.to_string())
}

/// Of a file.
pub(crate) fn file(error: &FileError, language: Language) -> String {
    match error {
        FileError::NotFound(path) => failure::not_found(language, error, path.display()),
        FileError::NotRegular(path) => failure::not_regular(language, error, path.display()),
        FileError::TooLarge { path, cap } => failure::larger_than(language, error, path.display(), cap),
        FileError::Exists(path) => failure::exists(language, error, path.display()),
        FileError::DiskFull(path) => failure::disk_full(language, error, path.display()),
        FileError::Io { .. } => error.to_string(),
    }
}

/// Of a picture.
pub(crate) fn picture(error: &PictureError, language: Language) -> String {
    match error {
        PictureError::File(error) => file(error, language),
        PictureError::NotAPicture(path) => failure::not_a_picture(language, error, path),
        PictureError::Foreign { path, .. } => failure::foreign_picture(language, error, path),
        PictureError::Damaged { path, why } => failure::damaged_picture(language, error, path, why),
        PictureError::TooLarge(path) => failure::picture_too_large(language, error, path),
    }
}

/// Of a camera.
pub(crate) fn camera(error: &SourceError, language: Language) -> String {
    match error {
        SourceError::NoCamera => failure::no_camera(language, error),
        SourceError::Busy => failure::camera_busy(language, error),
        SourceError::Disconnected => failure::camera_gone(language, error),
        SourceError::Denied(name) => failure::camera_denied(language, error, name),
        SourceError::Unsupported(why) => failure::camera_unsupported(language, error, why),
        SourceError::Io(why) => failure::camera_failed(language, error, why),
        SourceError::Picture(error) => picture(error, language),
        SourceError::Broken(_) | SourceError::Ended => error.to_string(),
    }
}

/// Of the store.
pub(crate) fn store(error: &StoreError, language: Language) -> String {
    match error {
        StoreError::Busy(path) => failure::store_busy(language, error, path.display()),
        StoreError::Damaged(path) => failure::store_damaged(language, error, path.display()),
        StoreError::RepeatedlyDamaged(path) => failure::store_damaged_repeatedly(language, error, path.display()),
        StoreError::Foreign(path) => failure::store_foreign(language, error, path.display()),
        StoreError::NotAFile(path) => failure::store_not_a_file(language, error, path.display()),
        StoreError::TooNew { path, found } => failure::store_too_new(language, error, path.display(), found),
        StoreError::NotWritable(path) => failure::store_not_writable(language, error, path.display()),
        StoreError::DiskFull(path) => failure::store_disk_full(language, error, path.display()),
        StoreError::NotReadable(path) => failure::store_not_readable(language, error, path.display()),
        StoreError::OpenToOthers(path) => failure::store_open_to_others(language, error, path.display()),
        StoreError::Changed(path) => failure::store_changed(language, error, path.display()),
        StoreError::SettingTooLong => failure::setting_too_long(language, error),
        StoreError::Sqlite { .. } => error.to_string(),
    }
}

/// Of an update.
pub(crate) fn sync(error: &SyncError, language: Language) -> String {
    match error {
        SyncError::NoBundle => failure::no_bundle(language, error),
        SyncError::Fetch(error) => fetch(error, language),
        SyncError::Import(why) => failure::nothing_taken(language, error, import(why, language)),
        SyncError::Incomplete { id, failure: why } => failure::incomplete(language, error, list(why, language), id),
        SyncError::TooManyRoots => failure::too_many_roots(language, error, limits::MAX_ROOT_ADVANCES),
    }
}

/// Of one status list.
pub(crate) fn list(error: &ListFailure, language: Language) -> String {
    match error {
        ListFailure::Missing(file) => failure::not_there(language, error, file),
        ListFailure::Fetch(error) => fetch(error, language),
        ListFailure::Import(error) => import(error, language),
    }
}

fn fetch(error: &FetchError, language: Language) -> String {
    match error {
        FetchError::NoFolder(path) => failure::no_folder(language, error, path.display()),
        FetchError::File(error) => file(error, language),
        FetchError::Web(error) => web(error, language),
        // Of no source that a till has.
        FetchError::Elsewhere { .. } => error.to_string(),
    }
}

/// Of a document. Where in it, and whose signature, stays English: that is for the authority.
pub(crate) fn import(error: &ImportError, language: Language) -> String {
    match error {
        ImportError::NoAnchor => failure::no_anchor(language, error),
        ImportError::Root { number, error: why } => {
            failure::document(language, error, format_args!("root-{number}.cbor"), why)
        }
        ImportError::OldRoot { number, held } => failure::old_root(language, error, number, held),
        ImportError::Bundle(why) => failure::document(language, error, "trust.cbor", why),
        ImportError::OlderBundle { found, held } => failure::older_bundle(language, error, "trust.cbor", found, held),
        ImportError::SecondBundle(version) => failure::second_bundle(language, error, "trust.cbor", version),
        ImportError::List { id, error: why } => {
            failure::document(language, error, format_args!("status-{id}.cwt"), why)
        }
        ImportError::SchemeBundle(why) => failure::document(language, error, "trust-2.cbor", why),
        ImportError::OlderSchemeBundle { found, held } => {
            failure::older_bundle(language, error, "trust-2.cbor", found, held)
        }
        ImportError::SecondSchemeBundle(version) => failure::second_bundle(language, error, "trust-2.cbor", version),
        ImportError::KeyList { id, error: why } => {
            failure::document(language, error, format_args!("keys-{id}.cbor"), why)
        }
    }
}

fn web(error: &WebError, language: Language) -> String {
    match error {
        WebError::BadAddress(address) => failure::bad_address(language, error, address),
        WebError::NotHttps(address) => failure::not_https(language, error, address),
        WebError::Downgraded(url) => failure::downgraded(language, error, url),
        WebError::TooManyRedirects(url) => failure::too_many_redirects(language, error, url),
        WebError::NoHost(url) => failure::no_host(language, error, url),
        WebError::Unreachable { url, why } => failure::unreachable(language, error, url, why),
        WebError::TimedOut(url) => failure::timed_out(language, error, url),
        WebError::Certificate { url, why } => failure::certificate(language, error, url, why),
        WebError::Status { url, status } => failure::status(language, error, url, status),
        WebError::WebPage(url) => failure::web_page(language, error, url),
        WebError::TooLarge { url, cap } => failure::larger_than(language, error, url, cap),
        WebError::CutOff(url) => failure::cut_off(language, error, url),
        WebError::Protocol { url, why } => failure::protocol(language, error, url, why),
        WebError::BadProxy(proxy) => failure::bad_proxy(language, error, proxy),
        WebError::BadProxyVariable { name, text } => failure::bad_proxy_variable(language, error, name, text),
        WebError::RefusedByProxy { url, why } => failure::refused_by_proxy(language, error, url, why),
        WebError::BadCa(why) => failure::bad_ca(language, error, why),
    }
}

fn setting(error: &SettingError, language: Language) -> String {
    match error {
        SettingError::Managed { setting, file } => failure::managed(language, error, setting, file.display()),
        SettingError::Bad(error) => bad_setting(error, language),
        SettingError::Store(error) => store(error, language),
    }
}

/// Of a setting's value.
pub(crate) fn bad_setting(error: &BadSetting, language: Language) -> String {
    let one_of = |setting: &str, word: &str, known: &[&str]| {
        failure::bad_value(language, error, setting, word, known.join(", "))
    };
    match error {
        BadSetting::VenueKind(word) => failure::bad_site(language, error, word, VenueKind::KNOWN.join(", ")),
        BadSetting::Misspelt { word, meant } => failure::misspelt_site(language, error, word, meant),
        BadSetting::Language(word) => one_of("language", word, &LANGUAGES),
        BadSetting::Sound(word) => one_of("sound", word, &["off", "beep", "tones"]),
        BadSetting::Scheme(word) => one_of("scheme", word, &["dark", "light", "sunlight"]),
        BadSetting::Palette(word) => one_of("palette", word, &["green-red", "blue-orange"]),
        BadSetting::TextSize(word) => one_of("text-size", word, &["normal", "large", "largest"]),
        BadSetting::AnswerTime(word) => one_of("answer-time", word, &["short", "normal", "long"]),
        BadSetting::Motion(word) => one_of("motion", word, &["on", "off"]),
        BadSetting::Web(error) => web(error, language),
        BadSetting::Ca(why) => failure::bad_ca_file(language, error, file(why, language)),
        BadSetting::LatestTime => failure::latest_time(language, error),
        BadSetting::Percent(word) => failure::bad_percent(language, error, word),
        BadSetting::Pin(why) => bad_pin(why, language),
        BadSetting::Capacity(word) => failure::bad_capacity(language, error, word, MAX_GUESTS),
        BadSetting::Name => failure::bad_name(language, error, MAX_NAME),
        BadSetting::OnOff(word) => failure::bad_on_off(language, error, word),
        BadSetting::WindowSize(word) => failure::bad_window_size(language, error, word),
        BadSetting::Zoom(word) => failure::bad_zoom(language, error, word),
    }
}

/// Of a PIN, or of its hash.
pub(crate) fn bad_pin(error: &BadPin, language: Language) -> String {
    match error {
        BadPin::NotDigits => failure::pin_not_digits(language, error),
        BadPin::NotAHash => failure::pin_not_a_hash(language, error),
        BadPin::TooCostly => failure::pin_too_costly(language, error),
        BadPin::NoRandomness => failure::no_randomness(language, error),
        BadPin::Differ => failure::pins_differ(language, error),
        BadPin::NotRead(why) => failure::pin_not_read(language, error, why),
    }
}

/// Of a root that was not trusted.
pub(crate) fn not_trusted(error: &NotTrusted, language: Language) -> String {
    match error {
        NotTrusted::Another(held) => failure::another_authority(language, error, self::held(held, language)),
        NotTrusted::Later => failure::later_root(language, error),
        NotTrusted::Older(number) => failure::older_root(language, error, number),
        NotTrusted::Store(error) => store(error, language),
    }
}

/// Whom the till trusts already.
fn held(held: &TrustedAuthority, language: Language) -> String {
    failure::authority_and_fingerprint(language, held, &held.authority, held.fingerprint)
}
