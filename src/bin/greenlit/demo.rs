//! `greenlit demo`: a throw-away authority, every kind of pass, and this till's answers.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

use greenlit::demo::{MAX_SCENES, PUBLISHED, SCENES_FILE, Scene};
use greenlit::files::{FileError, Links, read_capped};
use greenlit::time::UnixTime;
use greenlit::trust::{Documents, Root, TrustState, cap};
use greenlit::{picture, qr, sync};

use crate::Outcome;
use crate::judged::{Judged, write_for_people};
use crate::till::{Till, build_date, now};

/// Shows every kind of pass and what the till says to it.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Prints the answers and leaves the pictures in this folder.
    #[arg(long, value_name = "DIR", required = true)]
    headless: PathBuf,
}

/// Why there is no demonstration.
#[derive(Debug, thiserror::Error)]
enum DemoError {
    #[error(
        "greenlit-issuer, which makes the demonstration's passes, is neither beside this program nor on the PATH ({0})"
    )]
    NoIssuer(std::io::Error),
    #[error("greenlit-issuer could not make the demonstration")]
    Issuer,
    #[error("{0}: not a list of scenes ({1})")]
    Scenes(String, serde_json::Error),
    #[error("a scene is set at {0}")]
    Time(#[from] greenlit::time::TimeError),
    #[error(transparent)]
    File(#[from] FileError),
}

pub(crate) fn run(args: &Args) -> Outcome {
    let folder = &args.headless;
    make(folder)?;
    let till = Till::new(Some(folder.join("till")))?;
    let trust = believe(folder, &till)?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "\nEvery kind of pass, held up to a till:\n")?;
    let mut wrong = 0;
    let scenes = read_scenes(folder)?;
    for scene in &scenes {
        let clock = scene.at.as_deref().map(UnixTime::parse_rfc3339).transpose().map_err(DemoError::from)?;
        let nobody = TrustState::empty(build_date());
        let judged = look(&folder.join(&scene.file), if scene.no_trust { &nobody } else { &trust }, clock)?;
        write_for_people(&mut out, &scene.title, &judged, &till.place(), &till.language())?;
        let as_written = judged.answer() == scene.answer && judged.code().map(|c| c.as_str()) == scene.code.as_deref();
        if !as_written {
            wrong += 1;
            writeln!(out, "    WRONG: the scene is {} {}", scene.answer, scene.code.as_deref().unwrap_or(""))?;
        }
    }
    writeln!(out, "\n{} scenes, {wrong} wrong. The QR pictures are in {}", scenes.len(), folder.display())?;
    Ok(ExitCode::from(u8::from(wrong > 0)))
}

/// Has the issuer make its throw-away authority, passes and scenes.
fn make(folder: &Path) -> Result<(), DemoError> {
    let name = format!("greenlit-issuer{}", std::env::consts::EXE_SUFFIX);
    let beside = std::env::current_exe().ok().map(|exe| exe.with_file_name(&name)).filter(|path| path.is_file());
    let status = Command::new(beside.unwrap_or_else(|| name.into()))
        .arg("demo")
        .arg(folder)
        .stdin(Stdio::null())
        .status()
        .map_err(DemoError::NoIssuer)?;
    if status.success() { Ok(()) } else { Err(DemoError::Issuer) }
}

/// Trusts the demonstration's authority in a data folder of its own, by the same steps as any till.
fn believe(folder: &Path, till: &Till) -> Result<TrustState, Box<dyn std::error::Error>> {
    let published = folder.join(PUBLISHED);
    let bytes = read_capped(&published.join(sync::root_file(1)), cap::ROOT, Links::Refuse)?;
    let root = Root::open_anchor(&bytes)?;
    till.store_to_write()?.save(&TrustState::anchored(root, build_date()), &Documents::default())?;
    Ok(crate::sync::take(&published, till)?.trust)
}

fn read_scenes(folder: &Path) -> Result<Vec<Scene>, DemoError> {
    let path = folder.join(SCENES_FILE);
    let bytes = read_capped(&path, MAX_SCENES, Links::Refuse)?;
    serde_json::from_slice(&bytes).map_err(|error| DemoError::Scenes(path.display().to_string(), error))
}

fn look(path: &Path, trust: &TrustState, clock: Option<UnixTime>) -> Result<Judged, picture::PictureError> {
    let reading = qr::read(&picture::read(path)?, Duration::from_secs(5));
    let clock = clock.unwrap_or_else(now);
    Ok(Judged::worst(reading.payloads.iter().map(|payload| Judged::of(payload, trust, clock)).collect()))
}
