//! The file of passes that a batch has written, read again row by row.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use greenlit_files::FileError;

use super::encoding::Encoding;
use super::output::{PASS_COLUMNS, as_it_was};
use super::records::{Fault, Records, split};

/// What names a pass in such a file, and the pass.
const NEEDED: [&str; 3] = ["id", "ref", "pass"];

/// A row of a file of passes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassRow {
    /// Where it begins in the file, counted from 1.
    pub line: u64,
    /// The sender's own.
    pub id: String,
    /// The reference that the file gives the pass.
    pub reference: String,
    /// The text of its code.
    pub pass: String,
}

/// Why a file of passes is not read.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum PassRowsError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error(
        "{}: not a file of passes as `issue-batch` writes it: its first line must name the columns, {}", .0.display(), PASS_COLUMNS.join(";")
    )]
    NotPasses(PathBuf),
}

/// A row that is none, and its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadRow {
    /// Where it begins in the file, counted from 1.
    pub line: u64,
    /// Of the record.
    pub why: BadRowReason,
}

/// What is wrong with a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum BadRowReason {
    #[error("longer than any row of a file of passes")]
    TooLong,
    #[error("a quotation mark is not closed")]
    OpenQuote,
    #[error("another number of columns than the first line")]
    Columns,
}

/// The rows of a file of passes, one after the other; also of one that a spreadsheet has saved with another delimiter or in
/// Windows-1251.
pub struct PassRows {
    path: PathBuf,
    records: Records<BufReader<File>>,
    delimiter: u8,
    columns: usize,
    /// Where what is needed stands.
    places: [usize; 3],
}

impl PassRows {
    /// Reads the header.
    pub fn open(path: &Path) -> Result<Self, PassRowsError> {
        let io = |error| FileError::of(path, error);
        let file = File::open(path).map_err(io)?;
        if !file.metadata().map_err(io)?.is_file() {
            return Err(FileError::NotRegular(path.into()).into());
        }
        let mut records = Records::from(BufReader::with_capacity(1 << 20, file), 0, 0);
        let mut next = || {
            let header = records.header().map_err(io)?.unwrap_or_default();
            Ok::<_, FileError>(header.bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&header.bytes).to_vec())
        };
        let mut bytes = next()?;
        // A spreadsheet's own way to name the delimiter.
        if bytes.starts_with(b"sep=") {
            bytes = next()?;
        }
        let found = [b';', b',', b'\t', b'|'].into_iter().find_map(|delimiter| {
            let names = split(&bytes, delimiter)?;
            let place = |wanted: &str| names.iter().position(|name| name == wanted.as_bytes());
            let [id, reference, pass] = NEEDED.map(place);
            Some((delimiter, names.len(), [id?, reference?, pass?]))
        });
        let (delimiter, columns, places) = found.ok_or_else(|| PassRowsError::NotPasses(path.into()))?;
        Ok(Self { path: path.into(), records, delimiter, columns, places })
    }

    /// The next row; nothing at the end.
    pub fn next_row(&mut self) -> Result<Option<Result<PassRow, BadRow>>, FileError> {
        let record = self.records.next(self.delimiter, self.columns);
        let Some(record) = record.map_err(|error| FileError::of(&self.path, error))? else { return Ok(None) };
        let bad = |why| Ok(Some(Err(BadRow { line: record.line, why })));
        match record.fault {
            Some(Fault::TooLong) => return bad(BadRowReason::TooLong),
            Some(Fault::OpenQuote) => return bad(BadRowReason::OpenQuote),
            None => {}
        }
        let cells = split(&record.bytes, self.delimiter).filter(|cells| cells.len() == self.columns);
        let Some(cells) = cells else { return bad(BadRowReason::Columns) };
        let cell = |place: usize| {
            let bytes = cells.get(place).unwrap_or_default();
            as_it_was(&Encoding::Windows1251.decode_lossy(bytes)).to_owned()
        };
        let [id, reference, pass] = self.places.map(cell);
        Ok(Some(Ok(PassRow { line: record.line, id, reference, pass })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<Vec<Result<PassRow, BadRow>>, PassRowsError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("passes.csv");
        std::fs::write(&path, bytes).unwrap();
        let mut rows = PassRows::open(&path)?;
        Ok(std::iter::from_fn(|| rows.next_row().unwrap()).collect())
    }

    fn row(line: u64, id: &str, reference: &str, pass: &str) -> Result<PassRow, BadRow> {
        Ok(PassRow { line, id: id.into(), reference: reference.into(), pass: pass.into() })
    }

    #[test]
    fn what_was_written_comes_back_also_through_a_spreadsheet() {
        let ours = "line;id;ref;result;valid_from;valid_through;pass\n2;'=7;1-5;issued;;;GL1:A\n";
        assert_eq!(read(ours.as_bytes()).unwrap(), [row(2, "=7", "1-5", "GL1:A")]);
        let theirs = "\u{FEFF}sep=,\r\npass,\"ref\",id\r\nGL1:B,1-6,\"Ә, 2\"\r\n";
        assert_eq!(read(theirs.as_bytes()).unwrap(), [row(3, "Ә, 2", "1-6", "GL1:B")]);
        let windows = encoding_rs::WINDOWS_1251.encode("id;ref;pass\nИванов;1-7;GL1:C\n").0.into_owned();
        assert_eq!(read(&windows).unwrap(), [row(2, "Иванов", "1-7", "GL1:C")]);
    }

    #[test]
    fn a_bad_row_costs_itself_and_another_file_is_none() {
        let long = "x".repeat(70_000);
        let text = format!("id;ref;pass\na;1-1\nb;\"1-2;GL1:B\n{long};1-3;GL1:C\nd;1-4;GL1:D\n");
        let bad = |line, why| Err(BadRow { line, why });
        assert_eq!(
            read(text.as_bytes()).unwrap(),
            [
                bad(2, BadRowReason::Columns),
                bad(3, BadRowReason::OpenQuote),
                bad(4, BadRowReason::TooLong),
                row(5, "d", "1-4", "GL1:D"),
            ]
        );
        for other in ["", "\n\n", "name;born;document\n", "id;ref\n", "\u{FFFD}\u{0}", "GL1:A\n"] {
            assert!(matches!(read(other.as_bytes()), Err(PassRowsError::NotPasses(_))), "{other:?}");
        }
    }
}
