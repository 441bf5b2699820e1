//! From the text of a site file to what it says, and every mistake in it. No disk here.

use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use greenlit_core::text::{is_showable, without_password};
use greenlit_core::trust::{Fingerprint, Site};
use greenlit_sync::Address;

use super::KEYS;
use super::mistake::{Mistake, Wrong};
use crate::config::LANGUAGES;
use crate::config::settings::Setting;
use crate::config::suggest::meant;
use crate::session::sound::Sounds;

/// Longest text of a value, in bytes; a setting is no longer either.
const MAX_TEXT: usize = 1_000;
/// Most mistakes told of one file.
const MAX_MISTAKES: usize = 20;

/// What the file says. A key with a mistake counts as left out.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Managed {
    pub(crate) sites: Option<Vec<Site>>,
    pub(crate) root: Option<SiteRoot>,
    /// A web address, or a folder's path.
    pub(crate) source: Option<String>,
    pub(crate) ca: Option<PathBuf>,
    pub(crate) proxy: Option<String>,
    pub(crate) language: Option<String>,
    pub(crate) sound: Option<Sounds>,
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
pub(crate) fn parse(text: &str, folder: &Path) -> (Managed, Vec<Mistake>) {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let (readable, mistakes) = without_broken_lines(text);
    let (table, errors) = DeTable::parse_recoverable(&readable);
    let mut reader = Reader { text: &readable, folder, mistakes };
    let mut managed = Managed::default();
    let mut named = Named::default();
    // What is still broken by now makes no sense from here on to anybody.
    for (key, value) in table.get_ref().iter().filter(|_| errors.is_empty()) {
        reader.take(key, value, &mut managed, &mut named);
    }
    match (named.root, named.fingerprint) {
        (Some((line, Some(file))), Some((_, Some(fingerprint)))) => {
            managed.root = Some(SiteRoot { file, fingerprint, line });
        }
        (Some((line, Some(_))), None) => reader.wrong(line, Wrong::RootAlone),
        (None, Some((line, _))) => reader.wrong(line, Wrong::FingerprintAlone),
        // One of them is a mistake that was told already.
        _ => {}
    }
    let mut mistakes = reader.mistakes;
    mistakes.sort_by_key(|mistake| mistake.line);
    if mistakes.len() > MAX_MISTAKES {
        let more = mistakes.len() - MAX_MISTAKES;
        mistakes.truncate(MAX_MISTAKES);
        mistakes.push(Mistake { line: None, wrong: Wrong::More(more) });
    }
    (managed, mistakes)
}

/// The text with every line emptied that is no TOML, and a mistake for each: what TOML makes of a
/// broken line, and of those after it, is a guess.
fn without_broken_lines(text: &str) -> (String, Vec<Mistake>) {
    let mut lines: Vec<&str> = text.split('\n').collect();
    let mut mistakes: Vec<Mistake> = Vec::new();
    // A text without an end is told of at the file's end, and emptying that mends nothing.
    for _ in 0..MAX_MISTAKES {
        let joined = lines.join("\n");
        let (_, errors) = DeTable::parse_recoverable(&joined);
        if errors.is_empty() {
            return (joined, mistakes);
        }
        for error in errors {
            let line = error.span().map_or(1, |span| line_at(&joined, span.start));
            if let Some(broken) = lines.get_mut(line - 1) {
                *broken = "";
            }
            if !mistakes.iter().any(|mistake| mistake.line == Some(line)) {
                mistakes.push(Mistake { line: Some(line), wrong: Wrong::Syntax(one_line(error.message())) });
            }
        }
    }
    (lines.join("\n"), mistakes)
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
    mistakes: Vec<Mistake>,
}

type Value<'v> = Spanned<DeValue<'v>>;

