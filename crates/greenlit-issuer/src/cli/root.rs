//! `greenlit-issuer root`: the next root. Its keys and the bundle's change only with it.
//!
//! Where enough root keys are at hand, `root new` does everything. Where they lie on sticks in
//! different safes, it writes a proposal, `root sign` adds a signature wherever a key is, and
//! `root finish` installs what enough have signed. Tills learn of it by the next `publish`.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use greenlit_core::trust::{Fingerprint, Root};

use crate::Proposal;
use crate::authority::make_private_key;
use crate::cli::passphrase::{for_new_keys, passphrases};
use crate::cli::{Outcome, external_keys, now, open, tell, tell_notice};
use crate::inspect::describe_proposal;
use crate::passphrase::Passphrase;
use crate::publish;
use crate::root::{NextRoot, ProposalFile, RootChanges, code, install_signed};

/// Create the next root: change root or bundle keys, thresholds or expiry.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    New(NewArgs),
    Sign(SignArgs),
    Finish(FinishArgs),
    Key(KeyArgs),
    Qr(QrArgs),
}

/// Create the next root, signed by the available keys; or, with --propose, a file for others to sign.
///
/// It copies the current root except for the changes given here. The authority's name is taken from
/// authority.toml. Tills get it with the next `publish`.
#[derive(clap::Args)]
struct NewArgs {
    /// The authority's folder.
    folder: PathBuf,
    #[command(flatten)]
    changes: ChangeArgs,
    /// Root key on a USB stick, in addition to those in the folder; or a bundle key kept elsewhere, to
    /// show that there are enough to publish under the new root.
    #[arg(long, value_name = "KEY.pem")]
    key: Vec<PathBuf>,
    /// Only write a proposal to this file, signed by the keys given with --key, if any.
    #[arg(long, value_name = "FILE")]
    propose: Option<PathBuf>,
    /// Continue even if, by this machine's clock, the newest publication or root is more than a fortnight old.
    #[arg(long)]
    clock_is_right: bool,
}

/// Sign a proposal. Needs only this file, the current root and a key; review it first with `greenlit-issuer inspect`.
#[derive(clap::Args)]
struct SignArgs {
    /// File written by `root new --propose`; the signature is added to it.
    proposal: PathBuf,
    /// Root key.
    #[arg(long, value_name = "KEY.pem", required = true)]
    key: Vec<PathBuf>,
    /// The current root, from your own copy of root-<n>.cbor: a proposal could contain a forged one to
    /// hide what it changes.
    #[arg(long, value_name = "ROOT")]
    after: PathBuf,
}

/// Install a proposal that enough keys have signed, checked as a till would check it.
#[derive(clap::Args)]
struct FinishArgs {
    /// The authority's folder.
    folder: PathBuf,
    /// Signed proposal.
    proposal: PathBuf,
    /// Bundle key kept outside keys/, to show that there are enough to publish.
    #[arg(long, value_name = "KEY.pem")]
    key: Vec<PathBuf>,
}

/// Create a root or bundle key, for example on a USB stick, and print its public key for `root new --add-root` or
/// `--add-bundle-key`.
#[derive(clap::Args)]
struct KeyArgs {
    /// File to write the private key to; never overwritten.
    file: PathBuf,
    /// Encrypt it with a passphrase, which is asked for; or read from --passphrase-file.
    #[arg(long)]
    encrypt: bool,
}

/// Draw the root as a QR code, for setting up tills by their camera, and print its fingerprint to compare there.
///
/// The code holds the same bytes as root-<n>.cbor. A root of more than 2,048 bytes is too large for a code.
#[derive(clap::Args)]
struct QrArgs {
    /// The authority's folder, for its newest root; or a root (root-<n>.cbor).
    #[arg(value_name = "FOLDER|ROOT")]
    root: PathBuf,
    /// Picture to draw, PNG or SVG depending on the file name; never replaced.
    #[arg(value_name = "FILE.png|.svg")]
    picture: PathBuf,
}

/// What is to change.
#[derive(clap::Args)]
struct ChangeArgs {
    /// Add a root key: a public key as printed by `root key`, a PEM file, or "new" to create one in keys/.
    #[arg(long, value_name = "PUB|new")]
    add_root: Vec<String>,
    /// Remove a root key.
    #[arg(long, value_name = "KID")]
    drop_root: Vec<String>,
    /// Number of root keys that must sign from now on.
    #[arg(long, value_name = "N")]
    threshold: Option<u64>,
    /// Replace this bundle key with a new one; everything signed by the old one becomes invalid.
    #[arg(long, value_name = "KID")]
    replace_bundle_key: Vec<String>,
    /// Add a bundle key: a public key as printed by `root key`, a PEM file, or "new" to create one in keys/.
    #[arg(long, value_name = "PUB|new")]
    add_bundle_key: Vec<String>,
    /// Remove a bundle key.
    #[arg(long, value_name = "KID")]
    drop_bundle_key: Vec<String>,
    /// Number of bundle keys that must sign each publication from now on.
    #[arg(long, value_name = "N")]
    bundle_threshold: Option<u64>,
    /// When it expires, for example 2031-11-22T00:00:00+05:00 [default: five years from now].
    #[arg(long, value_name = "RFC3339")]
    expires: Option<String>,
    /// Create the next root with only a new number and dates, for example after publishing with a
    /// clock that was ahead.
    #[arg(long)]
    renew: bool,
    /// Encrypt the private keys that "new" makes with a passphrase, which is asked for; or read from --passphrase-file.
    #[arg(long)]
    encrypt: bool,
}

