//! A batch from end to end: read → decide → enter in the register → sign → write. Each of them is a thread or, where the
//! cores are the limit, several; parts of the file go through one after the other, and are entered and written in order.
//!
//! What a part's rows are told is written only after its passes are entered for good. Cut short between the two, the next
//! run finds them in the register, by the line that asked for them, and signs the same passes again.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::ScopedJoinHandle;

use chrono::NaiveDate;
use crossbeam_channel::{Receiver, Sender, bounded};

use greenlit_core::key::KeyId;
use greenlit_core::pass::{Pass, StatusRef};
use greenlit_core::time::UnixTime;
use greenlit_files::FileError;

use super::cells::Cells;
use super::checkpoint::Checkpoint;
use super::columns::Columns;
use super::encoding::{Encoding, survey};
use super::output::{Lines, Output, PASS_COLUMNS, add_rejected, id, rejected_header};
use super::records::{Record, Records, split};
use super::row::{Entitled, Rejection, Terms};
use super::{BatchError, Counts, HeaderError, Job, Progress, Summary};
use crate::authority::{Authority, AuthorityError, Draws};
use crate::held::{self, NotAgain};
use crate::keys::{select_signing_key, unknown_to_some};
use crate::register::{IfHeld, KeyRecord, Origin, Reservation, Reserved, Role};
use crate::revoke::reference;
use crate::{Signer, Zone};

/// A part ends with this many bytes, however few rows they are.
const PART_BYTES: usize = 4 << 20;
/// Parts that wait between two threads.
const WAITING: usize = 2;
/// Parts that are entered as one change where so many are ready, and rows of which they are no more. The more they are, the
/// less the register costs; but three times as many are in memory, with which a batch holds some 300 MB.
const TOGETHER: usize = 16;
const ROWS_TOGETHER: usize = 65_536;

type Result<T> = std::result::Result<T, BatchError>;

/// The clock that a batch goes by.
pub(super) type Clock<'a> = dyn Fn() -> UnixTime + Sync + 'a;

/// Issues what the rows of a file ask for.
pub fn run(authority: &mut Authority, job: &Job, now: &Clock<'_>, tell: &mut dyn FnMut(Progress)) -> Result<Summary> {
    let io = |error| FileError::of(&job.file, error);
    let mut file = File::open(&job.file).map_err(io)?;
    let seen = survey(&mut file, &job.file, job.encoding)?;
    check_paths(job)?;
    let digest = hex::encode(seen.digest);
    let checkpoint = Checkpoint::read(&job.passes, &digest)?;
    if let Some(there) =
        checkpoint.as_ref().map(|checkpoint| &checkpoint.options).filter(|there| **there != options(job))
    {
        return Err(BatchError::OtherOptions { path: job.passes.clone(), there: there.clone() });
    }
    if let Some(done) = checkpoint.as_ref().filter(|checkpoint| checkpoint.done) {
        Output::go_on(&job.passes, &done.passes)?;
        Output::go_on(&job.rejected, &done.rejected)?;
        return Ok(Summary { counts: done.counts.clone(), was_done: true });
    }
    let mut records = Records::from(BufReader::with_capacity(1 << 20, file), 0, 0);
    let columns = read_header(&mut records, job, seen.encoding)?;
    let terms = terms(authority, job, columns.clone())?;
    let keys = signing_keys(authority, job, now())?;

    let mut progress = checkpoint.map_or_else(|| begin(job, digest), Ok)?;
    let mut passes = Output::go_on(&job.passes, &progress.passes)?;
    let mut rejected = Output::go_on(&job.rejected, &progress.rejected)?;
    if progress.passes.length == 0 {
        let mut header = Lines::new(columns.delimiter);
        header.add(PASS_COLUMNS);
        passes.add(&header.take())?;
        rejected.add(&rejected_header(&columns))?;
    }
    if progress.offset > 0 {
        records = records_from(job, &progress)?;
    }
    let (register, by) = authority.acting(now());
    let batch = register.begin_batch(&seen.digest, &by).map_err(AuthorityError::from)?;
    tell(Progress::Begun { encoding: seen.encoding, bytes: seen.bytes, resumed: progress.counts.clone() });

    let zone = terms.zone.clone();
    let mut days = Days { zone: &zone, written: HashMap::new() };
    let stages = Stages {
        file: &job.file,
        terms: &terms,
        keys: &keys,
        encoding: seen.encoding,
        batch,
        part: job.part.max(1),
        now,
        stop: AtomicBool::new(false),
    };
    let ran = stages.run(authority, records, &mut |part| {
        let mut lines = (Lines::new(columns.delimiter), Lines::new(columns.delimiter));
        for row in part.rows {
            write_row(&mut lines, &columns, &mut days, &mut progress.counts, row);
        }
        passes.add(&lines.0.take())?;
        rejected.add(&lines.1.take())?;
        (progress.offset, progress.lines) = (part.end, part.lines);
        (progress.passes, progress.rejected) = (passes.written(), rejected.written());
        progress.write(&job.passes)?;
        tell(Progress::Done { bytes: part.end, counts: progress.counts.clone() });
        Ok(())
    });
    // Those of all runs of this batch so far, whatever ended this one.
    let refused: Vec<(&str, u64)> =
        progress.counts.refused.iter().map(|(code, count)| (code.as_str(), *count)).collect();
    let counted = authority.register.count_refusals(Some(batch), now(), &refused).map_err(AuthorityError::from);
    ran?;
    counted?;
    progress.done = true;
    progress.write(&job.passes)?;
    Ok(Summary { counts: progress.counts, was_done: false })
}

