//! `greenlit-issuer issue`: one pass for one person.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chrono::NaiveDate;
use clap::ValueEnum;
use rusqlite::params;

use crate::{
    Basis, Holder, HolderError, HolderFile, HolderFileError, Igg, Ineligible, MAX_HOLDER_FILE, PrivateKey, Validity,
    decide, parse_day, sign_pass,
};
use greenlit_core::pass::{Class, DocumentKind, Pass, SignedPass, StatusRef};
use greenlit_core::time::UnixTime;
use greenlit_files::{FileError, IfExists, Symlinks, read_limited, write_atomic};
use greenlit_qr::encode::{DrawError, QrPicture};

use crate::cli::authority::{Authority, AuthorityError};
use crate::cli::register::{KeyRow, ListRow, insert_list};
use crate::cli::witness::Entry;
use crate::cli::{Outcome, now, tell};

/// Pixels a module of a PNG: sharp on a phone, 3 cm on paper at 300 dpi.
pub(crate) const PNG_SCALE: u32 = 8;
/// How often a place is drawn: of a list that is nine tenths full, ten draws find a free one on average.
const CHANCES: usize = 400;
/// How often another key is looked for where the chosen one has been ended meanwhile.
const TRIES: usize = 3;

const HOLDER_FORMAT: &str = r#"The holder's data, in TOML (--holder):
  name = "Family Given Patronymic"   as in the document; only the initials go into the pass
  born = "1984-05-09"                or 09.05.1984; the year does not go into the pass
  document = "80 12 345678"          only the last four characters go into the pass
  document_kind = "passport"         or foreign-passport, birth-certificate; may be left out"#;

