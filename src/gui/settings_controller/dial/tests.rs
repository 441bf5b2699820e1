//! Turning, typing, month ends, time zones, the floor.

use chrono::{FixedOffset, Offset, Utc};

use super::*;
use crate::clock::tests::time;

/// As the page shows it: `31.01.2027 14:05`.
fn shown(dial: &Dial) -> String {
    let [day, month, year, hour, minute] = Field::ALL.map(|field| dial.text(field));
    format!("{day}.{month}.{year} {hour}:{minute}")
}

fn at(utc: &str) -> Dial {
    Dial::new(time(utc), UnixTime::new(0).unwrap(), &Utc)
}

fn ufa() -> FixedOffset {
    FixedOffset::east_opt(5 * 3_600).unwrap()
}

#[test]
fn the_dials_begin_at_the_clock_or_at_the_floor() {
    for (clock, floor, begins) in [
        ("2027-05-01T09:05:59Z", "2026-11-22T00:00:00Z", "01.05.2027 14:05"),
        ("1970-01-01T00:00:07Z", "2026-11-22T19:30:00Z", "23.11.2026 00:30"),
        // The dials show no seconds: the minute after the floor, also where the clock is in the floor's minute.
        ("1970-01-01T00:00:07Z", "2026-11-22T19:30:01Z", "23.11.2026 00:31"),
        ("2026-11-22T19:30:40Z", "2026-11-22T19:30:20Z", "23.11.2026 00:31"),
        ("2026-11-22T19:30:40Z", "2026-11-22T19:30:00Z", "23.11.2026 00:30"),
        ("2026-12-31T19:00:00Z", "2026-11-22T00:00:00Z", "01.01.2027 00:00"),
        // Beyond the last year there is none.
        ("2150-03-04T05:06:00Z", "2026-11-22T00:00:00Z", "01.01.2099 05:00"),
    ] {
        let (clock, floor) = (time(clock), time(floor));
        let dial = Dial::new(clock, floor, &ufa());
        assert_eq!(shown(&dial), begins, "{clock} {floor}");
        if clock.seconds() < time("2100-01-01T00:00:00Z").seconds() {
            let time = dial.time(floor, &ufa()).unwrap();
            assert!(time >= floor && time.seconds().is_multiple_of(60));
        }
    }
    // No clock and no floor is too odd to be shown.
    for odd in [UnixTime::MAX, UnixTime::new(0).unwrap(), UnixTime::new(253_402_300_800).unwrap()] {
        let dial = Dial::new(odd, odd, &ufa());
        assert_eq!(shown(&dial).len(), "31.01.2027 14:05".len());
        assert!(dial.time(UnixTime::MAX, &ufa()).is_err());
    }
}

#[test]
fn each_dial_turns_round_and_leaves_the_others_alone() {
    for (from, field, by, to) in [
        ("2027-04-30T23:59:00Z", Field::Day, 1, "01.04.2027 23:59"),
        ("2027-04-01T23:59:00Z", Field::Day, -1, "30.04.2027 23:59"),
        ("2027-05-01T23:59:00Z", Field::Day, -1, "31.05.2027 23:59"),
        ("2027-02-28T12:00:00Z", Field::Day, 1, "01.02.2027 12:00"),
        ("2028-02-28T12:00:00Z", Field::Day, 1, "29.02.2028 12:00"),
        ("2027-12-15T12:00:00Z", Field::Month, 1, "15.01.2027 12:00"),
        ("2027-01-15T12:00:00Z", Field::Month, -1, "15.12.2027 12:00"),
        ("2027-05-01T23:59:00Z", Field::Hour, 1, "01.05.2027 00:59"),
        ("2027-05-01T00:59:00Z", Field::Hour, -1, "01.05.2027 23:59"),
        ("2027-05-01T23:59:00Z", Field::Minute, 1, "01.05.2027 23:00"),
        ("2027-05-01T23:00:00Z", Field::Minute, -1, "01.05.2027 23:59"),
        ("2027-05-01T23:07:00Z", Field::Minute, 10, "01.05.2027 23:17"),
        // The year ends at its ends.
        ("2027-05-01T12:00:00Z", Field::Year, -500, "01.05.2000 12:00"),
        ("2027-05-01T12:00:00Z", Field::Year, 500, "01.05.2099 12:00"),
        // However far.
        ("2027-05-02T12:00:00Z", Field::Day, 31_000_001, "03.05.2027 12:00"),
        ("2027-05-01T12:00:00Z", Field::Minute, -60_000_001, "01.05.2027 12:59"),
    ] {
        let mut dial = at(from);
        dial.turn(field, by);
        assert_eq!((shown(&dial).as_str(), dial.field()), (to, field), "{from} {field:?} {by}");
        for far in [i32::MIN, i32::MAX] {
            dial.turn(field, far);
            assert!(dial.time(UnixTime::new(0).unwrap(), &Utc).is_ok());
        }
    }
}

