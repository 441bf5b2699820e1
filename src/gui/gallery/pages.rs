//! Every page there is, with the longest that is to be expected on it.

use greenlit_camera::CameraState;
use greenlit_camera::film::{Film, SceneTiming};
use greenlit_camera::pace::AtEnd;
use greenlit_core::answer::Code;
use greenlit_core::pass::NotAPass;
use greenlit_core::scheme::{Photo, PhotoFormat, Scheme};
use greenlit_core::trust::{Documents, Freshness};
use greenlit_core::unread::Unread;
use greenlit_qr::Hint;
use greenlit_qr::encode::QrPicture;
use greenlit_testkit::fixture::{Authority, key_set};
use greenlit_ui as ui;

use super::*;
use crate::clock::Clock;
use crate::config::pin::PinHash;
use crate::config::site_file::SiteFile;
use crate::config::till::{StoreTrouble, Till};
use crate::gui::settings_controller::date::ClockSetStatus;
use crate::gui::settings_controller::{PinPurpose, PinStatus};
use crate::session::view_model::{ClockView, Line};

pub(super) fn standing() -> Footer {
    Footer {
        age: Freshness::Fresh,
        until: "06.12.2026 23:59".into(),
        clock: "14:05".into(),
        date: "22.11.2026".into(),
        sites: vec!["hotel".into()],
        authority: "Демонстрационное ведомство".into(),
        fingerprint: "252c 9276 c57e 9311 cbe7 70d8 6753 5059 d7b1 1222 0ae0 3ec7 f01d b39b b4eb 038f".into(),
        demo: true,
        name: String::new(),
        unwritable: false,
        clock_moved: None,
        trouble: None,
    }
}

pub(super) fn line(kind: &str, amount: &str, words: &str) -> Line {
    Line { kind: kind.into(), amount: amount.into(), words: words.into(), own_offer: kind == "discount" }
}

/// The longest that is to be expected of each part.
pub(super) fn answer(code: Code) -> AnswerView {
    let page = match code.answer() {
        greenlit_core::answer::Answer::Valid => Page::Valid,
        greenlit_core::answer::Answer::Refused => Page::Refused,
        greenlit_core::answer::Answer::NotGenuine => Page::NotGenuine,
        greenlit_core::answer::Answer::CannotTell => Page::CannotTell,
    };
    let mut answer = AnswerView { page, code: code.as_str(), ..AnswerView::default() };
    if matches!(code, Code::Expired | Code::NotYetValid) {
        answer.moment = "22.12.2026".into();
    }
    if code == Code::Ok {
        answer.benefits = vec![
            line("discount", "−15 %", "Скидка на проживание (пример)"),
            line("exemption", "", "Соблюдать дистанцию не нужно"),
            line("reminder", "", "Маска обязательна"),
        ];
        answer.good_through = "23.11.2027".into();
        answer.issuer = "Министерство здравоохранения".into();
        answer.initials = "З. И. Б.".into();
        (answer.birth_day, answer.birth_month) = (9, 5);
        (answer.document_kind, answer.document_digits) = (1, "5678".into());
    }
    answer
}

pub(super) fn scan(camera: CameraState) -> GalleryPage {
    let snapshot = Snapshot { camera, ..scan_page(standing()) };
    GalleryPage { name: format!("scan-{}", camera.code()), snapshot, sheet: Overlay::None, preview: None }
}

/// The page of an answer.
pub(super) fn answer_page(code: Code) -> GalleryPage {
    let answer = answer(code);
    let snapshot = Snapshot { page: answer.page, answer: Some(answer), ..scan(CameraState::Ready).snapshot };
    // Two answers go by `KEY`.
    let name = if code == Code::AnotherEvent { "another-event".into() } else { code.as_str().to_lowercase() };
    GalleryPage { name, snapshot, ..scan(CameraState::Ready) }
}

