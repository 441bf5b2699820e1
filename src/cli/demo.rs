//! `greenlit demo`: a throw-away authority, every kind of pass, and this till's answers.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;
use std::time::Duration;

use crate::session::second_opinion;
use greenlit_camera::film::{Film, Part, SceneTiming};
use greenlit_camera::pace::AtEnd;
use greenlit_camera::picture;
use greenlit_core::presenter::Timing;
use greenlit_core::time::UnixTime;
use greenlit_core::trust::{Documents, Root, TrustState, limits};
use greenlit_files::demo::{MAX_SCENES, PUBLISHED, SCENES_FILE, Scene};
use greenlit_files::{FileError, Symlinks, read_limited};
use greenlit_qr::LumaFrame;
use greenlit_schemes::judge;

mod temp_workspace;

use temp_workspace::TempWorkspace;

use crate::cli::Outcome;
use crate::clock::Clock;
use crate::config::diagnostic::language;
use crate::config::diagnostic::warn;
use crate::config::settings::Setting;
use crate::config::till::{Till, build_date};
use crate::gui::gallery::Shown;
use crate::gui::settings_controller::SettingsController;
use crate::report::finding::{Finding, write_text};
use crate::session::{JudgingContext, Source, live_context};

/// The folder that is filled where there is no display and none is named.
const OUTPUT: &str = "demo-output";
/// Time enough to look at an answer, and to see the scan page before the next.
const BEAT: SceneTiming = SceneTiming { gap: GAP, enter: 16, hold: 80, leave: 14 };
const GAP: u32 = 50;
/// Of a gap, the part in which a frame of the scene before may still be under the decoder.
const TAIL: f32 = 0.3;
/// The same film every time.
const SEED: u64 = 2021;

/// Show every kind of pass, and the till's answer to it, in the window.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Open no window: print the answers, and save the codes and screens as pictures in this folder.
    #[arg(long, value_name = "DIR", conflicts_with = "camera")]
    headless: Option<PathBuf>,
    /// Use the real camera instead of the film, to show printed codes to.
    #[arg(long)]
    camera: bool,
    /// Sizes of the screens, as in 1024x600.
    #[arg(long, hide = true, value_name = "WxH", value_delimiter = ',', value_parser = parse_size)]
    sizes: Vec<(u32, u32)>,
    /// Draws the answers at the first of the sizes, again and again, and prints how long it took:
    /// milliseconds, the median, the 95th percentile, and a plain fill of as many pixels.
    #[arg(long, hide = true, requires = "headless", requires = "sizes")]
    times: bool,
    /// Known here only to be refused in words: they stand on every other command.
    #[arg(long, hide = true, value_name = "DIR")]
    data: Option<PathBuf>,
    #[arg(long, hide = true, value_name = "FILE")]
    site_file: Option<PathBuf>,
}

impl Args {
    /// Whether somebody means a till that there is.
    pub(crate) fn is_for_another_till(&self) -> bool {
        self.data.is_some() || self.site_file.is_some()
    }
}

fn parse_size(text: &str) -> Result<(u32, u32), String> {
    let size = text.split_once('x').and_then(|(w, h)| Some((w.parse().ok()?, h.parse().ok()?)));
    size.filter(|(w, h)| (240..=4_096).contains(w) && (240..=4_096).contains(h)).ok_or_else(|| "no size".into())
}

