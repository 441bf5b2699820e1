//! A file's records. A quote that nobody closed must not swallow the rest of the file: it costs its own line.

use std::cell::RefCell;
use std::io::{self, BufRead};

use super::cells::{Fields, end};

/// Longest record in bytes.
pub(super) const MAX_RECORD: usize = 64 << 10;
/// Most lines of one record.
const MAX_LINES: u64 = 100;
/// Most columns, and those that are added to rows that are sent back.
pub(super) const MAX_COLUMNS: usize = 1_000;
pub(super) const OURS: usize = 3;

/// A record as it stands in the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Record {
    /// The line that it begins in, counted from 1.
    pub(super) line: u64,
    /// Where it ends in the file.
    pub(super) end: u64,
    /// Without the end of its last line.
    pub(super) bytes: Vec<u8>,
    pub(super) fault: Option<Fault>,
}

/// Why a record is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Fault {
    #[error("longer than {MAX_RECORD} bytes")]
    TooLong,
    #[error("a quotation mark is not closed")]
    OpenQuote,
}

/// Records of a reader, one after the other.
pub(super) struct Records<R> {
    input: R,
    /// Lines read ahead for a record that turned out not to go on.
    ahead: std::collections::VecDeque<Line>,
    next_line: u64,
    offset: u64,
}

struct Line {
    bytes: Vec<u8>,
    /// In the file, its end included.
    length: u64,
    whole: bool,
}

impl<R: BufRead> Records<R> {
    /// From a place in the file, of which so many bytes and lines were read.
    pub(super) fn from(input: R, offset: u64, lines: u64) -> Self {
        Self { input, ahead: Default::default(), next_line: lines + 1, offset }
    }

    /// The first line, whatever it is.
    pub(super) fn header(&mut self) -> io::Result<Option<Record>> {
        loop {
            let Some(line) = self.line()? else { return Ok(None) };
            let record = self.take(line);
            if !record.bytes.is_empty() || record.fault.is_some() {
                return Ok(Some(record));
            }
        }
    }

    /// The next one that is not empty; it should have so many columns.
    pub(super) fn next(&mut self, delimiter: u8, columns: usize) -> io::Result<Option<Record>> {
        let Some(mut record) = self.header()? else { return Ok(None) };
        if record.fault.is_none() && is_open(&record.bytes, delimiter) {
            self.continue_record(&mut record, delimiter, columns)?;
        }
        Ok(Some(record))
    }

    /// How many bytes and lines of the file were given.
    pub(super) fn place(&self) -> (u64, u64) {
        (self.offset, self.next_line - 1)
    }

    fn continue_record(&mut self, record: &mut Record, delimiter: u8, columns: usize) -> io::Result<()> {
        let (mut bytes, mut lines) = (record.bytes.clone(), Vec::new());
        let closed = loop {
            let Some(line) = self.line()? else { break false };
            bytes.push(b'\n');
            bytes.extend_from_slice(&line.bytes);
            let fits = line.whole && bytes.len() <= MAX_RECORD && (lines.len() as u64) < MAX_LINES;
            lines.push(line);
            if !fits {
                break false;
            }
            if !is_open(&bytes, delimiter) {
                // A mark that closes by chance is told by how many columns there are then.
                break split(&bytes, delimiter).is_some_and(|fields| fields.ends.len() == columns);
            }
        };
        if closed {
            record.bytes = bytes;
            for line in lines {
                self.offset += line.length;
                self.next_line += 1;
            }
            record.end = self.offset;
        } else {
            record.fault = Some(Fault::OpenQuote);
            lines.into_iter().rev().for_each(|line| self.ahead.push_front(line));
        }
        Ok(())
    }

    fn take(&mut self, line: Line) -> Record {
        let at = self.next_line;
        self.offset += line.length;
        self.next_line += 1;
        let fault = (!line.whole).then_some(Fault::TooLong);
        Record { line: at, end: self.offset, bytes: line.bytes, fault }
    }

