//! Colours as they are drawn: apart in tone, and readable (WCAG 2.2, 1.4.3, 1.4.6 and 1.4.11).

use greenlit_core::answer::Code;
use greenlit_core::trust::Freshness;
use image::{Rgb, RgbImage};

use super::pages::{answer_page, at_rest, every_clock, practice_till, standing};
use super::*;
use crate::config::look::{Palette, Scheme};

const SIZE: (u32, u32) = (1_024, 600);
/// CIE 1976 lightness that valid and refused differ by, and any two answers.
const APART: f64 = 20.0;
const ANY_TWO_APART: f64 = 12.0;
/// Text of answers (AAA) and of all else (AA), and the edges of what can be pressed.
const TEXT: f64 = 7.0;
const QUIET: f64 = 4.5;
const EDGE: f64 = 3.0;

/// Relative luminance of an sRGB colour.
fn luminance(Rgb(channels): Rgb<u8>) -> f64 {
    let linear = channels.map(|value| {
        let value = f64::from(value) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
}

/// L* of CIELAB, from 0, black, to 100, white.
fn lightness(colour: Rgb<u8>) -> f64 {
    let y = luminance(colour);
    if y > 216.0 / 24_389.0 { 116.0 * y.cbrt() - 16.0 } else { y * 24_389.0 / 27.0 }
}

/// From 1 to 21.
fn contrast(a: Rgb<u8>, b: Rgb<u8>) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn the_measures_are_right() {
    let (black, white) = (Rgb([0; 3]), Rgb([255; 3]));
    assert!((contrast(black, white) - 21.0).abs() < 1e-9);
    assert!((lightness(white) - 100.0).abs() < 1e-6 && lightness(black).abs() < 1e-9);
    // A grey that is often cited as just passing AA on white.
    assert!((contrast(Rgb([0x76; 3]), white) - 4.54).abs() < 0.01);
    assert!((lightness(Rgb([119; 3])) - 50.0).abs() < 0.1);
}

/// The best that any pixel of this part has against its upper left: that of letters, where nothing else is there.
fn best(drawn: &RgbImage, (left, top, right, bottom): (u32, u32, u32, u32)) -> f64 {
    let ground = *drawn.get_pixel(left, top);
    let all = (top..bottom).flat_map(|y| (left..right).map(move |x| (x, y)));
    all.map(|(x, y)| contrast(ground, *drawn.get_pixel(x, y))).fold(1.0, f64::max)
}

/// Every answer in every palette, on pages of every scheme: its ground, left of all that stands on it, and its icon.
#[test]
fn answers_differ_in_tone_and_are_readable() {
    let studio = OffscreenRenderer::new().unwrap();
    let (_folder, mut controller) = practice_till();
    for (palette, scheme) in Palette::ALL.into_iter().flat_map(|p| Scheme::ALL.map(|scheme| (p, scheme))) {
        controller.choose_palette(palette.key());
        controller.choose_scheme(scheme.key());
        studio.bindings.show_settings(&controller);
        let mut tones = Vec::new();
        for code in [Code::Ok, Code::Expired, Code::Signature, Code::TrustExpired] {
            let drawn = studio.draw(&answer_page(code), SIZE).unwrap();
            let ground = *drawn.get_pixel(3, 200);
            // Letters and icon are drawn in one ink, and some pixel of theirs is wholly covered.
            let ink = drawn.enumerate_pixels().filter(|(x, y, _)| (20..1_000).contains(x) && (40..560).contains(y));
            let ink = ink.map(|(_, _, pixel)| contrast(ground, *pixel)).fold(1.0, f64::max);
            assert!(ink >= TEXT, "{code} in {palette:?}, {scheme:?}: {ink:.2}");
            tones.push((code, lightness(ground)));
            // The sheet beside it: what is softest there is read as well.
            let soft = match code {
                Code::Ok => best(&drawn, (410, 40, 800, 80)),
                Code::Expired => best(&drawn, (30, 170, 380, 215)),
                Code::TrustExpired => best(&drawn, (400, 500, 624, 545)),
                _ => TEXT,
            };
            assert!(soft >= TEXT, "{code}'s sheet in {palette:?}, {scheme:?}: {soft:.2}");
        }
        for (at, (code, tone)) in tones.iter().enumerate() {
            for (other, another) in tones.iter().skip(at + 1) {
                let valid_and_refused = (*code, *other) == (Code::Ok, Code::Expired);
                let least = if valid_and_refused { APART } else { ANY_TWO_APART };
                assert!((tone - another).abs() >= least, "{code} {tone:.0} and {other} {another:.0} in {palette:?}");
            }
        }
    }
}

/// The quietest letters of each page that is no answer, on what they stand on.
#[test]
fn quiet_words_are_readable_in_every_scheme() {
    let studio = OffscreenRenderer::new().unwrap();
    let (_folder, mut controller) = practice_till();
    for scheme in Scheme::ALL {
        controller.choose_scheme(scheme.key());
        studio.bindings.show_settings(&controller);
        let of_age = |age: Freshness| {
            let mut page = at_rest(Overlay::None);
            page.snapshot.standing = Footer { age, ..standing() };
            page
        };
        let mut paused = at_rest(Overlay::None);
        paused.snapshot.page = Page::Cleared;
        let (screen, setting) = every_clock().swap_remove(0);
        studio.bindings.show_dials(screen, setting);
        for (what, page, part) in [
            ("the footer", of_age(Freshness::Fresh), (48, 548, 500, 598)),
            ("the footer's warning", of_age(Freshness::Stale), (48, 548, 500, 598)),
            ("the help", at_rest(Overlay::None), (40, 475, 980, 540)),
            ("the pause", paused, (20, 320, 1_000, 420)),
            ("the headings of the settings", at_rest(Overlay::Settings), (20, 78, 400, 106)),
            ("the names of the dials", at_rest(Overlay::Clock), (50, 90, 180, 118)),
        ] {
            let drawn = studio.draw(&page, SIZE).unwrap();
            let ink = best(&drawn, part);
            assert!(ink >= QUIET, "{what} in {scheme:?}: {ink:.2}");
        }
        let (early, setting) = every_clock().into_iter().find(|(screen, _)| screen.early).unwrap();
        studio.bindings.show_dials(early, setting);
        let drawn = studio.draw(&at_rest(Overlay::Clock), SIZE).unwrap();
        let ink = best(&drawn, (24, 505, 500, 540));
        assert!(ink >= QUIET, "the earliest time in {scheme:?}: {ink:.2}");
    }
}

/// The languages' row of the settings, left of the scroll bar: from the ground to the edge of each chip. Between two
/// is more ground than a letter in its colour is wide; where chips are white on white, letters count as well.
#[test]
fn what_can_be_pressed_stands_out() {
    let studio = OffscreenRenderer::new().unwrap();
    let (_folder, mut controller) = practice_till();
    for scheme in Scheme::ALL {
        controller.choose_scheme(scheme.key());
        studio.bindings.show_settings(&controller);
        let drawn = studio.draw(&at_rest(Overlay::Settings), SIZE).unwrap();
        let ground = *drawn.get_pixel(2, 590);
        let row: Vec<Rgb<u8>> = (0..SIZE.0 - 30).map(|x| *drawn.get_pixel(x, 134)).collect();
        let edges: Vec<f64> = (6..row.len())
            .filter(|x| row[x - 6..*x].iter().all(|pixel| *pixel == ground) && row[*x] != ground)
            .map(|x| row.iter().skip(x).take(5).map(|pixel| contrast(ground, *pixel)).fold(1.0, f64::max))
            .collect();
        assert!(edges.len() >= 3, "{scheme:?}: {edges:?}");
        assert!(edges.iter().all(|edge| *edge >= EDGE), "{scheme:?}: {edges:.1?}");
    }
}
