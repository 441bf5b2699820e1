//! Promise: the rows of a file become passes once each, whatever is wrong with some of them and whatever cuts it short.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use greenlit_testkit::cli::{self, CliHarness, DAY, Run, later};

const HEADER: &str = "id;ФИО;Дата рождения;Номер документа;Основание;Дата;Результат IgG";

/// A day as offices write it, so many days ago.
fn ago(days: i64) -> String {
    let day = later(-days * DAY);
    let parts: Vec<&str> = day[..10].split('-').collect();
    format!("{}.{}.{}", parts[2], parts[1], parts[0])
}

/// A good row for everybody but each tenth, whose IgG is too low, and each twenty-fifth, whose name has a digit.
fn row(number: usize) -> String {
    let name = if number % 25 == 3 {
        "Закиров 2й".into()
    } else {
        format!("Закиров Ильдар {}", ["А", "Б", "В"][number % 3])
    };
    let (basis, igg) = match number % 10 {
        7 => ("антитела", "9,5"),
        2 => ("антитела", "> 100"),
        _ => ("вакцинация", ""),
    };
    format!("r{number};{name};09.05.1984;80 12 {number:06};{basis};{};{igg}", ago(3))
}

fn file(rows: impl IntoIterator<Item = usize>) -> String {
    rows.into_iter().fold(format!("{HEADER}\n"), |file, number| file + &row(number) + "\n")
}

fn batch(desk: &CliHarness, file: &str, more: &[&str]) -> Run {
    desk.issuer(&[&["issue-batch", "a", file, "--json"], more].concat())
}

