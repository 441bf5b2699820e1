//! Promise: a pass that others issued is green by a trusted key and a rule alone, and nobody is accused of what others did.

use greenlit_core::answer::{Answer, Code};
use greenlit_core::benefits::Venue;
use greenlit_core::pass::NotAPass;
use greenlit_core::scheme::Scheme;
use greenlit_core::time::UnixTime;
use greenlit_core::trust::{Condition, SchemeRule, Test, TrustState};
use greenlit_core::verdict::Verdict;
use greenlit_core::verify::Rejection;
use greenlit_schemes::judge;
use greenlit_testkit::fixture::schemes::*;
use greenlit_testkit::fixture::*;

fn judged(text: &str, trust: &TrustState, at: &str) -> Verdict {
    judge(trust, time(at)).text(text.as_bytes())
}

fn answered(text: &str, trust: &TrustState) -> (Option<Code>, Option<Answer>) {
    let verdict = judged(text, trust, NOW);
    (verdict.code(), verdict.answer())
}

fn person(born: &str) -> String {
    identity(STATE, STATE_KEY_ID, born, "2021-02-20T00:00:00Z", "2021-12-01T00:00:00Z")
}

#[test]
fn a_ticket_of_a_trusted_event_gives_what_the_rule_says() {
    let trust = Schemes::new().state();
    let Verdict::Valid(pass) = judged(&ticket(FESTIVAL, b"seed-1", 42, None), &trust, NOW) else { panic!() };
    let foreign = pass.foreign().unwrap();
    assert_eq!((foreign.scheme(), foreign.kind(), foreign.issuer_id()), (Scheme::Pretix, "ticket", "festival"));
    assert_eq!(pass.issuer_name().unwrap().get("en"), "Festival");
    assert!(pass.own().is_none() && pass.expires().is_none() && pass.is_demo());
    let benefits = pass.benefits(&Venue::default());
    assert_eq!(benefits.iter().map(|benefit| benefit.rule.as_str()).collect::<Vec<_>>(), ["festival"]);
}

#[test]
fn a_ticket_is_answered_by_what_is_wrong_with_it() {
    let trust = Schemes::new().state();
    let until = |at: &str| Some(time(at));
    for (what, text, code, answer) in [
        ("another item", ticket(FESTIVAL, b"seed-1", 43, None), Code::ClassNotHonoured, Answer::Refused),
        ("another event", ticket(OTHER_EVENT, b"seed-1", 42, None), Code::AnotherEvent, Answer::Refused),
        ("called back", ticket(FESTIVAL, CALLED_BACK, 42, None), Code::Revoked, Answer::Refused),
        ("over", ticket(FESTIVAL, b"s", 42, until("2021-03-10T11:59:59Z")), Code::Expired, Answer::Refused),
        ("in its last second", ticket(FESTIVAL, b"s", 42, until(NOW)), Code::Ok, Answer::Valid),
    ] {
        assert_eq!(answered(&text, &trust), (Some(code), Some(answer)), "{what}");
    }
    assert_eq!(Code::AnotherEvent.as_str(), "KEY");
}

#[test]
fn of_keys_under_one_name_each_is_tried_and_held_to_its_time() {
    let trust = Schemes::new().state();
    let by = |seed, key_id: &[u8], issued: &str| identity(seed, key_id, "1984-05-09", issued, "2021-12-01T00:00:00Z");
    for (what, text, code) in [
        ("the newer", by(STATE, STATE_KEY_ID, "2021-02-20T00:00:00Z"), Code::Ok),
        ("the older", by(STATE_BEFORE, STATE_KEY_ID, "2021-02-20T00:00:00Z"), Code::Ok),
        ("the older after its end", by(STATE_BEFORE, STATE_KEY_ID, "2021-03-01T00:00:00Z"), Code::OutsideIssuerLimits),
        ("the newer before its start", by(STATE, STATE_KEY_ID, "2021-01-20T00:00:00Z"), Code::OutsideIssuerLimits),
        ("a stranger's under that name", by(STRANGER, STATE_KEY_ID, "2021-02-20T00:00:00Z"), Code::Signature),
        ("an unknown name", by(STATE, b"state-99", "2021-02-20T00:00:00Z"), Code::UnknownIssuer),
        ("the stolen one", by(STATE_ROBBED, ROBBED_KEY_ID, "2021-02-20T00:00:00Z"), Code::KeyRevoked),
    ] {
        assert_eq!(answered(&text, &trust).0, Some(code), "{what}");
    }
}

