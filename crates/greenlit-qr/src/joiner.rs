//! Texts of which several codes hold a part each (structured append, ISO/IEC 18004 §8).

use crate::decode::segments::StructuredAppend;
use crate::symbol::Symbol;

/// Most texts that are being put together.
const TEXTS: usize = 4;
/// Most codes of a text.
const CODES: usize = 16;
/// How long after the last of its codes was seen a text is forgotten, in milliseconds.
const FORGOTTEN_AFTER: u64 = 10_000;

/// Puts texts together of which several codes hold a part each, in one picture or over the frames of a stream.
///
/// A text is there once all of its parts were seen and their parity is right; never less than all of it. Up to four texts
/// are kept, of at most 16 parts each, until ten seconds after the last of their codes was seen.
///
/// ```
/// use greenlit_qr::{Joiner, StructuredAppend};
///
/// let mut joiner = Joiner::default();
/// let parity = b"one text".iter().fold(0, |parity, byte| parity ^ byte);
/// let part = |index| StructuredAppend { index, count: 2, parity };
/// joiner.see_part(part(1), b"text", 0);
/// assert_eq!(joiner.text(part(1)), None);
/// joiner.see_part(part(0), b"one ", 40);
/// assert_eq!(joiner.text(part(1)), Some(b"one text".to_vec()));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Joiner {
    /// The one that was begun first comes first.
    texts: Vec<Text>,
}

/// What is known of a text.
#[derive(Clone, Debug)]
struct Text {
    count: u8,
    parity: u8,
    parts: [Option<Vec<u8>>; CODES],
    /// When one of its codes was seen last.
    seen: u64,
}

impl Joiner {
    /// These codes are in view, at a moment in milliseconds that never goes back.
    pub fn see(&mut self, symbols: &[Symbol], at: u64) {
        for symbol in symbols {
            if let Some(part) = symbol.structured_append {
                self.see_part(part, &symbol.payload, at);
            }
        }
    }

    /// A part was seen that says this of itself.
    pub fn see_part(&mut self, part: StructuredAppend, payload: &[u8], at: u64) {
        let StructuredAppend { index, count, parity } = part;
        self.texts.retain(|text| at.saturating_sub(text.seen) <= FORGOTTEN_AFTER);
        if index >= count || usize::from(count) > CODES {
            return;
        }
        let known = self.texts.iter().position(|text| text.is_of(part)).unwrap_or_else(|| {
            if self.texts.len() == TEXTS {
                self.texts.remove(0);
            }
            self.texts.push(Text { count, parity, parts: Default::default(), seen: at });
            self.texts.len() - 1
        });
        let Some(text) = self.texts.get_mut(known) else { return };
        text.seen = at;
        let there = text.parts.get(usize::from(index)).and_then(Option::as_deref);
        if there == Some(payload) {
            return;
        }
        if there.is_some() {
            // Another text of as many parts, with the same parity.
            text.parts = Default::default();
        }
        if let Some(place) = text.parts.get_mut(usize::from(index)) {
            *place = Some(payload.to_vec());
        }
    }

    /// The whole text of which this is a part; `None` while others are missing, or where their parity is wrong.
    pub fn text(&self, part: StructuredAppend) -> Option<Vec<u8>> {
        let text = self.texts.iter().find(|text| text.is_of(part))?;
        let parts = text.parts.iter().take(text.count.into()).map(Option::as_deref);
        let whole = parts.collect::<Option<Vec<&[u8]>>>()?.concat();
        let parity = whole.iter().fold(0, |parity, byte| parity ^ byte);
        (parity == text.parity).then_some(whole)
    }
}

impl Text {
    fn is_of(&self, part: StructuredAppend) -> bool {
        (self.count, self.parity) == (part.count, part.parity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(index: u8, count: u8, whole: &[u8]) -> StructuredAppend {
        StructuredAppend { index, count, parity: whole.iter().fold(0, |parity, byte| parity ^ byte) }
    }

    #[test]
    fn a_text_is_there_when_all_of_its_parts_were_seen_in_any_order() {
        let whole: Vec<u8> = (0..16).map(|at| at * 7).collect();
        let mut joiner = Joiner::default();
        for index in (0..16).rev().chain([3, 3]) {
            assert_eq!(joiner.text(part(0, 16, &whole)).is_some(), index == 3 && joiner.texts[0].parts[0].is_some());
            joiner.see_part(part(index, 16, &whole), &whole[usize::from(index)..=usize::from(index)], 0);
        }
        assert_eq!(joiner.text(part(9, 16, &whole)), Some(whole));
    }

    #[test]
    fn parts_of_two_texts_are_none_and_neither_is_one_with_a_wrong_parity() {
        let (one, other) = (b"ab", b"ba");
        let mut joiner = Joiner::default();
        joiner.see_part(part(0, 2, one), b"a", 0);
        joiner.see_part(part(0, 2, other), b"b", 0);
        joiner.see_part(part(1, 2, other), b"a", 0);
        assert_eq!(joiner.text(part(0, 2, one)), Some(b"ba".to_vec()), "the newer of two that are alike");
        let wrong = StructuredAppend { index: 0, count: 1, parity: 1 };
        joiner.see_part(wrong, b"a", 0);
        assert_eq!(joiner.text(wrong), None);
        for (index, count) in [(2, 2), (0, 0), (16, 17), (200, 255)] {
            let none = StructuredAppend { index, count, parity: 0 };
            joiner.see_part(none, b"a", 0);
            assert_eq!(joiner.text(none), None);
        }
    }

    #[test]
    fn what_was_not_seen_for_long_and_what_is_too_much_is_forgotten() {
        let mut joiner = Joiner::default();
        joiner.see_part(part(0, 2, b"ab"), b"a", 0);
        joiner.see_part(part(1, 2, b"ab"), b"b", FORGOTTEN_AFTER + 1);
        assert_eq!(joiner.text(part(0, 2, b"ab")), None);
        joiner.see_part(part(0, 2, b"ab"), b"a", FORGOTTEN_AFTER + 2);
        assert!(joiner.text(part(0, 2, b"ab")).is_some());
        for parity in 100..104 {
            joiner.see_part(StructuredAppend { index: 0, count: 2, parity }, b"x", FORGOTTEN_AFTER + 2);
        }
        assert!(joiner.text(part(0, 2, b"ab")).is_none() && joiner.texts.len() == TEXTS);
    }
}
