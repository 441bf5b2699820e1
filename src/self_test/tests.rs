//! Promise: the self-test passes where the till judges rightly, and fails where it does not.

use greenlit_camera::SourceError;
use greenlit_core::pass::Class;
use greenlit_core::time::UnixTime;
use greenlit_core::trust::Root;
use greenlit_testkit::fixture::{Authority, ISSUED, ISSUER, NOW, STRANGER, pass, sign, time};

use super::*;
use crate::report::health::{Report, StoreReport};

/// How a till stands with this trust data, and a camera or none.
fn standing(trust: &TrustState, clock: UnixTime, camera: Option<SourceError>) -> Standing {
    let camera = match camera {
        Some(error) => Camera::of(Err(error), Language::En),
        None => Camera { state: "found", name: Some("Webcam".into()), message: None },
    };
    let store = StoreReport { state: "ok", message: None, damaged_copies: Vec::new() };
    Standing::new(camera, Report::new(trust, clock, "en", store, Vec::new(), Vec::new()), clock)
}

/// Whose lists have all been delivered.
fn complete() -> Authority {
    Authority::new().bundle(|bundle| bundle.lists.retain(|list| list.id != 3))
}

/// And not for practice.
fn real() -> Authority {
    complete().root(|root| root.demo = false)
}

/// In order in every respect.
fn well() -> Standing {
    standing(&real().state(), time(ISSUED), None)
}

fn after(change: impl FnOnce(&mut Kit)) -> SelfTest {
    let mut kit = Kit::embedded();
    change(&mut kit);
    SelfTest { samples: judge(&kit), till: well() }
}

fn sample<'k>(kit: &'k mut Kit, name: &str) -> &'k mut Sample {
    kit.samples.iter_mut().find(|sample| sample.name == name).unwrap()
}

fn wrong(test: &SelfTest) -> Vec<(&str, &str)> {
    let wrong = test.samples.iter().filter(|sample| !sample.passed);
    wrong.map(|sample| (sample.name, sample.found.as_str())).collect()
}

#[test]
fn every_sample_gets_its_expected_answer() {
    let test = after(|_| {});
    let found: Vec<_> = test.samples.iter().map(|sample| (sample.name, sample.found.as_str())).collect();
    let wanted = [
        ("good", "OK"),
        ("expired", "EXP"),
        ("not-yet-valid", "NBF"),
        ("forged-signature", "SIG"),
        ("revoked", "REV"),
        ("suspended", "SUS"),
        ("unknown-issuer", "KEY"),
        ("malformed", "FMT"),
        ("web-link", "not-a-pass"),
        ("specimen", "specimen"),
        ("expired-trust-data", "OLD"),
    ];
    assert_eq!(found, wanted);
    assert_eq!((test.outcome(), test.outcome().exit_code()), (Outcome::Passed, 0), "{test:#?}");
    assert_eq!(test.closing(Language::En), "self-test passed");
    // What is expected here is what the vectors say.
    for (name, expected, vector) in samples::SAMPLES {
        let vector: serde_json::Value = serde_json::from_slice(vector).unwrap();
        let code = match expected {
            Judgement::Code(code) => Some(code.as_str()),
            Judgement::Specimen => Some("CLS"),
            Judgement::NotAPass | Judgement::NoCode => None,
        };
        assert_eq!(vector["code"].as_str(), code, "{name}");
    }
}

#[test]
fn the_samples_root_is_for_practice() {
    let kit = Kit::embedded();
    assert!(kit.documents.roots.len() == 1 && Root::verify_anchor(&kit.documents.roots[0]).unwrap().demo);
    let (trust, errors) = TrustState::restore(&kit.documents, &RollbackFloor::default(), samples::BUILT);
    assert!(errors.is_empty() && trust.list(1).is_some() && trust.list(2).is_some(), "{errors:?}");
    let good = &kit.samples[0];
    assert!(shown(good, &trust).is_demo(), "even where it is green it is marked");
    // A till that trusts another root, or nobody.
    let mut other = Authority::new();
    other.bundle.issuers.clear();
    assert_eq!(Judgement::of(&shown(good, &other.state())), Judgement::Code(Code::UnknownIssuer));
    assert_eq!(Judgement::of(&shown(good, &TrustState::empty(samples::BUILT))), Judgement::Code(Code::NoTrust));
}

