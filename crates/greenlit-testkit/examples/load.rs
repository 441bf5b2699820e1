//! Asks a running `greenlit-issuer serve` for passes over plain HTTP, one person each, and says how many a second it gave
//! and how long each took. Whose turn it is comes from a fixed rate where one is given, and a request counts from its
//! turn: one that had to wait for the one before it has waited.
//!
//! ```sh
//! cargo run --release -p greenlit-testkit --example load -- 127.0.0.1:8443 TOKEN CONNECTIONS SECONDS [PASSES-A-SECOND]
//! ```
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

struct Connection {
    reader: BufReader<TcpStream>,
    token: String,
    day: String,
}

impl Connection {
    fn open(address: &str, token: &str, day: &str) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { reader: BufReader::new(stream), token: token.into(), day: day.into() }
    }

    /// The answer's status.
    fn ask(&mut self, person: u64) -> u16 {
        let document =
            format!("{:02} {:02} {:06}", person / 100_000_000 % 100, person / 1_000_000 % 100, person % 1_000_000);
        let body = format!(
            r#"{{"basis":"vaccination","on":"{}","holder":{{"name":"Закирова Ильсияр Булатовна","born":"1984-05-09","document":"{document}"}}}}"#,
            self.day
        );
        let head = format!(
            "POST /v1/passes HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\nIdempotency-Key: \"{person}\"\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            self.token,
            body.len()
        );
        self.reader.get_mut().write_all((head + &body).as_bytes()).unwrap();
        let (mut line, mut status, mut length) = (String::new(), 0, 0);
        loop {
            line.clear();
            self.reader.read_line(&mut line).unwrap();
            match line.trim_end().split_once(' ') {
                Some(("HTTP/1.1", rest)) => status = rest[..3].parse().unwrap(),
                Some(("content-length:", value)) => length = value.parse().unwrap(),
                Some(_) => {}
                None => break,
            }
        }
        self.reader.read_exact(&mut vec![0; length]).unwrap();
        status
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (address, token) = (&arguments[0], &arguments[1]);
    let (connections, seconds): (u64, u64) = (arguments[2].parse().unwrap(), arguments[3].parse().unwrap());
    let rate: Option<f64> = arguments.get(4).map(|rate| rate.parse().unwrap());
    let day = greenlit_testkit::cli::today();
    // Nobody who was asked for before.
    let first = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as u64 % 1_000_000 * 10_000;
    let next = AtomicU64::new(0);
    let (begun, end) = (Instant::now(), Duration::from_secs(seconds));
    let mut took: Vec<(Duration, u16)> = std::thread::scope(|scope| {
        let work = || {
            let mut connection = Connection::open(address, token, &day);
            let mut took = Vec::new();
            while begun.elapsed() < end {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let turn = rate.map(|rate| Duration::from_secs_f64(number as f64 / rate));
                if let Some(wait) = turn.and_then(|turn| turn.checked_sub(begun.elapsed())) {
                    std::thread::sleep(wait);
                }
                let from = turn.unwrap_or_else(|| begun.elapsed());
                let status = connection.ask(first + number);
                took.push((begun.elapsed().saturating_sub(from), status));
            }
            took
        };
        let threads: Vec<_> = (0..connections).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let passed = begun.elapsed().as_secs_f64();
    took.sort();
    let percentile = |percent: usize| took[(took.len() - 1) * percent / 100].0.as_secs_f64() * 1e3;
    let issued = took.iter().filter(|(_, status)| *status == 201).count();
    println!(
        "{issued} issued, {} other answers; {:.0} passes a second; ms: median {:.1}, 95th {:.1}, 99th {:.1}, longest {:.1}",
        took.len() - issued,
        issued as f64 / passed,
        percentile(50),
        percentile(95),
        percentile(99),
        percentile(100),
    );
}