/// The green of each scheme, with the longest that is to be expected of it.
fn scheme_pages() -> Vec<GalleryPage> {
    let page = |scheme: Scheme| {
        let mut answer = answer(Code::Ok);
        answer.scheme = scheme.as_str();
        answer.benefits.truncate(2);
        (answer.good_through, answer.document_digits) = (String::new(), String::new());
        (answer.birth_day, answer.birth_month) = (0, 0);
        let (issuer, initials) = match scheme {
            Scheme::Pretix => ("Фестиваль «Сердце Евразии»", ""),
            Scheme::Hcert => ("Deutschland", "M. M."),
            Scheme::Claim169 => ("Republic of the Philippines", "J. D. L. C."),
            Scheme::Aadhaar => ("UIDAI", "R. K."),
            Scheme::TwoDDoc => ("Ministère de l’Enseignement supérieur", "A. S."),
        };
        (answer.issuer, answer.initials) = (issuer.into(), initials.into());
        match scheme {
            Scheme::Pretix => answer.good_through = "23.11.2026".into(),
            Scheme::Hcert | Scheme::TwoDDoc => (answer.birth_day, answer.birth_month) = (9, 5),
            Scheme::Claim169 | Scheme::Aadhaar => {
                answer.photo = Some(portrait());
                (answer.document_kind, answer.document_digits) = (4, "5678".into());
            }
        }
        let snapshot = Snapshot { page: Page::Valid, answer: Some(answer), ..scan(CameraState::Ready).snapshot };
        GalleryPage { name: format!("ok-{scheme}"), snapshot, ..scan(CameraState::Ready) }
    };
    Scheme::ALL.into_iter().map(page).collect()
}

/// A drawn face, of the size that passes hold.
fn portrait() -> Photo {
    let inside = |x: u32, y: u32, (cx, cy): (i64, i64), (rx, ry): (i64, i64)| {
        let (dx, dy) = (i64::from(x) - cx, i64::from(y) - cy);
        dx * dx * ry * ry + dy * dy * rx * rx <= rx * rx * ry * ry
    };
    let picture = image::RgbImage::from_fn(160, 200, |x, y| {
        image::Rgb(match (x, y) {
            (x, y) if inside(x, y, (62, 92), (6, 5)) || inside(x, y, (98, 92), (6, 5)) => [60, 45, 40],
            (x, y) if inside(x, y, (80, 130), (16, 4)) => [165, 80, 75],
            (x, y) if inside(x, y, (80, 100), (42, 54)) => [226, 180, 150],
            (x, y) if inside(x, y, (80, 82), (52, 62)) => [70, 50, 40],
            (x, y) if inside(x, y, (80, 220), (74, 66)) => [70, 95, 140],
            _ => [205, 215, 225],
        })
    });
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    Photo { format: PhotoFormat::Png, bytes: bytes.into_inner() }
}

/// Nothing held up.
pub(super) fn at_rest(sheet: Overlay) -> GalleryPage {
    GalleryPage { sheet, ..scan(CameraState::Ready) }
}

