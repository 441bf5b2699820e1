//! The screens are as they were: those of the documentation pixel by pixel, and every page in every language,
//! light and dark, as a coarse picture of it.
//!
//! `GREENLIT_DRAW=1 cargo test --release screens` draws them anew, and `GREENLIT_PICTURES=FOLDER` beside it keeps
//! every page as it was drawn: look at them.

use std::collections::BTreeMap;

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{Rgb, RgbImage};

use greenlit_core::trust::Freshness;

use super::pages::*;
use greenlit_ui as ui;

use super::tests::desk::{EVERY_PLACE, booking, in_stay, lessons, named_place, show_entries};
use super::tests::keep;
use super::tests::shift::every_shift;
use super::*;
use crate::gui::settings_controller::date::ClockSetStatus;
use crate::gui::settings_controller::{PinPurpose, PinStatus};
use crate::gui::shift::ShiftView;
use crate::session::view_model::ClockView;

/// Of a picture of the documentation, how many pixels in a thousand may differ: arithmetic is not the same everywhere.
const TOLERANCE: usize = 5;
/// What a coarse pixel may differ by, and how many of a page may differ by more.
const NEAR: u8 = 2;
const FAR: usize = 1;
/// Coarse pictures beside each other in a sheet of them.
const ACROSS: u32 = 8;
/// Each size, and how many pixels one coarse pixel is the mean of, across and down.
const COARSE: [((u32, u32), u32); 3] = [((1_024, 600), 20), ((360, 800), 12), ((320, 240), 8)];

fn save(picture: &RgbImage, path: &Path) {
    // They are part of every clone: small, whatever it takes.
    let file = std::fs::File::create(path).unwrap();
    let encoder = PngEncoder::new_with_quality(file, CompressionType::Best, FilterType::Adaptive);
    picture.write_with_encoder(encoder).unwrap();
}

fn is_drawn_anew() -> bool {
    std::env::var_os("GREENLIT_DRAW").is_some()
}

fn named() -> BTreeMap<String, GalleryPage> {
    every_page().into_iter().map(|sight| (sight.name.clone(), sight)).collect()
}

