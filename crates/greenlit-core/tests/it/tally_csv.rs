//! The figures as a file: no figure from 1 to 4 can be computed from it.

use std::collections::BTreeMap;

use proptest::prelude::*;

use greenlit_core::answer::Code;
use greenlit_core::sightings::Shown;
use greenlit_core::tally::{Event, Figure, Hour, Tally};

/// A figure of the file: by hour, or of all hours, and by what.
type Place = (String, String, String);

/// More than any figure here.
const MANY: i64 = 1 << 40;

/// What the file says of a figure: of one that is hidden that it is none of the small ones, unless these are not
/// named.
fn bounds(file: &BTreeMap<Place, String>, count: &str) -> (i64, i64) {
    match count {
        "<5" => (1, 4),
        "hidden" => (if file.values().any(|count| count == "<5") { 5 } else { 1 }, MANY),
        number => number.parse().map(|number| (number, number)).unwrap(),
    }
}

fn read(csv: &str) -> BTreeMap<Place, String> {
    let mut lines = csv.split("\r\n");
    assert_eq!((lines.next(), csv.ends_with("\r\n")), (Some("hour,answer,code,count"), true));
    let row = |line: &str| -> (Place, String) {
        let fields: Vec<&str> = line.split(',').collect();
        assert!(fields.len() == 4 && !line.contains('"'), "{line}");
        ((fields[0].into(), fields[1].into(), fields[2].into()), fields[3].into())
    };
    let all: Vec<_> = lines.filter(|line| !line.is_empty()).map(row).collect();
    let places: BTreeMap<Place, String> = all.iter().cloned().collect();
    assert_eq!(places.len(), all.len(), "each figure once");
    places
}

/// Each total with what it is the total of, as whoever has the file sees them.
fn sums(file: &BTreeMap<Place, String>) -> Vec<(Place, Vec<Place>)> {
    let mut all = Vec::new();
    let places: Vec<&Place> = file.keys().collect();
    let those = |which: &dyn Fn(&Place) -> bool| places.iter().filter(|p| which(p)).map(|p| (*p).clone()).collect();
    for total in &places {
        let (hour, answer, code) = total;
        let parts: Vec<Place> = match (hour.as_str(), answer.as_str(), code.as_str()) {
            ("total", "all", "") => those(&|p| p.0 == "total" && !p.2.is_empty()),
            ("total", "mismatch" | "shown-again", "") => those(&|p| p.0 != "total" && p.1 == *answer),
            ("total", _, "") => those(&|p| p.0 == "total" && p.1 == *answer && !p.2.is_empty()),
            ("total", ..) => those(&|p| p.0 != "total" && p.1 == *answer && p.2 == *code),
            (_, "all", "") => those(&|p| p.0 == *hour && !p.2.is_empty()),
            _ => continue,
        };
        all.push(((*total).clone(), parts));
        if (hour.as_str(), answer.as_str()) == ("total", "all") {
            all.push(((*total).clone(), those(&|p| p.0 != "total" && p.1 == "all")));
            let answers = ["valid", "refused", "not-genuine", "cannot-tell"];
            all.push(((*total).clone(), those(&|p| p.0 == "total" && p.2.is_empty() && answers.contains(&&*p.1))));
        }
    }
    all
}

/// Figures of each place that agree with the file, narrowed sum by sum until nothing more can be concluded.
fn concluded(file: &BTreeMap<Place, String>) -> BTreeMap<Place, (i64, i64)> {
    let mut known: BTreeMap<Place, (i64, i64)> =
        file.iter().map(|(p, count)| (p.clone(), bounds(file, count))).collect();
    let sums = sums(file);
    for _ in 0..200 {
        let before = known.clone();
        for (total, parts) in &sums {
            let (least, most) = parts
                .iter()
                .fold((0, 0), |sum: (i64, i64), part| (sum.0 + known[part].0, sum.1.saturating_add(known[part].1)));
            narrow(&mut known, total, (least, most));
            for part in parts {
                let (all, own) = (known[total], known[part]);
                let others = (least - own.0, if most >= MANY { MANY } else { most - own.1 });
                narrow(&mut known, part, ((all.0 - others.1).max(0), all.1 - others.0));
            }
        }
        if known == before {
            break;
        }
    }
    known
}

fn narrow(known: &mut BTreeMap<Place, (i64, i64)>, place: &Place, to: (i64, i64)) {
    let own = known.get_mut(place).unwrap();
    *own = (own.0.max(to.0), own.1.min(to.1));
    assert!(own.0 <= own.1, "{place:?}: the file contradicts itself");
}

fn tally_of(rows: &[(u64, Figure, u64)]) -> Tally {
    Tally::restored(rows.iter().map(|(hour, figure, count)| (Hour::new(495_000 + hour), *figure, *count)))
}

