//! The window: the only file that names Slint. Snapshots go in, what people do comes out.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use slint::{ComponentHandle, Image, ModelRc, Rgb8Pixel, SharedPixelBuffer, SharedString, Timer, TimerMode, VecModel};

use greenlit::camera::CameraState;
use greenlit::luma::LumaFrame;
use greenlit::qr::Hint;
use greenlit::trust::Stage;

use crate::desk::{Choice, Desk, Listing, Message};
use crate::screen::{AnswerScreen, Page, Standing, time_of_day};
use crate::session::{Session, Snapshot, Source};

#[allow(
    missing_docs,
    unreachable_pub,
    clippy::all,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr
)]
mod ui {
    slint::include_modules!();
}

use ui::{App, Gate};

#[cfg(test)]
mod tests;

/// How often countdown and clock move on while no frame comes.
const TICK: Duration = Duration::from_millis(100);

/// Opens the window on this source of frames and stays until it is closed.
pub(crate) fn run(desk: Desk, source: Source) -> Result<(), Box<dyn std::error::Error>> {
    let window = open_with(desk, source, waker)?;
    CURRENT.with(|current| *current.borrow_mut() = Some(Rc::clone(&window)));
    let timer = Timer::default();
    timer.start(TimerMode::Repeated, TICK, refresh_current);
    let result = window.face.app.run();
    CURRENT.with(|current| current.borrow_mut().take());
    Ok(result?)
}

/// The window with its session running, not shown yet.
fn open_with<W: Fn() + Send + Sync + 'static>(
    desk: Desk,
    source: Source,
    waker: impl FnOnce(&App) -> W,
) -> Result<Rc<Window>, Box<dyn std::error::Error>> {
    let face = Face::new()?;
    let mut desk = desk;
    desk.keep_renewing();
    let wake = waker(&face.app);
    let voice = desk.voice();
    face.offer_sounds(voice.is_there());
    let mut session = Session::new(desk.trust(), desk.manners(), voice, source.timing, source.conditions, wake)?;
    session.watch(source.open);
    let window = Rc::new(Window {
        face,
        session: RefCell::new(session),
        desk: RefCell::new(desk),
        sheet: Cell::default(),
        in_front: Cell::new(true),
    });
    window.listen();
    window.face.show_desk(&window.desk.borrow());
    window.refresh();
    Ok(window)
}

thread_local! {
    /// The one window, for wake-ups that come from other threads.
    static CURRENT: RefCell<Option<Rc<Window>>> = const { RefCell::new(None) };
}

fn refresh_current() {
    let window = CURRENT.with(|current| current.borrow().clone());
    if let Some(window) = window {
        window.refresh();
    }
}

/// Asks the window's thread to look again; a request under way stands for all that come meanwhile,
/// so that a frame costs one update.
fn waker(app: &App) -> impl Fn() + Send + Sync + use<> {
    let (weak, pending) = (app.as_weak(), Arc::new(AtomicBool::new(false)));
    move || {
        if pending.swap(true, Ordering::AcqRel) {
            return;
        }
        let pending = Arc::clone(&pending);
        // Fails only when the window is gone.
        let _ = weak.upgrade_in_event_loop(move |_| {
            pending.store(false, Ordering::Release);
            refresh_current();
        });
    }
}

/// A page over the door's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Sheet {
    #[default]
    None,
    Settings,
    Browse,
}

/// The screens, told what is true now.
pub(crate) struct Face {
    pub(crate) app: App,
    /// The answer on the screen.
    last: RefCell<Option<AnswerScreen>>,
}

struct Window {
    face: Face,
    session: RefCell<Session>,
    desk: RefCell<Desk>,
    sheet: Cell<Sheet>,
    /// Before the other windows, as far as the system tells.
    in_front: Cell<bool>,
}

impl Window {
    fn refresh(&self) {
        if self.desk.borrow_mut().collect() {
            self.tell_desk();
        }
        let app = &self.face.app;
        let session = self.session.borrow();
        session.focus(self.in_front.get() && app.window().is_visible() && !app.window().is_minimized());
        let snapshot = session.snapshot();
        // Frames under another page are dropped: making pictures of them is most of what a frame costs.
        if let Some(frame) = session.take_preview()
            && snapshot.page == Page::Scan
            && self.sheet.get() == Sheet::None
        {
            self.face.show_preview(&frame);
        }
        // An answer comes before whatever sheet is open: nothing may block the next scan.
        if snapshot.answer.is_some() {
            self.sheet.set(Sheet::None);
        }
        self.face.show(&snapshot, self.sheet.get());
    }

