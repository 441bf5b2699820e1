//! A pass on a page of its own: a large code, what a till compares, and what the holder is to know.
//!
//! Four columns; the code has two of them, and what it says the other two.

use std::collections::HashMap;

use greenlit_core::pass::DocumentKind;
use greenlit_pdf::{About, Canvas, Document, FontError, Fonts, Shared, Style, WIDTH, Weight};
use greenlit_words::{Language, kinds, paper};

use super::paper::{CAPITAL, INK, Look, MM, Printed, RULE, SOFT, draw_code, style};

const LEFT: f32 = 22.0 * MM;
const GUTTER: f32 = 10.0 * MM;
const COLUMN: f32 = (WIDTH - 2.0 * LEFT - 3.0 * GUTTER) / 4.0;

const NAMES_TOP: f32 = 20.0 * MM;
const NAMES_HEIGHT: f32 = 28.0 * MM;
const TITLE_BASE: f32 = 66.0 * MM;
const OTHER_TITLE_BASE: f32 = 76.0 * MM;
const CODE_TOP: f32 = 86.0 * MM;
const CODE_SIDE: f32 = span(2);
const ADVICE_TOP: f32 = CODE_TOP + CODE_SIDE + 16.0 * MM;
/// Rows of what the pass says; the first begins level with the code, and the last ends so.
const ROWS: u8 = 4;
/// Between a label and its value.
const LABEL_GAP: f32 = 3.0;

const NAME: Style = style(Weight::SEMI_BOLD, 12.0, INK);
const OTHER_NAME: Style = style(Weight::REGULAR, 9.5, SOFT);
const TITLE: Style = style(Weight::SEMI_BOLD, 36.0, INK);
const OTHER_TITLE: Style = style(Weight::REGULAR, 14.0, SOFT);
const MARK: Style = style(Weight::SEMI_BOLD, 9.0, INK);
const LABEL: Style = style(Weight::REGULAR, 7.4, SOFT);
const VALUE: Style = style(Weight::SEMI_BOLD, 16.0, INK);
/// A longer value is in several lines.
const LEAST_VALUE: f32 = 9.0;
const HEADING: Style = style(Weight::SEMI_BOLD, 9.5, INK);
const ADVICE: Style = style(Weight::REGULAR, 9.5, INK);

/// Where a column begins.
const fn column(number: u8) -> f32 {
    LEFT + number as f32 * (COLUMN + GUTTER)
}

/// How wide so many columns are.
const fn span(columns: u8) -> f32 {
    columns as f32 * COLUMN + (columns - 1) as f32 * GUTTER
}

/// Letters of one file.
pub(super) struct Letters<'a> {
    fonts: &'a Fonts,
    look: &'a Look,
    document: Document<'a>,
    forms: HashMap<Form, Shared>,
}

/// What a pass says and what not: passes of one form have all but the values in common.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Form {
    initials: bool,
    birthday: bool,
    /// Its number in the format.
    document: Option<u64>,
    reference: bool,
    specimen: bool,
}

impl Form {
    fn of(pass: &Printed) -> Self {
        Self {
            initials: pass.initials.is_some(),
            birthday: pass.birthday.is_some(),
            document: pass.document.as_ref().map(|document| document.kind.code()),
            reference: pass.reference.is_some(),
            specimen: pass.specimen,
        }
    }
}

/// Something that a pass says: its label, and how many columns it has.
#[derive(Clone, Copy)]
enum Field {
    Initials,
    Birthday,
    Document(DocumentKind),
    FirstDay,
    LastDay,
    Reference,
}

impl Field {
    /// Those of a pass, in their order.
    fn all(pass: &Printed) -> impl Iterator<Item = (Self, &str)> {
        let document = pass.document.as_ref();
        [
            pass.initials.as_deref().map(|value| (Self::Initials, value)),
            pass.birthday.as_deref().map(|value| (Self::Birthday, value)),
            document.map(|document| (Self::Document(document.kind), document.last4.as_str())),
            Some((Self::FirstDay, pass.first_day.as_str())),
            Some((Self::LastDay, pass.last_day.as_str())),
            pass.reference.as_deref().map(|value| (Self::Reference, value)),
        ]
        .into_iter()
        .flatten()
    }

    fn label(self, language: Language) -> String {
        match self {
            Self::Initials => paper::initials(language),
            Self::Birthday => paper::birthday(language),
            Self::Document(kind) => paper::document(language, kinds::document(kind, language)),
            Self::FirstDay => paper::valid_from(language),
            Self::LastDay => paper::valid_through(language),
            Self::Reference => paper::reference(language),
        }
    }

    /// The row and column in which it stands, and how many columns it has.
    fn place(self) -> (u8, u8, u8) {
        match self {
            Self::Initials => (0, 2, 1),
            Self::Birthday => (0, 3, 1),
            Self::Document(_) => (1, 2, 2),
            Self::FirstDay => (2, 2, 1),
            Self::LastDay => (2, 3, 1),
            Self::Reference => (3, 2, 2),
        }
    }
}

impl<'a> Letters<'a> {
    pub(super) fn new(fonts: &'a Fonts, look: &'a Look) -> Self {
        Self { fonts, look, document: Document::new(fonts), forms: HashMap::new() }
    }

    pub(super) fn add(&mut self, pass: &Printed) {
        let form = Form::of(pass);
        let shared = match self.forms.get(&form) {
            Some(shared) => *shared,
            None => {
                let shared = self.document.share(&self.same(pass));
                self.forms.insert(form, shared);
                shared
            }
        };
        let mut canvas = Canvas::new(self.fonts, self.look.usual());
        draw_code(&mut canvas, &pass.code, (column(0), CODE_TOP), CODE_SIDE);
        for (field, value) in Field::all(pass) {
            self.value(&mut canvas, field, value);
        }
        self.document.add(Some(shared), &canvas.finish());
    }

