//! `greenlit card`: a page for staff to pin beside the till.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::ValueEnum;

use greenlit_card::{Card, CardError, Palette as CardPalette};
use greenlit_files::{IfExists, write_atomic};
use greenlit_words::{Language, command as say};

use crate::cli::Outcome;
use crate::config::diagnostic::{language, printable};
use crate::config::look::Palette;
use crate::config::till::Till;

/// Make a printable page (A4, PDF) for staff: what each answer and code means, and what to do.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// PDF file to write.
    #[arg(value_name = "FILE.pdf", value_parser = pdf_file)]
    file: PathBuf,
    /// Language of the page; `all` makes a page for each [default: the till's language].
    #[arg(long)]
    language: Option<CardLanguage>,
    /// Whom staff should call, for example "Aigul, ext. 214"; otherwise a line to write on.
    #[arg(long, value_name = "TEXT")]
    contact: Option<String>,
    /// Overwrite an existing file.
    #[arg(long)]
    force: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum CardLanguage {
    Ru,
    Ba,
    En,
    All,
}

fn pdf_file(text: &str) -> Result<PathBuf, &'static str> {
    let path = Path::new(text);
    let is_pdf = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("pdf"));
    is_pdf.then(|| path.to_owned()).ok_or("the name must end in .pdf")
}

pub(crate) fn run(args: &Args, till: &Till) -> Outcome {
    let languages = match args.language {
        Some(CardLanguage::Ru) => vec![Language::Ru],
        Some(CardLanguage::Ba) => vec![Language::Ba],
        Some(CardLanguage::En) => vec![Language::En],
        Some(CardLanguage::All) => Language::ALL.to_vec(),
        None => vec![Language::of_tag(&till.language()).unwrap_or_default()],
    };
    let palette = match till.look().palette {
        Palette::GreenRed => CardPalette::GreenRed,
        Palette::BlueOrange => CardPalette::BlueOrange,
    };
    let card = Card { languages, palette, contact: args.contact.clone() };
    let pdf = card.to_pdf()?;
    let existing = if args.force { IfExists::Replace } else { IfExists::Keep };
    write_atomic(&args.file, &pdf, 0o644, existing)?;
    let file = args.file.display().to_string();
    writeln!(std::io::stdout().lock(), "{}", say::card_written(language(), printable(&file)))?;
    Ok(ExitCode::SUCCESS)
}

/// In the language of the command line.
pub(super) fn told(error: &CardError, language: Language) -> String {
    match error {
        CardError::ContactTooLong => say::contact_too_long(language, error, greenlit_card::MAX_CONTACT),
        CardError::NoGlyph(character) => say::contact_not_printable(language, error, character.escape_unicode()),
        CardError::Font(_) => error.to_string(),
    }
}
