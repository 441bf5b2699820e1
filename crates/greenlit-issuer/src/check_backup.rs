//! A drill: whether an authority could go on from a backup of its folder.
//!
//! The backup is copied to a folder beside the authority's, which nobody else may look into, and removed again; what is
//! tried is tried there. Neither the backup nor the authority's folder nor the witness is changed.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

use greenlit_core::time::UnixTime;
use greenlit_files::FileError;

use crate::authority::{Authority, AuthorityError, Lacking, Settings, check_private};
use crate::publish::{self, PublishError};
use crate::register::{FILE_NAME as REGISTER, KeyRecord, RegisterError, RegisterPlace, SqliteRegister};
use crate::{Packing, rules, schemes};

/// What has to be there, beside the register.
const FILES: [&str; 4] = ["authority.toml", rules::FILE_NAME, "keys", "roots"];
/// What SQLite leaves beside a register that was copied while somebody wrote to it.
const BESIDE: [&str; 3] = ["register.db-journal", "register.db-wal", "published-version"];

/// Why nothing could be tried.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum DrillError {
    #[error("{}: no such folder", .0.display())]
    NoBackup(PathBuf),
    #[error("{}: this is the authority's own folder; name a copy of it", .0.display())]
    Same(PathBuf),
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    #[error(transparent)]
    File(#[from] FileError),
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// What.
    pub name: &'static str,
    /// Whether it is as it should be; none where it could not be tried.
    pub ok: Option<bool>,
    /// What was found.
    pub says: String,
}

/// What a drill found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drill {
    /// In the order in which it was looked at.
    pub points: Vec<Point>,
}

impl Drill {
    /// Whether nothing failed.
    pub fn holds(&self) -> bool {
        self.points.iter().all(|point| point.ok != Some(false))
    }

    /// Notes what came of something.
    fn note<T, E: std::fmt::Display>(
        &mut self,
        name: &'static str,
        came: Result<T, E>,
        says: impl FnOnce(&T) -> String,
    ) -> Option<T> {
        match came {
            Ok(value) => {
                self.points.push(Point { name, ok: Some(true), says: says(&value) });
                Some(value)
            }
            Err(error) => {
                self.points.push(Point { name, ok: Some(false), says: error.to_string() });
                None
            }
        }
    }

    fn skip(&mut self, name: &'static str, says: &str) {
        self.points.push(Point { name, ok: None, says: says.into() });
    }
}

/// Tries whether the authority in `folder` could go on from `backup`.
pub fn check_backup(folder: &Path, backup: &Path, now: UnixTime) -> Result<Drill, DrillError> {
    let live = Authority::open_unchecked(folder, &mut |_| {})?;
    if !backup.is_dir() {
        return Err(DrillError::NoBackup(backup.into()));
    }
    let whole = |path: &Path| path.canonicalize().map_err(|error| FileError::of(path, error));
    if whole(folder)? == whole(backup)? {
        return Err(DrillError::Same(backup.into()));
    }
    let mut drill = Drill::default();
    let files = files_of(&live)?;
    let missing = files.iter().filter(|name| !backup.join(name).exists()).map(|name| name.display().to_string());
    let missing: Vec<String> = missing.collect();
    let there = if missing.is_empty() { Ok(()) } else { Err(format!("missing: {}", missing.join(", "))) };
    if drill.note("files", there, |()| "all there".into()).is_none() {
        return Ok(drill);
    }
    drill.note("private", check_private(backup), |()| "nobody else can read the keys".into());
    let beside = whole(folder)?.parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf);
    let io = |error| FileError::of(&beside, error);
    let place = tempfile::Builder::new().prefix(".check-backup-").tempdir_in(&beside).map_err(io)?;
    let copy = place.path().join("copy");
    copy_folder(backup, &copy, &files)?;
    match live.register_place() {
        RegisterPlace::Folder => try_copy(&live, &copy, &place.path().join("published"), now, &mut drill),
        RegisterPlace::Database(database) => try_copy_beside(&live, &copy, database.shown(), &mut drill),
    }
    // Where the copy was is of no use to anybody.
    let (there, name) = (copy.display().to_string(), backup.display().to_string());
    drill.points.iter_mut().for_each(|point| point.says = point.says.replace(&there, &name));
    Ok(drill)
}

