//! Scanning in progress: the threads and mailboxes between camera, reader and [`Scanner`], which decides. No Slint
//! here.
//!
//! Two mailboxes hold the newest frame, one for the preview and one for the decoder; neither waits
//! for the other, and frames that nobody had time for are forgotten.

use std::hash::RandomState;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use greenlit_camera::controls::ControlPanel;
use greenlit_camera::supervisor::{Supervisor, Timings};
use greenlit_camera::v4l::V4lCamera;
use greenlit_camera::{CameraState, Event as CameraEvent, FrameSource, SourceError};
use greenlit_core::answer::Answer;
use greenlit_core::benefits::Venue;
use greenlit_core::check_in::CheckIn;
use greenlit_core::presenter::{Timing, View};
use greenlit_core::scanner::{Effects, Event, Scanner};
use greenlit_core::tally;
use greenlit_core::time::UnixTime;
use greenlit_core::trust::TrustState;
use greenlit_core::typed::layout::Layouts;
use greenlit_core::unread::Unread;
use greenlit_core::verdict::Verdict;
use greenlit_qr::{Hint, LumaFrame};

use crate::clock::{self, Clock};
use crate::config::settings::Setting;
use crate::config::sound_mode::SoundMode;
use crate::config::till::Till;
use crate::session::decoder::ToDecode;
use crate::session::sound::Player;
use crate::session::view_model::{AnswerView, Footer, Page, answer_view, notice};

pub(crate) mod clipboard;
pub(crate) mod data_matrix;
mod decoder;
pub(crate) mod figures;
pub(crate) mod handed_in;
pub(crate) mod portrait;
pub(crate) mod quiet;
pub(crate) mod renewal;
pub(crate) mod second_opinion;
pub(crate) mod sound;
#[cfg(test)]
mod tests;
pub(crate) mod view_model;

/// By what a pass is judged at a moment: the till's own trust data and clock, unless a demonstration
/// sets the scene.
pub(crate) type JudgingContext = Box<dyn Fn(&Arc<TrustState>) -> (Arc<TrustState>, UnixTime) + Send + Sync>;

/// Opens the source of frames; called again whenever the device has to be opened anew.
pub(crate) type OpenCamera = Box<dyn Fn() -> Result<Box<dyn FrameSource>, SourceError> + Send + Sync>;

/// The camera that this till remembers, or else the first that works, its light and zoom on this panel.
pub(crate) fn open_camera(till: &Till, panel: &ControlPanel) -> OpenCamera {
    let (till, panel) = (till.clone(), panel.clone());
    // Asked whenever it is opened: a store that is busy at the start names it later.
    Box::new(move || -> Result<Box<dyn FrameSource>, SourceError> {
        Ok(Box::new(V4lCamera::open(till.setting(Setting::Camera).as_deref())?.with_controls(&panel)))
    })
}

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
    /// What it is called, or nothing.
    pub(crate) name: String,
    pub(crate) language: String,
    pub(crate) sounds: SoundMode,
}

