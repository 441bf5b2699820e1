//! `greenlit-issuer keys`: the keys of an authority, and the life of its issuer and list keys. Those of
//! roots and bundles change with the root: `greenlit-issuer root`.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use rusqlite::params;

use greenlit_core::time::UnixTime;

use crate::cli::authority::{Authority, AuthorityError, make_private_key};
use crate::cli::init::key_row;
use crate::cli::issue::{signing, unknown_to_some};
use crate::cli::register::{KeyRow, insert_key};
use crate::cli::witness::Entry;
use crate::cli::{Outcome, now, tell};
use crate::policy::{ISSUER_LIFETIME, ROOT_LIFETIME};

/// Lists the keys of an authority; adds, retires or revokes an issuer key; or replaces the list key.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The authority's folder.
    folder: PathBuf,
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Makes a new issuer key. It signs once tills have had three weeks to learn of it, or when there has been no other.
    Add,
    /// Ends an issuer key: it signs no more, and its passes run out in their time.
    Retire {
        /// The key's name, as `keys` lists it.
        kid: String,
    },
    /// Replaces the list key by a new one: lists signed by the old one count no more once tills have the next publication.
    Replace {
        /// The list key's name, as `keys` lists it.
        kid: String,
    },
    /// Revokes an issuer key that may be in wrong hands: all its passes stop being genuine.
    Revoke {
        /// The key's name, as `keys` lists it.
        kid: String,
    },
}

/// Why a key was not changed.
#[derive(Debug, thiserror::Error)]
enum KeysError {
    #[error("there is no issuer key {0}; see `greenlit-issuer keys`")]
    NoSuchKey(String),
    #[error(
        "{0} is no list key; issuer keys are added, retired and revoked, root and bundle keys change with the root: see `greenlit-issuer root new --help`"
    )]
    NotAListKey(String),
    #[error("the key {kid} was revoked at {at} already")]
    Revoked { kid: String, at: UnixTime },
    #[error("the key {kid} was retired at {at} already")]
    Retired { kid: String, at: UnixTime },
}

