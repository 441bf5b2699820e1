//! `greenlit-issuer schemes`: whose passes tills are to take besides the authority's own.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use greenlit_core::scheme::Scheme;
use greenlit_core::time::UnixTime;
use greenlit_core::trust::KeyListBody;

use crate::cli::publish::counted;
use crate::cli::{Outcome, agreed, now, open, tell};
use crate::publish;
use crate::schemes::{self, Ages, Draft, KeyCounts, KeyIdSetting, KeySource, LeftOut, Request, Wanted, Why};

/// So many keys, and so many things that are left out, are shown where not all are asked for.
const SHOWN: usize = 20;

/// Take passes that others issue: import their keys, list or remove what was imported.
///
/// Tills trust only what is imported here and published, and a pass gives only what schemes/rules.toml says.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    Import(Box<ImportArgs>),
    List(ListArgs),
    Remove(RemoveArgs),
}

/// Import the keys that a scheme's passes are signed by, as a list of their own.
///
/// Shows what the list would hold and what is left out, and at a terminal asks. Tills get it with the next `publish`.
/// Exit status: 1 if the answer was no, 2 on error.
#[derive(clap::Args)]
struct ImportArgs {
    /// The authority's folder.
    folder: PathBuf,
    /// Whose passes: pretix, hcert, claim169, aadhaar or 2d-doc.
    #[arg(long, value_parser = scheme)]
    scheme: Scheme,
    /// Files, or folders of them: certificates and public keys (PEM, DER), JWK, DID documents, COSE keys, the EU's trust
    /// list, France's trusted list, pretix's keys of an event.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Number of the list that it replaces, or "new" for another list of the scheme.
    #[arg(long, value_name = "NUMBER")]
    list: Option<Wanted>,
    /// Whose keys they are, as rules name them, instead of what the files say.
    #[arg(long, value_name = "ID")]
    issuer: Option<String>,
    /// What staff read of the issuer, by language: --name en="Summer festival". May be repeated.
    #[arg(long, value_name = "LANGUAGE=NAME", value_parser = language_and_name)]
    name: Vec<(String, String)>,
    /// What passes call the key: letters, hex:DIGITS, or none.
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    key_id: Option<KeyIdSetting>,
    /// Tickets of pretix that were called back: their texts or seeds, a line each or in JSON. May be repeated.
    #[arg(long, value_name = "FILE")]
    revoked: Vec<PathBuf>,
    /// Take certificates of health certificates that have expired, too.
    #[arg(long)]
    expired: bool,
    /// When the files were fetched, if not just now: 2026-11-28T09:00:00Z.
    #[arg(long, value_name = "TIME", value_parser = UnixTime::parse_rfc3339)]
    fetched: Option<UnixTime>,
    /// Days until the list may lack a newer key; then an unknown key is no longer the guest's fault.
    #[arg(long, value_name = "DAYS")]
    soft_age_days: Option<u64>,
    /// Days until tills no longer judge by it.
    #[arg(long, value_name = "DAYS")]
    hard_age_days: Option<u64>,
    /// Show every key and everything that is left out.
    #[arg(long)]
    all: bool,
    /// Import without asking at the terminal.
    #[arg(long)]
    yes: bool,
    /// Show what would be imported, and import nothing.
    #[arg(long)]
    dry_run: bool,
}

/// List what was imported.
#[derive(clap::Args)]
struct ListArgs {
    /// The authority's folder.
    folder: PathBuf,
    /// Show every key.
    #[arg(long)]
    all: bool,
}

/// Remove a list of keys. After the next `publish`, tills take none of its passes any more.
///
/// Exit status: 1 if the answer was no, 2 on error.
#[derive(clap::Args)]
struct RemoveArgs {
    /// The authority's folder.
    folder: PathBuf,
    /// Number of the list, as `schemes list` shows it.
    #[arg(value_name = "NUMBER", value_parser = list_number)]
    id: u64,
    /// Remove without asking at the terminal.
    #[arg(long)]
    yes: bool,
}

fn list_number(text: &str) -> Result<u64, &'static str> {
    text.parse().map_err(|_| "not the number of a list, as `greenlit-issuer schemes list` shows it")
}

