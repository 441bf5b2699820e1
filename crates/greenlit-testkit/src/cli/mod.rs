//! Runs the built programs as a user would, in a folder of their own.

mod clock;
mod operator;
pub mod schema;

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::LazyLock;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// Ends a test that hangs, and nothing else.
pub const PATIENCE: Duration = Duration::from_secs(600);

/// A person, as `issue --holder` reads them.
pub const HOLDER: &str = "name = \"Закирова Ильсияр Булатовна\"\nborn = \"1984-05-09\"\ndocument = \"80 12 345678\"\n";

/// What a run left behind.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Run {
    /// Requires this exit status and gives standard output.
    #[track_caller]
    pub fn exits_with(self, code: i32) -> String {
        assert_eq!(self.code, code, "{self:#?}");
        self.out
    }

    /// Requires one clear line of complaint with these words, exit status 2, and no fault of ours.
    #[track_caller]
    pub fn fails_with(self, words: &str) {
        assert_eq!(self.code, 2, "{self:#?}");
        assert!(self.err.contains(words), "{words:?} is not in {self:#?}");
        assert!(!self.err.contains("internal error") && !self.err.contains("panicked"), "{self:#?}");
        assert!(self.err.lines().count() <= 3, "more than a few lines: {self:#?}");
    }

    /// The JSON objects of standard output, each as its schema says.
    #[track_caller]
    pub fn json(&self) -> Vec<serde_json::Value> {
        self.out.lines().map(schema::line).collect()
    }
}

/// A till's command that goes on, and is killed when this is dropped.
pub struct Running {
    child: Child,
    pub out: Lines,
    pub err: Lines,
}

impl Running {
    fn start(mut command: Command) -> Self {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (out, err) = (Lines::of(child.stdout.take().unwrap()), Lines::of(child.stderr.take().unwrap()));
        Self { child, out, err }
    }

    /// Sends it this signal, and waits until it has ended.
    pub fn end(&mut self, signal: Signal) -> ExitStatus {
        kill_process(self.pid(), signal).unwrap();
        self.wait()
    }

    /// Its process.
    pub fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Waits until it has ended.
    pub fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a running program writes, line by line.
pub struct Lines(Receiver<String>);

impl Lines {
    fn of(stream: impl Read + Send + 'static) -> Self {
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            BufReader::new(stream).lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
        });
        Self(lines)
    }

    /// The lines that come, up to one that is wanted.
    #[track_caller]
    pub fn until(&self, wanted: impl Fn(&str) -> bool) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        while !lines.last().is_some_and(|line| wanted(line)) {
            let line = self.0.recv_timeout(PATIENCE);
            lines.push(line.unwrap_or_else(|_| panic!("what was waited for did not come: {lines:#?}")));
        }
        lines
    }

    /// Those that have come meanwhile.
    pub fn come(&self) -> Vec<String> {
        self.0.try_iter().collect()
    }

    /// All the rest, of a program that has ended.
    pub fn rest(&self) -> Vec<String> {
        self.0.iter().collect()
    }
}

/// A folder with room for an authority, its publications and a till.
pub struct CliHarness {
    folder: TempDir,
}