#[test]
fn a_sample_that_comes_out_otherwise_fails_the_till() {
    let wrongly_expected = after(|kit| sample(kit, "revoked").expected = Judgement::Code(Code::Ok));
    assert_eq!(wrong(&wrongly_expected), [("revoked", "REV")]);
    assert_eq!(wrongly_expected.outcome().exit_code(), 2);
    assert_eq!(
        wrongly_expected.closing(Language::En),
        "self-test FAILED: revoked was REV instead of OK; do not use this till"
    );

    let by_another_key = after(|kit| sample(kit, "good").text = sign(&pass(), STRANGER));
    assert_eq!((wrong(&by_another_key), by_another_key.outcome()), (vec![("good", "KEY")], Outcome::Failed));
    // One that should be refused and is green.
    let green = after(|kit| sample(kit, "revoked").text = sign(&pass(), ISSUER));
    assert_eq!((wrong(&green), green.outcome()), (vec![("revoked", "OK")], Outcome::Failed));
    // Both CLS: a specimen is more than that.
    let no_rule = greenlit_core::pass::Pass { class: Class(4), ..pass() };
    let not_honoured = after(|kit| sample(kit, "specimen").text = sign(&no_rule, ISSUER));
    assert_eq!((wrong(&not_honoured), not_honoured.outcome()), (vec![("specimen", "CLS")], Outcome::Failed));
    // What no code holds, and what is empty.
    let unread = after(|kit| sample(kit, "web-link").text = "x".repeat(5_000));
    assert_eq!((wrong(&unread), unread.outcome()), (vec![("web-link", "no-code")], Outcome::Failed));
    assert_eq!(after(|kit| sample(kit, "good").text.clear()).outcome(), Outcome::Failed);
    let none = after(|kit| kit.samples.clear());
    assert_eq!((none.outcome(), none.closing(Language::En).contains("no samples")), (Outcome::Failed, true));
}

#[test]
fn trust_data_that_does_not_hold_fails_the_till() {
    for (what, test) in [
        ("root", after(|kit| kit.documents.roots[0][100] ^= 1)),
        ("bundle", after(|kit| kit.documents.bundle.as_mut().unwrap()[100] ^= 1)),
        ("no documents", after(|kit| kit.documents = greenlit_core::trust::Documents::default())),
    ] {
        assert!(wrong(&test).contains(&("good", "TRU")) && test.outcome() == Outcome::Failed, "{what}: {test:#?}");
    }
    let without_list = after(|kit| kit.documents.lists.clear());
    let wanted = ["good", "revoked", "suspended", "specimen"].map(|name| (name, "LST"));
    assert_eq!((wrong(&without_list), without_list.outcome()), (wanted.to_vec(), Outcome::Failed));
}

#[test]
fn a_till_that_is_not_ready_wants_somebody_and_a_wrong_answer_counts_more() {
    let trust = real().state();
    let bundle = trust.bundle().unwrap();
    let (issued, soft, hard) = (bundle.issued, bundle.soft_expiry, bundle.hard_expiry);
    let mut documents = real().documents();
    documents.lists.remove(&2);
    let (without_list, _) = TrustState::restore(&documents, &RollbackFloor::default(), samples::BUILT);
    for (till, parts) in [
        (standing(&trust, issued, None), vec![]),
        (standing(&trust, issued, Some(SourceError::Busy)), vec![]),
        (standing(&trust, issued, Some(SourceError::NoCamera)), vec!["camera"]),
        (standing(&trust, issued, Some(SourceError::Denied("Permission denied".into()))), vec!["camera"]),
        (standing(&trust, soft, None), vec!["trust data"]),
        (standing(&trust, hard, Some(SourceError::NoCamera)), vec!["camera", "trust data"]),
        (standing(&trust, issued.minus(86_400), None), vec!["trust data", "clock"]),
        (standing(&TrustState::empty(samples::BUILT), time(NOW), None), vec!["trust data"]),
        (standing(&without_list, issued, None), vec!["trust data"]),
        (standing(&complete().state(), issued, None), vec!["trust data"]),
    ] {
        let lines: Vec<String> = till.parts(Language::En).into_iter().map(|part| part.text).collect();
        assert!(lines.len() == 4 && lines.iter().all(|line| !line.is_empty()), "{lines:?}");
        assert_eq!(till.attention(), parts, "{lines:?}");
        let mut test = SelfTest { till, ..after(|_| {}) };
        let wanted = if parts.is_empty() { (Outcome::Passed, 0) } else { (Outcome::Attention, 1) };
        assert_eq!((test.outcome(), test.outcome().exit_code()), wanted);
        assert!(
            parts.is_empty() || test.closing(Language::En).ends_with(&format!("needs attention: {}", parts.join(", ")))
        );
        test.samples[0].passed = false;
        assert_eq!(test.outcome(), Outcome::Failed);
    }
}