fn counts(run: &Run) -> serde_json::Value {
    serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {run:#?}"))
}

/// The cells of each line of a file of passes, by their names.
fn passes(desk: &CliHarness, name: &str) -> Vec<BTreeMap<String, String>> {
    let text = String::from_utf8(desk.read(name)).unwrap();
    let mut lines = text.lines().map(|line| line.split(';').map(String::from).collect::<Vec<_>>());
    let names = lines.next().unwrap();
    lines.map(|cells| names.iter().cloned().zip(cells).collect()).collect()
}

#[test]
fn a_file_becomes_passes_once_and_what_was_wrong_can_be_corrected_and_sent_again_alone() {
    let desk = CliHarness::with_till();
    desk.write("people.csv", file(0..100));
    let run = batch(&desk, "people.csv", &["--part", "7"]);
    assert_eq!(run.code, 1, "{run:#?}");
    let told = counts(&run);
    // 3, 28, 53, 78 have a digit in their names; 7, 17 … are refused.
    assert_eq!((&told["rows"], &told["issued"], &told["already"]), (&100.into(), &86.into(), &0.into()), "{told}");
    assert_eq!(told["refused"], serde_json::json!({"igg-too-low": 10}));
    assert_eq!(told["faulty"], serde_json::json!({"ФИО": 4}));

    let all = passes(&desk, "people.passes.csv");
    assert_eq!(all.len(), 86);
    let refs: BTreeSet<&String> = all.iter().map(|pass| &pass["ref"]).collect();
    assert_eq!(refs.len(), 86);
    // In the order of the file, each with the sender's own id and its line.
    let lines: Vec<usize> = all.iter().map(|pass| pass["line"].parse().unwrap()).collect();
    assert!(
        lines.is_sorted()
            && all.iter().all(|pass| pass["id"] == format!("r{}", pass["line"].parse::<usize>().unwrap() - 2))
    );
    for pass in all.iter().step_by(9) {
        assert_eq!(desk.code(&pass["pass"], None), "OK", "{pass:?}");
    }
    assert!(
        all.iter().any(|pass| pass["valid_through"] == later(DAY * 362)[..10] || pass["valid_from"] == cli::today())
    );

    // Again: nothing. And into other files, as if the first had been lost: the same passes, none of them new.
    let again = batch(&desk, "people.csv", &[]);
    assert!(counts(&again)["was_done"] == true && counts(&again)["issued"] == 86, "{again:#?}");
    desk.shell("cp people.csv copy.csv").exits_with(0);
    let copy = batch(&desk, "copy.csv", &[]);
    assert_eq!(counts(&copy)["rows"], 100);
    let texts = |name: &str| passes(&desk, name).into_iter().map(|pass| pass["pass"].clone()).collect::<Vec<_>>();
    assert_eq!(texts("copy.passes.csv"), texts("people.passes.csv"));

    // What was rejected, corrected where it can be, and sent alone.
    let rejected = String::from_utf8(desk.read("people.rejected.csv")).unwrap();
    assert_eq!(rejected.lines().count(), 15);
    assert!(rejected.lines().next().unwrap().ends_with(";line;column;reason"), "{rejected}");
    let told = rejected.lines().find(|line| line.starts_with("r3;")).unwrap();
    assert!(told.contains(";5;ФИО;\"the name contains U+0032"), "{told}");
    desk.write("corrected.csv", rejected.replace("2й", "Второй"));
    let corrected = batch(&desk, "corrected.csv", &[]);
    assert_eq!((&counts(&corrected)["issued"], &counts(&corrected)["refused"]["igg-too-low"]), (&4.into(), &10.into()));
}

#[test]
fn a_pass_that_was_revoked_is_not_given_back_by_the_same_rows_and_a_better_ground_gives_another() {
    let desk = CliHarness::with_authority();
    let person = |basis: &str, igg: &str| {
        format!("{HEADER}\n1;Закиров Ильдар;09.05.1984;80 12 345678;{basis};{};{igg}\n", ago(1))
    };
    desk.write("tested.csv", person("антитела", "50"));
    assert_eq!(batch(&desk, "tested.csv", &[]).code, 0);
    // The same person, typed otherwise, has it already.
    desk.write("typed.csv", person("antibodies", "60").replace("80 12 345678", "8012-345678"));
    assert_eq!(counts(&batch(&desk, "typed.csv", &[]))["already"], 1);
    desk.write("vaccinated.csv", person("прививка", ""));
    assert_eq!(counts(&batch(&desk, "vaccinated.csv", &[]))["issued"], 1);
    let best = passes(&desk, "vaccinated.passes.csv")[0]["ref"].clone();
    desk.issuer(&["revoke", "a", &best]).exits_with(0);
    desk.shell("cp vaccinated.csv again.csv; echo >>again.csv").exits_with(0);
    let again = batch(&desk, "again.csv", &[]);
    assert!(again.code == 1 && counts(&again)["refused"]["revoked"] == 1, "{again:#?}");
    let rejected = String::from_utf8(desk.read("again.rejected.csv")).unwrap();
    assert!(rejected.contains(&format!("has pass {best}, which was revoked")), "{rejected}");
}

#[test]
fn files_as_offices_send_them_are_read_and_others_named() {
    let desk = CliHarness::with_authority();
    let text = file([0, 1]);
    let windows: Vec<u8> = text
        .chars()
        .map(|letter| match letter {
            'А'..='я' => u8::try_from(u32::from(letter) - u32::from('А') + 0xC0).unwrap(),
            other => u8::try_from(u32::from(other)).unwrap(),
        })
        .collect();
    for (name, bytes, encoding) in [
        ("plain.csv", text.clone().into_bytes(), "UTF-8"),
        ("marked.csv", format!("\u{FEFF}{}", file([2, 4])).into_bytes(), "UTF-8"),
        ("sep.csv", format!("sep=;\r\n{}", file([5, 6]).replace('\n', "\r\n")).into_bytes(), "UTF-8"),
        ("commas.csv", file([8, 9]).replace(';', ",").into_bytes(), "UTF-8"),
    ] {
        desk.write(name, bytes);
        let run = batch(&desk, name, &[]);
        assert!(run.code == 0 && counts(&run)["issued"] == 2, "{name}: {run:#?}");
        assert!(run.err.contains(encoding), "{run:#?}");
    }
    // The same people in Windows-1251 are the same people.
    desk.write("windows.csv", &windows);
    let run = batch(&desk, "windows.csv", &[]);
    assert!(run.code == 0 && run.err.contains("Windows-1251") && counts(&run)["already"] == 2, "{run:#?}");

    let mixed = [text.clone().into_bytes(), windows.clone()].concat();
    for (name, bytes, words) in [
        ("utf16.csv", [0xFF, 0xFE, b'n', 0].to_vec(), "UTF-16 is not supported"),
        ("mixed.csv", mixed, "neither UTF-8 nor Windows-1251 all through: line 4"),
        ("empty.csv", Vec::new(), "the file is empty"),
        ("headless.csv", row(1).into_bytes(), "no column says the name"),
        ("twice.csv", b"name;name;born;document;basis;on".to_vec(), "two columns both say the name"),
        ("wide.csv", vec![b';'; 1 << 20], "the first line is longer"),
    ] {
        desk.write(name, bytes);
        batch(&desk, name, &[]).fails_with(words);
        assert!(!desk.path(&name.replace(".csv", ".passes.csv")).exists(), "{name}");
    }
    batch(&desk, "nowhere.csv", &[]).fails_with("no such file");
    // What is there already and of another batch is left alone.
    desk.write("plain2.csv", file([40]));
    desk.shell("echo mine >plain2.passes.csv").exits_with(0);
    batch(&desk, "plain2.csv", &[]).fails_with("already exists and is not of this batch");
    assert_eq!(desk.read("plain2.passes.csv"), b"mine\n");
}

#[test]
fn rows_that_are_broken_cost_themselves_alone() {
    let desk = CliHarness::with_authority();
    let long = format!("{}{}", row(6), "x".repeat(200_000));
    let rows = [
        HEADER.to_owned(),
        row(0),
        format!("\"{}", row(1)),
        long,
        "a;b".into(),
        row(4).replace("Закиров", "Зак\u{0}иров"),
        row(5).replace("Закиров", "\"Закиров\""),
        row(8).replace("80 12", "=80 12"),
    ];
    // The last one is cut short in the middle.
    desk.write("broken.csv", format!("{}\n{}", rows.join("\n"), &row(9)[..40]));
    let run = batch(&desk, "broken.csv", &[]);
    assert_eq!(run.code, 1, "{run:#?}");
    let told = counts(&run);
    assert_eq!((&told["rows"], &told["issued"]), (&8.into(), &2.into()), "{told}");
    let rejected = String::from_utf8(desk.read("broken.rejected.csv")).unwrap();
    for words in [
        "a quotation mark is not closed",
        "longer than 65536 bytes",
        "has 2 columns, and the header 7",
        "U+0000",
        "'=80 12",
    ] {
        assert!(rejected.contains(words), "{words}: {rejected}");
    }
}

#[test]
fn no_row_is_lost_between_quotation_marks_or_read_out_of_a_remark() {
    let desk = CliHarness::with_authority();
    let good = |number: usize| row(number * 10).replacen("r", "", 1);
    // Marks inside fields, a field of two lines with a row in it, one that is not closed.
    let rows = [
        format!("{HEADER};Примечание"),
        format!("{};", good(1)).replace("Закиров", "ООО \"Ромашка"),
        format!("{};труба 5\"", good(2)),
        format!("{};\"примечание\n{};x\"", good(3), good(4)),
        format!("{};\"не закрыто", good(5)),
        format!("{};", good(6)),
    ];
    desk.write("quotes.csv", rows.join("\n"));
    let run = batch(&desk, "quotes.csv", &[]);
    let told = counts(&run);
    assert_eq!((&told["rows"], &told["issued"]), (&5.into(), &3.into()), "{run:#?}");
    assert_eq!(told["faulty"], serde_json::json!({"ФИО": 1, "row": 1}));
    let lines: Vec<String> = passes(&desk, "quotes.passes.csv").iter().map(|pass| pass["line"].clone()).collect();
    assert_eq!(lines, ["3", "4", "7"]);

    desk.write("header.csv", format!("{HEADER};\"размер\n{};\n", good(7)));
    batch(&desk, "header.csv", &[]).fails_with("open quotation mark");
    desk.write("old.csv", format!("{HEADER}\r{}\r", good(7)));
    batch(&desk, "old.csv", &[]).fails_with("carriage return alone");
}

#[test]
fn a_row_of_another_encoding_is_not_read_as_other_letters() {
    let desk = CliHarness::with_authority();
    let windows = |text: &str| -> Vec<u8> {
        text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or_else(|_| (u32::from(c) - 0x350) as u8)).collect()
    };
    let mut bytes = windows(&file((0..200).filter(|number| number % 10 == 0)));
    bytes.extend(row(990).into_bytes());
    desk.write("row.csv", bytes);
    let run = batch(&desk, "row.csv", &[]);
    let told = counts(&run);
    assert_eq!((&told["issued"], &told["faulty"]["row"]), (&20.into(), &1.into()), "{run:#?}");
    let rejected = String::from_utf8(desk.read("row.rejected.csv")).unwrap();
    assert!(rejected.contains("is not Windows-1251") && rejected.contains("Закиров"), "{rejected}");
}