impl Reader<'_> {
    fn line(&self, span: &Range<usize>) -> usize {
        line_at(self.text, span.start)
    }

    fn wrong(&mut self, line: usize, wrong: Wrong) {
        self.mistakes.push(Mistake { line: Some(line), wrong });
    }

    fn take(
        &mut self,
        key: &Spanned<std::borrow::Cow<'_, str>>,
        value: &Value<'_>,
        managed: &mut Managed,
        named: &mut Named,
    ) {
        let line = self.line(&key.span());
        match key.get_ref().as_ref() {
            "sites" => managed.sites = self.sites(value, line),
            "root" => named.root = Some((line, self.path("root", "root = \"root-1.cbor\"", value, line))),
            "fingerprint" => named.fingerprint = Some((line, self.fingerprint(value, line))),
            "source" => managed.source = self.source(value, line),
            "ca" => managed.ca = self.path("ca", "ca = \"ca.pem\"", value, line),
            "proxy" => {
                let is_proxy = |text: &str| Setting::Proxy.check(text).is_ok();
                let text = self.text("proxy", "proxy = \"http://proxy.example:3128\"", value, line);
                managed.proxy = self.only(text, line, is_proxy, |text| Wrong::Proxy(without_password(text)));
            }
            "language" => {
                let text = self.text("language", "language = \"ru\"", value, line);
                let unknown = |word: &str| Wrong::Language { word: short(word), meant: meant(word, &LANGUAGES) };
                managed.language = self.only(text, line, |word| Setting::Language.check(word).is_ok(), unknown);
            }
            "sound" => {
                let text = self.text("sound", "sound = \"beep\"", value, line);
                let keys = Sounds::ALL.map(Sounds::key);
                let unknown = |word: &str| Wrong::Sound { word: short(word), meant: meant(word, &keys) };
                let key = self.only(text, line, |word| Setting::Sound.check(word).is_ok(), unknown);
                managed.sound = key.and_then(|key| Sounds::of(&key));
            }
            other => self.wrong(line, Wrong::UnknownKey { key: short(other), meant: meant(other, &KEYS) }),
        }
    }

    /// A text that passes this test.
    fn only(
        &mut self,
        text: Option<String>,
        line: usize,
        good: impl Fn(&str) -> bool,
        wrong: impl Fn(&str) -> Wrong,
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
            self.wrong(line, Wrong::Kind { key, found: kind(value.get_ref()), write });
            return None;
        };
        if text.trim().is_empty() {
            self.wrong(line, Wrong::Empty { key, write });
        } else if text.len() > MAX_TEXT || !text.chars().all(is_showable) {
            self.wrong(line, Wrong::NotPlain(key));
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
        if !Address::is_meant(&text) {
            return Some(self.folder.join(text).display().to_string());
        }
        let is_source = |text: &str| Setting::Source.check(text).is_ok();
        self.only(Some(text), line, is_source, |text| Wrong::Source(without_password(text)))
    }

    fn fingerprint(&mut self, value: &Value<'_>, line: usize) -> Option<Fingerprint> {
        let text = self.text("fingerprint", "fingerprint = \"…\", 64 hexadecimal digits", value, line)?;
        let found = Fingerprint::parse(&text);
        if found.is_none() {
            let digits = text.chars().filter(char::is_ascii_hexdigit).count();
            let all = text.chars().all(|c| c.is_ascii_hexdigit() || matches!(c, ' ' | '-' | ':'));
            self.wrong(line, if all { Wrong::Fingerprint { digits } } else { Wrong::NotHexadecimal });
        }
        found
    }

    /// A rule may name a kind of site that this program does not know; what only looks like a slip of
    /// the hand would silently give the wrong benefits, and is a mistake.
    fn sites(&mut self, value: &Value<'_>, line: usize) -> Option<Vec<Site>> {
        const WRITE: &str = "sites = [\"hotel\"]";
        let DeValue::Array(all) = value.get_ref() else {
            self.wrong(line, Wrong::Kind { key: "sites", found: kind(value.get_ref()), write: WRITE });
            return None;
        };
        let before = self.mistakes.len();
        let mut sites = Vec::new();
        for value in all.iter() {
            let line = self.line(&value.span());
            let Some(word) = self.text("sites", WRITE, value, line) else { continue };
            let known = Site::KNOWN.contains(&word.as_str());
            match (Site::new(&word), meant(&word, &Site::KNOWN)) {
                (Ok(site), None) => sites.push(site),
                (Ok(site), Some(_)) if known => sites.push(site),
                (_, meant) => self.wrong(line, Wrong::Site { word: short(&word), meant }),
            }
        }
        if all.is_empty() {
            self.wrong(line, Wrong::Empty { key: "sites", write: WRITE });
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
