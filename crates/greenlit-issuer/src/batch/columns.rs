//! Which column says what, by its name in Russian or English.

use super::HeaderError;
use super::cells::Cells;
use super::records::{MAX_COLUMNS, OURS, split};

/// What a column says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    /// The sender's own, handed through.
    Id,
    Name,
    Family,
    Given,
    Patronymic,
    Born,
    Document,
    Series,
    Kind,
    Ground,
    On,
    Igg,
    Through,
    /// What this program has added to rows that it sent back.
    Ours,
}

/// Names, in small letters and with single spaces for whatever is between words.
const NAMES: [(Field, &[&str]); 13] = [
    (Field::Id, &["id", "row id", "ид", "идентификатор", "номер записи"]),
    (Field::Name, &["name", "full name", "фио", "ф и о", "фамилия имя отчество"]),
    (Field::Family, &["family name", "surname", "last name", "фамилия"]),
    (Field::Given, &["given name", "first name", "имя"]),
    (Field::Patronymic, &["patronymic", "middle name", "отчество"]),
    (Field::Born, &["born", "birth date", "date of birth", "дата рождения", "д р", "др"]),
    (
        Field::Document,
        &[
            "document",
            "document number",
            "passport",
            "number",
            "номер",
            "документ",
            "номер документа",
            "паспорт",
            "серия и номер",
        ],
    ),
    (Field::Series, &["series", "document series", "серия", "серия документа"]),
    (Field::Kind, &["document kind", "document type", "вид документа", "тип документа"]),
    (Field::Ground, &["basis", "ground", "основание"]),
    (
        Field::On,
        &[
            "on",
            "date",
            "дата",
            "дата прививки",
            "дата вакцинации",
            "дата второй дозы",
            "дата теста",
            "дата анализа",
            "дата основания",
        ],
    ),
    (Field::Igg, &["igg", "igg result", "результат", "результат igg"]),
    (Field::Through, &["through", "until", "действует по", "действует до", "последний день"]),
];

/// What is added to a row that is sent back.
pub(super) const OUR_COLUMNS: [&str; OURS] = ["line", "column", "reason"];

/// The words of a text in small letters, with one space between them in the place of whatever is there.
pub(super) fn words(text: &str) -> String {
    let plain: String =
        text.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).flat_map(char::to_lowercase).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Field {
    /// What a complaint calls it.
    fn what(self) -> &'static str {
        match self {
            Self::Id => "the row's id",
            Self::Name => "the name",
            Self::Family => "the family name",
            Self::Given => "the given name",
            Self::Patronymic => "the patronymic",
            Self::Born => "the date of birth",
            Self::Document => "the document's number",
            Self::Series => "the document's series",
            Self::Kind => "the kind of document",
            Self::Ground => "the basis",
            Self::On => "the date of the dose or test",
            Self::Igg => "the IgG result",
            Self::Through => "the last day",
            Self::Ours => "what was wrong",
        }
    }

    fn named(name: &str) -> Option<Self> {
        let name = words(name).replace('ё', "е");
        NAMES.iter().find(|(_, names)| names.contains(&name.as_str())).map(|(field, _)| *field)
    }
}

/// The header of a file.
#[derive(Clone, Debug)]
pub(super) struct Columns {
    pub(super) delimiter: u8,
    /// As they are named in the file.
    pub(super) names: Vec<String>,
    fields: Vec<Option<Field>>,
}

impl Columns {
    /// Finds the delimiter under which most columns have a name that is known.
    pub(super) fn read(header: &str, with_ground: bool) -> Result<Self, HeaderError> {
        let of = |delimiter: u8| {
            let names = split(header.as_bytes(), delimiter)?;
            let names: Vec<String> = Cells::of(names)?.iter().map(str::to_owned).collect();
            let mut fields: Vec<Option<Field>> = names.iter().map(|name| Field::named(name)).collect();
            // Ours are the last three; a column that is only called so is the sender's own.
            let ours =
                names.len().checked_sub(OURS).filter(|from| names.get(*from..).is_some_and(|last| last == OUR_COLUMNS));
            if let Some(last) = ours.and_then(|from| fields.get_mut(from..)) {
                last.fill(Some(Field::Ours));
            }
            let theirs = fields.iter().filter(|field| **field != Some(Field::Ours)).count();
            (theirs <= MAX_COLUMNS).then_some(Self { delimiter, names, fields })
        };
        let known = |columns: &Self| columns.fields.iter().flatten().count();
        let columns = [b';', b',', b'\t', b'|'].into_iter().filter_map(of).rev().max_by_key(known);
        let columns = columns.ok_or(HeaderError::TooLong)?;
        columns.check(with_ground)?;
        Ok(columns)
    }