    /// A line without its end; what is beyond the longest is skipped.
    fn line(&mut self) -> io::Result<Option<Line>> {
        if let Some(line) = self.ahead.pop_front() {
            return Ok(Some(line));
        }
        let mut line = Line { bytes: Vec::new(), length: 0, whole: true };
        loop {
            let available = self.input.fill_buf()?;
            if available.is_empty() {
                break;
            }
            let end = available.iter().position(|byte| *byte == b'\n');
            let part = available.get(..end.unwrap_or(available.len())).unwrap_or_default();
            let room = MAX_RECORD.saturating_sub(line.bytes.len());
            line.whole &= part.len() <= room;
            line.bytes.extend_from_slice(part.get(..room.min(part.len())).unwrap_or_default());
            let used = part.len() + usize::from(end.is_some());
            line.length += used as u64;
            self.input.consume(used);
            if end.is_some() {
                break;
            }
        }
        if line.length == 0 {
            return Ok(None);
        }
        if line.bytes.last() == Some(&b'\r') {
            line.bytes.pop();
        }
        Ok(Some(line))
    }
}

/// Whether a quoted field is left open. Quotation marks inside a field that does not begin with one are signs like others.
pub(super) fn is_open(bytes: &[u8], delimiter: u8) -> bool {
    #[derive(PartialEq)]
    enum At {
        Start,
        Plain,
        Quoted,
        /// After a mark in a quoted field: its end, or half of a mark.
        Mark,
    }
    let mut at = At::Start;
    for &byte in bytes {
        at = match (at, byte) {
            (At::Start, b'"') | (At::Mark, b'"') => At::Quoted,
            (At::Quoted, b'"') => At::Mark,
            (At::Quoted, _) => At::Quoted,
            (_, byte) if byte == delimiter => At::Start,
            _ => At::Plain,
        };
    }
    at == At::Quoted
}

/// Its fields by RFC 4180; `None` where there are too many, or it is more than one record.
pub(super) fn split(bytes: &[u8], delimiter: u8) -> Option<Fields> {
    thread_local! {
        /// Made once for a thread and delimiter, for the making takes longer than a row.
        static SPLITTER: RefCell<Option<Splitter>> = const { RefCell::new(None) };
    }
    SPLITTER.with_borrow_mut(|made| {
        let there = made.take().filter(|made| made.delimiter == delimiter);
        made.insert(there.unwrap_or_else(|| Splitter::new(delimiter))).split(bytes)
    })
}

/// Splits one record after the other in the same memory, of which each gets a copy of its own size.
struct Splitter {
    delimiter: u8,
    reader: csv_core::Reader,
    output: Vec<u8>,
    ends: Vec<usize>,
}

impl Splitter {
    fn new(delimiter: u8) -> Self {
        // Lines were told apart before: a carriage return inside one is a sign like others.
        let end = csv_core::Terminator::Any(b'\n');
        let reader = csv_core::ReaderBuilder::new().delimiter(delimiter).terminator(end).build();
        Self { delimiter, reader, output: vec![0; 1 << 10], ends: vec![0; 64] }
    }

