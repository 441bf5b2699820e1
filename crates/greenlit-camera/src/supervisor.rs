//! The watch over a source of frames: one thread reads, another notices when the first is stuck.
//!
//! A stalled device may keep its reader for ever. Such a reader is given up: it is not waited for, and what
//! it may bring one day is dropped, for it carries the number of an earlier reader. Where the system can, its
//! wait is ended until it lets go of the device; the source is then opened anew.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::dark::is_dark;
use super::wake::wake;
use super::{CameraState, Event, FrameSource, SourceError};
use greenlit_qr::LumaFrame;

/// The name of the reading threads. A program's panic hook stays silent for it: a panic there is
/// caught, and means that the camera is gone.
pub const READER_THREAD: &str = "greenlit-camera";

/// Readers given up that may still be stuck, before no more are started.
const MAX_ABANDONED_READERS: usize = 4;
/// So many broken frames in a row mean that the camera is broken.
const MAX_CONSECUTIVE_BROKEN: u32 = 30;
/// How often a reader that was given up is woken until it ends.
const WAKE_AGAIN: Duration = Duration::from_secs(1);
/// How long the end of a watch waits for its reader to let go of the camera, so that the next watch
/// does not find it taken.
const RELEASE_TIMEOUT: Duration = Duration::from_millis(250);

/// How patient a watch is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timings {
    /// The longest time from opening to the first frame; cameras take a second or two.
    pub start_timeout: Duration,
    /// The longest time between two frames.
    pub stall_timeout: Duration,
    /// The time before the source is opened again; it doubles from failure to failure.
    pub retry_delay: Duration,
    /// What it doubles to at most.
    pub max_retry_delay: Duration,
    /// How long frames are black before that is told.
    pub dark_after: Duration,
}

impl Default for Timings {
    fn default() -> Self {
        Self {
            start_timeout: Duration::from_secs(6),
            stall_timeout: Duration::from_secs(2),
            retry_delay: Duration::from_secs(1),
            max_retry_delay: Duration::from_secs(5),
            dark_after: Duration::from_secs(1),
        }
    }
}

/// The time that a watch goes by.
pub struct Clock {
    /// What it shows; it never goes back.
    pub now: Box<dyn Fn() -> Instant + Send + Sync>,
    /// It is looked at this often at least. A clock that a test sets may leap.
    pub look: Duration,
}

impl Default for Clock {
    /// The system's, by which a wait takes as long as it takes.
    fn default() -> Self {
        Self { now: Box::new(Instant::now), look: Duration::MAX }
    }
}

/// A source being watched, until this is dropped.
pub struct Supervisor {
    shared: Arc<Shared>,
}

type Opened = Result<Box<dyn FrameSource>, SourceError>;

struct Shared {
    open: Box<dyn Fn() -> Opened + Send + Sync>,
    on_event: Box<dyn Fn(Event) + Send + Sync>,
    timings: Timings,
    clock: Clock,
    /// The state told last. Held while telling, so that events are told one at a time and in order;
    /// whoever takes both locks takes this one first.
    told: Mutex<Option<CameraState>>,
    inner: Mutex<Inner>,
    changed: Condvar,
}

struct Inner {
    phase: Phase,
    /// The number of the reader that is listened to.
    reader: u64,
    /// When that reader last showed that it is alive.
    sign: Instant,
    /// Whether it has brought a frame.
    seen_frame: bool,
    /// Readers that run, those given up among them.
    running: usize,
    abandoned: usize,
    /// The thread of the reader that is listened to, and those given up that may be stuck.
    thread: Option<JoinHandle<()>>,
    stuck: Vec<JoinHandle<()>>,
    delay: Duration,
    why: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Waiting(Instant),
    Reading,
    Ended,
    Stopped,
}

impl Supervisor {
    /// Opens the source and keeps it open. `on_event` is called from threads of the watch, one call at
    /// a time; while it works, no further frame is read.
    pub fn start(
        open: impl Fn() -> Result<Box<dyn FrameSource>, SourceError> + Send + Sync + 'static,
        on_event: impl Fn(Event) + Send + Sync + 'static,
        timings: Timings,
    ) -> Self {
        Self::start_by(Clock::default(), open, on_event, timings)
    }

    /// The same by another clock.
    pub fn start_by(
        clock: Clock,
        open: impl Fn() -> Result<Box<dyn FrameSource>, SourceError> + Send + Sync + 'static,
        on_event: impl Fn(Event) + Send + Sync + 'static,
        timings: Timings,
    ) -> Self {
        let now = (clock.now)();
        let inner = Inner {
            phase: Phase::Waiting(now),
            reader: 0,
            sign: now,
            seen_frame: false,
            running: 0,
            abandoned: 0,
            thread: None,
            stuck: Vec::new(),
            delay: timings.retry_delay,
            why: None,
        };
        let shared = Arc::new(Shared {
            open: Box::new(open),
            on_event: Box::new(on_event),
            timings,
            clock,
            told: Mutex::new(None),
            inner: Mutex::new(inner),
            changed: Condvar::new(),
        });
        let watcher = Arc::clone(&shared);
        let spawned =
            std::thread::Builder::new().name("greenlit-watch".into()).spawn(move || watcher.supervise()).is_ok();
        if !spawned {
            // Without threads there is no camera; the caller's screen says so.
            lock(&shared.inner).why = Some("could not start a thread".into());
            shared.tell(&mut lock(&shared.told), CameraState::NoCamera);
        }
        Self { shared }
    }

