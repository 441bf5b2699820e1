//! `greenlit-issuer init`: a new authority.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use unicode_normalization::UnicodeNormalization;

use crate::authority::TimeOf;
use crate::cli::{Outcome, now};
use crate::init::{AuthoritySpec, LIST_SIZE, make};

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

pub(crate) fn run(args: &Args) -> Outcome {
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
    };
    let root = make(&args.folder, spec, now())?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "made {} with root 1, good until {}", args.folder.display(), root.expires)?;
    writeln!(out, "  fingerprint {}", root.fingerprint())?;
    writeln!(out, "move keys/root-*.pem to a stick in a safe: daily work does not need them")?;
    Ok(ExitCode::SUCCESS)
}