/// Whatever is shown is true, and nothing small is.
fn is_true(tally: &Tally, file: &BTreeMap<Place, String>) {
    let totals: BTreeMap<Place, u64> = sums(file)
        .into_iter()
        .map(|(total, parts)| {
            let exact = parts.iter().map(|part| exact(tally, part)).sum();
            (total, exact)
        })
        .collect();
    for (place, count) in file {
        let exact = totals.get(place).copied().unwrap_or_else(|| exact(tally, place));
        match count.as_str() {
            "<5" => assert!((1..5).contains(&exact), "{place:?} {exact}"),
            "hidden" => assert!(exact > 0, "{place:?}"),
            number => assert!(number == exact.to_string() && !(1..5).contains(&exact), "{place:?} {exact} {number}"),
        }
    }
}

fn exact(tally: &Tally, (hour, answer, code_word): &Place) -> u64 {
    // One word may stand for two codes of different answers.
    let named = |code: &&Code| code.as_str() == code_word && (code.answer().as_str() == answer || answer == "all");
    let code_of = || Code::ALL.iter().find(named).copied();
    let which = |figure: Figure| match figure {
        Figure::Code(found) => match (code_of(), answer.as_str()) {
            (Some(code), _) => code == found,
            (None, "all") => true,
            (None, answer) => found.answer().as_str() == answer,
        },
        figure => figure.as_str() == answer,
    };
    let here = tally.rows().filter(|(at, figure, _)| (hour == "total" || at.to_string() == *hour) && which(*figure));
    here.map(|row| row.2).sum()
}

/// Whether nobody may know it.
fn is_small(tally: &Tally, place: &Place) -> bool {
    (1..5).contains(&exact(tally, place))
}

#[test]
fn a_shift_is_written_by_hour_answer_and_code() {
    let code = Figure::Code;
    let tally = tally_of(&[(0, code(Code::Ok), 20), (0, code(Code::TrustExpired), 6), (1, code(Code::Ok), 31)]);
    let wanted = "hour,answer,code,count\r\n\
        2026-06-21 00:00,valid,OK,20\r\n2026-06-21 00:00,cannot-tell,OLD,6\r\n2026-06-21 00:00,all,,26\r\n\
        2026-06-21 01:00,valid,OK,31\r\n2026-06-21 01:00,cannot-tell,OLD,0\r\n2026-06-21 01:00,all,,31\r\n\
        total,valid,OK,51\r\ntotal,cannot-tell,OLD,6\r\n\
        total,valid,,51\r\ntotal,refused,,0\r\ntotal,not-genuine,,0\r\ntotal,cannot-tell,,6\r\ntotal,all,,57\r\n\
        2026-06-21 00:00,mismatch,,0\r\n2026-06-21 01:00,mismatch,,0\r\ntotal,mismatch,,0\r\n\
        2026-06-21 00:00,shown-again,,0\r\n2026-06-21 01:00,shown-again,,0\r\ntotal,shown-again,,0\r\n";
    assert_eq!(tally.to_csv(), wanted);
}

#[test]
fn an_empty_shift_is_said_in_words() {
    let wanted = "hour,answer,code,count\r\nno passes were checked in this shift,,,0\r\n";
    assert_eq!(Tally::default().to_csv(), wanted);
}

#[test]
fn a_small_figure_takes_what_gives_it_away_with_it() {
    // Three refused in the first hour, none in the second: each of its totals would tell.
    let code = Figure::Code;
    let tally = tally_of(&[
        (0, code(Code::Ok), 20),
        (0, code(Code::Expired), 3),
        (1, code(Code::Ok), 30),
        (2, code(Code::Ok), 40),
        (2, code(Code::Expired), 7),
    ]);
    let file = read(&tally.to_csv());
    let at = |hour: &str, answer: &str, code: &str| file[&(hour.into(), answer.into(), code.into())].as_str();
    assert_eq!(at("2026-06-21 00:00", "refused", "EXP"), "<5");
    assert_eq!(at("2026-06-21 02:00", "refused", "EXP"), "hidden");
    // What need not be hidden is not.
    assert_eq!(
        (at("2026-06-21 01:00", "valid", "OK"), at("total", "valid", "OK"), at("total", "all", "")),
        ("30", "90", "100")
    );
    is_true(&tally, &file);
}

/// What a shift may come to: many small figures, many noughts.
fn count() -> impl Strategy<Value = u64> {
    prop_oneof![4 => Just(0), 4 => 1_u64..5, 2 => 5_u64..8, 2 => 8_u64..400]
}

fn shift(hours: usize, codes: &'static [Code]) -> impl Strategy<Value = Vec<(u64, Figure, u64)>> {
    let figures: Vec<Figure> =
        codes.iter().map(|code| Figure::Code(*code)).chain([Figure::Mismatch, Figure::ShownAgain]).collect();
    proptest::collection::vec(count(), hours * figures.len()).prop_map(move |counts| {
        let place = |at: usize| ((at / figures.len()) as u64, figures[at % figures.len()]);
        counts.into_iter().enumerate().map(|(at, count)| (place(at).0, place(at).1, count)).collect()
    })
}

