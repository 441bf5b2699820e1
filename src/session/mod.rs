//! From frames to what the window shows: camera → decoder → presenter. No Slint here.
//!
//! Two mailboxes hold the newest frame, one for the preview and one for the decoder; neither waits
//! for the other, and frames that nobody had time for are forgotten.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};
use std::time::{Duration, Instant};

use greenlit_camera::supervisor::{Supervisor, Timings};
use greenlit_camera::{CameraState, Event, FrameSource, SourceError};
use greenlit_core::benefits::Venue;
use greenlit_core::presenter::{Announcement, Presented, Presenter, Timing, View};
use greenlit_core::time::UnixTime;
use greenlit_core::trust::TrustState;
use greenlit_core::verdict::Verdict;
use greenlit_qr::LumaFrame;
use greenlit_qr::{Hint, LiveReader};

use crate::session::clock::Clock;
use crate::session::sound::{Player, SoundMode};
use crate::session::view_model::{AnswerView, Footer, Page, notice};

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
const FRUITLESS_FRAMES: u32 = 10;
/// The decoder looks this often at most: a code is read before a hand has come to rest.
const PAUSE: Duration = Duration::from_millis(33);
/// With an answer on the screen nothing is urgent, and the next pass still takes its place at once.
const PAUSE_AT_ANSWER: Duration = Duration::from_millis(120);

/// By what a pass is judged at a moment: the till's own trust data and clock, unless a demonstration
/// sets the scene.
pub(crate) type JudgingContext = Box<dyn Fn(&Arc<TrustState>) -> (Arc<TrustState>, UnixTime) + Send + Sync>;

/// Opens the source of frames; called again whenever the device has to be opened anew.
pub(crate) type OpenCamera = Box<dyn Fn() -> Result<Box<dyn FrameSource>, SourceError> + Send + Sync>;

/// Where frames come from, and by what they are judged and shown.
pub(crate) struct Source {
    pub(crate) open: OpenCamera,
    pub(crate) conditions: JudgingContext,
    pub(crate) timing: Timing,
}

/// This till's own trust data and clock.
pub(crate) fn live_context(clock: Clock) -> JudgingContext {
    Box::new(move |trust| (Arc::clone(trust), clock.now()))
}

/// Where the till stands, and how it speaks and sounds.
#[derive(Clone)]
pub(crate) struct Presentation {
    pub(crate) place: Venue,
    pub(crate) language: String,
    pub(crate) sounds: SoundMode,
}