    fn check(&self, with_ground: bool) -> Result<(), HeaderError> {
        let missing = [
            (self.has(Field::Name) || self.has(Field::Family), Field::Name),
            (self.has(Field::Born), Field::Born),
            (self.has(Field::Document), Field::Document),
            (self.has(Field::On), Field::On),
            (self.has(Field::Ground) || with_ground, Field::Ground),
        ];
        if let Some((_, field)) = missing.into_iter().find(|(there, _)| !there) {
            return Err(HeaderError::Missing(field.what()));
        }
        let twice = NAMES
            .iter()
            .map(|(field, _)| *field)
            .find(|field| self.fields.iter().filter(|there| **there == Some(*field)).count() > 1);
        twice.map_or(Ok(()), |field| Err(HeaderError::Twice(field.what())))
    }

    /// What a row says of this; nothing where it has no such column, or nothing in it.
    pub(super) fn get<'r>(&self, row: &'r Cells, field: Field) -> Option<&'r str> {
        row.get(self.place(field)?).map(str::trim).filter(|text| !text.is_empty())
    }

    /// Whether the file has such a column.
    pub(super) fn has(&self, field: Field) -> bool {
        self.place(field).is_some()
    }

    fn place(&self, field: Field) -> Option<usize> {
        self.fields.iter().position(|there| *there == Some(field))
    }

    /// What the file calls it, cut short.
    pub(super) fn name_of(&self, field: Field) -> String {
        let name = self.place(field).and_then(|at| self.names.get(at)).map_or(field.what(), String::as_str);
        name.trim().chars().filter(|c| greenlit_core::text::is_printable(*c)).take(60).collect()
    }

    /// The columns that are not ours.
    pub(super) fn theirs<'a>(&'a self, row: impl Iterator<Item = &'a str>) -> impl Iterator<Item = &'a str> {
        row.zip(&self.fields).filter(|(_, field)| **field != Some(Field::Ours)).map(|(cell, _)| cell)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_by_name_in_both_languages_under_every_delimiter() {
        for header in [
            "name;born;document;basis;on;igg",
            "ФИО,Дата рождения,Номер документа,Основание,Дата прививки,Результат (IgG)",
            "\"Фамилия\"\t\"ИМЯ\"\t\"Отчество\"\tд.р.\tСерия\tНомер\tоснование\tдата",
            "id|Full name|Date of Birth|Passport|Ground|date",
        ] {
            let columns = Columns::read(header, false).unwrap();
            assert!(columns.fields.iter().all(Option::is_some), "{header}: {columns:?}");
        }
        let columns = Columns::read("район;ФИО;д.р.;паспорт;дата", true).unwrap();
        let row: Cells = ["Уфа", " А Б ", "", "80", "x"].into_iter().collect();
        assert_eq!((columns.get(&row, Field::Name), columns.get(&row, Field::Born)), (Some("А Б"), None));
        assert_eq!(columns.name_of(Field::Document), "паспорт");
    }

    #[test]
    fn what_a_header_lacks_or_says_twice_is_named() {
        let told = |header: &str| Columns::read(header, false).unwrap_err().to_string();
        assert!(told("name;born;document;on").contains("no column says the basis"));
        assert!(told("a;b;c").contains("no column says the name"));
        assert!(told("Закирова;01.02.1980").contains("no column says the name"));
        assert_eq!(told("name;ФИО;born;document;on;basis"), "two columns both say the name");
        assert!(Columns::read(&";".repeat(2_000), false).is_err());
    }
}
