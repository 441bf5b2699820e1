//! Which codes of a reading are to be judged, and which are refused by name.
//!
//! The signature covers what a code says, not how it is written: any segments and any padding will do,
//! and a character set that writes ASCII as ASCII changes nothing. Three forms say that the text means something else than
//! it seems to, and are refused by name: FNC1, structured append, and a character set of another alphabet. What begins as a
//! pass is read a second time, by rqrr: what it cannot read is no veto; what it reads differently is one.
//!
//! Other texts may be in several codes that belong together: they are judged once all of them were seen. A part of one is
//! never taken for a text.

use greenlit_core::pass::NotAPass;
use greenlit_core::verdict::{ReadCode, Symbology};
use greenlit_qr::{Joiner, Symbol};
use rqrr::{Grid, SimpleGrid};

/// What the codes say that are in view at a moment, in milliseconds; the joiner knows what was seen before. `reads_otherwise`
/// is asked of what begins as a pass: [`is_read_otherwise`], or that with its panics caught, for rqrr's are not ours.
pub fn codes(
    symbols: Vec<Symbol>,
    joiner: &mut Joiner,
    at: u64,
    reads_otherwise: impl Fn(&Symbol) -> bool,
) -> Vec<ReadCode> {
    joiner.see(&symbols, at);
    let mut codes: Vec<ReadCode> = Vec::with_capacity(symbols.len());
    for symbol in symbols {
        let part = symbol.structured_append;
        let (not_a_pass, payload) = match part.map(|part| joiner.text(part)) {
            None => (refused(&symbol, &reads_otherwise), symbol.payload),
            Some(None) => (Some(NotAPass::OneOfSeveral), symbol.payload),
            Some(Some(whole)) => (begins_as_a_pass(&whole).then_some(NotAPass::InSeveralCodes), whole),
        };
        let code = ReadCode { not_a_pass, payload, symbology: Symbology::Qr };
        // Each of several codes stands for the whole.
        if part.is_none() || !codes.contains(&code) {
            codes.push(code);
        }
    }
    codes
}

fn begins_as_a_pass(text: &[u8]) -> bool {
    text.starts_with(b"GL")
}

fn refused(symbol: &Symbol, reads_otherwise: impl Fn(&Symbol) -> bool) -> Option<NotAPass> {
    if !begins_as_a_pass(&symbol.payload) {
        return None;
    }
    if symbol.fnc1.is_some() {
        return Some(NotAPass::TradeCode);
    }
    if let Some(eci) = symbol.eci.iter().find(|eci| !writes_ascii(**eci)) {
        return Some(NotAPass::OtherCharacterSet { eci: *eci });
    }
    reads_otherwise(symbol).then_some(NotAPass::ReadDifferently)
}

/// Whether this character set writes the characters of a pass as ASCII does (AIM ITS/04-023): the code
/// pages and ISO 8859, Shift JIS, Windows, UTF-8, ASCII, the multibyte sets of East Asia and plain bytes, not UTF-16
/// and UTF-32.
fn writes_ascii(eci: u32) -> bool {
    matches!(eci, 0..=18 | 20..=24 | 26..=32 | 170 | 899)
}

/// Whether rqrr reads something else from the modules as our own reader corrected them. It may panic.
pub fn is_read_otherwise(symbol: &Symbol) -> bool {
    let (side, dark) = (symbol.side(), symbol.modules());
    let grid = Grid::new(SimpleGrid::from_func(side, |x, y| dark.get(y * side + x) == Some(&true)));
    let mut read = Vec::new();
    grid.decode_to(&mut read).is_ok() && read != symbol.payload
}
