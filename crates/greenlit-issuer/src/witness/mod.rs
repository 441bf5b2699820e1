//! A witness of every pass issued and every status changed, kept outside the authority's folder.
//!
//! A folder brought back from a backup lacks what was done since: it would give places of the status list
//! to others and call revoked passes valid. The witness is not brought back with it. It is a text file to
//! which lines are added and of which none is changed, each with a hash of itself and of the line before;
//! the register keeps the last number and hash. No holder's name is in it; each change says who made it and when. The
//! fields are separated by tabs:
//!
//! ```text
//! 6 change 1 1795386840 a.karimova 7d793037a0760186574b0282f2f435e7
//! 7 issue 1 48213 9f2c01ab44de7710 1795386840 1826922840 1 0c9f… 2:315 3 5d41402abc4b2a76b9719d911017c592
//! ```

mod entry;

use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use greenlit_files::{FileError, make_private_folder};
use sha2::{Digest, Sha256};

pub use self::entry::Entry;

/// Most bytes of a line; each is far shorter.
const MAX_LINE: u64 = 1_024;

/// Bytes of a pass's line, as a guess of what many of them need.
const LINE: usize = 150;

/// Digits of a line's hash.
const HASH: usize = 32;

/// So many bytes are read together.
const PIECE: usize = 256 << 10;

/// From twice as many bytes on a witness is looked at in two halves at once.
const LARGE: u64 = if cfg!(test) { 2 * MAX_LINE } else { 8 << 20 };

/// How many of these, one at least, are the first change: as many as it says, or up to the next one where it was cut short.
pub(crate) fn first_change(entries: &[(End, Entry)]) -> usize {
    let begins = |entry: &Entry| *entry == Entry::Begin || entry.together().is_some();
    let mut entries = entries.iter().map(|(_, entry)| entry);
    let together = entries.next().and_then(Entry::together).and_then(|count| usize::try_from(count).ok());
    1 + entries.take(together.unwrap_or(0)).take_while(|entry| !begins(entry)).count()
}

/// How many of these are passes issued, and how many are changes of status.
pub fn tally(entries: &[(End, Entry)]) -> (usize, usize) {
    let count = |wanted: fn(&Entry) -> bool| entries.iter().filter(|(_, entry)| wanted(entry)).count();
    let changes =
        |entry: &Entry| matches!(entry, Entry::Status { .. } | Entry::Replaced { .. } | Entry::KeyRevoked { .. });
    (count(|entry| matches!(entry, Entry::Issue { .. })), count(changes))
}

/// Where a witness, or a register's knowledge of it, ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// The last line's number.
    pub number: u64,
    /// The last line's hash.
    pub hash: String,
}

impl End {
    /// Before the first line.
    pub fn nowhere() -> Self {
        Self { number: 0, hash: String::new() }
    }

    /// Adds the line of an entry after this end, and gives the new one.
    fn write_next(&self, entry: &Entry, text: &mut String) -> Self {
        let (number, start) = (self.number.saturating_add(1), text.len());
        // Into memory, which takes all of it.
        let _ = write!(text, "{number}\t{entry}");
        let hash = line_hash(&self.hash, text.get(start..).unwrap_or_default());
        let hash = String::from_utf8_lossy(&hash).into_owned();
        let _ = writeln!(text, "\t{hash}");
        Self { number, hash }
    }
}

/// Why a witness did not serve.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum WitnessError {
    #[error("{}: line {line} has changed since it was written; the witness is damaged or was tampered with", .path.display())]
    Broken { path: PathBuf, line: u64 },
    #[error("{}: in use by another command; try again when it is done", .0.display())]
    Busy(PathBuf),
    #[error(
        "{}: this witness does not match the register; if it is an old copy or another authority's, move it away and a new one will be started", .0.display()
    )]
    Mismatch(PathBuf),
    #[error(transparent)]
    File(#[from] FileError),
}

/// The witness of one authority.
#[derive(Clone, Debug)]
pub struct Witness {
    path: PathBuf,
}

type Result<T> = std::result::Result<T, WitnessError>;