pub(crate) fn run(args: &Args) -> Outcome {
    let mut authority = Authority::open(&args.folder)?;
    match &args.action {
        None => return list(&authority),
        Some(Action::Add) => {
            let row = add(&mut authority, now())?;
            told(&format!("made {} in keys/{}; it signs three weeks after it is published", row.kid, row.file))?;
        }
        Some(Action::Retire { kid }) => {
            let row = find(&authority, kid)?;
            if let Some(at) = row.retired_at {
                return Err(KeysError::Retired { kid: row.kid, at }.into());
            }
            retire(&mut authority, &row, now())?;
            told(&format!("retired {kid}"))?;
            warn_of_unknown_key(&authority)?;
        }
        Some(Action::Replace { kid }) => {
            let row = replace_list_key(&mut authority, kid, now())?;
            told(&format!("made {} in keys/{}; it signs the lists from now on, instead of {kid}", row.kid, row.file))?;
        }
        Some(Action::Revoke { kid }) => {
            let row = find(&authority, kid)?;
            revoke(&mut authority, &row, now())?;
            told(&format!("revoked {kid}: all its passes stop being genuine"))?;
            warn_of_unknown_key(&authority)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Where the key that signs from now on is one that tills may not know.
fn warn_of_unknown_key(authority: &Authority) -> Result<(), AuthorityError> {
    let now = now();
    let rows = authority.register.keys()?;
    match signing(&rows, now, now) {
        None => tell("no issuer key is left: make one by `keys add`, and publish; until then nothing can be issued"),
        Some(row) => {
            if let Some(unknown) = unknown_to_some(&rows, row, now) {
                tell(&format!("{unknown}; `issue` asks for --before-tills-know until then"));
            }
        }
    }
    Ok(())
}

fn told(what: &str) -> std::io::Result<()> {
    writeln!(std::io::stdout().lock(), "{what}; publish to tell the tills")
}

fn list(authority: &Authority) -> Outcome {
    let roots = authority.roots()?;
    let root = roots.last().ok_or_else(|| AuthorityError::NoRoot(authority.folder().into()))?;
    let named = |row: &KeyRow| {
        root.root_keys.keys().iter().chain(root.bundle_keys.keys()).any(|key| key.as_bytes() == &row.public)
    };
    let signs = signing(&authority.register.keys()?, now(), now()).map(|row| row.kid.clone());
    let mut out = std::io::stdout().lock();
    for row in authority.register.keys()? {
        let of_root = row.role == "root" || row.role == "bundle";
        let state = match (row.revoked_at, authority.private_key(&row)) {
            (Some(at), _) => format!("revoked at {at}"),
            (None, _) if of_root && !named(&row) => format!("has no say any more since root {}", root.number),
            (None, _) if row.role == "list" && row.retired_at.is_some() => "replaced".to_owned(),
            (None, _) if row.retired_at.is_some() => format!("retired; its passes begin before {}", row.not_after),
            (None, _) if row.role == "issuer" && now() >= row.not_after => format!("over since {}", row.not_after),
            (None, Ok(_)) if row.role == "issuer" && signs.as_ref() != Some(&row.kid) => standing(&row),
            (None, Ok(_)) => "ready".to_owned(),
            (None, Err(AuthorityError::File(_))) => "its private key is kept elsewhere".to_owned(),
            (None, Err(error)) => error.to_string(),
        };
        writeln!(out, "{:<6} {} keys/{}  {state}", row.role, row.kid, row.file)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// How an issuer key stands that another signs before.
fn standing(row: &KeyRow) -> String {
    match row.known_from() {
        Some(from) if from > now() => format!("waits until {from}"),
        Some(_) => "ready".to_owned(),
        None => "waits until three weeks after it is published".to_owned(),
    }
}

/// Makes a new list key in the place of one that may be in wrong hands.
fn replace_list_key(authority: &mut Authority, kid: &str, now: UnixTime) -> Result<KeyRow, Box<dyn std::error::Error>> {
    let rows = authority.register.keys()?;
    let old = rows.iter().find(|row| row.role == "list" && row.kid == kid);
    let old = old.ok_or_else(|| KeysError::NotAListKey(kid.into()))?;
    if let Some(at) = old.retired_at {
        return Err(KeysError::Retired { kid: kid.into(), at }.into());
    }
    let known: Vec<String> = rows.iter().map(|row| row.file.clone()).collect();
    let file = authority.free_key_file("list", &known);
    let key = make_private_key(&authority.folder().join("keys").join(&file))?;
    let from = authority.zone.start_of_day(now).unwrap_or(now);
    let row = key_row(key.public(), "list", file, from, from.plus(ROOT_LIFETIME));
    let at = now.seconds().cast_signed();
    authority.register.change(|t| {
        insert_key(t, &row)?;
        t.execute("UPDATE key SET retired_at = ?1 WHERE kid = ?2", params![at, kid])
    })?;
    Ok(row)
}

fn find(authority: &Authority, kid: &str) -> Result<KeyRow, Box<dyn std::error::Error>> {
    let rows = authority.register.keys()?;
    let found = rows.into_iter().find(|row| row.role == "issuer" && row.kid == kid);
    let row = found.ok_or_else(|| KeysError::NoSuchKey(kid.into()))?;
    // A date in the future came from a clock that ran ahead, and may be moved to now.
    match row.revoked_at.filter(|at| *at <= now()) {
        Some(at) => Err(KeysError::Revoked { kid: row.kid, at }.into()),
        None => Ok(row),
    }
}

/// Makes an issuer key.
pub(crate) fn add(authority: &mut Authority, now: UnixTime) -> Result<KeyRow, AuthorityError> {
    let known: Vec<String> = authority.register.keys()?.into_iter().map(|row| row.file).collect();
    let file = authority.free_key_file("issuer", &known);
    let key = make_private_key(&authority.folder().join("keys").join(&file))?;
    let from = authority.zone.start_of_day(now).unwrap_or(now);
    let row = key_row(key.public(), "issuer", file, from, from.plus(ISSUER_LIFETIME));
    authority.register.change(|transaction| insert_key(transaction, &row))?;
    Ok(row)
}

/// Ends a key's signing. Passes that it has signed already, some of which may not have begun, stay good.
fn retire(authority: &mut Authority, row: &KeyRow, now: UnixTime) -> Result<(), AuthorityError> {
    let (kid, at, last) = (&row.kid, now.seconds().cast_signed(), row.not_after.seconds().cast_signed());
    // At once, so that no pass is entered between the look at the latest one and the key's end.
    let end = "UPDATE key SET retired_at = ?2, not_after = min(?3, max(?2, 1 + coalesce(
               (SELECT max(nbf) FROM pass WHERE kid = ?1), 0))) WHERE kid = ?1";
    Ok(authority.register.change(|transaction| transaction.execute(end, params![kid, at, last])).map(drop)?)
}

/// Marks a key as being in wrong hands.
pub(crate) fn revoke(authority: &mut Authority, row: &KeyRow, now: UnixTime) -> Result<(), AuthorityError> {
    authority.change(|transaction| {
        let sql = "UPDATE key SET revoked_at = ?1 WHERE kid = ?2";
        transaction.execute(sql, params![now.seconds().cast_signed(), row.kid])?;
        Ok(((), vec![Entry::KeyRevoked { kid: row.kid.clone(), at: now.seconds() }]))
    })
}
