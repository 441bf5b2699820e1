//! What a pass, root, proposal, bundle or status list says, and whether it holds.

mod schemes;

use std::path::Path;
use std::time::Duration;

use greenlit_camera::picture::{self, PictureError};
use greenlit_core::key::{KeyId, PublicKey};
use greenlit_core::pass::{PREFIX, Pass, SignedPass};
use greenlit_core::publication::{BUNDLE_FILE, root_file};
use greenlit_core::status::{StatusList, StatusToken};
use greenlit_core::time::UnixTime;
use greenlit_core::trust::{Bundle, DocumentError, KeySet, Root, SchemeBundle, TrustState, limits, root_code};
use greenlit_core::verify::{Verified, verify};
use greenlit_files::{FileError, Symlinks, read_limited};
use greenlit_sync::SyncError;

use crate::{Proposal, ProposalError};

const DAY: u64 = 24 * 3600;
/// How long a picture may be looked at.
const PICTURE_BUDGET: Duration = Duration::from_secs(5);
/// Longest address of an unsigned list that is shown, in characters.
const MAX_SHOWN_URI: usize = 200;

/// Why something could not be inspected.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum InspectError {
    #[error("{0}: not a pass, root, proposed root, trust data, key list or status list")]
    Unknown(String),
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Picture(PictureError),
    #[error(transparent)]
    Document(#[from] DocumentError),
    #[error(transparent)]
    Sync(#[from] SyncError),
}

type Result<T> = std::result::Result<T, InspectError>;

/// Whether what was inspected is to be believed, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// Its signatures hold; a pass is one that a till would call valid.
    Holds(String),
    /// It does not.
    DoesNotHold(String),
    /// There is nothing to check it against.
    NotChecked(String),
}

/// What was found.
#[derive(Debug)]
pub struct Inspection {
    /// What it says, line by line; nothing of it is vouched for by being here.
    pub says: Vec<String>,
    /// Whether it holds. What went wrong on the way may come after what it says.
    pub judgement: Result<Judgement>,
}

/// Looks into a file, or the text of a pass or of a root's code. It is checked against the published folder `with`, or else against what
/// lies beside it; a pass is judged as a till with that data would judge it now.
pub fn inspect(what: &str, with: Option<&Path>, now: UnixTime) -> Inspection {
    let mut says = Vec::new();
    let judgement = look_into(&mut says, what, with, now);
    Inspection { says, judgement }
}

fn look_into(out: &mut Vec<String>, what: &str, with: Option<&Path>, now: UnixTime) -> Result<Judgement> {
    let path = Path::new(what);
    if what.starts_with("GL") && what.contains(':') && !path.exists() {
        return code(out, what.as_bytes(), with, now);
    }
    let bytes = read_limited(path, limits::MAX_LIST_BYTES, Symlinks::Follow)?;
    let folder = with.or(path.parent()).unwrap_or(Path::new("."));
    if bytes.starts_with(PREFIX.as_bytes()) || root_code::is_meant(&bytes) {
        let text = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
        return code(out, text, with, now);
    }
    match bytes.first() {
        // Tag 98, COSE_Sign: a root or a bundle. Only a root's body has ten fields.
        Some(0xd8) => match Root::verify_anchor(&bytes) {
            Ok(root) => Ok(signed_root(out, &root)),
            Err(not_a_root) => bundle(out, &bytes, folder, &not_a_root.to_string()),
        },
        Some(0xd2) => list(out, &bytes, folder),
        // A map of three or four: a list of others' keys.
        Some(0xa3 | 0xa4) => schemes::key_list(out, &bytes, folder),
        // An array of three: a proposal of a root.
        Some(0x83) => match Proposal::parse(&bytes) {
            Ok(proposal) => Ok(proposed(out, &proposal)),
            Err(ProposalError::NotAProposal) => Err(InspectError::Unknown(path.display().to_string())),
            Err(error) => Ok(Judgement::DoesNotHold(format!("as a proposed root it {error}"))),
        },
        _ => picture(out, path, with, now),
    }
}

fn picture(out: &mut Vec<String>, path: &Path, with: Option<&Path>, now: UnixTime) -> Result<Judgement> {
    let frame = picture::read(path).map_err(|error| match error {
        PictureError::NotAPicture(path) => InspectError::Unknown(path),
        other => InspectError::Picture(other),
    })?;
    let reading = greenlit_qr::read(&frame, PICTURE_BUDGET);
    match reading.symbols.iter().map(|symbol| &symbol.payload).find(|payload| payload.starts_with(b"GL")) {
        Some(text) => code(out, text, with, now),
        None => Err(InspectError::Unknown(path.display().to_string())),
    }
}

fn code(out: &mut Vec<String>, text: &[u8], with: Option<&Path>, now: UnixTime) -> Result<Judgement> {
    if !root_code::is_meant(text) {
        return pass(out, text, with, now);
    }
    Ok(match root_code::read(text).map(|bytes| Root::verify_anchor(&bytes)) {
        Ok(Ok(root)) => signed_root(out, &root),
        Ok(Err(error)) => Judgement::DoesNotHold(format!("as a root it {error}")),
        Err(error) => Judgement::DoesNotHold(error.to_string()),
    })
}