/// Issues one pass and prints its text, alone, on standard output.
///
/// Exit status: 1 if there is no pass for this person (the reason is told), 2 if something went wrong.
#[derive(clap::Args)]
#[command(after_long_help = HOLDER_FORMAT)]
pub(crate) struct Args {
    /// The authority's folder.
    folder: PathBuf,
    /// What entitles to the pass.
    #[arg(long, value_enum)]
    basis: BasisWord,
    /// The IgG result, as in 12.5, 12,5 or ">100"; required for antibodies.
    #[arg(long, value_name = "N", required_if_eq("basis", "antibodies"))]
    igg: Option<Igg>,
    /// The day of the last dose or of the test, as in 2026-11-22 or 22.11.2026.
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    on: NaiveDate,
    /// The holder's data: a file, or - for standard input.
    #[arg(long, value_name = "FILE|-", conflicts_with_all = ["name", "born", "document", "document_kind"])]
    holder: Option<PathBuf>,
    /// Instead of a file: the name. Every user of this machine can read what is given so.
    #[arg(long)]
    name: Option<String>,
    /// Instead of a file: the date of birth.
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    born: Option<NaiveDate>,
    /// Instead of a file: the document's number.
    #[arg(long, value_name = "NUMBER")]
    document: Option<String>,
    /// Instead of a file: which document.
    #[arg(long, value_enum, default_value = "passport")]
    document_kind: DocumentWord,
    /// Also draws the QR code, as PNG or SVG by the name's ending.
    #[arg(long, value_name = "FILE.png|.svg")]
    qr: Option<PathBuf>,
    /// Issues although not every till knows the key yet: for an emergency.
    #[arg(long)]
    before_tills_know: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum BasisWord {
    Vaccination,
    Antibodies,
}

#[derive(Clone, Copy, ValueEnum)]
enum DocumentWord {
    Passport,
    ForeignPassport,
    BirthCertificate,
}

impl From<DocumentWord> for DocumentKind {
    fn from(word: DocumentWord) -> Self {
        match word {
            DocumentWord::Passport => Self::Passport,
            DocumentWord::ForeignPassport => Self::ForeignPassport,
            DocumentWord::BirthCertificate => Self::BirthCertificate,
        }
    }
}

/// Why a pass was not issued.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub(crate) enum IssueError {
    #[error(transparent)]
    Ineligible(#[from] Ineligible),
    #[error(transparent)]
    Holder(#[from] HolderError),
    #[error("refused: born {born} cannot be: it is after {on}, the day of the dose or test")]
    BornAfter { born: NaiveDate, on: NaiveDate },
    #[error(
        "give the holder's name, date of birth and document by --holder FILE, or by --holder - on standard input; `greenlit-issuer issue --help` shows the format"
    )]
    NoHolder,
    #[error("{place}: {error}")]
    HolderFile { place: String, error: HolderFileError },
    #[error("standard input: {0}")]
    Input(std::io::Error),
    #[error(transparent)]
    File(#[from] FileError),
    #[error("--igg goes with antibodies, not with vaccination")]
    IggWithVaccination,
    #[error("{}: a QR picture is .png or .svg", .0.display())]
    PictureKind(PathBuf),
    #[error("{}: there is such a picture already, and it may be another guest's; nothing was issued", .0.display())]
    PictureExists(PathBuf),
    #[error(transparent)]
    Draw(#[from] DrawError),
    #[error("{0}; wait until then, or give --before-tills-know")]
    UnknownKey(UnknownKey),
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    #[error("the pass was entered as {reference}, but its picture was not written: {error}; revoke it or issue again")]
    Picture { reference: String, error: FileError },
}

impl IssueError {
    /// A person without a pass is an answer; anything else, a slip of the pen included, is trouble.
    fn is_refusal(&self) -> bool {
        match self {
            Self::Ineligible(_) | Self::BornAfter { .. } => true,
            Self::Holder(error) => error.is_refusal(),
            _ => false,
        }
    }
}

pub(crate) fn run(args: &Args) -> Outcome {
    match issue(args) {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(error) => match error.downcast_ref::<IssueError>() {
            Some(refusal) if refusal.is_refusal() => {
                tell(&format!("greenlit-issuer: {refusal}"));
                Ok(ExitCode::from(1))
            }
            _ => Err(error),
        },
    }
}

fn issue(args: &Args) -> Result<(), Box<dyn std::error::Error>> {
    let basis = match (args.basis, args.igg) {
        (BasisWord::Vaccination, None) => Basis::Vaccination,
        (BasisWord::Vaccination, Some(_)) => return Err(IssueError::IggWithVaccination.into()),
        (BasisWord::Antibodies, igg) => Basis::Antibodies(igg.ok_or(IssueError::IggWithVaccination)?),
    };
    if let Some(path) = &args.qr {
        picture_kind(path)?;
        // Perhaps another guest's, who has not been given it yet.
        if path.symlink_metadata().is_ok() {
            return Err(IssueError::PictureExists(path.clone()).into());
        }
    }
    let person = person(args)?;
    if person.born > args.on {
        return Err(IssueError::BornAfter { born: person.born, on: args.on }.into());
    }
    let mut authority = Authority::open(&args.folder)?;
    let now = now();
    let validity = decide(basis, args.on, now, &authority.terms()?).map_err(IssueError::from)?;
    let day = authority.zone.day(now).ok_or(Ineligible::OutOfRange(args.on)).map_err(IssueError::from)?;
    let holder =
        Holder::new(&person.name, person.born, person.kind, &person.document, day).map_err(IssueError::from)?;
    if !args.before_tills_know {
        let rows = authority.register.keys().map_err(AuthorityError::from)?;
        if let Some(unknown) = signing(&rows, validity.nbf, now).and_then(|row| unknown_to_some(&rows, row, now)) {
            return Err(IssueError::UnknownKey(unknown).into());
        }
    }
    let issued = enter(&mut authority, Class::RESIDENT, validity, Some(holder), now)?;
    if let Some(path) = &args.qr {
        let picture = draw(path, &issued.text)?;
        write_atomic(path, &picture, 0o600, IfExists::Keep)
            .map_err(|error| IssueError::Picture { reference: issued.reference(), error })?;
    }
    // The reference first: should standard output fail, the pass can still be revoked by it.
    tell(&format!("pass {}, good through {}", issued.reference(), validity.last_day));
    let mut out = std::io::stdout().lock();
    Ok(writeln!(out, "{}", issued.text).and_then(|()| out.flush())?)
}

/// The holder's data, from wherever they were given.
fn person(args: &Args) -> Result<HolderFile, IssueError> {
    let Some(path) = &args.holder else {
        let (Some(name), Some(born), Some(document)) = (&args.name, args.born, &args.document) else {
            return Err(IssueError::NoHolder);
        };
        tell(
            "greenlit-issuer: every user of this machine can read a name, date of birth and document given as arguments; give them by --holder",
        );
        let (name, document) = (name.clone(), document.clone());
        return Ok(HolderFile { name, born, document, kind: args.document_kind.into() });
    };
    let (place, bytes) = if path.as_os_str() == "-" {
        let mut bytes = Vec::new();
        let cap = MAX_HOLDER_FILE as u64 + 1;
        std::io::stdin().lock().take(cap).read_to_end(&mut bytes).map_err(IssueError::Input)?;
        ("standard input".to_owned(), bytes)
    } else {
        (path.display().to_string(), read_limited(path, MAX_HOLDER_FILE, Symlinks::Follow)?)
    };
    HolderFile::parse(&bytes).map_err(|error| IssueError::HolderFile { place, error })
}

/// A pass just entered in the register.
pub(crate) struct Issued {
    pub(crate) text: String,
    pub(crate) status: StatusRef,
}

impl Issued {
    /// How the authority refers to it: list and index.
    pub(crate) fn reference(&self) -> String {
        format!("{}-{}", self.status.list, self.status.index)
    }
}

/// Enters a pass in the register and signs it.
pub(crate) fn enter(
    authority: &mut Authority,
    class: Class,
    validity: Validity,
    holder: Option<Holder>,
    now: UnixTime,
) -> Result<Issued, AuthorityError> {
    if !authority.classes.contains(&class) {
        return Err(AuthorityError::ClassNotNamed(class.0));
    }
    let (initials, birthday, document) = match holder {
        Some(holder) => (Some(holder.initials), Some(holder.birthday), Some(holder.document)),
        None => (None, None, None),
    };
    let mut pass = Pass {
        exp: validity.exp,
        nbf: validity.nbf,
        class,
        initials,
        birthday,
        document,
        status: Some(StatusRef { list: 0, index: 0 }),
    };
    for _ in 0..TRIES {
        let (row, key) = issuer_key(authority, validity, now)?;
        // A till must be able to read it, before a place in the list is spent on it.
        SignedPass::parse(sign_pass(&pass, &key).as_bytes()).map_err(AuthorityError::Unreadable)?;
        // Somebody may have retired or revoked the key since it was chosen.
        if let Some(status) = reserve(authority, &row, validity)? {
            pass.status = Some(status);
            return Ok(Issued { text: sign_pass(&pass, &key), status });
        }
    }
    Err(AuthorityError::NoKey { role: "issuer" })
}

/// The key to sign with.
fn issuer_key(
    authority: &Authority,
    validity: Validity,
    now: UnixTime,
) -> Result<(KeyRow, PrivateKey), AuthorityError> {
    let rows = authority.register.keys()?;
    let row = signing(&rows, validity.nbf, now).ok_or(AuthorityError::NoKey { role: "issuer" })?;
    let key = authority.private_key(row)?;
    Ok((row.clone(), key))
}

/// Of these keys the one that signs now what begins then: the newest that every till has had the time to
/// learn of, else the one published longest; before the first publication, the first one made.
pub(crate) fn signing(rows: &[KeyRow], nbf: UnixTime, now: UnixTime) -> Option<&KeyRow> {
    let usable = |row: &&KeyRow| {
        let signs = row.role == "issuer" && row.revoked_at.is_none() && row.retired_at.is_none();
        signs && (row.not_before..row.not_after).contains(&nbf)
    };
    let mut rows: Vec<&KeyRow> = rows.iter().filter(usable).collect();
    // Files are numbered in the order they were made.
    rows.sort_by_key(|row| (row.file.len(), row.file.clone()));
    let longest = rows.iter().filter(|row| row.published_at.is_some()).min_by_key(|row| row.published_at);
    rows.iter().rfind(|row| is_known(row, now)).or(longest).or(rows.first()).copied()
}

fn is_known(row: &KeyRow, now: UnixTime) -> bool {
    row.known_from().is_some_and(|at| at <= now)
}

/// A key that tills have not all had the time to learn of, where they learnt of an earlier one.
#[derive(Debug, thiserror::Error)]
#[error(
    "the issuer key {kid} is new: tills that have not renewed since it was published call its passes not genuine (KEY), some of them until {until}"
)]
pub(crate) struct UnknownKey {
    kid: String,
    until: String,
}

