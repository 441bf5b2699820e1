//! The site file, by which whoever looks after many tills sets them up unattended.
//!
//! What it says stands before what staff chose. A file with mistakes never stops a till: each is
//! reported, and the till goes on by the rest and by what it has.

mod mistake;
mod parse;

use std::path::{Path, PathBuf};

use greenlit_core::trust::{Root, TrustState, limits};
use greenlit_files::{FileError, Symlinks, read_limited};
use greenlit_words::Language;
use greenlit_words::site_file::at_line;

pub(crate) use mistake::{Diagnostic, DiagnosticKind};
pub(crate) use parse::{ManagedSettings, SiteRoot};

use crate::config::authority::{Instead, NotTrusted, TrustedAuthority, judge};
use crate::config::failures;
use crate::config::settings::Setting;

/// Every key there is, as the documentation lists them.
pub(crate) const KEYS: [&str; 15] = [
    "name",
    "sites",
    "root",
    "fingerprint",
    "source",
    "ca",
    "proxy",
    "language",
    "sound",
    "text-size",
    "motion",
    "pin-hash",
    "kiosk",
    "guest-window",
    "capacity",
];

/// Where it is, unless somebody names another.
const PATH: &str = "/etc/greenlit/site.toml";
/// Names another; empty, there is none.
const VARIABLE: &str = "GREENLIT_SITE_FILE";
/// Largest file that is read, in bytes.
const MAX_BYTES: usize = 64 << 10;

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct SiteFile {
    /// None where there is no file.
    path: Option<PathBuf>,
    pub(crate) managed: ManagedSettings,
    pub(crate) mistakes: Vec<Diagnostic>,
    /// Somebody besides its owner and the administrator may write it.
    open_to_others: bool,
}

impl SiteFile {
    /// Reads the one that was named, or else the machine's own, which need not be there.
    pub(crate) fn read(named: Option<PathBuf>) -> Self {
        let named = named.or_else(|| std::env::var_os(VARIABLE).map(PathBuf::from));
        let path = match &named {
            Some(path) if path.as_os_str().is_empty() => return Self::default(),
            Some(path) => std::path::absolute(path).unwrap_or_else(|_| path.clone()),
            None => PathBuf::from(PATH),
        };
        let broken = |path, wrong| Self {
            path: Some(path),
            mistakes: vec![Diagnostic { line: None, wrong }],
            ..Self::default()
        };
        let bytes = match read_limited(&path, MAX_BYTES, Symlinks::Follow) {
            Ok(bytes) => bytes,
            Err(FileError::NotFound(_)) if named.is_none() => return Self::default(),
            Err(FileError::NotFound(_)) => return broken(path, DiagnosticKind::Missing),
            Err(error) => return broken(path, DiagnosticKind::File(error)),
        };
        let Ok(text) = String::from_utf8(bytes) else { return broken(path, DiagnosticKind::NotText) };
        let folder = path.parent().unwrap_or(Path::new("/"));
        let (managed, mut mistakes) = parse::parse(&text, folder);
        let others = others_may_write(&path, folder);
        let open_to_others = !others.is_empty();
        mistakes.extend(others.into_iter().map(|wrong| Diagnostic { line: None, wrong }));
        Self { path: Some(path), managed, mistakes, open_to_others }
    }

    pub(crate) fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// What the file says of a setting, as the setting would be written.
    pub(crate) fn setting(&self, setting: Setting) -> Option<String> {
        match setting {
            Setting::Sites => {
                let sites = self.managed.sites.as_ref()?;
                Some(sites.iter().map(|site| site.0.as_str()).collect::<Vec<_>>().join(","))
            }
            Setting::Name => self.managed.name.clone(),
            Setting::Language => self.managed.language.clone(),
            Setting::Source => self.managed.source.clone(),
            Setting::Sound => self.managed.sound.map(|sound| sound.key().to_owned()),
            Setting::TextSize => self.managed.text_size.map(|size| size.key().to_owned()),
            Setting::Motion => self.managed.motion.map(|motion| motion.key().to_owned()),
            Setting::Ca => self.managed.ca.as_ref().map(|path| path.display().to_string()),
            Setting::Proxy => self.managed.proxy.clone(),
            Setting::PinHash => self.managed.pin_hash.clone(),
            Setting::Kiosk => self.managed.kiosk.map(on_off),
            Setting::GuestWindow => self.managed.guest_window.map(on_off),
            Setting::Capacity => self.managed.capacity.map(|guests| guests.to_string()),
            Setting::OwnPercent
            | Setting::AnswerTime
            | Setting::Camera
            | Setting::Zoom
            | Setting::LatestTime
            | Setting::Scheme
            | Setting::Palette
            | Setting::WindowSize => None,
        }
    }