    /// What the desk holds now goes to the door and to the screens.
    fn tell_desk(&self) {
        let desk = self.desk.borrow();
        let session = self.session.borrow();
        session.set_manners(desk.manners());
        session.set_trust(desk.trust());
        self.face.show_desk(&desk);
    }

    /// Does something at the desk, and shows what came of it everywhere.
    fn at_desk(&self, work: impl FnOnce(&mut Desk)) {
        work(&mut self.desk.borrow_mut());
        self.tell_desk();
        self.refresh();
    }

    fn open(&self, sheet: Sheet) {
        self.sheet.set(sheet);
        self.refresh();
    }

    /// The callbacks hold the window weakly, or it would keep itself alive.
    fn listen(self: &Rc<Self>) {
        let gate = self.face.app.global::<Gate>();
        let this = |work: fn(&Self)| {
            let window = Rc::downgrade(self);
            move || window.upgrade().iter().for_each(|window| work(window))
        };
        gate.on_dismiss(this(|w| {
            w.session.borrow().dismiss();
            w.refresh();
        }));
        gate.on_wake_up(this(|w| {
            w.session.borrow().come_back();
            w.refresh();
        }));
        gate.on_open_settings(this(|w| {
            // From an answer that is the data's fault: it would stay in front otherwise.
            w.session.borrow().dismiss();
            w.at_desk(Desk::come_to_settings);
            w.open(Sheet::Settings);
        }));
        gate.on_close_settings(this(|w| w.open(Sheet::None)));
        gate.on_browse_for_root(this(|w| {
            w.at_desk(|desk| desk.browse(true));
            w.open(Sheet::Browse);
        }));
        gate.on_browse_for_folder(this(|w| {
            w.at_desk(|desk| desk.browse(false));
            w.open(Sheet::Browse);
        }));
        gate.on_use_folder(this(|w| {
            w.at_desk(Desk::use_folder);
            w.open(Sheet::Settings);
        }));
        gate.on_trust_candidate(this(|w| {
            w.at_desk(Desk::trust_candidate);
            w.open(Sheet::Settings);
        }));
        gate.on_drop_candidate(this(|w| w.at_desk(Desk::drop_candidate)));
        gate.on_sync(this(|w| w.at_desk(Desk::sync)));
        let with = |work: fn(&Self, &str)| {
            let window = Rc::downgrade(self);
            move |text: SharedString| window.upgrade().iter().for_each(|window| work(window, &text))
        };
        gate.on_choose_language(with(|w, key| w.at_desk(|desk| desk.choose_language(key))));
        gate.on_toggle_site(with(|w, key| w.at_desk(|desk| desk.toggle_site(key))));
        gate.on_choose_sound(with(|w, key| w.at_desk(|desk| desk.choose_sound(key))));
        gate.on_open_entry(with(|w, path| w.at_desk(|desk| desk.open_entry(path))));
        gate.on_choose_camera(with(|w, key| {
            w.at_desk(|desk| desk.choose_camera(key));
            let open = w.desk.borrow().open_camera();
            w.session.borrow_mut().watch(open);
        }));
        let told = |work: fn(&Self, bool)| {
            let window = Rc::downgrade(self);
            move |is: bool| window.upgrade().iter().for_each(|window| work(window, is))
        };
        gate.on_hold(told(|w, pressed| w.session.borrow().hold(pressed)));
        gate.on_in_front(told(|w, in_front| w.in_front.set(in_front)));
    }
}

impl Face {
    /// A window that is not shown yet.
    pub(crate) fn new() -> Result<Self, slint::PlatformError> {
        Ok(Self { app: App::new()?, last: RefCell::default() })
    }

    /// Who is told of texts that do not fit where they stand.
    #[cfg(test)]
    pub(crate) fn on_clipped(&self, told: impl Fn(&str) + 'static) {
        self.app.global::<Gate>().on_clipped(move |text| told(&text));
    }

    /// Whether they are told from now on: not while a page is still finding its size.
    #[cfg(test)]
    pub(crate) fn check(&self, checking: bool) {
        self.app.global::<Gate>().set_checking(checking);
    }

