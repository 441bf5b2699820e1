//! `greenlit pin`: the PIN before the window's settings.

use std::io::{BufRead, IsTerminal, Read, Write, stdin, stdout};
use std::process::ExitCode;

use clap::Subcommand;

use greenlit_words::command as say;

use crate::cli::Outcome;
use crate::config::diagnostic::language;
use crate::config::pin::{BadPin, PinHash};
use crate::config::settings::Setting;
use crate::config::till::Till;

/// Longest line that is read from a pipe, in bytes.
const MAX_LINE_BYTES: u64 = 64;

/// Set the PIN that the window asks for before its settings: 4 to 12 digits, asked for at the terminal or
/// read from standard input.
#[derive(Subcommand)]
pub(crate) enum Action {
    /// Set or change the PIN of this till.
    Set,
    /// Remove the PIN of this till.
    Clear,
    /// Print a PIN's hash, for `pin-hash` in the site file. Nothing is stored.
    Hash,
}

pub(crate) fn run(action: &Action, till: &Till) -> Outcome {
    let mut out = stdout().lock();
    match action {
        Action::Hash => writeln!(out, "{}", PinHash::new(&ask()?)?)?,
        Action::Set => {
            till.remember(Setting::PinHash, &PinHash::new(&ask()?)?.to_string())?;
            writeln!(out, "{}", say::pin_set(language()))?;
        }
        Action::Clear => {
            till.remember(Setting::PinHash, "")?;
            writeln!(out, "{}", say::pin_removed(language()))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Twice at a terminal, unseen; once from a pipe.
fn ask() -> Result<String, BadPin> {
    let not_read = |error: std::io::Error| BadPin::NotRead(error.to_string());
    if !stdin().is_terminal() {
        let mut line = String::new();
        stdin().lock().take(MAX_LINE_BYTES).read_line(&mut line).map_err(not_read)?;
        return Ok(line.trim_end_matches(['\r', '\n']).to_owned());
    }
    let pin = rpassword::prompt_password(say::new_pin(language())).map_err(not_read)?;
    // Before somebody types a bad one twice.
    if !PinHash::is_pin(&pin) {
        return Err(BadPin::NotDigits);
    }
    if pin != rpassword::prompt_password(say::same_pin(language())).map_err(not_read)? {
        return Err(BadPin::Differ);
    }
    Ok(pin)
}
