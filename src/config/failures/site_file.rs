//! Mistakes in a site file.

use greenlit_core::head_count::MAX_GUESTS;
use greenlit_core::trust::VenueKind;
use greenlit_words::{Language, failure, site_file as say};

use crate::config::LANGUAGES;
use crate::config::failures;
use crate::config::settings::MAX_NAME;
use crate::config::site_file::{DiagnosticKind, KEYS};

/// What is wrong, and what to write or do instead.
pub(crate) fn mistake(wrong: &DiagnosticKind, language: Language) -> String {
    use DiagnosticKind as Kind;
    let hint = |meant: &Option<&'static str>, all: &[&str]| match meant {
        Some(word) => say::did_you_mean(language, word),
        None => say::known_values(language, all.join(", ")),
    };
    let unknown = |key: &str, word: &String, meant, all: &[&str]| {
        say::unknown_value(language, wrong, key, word, hint(meant, all))
    };
    match wrong {
        Kind::Syntax(why) => say::syntax(language, wrong, why),
        Kind::UnknownKey { key, meant } => say::unknown_key(language, wrong, key, hint(meant, &KEYS)),
        Kind::Kind { key, write, .. } => say::wrong_kind(language, wrong, key, write),
        Kind::Empty { key, write } => say::empty(language, wrong, key, write),
        Kind::NotPlain(key) => say::not_plain(language, wrong, key),
        Kind::VenueKind { word, meant } => unknown("sites", word, meant, &VenueKind::KNOWN),
        Kind::Language { word, meant } => unknown("language", word, meant, &LANGUAGES),
        Kind::Sound { word, meant } => unknown("sound", word, meant, &["off", "beep", "tones"]),
        Kind::TextSize { word, meant } => unknown("text-size", word, meant, &["normal", "large", "largest"]),
        Kind::Motion(word) => unknown("motion", word, &None, &["on", "off"]),
        Kind::Source(source) => say::source(language, wrong, source),
        Kind::Proxy(proxy) => failure::bad_proxy(language, wrong, proxy),
        Kind::Capacity(word) => failure::bad_capacity(language, wrong, word, MAX_GUESTS),
        Kind::Name => failure::bad_name(language, wrong, MAX_NAME),
        Kind::PinHash(why) => say::pin_hash(language, wrong, failures::bad_pin(why, language)),
        Kind::Fingerprint { digits } => say::fingerprint_length(language, wrong, digits),
        Kind::NotHexadecimal => say::not_hexadecimal(language, wrong),
        Kind::RootAlone => say::root_alone(language, wrong),
        Kind::FingerprintAlone => say::fingerprint_alone(language, wrong),
        Kind::More(count) => say::more(language, wrong, count),
        Kind::File(error) => failures::file(error, language),
        Kind::Missing => say::missing(language, wrong),
        Kind::NotText => say::not_text(language, wrong),
        Kind::OthersMayWrite { path, .. } => say::others_may_write(language, wrong, path.display()),
        Kind::ForeignOwner { owner, path, .. } => say::foreign_owner(language, wrong, path.display(), owner),
        Kind::RootFile(error) => say::root_file(language, wrong, failures::file(error, language)),
        Kind::NotARoot { path, why } => failure::not_a_root(language, wrong, path.display(), why),
        Kind::OtherFingerprint { path, found } => failure::other_fingerprint(language, wrong, path.display(), found),
        Kind::OtherAuthority { held, path } => {
            say::other_authority(language, wrong, failures::held(held, language), path.display())
        }
        Kind::OtherRoot { why, path } => format!("{}: {}", path.display(), failures::not_trusted(why, language)),
        Kind::NotTrustworthy => say::not_trustworthy(language, wrong),
        Kind::NotStored(error) => say::not_stored(language, wrong, failures::store(error, language)),
    }
}
