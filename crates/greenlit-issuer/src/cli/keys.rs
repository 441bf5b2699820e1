//! `greenlit-issuer keys`: the keys of an authority, and the life of its issuer and list keys. Those of
//! roots and bundles change with the root: `greenlit-issuer root`.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::authority::{Authority, AuthorityError, KeyPlace};
use crate::cli::passphrase::for_new_keys;
use crate::cli::{Outcome, now, open, tell};
use crate::keys::{self, InToken, KeyState, KeyStatus, Urgency, select_signing_key, unknown_to_some};
use crate::token::TokenUri;

/// List the keys of an authority; add, retire or revoke an issuer key; or replace the list key.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The authority's folder.
    folder: PathBuf,
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Create a new issuer key. It signs once tills have had three weeks to learn of it, or at once if it is the first.
    Add(AddArgs),
    /// Stop signing with an issuer key; its passes stay valid until they expire.
    Retire {
        /// Key ID, as listed by `keys`.
        kid: String,
    },
    /// Replace the list key with a new one. Lists signed by the old one are rejected once tills have the next publication.
    Replace {
        /// List key ID, as listed by `keys`.
        kid: String,
        /// Encrypt the new key with a passphrase, which is asked for; or read from --passphrase-file.
        #[arg(long)]
        encrypt: bool,
    },
    /// Revoke an issuer key that may be compromised. All its passes stop being genuine.
    Revoke {
        /// Key ID, as listed by `keys`.
        kid: String,
        /// Do it at once, without a second operator's word.
        #[arg(long)]
        emergency: bool,
    },
    /// Encrypt private keys in their files with a passphrase, or change the passphrase of one.
    Encrypt {
        /// Files, as listed by `keys`, or kept elsewhere.
        #[arg(value_name = "FILE", required_unless_present = "all", conflicts_with = "all")]
        files: Vec<PathBuf>,
        /// Every key in the folder that is not encrypted.
        #[arg(long)]
        all: bool,
    },
    /// Decrypt a private key in its file.
    Decrypt {
        /// File, as listed by `keys`, or kept elsewhere.
        file: PathBuf,
    },
}

#[derive(clap::Args)]
struct AddArgs {
    /// Encrypt it with a passphrase, which is asked for; or read from --passphrase-file.
    #[arg(long, conflicts_with = "pkcs11")]
    encrypt: bool,
    /// Create it inside a token: "pkcs11:token=LABEL;object=NAME" (RFC 7512). The PKCS#11 module is named in authority.toml.
    #[arg(long, value_name = "URI")]
    pkcs11: Option<String>,
    /// Take the key that the token has under this name.
    #[arg(long, requires = "pkcs11")]
    existing: bool,
}

