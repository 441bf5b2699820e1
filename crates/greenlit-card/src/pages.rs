//! What stands where on the page.

use greenlit_core::answer::{Answer, Code};
use greenlit_pdf::{Canvas, Colour, Fonts, HEIGHT, Style, WIDTH, Weight};
use greenlit_words::{Language, card, staff};

use crate::colours::{INK, Palette, RULE, SOFT};
use crate::icons;

/// Office printers leave about as much white.
const MARGIN: f32 = 28.0;
const INNER: f32 = WIDTH - 2.0 * MARGIN;
/// The coloured part of an answer's panel.
const PANEL: f32 = 192.0;
const ICON: f32 = 38.0;
const WORD_SIZE: f32 = 19.0;
const WORD_WIDTH: f32 = PANEL - ICON - 28.0;
/// Where the columns of the table begin.
const CODE_COLUMN: f32 = MARGIN + 27.0;
const MEANING_COLUMN: f32 = MARGIN + 60.0;
const ADVICE_COLUMN: f32 = MARGIN + 248.0;
const MEANING_WIDTH: f32 = ADVICE_COLUMN - MEANING_COLUMN - 14.0;
const ADVICE_WIDTH: f32 = MARGIN + INNER - ADVICE_COLUMN;

/// The table's rows, and the most that each of them is moved down.
const ROWS: f32 = 16.0;
const MOST_AIR: f32 = 5.0;
/// Between the notes and the box at the foot.
const NOTES_GAP: f32 = 6.0;
/// The box at the foot.
const CALL_HEIGHT: f32 = 36.0;
const CALL_TOP: f32 = HEIGHT - MARGIN - CALL_HEIGHT - 12.0;

const ANSWERS: [Answer; 4] = [Answer::Valid, Answer::Refused, Answer::NotGenuine, Answer::CannotTell];

const fn style(weight: Weight, size: f32, colour: Colour) -> Style {
    Style { weight, size, colour }
}

const TITLE: Style = style(Weight::BOLD, 24.0, INK);
const SUBTITLE: Style = style(Weight::REGULAR, 11.0, SOFT);
const STEPS: Style = style(Weight::SEMI_BOLD, 10.5, INK);
const MORE: Style = style(Weight::REGULAR, 9.5, INK);
const HEAD: Style = style(Weight::SEMI_BOLD, 8.0, SOFT);
const CODE: Style = style(Weight::BOLD, 9.0, INK);
const CELL: Style = style(Weight::REGULAR, 8.6, INK);
const NOTE: Style = style(Weight::REGULAR, 9.5, INK);
const CALL: Style = style(Weight::BOLD, 13.0, INK);
const FOOT: Style = style(Weight::REGULAR, 7.5, SOFT);

/// Draws a page, in the language that it is for.
pub(crate) fn draw(fonts: &Fonts, language: Language, palette: Palette, contact: Option<&str>) -> Vec<u8> {
    drawn(fonts, language, palette, contact).canvas.finish()
}

fn drawn<'f>(fonts: &'f Fonts, language: Language, palette: Palette, contact: Option<&str>) -> Page<'f> {
    let draw = |air: f32| {
        let mut page = Page { canvas: Canvas::new(fonts, language), language, palette, air, y: MARGIN };
        page.heading();
        page.panels();
        page.codes();
        page.notes();
        page.call(contact);
        page
    };
    // What a shorter language leaves free goes between the rows.
    let spare = CALL_TOP - NOTES_GAP - draw(0.0).y;
    draw((spare / ROWS).clamp(0.0, MOST_AIR))
}

struct Page<'f> {
    canvas: Canvas<'f>,
    language: Language,
    palette: Palette,
    /// More room between the rows of the table.
    air: f32,
    /// Everything above is taken.
    y: f32,
}