/// Why there is no demonstration.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DemoError {
    #[error(
        "greenlit-issuer, which makes the demonstration's passes, was not found next to this program or on the PATH ({0})"
    )]
    NoIssuer(std::io::Error),
    #[error("could not create a temporary folder for the demonstration ({0})")]
    NoRoom(std::io::Error),
    #[error("greenlit-issuer failed to create the demonstration")]
    Issuer,
    #[error("{0}: not a list of scenes ({1})")]
    Scenes(String, serde_json::Error),
    #[error("a scene is set at {0}")]
    Time(#[from] greenlit_core::time::TimeError),
    #[error(transparent)]
    File(#[from] FileError),
}

pub(crate) fn run(args: &Args) -> Outcome {
    match &args.headless {
        Some(folder) => headless(folder, args),
        None if crate::gui::screen::has_display() => in_the_window(args.camera),
        None => {
            warn(&format!("no display to open a window on; drawing the screens into {OUTPUT} instead"));
            headless(Path::new(OUTPUT), args)
        }
    }
}

fn headless(folder: &Path, args: &Args) -> Outcome {
    make(folder)?;
    let till = Till::practice(folder.join("till"));
    let trust = believe(folder, &till)?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "\nEvery kind of pass, shown to a till:\n")?;
    let mut wrong = 0;
    let scenes = read_scenes(folder)?;
    let mut shown = Vec::new();
    for scene in &scenes {
        let scenery = Scenery::of(scene)?;
        let (trust, clock) = scenery.set(&trust, till.clock());
        let frame = picture::read(&folder.join(&scene.file))?;
        let reading = greenlit_qr::read(&frame, Duration::from_secs(5));
        let codes = second_opinion::read(reading.symbols);
        let finding = Finding::of_codes(codes.iter().map(|code| judge(&trust, clock).code(code)), false);
        write_text(&mut out, &scene.title, &finding, &till.place(), &till.language(), language())?;
        if let Some(by_hand) = by_hand(folder, scene) {
            writeln!(out, "    by hand: {by_hand}")?;
        }
        let as_written =
            finding.answer() == scene.answer && finding.code().map(|c| c.as_str()) == scene.code.as_deref();
        if !as_written {
            wrong += 1;
            writeln!(out, "    WRONG: the scene is {} {}", scene.answer, scene.code.as_deref().unwrap_or(""))?;
        }
        shown.push(Shown { name: scene.file.trim_end_matches(".png").to_owned(), frame, finding, trust, clock });
    }
    till.remember(Setting::Sites, SITE)?;
    if let (true, Some(size)) = (args.times, args.sizes.first()) {
        let [median, high, fill] = crate::gui::gallery::time_answers(&SettingsController::new(till), &shown, *size)?;
        writeln!(out, "times: {median:.3} {high:.3} {fill:.3}")?;
        return Ok(ExitCode::SUCCESS);
    }
    let pictures = folder.join("screens");
    crate::gui::gallery::draw_all(
        SettingsController::new(till),
        &film(shown.iter().map(|s| s.frame.clone()).collect(), BEAT)?,
        &shown,
        &args.sizes,
        &pictures,
    )?;
    writeln!(out, "\n{} scenes, {wrong} wrong.", scenes.len())?;
    writeln!(out, "The QR pictures are in {}, the screens in {}", folder.display(), pictures.display())?;
    Ok(ExitCode::from(u8::from(wrong > 0)))
}

/// How to have the ordinary command give this answer, where it is the till's doing and not the picture's.
fn by_hand(folder: &Path, scene: &Scene) -> Option<String> {
    let (till, at) = match (&scene.at, scene.no_trust) {
        (Some(at), _) => ("till", format!("--at {at} ")),
        // Any folder that there is not.
        (None, true) => ("no-till", String::new()),
        (None, false) => return None,
    };
    let (till, picture) = (folder.join(till), folder.join(&scene.file));
    Some(format!("greenlit --data {} check {at}{}", till.display(), picture.display()))
}

/// The demonstration's till is a hotel: its rules give a figure.
const SITE: &str = "hotel";