impl Witness {
    /// The one in this file, which is made with the first entry.
    pub fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// Its file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn io(&self, error: io::Error) -> WitnessError {
        FileError::Io { path: self.path.clone(), error }.into()
    }

    fn open(&self) -> Result<Option<File>> {
        match File::open(&self.path) {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.io(error)),
        }
    }

    /// Where it ends, at constant cost; `None` where there is none. A last line that lost its end, and was
    /// never reckoned with, does not count.
    pub fn end(&self) -> Result<Option<End>> {
        let Some(mut file) = self.open()? else { return Ok(None) };
        self.end_of(&Tail::of(&mut file).map_err(|error| self.io(error))?)
    }

    fn end_of(&self, tail: &Tail) -> Result<Option<End>> {
        let Some(last) = tail.last_line() else { return Ok(None) };
        if let Some(line) = Line::parse(last) {
            return Ok(Some(line.end()));
        }
        // Only from the beginning is it known which line it is.
        self.verify()?;
        Err(WitnessError::Broken { path: self.path.clone(), line: 0 })
    }

    /// Adds these entries for a register that knows of this end; gives the new one. Where the witness was lost, or
    /// never was, it begins.
    pub fn record(&self, known: Option<&End>, entries: &[Entry]) -> Result<End> {
        let (file, tail) = self.open_to_add()?;
        match (known, self.end_of(&tail)?) {
            (Some(known), Some(there)) if *known == there => self.add(file, &tail, known, entries),
            (known, None) => {
                let entries: Vec<Entry> = [&[Entry::Begin], entries].concat();
                self.add(file, &tail, known.unwrap_or(&End::nowhere()), &entries)
            }
            _ => Err(WitnessError::Mismatch(self.path.clone())),
        }
    }

    /// Adds lines after this end, and makes them last through a power cut; gives the new end.
    pub fn append(&self, after: &End, entries: &[Entry]) -> Result<End> {
        let (file, tail) = self.open_to_add()?;
        self.add(file, &tail, after, entries)
    }

    /// For nobody else to add to it as long as the file is open.
    fn open_to_add(&self) -> Result<(File, Tail)> {
        if let Some(folder) = self.path.parent() {
            make_private_folder(folder).map_err(|error| self.io(error))?;
        }
        let mut file = private_file().open(&self.path).map_err(|error| self.io(error))?;
        file.try_lock().map_err(|_| WitnessError::Busy(self.path.clone()))?;
        let tail = Tail::of(&mut file).map_err(|error| self.io(error))?;
        Ok((file, tail))
    }

    fn add(&self, mut file: File, tail: &Tail, after: &End, entries: &[Entry]) -> Result<End> {
        // Ready before the first of it is written: the less time that takes, the less often it is cut short.
        let (mut end, mut text) = (after.clone(), String::with_capacity(entries.len().saturating_mul(LINE)));
        for entry in entries {
            end = end.write_next(entry, &mut text);
        }
        // What a write that was cut short left behind is no line.
        let length = tail.length;
        let write = |file: &mut File| -> io::Result<()> {
            file.set_len(length)?;
            file.seek(SeekFrom::Start(length))?;
            file.write_all(text.as_bytes())?;
            file.sync_all()
        };
        write(&mut file).map_err(|error| {
            // A change of which only some lines found room did not happen.
            let _ = file.set_len(length);
            self.io(error)
        })?;
        Ok(end)
    }

    /// Every entry after this end, each held to its hash; `None` where this end is not in it.
    pub fn after(&self, end: &End) -> Result<Option<Vec<(End, Entry)>>> {
        let (mut found, mut all) = (false, Vec::new());
        self.walk(0..u64::MAX, |first, line| {
            // A witness that was lost goes on from what the register knew, which is in no line of the new one.
            found |= first && line.follows(end);
            if found {
                all.push((line.end(), Entry::parse(line.entry)?));
            } else {
                found = line.number == end.number && line.hash == end.hash;
            }
            Some(())
        })?;
        Ok(found.then_some(all))
    }

    /// What a register lacks that knows of this end.
    pub fn missing(&self, known: Option<&End>) -> Result<Vec<(End, Entry)>> {
        let known = known.cloned().unwrap_or_else(End::nowhere);
        self.after(&known)?.ok_or_else(|| WitnessError::Mismatch(self.path.clone()))
    }

    /// Holds every line to its hash, and to be one that can be put back.
    pub fn verify(&self) -> Result<()> {
        let read = |_, line: &Line<'_>| Entry::parse(line.entry).map(drop);
        let Some(middle) = self.middle()? else { return self.walk(0..u64::MAX, read) };
        // A line is held to what stands in the one before it, so the halves need not wait for each other. The line between
        // them is the last of one and what the other begins with.
        let both = std::thread::scope(|scope| {
            let second = scope.spawn(|| self.walk(middle.start..u64::MAX, read));
            let first = self.walk(0..middle.end, read);
            first.and(second.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
        });
        // Only from the beginning is it known which line it is.
        both.or_else(|_| self.walk(0..u64::MAX, read))
    }

    /// Where a line in the middle of the file stands; none of a small one.
    fn middle(&self) -> Result<Option<Range<u64>>> {
        let Some(mut file) = self.open()? else { return Ok(None) };
        let mut read = || -> io::Result<Option<Range<u64>>> {
            let half = file.metadata()?.len() / 2;
            if half < LARGE {
                return Ok(None);
            }
            let text = two_lines(&mut file, half)?;
            let mut ends = text.iter().zip(half + 1..).filter(|(byte, _)| **byte == b'\n').map(|(_, end)| end);
            Ok(ends.next().zip(ends.next()).map(|(start, end)| start..end))
        };
        read().map_err(|error| self.io(error))
    }

    /// Goes through the lines that stand there, each held to its hash. It is told which is the first; `None` of one that
    /// cannot be read.
    fn walk(&self, place: Range<u64>, mut tell: impl FnMut(bool, &Line<'_>) -> Option<()>) -> Result<()> {
        let Some(mut file) = self.open()? else { return Ok(()) };
        file.seek(SeekFrom::Start(place.start)).map_err(|error| self.io(error))?;
        let mut lines = BufReader::with_capacity(PIECE, file.take(place.end - place.start));
        let (mut before, mut text) = (None, Vec::new());
        for number in 1.. {
            let broken = || WitnessError::Broken { path: self.path.clone(), line: number };
            text.clear();
            let read = Read::by_ref(&mut lines).take(MAX_LINE).read_until(b'\n', &mut text);
            match read {
                Ok(_) if text.ends_with(b"\n") => {}
                // The end, or a last line that lost its own.
                Ok(length) if (length as u64) < MAX_LINE => break,
                Ok(_) => return Err(broken()),
                Err(error) => return Err(self.io(error)),
            }
            let line = text.strip_suffix(b"\n").and_then(Line::parse).ok_or_else(broken)?;
            if before.as_ref().is_some_and(|before| !line.follows(before)) {
                return Err(broken());
            }
            tell(before.is_none(), &line).ok_or_else(broken)?;
            let before = before.get_or_insert_with(End::nowhere);
            before.number = line.number;
            before.hash.clear();
            before.hash.push_str(line.hash);
        }
        Ok(())
    }
}

/// A line of the file.
struct Line<'t> {
    number: u64,
    entry: &'t str,
    hash: &'t str,
    /// What the hash is of: number and entry.
    hashed: &'t str,
}