/// What a batch is read by, as its checkpoint keeps it.
fn options(job: &Job) -> String {
    let rejected = job.rejected.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let ground = job.ground.as_deref().map(|ground| format!(" --basis {ground}")).unwrap_or_default();
    let encoding = job.encoding.map(|encoding| format!(" --encoding {encoding}")).unwrap_or_default();
    format!("--rejected {rejected}{ground}{encoding}")
}

/// The input, both outputs and the checkpoint are four files.
fn check_paths(job: &Job) -> Result<()> {
    let whole = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.into());
    let checkpoint = Checkpoint::path(&job.passes);
    let all = [&job.file, &job.passes, &job.rejected, &checkpoint].map(|path| whole(path));
    for (at, path) in all.iter().enumerate() {
        if all.iter().skip(at + 1).any(|other| other == path) {
            return Err(BatchError::SameFile(path.clone()));
        }
    }
    Ok(())
}

fn read_header(records: &mut Records<BufReader<File>>, job: &Job, encoding: Encoding) -> Result<Columns> {
    let wrong = |why| BatchError::Header { path: job.file.clone(), why };
    let mut next = || {
        let record = records.header().map_err(|error| FileError::of(&job.file, error))?;
        Ok::<_, BatchError>(record)
    };
    let unmarked = |header: &Record| header.bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&header.bytes).to_vec();
    let mut header = next()?.ok_or_else(|| wrong(HeaderError::Empty))?;
    let mut bytes = unmarked(&header);
    // A spreadsheet's own way to name the delimiter, which is found without.
    if bytes.starts_with(b"sep=") {
        header = next()?.ok_or_else(|| wrong(HeaderError::Empty))?;
        bytes = unmarked(&header);
    }
    if header.fault.is_some() {
        return Err(wrong(HeaderError::TooLong));
    }
    if bytes.contains(&b'\r') {
        return Err(wrong(HeaderError::LineEnds));
    }
    let text = encoding.decode(&bytes).ok_or_else(|| wrong(HeaderError::Missing("the name")))?;
    let columns = Columns::read(&text, job.ground.is_some()).map_err(wrong)?;
    // A name that goes on in the next line would take the first row with it.
    if super::records::is_open(&bytes, columns.delimiter) { Err(wrong(HeaderError::OpenQuote)) } else { Ok(columns) }
}