/// Whether there are tills that may not know this key. An authority's first key is known to all there are.
pub(crate) fn unknown_to_some(rows: &[KeyRow], row: &KeyRow, now: UnixTime) -> Option<UnknownKey> {
    let before = |other: &KeyRow| {
        let earlier = row.published_at.is_none_or(|at| other.published_at.is_some_and(|other| other < at));
        other.role == "issuer" && other.kid != row.kid && other.published_at.is_some() && earlier
    };
    let until = || row.known_from().map_or_else(|| "three weeks after it is published".into(), |at| at.to_string());
    (!is_known(row, now) && rows.iter().any(before)).then(|| UnknownKey { kid: row.kid.clone(), until: until() })
}

/// Takes a free place of the newest status list, or begins another list.
/// `None` where the key may not sign it any more.
fn reserve(authority: &mut Authority, key: &KeyRow, validity: Validity) -> Result<Option<StatusRef>, AuthorityError> {
    let mut chances = [[0; 8]; CHANCES];
    getrandom::fill(chances.as_flattened_mut()).map_err(AuthorityError::from)?;
    let list_uri = authority.list_uri.clone();
    authority.change(|transaction| {
        let signs = "SELECT count(*) FROM key WHERE kid = ?1 AND retired_at IS NULL AND revoked_at IS NULL
                     AND not_before <= ?2 AND ?2 < not_after";
        let begins = validity.nbf.seconds().cast_signed();
        if transaction.query_row(signs, params![key.kid, begins], |row| row.get::<_, i64>(0))? == 0 {
            return Ok((None, Vec::new()));
        }
        let mut entries = Vec::new();
        let sql = "SELECT id, bits, size, next_row FROM list ORDER BY id DESC LIMIT 1";
        let (mut id, bits, size, mut used): (i64, u8, i64, i64) =
            transaction.query_row(sql, [], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?)))?;
        // A list is left with a tenth of it free, so that a free place is soon found.
        if used > size - size / 10 {
            (id, used) = (id + 1, 0);
            let (list, size) = (id.cast_unsigned(), size.cast_unsigned());
            let uri = format!("{list_uri}:status:{id}");
            insert_list(transaction, &ListRow { id: list, uri, bits, size, next_row: 0 })?;
            entries.push(Entry::List { id: list, bits, size });
        }
        // At random: a copy of the register that is brought back does not give the same places again.
        let free = "SELECT count(*) FROM pass WHERE list = ?1 AND idx = ?2";
        let mut places = chances.iter().map(|bytes| u64::from_le_bytes(*bytes) % size.cast_unsigned().max(1));
        let index = loop {
            let index = places.next().ok_or(rusqlite::Error::IntegralValueOutOfRange(3, used))?;
            let taken: i64 = transaction.query_row(free, params![id, index.cast_signed()], |row| row.get(0))?;
            if taken == 0 {
                break index;
            }
        };
        transaction.execute("UPDATE list SET next_row = ?1 WHERE id = ?2", params![used + 1, id])?;
        let (nbf, exp) = (validity.nbf.seconds(), validity.exp.seconds());
        let sql = "INSERT INTO pass (list, idx, kid, nbf, exp) VALUES (?1, ?2, ?3, ?4, ?5)";
        let times = (nbf.cast_signed(), exp.cast_signed());
        transaction.execute(sql, params![id, index.cast_signed(), key.kid, times.0, times.1])?;
        let list = id.cast_unsigned();
        entries.push(Entry::Issue { list, index, kid: key.kid.clone(), nbf, exp });
        Ok((Some(StatusRef { list, index }), entries))
    })
}

fn picture_kind(path: &Path) -> Result<bool, IssueError> {
    match path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase).as_deref() {
        Some("png") => Ok(true),
        Some("svg") => Ok(false),
        _ => Err(IssueError::PictureKind(path.into())),
    }
}

fn draw(path: &Path, text: &str) -> Result<Vec<u8>, IssueError> {
    let picture = QrPicture::new(text)?;
    if picture_kind(path)? { Ok(picture.to_png(PNG_SCALE)?) } else { Ok(picture.to_svg().into_bytes()) }
}