impl ChangeArgs {
    fn changes(&self, passphrase: Option<Passphrase>) -> RootChanges {
        RootChanges {
            add_root: self.add_root.clone(),
            drop_root: self.drop_root.clone(),
            threshold: self.threshold,
            replace_bundle_key: self.replace_bundle_key.clone(),
            add_bundle_key: self.add_bundle_key.clone(),
            drop_bundle_key: self.drop_bundle_key.clone(),
            bundle_threshold: self.bundle_threshold,
            expires: self.expires.clone(),
            renew: self.renew,
            passphrase,
        }
    }
}

type Result = std::result::Result<(), Box<dyn std::error::Error>>;

pub(crate) fn run(args: &Args) -> Outcome {
    match &args.action {
        Action::New(args) => new(args)?,
        Action::Sign(args) => sign(args)?,
        Action::Finish(args) => finish(args)?,
        Action::Key(args) => {
            let passphrase = for_new_keys(&passphrases(), args.encrypt)?;
            let key = make_private_key(&args.file, passphrase.as_ref())?;
            writeln!(io::stdout().lock(), "{}", hex::encode(key.public().as_bytes()))?;
            tell(&format!("created {} in {}", key.public().id(), args.file.display()));
        }
        Action::Qr(args) => qr(args)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn new(args: &NewArgs) -> Result {
    let mut authority = open(&args.folder)?;
    let _alone = publish::lock(&authority)?;
    let now = now();
    if !args.clock_is_right {
        publish::check_clock_leap(&authority, now)?;
    }
    let passphrase = for_new_keys(&authority.passphrases, args.changes.encrypt)?;
    let next = NextRoot::plan(&authority, &args.changes.changes(passphrase), now)?;
    let given = external_keys(&args.key, &authority.passphrases)?;
    let mut out = io::stdout().lock();
    match &args.propose {
        Some(path) => {
            let proposal = next.propose(&authority, &given, path)?;
            show_proposal(&mut out, &proposal)?;
            let (path, current) = (path.display(), proposal.current_root().number);
            writeln!(out, "wrote {path}; review it with `greenlit-issuer inspect`, then sign it with")?;
            writeln!(out, "  greenlit-issuer root sign {path} --after root-{current}.cbor --key KEY.pem")?;
        }
        None => {
            let (proposal, root) = next.install(&mut authority, &given, now)?;
            show_proposal(&mut out, &proposal)?;
            print_installed(&mut out, &root)?;
        }
    }
    Ok(())
}

fn sign(args: &SignArgs) -> Result {
    let mut file = ProposalFile::read(&args.proposal)?;
    file.check_after(&args.after)?;
    for key in &external_keys(&args.key, &passphrases())? {
        if !file.sign(key)? {
            tell(&format!("greenlit-issuer: {} has already signed it", key.public().id()));
        }
    }
    file.write()?;
    show_proposal(&mut io::stdout().lock(), file.proposal())?;
    Ok(())
}

fn finish(args: &FinishArgs) -> Result {
    let file = ProposalFile::read(&args.proposal)?;
    let mut authority = open(&args.folder)?;
    let _alone = publish::lock(&authority)?;
    let now = now();
    let root = file.finish(&authority, now)?;
    let shown = external_keys(&args.key, &authority.passphrases)?;
    install_signed(&mut authority, &root, &shown, now)?;
    print_installed(&mut io::stdout().lock(), &root)?;
    Ok(())
}

fn qr(args: &QrArgs) -> Result {
    let root = code::find(&args.root, &mut tell_notice)?;
    code::draw(&root, &args.picture)?;
    let mut out = io::stdout().lock();
    writeln!(out, "drew root {}, valid until {}, in {}", root.number, root.expires, args.picture.display())?;
    let lines = four_by_four(&root.fingerprint());
    for (line, label) in lines.iter().zip(["fingerprint"].into_iter().chain(std::iter::repeat(""))) {
        writeln!(out, "  {label:11} {line}")?;
    }
    writeln!(
        out,
        "give tills the fingerprint by another channel than the picture, to be compared before they trust it"
    )?;
    Ok(())
}

/// As a till's window shows it: four rows of four groups.
fn four_by_four(fingerprint: &Fingerprint) -> Vec<String> {
    let groups = fingerprint.to_string();
    let groups: Vec<&str> = groups.split(' ').collect();
    groups.chunks(4).map(|row| row.join(" ")).collect()
}

fn show_proposal(out: &mut impl Write, proposal: &Proposal) -> io::Result<()> {
    describe_proposal(proposal).iter().try_for_each(|line| writeln!(out, "{line}"))
}

fn print_installed(out: &mut impl Write, root: &Root) -> io::Result<()> {
    writeln!(
        out,
        "root {} is now current here, valid until {}; publish to update the tills",
        root.number, root.expires
    )?;
    writeln!(out, "  fingerprint {}", root.fingerprint())
}