#[test]
fn one_pass_is_never_made_under_two_names() {
    let desk = CliHarness::with_authority();
    let other = row(10).replace("Закиров Ильдар Б", "Петров Пётр");
    desk.write("names.csv", format!("{HEADER}\n{}\n{other}\n", row(10)));
    let run = batch(&desk, "names.csv", &[]);
    assert_eq!((&counts(&run)["issued"], &counts(&run)["faulty"]["row"]), (&1.into(), &1.into()), "{run:#?}");
    let rejected = String::from_utf8(desk.read("names.rejected.csv")).unwrap();
    assert!(rejected.contains("was given out under another name"), "{rejected}");
}

#[test]
fn what_stands_in_the_way_of_going_on_is_named_and_nothing_is_destroyed() {
    let desk = CliHarness::with_authority();
    desk.write("people.csv", file(0..30));
    for same in [&["--out", "people.csv"][..], &["--rejected", "./people.csv"], &["--out", "x", "--rejected", "x"]] {
        batch(&desk, "people.csv", same).fails_with("given for two of the input and the outputs");
    }
    assert_eq!(String::from_utf8(desk.read("people.csv")).unwrap(), file(0..30));
    assert_eq!(counts(&batch(&desk, "people.csv", &[]))["issued"], 25);
    batch(&desk, "people.csv", &["--rejected", "elsewhere.csv"])
        .fails_with("was begun with --rejected people.rejected.csv");
    batch(&desk, "people.csv", &["--basis", "vaccination"]).fails_with("was begun with");
    // An output that somebody has saved again, or lost, is not the batch's any more; all of it can be written anew.
    desk.shell("sed -i 's/$/\\r/' people.passes.csv").exits_with(0);
    batch(&desk, "people.csv", &[]).fails_with("is not there as this batch wrote it");
    desk.shell("rm people.passes.csv").exits_with(0);
    batch(&desk, "people.csv", &[]).fails_with("is not there as this batch wrote it");
    desk.shell("rm people.rejected.csv people.passes.csv.progress").exits_with(0);
    let anew = counts(&batch(&desk, "people.csv", &[]));
    assert_eq!((&anew["rows"], &anew["issued"]), (&30.into(), &25.into()), "{anew}");
    let register = rusqlite::Connection::open(desk.path("a/register.db")).unwrap();
    let entered: i64 = register.query_row("SELECT count(*) FROM pass", [], |row| row.get(0)).unwrap();
    assert_eq!(entered, 25);
}

