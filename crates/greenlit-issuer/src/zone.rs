//! The time of a region: a pass begins and ends with the region's day.

use chrono::{Datelike, FixedOffset, NaiveDate};
use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

use greenlit_core::time::UnixTime;

/// A region's time: a fixed offset from UTC, or a zone of the IANA database, which knows past and coming changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl Zone {
    /// Reads "+05:00".
    pub fn from_offset(text: &str) -> Option<Self> {
        let offset: FixedOffset = text.parse().ok()?;
        Offset::from_seconds(offset.local_minus_utc()).ok().map(|offset| Self(offset.to_time_zone()))
    }

    /// The moment's day.
    pub fn day(&self, at: UnixTime) -> Option<NaiveDate> {
        let at = Timestamp::from_second(i64::try_from(at.seconds()).ok()?).ok()?;
        let day = self.0.to_datetime(at).date();
        NaiveDate::from_ymd_opt(day.year().into(), day.month().try_into().ok()?, day.day().try_into().ok()?)
    }

    /// The last day of what is good until just before this moment.
    pub fn last_day(&self, expires: UnixTime) -> Option<NaiveDate> {
        self.day(expires.minus(1))
    }

    /// 00:00 of a day, or the first moment of one that the clocks begin later.
    pub fn midnight(&self, day: NaiveDate) -> Option<UnixTime> {
        let (year, month, day) =
            (day.year().try_into().ok()?, day.month().try_into().ok()?, day.day().try_into().ok()?);
        let day = jiff::civil::Date::new(year, month, day).ok()?;
        let start = day.to_zoned_datetime(self.0.clone()).ok()?;
        u64::try_from(start.timestamp().as_second()).ok().and_then(UnixTime::new)
    }

    /// 00:00 of the first day of the moment's month.
    pub fn start_of_month(&self, at: UnixTime) -> Option<UnixTime> {
        self.midnight(self.day(at)?.with_day(1)?)
    }

    /// 00:00 of the moment's day.
    pub fn start_of_day(&self, at: UnixTime) -> Option<UnixTime> {
        self.midnight(self.day(at)?)
    }
}

/// How a region's time comes to be another number of minutes from UTC.
#[cfg(feature = "authority")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OffsetChange {
    /// When.
    pub at: UnixTime,
    /// Minutes from UTC until then.
    pub before: i16,
    /// From then on; none for what a scheme bundle cannot say.
    pub after: Option<i16>,
}

#[cfg(feature = "authority")]
impl Zone {
    /// Minutes from UTC at this moment, from -720 to 840; none for other offsets, or those of seconds.
    pub fn offset_minutes(&self, at: UnixTime) -> Option<i16> {
        let at = Timestamp::from_second(i64::try_from(at.seconds()).ok()?).ok()?;
        minutes(self.0.to_offset(at))
    }

    /// The first change of the offset after one moment and before another.
    pub fn offset_change(&self, from: UnixTime, until: UnixTime) -> Option<OffsetChange> {
        let before = self.offset_minutes(from)?;
        let start = Timestamp::from_second(i64::try_from(from.seconds()).ok()?).ok()?;
        let second = |at: Timestamp| u64::try_from(at.as_second()).ok().and_then(UnixTime::new);
        let changes =
            self.0.following(start).map_while(|change| Some((second(change.timestamp())?, minutes(change.offset()))));
        let mut near = changes.take_while(|(at, _)| *at < until);
        // Some changes are of a name alone.
        near.find(|(_, after)| *after != Some(before)).map(|(at, after)| OffsetChange { at, before, after })
    }

    /// A zone of the IANA database by its name, "Asia/Yekaterinburg". The database is part of the program, so that
    /// passes begin and end alike on every machine.
    pub fn named(name: &str) -> Option<Self> {
        jiff::tz::TimeZoneDatabase::bundled().get(name).ok().map(Self)
    }

    /// The zone of a Russian region; `None` elsewhere, where it must be given.
    pub fn name_of_region(region: &str) -> Option<&'static str> {
        if !region.starts_with("RU-") {
            return None;
        }
        let found = NOT_MOSCOW.iter().find(|(_, regions)| regions.contains(&region));
        Some(found.map_or("Europe/Moscow", |(zone, _)| zone))
    }
}

#[cfg(feature = "authority")]
fn minutes(offset: Offset) -> Option<i16> {
    let seconds = offset.seconds();
    i16::try_from(seconds / 60).ok().filter(|minutes| seconds % 60 == 0 && (-720..=840).contains(minutes))
}

/// The Russian regions (ISO 3166-2) that have another zone than Moscow, or had one within living memory. Of those in
/// two zones that of the capital.
#[cfg(feature = "authority")]
const NOT_MOSCOW: &[(&str, &[&str])] = &[
    ("Europe/Kaliningrad", &["RU-KGD"]),
    ("Europe/Kirov", &["RU-KIR"]),
    ("Europe/Volgograd", &["RU-VGG"]),
    ("Europe/Astrakhan", &["RU-AST"]),
    ("Europe/Samara", &["RU-SAM", "RU-UD"]),
    ("Europe/Saratov", &["RU-SAR"]),
    ("Europe/Ulyanovsk", &["RU-ULY"]),
    ("Asia/Yekaterinburg", &["RU-BA", "RU-CHE", "RU-KGN", "RU-KHM", "RU-ORE", "RU-PER", "RU-SVE", "RU-TYU", "RU-YAN"]),
    ("Asia/Omsk", &["RU-OMS"]),
    ("Asia/Barnaul", &["RU-ALT", "RU-AL"]),
    ("Asia/Novosibirsk", &["RU-NVS"]),
    ("Asia/Novokuznetsk", &["RU-KEM"]),
    ("Asia/Tomsk", &["RU-TOM"]),
    ("Asia/Krasnoyarsk", &["RU-KK", "RU-KYA", "RU-TY"]),
    ("Asia/Irkutsk", &["RU-BU", "RU-IRK"]),
    ("Asia/Chita", &["RU-ZAB"]),
    ("Asia/Yakutsk", &["RU-AMU", "RU-SA"]),
    ("Asia/Vladivostok", &["RU-KHA", "RU-PRI", "RU-YEV"]),
    ("Asia/Magadan", &["RU-MAG"]),
    ("Asia/Sakhalin", &["RU-SAK"]),
    ("Asia/Anadyr", &["RU-CHU"]),
    ("Asia/Kamchatka", &["RU-KAM"]),
];

