//! Regions and their offset from UTC: a pass begins and ends with the region's day.

use chrono::FixedOffset;

/// Hours east of UTC of the Russian regions that do not keep Moscow time (ISO 3166-2 codes).
const NOT_MOSCOW: &[(i32, &[&str])] = &[
    (2, &["RU-KGD"]),
    (4, &["RU-AST", "RU-SAM", "RU-SAR", "RU-UD", "RU-ULY"]),
    (5, &["RU-BA", "RU-CHE", "RU-KGN", "RU-KHM", "RU-ORE", "RU-PER", "RU-SVE", "RU-TYU", "RU-YAN"]),
    (6, &["RU-OMS"]),
    (7, &["RU-ALT", "RU-AL", "RU-KEM", "RU-KK", "RU-KYA", "RU-NVS", "RU-TOM", "RU-TY"]),
    (8, &["RU-BU", "RU-IRK"]),
    (9, &["RU-AMU", "RU-SA", "RU-ZAB"]),
    (10, &["RU-KHA", "RU-PRI", "RU-YEV"]),
    (11, &["RU-MAG", "RU-SAK"]),
    (12, &["RU-CHU", "RU-KAM"]),
];

/// The offset of a Russian region; `None` elsewhere, where it must be given.
pub(crate) fn of_region(region: &str) -> Option<FixedOffset> {
    if !region.starts_with("RU-") {
        return None;
    }
    let hours = NOT_MOSCOW.iter().find(|(_, regions)| regions.contains(&region)).map_or(3, |(hours, _)| *hours);
    FixedOffset::east_opt(hours * 3600)
}

/// Reads "+05:00".
pub(crate) fn parse(text: &str) -> Option<FixedOffset> {
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bashkortostan_is_five_hours_ahead() {
        assert_eq!(of_region("RU-BA"), parse("+05:00"));
        assert_eq!(of_region("RU-MOW"), parse("+03:00"));
        assert_eq!(of_region("KZ-ALA"), None);
        assert_eq!(parse("five"), None);
    }
}