/// The files and folders that an authority like this has to have.
fn files_of(live: &Authority) -> Result<Vec<PathBuf>, DrillError> {
    let mut files: Vec<PathBuf> = FILES.iter().map(PathBuf::from).collect();
    if live.folder().join(schemes::FOLDER).is_dir() {
        files.push(schemes::FOLDER.into());
    }
    match live.register_place() {
        RegisterPlace::Folder => files.push(REGISTER.into()),
        RegisterPlace::Database(_) => {
            let settings = Settings::read(live.folder())?;
            let named = [settings.register_password_file, settings.register_ca].into_iter().flatten();
            files.extend(named.filter(|path| path.components().all(|part| matches!(part, Component::Normal(_)))));
        }
    }
    Ok(files)
}

/// Of an authority whose register is in a database: all that is in the folder. The copy would change that very register,
/// so nothing is tried with it that changes anything.
fn try_copy_beside(live: &Authority, copy: &Path, database: &str, drill: &mut Drill) {
    let not_here = format!("in {database}; restore that from its own backup, on another server, to try it");
    drill.skip("register", &not_here);
    let opened = open_beside(copy, database);
    let Some(mut copy) = drill.note("settings", opened, |_| "settings and rules can be read".into()) else { return };
    try_folder(live, &copy, drill);
    let person_key = match copy.has_person_key() {
        Ok(false) => return drill.skip("person key", "none was ever made"),
        _ => copy.known_person_key(),
    };
    drill.note("person key", person_key, |_| "the one that the register knows".into());
    for name in ["witness", "statuses", "publication"] {
        drill.skip(name, "not tried, for the register is in a database");
    }
}

/// Only if it uses the same register: another one might be changed by being opened.
fn open_beside(copy: &Path, database: &str) -> Result<Authority, String> {
    let place = Settings::read(copy).and_then(|settings| settings.register_place(copy));
    let there = match place.map_err(|error| error.to_string())? {
        RegisterPlace::Database(there) => there.shown().to_owned(),
        RegisterPlace::Folder => REGISTER.to_owned(),
    };
    if there != database {
        return Err(format!("its register is {there}, and that of the authority is now {database}"));
    }
    let opened = Authority::open_unchecked(copy, &mut |_| {}).and_then(|copy| copy.rules().map(|_| copy));
    opened.map_err(|error| error.to_string())
}

/// What is in files beside the register.
fn try_folder(live: &Authority, copy: &Authority, drill: &mut Drill) {
    drill.note("keys", check_keys(live, copy), |count| format!("{count} private keys, each the one registered"));
    drill.note("roots", check_roots(live, copy), |count| format!("{count}, each signed as the one before it asks"));
}

fn try_copy(live: &Authority, copy: &Path, out: &Path, now: UnixTime, drill: &mut Drill) {
    let sound = SqliteRegister::check(copy).and_then(|faults| match faults.first() {
        None => Ok(()),
        Some(_) => Err(RegisterError::Damaged(REGISTER.into())),
    });
    if drill.note("register", sound, |()| "whole".into()).is_none() {
        return;
    }
    let opened = Authority::open_unchecked(copy, &mut |_| {}).and_then(|copy| copy.rules().map(|_| copy));
    let Some(mut copy) = drill.note("settings", opened, |_| "settings and rules can be read".into()) else { return };
    let same = if copy.list_uri == live.list_uri { Ok(()) } else { Err("of another authority") };
    if drill.note("authority", same, |()| "the same".into()).is_none() {
        return;
    }
    try_folder(live, &copy, drill);
    match copy.has_person_key() {
        Ok(false) => drill.skip("person key", "none was ever made"),
        _ => drop(drill.note("person key", copy.person_key(), |_| "the one that the register knows".into())),
    }
    check_witness(&mut copy, drill);
    drill.note("statuses", check_statuses(live, &copy), |count| {
        format!("{count} revoked or suspended, the same as now")
    });
    // What is tried from here on is nobody's to know.
    copy.leave_witness();
    match publish::publish(&mut copy, out, &[], Packing::Quick, now) {
        Err(PublishError::TooFewKeys { missing, .. }) => {
            drill.skip("publication", &format!("not tried: {missing} bundle keys are kept elsewhere"));
        }
        came => {
            let came = came.map_err(|error| error.to_string());
            drill.note("publication", came, |_| "tills would accept one".into());
        }
    }
}

