//! Tickets that pretix called back: a list of their texts, or of their seeds.

use std::collections::BTreeSet;

use greenlit_core::scheme::{Scheme, SchemeKey};
use greenlit_core::trust::ListedKey;
use greenlit_schemes::{Recognised, recognise};
use serde_json::Value;

use super::{FormError, LeftOut, Why};
use crate::pem::text_of;
use crate::spelling::trim;

/// Longest identifier of a pass, in bytes.
const MAX_ID: usize = 64;

/// The identifiers in a file: a JSON list of texts, the answer of pretix's `revokedsecrets`, or a line each.
pub(super) fn read(
    name: &str,
    bytes: &[u8],
    keys: &[ListedKey],
) -> Result<(BTreeSet<Vec<u8>>, Vec<LeftOut>), FormError> {
    let text = text_of(bytes);
    let text = trim(&text);
    let texts = if text.starts_with(['[', '{']) { of_json(text)? } else { text.lines().map(str::to_owned).collect() };
    let keys: Vec<SchemeKey> = keys.iter().filter_map(|key| SchemeKey::read(key.algorithm, &key.key).ok()).collect();
    let (mut ids, mut left_out) = (BTreeSet::new(), Vec::new());
    for (at, text) in texts.iter().enumerate() {
        let text = trim(text);
        if text.is_empty() {
            continue;
        }
        match id(text, &keys) {
            Ok(id) => drop(ids.insert(id)),
            Err(why) => left_out.push(LeftOut::new(&format!("{name}, ticket {}", at + 1), why)),
        }
    }
    Ok((ids, left_out))
}

fn of_json(text: &str) -> Result<Vec<String>, FormError> {
    let value: Value = serde_json::from_str(text).map_err(|error| FormError::Json(error.to_string()))?;
    let all = value.as_array().or_else(|| value.get("results")?.as_array()).ok_or(FormError::Unknown)?;
    let text = |one: &Value| one.as_str().or_else(|| one.get("secret")?.as_str()).map(str::to_owned);
    all.iter().map(text).collect::<Option<_>>().ok_or(FormError::Unknown)
}

/// The seed of a ticket, which its signature vouches for; or a seed as it is.
fn id(text: &str, keys: &[SchemeKey]) -> Result<Vec<u8>, Why> {
    match recognise(text.as_bytes()) {
        Recognised::Pass(ticket) if ticket.scheme() == Scheme::Pretix => {
            let opened = keys.iter().find_map(|key| ticket.open(key)).and_then(Result::ok);
            opened.and_then(|statement| statement.revocation_id).ok_or(Why::OtherEvent)
        }
        _ if text.len() <= MAX_ID && text.bytes().all(|byte| byte.is_ascii_graphic()) => Ok(text.as_bytes().to_vec()),
        _ => Err(Why::NotATicket),
    }
}
