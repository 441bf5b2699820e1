//! Pass texts, a line each, from whatever wrote them: scanners that end a text with a tab, editors that
//! begin a file with a byte order mark, mail programs that break lines.

use std::collections::VecDeque;
use std::io::{self, BufRead};

use greenlit_core::pass::{Scanned, scan};

/// Most bytes of a line that are kept; a pass is shorter.
const MAX_LINE: usize = 64 << 10;
/// Widths at which other programs break lines, with a margin.
const WRAPPED: std::ops::RangeInclusive<usize> = 40..=130;
/// Most lines that one text is put together from.
const MAX_PARTS: usize = 100;

/// A text, and the number of the line that it begins on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Text {
    pub(crate) line: u64,
    pub(crate) bytes: Vec<u8>,
    /// No pass as it stands, and more lines follow as of a text that was broken.
    pub(crate) perhaps_broken: bool,
}

/// The input is not UTF-8.
#[derive(Debug, thiserror::Error)]
#[error("standard input is UTF-16; expected UTF-8, one text per line")]
pub(crate) struct Utf16;

/// The texts of an input, without the lines that hold none.
pub(crate) struct Texts<R> {
    input: R,
    line: u64,
    after_return: bool,
    waiting: VecDeque<(u64, Vec<u8>)>,
}

impl<R: BufRead> Texts<R> {
    pub(crate) fn of(input: R) -> Self {
        Self { input, line: 0, after_return: false, waiting: VecDeque::new() }
    }

    /// The next text. Waits for more than one line only where the first looks like the beginning of one.
    pub(crate) fn next(&mut self) -> io::Result<Option<Text>> {
        loop {
            let Some((line, raw)) = self.raw()? else { return Ok(None) };
            if line == 1 && (raw.starts_with(&[0xff, 0xfe]) || raw.starts_with(&[0xfe, 0xff])) {
                return Err(io::Error::other(Utf16));
            }
            let raw = if line == 1 { raw.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&raw).to_vec() } else { raw };
            let bytes = trimmed(&raw);
            if bytes.is_empty() {
                continue;
            }
            if WRAPPED.contains(&raw.len()) && matches!(scan(bytes), Scanned::Malformed(_)) {
                return self.unwrapped(line, &raw).map(Some);
            }
            return Ok(Some(Text { line, bytes: bytes.to_vec(), perhaps_broken: false }));
        }
    }

    /// The lines that follow, put together with this one, if that makes a pass.
    fn unwrapped(&mut self, line: u64, first: &[u8]) -> io::Result<Text> {
        let (mut whole, mut rest) = (first.to_vec(), VecDeque::new());
        while rest.len() < MAX_PARTS {
            let Some((number, raw)) = self.raw()? else { break };
            let (goes_on, last) =
                (!raw.is_empty() && raw.len() <= first.len() && !raw.starts_with(b"GL"), raw.len() < first.len());
            if goes_on {
                whole.extend_from_slice(&raw);
            }
            rest.push_back((number, raw));
            if !goes_on || last {
                break;
            }
        }
        let bytes = trimmed(&whole).to_vec();
        if whole.len() > first.len() && matches!(scan(&bytes), Scanned::Pass(_)) {
            // What ended it without belonging to it is the next text.
            rest.retain(|(_, raw)| raw.len() > first.len() || raw.starts_with(b"GL"));
            self.put_back(rest);
            return Ok(Text { line, bytes, perhaps_broken: false });
        }
        let perhaps_broken = whole.len() > first.len();
        self.put_back(rest);
        Ok(Text { line, bytes: trimmed(first).to_vec(), perhaps_broken })
    }

    fn put_back(&mut self, lines: VecDeque<(u64, Vec<u8>)>) {
        for line in lines.into_iter().rev() {
            self.waiting.push_front(line);
        }
    }

    fn raw(&mut self) -> io::Result<Option<(u64, Vec<u8>)>> {
        if let Some(line) = self.waiting.pop_front() {
            return Ok(Some(line));
        }
        let line = self.next_line()?;
        self.line += u64::from(line.is_some());
        Ok(line.map(|line| (self.line, line)))
    }

    /// The next line without its end, which is a line feed, a carriage return or both; of an endless one
    /// only the beginning is kept.
    fn next_line(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        loop {
            let buffer = self.input.fill_buf()?;
            if buffer.is_empty() {
                return Ok(Some(line).filter(|line| !line.is_empty()));
            }
            if std::mem::take(&mut self.after_return) && buffer.first() == Some(&b'\n') {
                self.input.consume(1);
                continue;
            }
            let end = buffer.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let part = buffer.get(..end.unwrap_or(buffer.len())).unwrap_or_default();
            let room = MAX_LINE.saturating_sub(line.len());
            line.extend_from_slice(part.get(..room.min(part.len())).unwrap_or_default());
            let used = end.map_or(buffer.len(), |end| end + 1);
            self.after_return = end.is_some_and(|end| buffer.get(end) == Some(&b'\r'));
            self.input.consume(used);
            if end.is_some() {
                return Ok(Some(line));
            }
        }
    }
}