impl<'t> Line<'t> {
    /// Without what ends it.
    fn parse(bytes: &'t [u8]) -> Option<Self> {
        let (hashed, hash) = std::str::from_utf8(bytes).ok()?.split_at_checked(bytes.len().checked_sub(HASH)?)?;
        let hashed = hashed.strip_suffix('\t')?;
        let (number, entry) = hashed.split_once('\t')?;
        Some(Self { number: number.parse().ok()?, entry, hash, hashed })
    }

    /// The witness's, where it is the last one.
    fn end(&self) -> End {
        End { number: self.number, hash: self.hash.to_owned() }
    }

    /// Whether it is what was written after this end.
    fn follows(&self, end: &End) -> bool {
        end.number.checked_add(1) == Some(self.number) && self.hash.as_bytes() == line_hash(&end.hash, self.hashed)
    }
}

/// The hash of a line that comes after one with this hash.
fn line_hash(before: &str, line: &str) -> [u8; HASH] {
    let hash: [u8; 32] = Sha256::new().chain_update(before).chain_update("\n").chain_update(line).finalize().into();
    let mut text = [0; HASH];
    // As many digits as there is room for.
    let _ = hex::encode_to_slice(&hash[..16], &mut text);
    text
}

/// The last lines of a file that have their end, and its length with them. What comes after, however much a power cut has
/// left there, is no line.
struct Tail {
    length: u64,
    lines: Vec<u8>,
}

impl Tail {
    fn of(file: &mut File) -> io::Result<Self> {
        let mut end = file.metadata()?.len();
        let length = loop {
            let start = end.saturating_sub(2 * MAX_LINE);
            let last = two_lines(file, start)?.iter().rposition(|byte| *byte == b'\n');
            match last {
                Some(at) => break start + at as u64 + 1,
                None if start == 0 => break 0,
                None => end = start,
            }
        };
        let start = length.saturating_sub(2 * MAX_LINE);
        let mut lines = two_lines(file, start)?;
        lines.truncate(usize::try_from(length - start).unwrap_or(usize::MAX));
        Ok(Self { length, lines })
    }

