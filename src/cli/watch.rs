//! `greenlit watch`: the session without a window. Camera → decoder → gate → a line for each answer, for
//! a till program or a turnstile. A line says nothing of the guest, and nothing that tells a pass again.

mod line;
mod pictures;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use greenlit_camera::controls::ControlPanel;
use greenlit_core::presenter::Timing;
use greenlit_core::trust::TrustState;
use greenlit_words::terminal::answers;

use crate::cli::Outcome;
use crate::clock::Clock;
use crate::config::diagnostic::{language, warn};
use crate::config::failures;
use crate::config::heartbeat::Heartbeat;
use crate::config::sound_mode::SoundMode;
use crate::config::store_watcher::StoreWatcher;
use crate::config::sync_source::SyncSource;
use crate::config::till::{Till, build_date};
use crate::session::sound::Player;
use crate::session::{OpenCamera, Presentation, Session, SessionEvent, live_context, open_camera};
use line::{AnswerLine, CameraLine};
use pictures::Pictures;

/// How often it is looked whether anybody still reads.
const TICK: Duration = Duration::from_millis(250);
/// How often it is looked whether a sync has brought newer trust data.
const LOOK: Duration = Duration::from_secs(5);
/// How long the decoder may still work after the last picture.
const GRACE: Duration = Duration::from_secs(1);
/// Lines that wait for a reader who does not keep up. Those beyond are dropped: a late answer is
/// another guest's.
const WAITING: usize = 64;

/// Check passes from the camera and print a line for each answer, without a window.
///
/// Runs until stopped or until its output is closed. Makes no sound.
/// Newer trust data from `greenlit sync` is used within seconds.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Print JSON objects.
    #[arg(long)]
    json: bool,
    /// Do not update from the source; leave that to a scheduled `greenlit sync`.
    #[arg(long)]
    pub(crate) offline: bool,
    /// Check these pictures instead of the camera, and exit after the last.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pictures: Vec<PathBuf>,
}

pub(crate) fn run(args: &Args, till: &Till) -> Outcome {
    let pictures = Pictures::new(args.pictures.clone());
    let open: OpenCamera = match pictures.clone() {
        Some(pictures) => Box::new(move || Ok(Box::new(pictures.clone()))),
        None => open_camera(till, &ControlPanel::default()),
    };
    let (trust, mut held) = StoreWatcher::first(till);
    let trust = trust.unwrap_or_else(|_| TrustState::empty(build_date()));
    let voice = Player::new(till.folder().join("sounds"));
    let mut conditions = live_context(till.clock().clone());
    if let Some(pictures) = &pictures {
        // Asked once for each frame that the decoder takes.
        let (looks, by) = (pictures.looks(), conditions);
        conditions = Box::new(move |trust| {
            looks.fetch_add(1, Ordering::AcqRel);
            by(trust)
        });
    }
    let mut session = Session::new(trust, presentation(till), voice, Timing::default(), conditions, || ())?;
    let (lines, waiting) = sync_channel(WAITING);
    listen(&session, till.clock().clone(), lines, args.json);
    session.watch(open);
    if !args.offline {
        renew(till);
    }
    let mut out = io::stdout().lock();
    let mut ending: Option<Instant> = None;
    let mut looked = Instant::now();
    let heartbeat = Heartbeat::for_service_manager();
    loop {
        heartbeat.beat();
        match next(&waiting) {
            Some(line) => {
                out.write_all(line.as_bytes())?;
                out.flush()?;
            }
            None if nobody_reads() => return Ok(ExitCode::SUCCESS),
            None => {}
        }
        if looked.elapsed() >= LOOK {
            looked = Instant::now();
            if let Some(trust) = held.look_again(till, &session.trust()) {
                // The place first: whoever is judged by the new data gets what the new settings give.
                session.set_presentation(presentation(till));
                session.set_trust(trust);
            }
            // The next look finds it in the store.
            till.note_time(&session.trust());
        }
        let ended = pictures.as_ref().is_some_and(Pictures::ended);
        if ended && ending.get_or_insert_with(Instant::now).elapsed() >= GRACE {
            break;
        }
    }
    // What came in the last moment, too.
    drop(session);
    for line in waiting.try_iter() {
        out.write_all(line.as_bytes())?;
    }
    out.flush()?;
    Ok(ExitCode::from(if pictures.is_some_and(|pictures| pictures.unreadable()) { 2 } else { 0 }))
}

fn presentation(till: &Till) -> Presentation {
    Presentation { place: till.place(), name: till.name(), language: till.language(), sounds: SoundMode::Off }
}

/// Everything that happens becomes a line. Called from the session's threads, so it never waits.
fn listen(session: &Session, clock: Clock, lines: SyncSender<String>, json: bool) {
    let spoken = language();
    session.listen(Box::new(move |happening| {
        let at = clock.now();
        let line = match happening {
            SessionEvent::Camera(state) => CameraLine::new(at, state).text(json, spoken),
            SessionEvent::Answer { verdict, place, language } => match AnswerLine::new(at, verdict, place, language) {
                Some(line) => line.text(json, spoken),
                None => return,
            },
            // Figures are of the window's shift.
            SessionEvent::Counted(_) => return,
        };
        if matches!(lines.try_send(line), Err(std::sync::mpsc::TrySendError::Full(_))) {
            warn(&answers::reader_too_slow(spoken));
        }
    }));
}

/// The next line, if one comes within a tick.
fn next(waiting: &Receiver<String>) -> Option<String> {
    match waiting.recv_timeout(TICK) {
        Ok(line) => Some(line),
        Err(RecvTimeoutError::Timeout) => None,
        // The session holds the other end for as long as it is there.
        Err(RecvTimeoutError::Disconnected) => {
            std::thread::sleep(TICK);
            None
        }
    }
}

/// Whether the other end of standard output has been closed: otherwise a till program that died would
/// leave the camera taken until the next guest.
#[cfg(unix)]
fn nobody_reads() -> bool {
    use rustix::event::{PollFd, PollFlags, poll};
    let out = io::stdout();
    let mut asked = [PollFd::new(&out, PollFlags::empty())];
    let at_once = rustix::event::Timespec { tv_sec: 0, tv_nsec: 0 };
    poll(&mut asked, Some(&at_once)).is_ok_and(|_| {
        asked.iter().any(|fd| fd.revents().intersects(PollFlags::ERR | PollFlags::HUP | PollFlags::NVAL))
    })
}

#[cfg(not(unix))]
fn nobody_reads() -> bool {
    false
}

/// Renews once at start, as the window does, without holding up the first guest.
fn renew(till: &Till) {
    let Some(origin) = SyncSource::remembered(till) else { return };
    let till = till.clone();
    let work = move || {
        if let Err(error) = crate::config::sync_source::take(&origin, &till) {
            warn(&failures::any(&*error, language()));
        }
    };
    // Where no thread can be started, the next `greenlit sync` brings what is newer.
    let _ = std::thread::Builder::new().name("greenlit-fetch".into()).spawn(work);
}
