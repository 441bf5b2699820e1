//! One page's drawing, in points from the top left.

use pdf_writer::types::LineCapStyle;
use pdf_writer::{Content, Finish, Name, Str};

use greenlit_words::Language;

use crate::colours::Colour;
use crate::face::{Fonts, Run, Weight};

/// A4.
pub(crate) const WIDTH: f32 = 595.28;
pub(crate) const HEIGHT: f32 = 841.89;

/// How text is set.
#[derive(Clone, Copy)]
pub(crate) struct Style {
    pub(crate) weight: Weight,
    pub(crate) size: f32,
    pub(crate) colour: Colour,
}

impl Style {
    /// From one line to the next.
    pub(crate) fn leading(self) -> f32 {
        self.size * 1.28
    }
}

pub(crate) struct Canvas<'f> {
    content: Content,
    fonts: &'f Fonts,
    language: Language,
}

impl<'f> Canvas<'f> {
    pub(crate) fn new(fonts: &'f Fonts, language: Language) -> Self {
        Self { content: Content::new(), fonts, language }
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.content.finish().into_vec()
    }

    fn shape(&self, text: &str, style: Style) -> Run {
        self.fonts.get(style.weight).shape(text, self.language)
    }

    pub(crate) fn width_of(&self, text: &str, style: Style) -> f32 {
        self.shape(text, style).width * style.size
    }

    /// One line, standing on this base line.
    pub(crate) fn line(&mut self, x: f32, base: f32, text: &str, style: Style) {
        let run = self.shape(text, style);
        let [red, green, blue] = style.colour.parts();
        self.content.begin_text().set_fill_rgb(red, green, blue);
        self.content.set_font(Name(font_name(style.weight)), style.size);
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
    }

    /// Text in lines of this width, broken at spaces.
    pub(crate) fn wrap(&self, text: &str, width: f32, style: Style) -> Vec<String> {
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

    /// Draws lines from this top downwards; gives where they end.
    pub(crate) fn lines(&mut self, x: f32, top: f32, lines: &[String], style: Style) -> f32 {
        let mut y = top;
        for line in lines {
            // About where the capitals of a line stand in its height.
            self.line(x, y + style.size * 0.98, line, style);
            y += style.leading();
        }
        y
    }

    pub(crate) fn fill(&mut self, colour: Colour) {
        let [red, green, blue] = colour.parts();
        self.content.set_fill_rgb(red, green, blue);
    }

    pub(crate) fn rect(&mut self, x: f32, y: f32, width: f32, height: f32, colour: Colour) {
        self.fill(colour);
        self.content.rect(x, HEIGHT - y - height, width, height).fill_nonzero();
    }

    pub(crate) fn frame(&mut self, x: f32, y: f32, width: f32, height: f32, colour: Colour, stroke: f32) {
        let [red, green, blue] = colour.parts();
        self.content.set_stroke_rgb(red, green, blue).set_line_width(stroke);
        self.content.rect(x, HEIGHT - y - height, width, height).stroke();
    }

    pub(crate) fn rule(&mut self, x: f32, y: f32, width: f32, colour: Colour, stroke: f32) {
        let [red, green, blue] = colour.parts();
        self.content.set_stroke_rgb(red, green, blue).set_line_width(stroke);
        self.content.move_to(x, HEIGHT - y).line_to(x + width, HEIGHT - y).stroke();
    }

    /// A closed shape of these corners.
    pub(crate) fn polygon(&mut self, corners: &[(f32, f32)], colour: Colour) {
        self.fill(colour);
        self.path(corners);
        self.content.close_path().fill_nonzero();
    }

    /// Lines with round ends from corner to corner.
    pub(crate) fn strokes(&mut self, corners: &[(f32, f32)], colour: Colour, stroke: f32) {
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
    pub(crate) fn circle(&mut self, x: f32, y: f32, radius: f32, colour: Colour, ring: Option<f32>) {
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

/// What a page calls a font.
pub(crate) fn font_name(weight: Weight) -> &'static [u8] {
    match weight {
        Weight::Regular => b"F0",
        Weight::SemiBold => b"F1",
        Weight::Bold => b"F2",
    }
}