#[test]
fn who_may_be_too_young_gets_nothing() {
    let trust = Schemes::new().state();
    // 10 March 2021, 17:00 by the authority's days.
    for (born, code) in [
        ("2003-03-10", Code::Ok),
        ("2003-03-11", Code::ClassNotHonoured),
        ("2002", Code::Ok),
        ("2003", Code::ClassNotHonoured),
        ("never", Code::ClassNotHonoured),
    ] {
        assert_eq!(answered(&person(born), &trust).0, Some(code), "{born}");
    }
    // There the day has begun that has not in Greenwich.
    let eighteen_tomorrow = person("2003-03-11");
    assert_eq!(judged(&eighteen_tomorrow, &trust, "2021-03-10T18:59:59Z").code(), Some(Code::ClassNotHonoured));
    assert_eq!(judged(&eighteen_tomorrow, &trust, "2021-03-10T19:00:00Z").code(), Some(Code::Ok));
}

#[test]
fn of_a_person_the_least_is_told() {
    let trust = Schemes::new().state();
    let Verdict::Valid(pass) = judged(&person("1984-05-09"), &trust, NOW) else { panic!() };
    let foreign = pass.foreign().unwrap();
    assert_eq!((foreign.initials().as_deref(), foreign.document()), (Some("A. B."), Some("5678")));
    assert!(foreign.asks_age());
}

#[test]
fn what_the_authority_does_not_take_is_named_and_nobody_is_accused() {
    let without = Authority::new().state();
    let tickets_alone = Schemes::new();
    let mut tickets_alone = tickets_alone.bundle(|bundle| bundle.rules.truncate(1));
    tickets_alone.lists.remove(&2);
    for (trust, text, scheme) in [
        (&without, ticket(FESTIVAL, b"seed-1", 42, None), Scheme::Pretix),
        (&without, "HC1:NOT EVEN BASE45".into(), Scheme::Hcert),
        (&without, "HC2:".into(), Scheme::Hcert),
        (&tickets_alone.state(), person("1984-05-09"), Scheme::Claim169),
    ] {
        let Verdict::NotAPass(other) = judged(&text, trust, NOW) else { panic!("{text}") };
        assert_eq!(other, NotAPass::OfScheme(scheme), "{text}");
    }
}

#[test]
fn a_ticket_that_is_not_signed_is_for_the_network_where_tickets_are_taken() {
    let unsigned = "abcdefghjkmnpqrstuvwxyz23456789a";
    let named = |trust: &TrustState| match judged(unsigned, trust, NOW) {
        Verdict::NotAPass(other) => other,
        verdict => panic!("{verdict:?}"),
    };
    assert_eq!(named(&Schemes::new().state()), NotAPass::OnlineOnly(Scheme::Pretix));
    assert_eq!(named(&Authority::new().state()), NotAPass::Text);
}

#[test]
fn doubt_about_our_own_data_accuses_nobody() {
    let whole = Schemes::new();
    let unknown = identity(STATE, b"state-99", "1984-05-09", "2021-02-20T00:00:00Z", "2021-12-01T00:00:00Z");
    let other_event = ticket(OTHER_EVENT, b"seed-1", 42, None);
    // After the lists' soft age whoever is unknown may be new.
    let (soft, hard) = ("2021-03-11T00:00:00Z", "2021-04-30T00:00:00Z");
    for text in [&unknown, &other_event] {
        assert_eq!(judged(text, &whole.state(), soft).code(), Some(Code::IssuerUnknownTrustStale));
    }
    let good = person("1984-05-09");
    assert_eq!(judged(&good, &whole.state(), soft).code(), Some(Code::Ok));
    assert_eq!(judged(&good, &whole.state(), hard).code(), Some(Code::TrustExpired));
    // A list that is named and not there.
    let mut state = Authority::new().state();
    state.import_scheme_bundle(&whole.signed_bundle()).unwrap();
    state.import_key_list(1, &whole.key_list(1)).unwrap();
    let missing = judged(&good, &state, NOW);
    assert!(matches!(missing, Verdict::Rejected(Rejection::KeysMissing { list: 2 })), "{missing:?}");
    assert_eq!((missing.code(), missing.answer()), (Some(Code::TrustExpired), Some(Answer::CannotTell)));
    assert_eq!(answered(&ticket(FESTIVAL, b"seed-1", 42, None), &state).0, Some(Code::Ok), "the other list serves");
}

