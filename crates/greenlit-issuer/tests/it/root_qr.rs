//! Promise: a root's code holds the bytes of its file, is read by a camera of 720 lines, and comes with the fingerprint
//! to compare; a root that is too large for one says so.

use std::time::Duration;

use greenlit_camera::picture;
use greenlit_core::trust::{Root, root_code};
use greenlit_qr::encode::QrPicture;
use greenlit_qr::{Level, LumaFrame, Symbol};
use greenlit_testkit::cli::CliHarness;
use greenlit_testkit::fixture::{Authority, root_of_size};

/// Far more than any machine takes.
const PATIENCE: Duration = Duration::from_secs(600);

fn symbols(frame: &LumaFrame) -> Vec<Symbol> {
    greenlit_qr::read(frame, PATIENCE).symbols
}

/// The root that the code in a picture holds.
#[track_caller]
fn drawn(desk: &CliHarness, name: &str) -> Root {
    let frame = picture::read(&desk.path(name)).unwrap();
    let [symbol] = &symbols(&frame)[..] else { panic!("not one code") };
    assert_eq!((symbol.fnc1, symbol.structured_append), (None, None));
    Root::verify_anchor(&root_code::read(&symbol.payload).unwrap()).unwrap()
}

/// The authority's name in so many letters, and twice as many in English.
fn rename(desk: &CliHarness, letters: usize) {
    let settings = String::from_utf8(desk.read("a/authority.toml")).unwrap();
    let before = settings.lines().find(|line| line.starts_with("ru = ")).unwrap();
    let name = format!("ru = \"{}\"\nen = \"{}\"", "Ж".repeat(letters), "x".repeat(2 * letters));
    desk.write("a/authority.toml", settings.replace(before, &name));
}

#[test]
fn the_newest_root_is_drawn_with_its_fingerprint_and_a_till_reads_the_file_s_bytes() {
    let desk = CliHarness::with_authority();
    let said = desk.issuer(&["root", "qr", "a", "root.png"]).exits_with(0);
    let root = drawn(&desk, "root.png");
    assert_eq!(root.as_bytes(), desk.read("a/roots/root-1.cbor"));
    let rows: Vec<&str> = said.lines().skip(1).take(4).map(str::trim).collect();
    assert!(rows.iter().all(|row| row.trim_start_matches("fingerprint ").len() == 4 * 5 - 1), "{said}");
    assert_eq!(rows.join(" "), format!("fingerprint {}", root.fingerprint()));
    assert!(said.starts_with(&format!("drew root 1, valid until {}, in root.png\n", root.expires)), "{said}");

    desk.issuer(&["root", "new", "a", "--renew"]).exits_with(0);
    desk.issuer(&["root", "qr", "a", "second.png"]).exits_with(0);
    assert_eq!(drawn(&desk, "second.png").number, 2);
    // Of a file, where there is no authority: any root, and nothing else.
    desk.issuer(&["root", "qr", "pub/root-1.cbor", "of-file.PNG"]).exits_with(0);
    assert_eq!(drawn(&desk, "of-file.PNG"), root);
    desk.issuer(&["root", "qr", "pub/trust.cbor", "none.png"]).fails_with("pub/trust.cbor: ");
    desk.issuer(&["root", "qr", "nowhere", "none.png"]).fails_with("nowhere");
    desk.issuer(&["root", "qr", "a", "vector.svg"]).exits_with(0);
    assert!(desk.read("vector.svg").starts_with(b"<svg "));
    assert!(!desk.path("none.png").exists());
}

#[test]
fn an_existing_picture_is_never_replaced_and_other_kinds_are_not_drawn() {
    let desk = CliHarness::with_authority();
    for name in ["there.png", "there.svg"] {
        desk.write(name, "somebody's");
        desk.issuer(&["root", "qr", "a", name]).fails_with("the picture already exists; nothing was changed");
        assert_eq!(desk.read(name), b"somebody's");
    }
    desk.shell("ln -s nothing link.png").exits_with(0);
    desk.issuer(&["root", "qr", "a", "link.png"]).fails_with("already exists");
    for name in ["root.jpg", "root", "png", ".png"] {
        desk.issuer(&["root", "qr", "a", name]).fails_with(".png or .svg");
    }
}

#[test]
fn a_root_too_large_for_a_code_says_to_use_the_file() {
    let desk = CliHarness::with_authority();
    rename(&desk, 499);
    desk.issuer(&["root", "new", "a", "--renew"]).exits_with(0);
    let size = desk.read("a/roots/root-2.cbor").len();
    assert!((2_049..4_096).contains(&size), "{size}");
    let words = format!("root 2: too large for a code, use the file (too-large: {size} bytes of at most 2048)");
    desk.issuer(&["root", "qr", "a", "root.png"]).fails_with(&words);
    assert!(!desk.path("root.png").exists());
    // The one before it would still do, and is asked for by its file.
    desk.issuer(&["root", "qr", "a/roots/root-1.cbor", "root.png"]).exits_with(0);
    assert_eq!(drawn(&desk, "root.png").number, 1);
}

