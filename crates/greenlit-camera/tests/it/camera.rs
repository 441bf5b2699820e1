//! The watch over a camera that does everything a camera can do wrong.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use greenlit_camera::supervisor::{Clock, Supervisor, Timings};
use greenlit_camera::{CameraState, Event, FrameSource, SourceError};
use greenlit_qr::LumaFrame;

use CameraState::{Busy, Dark, Disconnected, NoCamera, Ready, Stalled, Starting, Unusable};

/// By the clock of the tests, which leaps where a camera is to be late and hardly moves otherwise: however
/// busy the machine is, no other camera is late.
const TIMINGS: Timings = Timings {
    start_timeout: Duration::from_secs(3_600),
    stall_timeout: Duration::from_secs(3_600),
    retry_delay: Duration::from_millis(10),
    max_retry_delay: Duration::from_millis(40),
    dark_after: Duration::from_secs(1_800),
};
const LEAP: Duration = Duration::from_secs(7_200);
const BLACK: Duration = Duration::from_secs(60);
/// Ends a test that hangs, and nothing else.
const PATIENCE: Duration = Duration::from_secs(300);

/// The true time, and as much ahead as the cameras have made it leap.
#[derive(Clone, Default)]
struct Hands {
    ahead: Arc<AtomicU64>,
}

impl Hands {
    fn leap(&self, by: Duration) {
        self.ahead.fetch_add(by.as_millis() as u64, Ordering::SeqCst);
    }

    fn clock(&self) -> Clock {
        let hands = self.clone();
        let now = move || Instant::now() + Duration::from_millis(hands.ahead.load(Ordering::SeqCst));
        Clock { now: Box::new(now), look: Duration::from_millis(5) }
    }
}

/// What a camera does next, for how many frames.
#[derive(Clone, Copy, Debug)]
enum Does {
    Light(u32),
    Black(u32),
    Broken(u32),
    /// Says this and is to be opened again.
    Fails(fn() -> SourceError),
    Panics,
    /// Never comes back.
    Stalls,
    /// Waits in the kernel, as a camera's driver does, for a frame that does not come.
    #[cfg(unix)]
    Waits,
    /// Comes back with a frame when it was given up and another reader reads.
    Dozes,
}

/// One opening: an error at once, a panic, or a script of frames.
#[derive(Clone, Copy, Debug)]
enum Opening {
    Refused(fn() -> SourceError),
    Panics,
    Stalls,
    Plays(&'static [Does]),
}

const GOOD: Opening = Opening::Plays(&[Does::Light(u32::MAX)]);

struct Fake {
    script: &'static [Does],
    done: u32,
    /// The frame given last, which is its colour, too.
    given: Option<LumaFrame>,
    hands: Hands,
    openings: Arc<AtomicUsize>,
}

fn grey(light: u8) -> LumaFrame {
    LumaFrame::new(32, 32, vec![light; 1024]).unwrap()
}

fn for_ever(hands: &Hands) -> ! {
    hands.leap(LEAP);
    loop {
        std::thread::park();
    }
}

/// For what nobody writes, without a limit.
#[cfg(unix)]
fn wait_in_the_kernel() -> rustix::io::Errno {
    use rustix::event::{PollFd, PollFlags, poll};
    let (read, _write) = rustix::pipe::pipe().unwrap();
    poll(&mut [PollFd::new(&read, PollFlags::IN)], None).unwrap_err()
}

impl FrameSource for Fake {
    fn next_frame(&mut self) -> Result<LumaFrame, SourceError> {
        std::thread::sleep(Duration::from_millis(1));
        let Some((now, rest)) = self.script.split_first() else { return Err(SourceError::Disconnected) };
        let (frames, result) = match now {
            Does::Light(frames) => (*frames, Ok(grey(120))),
            Does::Black(frames) => {
                self.hands.leap(BLACK);
                (*frames, Ok(grey(2)))
            }
            Does::Broken(frames) => (*frames, Err(SourceError::Broken("short".into()))),
            Does::Fails(error) => (1, Err(error())),
            Does::Panics => panics(),
            Does::Stalls => for_ever(&self.hands),
            #[cfg(unix)]
            Does::Waits => {
                self.hands.leap(LEAP);
                (1, Err(SourceError::Io(wait_in_the_kernel().to_string())))
            }
            Does::Dozes => {
                self.hands.leap(LEAP);
                while self.openings.load(Ordering::SeqCst) < 2 {
                    std::thread::sleep(Duration::from_millis(1));
                }
                (1, Ok(grey(77)))
            }
        };
        self.done += 1;
        if self.done >= frames {
            (self.script, self.done) = (rest, 0);
        }
        self.given = result.as_ref().ok().cloned();
        result
    }