/// What is copied is what an authority reads, and no more.
fn copy_folder(from: &Path, to: &Path, files: &[PathBuf]) -> Result<(), FileError> {
    let io = |path: &Path, error| FileError::of(path, error);
    for folder in [to, &to.join("keys"), &to.join("roots")] {
        greenlit_files::make_private_folder(folder).map_err(|error| io(folder, error))?;
    }
    let top = files.iter().cloned().chain(BESIDE.map(PathBuf::from));
    let mut all: Vec<PathBuf> = top.filter(|name| from.join(name).is_file()).collect();
    for folder in ["keys", "roots", schemes::FOLDER] {
        if !from.join(folder).is_dir() {
            continue;
        }
        for entry in fs::read_dir(from.join(folder)).map_err(|error| io(&from.join(folder), error))? {
            let name = Path::new(folder).join(entry.map_err(|error| io(from, error))?.file_name());
            if from.join(&name).is_file() {
                all.push(name);
            }
        }
    }
    for name in all {
        let (from, to) = (from.join(&name), to.join(&name));
        if let Some(folder) = to.parent() {
            greenlit_files::make_private_folder(folder).map_err(|error| io(folder, error))?;
        }
        fs::copy(&from, &to).map_err(|error| io(&from, error))?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(&to, fs::Permissions::from_mode(0o600)).map_err(|error| io(&to, error))?;
        }
    }
    Ok(())
}

/// Every private key that the authority has at hand now is in the backup, and no other in its place.
fn check_keys(live: &Authority, copy: &Authority) -> Result<usize, String> {
    let records = live.register().keys().map_err(|error| error.to_string())?;
    let old = copy.register().keys().map_err(|error| error.to_string())?;
    let mut count = 0;
    for record in &records {
        if live.private_key(record).is_err() {
            continue;
        }
        copy.private_key(record).map_err(|error| match error {
            AuthorityError::File(FileError::NotFound(_)) => {
                format!("keys/{} is missing, the {} key {}", record.file, record.role, record.kid())
            }
            other => other.to_string(),
        })?;
        count += 1;
    }
    let known: BTreeSet<_> = records.iter().map(KeyRecord::kid).collect();
    match old.iter().find(|record| !known.contains(&record.kid())) {
        Some(stranger) => Err(format!("knows a key that the authority does not: {}", stranger.kid())),
        None => Ok(count),
    }
}

fn check_roots(live: &Authority, copy: &Authority) -> Result<usize, String> {
    let [now, then] = [live, copy].map(|one| one.roots().map_err(|error| error.to_string()));
    let (now, then) = (now?, then?);
    let fits =
        |(now, then): (&greenlit_core::trust::Root, &greenlit_core::trust::Root)| now.as_bytes() == then.as_bytes();
    if !now.iter().zip(&then).all(fits) {
        return Err("not those of the authority".into());
    }
    if then.len() < now.len() { Err(format!("root {} is missing", then.len() + 1)) } else { Ok(then.len()) }
}

fn check_witness(copy: &mut Authority, drill: &mut Drill) {
    let lacking = match copy.lacking() {
        Ok(Some(lacking)) => Ok(lacking),
        Ok(None) => return drill.skip("witness", "there is none, so what the backup lacks cannot be known"),
        Err(error) => Err(error.to_string()),
    };
    let completed = lacking.and_then(|lacking| match lacking.entries {
        0 => Ok(lacking),
        _ => copy.replay().map(|_| lacking).map_err(|error| error.to_string()),
    });
    drill.note("witness", completed, |Lacking { entries, since, issued, changed }| {
        if *entries == 0 {
            return "lacks nothing".into();
        }
        let since = since.map_or(String::new(), |since| format!(" since {since}"));
        format!("complete after replay of {entries} entries{since}: {issued} passes, {changed} status changes")
    });
}

/// Those of the copy are those of now.
fn check_statuses(live: &Authority, copy: &Authority) -> Result<usize, String> {
    let lists = live.register().lists().map_err(|error| error.to_string())?;
    let mut count = 0;
    for list in lists {
        let of = |one: &Authority| one.register().changed_statuses(list.id).map_err(|error| error.to_string());
        let (mut now, mut then) = (of(live)?, of(copy)?);
        now.sort_unstable_by_key(|(index, _)| *index);
        then.sort_unstable_by_key(|(index, _)| *index);
        if now != then {
            let (now, then) = (now.len(), then.len());
            return Err(format!("status list {} has {then} revoked or suspended passes, and now {now}", list.id));
        }
        count += now.len();
    }
    Ok(count)
}
