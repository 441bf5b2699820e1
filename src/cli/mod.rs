//! The command line of `greenlit`: a file a command.

mod card;
mod check;
pub(crate) mod demo;
mod figures;
mod notes;
mod pin;
mod self_test;
mod settings;
mod status;
mod stream;
mod sync;
pub(crate) mod trust;
mod watch;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use greenlit_camera::pace::{AtEnd, Pace};
use greenlit_camera::picture;
use greenlit_camera::still::Stills;
use greenlit_core::presenter::Timing;

use crate::config::diagnostic::Level;
use crate::config::site_file::SiteFile;
use crate::config::window_lock::WindowLock;
use crate::config::{bootstrap, diagnostic, failures, journal, till};
use crate::gui::{self, settings_controller};
use crate::session;

/// Check QR passes offline: whether they are genuine, valid today, and what they entitle the guest to here.
///
/// Run without a command to open the window on the camera.
#[derive(Parser)]
#[command(version)]
struct Cli {
    /// Data folder to use instead of the user's own.
    #[arg(long, value_name = "DIR", global = true)]
    data: Option<PathBuf>,

    /// Site file to use instead of /etc/greenlit/site.toml; it overrides the till's own settings.
    #[arg(long, value_name = "FILE", global = true)]
    site_file: Option<PathBuf>,

    /// Open the window on these pictures, one after another, instead of the camera.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pictures: Vec<PathBuf>,

    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    Check(check::Args),
    Card(card::Args),
    #[command(subcommand)]
    Trust(trust::Action),
    Sync(sync::Args),
    Settings(settings::Args),
    #[command(subcommand)]
    Pin(pin::Action),
    Figures(figures::Args),
    Status(status::Args),
    SelfTest(self_test::Args),
    Watch(watch::Args),
    Demo(demo::Args),
}

/// What a command ends with: its exit status, or one line on what went wrong and what to do.
pub(crate) type Outcome = Result<ExitCode, Box<dyn std::error::Error>>;

/// The program's definition, for its manual and completions.
pub fn command() -> clap::Command {
    Cli::command()
}

/// Runs the program.
pub fn main() -> ExitCode {
    quiet_panics();
    diagnostic::speak_as_locale();
    let cli = Cli::parse();
    let outcome = run(cli);
    outcome.unwrap_or_else(|error| {
        // Whoever read our output has gone, as in `greenlit … | head`: nobody to tell.
        let reader_gone =
            error.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe);
        if !reader_gone {
            diagnostic::warn(&told(&*error));
        }
        ExitCode::from(2)
    })
}

/// An error in the language of the command line.
fn told(error: &(dyn std::error::Error + 'static)) -> String {
    let language = diagnostic::language();
    if let Some(error) = error.downcast_ref::<trust::TrustError>() {
        return error.told(language);
    }
    error.downcast_ref().map_or_else(|| failures::any(error, language), |error| card::told(error, language))
}

fn run(cli: Cli) -> Outcome {
    // The demonstration is a till of its own, wherever it is shown.
    if let Some(Command::Demo(args)) = &cli.command {
        if args.is_for_another_till() || cli.data.is_some() || cli.site_file.is_some() {
            return Err("--data and --site-file cannot be used with `demo`, which uses a till of its own".into());
        }
        return demo::run(args);
    }
    let till = till::Till::from_site_file(cli.data, SiteFile::read(cli.site_file))?;
    match &cli.command {
        // They tell the mistakes among all the rest.
        Some(Command::Status(args)) => return status::run(args, &till),
        Some(Command::SelfTest(args)) => return self_test::run(args, &till),
        Some(Command::Settings(args)) if !args.writes() => bootstrap::print_diagnostics(&till),
        Some(Command::Trust(trust::Action::Show) | Command::Card(_)) => bootstrap::print_diagnostics(&till),
        Some(Command::Check(_)) => bootstrap::bootstrap(&till, true),
        Some(Command::Watch(args)) => bootstrap::bootstrap(&till, !args.offline),
        _ => bootstrap::bootstrap(&till, false),
    }
    match cli.command {
        Some(Command::Check(args)) => check::run(&args, &till),
        Some(Command::Card(args)) => card::run(&args, &till),
        Some(Command::Trust(action)) => trust::run(&action, &till),
        Some(Command::Sync(args)) => sync::run(&args, &till),
        Some(Command::Settings(args)) => settings::run(&args, &till),
        Some(Command::Pin(action)) => pin::run(&action, &till),
        Some(Command::Figures(args)) => figures::run(&args, &till),
        Some(Command::Status(args)) => status::run(&args, &till),
        Some(Command::SelfTest(args)) => self_test::run(&args, &till),
        Some(Command::Watch(args)) => watch::run(&args, &till),
        Some(Command::Demo(args)) => demo::run(&args),
        None => open_window(till, cli.pictures),
    }
}

/// Frames that a picture file is held up for, at a camera's pace.
const FRAMES_EACH: u32 = 120;
const FRAMES_A_SECOND: u32 = 30;

/// The window on the remembered camera, or on picture files.
fn open_window(till: till::Till, pictures: Vec<PathBuf>) -> Outcome {
    #[cfg(all(unix, feature = "kiosk"))]
    crate::config::keyboard::leave_out_unknown_layouts();
    let _alone = WindowLock::take(till.folder())?;
    journal::keep();
    let conditions = notes::of_clock(session::live_context(till.clock().clone()), till.clock().clone());
    let controller = settings_controller::SettingsController::new(till);
    let open: session::OpenCamera = if pictures.is_empty() {
        controller.open_camera()
    } else {
        // In the window one that cannot be read would look like a camera that fails.
        pictures.iter().try_for_each(|file| picture::read(file).map(drop))?;
        let pace = Pace::Fps(FRAMES_A_SECOND);
        let stills = Stills::new(pictures, FRAMES_EACH, pace, AtEnd::Loop)?;
        Box::new(move || Ok(Box::new(stills.clone())))
    };
    let source = session::Source { open: notes::of_camera(open), conditions, timing: Timing::default() };
    gui::run(controller, source)?;
    journal::note(Level::Info, "the window was closed");
    Ok(ExitCode::SUCCESS)
}

/// A fault of ours is reported in one line; one inside the QR decoder or a camera's driver is caught
/// there and is none.
fn quiet_panics() {
    std::panic::set_hook(Box::new(|info| {
        let quiet = [session::quiet::THREAD, greenlit_camera::supervisor::READER_THREAD];
        if !std::thread::current().name().is_some_and(|name| quiet.contains(&name)) {
            let place = info.location().map(|l| format!(" ({}:{})", l.file(), l.line())).unwrap_or_default();
            diagnostic::warn(&format!("internal error in Greenlit{place}; please report it"));
        }
    }));
}
