//! A client, which holds every answer to the API's description.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::ExitStatus;
use std::sync::LazyLock;

use greenlit_testkit::cli::{CliHarness, PATIENCE, Running};
use rustix::process::Signal;
use serde_json::{Value, json};

/// The description that the repository has.
pub(super) static OPENAPI: LazyLock<Value> = LazyLock::new(|| {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/openapi.json");
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
});

/// Enters a client of the authority "a" and gives its token.
pub(super) fn add(desk: &CliHarness, name: &str, may: &str, more: &[&str]) -> String {
    let run = desk.issuer(&[&["clients", "a", "add", name, "--may", may], more].concat());
    run.exits_with(0).trim_end().to_owned()
}

/// A service that runs until this is dropped.
pub(super) struct Service {
    pub(super) running: Running,
    /// Host and port.
    pub(super) address: String,
    /// Of the figures alone, if there is one.
    pub(super) metrics: Option<String>,
    log: Vec<String>,
}

impl Service {
    /// Of the authority "a", on a port that is free.
    pub(super) fn start(desk: &CliHarness, more: &[&str]) -> Self {
        Self::of(desk.issuer_running(&[&["serve", "a", "--listen", "127.0.0.1:0"], more].concat()), false)
    }

    /// One that was started, perhaps with an address for figures, when it listens.
    pub(super) fn of(running: Running, with_metrics: bool) -> Self {
        let last = if with_metrics { "metrics on http" } else { "listening on http" };
        let log = running.err.until(|line| line.contains(last));
        let find = |words: &str| {
            let line = log.iter().find_map(|line| line.split_once(words))?.1;
            Some(line.split_once("://")?.1.trim_end_matches("/metrics").to_owned())
        };
        let (address, metrics) = (find("listening on ").unwrap(), find("metrics on "));
        Self { running, address, metrics, log }
    }

    pub(super) fn portal(&self, token: &str) -> Portal {
        Portal { address: self.address.clone(), token: token.into() }
    }

    /// Asks it to end, and waits until it has.
    pub(super) fn end(&mut self) -> ExitStatus {
        self.running.end(Signal::TERM)
    }

    /// Everything it wrote, once it has ended.
    pub(super) fn log(&mut self) -> Vec<String> {
        self.log.extend(self.running.err.rest());
        self.log.clone()
    }
}

/// Somebody who asks.
#[derive(Clone)]
pub(super) struct Portal {
    pub(super) address: String,
    pub(super) token: String,
}

impl Portal {
    pub(super) fn issue(&self, key: &str, body: &Value) -> Answer {
        self.try_issue(key, body).unwrap()
    }

    /// The same where the service may be gone before it has answered.
    pub(super) fn try_issue(&self, key: &str, body: &Value) -> io::Result<Answer> {
        let headers = ["Content-Type: application/json", &format!("Idempotency-Key: {key}")];
        let answer = self.try_send("POST", "/v1/passes", &headers, body.to_string().as_bytes())?;
        answer.is_described("POST", "/v1/passes");
        Ok(answer)
    }

    pub(super) fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], b"")
    }

    pub(super) fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, &["Content-Type: application/json"], body.to_string().as_bytes())
    }

    /// Asks, and holds the answer to the description.
    #[track_caller]
    pub(super) fn send(&self, method: &str, path: &str, headers: &[&str], body: &[u8]) -> Answer {
        let answer = self.send_undescribed(method, path, headers, body);
        answer.is_described(method, path);
        answer
    }

    #[track_caller]
    pub(super) fn send_undescribed(&self, method: &str, path: &str, headers: &[&str], body: &[u8]) -> Answer {
        self.try_send(method, path, headers, body).unwrap()
    }

    pub(super) fn connect(&self) -> io::Result<TcpStream> {
        let stream = TcpStream::connect(&self.address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(stream)
    }

    fn try_send(&self, method: &str, path: &str, headers: &[&str], body: &[u8]) -> io::Result<Answer> {
        let mut stream = self.connect()?;
        exchange(&mut stream, &self.request(method, path, headers, body))
    }

    pub(super) fn request(&self, method: &str, path: &str, headers: &[&str], body: &[u8]) -> Vec<u8> {
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
        head += &format!("Content-Length: {}\r\n", body.len());
        if !self.token.is_empty() {
            head += &format!("Authorization: Bearer {}\r\n", self.token);
        }
        headers.iter().for_each(|line| head += &format!("{line}\r\n"));
        [head.as_bytes(), b"\r\n", body].concat()
    }

    /// Many on one connection, all sent before the first is answered.
    pub(super) fn pipeline(&self, method: &str, path: &str, count: usize) -> Vec<Answer> {
        let mut stream = self.connect().unwrap();
        let last = self.request(method, path, &[], b"");
        let one = String::from_utf8(last.clone()).unwrap().replace("Connection: close\r\n", "");
        let all = [one.repeat(count - 1).as_bytes(), &last].concat();
        let mut writer = stream.try_clone().unwrap();
        let writing = std::thread::spawn(move || writer.write_all(&all).unwrap());
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        writing.join().unwrap();
        let (mut answers, mut rest) = (Vec::new(), &bytes[..]);
        while !rest.is_empty() {
            let (answer, length) = Answer::parse(rest).unwrap();
            answers.push(answer);
            rest = &rest[length..];
        }
        assert_eq!(answers.len(), count);
        answers
    }
}

