//! Where this program has passphrases and PINs of: a file that somebody names, systemd's credentials, or the terminal.
//! Never an argument or an environment variable, which other programs see.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::OnceLock;

use zeroize::Zeroizing;

use crate::authority::AuthorityError;
use crate::cli::tell;
use crate::passphrase::{AskPassphrase, Passphrase, PassphraseError, Passphrases, Secret};

/// Names the file, where no option does.
const FILE_VARIABLE: &str = "GREENLIT_PASSPHRASE_FILE";
/// Set by systemd for a service that has credentials.
const CREDENTIALS_VARIABLE: &str = "CREDENTIALS_DIRECTORY";
const PASSPHRASE_CREDENTIAL: &str = "greenlit-passphrase";
const PIN_CREDENTIAL: &str = "greenlit-pin";

/// What `--passphrase-file` says, for the whole of the program.
static FILE: OnceLock<Option<PathBuf>> = OnceLock::new();

/// Takes the global option.
pub(super) fn set_file(file: Option<PathBuf>) {
    let _ = FILE.set(file);
}

/// Of whom this program has passphrases.
pub(super) fn passphrases() -> Passphrases {
    Passphrases::of(Box::new(FileOrTerminal))
}

/// The passphrase of new keys, if they are to be encrypted.
pub(super) fn for_new_keys(passphrases: &Passphrases, encrypt: bool) -> Result<Option<Passphrase>, AuthorityError> {
    Ok(if encrypt { Some(passphrases.for_new_keys()?) } else { None })
}

/// See the module.
pub(super) struct FileOrTerminal;

impl AskPassphrase for FileOrTerminal {
    fn ask(&mut self, what: Secret<'_>, wrong: usize) -> Result<Option<Passphrase>, PassphraseError> {
        if let Some(passphrase) = stored(what) {
            // It holds one, and once is enough.
            return if wrong == 0 { passphrase.map(Some) } else { Ok(None) };
        }
        // Who does not see the question is not asked; standard input may be anything else.
        if !std::io::stderr().is_terminal() {
            return Ok(None);
        }
        match what {
            Secret::KeyFile(path) => {
                if wrong > 0 {
                    tell(&format!("greenlit-issuer: wrong passphrase for {}", path.display()));
                }
                prompt(&format!("Passphrase for {}: ", path.display()))
            }
            Secret::NewKeys => {
                let Some(first) = prompt("Passphrase for the new keys: ")? else { return Ok(None) };
                match prompt("The same again: ")? {
                    Some(second) if second.as_bytes() != first.as_bytes() => Err(PassphraseError::Differ),
                    second => Ok(second),
                }
            }
            Secret::Pin(token) => prompt(&format!("PIN for token \"{token}\": ")),
        }
    }
}

/// From the file that somebody names, or from systemd. A PIN is only had of the latter: a passphrase tried as a PIN
/// would be one wrong PIN more.
fn stored(what: Secret<'_>) -> Option<Result<Passphrase, PassphraseError>> {
    let is_pin = matches!(what, Secret::Pin(_));
    let named = FILE.get().cloned().flatten().or_else(|| std::env::var_os(FILE_VARIABLE).map(PathBuf::from));
    if let Some(path) = named.filter(|path| !is_pin && !path.as_os_str().is_empty()) {
        return Some(Passphrase::read(&path));
    }
    let name = if is_pin { PIN_CREDENTIAL } else { PASSPHRASE_CREDENTIAL };
    let path = PathBuf::from(std::env::var_os(CREDENTIALS_VARIABLE)?).join(name);
    path.exists().then(|| Passphrase::read_guarded(&path))
}

/// Asks at the terminal, unseen. None where there is none.
fn prompt(question: &str) -> Result<Option<Passphrase>, PassphraseError> {
    #[cfg(unix)]
    let _unseen = Unseen::new();
    match rpassword::prompt_password(question) {
        Ok(text) => Passphrase::new(Zeroizing::new(text.into_bytes())).map(Some),
        // No terminal belongs to this process, though its standard error is one.
        Err(error) if is_absence(&error) => Ok(None),
        Err(error) => Err(PassphraseError::Terminal(error)),
    }
}

/// The terminal shows nothing of what is typed until this is dropped. rpassword sees to that only after its question, when
/// a quick hand, or a program, has typed already.
#[cfg(unix)]
struct Unseen {
    terminal: std::fs::File,
    before: rustix::termios::Termios,
}

#[cfg(unix)]
impl Unseen {
    fn new() -> Option<Self> {
        use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
        let terminal = std::fs::OpenOptions::new().read(true).write(true).open("/dev/tty").ok()?;
        let before = tcgetattr(&terminal).ok()?;
        let mut unseen = before.clone();
        unseen.local_modes.remove(LocalModes::ECHO);
        tcsetattr(&terminal, OptionalActions::Now, &unseen).ok()?;
        Some(Self { terminal, before })
    }
}

#[cfg(unix)]
impl Drop for Unseen {
    fn drop(&mut self) {
        // A terminal that is gone shows nothing.
        let _ = rustix::termios::tcsetattr(&self.terminal, rustix::termios::OptionalActions::Now, &self.before);
    }
}

fn is_absence(error: &std::io::Error) -> bool {
    let no_terminal = rustix::io::Errno::NXIO.raw_os_error();
    error.kind() == std::io::ErrorKind::NotFound || error.raw_os_error() == Some(no_terminal)
}
