//! Passes as people get them in their hands: pictures of their codes, letters and wallet cards.
//!
//! ```text
//! parts      the rows of a file of passes, ten thousand at a time, drawn by several threads and written in order
//!   vouch    only a pass that may be handed out is printed
//!   paper    what paper says: all of it is read out of the pass, and nothing of it out of the file's other columns
//!     letter, wallet
//!   picture  PNG and SVG: their names, and the zip
//! ```
//!
//! Nothing that is there is replaced, and the same passes make the same bytes: what an earlier run has written is passed
//! over, so a job that was cut short goes on when it is run again.
//!
//! # Limits
//!
//! A file has at most [`PART`] passes in it; more become several, `people-001.pdf` and on. A thread holds one of them in
//! memory.

mod letter;
mod paper;
mod parts;
mod picture;
mod vouch;
mod wallet;

use std::path::{Path, PathBuf};

use greenlit_core::pass::{PassError, SignedPass};
use greenlit_files::{FileError, IfExists, write_atomic};
use greenlit_pdf::FontError;
use greenlit_qr::encode::{DrawError, QrPicture};
use greenlit_words::Language;

use crate::authority::{Authority, AuthorityError};
use crate::batch::{BadRowReason, PassRowsError};
use crate::inspect::InspectError;
use paper::{Look, Printed};
pub use parts::run;
pub use vouch::NotVouched;

/// Passes of one file, and the most that one may have.
pub const PART: usize = 10_000;
/// Most rows that were not printed of which it is told.
const MAX_TOLD: usize = 1_000;

/// As what passes are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A picture of the code a pass, for a screen.
    Png,
    /// A picture of the code a pass, for print.
    Svg,
    /// An A4 page a pass.
    Letter,
    /// Ten cards the size of a bank card on an A4 page.
    Wallet,
}

/// What is to be printed.
#[derive(Clone, Debug)]
pub struct Job {
    /// The authority's folder, or a published one: passes are held to it.
    pub folder: PathBuf,
    /// The file of passes.
    pub passes: PathBuf,
    /// As what.
    pub form: Form,
    /// Where to: for pictures a folder or a zip, for paper a PDF.
    pub out: PathBuf,
    /// The language of the paper. Without one a letter is in all of them, and a wallet card in Russian.
    pub language: Option<Language>,
    /// References or ids of the passes that are printed, or none for all.
    pub only: Vec<String>,
    /// Passes of one file, at most [`PART`]; a folder takes them all.
    pub part: usize,
}

/// A row that was not printed.
#[derive(Debug)]
pub struct Told {
    /// In the file of passes, counted from 1.
    pub line: u64,
    /// The sender's own, where the row could be read.
    pub id: String,
    /// The reason.
    pub why: NotPrinted,
}

/// Why a row was not printed.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum NotPrinted {
    #[error(transparent)]
    Row(#[from] BadRowReason),
    #[error(transparent)]
    NotVouched(#[from] NotVouched),
    #[error("the row's reference is {row}, but its pass is {pass}: cells of the file were moved or changed")]
    OtherReference { row: String, pass: String },
    #[error("contains a character that the font does not have: {}", .0.escape_unicode())]
    NoGlyph(char),
    #[error(transparent)]
    Draw(#[from] DrawError),
    #[error("{0} stands in the file before, with another text")]
    Twice(String),
    #[error(transparent)]
    File(#[from] FileError),
}

/// What became of a job.
#[derive(Debug, Default)]
pub struct Summary {
    /// Passes printed now.
    pub printed: u64,
    /// Passes that an earlier run had printed.
    pub already: u64,
    /// Rows not printed, of which the first are told.
    pub failed: u64,
    /// Those.
    pub told: Vec<Told>,
    /// Of [`Job::only`] what no row has.
    pub not_found: Vec<String>,
    /// What there is now: the folder, or each file.
    pub files: Vec<PathBuf>,
}

/// Why a job did not go on. What was written is kept, and the same command goes on from there.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum PrintError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    #[error(transparent)]
    Published(#[from] InspectError),
    #[error(transparent)]
    Rows(#[from] PassRowsError),
    #[error("no time zone is known for {0}, and the published folder names none; give the authority's folder")]
    NoZone(String),
    #[error("{}: letters and wallet cards are written as PDF: give a name that ends in .pdf", .0.display())]
    NotPdf(PathBuf),
    #[error("{}: pictures go to a folder, or to a file that ends in .zip", .0.display())]
    NotPictures(PathBuf),
    #[error("the authority's name or the initials contain a character that the font does not have: {}", .0.escape_unicode())]
    NoGlyph(char),
    #[error("{}: is there and holds something else; nothing was replaced", .0.display())]
    Exists(PathBuf),
    #[error(transparent)]
    Font(#[from] FontError),
    #[error("the zip was not made: {0}")]
    Zip(#[from] rawzip::Error),
    #[error(transparent)]
    Draw(#[from] DrawError),
    #[error("not a pass: {0}")]
    NotAPass(#[from] PassError),
    #[error("a part of the program failed; what was written so far is kept")]
    Worker,
}

/// How paper looks for a job.
fn look(language: Option<Language>, form: Form, name: greenlit_core::text::Text, demo: bool) -> Look {
    let languages = match (language, form) {
        (Some(language), _) => vec![language],
        (None, Form::Wallet) => vec![Language::Ru],
        (None, _) => Language::ALL.to_vec(),
    };
    Look { languages, name, demo }
}

/// A letter that is to be printed for a pass not yet issued.
#[derive(Debug)]
pub struct LetterFile<'p>(&'p Path);

impl<'p> LetterFile<'p> {
    /// Looks at the name and at what is there under it, before anything is done that needs a letter.
    pub fn new(path: &'p Path) -> Result<Self, PrintError> {
        if !has_ending(path, "pdf") {
            return Err(PrintError::NotPdf(path.into()));
        }
        if path.symlink_metadata().is_ok() { Err(PrintError::Exists(path.into())) } else { Ok(Self(path)) }
    }

    /// Prints a pass that this authority has just issued, in all languages.
    pub fn write(&self, authority: &Authority, text: &str) -> Result<(), PrintError> {
        let signed = SignedPass::parse(text.as_bytes())?;
        let root = authority.newest_root()?;
        let look = look(None, Form::Letter, root.authority.clone(), root.demo);
        let fonts = paper::fonts()?;
        let pass = Printed::new(QrPicture::new(text)?, signed.unverified().0, &authority.zone);
        let lacking = look.names().iter().find_map(|(_, name)| fonts.lacks(name)).or_else(|| pass.lacking(&fonts));
        if let Some(character) = lacking {
            return Err(PrintError::NoGlyph(character));
        }
        let mut letters = letter::Letters::new(&fonts, &look);
        letters.add(&pass);
        Ok(write_atomic(self.0, &letters.finish()?, 0o600, IfExists::Keep)?)
    }
}

fn has_ending(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|there| there.eq_ignore_ascii_case(ending))
}