    /// Whether anything of a guest is in the screens' hands.
    #[cfg(test)]
    pub(crate) fn tells_of_a_guest(&self) -> bool {
        use slint::Model;
        let gate = self.app.global::<Gate>();
        let texts = [gate.get_initials(), gate.get_document_digits(), gate.get_good_through()];
        texts.iter().any(|text| !text.is_empty()) || gate.get_birth_day() > 0 || gate.get_benefits().row_count() > 0
    }

    /// Whether there is a choice of sounds.
    pub(crate) fn offer_sounds(&self, can: bool) {
        self.app.global::<Gate>().set_can_sound(can);
    }

    /// What staff can choose, and how it stands.
    pub(crate) fn show_desk(&self, desk: &Desk) {
        speak(&desk.language());
        let gate = self.app.global::<Gate>();
        gate.set_languages(choices(desk.languages()));
        gate.set_sites(choices(desk.sites()));
        gate.set_sounds(choices(desk.sounds()));
        gate.set_cameras(choices(desk.cameras()));
        let (note, detail) = match desk.message() {
            Message::None => (ui::Note::Nothing, ""),
            Message::Busy => (ui::Note::Busy, ""),
            Message::Done => (ui::Note::Done, ""),
            Message::ChooseFolder => (ui::Note::ChooseFolder, ""),
            Message::NothingNewer => (ui::Note::NothingNewer, ""),
            Message::Failed(trouble) => (ui::Note::Failed, trouble.detail.as_str()),
        };
        gate.set_note(note);
        gate.set_note_detail(detail.into());
        gate.set_trouble(if let Message::Failed(trouble) = desk.message() { trouble.code } else { "" }.into());
        gate.set_renewed(desk.renewed().map(time_of_day).unwrap_or_default().into());
        show_listing(&gate, desk.listing());
    }

    /// Grey luma as the picture that Slint draws fastest.
    pub(crate) fn show_preview(&self, frame: &LumaFrame) {
        let gate = self.app.global::<Gate>();
        gate.set_preview(picture(frame));
        gate.set_has_preview(true);
    }

    /// The door as it is at this moment.
    pub(crate) fn show(&self, snapshot: &Snapshot, sheet: Sheet) {
        let gate = self.app.global::<Gate>();
        show_standing(&gate, &snapshot.standing);
        show_scan(&gate, snapshot);
        gate.set_remaining(snapshot.remaining);
        gate.set_paused(snapshot.paused);
        // Set again only on change: a model set anew builds its rows anew. Without an answer all is
        // wiped, so that what was said of a guest does not stay behind the next page.
        let mut last = self.last.borrow_mut();
        if *last != snapshot.answer {
            show_answer(&gate, &snapshot.answer.clone().unwrap_or_default());
            last.clone_from(&snapshot.answer);
        }
        gate.set_page(page(snapshot.page, sheet));
    }
}

/// Picks the language of all screens there are.
pub(crate) fn speak(language: &str) {
    // English is written in the screens themselves.
    let bundled = if language == "en" { "" } else { language };
    // A language that is not there leaves the words as they are.
    let _ = slint::select_bundled_translation(bundled);
}

fn choices(all: Vec<Choice>) -> ModelRc<ui::Choice> {
    let all = all.into_iter().map(|c| ui::Choice { name: c.name.into(), key: c.key.into(), chosen: c.chosen });
    ModelRc::new(VecModel::from_iter(all))
}

fn show_listing(gate: &Gate<'_>, listing: &Listing) {
    gate.set_folder(listing.folder.display().to_string().into());
    gate.set_browsing_for_root(listing.for_root);
    let entries = listing.entries.iter().map(|entry| ui::Entry {
        name: entry.name.as_str().into(),
        path: entry.path.display().to_string().into(),
        folder: entry.folder,
    });
    gate.set_entries(ModelRc::new(VecModel::from_iter(entries)));
    let (name, fingerprint) =
        listing.candidate.as_ref().map(|c| (c.name.as_str(), c.fingerprint.as_str())).unwrap_or_default();
    gate.set_candidate(name.into());
    gate.set_candidate_fingerprint(fingerprint.into());
}

fn picture(frame: &LumaFrame) -> Image {
    let (width, height) = (u32::try_from(frame.width()).unwrap_or(1), u32::try_from(frame.height()).unwrap_or(1));
    let mut buffer = SharedPixelBuffer::<Rgb8Pixel>::new(width, height);
    for (to, luma) in buffer.make_mut_slice().iter_mut().zip(frame.pixels()) {
        *to = Rgb8Pixel { r: *luma, g: *luma, b: *luma };
    }
    Image::from_rgb8(buffer)
}