    /// A mistake with its place, for people.
    pub(crate) fn line(&self, mistake: &Diagnostic, language: Language) -> String {
        let path = self.path.as_deref().unwrap_or(Path::new(PATH)).display();
        let what = failures::site_file::mistake(&mistake.wrong, language);
        match mistake.line {
            Some(line) => at_line(language, path, line, what),
            None => format!("{path}: {what}"),
        }
    }

    /// The root to trust by this file: `None` where it names none, or that one is trusted already.
    pub(crate) fn root_to_trust(&self, held: &TrustState, language: &str) -> Option<Result<Root, Diagnostic>> {
        let named = self.managed.root.as_ref()?;
        // Once it is trusted, its file need not be there any more.
        let mut trusted = held.anchor().into_iter().chain(held.newest_root());
        if trusted.any(|root| root.fingerprint() == named.fingerprint) {
            return None;
        }
        let not_trusted = |why| DiagnosticKind::not_trusted(why, &named.file);
        let root = if self.open_to_others { Err(DiagnosticKind::NotTrustworthy) } else { read_root(named) };
        let verdict = match (root, TrustedAuthority::of(held, language)) {
            (Ok(root), _) => judge(held, &root, Instead::No, language).map(|_| root).map_err(not_trusted),
            // By its fingerprint it is not the one trusted, and nobody needs to mend the file to know that.
            (Err(_), Some(held)) => Err(not_trusted(NotTrusted::Another(Box::new(held)))),
            (Err(wrong), None) => Err(wrong),
        };
        Some(verdict.map_err(|wrong| Diagnostic { line: Some(named.line), wrong }))
    }
}

fn read_root(named: &SiteRoot) -> Result<Root, DiagnosticKind> {
    let path = &named.file;
    let bytes = read_limited(path, limits::MAX_ROOT_BYTES, Symlinks::Follow).map_err(DiagnosticKind::RootFile)?;
    let root = Root::verify_anchor(&bytes).map_err(|why| DiagnosticKind::NotARoot { path: path.clone(), why })?;
    let found = root.fingerprint();
    if found == named.fingerprint {
        Ok(root)
    } else {
        Err(DiagnosticKind::OtherFingerprint { path: path.clone(), found })
    }
}

/// Who besides the administrator could change the file, or put another in its place.
#[cfg(unix)]
fn others_may_write(file: &Path, folder: &Path) -> Vec<DiagnosticKind> {
    use std::os::unix::fs::MetadataExt;
    const STICKY: u32 = 0o1000;
    let me = rustix::process::geteuid().as_raw();
    let mut all = Vec::new();
    // Where it is a link, both the link and the file that it leads to can be exchanged in their folders.
    let resolved = file.canonicalize().unwrap_or_else(|_| file.to_path_buf());
    let beyond = resolved.parent().filter(|parent| folder.canonicalize().is_ok_and(|folder| folder != **parent));
    let places =
        [("the file", Some(resolved.as_path())), ("its folder", Some(folder)), ("the folder it leads to", beyond)];
    for (what, path) in places.into_iter().filter_map(|(what, path)| Some((what, path?))) {
        let Ok(found) = std::fs::metadata(path) else { continue };
        let path = path.to_path_buf();
        // In a folder with the sticky bit only a file's owner exchanges it; on a file the bit means nothing.
        let exempt = found.is_dir() && found.mode() & STICKY != 0;
        if found.mode() & 0o022 != 0 && !exempt {
            all.push(DiagnosticKind::OthersMayWrite { what, path });
        } else if found.uid() != 0 && found.uid() != me {
            all.push(DiagnosticKind::ForeignOwner { what, owner: found.uid(), path });
        }
    }
    all
}

#[cfg(not(unix))]
fn others_may_write(_: &Path, _: &Path) -> Vec<DiagnosticKind> {
    Vec::new()
}

fn on_off(on: bool) -> String {
    if on { "on" } else { "off" }.to_owned()
}
