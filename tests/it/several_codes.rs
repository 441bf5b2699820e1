//! Promise: a text that several codes hold together is judged once all of them were seen, and a part of it never.
//!
//! `vectors/structured-append` has one text in three codes, and what begins as a pass in two.

use std::path::{Path, PathBuf};

use greenlit_testkit::cli::CliHarness;
use serde_json::Value;

fn vectors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/structured-append")
}

fn file(name: &str) -> String {
    vectors().join(name).display().to_string()
}

/// What the codes of a line of `check` say.
fn texts(line: &Value) -> Vec<String> {
    let codes = line["codes"].as_array().unwrap();
    codes.iter().map(|code| String::from_utf8(hex::decode(code["hex"].as_str().unwrap()).unwrap()).unwrap()).collect()
}

#[test]
fn all_of_them_in_one_picture_are_one_text() {
    let desk = CliHarness::new();
    let whole = std::fs::read_to_string(vectors().join("text.txt")).unwrap();
    let line = desk.till(&["check", "--json", "--codes", &file("all.png")]).json().remove(0);
    assert_eq!(texts(&line), [whole]);
    let told = desk.till(&["check", &file("all.png")]).out;
    assert!(told.contains("a web link to menu.example"), "{told}");
}

#[test]
fn a_part_is_no_text_and_it_is_said_what_to_do() {
    let desk = CliHarness::new();
    for name in ["1-of-3.png", "2-of-3.png", "3-of-3.png"] {
        let told = desk.till(&["check", &file(name)]).out;
        assert!(told.contains("show all the parts") && !told.contains("menu.example"), "{told}");
    }
}

#[test]
fn a_pass_in_several_codes_is_none() {
    let told = CliHarness::new().till(&["check", &file("pass.png")]).out;
    assert!(told.contains("a pass spread over several codes: ask the issuer for a single code"), "{told}");
}

#[test]
fn one_after_the_other_before_a_camera_they_are_one_text() {
    let desk = CliHarness::new();
    let whole = std::fs::read_to_string(vectors().join("text.txt")).unwrap();
    for (folder, shown) in [("all", &[3, 3, 1, 2, 2][..]), ("some", &[3, 1, 1, 3])] {
        std::fs::create_dir(desk.path(folder)).unwrap();
        for (number, part) in shown.iter().enumerate() {
            std::fs::copy(file(&format!("{part}-of-3.png")), desk.path(folder).join(format!("{number}.png"))).unwrap();
        }
    }
    let line = desk.till(&["check", "--json", "--stream", "all"]).json().remove(0);
    assert_eq!((texts(&line), &line["first_read_frame"]), (vec![whole], &3.into()), "{line}");
    let line = desk.till(&["check", "--json", "--stream", "some"]).json().remove(0);
    assert_eq!((texts(&line).len(), &line["first_read_frame"]), (0, &Value::Null), "{line}");
}