pub(crate) fn run(args: &Args) -> Outcome {
    let mut authority = open(&args.folder)?;
    match &args.action {
        None => return list(&authority),
        Some(Action::Add(args)) => add(&mut authority, args)?,
        Some(Action::Retire { kid }) => {
            keys::retire(&mut authority, kid, now())?;
            print_done(&format!("retired {kid}"))?;
            warn_of_unknown_key(&authority)?;
        }
        Some(Action::Replace { kid, encrypt }) => {
            let passphrase = for_new_keys(&authority.passphrases, *encrypt)?;
            let made = keys::replace_list_key(&mut authority, kid, passphrase.as_ref(), now())?;
            let (new, file) = (made.kid(), made.file);
            print_done(&format!("created {new} in keys/{file}; it now signs the lists instead of {kid}"))?;
        }
        Some(Action::Revoke { kid, emergency }) => {
            let urgency = if *emergency { Urgency::Emergency } else { Urgency::Ordinary };
            if let Some(proposal) = keys::revoke(&mut authority, kid, urgency, now())? {
                let folder = args.folder.display();
                writeln!(
                    std::io::stdout().lock(),
                    "nothing was revoked yet: a second operator has to run `greenlit-issuer confirm {folder} {proposal}`; if nobody can, use --emergency"
                )?;
                return Ok(ExitCode::from(1));
            }
            print_done(&format!("revoked {kid}: none of its passes are genuine any more"))?;
            warn_of_unknown_key(&authority)?;
        }
        Some(Action::Encrypt { files, all }) => encrypt(&authority, files, *all)?,
        Some(Action::Decrypt { file }) => {
            let path = keys::key_file(&authority, file);
            keys::decrypt(&authority, &path)?;
            writeln!(std::io::stdout().lock(), "decrypted {}", path.display())?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn add(authority: &mut Authority, args: &AddArgs) -> Result<(), Box<dyn std::error::Error>> {
    let made = match &args.pkcs11 {
        None => {
            let passphrase = for_new_keys(&authority.passphrases, args.encrypt)?;
            let made = keys::add(authority, passphrase.as_ref(), now())?;
            format!("created {} in keys/{}", made.kid(), made.file)
        }
        Some(text) => {
            let uri: TokenUri = text.parse().map_err(|error| format!("--pkcs11: {error}"))?;
            let (which, word) = if args.existing { (InToken::Existing, "took") } else { (InToken::New, "created") };
            let made = keys::add_in_token(authority, &uri, which, now())?;
            format!("{word} {} in {}", made.kid(), uri.place())
        }
    };
    Ok(print_done(&format!("{made}; it will sign from three weeks after it is published"))?)
}

fn encrypt(authority: &Authority, files: &[PathBuf], all: bool) -> Result<(), Box<dyn std::error::Error>> {
    let paths = if all {
        keys::plain_files(authority)?
    } else {
        files.iter().map(|file| keys::key_file(authority, file)).collect()
    };
    let mut out = std::io::stdout().lock();
    if paths.is_empty() {
        return Ok(writeln!(out, "every key here is encrypted already")?);
    }
    // What is done is done, seen or not.
    Ok(keys::encrypt(authority, &paths, |path| drop(writeln!(out, "encrypted {}", path.display())))?)
}

/// Where the key that signs from now on is one that tills may not know.
fn warn_of_unknown_key(authority: &Authority) -> Result<(), AuthorityError> {
    let now = now();
    let records = authority.register().keys()?;
    match select_signing_key(&records, now, now) {
        None => tell("no issuer key left: nothing can be issued until you create one with `keys add` and publish"),
        Some(record) => {
            if let Some(unknown) = unknown_to_some(&records, record, now) {
                tell(&format!("{unknown}; until then `issue` requires --before-tills-know"));
            }
        }
    }
    Ok(())
}

fn print_done(what: &str) -> std::io::Result<()> {
    writeln!(std::io::stdout().lock(), "{what}; publish to update the tills")
}

fn list(authority: &Authority) -> Outcome {
    let states = keys::states(authority, now())?;
    let mut out = std::io::stdout().lock();
    for KeyStatus { record, place, state } in states {
        let place = match place {
            KeyPlace::File(file) => format!("keys/{file}"),
            KeyPlace::EncryptedFile(file) => format!("keys/{file} (encrypted)"),
            KeyPlace::Token(uri) => uri.place(),
            KeyPlace::Elsewhere => "kept elsewhere".to_owned(),
        };
        let state = match state {
            KeyState::Revoked(at) => format!("revoked at {at}"),
            KeyState::NoSaySince { root } => format!("not authorised since root {root}"),
            KeyState::Replaced => "replaced".to_owned(),
            KeyState::Retired { last } => format!("retired; its passes start before {last}"),
            KeyState::Over(since) => format!("ended {since}"),
            KeyState::WaitsUntil(from) => format!("waits until {from}"),
            KeyState::WaitsForPublication => "waits until three weeks after it is published".to_owned(),
            KeyState::Ready => "ready".to_owned(),
            KeyState::KeptElsewhere => format!("not in keys/{}", record.file),
            KeyState::Broken(error) => error.to_string(),
        };
        writeln!(out, "{:<6} {} {place}  {state}", record.role, record.kid())?;
    }
    Ok(ExitCode::SUCCESS)
}