pub(super) fn every_page() -> Vec<GalleryPage> {
    let plain = || scan(CameraState::Ready);
    let mut all = vec![plain()];
    for code in Code::ALL.iter().filter(|code| **code != Code::Camera) {
        all.push(answer_page(*code));
    }
    let specimen = AnswerView { specimen: true, issuer: standing().authority, ..answer(Code::ClassNotHonoured) };
    let snapshot = Snapshot { page: Page::Refused, answer: Some(specimen), ..plain().snapshot };
    all.push(GalleryPage { name: "specimen".into(), snapshot, ..plain() });
    let mut full = answer(Code::Ok);
    full.benefits.insert(1, line("exemption", "", "Самоизоляция после поездки не нужна"));
    (full.more_benefits, full.issuer) = (3, "Министерство здравоохранения Республики Башкортостан".into());
    let snapshot = Snapshot { page: Page::Valid, answer: Some(full), ..plain().snapshot };
    all.push(GalleryPage { name: "ok-full".into(), snapshot, ..plain() });
    all.extend(scheme_pages());
    for (name, page) in [("one-at-a-time", Page::OneAtATime), ("cleared", Page::Cleared), ("mismatch", Page::Mismatch)]
    {
        all.push(GalleryPage { name: name.into(), snapshot: Snapshot { page, ..plain().snapshot }, ..plain() });
    }
    for (at, unread) in every_unread().into_iter().enumerate() {
        for age in [Freshness::Fresh, Freshness::Stale] {
            let standing = Footer { age, ..standing() };
            let snapshot = Snapshot { page: Page::Unread, unread: Some(unread.clone()), standing, ..plain().snapshot };
            all.push(GalleryPage { name: format!("unread-{at}-{}", age.as_str()), snapshot, ..plain() });
        }
    }
    let states = [CameraState::Starting, CameraState::NoCamera, CameraState::Busy, CameraState::Stalled];
    all.extend(states.into_iter().chain([CameraState::Disconnected, CameraState::Dark]).map(scan));
    let of_several = ["one-of-several", "in-several-codes"];
    for kind in
        ["gosuslugi", "link", "payment", "wifi", "contact", "other-certificate", "text"].into_iter().chain(of_several)
    {
        let host = if kind == "link" { "a-rather-long-name.of-a-host.example".into() } else { String::new() };
        let snapshot = Snapshot { notice: Some((kind, host)), ..plain().snapshot };
        all.push(GalleryPage { name: format!("notice-{kind}"), snapshot, ..plain() });
    }
    for scheme in Scheme::ALL {
        let snapshot = Snapshot { notice: Some(("of-scheme", scheme.as_str().into())), ..plain().snapshot };
        all.push(GalleryPage { name: format!("notice-{scheme}"), snapshot, ..plain() });
    }
    let snapshot = Snapshot { notice: Some(("online-only", Scheme::Pretix.as_str().into())), ..plain().snapshot };
    all.push(GalleryPage { name: "notice-online-only".into(), snapshot, ..plain() });
    for hint in [Hint::ComeCloser, Hint::HoldStill, Hint::TooMuchGlare, Hint::MakeScreenBrighter, Hint::ShowWholeCode] {
        let snapshot = Snapshot { hint: Some(hint), ..plain().snapshot };
        all.push(GalleryPage { name: format!("hint-{hint:?}"), snapshot, ..plain() });
    }
    for age in [Freshness::None, Freshness::Soon, Freshness::Stale, Freshness::Expired, Freshness::ClockBehind] {
        let snapshot = Snapshot { standing: Footer { age, ..standing() }, ..plain().snapshot };
        all.push(GalleryPage { name: format!("age-{}", age.as_str()), snapshot, ..plain() });
        for code in [Code::Ok, Code::Expired, Code::Signature] {
            let (answer, standing) = (answer(code), Footer { age, ..standing() });
            let snapshot = Snapshot { page: answer.page, answer: Some(answer), standing, ..plain().snapshot };
            all.push(GalleryPage {
                name: format!("{}-{}", code.as_str().to_lowercase(), age.as_str()),
                snapshot,
                ..plain()
            });
        }
    }
    let snapshot = Snapshot { page: Page::Mismatch, undoable: true, ..plain().snapshot };
    all.push(GalleryPage { name: "mismatch-undoable".into(), snapshot, ..plain() });
    let snapshot = Snapshot { checked: true, ..plain().snapshot };
    all.push(GalleryPage { name: "checked".into(), snapshot, ..plain() });
    let snapshot = Snapshot { standing: Footer { unwritable: true, ..standing() }, ..plain().snapshot };
    all.push(GalleryPage { name: "unwritable".into(), snapshot, ..plain() });
    for (name, seconds) in [("forward", 10_800), ("back", -90_000_i64)] {
        let standing = Footer { clock_moved: Some(seconds), ..standing() };
        all.push(GalleryPage {
            name: format!("clock-{name}"),
            snapshot: Snapshot { standing, ..plain().snapshot },
            ..plain()
        });
    }
    for (name, trouble) in [("busy", StoreTrouble::Busy), ("unreadable", StoreTrouble::Unreadable)] {
        let trouble = Some(trouble);
        let standing = Footer { age: Freshness::None, until: String::new(), sites: Vec::new(), trouble, ..standing() };
        let snapshot = Snapshot { standing: standing.clone(), ..plain().snapshot };
        all.push(GalleryPage { name: format!("store-{name}"), snapshot, ..plain() });
        let answer = answer(Code::NoTrust);
        let snapshot = Snapshot { page: answer.page, answer: Some(answer), standing, ..plain().snapshot };
        all.push(GalleryPage { name: format!("TRU-store-{name}"), snapshot, ..plain() });
    }
    all.push(GalleryPage { name: "settings".into(), sheet: Overlay::Settings, ..plain() });
    all.push(GalleryPage { name: "browse".into(), sheet: Overlay::Browse, ..plain() });
    all
}

