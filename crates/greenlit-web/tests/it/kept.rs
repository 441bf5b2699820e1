//! Promise: a page goes on after a reload with what it had, believes nothing that was changed meanwhile, and falls behind
//! nothing that it has seen.

use greenlit_core::answer::Code;
use greenlit_testkit::fixture::schemes::{FESTIVAL, Schemes, ticket};
use greenlit_testkit::fixture::*;
use greenlit_web::SyncStep;
use proptest::prelude::*;

use crate::{at, new_till, published, ready, screen, sync};

fn code(till: &greenlit_web::Till, text: &str) -> Option<Code> {
    till.judge(text.as_bytes(), time(NOW)).code()
}

#[test]
fn everything_is_there_again_after_a_reload() {
    let (authority, schemes) = (Authority::new(), Schemes::new());
    let mut till = ready(&authority, Some(&schemes));
    assert!(till.note_time(time(NOW)) && !till.note_time(time(NOW).plus(60)));
    let mut again = new_till();
    again.restore(&till.kept()).unwrap();
    assert_eq!(again.kept(), till.kept());
    assert_eq!(again.trust().documents(), till.trust().documents());
    assert_eq!(again.trust().rollback_floor(), till.trust().rollback_floor());
    assert_eq!(again.trust().latest(), till.trust().latest());
    for text in [sign(&pass(), ISSUER), ticket(FESTIVAL, b"seed-1", 42, None)] {
        assert_eq!((code(&again, &text), code(&till, &text)), (Some(Code::Ok), Some(Code::Ok)));
    }
    assert_eq!(screen(&mut again, 0), screen(&mut till, 0));
}

#[test]
fn a_page_that_kept_nothing_begins_anew() {
    let till = new_till();
    let mut again = new_till();
    again.restore(&till.kept()).unwrap();
    assert!(again.trust().anchor().is_none());
    for bytes in [&b""[..], b"\x80", b"\x84\x02\x80\x80\x00", b"null", &[0x9a, 0xff, 0xff, 0xff, 0xff]] {
        assert!(again.restore(bytes).is_err());
        assert_eq!(screen(&mut again, 0).age, "none");
    }
}

#[test]
fn older_data_is_refused_after_a_reload_too() {
    let newer = Authority::new().bundle(|bundle| bundle.version = 9);
    let mut till = new_till();
    till.restore(&ready(&newer, None).kept()).unwrap();
    let (ended, _) = sync(&mut till, |name| Ok(published(&Authority::new(), None, name)));
    assert!(matches!(ended, SyncStep::Ended { changed: false, failed: true, .. }), "{ended:?}");
    assert_eq!(till.trust().bundle().unwrap().version, 9);
}

#[test]
fn of_two_tabs_the_newer_data_stays_and_neither_changes_whom_the_other_trusts() {
    let newer = Authority::new().bundle(|bundle| bundle.version = 9);
    let (mut old, mut new) = (ready(&Authority::new(), None), ready(&newer, None));
    assert!(old.is_behind(&new.kept()) && !new.is_behind(&old.kept()));
    assert!(!new.adopt(&old.kept()), "older");
    assert_eq!(new.trust().bundle().unwrap().version, 9);
    assert!(old.adopt(&new.kept()));
    assert_eq!(old.trust().bundle().unwrap().version, 9);
    assert!(old.adopt(&new.kept()) && !old.is_behind(&new.kept()), "the same is no step back");
    let other = Authority::new().root(|root| root.root_keys = key_set(&[7, 8], 2));
    let other = Authority { roots: vec![(other.roots[0].0.clone(), vec![7, 8])], ..other };
    let other = ready(&other, None);
    assert!(!old.adopt(&other.kept()) && old.is_behind(&other.kept()) && other.is_behind(&old.kept()));
    assert!(!old.adopt(b"") && !old.is_behind(b""), "nothing kept is behind everything");
    let empty = new_till();
    assert!(!old.is_behind(&empty.kept()) && empty.is_behind(&old.kept()));
}

#[test]
fn a_clock_that_went_back_is_noticed_after_a_reload() {
    let mut till = ready(&Authority::new(), None);
    assert!(till.note_time(time(NOW).plus(30 * DAY)));
    let mut again = new_till();
    again.restore(&till.kept()).unwrap();
    assert_eq!(code(&again, &sign(&pass(), ISSUER)), Some(Code::ClockBehind));
    again.happened(greenlit_web::Touch::Tick, at(0));
    assert_eq!(screen(&mut again, 0).age, "clock-behind");
}

#[test]
fn whatever_becomes_of_it_on_the_phone_nothing_unsigned_is_believed() {
    let till = ready(&Authority::new(), Some(&Schemes::new()));
    let (kept, held) = (till.kept(), till.trust().documents());
    let cases = (any::<prop::sample::Index>(), any::<u8>(), any::<Option<prop::sample::Index>>());
    proptest!(ProptestConfig::with_cases(300), |((place, new, cut) in cases)| {
        let mut bytes = kept.clone();
        let place = place.index(bytes.len());
        bytes[place] = new;
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let mut again = new_till();
        if again.restore(&bytes).is_ok() {
            // What opens is what was signed, byte for byte: less of it, and nothing else.
            let found = again.trust().documents();
            prop_assert!(found.roots.iter().all(|root| held.roots.contains(root)));
            prop_assert!(found.bundle.is_none() || found.bundle == held.bundle);
            prop_assert!(found.lists.iter().all(|(id, list)| held.lists.get(id) == Some(list)));
            prop_assert!(found.scheme_bundle.is_none() || found.scheme_bundle == held.scheme_bundle);
            prop_assert!(found.key_lists.iter().all(|(id, list)| held.key_lists.get(id) == Some(list)));
        }
    });
}
