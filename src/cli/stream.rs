//! `greenlit check --stream`: numbered pictures of a folder as frames of one camera.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use greenlit_camera::picture;
use greenlit_core::pass::NotAPass;
use greenlit_qr::{Joiner, LiveReader, LiveReading, Reading, read};
use greenlit_words::terminal::answers;
use serde::Serialize;

use crate::config::diagnostic::language;
use crate::report::finding::CodeJson;
use crate::session::second_opinion;

/// How long each frame may be looked at.
const BUDGET: Duration = Duration::from_millis(25);
/// Frames a second, as the reader is told.
const FPS: u64 = 30;

#[derive(Serialize)]
struct Line {
    stream: String,
    frames: u64,
    /// The number of the first frame that was read, from zero.
    first_read_frame: Option<u64>,
    codes: Vec<CodeJson>,
    cpu_ms: f64,
    /// The most that a single frame took.
    worst_frame_ms: f64,
    /// What the person was told when the last frame had been seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

/// Reads the frames in the order of their names until one is read, by what was seen before as well or each
/// `alone`. The exit status is 0 then, else 2.
pub(crate) fn check(folder: &Path, json: bool, alone: bool) -> io::Result<u8> {
    let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", folder.display()));
    let entries = std::fs::read_dir(folder).map_err(named)?;
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|path| {
        let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
        ["png", "jpg", "jpeg", "pgm"].iter().any(|known| extension == *known)
    });
    files.sort();
    let (mut reader, mut joiner) = (LiveReader::new(), Joiner::default());
    let name = folder.display().to_string();
    let mut line = Line {
        stream: name,
        frames: 0,
        first_read_frame: None,
        codes: Vec::new(),
        cpu_ms: 0.0,
        worst_frame_ms: 0.0,
        hint: None,
    };
    for file in &files {
        let number = line.frames;
        line.frames += 1;
        // A frame that cannot be opened is a frame dropped.
        let Ok(frame) = picture::read(file) else { continue };
        let at = number * 1_000 / FPS;
        let reading = if alone {
            joiner = Joiner::default();
            let Reading { symbols, cpu, .. } = read(&frame, BUDGET);
            LiveReading { symbols, hint: None, cpu }
        } else {
            reader.frame(&frame, at, BUDGET)
        };
        let ms = reading.cpu.as_secs_f64() * 1e3;
        line.cpu_ms += ms;
        line.worst_frame_ms = line.worst_frame_ms.max(ms);
        line.hint = reading.hint.map(|hint| format!("{hint:?}"));
        let mut codes = second_opinion::read_on(reading.symbols, &mut joiner, at);
        // A part is no text.
        codes.retain(|code| code.not_a_pass != Some(NotAPass::OneOfSeveral));
        let payloads = codes.into_iter().map(|code| code.payload).collect::<Vec<_>>();
        if !payloads.is_empty() {
            line.first_read_frame = Some(number);
            line.codes = payloads.iter().map(|payload| CodeJson::of(payload)).collect();
            break;
        }
    }
    let mut out = io::stdout().lock();
    if json {
        serde_json::to_writer(&mut out, &line)?;
        writeln!(out)?;
    } else if let Some(frame) = line.first_read_frame {
        writeln!(out, "{}", answers::read_at_frame(language(), &line.stream, frame))?;
    } else {
        writeln!(out, "{}", answers::not_read_in_frames(language(), &line.stream, line.frames))?;
    }
    out.flush()?;
    Ok(if line.first_read_frame.is_some() { 0 } else { 2 })
}