/// The footer with the longest that may stand in it.
pub(super) fn at_many_sites() -> GalleryPage {
    let sites = ["employer-education", "hotel", "resort"].map(Into::into).into();
    let standing = Footer { sites, unwritable: true, ..standing() };
    let snapshot = Snapshot { standing, ..scan(CameraState::Ready).snapshot };
    GalleryPage { name: "many-sites".into(), snapshot, ..scan(CameraState::Ready) }
}

/// Every reason why what was typed, pasted or opened has no answer.
pub(super) fn every_unread() -> Vec<Unread> {
    let host = "a-rather-long-name.of-a-host.example".into();
    vec![
        Unread::Again,
        Unread::Half,
        Unread::TooLong,
        Unread::ControlKeys,
        Unread::TwoAtOnce,
        Unread::CapsLock { layout: "ru(bak)", keys: ['$', '4'] },
        Unread::SameKeys { layout: "kz(latin)", keys: ['%', 'W'] },
        Unread::LostKeys { layout: "us(dvorak-intl)", key: ' ' },
        Unread::NotAPass(NotAPass::Link { host }),
        Unread::NotAPass(NotAPass::Gosuslugi),
        Unread::NotAPass(NotAPass::OtherCertificate),
        Unread::NotAPass(NotAPass::OfScheme(Scheme::Claim169)),
        Unread::NothingToPaste,
        Unread::NoCode,
        Unread::NotAPicture,
        Unread::PictureTooLarge,
        Unread::PictureDamaged,
        Unread::FileUnreadable,
    ]
}

/// Dials with every weekday and month, and with all that is said below them.
pub(super) fn every_clock() -> Vec<(ClockView, ClockSetStatus)> {
    let clock = ClockView {
        texts: ["28", "08", "2026", "20", "48"].map(Into::into),
        field: 0,
        weekday: 3,
        month: 9,
        early: false,
        earliest: "22.11.2026 14:06".into(),
        zone: "UTC+05:00".into(),
        network: false,
    };
    let mut all = Vec::new();
    for month in 1..=12 {
        let (weekday, field) = (month % 7 + 1, usize::try_from(month).unwrap() % 5);
        all.push((ClockView { weekday, month, field, ..clock.clone() }, ClockSetStatus::Open));
    }
    all.push((ClockView { early: true, ..clock.clone() }, ClockSetStatus::Open));
    all.push((ClockView { early: true, ..clock.clone() }, ClockSetStatus::TooEarly));
    all.push((clock.clone(), ClockSetStatus::Busy));
    all.push((clock.clone(), ClockSetStatus::Kept));
    all.push((ClockView { network: true, ..clock }, ClockSetStatus::Open));
    all
}

