//! The screens, looked at without a display: nothing is clipped or too small to read, in any language, at any size.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use greenlit_camera::CameraState;
use greenlit_core::answer::Code;

use greenlit_ui as ui;

use super::pages::*;
use super::*;
use crate::config::look::TextSize;
use crate::self_test;

pub(super) mod desk;
pub(super) mod shift;

const SIZES: [(u32, u32); 8] =
    [(1_024, 600), (1_280, 720), (800, 480), (360, 800), (800, 1_280), (320, 240), (480, 320), (320, 480)];

/// Everything is in proportion there: the pages of the session alone, in the language of the longest words.
const HUGE: (u32, u32) = (3_840, 2_160);

/// Where the letters are larger: those that leave the least room.
const TIGHT: [(u32, u32); 5] = [(1_024, 600), (800, 480), (360, 800), (320, 240), (480, 320)];

fn nothing_is_clipped(language: &str) {
    let studio = OffscreenRenderer::new().unwrap();
    let clipped = Rc::new(RefCell::new(BTreeSet::new()));
    let here = Rc::new(RefCell::new(String::new()));
    let (set, place) = (Rc::clone(&clipped), Rc::clone(&here));
    studio.bindings.on_clipped(move |text| {
        set.borrow_mut().insert(format!("{}: {text}", place.borrow()));
    });
    // A camera whose first picture is awaited says that instead of everything else.
    studio.bindings.show_preview(&held_up());
    let (_folder, mut controller) = practice_till();
    let (_other_folder, mut managed) = managed();
    let (_third_folder, at_another) = at_another_authority();
    controller.choose_language(language);
    for text_size in TextSize::ALL {
        controller.choose_text_size(text_size.key());
        // Those of the others are as large.
        let show = |shown: &SettingsController| {
            studio.bindings.show_settings(shown);
            studio.bindings.show_look(controller.look());
            crate::gui::speak(language);
        };
        show(&controller);
        let mut sizes = if text_size == TextSize::Normal { SIZES.to_vec() } else { TIGHT.to_vec() };
        sizes.extend((text_size == TextSize::Normal && language == "ru").then_some(HUGE));
        for size in &sizes {
            let check = |sight: &GalleryPage, what: &str| {
                let key = text_size.key();
                *here.borrow_mut() = format!("{language} {}×{} {key} {} {what}", size.0, size.1, sight.name);
                // As `draw` does, looking at the second picture alone.
                studio.draw_once(sight, *size).unwrap();
                studio.pass(AT_REST);
                studio.bindings.check(true);
                let drawn = studio.draw_once(sight, *size).unwrap();
                studio.bindings.check(false);
                keep(&drawn, &here.borrow());
            };
            every_page().iter().for_each(|sight| check(sight, ""));
            if *size == HUGE {
                continue;
            }
            let sheet = |sheet: Overlay| GalleryPage { name: format!("{sheet:?}"), sheet, ..scan(CameraState::Ready) };
            for (screen, setting) in every_clock() {
                let what = format!("{setting:?} {} {} {}", screen.weekday, screen.month, screen.network);
                studio.bindings.show_dials(screen, setting);
                check(&sheet(Overlay::Clock), &what);
            }
            for (purpose, status, entered) in EVERY_PIN {
                studio.bindings.show_entered(purpose, status, entered);
                check(&sheet(Overlay::Pin), &format!("{purpose:?} {status:?}"));
            }
            let (mut test, wrong) = (self_test::run(controller.till(), controller.words()), "camera");
            check(&sheet(Overlay::Help), "");
            for what in ["needs attention", "failed"] {
                studio.bindings.show_self_test(Some(&test), controller.words());
                check(&sheet(Overlay::SelfTest), what);
                test.samples.iter_mut().for_each(|sample| sample.passed &= sample.name == wrong);
            }
            for (step, camera_reads) in EVERY_STEP {
                studio.bindings.show_setup_page(ui::SetupModel { step, number: 3, of: 5, camera_reads });
                check(&sheet(Overlay::Setup), &format!("{step:?} {camera_reads}"));
            }
            check(&sheet(Overlay::Settings), "the network sets the clock");
            show(&controller);
            studio.bindings.show_corrected(true);
            check(&sheet(Overlay::Settings), "clock set by hand");
            check(&sheet(Overlay::None), "clock set by hand");
            check(&at_many_sites(), "clock set by hand");
            studio.bindings.show_corrected(false);
            shift::check_all(&studio, &check);
            desk::check_all(&studio, &check);
            // Everything is set by the organisation, but for the language that is tried here.
            show(&managed);
            check(&sheet(Overlay::Settings), "managed, locked");
            check(&answer_page(Code::TrustExpired), "with a source");
            check(&answer_page(Code::ListUnusable), "with a source");
            managed.enter("0000");
            show(&managed);
            check(&sheet(Overlay::Settings), "managed");
            managed.lock();
            show(&at_another);
            check(&sheet(Overlay::Browse), "another authority");
            show(&controller);
        }
    }
    // That the check itself works: no window holds this.
    let mut long = answer(Code::Ok);
    long.benefits.push(line("exemption", "", &"Министерство ".repeat(900)));
    let snapshot = Snapshot { page: Page::Valid, answer: Some(long), ..scan(CameraState::Ready).snapshot };
    let sight = GalleryPage { snapshot, ..scan(CameraState::Ready) };
    let before = std::mem::take(&mut *clipped.borrow_mut());
    studio.draw(&sight, SIZES[0]);
    studio.bindings.check(true);
    studio.draw_once(&sight, SIZES[0]);
    assert!(!clipped.borrow().is_empty());
    *clipped.borrow_mut() = before;
    assert!(clipped.borrow().is_empty(), "{:#?}", clipped.borrow());
}