    fn last_line(&self) -> Option<&[u8]> {
        let last = self.lines.strip_suffix(b"\n")?.rsplit(|byte| *byte == b'\n').next()?;
        Some(last).filter(|last| !last.is_empty())
    }
}

/// As many bytes from there on as have a whole line in them wherever that is, if there are so many.
fn two_lines(file: &mut File, start: u64) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(start))?;
    let mut text = Vec::with_capacity(2 * MAX_LINE as usize);
    Read::by_ref(file).take(2 * MAX_LINE).read_to_end(&mut text)?;
    Ok(text)
}

fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options
}

#[cfg(test)]
mod tests {
    use greenlit_core::key::KeyId;

    use super::*;
    use crate::operator::Operator;
    use crate::register::{Origin, Role};

    fn entries() -> Vec<Entry> {
        vec![
            Entry::Begin,
            Entry::List { id: 1, bits: 2, size: 1_048_576 },
            Entry::Together { entries: 2 },
            Entry::Issue {
                list: 1,
                index: 48_213,
                kid: KeyId([0x9f, 0x2c, 0x01, 0xab, 0x44, 0xde, 0x77, 0x10]),
                nbf: 1,
                exp: 2,
                class: 1,
                person: None,
                origin: None,
                policy: None,
            },
            Entry::Issue {
                list: 1,
                index: 7,
                kid: KeyId([0x9f, 0x2c, 0x01, 0xab, 0x44, 0xde, 0x77, 0x10]),
                nbf: 1,
                exp: 2,
                class: 3,
                person: "000102030405060708090a0b0c0d0e0f".parse().ok(),
                origin: Some(Origin { batch: 4, line: 1_000 }),
                policy: Some(2),
            },
            Entry::Change { entries: 1, at: 9, operator: Operator::new("а.каримова (root)").unwrap() },
            Entry::Replaced { list: 1, index: 7, by_list: 2, by_index: 0, at: 4 },
            Entry::KeyAdded {
                role: Role::Issuer,
                public: crate::PrivateKey::from_seed(&[3; 32]).unwrap().public().clone().into(),
                file: "issuer-2.pem".into(),
                not_before: 5,
                not_after: 6,
            },
            Entry::KeyRetired { kid: "9f2c01ab44de7710".into(), at: 4 },
            Entry::Status { list: 1, index: 48_213, status: 1, at: 3 },
            Entry::KeyRevoked { kid: "9f2c01ab44de7710".into(), at: 4 },
            Entry::Publish { version: 7, issued: 5, root: 1 },
            Entry::Proposed { id: 1, kid: None, passes: 101, digest: "0a".repeat(32), until: 9 },
            Entry::Proposed {
                id: 2,
                kid: Some("9f2c01ab44de7710".into()),
                passes: 0,
                digest: "0b".repeat(32),
                until: 9,
            },
            Entry::Confirmed { id: 2, proposed_by: Operator::new("Ә. Ғәлиева").unwrap() },
            Entry::ProposalEnded { id: 2, done: true },
            Entry::Erased { before: 7, after: None, list: 1, index: 9 },
            Entry::Erased { before: 7, after: Some((1, 9)), list: 2, index: 0 },
        ]
    }

    fn witness() -> (tempfile::TempDir, Witness) {
        let folder = tempfile::tempdir().unwrap();
        let witness = Witness::at(folder.path().join("deep/a.witness"));
        (folder, witness)
    }

    #[test]
    fn lines_are_added_and_told_from_any_end() {
        let (_folder, witness) = witness();
        assert_eq!(witness.end().unwrap(), None);
        assert_eq!(witness.after(&End::nowhere()).unwrap(), None);
        witness.verify().unwrap();
        let mut ends = vec![End::nowhere()];
        for entry in entries() {
            let end = witness.append(ends.last().unwrap(), &[entry]).unwrap();
            assert_eq!(witness.end().unwrap().as_ref(), Some(&end));
            ends.push(end);
        }
        for (from, end) in ends.iter().enumerate() {
            let told: Vec<Entry> = witness.after(end).unwrap().unwrap().into_iter().map(|(_, entry)| entry).collect();
            assert_eq!(told, entries()[from..]);
        }
        let stranger = End { number: 3, hash: "00".repeat(16) };
        assert_eq!(witness.after(&stranger).unwrap(), None);
    }

