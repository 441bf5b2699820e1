//! What is told of requests: a line each, and figures. Nothing of a body, a token or a person is in either.

use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded};
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// Lines that wait to be written; more are counted and lost, for nobody waits for a reader of logs.
const LINES: usize = 4_096;
/// Upper bounds in seconds.
const BOUNDS: [f64; 11] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];

/// Writes lines to standard error without keeping anybody waiting.
#[derive(Clone)]
pub(super) struct Log {
    lines: Sender<String>,
    lost: Arc<AtomicU64>,
}

impl Log {
    /// And the thread that writes, which ends with the last of them.
    pub(super) fn start() -> (Self, JoinHandle<()>) {
        let (lines, written) = bounded(LINES);
        let lost = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&lost);
        let thread = std::thread::spawn(move || write(&written, &count));
        (Self { lines, lost }, thread)
    }

    pub(super) fn line(&self, text: &str) {
        if self.lines.try_send(format!("greenlit-issuer: {text}\n")).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

fn write(lines: &Receiver<String>, lost: &AtomicU64) {
    for first in lines {
        let mut text = first;
        lines.try_iter().take(256).for_each(|line| text.push_str(&line));
        let lost = lost.swap(0, Ordering::Relaxed);
        if lost > 0 {
            let _ = writeln!(text, "greenlit-issuer: {lost} lines were lost, for nobody read them in time");
        }
        // Without a standard error there is nobody to tell.
        let _ = std::io::stderr().write_all(text.as_bytes());
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    method: &'static str,
    route: &'static str,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfRoute {
    route: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfReason {
    reason: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfResult {
    result: &'static str,
}

/// The service's figures.
#[derive(Clone)]
pub(super) struct Metrics {
    registry: Arc<Registry>,
    requests: Family<Answered, Counter>,
    duration: Family<OfRoute, Histogram, fn() -> Histogram>,
    passes: Family<OfResult, Counter>,
    problems: Family<OfReason, Counter>,
    faults: Family<OfReason, Counter>,
    groups: Histogram,
    clock_set: Counter,
    waiting: Gauge,
    pub(super) connections: Gauge,
}

impl Metrics {
    pub(super) fn new() -> Self {
        let mut registry = Registry::with_prefix("greenlit_issuer");
        let requests = Family::default();
        registry.register("requests", "Requests answered", requests.clone());
        let duration: Family<OfRoute, Histogram, fn() -> Histogram> =
            Family::new_with_constructor(|| Histogram::new(BOUNDS));
        registry.register("request_duration_seconds", "Time to the answer", duration.clone());
        let passes = Family::default();
        registry.register("passes", "Passes handed out: issued, already there, or asked for again", passes.clone());
        let problems = Family::default();
        registry.register("problems", "Requests that got nothing, by the reason", problems.clone());
        let faults = Family::default();
        registry.register("faults", "Faults of the register, the keys and the settings", faults.clone());
        let groups = Histogram::new([1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1_024.0]);
        registry.register("group_passes", "Passes entered by one change of the register", groups.clone());
        let clock_set = Counter::default();
        registry.register("clock_set", "Times that the clock was set by more than a minute", clock_set.clone());
        let (waiting, connections) = (Gauge::default(), Gauge::default());
        registry.register("waiting", "Requests that wait for the register", waiting.clone());
        registry.register("connections", "Connections that are open", connections.clone());
        let registry = Arc::new(registry);
        Self { registry, requests, duration, passes, problems, faults, groups, clock_set, waiting, connections }
    }

    pub(super) fn answered(&self, method: &'static str, route: &'static str, status: u16, took: Duration) {
        self.requests.get_or_create(&Answered { method, route, status }).inc();
        self.duration.get_or_create(&OfRoute { route }).observe(took.as_secs_f64());
    }

    pub(super) fn pass(&self, result: &'static str) {
        self.passes.get_or_create(&OfResult { result }).inc();
    }

    pub(super) fn problem(&self, reason: &'static str) {
        self.problems.get_or_create(&OfReason { reason }).inc();
    }

    pub(super) fn fault(&self, reason: &'static str) {
        self.faults.get_or_create(&OfReason { reason }).inc();
    }

    pub(super) fn group(&self, passes: usize) {
        self.groups.observe(f64::from(u32::try_from(passes).unwrap_or(u32::MAX)));
    }

    pub(super) fn clock_set(&self) {
        self.clock_set.inc();
    }

    /// As OpenMetrics.
    pub(super) fn text(&self, waiting: usize) -> String {
        self.waiting.set(i64::try_from(waiting).unwrap_or(i64::MAX));
        let mut out = String::new();
        // Writing into a string does not fail.
        let _ = text::encode(&mut out, &self.registry);
        out
    }
}
