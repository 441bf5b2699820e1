use chrono::Datelike;
use proptest::prelude::*;
use serde::Deserialize;

use super::*;

/// One line of the table, whose own comments say where it comes from.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    what: String,
    source: String,
    ground: String,
    day: String,
    igg: Option<String>,
    through: Option<String>,
    now: String,
    #[serde(default = "ufa")]
    zone: String,
    waiting_days: Option<u32>,
    first_day: Option<String>,
    last_day: Option<String>,
    expires: Option<String>,
    refused: Option<String>,
}

#[derive(Deserialize)]
struct Table {
    case: Vec<Case>,
}

fn ufa() -> String {
    "Asia/Yekaterinburg".into()
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn at(text: &str) -> UnixTime {
    UnixTime::parse_rfc3339(text).unwrap()
}

/// The region's grounds, and one for each other way to count.
fn policy(waiting_days: u32) -> Policy {
    let mut policy = Policy::region_2021(waiting_days);
    for (name, term) in [
        ("student", Term::Given { longest_months: 12 }),
        ("member", Term::Through(date("2021-12-31"))),
        ("visitor", Term::Days(30)),
    ] {
        policy.grounds.push(Ground {
            name: name.into(),
            also: Vec::new(),
            class: Class(3),
            term,
            waiting_days: 0,
            igg_above: None,
        });
    }
    policy
}

#[test]
fn every_case_of_the_table_is_decided_as_it_says() {
    let table: Table = toml::from_str(include_str!("../../../../vectors/eligibility/cases.toml")).unwrap();
    assert!(table.case.len() >= 30);
    for case in table.case {
        let what = &case.what;
        assert!(!case.source.is_empty(), "{what}");
        let policy = policy(case.waiting_days.unwrap_or(0));
        let ground = policy.ground(&case.ground).unwrap_or_else(|| panic!("{what}: no such ground"));
        let igg = case.igg.map(|igg| igg.parse().unwrap());
        let event = Event::new(ground, date(&case.day), igg, case.through.as_deref().map(date)).unwrap();
        let zone = Zone::named(&case.zone).unwrap();
        match event.decide(at(&case.now), &zone) {
            Ok(validity) => {
                assert_eq!(case.refused, None, "{what}: {validity:?}");
                assert_eq!(Some(validity.last_day), case.last_day.as_deref().map(date), "{what}");
                assert_eq!(zone.day(validity.nbf), case.first_day.as_deref().map(date), "{what}");
                if let Some(expires) = case.expires {
                    assert_eq!(validity.exp, at(&expires), "{what}");
                }
            }
            Err(refused) => assert_eq!(Some(refused.code()), case.refused.as_deref(), "{what}: {refused}"),
        }
    }
}

#[test]
fn an_event_has_what_its_ground_asks_for_and_no_more() {
    let policy = policy(0);
    let (day, igg) = (date("2021-04-01"), "12".parse().ok());
    let event = |ground: &str, igg, through: Option<&str>| {
        Event::new(policy.ground(ground).unwrap(), day, igg, through.map(date)).map(drop)
    };
    assert_eq!(event("antibodies", None, None), Err(EventError::IggMissing("antibodies".into())));
    assert_eq!(event("ПРИВИВКА", igg, None), Err(EventError::IggNotAsked("vaccination".into())));
    assert_eq!(event("student", None, None), Err(EventError::ThroughMissing("student".into())));
    assert_eq!(event("member", None, Some("2021-06-30")), Err(EventError::ThroughNotAsked("member".into())));
    assert_eq!(event(" Антитела ", igg, None), Ok(()));
    assert!(policy.ground("vaccinatio").is_none() && policy.ground("").is_none());
}

prop_compose! {
    fn any_day()(days in 0u64..40_000) -> NaiveDate {
        date("1970-01-01") + Days::new(days)
    }
}

fn months_since_year_0(day: NaiveDate) -> u32 {
    u32::try_from(day.year()).unwrap() * 12 + day.month0()
}

proptest! {
    /// Whatever the day and the moment: a pass begins today or later, never before its waiting time is over, ends at a
    /// midnight after its last day, and lasts no longer than its term.
    #[test]
    fn a_pass_keeps_to_its_term(day in any_day(), later in 0u64..500, waiting in 0u32..60, months in 1u32..13) {
        let zone = Zone::from_offset("+05:00").unwrap();
        let mut policy = Policy::region_2021(waiting);
        policy.grounds[0].term = Term::Months(months);
        let today = day + Days::new(later);
        let now = zone.midnight(today).unwrap().plus(3_600 * 23);
        let event = Event::new(&policy.grounds[0], day, None, None).unwrap();
        match event.decide(now, &zone) {
            Ok(validity) => {
                let first_day = zone.day(validity.nbf).unwrap();
                prop_assert!(first_day >= today && first_day >= day + Days::new(waiting.into()));
                prop_assert!(validity.nbf < validity.exp);
                prop_assert_eq!(zone.midnight(validity.last_day.succ_opt().unwrap()), Some(validity.exp));
                let last_day = validity.last_day;
                prop_assert_eq!(months_since_year_0(last_day), months_since_year_0(day) + months);
                let month_ends = last_day.succ_opt().unwrap().day() == 1;
                prop_assert!(last_day.day() == day.day() || last_day.day() < day.day() && month_ends);
            }
            Err(Ineligible::Over { last_day, .. }) => prop_assert!(last_day < today),
            Err(Ineligible::NeverBegins { first_day, last_day, .. }) => prop_assert!(first_day > last_day),
            Err(other) => prop_assert!(false, "{}", other),
        }
    }

    /// Who asks later never gets a pass that ends later; who is refused as too late stays refused.
    #[test]
    fn waiting_with_the_application_gains_nothing(day in any_day(), sooner in 0u64..500, more in 0u64..500) {
        let zone = Zone::from_offset("+05:00").unwrap();
        let policy = Policy::region_2021(0);
        let event = Event::new(&policy.grounds[0], day, None, None).unwrap();
        let on = |days: u64| event.decide(zone.midnight(day + Days::new(days)).unwrap(), &zone);
        match (on(sooner), on(sooner + more)) {
            (Ok(first), Ok(second)) => prop_assert_eq!(first.exp, second.exp),
            (Err(_), Ok(_)) => prop_assert!(false, "refused first and granted later"),
            (_, Err(refused)) => prop_assert_eq!(refused.code(), "over"),
        }
    }
}
