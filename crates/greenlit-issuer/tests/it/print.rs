//! Promise: what people get in their hands holds the pass they were issued, as every form and in every language: its code
//! is read back from what a printer gets, its text can be copied, and nothing stands outside of where it belongs.

use std::collections::BTreeSet;
use std::process::Command;
use std::time::Duration;

use greenlit_camera::picture;
use greenlit_core::pass::{Pass, SignedPass};
use greenlit_qr::LumaFrame;
use greenlit_testkit::cli::{CliHarness, HOLDER, today};
use resvg::{tiny_skia, usvg};

/// Far more than any machine takes.
const PATIENCE: Duration = Duration::from_secs(600);
/// Points a millimetre.
const MM: f64 = 72.0 / 25.4;
/// A4 in points, and its margin on a letter.
const A4: (f64, f64) = (595.28, 841.89);
const LETTER_MARGIN: f64 = 22.0 * MM;
/// A wallet card, and how many are across and down.
const CARD: (f64, f64) = (85.60 * MM, 53.98 * MM);
const ACROSS: usize = 2;
const DOWN: usize = 5;

/// So many people's passes in `people.passes.csv`, of an authority that has published since.
pub(crate) fn with_passes(people: usize) -> CliHarness {
    let desk = CliHarness::with_authority();
    add_passes(&desk, people);
    desk.issuer(&["publish", "a", "pub"]).exits_with(0);
    desk
}

fn add_passes(desk: &CliHarness, people: usize) {
    let mut rows = "id;name;born;document;basis;on\n".to_owned();
    for number in 0..people {
        rows += &format!("r{number};Закирова Ҙөлфиә Үзбәковна;09.05.1984;80 12 {number:06};vaccination;{}\n", today());
    }
    desk.write("people.csv", rows);
    desk.issuer(&["issue-batch", "a", "people.csv"]).exits_with(0);
}

/// A row of a file of passes.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) reference: String,
    pub(crate) text: String,
}

impl Row {
    fn pass(&self) -> Pass {
        SignedPass::parse(self.text.as_bytes()).unwrap().unverified().0.clone()
    }
}

pub(crate) fn rows(desk: &CliHarness) -> Vec<Row> {
    let text = String::from_utf8(desk.read("people.passes.csv")).unwrap();
    let cells = |line: &str| line.split(';').map(str::to_owned).collect::<Vec<_>>();
    let row = |cells: Vec<String>| Row { id: cells[1].clone(), reference: cells[2].clone(), text: cells[6].clone() };
    text.lines().skip(1).map(|line| row(cells(line))).collect()
}

/// What a tool of `script/bootstrap pdf` says of a file in the desk's folder.
#[track_caller]
pub(crate) fn tool(desk: &CliHarness, name: &str, args: &[&str]) -> String {
    let run = Command::new(name).args(args).current_dir(desk.path("")).output();
    let run = run.unwrap_or_else(|error| panic!("{name}: {error}; run: script/bootstrap pdf"));
    assert!(run.status.success(), "{name} {args:?}: {run:#?}");
    String::from_utf8(run.stdout).unwrap()
}

fn codes(frame: &LumaFrame) -> Vec<String> {
    let symbols = greenlit_qr::read(frame, PATIENCE).symbols;
    symbols.into_iter().map(|symbol| String::from_utf8(symbol.payload).unwrap()).collect()
}

/// The codes in a part of a page, in pixels at 300 dpi: left, top, width, height.
fn codes_on_paper(desk: &CliHarness, pdf: &str, page: usize, [x, y, width, height]: [f64; 4]) -> Vec<String> {
    let page = page.to_string();
    let pixels = |points: f64| (points / 72.0 * 300.0).round().to_string();
    let [x, y, width, height] = [x, y, width, height].map(pixels);
    let part = ["-x", &x, "-y", &y, "-W", &width, "-H", &height];
    let picture = ["-r", "300", "-gray", "-singlefile", "-f", &page, pdf, "paper"];
    tool(desk, "pdftoppm", &[&part[..], &picture[..]].concat());
    codes(&picture::read(&desk.path("paper.pgm")).unwrap())
}

/// Each page's words and where they stand, in points from the top left: left, top, right, bottom.
fn words(desk: &CliHarness, pdf: &str) -> Vec<Vec<([f64; 4], String)>> {
    let html = tool(desk, "pdftotext", &["-bbox", pdf, "-"]);
    let side = |line: &str, name: &str| -> f64 {
        let rest = &line[line.find(&format!("{name}=\"")).unwrap() + name.len() + 2..];
        rest[..rest.find('"').unwrap()].parse().unwrap()
    };
    let word = |line: &str| {
        let text = line[line.find('>').unwrap() + 1..line.rfind("</word>").unwrap()].to_owned();
        (["xMin", "yMin", "xMax", "yMax"].map(|name| side(line, name)), text)
    };
    let pages = html.split("<page ").skip(1);
    pages.map(|page| page.lines().filter(|line| line.contains("<word ")).map(word).collect()).collect()
}

