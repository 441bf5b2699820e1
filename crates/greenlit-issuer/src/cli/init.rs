//! `greenlit-issuer init`: a new authority.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use unicode_normalization::UnicodeNormalization;

use crate::{PrivateKey, Zone, sign_root};
use greenlit_core::cbor::Malformed;
use greenlit_core::key::PublicKey;
use greenlit_core::publication::root_file;
use greenlit_core::text::Text;
use greenlit_core::time::UnixTime;
use greenlit_core::trust::{KeySet, KeySetError, Root, RootBody, limits};
use greenlit_files::{FileError, IfExists, make_private_folder, write_atomic};

use crate::cli::authority::{AuthorityError, Settings, TimeOf, make_private_key, random};
use crate::cli::register::{KeyRow, ListRow, Register, RegisterError, insert_key, insert_list};
use crate::cli::rules;
use crate::cli::{Outcome, now};
use crate::policy::{ISSUER_LIFETIME, ROOT_LIFETIME};

/// Two bits an entry, so that a pass can be suspended; a list of a million is 256 KiB unpacked.
const LIST_BITS: u8 = 2;
const LIST_SIZE: u64 = 1 << 20;

/// Makes a new authority: keys, the first root, starting rules, an empty register.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The authority's folder, to be made.
    folder: PathBuf,
    /// What the authority is called.
    #[arg(long)]
    name: String,
    /// Its region, as in RU-BA.
    #[arg(long)]
    region: String,
    /// How many root keys there are.
    #[arg(long, default_value_t = 3)]
    roots: usize,
    /// How many of them must sign a root.
    #[arg(long, default_value_t = 2)]
    threshold: u64,
    /// How many bundle keys there are.
    #[arg(long, default_value_t = 1)]
    bundle_keys: usize,
    /// How many of them must sign what is published.
    #[arg(long, default_value_t = 1)]
    bundle_threshold: u64,
    /// The region's time zone, as in Asia/Yekaterinburg; known for Russian regions.
    #[arg(long, value_name = "ZONE", conflicts_with = "utc_offset")]
    time_zone: Option<String>,
    /// Instead of a time zone: the region's offset from UTC, as in +05:00.
    #[arg(long, value_name = "OFFSET", allow_hyphen_values = true)]
    utc_offset: Option<String>,
}