impl Page<'_> {
    fn heading(&mut self) {
        self.canvas.line(MARGIN, self.y + 20.0, &card::title(self.language), TITLE);
        let name = "Greenlit";
        let width = self.canvas.width_of(name, SUBTITLE);
        self.canvas.line(MARGIN + INNER - width, self.y + 20.0, name, SUBTITLE);
        self.y += 28.0;
        let lines = self.canvas.wrap(&card::subtitle(self.language), INNER, SUBTITLE);
        self.y = self.canvas.lines(MARGIN, self.y, &lines, SUBTITLE) + 5.0;
    }

    fn panels(&mut self) {
        let language = self.language;
        let mismatch = card::mismatch_steps(language, staff::no_match(language));
        for (answer, steps, more) in [
            (Answer::Valid, card::valid_steps(language), Some(mismatch)),
            (Answer::Refused, card::refused_steps(language), None),
            (Answer::NotGenuine, card::not_genuine_steps(language), None),
            (Answer::CannotTell, card::cannot_tell_steps(language), Some(staff::not_the_guest(language))),
        ] {
            self.panel(answer, &steps, more.as_deref());
        }
        self.y += 2.0;
    }

    /// An answer as the screen shows it, and what to do beside it.
    fn panel(&mut self, answer: Answer, steps: &str, more: Option<&str>) {
        let (ground, on) = self.palette.of(answer);
        let text_x = MARGIN + PANEL + 12.0;
        let width = INNER - PANEL - 24.0;
        let steps = self.canvas.wrap(steps, width, STEPS);
        let more = more.map(|more| self.canvas.wrap(more, width, MORE)).unwrap_or_default();
        let gap = if more.is_empty() { 0.0 } else { 3.0 };
        let text = steps.len() as f32 * STEPS.leading() + gap + more.len() as f32 * MORE.leading();
        let height = (text + 13.0).max(ICON + 18.0);
        let top = self.y;
        self.canvas.rect(MARGIN, top, PANEL, height, ground);
        self.canvas.frame(MARGIN, top, INNER, height, ground, 1.4);
        icons::draw(&mut self.canvas, answer, (MARGIN + 11.0, top + (height - ICON) / 2.0), ICON, on, ground);

        let answer = staff::answer(answer, self.language);
        let word = self.fitting(&answer, on);
        let words = self.canvas.wrap(&answer, WORD_WIDTH, word);
        let words_top = top + (height - words.len() as f32 * word.leading()) / 2.0;
        self.canvas.lines(MARGIN + ICON + 20.0, words_top, &words, word);

        let below = self.canvas.lines(text_x, top + (height - text) / 2.0, &steps, STEPS);
        self.canvas.lines(text_x, below + gap, &more, MORE);
        self.y = top + height + 4.5;
    }

    /// As large as its longest word has room for.
    fn fitting(&self, answer: &str, colour: Colour) -> Style {
        let unit = style(Weight::BOLD, 1.0, colour);
        let longest = answer.split(' ').map(|word| self.canvas.width_of(word, unit)).fold(0.1, f32::max);
        Style { size: (WORD_WIDTH / longest).min(WORD_SIZE), ..unit }
    }

    fn codes(&mut self) {
        let base = self.y + 9.0;
        self.canvas.line(MARGIN, base, &card::codes(self.language), HEAD);
        self.canvas.line(MEANING_COLUMN, base, &card::meaning(self.language), HEAD);
        self.canvas.line(ADVICE_COLUMN, base, &card::what_to_do(self.language), HEAD);
        self.y += 13.0;
        for answer in ANSWERS.into_iter().skip(1) {
            self.group(answer);
        }
        self.canvas.rule(MARGIN, self.y, INNER, RULE, 0.7);
        self.y += 4.0;
    }

    /// The codes of one answer; what is done about several of them is said once.
    fn group(&mut self, answer: Answer) {
        let top = self.y;
        self.canvas.rule(MARGIN, top, INNER, RULE, 0.7);
        self.y += 2.0 + self.air / 2.0;
        let mut advices: Vec<(String, Vec<Code>)> = Vec::new();
        for code in Code::ALL.iter().filter(|code| code.answer() == answer) {
            let advice = staff::advice(*code, self.language);
            match advices.iter_mut().find(|(known, _)| *known == advice) {
                Some((_, codes)) => codes.push(*code),
                None => advices.push((advice, vec![*code])),
            }
        }
        for (advice, codes) in advices {
            self.row(&advice, &codes);
        }
        self.y -= self.air / 2.0;
        let (ground, on) = self.palette.of(answer);
        let height = self.y - top;
        self.canvas.rect(MARGIN, top, 20.0, height, ground);
        icons::draw(&mut self.canvas, answer, (MARGIN + 3.0, top + 4.0), 14.0, on, ground);
    }

    fn row(&mut self, advice: &str, codes: &[Code]) {
        let top = self.y;
        let advice = self.canvas.wrap(advice, ADVICE_WIDTH, CELL);
        let advice_end = self.canvas.lines(ADVICE_COLUMN, top, &advice, CELL);
        for code in codes {
            let meaning = self.canvas.wrap(&staff::reason(*code, self.language), MEANING_WIDTH, CELL);
            self.canvas.line(CODE_COLUMN, self.y + CELL.size * 0.98, code.as_str(), CODE);
            self.y = self.canvas.lines(MEANING_COLUMN, self.y, &meaning, CELL);
        }
        let end = self.y.max(advice_end);
        // What is to be done about all of these codes.
        self.canvas.rect(ADVICE_COLUMN - 7.0, top + 1.5, 1.2, end - top - 2.0, RULE);
        self.y = end + 1.6 + self.air;
    }

    fn notes(&mut self) {
        for note in [card::not_a_pass(self.language), card::demo(self.language)] {
            let lines = self.canvas.wrap(&note, INNER, NOTE);
            self.y = self.canvas.lines(MARGIN, self.y, &lines, NOTE) + 2.0;
        }
    }

    fn call(&mut self, contact: Option<&str>) {
        let (top, height) = (CALL_TOP, CALL_HEIGHT);
        self.canvas.frame(MARGIN, top, INNER, height, INK, 1.2);
        let label = card::call(self.language);
        let base = top + height / 2.0 + 4.7;
        self.canvas.line(MARGIN + 12.0, base, &label, CALL);
        let x = MARGIN + 12.0 + self.canvas.width_of(&label, CALL) + 10.0;
        let room = MARGIN + INNER - 12.0 - x;
        match contact {
            Some(contact) => {
                // As large as there is room for.
                let one = self.canvas.width_of(contact, Style { size: 1.0, ..CALL });
                let size = (room / one.max(1.0)).min(CALL.size);
                self.canvas.line(x, base, contact, Style { size, weight: Weight::REGULAR, ..CALL });
            }
            None => self.canvas.rule(x, base + 3.0, room, SOFT, 0.8),
        }
        let foot = concat!("Greenlit ", env!("CARGO_PKG_VERSION"));
        self.canvas.line(MARGIN, HEIGHT - MARGIN, foot, FOOT);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_has_room_in_every_language() {
        let fonts = Fonts::load(Weight::REGULAR, &[Weight::SEMI_BOLD, Weight::BOLD]).unwrap();
        for language in Language::ALL {
            let page = drawn(&fonts, language, Palette::GreenRed, None);
            assert!(page.y + NOTES_GAP <= CALL_TOP, "{language:?}: {} of {CALL_TOP}", page.y);
            // And not in letters so small that much of the page stays empty.
            assert!(page.y > 0.9 * CALL_TOP, "{language:?}: {} of {CALL_TOP}", page.y);
            for answer in ANSWERS.map(|answer| staff::answer(answer, language)) {
                let word = page.fitting(&answer, INK);
                assert!(word.size > 16.0, "{answer}: {}", word.size);
                for part in page.canvas.wrap(&answer, WORD_WIDTH, word) {
                    assert!(page.canvas.width_of(&part, word) <= WORD_WIDTH + 0.1, "{part}");
                }
            }
        }
    }
}
