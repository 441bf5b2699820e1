//! From frames to what the window shows: camera → decoder → gate. No Slint here.
//!
//! Two mailboxes hold the newest frame, one for the preview and one for the decoder; neither waits
//! for the other, and frames that nobody had time for are forgotten.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};
use std::time::{Duration, Instant};

use greenlit_camera::watch::{Timings, Watch};
use greenlit_camera::{CameraState, Event, FrameSource, SourceError};
use greenlit_core::benefits::Place;
use greenlit_core::gate::{Gate, NewAnswer, Seen, Timing, View};
use greenlit_core::time::UnixTime;
use greenlit_core::trust::TrustState;
use greenlit_qr::LumaFrame;
use greenlit_qr::{Hint, LiveReader};

use crate::report::judged::Judged;
use crate::session::clock::Clock;
use crate::session::sound::{Sounds, Voice};
use crate::session::view_model::{AnswerScreen, Page, Standing, notice};

pub(crate) mod clock;
pub(crate) mod renewal;
pub(crate) mod second_opinion;
pub(crate) mod sound;
#[cfg(test)]
mod tests;
pub(crate) mod view_model;

/// How long the decoder may look at one frame: the next one is worth more.
const FRAME_BUDGET: Duration = Duration::from_millis(25);
/// The same on a machine so slow that it gets nowhere in that time.
const SLOW_BUDGET: Duration = Duration::from_millis(200);
/// Frames in a row that took their whole budget for nothing before it is doubled.
const IN_VAIN: u32 = 10;
/// The decoder looks this often at most: a code is read before a hand has come to rest.
const PAUSE: Duration = Duration::from_millis(33);
/// With an answer on the screen nothing is urgent, and the next pass still takes its place at once.
const PAUSE_AT_ANSWER: Duration = Duration::from_millis(120);

/// By what a pass is judged at a moment: the till's own trust data and clock, unless a demonstration
/// sets the scene.
pub(crate) type Conditions = Box<dyn Fn(&Arc<TrustState>) -> (Arc<TrustState>, UnixTime) + Send + Sync>;

/// Opens the source of frames; called again whenever the device has to be opened anew.
pub(crate) type Open = Box<dyn Fn() -> Result<Box<dyn FrameSource>, SourceError> + Send + Sync>;

/// Where frames come from, and by what they are judged and shown.
pub(crate) struct Source {
    pub(crate) open: Open,
    pub(crate) conditions: Conditions,
    pub(crate) timing: Timing,
}

/// This till's own trust data and clock.
pub(crate) fn as_it_is(clock: Clock) -> Conditions {
    Box::new(move |trust| (Arc::clone(trust), clock.now()))
}

/// Where the till stands, and how it speaks and sounds.
#[derive(Clone)]
pub(crate) struct Manners {
    pub(crate) place: Place,
    pub(crate) language: String,
    pub(crate) sounds: Sounds,
}

