//! The till of a page: trust data, the reader, the scanner, and what stands on the screen.

use std::hash::{BuildHasher, DefaultHasher, Hasher};
use std::time::Duration;

use greenlit_core::benefits::Venue;
use greenlit_core::presenter::Timing;
use greenlit_core::scanner::{Effects, Event, Judged, Scanner};
use greenlit_core::scheme::Photo;
use greenlit_core::time::UnixTime;
use greenlit_core::trust::{DocumentError, ImportError, Relation, Root, TrustState, VenueKind, root_code};
use greenlit_core::typed::Press;
use greenlit_core::typed::burst::{Burst, Scan};
use greenlit_core::typed::layout::Layouts;
use greenlit_core::typed::reading::Reading;
use greenlit_core::unread::Unread;
use greenlit_core::verdict::Verdict;
use greenlit_front::{BEEP, Note, codes, is_read_otherwise, melody};
use greenlit_qr::{ColourReader, Hint, Joiner, LiveReader, LumaFrame};
use greenlit_schemes::judge;
use greenlit_sync::SyncError;
use greenlit_words::Language;

use crate::kept::{self, KeptError};
use crate::replay::{Fetched, Step};
use crate::screen::{self, Screen};

/// How long a frame may be looked at: the next one is worth more.
const FRAME_BUDGET: Duration = Duration::from_millis(40);
/// The same for a picture that somebody chose.
const PICTURE_BUDGET: Duration = Duration::from_millis(3_000);

/// When something happens, by both clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Milliseconds of a clock that goes only forward.
    pub steady: u64,
    /// The time of day.
    pub now: UnixTime,
}

/// Where the phone is used, and how it speaks.
#[derive(Clone, Debug, Default)]
pub struct Place {
    /// The language of its staff.
    pub language: Language,
    /// The types of place it is; every one where empty.
    pub sites: Vec<VenueKind>,
    /// How answers are heard.
    pub sounds: Sounds,
}

/// When there is a sound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sounds {
    /// Never.
    Off,
    /// The same for every answer.
    #[default]
    Beep,
    /// Each answer by its own melody.
    Tones,
}

/// What a finger, the system or the camera does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Touch {
    Tick,
    Dismiss,
    Mismatch,
    UndoMismatch,
    Press,
    Release,
    Show,
    Hide,
    CameraOn,
    CameraOff,
}

/// What follows from it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// A new answer, by its name, for whoever feels more than hears.
    pub announced: Option<&'static str>,
    /// What is heard.
    pub notes: &'static [Note],
    /// The next frame is to be handed in so many milliseconds after this one, and not before.
    pub pause: u64,
    /// [`Touch::Tick`] is due at this time of the steady clock.
    pub deadline: Option<u64>,
    /// What was seen of an authority's root, while one is looked for.
    pub root: RootSeen,
}

/// What is seen of an authority's root.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum RootSeen {
    /// Nothing yet, or none is looked for.
    #[default]
    Nothing,
    /// A code that says it is one: to be offered.
    Code(Vec<u8>),
    /// The picture that was chosen holds none.
    NoneInPicture,
}

/// An authority that might be trusted: for whoever compares its fingerprint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Its name.
    pub authority: String,
    /// Its fingerprint, in groups.
    pub fingerprint: String,
    /// Whose data would be deleted.
    pub instead_of: Option<String>,
    /// Its passes prove nothing.
    pub is_practice: bool,
}

