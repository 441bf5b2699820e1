//! What a scheme bundle or a key list says, and whether it holds.

use std::path::Path;

use greenlit_core::publication::SCHEME_BUNDLE_FILE;
use greenlit_core::trust::{
    Condition, KeyList, KeyListBody, KeyListEntry, Root, SchemeBundle, SchemeRule, Test, limits,
};
use greenlit_files::{FileError, Symlinks, read_limited};

use super::{DAY, Judgement, Result, names, newest_root};
use crate::schemes::key_line;

/// Most keys of a list that are shown.
const SHOWN: usize = 1_000;

/// Describes a scheme bundle whose signatures held.
pub(super) fn bundle(out: &mut Vec<String>, bundle: &SchemeBundle, root: &Root) -> Judgement {
    out.push(format!("trust data for passes of others, version {} under root {}", bundle.version, bundle.root));
    out.push(format!("  made {}, update due {}, expires {}", bundle.issued, bundle.soft_expiry, bundle.hard_expiry));
    out.push(format!("  days are counted {} minutes from UTC", bundle.day_offset));
    for KeyListEntry { id, scheme, digest, size, fetched, soft_age, hard_age } in &bundle.key_lists {
        out.push(format!("  key list {id} of {scheme}: {size} bytes, SHA-256 {}", hex::encode(digest)));
        out.push(format!("    fetched {fetched}, due after {} days, judged by for {}", soft_age / DAY, hard_age / DAY));
    }
    bundle.rules.iter().for_each(|one| rule(out, one));
    Judgement::Holds(format!("enough of root {}'s bundle keys have signed", root.number))
}

fn rule(out: &mut Vec<String>, rule: &SchemeRule) {
    let sites: Vec<&str> = rule.sites.iter().map(|site| site.0.as_str()).collect();
    let amount = rule.amount.map(|amount| format!(" {amount}")).unwrap_or_default();
    let (id, kind, scheme) = (&rule.id, &rule.kind.0, rule.scheme);
    out.push(format!("  rule {id}: {kind}{amount} at {} for {scheme} passes", sites.join(" ")));
    for (what, all) in [("issuers", &rule.issuers), ("kinds", &rule.kinds)] {
        if !all.is_empty() {
            out.push(format!("    {what}: {}", all.join(", ")));
        }
    }
    out.extend(rule.conditions.iter().map(|one| format!("    {}", condition(one))));
    out.extend(rule.from.map(|from| format!("    from {from}")));
    out.extend(rule.until.map(|until| format!("    until {until}")));
}

fn condition(condition: &Condition) -> String {
    let fact = &condition.fact;
    match &condition.test {
        Test::OneOf(values) => format!("{fact} is one of {}", values.join(", ")),
        Test::AtLeast(least) => format!("{fact} is at least {least}"),
        Test::AtMost(most) => format!("{fact} is at most {most}"),
        Test::NoLessThan(other) => format!("{fact} is no less than {other}"),
        Test::HoursAgoAtLeast(hours) => format!("{fact} is at least {hours} hours ago"),
        Test::HoursAgoAtMost(hours) => format!("{fact} is at most {hours} hours ago"),
    }
}

/// Describes a key list; it holds if the scheme bundle beside it names it.
pub(super) fn key_list(out: &mut Vec<String>, bytes: &[u8], folder: &Path) -> Result<Judgement> {
    let body = match KeyListBody::parse(bytes) {
        Ok(body) => body,
        Err(error) => return Ok(Judgement::DoesNotHold(format!("as a key list it {error}"))),
    };
    out.push(format!(
        "key list of {}: {} keys, {} passes called back",
        body.scheme,
        body.keys.len(),
        body.revoked.len()
    ));
    out.extend(body.issuers.iter().map(|(id, name)| format!("  issuer {id}: {}", names(name))));
    out.extend(body.keys.iter().take(SHOWN).map(|key| format!("  {}", key_line(key))));
    if body.keys.len() > SHOWN {
        out.push(format!("  and {} more", body.keys.len() - SHOWN));
    }
    let bundle = match open(folder) {
        Ok(bundle) => bundle,
        Err(error) => return Ok(Judgement::NotChecked(error.to_string())),
    };
    Ok(match bundle.key_lists.iter().find(|entry| KeyList::open(bytes, entry).is_ok()) {
        Some(entry) => Judgement::Holds(format!("{SCHEME_BUNDLE_FILE} names it as key list {}", entry.id)),
        None => Judgement::DoesNotHold(format!("{SCHEME_BUNDLE_FILE} names no such list")),
    })
}

fn open(folder: &Path) -> Result<SchemeBundle> {
    let root = newest_root(folder)?.ok_or_else(|| FileError::NotFound(folder.join(super::root_file(1))))?;
    let bytes = read_limited(&folder.join(SCHEME_BUNDLE_FILE), limits::MAX_BUNDLE_BYTES, Symlinks::Follow)?;
    Ok(SchemeBundle::open(&bytes, &root)?)
}
