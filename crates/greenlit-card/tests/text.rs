//! Promise: the card says in each language what the answers and codes mean, as text that can be copied and searched,
//! and is the same file every time.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::io::Read;

use flate2::read::ZlibDecoder;

use greenlit_card::{Card, CardError, MAX_CONTACT, Palette};
use greenlit_core::answer::{Answer, Code};
use greenlit_words::{Language, card, staff};

fn of(languages: &[Language], contact: Option<&str>) -> Card {
    Card { languages: languages.to_vec(), palette: Palette::default(), contact: contact.map(str::to_owned) }
}

fn find(bytes: &[u8], wanted: &[u8], from: usize) -> Option<usize> {
    bytes[from..].windows(wanted.len()).position(|window| window == wanted).map(|at| from + at)
}

/// The objects of a file as `pdf-writer` writes it: each number's dictionary, and its stream inflated.
fn objects(pdf: &[u8]) -> BTreeMap<u32, (String, Vec<u8>)> {
    let mut all = BTreeMap::new();
    let mut at = 0;
    while let Some(start) = find(pdf, b" 0 obj\n", at) {
        let digits = pdf[..start].iter().rev().take_while(|b| b.is_ascii_digit()).count();
        let number = std::str::from_utf8(&pdf[start - digits..start]).unwrap().parse().unwrap();
        let body = start + b" 0 obj\n".len();
        let stream = find(pdf, b"\nstream\n", body);
        let end = find(pdf, b"\nendobj", body).unwrap();
        at = end;
        let (dictionary, data) = match stream.filter(|stream| *stream < end) {
            Some(stream) => {
                let dictionary = String::from_utf8_lossy(&pdf[body..stream]).into_owned();
                let length = after(&dictionary, "/Length ").parse::<usize>().unwrap();
                let from = stream + b"\nstream\n".len();
                let mut data = Vec::new();
                ZlibDecoder::new(&pdf[from..from + length]).read_to_end(&mut data).unwrap();
                at = from + length;
                (dictionary, data)
            }
            None => (String::from_utf8_lossy(&pdf[body..end]).into_owned(), Vec::new()),
        };
        all.insert(number, (dictionary, data));
    }
    all
}

/// The word after this one.
fn after<'d>(dictionary: &'d str, key: &str) -> &'d str {
    let rest = &dictionary[dictionary.find(key).unwrap_or_else(|| panic!("{key} in {dictionary}")) + key.len()..];
    rest.split([' ', '\n', '/', ']', '>']).next().unwrap()
}

/// A font's characters by their numbers, from its map to Unicode.
fn characters(objects: &BTreeMap<u32, (String, Vec<u8>)>, font: u32) -> BTreeMap<u16, char> {
    let map = &objects[&after(&objects[&font].0, "/ToUnicode ").parse().unwrap()].1;
    let map = String::from_utf8(map.clone()).unwrap();
    let mut all = BTreeMap::new();
    for line in map.lines().filter(|line| line.starts_with('<') && !line.contains("FFFF")) {
        let mut words = line.split(['<', '>']).filter(|word| !word.trim().is_empty());
        let (glyph, character) = (words.next().unwrap(), words.next().unwrap());
        let character = char::from_u32(u32::from_str_radix(character, 16).unwrap()).unwrap();
        all.insert(u16::from_str_radix(glyph, 16).unwrap(), character);
    }
    all
}

/// One string of a content stream, and where it ends.
fn string(content: &[u8], at: usize) -> (Vec<u8>, usize) {
    let mut bytes = Vec::new();
    if content[at] == b'<' {
        let end = at + content[at..].iter().position(|b| *b == b'>').unwrap();
        let digits = std::str::from_utf8(&content[at + 1..end]).unwrap();
        bytes.extend(
            digits.as_bytes().chunks(2).map(|two| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap()),
        );
        return (bytes, end + 1);
    }
    let (mut at, mut depth) = (at + 1, 1);
    loop {
        match content[at] {
            b'\\' => {
                at += 1;
                bytes.push(match content[at] {
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    b'b' => 8,
                    b'f' => 12,
                    b'0'..=b'7' => {
                        let digits = std::str::from_utf8(&content[at..at + 3]).unwrap();
                        at += 2;
                        u8::from_str_radix(digits, 8).unwrap()
                    }
                    other => other,
                });
            }
            b'(' => {
                depth += 1;
                bytes.push(b'(');
            }
            b')' if depth == 1 => return (bytes, at + 1),
            b')' => {
                depth -= 1;
                bytes.push(b')');
            }
            other => bytes.push(other),
        }
        at += 1;
    }
}

