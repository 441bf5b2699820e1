//! `greenlit-issuer inspect`: what a pass, root, bundle or status list says, and whether it holds.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::{Proposal, ProposalError};
use greenlit_core::key::{KeyId, PublicKey};
use greenlit_core::pass::{PREFIX, Pass, SignedPass};
use greenlit_core::publication::{BUNDLE_FILE, root_file};
use greenlit_core::status::StatusToken;
use greenlit_core::trust::{Bundle, KeySet, Root, TrustState, limits};
use greenlit_core::verify::Verified;
use greenlit_files::{FileError, Symlinks, read_limited};

use crate::cli::{Outcome, now};

/// Tells what a pass, a root, a proposal of one, trust data or a status list says, and whether its signatures hold.
///
/// A pass is judged as a till with that data would judge it now.
///
/// Exit status: 0 if it holds, 1 if not or if there is nothing to check it against, 2 if something went wrong.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// A file (root-1.cbor, a proposal, trust.cbor, status-1.cwt, a picture of a pass), or the text of a pass.
    #[arg(value_name = "FILE|TEXT")]
    what: String,
    /// The published folder to check it against, instead of the one the file is in.
    #[arg(long, value_name = "DIR")]
    with: Option<PathBuf>,
}

/// What was given is none of Greenlit's.
#[derive(Debug, thiserror::Error)]
#[error("{0}: neither a pass, a root, a proposal of one, trust data nor a status list")]
struct Unknown(String);

pub(crate) fn run(args: &Args) -> Outcome {
    let mut out = io::stdout().lock();
    if args.what.starts_with("GL") && args.what.contains(':') && !Path::new(&args.what).exists() {
        return pass(&mut out, args.what.as_bytes(), args.with.as_deref());
    }
    let path = Path::new(&args.what);
    let bytes = read_limited(path, limits::MAX_LIST_BYTES, Symlinks::Follow)?;
    let folder = args.with.as_deref().or(path.parent()).unwrap_or(Path::new("."));
    if bytes.starts_with(PREFIX.as_bytes()) {
        let text = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
        return pass(&mut out, text, args.with.as_deref());
    }
    match bytes.first() {
        // Tag 98, COSE_Sign: a root or a bundle. Only a root's body has ten fields.
        Some(0xd8) => match Root::verify_anchor(&bytes) {
            Ok(root) => show_root(&mut out, &root),
            Err(not_a_root) => bundle(&mut out, &bytes, folder, &not_a_root.to_string()),
        },
        Some(0xd2) => list(&mut out, &bytes, folder),
        // An array of three: a proposal of a root.
        Some(0x83) => match Proposal::parse(&bytes) {
            Ok(proposal) => proposed(&mut out, &proposal),
            Err(ProposalError::NotAProposal) => Err(Unknown(path.display().to_string()).into()),
            Err(error) => verdict(&mut out, Err(format!("as a proposal of a root it {error}"))),
        },
        _ => picture(&mut out, path, args.with.as_deref()),
    }
}

fn picture(out: &mut impl Write, path: &Path, with: Option<&Path>) -> Outcome {
    let frame = greenlit_camera::picture::read(path).map_err(|error| match error {
        greenlit_camera::picture::PictureError::NotAPicture(path) => {
            Box::new(Unknown(path)) as Box<dyn std::error::Error>
        }
        other => other.into(),
    })?;
    let reading = greenlit_qr::read(&frame, std::time::Duration::from_secs(5));
    match reading.symbols.iter().map(|symbol| &symbol.payload).find(|payload| payload.starts_with(b"GL")) {
        Some(text) => pass(out, text, with),
        None => Err(Unknown(path.display().to_string()).into()),
    }
}

fn pass(out: &mut impl Write, text: &[u8], with: Option<&Path>) -> Outcome {
    let signed = match SignedPass::parse(text) {
        Ok(signed) => signed,
        Err(error) => return verdict(out, Err(format!("not a well-formed pass: {error}"))),
    };
    let (says, unknown) = signed.unverified();
    writeln!(out, "pass of {} characters, signed by {}", text.len(), signed.kid())?;
    write_pass(out, says)?;
    if let Some(unknown) = unknown {
        writeln!(out, "  and something this version does not know: {unknown:?}")?;
    }
    let Some(folder) = with else {
        writeln!(out, "not checked: give the published folder with --with")?;
        return Ok(ExitCode::from(1));
    };
    let trust = verify_against(folder)?;
    match greenlit_core::verify::verify(&signed, &trust, now()) {
        Ok(Verified::Pass(_)) => verdict(out, Ok("a till with this data would call it valid now".into())),
        Ok(Verified::Specimen(_)) => verdict(out, Err("CLS, a genuine specimen, which no till calls valid".into())),
        Err(rejection) => verdict(out, Err(format!("{}, {rejection}", rejection.code()))),
    }
}