#[test]
fn the_screens_of_the_documentation_are_as_they_were() {
    let studio = OffscreenRenderer::new().unwrap();
    let (_folder, mut controller) = practice_till();
    let preview = held_up();
    let mut wanted: Vec<(&str, &str, (u32, u32))> = Vec::new();
    for name in [
        "scan-ready",
        "ok",
        "ok-full",
        "exp",
        "sig",
        "old",
        "ok-stale",
        "age-soon",
        "one-at-a-time",
        "scan-no-camera",
        "settings",
    ] {
        wanted.extend([("ru", name, (1_024, 600)), ("ru", name, (360, 800))]);
    }
    wanted.extend([("en", "ok", (1_024, 600)), ("en", "exp", (1_024, 600)), ("ba", "ok", (1_024, 600))]);
    wanted.extend([("ru", "ok", (320, 240)), ("ru", "exp", (320, 240))]);
    let gallery_pages = named();
    let mut wrong = Vec::new();
    for (language, name, size) in wanted {
        controller.choose_language(language);
        studio.bindings.show_settings(&controller);
        studio.bindings.show_preview(&preview);
        let drawn = studio.draw(&spoken(&gallery_pages[name], language), size).unwrap();
        let file = format!("{name}-{language}-{}x{}.png", size.0, size.1);
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/pictures").join(&file);
        if is_drawn_anew() {
            save(&drawn, &path);
            continue;
        }
        let before = image::open(&path).unwrap_or_else(|error| panic!("{file}: {error}")).to_rgb8();
        assert_eq!(before.dimensions(), drawn.dimensions(), "{file}");
        let far = |(a, b): &(&Rgb<u8>, &Rgb<u8>)| a.0.iter().zip(b.0).any(|(a, b)| a.abs_diff(b) > 48);
        let different = before.pixels().zip(drawn.pixels()).filter(far).count();
        if different * 1_000 > TOLERANCE * before.pixels().len() {
            wrong.push(format!("{file}: {different} pixels differ, see {}", beside(&before, &drawn, &file)));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What a page shows beside the session.
enum Beside {
    Nothing,
    Dials(ClockView, ClockSetStatus),
    Pin(PinPurpose, PinStatus, usize),
    Setup(ui::SetupModel),
    Shift(ShiftView),
    Door(u32, Option<u32>),
    Booking(ui::CheckInModel),
    Training(ui::TrainingModel),
    Place(&'static str),
}

impl Beside {
    fn show(self, bindings: &UiBindings) {
        match self {
            Self::Nothing => (),
            Self::Dials(screen, setting) => bindings.show_dials(screen, setting),
            Self::Pin(purpose, status, entered) => bindings.show_entered(purpose, status, entered),
            Self::Setup(model) => bindings.show_setup_page(model),
            Self::Shift(view) => bindings.show_shift(&view),
            Self::Door(inside, capacity) => bindings.show_door(inside, capacity),
            Self::Booking(model) => bindings.show_booking(model),
            Self::Training(model) => bindings.show_training(model),
            Self::Place(what) => show_entries(bindings, what),
        }
    }
}

/// Every page that looks different from any other. What one shows beside the session stays for those behind it.
fn referred() -> Vec<(GalleryPage, Beside)> {
    let left_out = |name: &str| {
        let age = [Freshness::None, Freshness::Soon, Freshness::Expired].map(Freshness::as_str);
        let same = age.iter().any(|age| name.ends_with(&format!("-{age}")) && !name.starts_with("age-"));
        let noticed = name.starts_with("notice-") && name != "notice-link" && name != "notice-gosuslugi";
        same || noticed || name.starts_with("hint-") || (name.starts_with("unread-") && name.ends_with("-stale"))
    };
    let mut all: Vec<_> =
        named().into_values().filter(|page| !left_out(&page.name)).map(|page| (page, Beside::Nothing)).collect();
    let mut dials: BTreeMap<String, _> = BTreeMap::new();
    for (screen, setting) in every_clock() {
        let name = format!("date-{setting:?}-{}", if screen.network { "network" } else { "dials" }).to_lowercase();
        dials.insert(name, Beside::Dials(screen, setting));
    }
    let mut add = |name: &str, sheet, beside| all.push((GalleryPage { name: name.into(), ..at_rest(sheet) }, beside));
    dials.into_iter().for_each(|(name, dials)| add(&name, Overlay::Clock, dials));
    add("help", Overlay::Help, Beside::Nothing);
    for (purpose, status, entered) in EVERY_PIN {
        let name = format!("pin-{purpose:?}-{status:?}").to_lowercase();
        add(&name, Overlay::Pin, Beside::Pin(purpose, status, entered));
    }
    for (at, (step, camera_reads)) in EVERY_STEP.into_iter().enumerate() {
        let model = ui::SetupModel { step, number: 3, of: 5, camera_reads };
        add(&format!("setup-{at}"), Overlay::Setup, Beside::Setup(model));
    }
    for (what, view) in
        every_shift().into_iter().filter(|(what, _)| ["empty", "quiet", "busy", "asking"].contains(what))
    {
        add(&format!("shift-{what}"), Overlay::Shift, Beside::Shift(view));
    }
    add("check-in", Overlay::CheckIn, Beside::Booking(booking()));
    add("check-in-offered", Overlay::None, Beside::Nothing);
    add("check-in-none", Overlay::None, Beside::Booking(ui::CheckInModel::default()));
    for (what, model) in lessons() {
        add(&format!("training-{}", what.to_lowercase()), Overlay::Training, Beside::Training(model));
    }
    for what in EVERY_PLACE {
        add(&format!("place-{what}"), Overlay::Place, Beside::Place(what));
    }
    add("door", Overlay::None, Beside::Door(37, Some(250)));
    add("door-full", Overlay::None, Beside::Door(251, Some(250)));
    all.push((in_stay(), Beside::Nothing));
    all.push((named_place(), Beside::Nothing));
    all
}

/// Each coarse pixel the mean of a square: the edge of a letter that is drawn a little otherwise hardly changes it.
fn coarse(picture: &RgbImage, side: u32) -> RgbImage {
    RgbImage::from_fn(picture.width() / side, picture.height() / side, |x, y| {
        let mut sums = [0_u32; 3];
        for (dx, dy) in (0..side).flat_map(|dx| (0..side).map(move |dy| (dx, dy))) {
            let Rgb(pixel) = picture.get_pixel(x * side + dx, y * side + dy);
            sums.iter_mut().zip(pixel).for_each(|(sum, value)| *sum += u32::from(*value));
        }
        Rgb(sums.map(|sum| u8::try_from(sum / (side * side)).unwrap()))
    })
}

fn differs(before: &RgbImage, now: &RgbImage) -> bool {
    let far = |(a, b): &(&Rgb<u8>, &Rgb<u8>)| a.0.iter().zip(b.0).any(|(a, b)| a.abs_diff(b) > NEAR);
    before.pixels().zip(now.pixels()).filter(far).count() > FAR
}

/// What was and what is, side by side in a file, for whoever looks.
fn beside(before: &RgbImage, now: &RgbImage, name: &str) -> String {
    let folder = std::env::temp_dir().join("greenlit-pictures");
    std::fs::create_dir_all(&folder).unwrap();
    let (width, height) = now.dimensions();
    let mut both = RgbImage::from_pixel(2 * width + 8, height, Rgb([255, 0, 255]));
    for (x, y, pixel) in now.enumerate_pixels() {
        let at = |along: u32, whole: u32, of: u32| (along * of / whole).min(of - 1);
        both.put_pixel(x, y, *before.get_pixel(at(x, width, before.width()), at(y, height, before.height())));
        both.put_pixel(width + 8 + x, y, *pixel);
    }
    let path = folder.join(name);
    both.save(&path).unwrap();
    path.display().to_string()
}

fn references() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/gui/gallery/references")
}

/// Draws every page in this language at this size, and compares or keeps what comes out; those that differ.
fn compare_sheet(
    studio: &OffscreenRenderer,
    language: &str,
    scheme: &str,
    (size, side): ((u32, u32), u32),
) -> Vec<String> {
    let (_folder, mut controller) = practice_till();
    controller.choose_scheme(scheme);
    controller.choose_language(language);
    studio.bindings.show_settings(&controller);
    studio.bindings.show_preview(&held_up());
    let sheet = format!("{language}-{}x{}-{scheme}.png", size.0, size.1);
    let (pages, path) = (referred(), references().join(&sheet));
    let names: Vec<String> = pages.iter().map(|(page, _)| page.name.clone()).collect();
    let count = u32::try_from(pages.len()).unwrap();
    let tile = (size.0 / side, size.1 / side);
    let place = |at: usize| {
        let at = u32::try_from(at).unwrap();
        (at % ACROSS * tile.0, at / ACROSS * tile.1)
    };
    let rows = count.div_ceil(ACROSS);
    let mut now = RgbImage::new(ACROSS * tile.0, rows * tile.1);
    let before = if is_drawn_anew() {
        std::fs::write(references().join("pages.txt"), names.join("\n") + "\n").unwrap();
        now.clone()
    } else {
        let known = std::fs::read_to_string(references().join("pages.txt")).unwrap();
        assert_eq!(known.lines().collect::<Vec<_>>(), names, "other pages than there are pictures of: draw them anew");
        image::open(&path).unwrap_or_else(|error| panic!("{sheet}: {error}")).to_rgb8()
    };
    assert_eq!(before.dimensions(), now.dimensions(), "{sheet}");
    let mut wrong = Vec::new();
    studio.bindings.show_door(0, None);
    for (at, (page, shows)) in pages.into_iter().enumerate() {
        shows.show(&studio.bindings);
        let drawn = studio.draw(&spoken(&page, language), size).unwrap();
        let name = format!("{}-{sheet}", page.name);
        keep(&drawn, name.trim_end_matches(".png"));
        let (small, (x, y)) = (coarse(&drawn, side), place(at));
        image::imageops::replace(&mut now, &small, x.into(), y.into());
        let old = image::imageops::crop_imm(&before, x, y, tile.0, tile.1).to_image();
        if !is_drawn_anew() && differs(&old, &small) {
            wrong.push(format!("{name}: see {}", beside(&old, &drawn, &name)));
        }
    }
    if is_drawn_anew() {
        save(&now, &path);
    }
    wrong
}

#[test]
fn all_screens_are_as_they_were_in_russian() {
    let studio = OffscreenRenderer::new().unwrap();
    let both = |wanted| ["dark", "light"].map(|scheme| compare_sheet(&studio, "ru", scheme, wanted)).concat();
    let wrong: Vec<String> = COARSE.into_iter().flat_map(both).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn all_screens_are_as_they_were_in_the_other_languages() {
    let studio = OffscreenRenderer::new().unwrap();
    for language in crate::config::LANGUAGES.into_iter().filter(|language| *language != "ru") {
        let wrong = ["dark", "light"].map(|scheme| compare_sheet(&studio, language, scheme, COARSE[0])).concat();
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}

/// That the check itself works: another date in the smallest letters of a page is another picture.
#[test]
fn one_other_date_on_the_screens_is_seen() {
    let studio = OffscreenRenderer::new().unwrap();
    let (_folder, mut controller) = practice_till();
    controller.choose_language("ru");
    studio.bindings.show_settings(&controller);
    for (size, side) in COARSE {
        let draw = |until: &str| {
            let mut page = named().remove("cleared").unwrap();
            page.snapshot.page = Page::Scan;
            page.snapshot.standing.until = until.into();
            coarse(&studio.draw(&page, size).unwrap(), side)
        };
        let before = draw("06.12.2026 23:59");
        assert!(!differs(&before, &draw("06.12.2026 23:59")));
        assert!(differs(&before, &draw("31.01.2027 08:00")), "{size:?}");
    }
}
