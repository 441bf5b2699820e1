//! Writes pictures as a film of raw YUYV frames, 640 by 480, for v4l2-ctl to play into a loopback camera:
//! `raw-film FILM FRAMES PICTURE...`, each picture for so many frames.
#![allow(clippy::print_stderr, clippy::unwrap_used, clippy::expect_used, reason = "an example")]

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use greenlit_camera::picture;
use greenlit_qr::LumaFrame;

const WIDTH: usize = 640;
const HEIGHT: usize = 480;
/// What a code is held up before.
const WALL: u8 = 205;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [film, frames, pictures @ ..] = arguments.as_slice() else {
        return Err("usage: raw-film FILM FRAMES PICTURE...".into());
    };
    let mut out = BufWriter::new(File::create(film)?);
    for file in pictures {
        let mut picture = picture::read(Path::new(file))?;
        while picture.width() > WIDTH || picture.height() > HEIGHT {
            picture = picture.shrunk(2).ok_or("the picture is too large")?;
        }
        let frame = frame(&picture);
        for _ in 0..frames.parse()? {
            out.write_all(&frame)?;
        }
    }
    Ok(out.flush()?)
}

/// The picture in the middle of a frame: brightness and colour by turns, all of it grey.
fn frame(picture: &LumaFrame) -> Vec<u8> {
    let (left, top) = ((WIDTH - picture.width()) / 2, (HEIGHT - picture.height()) / 2);
    let luma = |place: usize| {
        let (x, y) = ((place % WIDTH).wrapping_sub(left), (place / WIDTH).wrapping_sub(top));
        if x < picture.width() && y < picture.height() { picture.at(x, y) } else { WALL }
    };
    (0..WIDTH * HEIGHT).flat_map(|place| [luma(place), 128]).collect()
}
