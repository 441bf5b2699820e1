//! A job from end to end: read → look at, draw → write. Rows go through in parts; one thread reads, several draw a part
//! each, and what they have drawn is written in the order of the file.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::thread::ScopedJoinHandle;

use crossbeam_channel::{Receiver, Sender, bounded};

use greenlit_core::time::UnixTime;
use greenlit_files::{FileError, Placed, make_private_folder, write_together};
use greenlit_qr::encode::QrPicture;

use super::letter::Letters;
use super::paper::{Look, Printed, fonts};
use super::vouch::Voucher;
use super::wallet::Cards;
use super::{Form, Job, MAX_TOLD, NotPrinted, PART, PrintError, Summary, Told, has_ending, look, picture};
use crate::authority::Notice;
use crate::batch::{BadRow, PassRow, PassRows};
use crate::revoke::reference;

/// Pictures that are written into a folder together.
const FOLDER_PART: usize = 1_000;
/// More threads would hold more parts than a small machine has memory for.
const MOST_THREADS: usize = 4;

type Result<T> = std::result::Result<T, PrintError>;
type Row = std::result::Result<PassRow, BadRow>;

/// Prints what a file of passes holds.
pub fn run(
    job: &Job,
    now: UnixTime,
    notify: &mut dyn FnMut(Notice),
    tell: &mut dyn FnMut(&Summary),
) -> Result<Summary> {
    let target = Target::of(job)?;
    let mut rows = Wanted::open(job, target.part(job))?;
    let voucher = Voucher::open(&job.folder, notify)?;
    let look = look(job.language, job.form, voucher.name.clone(), voucher.demo);
    if job.form.is_paper() {
        let fonts = fonts()?;
        if let Some(lacking) = look.names().iter().find_map(|(_, name)| fonts.lacks(name)) {
            return Err(PrintError::NoGlyph(lacking));
        }
    }
    if let Target::Folder(folder) = &target {
        make_private_folder(folder).map_err(|error| FileError::of(folder, error))?;
    }
    let draw = Draw { form: job.form, target: &target, voucher: &voucher, look: &look, now };
    let mut summary = Summary::default();
    in_order(&mut rows, &draw, &mut |drawn| {
        target.write(drawn, &mut summary)?;
        tell(&summary);
        Ok(())
    })?;
    summary.not_found = rows.not_found();
    if let Target::Folder(folder) = target {
        summary.files.push(folder);
    }
    Ok(summary)
}

/// Draws every part in threads, and hands them on in the order of the file. There are never more parts at once than
/// tickets.
fn in_order(rows: &mut Wanted, draw: &Draw<'_>, write: &mut dyn FnMut(Drawn) -> Result<()>) -> Result<()> {
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get).min(MOST_THREADS);
    let tickets = threads + 1;
    let (give_ticket, ticket) = bounded::<()>(tickets);
    (0..tickets).for_each(|_| give_ticket.try_send(()).unwrap_or(()));
    let (give_part, parts) = bounded::<Part>(tickets);
    let (give_drawn, drawn) = bounded::<Result<Drawn>>(tickets);
    std::thread::scope(|scope| {
        let reader = scope.spawn(move || read(rows, &ticket, &give_part));
        let workers: Vec<ScopedJoinHandle<'_, ()>> = (0..threads)
            .map(|_| {
                let (parts, give_drawn) = (parts.clone(), give_drawn.clone());
                scope.spawn(move || parts.iter().try_for_each(|part| give_drawn.send(draw.part(part))).unwrap_or(()))
            })
            .collect();
        drop((parts, give_drawn));
        let written = write_in_order(&drawn, &give_ticket, write);
        // Whoever waits for the other end to take something is told that nobody will.
        drop((drawn, give_ticket));
        let died = workers.into_iter().filter_map(|worker| worker.join().err()).count() > 0;
        let read = reader.join().unwrap_or(Err(PrintError::Worker));
        written.and(read).and(if died { Err(PrintError::Worker) } else { Ok(()) })
    })
}

fn read(rows: &mut Wanted, ticket: &Receiver<()>, give: &Sender<Part>) -> Result<()> {
    while ticket.recv().is_ok() {
        let Some(part) = rows.next_part()? else { break };
        if give.send(part).is_err() {
            break;
        }
    }
    Ok(())
}

fn write_in_order(
    drawn: &Receiver<Result<Drawn>>,
    give_ticket: &Sender<()>,
    write: &mut dyn FnMut(Drawn) -> Result<()>,
) -> Result<()> {
    let (mut early, mut next) = (BTreeMap::new(), 1);
    for done in drawn {
        let done = done?;
        early.insert(done.number, done);
        while let Some(done) = early.remove(&next) {
            write(done)?;
            next += 1;
            let _ = give_ticket.try_send(());
        }
    }
    Ok(())
}

