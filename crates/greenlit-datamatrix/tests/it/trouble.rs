//! Promise: symbols as large as documents have them are read as a hand holds them up, several at once, and what is no
//! symbol is none and never a panic.

use greenlit_datamatrix::read;
use greenlit_qr::LumaFrame;

use crate::scenes::{Chance, HEIGHT, Matrix, Scene, WIDTH, finished, table};

/// Texts of the sizes that 2D-Doc has: 40 to 80 modules.
fn documents() -> Vec<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/foreign/2d-doc/specification.json");
    let messages = std::fs::read_to_string(path).unwrap();
    let messages = messages.lines().filter_map(|line| line.trim().strip_prefix("\"message\": \"")?.strip_suffix('"'));
    messages.map(|message| message.replace("<GS>", "\x1d").replace("<US>", "\x1f")).collect()
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long where nothing is optimised; script/test runs it")]
fn documents_are_read_at_the_sizes_and_angles_and_in_the_blur_of_a_hand() {
    const TURNS: [f32; 6] = [0.0, 0.2, 0.6, 1.9, 3.3, 5.0];
    let documents = documents();
    assert_eq!(documents.len(), 11);
    let (mut read_of, mut tried, mut missed) = (0, 0, Vec::new());
    for (number, text) in documents.iter().enumerate() {
        let matrix = Matrix::new(text, true);
        assert!((40..=88).contains(&matrix.side), "{}", matrix.side);
        for (size, (module, blur)) in [(3.0, 0.6), (4.0, 1.0), (5.0, 1.5), (6.0, 2.0)].into_iter().enumerate() {
            let turn = TURNS[(number + size) % TURNS.len()];
            let scene = Scene { module, blur, turn, tilt: 0.04 * turn, shadow: 0.3, noise: 4.0, ..Scene::CLEAR };
            let found = read(&scene.frame(&matrix, number as u64));
            tried += 1;
            match found.iter().any(|symbol| symbol.payload == text.as_bytes()) {
                true => read_of += 1,
                false => missed.push((number, module, turn)),
            }
            assert!(found.iter().all(|symbol| symbol.payload == text.as_bytes()), "{number} {scene:?}");
        }
    }
    println!("{read_of} of {tried}; missed: {missed:?}");
    assert!(read_of * 100 >= tried * 95, "{read_of} of {tried}: {missed:?}");
}

#[test]
fn several_symbols_are_several_and_the_same_twice_is_one() {
    let (one, other) = (Matrix::new("DC04ONE", false), Matrix::new("DC04OTHER", false));
    let mut pixels = table(3);
    for (matrix, middle) in [(&one, (0.2, 0.3)), (&other, (0.5, 0.6)), (&one, (0.8, 0.4))] {
        Scene { module: 8.0, middle, ..Scene::CLEAR }.put(&mut pixels, matrix);
    }
    let mut found: Vec<Vec<u8>> =
        read(&finished(pixels, 0.5, 2.0, 3)).into_iter().map(|symbol| symbol.payload).collect();
    found.sort();
    assert_eq!(found, [b"DC04ONE".to_vec(), b"DC04OTHER".to_vec()]);
}

#[test]
fn what_is_no_symbol_is_none() {
    let mut chance = Chance(7);
    let noise: Vec<u8> = (0..WIDTH * HEIGHT).map(|_| (256.0 * chance.unit()) as u8).collect();
    let stripes = |across: usize, down: usize| -> Vec<u8> {
        (0..WIDTH * HEIGHT)
            .map(|at| if (at % WIDTH / across + at / WIDTH / down).is_multiple_of(2) { 20 } else { 230 })
            .collect()
    };
    for pixels in [noise, stripes(7, 7), stripes(4, HEIGHT), stripes(WIDTH, 5), vec![0; WIDTH * HEIGHT]] {
        assert_eq!(read(&LumaFrame::new(WIDTH, HEIGHT, pixels).unwrap()), []);
    }
    for (width, height) in [(1, 1), (1, 50), (50, 1), (9, 9), (39, 41), (40, 40), (200, 8)] {
        let pixels = (0..width * height).map(|at| if at % 2 == 0 { 0 } else { 255 }).collect();
        assert_eq!(read(&LumaFrame::new(width, height, pixels).unwrap()), [], "{width} × {height}");
    }
}
