//! A new authority.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use greenlit_core::cbor::Malformed;
use greenlit_core::key::PublicKey;
use greenlit_core::publication::root_file;
use greenlit_core::text::Text;
use greenlit_core::time::UnixTime;
use greenlit_core::trust::{KeySet, KeySetError, Root, RootBody, limits};
use greenlit_files::{FileError, IfExists, make_private_folder, write_atomic};

use crate::authority::{AuthorityError, RegisterSetting, Settings, TimeOf, make_private_key, random};
use crate::passphrase::Passphrase;
use crate::policy::{ISSUER_LIFETIME, ROOT_LIFETIME};
use crate::register::{
    Database, KeyRecord, PostgresRegister, Register as _, RegisterError, Role, SqliteRegister, StatusListRecord,
    status_list_uri,
};
use crate::{PrivateKey, Zone, rules, sign_root};

/// Two bits an entry, so that a pass can be suspended; a list of a million is 256 KiB unpacked.
const LIST_BITS: u8 = 2;
pub(crate) const LIST_SIZE: u64 = 1 << 20;

/// Why there is no new authority.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum InitError {
    #[error("{}: already exists and is not empty; nothing was changed", .0.display())]
    NotEmpty(PathBuf),
    #[error(
        "invalid region \"{0}\": expected two capital letters, a dash and one to three letters or digits, as in RU-BA"
    )]
    Region(String),
    #[error("unknown time zone for {0}; specify it, as in --time-zone Asia/Yekaterinburg or --utc-offset +05:00")]
    NoZone(String),
    #[error("unknown time zone \"{0}\"; use an IANA name such as Asia/Yekaterinburg")]
    Zone(String),
    #[error("\"{0}\" is not an offset such as +05:00")]
    Offset(String),
    #[error("the name {}", in_a_sentence(.0))]
    Name(Malformed),
    #[error("invalid combination of --roots and --threshold: {0}")]
    Keys(#[from] KeySetError),
    #[error("invalid combination of --bundle-keys and --bundle-threshold: {0}")]
    BundleKeys(KeySetError),
    #[error("the first root would be invalid: it {0}")]
    Root(greenlit_core::trust::DocumentError),
    #[error(transparent)]
    Authority(#[from] AuthorityError),
}

/// Of a name that somebody gave, not of a document that has a field of that name.
fn in_a_sentence(wrong: &Malformed) -> String {
    match wrong {
        Malformed::Invalid { why, .. } => format!("is {why}"),
        other => other.to_string(),
    }
}

impl From<FileError> for InitError {
    fn from(error: FileError) -> Self {
        Self::Authority(error.into())
    }
}

impl From<RegisterError> for InitError {
    fn from(error: RegisterError) -> Self {
        Self::Authority(error.into())
    }
}

/// Who a new authority is.
pub struct AuthoritySpec {
    /// What it is called, by language.
    pub name: BTreeMap<String, String>,
    /// As in RU-BA.
    pub region: String,
    /// Number of root keys.
    pub roots: usize,
    /// Number of root keys that must sign a root.
    pub threshold: u64,
    /// Number of bundle keys.
    pub bundle_keys: usize,
    /// How many of them must sign a bundle.
    pub bundle_threshold: u64,
    /// The region's own where nothing is said.
    pub time: Option<TimeOf>,
    /// The classes that its issuer keys may sign.
    pub classes: Vec<u64>,
    /// How many passes a status list has room for.
    pub list_size: u64,
    /// For practice.
    pub demo: bool,
    /// What its private keys are encrypted with, if they are.
    pub passphrase: Option<Passphrase>,
    /// Above how many revocations by one operator in a day a second one is asked; never where there is none.
    pub second_word_above: Option<u64>,
    /// The database that the register is made in, instead of SQLite in the folder.
    pub register: Option<RegisterSetting>,
}

/// Makes the folder and all in it, or, on failure, leaves none behind.
pub fn make(folder: &Path, mut spec: AuthoritySpec, now: UnixTime) -> Result<Root, InitError> {
    let (time, zone) = check(&spec)?;
    spec.register = spec.register.map(RegisterSetting::absolute);
    let database = spec.register.as_ref().map(|setting| setting.database(folder)).transpose()?;
    let taken = std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
    if taken || (folder.exists() && !folder.is_dir()) {
        return Err(InitError::NotEmpty(folder.into()));
    }
    // Made beside its place and moved there whole: a command that is cut short leaves no half an
    // authority, and of two at once one wins.
    let name = folder.file_name().ok_or_else(|| InitError::NotEmpty(folder.into()))?;
    let name = name.to_string_lossy();
    remove_halves(folder, &name);
    let part = folder.with_file_name(format!(".{name}.{}.part", std::process::id()));
    let made = fill(&part, spec, time, &zone, database.as_ref(), now).and_then(|root| {
        let moved = std::fs::rename(&part, folder);
        if let (Err(_), Some(database)) = (&moved, &database) {
            PostgresRegister::discard_new(database);
        }
        match moved {
            Ok(()) => Ok(root),
            Err(_) if folder.exists() => Err(InitError::NotEmpty(folder.into())),
            Err(error) => Err(FileError::Io { path: folder.into(), error }.into()),
        }
    });
    if made.is_err() {
        // Only what this command itself has just put there.
        let _ = std::fs::remove_dir_all(&part);
    }
    made
}

/// Removes what was begun in this place by a command that is no more: there are private keys in it.
fn remove_halves(folder: &Path, name: &str) {
    let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let prefix = format!(".{name}.");
    for entry in std::fs::read_dir(parent).into_iter().flatten().flatten() {
        let found = entry.file_name();
        let process = found.to_str().and_then(|found| found.strip_prefix(&prefix)?.strip_suffix(".part"));
        if process.and_then(|process| process.parse().ok()).is_some_and(|process| !is_running(process)) {
            // What cannot be removed is somebody else's.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(unix)]
fn is_running(process: i32) -> bool {
    use rustix::process::{Pid, test_kill_process};
    Pid::from_raw(process).is_none_or(|process| test_kill_process(process) != Err(rustix::io::Errno::SRCH))
}

#[cfg(not(unix))]
fn is_running(_: i32) -> bool {
    true
}

fn check(spec: &AuthoritySpec) -> Result<(TimeOf, Zone), InitError> {
    let (country, part) = spec.region.split_once('-').unwrap_or_default();
    let plain = country.len() == 2
        && country.bytes().all(|b| b.is_ascii_uppercase())
        && (1..=3).contains(&part.len())
        && part.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    if !plain {
        return Err(InitError::Region(spec.region.clone()));
    }
    let own = || Zone::name_of_region(&spec.region).map(|name| TimeOf::Zone(name.into()));
    let time = spec.time.clone().or_else(own).ok_or_else(|| InitError::NoZone(spec.region.clone()))?;
    match (time.zone(), time) {
        (Some(zone), time) => Ok((time, zone)),
        (None, TimeOf::Zone(name)) => Err(InitError::Zone(name)),
        (None, TimeOf::Offset(text)) => Err(InitError::Offset(text)),
    }
}

/// The database's register comes last: what is in the folder alone is removed with it.
fn fill(
    folder: &Path,
    spec: AuthoritySpec,
    time: TimeOf,
    zone: &Zone,
    database: Option<&Database>,
    now: UnixTime,
) -> Result<Root, InitError> {
    let authority = Text::new("name", spec.name.clone()).map_err(InitError::Name)?;
    let keys_folder = folder.join("keys");
    for path in [folder, &keys_folder, &folder.join("roots")] {
        make_private_folder(path).map_err(|error| FileError::Io { path: path.into(), error })?;
    }
    let records = std::cell::RefCell::new(Vec::new());
    let day_start = zone.start_of_day(now).unwrap_or(now);
    let make = |role: Role, number: usize, life: u64| -> Result<PrivateKey, InitError> {
        let file = format!("{role}-{number}.pem");
        let key = make_private_key(&keys_folder.join(&file), spec.passphrase.as_ref())?;
        let record = KeyRecord::new(key.public().clone(), role, file, day_start, day_start.plus(life));
        records.borrow_mut().push(record);
        Ok(key)
    };
    // An absurd number is refused before that many keys are made.
    let absurd = |count: usize| (count == 0 || count > limits::MAX_KEYS).then_some(KeySetError::Count(count));
    absurd(spec.roots).map_or(Ok(()), Err)?;
    absurd(spec.bundle_keys).map_or(Ok(()), |error| Err(InitError::BundleKeys(error)))?;
    let root_keys: Vec<PrivateKey> =
        (1..=spec.roots).map(|n| make(Role::Root, n, ROOT_LIFETIME)).collect::<Result<_, _>>()?;
    let bundle_keys =
        (1..=spec.bundle_keys).map(|n| make(Role::Bundle, n, ROOT_LIFETIME).map(|key| key.public().clone()));
    let bundle_keys: Vec<PublicKey> = bundle_keys.collect::<Result<_, _>>()?;
    make(Role::Issuer, 1, ISSUER_LIFETIME)?;
    make(Role::List, 1, ROOT_LIFETIME)?;
    let body = RootBody {
        number: 1,
        issued: now,
        expires: now.plus(ROOT_LIFETIME),
        authority,
        region: spec.region.clone(),
        root_keys: KeySet::new(root_keys.iter().map(|key| key.public().clone()).collect(), spec.threshold)?,
        bundle_keys: KeySet::new(bundle_keys, spec.bundle_threshold).map_err(InitError::BundleKeys)?,
        demo: spec.demo,
    };
    // As many signatures as are needed and no more: each one is weight in every till.
    let signers: Vec<&PrivateKey> = root_keys.iter().take(body.root_keys.threshold()).collect();
    let root = Root::verify_anchor(&sign_root(&body, &signers)).map_err(InitError::Root)?;
    write_atomic(&folder.join("roots").join(root_file(1)), root.as_bytes(), 0o644, IfExists::Keep)?;
    write_atomic(&folder.join(rules::FILE_NAME), rules::STARTING_RULES.as_bytes(), 0o644, IfExists::Keep)?;
    let list_uri = format!("urn:greenlit:{}:{}", spec.region.to_lowercase(), hex::encode(&random()?[..8]));
    let (uri, size) = (status_list_uri(&list_uri, 1), spec.list_size);
    let list = StatusListRecord { id: 1, uri, bits: LIST_BITS, size };
    let (time_zone, utc_offset) = time.into_settings();
    let settings = Settings {
        name: spec.name,
        region: spec.region,
        time_zone,
        utc_offset,
        classes: spec.classes,
        list_uri,
        demo: spec.demo,
        witness: None,
        pkcs11_module: None,
        pkcs11_pin_file: None,
        second_word_above: spec.second_word_above,
        erase_after_days: None,
        register: spec.register.as_ref().map(|setting| setting.url.clone()),
        register_password_file: spec.register.as_ref().and_then(|setting| setting.password_file.clone()),
        register_ca: spec.register.and_then(|setting| setting.ca),
        desk: None,
    };
    settings.write(folder)?;
    match database {
        None => SqliteRegister::create(folder)?.initialize(&records.into_inner(), &list)?,
        Some(database) => {
            let entered = PostgresRegister::create(database)?.initialize(&records.into_inner(), &list);
            entered.inspect_err(|_| PostgresRegister::discard_new(database))?;
        }
    }
    Ok(root)
}
