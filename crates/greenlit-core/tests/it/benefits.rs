//! What a valid pass gives at a place: only what the signed rules say, and the shop's own offer
//! only where they leave room for it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use greenlit_core::answer::Code;
use greenlit_core::benefits::{Benefit, Venue};
use greenlit_core::pass::{Class, Pass, Scanned, scan};
use greenlit_core::time::UnixTime;
use greenlit_core::trust::{BenefitKind, Rule, VenueKind};
use greenlit_core::verify::{Verified, verify};
use greenlit_testkit::fixture::*;

fn with_rules(rules: Vec<Rule>) -> Authority {
    Authority::new().bundle(|bundle| bundle.rules = rules)
}

fn place(sites: &[&str], own_percent: Option<u8>) -> Venue {
    Venue { sites: sites.iter().map(|site| VenueKind::new(site).unwrap()).collect(), own_percent }
}

fn benefits(authority: &Authority, seed: u8, place: &Venue, clock: UnixTime) -> Vec<Benefit> {
    let Scanned::Pass(signed) = scan(sign(&pass(), seed).as_bytes()) else { panic!("no pass") };
    match verify(&signed, &authority.state(), clock).unwrap() {
        Verified::Pass(pass) => pass.benefits(place),
        Verified::Specimen(_) => panic!("a specimen"),
    }
}

fn ids(benefits: &[Benefit]) -> Vec<&str> {
    benefits.iter().map(|benefit| benefit.rule.as_str()).collect()
}

#[test]
fn rules_speak_at_their_sites() {
    let authority = Authority::new();
    for (sites, wanted) in [
        (&["retail"][..], &["shop", "spring-week", "mask"][..]),
        (&["sport"], &["venue", "mask"]),
        (&["hotel"], &["stay", "mask"]),
        (&["employer-education"], &["leave"]),
        (&["public-space"], &["distance"]),
        (&["library"], &[]),
        // A resort with a shop and a gym: each rule once.
        (&["resort", "hotel", "retail", "sport"], &["shop", "spring-week", "venue", "stay", "mask"]),
        // None chosen: every site's.
        (&[], &["shop", "spring-week", "venue", "stay", "leave", "distance", "mask"]),
    ] {
        let found = benefits(&authority, ISSUER, &place(sites, None), time(NOW));
        assert_eq!(ids(&found), wanted, "{sites:?}");
    }
}

#[test]
fn a_pass_that_gives_nothing_here_is_still_valid() {
    let authority = with_rules(vec![rule("stay", BenefitKind::DISCOUNT, &["hotel"])]);
    assert!(benefits(&authority, ISSUER, &place(&["retail"], Some(5)), time(NOW)).is_empty());
    assert_eq!(code(&sign(&pass(), ISSUER), &authority.state(), time(NOW)), Code::Ok);
    let nothing = with_rules(vec![]);
    assert_eq!(
        code(&sign(&pass(), ISSUER), &nothing.state(), time(NOW)),
        Code::ClassNotHonoured,
        "no rule honours it anywhere"
    );
}

#[test]
fn the_shops_own_percent_fills_an_empty_one_and_is_marked() {
    let authority = with_rules(vec![
        rule("open", BenefitKind::DISCOUNT, &["retail"]),
        Rule { amount: Some(10), ..rule("fixed", BenefitKind::DISCOUNT, &["retail"]) },
        Rule { amount: Some(0), ..rule("zero", BenefitKind::DISCOUNT, &["retail"]) },
        rule("entry", "free-entry", &["retail"]),
        rule("leave", "paid-leave", &["retail"]),
        rule("mask", BenefitKind::REMINDER, &["retail"]),
    ]);
    let amounts = |own| {
        let found = benefits(&authority, ISSUER, &place(&["retail"], own), time(NOW));
        found.into_iter().map(|b| (b.rule, b.amount, b.own_offer)).collect::<Vec<_>>()
    };
    let wanted = |open: Option<u64>| {
        let row = |rule: &str, amount, own| (rule.to_owned(), amount, own);
        vec![
            row("open", open, open.is_some()),
            row("fixed", Some(10), false),
            row("zero", Some(0), false),
            row("entry", None, false),
            row("leave", None, false),
            row("mask", None, false),
        ]
    };
    assert_eq!(amounts(Some(7)), wanted(Some(7)));
    assert_eq!(amounts(None), wanted(None));
}

#[test]
fn reminders_come_last_and_the_rest_keeps_its_order() {
    let authority = with_rules(vec![
        rule("r1", BenefitKind::REMINDER, &["retail"]),
        rule("b", BenefitKind::DISCOUNT, &["retail"]),
        rule("r2", BenefitKind::REMINDER, &["retail"]),
        rule("a", "exemption", &["retail"]),
        rule("c", "a-later-kind", &["retail"]),
    ]);
    let found = benefits(&authority, ISSUER, &place(&["retail"], None), time(NOW));
    assert_eq!(ids(&found), ["b", "a", "c", "r1", "r2"]);
}

