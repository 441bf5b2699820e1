//! Invented people who ask for a pass, as a register would export them: the same for the same seed, with one row in a
//! hundred bad in a known way.

use std::io::{self, Write};

use chrono::{Days, NaiveDate};

const FAMILY: [&str; 10] = [
    "Закиров",
    "Ахметов",
    "Иванов",
    "Салтыков-Щедрин",
    "Ҡасимов",
    "Мәҡсүтов",
    "Гиззатуллин",
    "О’Нил",
    "Ким",
    "Фәтхетдинов",
];
const GIVEN: [&str; 8] = ["Ильдар", "Әлфиә", "Анна", "Йософ", "Мария", "Үзбәк", "Пётр", "Ҙөлфиә"];
const PATRONYMIC: [&str; 6] = ["Булатович", "Ильинична", "", "Рамиловна", "Сергеевич", "Мансур улы"];

/// What there is of each kind in a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    pub rows: u64,
    pub issued: u64,
    /// The row before it, once more.
    pub already: u64,
    /// IgG of 10 and below.
    pub igg_too_low: u64,
    /// A date that does not exist, a name with a digit, no document: a third each.
    pub faulty: u64,
}

/// What is wrong with a row.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Bad {
    Igg,
    Date,
    Name,
    Document,
    Again,
}

/// Writes so many people as CSV, with days counted back from today; says what should become of them.
pub fn write(out: &mut impl Write, rows: u64, seed: u64, today: NaiveDate) -> io::Result<Expected> {
    let mut expected = Expected { rows, ..Expected::default() };
    writeln!(out, "id;Фамилия;Имя;Отчество;Дата рождения;Номер документа;Основание;Дата;Результат IgG")?;
    let days: Vec<String> = (0..365).map(|back| (today - Days::new(back)).format("%d.%m.%Y").to_string()).collect();
    for number in 0..rows {
        let bad = (number % 100 == 99).then_some(match number / 100 % 5 {
            0 => Bad::Igg,
            1 => Bad::Date,
            2 => Bad::Name,
            3 => Bad::Document,
            _ => Bad::Again,
        });
        let who = if bad == Some(Bad::Again) { number - 1 } else { number };
        let mut dice = Dice(seed ^ who.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let (family, given, patronymic) = (dice.of(&FAMILY), dice.of(&GIVEN), dice.of(&PATRONYMIC));
        let family = if bad == Some(Bad::Name) { "Закиров2" } else { family };
        let born = NaiveDate::from_ymd_opt(1940, 1, 1).unwrap() + Days::new(dice.below(25_000));
        let born = if bad == Some(Bad::Date) { "31.02.1984".into() } else { born.format("%d.%m.%Y").to_string() };
        let document = format!("{:02} {:02} {:06}", 80 + who / 100_000_000, who / 1_000_000 % 100, who % 1_000_000);
        let document = if bad == Some(Bad::Document) { String::new() } else { document };
        let tested = dice.below(4) == 0 || bad == Some(Bad::Igg);
        // Far enough from the end of either term that a slow run does not come to it.
        let (basis, day) =
            if tested { ("антитела", dice.below(60)) } else { ("вакцинация", dice.below(300)) };
        let igg = match (bad, tested) {
            (Some(Bad::Igg), _) => format!("{},{}", dice.below(10), dice.below(10)),
            (_, true) => format!("{},{}", 11 + dice.below(200), dice.below(10)),
            (_, false) => String::new(),
        };
        let day = &days[usize::try_from(day).unwrap()];
        writeln!(out, "{number};{family};{given};{patronymic};{born};{document};{basis};{day};{igg}")?;
        *match bad {
            None => &mut expected.issued,
            Some(Bad::Again) => &mut expected.already,
            Some(Bad::Igg) => &mut expected.igg_too_low,
            Some(_) => &mut expected.faulty,
        } += 1;
    }
    Ok(expected)
}

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % sides
    }

    fn of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[usize::try_from(self.below(words.len() as u64)).unwrap()]
    }
}
