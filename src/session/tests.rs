//! A session over the demonstration's film, from the first frame to the last answer.

use std::path::Path;
use std::sync::atomic::{AtomicU64, AtomicUsize};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use greenlit_camera::film::SceneTiming;
use greenlit_core::benefits::Venue;

use super::*;
use crate::cli::demo;
use crate::config::till::Till;

/// Ends a test that hangs, and nothing else.
const PATIENCE: Duration = Duration::from_secs(600);

/// A source that waits with each frame until the decoder has begun with the one before, and the test has
/// looked since: on a busy machine the film goes slower, and nothing in it is missed.
struct InStep {
    film: Box<dyn FrameSource>,
    steps: Arc<Steps>,
}

#[derive(Default)]
struct Steps {
    given: AtomicU64,
    decoded: AtomicU64,
    looked: AtomicU64,
    over: AtomicBool,
}

impl FrameSource for InStep {
    fn next_frame(&mut self) -> Result<LumaFrame, SourceError> {
        let behind = |count: &AtomicU64| count.load(Ordering::Acquire) < self.steps.given.load(Ordering::Acquire);
        while !self.steps.over.load(Ordering::Acquire) && (behind(&self.steps.decoded) || behind(&self.steps.looked)) {
            std::thread::sleep(Duration::from_millis(1));
        }
        let frame = self.film.next_frame();
        self.steps.given.fetch_add(1, Ordering::AcqRel);
        frame
    }
}

fn presentation() -> Presentation {
    Presentation { place: Venue::default(), name: String::new(), language: "ru".into(), sounds: SoundMode::Off }
}

/// The film of these scenes, run until each was answered; what was shown, in its order.
fn play(wanted: &[&str]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("demo");
    demo::make(&folder).unwrap();
    let till = Till::practice(folder.join("till"));
    let trust = demo::believe(&folder, &till).unwrap();
    let all = demo::read_scenes(&folder).unwrap();
    let scenes: Vec<_> = wanted
        .iter()
        .map(|name| all.iter().find(|scene| scene.file == format!("{name}.png")).unwrap().clone())
        .collect();
    let beat = SceneTiming { gap: 24, enter: 6, hold: 14, leave: 6 };
    let source = demo::source(&folder, &scenes, beat, till.clock().clone()).unwrap();
    let steps = Arc::new(Steps::default());
    let (film, in_step) = (source.open, Arc::clone(&steps));
    let open: OpenCamera = Box::new(move || Ok(Box::new(InStep { film: film()?, steps: Arc::clone(&in_step) })));
    let (set, in_step) = (source.conditions, Arc::clone(&steps));
    let conditions: JudgingContext = Box::new(move |trust| {
        let decodes = std::thread::current().name() == Some("greenlit-decoder");
        // Each sets its step to the newest frame there is.
        let step = if decodes { &in_step.decoded } else { &in_step.looked };
        step.store(in_step.given.load(Ordering::Acquire), Ordering::Release);
        set(trust)
    });
    // Answers that go with their pass, so that each scene begins at the scan page.
    let timing = Timing { valid: 300, other: 300, away: 250, away_dismissed: 250, notice: 300, ..Timing::default() };
    let voice = Player::new(folder.join("sounds"));
    let mut session = Session::new((*trust).clone(), presentation(), voice, timing, conditions, || ()).unwrap();
    session.watch(open);
    let mut shown: Vec<String> = Vec::new();
    let mut previews = 0;
    let deadline = Instant::now() + PATIENCE;
    // One more than there are scenes: the film has come round, and what came last is over.
    while shown.len() <= wanted.len() && Instant::now() < deadline {
        previews += usize::from(session.take_preview().is_some());
        let snapshot = session.snapshot();
        let now = match (&snapshot.answer, &snapshot.notice) {
            (Some(answer), _) => Some(format!("{:?} {}", answer.page, answer.code)),
            (None, Some((kind, _))) => Some(format!("notice {kind}")),
            (None, None) => None,
        };
        if let Some(now) = now
            && shown.last() != Some(&now)
        {
            shown.push(now);
        }
        if let Some(answer) = &snapshot.answer {
            let guest = [&answer.initials, &answer.document_digits, &answer.good_through];
            assert_eq!(guest.iter().any(|text| !text.is_empty()), answer.page == Page::Valid, "{answer:?}");
        }
        std::thread::sleep(Duration::from_millis(15));
    }
    steps.over.store(true, Ordering::Release);
    assert!(previews > wanted.len(), "{previews}");
    shown
}