/// Rows that are drawn together.
struct Part {
    /// From 1.
    number: usize,
    /// It is the first and the last.
    alone: bool,
    rows: Vec<Row>,
}

/// The rows of a file that are asked for.
struct Wanted {
    rows: PassRows,
    part: usize,
    parts: usize,
    /// What is asked for, and whether a row had it.
    only: HashMap<String, bool>,
    /// Read ahead.
    next: Option<Row>,
}

impl Wanted {
    fn open(job: &Job, part: usize) -> Result<Self> {
        let rows = PassRows::open(&job.passes)?;
        let only = job.only.iter().map(|wanted| (wanted.trim().to_owned(), false)).collect();
        let mut wanted = Self { rows, part, parts: 0, only, next: None };
        wanted.next = wanted.next_row()?;
        Ok(wanted)
    }

    fn next_part(&mut self) -> Result<Option<Part>> {
        let mut rows = Vec::new();
        while rows.len() < self.part {
            let Some(row) = self.next.take() else { break };
            rows.push(row);
            self.next = self.next_row()?;
        }
        if rows.is_empty() {
            return Ok(None);
        }
        self.parts += 1;
        Ok(Some(Part { number: self.parts, alone: self.parts == 1 && self.next.is_none(), rows }))
    }

    fn next_row(&mut self) -> Result<Option<Row>> {
        while let Some(row) = self.rows.next_row()? {
            if self.only.is_empty() || row.as_ref().is_ok_and(|row| Self::asked(&mut self.only, row)) {
                return Ok(Some(row));
            }
        }
        Ok(None)
    }

    fn asked(only: &mut HashMap<String, bool>, row: &PassRow) -> bool {
        [row.reference.trim(), row.id.trim()].into_iter().fold(false, |asked, name| {
            let found = only.get_mut(name).map(|found| *found = true).is_some();
            asked || found
        })
    }

    fn not_found(self) -> Vec<String> {
        let mut none: Vec<String> = self.only.into_iter().filter(|(_, found)| !found).map(|(name, _)| name).collect();
        none.sort();
        none
    }
}

/// Where passes go.
enum Target {
    Folder(PathBuf),
    Zip(PathBuf),
    Pdf(PathBuf),
}

impl Form {
    fn is_paper(self) -> bool {
        matches!(self, Self::Letter | Self::Wallet)
    }
}

impl Target {
    fn of(job: &Job) -> Result<Self> {
        let out = job.out.clone();
        match (job.form.is_paper(), has_ending(&out, "pdf"), has_ending(&out, "zip")) {
            (true, true, _) => Ok(Self::Pdf(out)),
            (true, false, _) => Err(PrintError::NotPdf(out)),
            (false, true, _) => Err(PrintError::NotPictures(out)),
            (false, _, true) => Ok(Self::Zip(out)),
            _ if out.exists() && !out.is_dir() => Err(PrintError::NotPictures(out)),
            _ => Ok(Self::Folder(out)),
        }
    }

    fn part(&self, job: &Job) -> usize {
        if matches!(self, Self::Folder(_)) { FOLDER_PART } else { job.part.clamp(1, PART) }
    }

    /// What a part's file is called: the only one as was asked for, and several by their numbers.
    fn file(out: &Path, number: usize, alone: bool) -> PathBuf {
        if alone {
            return out.into();
        }
        let part = |name: &std::ffi::OsStr| name.to_string_lossy().into_owned();
        let (stem, ending) = (out.file_stem().map(part), out.extension().map(part));
        out.with_file_name(format!("{}-{number:03}.{}", stem.unwrap_or_default(), ending.unwrap_or_default()))
    }

    fn write(&self, drawn: Drawn, summary: &mut Summary) -> Result<()> {
        let Drawn { number, alone, made, told } = drawn;
        told.into_iter().for_each(|told| summary.tell(told));
        match (self, made) {
            (Self::Folder(folder), Made::Pictures(pictures)) => {
                let (rows, files): (Vec<_>, Vec<_>) = pictures.into_iter().map(|p| (p.row, (p.name, p.bytes))).unzip();
                for (row, placed) in rows.into_iter().zip(write_together(folder, &files, 0o600)) {
                    match placed {
                        Ok(placed) => summary.count(placed, 1),
                        Err(why @ FileError::Exists(_)) => summary.tell(row.told(why)),
                        Err(error) => return Err(error.into()),
                    }
                }
            }
            (Self::Zip(out) | Self::Pdf(out), Made::File { bytes, passes }) => {
                let path = Self::file(out, number, alone);
                let placed = write_one(&path, bytes)?;
                summary.count(placed, passes);
                summary.files.push(path);
            }
            _ => {}
        }
        Ok(())
    }
}