#[test]
fn conditions_hold_for_what_a_pass_says_and_fail_for_what_it_does_not() {
    let condition = |fact: &str, test| Condition { fact: fact.into(), test };
    let hours = |hours: u64| hours;
    // The ticket is of item 42; identities are issued 19 and a half days before.
    for (scheme, condition, holds) in [
        (Scheme::Pretix, condition("item", Test::AtLeast(42)), true),
        (Scheme::Pretix, condition("item", Test::AtLeast(43)), false),
        (Scheme::Pretix, condition("item", Test::AtMost(42)), true),
        (Scheme::Pretix, condition("item", Test::AtMost(41)), false),
        (Scheme::Pretix, condition("item", Test::NoLessThan("item".into())), true),
        (Scheme::Pretix, condition("item", Test::NoLessThan("variation".into())), false),
        (Scheme::Pretix, condition("item", Test::HoursAgoAtLeast(0)), false),
        (Scheme::Pretix, one_of("variation", &["42"]), false),
        (Scheme::Claim169, condition("issued", Test::HoursAgoAtLeast(hours(18 * 24 + 12))), true),
        (Scheme::Claim169, condition("issued", Test::HoursAgoAtLeast(hours(18 * 24 + 13))), false),
        (Scheme::Claim169, condition("issued", Test::HoursAgoAtMost(hours(18 * 24 + 12))), true),
        (Scheme::Claim169, condition("issued", Test::HoursAgoAtMost(hours(18 * 24 + 11))), false),
        (Scheme::Claim169, condition("age", Test::AtMost(36)), true),
        (Scheme::Claim169, condition("age", Test::AtMost(35)), false),
        (Scheme::Claim169, condition("age", Test::AtLeast(u64::MAX)), false),
    ] {
        let rule = SchemeRule {
            conditions: vec![condition.clone()],
            ..scheme_rule("only", scheme, "free-entry", &["entertainment"])
        };
        let trust = Schemes::new().bundle(|bundle| bundle.rules = vec![rule]).state();
        let text = if scheme == Scheme::Pretix { ticket(FESTIVAL, b"s", 42, None) } else { person("1984-05-09") };
        let wanted = if holds { Code::Ok } else { Code::ClassNotHonoured };
        assert_eq!(answered(&text, &trust).0, Some(wanted), "{condition:?}");
    }
}

#[test]
fn rules_may_name_issuers_and_kinds_and_end() {
    let with = |change: &dyn Fn(&mut SchemeRule)| {
        let mut rule = scheme_rule("only", Scheme::Pretix, "free-entry", &["entertainment"]);
        change(&mut rule);
        let trust = Schemes::new().bundle(|bundle| bundle.rules = vec![rule]).state();
        answered(&ticket(FESTIVAL, b"s", 42, None), &trust).0
    };
    let at = |text: &str| -> Option<UnixTime> { Some(time(text)) };
    assert_eq!(with(&|_| ()), Some(Code::Ok));
    assert_eq!(with(&|rule| rule.issuers = vec!["festival".into()]), Some(Code::Ok));
    assert_eq!(with(&|rule| rule.issuers = vec!["another".into()]), Some(Code::ClassNotHonoured));
    assert_eq!(with(&|rule| rule.kinds = vec!["ticket".into()]), Some(Code::Ok));
    assert_eq!(with(&|rule| rule.kinds = vec!["identity".into()]), Some(Code::ClassNotHonoured));
    assert_eq!(with(&|rule| rule.until = at(NOW)), Some(Code::ClassNotHonoured));
    assert_eq!(with(&|rule| rule.from = at(NOW)), Some(Code::Ok));
    assert_eq!(with(&|rule| rule.scheme = Scheme::Claim169), Some(Code::ClassNotHonoured));
}

#[test]
fn a_key_may_be_held_to_kinds_of_pass() {
    let mut schemes = Schemes::new();
    schemes.lists.get_mut(&2).unwrap().keys[1].kinds = vec!["vaccination".into()];
    assert_eq!(answered(&person("1984-05-09"), &schemes.state()).0, Some(Code::OutsideIssuerLimits));
}

#[test]
fn a_pass_in_a_data_matrix_is_one_of_no_scheme_of_qr_codes() {
    use greenlit_core::verdict::{ReadCode, Symbology};
    let trust = Schemes::new().state();
    let texts = [ticket(FESTIVAL, b"seed-1", 42, None), sign(&pass(), ISSUER)];
    for text in texts {
        let code = ReadCode { payload: text.into(), not_a_pass: None, symbology: Symbology::DataMatrix };
        assert!(matches!(judge(&trust, time(NOW)).code(&code), Verdict::NotAPass(_)));
    }
}

#[test]
fn a_key_in_two_certificates_is_revoked_by_either_and_good_for_what_either_allows() {
    let text = person("1984-05-09");
    let with = |change: &dyn Fn(&mut greenlit_core::trust::ListedKey)| {
        let mut schemes = Schemes::new();
        let keys = &mut schemes.lists.get_mut(&2).unwrap().keys;
        let mut twin = keys[1].clone();
        twin.key_id = Some(b"another".to_vec());
        change(&mut twin);
        keys.push(twin);
        answered(&text, &schemes.state()).0
    };
    assert_eq!(with(&|twin| twin.revoked_at = Some(time("2021-03-05T00:00:00Z"))), Some(Code::KeyRevoked));
    let mut schemes = Schemes::new();
    let keys = &mut schemes.lists.get_mut(&2).unwrap().keys;
    let twin = keys[1].clone();
    keys[1].kinds = vec!["vaccination".into()];
    keys.push(twin);
    assert_eq!(answered(&text, &schemes.state()).0, Some(Code::Ok));
}
