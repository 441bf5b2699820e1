//! Which passes a list names that are to be revoked: a CSV file with a column of references or texts of passes, as
//! `issue-batch` writes one, or a plain list of them, one a line.
//!
//! All of it is looked at before anything is revoked. What names no pass of this authority goes to a file of its own.

use std::collections::HashMap;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use greenlit_core::pass::StatusRef;
use greenlit_files::{FileError, IfExists, Symlinks, read_limited, write_atomic};

use super::cells::Cells;
use super::columns::{OUR_COLUMNS, words};
use super::encoding::{Encoding, survey};
use super::output::Lines;
use super::records::{Record, Records, split};
use super::{BatchError, HeaderError};
use crate::authority::{Authority, AuthorityError};
use crate::register::Status;
use crate::revoke::{Finder, RevokeError, reference};

/// Largest file.
const MAX_BYTES: u64 = 256 << 20;
/// Most lines.
const MAX_LINES: usize = 1_000_000;

/// What the column of passes may be called; of several the first.
const NAMES: [&str; 7] = ["ref", "reference", "pass", "номер", "номер пропуска", "пропуск", "ссылка"];

type Result<T> = std::result::Result<T, BatchError>;

/// What a list names.
#[derive(Debug, Default)]
pub struct Revocations {
    /// Lines that are not empty.
    pub lines: u64,
    /// Passes that can be revoked, each once.
    pub passes: Vec<StatusRef>,
    /// Passes that are revoked already, with the lines that name them.
    pub already: Vec<(u64, StatusRef)>,
    /// Lines that name a pass that an earlier one has named.
    pub twice: u64,
    /// Lines that name none.
    pub faulty: Vec<Unrevoked>,
    /// The lines that name none as they were, each with its number, column and reason; empty where there are none.
    rejected: Vec<u8>,
}

/// A line that names no pass of this authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unrevoked {
    /// Counted from 1.
    pub line: u64,
    /// What is wrong with it.
    pub reason: String,
}

impl Revocations {
    /// Whether the rejected lines can be written there: nothing is, or the very same.
    pub fn check_place(&self, path: &Path) -> Result<()> {
        if self.rejected.is_empty() {
            return Ok(());
        }
        match read_limited(path, self.rejected.len(), Symlinks::Follow) {
            Ok(there) if there == self.rejected => Ok(()),
            Err(FileError::NotFound(_)) => Ok(()),
            Ok(_) | Err(FileError::TooLarge { .. }) => Err(BatchError::Exists(path.into())),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes the rejected lines, where there are any; `false` where not.
    pub fn write_rejected(&self, path: &Path) -> Result<bool> {
        if self.rejected.is_empty() {
            return Ok(false);
        }
        write_atomic(path, &self.rejected, 0o600, IfExists::Replace)?;
        Ok(true)
    }
}

/// A line, and the pass that it names.
struct Named {
    line: u64,
    cells: Vec<String>,
    pass: std::result::Result<StatusRef, String>,
}

/// Reads a list, and looks every pass of it up.
pub fn find_revocations(authority: &Authority, path: &Path, column: Option<&str>) -> Result<Revocations> {
    let io = |error| FileError::of(path, error);
    let mut file = File::open(path).map_err(io)?;
    if file.metadata().map_err(io)?.len() > MAX_BYTES {
        return Err(BatchError::LongList(path.into()));
    }
    let encoding = survey(&mut file, path, None)?.encoding;
    let mut records = Records::from(BufReader::with_capacity(1 << 20, file), 0, 0);
    let finder = Finder::new(authority).map_err(|error| match error {
        RevokeError::Authority(error) => error,
        // Nothing else goes wrong while the keys are looked up.
        _ => AuthorityError::NoRoot(PathBuf::new()),
    })?;
    let Some(first) = records.header().map_err(io)? else {
        return Err(BatchError::Header { path: path.into(), why: HeaderError::Empty });
    };
    let list = List::read(path, &first, encoding, column, &finder)?;
    let mut named = Vec::new();
    if !list.has_header {
        named.push(list.name(&first, encoding, &finder));
    }
    while let Some(record) = records.next(list.delimiter, list.names.len()).map_err(io)? {
        if named.len() >= MAX_LINES {
            return Err(BatchError::LongList(path.into()));
        }
        named.push(list.name(&record, encoding, &finder));
    }
    look_up(authority, &list, named)
}

/// How a list is written.
struct List {
    delimiter: u8,
    names: Vec<String>,
    /// The column that names passes.
    column: usize,
    has_header: bool,
    /// How many of its columns are not ours.
    theirs: usize,
}

impl List {
    fn read(path: &Path, first: &Record, encoding: Encoding, column: Option<&str>, finder: &Finder) -> Result<Self> {
        let too_long = || BatchError::Header { path: path.into(), why: HeaderError::TooLong };
        if first.fault.is_some() {
            return Err(too_long());
        }
        let bytes = first.bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&first.bytes);
        let text = encoding.decode(bytes).ok_or_else(too_long)?;
        // One column without a name: a plain list.
        if column.is_none() && finder.looks_like_one(text.trim()) {
            return Ok(Self { delimiter: b';', names: vec!["ref".into()], column: 0, has_header: false, theirs: 1 });
        }
        let of = |delimiter: u8| Some((delimiter, cells(&text, delimiter)?));
        let splits = [b';', b',', b'\t', b'|'].into_iter().filter_map(of);
        let (delimiter, names) = splits.rev().max_by_key(|(_, names)| names.len()).ok_or_else(too_long)?;
        let at = |wanted: &str| names.iter().position(|name| words(name) == words(wanted));
        let found = match column {
            Some(column) => {
                at(column).ok_or_else(|| BatchError::NoSuchColumn { path: path.into(), column: column.into() })?
            }
            None => NAMES.iter().find_map(|name| at(name)).ok_or_else(|| BatchError::NoPassColumn(path.into()))?,
        };
        let ours = names.iter().rev().zip(OUR_COLUMNS.iter().rev()).all(|(there, ours)| there == ours);
        let theirs =
            if ours && names.len() > OUR_COLUMNS.len() { names.len() - OUR_COLUMNS.len() } else { names.len() };
        Ok(Self { delimiter, names, column: found, has_header: true, theirs })
    }

    fn name(&self, record: &Record, encoding: Encoding, finder: &Finder) -> Named {
        let line = record.line;
        let whole = || vec![encoding.decode_lossy(&record.bytes).into_owned()];
        if let Some(fault) = record.fault {
            return Named { line, cells: whole(), pass: Err(fault.to_string()) };
        }
        // The mark before the first line is no letter of it.
        let bytes = record.bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&record.bytes);
        let cells = encoding.decode(bytes).and_then(|text| {
            if self.has_header { cells(&text, self.delimiter) } else { Some(vec![text.trim().to_owned()]) }
        });
        let Some(cells) = cells else {
            return Named { line, cells: whole(), pass: Err(format!("is not {encoding} as the others are")) };
        };
        let pass = match cells.get(self.column).map(|cell| cell.trim()) {
            None | Some("") => Err("names no pass".to_owned()),
            Some(text) => finder.find(text).map_err(|error| error.to_string()),
        };
        Named { line, cells, pass }
    }

