//! `greenlit-issuer init`: a new authority.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use unicode_normalization::UnicodeNormalization;

use crate::authority::TimeOf;
use crate::cli::passphrase::{for_new_keys, passphrases};
use crate::cli::{DatabaseFiles, Outcome, now};
use crate::init::{AuthoritySpec, LIST_SIZE, make};
use crate::policy::SECOND_WORD_ABOVE;

/// Create a new authority: keys, first root, starting rules and an empty register.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Folder to create for the authority.
    folder: PathBuf,
    /// Name of the authority.
    #[arg(long)]
    name: String,
    /// Region, for example RU-BA.
    #[arg(long)]
    region: String,
    /// Number of root keys.
    #[arg(long, default_value_t = 3)]
    roots: usize,
    /// Number of root keys that must sign a root.
    #[arg(long, default_value_t = 2)]
    threshold: u64,
    /// Number of bundle keys.
    #[arg(long, default_value_t = 1)]
    bundle_keys: usize,
    /// Number of bundle keys that must sign each publication.
    #[arg(long, default_value_t = 1)]
    bundle_threshold: u64,
    /// Time zone of the region, for example Asia/Yekaterinburg; known for Russian regions.
    #[arg(long, value_name = "ZONE", conflicts_with = "utc_offset")]
    time_zone: Option<String>,
    /// Offset from UTC to use instead of a time zone, for example +05:00.
    #[arg(long, value_name = "OFFSET", allow_hyphen_values = true)]
    utc_offset: Option<String>,
    /// Encrypt the private keys with a passphrase, which is asked for; or read from --passphrase-file.
    #[arg(long)]
    encrypt: bool,
    /// Never ask for a second operator's word: for an authority that one person runs.
    #[arg(long)]
    one_operator: bool,
    /// PostgreSQL database for the register, as postgresql://USER@HOST/DATABASE, instead of a file in the folder.
    #[arg(long, value_name = "URL")]
    register: Option<String>,
    #[command(flatten)]
    files: DatabaseFiles,
}

pub(crate) fn run(args: &Args) -> Outcome {
    if args.register.is_none() && args.files.any() {
        return Err("--register-password-file and --register-ca need --register".into());
    }
    // One name serves for its script's language; more can be written into authority.toml.
    let cyrillic = args.name.chars().any(|c| ('\u{0400}'..='\u{052F}').contains(&c));
    let language = if cyrillic { "ru" } else { "en" };
    let spec = AuthoritySpec {
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
        passphrase: for_new_keys(&passphrases(), args.encrypt)?,
        second_word_above: (!args.one_operator).then_some(SECOND_WORD_ABOVE),
        register: args.register.as_ref().map(|url| args.files.with(url)),
    };
    let root = make(&args.folder, spec, now())?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "created {} with root 1, valid until {}", args.folder.display(), root.expires)?;
    writeln!(out, "  fingerprint {}", root.fingerprint())?;
    if !args.one_operator {
        writeln!(
            out,
            "revoking more than {SECOND_WORD_ABOVE} passes a day, or a key, takes a second operator (authority.toml)"
        )?;
    }
    writeln!(out, "move keys/root-*.pem to a USB stick in a safe: they are not needed for daily work")?;
    Ok(ExitCode::SUCCESS)
}