#[cfg(test)]
#[cfg(feature = "authority")]
mod tests {
    use super::*;

    fn at(text: &str) -> UnixTime {
        UnixTime::parse_rfc3339(text).unwrap()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn every_region_s_zone_is_in_the_database_and_as_far_from_utc_as_it_is_today() {
        let hours = [
            ("RU-KGD", 2),
            ("RU-MOW", 3),
            ("RU-KIR", 3),
            ("RU-VGG", 3),
            ("RU-TA", 3),
            ("RU-AST", 4),
            ("RU-SAM", 4),
            ("RU-SAR", 4),
            ("RU-UD", 4),
            ("RU-ULY", 4),
            ("RU-BA", 5),
            ("RU-PER", 5),
            ("RU-OMS", 6),
            ("RU-ALT", 7),
            ("RU-KEM", 7),
            ("RU-KYA", 7),
            ("RU-NVS", 7),
            ("RU-TOM", 7),
            ("RU-IRK", 8),
            ("RU-SA", 9),
            ("RU-ZAB", 9),
            ("RU-PRI", 10),
            ("RU-MAG", 11),
            ("RU-SAK", 11),
            ("RU-CHU", 12),
            ("RU-KAM", 12),
        ];
        for (region, hours) in hours {
            let zone = Zone::named(Zone::name_of_region(region).unwrap()).unwrap();
            let fixed = Zone::from_offset(&format!("+{hours:02}:00")).unwrap();
            assert_eq!(zone.midnight(day("2026-11-27")), fixed.midnight(day("2026-11-27")), "{region}");
        }
        for (zone, _) in NOT_MOSCOW {
            assert!(Zone::named(zone).is_some(), "{zone}");
        }
        assert_eq!(Zone::name_of_region("KZ-ALA"), None);
    }

    #[test]
    fn a_zone_knows_when_it_was_otherwise() {
        let (ufa, fixed) = (Zone::named("Asia/Yekaterinburg").unwrap(), Zone::from_offset("+05:00").unwrap());
        assert_eq!(ufa.midnight(day("2021-04-10")), Some(at("2021-04-10T00:00:00+05:00")));
        assert_eq!(ufa.midnight(day("2012-07-01")), Some(at("2012-07-01T00:00:00+06:00")));
        assert_eq!(fixed.midnight(day("2012-07-01")), Some(at("2012-07-01T00:00:00+05:00")));
        let volgograd = Zone::named("Europe/Volgograd").unwrap();
        assert_eq!(volgograd.midnight(day("2020-12-01")), Some(at("2020-12-01T00:00:00+04:00")));
        assert_eq!(volgograd.midnight(day("2021-01-01")), Some(at("2021-01-01T00:00:00+03:00")));
    }

    #[test]
    fn an_offset_that_changes_is_told_with_its_moment() {
        let berlin = Zone::named("Europe/Berlin").unwrap();
        let (winter, later) = (at("2026-12-01T00:00:00Z"), at("2027-04-01T00:00:00Z"));
        assert_eq!(berlin.offset_minutes(winter), Some(60));
        let change = OffsetChange { at: at("2027-03-28T01:00:00Z"), before: 60, after: Some(120) };
        assert_eq!(berlin.offset_change(winter, later), Some(change));
        assert_eq!(berlin.offset_change(winter, change.at), None);
        let ufa = Zone::named("Asia/Yekaterinburg").unwrap();
        assert_eq!((ufa.offset_minutes(winter), ufa.offset_change(winter, later)), (Some(300), None));
        assert_eq!(Zone::from_offset("+05:45").unwrap().offset_minutes(winter), Some(345));
        assert_eq!(Zone::from_offset("+15:00").unwrap().offset_minutes(winter), None);
    }

    #[test]
    fn a_day_begins_where_its_midnight_was_skipped() {
        let havana = Zone::named("America/Havana").unwrap();
        assert_eq!(havana.midnight(day("2021-03-14")), Some(at("2021-03-14T01:00:00-04:00")));
        assert_eq!(havana.day(at("2021-03-14T04:59:59Z")), Some(day("2021-03-13")));
        assert_eq!(havana.start_of_day(at("2021-03-14T12:00:00Z")), Some(at("2021-03-14T05:00:00Z")));
    }

    #[test]
    fn what_is_no_zone_is_none() {
        assert!(Zone::from_offset("five").is_none() && Zone::from_offset("Asia/Yekaterinburg").is_none());
        for bad in ["", "+05:00", "Asia/Ufa", "../etc/passwd"] {
            assert!(Zone::named(bad).is_none(), "{bad}");
        }
        assert_eq!(Zone::from_offset("+05:00").unwrap().midnight(NaiveDate::MAX), None);
    }
}
