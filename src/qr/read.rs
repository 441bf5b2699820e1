//! Grey picture → payloads, through rqrr held at arm's length: it may panic on odd pictures and
//! take minutes on noisy ones, so it works on a thread of its own that is given up in time.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use rqrr::PreparedImage;

use super::plain::is_plain;

use crate::luma::LumaFrame;

/// The name of the reading thread. A program's panic hook stays silent for it: a panic there is
/// caught, and means no more than that a picture could not be read.
pub const DECODER_THREAD: &str = "greenlit-qr";

/// Most codes told of one picture.
const MAX_CODES: usize = 16;
/// Pictures with a longer side are first read smaller: dense codes rarely need more, and noise
/// costs time with every pixel.
const COMFORTABLE_SIDE: usize = 1_600;
/// Beyond this the full size is not tried at all.
const MAX_SIDE: usize = 6_000;
/// Threads given up on that may still be running, before no more are started.
const MAX_GIVEN_UP: usize = 4;

/// How long to wait for one of them to end.
const PATIENCE: Duration = Duration::from_secs(20);

static GIVEN_UP: AtomicUsize = AtomicUsize::new(0);

/// What was found in a picture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Each payload once, in the order found.
    pub payloads: Vec<Vec<u8>>,
    /// Processor time of the reading.
    pub cpu: Duration,
    /// The budget ran out before every way had been tried.
    pub ran_out: bool,
}

enum Message {
    Payload(Vec<u8>),
    Done(Duration),
}

/// Reads every code that is found within `budget`.
pub fn read(frame: &LumaFrame, budget: Duration) -> Reading {
    let mut reading = Reading::default();
    // Threads given up on earlier must not pile up; nor may they eat up this picture's time.
    let patience = Instant::now() + PATIENCE;
    while GIVEN_UP.load(Ordering::Acquire) >= MAX_GIVEN_UP {
        if Instant::now() >= patience {
            reading.ran_out = true;
            return reading;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let started = Instant::now();
    let deadline = started + budget;
    let (sender, receiver) = mpsc::channel();
    let frame = frame.clone();
    // Set by whichever side leaves first, so that the count goes down exactly when it went up.
    let one_left = Arc::new(AtomicBool::new(false));
    let other = Arc::clone(&one_left);
    let spawned = std::thread::Builder::new().name(DECODER_THREAD.into()).spawn(move || {
        let cpu_before = thread_cpu();
        // What rqrr leaves behind after a panic is dropped with it.
        let _ = catch_unwind(AssertUnwindSafe(|| read_sizes(&frame, deadline, &sender)));
        // Fails when nobody listens any more, which the mark below is for.
        let _ = sender.send(Message::Done(thread_cpu().saturating_sub(cpu_before)));
        if other.swap(true, Ordering::AcqRel) {
            GIVEN_UP.fetch_sub(1, Ordering::AcqRel);
        }
    });
    if spawned.is_err() {
        reading.ran_out = true;
        return reading;
    }
    loop {
        match receiver.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(Message::Payload(payload)) => {
                if reading.payloads.len() < MAX_CODES && !reading.payloads.contains(&payload) {
                    reading.payloads.push(payload);
                }
            }
            Ok(Message::Done(cpu)) => {
                reading.cpu = cpu;
                return reading;
            }
            Err(RecvTimeoutError::Timeout) => {
                GIVEN_UP.fetch_add(1, Ordering::AcqRel);
                if one_left.swap(true, Ordering::AcqRel) {
                    GIVEN_UP.fetch_sub(1, Ordering::AcqRel);
                }
                reading.cpu = started.elapsed();
                reading.ran_out = true;
                return reading;
            }
            Err(RecvTimeoutError::Disconnected) => return reading,
        }
    }
}

/// Small first; the full size only when nothing was found and there is time.
fn read_sizes(frame: &LumaFrame, deadline: Instant, sender: &Sender<Message>) {
    let longest = frame.width().max(frame.height());
    let factor = longest.div_ceil(COMFORTABLE_SIDE);
    let shrunk = if factor > 1 { frame.shrunk(factor) } else { None };
    let mut found = false;
    if let Some(small) = &shrunk {
        found = read_one(small, sender);
    }
    if !found && longest <= MAX_SIDE && Instant::now() < deadline {
        found = read_one(frame, sender);
    }
    // A picture of modules many pixels wide, or a noisy one, often reads better at half the size.
    if !found
        && shrunk.is_none()
        && Instant::now() < deadline
        && let Some(half) = frame.shrunk(2)
    {
        read_one(&half, sender);
    }
}

fn read_one(frame: &LumaFrame, sender: &Sender<Message>) -> bool {
    let mut prepared = PreparedImage::prepare_from_greyscale(frame.width(), frame.height(), |x, y| frame.at(x, y));
    let mut found = false;
    for grid in prepared.detect_grids() {
        let mut payload = Vec::new();
        let Ok(meta) = grid.decode_to(&mut payload) else { continue };
        if payload.starts_with(b"GL") && !is_plain(&grid.grid, &meta, &payload) {
            continue;
        }
        found = true;
        if sender.send(Message::Payload(payload)).is_err() {
            return true;
        }
    }
    found
}

#[cfg(unix)]
fn thread_cpu() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
}

#[cfg(not(unix))]
fn thread_cpu() -> Duration {
    // No portable clock of a thread's own: wall time since the first call is the nearest.
    static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    START.get_or_init(Instant::now).elapsed()
}
