//! Reads the QR codes in a picture: `cargo run -p greenlit-qr --example read -- PICTURE.png`.
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::time::Duration;

use greenlit_qr::{LumaFrame, read};

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("which picture?")?;
    let picture = image::open(path)?.into_luma8();
    let (width, height) = (usize::try_from(picture.width())?, usize::try_from(picture.height())?);
    let frame = LumaFrame::new(width, height, picture.into_raw()).ok_or("an empty picture")?;
    for symbol in read(&frame, Duration::from_secs(1)).symbols {
        println!("version {} {:?}: {}", symbol.version, symbol.level, String::from_utf8_lossy(&symbol.payload));
    }
    Ok(())
}