/// The trust data of a published folder, as a till that trusts its first root holds it.
fn verify_against(folder: &Path) -> Result<TrustState, Box<dyn std::error::Error>> {
    let first = read_limited(&folder.join(root_file(1)), limits::MAX_ROOT_BYTES, Symlinks::Follow)?;
    let anchor = Root::verify_anchor(&first)?;
    let made = anchor.issued;
    Ok(greenlit_sync::from_folder(folder, &TrustState::anchored(anchor, made))?.trust)
}

fn write_pass(out: &mut impl Write, pass: &Pass) -> io::Result<()> {
    writeln!(out, "  good from {} until {}", pass.nbf, pass.exp)?;
    writeln!(out, "  class {}", pass.class.0)?;
    if let Some(initials) = &pass.initials {
        writeln!(out, "  initials {initials}")?;
    }
    if let Some(birthday) = pass.birthday {
        writeln!(out, "  birthday {:02}-{:02} (month, day)", birthday.month(), birthday.day())?;
    }
    if let Some(document) = &pass.document {
        writeln!(out, "  document {:?} ending in {}", document.kind, document.last4)?;
    }
    match pass.status {
        Some(status) => writeln!(out, "  reference {}-{}", status.list, status.index),
        None => writeln!(out, "  no status: it cannot be revoked"),
    }
}

fn verdict(out: &mut impl Write, holds: Result<String, String>) -> Outcome {
    match holds {
        Ok(line) => {
            writeln!(out, "holds: {line}")?;
            Ok(ExitCode::SUCCESS)
        }
        Err(line) => {
            writeln!(out, "does not hold: {line}")?;
            Ok(ExitCode::from(1))
        }
    }
}

fn show_root(out: &mut impl Write, root: &Root) -> Outcome {
    let demo = if root.demo { " · DEMO" } else { "" };
    writeln!(out, "root {} of {} ({}){demo}", root.number, names(&root.authority), root.region)?;
    writeln!(out, "  made {}, expires {}", root.issued, root.expires)?;
    write_keys(out, "root", &root.root_keys)?;
    write_keys(out, "bundle", &root.bundle_keys)?;
    writeln!(out, "  fingerprint {}", root.fingerprint())?;
    verdict(out, Ok("signed by enough of its own keys".into()))
}

fn proposed(out: &mut impl Write, proposal: &Proposal) -> Outcome {
    show_proposal(out, proposal)?;
    match proposal.finish() {
        Ok(_) => verdict(out, Ok("enough have signed; `greenlit-issuer root finish` installs it".into())),
        Err(_) => verdict(out, Err("not enough have signed yet".into())),
    }
}

/// What the next root says, what it changes, and who has signed.
pub(crate) fn show_proposal(out: &mut impl Write, proposal: &Proposal) -> io::Result<()> {
    let (before, body) = (proposal.current_root(), proposal.body());
    let demo = if body.demo { " · DEMO" } else { "" };
    writeln!(out, "root {} of {} ({}){demo}", body.number, names(&body.authority), body.region)?;
    if body.authority != before.authority || body.region != before.region || body.demo != before.demo {
        let demo = if before.demo { " · DEMO" } else { "" };
        writeln!(out, "  CHANGED from {} ({}){demo}", names(&before.authority), before.region)?;
    }
    writeln!(
        out,
        "  made {}, expires {}; root {} expires {}",
        body.issued, body.expires, before.number, before.expires
    )?;
    for (role, old, new) in
        [("root", &before.root_keys, &body.root_keys), ("bundle", &before.bundle_keys, &body.bundle_keys)]
    {
        write_keys(out, role, new)?;
        let without = |keys: &KeySet, others: &KeySet| -> Vec<KeyId> {
            keys.keys().iter().filter(|key| !others.keys().contains(key)).map(PublicKey::id).collect()
        };
        without(new, old).iter().try_for_each(|kid| writeln!(out, "    added {kid}"))?;
        without(old, new).iter().try_for_each(|kid| writeln!(out, "    left out {kid}"))?;
        if new.threshold() != old.threshold() {
            writeln!(out, "    threshold {} before", old.threshold())?;
        }
    }
    writeln!(out, "  follows root {}, fingerprint {}", before.number, before.fingerprint())?;
    for role in proposal.signature_counts() {
        let waiting: Vec<String> = role.waiting.iter().map(KeyId::to_string).collect();
        let waiting = if waiting.is_empty() { String::new() } else { format!("; not yet {}", waiting.join(" ")) };
        writeln!(out, "  signed by {} of root {}'s keys, {} needed{waiting}", role.good, role.root, role.threshold)?;
    }
    Ok(())
}

fn write_keys(out: &mut impl Write, role: &str, set: &KeySet) -> io::Result<()> {
    let kids: Vec<String> = set.keys().iter().map(|key| key.id().to_string()).collect();
    writeln!(out, "  {} of {} {role} keys sign: {}", set.threshold(), kids.len(), kids.join(" "))
}

