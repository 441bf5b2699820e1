//! Where the window says the same, it says it in the same words.

use std::collections::BTreeMap;

use greenlit_words::{Template, kinds, staff, terminal};

/// Said here and not in the window.
const NOT_IN_THE_WINDOW: [&str; 9] =
    ["ok", "camera", "camera_advice", "discount", "free_entry", "exemption", "ok_of_others", "paid_leave", "reminder"];

fn catalogue(language: &str) -> BTreeMap<String, String> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let path = format!("{root}/assets/translations/{language}/LC_MESSAGES/greenlit-ui.po");
    let source = std::fs::read_to_string(path).unwrap();
    let quoted = |line: &str, key: &str| Some(line.strip_prefix(key)?.trim().trim_matches('"').to_owned());
    let mut all = BTreeMap::new();
    let mut id = String::new();
    for line in source.lines() {
        if let Some(text) = quoted(line, "msgid ") {
            id = text;
        } else if let Some(text) = quoted(line, "msgstr ") {
            all.insert(std::mem::take(&mut id), text);
        }
    }
    all
}

/// With holes as the window's catalogues write them.
fn plain(text: &str) -> String {
    text.replace("{host}", "{}")
}

#[test]
fn the_window_and_these_words_agree() {
    let (ru, ba) = (catalogue("ru"), catalogue("ba"));
    let agree = |text: &Template| {
        let en = plain(text.en.unwrap());
        assert_eq!(ru.get(&en).map(String::as_str), Some(plain(text.ru).as_str()), "{}: {en}", text.name);
        assert_eq!(ba.get(&en).map(String::as_str), Some(plain(text.ba).as_str()), "{}: {en}", text.name);
    };
    let both = staff::TEMPLATES.iter().chain(kinds::TEMPLATES);
    let mut compared = 0;
    for text in both.filter(|text| !NOT_IN_THE_WINDOW.contains(&text.name)) {
        agree(text);
        compared += 1;
    }
    assert!(compared > 50, "{compared}");
    let also = ["own_offer", "not_a_pass"];
    terminal::answers::TEMPLATES.iter().filter(|text| also.contains(&text.name)).for_each(agree);
}

#[test]
fn what_is_said_not_to_be_in_the_window_is_not() {
    let ru = catalogue("ru");
    for name in NOT_IN_THE_WINDOW {
        let text = staff::TEMPLATES.iter().chain(kinds::TEMPLATES).find(|text| text.name == name).unwrap();
        assert!(!ru.contains_key(text.en.unwrap()), "{name}");
    }
}