    pub(super) fn finish(self) -> Result<Vec<u8>, FontError> {
        let language = self.look.usual();
        let title = format!("{} · {}", paper::passes(language), self.look.name.get(language.tag()));
        self.document.finish(About { title: &title, language, to_scale: false })
    }

    /// What passes of the same form have in common.
    fn same(&self, pass: &Printed) -> Vec<u8> {
        let mut canvas = Canvas::new(self.fonts, self.look.usual());
        self.names(&mut canvas);
        self.title(&mut canvas);
        self.mark(&mut canvas, pass.specimen);
        for (field, _) in Field::all(pass) {
            self.label(&mut canvas, field);
        }
        self.advice(&mut canvas, pass);
        canvas.finish()
    }

    fn names(&self, canvas: &mut Canvas<'_>) {
        let names = self.look.names();
        // The first has twice the room of another.
        let share = NAMES_HEIGHT / (names.len() + 1) as f32;
        let (mut y, mut style, mut room) = (NAMES_TOP, NAME, 2.0 * share);
        for (language, name) in names {
            canvas.speak(language);
            let (lines, fitting) = canvas.wrap_fitting(&name, (span(4), room), style);
            y = canvas.lines(LEFT, y, &lines, fitting);
            (style, room) = (OTHER_NAME, share);
        }
    }

    fn title(&self, canvas: &mut Canvas<'_>) {
        let mut titles = self.look.each(paper::pass).into_iter();
        if let Some((language, title)) = titles.next() {
            canvas.speak(language);
            canvas.line(LEFT, TITLE_BASE, &title, TITLE);
        }
        let mut x = LEFT;
        for (language, title) in titles {
            canvas.speak(language);
            canvas.line(x, OTHER_TITLE_BASE, &title, OTHER_TITLE);
            x += canvas.width_of(&title, OTHER_TITLE) + 5.0 * MM;
        }
    }

    /// That it is for practice, or a sample: in a frame above the values, beside the title.
    fn mark(&self, canvas: &mut Canvas<'_>, specimen: bool) {
        let words = match (specimen, self.look.demo) {
            (true, _) => self.look.each(paper::specimen),
            (false, true) => self.look.each(paper::demo),
            (false, false) => return,
        };
        let (pad, height) = (2.4 * MM, words.len() as f32 * MARK.leading());
        let top = TITLE_BASE - height - pad + 1.2;
        canvas.frame(column(2), top - pad, span(2), height + 2.0 * pad, INK, 0.9);
        let mut y = top;
        for (language, words) in words {
            canvas.speak(language);
            let style = canvas.fitting(&words, span(2) - 2.0 * pad, MARK);
            y = canvas.lines(column(2) + pad, y, &[words], style);
        }
    }

    fn label(&self, canvas: &mut Canvas<'_>, field: Field) {
        let (row, first, columns) = field.place();
        let (mut y, usual) = (self.row_top(row), self.grown(LABEL));
        for (language, label) in self.labels(field) {
            canvas.speak(language);
            let style = canvas.fitting(&label, span(columns), usual);
            canvas.line(column(first), y + usual.size * CAPITAL, &label, style);
            y += usual.leading();
        }
    }

    fn labels(&self, field: Field) -> Vec<(Language, String)> {
        self.look.each(|language| field.label(language))
    }

    fn value(&self, canvas: &mut Canvas<'_>, field: Field, value: &str) {
        let (row, first, columns) = field.place();
        let top = self.row_top(row) + self.labels(field).len() as f32 * self.grown(LABEL).leading() + LABEL_GAP;
        let room = (span(columns), self.row_top(row + 1) - top);
        let one_line = canvas.fitting(value, room.0, VALUE);
        let (lines, style) = if one_line.size >= LEAST_VALUE {
            (vec![value.to_owned()], one_line)
        } else {
            canvas.wrap_fitting(value, room, VALUE)
        };
        let mut base = top + style.size * CAPITAL;
        for line in lines {
            canvas.line(column(first), base, &line, style);
            base += style.leading();
        }
    }

    fn advice(&self, canvas: &mut Canvas<'_>, pass: &Printed) {
        let (heading, style) = (self.grown(HEADING), self.grown(ADVICE));
        let mut y = ADVICE_TOP;
        for language in &self.look.languages {
            canvas.speak(*language);
            canvas.rule(LEFT, y, span(4), RULE, 0.6);
            y += 4.2 * MM;
            let title = paper::for_the_holder(*language);
            canvas.lines(column(0), y, &[title], heading);
            for sentence in paper::advice(*language, pass.document.is_some(), pass.reference.is_some()) {
                let lines = canvas.wrap(&sentence, span(3), style);
                y = canvas.lines(column(1), y, &lines, style) + 0.18 * style.size;
            }
            y += 3.6 * MM;
        }
    }

    /// A page in one language has room for larger letters.
    fn grown(&self, style: Style) -> Style {
        let by = if self.look.languages.len() == 1 { 1.1 } else { 1.0 };
        Style { size: style.size * by, ..style }
    }

    /// A page with fewer languages has as much air more between its rows.
    fn row_top(&self, row: u8) -> f32 {
        let labels = self.look.languages.len() as f32 * self.grown(LABEL).leading();
        let last = CODE_SIDE - labels - LABEL_GAP - VALUE.size * CAPITAL;
        CODE_TOP + f32::from(row) * last / f32::from(ROWS - 1)
    }
}