    #[test]
    fn a_large_one_is_held_to_its_hashes_everywhere() {
        let (_folder, witness) = witness();
        let entries: Vec<Entry> = (0..200).flat_map(|_| entries()).collect();
        let end = witness.append(&End::nowhere(), &entries).unwrap();
        let whole = std::fs::read(witness.path()).unwrap();
        assert!(whole.len() as u64 > 4 * LARGE && witness.middle().unwrap().is_some());
        witness.verify().unwrap();
        // The first line is held by the second alone.
        for at in (whole.iter().position(|byte| *byte == b'\n').unwrap() + 1..whole.len() - 1).step_by(997) {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            std::fs::write(witness.path(), &changed).unwrap();
            let line = 1 + whole[..at].iter().filter(|byte| **byte == b'\n').count() as u64;
            let told = witness.verify().unwrap_err();
            assert!(
                matches!(told, WitnessError::Broken { line: told, .. } if (line..=line + 1).contains(&told)),
                "byte {at} of line {line}: {told:?}"
            );
        }
        std::fs::write(witness.path(), &whole).unwrap();
        // What can no more be read, with a hash that is right.
        let mut text = String::from_utf8(whole).unwrap();
        let (number, odd) = (end.number + 1, format!("{}\todd", end.number + 1));
        let hash = String::from_utf8(line_hash(&end.hash, &odd).to_vec()).unwrap();
        text += &format!("{odd}\t{hash}\n");
        std::fs::write(witness.path(), text).unwrap();
        assert!(matches!(witness.verify(), Err(WitnessError::Broken { line, .. }) if line == number));
    }

    #[test]
    fn a_change_that_was_cut_short_takes_nothing_of_the_next_one() {
        let clerk = || Operator::new("a.karimova").unwrap();
        let change = |entries| (End::nowhere(), Entry::Change { entries, at: 9, operator: clerk() });
        let status = |index| (End::nowhere(), Entry::Status { list: 1, index, status: 1, at: 9 });
        let cut_short = [change(3), status(1), change(1), status(2), (End::nowhere(), Entry::Begin), change(1)];
        assert_eq!([0, 2, 4, 5].map(|from| first_change(&cut_short[from..])), [2, 2, 1, 1]);
        assert_eq!(first_change(&[change(u64::MAX), status(1), status(2)]), 3);
        assert_eq!(first_change(&[status(1), status(2)]), 1);
    }

    #[test]
    fn a_line_that_lost_its_end_is_none_and_a_changed_one_is_noticed() {
        let (_folder, witness) = witness();
        let end = witness.append(&End::nowhere(), &entries()).unwrap();
        let whole = std::fs::read(witness.path()).unwrap();
        let mut torn = whole.clone();
        torn.extend_from_slice(b"7\tissue\t1\t2");
        std::fs::write(witness.path(), &torn).unwrap();
        assert_eq!(witness.end().unwrap().as_ref(), Some(&end));
        let next = witness.append(&end, &[Entry::Begin]).unwrap();
        assert_eq!(witness.after(&end).unwrap().unwrap(), [(next, Entry::Begin)]);
        // However much of it a power cut has left.
        for zeros in [1, 1_500, 2_047, 2_048, 2_049, 5_000, 100_000] {
            std::fs::write(witness.path(), [whole.as_slice(), &vec![0; zeros]].concat()).unwrap();
            assert_eq!(witness.end().unwrap().as_ref(), Some(&end), "{zeros}");
            let next = witness.record(Some(&end), &[Entry::Begin]).unwrap();
            assert_eq!(witness.after(&end).unwrap().unwrap(), [(next, Entry::Begin)], "{zeros}");
            witness.verify().unwrap();
        }
        // A last line that is none is told by its number.
        for last in ["", "x", "24\tbegin", "24\tbegin\t0", &"я".repeat(40)] {
            std::fs::write(witness.path(), [whole.as_slice(), last.as_bytes(), b"\n"].concat()).unwrap();
            let line = entries().len() as u64 + 1;
            let told = witness.end();
            let named = matches!(told, Err(WitnessError::Broken { line: at, .. }) if at == line);
            assert!(named || (last.is_empty() && told.as_ref().unwrap().is_none()), "{last:?} {told:?}");
        }
        for at in 0..whole.len() - 1 {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            std::fs::write(witness.path(), &changed).unwrap();
            let same = witness.after(&End::nowhere()).is_ok_and(|all| {
                // The first line stands for itself, and its number and hash are held by the next.
                all.is_some_and(|all| all.iter().map(|(_, entry)| entry).eq(&entries()))
            });
            assert!(!same, "byte {at}");
        }
    }
}