fn pages(desk: &CliHarness, pdf: &str) -> usize {
    tool(desk, "qpdf", &["--check", pdf]);
    tool(desk, "qpdf", &["--show-npages", pdf]).trim().parse().unwrap()
}

/// With every space and line break one space.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn rendered(svg: &[u8]) -> LumaFrame {
    let tree = usvg::Tree::from_data(svg, &usvg::Options::default()).unwrap();
    let scale = 400.0 / tree.size().width();
    let mut pixels = tiny_skia::Pixmap::new(400, 400).unwrap();
    resvg::render(&tree, tiny_skia::Transform::from_scale(scale, scale), &mut pixels.as_mut());
    LumaFrame::new(400, 400, pixels.pixels().iter().map(|pixel| pixel.red()).collect()).unwrap()
}

#[test]
fn a_picture_a_pass_is_named_by_id_and_reference_in_a_folder_or_a_zip() {
    let desk = with_passes(5);
    for form in ["png", "svg"] {
        let zip = format!("{form}.zip");
        desk.issuer(&["print", "a", "people.passes.csv", "--as", form, "--out", form]).exits_with(0);
        desk.issuer(&["print", "pub", "people.passes.csv", "--as", form, "--out", &zip]).exits_with(0);
        tool(&desk, "unzip", &["-q", &zip, "-d", "unzipped"]);
        for row in rows(&desk) {
            let name = format!("{form}/{}_{}.{form}", row.id, row.reference);
            let frame =
                if form == "png" { picture::read(&desk.path(&name)).unwrap() } else { rendered(&desk.read(&name)) };
            assert_eq!(codes(&frame), [row.text]);
            let zipped = desk.read(&name.replacen(form, "unzipped", 1));
            assert_eq!(zipped, desk.read(&name));
        }
        assert_eq!(std::fs::read_dir(desk.path(form)).unwrap().count(), 5);
    }
}

#[test]
fn a_letter_says_in_every_language_what_a_till_compares_and_its_code_is_read_from_paper() {
    let desk = with_passes(2);
    let said = [
        (
            "ru",
            vec!["Пропуск", "Инициалы", "Паспорт, последние знаки номера", "Действителен по", "Никому не передавайте"],
        ),
        ("ba", vec!["Рөхсәтнамә", "Тыуған көн һәм ай", "Һуңғы көнө", "идаралыҡҡа хәбәр итегеҙ", "тик һеҙҙең өсөн"]),
        ("en", vec!["Pass", "Day and month of birth", "Valid through", "Reference", "tell the authority"]),
    ];
    let print = |out: &str, more: &[&str]| {
        let args = ["print", "a", "people.passes.csv", "--as", "letter", "--out", out];
        desk.issuer(&[&args[..], more].concat()).exits_with(0);
        assert_eq!(pages(&desk, out), 2, "{out}");
    };
    let rows = rows(&desk);
    let check = |pdf: &str, wanted: &[&str]| {
        for (at, row) in rows.iter().enumerate() {
            let page = (at + 1).to_string();
            let text = flat(&tool(&desk, "pdftotext", &["-layout", "-f", &page, "-l", &page, pdf, "-"]));
            let pass = row.pass();
            let digits = pass.document.unwrap().last4;
            let own = ["Министерство", "З. Ҙ. Ү.", "09.05.", &digits, &row.reference];
            for words in own.iter().chain(wanted) {
                // Columns stand beside each other, so a label is looked for as it is, and a sentence by its beginning.
                assert!(text.contains(&flat(words)), "{words:?} is not on page {page} of {pdf}: {text}");
            }
            assert_eq!(codes_on_paper(&desk, pdf, at + 1, [0.0, 0.0, A4.0, A4.1]), [row.text.as_str()]);
        }
    };
    for (language, wanted) in &said {
        let pdf = format!("{language}.pdf");
        print(&pdf, &["--language", language]);
        check(&pdf, wanted);
        let about = tool(&desk, "pdfinfo", &[&pdf]);
        assert!(about.contains("Title:") && about.contains("· Министерство") && !about.contains("Date"), "{about}");
    }
    print("all.pdf", &[]);
    check("all.pdf", &said.iter().flat_map(|(_, wanted)| wanted.iter().take(1).copied()).collect::<Vec<_>>());
}