fn names(text: &greenlit_core::text::Text) -> String {
    text.iter().map(|(language, words)| format!("{words} [{language}]")).collect::<Vec<_>>().join(", ")
}

/// The newest root of a published folder, walked from the first one in it.
fn newest_root(folder: &Path) -> Result<Option<Root>, Box<dyn std::error::Error>> {
    let mut newest: Option<Root> = None;
    for number in 1.. {
        let bytes = match read_limited(&folder.join(root_file(number)), limits::MAX_ROOT_BYTES, Symlinks::Follow) {
            Ok(bytes) => bytes,
            Err(FileError::NotFound(_)) => break,
            Err(error) => return Err(error.into()),
        };
        newest = Some(match &newest {
            Some(root) => root.verify_next(&bytes)?,
            None => Root::verify_anchor(&bytes)?,
        });
    }
    Ok(newest)
}

fn open_bundle(folder: &Path) -> Result<Bundle, Box<dyn std::error::Error>> {
    let root = newest_root(folder)?.ok_or_else(|| FileError::NotFound(folder.join(root_file(1))))?;
    let bytes = read_limited(&folder.join(BUNDLE_FILE), limits::MAX_BUNDLE_BYTES, Symlinks::Follow)?;
    Ok(Bundle::open(&bytes, &root)?)
}

fn bundle(out: &mut impl Write, bytes: &[u8], folder: &Path, not_a_root: &str) -> Outcome {
    let Some(root) = newest_root(folder)? else {
        let line = format!("as a root it {not_a_root}; as trust data it needs its roots beside it, or --with");
        return verdict(out, Err(line));
    };
    let bundle = match Bundle::open(bytes, &root) {
        Ok(bundle) => bundle,
        Err(error) => return verdict(out, Err(format!("as a root it {not_a_root}; as trust data it {error}"))),
    };
    writeln!(out, "trust data version {} under root {}", bundle.version, bundle.root)?;
    writeln!(out, "  made {}, due for renewal {}, expires {}", bundle.issued, bundle.soft_expiry, bundle.hard_expiry)?;
    for issuer in &bundle.issuers {
        writeln!(out, "  issuer {} {} ({})", issuer.key.id(), names(&issuer.name), issuer.region)?;
        let classes: Vec<String> = issuer.classes.iter().map(|class| class.0.to_string()).collect();
        let days = issuer.longest / (24 * 3600);
        writeln!(
            out,
            "    passes from {} to {}, classes {}, {days} days at most",
            issuer.not_before,
            issuer.not_after,
            classes.join(" ")
        )?;
        if let Some(at) = issuer.revoked_at {
            writeln!(out, "    REVOKED at {at}")?;
        }
    }
    for rule in &bundle.rules {
        let sites: Vec<&str> = rule.sites.iter().map(|site| site.0.as_str()).collect();
        let amount = rule.amount.map(|amount| format!(" {amount}")).unwrap_or_default();
        writeln!(out, "  rule {}: {}{amount} at {}", rule.id, rule.kind.0, sites.join(" "))?;
    }
    for list in &bundle.lists {
        writeln!(out, "  list {}: {} entries of {} bits, {}", list.id, list.size, list.bits, list.uri)?;
    }
    verdict(out, Ok(format!("signed by enough of root {}'s bundle keys", root.number)))
}

fn list(out: &mut impl Write, bytes: &[u8], folder: &Path) -> Outcome {
    let envelope = greenlit_core::cose::Sign1::parse_lenient(bytes);
    let token = envelope.and_then(|envelope| StatusToken::parse(envelope.payload));
    let token = match token {
        Ok(token) => token,
        Err(error) => return verdict(out, Err(format!("not a well-formed status list: it {error}"))),
    };
    let uri: String = token.uri.chars().filter(|c| greenlit_core::text::is_printable(*c)).take(200).collect();
    writeln!(out, "status list {uri}")?;
    writeln!(out, "  made {}, {} bits an entry, {} bytes packed", token.issued, token.bits, token.zlib.len())?;
    let bundle = match open_bundle(folder) {
        Ok(bundle) => bundle,
        Err(error) => {
            writeln!(out, "not checked: {error}")?;
            return Ok(ExitCode::from(1));
        }
    };
    let Some(entry) = bundle.lists.iter().find(|entry| entry.uri == token.uri) else {
        return verdict(out, Err("the trust data names no such list".into()));
    };
    match greenlit_core::status::StatusList::open(bytes, entry) {
        Ok(list) => {
            let marked = (0..entry.size).filter(|index| list.get(*index, entry) != Some(0)).count();
            writeln!(out, "  {marked} of {} entries are revoked or suspended", entry.size)?;
            verdict(out, Ok("signed by the key that the trust data names".into()))
        }
        Err(error) => verdict(out, Err(format!("it {error}"))),
    }
}