    fn colours(&mut self) -> Option<[LumaFrame; 2]> {
        let given = self.given.take()?;
        Some([given.clone(), given])
    }
}

/// Without a word to the panic hook, which is the whole program's.
fn panics() -> ! {
    std::panic::resume_unwind(Box::new("on purpose"))
}

/// Plays the openings in turn; the last one again and again.
fn open(
    openings: &'static [Opening],
    count: Arc<AtomicUsize>,
    hands: Hands,
) -> impl Fn() -> Result<Box<dyn FrameSource>, SourceError> {
    move || match openings[count.fetch_add(1, Ordering::SeqCst).min(openings.len() - 1)] {
        Opening::Refused(error) => Err(error()),
        Opening::Panics => panics(),
        Opening::Stalls => for_ever(&hands),
        Opening::Plays(script) => {
            Ok(Box::new(Fake { script, done: 0, given: None, hands: hands.clone(), openings: Arc::clone(&count) }))
        }
    }
}

struct Watched {
    watch: Option<Supervisor>,
    events: mpsc::Receiver<Event>,
    openings: Arc<AtomicUsize>,
}

fn watched(openings: &'static [Opening]) -> Watched {
    let (sender, events) = mpsc::channel();
    let count = Arc::new(AtomicUsize::new(0));
    let hands = Hands::default();
    let watch = Supervisor::start_by(
        hands.clock(),
        open(openings, Arc::clone(&count), hands),
        move |event| {
            let _ = sender.send(event);
        },
        TIMINGS,
    );
    Watched { watch: Some(watch), events, openings: count }
}

impl Watched {
    /// The states told, until so many have been.
    fn states(&self, count: usize) -> Vec<CameraState> {
        let deadline = Instant::now() + PATIENCE;
        let mut states = vec![];
        while states.len() < count {
            match self.events.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(Event::State(state)) => states.push(state),
                // Frames come only with a camera that is ready, or dark.
                Ok(Event::Frame { .. }) => {
                    assert!(matches!(states.last(), None | Some(Ready | Dark)), "{states:?}")
                }
                Err(_) => break,
            }
        }
        states
    }
}

#[test]
fn each_failure_is_told_once_and_the_camera_comes_back() {
    use Does::{Black, Broken, Fails, Light, Stalls};
    let cases: &[(&str, &'static [Opening], &[CameraState])] = &[
        ("works", &[GOOD], &[Starting, Ready]),
        ("not there for a while", &[NONE, NONE, NONE, GOOD], &[Starting, NoCamera, Ready]),
        ("taken for a while", &[BUSY, BUSY, GOOD], &[Starting, Busy, Ready]),
        ("taken, then away", &[BUSY, NONE, BUSY, GOOD], &[Starting, Busy, NoCamera, Busy, Ready]),
        (
            "not allowed, not understood",
            &[Opening::Refused(|| SourceError::Denied("x".into())), UNSUPPORTED, GOOD],
            &[Starting, Unusable, Ready],
        ),
        (
            "unplugged and plugged in again",
            &[Opening::Plays(&[Light(3), Fails(|| SourceError::Disconnected)]), NONE, GOOD],
            &[Starting, Ready, Disconnected, NoCamera, Ready],
        ),
        (
            "another program is faster at streaming",
            &[Opening::Plays(&[Fails(|| SourceError::Busy)]), GOOD],
            &[Starting, Busy, Ready],
        ),
        ("stalls for ever", &[Opening::Plays(&[Light(2), Stalls]), GOOD], &[Starting, Ready, Stalled, Ready]),
        ("stalls before the first frame", &[Opening::Plays(&[Stalls]), GOOD], &[Starting, Stalled, Ready]),
        ("stalls while opening", &[Opening::Stalls, GOOD], &[Starting, Stalled, Ready]),
        // The reader that is stuck has the camera, so that nobody else is to blame.
        ("stalled and therefore taken", &[Opening::Plays(&[Stalls]), BUSY, BUSY, GOOD], &[Starting, Stalled, Ready]),
        ("panics", &[Opening::Plays(&[Light(1), Does::Panics]), GOOD], &[Starting, Ready, Disconnected, Ready]),
        ("panics while opening", &[Opening::Panics, GOOD], &[Starting, Disconnected, Ready]),
        ("a lens cover", &[Opening::Plays(&[Light(5), Black(500), Light(u32::MAX)])], &[Starting, Ready, Dark, Ready]),
        (
            "dark for a blink",
            &[Opening::Plays(&[Light(5), Black(2), Light(50), Fails(|| SourceError::Disconnected)]), GOOD],
            &[Starting, Ready, Disconnected, Ready],
        ),
        (
            "some broken frames",
            &[
                Opening::Plays(&[
                    Light(1),
                    Broken(29),
                    Light(1),
                    Broken(29),
                    Light(1),
                    Fails(|| SourceError::Disconnected),
                ]),
                GOOD,
            ],
            &[Starting, Ready, Disconnected, Ready],
        ),
        (
            "nothing but broken frames",
            &[Opening::Plays(&[Light(1), Broken(30), Stalls]), GOOD],
            &[Starting, Ready, Disconnected, Ready],
        ),
    ];
    for (case, openings, expected) in cases {
        let watched = watched(openings);
        assert_eq!(watched.states(expected.len()), *expected, "{case}");
        assert!(watched.openings.load(Ordering::SeqCst) >= openings.len(), "{case}");
    }
}

const NONE: Opening = Opening::Refused(|| SourceError::NoCamera);
const BUSY: Opening = Opening::Refused(|| SourceError::Busy);
const UNSUPPORTED: Opening = Opening::Refused(|| SourceError::Unsupported("H264".into()));

#[test]
fn a_reader_that_was_given_up_is_not_listened_to() {
    let watched = watched(&[Opening::Plays(&[Does::Light(1), Does::Dozes, Does::Light(u32::MAX)]), GOOD]);
    assert_eq!(watched.states(4), [Starting, Ready, Stalled, Ready]);
    // The doze is over by now; its frame and those after it must not be seen.
    for _ in 0..500 {
        match watched.events.recv_timeout(PATIENCE).unwrap() {
            Event::Frame { luma, colours } => {
                let colours = colours.unwrap();
                assert_eq!([luma.at(0, 0), colours[0].at(0, 0), colours[1].at(0, 0)], [120; 3]);
            }
            Event::State(state) => panic!("{state:?}"),
        }
    }
    assert_eq!(watched.openings.load(Ordering::SeqCst), 2);
}

#[test]
fn stuck_readers_are_bounded() {
    let watched = watched(&[Opening::Stalls]);
    assert_eq!(watched.states(2), [Starting, Stalled]);
    let deadline = Instant::now() + PATIENCE;
    while watched.openings.load(Ordering::SeqCst) < 4 && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(10));
    }
    std::thread::sleep(TIMINGS.max_retry_delay * 5);
    assert_eq!(watched.openings.load(Ordering::SeqCst), 4);
    assert!(watched.watch.as_ref().unwrap().why().is_some());
}