/// The register, the witness and both files say the same, however often it was killed.
#[test]
fn killed_again_and_again_it_goes_on_and_issues_every_pass_once() {
    let kills = 200;
    let desk = CliHarness::with_till();
    desk.write("people.csv", file(0..3_000));
    let args = ["issue-batch", "a", "people.csv", "--part", "10", "--json"];
    let mut killed = 0;
    while killed < kills {
        let mut child = desk.issuer_unheard(&args);
        // Wherever this comes: what must hold does not depend on it.
        std::thread::sleep(Duration::from_millis(killed * 7 % 50));
        child.kill().unwrap();
        child.wait().unwrap();
        killed += 1;
    }
    let run = desk.issuer(&args);
    assert_eq!(run.code, 1, "{run:#?}");
    let told = counts(&run);
    assert_eq!((&told["rows"], &told["issued"], &told["already"]), (&3_000.into(), &2_580.into(), &0.into()), "{told}");
    assert_eq!((&told["refused"]["igg-too-low"], &told["faulty"]["ФИО"]), (&300.into(), &120.into()));
    let all = passes(&desk, "people.passes.csv");
    let refs: BTreeSet<&String> = all.iter().map(|pass| &pass["ref"]).collect();
    assert_eq!((all.len(), refs.len()), (2_580, 2_580));
    let register = rusqlite::Connection::open(desk.path("a/register.db")).unwrap();
    let count = |sql: &str| register.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(count("SELECT count(*) FROM pass"), 2_580);
    assert_eq!(count("SELECT count(DISTINCT person) FROM pass"), 2_580);
    assert_eq!(count("SELECT next_row FROM list"), 2_580);
    for pass in all.iter().step_by(500) {
        assert_eq!(desk.code(&pass["pass"], None), "OK", "{pass:?}");
    }
}
