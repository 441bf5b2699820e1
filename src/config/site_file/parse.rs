//! From the text of a site file to what it says, and every mistake in it. No disk here.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use greenlit_core::text::{is_printable, redact_password};
use greenlit_core::trust::{Fingerprint, VenueKind};
use greenlit_sync::SourceUrl;

use super::KEYS;
use super::mistake::{Diagnostic, DiagnosticKind};
use crate::config::LANGUAGES;
use crate::config::look::{Motion, TextSize};
use crate::config::pin::{BadPin, PinHash};
use crate::config::settings::{Setting, parse_capacity};
use crate::config::sound_mode::SoundMode;
use crate::config::suggest::meant;

/// Longest text of a value, in bytes; a setting is no longer either.
const MAX_TEXT: usize = 1_000;
/// Most mistakes told of one file.
const MAX_MISTAKES: usize = 20;

/// What the file says. A key with a mistake counts as left out.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct ManagedSettings {
    pub(crate) name: Option<String>,
    pub(crate) sites: Option<Vec<VenueKind>>,
    pub(crate) root: Option<SiteRoot>,
    /// A web address, or a folder's path.
    pub(crate) source: Option<String>,
    pub(crate) ca: Option<PathBuf>,
    pub(crate) proxy: Option<String>,
    pub(crate) language: Option<String>,
    pub(crate) sound: Option<SoundMode>,
    pub(crate) text_size: Option<TextSize>,
    pub(crate) motion: Option<Motion>,
    pub(crate) pin_hash: Option<String>,
    pub(crate) kiosk: Option<bool>,
    pub(crate) guest_window: Option<bool>,
    pub(crate) capacity: Option<u32>,
}

/// The root that is trusted without asking anybody, because its fingerprint is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SiteRoot {
    pub(crate) file: PathBuf,
    pub(crate) fingerprint: Fingerprint,
    /// Where it stands in the file.
    pub(crate) line: usize,
}

/// Reads the whole file; paths are meant from `folder`. What stands on lines without a mistake holds.
pub(crate) fn parse(text: &str, folder: &Path) -> (ManagedSettings, Vec<Diagnostic>) {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let (readable, mistakes) = without_broken_lines(text);
    let (table, errors) = DeTable::parse_recoverable(&readable);
    let mut reader = Reader { text: &readable, folder, mistakes };
    let mut managed = ManagedSettings::default();
    let mut named = Named::default();
    // What is still broken by now makes no sense from here on to anybody.
    for (key, value) in table.get_ref().iter().filter(|_| errors.is_empty()) {
        reader.take(key, value, &mut managed, &mut named);
    }
    match (named.root, named.fingerprint) {
        (Some((line, Some(file))), Some((_, Some(fingerprint)))) => {
            managed.root = Some(SiteRoot { file, fingerprint, line });
        }
        (Some((line, Some(_))), None) => reader.wrong(line, DiagnosticKind::RootAlone),
        (None, Some((line, _))) => reader.wrong(line, DiagnosticKind::FingerprintAlone),
        // One of them is a mistake that was told already.
        _ => {}
    }
    let mut mistakes = reader.mistakes;
    mistakes.sort_by_key(|mistake| mistake.line);
    if mistakes.len() > MAX_MISTAKES {
        let more = mistakes.len() - MAX_MISTAKES;
        mistakes.truncate(MAX_MISTAKES);
        mistakes.push(Diagnostic { line: None, wrong: DiagnosticKind::More(more) });
    }
    (managed, mistakes)
}

/// The text with every line emptied that is no TOML, and a mistake for each: what TOML makes of a
/// broken line, and of those after it, is a guess.
fn without_broken_lines(text: &str) -> (String, Vec<Diagnostic>) {
    let mut lines: Vec<&str> = text.split('\n').collect();
    let mut broken: BTreeMap<usize, Diagnostic> = BTreeMap::new();
    // A text without an end is told of at the file's end, and emptying that mends nothing.
    for _ in 0..MAX_MISTAKES {
        let joined = lines.join("\n");
        let (_, errors) = DeTable::parse_recoverable(&joined);
        if errors.is_empty() {
            return (joined, broken.into_values().collect());
        }
        // A file of nothing but mistakes has one for each of its bytes: each line's first is enough.
        let ends: Vec<usize> = joined.match_indices('\n').map(|(at, _)| at).collect();
        for error in errors {
            let index = error.span().map_or(0, |span| ends.partition_point(|end| *end < span.start));
            let line = index + 1;
            broken.entry(line).or_insert_with(|| {
                let wrong = DiagnosticKind::Syntax(one_line(error.message()));
                Diagnostic { line: Some(line), wrong }
            });
            if let Some(broken) = lines.get_mut(index) {
                *broken = "";
            }
        }
    }
    (lines.join("\n"), broken.into_values().collect())
}