/// What the window shows now.
#[derive(Clone)]
pub(crate) struct Snapshot {
    pub(crate) page: Page,
    pub(crate) answer: Option<AnswerView>,
    /// How many answers there have been: the same answer may be another guest's.
    pub(crate) announced: u32,
    /// Why what was handed in has no answer.
    pub(crate) unread: Option<Unread>,
    pub(crate) remaining: f32,
    pub(crate) paused: bool,
    pub(crate) notice: Option<(&'static str, String)>,
    /// The pass in view has had its answer.
    pub(crate) checked: bool,
    /// A mismatch can still be undone.
    pub(crate) undoable: bool,
    pub(crate) reading: bool,
    pub(crate) hint: Option<Hint>,
    pub(crate) camera: CameraState,
    pub(crate) standing: Footer,
}

/// What a listener is told of.
pub(crate) enum SessionEvent<'h> {
    /// A new answer has come up.
    Answer { verdict: &'h Verdict, place: &'h Venue, language: &'h str },
    /// Something is to be counted, once for each guest.
    Counted(tally::Event),
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
    scanner: Mutex<Scanner<Hint, RandomState>>,
    /// How a hand scanner's keys arrive.
    layouts: OnceLock<Mutex<Layouts>>,
    camera: Mutex<CameraState>,
    preview: Mutex<Option<Arc<LumaFrame>>>,
    to_decode: Mutex<Option<ToDecode>>,
    announced: AtomicU32,
    arrived: Condvar,
    closing: AtomicBool,
    /// A picture or the clipboard is being read aside.
    reading: AtomicBool,
    /// Nothing is judged: an authority's root is looked for.
    setting_up: AtomicBool,
    /// The code of a root that was held up meanwhile.
    root_code: Mutex<Option<Vec<u8>>>,
    /// Any code has been read meanwhile.
    has_read: AtomicBool,
    trust: RwLock<Arc<TrustState>>,
    presentation: RwLock<Presentation>,
    voice: Player,
    conditions: JudgingContext,
    /// By a clock that goes on while the machine sleeps: a pass was here before that, and not a moment ago.
    started: Duration,
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
            // The hasher's key is made at start and gone at exit.
            scanner: Mutex::new(Scanner::new(timing, RandomState::new())),
            layouts: OnceLock::new(),
            camera: Mutex::new(CameraState::Starting),
            preview: Mutex::new(None),
            to_decode: Mutex::new(None),
            announced: AtomicU32::new(0),
            arrived: Condvar::new(),
            closing: AtomicBool::new(false),
            reading: AtomicBool::new(false),
            setting_up: AtomicBool::new(false),
            root_code: Mutex::new(None),
            has_read: AtomicBool::new(false),
            trust: RwLock::new(Arc::new(trust)),
            presentation: RwLock::new(presentation),
            voice,
            conditions,
            started: clock::steady(),
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

    /// Looks for an authority's root and judges nothing that the camera sees, or no longer.
    pub(crate) fn set_up(&self, setting_up: bool) {
        self.state.setting_up.store(setting_up, Ordering::Release);
        self.state.has_read.store(false, Ordering::Release);
        *lock_unpoisoned(&self.state.root_code) = None;
    }

    /// The code of a root that was held up since the last look.
    pub(crate) fn take_root_code(&self) -> Option<Vec<u8>> {
        lock_unpoisoned(&self.state.root_code).take()
    }

    /// Whether any code has been read since the set-up began.
    pub(crate) fn has_read(&self) -> bool {
        self.state.has_read.load(Ordering::Acquire)
    }

    /// Stands here, and speaks and sounds like this, from now on.
    pub(crate) fn set_presentation(&self, presentation: Presentation) {
        *self.state.presentation.write().unwrap_or_else(PoisonError::into_inner) = presentation;
    }

    /// Everything lasts so long from now on.
    pub(crate) fn set_timing(&self, timing: Timing) {
        lock_unpoisoned(&self.state.scanner).set_timing(timing);
    }

    /// The newest frame that the preview has not shown yet.
    pub(crate) fn take_preview(&self) -> Option<Arc<LumaFrame>> {
        lock_unpoisoned(&self.state.preview).take()
    }

    /// The valid pass on the screen is not that of whoever shows it.
    pub(crate) fn mismatch(&self) {
        self.state.handle(Event::Mismatch);
    }

    /// That was a slip of the finger.
    pub(crate) fn undo_mismatch(&self) {
        self.state.handle(Event::UndoMismatch);
    }

    /// A finger is on an answer, or off it.
    pub(crate) fn hold(&self, pressed: bool) {
        self.state.handle(if pressed { Event::Press } else { Event::Release });
    }

    /// The answer is done with.
    pub(crate) fn dismiss(&self) {
        self.state.handle(Event::Dismiss);
    }

    /// What passes are judged by has changed: what was said before counts no more.
    pub(crate) fn rejudge(&self) {
        self.state.handle(Event::Rejudge);
    }

    /// Guests of one booking are checked in who stay until this moment, or no longer.
    pub(crate) fn check_in(&self, until: Option<UnixTime>) {
        self.state.handle(Event::CheckIn(until));
    }

    /// Until when the guests stay who are being checked in, if any are.
    pub(crate) fn stays_until(&self) -> Option<UnixTime> {
        lock_unpoisoned(&self.state.scanner).check_in().map(CheckIn::stays_until)
    }

    /// The booking whose guests are being checked in.
    pub(crate) fn checked_in(&self) -> Option<CheckIn> {
        lock_unpoisoned(&self.state.scanner).check_in().cloned()
    }

    /// Somebody touched the cleared screen.
    pub(crate) fn come_back(&self) {
        self.focus(true);
    }

    /// The window is in front, or not.
    pub(crate) fn focus(&self, focused: bool) {
        self.state.handle(Event::Focus(focused));
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
            announced: state.announced.load(Ordering::Acquire),
            unread: None,
            remaining: 1.0,
            paused: false,
            notice: None,
            checked: false,
            undoable: false,
            reading: false,
            hint: None,
            camera,
            standing: Footer {
                name: presentation.name.clone(),
                ..Footer::of(&trust, &presentation.place, &presentation.language, now)
            },
        };
        let mut scanner = lock_unpoisoned(&state.scanner);
        let shown = scanner.view(state.now());
        snapshot.hint = shown.hint;
        let seen_before = shown.seen_before;
        match shown.view {
            View::Scan { notice: other, checked } => {
                (snapshot.notice, snapshot.checked) = (other.map(notice), checked);
            }
            View::NoCamera => {}
            View::Confirming => snapshot.reading = true,
            View::Answer { answer, remaining, paused, .. } => {
                let answer = answer_view(answer, &presentation.place, &presentation.language);
                snapshot.answer = answer.map(|answer| answer.seen_before(seen_before));
                snapshot.page = snapshot.answer.as_ref().map_or(Page::Scan, |answer| answer.page);
                (snapshot.remaining, snapshot.paused) = (remaining, paused);
            }
            View::Mismatch { remaining, paused, undoable } => {
                snapshot.page = Page::Mismatch;
                (snapshot.remaining, snapshot.paused, snapshot.undoable) = (remaining, paused, undoable);
            }
            View::Unread { why, remaining, paused } => {
                (snapshot.page, snapshot.unread) = (Page::Unread, Some(why.clone()));
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
        u64::try_from(clock::steady().saturating_sub(self.started).as_millis()).unwrap_or(u64::MAX)
    }

    fn trust(&self) -> Arc<TrustState> {
        Arc::clone(&self.trust.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Read once, and only where somebody types.
    fn layouts(&self) -> MutexGuard<'_, Layouts> {
        lock_unpoisoned(self.layouts.get_or_init(Mutex::default))
    }

    /// From the camera's threads: must not take long.
    fn heard(&self, event: CameraEvent) {
        match event {
            CameraEvent::State(state) => {
                *lock_unpoisoned(&self.camera) = state;
                self.handle(Event::Camera(matches!(state, CameraState::Ready | CameraState::Dark)));
                self.tell(SessionEvent::Camera(state));
            }
            CameraEvent::Frame { luma, colours } => {
                *lock_unpoisoned(&self.preview) = Some(Arc::clone(&luma));
                let mut waiting = lock_unpoisoned(&self.to_decode);
                // Colours are few: those of a frame that was not looked at go with the next.
                let colours = colours.or_else(|| waiting.take()?.colours);
                *waiting = Some(ToDecode { luma, colours });
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

    /// What happens goes to the scanner; what it wants heard is done here, when it is free again.
    fn handle(&self, event: Event<Hint>) -> Effects {
        let effects = lock_unpoisoned(&self.scanner).handle(self.now(), event);
        if let Some(verdict) = &effects.announced {
            self.announced.fetch_add(1, Ordering::AcqRel);
            let presentation = self.presentation.read().unwrap_or_else(PoisonError::into_inner).clone();
            if let Some(answer) = verdict.answer() {
                self.voice.say(presentation.sounds, answer);
            }
            let (place, language) = (&presentation.place, presentation.language.as_str());
            self.tell(SessionEvent::Answer { verdict, place, language });
        }
        if let Some(event) = effects.counted {
            self.tell(SessionEvent::Counted(event));
        }
        if effects.unread {
            let sounds = self.presentation.read().unwrap_or_else(PoisonError::into_inner).sounds;
            self.voice.say(sounds, Answer::CannotTell);
        }
        effects
    }
}

/// A lock whose holder cannot have left it half-done: every change under it is one assignment or one
/// call of the scanner, so a panic elsewhere must not take the session down.
pub(crate) fn lock_unpoisoned<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}