    /// The last failure in words, until frames come again: the fuller story of a state.
    pub fn why(&self) -> Option<String> {
        lock(&self.shared.inner).why.clone()
    }
}

impl Drop for Supervisor {
    /// Nothing is told after this, except what is being told just now. A stuck reader is not waited for.
    fn drop(&mut self) {
        let deadline = Instant::now() + RELEASE_TIMEOUT;
        let mut inner = lock(&self.shared.inner);
        inner.phase = Phase::Stopped;
        self.shared.changed.notify_all();
        while inner.running > inner.abandoned {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            inner = self.shared.wait(inner, left);
        }
    }
}

impl Shared {
    /// The watcher's thread.
    fn supervise(self: Arc<Self>) {
        let mut told = lock(&self.told);
        if lock(&self.inner).phase != Phase::Stopped {
            self.tell(&mut told, CameraState::Starting);
        }
        drop(told);
        let mut inner = lock(&self.inner);
        loop {
            let now = self.now();
            inner.stuck.retain(|thread| !thread.is_finished());
            inner.stuck.iter().for_each(wake);
            let until = match inner.phase {
                Phase::Stopped => return,
                Phase::Ended => now + self.timings.max_retry_delay,
                Phase::Waiting(until) if now < until => until,
                // A reader that ends after all wakes the watcher.
                Phase::Waiting(_) if inner.abandoned >= MAX_ABANDONED_READERS => now + self.timings.max_retry_delay,
                Phase::Waiting(_) => {
                    self.start_reader(&mut inner);
                    continue;
                }
                Phase::Reading => match self.deadline(&inner) {
                    deadline if now < deadline => deadline,
                    _ => {
                        drop(inner);
                        self.abandon_if_stalled();
                        inner = lock(&self.inner);
                        continue;
                    }
                },
            };
            let until = if inner.stuck.is_empty() { until } else { until.min(now + WAKE_AGAIN) };
            // The shortest nap bounds what a timing of nothing at all would cost.
            let nap = until.saturating_duration_since(now).min(self.clock.look).max(Duration::from_millis(1));
            inner = self.wait(inner, nap);
        }
    }

    fn now(&self) -> Instant {
        (self.clock.now)()
    }

    fn deadline(&self, inner: &Inner) -> Instant {
        inner.sign + if inner.seen_frame { self.timings.stall_timeout } else { self.timings.start_timeout }
    }

    fn start_reader(self: &Arc<Self>, inner: &mut Inner) {
        inner.reader += 1;
        inner.phase = Phase::Reading;
        inner.sign = self.now();
        inner.seen_frame = false;
        inner.running += 1;
        let (shared, reader) = (Arc::clone(self), inner.reader);
        let spawned = std::thread::Builder::new().name(READER_THREAD.into()).spawn(move || {
            let end = shared.read_on(reader);
            shared.reader_ended(reader, end);
        });
        match spawned {
            Ok(thread) => inner.thread = Some(thread),
            Err(error) => {
                inner.running -= 1;
                inner.why = Some(format!("could not start a thread: {error}"));
                self.retry_later(inner);
            }
        }
    }

    fn retry_later(&self, inner: &mut Inner) {
        inner.phase = Phase::Waiting(self.now() + inner.delay);
        inner.delay = inner.delay.saturating_mul(2).min(self.timings.max_retry_delay).max(self.timings.retry_delay);
    }

    fn abandon_if_stalled(&self) {
        let mut told = lock(&self.told);
        let mut inner = lock(&self.inner);
        // Waiting for the lock may have been waiting for a frame to be told.
        if inner.phase != Phase::Reading || self.now() < self.deadline(&inner) {
            return;
        }
        inner.abandoned += 1;
        let thread = inner.thread.take();
        inner.stuck.extend(thread);
        // A number that no reader has: whatever the stuck one brings is not listened to.
        inner.reader += 1;
        inner.why = Some("the camera stopped responding".into());
        self.retry_later(&mut inner);
        drop(inner);
        self.tell(&mut told, CameraState::Stalled);
    }

    /// A reader's thread: opens, reads until something is wrong or nobody listens, lets go.
    fn read_on(&self, reader: u64) -> End {
        let mut source = match catch_unwind(AssertUnwindSafe(|| (self.open)())) {
            Ok(Ok(source)) => source,
            Ok(Err(error)) => return End::NotOpened(error),
            Err(_) => return End::Failed(SourceError::Io("its driver crashed".into())),
        };
        let end = self.read_frames(reader, source.as_mut());
        // Before the failure is told of, for the camera must be free when it is opened again.
        // A driver's panic at that adds nothing to how it ended.
        let _ = catch_unwind(AssertUnwindSafe(|| drop(source)));
        end
    }

