//! What a publication says of issuers and lists.

use greenlit_core::status::{StatusToken, Statuses};
use greenlit_core::time::UnixTime;
use greenlit_core::trust::{Issuer, ListEntry, limits};

use super::PublishError;
use crate::authority::{Authority, AuthorityError};
use crate::policy::{LIST_LIFETIME, LIST_STALE_AFTER, MAX_PASS_LIFETIME};
use crate::register::{KeyRecord, Role, StatusListRecord};
use crate::{Packing, PrivateKey, pack_all, sign_status_list};

/// The issuer keys of an authority, ended ones included: their passes run out in their time.
pub(super) fn issuers(authority: &Authority, keys: &[KeyRecord], now: UnixTime) -> Vec<Issuer> {
    let issuer = |record: &KeyRecord| Issuer {
        key: record.key.clone(),
        name: authority.name.clone(),
        region: authority.region.clone(),
        classes: authority.classes.clone(),
        not_before: record.not_before,
        not_after: record.not_after,
        longest: MAX_PASS_LIFETIME,
        // A clock that ran ahead when it was revoked must not keep a stolen key alive.
        revoked_at: record.revoked_at.map(|at| at.min(now)),
        no_status: false,
    };
    keys.iter().filter(|record| record.role == Role::Issuer).map(issuer).collect()
}

type SignedLists = (Vec<ListEntry>, Vec<(u64, Vec<u8>)>);

/// What the bundle says of each status list, and the lists by their numbers.
pub(super) fn sign_lists(
    authority: &Authority,
    key: &PrivateKey,
    packing: Packing,
    now: UnixTime,
) -> Result<SignedLists, PublishError> {
    let (mut entries, mut signed) = (Vec::new(), Vec::new());
    let lists = authority.register.lists().map_err(AuthorityError::from)?;
    let statuses = lists.iter().map(|list| statuses(authority, list)).collect::<Result<Vec<_>, _>>()?;
    for (list, zlib) in lists.into_iter().zip(pack_all(&statuses, packing)) {
        let token = StatusToken {
            uri: list.uri.clone(),
            issued: now,
            expires: None,
            ttl: Some(LIST_STALE_AFTER),
            bits: list.bits,
            zlib,
        };
        signed.push((list.id, sign_status_list(&token, key)));
        entries.push(ListEntry {
            id: list.id,
            uri: list.uri,
            signer: key.public().clone(),
            bits: list.bits,
            size: list.size,
            // No list of an earlier publication goes with this one: it may lack the newest revocations.
            least_issued: now,
            soft_age: LIST_STALE_AFTER,
            hard_age: LIST_LIFETIME,
        });
    }
    Ok((entries, signed))
}

fn statuses(authority: &Authority, list: &StatusListRecord) -> Result<Statuses, PublishError> {
    let impossible = || PublishError::ListSize(list.id);
    let fits = list.size <= (limits::MAX_LIST_BYTES as u64) * 8 / u64::from(list.bits.max(1));
    let size = usize::try_from(list.size).ok().filter(|_| fits).ok_or_else(impossible)?;
    let mut statuses = Statuses::new(list.bits, size).ok_or_else(impossible)?;
    for (index, status) in authority.register.changed_statuses(list.id).map_err(AuthorityError::from)? {
        if !statuses.set(index, status.code()) {
            return Err(impossible());
        }
    }
    Ok(statuses)
}