/// Without what stands around a text. Inside, a space is a digit of Base45; a pass neither begins with
/// one nor ends with one, for no group of Base45 ends in the digit 36.
fn trimmed(line: &[u8]) -> &[u8] {
    let outside = |byte: &u8| matches!(byte, b' ' | b'\t');
    let start = line.iter().position(|byte| !outside(byte)).unwrap_or(line.len());
    let end = line.iter().rposition(|byte| !outside(byte)).map_or(start, |last| last + 1);
    line.get(start..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use greenlit_testkit::fixture::{ISSUER, pass, sign};

    use super::*;

    fn texts(input: &[u8]) -> Vec<Text> {
        let mut texts = Texts::of(io::BufReader::with_capacity(7, input));
        std::iter::from_fn(|| texts.next().unwrap()).collect()
    }

    fn plain(input: &[u8]) -> Vec<(u64, String)> {
        let text = |text: Text| (text.line, String::from_utf8(text.bytes).unwrap());
        texts(input).into_iter().map(text).collect()
    }

    #[test]
    fn what_stands_around_a_text_goes_and_nothing_inside_does() {
        let long = "x".repeat(MAX_LINE + 5);
        let all = plain(format!("\u{feff}GL1:A B \t\r\n\n \t \n{long}\n last ").as_bytes());
        let wanted = [(1, "GL1:A B"), (4, &long[..MAX_LINE]), (5, "last")];
        assert_eq!(all, wanted.map(|(line, text)| (line, text.to_owned())));
        for (input, lines) in [("a\rb\r", [1, 2]), ("a\r\nb", [1, 2]), ("a\n\rb", [1, 3]), ("a\r\rb", [1, 3])] {
            let wanted = vec![(lines[0], "a".to_owned()), (lines[1], "b".to_owned())];
            assert_eq!(plain(input.as_bytes()), wanted, "{input:?}");
        }
        assert!(texts(b"").is_empty() && texts(b"\r\n \n").is_empty());
        for utf16 in [&b"\xff\xfeG\0L\0"[..], b"\xfe\xff\0G"] {
            assert!(Texts::of(utf16).next().unwrap_err().to_string().contains("UTF-16"));
        }
    }

    #[test]
    fn a_pass_that_was_broken_over_lines_is_put_together() {
        let pass = sign(&pass(), ISSUER);
        for width in [60, 64, 72, 76, 100] {
            let lines: Vec<&str> =
                pass.as_bytes().chunks(width).map(|part| std::str::from_utf8(part).unwrap()).collect();
            for end in ["\n", "\r\n", "\r"] {
                let text = format!("{}{end}GL1:B{end}", lines.join(end));
                let next = u64::try_from(lines.len()).unwrap() + 1;
                assert_eq!(plain(text.as_bytes()), [(1, pass.clone()), (next, "GL1:B".into())], "{width}");
            }
            // A part is missing or changed: each line is its own, and the first says what may be wrong.
            let without = [&lines[..1], &lines[2..]].concat();
            let all = texts(without.join("\n").as_bytes());
            assert_eq!(all.len(), without.len(), "{width}");
            assert!(all[0].perhaps_broken && all[1..].iter().all(|text| !text.perhaps_broken));
        }
        // A text that is whole is not held back for the next.
        let both = format!("{pass}\n{pass}\n");
        assert_eq!(plain(both.as_bytes()), [(1, pass.clone()), (2, pass.clone())]);
        let damaged = format!("GL1:{}", "A".repeat(60));
        let all = texts(format!("{damaged}\n{pass}\n").as_bytes());
        assert_eq!((all.len(), all[0].perhaps_broken, &all[1].bytes[..]), (2, false, pass.as_bytes()));
    }
}
