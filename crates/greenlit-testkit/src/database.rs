//! A real PostgreSQL server from the system's packages, on a socket of its own: `script/bootstrap postgres` gets it.
//!
//! It is started as an ordinary user, for as root it refuses to start, and ends with whatever started it, however that
//! ends: a shell between the two waits for the end of a pipe, stops the server and removes its folder.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, Mutex};
use std::time::{Duration, Instant};

use postgres::{Client, NoTls};

/// Ends a test whose server does not come up.
const PATIENCE: Duration = Duration::from_secs(120);

/// What the server says of a port that somebody else has.
const PORT_TAKEN: &str = "could not create any TCP/IP sockets";

/// Waits for a line, after which the server is stopped as by a power cut, or for the pipe's end, after which its folder is
/// removed as well. What a terminal sends to all of its programs is left to the one that holds the pipe.
const KEEPER: &str = r#"
trap '' INT TERM HUP
folder=$1; shift
"$@" </dev/null >>"$folder/log" 2>&1 &
server=$!
echo started
if read -r line; then kill -QUIT $server; wait $server; else
    kill -QUIT $server; wait $server; rm -rf "$folder"
fi
"#;

/// Who runs the server where the tests are run as root: `nobody`, whose number is the same on every Linux.
const NOBODY: u32 = 65_534;

/// Whether what was written outlives the end of the machine.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Durable {
    Yes,
    /// For tests that do not stop the server: several times as fast.
    No,
}

/// A server.
pub struct Database {
    folder: PathBuf,
    options: Vec<String>,
    port: u16,
    keeper: Mutex<Option<Child>>,
    made: AtomicU64,
}

impl Database {
    /// The one that the tests of a program share.
    pub fn shared() -> &'static Self {
        static SHARED: LazyLock<Database> = LazyLock::new(|| Database::start(Durable::No, &[]));
        &SHARED
    }

    /// Another one, with these settings besides.
    pub fn start(durable: Durable, settings: &[&str]) -> Self {
        Self::try_start(durable, settings).unwrap()
    }

    fn try_start(durable: Durable, settings: &[&str]) -> Result<Self, String> {
        let folder = tempfile::Builder::new().prefix("pg").tempdir_in(short_folder()).unwrap().keep();
        give_away(&folder);
        let data = folder.join("data");
        let mut initdb = as_ordinary_user(&binary("initdb"));
        initdb.args([
            "--no-sync",
            "--auth-local=trust",
            "--auth-host=scram-sha-256",
            "--username=postgres",
            "--encoding=UTF8",
            "--locale=C",
            "-D",
        ]);
        let made = initdb.arg(&data).current_dir(&folder).output().unwrap();
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        let mut options = vec![
            format!("unix_socket_directories={}", folder.display()),
            "listen_addresses=".into(),
            "shared_buffers=64MB".into(),
            "max_connections=50".into(),
        ];
        if durable == Durable::No {
            options.extend(["fsync=off", "synchronous_commit=off", "full_page_writes=off"].map(String::from));
        }
        options.extend(settings.iter().map(ToString::to_string));
        let port = settings.iter().find_map(|setting| setting.strip_prefix("port=")?.parse().ok()).unwrap_or(5432);
        let server = Self { folder, options, port, keeper: Mutex::new(None), made: AtomicU64::new(0) };
        server.try_go().map(|()| server)
    }

    /// Starts it again after [`Self::stop`], and waits until it answers.
    pub fn go(&self) {
        self.try_go().unwrap();
    }

    fn try_go(&self) -> Result<(), String> {
        let mut keeper = Command::new("sh");
        keeper.args(["-c", KEEPER, "sh"]).arg(&self.folder);
        let server = as_ordinary_user(&binary("postgres"));
        keeper.arg(server.get_program()).args(server.get_args()).arg("-D").arg(self.folder.join("data"));
        self.options.iter().for_each(|option| {
            keeper.arg("-c").arg(option);
        });
        let mut keeper = keeper.current_dir(&self.folder).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        BufReader::new(keeper.stdout.take().unwrap()).read_line(&mut String::new()).unwrap();
        *self.keeper.lock().unwrap() = Some(keeper);
        let deadline = Instant::now() + PATIENCE;
        while let Err(error) = Client::connect(&self.url("postgres"), NoTls) {
            let log = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
            if Instant::now() > deadline || log.contains(PORT_TAKEN) {
                return Err(format!("{error}: {log}"));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// Stops it at once, as a power cut would: by SIGQUIT to all of its processes.
    pub fn stop(&self) {
        if let Some(mut keeper) = self.keeper.lock().unwrap().take() {
            keeper.stdin.take().unwrap().write_all(b"stop\n").unwrap();
            keeper.wait().unwrap();
        }
    }

    /// A new database, as its URL.
    pub fn database(&self) -> String {
        let name = format!("t{}", self.made.fetch_add(1, Ordering::SeqCst));
        self.client("postgres").batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
        self.url(&name)
    }

    /// The URL of a database.
    pub fn url(&self, name: &str) -> String {
        format!("postgresql:///{name}?user=postgres&host={}&port={}", self.folder.display(), self.port)
    }

    /// A server that is reached over TCP as well, at this port of this machine, with these certificates.
    pub fn start_with_tls(certificates: &Path) -> (Self, u16) {
        give_away(certificates);
        let file = |name: &str| certificates.join(name).display().to_string();
        give_away(file("server.key").as_ref());
        give_away(file("server.pem").as_ref());
        loop {
            // It may be somebody else's by the time the server asks for it: another one then.
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            let settings = [
                "listen_addresses=127.0.0.1".to_owned(),
                format!("port={port}"),
                "ssl=on".to_owned(),
                format!("ssl_cert_file={}", file("server.pem")),
                format!("ssl_key_file={}", file("server.key")),
            ];
            match Self::try_start(Durable::No, &settings.each_ref().map(String::as_str)) {
                Ok(server) => return (server, port),
                Err(log) => assert!(log.contains(PORT_TAKEN), "{log}"),
            }
        }
    }

    fn client(&self, name: &str) -> Client {
        client(&self.url(name))
    }
}

/// To look into a database.
pub fn client(url: &str) -> Client {
    Client::connect(url, NoTls).unwrap()
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Some(mut keeper) = self.keeper.lock().unwrap().take() {
            drop(keeper.stdin.take());
            let _ = keeper.wait();
        }
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// The path of a socket has no more than 107 bytes.
fn short_folder() -> PathBuf {
    let usual = std::env::temp_dir();
    if usual.as_os_str().len() < 60 { usual } else { "/tmp".into() }
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Makes this the server's, where it is another user's.
fn give_away(path: &Path) {
    if is_root() {
        chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
    }
    let mode = if path.is_dir() { 0o700 } else { 0o600 };
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

fn as_ordinary_user(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    let (user, group) = (format!("--reuid={NOBODY}"), format!("--regid={NOBODY}"));
    command.args([&user, &group, "--clear-groups"]).arg(program);
    command
}

/// The newest one that there is: Debian keeps each version's in a folder of its own, not on the PATH.
fn binary(name: &str) -> PathBuf {
    let mut folders: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    folders.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut all = folders.into_iter().rev().map(|(_, folder)| folder).chain(std::env::split_paths(&path));
    let found = all.find_map(|folder| Some(folder.join(name)).filter(|file| file.is_file()));
    found.unwrap_or_else(|| panic!("no PostgreSQL server ({name}): run script/bootstrap postgres"))
}