fn show_scan(gate: &Gate<'_>, snapshot: &Snapshot) {
    gate.set_camera(match snapshot.camera {
        CameraState::Starting => ui::CameraState::Starting,
        CameraState::Ready => ui::CameraState::Ready,
        CameraState::NoCamera => ui::CameraState::None,
        CameraState::Unusable => ui::CameraState::Unusable,
        CameraState::Busy => ui::CameraState::Busy,
        CameraState::Stalled => ui::CameraState::Stalled,
        CameraState::Gone => ui::CameraState::Gone,
        CameraState::Dark => ui::CameraState::Dark,
    });
    let (kind, host) = snapshot.notice.clone().unwrap_or_default();
    gate.set_notice(match kind {
        "" => ui::OtherCode::Nothing,
        "gosuslugi" => ui::OtherCode::Gosuslugi,
        "link" => ui::OtherCode::Link,
        "payment" => ui::OtherCode::Payment,
        "wifi" => ui::OtherCode::Wifi,
        "contact" => ui::OtherCode::Contact,
        "other-certificate" => ui::OtherCode::OtherCertificate,
        _ => ui::OtherCode::Text,
    });
    gate.set_notice_host(host.into());
    gate.set_reading(snapshot.reading);
    gate.set_hint(match snapshot.hint {
        None => ui::Hint::Nothing,
        Some(Hint::ComeCloser) => ui::Hint::Closer,
        Some(Hint::HoldStill) => ui::Hint::Still,
        Some(Hint::TooMuchGlare) => ui::Hint::Glare,
        Some(Hint::MakeScreenBrighter) => ui::Hint::Brighter,
        Some(Hint::ShowWholeCode) => ui::Hint::Whole,
    });
}

fn page(page: Page, sheet: Sheet) -> ui::Page {
    match (sheet, page) {
        (_, Page::Valid) => ui::Page::Valid,
        (_, Page::Refused) => ui::Page::Refused,
        (_, Page::NotGenuine) => ui::Page::NotGenuine,
        (_, Page::CannotTell) => ui::Page::CannotTell,
        (Sheet::Settings, _) => ui::Page::Settings,
        (Sheet::Browse, _) => ui::Page::Browse,
        (Sheet::None, Page::OneAtATime) => ui::Page::OneAtATime,
        (Sheet::None, Page::Cleared) => ui::Page::Cleared,
        (Sheet::None, Page::Scan) => ui::Page::Scan,
    }
}

fn show_standing(gate: &Gate<'_>, standing: &Standing) {
    gate.set_trust_age(match standing.age {
        Stage::None => ui::TrustAge::None,
        Stage::Fresh => ui::TrustAge::Fresh,
        Stage::Soon => ui::TrustAge::Soon,
        Stage::Stale => ui::TrustAge::Stale,
        Stage::Expired => ui::TrustAge::Expired,
        Stage::ClockBehind => ui::TrustAge::ClockBehind,
    });
    gate.set_trust_until(standing.until.as_str().into());
    gate.set_clock(standing.clock.as_str().into());
    gate.set_site(standing.sites.first().map(String::as_str).unwrap_or_default().into());
    gate.set_more_sites(i32::try_from(standing.sites.len().saturating_sub(1)).unwrap_or(0));
    gate.set_authority(standing.authority.as_str().into());
    gate.set_fingerprint(standing.fingerprint.as_str().into());
    gate.set_demo(standing.demo);
}

fn show_answer(gate: &Gate<'_>, answer: &AnswerScreen) {
    gate.set_code(answer.code.into());
    gate.set_moment(answer.moment.as_str().into());
    let lines = answer.benefits.iter().map(|line| ui::BenefitLine {
        kind: line.kind.as_str().into(),
        amount: line.amount.as_str().into(),
        words: line.words.as_str().into(),
        own_offer: line.own_offer,
    });
    gate.set_benefits(ModelRc::new(VecModel::from_iter(lines)));
    gate.set_more_benefits(answer.more_benefits);
    gate.set_good_through(answer.good_through.as_str().into());
    gate.set_issuer(answer.issuer.as_str().into());
    gate.set_initials(answer.initials.as_str().into());
    gate.set_birth_day(answer.birth_day);
    gate.set_birth_month(answer.birth_month);
    gate.set_document_kind(answer.document_kind);
    gate.set_document_digits(answer.document_digits.as_str().into());
    gate.set_specimen(answer.specimen);
}
