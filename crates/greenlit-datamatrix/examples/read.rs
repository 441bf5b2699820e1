//! Reads the Data Matrix symbols in a picture: `cargo run --release -p greenlit-datamatrix --example read -- PICTURE.png`.
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::time::Instant;

use greenlit_datamatrix::read;
use greenlit_qr::LumaFrame;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("which picture?")?;
    let picture = image::open(path)?.into_luma8();
    let (width, height) = (usize::try_from(picture.width())?, usize::try_from(picture.height())?);
    let frame = LumaFrame::new(width, height, picture.into_raw()).ok_or("an empty picture")?;
    let start = Instant::now();
    let symbols = read(&frame);
    println!("{} in {:?}", symbols.len(), start.elapsed());
    for symbol in symbols {
        println!("{:?}", String::from_utf8_lossy(&symbol.payload));
    }
    Ok(())
}