fn scheme(text: &str) -> Result<Scheme, String> {
    let known = || Scheme::ALL.map(Scheme::as_str).join(", ");
    Scheme::parse(text).ok_or_else(|| format!("known are {}", known()))
}

fn language_and_name(text: &str) -> Result<(String, String), &'static str> {
    let (language, name) = text.split_once('=').ok_or("not a language and a name, as in en=\"Summer festival\"")?;
    Ok((language.to_owned(), name.to_owned()))
}

pub(crate) fn run(args: &Args) -> Outcome {
    match &args.action {
        Action::Import(args) => import(args),
        Action::List(args) => list(args),
        Action::Remove(args) => remove(args),
    }
}

fn import(args: &ImportArgs) -> Outcome {
    let (authority, now) = (open(&args.folder)?, now());
    let sources = schemes::read(authority.folder())?.unwrap_or_default();
    let id = schemes::number(&sources, args.scheme, args.list.unwrap_or(Wanted::Only))?;
    let held = sources.iter().find(|source| source.id == id);
    let fetched = args.fetched.unwrap_or(now);
    if fetched > now {
        return Err(format!("--fetched {fetched} is in the future").into());
    }
    let ages = held.map_or(Ages::of(args.scheme), |held| held.ages);
    let ages = Ages {
        soft_days: args.soft_age_days.unwrap_or(ages.soft_days),
        hard_days: args.hard_age_days.unwrap_or(ages.hard_days),
    };
    ages.check()?;
    let draft = schemes::import(&Request {
        scheme: args.scheme,
        files: &args.files,
        revoked: &args.revoked,
        issuer: args.issuer.as_deref(),
        names: &args.name,
        key_id: args.key_id.as_ref(),
        expired: args.expired,
        replaces: held.map(|held| &held.body),
        now,
    })?;
    let most = if args.all { usize::MAX } else { SHOWN };
    print_draft(id, &draft, held, most)?;
    let source = schemes::source(id, draft.body, fetched, ages)?;
    if args.scheme == Scheme::Aadhaar {
        tell("greenlit-issuer: India asks whoever verifies Aadhaar to register with UIDAI; see docs/authority.md");
    }
    if args.dry_run {
        return Ok(ExitCode::SUCCESS);
    }
    if !agreed("Import", args.yes)? {
        tell("nothing was imported");
        return Ok(ExitCode::from(1));
    }
    let _alone = publish::lock(&authority)?;
    schemes::store(authority.folder(), &source)?;
    let keys = source.body.keys.len();
    // A mistake in the rules is told by `publish`.
    let rules = schemes::read_rules(authority.folder(), &authority.zone, &[]).map(|rules| rules.rules);
    let next = match rules {
        Ok(rules) if rules.iter().all(|rule| rule.scheme != args.scheme) => {
            "say in schemes/rules.toml what its passes give, and publish"
        }
        _ => "publish to update the tills",
    };
    writeln!(std::io::stdout().lock(), "imported {keys} keys as list {id}; {next}")?;
    Ok(ExitCode::SUCCESS)
}

fn print_draft(id: u64, draft: &Draft, held: Option<&KeySource>, most: usize) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    let Draft { body, left_out, shared_ids } = draft;
    writeln!(out, "key list {id}: {}", summary(body))?;
    print_keys(&mut out, body, most)?;
    if *shared_ids > 0 {
        writeln!(out, "  {shared_ids} identifiers are those of several keys each; tills try them all")?;
    }
    // What stands there twice says little, and there may be much of it.
    let (again, others): (Vec<&LeftOut>, Vec<&LeftOut>) =
        left_out.iter().partition(|one| matches!(one.why, Why::Same(_)));
    if !others.is_empty() {
        writeln!(out, "left out: {}", others.len())?;
        for LeftOut { what, why } in others.iter().take(most) {
            writeln!(out, "  {what}: {why}")?;
        }
        print_more(&mut out, others.len(), most)?;
    }
    if !again.is_empty() {
        writeln!(out, "there again, and taken once: {}", again.len())?;
        for LeftOut { what, why } in again.iter().take(if most == SHOWN { 0 } else { most }) {
            writeln!(out, "  {what}: {why}")?;
        }
    }
    match held.map(|held| KeyCounts::between(&held.body, body)) {
        Some(same) if same == KeyCounts::default() && held.is_some_and(|held| held.body.issuers != body.issuers) => {
            writeln!(out, "the same keys as now, under other names")
        }
        Some(same) if same == KeyCounts::default() => writeln!(out, "the same as it is now"),
        Some(counts) => writeln!(out, "compared with what it is now: {}", counted(counts)),
        None => Ok(()),
    }
}