#[test]
fn inspect_shows_the_root_in_a_code() {
    let desk = CliHarness::with_authority();
    desk.issuer(&["root", "qr", "a", "root.png"]).exits_with(0);
    let wanted = desk.issuer(&["inspect", "pub/root-1.cbor"]).exits_with(0);
    assert!(wanted.contains("fingerprint"), "{wanted}");
    assert_eq!(desk.issuer(&["inspect", "root.png"]).exits_with(0), wanted);
    let code = root_code::to_code(&desk.read("pub/root-1.cbor")).unwrap();
    assert_eq!(desk.issuer(&["inspect", &code]).exits_with(0), wanted);
    desk.write("code.txt", format!("{code}\n"));
    assert_eq!(desk.issuer(&["inspect", "code.txt"]).exits_with(0), wanted);
    for (damaged, says) in [
        (format!("{code} "), "not valid: begins as an authority's root, but is damaged"),
        (code[..300 + 5].to_owned(), "not valid: as a root it "),
        ("GLR1:".to_owned(), "not valid: as a root it "),
    ] {
        let said = desk.issuer(&["inspect", &damaged]).exits_with(1);
        assert!(said.contains(says), "{said}");
    }
}

/// A code as a camera of 1280 × 720 sees it whose height it fills to so many hundredths: its modules fall between the
/// pixels, the optic spreads each over its neighbours, and it is dark grey on light.
fn seen(code: &QrPicture, hundredths: usize) -> LumaFrame {
    const SCALE: u32 = 16;
    const WIDTH: usize = 1_280;
    const HEIGHT: usize = 720;
    let sharp = code.to_frame(SCALE).unwrap();
    let side = HEIGHT * hundredths / 100;
    let (left, top) = ((WIDTH - side) / 2, (HEIGHT - side) / 2);
    let edge = |at: usize| at * sharp.width() / side;
    let pixel = |x: usize, y: usize| -> usize {
        let (Some(x), Some(y)) = (x.checked_sub(left), y.checked_sub(top)) else { return 255 };
        if x >= side || y >= side {
            return 255;
        }
        let (columns, rows) = (edge(x)..edge(x + 1), edge(y)..edge(y + 1));
        let sum: usize = rows
            .clone()
            .map(|y| columns.clone().map(|x| usize::from(sharp.pixels()[y * sharp.width() + x])).sum::<usize>())
            .sum();
        sum / (rows.len() * columns.len())
    };
    let light: Vec<usize> = (0..WIDTH * HEIGHT).map(|at| pixel(at % WIDTH, at / WIDTH)).collect();
    // 1 2 1, across and down.
    let spread = |light: &[usize], step: usize| -> Vec<usize> {
        let at = |at: usize| light.get(at).copied().unwrap_or(255);
        (0..light.len()).map(|i| (at(i.wrapping_sub(step)) + 2 * at(i) + at(i + step)) / 4).collect()
    };
    let soft = spread(&spread(&light, 1), WIDTH);
    let grey = soft.into_iter().map(|light| u8::try_from(60 + light * 140 / 255).unwrap()).collect();
    LumaFrame::new(WIDTH, HEIGHT, grey).unwrap()
}

/// At level M, an ordinary root fills two fifths of the height or more, the largest four fifths.
#[test]
fn a_camera_of_720_lines_reads_it() {
    let (ordinary, largest) = (Authority::new().signed_root(0), root_of_size(root_code::MAX_BYTES));
    for (root, version, least) in [(ordinary, 16, 40), (largest, 39, 80)] {
        let text = root_code::to_code(&root).unwrap();
        let code = QrPicture::new(&text).unwrap();
        assert_eq!(code.version(), version, "{} bytes", root.len());
        let side = f64::from(17 + 4 * version + 8);
        let read: Vec<_> = (20..=100)
            .step_by(5)
            .map(|hundredths| (hundredths, symbols(&seen(&code, hundredths)).pop()))
            .inspect(|(hundredths, symbol)| {
                let pixels = 7.2 * *hundredths as f64 / side;
                println!("version {version}, {hundredths} %, {pixels:.2} pixels a module: {}", symbol.is_some());
            })
            .collect();
        for (hundredths, symbol) in read.into_iter().filter(|(hundredths, _)| *hundredths >= least) {
            let symbol = symbol.unwrap_or_else(|| panic!("version {version} is not read at {hundredths} %"));
            assert_eq!((symbol.payload, symbol.level), (text.clone().into_bytes(), Level::M));
        }
    }
}
