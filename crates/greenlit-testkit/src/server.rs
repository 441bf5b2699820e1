//! A real web server, nginx, on this machine's loopback, with certificates made for the test; and a
//! misbehaving one behind it.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustix::process::Signal;
use tempfile::TempDir;

/// nginx, serving what is in [`Server::www`] until this is dropped.
pub struct Server {
    folder: TempDir,
    nginx: Child,
    pub port: u16,
}

impl Server {
    /// `None` where there is no nginx: `script/bootstrap nginx` gets it. In CI there has to be one.
    pub fn start() -> Option<Self> {
        let Some(nginx) = nginx() else {
            assert!(std::env::var_os("CI").is_none(), "no nginx: run script/bootstrap nginx");
            eprintln!("skipped: there is no nginx; script/test gets it");
            return None;
        };
        let folder = TempDir::new().unwrap();
        std::fs::create_dir_all(folder.path().join("www")).unwrap();
        make_certificates(folder.path());
        let upstream = misbehave();
        // nginx is given the listening socket itself, as one nginx hands it to the next: a port that was only
        // looked up could be somebody else's by the time nginx asks for it. It has a worker, for nginx all in
        // one process dies of a socket that it was given.
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::fs::write(folder.path().join("nginx.conf"), conf(folder.path(), port, upstream)).unwrap();
        let mut child = Command::new(&nginx)
            .args(["-e", "error.log", "-c", "nginx.conf", "-p"])
            .arg(folder.path())
            .stdin(std::os::fd::OwnedFd::from(listener))
            .env("NGINX", "0;")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Connections wait until it takes them; should it not have started, they would for ever.
        while !folder.path().join("pid").exists() {
            let log = || std::fs::read_to_string(folder.path().join("error.log"));
            assert!(child.try_wait().unwrap().is_none(), "{:?}", log());
            std::thread::sleep(Duration::from_millis(10));
        }
        Some(Self { folder, nginx: child, port })
    }

    /// The folder that is served.
    pub fn www(&self) -> PathBuf {
        self.folder.path().join("www")
    }

    pub fn url(&self, folder: &str) -> String {
        format!("https://localhost:{}/{folder}", self.port)
    }

    /// The authority that vouches for this server.
    pub fn ca(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// Method, path and status of each request so far.
    pub fn requests(&self) -> Vec<String> {
        // nginx answers before it writes its log, but one thing after another: when it answers this, which
        // is no TLS and therefore refused, all that came before is in the log.
        let mut last = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        last.write_all(b"GET /last HTTP/1.0\r\n\r\n").unwrap();
        last.read_to_end(&mut Vec::new()).unwrap();
        let log = std::fs::read_to_string(self.folder.path().join("access.log")).unwrap_or_default();
        log.lines().filter(|line| !line.starts_with("GET /last ")).map(str::to_owned).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Killed, it would leave its worker behind.
        let _ = rustix::process::kill_process(rustix::process::Pid::from_child(&self.nginx), Signal::TERM);
        let _ = self.nginx.wait();
    }
}

fn nginx() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/tools/nginx/usr/sbin");
    std::env::split_paths(&path)
        .chain([PathBuf::from("/usr/sbin"), ours])
        .map(|folder| folder.join("nginx"))
        .find(|file| file.is_file())
}

/// An authority of our own, and a certificate of its for "localhost".
pub fn make_certificates(folder: &Path) {
    let mut authority = CertificateParams::new(vec![]).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let server = CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    std::fs::write(folder.join("ca.pem"), authority.pem()).unwrap();
    std::fs::write(folder.join("server.pem"), server.pem()).unwrap();
    std::fs::write(folder.join("server.key"), key.serialize_pem()).unwrap();
}