#[test]
fn a_day_that_the_month_lacks_gives_way_and_comes_back() {
    let mut dial = at("2027-01-31T12:00:00Z");
    dial.turn(Field::Month, 1);
    assert_eq!((shown(&dial).as_str(), dial.weekday()), ("28.02.2027 12:00", 7));
    dial.turn(Field::Year, 1);
    assert_eq!((shown(&dial).as_str(), dial.weekday()), ("29.02.2028 12:00", 2));
    dial.turn(Field::Month, 1);
    assert_eq!(shown(&dial), "31.03.2028 12:00");
    dial.turn(Field::Month, 1);
    assert_eq!(shown(&dial), "30.04.2028 12:00");
    // Turned from where it shows, it is where it shows.
    dial.turn(Field::Day, -1);
    dial.turn(Field::Month, 1);
    assert_eq!(shown(&dial), "29.05.2028 12:00");
    // A century that is a leap year, and what it comes to.
    let mut dial = at("2000-02-29T12:00:00Z");
    assert_eq!(dial.time(UnixTime::new(0).unwrap(), &Utc), Ok(time("2000-02-29T12:00:00Z")));
    dial.turn(Field::Year, 1);
    assert_eq!(dial.time(UnixTime::new(0).unwrap(), &Utc), Ok(time("2001-02-28T12:00:00Z")));
}

#[test]
fn digits_are_typed_from_dial_to_dial() {
    let typed = |digits: &str| {
        let mut dial = at("2027-05-06T07:08:00Z");
        digits.bytes().for_each(|digit| dial.type_digit(digit - b'0'));
        dial
    };
    for (digits, after, field) in [
        ("291120281437", "29.11.2028 14:37", Field::Minute),
        // Where only one digit can be meant, the next dial comes at once.
        ("4920281437", "04.09.2028 14:37", Field::Minute),
        ("0409", "04.09.2027 07:08", Field::Year),
        ("04092028", "04.09.2028 07:08", Field::Hour),
        ("040920283", "04.09.2028 03:08", Field::Minute),
        // What a dial does not have is forgotten.
        ("32", "06.05.2027 07:08", Field::Month),
        ("0013", "06.05.2027 07:08", Field::Year),
        ("04091969", "04.09.2027 07:08", Field::Hour),
        ("0409202823600", "04.09.2028 23:00", Field::Minute),
    ] {
        let dial = typed(digits);
        assert_eq!((shown(&dial).as_str(), dial.field()), (after, field), "{digits}");
    }
    // Half a number is seen, and counts as far as it goes when another dial is chosen.
    let mut dial = typed("2");
    assert_eq!(dial.text(Field::Day), "2");
    dial.select(Field::Year);
    assert_eq!(shown(&dial), "02.05.2027 07:08");
    dial.type_digit(3);
    dial.type_digit(1);
    assert_eq!(dial.text(Field::Year), "31");
    dial.turn(Field::Hour, 1);
    assert_eq!(shown(&dial), "02.05.2031 08:08");
    let half = typed("1");
    assert_eq!(
        half.time(UnixTime::new(0).unwrap(), &Utc),
        Ok(time("2027-05-01T07:08:00Z")),
        "before another is chosen"
    );
}

