//! The command line of `greenlit-issuer`.

mod check_backup;
#[cfg(feature = "serve")]
mod clients;
mod confirm;
mod demo;
mod erase;
mod holder;
mod init;
mod inspect;
mod issue;
mod issue_batch;
mod keys;
mod language;
mod move_register;
mod passphrase;
mod print;
mod publish;
mod reissue;
mod replay;
mod report;
mod revoke;
mod revoked;
mod root;
mod schemes;
#[cfg(feature = "serve")]
mod serve;
mod status;

use std::io::{BufRead, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::{CommandFactory, Parser, Subcommand};

use greenlit_core::time::UnixTime;

use crate::PrivateKey;
use crate::authority::{Authority, AuthorityError, ExternalKey, Notice, RegisterSetting};
use crate::passphrase::Passphrases;

/// Issue, revoke and publish QR passes, so that tills can check them offline.
#[derive(Parser)]
#[command(name = "greenlit-issuer", version, arg_required_else_help = true, subcommand_required = true)]
struct Cli {
    /// Read the passphrase of encrypted private keys from the first line of this file instead of asking for it.
    ///
    /// The file must be readable by its owner only. GREENLIT_PASSPHRASE_FILE names it too, and a systemd service finds
    /// the credential greenlit-passphrase.
    #[arg(long, global = true, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Init(init::Args),
    Keys(keys::Args),
    Issue(issue::Args),
    IssueBatch(issue_batch::Args),
    Print(print::Args),
    Reissue(reissue::Args),
    Revoke(revoke::Args),
    Confirm(confirm::Args),
    Revoked(revoked::Args),
    Status(status::Args),
    Report(report::Args),
    Erase(erase::Args),
    Replay(replay::Args),
    CheckBackup(check_backup::Args),
    MoveRegister(move_register::Args),
    Root(root::Args),
    Schemes(schemes::Args),
    Publish(publish::Args),
    Inspect(inspect::Args),
    #[cfg(feature = "serve")]
    Serve(serve::Args),
    #[cfg(feature = "serve")]
    Clients(clients::Args),
    Demo(demo::Args),
}

/// Most bytes of an answer at the terminal.
const MAX_ANSWER: u64 = 1_000;

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
    let cli = Cli::parse();
    passphrase::set_file(cli.passphrase_file);
    let outcome = match cli.command {
        Command::Init(args) => init::run(&args),
        Command::Keys(args) => keys::run(&args),
        Command::Issue(args) => issue::run(&args),
        Command::IssueBatch(args) => issue_batch::run(&args),
        Command::Print(args) => print::run(&args),
        Command::Reissue(args) => reissue::run(&args),
        Command::Revoke(args) => revoke::run(&args),
        Command::Confirm(args) => confirm::run(&args),
        Command::Revoked(args) => revoked::run(&args),
        Command::Status(args) => status::run(&args),
        Command::Report(args) => report::run(&args),
        Command::Erase(args) => erase::run(&args),
        Command::Replay(args) => replay::run(&args),
        Command::CheckBackup(args) => check_backup::run(&args),
        Command::MoveRegister(args) => move_register::run(&args),
        Command::Root(args) => root::run(&args),
        Command::Schemes(args) => schemes::run(&args),
        Command::Publish(args) => publish::run(&args),
        Command::Inspect(args) => inspect::run(&args),
        #[cfg(feature = "serve")]
        Command::Serve(args) => serve::run(&args),
        #[cfg(feature = "serve")]
        Command::Clients(args) => clients::run(&args),
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
    let mut authority = Authority::open(folder, &mut tell_notice)?;
    authority.ask_passphrases_of(Box::new(passphrase::FileOrTerminal));
    Ok(authority)
}

fn tell_notice(notice: Notice) {
    tell(&format!("greenlit-issuer: {notice}"));
}

/// Asks somebody at the terminal, who has to say yes. Elsewhere nobody can, and `option` says it.
fn ask(question: &str, option: &str) -> Result<bool, Box<dyn std::error::Error>> {
    if !std::io::stdin().is_terminal() {
        return Err(format!("there is nobody to ask; to go on without, use {option}").into());
    }
    let mut terminal = std::io::stderr();
    terminal.write_all(format!("{question}? [y/N] ").as_bytes())?;
    let mut answer = String::new();
    std::io::stdin().lock().take(MAX_ANSWER).read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// Whether somebody agreed. Scripts and timers have nobody to ask.
fn agreed(question: &str, yes: bool) -> Result<bool, Box<dyn std::error::Error>> {
    let somebody = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    if somebody && !yes { ask(question, "--yes") } else { Ok(true) }
}

/// Reads keys kept elsewhere than in the authority's folder.
fn external_keys(paths: &[PathBuf], passphrases: &Passphrases) -> Result<Vec<PrivateKey>, AuthorityError> {
    let read = |path: &PathBuf| {
        let external = ExternalKey::read(path, passphrases)?;
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
