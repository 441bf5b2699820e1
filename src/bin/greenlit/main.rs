//! `greenlit`: the till.

mod check;
mod demo;
mod judged;
mod settings;
mod sync;
mod till;
mod trust;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Checks QR passes offline: genuine or not, good today or not, and what they entitle to here.
#[derive(Parser)]
#[command(version, arg_required_else_help = true, subcommand_required = true)]
struct Cli {
    /// The folder of the trust store, instead of the user's own.
    #[arg(long, value_name = "DIR", global = true)]
    data: Option<PathBuf>,

    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Check(check::Args),
    #[command(subcommand)]
    Trust(trust::Action),
    Sync(sync::Args),
    Settings(settings::Args),
    Demo(demo::Args),
}

/// What a command ends with: its exit status, or one line on what went wrong and what to do.
type Outcome = Result<ExitCode, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    quiet_panics();
    let cli = Cli::parse();
    let outcome = till::Till::new(cli.data).map_err(Into::into).and_then(|till| match cli.command {
        Command::Check(args) => check::run(&args, &till),
        Command::Trust(action) => trust::run(&action, &till),
        Command::Sync(args) => sync::run(&args, &till),
        Command::Settings(args) => settings::run(&args, &till),
        Command::Demo(args) => demo::run(&args),
    });
    outcome.unwrap_or_else(|error| {
        // Whoever read our output has gone, as in `greenlit … | head`: nobody to tell.
        let reader_gone =
            error.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe);
        if !reader_gone {
            till::complain(&error.to_string());
        }
        ExitCode::from(2)
    })
}

/// A fault of ours is told in one line; one inside the QR decoder is caught there and is none.
fn quiet_panics() {
    std::panic::set_hook(Box::new(|info| {
        if std::thread::current().name() != Some(greenlit::qr::DECODER_THREAD) {
            let place = info.location().map(|l| format!(" ({}:{})", l.file(), l.line())).unwrap_or_default();
            let _ = writeln!(std::io::stderr(), "greenlit: a fault in Greenlit itself{place}; please report it");
        }
    }));
}