fn terms(authority: &mut Authority, job: &Job, columns: Columns) -> Result<Terms> {
    let policy = authority.rules()?.policy;
    if let Some(asked) = &job.ground {
        let ground = policy.find(asked)?;
        if !authority.classes.contains(&ground.class) {
            return Err(BatchError::ClassNotNamed(ground.class.0));
        }
    }
    let person_key = authority.person_key()?;
    let (zone, classes) = (authority.zone.clone(), authority.classes.clone());
    Ok(Terms { policy, zone, classes, columns, ground: job.ground.clone(), person_key })
}

/// The issuer keys that can sign here.
fn signing_keys(authority: &Authority, job: &Job, now: UnixTime) -> Result<HashMap<KeyId, Signer>> {
    let records = authority.register.keys().map_err(AuthorityError::from)?;
    let today = authority.zone.start_of_day(now).unwrap_or(now);
    let first = select_signing_key(&records, today, now).ok_or(AuthorityError::NoKey { role: Role::Issuer })?;
    if !job.before_tills_know
        && let Some(unknown) = unknown_to_some(&records, first, now)
    {
        return Err(BatchError::UnknownKey(unknown));
    }
    // The one that signs must be here; those of earlier passes may be, if nobody need be asked for their passphrases.
    let mut keys = HashMap::from([(first.kid(), authority.signer(first)?)]);
    for record in records.iter().filter(|record| record.role == Role::Issuer && record.key != first.key) {
        keys.extend(authority.signer_unasked(record)?.map(|key| (record.kid(), key)));
    }
    Ok(keys)
}

/// That there is a checkpoint says whose the outputs are, so it comes first.
fn begin(job: &Job, digest: String) -> Result<Checkpoint> {
    if let Some(there) = [&job.passes, &job.rejected].into_iter().find(|path| path.exists()) {
        return Err(BatchError::Exists(there.clone()));
    }
    let checkpoint = Checkpoint { digest, options: options(job), ..Checkpoint::default() };
    checkpoint.write(&job.passes)?;
    Ok(checkpoint)
}

/// From where an earlier run has come to.
fn records_from(job: &Job, progress: &Checkpoint) -> Result<Records<BufReader<File>>> {
    use std::io::{Seek, SeekFrom};
    let io = |error| FileError::of(&job.file, error);
    let mut file = File::open(&job.file).map_err(io)?;
    file.seek(SeekFrom::Start(progress.offset)).map_err(io)?;
    Ok(Records::from(BufReader::with_capacity(1 << 20, file), progress.offset, progress.lines))
}

/// A part of the file on its way.
struct Part<T> {
    number: u64,
    /// Where it ends in the file, in bytes and lines.
    end: u64,
    lines: u64,
    rows: Vec<T>,
}

impl<T> Part<T> {
    fn map<U>(self, work: impl FnMut(T) -> U) -> Part<U> {
        let Self { number, end, lines, rows } = self;
        Part { number, end, lines, rows: rows.into_iter().map(work).collect() }
    }

    fn try_map<U>(self, work: impl FnMut(T) -> Result<U>) -> Result<Part<U>> {
        let Self { number, end, lines, rows } = self;
        Ok(Part { number, end, lines, rows: rows.into_iter().map(work).collect::<Result<_>>()? })
    }
}

/// A row that was read, and what it asks for.
struct Decided {
    line: u64,
    cells: Cells,
    decision: std::result::Result<Entitled, Rejection>,
}

/// A row whose pass has a place.
struct Entered {
    line: u64,
    cells: Cells,
    outcome: std::result::Result<(Pass, KeyId, bool), Rejection>,
}

/// A row that is ready to be written.
struct Finished {
    line: u64,
    cells: Cells,
    outcome: std::result::Result<Signed, Rejection>,
}

struct Signed {
    at: StatusRef,
    nbf: UnixTime,
    exp: UnixTime,
    text: String,
    /// Not by this row: the person had it.
    already: bool,
}

struct Stages<'a> {
    file: &'a Path,
    terms: &'a Terms,
    keys: &'a HashMap<KeyId, Signer>,
    encoding: Encoding,
    batch: u64,
    part: usize,
    now: &'a Clock<'a>,
    /// A thread failed, and what others still do would not be written.
    stop: AtomicBool,
}