#[test]
fn nothing_is_earlier_than_the_floor() {
    let floor = time("2026-11-22T19:30:20Z");
    let mut dial = Dial::new(time("1999-01-01T00:00:00Z"), floor, &ufa());
    assert_eq!(dial.time(floor, &ufa()), Ok(time("2026-11-22T19:31:00Z")));
    dial.turn(Field::Minute, -1);
    assert_eq!(dial.time(floor, &ufa()), Err(TooEarly { earliest: time("2026-11-22T19:31:00Z") }));
    dial.turn(Field::Hour, 1);
    assert_eq!(dial.time(floor, &ufa()), Ok(time("2026-11-22T20:30:00Z")));
    dial.turn(Field::Year, -26);
    assert_eq!(shown(&dial), "23.11.2000 01:30");
    assert!(dial.time(floor, &ufa()).is_err());
    assert_eq!(earliest(time("2026-11-22T19:30:00Z")), time("2026-11-22T19:30:00Z"));
    assert_eq!(earliest(UnixTime::MAX), UnixTime::MAX);
}

/// Clocks go forward by an hour at 01:00 UTC on 28 March 2027, from 02:00 to 03:00, and back on 31 October.
#[derive(Clone, Copy)]
struct Summer;

#[derive(Clone, Copy, Debug)]
struct Hours(i32);

impl Offset for Hours {
    fn fix(&self) -> FixedOffset {
        FixedOffset::east_opt(self.0 * 3_600).unwrap()
    }
}

impl TimeZone for Summer {
    type Offset = Hours;

    fn from_offset(_: &Hours) -> Self {
        Self
    }

    fn offset_from_local_date(&self, date: &NaiveDate) -> MappedLocalTime<Hours> {
        self.offset_from_local_datetime(&date.and_hms_opt(12, 0, 0).unwrap())
    }

    fn offset_from_local_datetime(&self, local: &NaiveDateTime) -> MappedLocalTime<Hours> {
        let such =
            |hours: &i32| self.offset_from_utc_datetime(&(*local - Duration::hours((*hours).into()))).0 == *hours;
        match (such(&1), such(&2)) {
            (true, true) => MappedLocalTime::Ambiguous(Hours(2), Hours(1)),
            (true, false) => MappedLocalTime::Single(Hours(1)),
            (false, true) => MappedLocalTime::Single(Hours(2)),
            (false, false) => MappedLocalTime::None,
        }
    }

    fn offset_from_utc_date(&self, date: &NaiveDate) -> Hours {
        self.offset_from_utc_datetime(&date.and_hms_opt(12, 0, 0).unwrap())
    }

    fn offset_from_utc_datetime(&self, utc: &NaiveDateTime) -> Hours {
        let change = |month, day| NaiveDate::from_ymd_opt(2027, month, day).unwrap().and_hms_opt(1, 0, 0).unwrap();
        Hours(if (change(3, 28)..change(10, 31)).contains(utc) { 2 } else { 1 })
    }
}

#[test]
fn hours_that_come_twice_or_never_are_understood() {
    let none = UnixTime::new(0).unwrap();
    let local = |text: &str| Dial::new(time(&format!("{text}Z")), none, &Utc);
    for (dial, floor, utc) in [
        ("2027-03-28T01:30:00", none, "2027-03-28T00:30:00Z"),
        ("2027-03-28T02:30:00", none, "2027-03-28T01:30:00Z"),
        ("2027-03-28T03:30:00", none, "2027-03-28T01:30:00Z"),
        ("2027-10-31T01:30:00", none, "2027-10-30T23:30:00Z"),
        ("2027-10-31T02:30:00", none, "2027-10-31T00:30:00Z"),
        ("2027-10-31T02:30:00", time("2027-10-31T00:45:00Z"), "2027-10-31T01:30:00Z"),
        ("2027-10-31T03:30:00", none, "2027-10-31T02:30:00Z"),
    ] {
        assert_eq!(local(dial).time(floor, &Summer), Ok(time(utc)), "{dial}");
    }
}