/// The number of the line that holds this byte.
fn line_at(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count()
}

/// Two keys that go together: where each stands, and what it says if that is no mistake.
#[derive(Default)]
struct Named {
    root: Option<(usize, Option<PathBuf>)>,
    fingerprint: Option<(usize, Option<Fingerprint>)>,
}

struct Reader<'t> {
    text: &'t str,
    folder: &'t Path,
    mistakes: Vec<Diagnostic>,
}

type Value<'v> = Spanned<DeValue<'v>>;

impl Reader<'_> {
    fn line(&self, span: &Range<usize>) -> usize {
        line_at(self.text, span.start)
    }

    fn wrong(&mut self, line: usize, wrong: DiagnosticKind) {
        self.mistakes.push(Diagnostic { line: Some(line), wrong });
    }

    fn take(
        &mut self,
        key: &Spanned<std::borrow::Cow<'_, str>>,
        value: &Value<'_>,
        managed: &mut ManagedSettings,
        named: &mut Named,
    ) {
        let line = self.line(&key.span());
        match key.get_ref().as_ref() {
            "name" => {
                let text = self.text("name", "name = \"Agidel Hotel\"", value, line);
                managed.name =
                    self.only(text, line, |text| Setting::Name.check(text).is_ok(), |_| DiagnosticKind::Name);
            }
            "sites" => managed.sites = self.sites(value, line),
            "root" => named.root = Some((line, self.path("root", "root = \"root-1.cbor\"", value, line))),
            "fingerprint" => named.fingerprint = Some((line, self.fingerprint(value, line))),
            "source" => managed.source = self.source(value, line),
            "ca" => managed.ca = self.path("ca", "ca = \"ca.pem\"", value, line),
            "proxy" => {
                let is_proxy = |text: &str| Setting::Proxy.check(text).is_ok();
                let text = self.text("proxy", "proxy = \"http://proxy.example:3128\"", value, line);
                managed.proxy = self.only(text, line, is_proxy, |text| DiagnosticKind::Proxy(redact_password(text)));
            }
            "language" => {
                let text = self.text("language", "language = \"ru\"", value, line);
                let unknown =
                    |word: &str| DiagnosticKind::Language { word: short(word), meant: meant(word, &LANGUAGES) };
                managed.language = self.only(text, line, |word| Setting::Language.check(word).is_ok(), unknown);
            }
            "sound" => {
                let text = self.text("sound", "sound = \"beep\"", value, line);
                let keys = SoundMode::ALL.map(SoundMode::key);
                let unknown = |word: &str| DiagnosticKind::Sound { word: short(word), meant: meant(word, &keys) };
                let key = self.only(text, line, |word| Setting::Sound.check(word).is_ok(), unknown);
                managed.sound = key.and_then(|key| SoundMode::of(&key));
            }
            "text-size" => {
                let text = self.text("text-size", "text-size = \"large\"", value, line);
                let keys = TextSize::ALL.map(TextSize::key);
                let unknown = |word: &str| DiagnosticKind::TextSize { word: short(word), meant: meant(word, &keys) };
                let key = self.only(text, line, |word| Setting::TextSize.check(word).is_ok(), unknown);
                managed.text_size = key.and_then(|key| TextSize::of(&key));
            }
            "motion" => {
                let text = self.text("motion", "motion = \"off\"", value, line);
                let key = self.only(
                    text,
                    line,
                    |word| Setting::Motion.check(word).is_ok(),
                    |word| DiagnosticKind::Motion(short(word)),
                );
                managed.motion = key.and_then(|key| Motion::of(&key));
            }
            "pin-hash" => {
                let text = self.text("pin-hash", "pin-hash = \"$argon2id$…\"", value, line);
                let bad = |text: &str| DiagnosticKind::PinHash(PinHash::parse(text).err().unwrap_or(BadPin::NotAHash));
                let hash = self.only(text, line, |text| PinHash::parse(text).is_ok(), bad);
                // One with a mistake still stands before the settings, and nobody knows it.
                managed.pin_hash = Some(hash.unwrap_or_default());
            }
            "kiosk" => managed.kiosk = self.yes_or_no("kiosk", "kiosk = true", value, line),
            "guest-window" => {
                managed.guest_window = self.yes_or_no("guest-window", "guest-window = true", value, line);
            }
            "capacity" => managed.capacity = self.capacity(value, line),
            other => self.wrong(line, DiagnosticKind::UnknownKey { key: short(other), meant: meant(other, &KEYS) }),
        }
    }

    fn yes_or_no(
        &mut self,
        key: &'static str,
        write: &'static str,
        value: &Spanned<DeValue<'_>>,
        line: usize,
    ) -> Option<bool> {
        if let DeValue::Boolean(on) = value.get_ref() {
            return Some(*on);
        }
        self.wrong(line, DiagnosticKind::Kind { key, found: kind(value.get_ref()), write });
        None
    }

    /// A text that passes this test.
    fn only(
        &mut self,
        text: Option<String>,
        line: usize,
        good: impl Fn(&str) -> bool,
        wrong: impl Fn(&str) -> DiagnosticKind,
    ) -> Option<String> {
        let text = text?;
        if good(&text) {
            return Some(text);
        }
        self.wrong(line, wrong(&text));
        None
    }

    fn text(&mut self, key: &'static str, write: &'static str, value: &Value<'_>, line: usize) -> Option<String> {
        let DeValue::String(text) = value.get_ref() else {
            self.wrong(line, DiagnosticKind::Kind { key, found: kind(value.get_ref()), write });
            return None;
        };
        if text.trim().is_empty() {
            self.wrong(line, DiagnosticKind::Empty { key, write });
        } else if text.len() > MAX_TEXT || !text.chars().all(is_printable) {
            self.wrong(line, DiagnosticKind::NotPlain(key));
        } else {
            return Some(text.trim().to_owned());
        }
        None
    }

    fn path(&mut self, key: &'static str, write: &'static str, value: &Value<'_>, line: usize) -> Option<PathBuf> {
        self.text(key, write, value, line).map(|text| self.folder.join(text))
    }

    fn source(&mut self, value: &Value<'_>, line: usize) -> Option<String> {
        let text = self.text("source", "source = \"https://trust.example/published\"", value, line)?;
        if !SourceUrl::looks_like_url(&text) {
            return Some(self.folder.join(text).display().to_string());
        }
        let is_source = |text: &str| Setting::Source.check(text).is_ok();
        self.only(Some(text), line, is_source, |text| DiagnosticKind::Source(redact_password(text)))
    }

    fn capacity(&mut self, value: &Value<'_>, line: usize) -> Option<u32> {
        let (DeValue::Integer(_) | DeValue::Float(_)) = value.get_ref() else {
            let (found, write) = (kind(value.get_ref()), "capacity = 250");
            self.wrong(line, DiagnosticKind::Kind { key: "capacity", found, write });
            return None;
        };
        let written = value.span();
        let text = self.text.get(written).unwrap_or_default();
        let capacity = parse_capacity(&text.replace('_', ""));
        if capacity.is_err() {
            self.wrong(line, DiagnosticKind::Capacity(short(text)));
        }
        capacity.ok()
    }

    fn fingerprint(&mut self, value: &Value<'_>, line: usize) -> Option<Fingerprint> {
        let text = self.text("fingerprint", "fingerprint = \"…\", 64 hexadecimal digits", value, line)?;
        let found = Fingerprint::parse(&text);
        if found.is_none() {
            let digits = text.chars().filter(char::is_ascii_hexdigit).count();
            let all = text.chars().all(|c| c.is_ascii_hexdigit() || matches!(c, ' ' | '-' | ':'));
            self.wrong(line, if all { DiagnosticKind::Fingerprint { digits } } else { DiagnosticKind::NotHexadecimal });
        }
        found
    }

    /// A rule may name a type of place that this program does not know; what only looks like a slip of
    /// the hand would silently give the wrong benefits, and is a mistake.
    fn sites(&mut self, value: &Value<'_>, line: usize) -> Option<Vec<VenueKind>> {
        const WRITE: &str = "sites = [\"hotel\"]";
        let DeValue::Array(all) = value.get_ref() else {
            self.wrong(line, DiagnosticKind::Kind { key: "sites", found: kind(value.get_ref()), write: WRITE });
            return None;
        };
        let before = self.mistakes.len();
        let mut sites = Vec::new();
        for value in all.iter() {
            let line = self.line(&value.span());
            let Some(word) = self.text("sites", WRITE, value, line) else { continue };
            let known = VenueKind::KNOWN.contains(&word.as_str());
            match (VenueKind::new(&word), meant(&word, &VenueKind::KNOWN)) {
                (Ok(site), None) => sites.push(site),
                (Ok(site), Some(_)) if known => sites.push(site),
                (_, meant) => self.wrong(line, DiagnosticKind::VenueKind { word: short(&word), meant }),
            }
        }
        if all.is_empty() {
            self.wrong(line, DiagnosticKind::Empty { key: "sites", write: WRITE });
        }
        (self.mistakes.len() == before).then_some(sites)
    }
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// What stands in the file, as far as a message has room for it.
fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(160).collect()
}

#[cfg(test)]
mod tests;