/// Why there is no new authority.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub(crate) enum InitError {
    #[error("{}: is there already and not empty; nothing was changed", .0.display())]
    NotEmpty(PathBuf),
    #[error("the region \"{0}\" is not as in RU-BA: two capital letters, a dash, one to three letters or digits")]
    Region(String),
    #[error(
        "the time zone of {0} is not known; give it as in --time-zone Asia/Yekaterinburg, or its offset from UTC as in --utc-offset +05:00"
    )]
    NoZone(String),
    #[error("\"{0}\" is no time zone of the IANA database, as Asia/Yekaterinburg is")]
    Zone(String),
    #[error("\"{0}\" is not an offset as in +05:00")]
    Offset(String),
    #[error("the {0}")]
    Name(Malformed),
    #[error("--roots and --threshold do not go together: {0}")]
    Keys(#[from] KeySetError),
    #[error("--bundle-keys and --bundle-threshold do not go together: {0}")]
    BundleKeys(KeySetError),
    #[error("the first root would not hold: it {0}")]
    Root(greenlit_core::trust::DocumentError),
    #[error(transparent)]
    Authority(#[from] AuthorityError),
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
pub(crate) struct Plan {
    pub(crate) name: BTreeMap<String, String>,
    pub(crate) region: String,
    pub(crate) roots: usize,
    pub(crate) threshold: u64,
    pub(crate) bundle_keys: usize,
    pub(crate) bundle_threshold: u64,
    /// The region's own where nothing is said.
    pub(crate) time: Option<TimeOf>,
    pub(crate) classes: Vec<u64>,
    pub(crate) list_size: u64,
    pub(crate) demo: bool,
}

pub(crate) fn run(args: &Args) -> Outcome {
    // One name serves for its script's language; more can be written into authority.toml.
    let cyrillic = args.name.chars().any(|c| ('\u{0400}'..='\u{052F}').contains(&c));
    let language = if cyrillic { "ru" } else { "en" };
    let plan = Plan {
        name: BTreeMap::from([(language.to_owned(), args.name.nfc().collect())]),
        region: args.region.clone(),
        roots: args.roots,
        threshold: args.threshold,
        bundle_keys: args.bundle_keys,
        bundle_threshold: args.bundle_threshold,
        time: args.time_zone.clone().map(TimeOf::Zone).or(args.utc_offset.clone().map(TimeOf::Offset)),
        classes: vec![1, 2],
        list_size: LIST_SIZE,
        demo: false,
    };
    let root = make(&args.folder, plan, now())?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "made {} with root 1, good until {}", args.folder.display(), root.expires)?;
    writeln!(out, "  fingerprint {}", root.fingerprint())?;
    writeln!(out, "move keys/root-*.pem to a stick in a safe: daily work does not need them")?;
    Ok(ExitCode::SUCCESS)
}

/// Makes the folder and all in it, or, on failure, leaves none behind.
pub(crate) fn make(folder: &Path, plan: Plan, now: UnixTime) -> Result<Root, InitError> {
    let (time, zone) = check(&plan)?;
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
    let made = fill(&part, plan, time, &zone, now).and_then(|root| match std::fs::rename(&part, folder) {
        Ok(()) => Ok(root),
        Err(_) if folder.exists() => Err(InitError::NotEmpty(folder.into())),
        Err(error) => Err(FileError::Io { path: folder.into(), error }.into()),
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

fn check(plan: &Plan) -> Result<(TimeOf, Zone), InitError> {
    let (country, part) = plan.region.split_once('-').unwrap_or_default();
    let plain = country.len() == 2
        && country.bytes().all(|b| b.is_ascii_uppercase())
        && (1..=3).contains(&part.len())
        && part.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    if !plain {
        return Err(InitError::Region(plan.region.clone()));
    }
    let own = || Zone::name_of_region(&plan.region).map(|name| TimeOf::Zone(name.into()));
    let time = plan.time.clone().or_else(own).ok_or_else(|| InitError::NoZone(plan.region.clone()))?;
    match (time.zone(), time) {
        (Some(zone), time) => Ok((time, zone)),
        (None, TimeOf::Zone(name)) => Err(InitError::Zone(name)),
        (None, TimeOf::Offset(text)) => Err(InitError::Offset(text)),
    }
}

fn fill(folder: &Path, plan: Plan, time: TimeOf, zone: &Zone, now: UnixTime) -> Result<Root, InitError> {
    let authority = Text::new("name", plan.name.clone()).map_err(InitError::Name)?;
    let keys_folder = folder.join("keys");
    for path in [folder, &keys_folder, &folder.join("roots")] {
        make_private_folder(path).map_err(|error| FileError::Io { path: path.into(), error })?;
    }
    let rows = std::cell::RefCell::new(Vec::new());
    let day_start = zone.start_of_day(now).unwrap_or(now);
    let make = |role: &str, number: usize, life: u64| -> Result<PrivateKey, InitError> {
        let file = format!("{role}-{number}.pem");
        let key = make_private_key(&keys_folder.join(&file))?;
        rows.borrow_mut().push(key_row(key.public(), role, file, day_start, day_start.plus(life)));
        Ok(key)
    };
    // An absurd number is refused before that many keys are made.
    let absurd = |count: usize| (count == 0 || count > limits::MAX_KEYS).then_some(KeySetError::Count(count));
    absurd(plan.roots).map_or(Ok(()), Err)?;
    absurd(plan.bundle_keys).map_or(Ok(()), |error| Err(InitError::BundleKeys(error)))?;
    let root_keys: Vec<PrivateKey> =
        (1..=plan.roots).map(|n| make("root", n, ROOT_LIFETIME)).collect::<Result<_, _>>()?;
    let bundle_keys = (1..=plan.bundle_keys).map(|n| make("bundle", n, ROOT_LIFETIME).map(|key| key.public().clone()));
    let bundle_keys: Vec<PublicKey> = bundle_keys.collect::<Result<_, _>>()?;
    make("issuer", 1, ISSUER_LIFETIME)?;
    make("list", 1, ROOT_LIFETIME)?;
    let body = RootBody {
        number: 1,
        issued: now,
        expires: now.plus(ROOT_LIFETIME),
        authority,
        region: plan.region.clone(),
        root_keys: KeySet::new(root_keys.iter().map(|key| key.public().clone()).collect(), plan.threshold)?,
        bundle_keys: KeySet::new(bundle_keys, plan.bundle_threshold).map_err(InitError::BundleKeys)?,
        demo: plan.demo,
    };
    // As many signatures as are needed and no more: each one is weight in every till.
    let signers: Vec<&PrivateKey> = root_keys.iter().take(body.root_keys.threshold()).collect();
    let root = Root::verify_anchor(&sign_root(&body, &signers)).map_err(InitError::Root)?;
    write_atomic(&folder.join("roots").join(root_file(1)), root.as_bytes(), 0o644, IfExists::Keep)?;
    write_atomic(&folder.join(rules::FILE_NAME), rules::STARTING_RULES.as_bytes(), 0o644, IfExists::Keep)?;
    let list_uri = format!("urn:greenlit:{}:{}", plan.region.to_lowercase(), hex::encode(&random()?[..8]));
    let list =
        ListRow { id: 1, uri: format!("{list_uri}:status:1"), bits: LIST_BITS, size: plan.list_size, next_row: 0 };
    let mut register = Register::create(folder)?;
    let rows = rows.into_inner();
    register.change(|transaction| {
        rows.iter().try_for_each(|row| insert_key(transaction, row))?;
        insert_list(transaction, &list)
    })?;
    let (time_zone, utc_offset) = time.into_settings();
    let settings = Settings {
        name: plan.name,
        region: plan.region,
        time_zone,
        utc_offset,
        classes: plan.classes,
        list_uri,
        demo: plan.demo,
        witness: None,
    };
    settings.write(folder)?;
    Ok(root)
}

/// A register's row for a new key.
pub(crate) fn key_row(public: &PublicKey, role: &str, file: String, from: UnixTime, until: UnixTime) -> KeyRow {
    KeyRow {
        kid: public.id().to_string(),
        role: role.into(),
        file,
        public: *public.as_bytes(),
        not_before: from,
        not_after: until,
        published_at: None,
        retired_at: None,
        revoked_at: None,
    }
}
