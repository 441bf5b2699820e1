//! Many passes at once, from the rows of a CSV file that a register or a laboratory has exported.
//!
//! Each row goes on or not by itself: one that is faulty or refused lands in a file with its reason, ready to be
//! corrected and sent again alone. What was done is known by the authority's register and not by this program's memory,
//! so the same command goes on where it was cut short, whatever cut it; and a batch that is run again issues nothing.
//!
//! # Limits
//!
//! - A record is at most 64 kB and a hundred lines, a header one line of at most 1,000 columns.
//! - UTF-8, with or without a byte order mark, and Windows-1251. UTF-16 is named and refused.

mod cells;
mod checkpoint;
mod columns;
mod encoding;
mod output;
mod passes;
mod pipeline;
mod records;
mod revocations;
mod row;

use std::collections::BTreeMap;
use std::path::PathBuf;

use greenlit_files::FileError;

use crate::UnknownGround;
use crate::authority::AuthorityError;
use crate::keys::UnknownKey;
pub use encoding::Encoding;
pub(crate) use output::csv_lines;
pub use passes::{BadRow, BadRowReason, PassRow, PassRows, PassRowsError};
pub use pipeline::run;
pub use revocations::{Revocations, Unrevoked, find_revocations};

/// Rows of a part, where nobody says another number.
pub const PART: usize = 4_096;

/// What is to be done.
#[derive(Clone, Debug)]
pub struct Job {
    /// The rows.
    pub file: PathBuf,
    /// Where the passes go.
    pub passes: PathBuf,
    /// Where rows go that made no pass.
    pub rejected: PathBuf,
    /// The file's encoding, where somebody knows it.
    pub encoding: Option<Encoding>,
    /// The ground of every row, where no column says it.
    pub ground: Option<String>,
    /// How many rows go through together and are written at once; up to sixteen parts are entered as one change.
    pub part: usize,
    /// Sign with a key that not every till knows yet.
    pub before_tills_know: bool,
}

/// What became of the rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Counts {
    /// Rows so far.
    pub rows: u64,
    /// Passes entered and signed.
    pub issued: u64,
    /// Persons who had the pass already, which was signed again.
    pub already: u64,
    /// Persons who may have no pass, by the reason's code.
    pub refused: BTreeMap<String, u64>,
    /// Rows that could not be read, by the column.
    pub faulty: BTreeMap<String, u64>,
}

impl Counts {
    /// Persons who may have no pass.
    pub fn all_refused(&self) -> u64 {
        self.refused.values().sum()
    }

    /// Rows that could not be read.
    pub fn all_faulty(&self) -> u64 {
        self.faulty.values().sum()
    }
}

/// What is told while it goes on.
#[derive(Clone, Debug)]
pub enum Progress {
    /// The file was looked at: its encoding and size in bytes; what an earlier run has done of it.
    Begun {
        /// Told or found.
        encoding: Encoding,
        /// Size of the file.
        bytes: u64,
        /// Of these the earlier run's.
        resumed: Counts,
    },
    /// Everything up to here is done and written.
    Done {
        /// Of the file.
        bytes: u64,
        /// So far.
        counts: Counts,
    },
}

/// How a batch ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// What became of the rows.
    pub counts: Counts,
    /// It had been done before, and nothing was done now.
    pub was_done: bool,
}

/// Why a batch did not go on. What was done is done, and the same command goes on from there.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum BatchError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    #[error("{0}: UTF-16 is not supported; save the file as CSV in UTF-8")]
    Utf16(PathBuf),
    #[error(
        "{path}: neither UTF-8 nor Windows-1251 all through: line {line} is not UTF-8 though others are; correct it, or say which it is with --encoding", path = .path.display()
    )]
    MixedEncoding { path: PathBuf, line: u64 },
    #[error("{path}: {why}", path = .path.display())]
    Header { path: PathBuf, why: HeaderError },
    #[error("{}: longer than 256 MB or a million lines; revoke it in parts", .0.display())]
    LongList(PathBuf),
    #[error("{}: no column is called ref or pass; say with --column which one names the passes", .0.display())]
    NoPassColumn(PathBuf),
    #[error("{}: no column is called \"{column}\"", .path.display())]
    NoSuchColumn { path: PathBuf, column: String },
    #[error(transparent)]
    UnknownGround(#[from] UnknownGround),
    #[error("class {0} is not listed in `classes` in authority.toml, so tills would call its passes not genuine (ISS)")]
    ClassNotNamed(u64),
    #[error("{0}; wait until then, or use --before-tills-know")]
    UnknownKey(UnknownKey),
    #[error("{}: already exists and is not of this batch; nothing was changed", .0.display())]
    Exists(PathBuf),
    #[error("{}: another command works on this batch", .0.display())]
    Busy(PathBuf),
    #[error(
        "{}: is not there as this batch wrote it; put it back, or move it away together with the other output and the file .progress, to have both written anew: no pass is issued twice", .0.display()
    )]
    OutputChanged(PathBuf),
    #[error("{}: this batch was begun with {there}; go on with the same, or give other outputs", .path.display())]
    OtherOptions { path: PathBuf, there: String },
    #[error("{}: given for two of the input and the outputs", .0.display())]
    SameFile(PathBuf),
    #[error("a part of the program failed; what was done so far is kept")]
    Worker,
}

/// What is wrong with a header.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum HeaderError {
    #[error("the file is empty")]
    Empty,
    #[error("the first line is longer than 64 kB or has more than 1,000 columns")]
    TooLong,
    #[error("no column says {0}; name the columns in the first line, for example: name;born;document;basis;on;igg")]
    Missing(&'static str),
    #[error("two columns both say {0}")]
    Twice(&'static str),
    #[error("a column's name has an open quotation mark")]
    OpenQuote,
    #[error("lines end in a carriage return alone; save the file with other line ends")]
    LineEnds,
}
