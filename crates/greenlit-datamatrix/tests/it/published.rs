//! Promise: a published picture is read to the published bytes, and every kind of contents comes back as it went in.

use greenlit_datamatrix::read;
use greenlit_qr::LumaFrame;

use crate::scenes::{Matrix, Scene};

fn vector(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/../../vectors/foreign/2d-doc/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn picture() -> LumaFrame {
    let picture = image::load_from_memory(&vector("barcode_c40_v2.png")).unwrap().into_luma8();
    LumaFrame::new(picture.width() as usize, picture.height() as usize, picture.into_raw()).unwrap()
}

/// What it holds, which is published with a line break.
fn contents() -> Vec<u8> {
    vector("barcode_c40_v2.txt").trim_ascii_end().to_vec()
}

#[test]
fn the_published_picture_is_read_to_exactly_the_published_text() {
    let symbols = read(&picture());
    assert_eq!(symbols.len(), 1);
    assert_eq!(symbols[0].payload, contents());
    assert_eq!(symbols[0].payload.iter().filter(|byte| **byte == 0x1d).count(), 2);
    // Top left, top right, bottom right, and where the solid sides meet.
    let wanted = [(137.0, 10.0), (660.0, 10.0), (660.0, 534.0), (137.0, 534.0)];
    for ((x, y), (wanted_x, wanted_y)) in symbols[0].corners.into_iter().zip(wanted) {
        assert!((x - wanted_x).abs() < 8.0 && (y - wanted_y).abs() < 8.0, "{:?}", symbols[0].corners);
    }
}

#[test]
fn a_large_frame_is_read_as_well_and_its_corners_are_its_own() {
    let small = picture();
    let (width, height) = (small.width() * 4, small.height() * 4);
    let pixels = (0..width * height).map(|at| small.at(at % width / 4, at / width / 4)).collect();
    let symbols = read(&LumaFrame::new(width, height, pixels).unwrap());
    assert_eq!(symbols[0].payload, contents());
    let (x, y) = symbols[0].corners[3];
    assert!((x - 4.0 * 137.0).abs() < 32.0 && (y - 4.0 * 534.0).abs() < 32.0, "{x} {y}");
}

#[test]
fn contents_of_every_kind_come_back_as_they_went_in() {
    let texts = [
        "A",
        "12345678901234567890",
        "DC04FR000001\x1d\x1e\x1fABC",
        "lower case, and 12 digits: 123456789012",
        "UPPER CASE WITH SPACES AND A FEW 0123456789",
        "*>\rX12 TEXT>*0123456789\r*>ABCDEFGHIJKL",
        "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
        "\x01\x02\x03\x04\x7f",
    ];
    for text in texts {
        for compact in [false, true] {
            let scene = Scene { module: 6.0, ..Scene::CLEAR };
            let symbols = read(&scene.frame(&Matrix::new(text, compact), 1));
            let found: Vec<&[u8]> = symbols.iter().map(|symbol| symbol.payload.as_slice()).collect();
            assert_eq!(found, [text.as_bytes()], "{text:?}");
        }
    }
}
