//! One page's drawing, in points from the top left.

use pdf_writer::types::LineCapStyle;
use pdf_writer::{Content, Finish, Name, Str, TextStr};

use greenlit_words::Language;

use crate::face::{Fonts, Run, Weight};

/// A4 in points.
pub const WIDTH: f32 = 595.28;
/// A4 in points.
pub const HEIGHT: f32 = 841.89;

/// Red, green and blue: `0x14_1a_21`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour(pub u32);

impl Colour {
    /// Each part from 0 to 1.
    fn parts(self) -> [f32; 3] {
        let [_, red, green, blue] = self.0.to_be_bytes();
        [red, green, blue].map(|part| f32::from(part) / 255.0)
    }
}

/// Nothing is set in smaller letters, in points: whatever is asked for, there is an end to making it smaller.
const SMALLEST: f32 = 0.5;

/// How text is set.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Of the font.
    pub weight: Weight,
    /// In points.
    pub size: f32,
    /// Of the letters.
    pub colour: Colour,
}

impl Style {
    /// From one line to the next.
    pub fn leading(self) -> f32 {
        self.size * 1.28
    }
}

/// One page's drawing.
pub struct Canvas<'f> {
    content: Content,
    fonts: &'f Fonts,
    /// The document's.
    usual: Language,
    language: Language,
}

impl<'f> Canvas<'f> {
    /// An empty one of a document in this language.
    pub fn new(fonts: &'f Fonts, language: Language) -> Self {
        Self { content: Content::new(), fonts, usual: language, language }
    }

    /// In what language the text that follows is.
    pub fn speak(&mut self, language: Language) {
        self.language = language;
    }

    /// What was drawn, as a page's content.
    pub fn finish(self) -> Vec<u8> {
        self.content.finish().into_vec()
    }

    fn shape(&self, text: &str, style: Style) -> Run {
        self.fonts.get(style.weight).1.shape(text, self.language)
    }

    /// In points.
    pub fn width_of(&self, text: &str, style: Style) -> f32 {
        self.shape(text, style).width * style.size
    }

    /// One line, standing on this base line.
    pub fn line(&mut self, x: f32, base: f32, text: &str, style: Style) {
        let run = self.shape(text, style);
        let [red, green, blue] = style.colour.parts();
        // For whoever reads it aloud (ISO 32000-1, 14.9.2.3).
        let foreign = self.language != self.usual;
        if foreign {
            let mut span = self.content.begin_marked_content_with_properties(Name(b"Span"));
            span.properties().pair(Name(b"Lang"), TextStr(self.language.tag()));
        }
        self.content.begin_text().set_fill_rgb(red, green, blue);
        let font = font_name(self.fonts.get(style.weight).0);
        self.content.set_font(Name(&font), style.size);
        self.content.next_line(x, HEIGHT - base);
        let mut line = self.content.show_positioned();
        let mut items = line.items();
        let mut bytes = Vec::new();
        for placed in &run.glyphs {
            bytes.extend(placed.glyph.to_be_bytes());
            if placed.tighten.abs() > 0.5 {
                items.show(Str(&std::mem::take(&mut bytes)));
                items.adjust(placed.tighten);
            }
        }
        if !bytes.is_empty() {
            items.show(Str(&bytes));
        }
        items.finish();
        line.finish();
        self.content.end_text();
        if foreign {
            self.content.end_marked_content();
        }
    }

    /// The style, made smaller as far as a text needs it to be no wider than this.
    pub fn fitting(&self, text: &str, width: f32, style: Style) -> Style {
        let wide = self.width_of(text, style);
        if wide <= width { style } else { Style { size: style.size * width / wide, ..style } }
    }

