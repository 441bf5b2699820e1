//! One sound a new answer: a neutral beep, or a melody for each of the four answers.
//!
//! Whatever player the system has is handed a WAV file. No player, no sound card, no room for the
//! file: then it is silent, for sound only helps the eyes.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use greenlit_core::answer::Answer;
use greenlit_front::{BEEP, Note};

use crate::config::sound_mode::SoundMode;

/// Those that take a file and need no option: PipeWire, PulseAudio, ALSA.
const PLAYERS: [&str; 3] = ["pw-play", "paplay", "aplay"];
/// A player still at it after so long has no working sound card.
const PATIENCE: Duration = Duration::from_secs(3);
const SAMPLES_A_SECOND: u32 = 22_050;
/// Of full loudness: a till stands beside its cashier all day.
const LOUDNESS: f32 = 0.5;
/// Rise and fall of a note, in seconds; without them it clicks.
const EDGE: f32 = 0.008;

/// A file's name, and what is in it.
type Melody = (&'static str, &'static [Note]);

/// What is played for this answer.
fn melody(sounds: SoundMode, answer: Answer) -> Option<Melody> {
    let file = match (sounds, answer) {
        (SoundMode::Off, _) => return None,
        (SoundMode::Beep, _) => return Some(("beep.wav", BEEP)),
        (SoundMode::Tones, Answer::Valid) => "valid.wav",
        (SoundMode::Tones, Answer::Refused) => "refused.wav",
        (SoundMode::Tones, Answer::NotGenuine) => "not-genuine.wav",
        (SoundMode::Tones, Answer::CannotTell) => "cannot-tell.wav",
    };
    Some((file, greenlit_front::melody(answer)))
}

/// Plays on a thread of its own; of answers that come while it plays only the first is heard after it.
pub(crate) struct Player {
    wanted: Option<SyncSender<Melody>>,
}

impl Player {
    /// Keeps its files in this folder, made when first needed.
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self::with_player(folder, player(), PATIENCE)
    }

    fn with_player(folder: PathBuf, player: Option<PathBuf>, patience: Duration) -> Self {
        let Some(player) = player else { return Self { wanted: None } };
        let (wanted, received) = sync_channel(1);
        let spawned = std::thread::Builder::new()
            .name("greenlit-sound".into())
            .spawn(move || play_all(&received, &folder, &player, patience));
        Self { wanted: spawned.is_ok().then_some(wanted) }
    }

    /// Whether anything can be heard here.
    pub(crate) fn is_there(&self) -> bool {
        self.wanted.is_some()
    }

    /// Never waits.
    pub(crate) fn say(&self, sounds: SoundMode, answer: Answer) {
        if let (Some(wanted), Some(melody)) = (&self.wanted, melody(sounds, answer)) {
            // Full means that it is still speaking, and another waits.
            let _ = wanted.try_send(melody);
        }
    }
}

fn player() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    PLAYERS.iter().find_map(|name| folders.iter().map(|folder| folder.join(name)).find(|file| file.is_file()))
}

fn play_all(received: &Receiver<Melody>, folder: &Path, player: &Path, patience: Duration) {
    while let Ok((name, notes)) = received.recv() {
        // A cut-off file of an earlier run is written over.
        if let Some(file) = write(folder, name, notes) {
            play(player, &file, patience);
        }
    }
}

