//! The two files that a batch writes, row by row in the order of its own.

use std::borrow::Cow;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::BatchError;
use super::cells::Cells;
use super::checkpoint::Written;
use super::columns::{Columns, Field, OUR_COLUMNS};
use super::row::Rejection;
use greenlit_files::FileError;

/// A file that is added to.
pub(super) struct Output {
    path: PathBuf,
    file: File,
    length: u64,
    hash: crc32fast::Hasher,
}

impl Output {
    /// One that was written so far before, or a new one; what is beyond was not reckoned with. Its owner's alone, for there
    /// are passes or people in it.
    pub(super) fn go_on(path: &Path, written: &Written) -> Result<Self, BatchError> {
        let io = |error| FileError::of(path, error);
        let length = written.length;
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(length == 0).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => BatchError::OutputChanged(path.into()),
            _ => io(error).into(),
        })?;
        let mut output = Self { path: path.into(), file, length, hash: crc32fast::Hasher::new() }.locked()?;
        if length > 0 {
            let (mut there, mut buffer) = ((&output.file).take(length), vec![0; 1 << 20]);
            while let Some(part) =
                there.read(&mut buffer).map_err(io).map(|read| buffer.get(..read))?.filter(|part| !part.is_empty())
            {
                output.hash.update(part);
            }
            if output.written() != *written {
                return Err(BatchError::OutputChanged(path.into()));
            }
        }
        output.file.set_len(length).map_err(io)?;
        (&output.file).seek(SeekFrom::Start(length)).map_err(io)?;
        Ok(output)
    }

    /// What stands in it.
    pub(super) fn written(&self) -> Written {
        Written { length: self.length, crc32: self.hash.clone().finalize() }
    }

    fn locked(self) -> Result<Self, BatchError> {
        match self.file.try_lock() {
            Ok(()) => Ok(self),
            Err(TryLockError::WouldBlock) => Err(BatchError::Busy(self.path)),
            Err(TryLockError::Error(error)) => Err(FileError::of(&self.path, error).into()),
        }
    }

    /// Adds this, on the disk when it returns.
    pub(super) fn add(&mut self, bytes: &[u8]) -> Result<(), BatchError> {
        if bytes.is_empty() {
            return Ok(());
        }
        let written = self.file.write_all(bytes).and_then(|()| self.file.sync_data());
        written.map_err(|error| FileError::of(&self.path, error))?;
        self.length += bytes.len() as u64;
        self.hash.update(bytes);
        Ok(())
    }
}

/// Lines of CSV in memory.
pub(super) struct Lines {
    delimiter: u8,
    writer: csv::Writer<Vec<u8>>,
}

impl Lines {
    pub(super) fn new(delimiter: u8) -> Self {
        let writer = csv::WriterBuilder::new().delimiter(delimiter).flexible(true).from_writer(Vec::new());
        Self { delimiter, writer }
    }

    pub(super) fn add<C: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = C>) {
        // Into memory, which takes all of it.
        for cell in cells {
            let _ = self.writer.write_field(harmless(cell.as_ref()).as_bytes());
        }
        let _ = self.writer.write_record(None::<&[u8]>);
    }

    pub(super) fn take(&mut self) -> Vec<u8> {
        let done = std::mem::replace(self, Self::new(self.delimiter));
        done.writer.into_inner().unwrap_or_default()
    }
}

/// Rows as CSV, harmless to spreadsheets.
pub(crate) fn csv_lines(delimiter: u8, rows: impl IntoIterator<Item = Vec<String>>) -> Vec<u8> {
    let mut lines = Lines::new(delimiter);
    rows.into_iter().for_each(|row| lines.add(row));
    lines.take()
}

/// Whether a spreadsheet would run it as a formula, through spaces and marks that it passes over, and in full-width letters.
fn runs(cell: &str) -> bool {
    let cell = cell.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{FEFF}');
    cell.starts_with(['=', '+', '-', '@', '\u{FF1D}', '\u{FF0B}', '\u{FF0D}', '\u{FF20}'])
}

/// What a spreadsheet would run, with an apostrophe before it.
fn harmless(cell: &str) -> Cow<'_, str> {
    if runs(cell) { Cow::Owned(format!("'{cell}")) } else { Cow::Borrowed(cell) }
}

/// A cell without the apostrophe that [`harmless`] has set.
pub(super) fn as_it_was(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if runs(rest) => rest,
        _ => cell,
    }
}

/// The first line of the file of passes.
pub(super) const PASS_COLUMNS: [&str; 7] = ["line", "id", "ref", "result", "valid_from", "valid_through", "pass"];

/// The first line of the file of rejected rows, which can be corrected and sent again as it is. Spreadsheets take UTF-8
/// for it by the mark.
pub(super) fn rejected_header(columns: &Columns) -> Vec<u8> {
    let mut lines = Lines::new(columns.delimiter);
    lines.add(columns.theirs(columns.names.iter().map(String::as_str)).chain(OUR_COLUMNS));
    ["\u{FEFF}".as_bytes(), &lines.take()].concat()
}

/// A rejected row; one that has not as many columns as the header is filled up, so that the last three are ours.
pub(super) fn add_rejected(lines: &mut Lines, columns: &Columns, line: u64, row: &Cells, why: &Rejection) {
    let named = columns.names.len();
    let line = line.to_string();
    let ours = [line.as_str(), &why.column, &why.reason];
    let theirs = row.iter().chain(std::iter::repeat("")).take(named);
    lines.add(columns.theirs(theirs).chain(ours).chain(row.iter().skip(named)));
}

/// The sender's own name of a row.
pub(super) fn id<'r>(columns: &Columns, row: &'r Cells) -> &'r str {
    columns.get(row, Field::Id).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_is_text_and_comes_back_as_it_was() {
        for cell in ["=1+1", "+7 900", "-12", "@sum", " =1", "\n=1", "\u{FEFF}=1", "＝1", "'Abd", "plain", ""] {
            let safe = harmless(cell);
            assert!(!runs(&safe), "{safe}");
            assert_eq!(as_it_was(&safe), cell);
        }
        let mut lines = Lines::new(b';');
        lines.add(["a;b", "say \"no\"", "two\nlines", "=x"]);
        assert_eq!(lines.take(), b"\"a;b\";\"say \"\"no\"\"\";\"two\nlines\";'=x\n");
    }
}
