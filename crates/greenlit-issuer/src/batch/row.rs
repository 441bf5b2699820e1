//! One row: what it asks for, or what is wrong with it.

use chrono::NaiveDate;

use greenlit_core::pass::{Class, DocumentKind};
use greenlit_core::time::UnixTime;

use super::cells::Cells;
use super::columns::{Columns, Field, words};
use crate::{Event, Holder, HolderMark, PersonKey, PersonRef, Policy, Validity, Zone, parse_day};

/// What every row is judged by.
pub(super) struct Terms {
    pub(super) policy: Policy,
    pub(super) zone: Zone,
    /// Those that tills take from this authority.
    pub(super) classes: Vec<Class>,
    pub(super) columns: Columns,
    /// Of every row, where no column says it.
    pub(super) ground: Option<String>,
    pub(super) person_key: PersonKey,
}

/// A pass that a row asks for and gets.
pub(super) struct Entitled {
    pub(super) class: Class,
    pub(super) validity: Validity,
    pub(super) holder: Holder,
    pub(super) person: PersonRef,
    /// What the pass says of its holder.
    pub(super) mark: HolderMark,
}

/// Why a row makes no pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rejection {
    /// The column, as the file calls it; none where it is the whole row.
    pub(super) column: String,
    pub(super) reason: String,
    /// Where the person may have no pass, the reason's code; otherwise the row can be corrected.
    pub(super) refused: Option<&'static str>,
}

impl Rejection {
    pub(super) fn of_row(reason: impl std::fmt::Display) -> Self {
        Self { column: String::new(), reason: reason.to_string(), refused: None }
    }
}

impl Terms {
    /// Reads a row and decides.
    pub(super) fn decide(&self, row: &Cells, now: UnixTime) -> Result<Entitled, Rejection> {
        let columns = &self.columns;
        if row.len() != columns.names.len() {
            let (has, wanted) = (row.len(), columns.names.len());
            return Err(Rejection::of_row(format!("has {has} columns, and the header {wanted}")));
        }
        let bad = |field: Field, reason: &dyn std::fmt::Display| Rejection {
            column: columns.name_of(field),
            reason: reason.to_string(),
            refused: None,
        };
        let required = |field| columns.get(row, field).ok_or_else(|| bad(field, &"is empty"));
        let day = |field, text: &str| parse_day(text).map_err(|error| bad(field, &error));

        let name = self.name(row).ok_or_else(|| bad(Field::Name, &"is empty"))?;
        let born = day(Field::Born, required(Field::Born)?)?;
        let number = required(Field::Document)?;
        let kind = match columns.get(row, Field::Kind) {
            None => DocumentKind::Passport,
            Some(word) => {
                kind(word).ok_or_else(|| bad(Field::Kind, &format!("\"{}\" is no kind of document", short(word))))?
            }
        };
        let document = match columns.get(row, Field::Series) {
            Some(series) => format!("{series} {number}"),
            // Half of a number would be another person's.
            None if columns.has(Field::Series) && kind != DocumentKind::ForeignPassport => {
                return Err(bad(Field::Series, &"is empty"));
            }
            None => number.to_owned(),
        };
        let asked = match columns.get(row, Field::Ground) {
            Some(asked) => asked,
            None if columns.has(Field::Ground) => return Err(bad(Field::Ground, &"is empty")),
            None => self.ground.as_deref().ok_or_else(|| bad(Field::Ground, &"is empty"))?,
        };
        let ground = self
            .policy
            .ground(asked)
            .ok_or_else(|| bad(Field::Ground, &format!("\"{}\" is no ground of rules.toml", short(asked))))?;
        if !self.classes.contains(&ground.class) {
            let why = format!("class {} is not listed in `classes` in authority.toml", ground.class.0);
            return Err(bad(Field::Ground, &why));
        }
        let on = day(Field::On, required(Field::On)?)?;
        let igg = columns.get(row, Field::Igg).filter(|_| ground.igg_above.is_some());
        let igg = igg.map(|text| text.parse().map_err(|error| bad(Field::Igg, &error))).transpose()?;
        // One file may have rows of several grounds, and each its own columns.
        let through = columns.get(row, Field::Through).filter(|_| matches!(ground.term, crate::Term::Given { .. }));
        let through = through.map(|text| day(Field::Through, text)).transpose()?;
        if born > on {
            return Err(bad(Field::Born, &format!("{born} is after {on}, the day of the dose or test")));
        }
        let event = Event::new(ground, on, igg, through).map_err(|error| match error {
            crate::EventError::ThroughMissing(_) | crate::EventError::ThroughNotAsked(_) => bad(Field::Through, &error),
            _ => bad(Field::Igg, &error),
        })?;
        let today = self.zone.day(now).unwrap_or(NaiveDate::MAX);
        let (holder, number) = Holder::with_number(&name, born, kind, &document, today).map_err(|error| {
            let field = match &error {
                crate::HolderError::Born { .. } => Field::Born,
                crate::HolderError::Document | crate::HolderError::DocumentCharacter(_) => Field::Document,
                _ => Field::Name,
            };
            bad(field, &plain(&error))
        })?;
        let person = self.person_key.reference_of(kind, &number, born);
        let validity = event.decide(now, &self.zone).map_err(|error| Rejection {
            column: String::new(),
            reason: plain(&error),
            refused: Some(error.code()),
        })?;
        let mark = self.person_key.mark(&holder);
        Ok(Entitled { class: ground.class, validity, holder, person, mark })
    }