fn play(player: &Path, file: &Path, patience: Duration) {
    let mut command = Command::new(player);
    let started = command.arg(file).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let Ok(mut playing) = started else { return };
    let until = Instant::now() + patience;
    while Instant::now() < until {
        if !matches!(playing.try_wait(), Ok(None)) {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let _ = playing.kill();
    let _ = playing.wait();
}

fn write(folder: &Path, name: &str, notes: &[Note]) -> Option<PathBuf> {
    std::fs::create_dir_all(folder).ok()?;
    let path = folder.join(name);
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: SAMPLES_A_SECOND,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut file = hound::WavWriter::create(&path, spec).ok()?;
    for sample in notes.iter().flat_map(|note| samples(*note)) {
        file.write_sample(sample).ok()?;
    }
    file.finalize().ok()?;
    Some(path)
}

fn samples((hertz, milliseconds): Note) -> impl Iterator<Item = i16> {
    let count = SAMPLES_A_SECOND * milliseconds / 1_000;
    let seconds = move |n: u32| n as f32 / SAMPLES_A_SECOND as f32;
    (0..count).map(move |n| {
        let edge = (seconds(n).min(seconds(count - n)) / EDGE).min(1.0);
        (LOUDNESS * edge * (std::f32::consts::TAU * hertz * seconds(n)).sin() * f32::from(i16::MAX)) as i16
    })
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    /// Ends a test that hangs, and nothing else.
    const HANGS: Duration = Duration::from_secs(600);

    /// A player that leaves a copy of what it was given. Written by another program: while a neighbour's test
    /// is just starting one, what this one writes is open there too, and cannot be run.
    fn fake(folder: &Path, script: &str) -> PathBuf {
        let path = folder.join("player");
        let write = r#"printf '#!/bin/sh\n%s\n' "$1" >"$0" && chmod 755 "$0""#;
        assert!(Command::new("sh").args(["-c", write]).arg(&path).arg(script).status().unwrap().success());
        path
    }

    fn comes_true(is: impl Fn() -> bool) -> bool {
        let until = Instant::now() + HANGS;
        while !is() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(5));
        }
        is()
    }

    #[test]
    fn an_answer_is_heard_as_chosen() {
        let folder = tempfile::tempdir().unwrap();
        let heard = folder.path().join("heard");
        let player = fake(folder.path(), &format!("basename \"$1\" >> {}", heard.display()));
        let voice = Player::with_player(folder.path().join("sounds"), Some(player), HANGS);
        let said = |sounds, answer, wanted: &str| {
            let _ = std::fs::remove_file(&heard);
            voice.say(sounds, answer);
            comes_true(|| std::fs::read_to_string(&heard).is_ok_and(|name| name.trim() == wanted))
        };
        assert!(said(SoundMode::Beep, Answer::Refused, "beep.wav"));
        assert!(said(SoundMode::Tones, Answer::Refused, "refused.wav"));
        assert!(said(SoundMode::Tones, Answer::Valid, "valid.wav"));
        voice.say(SoundMode::Off, Answer::Valid);
        assert!(said(SoundMode::Tones, Answer::CannotTell, "cannot-tell.wav"));
    }

    #[test]
    fn each_answer_has_a_melody_of_its_own_that_does_not_clip() {
        let folder = tempfile::tempdir().unwrap();
        let mut all = Vec::new();
        for answer in [Answer::Valid, Answer::Refused, Answer::NotGenuine, Answer::CannotTell] {
            let (name, notes) = melody(SoundMode::Tones, answer).unwrap();
            let path = write(folder.path(), name, notes).unwrap();
            let read: Vec<i16> = hound::WavReader::open(path).unwrap().samples().map(Result::unwrap).collect();
            let loudest = read.iter().map(|sample| sample.unsigned_abs()).max().unwrap();
            assert!((10_000..20_000).contains(&loudest), "{name}: {loudest}");
            all.push(read);
        }
        all.dedup();
        assert_eq!(all.len(), 4);
    }

    #[test]
    fn a_broken_player_or_none_is_no_trouble() {
        let folder = tempfile::tempdir().unwrap();
        Player::with_player(folder.path().into(), None, HANGS).say(SoundMode::Beep, Answer::Valid);
        let nowhere = Some("/nowhere/player".into());
        Player::with_player(folder.path().into(), nowhere, HANGS).say(SoundMode::Beep, Answer::Valid);
        let stuck = fake(folder.path(), "exec sleep 3600");
        let started = Instant::now();
        play(&stuck, Path::new("any.wav"), Duration::from_millis(100));
        assert!(started.elapsed() < HANGS);
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        assert!(write(&file, "beep.wav", &[(988.0, 110)]).is_none());
    }
}
