//! Promise: `issue` keeps a holder's data off the command line, and reads what people paste and laboratories write
//! as it is meant; a slip of the pen is named and never turned into a refusal.

use greenlit_testkit::cli::{self, CliHarness, HOLDER, Run};

/// Issues on today's vaccination for a holder of this file.
fn with_holder(desk: &CliHarness, holder: &str) -> Run {
    let today = cli::today();
    desk.issuer_reading(&["issue", "a", "--basis", "vaccination", "--on", &today, "--holder", "-"], holder.as_bytes())
}

fn with_name(desk: &CliHarness, name: &str) -> Run {
    with_holder(desk, &HOLDER.replace("Закирова Ильсияр Булатовна", name))
}

/// What the pass says of its holder.
fn shown(desk: &CliHarness, run: Run) -> String {
    desk.issuer(&["inspect", run.exits_with(0).trim()]).exits_with(1)
}

#[test]
fn data_from_a_file_or_standard_input_are_kept_from_the_process_list() {
    let desk = CliHarness::with_authority();
    desk.write("holder.toml", HOLDER);
    let today = cli::today();
    let basis = ["issue", "a", "--basis", "vaccination", "--on", &today];
    let from_file = desk.issuer(&[&basis[..], &["--holder", "holder.toml"]].concat());
    let from_input = desk.issuer_reading(&[&basis[..], &["--holder", "-"]].concat(), HOLDER.as_bytes());
    for run in [from_file, from_input] {
        assert!(run.err.lines().count() == 1 && run.err.starts_with("pass "), "{run:#?}");
        let says = shown(&desk, run);
        assert!(says.contains("initials З. И. Б.") && says.contains("Passport ending in 5678"), "{says}");
        assert!(says.contains("birthday 05-09"), "{says}");
    }
    // Given as arguments they are taken all the same, with one line on what that means.
    let person = ["--name", "А Б", "--born", "09.05.1984", "--document", "8012345678"];
    let run = desk.issuer(&[&basis[..], &person].concat());
    assert_eq!(run.err.lines().count(), 2, "{run:#?}");
    assert!(run.err.starts_with("greenlit-issuer: a name, date of birth and document given as arguments"), "{run:#?}");
    assert!(shown(&desk, run).contains("initials А. Б."));
}

#[test]
fn data_that_are_not_whole_or_not_a_holder_s_are_refused() {
    let desk = CliHarness::with_authority();
    let today = cli::today();
    let basis = ["issue", "a", "--basis", "vaccination", "--on", &today];
    let with = |more: &[&str]| desk.issuer(&[&basis[..], more].concat());
    with(&[]).fails_with("--holder FILE");
    with(&["--name", "А Б", "--born", "1984-05-09"]).fails_with("--holder FILE");
    with(&["--holder", "nowhere"]).fails_with("no such file");
    with(&["--holder", "."]).fails_with("not a regular file");
    with(&["--holder", "-"]).fails_with("standard input: line 1: missing field `name`");
    let both = with(&["--holder", "-", "--name", "А Б"]);
    assert!(both.code == 2 && both.err.contains("cannot be used with"), "{both:#?}");
    desk.write("large", vec![b'#'; 20_000]);
    with(&["--holder", "large"]).fails_with("larger than");
    desk.shell(&format!("yes '#' | greenlit-issuer {} --holder -", basis.join(" "))).fails_with("larger than");
    for (holder, words) in [
        (HOLDER.replace("born", "birth"), "line 2: unknown field `birth`"),
        (HOLDER.replace("1984-05-09", "31.02.1984"), "\"31.02.1984\" is not a date"),
        (format!("{HOLDER}document_kind = \"licence\""), "line 4: unknown variant `licence`"),
    ] {
        with_holder(&desk, &holder).fails_with(words);
    }
    assert!(desk.issuer(&["keys", "a"]).code == 0 && desk.issuer(&["revoke", "a", "1-0"]).code == 2);
}

#[test]
fn a_name_is_taken_as_what_it_looks_like() {
    let desk = CliHarness::with_authority();
    for (name, initials) in [
        ("Закирова\u{A0}Ильсияр Булатовна", "З. И. Б."),
        ("Салтыков\u{2011}Щедрин Михаил", "С. М."),
        ("O\u{2019}Neill \u{2018}Abd", "O. A."),
        ("\u{FEFF}Иванов Иван", "И. И."),
        ("ნინო ბერიძე", "ნ. ბ."),
        ("\u{01C6}emal", "\u{01C5}."),
    ] {
        let says = shown(&desk, with_name(&desk, name));
        assert!(says.contains(&format!("initials {initials}\n")), "{name:?}: {says}");
    }
}

#[test]
fn any_other_character_is_named_with_its_place_and_is_no_refusal() {
    let desk = CliHarness::with_authority();
    for (name, words) in [
        ("R2D2", "the name contains U+0032 (\"2\") at place 2"),
        ("А\u{200B}Б", "the name contains U+200B at place 2"),
        ("\u{FEFF}Б\u{202E}", "the name contains U+202E at place 3"),
        ("Иванов, Иван", "the name contains U+002C (\",\") at place 7"),
        ("А\\nБ", "the name contains U+000A at place 2"),
        ("", "the name contains no letters"),
    ] {
        let run = with_name(&desk, name);
        assert!(!run.err.contains("refused"), "{run:#?}");
        run.fails_with(words);
    }
    with_holder(&desk, &HOLDER.replace("80 12", "80;12"))
        .fails_with("the document number contains U+003B (\";\") at place 3");
    // Who has no right to a pass is told so, as before.
    let run = with_holder(&desk, &HOLDER.replace("1984", "2199"));
    assert!(run.code == 1 && run.err.contains("refused"), "{run:#?}");
}

#[test]
fn days_and_results_are_read_as_laboratories_write_them() {
    let desk = CliHarness::with_authority();
    let today = cli::today();
    let parts: Vec<&str> = today.split('-').collect();
    let dotted = format!("{}.{}.{}", parts[2], parts[1], parts[0]);
    let with = |igg: &str, on: &str| {
        let args = ["issue", "a", "--basis", "antibodies", "--igg", igg, "--on", on, "--holder", "-"];
        desk.issuer_reading(&args, HOLDER.replace("1984-05-09", "09.05.1984").as_bytes())
    };
    let plain = with("100.5", &today).err;
    for igg in [">100", "> 100,5", "≥11", "12,5"] {
        let run = with(igg, &dotted);
        assert_eq!(run.code, 0, "{igg}: {run:#?}");
        assert_eq!(run.err.split_once(", ").unwrap().1, plain.split_once(", ").unwrap().1);
    }
    for (igg, words) in
        [("<0,5", "is not above 10"), ("<100", "could be above or below"), (">9", "could be above or below")]
    {
        let run = with(igg, &today);
        assert!(run.code == 1 && run.err.contains(words), "{igg}: {run:#?}");
    }
    for (igg, on) in [("12.5", "20.11.26"), ("12.5", "2026-13-01"), ("=5", &today), (">", &today)] {
        let run = with(igg, on);
        assert!(run.code == 2 && run.out.is_empty(), "{igg} {on}: {run:#?}");
    }
}