impl Stages<'_> {
    fn run(
        &self,
        authority: &mut Authority,
        records: Records<BufReader<File>>,
        write: &mut dyn FnMut(Part<Finished>) -> Result<()>,
    ) -> Result<()> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        std::thread::scope(|scope| {
            let (to_decide, read) = bounded(WAITING);
            let (to_enter, decided) = bounded(TOGETHER);
            // What is entered together comes all at once.
            let (to_sign, entered) = bounded(TOGETHER);
            let (to_write, signed) = bounded(WAITING);
            let mut threads: Vec<ScopedJoinHandle<'_, Result<()>>> = Vec::new();
            threads.push(scope.spawn(move || self.read(records, &to_decide)));
            threads.push(scope.spawn(move || self.enter(authority, &decided, &to_sign)));
            for _ in 0..cores {
                let (read, to_enter) = (read.clone(), to_enter.clone());
                threads.push(scope.spawn(move || work(&read, &to_enter, &self.stop, |part| Ok(self.decide(part)))));
                let (entered, to_write) = (entered.clone(), to_write.clone());
                threads.push(scope.spawn(move || work(&entered, &to_write, &self.stop, |part| self.sign(part))));
            }
            // What only the threads hold ends with them.
            drop((read, to_enter, entered, to_write));
            let mut written = Ok(());
            for part in InOrder::new(signed) {
                written = write(part);
                if written.is_err() {
                    break;
                }
            }
            let ends = threads.into_iter().map(|thread| thread.join().unwrap_or(Err(BatchError::Worker)));
            ends.fold(written, |first, end| first.and(end))
        })
    }

    fn read(&self, mut records: Records<BufReader<File>>, next: &Sender<Part<Record>>) -> Result<()> {
        let columns = &self.terms.columns;
        for number in 0.. {
            let mut part = Part { number, end: 0, lines: 0, rows: Vec::with_capacity(self.part) };
            let mut bytes = 0;
            while part.rows.len() < self.part && bytes < PART_BYTES {
                match records.next(columns.delimiter, columns.names.len()) {
                    Ok(Some(record)) => {
                        bytes += record.bytes.len();
                        part.rows.push(record);
                    }
                    Ok(None) => break,
                    Err(error) => return Err(FileError::of(self.file, error).into()),
                }
            }
            (part.end, part.lines) = records.place();
            if part.rows.is_empty() || next.send(part).is_err() {
                return Ok(());
            }
        }
        Ok(())
    }

    fn decide(&self, part: Part<Record>) -> Part<Decided> {
        let now = (self.now)();
        part.map(|record| {
            let line = record.line;
            let cells = self.cells(&record);
            let decision = match (&cells, record.fault) {
                (_, Some(fault)) => Err(Rejection::of_row(fault)),
                (None, None) => Err(Rejection::of_row(format!(
                    "is not {} as the others are, or has too many columns",
                    self.encoding
                ))),
                (Some(cells), None) => self.terms.decide(cells, now),
            };
            // What cannot be taken apart is sent back as one cell.
            let whole = || Cells::one(self.encoding.decode_lossy(&record.bytes).into_owned());
            Decided { line, cells: cells.unwrap_or_else(whole), decision }
        })
    }

    fn cells(&self, record: &Record) -> Option<Cells> {
        if record.fault.is_some() {
            return None;
        }
        let text = self.encoding.decode(&record.bytes)?;
        Cells::of(split(text.as_bytes(), self.terms.columns.delimiter)?)
    }

    /// The one thread that writes to the register.
    fn enter(
        &self,
        authority: &mut Authority,
        decided: &Receiver<Part<Decided>>,
        next: &Sender<Part<Entered>>,
    ) -> Result<()> {
        let mut draws = Draws::new()?;
        let mut parts = InOrder::new(decided.clone());
        while let Some(first) = parts.next() {
            // What is ready is entered together: each change costs a wait for the disk.
            let mut together = vec![first];
            let at_most = (ROWS_TOGETHER / self.part).clamp(1, TOGETHER);
            together.extend(std::iter::from_fn(|| parts.ready()).take(at_most - 1));
            let rows: Vec<&Decided> = together.iter().flat_map(|part| &part.rows).collect();
            let (kids, reserved) = self.reserve(authority, &rows, &mut draws)?;
            let mut reserved = kids.into_iter().zip(reserved);
            for part in together {
                if next.send(part.map(|row| self.entered(row, &mut reserved))).is_err() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn reserve(
        &self,
        authority: &mut Authority,
        rows: &[&Decided],
        draws: &mut Draws,
    ) -> Result<(Vec<KeyId>, Vec<Reserved>)> {
        let mut records = self.keys_that_sign(authority)?;
        let list_uri = authority.list_uri.clone();
        let mut wanted = self.reservations(&records, rows)?;
        let mut reserve = |authority: &mut Authority, wanted: &[Reservation]| {
            let (register, by) = authority.acting((self.now)());
            register.reserve(wanted, &mut || draws.next(), &list_uri, &by).map_err(AuthorityError::from)
        };
        let mut reserved = reserve(authority, &wanted)?;
        // Somebody may have ended the key meanwhile: another signs then.
        if reserved.contains(&Reserved::KeyEnded) {
            records = self.keys_that_sign(authority)?;
            wanted = self.reservations(&records, rows)?;
            for (again, reserved) in wanted.iter().zip(&mut reserved) {
                if *reserved == Reserved::KeyEnded {
                    *reserved = reserve(authority, std::slice::from_ref(again))?.pop().unwrap_or(Reserved::KeyEnded);
                }
            }
        }
        if reserved.contains(&Reserved::KeyEnded) {
            return Err(AuthorityError::NoKey { role: Role::Issuer }.into());
        }
        Ok((wanted.iter().map(|wanted| wanted.kid).collect(), reserved))
    }

    /// A pass by a key that cannot sign here would be nobody's.
    fn keys_that_sign(&self, authority: &Authority) -> Result<Vec<KeyRecord>> {
        let mut records = authority.register.keys().map_err(AuthorityError::from)?;
        records.retain(|record| self.keys.contains_key(&record.kid()));
        Ok(records)
    }

    fn reservations(&self, records: &[KeyRecord], rows: &[&Decided]) -> Result<Vec<Reservation>> {
        let now = (self.now)();
        let mut chosen = BTreeMap::new();
        let mut wanted = Vec::with_capacity(rows.len());
        for row in rows {
            let Ok(entitled) = &row.decision else { continue };
            let nbf = entitled.validity.nbf;
            let kid = match chosen.get(&nbf) {
                Some(kid) => *kid,
                None => {
                    let record =
                        select_signing_key(records, nbf, now).ok_or(AuthorityError::NoKey { role: Role::Issuer })?;
                    *chosen.entry(nbf).or_insert(record.kid())
                }
            };
            wanted.push(Reservation {
                kid,
                not_before: nbf,
                expires: entitled.validity.exp,
                class: entitled.class,
                person: Some(entitled.person),
                holder: Some(entitled.mark),
                origin: Some(Origin { batch: self.batch, line: row.line }),
                if_held: IfHeld::Keep,
                policy: Some(self.terms.policy.version),
                replaces: None,
                request: None,
            });
        }
        Ok(wanted)
    }

    fn entered(&self, row: Decided, reserved: &mut impl Iterator<Item = (KeyId, Reserved)>) -> Entered {
        let Decided { line, cells, decision } = row;
        let outcome = decision.and_then(|entitled| {
            let mine = Origin { batch: self.batch, line };
            let (kid, at, nbf, exp, already) = match reserved.next() {
                Some((kid, Reserved::Entered(at))) => (kid, at, entitled.validity.nbf, entitled.validity.exp, false),
                Some((_, Reserved::Held(held))) => {
                    held::check(&held, entitled.mark)?;
                    (held.kid, held.at, held.not_before, held.expires, held.origin != Some(mine))
                }
                _ => return Err(Rejection::of_row("was not entered")),
            };
            Ok((held::pass(entitled.holder, entitled.class, nbf, exp, at), kid, already))
        });
        Entered { line, cells, outcome }
    }

    /// A token that fails ends the batch: what it has entered already is signed by the next run.
    fn sign(&self, part: Part<Entered>) -> Result<Part<Finished>> {
        part.try_map(|Entered { line, cells, outcome }| {
            let outcome = match outcome {
                Ok((pass, kid, already)) => match (self.keys.get(&kid), pass.status) {
                    (Some(key), Some(at)) => {
                        let text = key.sign_pass(&pass).map_err(AuthorityError::from)?;
                        Ok(Signed { at, nbf: pass.nbf, exp: pass.exp, text, already })
                    }
                    (_, at) => {
                        let which = at.map(reference).unwrap_or_default();
                        Err(Rejection::of_row(format!("has pass {which}, whose key {kid} cannot sign here")))
                    }
                },
                Err(why) => Err(why),
            };
            Ok(Finished { line, cells, outcome })
        })
    }
}

impl From<NotAgain> for Rejection {
    fn from(why: NotAgain) -> Self {
        Self { refused: why.refusal(), ..Self::of_row(why) }
    }
}

/// First and last days as they are written: of all the rows of a file there are a few hundred.
struct Days<'z> {
    zone: &'z Zone,
    written: HashMap<(UnixTime, UnixTime), (String, String)>,
}

impl Days<'_> {
    fn of(&mut self, nbf: UnixTime, exp: UnixTime) -> &(String, String) {
        let text = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
        self.written.entry((nbf, exp)).or_insert_with(|| (text(self.zone.day(nbf)), text(self.zone.last_day(exp))))
    }
}