/// What the window shows now.
#[derive(Clone)]
pub(crate) struct Snapshot {
    pub(crate) page: Page,
    pub(crate) answer: Option<AnswerScreen>,
    pub(crate) remaining: f32,
    pub(crate) paused: bool,
    pub(crate) notice: Option<(&'static str, String)>,
    pub(crate) reading: bool,
    pub(crate) hint: Option<Hint>,
    pub(crate) camera: CameraState,
    pub(crate) standing: Standing,
}

/// What a listener is told of.
pub(crate) enum Happening<'h> {
    /// A new answer has come up.
    Answer { judged: &'h Judged, place: &'h Place, language: &'h str },
    /// How the camera is, once for each change.
    Camera(CameraState),
}

/// Hears from the session's threads, and must not take long.
pub(crate) type Listener = Box<dyn Fn(Happening<'_>) + Send + Sync>;

/// A running door: drop it and its threads end.
pub(crate) struct Session {
    door: Arc<Door>,
    watch: Option<Watch>,
}

struct Door {
    gate: Mutex<Gate<AnswerScreen>>,
    camera: Mutex<CameraState>,
    preview: Mutex<Option<Arc<LumaFrame>>>,
    to_decode: Mutex<Option<Arc<LumaFrame>>>,
    arrived: Condvar,
    closing: AtomicBool,
    /// How often everything was to be judged anew. Changed while the gate is held.
    era: AtomicU64,
    trust: RwLock<Arc<TrustState>>,
    manners: RwLock<Manners>,
    voice: Voice,
    /// What would help to read the code in view.
    hint: Mutex<Option<Hint>>,
    conditions: Conditions,
    started: Instant,
    /// Its key is made at start and gone at exit: what the gate remembers of a pass means nothing elsewhere.
    hasher: RandomState,
    wake: Box<dyn Fn() + Send + Sync>,
    listener: OnceLock<Listener>,
}

impl Session {
    /// Starts the decoder; `wake` is called whenever there is something new to show.
    pub(crate) fn new(
        trust: TrustState,
        manners: Manners,
        voice: Voice,
        timing: Timing,
        conditions: Conditions,
        wake: impl Fn() + Send + Sync + 'static,
    ) -> std::io::Result<Self> {
        let door = Arc::new(Door {
            gate: Mutex::new(Gate::new(timing)),
            camera: Mutex::new(CameraState::Starting),
            preview: Mutex::new(None),
            to_decode: Mutex::new(None),
            arrived: Condvar::new(),
            closing: AtomicBool::new(false),
            era: AtomicU64::new(0),
            trust: RwLock::new(Arc::new(trust)),
            manners: RwLock::new(manners),
            voice,
            hint: Mutex::new(None),
            conditions,
            started: Instant::now(),
            hasher: RandomState::new(),
            wake: Box::new(wake),
            listener: OnceLock::new(),
        });
        let decoder = Arc::clone(&door);
        std::thread::Builder::new().name("greenlit-decoder".into()).spawn(move || decoder.decode_all())?;
        Ok(Self { door, watch: None })
    }

    /// Takes frames from here from now on.
    pub(crate) fn watch(&mut self, open: Open) {
        self.watch = None;
        *held(&self.door.camera) = CameraState::Starting;
        let door = Arc::clone(&self.door);
        self.watch = Some(Watch::start(open, move |event| door.heard(event), Timings::default()));
    }

    /// Tells this one, and no other, of what happens from now on.
    pub(crate) fn listen(&self, listener: Listener) {
        // A second one would have nobody to be told by: it is dropped.
        let _ = self.door.listener.set(listener);
    }

    /// What is judged by.
    pub(crate) fn trust(&self) -> Arc<TrustState> {
        self.door.trust()
    }

    /// Judges by this trust data from now on.
    pub(crate) fn set_trust(&self, trust: TrustState) {
        *self.door.trust.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(trust);
    }

    /// Stands here, and speaks and sounds like this, from now on.
    pub(crate) fn set_manners(&self, manners: Manners) {
        *self.door.manners.write().unwrap_or_else(PoisonError::into_inner) = manners;
    }

    /// The newest frame that the preview has not shown yet.
    pub(crate) fn take_preview(&self) -> Option<Arc<LumaFrame>> {
        held(&self.door.preview).take()
    }

    /// A finger is on an answer, or off it.
    pub(crate) fn hold(&self, pressed: bool) {
        let now = self.door.now();
        let mut gate = held(&self.door.gate);
        if pressed { gate.press(now) } else { gate.release(now) }
    }

    /// The answer is done with.
    pub(crate) fn dismiss(&self) {
        held(&self.door.gate).dismiss(self.door.now());
    }

    /// What passes are judged by has changed: what was said before counts no more.
    pub(crate) fn judge_anew(&self) {
        let mut gate = held(&self.door.gate);
        self.door.era.fetch_add(1, Ordering::AcqRel);
        gate.judge_anew(self.door.now());
    }

    /// Somebody touched the cleared screen.
    pub(crate) fn come_back(&self) {
        self.focus(true);
    }

    /// The window is in front, or not.
    pub(crate) fn focus(&self, focused: bool) {
        held(&self.door.gate).focus(self.door.now(), focused);
    }

    /// What to show at this moment.
    pub(crate) fn snapshot(&self) -> Snapshot {
        let door = &self.door;
        let camera = *held(&door.camera);
        let manners = door.manners.read().unwrap_or_else(PoisonError::into_inner).clone();
        let trust = door.trust();
        let (trust, now) = (door.conditions)(&trust);
        let mut snapshot = Snapshot {
            page: Page::Scan,
            answer: None,
            remaining: 1.0,
            paused: false,
            notice: None,
            reading: false,
            hint: None,
            camera,
            standing: Standing::of(&trust, &manners.place, &manners.language, now),
        };
        match held(&door.gate).view(door.now()) {
            View::Scan { notice: other } => {
                snapshot.notice = other.map(notice);
                snapshot.hint = *held(&door.hint);
            }
            View::NoCamera => {}
            View::Confirming => snapshot.reading = true,
            View::Answer { answer, remaining, paused, .. } => {
                snapshot.page = answer.page;
                snapshot.answer = Some(answer.clone());
                (snapshot.remaining, snapshot.paused) = (remaining, paused);
            }
            View::OneAtATime => snapshot.page = Page::OneAtATime,
            View::Cleared => snapshot.page = Page::Cleared,
        }
        snapshot
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.door.closing.store(true, Ordering::Release);
        self.door.arrived.notify_all();
    }
}

impl Door {
    fn now(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn trust(&self) -> Arc<TrustState> {
        Arc::clone(&self.trust.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// From the camera's threads: must not take long.
    fn heard(&self, event: Event) {
        match event {
            Event::State(state) => {
                *held(&self.camera) = state;
                let ok = matches!(state, CameraState::Ready | CameraState::Dark);
                held(&self.gate).camera(self.now(), ok);
                self.tell(Happening::Camera(state));
            }
            Event::Frame(frame) => {
                *held(&self.preview) = Some(Arc::clone(&frame));
                *held(&self.to_decode) = Some(frame);
                self.arrived.notify_one();
            }
        }
        (self.wake)();
    }

    fn tell(&self, happening: Happening<'_>) {
        if let Some(listener) = self.listener.get() {
            listener(happening);
        }
    }

    /// The decoder's thread: the newest frame, and only that.
    fn decode_all(&self) {
        let mut reader = LiveReader::new();
        let mut budget = Budget::default();
        while let Some(frame) = self.next_frame() {
            let started = Instant::now();
            let era = self.era.load(Ordering::Acquire);
            // Taken before the frame is read: a demonstration's scene may be over when it has been.
            let (trust, clock) = (self.conditions)(&self.trust());
            let reading = reader.frame(&frame, self.now(), budget.now);
            budget.spent(started.elapsed(), !reading.symbols.is_empty());
            *held(&self.hint) = reading.hint;
            let manners = self.manners.read().unwrap_or_else(PoisonError::into_inner).clone();
            let mut answers: Vec<(AnswerScreen, Judged)> = Vec::new();
            let seen: Vec<Seen<AnswerScreen>> = second_opinion::payloads(reading.symbols)
                .iter()
                .filter_map(|payload| {
                    let judged = Judged::of(payload, &trust, clock);
                    if let Judged::NotAPass(other) = judged {
                        return Some(Seen::Other(other));
                    }
                    let code = judged.code()?;
                    let screen = AnswerScreen::of(&judged, &manners.place, &manners.language)?;
                    if self.listener.get().is_some() {
                        answers.push((screen.clone(), judged));
                    }
                    Some(Seen::Pass { key: self.hasher.hash_one(payload), code, judged: screen })
                })
                .collect();
            let pause = {
                let mut gate = held(&self.gate);
                // Judged by what no longer holds; dismissed as such, it would keep its pass quiet.
                let outdated = self.era.load(Ordering::Acquire) != era;
                let seen = if outdated { Vec::new() } else { seen };
                if let Some(NewAnswer(code)) = gate.frame(self.now(), seen) {
                    self.voice.say(manners.sounds, code.answer());
                    // Of several passes in the frame, the one that came up.
                    if let View::Answer { answer, .. } = gate.view(self.now())
                        && let Some((_, judged)) = answers.iter().find(|(screen, _)| screen == answer)
                    {
                        let (place, language) = (&manners.place, manners.language.as_str());
                        self.tell(Happening::Answer { judged, place, language });
                    }
                }
                match gate.view(self.now()) {
                    View::Confirming => Duration::ZERO,
                    View::Answer { .. } => PAUSE_AT_ANSWER,
                    _ => PAUSE,
                }
            };
            (self.wake)();
            std::thread::sleep(pause.saturating_sub(started.elapsed()));
        }
    }

    fn next_frame(&self) -> Option<Arc<LumaFrame>> {
        let mut waiting = held(&self.to_decode);
        loop {
            if self.closing.load(Ordering::Acquire) {
                return None;
            }
            if let Some(frame) = waiting.take() {
                return Some(frame);
            }
            // Woken up now and then all the same, so that closing is never missed.
            let woken = self.arrived.wait_timeout(waiting, Duration::from_millis(500));
            waiting = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// The time a frame gets: more where nothing is ever read in it.
struct Budget {
    now: Duration,
    in_vain: u32,
}

impl Default for Budget {
    fn default() -> Self {
        Self { now: FRAME_BUDGET, in_vain: 0 }
    }
}

impl Budget {
    fn spent(&mut self, time: Duration, read: bool) {
        // The reader stops a little before its budget is over.
        self.in_vain = if !read && time >= self.now.mul_f32(0.8) { self.in_vain + 1 } else { 0 };
        if self.in_vain >= IN_VAIN {
            *self = Self { now: (self.now * 2).min(SLOW_BUDGET), in_vain: 0 };
        } else if time < self.now / 4 {
            self.now = (self.now / 2).max(FRAME_BUDGET);
        }
    }
}

/// A lock whose holder cannot have left it half-done: every change under it is one assignment or one
/// call of the gate, so a panic elsewhere must not take the door down.
fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}