/// Sends these bytes and reads one answer, at whose end the connection is closed.
pub(super) fn exchange(stream: &mut (impl Read + Write), bytes: &[u8]) -> io::Result<Answer> {
    // One who is not read to the end may have answered all the same.
    let _ = stream.write_all(bytes).and_then(|()| stream.flush());
    let mut answer = Vec::new();
    let read = stream.read_to_end(&mut answer);
    match Answer::parse(&answer) {
        Ok((answer, _)) => Ok(answer),
        Err(error) => read.and(Err(error)),
    }
}

/// What was answered.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Answer {
    fn parse(bytes: &[u8]) -> io::Result<(Self, usize)> {
        let short = || io::Error::from(ErrorKind::UnexpectedEof);
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").ok_or_else(short)?;
        let head = std::str::from_utf8(&bytes[..end]).unwrap();
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers: Vec<(String, String)> = lines
            .map(|line| line.split_once(": ").unwrap())
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect();
        let length = headers.iter().find(|(name, _)| name == "content-length").map_or("0", |(_, value)| value);
        let whole = end + 4 + length.parse::<usize>().unwrap();
        let body = bytes.get(end + 4..whole).ok_or_else(short)?.to_vec();
        Ok((Self { status, headers, body }, whole))
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(there, _)| there == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    #[track_caller]
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Whether it is this problem.
    pub(super) fn is_problem(&self, status: u16, kind: &str) -> bool {
        self.status == status
            && self.header("content-type") == Some("application/problem+json")
            && self.json()["type"] == format!("urn:greenlit:problem:{kind}")
            && self.json()["status"] == status
    }

    /// Requires that the description has such an answer to such a request.
    #[track_caller]
    pub(super) fn is_described(&self, method: &str, path: &str) {
        let path = path.split('?').next().unwrap();
        let template = match path.split('/').collect::<Vec<_>>()[..] {
            ["", "v1", "passes", _] => "/v1/passes/{ref}",
            ["", "v1", "passes", _, "revoke"] => "/v1/passes/{ref}/revoke",
            _ => path,
        };
        let mut described = &OPENAPI["paths"][template][method.to_lowercase()]["responses"][self.status.to_string()];
        if let Some(reference) = described.get("$ref") {
            described = OPENAPI.pointer(reference.as_str().unwrap().trim_start_matches('#')).unwrap();
        }
        assert!(described.is_object(), "{method} {template} is not described to answer {self:?}");
        let kind = self.header("content-type").unwrap().split(';').next().unwrap();
        let schema = &described["content"][kind]["schema"];
        assert!(schema.is_object(), "{method} {template} is not described to answer with {self:?}");
        if kind.ends_with("json") {
            let whole = json!({ "allOf": [schema], "components": OPENAPI["components"] });
            let validator = jsonschema::validator_for(&whole).unwrap();
            let errors: Vec<String> = validator.iter_errors(&self.json()).map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "{method} {template}: {errors:?} of {self:?}");
        }
        for header in described["headers"].as_object().into_iter().flatten().map(|(name, _)| name.to_lowercase()) {
            assert!(self.header(&header).is_some(), "{method} {template}: no {header} in {self:?}");
        }
    }
}