/// What the window shows now.
#[derive(Clone)]
pub(crate) struct Snapshot {
    pub(crate) page: Page,
    pub(crate) answer: Option<AnswerView>,
    pub(crate) remaining: f32,
    pub(crate) paused: bool,
    pub(crate) notice: Option<(&'static str, String)>,
    pub(crate) reading: bool,
    pub(crate) hint: Option<Hint>,
    pub(crate) camera: CameraState,
    pub(crate) standing: Footer,
}

/// What a listener is told of.
pub(crate) enum SessionEvent<'h> {
    /// A new answer has come up.
    Answer { verdict: &'h Verdict, place: &'h Venue, language: &'h str },
    /// How the camera is, once for each change.
    Camera(CameraState),
}

/// Hears from the session's threads, and must not take long.
pub(crate) type Listener = Box<dyn Fn(SessionEvent<'_>) + Send + Sync>;

/// A running session: drop it and its threads end.
pub(crate) struct Session {
    state: Arc<SessionState>,
    watch: Option<Supervisor>,
}

struct SessionState {
    presenter: Mutex<Presenter<AnswerView>>,
    camera: Mutex<CameraState>,
    preview: Mutex<Option<Arc<LumaFrame>>>,
    to_decode: Mutex<Option<Arc<LumaFrame>>>,
    arrived: Condvar,
    closing: AtomicBool,
    /// How often everything was to be judged anew. Changed while the presenter is held.
    era: AtomicU64,
    trust: RwLock<Arc<TrustState>>,
    presentation: RwLock<Presentation>,
    voice: Player,
    /// What would help to read the code in view.
    hint: Mutex<Option<Hint>>,
    conditions: JudgingContext,
    started: Instant,
    /// Its key is made at start and gone at exit: what the presenter remembers of a pass means nothing elsewhere.
    hasher: RandomState,
    wake: Box<dyn Fn() + Send + Sync>,
    listener: OnceLock<Listener>,
}

impl Session {
    /// Starts the decoder; `wake` is called whenever there is something new to show.
    pub(crate) fn new(
        trust: TrustState,
        presentation: Presentation,
        voice: Player,
        timing: Timing,
        conditions: JudgingContext,
        wake: impl Fn() + Send + Sync + 'static,
    ) -> std::io::Result<Self> {
        let state = Arc::new(SessionState {
            presenter: Mutex::new(Presenter::new(timing)),
            camera: Mutex::new(CameraState::Starting),
            preview: Mutex::new(None),
            to_decode: Mutex::new(None),
            arrived: Condvar::new(),
            closing: AtomicBool::new(false),
            era: AtomicU64::new(0),
            trust: RwLock::new(Arc::new(trust)),
            presentation: RwLock::new(presentation),
            voice,
            hint: Mutex::new(None),
            conditions,
            started: Instant::now(),
            hasher: RandomState::new(),
            wake: Box::new(wake),
            listener: OnceLock::new(),
        });
        let decoder = Arc::clone(&state);
        std::thread::Builder::new().name("greenlit-decoder".into()).spawn(move || decoder.decode_all())?;
        Ok(Self { state, watch: None })
    }

    /// Takes frames from here from now on.
    pub(crate) fn watch(&mut self, open: OpenCamera) {
        self.watch = None;
        *lock_unpoisoned(&self.state.camera) = CameraState::Starting;
        let state = Arc::clone(&self.state);
        self.watch = Some(Supervisor::start(open, move |event| state.heard(event), Timings::default()));
    }

    /// Tells this one, and no other, of what happens from now on.
    pub(crate) fn listen(&self, listener: Listener) {
        // A second one would have nobody to be told by: it is dropped.
        let _ = self.state.listener.set(listener);
    }

    /// What is judged by.
    pub(crate) fn trust(&self) -> Arc<TrustState> {
        self.state.trust()
    }

    /// Judges by this trust data from now on.
    pub(crate) fn set_trust(&self, trust: TrustState) {
        *self.state.trust.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(trust);
    }

    /// Stands here, and speaks and sounds like this, from now on.
    pub(crate) fn set_presentation(&self, presentation: Presentation) {
        *self.state.presentation.write().unwrap_or_else(PoisonError::into_inner) = presentation;
    }

    /// The newest frame that the preview has not shown yet.
    pub(crate) fn take_preview(&self) -> Option<Arc<LumaFrame>> {
        lock_unpoisoned(&self.state.preview).take()
    }

    /// A finger is on an answer, or off it.
    pub(crate) fn hold(&self, pressed: bool) {
        let now = self.state.now();
        let mut presenter = lock_unpoisoned(&self.state.presenter);
        if pressed { presenter.press(now) } else { presenter.release(now) }
    }

    /// The answer is done with.
    pub(crate) fn dismiss(&self) {
        lock_unpoisoned(&self.state.presenter).dismiss(self.state.now());
    }

    /// What passes are judged by has changed: what was said before counts no more.
    pub(crate) fn rejudge(&self) {
        let mut presenter = lock_unpoisoned(&self.state.presenter);
        self.state.era.fetch_add(1, Ordering::AcqRel);
        presenter.rejudge(self.state.now());
    }

    /// Somebody touched the cleared screen.
    pub(crate) fn come_back(&self) {
        self.focus(true);
    }

    /// The window is in front, or not.
    pub(crate) fn focus(&self, focused: bool) {
        lock_unpoisoned(&self.state.presenter).focus(self.state.now(), focused);
    }

    /// What to show at this moment.
    pub(crate) fn snapshot(&self) -> Snapshot {
        let state = &self.state;
        let camera = *lock_unpoisoned(&state.camera);
        let presentation = state.presentation.read().unwrap_or_else(PoisonError::into_inner).clone();
        let trust = state.trust();
        let (trust, now) = (state.conditions)(&trust);
        let mut snapshot = Snapshot {
            page: Page::Scan,
            answer: None,
            remaining: 1.0,
            paused: false,
            notice: None,
            reading: false,
            hint: None,
            camera,
            standing: Footer::of(&trust, &presentation.place, &presentation.language, now),
        };
        match lock_unpoisoned(&state.presenter).view(state.now()) {
            View::Scan { notice: other } => {
                snapshot.notice = other.map(notice);
                snapshot.hint = *lock_unpoisoned(&state.hint);
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
        self.state.closing.store(true, Ordering::Release);
        self.state.arrived.notify_all();
    }
}

impl SessionState {
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
                *lock_unpoisoned(&self.camera) = state;
                let ok = matches!(state, CameraState::Ready | CameraState::Dark);
                lock_unpoisoned(&self.presenter).camera(self.now(), ok);
                self.tell(SessionEvent::Camera(state));
            }
            Event::Frame(frame) => {
                *lock_unpoisoned(&self.preview) = Some(Arc::clone(&frame));
                *lock_unpoisoned(&self.to_decode) = Some(frame);
                self.arrived.notify_one();
            }
        }
        (self.wake)();
    }

    fn tell(&self, happening: SessionEvent<'_>) {
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
            *lock_unpoisoned(&self.hint) = reading.hint;
            let presentation = self.presentation.read().unwrap_or_else(PoisonError::into_inner).clone();
            let mut answers: Vec<(AnswerView, Verdict)> = Vec::new();
            let seen: Vec<Presented<AnswerView>> = second_opinion::read(reading.symbols)
                .iter()
                .filter_map(|code| {
                    let verdict = Verdict::of_code(code, &trust, clock);
                    if let Verdict::NotAPass(other) = verdict {
                        return Some(Presented::NotAPass(other));
                    }
                    let answer_code = verdict.code()?;
                    let screen = AnswerView::of(&verdict, &presentation.place, &presentation.language)?;
                    if self.listener.get().is_some() {
                        answers.push((screen.clone(), verdict));
                    }
                    Some(Presented::Pass { key: self.hasher.hash_one(&code.payload), code: answer_code, screen })
                })
                .collect();
            let pause = {
                let mut presenter = lock_unpoisoned(&self.presenter);
                // Judged by what no longer holds; dismissed as such, it would keep its pass quiet.
                let outdated = self.era.load(Ordering::Acquire) != era;
                let seen = if outdated { Vec::new() } else { seen };
                if let Some(Announcement(code)) = presenter.frame(self.now(), seen) {
                    self.voice.say(presentation.sounds, code.answer());
                    // Of several passes in the frame, the one that came up.
                    if let View::Answer { answer, .. } = presenter.view(self.now())
                        && let Some((_, verdict)) = answers.iter().find(|(screen, _)| screen == answer)
                    {
                        let (place, language) = (&presentation.place, presentation.language.as_str());
                        self.tell(SessionEvent::Answer { verdict, place, language });
                    }
                }
                match presenter.view(self.now()) {
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
        let mut waiting = lock_unpoisoned(&self.to_decode);
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
        if self.in_vain >= FRUITLESS_FRAMES {
            *self = Self { now: (self.now * 2).min(SLOW_BUDGET), in_vain: 0 };
        } else if time < self.now / 4 {
            self.now = (self.now / 2).max(FRAME_BUDGET);
        }
    }
}

/// A lock whose holder cannot have left it half-done: every change under it is one assignment or one
/// call of the presenter, so a panic elsewhere must not take the session down.
fn lock_unpoisoned<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}