#[cfg(unix)]
#[test]
fn a_reader_that_waits_in_the_kernel_is_woken_and_the_camera_opened_as_often_as_it_takes() {
    const WAITS: Opening = Opening::Plays(&[Does::Waits]);
    const LATER: Opening = Opening::Plays(&[Does::Light(1), Does::Waits]);
    let watched = watched(&[WAITS, WAITS, WAITS, LATER, WAITS, WAITS, WAITS, WAITS, GOOD]);
    assert_eq!(watched.states(5), [Starting, Stalled, Ready, Stalled, Ready]);
    assert_eq!(watched.openings.load(Ordering::SeqCst), 9);
}

#[test]
fn the_end_of_a_watch_is_prompt_and_final() {
    for openings in [&[GOOD][..], &[Opening::Stalls], &[NONE], &[Opening::Plays(&[Does::Light(1), Does::Stalls])]] {
        let openings: &'static [Opening] = Box::leak(openings.to_vec().into_boxed_slice());
        let mut watched = watched(openings);
        assert_eq!(watched.states(1), [Starting]);
        std::thread::sleep(Duration::from_millis(50));
        // One that is stuck would be waited for in vain.
        let watch = watched.watch.take();
        let (ended, end) = mpsc::channel();
        std::thread::spawn(move || {
            drop(watch);
            ended.send(()).unwrap();
        });
        assert!(end.recv_timeout(PATIENCE).is_ok(), "{openings:?}");
        while watched.events.try_recv().is_ok() {}
        std::thread::sleep(Duration::from_millis(100));
        // What was just being told may still arrive.
        let late: Vec<_> = watched.events.try_iter().collect();
        assert!(late.len() <= 1, "{openings:?} {late:?}");
    }
}

#[test]
fn a_listener_may_be_slow_or_panic_or_end_the_watch() {
    let kept: Arc<Mutex<Option<Supervisor>>> = Arc::default();
    let (sender, events) = mpsc::channel();
    let inside = Arc::clone(&kept);
    let hands = Hands::default();
    let slow = hands.clone();
    let watch = Supervisor::start_by(
        hands.clock(),
        open(&[GOOD], Arc::default(), hands),
        {
            let frames = AtomicUsize::new(0);
            move |event| match event {
                Event::State(state) => sender.send(Some(state)).unwrap(),
                // Longer than a stall: the camera is not to blame.
                Event::Frame { .. } => match frames.fetch_add(1, Ordering::SeqCst) {
                    0 => {
                        slow.leap(LEAP);
                        // Time for the watcher to look.
                        std::thread::sleep(Duration::from_millis(50));
                    }
                    1 => std::panic::resume_unwind(Box::new("on purpose")),
                    50 => {
                        drop(inside.lock().unwrap().take());
                        sender.send(None).unwrap();
                    }
                    _ => {}
                },
            }
        },
        TIMINGS,
    );
    *kept.lock().unwrap() = Some(watch);
    let told: Vec<_> = (0..3).map(|_| events.recv_timeout(PATIENCE).unwrap()).collect();
    assert_eq!(told, [Some(Starting), Some(Ready), None]);
}

#[test]
fn a_source_that_ends_is_not_opened_again() {
    let watched = watched(&[Opening::Plays(&[Does::Light(2), Does::Fails(|| SourceError::Ended)])]);
    assert_eq!(watched.states(2), [Starting, Ready]);
    std::thread::sleep(TIMINGS.max_retry_delay * 5);
    let frames = watched.events.try_iter().filter(|event| matches!(event, Event::Frame { .. })).count();
    assert_eq!((frames, watched.openings.load(Ordering::SeqCst)), (2, 1));
}
