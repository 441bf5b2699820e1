//! What letters and wallet cards have in common: what is said of a pass, and how it is set.

use chrono::NaiveDate;

use greenlit_core::pass::{DocumentDigits, Pass};
use greenlit_core::text::Text;
use greenlit_pdf::{Canvas, Colour, Fonts, Style, Weight};
use greenlit_qr::encode::QrPicture;
use greenlit_words::Language;

use super::vouch::is_specimen;
use crate::Zone;
use crate::revoke::reference;

/// Points a millimetre.
pub(super) const MM: f32 = 72.0 / 25.4;
/// Modules of white around a code (ISO/IEC 18004, 6.3.8).
const QUIET_ZONE: usize = 4;

pub(super) const INK: Colour = Colour(0x14_1a_21);
pub(super) const SOFT: Colour = Colour(0x5a_63_6e);
pub(super) const RULE: Colour = Colour(0xc4_ca_d1);

/// How tall capitals and figures of the font are, by its size.
pub(super) const CAPITAL: f32 = 0.727;

pub(super) const fn style(weight: Weight, size: f32, colour: Colour) -> Style {
    Style { weight, size, colour }
}

/// What all paper of a job says.
pub(super) struct Look {
    pub(super) languages: Vec<Language>,
    /// Of the authority.
    pub(super) name: Text,
    pub(super) demo: bool,
}

impl Look {
    /// A text in each language, and in none of them what another has said.
    pub(super) fn each(&self, text: impl Fn(Language) -> String) -> Vec<(Language, String)> {
        let mut all: Vec<(Language, String)> = Vec::new();
        for language in &self.languages {
            let text = text(*language);
            if all.iter().all(|(_, said)| *said != text) {
                all.push((*language, text));
            }
        }
        all
    }

    /// The authority's name, in as many of the languages as it has.
    pub(super) fn names(&self) -> Vec<(Language, String)> {
        self.each(|language| self.name.get(language.tag()).to_owned())
    }

    /// The language of most of it.
    pub(super) fn usual(&self) -> Language {
        self.languages.first().copied().unwrap_or_default()
    }
}

pub(super) fn fonts() -> Result<Fonts, greenlit_pdf::FontError> {
    Fonts::load(Weight::REGULAR, &[Weight::SEMI_BOLD])
}

/// A pass as it is printed; all of it is the pass's own.
pub(super) struct Printed {
    pub(super) code: QrPicture,
    pub(super) initials: Option<String>,
    pub(super) birthday: Option<String>,
    pub(super) document: Option<DocumentDigits>,
    pub(super) first_day: String,
    pub(super) last_day: String,
    pub(super) reference: Option<String>,
    pub(super) specimen: bool,
}

impl Printed {
    pub(super) fn new(code: QrPicture, pass: &Pass, zone: &Zone) -> Self {
        let written = |day: Option<NaiveDate>| day.map(|day| day.format("%d.%m.%Y").to_string()).unwrap_or_default();
        Self {
            code,
            initials: pass.initials.clone(),
            birthday: pass.birthday.map(|day| format!("{:02}.{:02}.", day.day(), day.month())),
            document: pass.document.clone(),
            first_day: written(zone.day(pass.nbf)),
            last_day: written(zone.last_day(pass.exp)),
            reference: pass.status.map(reference),
            specimen: is_specimen(pass),
        }
    }

    /// The first character of it that the fonts have not.
    pub(super) fn lacking(&self, fonts: &Fonts) -> Option<char> {
        let digits = self.document.as_ref().map(|document| document.last4.as_str());
        [self.initials.as_deref(), digits].into_iter().flatten().find_map(|text| fonts.lacks(text))
    }
}

/// How much of a square is left to each side of a code where the square has its quiet zone in it.
pub(super) fn quiet_zone(code: &QrPicture, square: f32) -> f32 {
    let (side, _) = code.modules();
    square * QUIET_ZONE as f32 / (side + 2 * QUIET_ZONE) as f32
}

/// Draws a code alone.
pub(super) fn draw_code(canvas: &mut Canvas<'_>, code: &QrPicture, place: (f32, f32), side: f32) {
    let (count, dark) = code.modules();
    canvas.modules(place, side, (count, &dark));
}