fn write_one(path: &Path, bytes: Vec<u8>) -> Result<Placed> {
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| FileError::NotRegular(path.into()))?.to_owned();
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match write_together(folder, &[(name, bytes)], 0o600).pop() {
        Some(Err(FileError::Exists(_))) => Err(PrintError::Exists(path.into())),
        Some(placed) => Ok(placed?),
        None => Err(PrintError::Worker),
    }
}

impl Summary {
    fn count(&mut self, placed: Placed, passes: u64) {
        *match placed {
            Placed::Written => &mut self.printed,
            Placed::There => &mut self.already,
        } += passes;
    }

    fn tell(&mut self, told: Told) {
        self.failed += 1;
        if self.told.len() < MAX_TOLD {
            self.told.push(told);
        }
    }
}

/// A part as it is to be written.
struct Drawn {
    number: usize,
    alone: bool,
    made: Made,
    told: Vec<Told>,
}

enum Made {
    Pictures(Vec<Picture>),
    File { bytes: Vec<u8>, passes: u64 },
    Nothing,
}

struct Picture {
    row: PassRow,
    name: String,
    bytes: Vec<u8>,
}

impl PassRow {
    fn told(self, why: impl Into<NotPrinted>) -> Told {
        Told { line: self.line, id: self.id, why: why.into() }
    }
}

/// What a thread draws by.
struct Draw<'a> {
    form: Form,
    target: &'a Target,
    voucher: &'a Voucher,
    look: &'a Look,
    now: UnixTime,
}

impl Draw<'_> {
    fn part(&self, part: Part) -> Result<Drawn> {
        let Part { number, alone, rows } = part;
        let (mut told, mut good) = (Vec::new(), Vec::new());
        for row in rows {
            match row {
                Ok(row) => match self.vouched(&row)? {
                    Ok(printed) => good.push((row, printed)),
                    Err(why) => told.push(row.told(why)),
                },
                Err(BadRow { line, why }) => told.push(Told { line, id: String::new(), why: why.into() }),
            }
        }
        let made = if self.form.is_paper() { self.paper(good, &mut told)? } else { self.pictures(good, &mut told)? };
        told.sort_by_key(|told| told.line);
        Ok(Drawn { number, alone, made, told })
    }

    /// The pass of a row, if it may be handed out and the row is the one that it was written in.
    fn vouched(&self, row: &PassRow) -> Result<std::result::Result<Printed, NotPrinted>> {
        let pass = match self.voucher.look_at(&row.pass, self.now)? {
            Ok(pass) => pass,
            Err(why) => return Ok(Err(why.into())),
        };
        let own = pass.status.map(reference).unwrap_or_default();
        if own != row.reference.trim() {
            return Ok(Err(NotPrinted::OtherReference { row: row.reference.clone(), pass: own }));
        }
        let code = QrPicture::new(&row.pass).map_err(NotPrinted::from);
        Ok(code.map(|code| Printed::new(code, &pass, &self.voucher.zone)))
    }

    fn paper(&self, passes: Vec<(PassRow, Printed)>, told: &mut Vec<Told>) -> Result<Made> {
        let fonts = fonts()?;
        let (mut good, mut lacking) = (Vec::new(), Vec::new());
        for (row, printed) in passes {
            match printed.lacking(&fonts) {
                None => good.push(printed),
                Some(character) => lacking.push(row.told(NotPrinted::NoGlyph(character))),
            }
        }
        told.append(&mut lacking);
        if good.is_empty() {
            return Ok(Made::Nothing);
        }
        let bytes = if self.form == Form::Letter {
            let mut letters = Letters::new(&fonts, self.look);
            good.iter().for_each(|pass| letters.add(pass));
            letters.finish()?
        } else {
            let mut cards = Cards::new(&fonts, self.look);
            good.iter().for_each(|pass| cards.add(pass));
            cards.finish()?
        };
        Ok(Made::File { bytes, passes: good.len() as u64 })
    }

    fn pictures(&self, passes: Vec<(PassRow, Printed)>, told: &mut Vec<Told>) -> Result<Made> {
        let ending = if self.form == Form::Svg { "svg" } else { "png" };
        let (mut pictures, mut names): (Vec<Picture>, HashSet<String>) = Default::default();
        for (row, printed) in passes {
            let name = picture::name(&row.id, printed.reference.as_deref(), &row.pass, ending);
            if !names.insert(name.clone()) {
                told.push(row.told(NotPrinted::Twice(name)));
                continue;
            }
            match picture::draw(self.form, &printed.code) {
                Ok(bytes) => pictures.push(Picture { row, name, bytes }),
                Err(error) => told.push(row.told(error)),
            }
        }
        if !matches!(self.target, Target::Zip(_)) || pictures.is_empty() {
            return Ok(Made::Pictures(pictures));
        }
        let files: Vec<_> = pictures.into_iter().map(|picture| (picture.name, picture.bytes)).collect();
        Ok(Made::File { bytes: picture::zip(&files)?, passes: files.len() as u64 })
    }
}