    fn split(&mut self, bytes: &[u8]) -> Option<Fields> {
        let Self { reader, output, ends, .. } = self;
        reader.reset();
        let (mut read, mut wrote, mut fields) = (0, 0, 0);
        loop {
            let (input, room) = (bytes.get(read..)?, output.get_mut(wrote..)?);
            let (result, used, filled, ended) = reader.read_record(input, room, ends.get_mut(fields..)?);
            (read, wrote, fields) = (read + used, wrote + filled, fields + ended);
            match result {
                csv_core::ReadRecordResult::OutputEndsFull if fields < MAX_COLUMNS + OURS => {
                    ends.resize(ends.len() * 2, 0);
                }
                csv_core::ReadRecordResult::OutputFull => output.resize(output.len() * 2, 0),
                // Fed nothing more, it ends the last record.
                csv_core::ReadRecordResult::InputEmpty => {}
                csv_core::ReadRecordResult::Record | csv_core::ReadRecordResult::End => break,
                csv_core::ReadRecordResult::OutputEndsFull => return None,
            }
        }
        if read < bytes.len() {
            return None;
        }
        let ends = ends.get(..fields)?;
        let length = ends.last().copied().unwrap_or_default();
        Some(Fields { bytes: output.get(..length)?.to_vec(), ends: ends.iter().map(|at| end(*at)).collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use super::super::cells::Cells;

    fn all(text: &[u8], columns: usize) -> Vec<(u64, Cells, Option<Fault>)> {
        let mut records = Records::from(text, 0, 0);
        let mut all = Vec::new();
        while let Some(record) = records.next(b';', columns).unwrap() {
            let fields = split(&record.bytes, b';').unwrap_or_default();
            all.push((record.line, Cells::of(fields).unwrap(), record.fault));
            assert!(record.end <= text.len() as u64);
        }
        all
    }

    fn fields(fields: &[&str]) -> Cells {
        fields.iter().copied().collect()
    }

    #[test]
    fn fields_may_be_quoted_and_lines_end_in_every_way() {
        let text = "a;b\r\n\n\"x;y\";\"say \"\"no\"\"\"\n\"two\nlines\";z\nlast;one";
        let wanted = [
            (1, fields(&["a", "b"]), None),
            (3, fields(&["x;y", "say \"no\""]), None),
            (4, fields(&["two\nlines", "z"]), None),
            (6, fields(&["last", "one"]), None),
        ];
        assert_eq!(all(text.as_bytes(), 2), wanted);
        assert_eq!(all(b";\n", 2), [(1, fields(&["", ""]), None)]);
        assert!(all(b"", 2).is_empty() && all(b"\n\r\n", 2).is_empty());
    }

    #[test]
    fn a_quote_that_is_not_closed_costs_its_own_line() {
        let told = all("\"open;b\nc;d\ne;f\n".as_bytes(), 2);
        assert_eq!(told[0].2, Some(Fault::OpenQuote));
        assert_eq!(told[1..], [(2, fields(&["c", "d"]), None), (3, fields(&["e", "f"]), None)]);
        // One inside a field is a sign like any other.
        let told = all("ООО \"Ромашка;b\nc;d\nx \"y;z\n".as_bytes(), 2);
        assert_eq!(told.len(), 3);
        assert_eq!(told[0], (1, fields(&["ООО \"Ромашка", "b"]), None));
        assert_eq!(told[2], (3, fields(&["x \"y", "z"]), None));
        // One that a later line closes by chance makes no row of both.
        let told = all("\"open;b\nc;d\ne\";f;x\ng;h\n".as_bytes(), 2);
        assert_eq!(told.iter().map(|row| row.0).collect::<Vec<_>>(), [1, 2, 3, 4]);
        // The last column of a row may go on in the next line.
        let told = all("a;5\" pipe\nb;\"note\nc;d;x\"\ne;f\n".as_bytes(), 2);
        assert_eq!(told[1], (2, fields(&["b", "note\nc;d;x"]), None));
        assert_eq!((told.len(), told[2].0), (3, 4));
        // A carriage return in a line ends nothing.
        assert_eq!(all(b"a\rb;c\n", 2), [(1, fields(&["a\rb", "c"]), None)]);
    }

    #[test]
    fn a_line_without_end_and_a_million_columns_are_one_faulty_record() {
        let long = [vec![b'x'; MAX_RECORD * 3], b"\na;b\n".to_vec()].concat();
        let told = all(&long, 2);
        assert_eq!((told[0].2, &told[1]), (Some(Fault::TooLong), &(2, fields(&["a", "b"]), None)));
        assert_eq!(split(&[b';'; MAX_RECORD], b';'), None);
        assert_eq!(split(&[b';'; 900], b';').unwrap().ends.len(), 901);
    }
}