/// Why there is no offer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum Refusal {
    #[error(transparent)]
    Code(#[from] root_code::RootCodeError),
    #[error("the root {0}")]
    Document(#[from] DocumentError),
    #[error("it is trusted already")]
    Already,
    #[error("a newer root of the authority that is trusted: renewal leads there")]
    Later,
    #[error("an older root of the authority that is trusted")]
    Older,
    #[error("nothing was offered")]
    Nothing,
}

/// The till.
pub struct Till {
    build_date: UnixTime,
    trust: TrustState,
    place: Place,
    scanner: Scanner<Hint, Keyed>,
    layouts: Layouts,
    burst: Burst<()>,
    reader: LiveReader,
    colour_reader: ColourReader,
    joiner: Joiner,
    offered: Option<Root>,
    looks_for_root: bool,
    fetched: Option<Fetched>,
}

impl Till {
    /// A till that trusts nobody yet. By the key what is remembered of passes means nothing elsewhere.
    pub fn new(key: [u8; 32], build_date: UnixTime) -> Self {
        let layouts = Layouts::default();
        Self {
            build_date,
            trust: TrustState::empty(build_date),
            place: Place::default(),
            scanner: Scanner::new(Timing::default(), Keyed(key)),
            burst: Burst::new(layouts.starts()),
            layouts,
            reader: LiveReader::new(),
            colour_reader: ColourReader::default(),
            joiner: Joiner::default(),
            offered: None,
            looks_for_root: false,
            fetched: None,
        }
    }

    /// When this program was built, as the build says.
    pub fn build_date() -> UnixTime {
        env!("GREENLIT_BUILD_DATE").parse().ok().and_then(UnixTime::new).unwrap_or(UnixTime::MAX)
    }

    /// What is judged by.
    pub fn trust(&self) -> &TrustState {
        &self.trust
    }

    /// Where it stands, and how it speaks, from now on.
    pub fn set_place(&mut self, place: Place) {
        self.place = place;
    }

    /// Goes on with what was kept. Each document is opened again.
    ///
    /// # Errors
    /// If it is nothing that [`Till::kept`] makes: then nobody is trusted, as at first.
    pub fn restore(&mut self, bytes: &[u8]) -> Result<(), KeptError> {
        self.trust = kept::read(bytes, self.build_date)?;
        Ok(())
    }

    /// Takes over what another page of this till has kept, if it is of the same authority and falls behind in nothing;
    /// whether it did.
    pub fn adopt(&mut self, bytes: &[u8]) -> bool {
        let Ok(mut other) = kept::read(bytes, self.build_date) else { return false };
        let same = other.anchor().map(Root::fingerprint) == self.trust.anchor().map(Root::fingerprint);
        let takes = same && !falls_behind(&other, &self.trust);
        if takes {
            // Each page has noted the time by the same clock.
            other.set_latest(self.trust.latest());
            self.trust = other;
        }
        takes
    }

    /// Whether what this page has falls behind what another one has kept, or is of another authority: it is not to be kept
    /// instead.
    pub fn is_behind(&self, bytes: &[u8]) -> bool {
        let Ok(other) = kept::read(bytes, self.build_date) else { return false };
        let whose = other.anchor().map(Root::fingerprint);
        whose.is_some() && (whose != self.trust.anchor().map(Root::fingerprint) || falls_behind(&self.trust, &other))
    }

    /// What is to be kept for the next start.
    pub fn kept(&self) -> Vec<u8> {
        kept::write(&self.trust)
    }

    /// Notes the time, if that is worth keeping.
    pub fn note_time(&mut self, now: UnixTime) -> bool {
        let noted = self.trust.worth_noting(now);
        if noted.is_some() {
            self.trust.set_latest(noted);
        }
        noted.is_some()
    }

    /// Whether the camera looks for an authority's root, and judges nothing.
    pub fn look_for_root(&mut self, looks: bool) {
        self.looks_for_root = looks;
    }

    /// Whom a root would have this till trust: the bytes of its file, or the text of its code.
    ///
    /// # Errors
    /// If it is no root, or there is nothing to gain from it.
    pub fn offer(&mut self, bytes: &[u8]) -> Result<Offer, Refusal> {
        self.offered = None;
        let decoded = root_code::is_meant(bytes).then(|| root_code::read(bytes)).transpose()?;
        let root = Root::verify_anchor(decoded.as_deref().unwrap_or(bytes))?;
        let language = self.place.language.tag();
        let instead_of = match self.trust.relation(&root) {
            Relation::First => None,
            Relation::Anchor | Relation::InForce => return Err(Refusal::Already),
            Relation::Later => return Err(Refusal::Later),
            Relation::Older => return Err(Refusal::Older),
            Relation::Another => self.trust.anchor().map(|held| held.authority.get(language).to_owned()),
        };
        let offer = Offer {
            authority: root.authority.get(language).to_owned(),
            fingerprint: root.fingerprint().to_string(),
            instead_of,
            is_practice: root.demo,
        };
        self.offered = Some(root);
        Ok(offer)
    }

    /// Trusts the root that was offered: somebody has compared its fingerprint.
    ///
    /// # Errors
    /// If nothing was offered.
    pub fn trust_offered(&mut self, at: Moment) -> Result<(), Refusal> {
        let root = self.offered.take().ok_or(Refusal::Nothing)?;
        self.trust = TrustState::anchored(root, self.build_date);
        self.looks_for_root = false;
        self.scanner.handle(at.steady, Event::Rejudge);
        Ok(())
    }

    /// Begins a sync.
    pub fn begin_sync(&mut self) {
        self.fetched = Some(Fetched::default());
    }

    /// Takes a file that was fetched; none where the server has none, or the reason why it was not reached.
    pub fn take_file(&mut self, name: &str, file: Result<Option<Vec<u8>>, String>) {
        if let Some(fetched) = &mut self.fetched {
            match file {
                Ok(bytes) => fetched.take(name.to_owned(), bytes),
                Err(why) => fetched.fail(name.to_owned(), why),
            }
        }
    }

    /// Goes on with the sync: what is still to be fetched; or, when it has ended, whether there is something new to be kept,
    /// with words for staff.
    pub fn sync(&mut self) -> SyncStep {
        let Some(fetched) = &mut self.fetched else {
            return SyncStep::Ended { changed: false, failed: false, words: String::new() };
        };
        let ended = match fetched.step(&self.trust) {
            Step::Fetch(files) => return SyncStep::Fetch(files),
            Step::Done(ended) => *ended,
        };
        let cut_off = fetched.was_cut_off();
        self.fetched = None;
        let say = |english| screen::say(self.place.language, english, &[]);
        match ended {
            Ok(outcome) => {
                let changed = outcome.changed();
                self.trust = outcome.trust;
                let words = say(if changed { "Done" } else { "Already up to date" });
                SyncStep::Ended { changed, failed: false, words }
            }
            Err(error) => SyncStep::Ended { changed: false, failed: true, words: say(told(&error, cut_off)) },
        }
    }

    /// What a text or code's bytes come to, without a screen.
    pub fn judge(&self, payload: &[u8], now: UnixTime) -> Verdict {
        judge(&self.trust, now).text(payload)
    }

    /// Where this till stands.
    pub fn venue(&self) -> Venue {
        Venue { sites: self.place.sites.clone(), own_percent: None }
    }

    /// A frame of the camera; and, asked for where it shows no code, the same in red and blue alone.
    pub fn frame(
        &mut self,
        frame: &LumaFrame,
        colours: impl FnOnce() -> Option<[LumaFrame; 2]>,
        at: Moment,
    ) -> Outcome {
        let look = self.scanner.look();
        let reading = self.reader.frame(frame, at.steady, FRAME_BUDGET);
        let symbols = match reading.symbols {
            none if none.is_empty() => {
                colours().map_or(none, |colours| self.colour_reader.frame(&colours, at.steady, FRAME_BUDGET))
            }
            symbols => symbols,
        };
        let mut read = codes(symbols, &mut self.joiner, at.steady, is_read_otherwise);
        let mut root = RootSeen::Nothing;
        if self.looks_for_root {
            let mut payloads = read.drain(..).map(|code| code.payload);
            root = payloads.find(|payload| root_code::is_meant(payload)).map_or(root, RootSeen::Code);
        }
        let judged = look.judge(read, &judge(&self.trust, at.now));
        let hint = reading.hint;
        Outcome { root, ..self.handle(Event::Frame { codes: judged, hint }, at) }
    }

    /// A picture that somebody chose; and, asked for where it shows no code, the same in other colours.
    pub fn picture<Others>(&mut self, frame: &LumaFrame, others: impl FnOnce() -> Others, at: Moment) -> Outcome
    where
        Others: IntoIterator<Item = LumaFrame>,
    {
        let read = |frame: &LumaFrame| {
            let symbols = greenlit_qr::read(frame, PICTURE_BUDGET).symbols;
            codes(symbols, &mut Joiner::default(), 0, is_read_otherwise)
        };
        let mut read = match read(frame) {
            none if none.is_empty() => others().into_iter().map(|frame| read(&frame)).find(|codes| !codes.is_empty()),
            codes => Some(codes),
        }
        .unwrap_or_default();
        if self.looks_for_root {
            let found = read.iter().position(|code| root_code::is_meant(&code.payload));
            let root = found.map_or(RootSeen::NoneInPicture, |at| RootSeen::Code(read.swap_remove(at).payload));
            return Outcome { root, ..Outcome::default() };
        }
        if read.is_empty() {
            return self.handle(Event::Unread(Unread::NoCode), at);
        }
        let judged = self.scanner.look().judge(read, &judge(&self.trust, at.now));
        self.handle(Event::Opened(judged), at)
    }

    /// What was chosen could not be read as a picture.
    pub fn no_picture(&mut self, at: Moment) -> Outcome {
        self.handle(Event::Unread(Unread::NotAPicture), at)
    }

    /// A key of a scanner that types, or a person's, who has no field to type in.
    pub fn key(&mut self, press: Press<'_>, repeat: bool, at: Moment) -> Outcome {
        let scan = self.burst.key(at.steady, press, repeat, ()).scan;
        self.scanned(scan, Event::Tick, at)
    }

    fn scanned(&mut self, scan: Option<Scan>, else_: Event<Hint>, at: Moment) -> Outcome {
        let outcome = match scan {
            Some(scan) => self.text(&scan, Event::Typed, at),
            None => self.handle(else_, at),
        };
        let deadline = [outcome.deadline, self.burst.deadline()].into_iter().flatten().min();
        Outcome { deadline, ..outcome }
    }

    /// What was chosen has more pixels than are unpacked.
    pub fn picture_too_large(&mut self, at: Moment) -> Outcome {
        self.handle(Event::Unread(Unread::PictureTooLarge), at)
    }

    /// A text that was pasted.
    pub fn pasted(&mut self, text: &str, at: Moment) -> Outcome {
        match Scan::pasted(text) {
            Ok(scan) => self.text(&scan, Event::Pasted, at),
            Err(why) => self.handle(Event::Unread(why), at),
        }
    }

    fn text(&mut self, scan: &Scan, event: fn(Judged) -> Event<Hint>, at: Moment) -> Outcome {
        let look = self.scanner.look();
        let by = judge(&self.trust, at.now);
        let event = match self.layouts.read(scan, &by) {
            Reading::Codes(codes) => event(look.judge(codes, &by)),
            Reading::Unread(why) => Event::Unread(why),
        };
        self.handle(event, at)
    }

    /// Something else happens.
    pub fn happened(&mut self, touch: Touch, at: Moment) -> Outcome {
        let event = match touch {
            Touch::Tick => Event::Tick,
            Touch::Dismiss => Event::Dismiss,
            Touch::Mismatch => Event::Mismatch,
            Touch::UndoMismatch => Event::UndoMismatch,
            Touch::Press => Event::Press,
            Touch::Release => Event::Release,
            Touch::Show => Event::Focus(true),
            Touch::Hide => Event::Focus(false),
            Touch::CameraOn => Event::Camera(true),
            Touch::CameraOff => Event::Camera(false),
        };
        let scan = self.burst.tick(at.steady).scan;
        self.scanned(scan, event, at)
    }

    /// What passes are judged by has changed.
    pub fn rejudge(&mut self, at: Moment) -> Outcome {
        self.handle(Event::Rejudge, at)
    }

    fn handle(&mut self, event: Event<Hint>, at: Moment) -> Outcome {
        let Effects { announced, unread, pause, deadline, .. } = self.scanner.handle(at.steady, event);
        let answer = announced.as_ref().and_then(|verdict| verdict.answer());
        let heard = answer.or(unread.then_some(greenlit_core::answer::Answer::CannotTell));
        let notes = match (self.place.sounds, heard) {
            (Sounds::Off, _) | (_, None) => &[],
            (Sounds::Beep, Some(_)) => BEEP,
            (Sounds::Tones, Some(answer)) => melody(answer),
        };
        let pause = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
        Outcome { announced: answer.map(|answer| answer.as_str()), notes, pause, deadline, ..Outcome::default() }
    }

    /// The holder's photo of the answer on the screen, if it is of a kind that every browser draws.
    pub fn photo(&mut self, steady: u64) -> Option<Photo> {
        screen::photo(self.scanner.view(steady))
    }

    /// What to show at this moment. `local` writes a moment, as a day or with its time.
    pub fn screen(&mut self, at: Moment, local: &dyn Fn(UnixTime, bool) -> String) -> Screen {
        let venue = self.venue();
        let shown = self.scanner.view(at.steady);
        let language = self.place.language;
        screen::of(shown, &screen::Standing { trust: &self.trust, venue: &venue, language, now: at.now, local })
    }
}

impl Refusal {
    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Code(error) => error.code(),
            Self::Document(_) => "not-a-root",
            Self::Already => "already",
            Self::Later => "later-root",
            Self::Older => "older-root",
            Self::Nothing => "nothing",
        }
    }
}