#[test]
fn wallet_cards_lie_ten_on_a_page_and_each_code_is_read_within_its_marks() {
    let desk = with_passes(12);
    desk.issuer(&["print", "a", "people.passes.csv", "--as", "wallet", "--out", "cards.pdf"]).exits_with(0);
    assert_eq!(pages(&desk, "cards.pdf"), 2);
    let text = tool(&desk, "pdftotext", &["cards.pdf", "-"]);
    for row in rows(&desk) {
        assert!(text.contains(&row.reference) && text.contains("З. Ҙ. Ү."), "{text}");
    }
    for (at, row) in rows(&desk).iter().enumerate() {
        let (x, y) = corner(at % (ACROSS * DOWN));
        let found = codes_on_paper(&desk, "cards.pdf", at / (ACROSS * DOWN) + 1, [x, y, CARD.0, CARD.1]);
        assert_eq!(found, [row.text.as_str()], "card {at}");
    }
    // The marks are dark, lie outside of the cards, and far enough from the edge for printers to reach them.
    tool(&desk, "pdftoppm", &["-r", "300", "-gray", "-singlefile", "-f", "2", "-l", "2", "cards.pdf", "page"]);
    let page = picture::read(&desk.path("page.pgm")).unwrap();
    let dark = |x: f64, y: f64| {
        let at = |points: f64| (points / 72.0 * 300.0) as usize;
        let near = |x: usize, y: usize| page.pixels()[y * page.width() + x] < 128;
        (0..9).any(|step| near(at(x) + step % 3 - 1, at(y) + step / 3 - 1))
    };
    for column in 0..=ACROSS {
        let x = corner(0).0 + column as f64 * CARD.0;
        assert!(dark(x, corner(0).1 - 3.0 * MM) && dark(x, A4.1 - corner(0).1 + 3.0 * MM), "column {column}");
    }
    for row in 0..=DOWN {
        let y = corner(0).1 + row as f64 * CARD.1;
        assert!(dark(corner(0).0 - 3.0 * MM, y) && dark(A4.0 - corner(0).0 + 3.0 * MM, y), "row {row}");
    }
    let (edge, width) = (5.0 * MM / 72.0 * 300.0, page.width());
    let margin = |at: usize, side: usize| (at as f64) < edge || (at as f64) > side as f64 - edge;
    let outside = page
        .pixels()
        .iter()
        .enumerate()
        .filter(|(at, _)| margin(at % width, width) || margin(at / width, page.height()));
    assert!(outside.into_iter().all(|(_, light)| *light > 200));
}

/// Where a card of a page begins.
fn corner(at: usize) -> (f64, f64) {
    let left = (A4.0 - ACROSS as f64 * CARD.0) / 2.0 + (at % ACROSS) as f64 * CARD.0;
    (left, (A4.1 - DOWN as f64 * CARD.1) / 2.0 + (at / ACROSS) as f64 * CARD.1)
}

/// The authority's name in so many letters without a space, in three languages.
fn rename(desk: &CliHarness, letters: usize) {
    let settings = String::from_utf8(desk.read("a/authority.toml")).unwrap();
    let before = settings.lines().find(|line| line.starts_with("ru = ")).unwrap();
    let (ru, ba, en) = ("Щ".repeat(letters), "Ҡ".repeat(letters), "W".repeat(letters));
    desk.write("a/authority.toml", settings.replace(before, &format!("ru = \"{ru}\"\nba = \"{ba}\"\nen = \"{en}\"")));
    desk.issuer(&["root", "new", "a", "--renew"]).exits_with(0);
}

#[track_caller]
fn no_word_is_over_another(desk: &CliHarness, pdf: &str) {
    for page in words(desk, pdf) {
        for (at, (one, word)) in page.iter().enumerate() {
            for (other, next) in &page[at + 1..] {
                let beside = one[2] <= other[0] + 0.5 || other[2] <= one[0] + 0.5;
                // A line's box has room above and below its letters.
                let overlap = one[3].min(other[3]) - one[1].max(other[1]);
                let room = 0.35 * (one[3] - one[1]).max(other[3] - other[1]);
                assert!(beside || overlap <= room, "{word} and {next} of {pdf}: {one:?} {other:?}");
            }
        }
    }
}