fn in_the_window(camera: bool) -> Outcome {
    let temp_workspace = TempWorkspace::new().map_err(DemoError::NoRoom)?;
    let folder = &temp_workspace.room();
    make(folder)?;
    let till = Till::practice(folder.join("till"));
    believe(folder, &till)?;
    till.remember(Setting::Sites, SITE)?;
    if camera {
        warn(&format!("codes to show to the camera are in {} while this runs", folder.display()));
        let conditions = live_context(till.clock().clone());
        let controller = SettingsController::new(till);
        let source = Source { open: controller.open_camera(), conditions, timing: Timing::default() };
        crate::gui::run(controller, source)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut scenes = read_scenes(folder)?;
    // One of each answer first: whoever watches for half a minute has seen them all.
    let mut seen = BTreeSet::new();
    scenes.sort_by_cached_key(|scene| !seen.insert(scene.answer.clone()));
    let source = source(folder, &scenes, BEAT, till.clock().clone())?;
    crate::gui::run(SettingsController::new(till), source)?;
    Ok(ExitCode::SUCCESS)
}

/// The film of these scenes, each judged under its own conditions.
pub(crate) fn source(
    folder: &Path,
    scenes: &[Scene],
    beat: SceneTiming,
    clock: Clock,
) -> Result<Source, Box<dyn std::error::Error>> {
    let scenery = scenes.iter().map(Scenery::of).collect::<Result<Vec<_>, _>>()?;
    let frames = scenes.iter().map(|scene| picture::read(&folder.join(&scene.file))).collect::<Result<Vec<_>, _>>()?;
    let film = film(frames, beat)?;
    let watched = film.clone();
    let conditions: JudgingContext = Box::new(move |trust| {
        let scene = watched.now().and_then(|moment| match moment.part {
            Part::Gap if moment.progress < TAIL => Some((moment.scene + scenery.len() - 1) % scenery.len()),
            Part::Gap => None,
            _ => Some(moment.scene),
        });
        scene.and_then(|scene| scenery.get(scene)).unwrap_or(&Scenery::default()).set(trust, &clock)
    });
    let timing = Timing { valid: 4_000, other: 4_000, away: 800, ..Timing::default() };
    Ok(Source { open: Box::new(move || Ok(Box::new(film.clone()))), conditions, timing })
}

fn film(frames: Vec<LumaFrame>, beat: SceneTiming) -> Result<Film, greenlit_camera::SourceError> {
    Film::new(frames, SEED, beat, AtEnd::Loop, false)
}

/// What a scene changes at the till.
#[derive(Clone, Copy, Default)]
struct Scenery {
    at: Option<UnixTime>,
    no_trust: bool,
}

impl Scenery {
    fn of(scene: &Scene) -> Result<Self, DemoError> {
        let at = scene.at.as_deref().map(UnixTime::parse_rfc3339).transpose()?;
        Ok(Self { at, no_trust: scene.no_trust })
    }

    fn set(self, trust: &Arc<TrustState>, clock: &Clock) -> (Arc<TrustState>, UnixTime) {
        let trust = if self.no_trust { Arc::new(TrustState::empty(build_date())) } else { Arc::clone(trust) };
        (trust, self.at.unwrap_or_else(|| clock.now()))
    }
}

/// Has the issuer make its throw-away authority, passes and scenes.
pub(crate) fn make(folder: &Path) -> Result<(), DemoError> {
    let name = format!("greenlit-issuer{}", std::env::consts::EXE_SUFFIX);
    let exe = std::env::current_exe().ok();
    // Cargo keeps the tests' own program one folder below the others.
    let place = exe.as_deref().and_then(Path::parent).and_then(|p| if cfg!(test) { p.parent() } else { Some(p) });
    let beside = place.map(|place| place.join(&name)).filter(|path| path.is_file());
    let status = Command::new(beside.unwrap_or_else(|| name.into()))
        .arg("demo")
        .arg(folder)
        .stdin(Stdio::null())
        .status()
        .map_err(DemoError::NoIssuer)?;
    if status.success() { Ok(()) } else { Err(DemoError::Issuer) }
}

/// Trusts the demonstration's authority in a data folder of its own, by the same steps as any till.
pub(crate) fn believe(folder: &Path, till: &Till) -> Result<Arc<TrustState>, Box<dyn std::error::Error>> {
    let published = folder.join(PUBLISHED);
    let bytes = read_limited(&published.join(greenlit_sync::root_file(1)), limits::MAX_ROOT_BYTES, Symlinks::Refuse)?;
    let root = Root::verify_anchor(&bytes)?;
    till.store_to_write()?.save(&TrustState::anchored(root, build_date()), &Documents::default())?;
    Ok(Arc::new(
        crate::config::sync_source::take(&crate::config::sync_source::SyncSource::folder(&published), till)?.trust,
    ))
}

pub(crate) fn read_scenes(folder: &Path) -> Result<Vec<Scene>, DemoError> {
    let path = folder.join(SCENES_FILE);
    let bytes = read_limited(&path, MAX_SCENES, Symlinks::Refuse)?;
    serde_json::from_slice(&bytes).map_err(|error| DemoError::Scenes(path.display().to_string(), error))
}