fn signed_root(out: &mut Vec<String>, root: &Root) -> Judgement {
    describe_root(out, root);
    Judgement::Holds("enough of its own keys have signed".into())
}

fn pass(out: &mut Vec<String>, text: &[u8], with: Option<&Path>, now: UnixTime) -> Result<Judgement> {
    let signed = match SignedPass::parse(text) {
        Ok(signed) => signed,
        Err(error) => return Ok(Judgement::DoesNotHold(format!("not a well-formed pass: {error}"))),
    };
    let (says, unknown) = signed.unverified();
    out.push(format!("pass of {} characters, signed by {}", text.len(), signed.kid()));
    describe_pass(out, says);
    if let Some(unknown) = unknown {
        out.push(format!("  contains something this version does not support: {unknown:?}"));
    }
    let Some(folder) = with else {
        return Ok(Judgement::NotChecked("specify the published folder with --with".into()));
    };
    Ok(match verify(&signed, &published_trust(folder)?, now) {
        Ok(Verified::Pass(_)) => Judgement::Holds("a till with this data would accept it now".into()),
        Ok(Verified::Specimen(_)) => Judgement::DoesNotHold("CLS, a genuine specimen, which no till accepts".into()),
        Err(rejection) => Judgement::DoesNotHold(format!("{}, {rejection}", rejection.code())),
    })
}

/// The trust data of a published folder, as a till that trusts its first root holds it.
pub(crate) fn published_trust(folder: &Path) -> Result<TrustState> {
    let first = read_limited(&folder.join(root_file(1)), limits::MAX_ROOT_BYTES, Symlinks::Follow)?;
    let anchor = Root::verify_anchor(&first)?;
    let made = anchor.issued;
    Ok(greenlit_sync::from_folder(folder, &TrustState::anchored(anchor, made))?.trust)
}

fn describe_pass(out: &mut Vec<String>, pass: &Pass) {
    out.push(format!("  valid from {} until {}", pass.nbf, pass.exp));
    out.push(format!("  class {}", pass.class.0));
    if let Some(initials) = &pass.initials {
        out.push(format!("  initials {initials}"));
    }
    if let Some(birthday) = pass.birthday {
        out.push(format!("  birthday {:02}-{:02} (month, day)", birthday.month(), birthday.day()));
    }
    if let Some(document) = &pass.document {
        out.push(format!("  document {:?} ending in {}", document.kind, document.last4));
    }
    out.push(match pass.status {
        Some(status) => format!("  reference {}-{}", status.list, status.index),
        None => "  no status: cannot be revoked".into(),
    });
}

fn describe_root(out: &mut Vec<String>, root: &Root) {
    out.push(format!("root {} of {} ({}){}", root.number, names(&root.authority), root.region, demo_mark(root.demo)));
    out.push(format!("  made {}, expires {}", root.issued, root.expires));
    describe_keys(out, "root", &root.root_keys);
    describe_keys(out, "bundle", &root.bundle_keys);
    out.push(format!("  fingerprint {}", root.fingerprint()));
}

fn proposed(out: &mut Vec<String>, proposal: &Proposal) -> Judgement {
    out.extend(describe_proposal(proposal));
    match proposal.finish() {
        Ok(_) => Judgement::Holds("enough keys have signed; install it with `greenlit-issuer root finish`".into()),
        Err(_) => Judgement::DoesNotHold("not enough keys have signed yet".into()),
    }
}

/// What the next root says, what it changes, and who has signed.
pub fn describe_proposal(proposal: &Proposal) -> Vec<String> {
    let mut out = Vec::new();
    let (before, body) = (proposal.current_root(), proposal.body());
    out.push(format!("root {} of {} ({}){}", body.number, names(&body.authority), body.region, demo_mark(body.demo)));
    if body.authority != before.authority || body.region != before.region || body.demo != before.demo {
        let (name, demo) = (names(&before.authority), demo_mark(before.demo));
        out.push(format!("  CHANGED from {name} ({}){demo}", before.region));
    }
    out.push(format!(
        "  made {}, expires {}; root {} expires {}",
        body.issued, body.expires, before.number, before.expires
    ));
    for (role, old, new) in
        [("root", &before.root_keys, &body.root_keys), ("bundle", &before.bundle_keys, &body.bundle_keys)]
    {
        describe_keys(&mut out, role, new);
        let without = |keys: &KeySet, others: &KeySet| -> Vec<KeyId> {
            keys.keys().iter().filter(|key| !others.keys().contains(key)).map(PublicKey::id).collect()
        };
        out.extend(without(new, old).iter().map(|kid| format!("    added {kid}")));
        out.extend(without(old, new).iter().map(|kid| format!("    removed {kid}")));
        if new.threshold() != old.threshold() {
            out.push(format!("    threshold was {}", old.threshold()));
        }
    }
    out.push(format!("  follows root {}, fingerprint {}", before.number, before.fingerprint()));
    for role in proposal.signature_counts() {
        let waiting: Vec<String> = role.waiting.iter().map(KeyId::to_string).collect();
        let waiting = if waiting.is_empty() { String::new() } else { format!("; not yet {}", waiting.join(" ")) };
        out.push(format!("  signed by {} of root {}'s keys, {} needed{waiting}", role.good, role.root, role.threshold));
    }
    out
}

