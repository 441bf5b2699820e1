//! From what a scanner has typed to the codes that it read, or to what is in the way.
//!
//! The signature decides which layout it was. Where none holds, a text that is well-formed under a layout without
//! traps is taken at its word and judged; otherwise the trap is named, and nothing is guessed.

use super::burst::{Ending, MAX_TEXT, Scan};
use super::layout::{ALPHABET, Keying, Layouts, Obstacle, Repair};
use crate::pass::{self, PassError, Scanned};
use crate::unread::Unread;
use crate::verdict::{Judge, ReadCode, Symbology, Verdict};

/// What a typed text comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// To be judged: a text that is no pass under any layout stands here as it came.
    Codes(Vec<ReadCode>),
    /// Not to be judged, for the guest has no part in it.
    Unread(Unread),
}

impl Layouts {
    /// What a scanner has typed, by whoever judges it. The layout that holds is tried first next time.
    pub fn read(&mut self, scan: &Scan, judge: &Judge<'_>) -> Reading {
        let Repair { candidates, obstacles } = self.repair(&scan.text);
        let signed = |code: &String| signature_held(&judge.text(code.as_bytes()));
        if let Some(found) = candidates.iter().find(|candidate| candidate.codes.iter().any(signed)) {
            self.held(found.keying);
            return codes(&found.codes);
        }
        if scan.ending == Ending::TooLong {
            return Reading::Unread(Unread::TooLong);
        }
        let (ambiguous, lossy): (Vec<_>, Vec<_>) =
            obstacles.iter().partition(|obstacle| matches!(obstacle, Obstacle::FallTogether { .. }));
        let whole = candidates.iter().find(|candidate| candidate.is_pass && candidate.one_to_one);
        // By the layout that held last, or as it came: there is nothing to guess.
        let known = candidates.iter().find(|candidate| {
            let unchanged = candidate.codes.iter().eq([&scan.text]);
            candidate.one_to_one && (unchanged || self.last() == Some(candidate.keying))
        });
        let believed = whole.filter(|_| ambiguous.is_empty()).or(known);
        if believed.is_none()
            && let Some(obstacle) = ambiguous.first().or(lossy.first())
        {
            return Reading::Unread(blamed(obstacle));
        }
        match believed.or(candidates.first()) {
            None => codes(std::slice::from_ref(&scan.text)),
            Some(_) if scan.ignored > 0 => Reading::Unread(Unread::ControlKeys),
            Some(candidate) => codes(&candidate.codes),
        }
    }
}

impl Scan {
    /// A text from the clipboard, as if a scanner had typed it.
    ///
    /// # Errors
    ///
    /// If there is nothing in it, or more than any code holds.
    pub fn pasted(text: &str) -> Result<Self, Unread> {
        // Mail programs break lines; the line's end is no part of a pass, and spaces around are none either.
        let text = text.trim_start_matches('\u{feff}').trim();
        if text.is_empty() {
            return Err(Unread::NothingToPaste);
        }
        if text.len() > MAX_TEXT && text.chars().nth(MAX_TEXT).is_some() {
            return Err(Unread::TooLong);
        }
        let begins = text.starts_with(pass::PREFIX);
        let text = if begins { put_together(text) } else { text.to_owned() };
        Ok(Self { text, ending: Ending::Enter, ignored: 0, leaked: 0 })
    }
}

/// A pass whose lines were broken, perhaps at one of its spaces, and whose spaces a web page may have changed.
fn put_together(text: &str) -> String {
    let text = text.replace('\u{a0}', " ");
    let joined = |by: &str| text.lines().map(|line| line.trim_end_matches('\r')).collect::<Vec<_>>().join(by);
    let malformed = |text: &str| matches!(pass::scan(text.as_bytes()), Scanned::Malformed(_));
    Some(joined(""))
        .filter(|text| !malformed(text))
        .or_else(|| Some(joined(" ")).filter(|text| !malformed(text)))
        .unwrap_or_else(|| joined(""))
}

/// Whether a text that is not well-formed breaks off in the middle: half a code.
pub fn breaks_off(text: &[u8]) -> bool {
    match pass::scan(text) {
        Scanned::Malformed(PassError::Envelope(malformed)) => malformed.is_truncated(),
        // The characters of Base45 go in threes: where one is left over, the bytes before it are looked at.
        Scanned::Malformed(PassError::NotBase45) => {
            text.len() % 3 != pass::PREFIX.len() % 3
                && (1..3).any(|over| {
                    let length = text.len().saturating_sub(over);
                    let shorter = text.split_at_checked(length).filter(|(_, over)| over.iter().all(is_base45));
                    let shorter = shorter.map(|(text, _)| text);
                    shorter.is_some_and(|text| {
                        matches!(pass::scan(text), Scanned::Malformed(PassError::Envelope(m)) if m.is_truncated())
                    })
                })
        }
        _ => text == pass::PREFIX.as_bytes(),
    }
}

fn is_base45(byte: &u8) -> bool {
    ALPHABET.as_bytes().contains(byte)
}

fn codes(texts: &[String]) -> Reading {
    let code =
        |text: &String| ReadCode { payload: text.as_bytes().to_vec(), not_a_pass: None, symbology: Symbology::Qr };
    Reading::Codes(texts.iter().map(code).collect())
}

fn blamed(obstacle: &Obstacle) -> Unread {
    match *obstacle {
        Obstacle::FallTogether { keying: Keying { layout, caps_lock: true, .. }, read, .. } => {
            Unread::CapsLock { layout, keys: read }
        }
        Obstacle::FallTogether { keying, read, .. } => Unread::SameKeys { layout: keying.layout, keys: read },
        Obstacle::DeadKey { keying, read, .. } | Obstacle::Nothing { keying, read } => {
            Unread::LostKeys { layout: keying.layout, key: read }
        }
    }
}

/// Whether the judgement came after the signature was found to hold.
fn signature_held(verdict: &Verdict) -> bool {
    verdict.code().is_some_and(|code| code.is_of_signed())
}