#[test]
fn a_benefit_says_what_its_rule_says() {
    let told = Rule { amount: Some(2), text: text("Two days, educators"), ..rule("leave", "paid-leave", &["x", "y"]) };
    let found = benefits(&with_rules(vec![told]), ISSUER, &Venue::default(), time(NOW));
    let [leave] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((leave.kind.0.as_str(), leave.amount, leave.own_offer), ("paid-leave", Some(2), false));
    assert_eq!(leave.text.get("en"), "Two days, educators");
    assert_eq!(leave.sites, [VenueKind::new("x").unwrap(), VenueKind::new("y").unwrap()]);
}

#[test]
fn dated_rules_begin_and_end_to_the_second() {
    let (from, until) = (time("2021-03-08T00:00:00Z"), time("2021-03-15T00:00:00Z"));
    let always = rule("always", BenefitKind::DISCOUNT, &["retail"]);
    let authority = with_rules(vec![
        always,
        Rule { from: Some(from), until: Some(until), ..rule("week", BenefitKind::DISCOUNT, &["retail"]) },
        Rule { until: Some(from), ..rule("before", BenefitKind::DISCOUNT, &["retail"]) },
        Rule { from: Some(until), ..rule("after", BenefitKind::DISCOUNT, &["retail"]) },
    ]);
    for (clock, wanted) in [
        (from.minus(1), ["always", "before"]),
        (from, ["always", "week"]),
        (until.minus(1), ["always", "week"]),
        (until, ["always", "after"]),
    ] {
        assert_eq!(ids(&benefits(&authority, ISSUER, &Venue::default(), clock)), wanted, "{clock}");
    }
}

#[test]
fn benefits_are_those_of_the_moment_of_judging() {
    // The clock is a little behind; the floor, by which the pass is judged, is inside the rule's time.
    let authority =
        with_rules(vec![Rule { from: Some(time(ISSUED)), ..rule("from-issue", BenefitKind::DISCOUNT, &["retail"]) }]);
    let found = benefits(&authority, ISSUER, &Venue::default(), time(ISSUED).minus(200));
    assert_eq!(ids(&found), ["from-issue"]);
}

#[test]
fn a_rule_may_be_for_some_issuers_only() {
    let authority = with_rules(vec![
        Rule { issuers: vec![kid(ISSUER)], ..rule("clinic", BenefitKind::DISCOUNT, &["retail"]) },
        Rule { issuers: vec![kid(ISSUER), kid(STADIUM)], ..rule("both", BenefitKind::DISCOUNT, &["retail"]) },
        Rule { issuers: vec![kid(STADIUM)], ..rule("stadium", BenefitKind::DISCOUNT, &["retail"]) },
        rule("any", BenefitKind::DISCOUNT, &["retail"]),
    ]);
    let found = |seed| ids(&benefits(&authority, seed, &Venue::default(), time(NOW))).join(" ");
    assert_eq!(found(ISSUER), "clinic both any");
    assert_eq!(found(STADIUM), "both stadium any");
    let strict =
        with_rules(vec![Rule { issuers: vec![kid(STADIUM)], ..rule("s", BenefitKind::DISCOUNT, &["retail"]) }]);
    assert_eq!(
        code(&sign(&pass(), ISSUER), &strict.state(), time(NOW)),
        Code::ClassNotHonoured,
        "no rule for its issuer"
    );
}

#[test]
fn a_rule_is_for_its_classes_only() {
    let authority = with_rules(vec![
        Rule { classes: vec![Class(3)], ..rule("three", BenefitKind::DISCOUNT, &["retail"]) },
        Rule { classes: vec![Class(1), Class(3)], ..rule("both", BenefitKind::DISCOUNT, &["retail"]) },
    ]);
    assert_eq!(ids(&benefits(&authority, ISSUER, &Venue::default(), time(NOW))), ["both"]);
    let four = sign(&Pass { class: Class(4), ..pass() }, ISSUER);
    assert_eq!(code(&four, &authority.state(), time(NOW)), Code::ClassNotHonoured);
}

#[test]
fn a_rule_for_specimens_makes_none_of_them_green() {
    let all = Rule { classes: vec![Class(1), Class::SPECIMEN], ..rule("all", BenefitKind::DISCOUNT, &["retail"]) };
    let specimen = sign(&Pass { class: Class::SPECIMEN, ..pass() }, ISSUER);
    assert_eq!(code(&specimen, &with_rules(vec![all]).state(), time(NOW)), Code::ClassNotHonoured);
}
