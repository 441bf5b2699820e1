//! The command line of `greenlit-issuer`.

mod demo;
mod init;
mod inspect;
mod issue;
mod issue_batch;
mod keys;
mod move_register;
mod publish;
mod replay;
mod revoke;
mod revoked;
mod root;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::{CommandFactory, Parser, Subcommand};

use greenlit_core::time::UnixTime;

use crate::PrivateKey;
use crate::authority::{Authority, AuthorityError, ExternalKey, Notice, RegisterSetting};

/// Issue, revoke and publish QR passes, so that tills can check them offline.
#[derive(Parser)]
#[command(name = "greenlit-issuer", version, arg_required_else_help = true, subcommand_required = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Init(init::Args),
    Keys(keys::Args),
    Issue(issue::Args),
    IssueBatch(issue_batch::Args),
    Revoke(revoke::Args),
    Revoked(revoked::Args),
    Replay(replay::Args),
    MoveRegister(move_register::Args),
    Root(root::Args),
    Publish(publish::Args),
    Inspect(inspect::Args),
    Demo(demo::Args),
}

/// What a database takes to let the program in.
#[derive(clap::Args)]
struct DatabaseFiles {
    /// File of the database's password, which only its owner may read.
    #[arg(long, value_name = "FILE")]
    register_password_file: Option<PathBuf>,
    /// Certificates (PEM) that vouch for the database's server, instead of the system's.
    #[arg(long, value_name = "FILE")]
    register_ca: Option<PathBuf>,
}

impl DatabaseFiles {
    fn any(&self) -> bool {
        self.register_password_file.is_some() || self.register_ca.is_some()
    }

    fn with(&self, url: &str) -> RegisterSetting {
        let (password_file, ca) = (self.register_password_file.clone(), self.register_ca.clone());
        RegisterSetting { url: url.to_owned(), password_file, ca }
    }
}

/// What a command ends with: its exit status, or one line on what went wrong and what to do.
type Outcome = Result<ExitCode, Box<dyn std::error::Error>>;

/// The program's definition, for its manual and completions.
pub fn command() -> clap::Command {
    Cli::command()
}

/// Runs the program.
pub fn main() -> ExitCode {
    quiet_panics();
    let outcome = match Cli::parse().command {
        Command::Init(args) => init::run(&args),
        Command::Keys(args) => keys::run(&args),
        Command::Issue(args) => issue::run(&args),
        Command::IssueBatch(args) => issue_batch::run(&args),
        Command::Revoke(args) => revoke::run(&args),
        Command::Revoked(args) => revoked::run(&args),
        Command::Replay(args) => replay::run(&args),
        Command::MoveRegister(args) => move_register::run(&args),
        Command::Root(args) => root::run(&args),
        Command::Publish(args) => publish::run(&args),
        Command::Inspect(args) => inspect::run(&args),
        Command::Demo(args) => demo::run(&args),
    };
    outcome.unwrap_or_else(|error| {
        let reader_gone =
            error.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe);
        if !reader_gone {
            tell(&format!("greenlit-issuer: {error}"));
        }
        ExitCode::from(2)
    })
}

/// A fault of ours is told in one line.
fn quiet_panics() {
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map(|l| format!(" ({}:{})", l.file(), l.line())).unwrap_or_default();
        tell(&format!("greenlit-issuer: internal error in Greenlit{place}; please report it"));
    }));
}

/// One line to standard error, for standard output is for results; in one write, for lines of commands that share a
/// pipe stay whole then.
fn tell(line: &str) {
    // Without a standard error there is nobody to tell.
    let _ = std::io::stderr().write_all(format!("{line}\n").as_bytes());
}

/// Opens an authority, and tells what is to be told of it.
fn open(folder: &Path) -> Result<Authority, AuthorityError> {
    Authority::open(folder, &mut tell_notice)
}

fn tell_notice(notice: Notice) {
    tell(&format!("greenlit-issuer: {notice}"));
}

/// Reads keys kept elsewhere than in the authority's folder.
fn external_keys(paths: &[PathBuf]) -> Result<Vec<PrivateKey>, AuthorityError> {
    let read = |path: &PathBuf| {
        let external = ExternalKey::read(path)?;
        if external.open_to_others {
            tell(&format!("greenlit-issuer: {}: other users of this machine can read this key", path.display()));
        }
        Ok(external.key)
    };
    paths.iter().map(read).collect()
}

/// The system's clock.
fn now() -> UnixTime {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    UnixTime::new(seconds).unwrap_or(UnixTime::MAX)
}
