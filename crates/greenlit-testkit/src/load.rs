//! Asks a running `greenlit-issuer serve` for passes over plain HTTP, one person each.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// What came of it.
pub struct Load {
    pub issued: usize,
    /// Answers that were no new pass.
    pub others: usize,
    pub passes_a_second: f64,
    /// How long each took, the quickest first.
    took: Vec<Duration>,
}

impl Load {
    /// Over so many connections, for so long, as quickly as it goes. Whose turn it is comes from a rate where one is given,
    /// in passes a second, and a request counts from its turn: one that had to wait for the one before it has waited.
    pub fn run(address: &str, token: &str, connections: u64, lasting: Duration, rate: Option<f64>) -> Self {
        let day = crate::cli::today();
        // Nobody who was asked for before.
        let first = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as u64 % 1_000_000 * 10_000;
        let next = AtomicU64::new(0);
        let begun = Instant::now();
        let mut took: Vec<(Duration, u16)> = std::thread::scope(|scope| {
            let work = || {
                let mut connection = Connection::open(address, token, &day);
                let mut took = Vec::new();
                while begun.elapsed() < lasting {
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
        let issued = took.iter().filter(|(_, status)| *status == 201).count();
        let others = took.len() - issued;
        let took = took.into_iter().map(|(took, _)| took).collect();
        Self { issued, others, passes_a_second: issued as f64 / passed, took }
    }

    /// In milliseconds.
    pub fn percentile(&self, percent: usize) -> f64 {
        self.took[(self.took.len() - 1) * percent / 100].as_secs_f64() * 1e3
    }
}

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