    /// Text in lines of this width, broken at spaces; a longer word has a line of its own.
    pub fn wrap(&self, text: &str, width: f32, style: Style) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for word in text.split(' ') {
            if let Some(last) = lines.last_mut() {
                let longer = format!("{last} {word}");
                if self.width_of(&longer, style) <= width {
                    *last = longer;
                    continue;
                }
            }
            lines.push(word.to_owned());
        }
        lines
    }

    /// Text in lines of this width that are together no higher than this, and the style, as large as there is room for.
    /// A word that is longer than a line is broken wherever the line ends.
    pub fn wrap_fitting(&self, text: &str, (width, height): (f32, f32), style: Style) -> (Vec<String>, Style) {
        let mut style = style;
        loop {
            let lines = self.wrap(text, width, style);
            let lines: Vec<String> = lines.iter().flat_map(|line| self.broken(line, width, style)).collect();
            if lines.len() as f32 * style.leading() <= height || style.size < SMALLEST {
                return (lines, style);
            }
            style.size *= 0.96;
        }
    }

    /// A line, in several where it is too wide.
    fn broken(&self, line: &str, width: f32, style: Style) -> Vec<String> {
        if self.width_of(line, style) <= width {
            return vec![line.to_owned()];
        }
        let mut parts = vec![String::new()];
        for c in line.chars() {
            if let Some(last) = parts.last_mut() {
                last.push(c);
                if last.chars().count() > 1 && self.width_of(last, style) > width {
                    last.pop();
                    parts.push(c.into());
                }
            }
        }
        parts
    }

    /// Draws lines from this top downwards; gives where they end.
    pub fn lines(&mut self, x: f32, top: f32, lines: &[String], style: Style) -> f32 {
        let mut y = top;
        for line in lines {
            // About where the capitals of a line stand in its height.
            self.line(x, y + style.size * 0.98, line, style);
            y += style.leading();
        }
        y
    }

    fn fill(&mut self, colour: Colour) {
        let [red, green, blue] = colour.parts();
        self.content.set_fill_rgb(red, green, blue);
    }

    /// A rectangle, filled.
    pub fn rect(&mut self, x: f32, y: f32, width: f32, height: f32, colour: Colour) {
        self.fill(colour);
        self.content.rect(x, HEIGHT - y - height, width, height).fill_nonzero();
    }

    /// The outline of a rectangle.
    pub fn frame(&mut self, x: f32, y: f32, width: f32, height: f32, colour: Colour, stroke: f32) {
        let [red, green, blue] = colour.parts();
        self.content.set_stroke_rgb(red, green, blue).set_line_width(stroke);
        self.content.rect(x, HEIGHT - y - height, width, height).stroke();
    }

    /// A line across.
    pub fn rule(&mut self, x: f32, y: f32, width: f32, colour: Colour, stroke: f32) {
        let [red, green, blue] = colour.parts();
        self.content.set_stroke_rgb(red, green, blue).set_line_width(stroke);
        self.content.move_to(x, HEIGHT - y).line_to(x + width, HEIGHT - y).stroke();
    }

    /// A line from one point to another.
    pub fn stroke(&mut self, from: (f32, f32), to: (f32, f32), colour: Colour, stroke: f32) {
        let [red, green, blue] = colour.parts();
        self.content.set_stroke_rgb(red, green, blue).set_line_width(stroke);
        self.path(&[from, to]);
        self.content.stroke();
    }

    /// A matrix of modules, row by row, black where they are dark, in a square of this side. One path in whole numbers,
    /// so that no viewer leaves a seam between two of them.
    pub fn modules(&mut self, (x, y): (f32, f32), side: f32, (count, dark): (usize, &[bool])) {
        let scale = side / count.max(1) as f32;
        self.content.save_state().set_fill_gray(0.0).transform([scale, 0.0, 0.0, -scale, x, HEIGHT - y]);
        for (row, modules) in dark.chunks(count.max(1)).enumerate() {
            let mut column = 0;
            for run in modules.chunk_by(|one, next| one == next) {
                if run.first() == Some(&true) {
                    self.content.rect(column as f32, row as f32, run.len() as f32, 1.0);
                }
                column += run.len();
            }
        }
        self.content.fill_nonzero().restore_state();
    }

    /// A closed shape of these corners.
    pub fn polygon(&mut self, corners: &[(f32, f32)], colour: Colour) {
        self.fill(colour);
        self.path(corners);
        self.content.close_path().fill_nonzero();
    }

    /// Lines with round ends from corner to corner.
    pub fn strokes(&mut self, corners: &[(f32, f32)], colour: Colour, stroke: f32) {
        let [red, green, blue] = colour.parts();
        self.content.set_stroke_rgb(red, green, blue).set_line_width(stroke);
        self.content.set_line_cap(LineCapStyle::RoundCap);
        self.path(corners);
        self.content.stroke().set_line_cap(LineCapStyle::ButtCap);
    }

    fn path(&mut self, corners: &[(f32, f32)]) {
        for (at, (x, y)) in corners.iter().enumerate() {
            if at == 0 {
                self.content.move_to(*x, HEIGHT - y)
            } else {
                self.content.line_to(*x, HEIGHT - y)
            };
        }
    }

    /// A disc, or a ring where there is a stroke.
    pub fn circle(&mut self, x: f32, y: f32, radius: f32, colour: Colour, ring: Option<f32>) {
        // How far the handles of a quarter circle stand out.
        const HANDLE: f32 = 0.552_284_8;
        let (y, handle) = (HEIGHT - y, radius * HANDLE);
        let content = &mut self.content;
        content.move_to(x + radius, y);
        content.cubic_to(x + radius, y + handle, x + handle, y + radius, x, y + radius);
        content.cubic_to(x - handle, y + radius, x - radius, y + handle, x - radius, y);
        content.cubic_to(x - radius, y - handle, x - handle, y - radius, x, y - radius);
        content.cubic_to(x + handle, y - radius, x + radius, y - handle, x + radius, y);
        content.close_path();
        let [red, green, blue] = colour.parts();
        match ring {
            Some(stroke) => content.set_stroke_rgb(red, green, blue).set_line_width(stroke).stroke(),
            None => content.set_fill_rgb(red, green, blue).fill_nonzero(),
        };
    }
}

/// What a page calls a font, by its place among the document's.
pub(crate) fn font_name(place: usize) -> Vec<u8> {
    format!("F{place}").into_bytes()
}