#[test]
fn the_longest_name_and_initials_stay_within_the_page_and_the_card() {
    let desk = CliHarness::with_authority();
    rename(&desk, 490);
    let holder = HOLDER.replace("Закирова Ильсияр Булатовна", "Щукина Щедрина Щербина Щелкалова Щорс Щур");
    desk.write("holder.toml", holder);
    let today = today();
    let args =
        ["issue", "a", "--basis", "vaccination", "--on", &today, "--holder", "holder.toml", "--letter", "one.pdf"];
    let run = desk.issuer(&args);
    assert_eq!(run.code, 0, "{run:#?}");
    let reference = run.err.split_whitespace().nth(1).unwrap().trim_end_matches(',').to_owned();
    let row = Row { id: "x".into(), reference: reference.clone(), text: run.out.trim_end().to_owned() };
    assert!(row.pass().initials.unwrap().len() > 18, "{row:?}");
    desk.write("people.passes.csv", format!("id;ref;pass\nx;{reference};{}\n", row.text));
    let mut letters = vec!["one.pdf".to_owned()];
    for language in ["ru", "ba", "en"] {
        for form in ["letter", "wallet"] {
            let out = format!("{form}-{language}.pdf");
            let args = ["print", "a", "people.passes.csv", "--as", form, "--language", language, "--out", &out];
            desk.issuer(&args).exits_with(0);
            if form == "letter" {
                letters.push(out);
                continue;
            }
            let (x, y) = corner(0);
            for ([left, top, right, bottom], word) in words(&desk, &out).concat() {
                // The code begins at 38 mm.
                let within = left >= x + 4.9 * MM && right <= x + 38.2 * MM && top >= y && bottom <= y + CARD.1;
                assert!(within, "{word} at {left} {top} {right} {bottom} of {out}");
            }
            assert_eq!(codes_on_paper(&desk, &out, 1, [x, y, CARD.0, CARD.1]), [row.text.as_str()]);
        }
    }
    for letter in letters {
        for ([left, top, right, bottom], word) in words(&desk, &letter).concat() {
            let within = left >= LETTER_MARGIN - 0.5
                && right <= A4.0 - LETTER_MARGIN + 0.5
                && top >= 18.0 * MM
                && bottom <= A4.1 - 12.0 * MM;
            assert!(within, "{word} at {left} {top} {right} {bottom} of {letter}");
        }
        no_word_is_over_another(&desk, &letter);
        assert_eq!(codes_on_paper(&desk, &letter, 1, [0.0, 0.0, A4.0, A4.1]), [row.text.as_str()]);
    }
}

#[test]
fn what_a_practice_authority_gives_and_samples_are_marked_on_paper() {
    let desk = CliHarness::new();
    desk.issuer(&["demo", "demo"]).exits_with(0);
    let mut file = "id;ref;pass\n".to_owned();
    for name in ["good", "specimen"] {
        let text = codes(&picture::read(&desk.path(&format!("demo/{name}.png"))).unwrap()).remove(0);
        let at = SignedPass::parse(text.as_bytes()).unwrap().unverified().0.status.unwrap();
        file += &format!("{name};{}-{};{text}\n", at.list, at.index);
    }
    desk.write("people.passes.csv", file);
    for form in ["letter", "wallet"] {
        for (id, marks) in [("good", ["ДЕМО", "DEMO"]), ("specimen", ["ОБРАЗЕЦ", "SPECIMEN"])] {
            let args = ["print", "demo/authority", "people.passes.csv", "--as", form, "--only", id];
            let out = format!("{form}-{id}.pdf");
            desk.issuer(&[&args[..], &["--out", &out]].concat()).exits_with(0);
            no_word_is_over_another(&desk, &out);
            for (language, mark) in ["ru", "en"].into_iter().zip(marks) {
                let out = format!("{form}-{id}-{language}.pdf");
                desk.issuer(&[&args[..], &["--language", language, "--out", &out]].concat()).exits_with(0);
                assert!(tool(&desk, "pdftotext", &[&out, "-"]).contains(mark), "{out}");
            }
        }
    }
}

#[test]
fn more_passes_than_a_file_holds_become_several_that_are_the_same_every_time() {
    let desk = with_passes(24);
    let args = ["print", "a", "people.passes.csv", "--as", "wallet", "--part", "23", "--out", "cards.pdf", "--json"];
    let run = |printed: u64, already: u64| {
        let told: serde_json::Value = serde_json::from_str(&desk.issuer(&args).exits_with(0)).unwrap();
        assert_eq!((&told["printed"], &told["already"]), (&printed.into(), &already.into()), "{told}");
        assert_eq!(told["files"], serde_json::json!(["cards-001.pdf", "cards-002.pdf"]));
    };
    run(24, 0);
    assert!(!desk.path("cards.pdf").exists());
    assert_eq!((pages(&desk, "cards-001.pdf"), pages(&desk, "cards-002.pdf")), (3, 1));
    let last = rows(&desk).pop().unwrap();
    let (x, y) = corner(0);
    assert_eq!(codes_on_paper(&desk, "cards-002.pdf", 1, [x, y, CARD.0, CARD.1]), [last.text]);
    // As a run that was cut short has left it.
    std::fs::remove_file(desk.path("cards-002.pdf")).unwrap();
    run(1, 23);
    run(0, 24);
    let names: BTreeSet<_> =
        std::fs::read_dir(desk.path("")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(names.iter().all(|name| !name.to_string_lossy().ends_with(".part")), "{names:?}");
}
