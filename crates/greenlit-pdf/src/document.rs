//! Pages and fonts as a PDF (ISO 32000-1).

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Filter, Finish, Name, Pdf, Rect, Ref, Str, TextStr};
use read_fonts::TableProvider;

use greenlit_words::Language;

use crate::FontError;
use crate::canvas::{HEIGHT, WIDTH, font_name};
use crate::face::{Face, Fonts};

const SYSTEM: SystemInfo<'_> = SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };

/// What a document says of itself.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// Shown as the window's title.
    pub title: &'a str,
    /// Of most of its text.
    pub language: Language,
    /// Whether it is of use in its own size alone, which viewers are asked to print it in.
    pub to_scale: bool,
}

/// What stands on several pages, and once in the file.
#[derive(Clone, Copy, Debug)]
pub struct Shared(usize);

/// Pages, one after another.
pub struct Document<'f> {
    fonts: &'f Fonts,
    /// Deflated.
    shared: Vec<Vec<u8>>,
    pages: Vec<(Option<Shared>, Vec<u8>)>,
}

/// Numbers for objects, one after another.
struct Numbers(i32);

impl Numbers {
    fn next(&mut self) -> Ref {
        self.0 += 1;
        Ref::new(self.0)
    }
}

impl<'f> Document<'f> {
    /// One without pages, set in these fonts.
    pub fn new(fonts: &'f Fonts) -> Self {
        Self { fonts, shared: Vec::new(), pages: Vec::new() }
    }

    /// Keeps a drawing for pages to stand on.
    pub fn share(&mut self, content: &[u8]) -> Shared {
        self.shared.push(deflate(content));
        Shared(self.shared.len() - 1)
    }

    /// Adds an A4 page: what it shares with others, and what is its own.
    pub fn add(&mut self, shared: Option<Shared>, content: &[u8]) {
        self.pages.push((shared, deflate(content)));
    }

    /// All of it as a file.
    pub fn finish(self, about: About<'_>) -> Result<Vec<u8>, FontError> {
        let mut pdf = Pdf::new();
        let mut numbers = Numbers(0);
        let (catalog, tree, info) = (numbers.next(), numbers.next(), numbers.next());
        let mut fonts = Vec::new();
        for (place, face) in self.fonts.all().enumerate() {
            let id = numbers.next();
            write_font(&mut pdf, &mut numbers, id, face)?;
            fonts.push((font_name(place), id));
        }
        let mut shared = Vec::new();
        for content in &self.shared {
            let id = numbers.next();
            pdf.stream(id, content).filter(Filter::FlateDecode);
            shared.push(id);
        }
        let pages: Vec<Ref> = self.pages.iter().map(|_| numbers.next()).collect();
        for ((below, content), id) in self.pages.iter().zip(&pages) {
            let stream = numbers.next();
            let mut page = pdf.page(*id);
            page.parent(tree).media_box(Rect::new(0.0, 0.0, WIDTH, HEIGHT));
            match below.and_then(|below| shared.get(below.0)) {
                Some(below) => page.contents_array([*below, stream]),
                None => page.contents(stream),
            };
            let mut resources = page.resources();
            let mut named = resources.fonts();
            for (name, font) in &fonts {
                named.pair(Name(name), *font);
            }
            named.finish();
            resources.finish();
            page.finish();
            pdf.stream(stream, content).filter(Filter::FlateDecode);
        }
        pdf.pages(tree).kids(pages.iter().copied()).count(i32::try_from(pages.len()).unwrap_or_default());
        let mut root = pdf.catalog(catalog);
        root.pages(tree).lang(TextStr(about.language.tag()));
        let mut preferences = root.viewer_preferences();
        preferences.display_doc_title(true);
        if about.to_scale {
            preferences.pair(Name(b"PrintScaling"), Name(b"None"));
        }
        preferences.finish();
        root.finish();
        pdf.document_info(info)
            .title(TextStr(about.title))
            .creator(TextStr(concat!("Greenlit ", env!("CARGO_PKG_VERSION"))));
        Ok(pdf.finish())
    }
}

/// A font as far as it was used, addressed by the numbers of the subset (ISO 32000-1, 9.7.4).
fn write_font(pdf: &mut Pdf, numbers: &mut Numbers, id: Ref, face: &Face) -> Result<(), FontError> {
    let broken = FontError(face.name);
    let used = face.used();
    let subset = subsetter::subset(face.data, 0, &used.remapper).map_err(|_| broken.clone())?;
    // Of an OpenType font with CFF outlines that table alone is embedded.
    let font = read_fonts::FontRef::new(&subset).map_err(|_| broken.clone())?;
    let cff = font.table_data(read_fonts::types::Tag::new(b"CFF ")).ok_or(broken.clone())?;
    let (cid, descriptor, data, cmap) = (numbers.next(), numbers.next(), numbers.next(), numbers.next());
    // Six letters that mark a subset; the same for the same program.
    let name = format!("GRNLIT+{}", face.name);
    pdf.type0_font(id)
        .base_font(Name(format!("{name}-Identity-H").as_bytes()))
        .encoding_predefined(Name(b"Identity-H"))
        .descendant_font(cid)
        .to_unicode(cmap);
    let mut cid_font = pdf.cid_font(cid);
    cid_font.subtype(CidFontType::Type0).base_font(Name(name.as_bytes())).system_info(SYSTEM);
    cid_font.font_descriptor(descriptor).default_width(0.0);
    let mut widths = cid_font.widths();
    for (glyph, known) in &used.glyphs {
        widths.same(*glyph, *glyph, known.width);
    }
    widths.finish();
    cid_font.finish();

    let (head, hhea) = (face.font.head(), face.font.hhea());
    let (head, hhea) = (head.map_err(|_| broken.clone())?, hhea.map_err(|_| broken.clone())?);
    let cap_height = face.font.os2().ok().and_then(|os2| os2.s_cap_height()).unwrap_or_default();
    let side = |units: i16| face.metric(units);
    pdf.font_descriptor(descriptor)
        .name(Name(name.as_bytes()))
        .flags(FontFlags::NON_SYMBOLIC)
        .bbox(Rect::new(side(head.x_min()), side(head.y_min()), side(head.x_max()), side(head.y_max())))
        .italic_angle(0.0)
        .ascent(side(hhea.ascender().to_i16()))
        .descent(side(hhea.descender().to_i16()))
        .cap_height(side(cap_height))
        .stem_v(80.0)
        .font_file3(data);
    let file = deflate(cff.as_bytes());
    let mut stream = pdf.stream(data, &file);
    stream.filter(Filter::FlateDecode);
    stream.pair(Name(b"Subtype"), Name(b"CIDFontType0C"));
    stream.finish();

    let mut unicode = UnicodeCmap::<u16>::new(Name(b"Greenlit"), SYSTEM);
    for (glyph, known) in &used.glyphs {
        unicode.pair(*glyph, known.character);
    }
    pdf.cmap(cmap, &deflate(&unicode.finish())).filter(Filter::FlateDecode);
    Ok(())
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    // A vector takes everything.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}