/// What each page says, line by line, as a reader of PDF copies it.
fn text(pdf: &[u8]) -> Vec<String> {
    let objects = objects(pdf);
    let mut pages = Vec::new();
    for (dictionary, _) in objects.values().filter(|(dictionary, _)| dictionary.contains("/Type /Page\n")) {
        let content = &objects[&after(dictionary, "/Contents ").parse().unwrap()].1;
        let fonts: BTreeMap<&str, _> = ["F0", "F1", "F2"]
            .map(|name| (name, characters(&objects, after(dictionary, &format!("/{name} ")).parse().unwrap())))
            .into();
        let (mut page, mut font, mut at) = (String::new(), "", 0);
        while at < content.len() {
            match content[at] {
                b'/' => {
                    let name = std::str::from_utf8(&content[at + 1..at + 3]).unwrap();
                    font = fonts.keys().find(|known| **known == name).unwrap();
                    at += 3;
                }
                b'(' | b'<' => {
                    let (bytes, end) = string(content, at);
                    page.extend(bytes.chunks(2).map(|two| fonts[font][&u16::from_be_bytes([two[0], two[1]])]));
                    at = end;
                }
                b'E' => {
                    page.push('\n');
                    at += 2;
                }
                _ => at += 1,
            }
        }
        pages.push(page);
    }
    pages
}

/// With every space and line break one space, for a sentence may be broken anywhere.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn every_answer_and_code_is_explained_in_every_language() {
    for language in Language::ALL {
        let pages = text(&of(&[language], Some("Айгөл Ҡаҙаҡбаева, 2-14")).to_pdf().unwrap());
        assert_eq!(pages.len(), 1);
        let page = flat(&pages[0]);
        let has = |words: &str| assert!(page.contains(&flat(words)), "{words:?} is not in {page}");
        for answer in [Answer::Valid, Answer::Refused, Answer::NotGenuine, Answer::CannotTell] {
            has(&staff::answer(answer, language));
        }
        for code in Code::ALL.iter().filter(|code| **code != Code::Ok) {
            has(code.as_str());
            has(&staff::reason(*code, language));
            has(&staff::advice(*code, language));
        }
        has(&card::title(language));
        has(&card::valid_steps(language));
        has(&card::mismatch_steps(language, staff::no_match(language)));
        has(&card::not_a_pass(language));
        has(&card::demo(language));
        has(&format!("{} Айгөл Ҡаҙаҡбаева, 2-14", card::call(language)));
    }
}

#[test]
fn bashkir_letters_are_drawn_and_can_be_copied() {
    let page = text(&of(&[Language::Ba], Some("Ҙ Ҡ Ғ Ң Ҫ Ү Һ Ә Ө ҙ ҡ ғ ң ҫ ү һ ә ө")).to_pdf().unwrap()).remove(0);
    for letter in "ҙҡғңҫүһәөҘҠҒҢҪҮҺӘӨ".chars() {
        assert!(page.contains(letter), "{letter}");
    }
}

#[test]
fn the_same_card_is_the_same_file_and_small() {
    let all = of(&Language::ALL, None);
    let pdf = all.to_pdf().unwrap();
    assert!(pdf.starts_with(b"%PDF-1.") && pdf.len() < 150_000, "{}", pdf.len());
    assert_eq!(pdf, all.to_pdf().unwrap());
    assert_eq!(text(&pdf).len(), 3);
    let other = Card { palette: Palette::BlueOrange, ..all };
    assert_ne!(pdf, other.to_pdf().unwrap());
    assert!(find(&pdf, b"Date", 0).is_none());
}

#[test]
fn a_contact_that_cannot_be_printed_is_refused_by_name() {
    let of = |contact: &str| of(&[Language::En], Some(contact)).to_pdf();
    assert_eq!(of(&"x".repeat(MAX_CONTACT + 1)), Err(CardError::ContactTooLong));
    assert_eq!(of("ring 漢"), Err(CardError::NoGlyph('漢')));
    assert_eq!(of("two\nlines"), Err(CardError::NoGlyph('\n')));
    assert!(of(&"Щ".repeat(MAX_CONTACT)).is_ok());
    // As if nobody were named.
    assert_eq!(of("  ").unwrap(), nobody().to_pdf().unwrap());
}

fn nobody() -> Card {
    of(&[Language::En], None)
}
