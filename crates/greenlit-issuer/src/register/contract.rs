//! What every implementation of a register must do, run on a fresh one of each.

use std::path::Path;

use greenlit_core::pass::{Class, DocumentKind, StatusRef};
use greenlit_core::time::UnixTime;

use super::{
    Database, HeldPass, IfHeld, KeyRecord, Origin, PostgresRegister, Publication, Register, RegisterError, Reservation,
    Reserved, Result, Role, SqliteRegister, Status, StatusChange, StatusListRecord,
};
use crate::witness::{Entry, Witness, WitnessError};
use crate::{PersonKey, PersonRef, PrivateKey};

const BASE: &str = "urn:example";
const NOW: u64 = 1_800_000_000;

fn at(seconds: u64) -> UnixTime {
    UnixTime::new(NOW + seconds).unwrap()
}

fn key(seed: u8, role: Role) -> KeyRecord {
    let public = PrivateKey::from_seed(&[seed; 32]).unwrap().public().clone();
    KeyRecord::new(public, role, format!("{role}-{seed}.pem"), at(0), at(1_000_000))
}

/// Makes a new register, in this folder or anywhere else.
type Make = fn(&Path) -> Box<dyn Register>;

/// Runs each of these on every kind of register.
macro_rules! on_every_kind {
    ($($promise:ident),+ $(,)?) => {
        mod sqlite {
            use super::*;

            fn make(folder: &Path) -> Box<dyn Register> {
                Box::new(SqliteRegister::create(folder).unwrap())
            }

            $(#[test] fn $promise() { super::$promise(make); })+
        }

        mod postgres {
            use super::*;

            fn make(_: &Path) -> Box<dyn Register> {
                let url = greenlit_testkit::database::Database::shared().database();
                Box::new(PostgresRegister::create(&Database::new(&url, None, None).unwrap()).unwrap())
            }

            $(#[test] fn $promise() { super::$promise(make); })+
        }
    };
}

/// A register of ten places with an issuer and a list key, and its witness.
fn started(make: Make) -> (tempfile::TempDir, Box<dyn Register>, Witness) {
    let folder = tempfile::tempdir().unwrap();
    let mut register = make(folder.path());
    let list = StatusListRecord { id: 1, uri: format!("{BASE}:status:1"), bits: 2, size: 10 };
    register.initialize(&[key(1, Role::Issuer), key(2, Role::List)], &list).unwrap();
    let witness = Witness::at(folder.path().join("w/witness"));
    (folder, register, witness)
}

on_every_kind!(
    a_place_is_given_once_and_a_list_is_left_with_a_tenth_of_it_free,
    only_a_key_that_may_sign_gets_a_place,
    a_status_changes_only_from_the_expected_one,
    publications_and_keys_of_a_root_are_kept,
    what_an_old_copy_lacks_is_replayed_and_a_witness_that_does_not_fit_stops_it,
    who_has_a_pass_that_lasts_as_long_gets_no_other_unless_asked_for,
    the_key_of_persons_is_known_again,
);

fn wanted(key: &KeyRecord, not_before: u64) -> Reservation {
    let (not_before, expires) = (at(not_before), at(not_before + 1_000));
    let (class, if_held) = (Class::RESIDENT, IfHeld::Keep);
    Reservation { kid: key.kid(), not_before, expires, class, person: None, holder: None, origin: None, if_held }
}

/// One pass, in the first of these places that is free; they come again and again.
fn reserve(
    register: &mut dyn Register,
    wanted: Reservation,
    places: &[u64],
    witness: Option<&Witness>,
) -> Result<Option<StatusRef>> {
    let mut draws = places.iter().copied().cycle();
    let reserved = register.reserve(&[wanted], &mut || draws.next().unwrap(), BASE, witness)?;
    match reserved[..] {
        [Reserved::Entered(at)] => Ok(Some(at)),
        [Reserved::KeyEnded] => Ok(None),
        _ => panic!("{reserved:?}"),
    }
}

fn in_date(register: &dyn Register, seconds: u64) -> u64 {
    register.passes_in_date(at(seconds)).unwrap().into_iter().map(|(_, passes)| passes).sum()
}

fn place(list: u64, index: u64) -> StatusRef {
    StatusRef { list, index }
}

fn change(pass: StatusRef, status: Status, seconds: u64) -> StatusChange {
    StatusChange { pass, status, at: at(seconds), reason: Some(format!("at {seconds}")) }
}

fn kept(register: &dyn Register, kid: &KeyRecord) -> KeyRecord {
    register.keys().unwrap().into_iter().find(|record| record.kid() == kid.kid()).unwrap()
}

fn a_place_is_given_once_and_a_list_is_left_with_a_tenth_of_it_free(make: Make) {
    let (_folder, mut register, witness) = started(make);
    let issuer = key(1, Role::Issuer);
    let mut reserve = |places: &[u64]| reserve(&mut *register, wanted(&issuer, 0), places, Some(&witness));
    assert_eq!(reserve(&[13]).unwrap(), Some(place(1, 3)));
    assert_eq!(reserve(&[3, 23, 4]).unwrap(), Some(place(1, 4)));
    // Where no draw finds one, nothing is entered.
    assert!(matches!(reserve(&[3, 4]), Err(RegisterError::Damaged(_))));
    for _ in 0..8 {
        assert_eq!(reserve(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]).unwrap().unwrap().list, 1);
    }
    assert_eq!(reserve(&[3]).unwrap(), Some(place(2, 3)));
    let lists = register.lists().unwrap();
    assert_eq!((lists.len(), lists[1].uri.as_str(), lists[1].size), (2, "urn:example:status:2", 10));
    // Each entry stands in the witness, and nothing of what failed.
    let entries: Vec<Entry> = witness.missing(None).unwrap().into_iter().map(|(_, entry)| entry).collect();
    assert_eq!(entries.iter().filter(|entry| matches!(entry, Entry::Issue { .. })).count(), 11);
    assert!(matches!(entries[0], Entry::Begin) && entries.contains(&Entry::List { id: 2, bits: 2, size: 10 }));
    assert_eq!(register.witness_end().unwrap(), witness.end().unwrap());
}

fn only_a_key_that_may_sign_gets_a_place(make: Make) {
    let (_folder, mut register, _) = started(make);
    let (issuer, other, unknown) = (key(1, Role::Issuer), key(3, Role::Issuer), key(9, Role::Issuer));
    register.add_key(&other).unwrap();
    register.add_key(&other).unwrap();
    assert_eq!(register.keys().unwrap().len(), 3);
    assert!(reserve(&mut *register, wanted(&unknown, 0), &[1], None).unwrap().is_none());
    assert!(reserve(&mut *register, wanted(&issuer, 1_000_000), &[1], None).unwrap().is_none());
    assert!(reserve(&mut *register, wanted(&issuer, 500), &[1], None).unwrap().is_some());
    // Those that wait when the key is retired stay within its time.
    register.retire_key(issuer.kid(), at(100)).unwrap();
    let retired = kept(&*register, &issuer);
    assert_eq!((retired.retired_at, retired.not_after), (Some(at(100)), at(501)));
    assert!(reserve(&mut *register, wanted(&issuer, 0), &[2], None).unwrap().is_none());
    assert!(reserve(&mut *register, wanted(&other, 0), &[3], None).unwrap().is_some());
    assert_eq!(in_date(&*register, 999), 2);
    assert_eq!(in_date(&*register, 1_000), 1);
    register.revoke_key(other.kid(), at(200), None).unwrap();
    assert!(reserve(&mut *register, wanted(&other, 0), &[4], None).unwrap().is_none());
    assert_eq!(in_date(&*register, 0), 1);
}

fn a_status_changes_only_from_the_expected_one(make: Make) {
    let (_folder, mut register, witness) = started(make);
    let pass = reserve(&mut *register, wanted(&key(1, Role::Issuer), 0), &[7], Some(&witness)).unwrap().unwrap();
    let mut set = |status, expected, seconds| {
        register.set_status(&change(pass, status, seconds), expected, Some(&witness)).unwrap()
    };
    assert!(set(Status::Suspended, Status::Valid, 1));
    assert!(!set(Status::Revoked, Status::Valid, 2));
    assert!(set(Status::Revoked, Status::Suspended, 3));
    assert!(!register.set_status(&change(place(1, 8), Status::Revoked, 4), Status::Valid, None).unwrap());
    let issued = register.pass(pass).unwrap().unwrap();
    assert_eq!((issued.status, issued.reason.as_deref()), (Status::Revoked, Some("at 3")));
    assert_eq!(register.pass(place(1, 8)).unwrap(), None);
    assert_eq!(register.changed_statuses(1).unwrap(), [(7, Status::Revoked)]);
    let all = [change(pass, Status::Suspended, 1), change(pass, Status::Revoked, 3)];
    assert_eq!(register.status_changes(Some(pass)).unwrap(), all);
    assert_eq!(register.status_changes(None).unwrap(), all[1..]);
    assert_eq!(in_date(&*register, 0), 0);
}

fn publications_and_keys_of_a_root_are_kept(make: Make) {
    let (_folder, mut register, witness) = started(make);
    assert_eq!(register.last_publication().unwrap(), None);
    let publication = |version, seconds| Publication { version, issued: at(seconds), root: 1 };
    register.record_publication(&publication(1, 500), Some(&witness)).unwrap();
    register.record_publication(&publication(2, 400), Some(&witness)).unwrap();
    assert_eq!(register.last_publication().unwrap(), Some(publication(2, 400)));
    // One version is spent once, and what failed is not witnessed.
    let end = witness.end().unwrap();
    assert!(register.record_publication(&publication(2, 600), Some(&witness)).is_err());
    assert_eq!((witness.end().unwrap(), register.witness_end().unwrap()), (end.clone(), end));
    // A key published by a clock ahead is published by the next.
    assert_eq!(kept(&*register, &key(1, Role::Issuer)).published_at, Some(at(400)));

    let (first, second) = (key(4, Role::Root), key(5, Role::Bundle));
    register.set_root_keys(&[first.clone(), second.clone()], at(1)).unwrap();
    let turned = KeyRecord { role: Role::Root, not_after: at(9), ..second.clone() };
    register.set_root_keys(&[turned], at(2)).unwrap();
    assert_eq!(kept(&*register, &first).retired_at, Some(at(2)));
    let second = kept(&*register, &second);
    assert_eq!((second.role, second.retired_at, second.not_after), (Role::Root, None, at(9)));
    let (old, new) = (key(2, Role::List), key(6, Role::List));
    register.replace_key(old.kid(), &new, at(3)).unwrap();
    assert_eq!((kept(&*register, &old).retired_at, kept(&*register, &new).retired_at), (Some(at(3)), None));
}

fn what_an_old_copy_lacks_is_replayed_and_a_witness_that_does_not_fit_stops_it(make: Make) {
    let (_folder, mut register, witness) = started(make);
    let (_other_folder, mut copy, _) = started(make);
    let issuer = key(1, Role::Issuer);
    let pass = reserve(&mut *register, wanted(&issuer, 0), &[7], Some(&witness)).unwrap().unwrap();
    register.set_status(&change(pass, Status::Revoked, 1), Status::Valid, Some(&witness)).unwrap();
    register.revoke_key(issuer.kid(), at(2), Some(&witness)).unwrap();
    register.record_publication(&Publication { version: 1, issued: at(3), root: 1 }, Some(&witness)).unwrap();

    // A copy that lacks them does not go on beside the witness.
    let stopped = reserve(&mut *copy, wanted(&issuer, 0), &[7], Some(&witness));
    assert!(matches!(stopped, Err(RegisterError::Witness(WitnessError::Mismatch(_)))));
    assert_eq!(copy.pass(pass).unwrap(), None);

    copy.replay(BASE, &mut |known| witness.missing(known)).unwrap();
    assert_eq!(copy.witness_end().unwrap(), witness.end().unwrap());
    assert_eq!(copy.changed_statuses(1).unwrap(), register.changed_statuses(1).unwrap());
    assert_eq!(kept(&*copy, &issuer).revoked_at, Some(at(2)));
    assert_eq!(copy.last_publication().unwrap(), register.last_publication().unwrap());
    // Nothing is left to do, and what cannot be read changes nothing.
    copy.replay(BASE, &mut |known| witness.missing(known)).unwrap();
    let broken = || WitnessError::Broken { path: "w".into(), line: 1 };
    assert!(matches!(copy.replay(BASE, &mut |_| Err(broken())), Err(RegisterError::Witness(_))));
}

fn person(number: &str) -> PersonRef {
    let born = "1984-05-09".parse().unwrap();
    PersonKey::new(&[1; 32]).reference(DocumentKind::Passport, number, born).unwrap()
}

fn who_has_a_pass_that_lasts_as_long_gets_no_other_unless_asked_for(make: Make) {
    let (_folder, mut register, witness) = started(make);
    let (issuer, other) = (key(1, Role::Issuer), key(3, Role::Issuer));
    register.add_key(&other).unwrap();
    let mut place = 0;
    let mut draw = || {
        place += 1;
        place
    };
    let of = |number: &str| Reservation { person: Some(person(number)), ..wanted(&issuer, 0) };
    let longer = Reservation { expires: at(2_000), ..of("8012345678") };
    let other_class = Reservation { class: Class(3), ..of("8012345678") };
    let again = Reservation { if_held: IfHeld::EnterAnother, ..of("8012345678") };
    // What comes first counts for what comes after it, in one change.
    let asked = [of("8012345678"), of("8012345678"), of("8099999999"), longer, of("8012345678"), other_class, again];
    let came = register.reserve(&asked, &mut draw, BASE, Some(&witness)).unwrap();
    let entered: Vec<Option<StatusRef>> = came
        .iter()
        .map(|one| match one {
            Reserved::Entered(at) => Some(*at),
            _ => None,
        })
        .collect();
    assert_eq!(entered.iter().map(Option::is_some).collect::<Vec<_>>(), [true, false, true, true, false, true, true]);
    let held = |came: &Reserved| match came {
        Reserved::Held(held) => (held.at, held.expires, held.status, held.kid),
        other => panic!("{other:?}"),
    };
    assert_eq!(held(&came[1]), (entered[0].unwrap(), at(1_000), Status::Valid, issuer.kid()));
    // The one that lasts longest.
    assert_eq!(held(&came[4]).1, at(2_000));
    assert_eq!(register.passes_in_date(at(0)).unwrap(), [(Class::RESIDENT, 4), (Class(3), 1)]);

    // Who was revoked is not given another by the same application; nor who is suspended.
    let only = entered[2].unwrap();
    register.set_status(&change(only, Status::Revoked, 1), Status::Valid, Some(&witness)).unwrap();
    let came = register.reserve(&[of("8099999999")], &mut draw, BASE, Some(&witness)).unwrap();
    assert_eq!(held(&came[0]), (only, at(1_000), Status::Revoked, issuer.kid()));
    // A pass of a stolen key is none.
    register.revoke_key(issuer.kid(), at(2), Some(&witness)).unwrap();
    let by_other = Reservation { kid: other.kid(), ..of("8012345678") };
    let came = register.reserve(&[by_other], &mut draw, BASE, Some(&witness)).unwrap();
    assert!(matches!(came[0], Reserved::Entered(_)), "{came:?}");

    // A batch is known by its contents, and a pass by the line that asked for it.
    let batch = register.begin_batch(&[1; 32], at(3), Some(&witness)).unwrap();
    assert_eq!(register.begin_batch(&[1; 32], at(4), Some(&witness)).unwrap(), batch);
    assert_ne!(register.begin_batch(&[2; 32], at(4), Some(&witness)).unwrap(), batch);
    let origin = Some(Origin { batch, line: 77 });
    let of_batch = Reservation { kid: other.kid(), origin, ..of("8077777777") };
    let came = register.reserve(&[of_batch, of_batch], &mut draw, BASE, Some(&witness)).unwrap();
    assert!(matches!(came[0], Reserved::Entered(_)), "{came:?}");
    assert!(matches!(came[1], Reserved::Held(HeldPass { origin: there, .. }) if there == origin), "{came:?}");

    // All of it is put back where it was lost: whose they are, and of which class.
    let (_other_folder, mut copy, _) = started(make);
    copy.add_key(&other).unwrap();
    copy.replay(BASE, &mut |known| witness.missing(known)).unwrap();
    assert_eq!(copy.passes_in_date(at(0)).unwrap(), register.passes_in_date(at(0)).unwrap());
    let came = copy.reserve(&[by_other, of_batch], &mut draw, BASE, None).unwrap();
    assert!(matches!(came[0], Reserved::Held(_)), "{came:?}");
    assert!(matches!(came[1], Reserved::Held(HeldPass { origin: there, .. }) if there == origin), "{came:?}");
    assert_eq!(copy.begin_batch(&[1; 32], at(9), None).unwrap(), batch);
}

fn the_key_of_persons_is_known_again(make: Make) {
    let (_folder, mut register, _) = started(make);
    assert!(!register.has_person_key().unwrap());
    assert!(register.bind_person_key(b"one").unwrap());
    assert!(register.has_person_key().unwrap());
    assert!(register.bind_person_key(b"one").unwrap() && !register.bind_person_key(b"other").unwrap());
}
