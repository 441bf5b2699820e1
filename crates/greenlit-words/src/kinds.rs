//! The kinds of benefit, document and venue.

use greenlit_core::pass::DocumentKind;
use greenlit_core::trust::{BenefitKind, VenueKind};

use crate::Language;

messages! {
    /// A type of place.
    retail() { en: "Shop", ru: "Магазин", ba: "Кибет" }
    /// A type of place.
    hotel() { en: "Hotel", ru: "Отель", ba: "Ҡунаҡхана" }
    /// A type of place.
    resort() { en: "Resort", ru: "Санаторий", ba: "Шифахана" }
    /// A type of place.
    sport() { en: "Sport", ru: "Спорт", ba: "Спорт" }
    /// A type of place.
    entertainment() { en: "Entertainment", ru: "Досуг", ba: "Ял итеү" }
    /// A type of place.
    employer_education() {
        en: "School or university (employer)", ru: "Школа, вуз (персонал)", ba: "Мәғариф ойошмаһы"
    }
    /// A type of place.
    public_space() { en: "Public space", ru: "Общественное место", ba: "Йәмәғәт урыны" }
    /// No type of place is chosen.
    any_place() { en: "Any place", ru: "Любое место", ba: "Теләһә ҡайһы урын" }

    /// A kind of document.
    passport() { en: "Passport", ru: "Паспорт", ba: "Паспорт" }
    /// A kind of document.
    foreign_passport() { en: "Foreign passport", ru: "Загранпаспорт", ba: "Сит ил паспорты" }
    /// A kind of document.
    birth_certificate() { en: "Birth certificate", ru: "Свидетельство о рождении", ba: "Тыуыу тураһында таныҡлыҡ" }

    /// A kind of benefit.
    discount() { en: "Discount", ru: "Скидка", ba: "Ташлама" }
    /// A kind of benefit.
    free_entry() { en: "Free entry", ru: "Бесплатный вход", ba: "Буш инеү" }
    /// A kind of benefit.
    exemption() { en: "Exemption", ru: "Освобождение от ограничения", ba: "Сикләүҙән азат итеү" }
    /// A kind of benefit.
    paid_leave() { en: "Paid leave", ru: "Оплачиваемый отпуск", ba: "Түләүле ял" }
    /// A kind of benefit.
    reminder() { en: "Reminder", ru: "Напоминание", ba: "Иҫкәртеү" }
}

/// A type of place; one that only the rules know is called as they call it.
pub fn venue(kind: &VenueKind, language: Language) -> String {
    match kind.0.as_str() {
        "retail" => retail(language),
        "hotel" => hotel(language),
        "resort" => resort(language),
        "sport" => sport(language),
        "entertainment" => entertainment(language),
        "employer-education" => employer_education(language),
        "public-space" => public_space(language),
        other => other.to_owned(),
    }
}

/// A kind of benefit; one that only the rules know is called as they call it.
pub fn benefit(kind: &BenefitKind, language: Language) -> String {
    match kind.0.as_str() {
        BenefitKind::DISCOUNT => discount(language),
        "free-entry" => free_entry(language),
        "exemption" => exemption(language),
        "paid-leave" => paid_leave(language),
        BenefitKind::REMINDER => reminder(language),
        other => other.to_owned(),
    }
}

/// A kind of document.
pub fn document(kind: DocumentKind, language: Language) -> String {
    match kind {
        DocumentKind::Passport => passport(language),
        DocumentKind::ForeignPassport => foreign_passport(language),
        DocumentKind::BirthCertificate => birth_certificate(language),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_that_the_design_names_has_words() {
        for language in Language::ALL {
            for word in VenueKind::KNOWN {
                assert_ne!(venue(&VenueKind(word.into()), language), word);
            }
            for word in BenefitKind::KNOWN {
                assert_ne!(benefit(&BenefitKind(word.into()), language), word);
            }
        }
        assert_eq!(venue(&VenueKind("museum".into()), Language::Ba), "museum");
    }
}