impl CliHarness {
    pub fn new() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }

    /// With the authority "a", made with a pass key and published into "pub".
    pub fn with_authority() -> Self {
        let desk = Self::new();
        desk.init("a");
        desk.issuer(&["publish", "a", "pub"]).exits_with(0);
        desk
    }

    /// With an authority and a till that has synced from it.
    pub fn with_till() -> Self {
        let desk = Self::with_authority();
        desk.till(&["trust", "add", "--yes", "pub/root-1.cbor"]).exits_with(0);
        desk.till(&["sync", "pub"]).exits_with(0);
        desk
    }

    pub fn init(&self, folder: &str) {
        // The tests are one user of the machine.
        self.issuer(&["init", folder, "--name", "Министерство", "--region", "RU-BA", "--one-operator"]).exits_with(0);
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), bytes).unwrap();
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    /// Issues a pass on today's vaccination and gives its text and its reference.
    pub fn issue(&self, authority: &str, more: &[&str]) -> (String, String) {
        let today = today();
        let mut args = vec!["issue", authority, "--basis", "vaccination", "--on", &today];
        args.extend(["--holder", "-"]);
        args.extend(more);
        let run = self.issuer_reading(&args, HOLDER.as_bytes());
        assert_eq!(run.code, 0, "{run:#?}");
        let reference = run.err.split_whitespace().nth(1).unwrap().trim_end_matches(',').to_owned();
        (run.out.trim_end_matches('\n').to_owned(), reference)
    }

    /// The names of the keys of one role, as `keys` lists them.
    pub fn kids(&self, authority: &str, role: &str) -> Vec<String> {
        let keys = self.issuer(&["keys", authority]).exits_with(0);
        let of_role = keys.lines().filter(|line| line.starts_with(role));
        of_role.map(|line| line.split_whitespace().nth(1).unwrap().to_owned()).collect()
    }

    /// Publishes and syncs, both of which must go well.
    #[track_caller]
    pub fn publish_and_sync(&self) {
        self.issuer(&["publish", "a", "pub"]).exits_with(0);
        self.till(&["sync", "pub"]).exits_with(0);
    }

    /// The till's command, with its data in "till".
    pub fn till(&self, args: &[&str]) -> Run {
        self.till_reading(args, b"")
    }

    pub fn till_reading(&self, args: &[&str], input: &[u8]) -> Run {
        let mut all = vec!["--data", "till"];
        all.extend(args);
        run(self.folder.path(), program("greenlit"), &all, input)
    }

    /// The till's command with these variables as its only locale.
    pub fn till_in_locale(&self, locale: &[(&str, &str)], args: &[&str], input: &[u8]) -> Run {
        let mut command = command(self.folder.path(), program("greenlit"));
        command.env_remove("LC_ALL").envs(locale.iter().copied()).args(["--data", "till"]).args(args);
        finish(command, input)
    }

    /// The till's command, which goes on meanwhile.
    pub fn till_running(&self, args: &[&str]) -> Running {
        self.running("greenlit", &[&["--data", "till"], args].concat())
    }

    /// The authority's command, which goes on meanwhile.
    pub fn issuer_running(&self, args: &[&str]) -> Running {
        self.running("greenlit-issuer", args)
    }

    /// The same with nobody listening, to be killed.
    pub fn issuer_unheard(&self, args: &[&str]) -> Child {
        let mut command = command(self.folder.path(), program("greenlit-issuer"));
        command.args(args).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().unwrap()
    }

    /// Signals end it as at a terminal, also where what started the tests has them ignored, as `nohup` and some build
    /// servers do.
    fn running(&self, name: &str, args: &[&str]) -> Running {
        let mut command = command(self.folder.path(), "env");
        command.arg("--default-signal=INT,TERM").arg(program(name)).args(args);
        Running::start(command)
    }

    /// A shell command in the folder, with both programs on the PATH, which goes on meanwhile.
    pub fn shell_running(&self, script: &str) -> Running {
        let mut command = command(self.folder.path(), "bash");
        command.args(["-c", script]);
        Running::start(command)
    }

    pub fn issuer(&self, args: &[&str]) -> Run {
        self.issuer_reading(args, b"")
    }

    pub fn issuer_reading(&self, args: &[&str], input: &[u8]) -> Run {
        run(self.folder.path(), program("greenlit-issuer"), args, input)
    }

    /// A shell command in the folder, with both programs on the PATH.
    pub fn shell(&self, script: &str) -> Run {
        run(self.folder.path(), "bash", &["-c", script], b"")
    }

    /// Judges one text at a moment, or now, and gives its code.
    #[track_caller]
    pub fn code(&self, text: &str, at: Option<&str>) -> String {
        let mut args = vec!["check", "--json", "-"];
        args.extend(at.iter().flat_map(|at| ["--at", at]));
        let run = self.till_reading(&args, format!("{text}\n").as_bytes());
        let lines = run.json();
        assert_eq!(lines.len(), 1, "{run:#?}");
        lines[0]["code"].as_str().unwrap_or(lines[0]["answer"].as_str().unwrap()).to_owned()
    }
}

/// Where cargo has put the programs: beside the folder of the test that runs.
fn programs() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.ancestors().nth(2).unwrap().to_path_buf()
}

/// The path of one of the two programs.
///
/// Cargo builds both before a test of the whole workspace; for one package's alone they have to be there.
#[track_caller]
pub fn program(name: &str) -> PathBuf {
    let path = programs().join(name);
    assert!(
        path.is_file(),
        "{} is not built: run `cargo build --workspace --bins`, in the tests' profile",
        path.display()
    );
    path
}

/// Today in the region of the tests: one day for all of them, be it midnight meanwhile.
pub fn today() -> String {
    static TODAY: LazyLock<String> = LazyLock::new(|| {
        let zone = chrono::FixedOffset::east_opt(5 * 3600).unwrap();
        chrono::Utc::now().with_timezone(&zone).date_naive().to_string()
    });
    TODAY.clone()
}

/// So many seconds from now.
pub fn later(seconds: i64) -> String {
    (chrono::Utc::now() + chrono::Duration::seconds(seconds)).to_rfc3339()
}

pub const DAY: i64 = 24 * 3600;

/// A program with both of ours on the PATH, and nothing else of what surrounds the tests: no proxy, no
/// language, no time zone and no site file of this machine.
pub fn command(folder: &Path, program: impl AsRef<std::ffi::OsStr>) -> Command {
    let programs = programs();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap_or_default());
    let mut command = Command::new(program);
    command.current_dir(folder).env_clear().env("PATH", path).env("HOME", folder);
    command.env("LC_ALL", "C.UTF-8").env("TZ", "UTC").env("GREENLIT_SITE_FILE", "");
    // Some systems keep libraries where only this tells.
    command.envs(std::env::var_os("LD_LIBRARY_PATH").map(|path| ("LD_LIBRARY_PATH", path)));
    command
}

fn run(folder: &Path, program: impl AsRef<std::ffi::OsStr>, args: &[&str], input: &[u8]) -> Run {
    let mut command = command(folder, program);
    command.args(args);
    finish(command, input)
}

fn finish(mut command: Command, input: &[u8]) -> Run {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A program that does not read its input closes the pipe early.
    let _ = child.stdin.take().unwrap().write_all(input);
    let done = child.wait_with_output().unwrap();
    Run {
        code: done.status.code().unwrap_or(-1),
        out: String::from_utf8(done.stdout).unwrap(),
        err: String::from_utf8(done.stderr).unwrap(),
    }
}
