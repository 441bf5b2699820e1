//! A page to pin beside a till: what each answer looks like, what to do, what the codes mean and whom to call.
//!
//! ```text
//! pages      what stands where, on greenlit-pdf's canvas
//!   icons    the answers'
//!   colours  the window's
//! ```
//!
//! Pure, and the same bytes every time: no date, no name of the machine. The fonts are embedded as far as they are
//! used, so that the page looks the same everywhere and its text can be copied and searched.
#![forbid(unsafe_code)]

mod colours;
mod icons;
mod pages;

use greenlit_pdf::{About, Document, FontError, Fonts, Weight};
use greenlit_words::{Language, card};

pub use colours::Palette;

/// Longest that is said of whom to call, in characters.
pub const MAX_CONTACT: usize = 80;

/// What is to stand on the card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// A page for each.
    pub languages: Vec<Language>,
    /// The colours of the answers, as the window shows them.
    pub palette: Palette,
    /// Whom to call; a line to write on where nobody is named.
    pub contact: Option<String>,
}

/// Why there is no card.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum CardError {
    #[error("the contact is longer than {MAX_CONTACT} characters")]
    ContactTooLong,
    #[error("the contact contains a character that cannot be printed: {}", .0.escape_unicode())]
    NoGlyph(char),
    #[error(transparent)]
    Font(#[from] FontError),
}

impl Card {
    /// As PDF.
    pub fn to_pdf(&self) -> Result<Vec<u8>, CardError> {
        let contact = self.contact.as_deref().map(str::trim).filter(|contact| !contact.is_empty());
        if contact.is_some_and(|contact| contact.chars().count() > MAX_CONTACT) {
            return Err(CardError::ContactTooLong);
        }
        let fonts = Fonts::load(Weight::REGULAR, &[Weight::SEMI_BOLD, Weight::BOLD])?;
        if let Some(missing) = contact.and_then(|contact| fonts.lacks(contact)) {
            return Err(CardError::NoGlyph(missing));
        }
        let mut document = Document::new(&fonts);
        for language in &self.languages {
            document.add(None, &pages::draw(&fonts, *language, self.palette, contact));
        }
        let language = self.languages.first().copied().unwrap_or_default();
        let title = format!("Greenlit: {}", card::title(language));
        Ok(document.finish(About { title: &title, language, to_scale: false })?)
    }
}
