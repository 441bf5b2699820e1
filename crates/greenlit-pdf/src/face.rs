//! The fonts: shaped text, and which glyphs of a font were drawn.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::str::FromStr;

use harfrust::{Feature, FontRef, ShapeOptions, ShaperData, Tag, UnicodeBuffer};
use read_fonts::TableProvider;
use read_fonts::types::GlyphId;
use subsetter::GlyphRemapper;

use greenlit_words::Language;

use crate::FontError;

/// A weight of the font.
#[derive(Clone, Copy, Debug)]
pub struct Weight {
    pub(crate) name: &'static str,
    data: &'static [u8],
}

macro_rules! inter {
    ($name:literal) => {
        Weight {
            name: $name,
            data: include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../assets/fonts/", $name, ".otf")),
        }
    };
}

/// A program has those of them in it that it names.
impl Weight {
    /// 400.
    pub const REGULAR: Self = inter!("Inter-Regular");
    /// 600.
    pub const SEMI_BOLD: Self = inter!("Inter-SemiBold");
    /// 700.
    pub const BOLD: Self = inter!("Inter-Bold");
}

/// A font, and what was drawn with it.
pub(crate) struct Face {
    pub(crate) name: &'static str,
    pub(crate) data: &'static [u8],
    pub(crate) font: FontRef<'static>,
    shaper: ShaperData,
    units_per_em: f32,
    used: RefCell<Used>,
}

/// Glyphs by their numbers in the subset, and the character that each stands for.
#[derive(Default)]
pub(crate) struct Used {
    pub(crate) remapper: GlyphRemapper,
    pub(crate) glyphs: BTreeMap<u16, Glyph>,
}

/// One glyph of the subset; its width in thousandths of the size.
#[derive(Clone, Copy)]
pub(crate) struct Glyph {
    pub(crate) character: char,
    pub(crate) width: f32,
}

/// One glyph of a line: its number in the subset, and by how much the next one stands closer than its width says.
#[derive(Clone, Copy)]
pub(crate) struct Placed {
    pub(crate) glyph: u16,
    pub(crate) tighten: f32,
}

/// Shaped text.
pub(crate) struct Run {
    pub(crate) glyphs: Vec<Placed>,
    /// In units of the size.
    pub(crate) width: f32,
}

/// The fonts of one document.
pub struct Fonts {
    first: Face,
    others: Vec<Face>,
}

impl Fonts {
    /// Those that the document is set in.
    pub fn load(first: Weight, others: &[Weight]) -> Result<Self, FontError> {
        let others = others.iter().map(|weight| Face::new(*weight)).collect::<Result<_, _>>()?;
        Ok(Self { first: Face::new(first)?, others })
    }

    /// The face of this weight; the first where it was not loaded.
    pub(crate) fn get(&self, weight: Weight) -> (usize, &Face) {
        self.all().enumerate().find(|(_, face)| face.name == weight.name).unwrap_or((0, &self.first))
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Face> {
        std::iter::once(&self.first).chain(&self.others)
    }

    /// The first character that one of them cannot draw.
    pub fn lacks(&self, text: &str) -> Option<char> {
        text.chars().find(|c| self.all().any(|face| !face.has(*c)))
    }
}

impl Face {
    fn new(weight: Weight) -> Result<Self, FontError> {
        let Weight { name, data } = weight;
        let broken = |_| FontError(name);
        let font = FontRef::new(data).map_err(broken)?;
        let units_per_em = f32::from(font.head().map_err(broken)?.units_per_em());
        let shaper = ShaperData::new(&font);
        Ok(Self { name, data, font, shaper, units_per_em, used: RefCell::default() })
    }

    fn has(&self, character: char) -> bool {
        self.font.cmap().is_ok_and(|cmap| cmap.map_codepoint(character).is_some_and(|glyph| glyph != GlyphId::NOTDEF))
    }

    /// Shapes text and notes its glyphs as used. Without ligatures and contextual forms each glyph is one character,
    /// so that what is copied from the page is what was written.
    pub(crate) fn shape(&self, text: &str, language: Language) -> Run {
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(text);
        buffer.guess_segment_properties();
        if let Ok(language) = harfrust::Language::from_str(language.tag()) {
            buffer.set_language(language);
        }
        let off = [*b"liga", *b"clig", *b"calt"].map(|tag| Feature::new(Tag::new(&tag), 0, ..));
        let shaper = self.shaper.shaper(&self.font).build();
        let shaped = shaper.shape(buffer, ShapeOptions::new().features(&off));
        let mut used = self.used.borrow_mut();
        let mut run = Run { glyphs: Vec::with_capacity(text.len()), width: 0.0 };
        for (info, position) in shaped.glyph_infos().iter().zip(shaped.glyph_positions()) {
            let original = u16::try_from(info.glyph_id).unwrap_or_default();
            let own = self.advance(original);
            let advance = position.x_advance as f32 / self.units_per_em;
            let start = usize::try_from(info.cluster).unwrap_or_default();
            let character = text.get(start..).and_then(|rest| rest.chars().next()).unwrap_or(' ');
            let glyph = used.remapper.remap(original);
            used.glyphs.entry(glyph).or_insert(Glyph { character, width: own * 1_000.0 });
            run.glyphs.push(Placed { glyph, tighten: (own - advance) * 1_000.0 });
            run.width += advance;
        }
        run
    }

    fn advance(&self, glyph: u16) -> f32 {
        let metrics = self.font.hmtx().ok();
        let advance = metrics.and_then(|metrics| metrics.advance(GlyphId::new(u32::from(glyph))));
        advance.map_or(0.0, f32::from) / self.units_per_em
    }

    /// What was drawn, which nothing can be added to any more.
    pub(crate) fn used(&self) -> std::cell::Ref<'_, Used> {
        self.used.borrow()
    }

    /// In thousandths of the size.
    pub(crate) fn metric(&self, units: impl Into<f32>) -> f32 {
        units.into() / self.units_per_em * 1_000.0
    }
}