/// A till whose organisation has chosen everything, with the longest address that is to be expected.
pub(super) fn managed() -> (tempfile::TempDir, SettingsController) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("site.toml");
    let source = "https://a-rather-long-name.of-a-host.example/of/the/ministry/greenlit/published";
    let text = format!(
        "sites = [\"hotel\", \"resort\"]\nlanguage = \"ru\"\nsound = \"beep\"\nsource = \"{source}\"\nkiosk = true\npin-hash = \"{}\"\n",
        PinHash::new("0000").unwrap()
    );
    std::fs::write(&path, text).unwrap();
    let till = Till::with(folder.path().join("till"), SiteFile::read(Some(path)), Clock::practice());
    (folder, SettingsController::new(till))
}

/// A till with nothing in it, and what keeps its folder alive.
pub(super) fn practice_till() -> (tempfile::TempDir, SettingsController) {
    let folder = tempfile::tempdir().unwrap();
    let till = Till::practice(folder.path().join("till"));
    (folder, SettingsController::new(till))
}

/// A till that trusts one authority, where somebody has opened the root of another.
pub(super) fn at_another_authority() -> (tempfile::TempDir, SettingsController) {
    let folder = tempfile::tempdir().unwrap();
    let till = Till::practice(folder.path().join("till"));
    till.store_to_write().unwrap().save(&Authority::new().anchored(), &Documents::default()).unwrap();
    let mut other = Authority::new().root(|root| root.root_keys = key_set(&[91, 92, 93], 2));
    other.roots[0].1 = vec![91, 92];
    let path = folder.path().join("root-1.cbor");
    std::fs::write(&path, other.signed_root(0)).unwrap();
    let mut controller = SettingsController::new(till);
    controller.browse(Wanted::Root);
    controller.open_entry(&path.display().to_string());
    assert!(controller.listing().candidate.as_ref().is_some_and(|candidate| candidate.instead_of.is_some()));
    (folder, controller)
}

/// Every page of the set-up.
pub(super) const EVERY_STEP: [(ui::SetupStep, bool); 6] = [
    (ui::SetupStep::Language, false),
    (ui::SetupStep::Place, false),
    (ui::SetupStep::Authority, false),
    (ui::SetupStep::Data, false),
    (ui::SetupStep::Camera, false),
    (ui::SetupStep::Camera, true),
];

/// Whatever the page of the PIN may say.
pub(super) const EVERY_PIN: [(PinPurpose, PinStatus, usize); 9] = [
    (PinPurpose::Unlock, PinStatus::Asked, 2),
    (PinPurpose::Unlock, PinStatus::Busy, 0),
    (PinPurpose::Unlock, PinStatus::Wrong, 0),
    (PinPurpose::Unlock, PinStatus::Wait(300), 12),
    (PinPurpose::Unlock, PinStatus::Unusable, 0),
    (PinPurpose::Choose, PinStatus::Asked, 0),
    (PinPurpose::Choose, PinStatus::TooShort, 3),
    (PinPurpose::Choose, PinStatus::Differ, 0),
    (PinPurpose::Repeat, PinStatus::Asked, 4),
];

pub(super) fn held_up() -> LumaFrame {
    let text = format!("GL1:{}", "GREENLIT".repeat(25));
    let png = QrPicture::new(&text).unwrap().to_png(6).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("code.png");
    std::fs::write(&path, png).unwrap();
    let code = greenlit_camera::picture::read(&path).unwrap();
    let mut film = Film::new(vec![code], 7, SceneTiming::default(), AtEnd::Stop, true).unwrap();
    film.frame(60).unwrap()
}

/// With the authority's words in English, where English is spoken.
pub(super) fn spoken(sight: &GalleryPage, language: &str) -> GalleryPage {
    let mut snapshot = sight.snapshot.clone();
    if let Some(answer) = snapshot.answer.as_mut().filter(|answer| language == "en" && !answer.benefits.is_empty()) {
        answer.benefits = vec![
            line("discount", "−15 %", "Discount on your stay (sample figure)"),
            line("exemption", "", "No need to keep your distance"),
            line("reminder", "", "A mask is still required"),
        ];
        answer.issuer = "Ministry of Health".into();
    }
    GalleryPage { name: sight.name.clone(), snapshot, sheet: sight.sheet, preview: None }
}
