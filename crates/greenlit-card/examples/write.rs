//! Writes a card in all languages: `cargo run -p greenlit-card --example write > card.pdf`.
#![allow(clippy::print_stdout)]

use std::io::Write;

use greenlit_card::{Card, Palette};
use greenlit_words::Language;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let card = Card { languages: Language::ALL.to_vec(), palette: Palette::GreenRed, contact: None };
    Ok(std::io::stdout().lock().write_all(&card.to_pdf()?)?)
}