/// "pretix, 2 keys of festival-2026, 5 passes called back".
fn summary(body: &KeyListBody) -> String {
    let whose = match body.issuers.as_slice() {
        [(id, _)] => id.clone(),
        all => format!("{} issuers", all.len()),
    };
    let revoked = match body.revoked.len() {
        0 => String::new(),
        count => format!(", {count} passes called back"),
    };
    format!("{}, {} keys of {whose}{revoked}", body.scheme, body.keys.len())
}

fn print_keys(out: &mut impl Write, body: &KeyListBody, most: usize) -> std::io::Result<()> {
    for key in body.keys.iter().take(most) {
        writeln!(out, "  {}", schemes::key_line(key))?;
    }
    print_more(out, body.keys.len(), most)?;
    if body.keys.len() > most && body.issuers.len() > 1 {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        body.keys.iter().for_each(|key| *counts.entry(&key.issuer).or_default() += 1);
        let counts: Vec<String> = counts.iter().map(|(issuer, count)| format!("{issuer} {count}")).collect();
        writeln!(out, "  by issuer: {}", counts.join(", "))?;
    }
    Ok(())
}

fn print_more(out: &mut impl Write, all: usize, most: usize) -> std::io::Result<()> {
    match all.checked_sub(most) {
        Some(more @ 1..) => writeln!(out, "  and {more} more; --all shows them"),
        _ => Ok(()),
    }
}

fn list(args: &ListArgs) -> Outcome {
    let (authority, now) = (open(&args.folder)?, now());
    let Some(sources) = schemes::read(authority.folder())? else { return Ok(ExitCode::SUCCESS) };
    let rules = schemes::read_rules(authority.folder(), &authority.zone, &sources)?;
    let mut out = std::io::stdout().lock();
    for source in &sources {
        let entry = source.entry();
        let (soft, hard) = (entry.stale_at(), entry.unusable_at());
        let state = match now {
            now if now >= hard => format!("TOO OLD since {hard}"),
            now if now >= soft => format!("due since {soft}, judged by until {hard}"),
            _ => format!("due {soft}, judged by until {hard}"),
        };
        writeln!(out, "{:<3} {}", source.id, summary(&source.body))?;
        writeln!(out, "    fetched {}, {state}", source.fetched)?;
        let given = rules.rules.iter().filter(|rule| rule.scheme == source.body.scheme).map(|rule| rule.id.as_str());
        let given: Vec<&str> = given.collect();
        let given = if given.is_empty() { "none: its passes give nothing".to_owned() } else { given.join(", ") };
        writeln!(out, "    rules: {given}")?;
        if args.all {
            print_keys(&mut out, &source.body, usize::MAX)?;
        }
    }
    for unknown in &rules.unknown {
        tell(&format!("greenlit-issuer: {unknown}"));
    }
    Ok(ExitCode::SUCCESS)
}

fn remove(args: &RemoveArgs) -> Outcome {
    let authority = open(&args.folder)?;
    let sources = schemes::read(authority.folder())?.unwrap_or_default();
    if let Some(source) = sources.iter().find(|source| source.id == args.id) {
        writeln!(std::io::stdout().lock(), "key list {}: {}", source.id, summary(&source.body))?;
        if !agreed("Remove", args.yes)? {
            tell("nothing was removed");
            return Ok(ExitCode::from(1));
        }
    }
    let _alone = publish::lock(&authority)?;
    schemes::remove(authority.folder(), args.id)?;
    writeln!(
        std::io::stdout().lock(),
        "removed key list {}; publish, and tills take none of its passes any more",
        args.id
    )?;
    Ok(ExitCode::SUCCESS)
}