/// How a sync goes on, for a page.
#[derive(Debug, PartialEq, Eq)]
pub enum SyncStep {
    /// These are to be fetched, of at most so many bytes each.
    Fetch(Vec<(String, usize)>),
    /// It has ended.
    Ended {
        /// There is something new, to be kept.
        changed: bool,
        /// Nothing was taken, for a reason that somebody should know.
        failed: bool,
        /// What staff read.
        words: String,
    },
}

/// Whether a document of one is older than the other has seen.
fn falls_behind(one: &TrustState, other: &TrustState) -> bool {
    let (one, other) = (one.rollback_floor(), other.rollback_floor());
    let list_falls = other.lists.iter().any(|(id, at)| one.lists.get(id) < Some(at));
    one.root < other.root
        || one.root == other.root
            && (one.bundle < other.bundle || one.scheme_bundle < other.scheme_bundle || list_falls)
}

fn told(error: &SyncError, cut_off: bool) -> &'static str {
    match error {
        SyncError::Fetch(_) | SyncError::Incomplete { .. } if cut_off => {
            "Can't reach the server. This till keeps working with the data it has."
        }
        SyncError::NoBundle => "No trust data found there.",
        SyncError::Import(ImportError::NoAnchor) => "Add an authority first.",
        SyncError::Fetch(_) | SyncError::Incomplete { .. } => {
            "The server isn't providing the data. Contact the authority."
        }
        SyncError::Import(_) | SyncError::TooManyRoots => "Update rejected: it failed verification. Nothing changed.",
    }
}

/// A hasher with a key: that of the standard library takes its chance from the system, and a page has none.
#[derive(Clone, Debug)]
struct Keyed([u8; 32]);

impl BuildHasher for Keyed {
    type Hasher = DefaultHasher;

    fn build_hasher(&self) -> DefaultHasher {
        let mut hasher = DefaultHasher::new();
        hasher.write(&self.0);
        hasher
    }
}
