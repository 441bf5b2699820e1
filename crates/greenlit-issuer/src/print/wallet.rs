//! Passes the size of a bank card (ISO/IEC 7810, ID-1), ten on a page, with marks to cut them by.

use greenlit_pdf::{About, Canvas, Document, FontError, Fonts, HEIGHT, Style, WIDTH, Weight};
use greenlit_words::paper;

use super::paper::{CAPITAL, INK, Look, MM, Printed, SOFT, draw_code, quiet_zone, style};

const CARD_WIDTH: f32 = 85.60 * MM;
const CARD_HEIGHT: f32 = 53.98 * MM;
const ACROSS: usize = 2;
const DOWN: usize = 5;
/// Cards on a page.
const CARDS: usize = ACROSS * DOWN;
const LEFT: f32 = (WIDTH - ACROSS as f32 * CARD_WIDTH) / 2.0;
const TOP: f32 = (HEIGHT - DOWN as f32 * CARD_HEIGHT) / 2.0;

/// The code and its quiet zone.
const SQUARE: f32 = 46.0 * MM;
const SQUARE_RIGHT: f32 = 1.5 * MM;
const TEXT_LEFT: f32 = 5.0 * MM;
const TEXT_WIDTH: f32 = CARD_WIDTH - SQUARE_RIGHT - SQUARE - TEXT_LEFT;

/// Between the heading and the authority's name.
const NAME_GAP: f32 = 5.0;

const CUT: f32 = 4.5 * MM;
const CUT_GAP: f32 = 1.5 * MM;

const TITLE: Style = style(Weight::SEMI_BOLD, 13.0, INK);
const MARK: Style = style(Weight::SEMI_BOLD, 9.0, INK);
const NAME: Style = style(Weight::REGULAR, 6.6, SOFT);
const INITIALS: Style = style(Weight::SEMI_BOLD, 12.0, INK);
const LABEL: Style = style(Weight::REGULAR, 5.8, SOFT);
const VALUE: Style = style(Weight::SEMI_BOLD, 9.0, INK);

/// Wallet cards of one file.
pub(super) struct Cards<'a> {
    fonts: &'a Fonts,
    look: &'a Look,
    document: Document<'a>,
    /// The page that is being filled, and how many are on it.
    page: Canvas<'a>,
    on_page: usize,
}

impl<'a> Cards<'a> {
    pub(super) fn new(fonts: &'a Fonts, look: &'a Look) -> Self {
        let page = Canvas::new(fonts, look.usual());
        Self { fonts, look, document: Document::new(fonts), page, on_page: 0 }
    }

    pub(super) fn add(&mut self, pass: &Printed) {
        if self.on_page == 0 {
            cut_marks(&mut self.page);
        }
        let (row, column) = (self.on_page / ACROSS, self.on_page % ACROSS);
        let place = (LEFT + column as f32 * CARD_WIDTH, TOP + row as f32 * CARD_HEIGHT);
        card(&mut self.page, self.look, pass, place);
        self.on_page += 1;
        if self.on_page == CARDS {
            self.turn();
        }
    }

    fn turn(&mut self) {
        let page = std::mem::replace(&mut self.page, Canvas::new(self.fonts, self.look.usual()));
        self.document.add(None, &page.finish());
        self.on_page = 0;
    }

    pub(super) fn finish(mut self) -> Result<Vec<u8>, FontError> {
        if self.on_page > 0 {
            self.turn();
        }
        let language = self.look.usual();
        let title = format!("{} · {}", paper::passes(language), self.look.name.get(language.tag()));
        self.document.finish(About { title: &title, language, to_scale: true })
    }
}

/// Short lines outside of the cards, where a knife goes.
fn cut_marks(page: &mut Canvas<'_>) {
    let (right, bottom) = (WIDTH - LEFT, HEIGHT - TOP);
    for column in 0..=ACROSS {
        let x = LEFT + column as f32 * CARD_WIDTH;
        page.stroke((x, TOP - CUT_GAP), (x, TOP - CUT_GAP - CUT), INK, 0.3);
        page.stroke((x, bottom + CUT_GAP), (x, bottom + CUT_GAP + CUT), INK, 0.3);
    }
    for row in 0..=DOWN {
        let y = TOP + row as f32 * CARD_HEIGHT;
        page.stroke((LEFT - CUT_GAP, y), (LEFT - CUT_GAP - CUT, y), INK, 0.3);
        page.stroke((right + CUT_GAP, y), (right + CUT_GAP + CUT, y), INK, 0.3);
    }
}

/// The text begins and ends level with the code.
fn card(page: &mut Canvas<'_>, look: &Look, pass: &Printed, (x, y): (f32, f32)) {
    let language = look.usual();
    let quiet = quiet_zone(&pass.code, SQUARE);
    let (left, top) = (x + CARD_WIDTH - SQUARE_RIGHT - SQUARE + quiet, y + (CARD_HEIGHT - SQUARE) / 2.0 + quiet);
    let side = SQUARE - 2.0 * quiet;
    draw_code(page, &pass.code, (left, top), side);

    let (x, bottom) = (x + TEXT_LEFT, top + side);
    let below = match (pass.specimen, look.demo) {
        (true, _) => mark(page, &paper::specimen(language), x, top),
        (false, true) => mark(page, &paper::demo(language), x, top),
        (false, false) => {
            page.line(x, top + TITLE.size * CAPITAL, &paper::pass(language), TITLE);
            top + TITLE.size * CAPITAL
        }
    };

    // From the foot upwards.
    let mut base = bottom;
    if let Some(reference) = &pass.reference {
        base = labelled(page, &paper::reference(language), reference, x, base);
    }
    base = labelled(page, &paper::valid_through(language), &pass.last_day, x, base);
    if let Some(initials) = &pass.initials {
        let (lines, style) = page.wrap_fitting(initials, (TEXT_WIDTH, INITIALS.leading()), INITIALS);
        for line in lines.iter().rev() {
            page.line(x, base, line, style);
            base -= style.leading();
        }
    }
    let (name, room) = (look.name.get(language.tag()), base - below - NAME_GAP);
    let (lines, style) = page.wrap_fitting(name, (TEXT_WIDTH, room), NAME);
    page.lines(x, below + NAME_GAP, &lines, style);
}

/// Instead of the heading; gives where it ends.
fn mark(page: &mut Canvas<'_>, words: &str, x: f32, top: f32) -> f32 {
    let (lines, style) = page.wrap_fitting(words, (TEXT_WIDTH, 2.0 * MARK.leading()), MARK);
    let mut base = top + style.size * CAPITAL;
    for line in &lines {
        page.line(x, base, line, style);
        base += style.leading();
    }
    base - style.leading()
}

/// A value on this base line and its label above; gives the base line for what stands above both.
fn labelled(page: &mut Canvas<'_>, label: &str, value: &str, x: f32, base: f32) -> f32 {
    let value_style = page.fitting(value, TEXT_WIDTH, VALUE);
    page.line(x, base, value, value_style);
    let base = base - VALUE.size * CAPITAL - 3.4;
    let label_style = page.fitting(label, TEXT_WIDTH, LABEL);
    page.line(x, base, label, label_style);
    base - LABEL.size * CAPITAL - 6.5
}
