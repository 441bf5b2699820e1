//! Promise: only a pass that may be handed out is printed, each fault costs its own row and is told with its line, and
//! nothing that is there is replaced.

use greenlit_testkit::cli::{CliHarness, Run};

use crate::print::{rows, tool, with_passes};

fn print(desk: &CliHarness, folder: &str, file: &str, more: &[&str]) -> Run {
    desk.issuer(&[&["print", folder, file][..], more].concat())
}

fn told(run: &Run) -> serde_json::Value {
    serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {run:#?}"))
}

#[test]
fn rows_that_must_not_be_printed_are_told_and_the_others_are_printed() {
    let desk = with_passes(6);
    desk.init("other");
    let (foreign, foreign_reference) = desk.issue("other", &[]);
    let all = rows(&desk);
    desk.issuer(&["revoke", "a", &all[1].reference]).exits_with(0);
    desk.issuer(&["revoke", "a", &all[2].reference, "--suspend"]).exits_with(0);
    let row = |id: &str, reference: &str, text: &str| format!("{id};{reference};{text}\n");
    let altered =
        all[3].text.replacen(&all[3].text[60..63], if &all[3].text[60..63] == "AAA" { "BBB" } else { "AAA" }, 1);
    let file = [
        "id;ref;pass\n".into(),
        row("good", &all[0].reference, &all[0].text),
        row("revoked", &all[1].reference, &all[1].text),
        row("suspended", &all[2].reference, &all[2].text),
        row("altered", &all[3].reference, &altered),
        row("moved", &all[4].reference, &all[5].text),
        row("foreign", &foreign_reference, &foreign),
        row("none", "1-1", "https://example.org"),
        "short\n".into(),
        row("good too", &all[4].reference, &all[4].text),
    ]
    .concat();
    desk.write("mixed.csv", file);
    for (form, out) in [("png", "png"), ("svg", "svg.zip"), ("letter", "letters.pdf"), ("wallet", "cards.pdf")] {
        let run = print(&desk, "a", "mixed.csv", &["--as", form, "--out", out, "--json"]);
        assert_eq!(run.code, 1, "{run:#?}");
        let told = told(&run);
        assert_eq!((&told["printed"], &told["failed"]), (&2.into(), &7.into()), "{told}");
        let why: Vec<(u64, &str, &str)> = told["told"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| (row["line"].as_u64().unwrap(), row["id"].as_str().unwrap(), row["reason"].as_str().unwrap()))
            .collect();
        for (at, (line, id, reason)) in [
            (3, "revoked", "revoked"),
            (4, "suspended", "suspended"),
            (5, "altered", "not"),
            (6, "moved", "cells of the file were moved or changed"),
            (7, "foreign", "not signed by a key of this authority"),
            (8, "none", "not a pass"),
            (9, "", "another number of columns"),
        ]
        .into_iter()
        .enumerate()
        {
            assert!((why[at].0, why[at].1) == (line, id) && why[at].2.contains(reason), "{:?}", why[at]);
        }
    }
    assert_eq!(tool(&desk, "qpdf", &["--show-npages", "letters.pdf"]).trim(), "2");
    let said = print(&desk, "a", "mixed.csv", &["--as", "png", "--out", "png"]);
    assert!(said.out.contains("0 passes printed, 2 there already") && said.out.contains("7 not printed"), "{said:#?}");
    assert!(said.err.contains("line 6 (moved): the row's reference is "), "{said:#?}");
}

#[test]
fn without_the_authority_s_folder_passes_are_held_to_what_it_has_published() {
    let desk = with_passes(3);
    let all = rows(&desk);
    desk.issuer(&["revoke", "a", &all[0].reference]).exits_with(0);
    let run = |out: &str| print(&desk, "pub", "people.passes.csv", &["--as", "letter", "--out", out, "--json"]);
    // Not yet published.
    assert_eq!(told(&run("before.pdf"))["printed"], 3);
    desk.issuer(&["publish", "a", "pub"]).exits_with(0);
    let after = run("after.pdf");
    assert_eq!((after.code, &told(&after)["printed"]), (1, &2.into()), "{after:#?}");
    assert_eq!(told(&after)["told"][0]["reason"], "revoked");
    // Of another authority.
    desk.init("other");
    desk.issuer(&["publish", "other", "other-pub"]).exits_with(0);
    let run = print(&desk, "other-pub", "people.passes.csv", &["--as", "png", "--out", "none", "--json"]);
    assert_eq!((run.code, &told(&run)["failed"]), (1, &3.into()), "{run:#?}");
    assert!(told(&run)["told"][0]["reason"].as_str().unwrap().contains("KEY"), "{run:#?}");
}

#[test]
fn one_pass_is_printed_again_by_its_reference_or_id() {
    let desk = with_passes(4);
    let all = rows(&desk);
    let run =
        print(&desk, "a", "people.passes.csv", &["--as", "letter", "--out", "one.pdf", "--only", &all[2].reference]);
    assert_eq!(run.code, 0, "{run:#?}");
    let text = tool(&desk, "pdftotext", &["one.pdf", "-"]);
    assert!(text.contains(&all[2].reference) && !text.contains(&all[1].reference), "{text}");
    let more = ["--as", "png", "--out", "some", "--only", "r0", "--only", "r3", "--only", "1-nobody"];
    let run = print(&desk, "a", "people.passes.csv", &more);
    assert!(run.code == 1 && run.out.starts_with("2 passes printed"), "{run:#?}");
    assert!(run.err.contains("1-nobody: no such reference or id in the file"), "{run:#?}");
}

#[test]
fn nothing_is_replaced_and_a_folder_is_gone_on_with() {
    let desk = with_passes(3);
    let all = rows(&desk);
    let name = |at: usize| format!("png/{}_{}.png", all[at].id, all[at].reference);
    let run = || print(&desk, "a", "people.passes.csv", &["--as", "png", "--out", "png", "--json"]);
    assert_eq!(told(&run())["printed"], 3);
    std::fs::remove_file(desk.path(&name(0))).unwrap();
    desk.write(&name(1), "somebody's");
    let again = run();
    let counts = told(&again);
    assert_eq!(
        (&counts["printed"], &counts["already"], &counts["failed"]),
        (&1.into(), &1.into(), &1.into()),
        "{again:#?}"
    );
    assert!(counts["told"][0]["reason"].as_str().unwrap().contains("already exists"), "{again:#?}");
    assert_eq!(desk.read(&name(1)), b"somebody's");

    for (form, out) in [("letter", "there.pdf"), ("svg", "there.zip")] {
        desk.write(out, "somebody's");
        print(&desk, "a", "people.passes.csv", &["--as", form, "--out", out]).fails_with("nothing was replaced");
        assert_eq!(desk.read(out), b"somebody's");
    }
    let (today, held) = (greenlit_testkit::cli::today(), desk.path("held"));
    std::fs::write(&held, greenlit_testkit::cli::HOLDER).unwrap();
    let issue = ["issue", "a", "--basis", "vaccination", "--on", &today, "--holder", "held", "--letter"];
    desk.issuer(&[&issue[..], &["there.pdf"]].concat()).fails_with("nothing was issued");
    desk.issuer(&[&issue[..], &["letter.txt"]].concat()).fails_with("ends in .pdf; nothing was issued");
}

#[test]
fn a_wrong_file_or_output_and_a_full_disk_are_told_in_one_line() {
    let desk = with_passes(2);
    desk.write("other.csv", "name;born\nx;y\n");
    let letter = ["--as", "letter", "--out", "x.pdf"];
    print(&desk, "a", "other.csv", &letter).fails_with("other.csv: not a file of passes as `issue-batch` writes it");
    print(&desk, "a", "none.csv", &letter).fails_with("none.csv: no such file");
    print(&desk, "nowhere", "people.passes.csv", &letter).fails_with("nowhere");
    print(&desk, "a", "a", &letter).fails_with("not a regular file");
    print(&desk, "a", "people.passes.csv", &["--as", "letter", "--out", "folder"]).fails_with("ends in .pdf");
    print(&desk, "a", "people.passes.csv", &["--as", "png", "--out", "x.pdf"]).fails_with("ends in .zip");
    print(&desk, "a", "people.passes.csv", &["--as", "png", "--out", "people.csv"]).fails_with("go to a folder");
    assert!(!desk.path("x.pdf").exists());
    let full = |form: &str, out: &str| {
        let command = format!("greenlit-issuer print pub people.passes.csv --as {form} --out {out}");
        desk.shell(&format!("trap '' XFSZ; ulimit -f 1; {command}")).fails_with("no space left on the disk");
    };
    full("letter", "full.pdf");
    full("png", "full");
    assert!(!desk.path("full.pdf").exists());
    assert_eq!(std::fs::read_dir(desk.path("full")).unwrap().count(), 0);
    print(&desk, "a", "people.passes.csv", &["--as", "png", "--out", "full"]).exits_with(0);
}
