//! `greenlit-issuer root`: the next root. Its keys and the bundle's change only with it.
//!
//! Where enough root keys are at hand, `root new` does everything. Where they lie on sticks in
//! different safes, it writes a proposal, `root sign` adds a signature wherever a key is, and
//! `root finish` installs what enough have signed. Tills learn of it by the next `publish`.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use greenlit_core::trust::Root;

use crate::Proposal;
use crate::authority::make_private_key;
use crate::cli::{Outcome, external_keys, now, open, tell};
use crate::inspect::describe_proposal;
use crate::publish;
use crate::root::{NextRoot, ProposalFile, RootChanges, install_signed};

/// Makes the next root: other root or bundle keys, other thresholds, a later expiry.
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
}

/// Makes the next root, signed by the keys at hand; or, with --propose, a file for others to sign.
///
/// It says what the root in force says, but for the changes given here. The authority's name is taken from
/// authority.toml. Tills learn of it by the next `publish`.
#[derive(clap::Args)]
struct NewArgs {
    /// The authority's folder.
    folder: PathBuf,
    #[command(flatten)]
    changes: ChangeArgs,
    /// A root key on a mounted stick, besides those in the folder; or a bundle key that is kept elsewhere, to
    /// show that enough are at hand to publish under the new root.
    #[arg(long, value_name = "KEY.pem")]
    key: Vec<PathBuf>,
    /// Only writes a proposal there, signed by the keys given with --key, if any.
    #[arg(long, value_name = "FILE")]
    propose: Option<PathBuf>,
    /// Goes on though the newest publication or root was made more than a fortnight ago by this machine's clock.
    #[arg(long)]
    clock_is_right: bool,
}

/// Signs a proposal. It takes nothing but this file, the root in force and a key; look at it first with `greenlit-issuer inspect`.
#[derive(clap::Args)]
struct SignArgs {
    /// What `root new --propose` wrote; the signature is added to it.
    proposal: PathBuf,
    /// A root key.
    #[arg(long, value_name = "KEY.pem", required = true)]
    key: Vec<PathBuf>,
    /// The root in force, from your own copy of root-<n>.cbor: a proposal could carry a forged one, and
    /// hide by it what it changes.
    #[arg(long, value_name = "ROOT")]
    after: PathBuf,
}

/// Installs a proposal that enough keys have signed, judged as a till would judge it.
#[derive(clap::Args)]
struct FinishArgs {
    /// The authority's folder.
    folder: PathBuf,
    /// The signed proposal.
    proposal: PathBuf,
    /// A bundle key that is kept elsewhere than in keys/, to show that enough are at hand to publish.
    #[arg(long, value_name = "KEY.pem")]
    key: Vec<PathBuf>,
}

/// Makes a root or bundle key, on a stick for example, and prints its public half for `root new --add-root` or
/// `--add-bundle-key`.
#[derive(clap::Args)]
struct KeyArgs {
    /// Where to write the private key; never over another file.
    file: PathBuf,
}

/// What is to change.
#[derive(clap::Args)]
struct ChangeArgs {
    /// Adds a root key: its public half as `root key` prints it, a file of it in PEM, or "new" to make one in keys/.
    #[arg(long, value_name = "PUB|new")]
    add_root: Vec<String>,
    /// Leaves a root key out.
    #[arg(long, value_name = "KID")]
    drop_root: Vec<String>,
    /// How many root keys must sign from now on.
    #[arg(long, value_name = "N")]
    threshold: Option<u64>,
    /// Puts a new bundle key in the place of this one; all that the old one signed counts no more.
    #[arg(long, value_name = "KID")]
    replace_bundle_key: Vec<String>,
    /// Adds a bundle key: its public half as `root key` prints it, a file of it in PEM, or "new" to make one in keys/.
    #[arg(long, value_name = "PUB|new")]
    add_bundle_key: Vec<String>,
    /// Leaves a bundle key out.
    #[arg(long, value_name = "KID")]
    drop_bundle_key: Vec<String>,
    /// How many bundle keys must sign what is published from now on.
    #[arg(long, value_name = "N")]
    bundle_threshold: Option<u64>,
    /// When it expires, as in 2031-11-22T00:00:00+05:00; five years from now where nothing is said.
    #[arg(long, value_name = "RFC3339")]
    expires: Option<String>,
    /// Makes the next root with no change but its number and dates: the way back from a publication made with a
    /// clock ahead.
    #[arg(long)]
    renew: bool,
}

impl ChangeArgs {
    fn changes(&self) -> RootChanges {
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
            let key = make_private_key(&args.file)?;
            writeln!(io::stdout().lock(), "{}", hex::encode(key.public().as_bytes()))?;
            tell(&format!("made {} in {}", key.public().id(), args.file.display()));
        }
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
    let next = NextRoot::plan(&authority, &args.changes.changes(), now)?;
    let given = external_keys(&args.key)?;
    let mut out = io::stdout().lock();
    match &args.propose {
        Some(path) => {
            let proposal = next.propose(&authority, &given, path)?;
            show_proposal(&mut out, &proposal)?;
            let (path, current) = (path.display(), proposal.current_root().number);
            writeln!(out, "wrote {path}; look at it with `greenlit-issuer inspect`, and sign it with")?;
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
    for key in &external_keys(&args.key)? {
        if !file.sign(key)? {
            tell(&format!("greenlit-issuer: {} had signed it already", key.public().id()));
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
    install_signed(&mut authority, &root, &external_keys(&args.key)?, now)?;
    print_installed(&mut io::stdout().lock(), &root)?;
    Ok(())
}

fn show_proposal(out: &mut impl Write, proposal: &Proposal) -> io::Result<()> {
    describe_proposal(proposal).iter().try_for_each(|line| writeln!(out, "{line}"))
}

fn print_installed(out: &mut impl Write, root: &Root) -> io::Result<()> {
    writeln!(out, "root {} is in force here, good until {}; publish to tell the tills", root.number, root.expires)?;
    writeln!(out, "  fingerprint {}", root.fingerprint())
}