    /// The whole name. Beside a family name a column that is called just "name" says the given one.
    fn name(&self, row: &Cells) -> Option<String> {
        let get = |field| self.columns.get(row, field);
        if !self.columns.has(Field::Family) {
            return get(Field::Name).map(str::to_owned);
        }
        let given = get(Field::Given).or_else(|| get(Field::Name));
        let parts: Vec<&str> = [get(Field::Family), given, get(Field::Patronymic)].into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    }
}

/// Every row of the file is refused or not; the word would only be repeated.
fn plain(error: &dyn std::fmt::Display) -> String {
    let text = error.to_string();
    text.strip_prefix("refused: ").map_or(text.clone(), str::to_owned)
}

fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

fn kind(word: &str) -> Option<DocumentKind> {
    match words(word).as_str() {
        "passport" | "паспорт" | "паспорт рф" | "паспорт гражданина рф" => {
            Some(DocumentKind::Passport)
        }
        "foreign passport" | "загранпаспорт" | "заграничный паспорт" | "иностранный паспорт" => {
            Some(DocumentKind::ForeignPassport)
        }
        "birth certificate" | "свидетельство о рождении" => Some(DocumentKind::BirthCertificate),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms() -> Terms {
        let columns = Columns::read("фио;д.р.;серия;номер;вид документа;основание;дата;igg", false).unwrap();
        Terms {
            policy: Policy::region_2021(0),
            zone: Zone::from_offset("+05:00").unwrap(),
            classes: vec![Class::RESIDENT],
            columns,
            ground: None,
            person_key: PersonKey::new(&[1; 32]),
        }
    }

    fn decide(row: &str) -> Result<Entitled, Rejection> {
        let row: Cells = row.split(';').collect();
        terms().decide(&row, UnixTime::parse_rfc3339("2021-04-10T12:00:00+05:00").unwrap())
    }

    #[test]
    fn rows_as_offices_write_them_are_read() {
        let row = decide("Закирова Ильсияр Булатовна;09.05.1984;80 12;345678;;Прививка;01.04.2021;")
            .unwrap_or_else(|error| panic!("{error:?}"));
        assert_eq!((row.holder.initials.as_str(), row.class), ("З. И. Б.", Class::RESIDENT));
        assert_eq!(row.person.to_string(), "f880775363b52d375013cfc24969f621");
        // A single name, an apostrophe, a hyphen: ordinary.
        for row in [
            "Сукарно;1984-05-09;80 12;345678;passport;vaccination;2021-04-01;",
            "O’Neill-Smith Shaun;1984-05-09;80 12;345678;Загранпаспорт;антитела;2021-04-01;12,5",
            "Ким А;1.5.2015;II-АР;345678;свидетельство о рождении;antibodies;1.4.2021;>100",
            "Ким А;1.5.2015;;A3456789;foreign passport;vaccination;1.4.2021;",
        ] {
            assert!(decide(row).is_ok(), "{row}");
        }
    }

    #[test]
    fn a_name_is_put_together_of_what_there_is() {
        let name = |header: &str, row: &str| {
            let columns = Columns::read(&format!("{header};born;document;basis;on"), false).unwrap();
            let row: Cells = row.split(';').collect();
            Terms { columns, ..terms() }.name(&row)
        };
        for (header, row, wanted) in [
            ("surname;name", "Закирова;Ильсияр", "Закирова Ильсияр"),
            ("фамилия;имя;отчество;name", "Ким;А;;Ким А", "Ким А"),
            ("name", "Ким А", "Ким А"),
            ("имя;фамилия", "А;Ким", "Ким А"),
        ] {
            assert_eq!(name(header, row).as_deref(), Some(wanted), "{header}");
        }
        assert_eq!(name("фамилия;имя", ";"), None);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_column() {
        for (row, column, words) in [
            (";09.05.1984;80 12;345678;;прививка;01.04.2021;", "фио", "is empty"),
            ("R2D2;09.05.1984;80 12;345678;;прививка;01.04.2021;", "фио", "U+0032"),
            ("А Б;31.02.1984;80 12;345678;;прививка;01.04.2021;", "д.р.", "is not a date"),
            ("А Б;09.05.2022;80 12;345678;;прививка;01.04.2021;", "д.р.", "is after"),
            ("А Б;09.05.1784;80 12;345678;;прививка;01.04.2021;", "д.р.", "impossible date of birth"),
            ("А Б;09.05.1984;;345678;;прививка;01.04.2021;", "серия", "is empty"),
            ("А Б;09.05.1984;8;12;;прививка;01.04.2021;", "номер", "6 to 30 letters and digits"),
            ("А Б;09.05.1984;80\u{0}12;345678;;прививка;01.04.2021;", "номер", "U+0000"),
            ("А Б;09.05.1984;80 12;345678;права;прививка;01.04.2021;", "вид документа", "no kind of document"),
            ("А Б;09.05.1984;80 12;345678;;справка;01.04.2021;", "основание", "no ground of rules.toml"),
            ("А Б;09.05.1984;80 12;345678;;;01.04.2021;", "основание", "is empty"),
            ("А Б;09.05.1984;80 12;345678;;прививка;2021/04/01;", "дата", "is not a date"),
            ("А Б;09.05.1984;80 12;345678;;антитела;01.04.2021;", "igg", "needs an IgG result"),
            ("А Б;09.05.1984;80 12;345678;;антитела;01.04.2021;много", "igg", "not an IgG result"),
            ("А Б;09.05.1984;80 12;345678;;антитела;01.04.2021;-12", "igg", "not an IgG result"),
            ("А Б;09.05.1984;80 12;345678", "", "has 4 columns, and the header 8"),
        ] {
            let told = decide(row).err().unwrap_or_else(|| panic!("{row}"));
            assert_eq!((told.column.as_str(), told.refused), (column, None), "{row}: {told:?}");
            assert!(told.reason.contains(words), "{row}: {told:?}");
        }
    }

    #[test]
    fn who_may_have_none_is_counted_by_the_reason() {
        for (row, code) in [
            ("А Б;09.05.1984;80 12;345678;;антитела;01.04.2021;10", "igg-too-low"),
            ("А Б;09.05.1984;80 12;345678;;антитела;01.04.2021;<100", "igg-open"),
            ("А Б;09.05.1984;80 12;345678;;прививка;11.04.2021;", "future-date"),
            ("А Б;09.05.1984;80 12;345678;;прививка;01.04.2019;12", "over"),
        ] {
            let told = decide(row).err().unwrap_or_else(|| panic!("{row}"));
            assert_eq!(told.refused, Some(code), "{told:?}");
            assert!(!told.reason.starts_with("refused"), "{told:?}");
        }
    }
}