// One for each language, for they are drawn beside each other.
#[test]
fn no_text_is_clipped_or_too_small_in_russian() {
    nothing_is_clipped("ru");
}

#[test]
fn no_text_is_clipped_or_too_small_in_bashkir() {
    nothing_is_clipped("ba");
}

#[test]
fn no_text_is_clipped_or_too_small_in_english() {
    nothing_is_clipped("en");
}

/// An answer's first picture is the one that stays: it is not drawn too large and then mended.
#[test]
fn an_answer_fits_in_its_first_picture() {
    let studio = OffscreenRenderer::new().unwrap();
    let (_folder, mut controller) = practice_till();
    controller.choose_language("ru");
    controller.choose_text_size("largest");
    controller.choose_motion("off");
    studio.bindings.show_settings(&controller);
    let pages: BTreeMap<String, GalleryPage> = every_page().into_iter().map(|s| (s.name.clone(), s)).collect();
    for size in [(1_024, 600), (360, 800), (320, 240)] {
        for (before, name) in [("scan-ready", "ok-full"), ("ok", "ok-full"), ("exp", "rev"), ("ok", "exp-stale")] {
            studio.draw(&pages[before], size).unwrap();
            let first = studio.draw_once(&pages[name], size).unwrap();
            assert!(first == studio.draw(&pages[name], size).unwrap(), "{name} after {before} at {size:?}");
        }
    }
}

/// Colour and word of an answer are there at once; its icon comes to rest, and does not move where that is switched
/// off.
#[test]
fn only_the_icon_of_an_answer_moves() {
    let studio = OffscreenRenderer::new().unwrap();
    let (_folder, mut controller) = practice_till();
    let size = (1_024, 600);
    let changed = |motion: &str, controller: &mut SettingsController| {
        controller.choose_motion(motion);
        studio.bindings.show_settings(controller);
        studio.draw(&scan(CameraState::Ready), size).unwrap();
        let first = studio.draw_once(&answer_page(Code::Ok), size).unwrap();
        let rest = studio.draw(&answer_page(Code::Ok), size).unwrap();
        let differ: Vec<(u32, u32)> = first
            .enumerate_pixels()
            .filter(|(x, y, pixel)| rest.get_pixel(*x, *y) != *pixel)
            .map(|p| (p.0, p.1))
            .collect();
        assert_eq!(rest, studio.draw(&answer_page(Code::Ok), size).unwrap(), "it has come to rest");
        differ
    };
    let moved = changed("on", &mut controller);
    assert!(!moved.is_empty());
    // Left of the card and above the word.
    assert!(moved.iter().all(|(x, y)| *x < 390 && (80..330).contains(y)), "{:?}", moved.iter().max_by_key(|at| at.1));
    assert!(changed("off", &mut controller).is_empty());
}

/// For whoever looks at them: `GREENLIT_PICTURES=FOLDER cargo test --release clipped`.
pub(super) fn keep(drawn: &image::RgbImage, name: &str) {
    if let Some(folder) = std::env::var_os("GREENLIT_PICTURES") {
        drawn.save(PathBuf::from(folder).join(format!("{}.png", name.trim().replace(' ', "-")))).unwrap();
    }
}

/// What was said of a guest is not kept behind the next page.
#[test]
fn nothing_of_an_answer_stays_on_the_next_page() {
    let studio = OffscreenRenderer::new().unwrap();
    let gallery_pages: BTreeMap<String, GalleryPage> = every_page().into_iter().map(|s| (s.name.clone(), s)).collect();
    let size = (1_024, 600);
    let fresh = studio.draw(&gallery_pages["sig"], size).unwrap();
    studio.draw(&gallery_pages["ok"], size).unwrap();
    assert!(studio.bindings.tells_of_a_guest());
    assert_eq!(fresh, studio.draw(&gallery_pages["sig"], size).unwrap());
    assert!(!studio.bindings.tells_of_a_guest());
    studio.draw(&gallery_pages["ok"], size).unwrap();
    studio.draw(&gallery_pages["scan-ready"], size).unwrap();
    assert!(!studio.bindings.tells_of_a_guest());
}
