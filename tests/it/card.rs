//! Promise: `greenlit card` writes a page for staff, in the till's language or another, and overwrites nothing unasked.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use greenlit_testkit::cli::CliHarness;

fn pages(pdf: &[u8]) -> usize {
    pdf.windows(14).filter(|window| window == b"/Type /Page\n  ").count()
}

fn language(pdf: &[u8]) -> String {
    let text = String::from_utf8_lossy(pdf);
    let (_, rest) = text.split_once("/Lang (").unwrap();
    rest[..2].to_owned()
}

#[test]
fn a_card_is_written_in_the_tills_language_or_in_all() {
    let desk = CliHarness::new();
    assert_eq!(desk.till(&["card", "plain.pdf"]).exits_with(0), "plain.pdf: written\n");
    assert!(!desk.path("till").exists(), "nothing is stored for a card");
    desk.till(&["settings", "language", "ba"]).exits_with(0);
    desk.till(&["card", "ba.pdf", "--contact", "Айгөл, 2-14"]).exits_with(0);
    desk.till(&["card", "again.pdf", "--contact", "Айгөл, 2-14"]).exits_with(0);
    desk.till(&["card", "en.pdf", "--language", "en"]).exits_with(0);
    desk.till(&["card", "all.pdf", "--language", "all"]).exits_with(0);
    let read = |name: &str| {
        let pdf = desk.read(name);
        assert!(pdf.starts_with(b"%PDF-1.") && pdf.ends_with(b"%%EOF"), "{name}");
        (language(&pdf), pages(&pdf))
    };
    assert_eq!(read("plain.pdf"), ("en".into(), 1));
    assert_eq!(read("ba.pdf"), ("ba".into(), 1));
    assert_eq!(read("en.pdf"), ("en".into(), 1));
    assert_eq!(read("all.pdf"), ("ru".into(), 3));
    assert_eq!(desk.read("ba.pdf"), desk.read("again.pdf"));
    assert_eq!(desk.read("plain.pdf"), desk.read("en.pdf"));
    desk.till(&["settings", "palette", "blue-orange"]).exits_with(0);
    desk.till(&["card", "blue.pdf", "--language", "en"]).exits_with(0);
    assert_ne!(desk.read("blue.pdf"), desk.read("en.pdf"));
}

#[test]
fn what_is_there_is_overwritten_only_when_asked() {
    let desk = CliHarness::new();
    desk.write("card.pdf", "somebody's");
    desk.till(&["card", "card.pdf"]).fails_with("card.pdf: the file already exists and was not overwritten");
    assert_eq!(desk.read("card.pdf"), b"somebody's");
    desk.till(&["card", "card.pdf", "--force"]).exits_with(0);
    assert!(desk.read("card.pdf").starts_with(b"%PDF"));
}

#[test]
fn bad_input_is_told() {
    let desk = CliHarness::new();
    let name = desk.till(&["card", "card.png"]);
    assert!(name.code == 2 && name.err.contains("the name must end in .pdf"), "{name:#?}");
    assert!(desk.till(&["card", "card.pdf", "--language", "de"]).code == 2);
    desk.till(&["card", "card.pdf", "--contact", &"x".repeat(81)]).fails_with("longer than 80 characters");
    desk.till(&["card", "card.pdf", "--contact", "\u{202e}x"]).fails_with("cannot be printed: \\u{202e}");
    desk.till(&["card", "no/folder/card.pdf"]).fails_with("no/folder/card.pdf: no such file");
    assert!(!desk.path("card.pdf").exists());
    let russian = desk.till_in_locale(&[("LC_ALL", "ru_RU.UTF-8")], &["card", "card.pdf", "--contact", "漢"], b"");
    russian.fails_with("--contact: знак \\u{6f22} нельзя напечатать");
}