#[test]
fn every_scene_of_the_film_is_answered_under_its_own_conditions() {
    let shown =
        play(&["good", "revoked", "altered", "good-without-trust-data", "good-with-slow-clock", "menu", "expired"]);
    let wanted = [
        "Valid OK",
        "Refused REV",
        "NotGenuine SIG",
        "CannotTell TRU",
        "CannotTell CLK",
        "notice link",
        "Refused EXP",
        "Valid OK",
    ];
    assert_eq!(shown, wanted);
}

/// One frame for ever, and its colours.
struct Still {
    frame: LumaFrame,
    colours: Option<[LumaFrame; 2]>,
}

impl FrameSource for Still {
    fn next_frame(&mut self) -> Result<LumaFrame, SourceError> {
        std::thread::sleep(Duration::from_millis(10));
        Ok(self.frame.clone())
    }

    fn colours(&mut self) -> Option<[LumaFrame; 2]> {
        self.colours.clone()
    }
}

#[test]
fn a_pass_that_only_one_colour_shows_is_valid() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("demo");
    demo::make(&folder).unwrap();
    let till = Till::practice(folder.join("till"));
    let trust = demo::believe(&folder, &till).unwrap();
    let colour = greenlit_camera::picture::read(&folder.join("good.png")).unwrap();
    let frame = LumaFrame::new(64, 48, vec![128; 64 * 48]).unwrap();
    let clock = till.clock().clone();
    let conditions: JudgingContext = Box::new(move |trust: &Arc<TrustState>| (Arc::clone(trust), clock.now()));
    let answers = answers_to(&folder, &trust, conditions, move || Still {
        frame: frame.clone(),
        colours: Some([frame.clone(), colour.clone()]),
    });
    assert_eq!(answers.next(), Some(greenlit_core::answer::Code::Ok));
}

/// What a session answers to what a camera gives.
struct Answers {
    session: Session,
    heard: Receiver<Option<greenlit_core::answer::Code>>,
}

impl Answers {
    fn next(&self) -> Option<greenlit_core::answer::Code> {
        self.heard.recv_timeout(PATIENCE).unwrap()
    }
}

fn answers_to(
    folder: &Path,
    trust: &TrustState,
    conditions: JudgingContext,
    camera: impl Fn() -> Still + Send + Sync + 'static,
) -> Answers {
    let voice = Player::new(folder.join("sounds"));
    let mut session = Session::new(trust.clone(), presentation(), voice, Timing::default(), conditions, || ()).unwrap();
    let (tells, heard) = channel();
    session.listen(Box::new(move |happening| {
        if let SessionEvent::Answer { verdict, .. } = happening {
            let _ = tells.send(verdict.code());
        }
    }));
    session.watch(Box::new(move || Ok(Box::new(camera()))));
    Answers { session, heard }
}

#[test]
fn what_was_read_before_everything_is_judged_anew_counts_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("demo");
    demo::make(&folder).unwrap();
    let till = Till::practice(folder.join("till"));
    let trust = demo::believe(&folder, &till).unwrap();
    let frame = greenlit_camera::picture::read(&folder.join("good.png")).unwrap();
    // The first frame is taken by a clock long behind, and is still being read when the clock is set.
    let (taken, first) = channel();
    let (go_on, waits) = channel();
    let (waits, frames) = (Mutex::new(waits), AtomicUsize::new(0));
    let clock = till.clock().clone();
    let conditions: JudgingContext = Box::new(move |trust: &Arc<TrustState>| {
        if frames.fetch_add(1, Ordering::SeqCst) > 0 {
            return (Arc::clone(trust), clock.now());
        }
        taken.send(()).unwrap();
        lock_unpoisoned(&waits).recv().unwrap();
        (Arc::clone(trust), UnixTime::new(981_173_106).unwrap())
    });
    let answers = answers_to(&folder, &trust, conditions, move || Still { frame: frame.clone(), colours: None });
    first.recv_timeout(PATIENCE).unwrap();
    answers.session.rejudge();
    go_on.send(()).unwrap();
    assert_eq!(answers.next(), Some(greenlit_core::answer::Code::Ok));
}