    /// The first line of the rejected ones, which can be corrected and given as a list again.
    fn rejected(&self) -> Lines {
        let mut lines = Lines::new(self.delimiter);
        lines.add(self.names.iter().take(self.theirs).map(String::as_str).chain(OUR_COLUMNS));
        lines
    }
}

fn cells(text: &str, delimiter: u8) -> Option<Vec<String>> {
    let cells = Cells::of(split(text.as_bytes(), delimiter)?)?;
    Some(cells.iter().map(str::to_owned).collect())
}

fn look_up(authority: &Authority, list: &List, named: Vec<Named>) -> Result<Revocations> {
    let mut found = Revocations { lines: named.len() as u64, ..Revocations::default() };
    let places: Vec<StatusRef> = named.iter().filter_map(|named| named.pass.as_ref().ok().copied()).collect();
    let mut statuses = authority.register().statuses(&places).map_err(AuthorityError::from)?.into_iter();
    let (mut seen, mut rejected) = (HashMap::with_capacity(places.len()), list.rejected());
    for Named { line, cells, pass } in named {
        let pass = pass.and_then(|pass| match statuses.next().flatten() {
            Some(status) => Ok((pass, status)),
            None => Err(format!("no pass {} was issued here", reference(pass))),
        });
        match pass {
            Ok((pass, _)) if seen.insert((pass.list, pass.index), ()).is_some() => found.twice += 1,
            Ok((pass, Status::Revoked)) => found.already.push((line, pass)),
            Ok((pass, _)) => found.passes.push(pass),
            Err(reason) => {
                let (number, name) = (line.to_string(), list.names.get(list.column).map_or("", String::as_str));
                let ours = [number.as_str(), name, &reason];
                let theirs = (0..list.theirs).map(|at| cells.get(at).map_or("", String::as_str));
                rejected.add(theirs.chain(ours));
                found.faulty.push(Unrevoked { line, reason });
            }
        }
    }
    if !found.faulty.is_empty() {
        // Spreadsheets take UTF-8 for it by the mark.
        found.rejected = ["\u{FEFF}".as_bytes(), &rejected.take()].concat();
    }
    Ok(found)
}