fn conf(folder: &Path, port: u16, upstream: u16) -> String {
    let root = folder.display();
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .iter()
        .map(|kind| format!("  {kind}_temp_path {root}/{kind};\n"))
        .collect();
    format!(
        "daemon off;\nworker_processes 1;\nuser root root;\npid {root}/pid;\nevents {{ }}\nhttp {{\n{temporary}\
         \x20 log_format short '$request_method $uri $status';\n  access_log {root}/access.log short;\n\
         \x20 server {{\n    listen 127.0.0.1:{port} ssl;\n    ssl_certificate server.pem;\n\
         \x20   ssl_certificate_key server.key;\n    root {root}/www;\n\
         \x20   location /up/ {{ proxy_pass http://127.0.0.1:{upstream}; proxy_buffering off; }}\n\
         \x20   location /plain/ {{ return 302 http://localhost:{upstream}/; }}\n\
         \x20   location /disk/ {{ return 302 file:///etc/hostname; }}\n\
         \x20   location /round/ {{ return 302 https://localhost:{port}/round/; }}\n\
         \x20   location /moved/ {{ rewrite ^/moved/(.*) https://localhost:{port}/pub/$1 permanent; }}\n\
         \x20   location /down/ {{ return 503; }}\n\
         \x20   location /portal/ {{ return 200 '<html>Please log in</html>'; }}\n\
         \x20   location /wordy/ {{ alias {root}/www/pub/; etag off; add_header ETag '\"{}\"'; }}\n\
         \x20   location /squeezed/ {{ alias {root}/www/squeezed/; add_header Content-Encoding gzip; }}\n\
         \x20 }}\n}}\n",
        "x".repeat(300)
    )
}

/// An HTTP server that never does right by anybody: what it does stands in the path.
fn misbehave() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || answer(stream));
        }
    });
    port
}

fn answer(mut stream: TcpStream) -> Option<()> {
    let mut request = [0; 4_096];
    let length = stream.read(&mut request).ok()?;
    let line = String::from_utf8_lossy(&request[..length]).into_owned();
    let head = |length: &str| format!("HTTP/1.1 200 OK\r\nConnection: close\r\n{length}\r\n");
    let nap = || std::thread::sleep(Duration::from_millis(50));
    // Bounded all the same, in case nobody hangs up.
    let deadline = Instant::now() + Duration::from_secs(3_600);
    if line.contains("/endless/") {
        stream.write_all(head("").as_bytes()).ok()?;
        while Instant::now() < deadline {
            stream.write_all(&[0x41; 4_096]).ok()?;
        }
    } else if line.contains("/half/") {
        stream.write_all(head("Content-Length: 1000\r\n").as_bytes()).ok()?;
        stream.write_all(&[0x41; 500]).ok()?;
    } else if line.contains("/late/") {
        while Instant::now() < deadline {
            nap();
        }
    } else if line.contains("/drip/") {
        stream.write_all(head("Content-Length: 10000\r\n").as_bytes()).ok()?;
        while Instant::now() < deadline {
            stream.write_all(b"A").ok()?;
            nap();
        }
    } else if line.contains("/rubbish/") {
        stream.write_all(b"\x00\xffnot HTTP at all\r\n\r\n").ok()?;
    }
    Some(())
}

/// A proxy that only passes on (CONNECT, RFC 9110 §9.3.6), and counts.
pub fn proxy() -> (u16, std::sync::Arc<std::sync::atomic::AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let tunnels = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let count = std::sync::Arc::clone(&tunnels);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            std::thread::spawn(move || tunnel(stream));
        }
    });
    (port, tunnels)
}

fn tunnel(mut stream: TcpStream) -> Option<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && head.len() < 4_096 {
        let mut byte = [0];
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    let text = String::from_utf8(head).ok()?;
    let to = text.strip_prefix("CONNECT ")?.split(' ').next()?.replace("localhost", "127.0.0.1");
    let mut there = TcpStream::connect(to).ok()?;
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").ok()?;
    let (mut from, mut back) = (stream.try_clone().ok()?, there.try_clone().ok()?);
    std::thread::spawn(move || std::io::copy(&mut back, &mut stream));
    std::io::copy(&mut from, &mut there).ok().map(drop)
}