fn codes_of_a_day() -> &'static [Code] {
    &[Code::Ok, Code::Expired, Code::Revoked, Code::Signature, Code::TrustExpired, Code::ClockBehind]
}

proptest! {
    #![proptest_config(crate::random_cases(400))]

    /// Sum by sum: the one hidden figure of a row, a hidden pair of which both must be 4, and what follows from those.
    #[test]
    fn no_small_figure_follows_from_the_totals(rows in (1_usize..14).prop_flat_map(|hours| shift(hours, codes_of_a_day()))) {
        let tally = tally_of(&rows);
        let file = read(&tally.to_csv());
        if tally.is_empty() {
            return Ok(());
        }
        is_true(&tally, &file);
        for (total, parts) in sums(&file) {
            let hidden = |place: &Place| file[place] == "<5" || file[place] == "hidden";
            let count = parts.iter().filter(|part| hidden(part)).count() + usize::from(hidden(&total));
            prop_assert_ne!(count, 1, "{:?}", total);
        }
        for (place, (least, most)) in concluded(&file) {
            prop_assert!(!is_small(&tally, &place) || least < most, "{:?} must be {}\n{}", place, least, tally.to_csv());
        }
    }

    /// All tables that agree with the file, one by one: of each small figure there are two that differ in it.
    #[test]
    fn every_small_figure_could_be_another(rows in shift(2, &[Code::Ok, Code::Expired, Code::Revoked])) {
        let tally = tally_of(&rows);
        let file = read(&tally.to_csv());
        let answers: BTreeMap<Place, String> = file
            .into_iter()
            .filter(|((_, answer, _), _)| answer != "mismatch" && answer != "shown-again")
            .collect();
        if answers.len() < 2 {
            return Ok(());
        }
        let places: Vec<Place> = answers.keys().filter(|p| p.0 != "total" && !p.2.is_empty()).cloned().collect();
        let mut seen: BTreeMap<Place, std::collections::BTreeSet<i64>> = BTreeMap::new();
        let near = |place: &Place| {
            let (least, most) = bounds(&answers, &answers[place]);
            // Whatever is hidden is not far from where it is: two that differ by one are enough.
            let exact = i64::try_from(exact(&tally, place)).unwrap();
            (least.max(exact - 3), most.min(exact + 3))
        };
        let ranges: Vec<(i64, i64)> = places.iter().map(near).collect();
        let mut values: Vec<i64> = ranges.iter().map(|range| range.0).collect();
        loop {
            let table: BTreeMap<Place, i64> = places.iter().cloned().zip(values.iter().copied()).collect();
            let of = |which: &dyn Fn(&Place) -> bool| table.iter().filter(|(p, _)| which(p)).map(|(_, v)| v).sum::<i64>();
            let total = |(hour, answer, code): &Place| {
                of(&|p| (hour == "total" || p.0 == *hour) && (code.is_empty() || p.2 == *code) && (answer == "all" || p.1 == *answer))
            };
            if answers.iter().all(|(place, count)| (bounds(&answers, count).0..=bounds(&answers, count).1).contains(&total(place))) {
                for place in answers.keys().filter(|place| is_small(&tally, place)) {
                    seen.entry(place.clone()).or_default().insert(total(place));
                }
            }
            let Some(at) = (0..values.len()).find(|at| values[*at] < ranges[*at].1) else { break };
            values[at] += 1;
            (0..at).for_each(|at| values[at] = ranges[at].0);
        }
        for place in answers.keys().filter(|place| is_small(&tally, place)) {
            prop_assert!(seen.get(place).is_some_and(|seen| seen.len() > 1), "{:?}\n{}", place, tally.to_csv());
        }
    }
}

#[test]
fn a_day_of_guests_comes_out_as_it_was() {
    let mut tally = Tally::default();
    for guest in 0..2_000_u64 {
        let code = if guest % 10 == 9 { Code::Expired } else { Code::Ok };
        let shown = if guest % 7 == 0 { Shown::Again } else { Shown::First };
        tally.count(Hour::new(495_000 + guest / 200), Event::Answer { code, shown });
    }
    let file = read(&tally.to_csv());
    assert!(file.values().all(|count| count != "hidden" && count != "<5"));
    assert_eq!(file[&("total".into(), "all".into(), String::new())], "2000");
    is_true(&tally, &file);
}

/// Broken up as no shift is.
#[cfg_attr(debug_assertions, ignore = "long where nothing is optimised; script/test runs it")]
#[test]
fn a_table_of_every_code_is_covered() {
    let rows: Vec<_> = (0..20_u64)
        .flat_map(|hour| {
            Code::ALL
                .iter()
                .enumerate()
                .map(move |(at, code)| (hour, Figure::Code(*code), (hour * 31 + at as u64 * 17) % 9))
        })
        .collect();
    let tally = tally_of(&rows);
    let file = read(&tally.to_csv());
    is_true(&tally, &file);
    for (place, (least, most)) in concluded(&file) {
        assert!(!is_small(&tally, &place) || least < most, "{place:?}");
    }
}