fn describe_keys(out: &mut Vec<String>, role: &str, set: &KeySet) {
    let kids: Vec<String> = set.keys().iter().map(|key| key.id().to_string()).collect();
    out.push(format!("  {} of {} {role} keys must sign: {}", set.threshold(), kids.len(), kids.join(" ")));
}

fn demo_mark(demo: bool) -> &'static str {
    if demo { " · DEMO" } else { "" }
}

fn names(text: &greenlit_core::text::Text) -> String {
    text.iter().map(|(language, words)| format!("{words} [{language}]")).collect::<Vec<_>>().join(", ")
}

/// The newest root of a published folder, walked from the first one in it.
fn newest_root(folder: &Path) -> Result<Option<Root>> {
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

fn open_bundle(folder: &Path) -> Result<Bundle> {
    let root = newest_root(folder)?.ok_or_else(|| FileError::NotFound(folder.join(root_file(1))))?;
    let bytes = read_limited(&folder.join(BUNDLE_FILE), limits::MAX_BUNDLE_BYTES, Symlinks::Follow)?;
    Ok(Bundle::open(&bytes, &root)?)
}

fn bundle(out: &mut Vec<String>, bytes: &[u8], folder: &Path, not_a_root: &str) -> Result<Judgement> {
    let Some(root) = newest_root(folder)? else {
        let line = format!("as a root it {not_a_root}; as trust data it needs its roots in the same folder, or --with");
        return Ok(Judgement::DoesNotHold(line));
    };
    let bundle = match Bundle::open(bytes, &root) {
        Ok(bundle) => bundle,
        Err(error) => {
            return Ok(match SchemeBundle::open(bytes, &root) {
                Ok(bundle) => schemes::bundle(out, &bundle, &root),
                Err(_) => Judgement::DoesNotHold(format!("as a root it {not_a_root}; as trust data it {error}")),
            });
        }
    };
    out.push(format!("trust data version {} under root {}", bundle.version, bundle.root));
    out.push(format!("  made {}, update due {}, expires {}", bundle.issued, bundle.soft_expiry, bundle.hard_expiry));
    for issuer in &bundle.issuers {
        out.push(format!("  issuer {} {} ({})", issuer.key.id(), names(&issuer.name), issuer.region));
        let classes: Vec<String> = issuer.classes.iter().map(|class| class.0.to_string()).collect();
        out.push(format!(
            "    passes from {} to {}, classes {}, at most {} days",
            issuer.not_before,
            issuer.not_after,
            classes.join(" "),
            issuer.longest / DAY
        ));
        if let Some(at) = issuer.revoked_at {
            out.push(format!("    REVOKED at {at}"));
        }
    }
    for rule in &bundle.rules {
        let sites: Vec<&str> = rule.sites.iter().map(|site| site.0.as_str()).collect();
        let amount = rule.amount.map(|amount| format!(" {amount}")).unwrap_or_default();
        out.push(format!("  rule {}: {}{amount} at {}", rule.id, rule.kind.0, sites.join(" ")));
    }
    for list in &bundle.lists {
        out.push(format!("  list {}: {} entries of {} bits, {}", list.id, list.size, list.bits, list.uri));
    }
    Ok(Judgement::Holds(format!("enough of root {}'s bundle keys have signed", root.number)))
}

fn list(out: &mut Vec<String>, bytes: &[u8], folder: &Path) -> Result<Judgement> {
    let envelope = greenlit_core::cose::Sign1::parse_lenient(bytes);
    let token = match envelope.and_then(|envelope| StatusToken::parse(envelope.payload)) {
        Ok(token) => token,
        Err(error) => return Ok(Judgement::DoesNotHold(format!("not a well-formed status list: it {error}"))),
    };
    let printable = token.uri.chars().filter(|c| greenlit_core::text::is_printable(*c));
    out.push(format!("status list {}", printable.take(MAX_SHOWN_URI).collect::<String>()));
    out.push(format!("  made {}, {} bits per entry, {} bytes compressed", token.issued, token.bits, token.zlib.len()));
    let bundle = match open_bundle(folder) {
        Ok(bundle) => bundle,
        Err(error) => return Ok(Judgement::NotChecked(error.to_string())),
    };
    let Some(entry) = bundle.lists.iter().find(|entry| entry.uri == token.uri) else {
        return Ok(Judgement::DoesNotHold("there is no such list in the trust data".into()));
    };
    Ok(match StatusList::open(bytes, entry) {
        Ok(list) => {
            let marked = (0..entry.size).filter(|index| list.get(*index, entry) != Some(0)).count();
            out.push(format!("  {marked} of {} entries are revoked or suspended", entry.size));
            Judgement::Holds("signed by the key named in the trust data".into())
        }
        Err(error) => Judgement::DoesNotHold(format!("it {error}")),
    })
}