    fn read_frames(&self, reader: u64, source: &mut dyn FrameSource) -> End {
        let mut broken = 0;
        let mut dark_since = None;
        loop {
            let next = catch_unwind(AssertUnwindSafe(|| source.next_frame().map(|frame| (frame, source.colours()))));
            let wanted = match next {
                Ok(Ok((frame, colours))) => {
                    broken = 0;
                    dark_since = is_dark(&frame).then(|| dark_since.unwrap_or_else(|| self.now()));
                    let dark = dark_since
                        .is_some_and(|since| self.now().saturating_duration_since(since) >= self.timings.dark_after);
                    let state = if dark { CameraState::Dark } else { CameraState::Ready };
                    self.deliver(reader, (frame, colours), state)
                }
                Ok(Err(error @ (SourceError::Broken(_) | SourceError::Picture(_)))) => {
                    broken += 1;
                    if broken >= MAX_CONSECUTIVE_BROKEN {
                        return End::Failed(error);
                    }
                    self.sign_of_life(reader)
                }
                Ok(Err(error)) => return End::Failed(error),
                Err(_) => return End::Failed(SourceError::Io("its driver crashed".into())),
            };
            if !wanted {
                return End::NotWanted;
            }
        }
    }

    fn sign_of_life(&self, reader: u64) -> bool {
        let mut inner = lock(&self.inner);
        let wanted = inner.phase == Phase::Reading && inner.reader == reader;
        if wanted {
            inner.sign = self.now();
        }
        wanted
    }

    /// Whether the frame was wanted.
    fn deliver(&self, reader: u64, (luma, colours): (LumaFrame, Option<[LumaFrame; 2]>), state: CameraState) -> bool {
        let mut told = lock(&self.told);
        if !self.sign_of_life(reader) {
            return false;
        }
        let mut inner = lock(&self.inner);
        inner.seen_frame = true;
        inner.delay = self.timings.retry_delay;
        inner.why = None;
        drop(inner);
        self.tell(&mut told, state);
        self.call(Event::Frame { luma: Arc::new(luma), colours: colours.map(Arc::new) });
        // The listener's time is not the camera's.
        self.sign_of_life(reader)
    }

    fn reader_ended(&self, reader: u64, end: End) {
        let mut told = lock(&self.told);
        let mut inner = lock(&self.inner);
        inner.running -= 1;
        self.changed.notify_all();
        if inner.reader != reader {
            inner.abandoned -= 1;
            return;
        }
        if inner.phase != Phase::Reading {
            return;
        }
        let (state, error) = match end {
            End::NotWanted => return,
            End::NotOpened(SourceError::Ended) | End::Failed(SourceError::Ended) => {
                inner.phase = Phase::Ended;
                return;
            }
            // The camera is held by a reader of our own that is stuck.
            End::NotOpened(SourceError::Busy) if inner.abandoned > 0 => (CameraState::Stalled, SourceError::Busy),
            End::NotOpened(error) => (not_opened(&error), error),
            End::Failed(error) => (failed(&error), error),
        };
        inner.why = Some(error.to_string());
        self.retry_later(&mut inner);
        drop(inner);
        self.tell(&mut told, state);
    }

    /// Tells a state unless it was told last.
    fn tell(&self, told: &mut Option<CameraState>, state: CameraState) {
        if *told != Some(state) {
            *told = Some(state);
            self.call(Event::State(state));
        }
    }

    /// A listener's panic is its own affair: the watch goes on.
    fn call(&self, event: Event) {
        let _ = catch_unwind(AssertUnwindSafe(|| (self.on_event)(event)));
    }

    fn wait<'a>(&self, inner: MutexGuard<'a, Inner>, time: Duration) -> MutexGuard<'a, Inner> {
        self.changed.wait_timeout(inner, time).unwrap_or_else(PoisonError::into_inner).0
    }
}

/// How a reader ended.
enum End {
    NotWanted,
    NotOpened(SourceError),
    Failed(SourceError),
}

fn not_opened(error: &SourceError) -> CameraState {
    match error {
        SourceError::NoCamera => CameraState::NoCamera,
        SourceError::Busy => CameraState::Busy,
        SourceError::Disconnected => CameraState::Disconnected,
        _ => CameraState::Unusable,
    }
}

fn failed(error: &SourceError) -> CameraState {
    match error {
        SourceError::NoCamera => CameraState::NoCamera,
        SourceError::Busy => CameraState::Busy,
        SourceError::Denied(_) | SourceError::Unsupported(_) => CameraState::Unusable,
        _ => CameraState::Disconnected,
    }
}

/// Nothing panics while it holds a lock, so that a poisoned one is as good as any.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