fn write_row(lines: &mut (Lines, Lines), columns: &Columns, days: &mut Days<'_>, counts: &mut Counts, row: Finished) {
    let Finished { line, cells, outcome } = row;
    counts.rows += 1;
    match outcome {
        Ok(Signed { at, nbf, exp, text, already }) => {
            let result = if already { "already" } else { "issued" };
            *if already { &mut counts.already } else { &mut counts.issued } += 1;
            let (line, (from, through)) = (line.to_string(), days.of(nbf, exp));
            lines.0.add([line.as_str(), id(columns, &cells), &reference(at), result, from, through, &text]);
        }
        Err(why) => {
            let (by, name) = match why.refused {
                Some(code) => (&mut counts.refused, code),
                None => (&mut counts.faulty, if why.column.is_empty() { "row" } else { why.column.as_str() }),
            };
            *by.entry(name.to_owned()).or_default() += 1;
            add_rejected(&mut lines.1, columns, line, &cells, &why);
        }
    }
}

/// Does one thing with part after part, in whatever order.
fn work<T, U>(
    from: &Receiver<Part<T>>,
    to: &Sender<Part<U>>,
    stop: &AtomicBool,
    mut with: impl FnMut(Part<T>) -> Result<Part<U>>,
) -> Result<()> {
    for part in from {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let done = with(part).inspect_err(|_| stop.store(true, Ordering::Relaxed))?;
        if to.send(done).is_err() {
            break;
        }
    }
    Ok(())
}

/// Parts in the order of the file, however they come.
struct InOrder<T> {
    from: Receiver<Part<T>>,
    early: BTreeMap<u64, Part<T>>,
    next: u64,
}

impl<T> InOrder<T> {
    fn new(from: Receiver<Part<T>>) -> Self {
        Self { from, early: BTreeMap::new(), next: 0 }
    }
}

impl<T> InOrder<T> {
    /// The next one, if it has come.
    fn ready(&mut self) -> Option<Part<T>> {
        while let Ok(part) = self.from.try_recv() {
            self.early.insert(part.number, part);
        }
        let part = self.early.remove(&self.next)?;
        self.next += 1;
        Some(part)
    }
}

impl<T> Iterator for InOrder<T> {
    type Item = Part<T>;

    fn next(&mut self) -> Option<Part<T>> {
        loop {
            if let Some(part) = self.early.remove(&self.next) {
                self.next += 1;
                return Some(part);
            }
            let part = self.from.recv().ok()?;
            self.early.insert(part.number, part);
        }
    }
}
