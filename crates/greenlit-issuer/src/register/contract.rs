//! What every implementation of a register must do, run on a fresh one of each.

use std::collections::BTreeSet;
use std::path::Path;

use greenlit_core::pass::{Class, DocumentKind, StatusRef};
use greenlit_core::time::UnixTime;

use super::{
    Confirmed, Database, Erased, HeldPass, IfHeld, KeyRecord, NewProposal, Origin, PassEvent, PostgresRegister,
    Proposed, Publication, QUARTER, Register, RegisterError, Request, Reservation, Reserved, Result, RevocationLimit,
    Revoked, Role, SqliteRegister, Status, StatusChange, StatusListRecord,
};
use crate::operator::{Actor, Operator};
use crate::witness::{Entry, Witness, WitnessError};
use crate::{HolderMark, PersonKey, PersonRef, PrivateKey};

const BASE: &str = "urn:example";
const NOW: u64 = 1_800_000_000;

fn at(seconds: u64) -> UnixTime {
    UnixTime::new(NOW + seconds).unwrap()
}

fn key(seed: u8, role: Role) -> KeyRecord {
    let public = PrivateKey::from_seed(&[seed; 32]).unwrap().public().clone();
    KeyRecord::new(public, role, format!("{role}-{seed}.pem"), at(0), at(1_000_000))
}

/// What a clerk does then.
fn clerk(witness: Option<&Witness>, seconds: u64) -> Actor<'_> {
    static CLERK: std::sync::LazyLock<Operator> = std::sync::LazyLock::new(|| Operator::new("a.karimova").unwrap());
    Actor { operator: &CLERK, at: at(seconds), witness }
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
    places_that_are_given_together_tell_neither_who_was_first_nor_whose_they_are,
    of_thousands_at_once_each_has_a_place_of_its_own_also_where_a_list_gets_full,
    only_a_key_that_may_sign_gets_a_place,
    a_status_changes_only_from_the_expected_one,
    publications_and_keys_of_a_root_are_kept,
    what_an_old_copy_lacks_is_replayed_and_a_witness_that_does_not_fit_stops_it,
    who_has_a_pass_that_lasts_as_long_gets_no_other_unless_asked_for,
    the_key_of_persons_is_known_again,
    a_pass_that_takes_the_place_of_another_revokes_it_at_once_or_not_at_all,
    a_request_that_comes_again_is_answered_with_the_same_pass,
    the_witness_says_who_did_what_and_brings_keys_back,
    passes_are_revoked_together_each_once,
    what_a_person_revokes_alone_is_counted_whoever_they_act_as,
    passes_that_another_one_replaced_are_not_counted,
    what_was_proposed_happens_on_another_person_s_word_part_by_part,
    a_key_is_revoked_on_another_person_s_word_and_a_proposal_can_be_withdrawn,
    what_happened_to_all_passes_is_added_up_by_the_quarter_of_an_hour,
    refusals_of_a_batch_are_counted_once_and_others_add_up,
    what_is_known_of_whoever_had_a_pass_that_is_over_is_erased_part_by_part,
);

fn wanted(key: &KeyRecord, not_before: u64) -> Reservation {
    let (not_before, expires) = (at(not_before), at(not_before + 1_000));
    let (class, if_held) = (Class::RESIDENT, IfHeld::Keep);
    Reservation {
        kid: key.kid(),
        not_before,
        expires,
        class,
        person: None,
        holder: None,
        origin: None,
        if_held,
        policy: None,
        replaces: None,
        request: None,
    }
}

/// One pass, in the first of these places that is free; they come again and again.
fn reserve(
    register: &mut dyn Register,
    wanted: Reservation,
    places: &[u64],
    witness: Option<&Witness>,
) -> Result<Option<StatusRef>> {
    let mut draws = places.iter().copied().cycle();
    let reserved = register.reserve(&[wanted], &mut || draws.next().unwrap(), BASE, &clerk(witness, 0))?;
    match reserved[..] {
        [Reserved::Entered(at)] => Ok(Some(at)),
        [Reserved::KeyEnded] => Ok(None),
        _ => panic!("{reserved:?}"),
    }
}

fn in_date(register: &dyn Register, seconds: u64) -> u64 {
    register.passes_in_date(at(seconds), &[]).unwrap().into_iter().map(|(_, passes)| passes).sum()
}

fn place(list: u64, index: u64) -> StatusRef {
    StatusRef { list, index }
}

fn change(pass: StatusRef, status: Status, seconds: u64) -> StatusChange {
    let by = clerk(None, seconds);
    let (reason, operator) = (Some(format!("at {seconds}")), Some(by.operator.clone()));
    StatusChange { pass, status, at: by.at, reason, operator, proposed_by: None }
}

fn set_status(
    register: &mut dyn Register,
    change: &StatusChange,
    expected: Status,
    witness: Option<&Witness>,
) -> Result<bool> {
    let by = Actor { operator: change.operator.as_ref().unwrap(), at: change.at, witness };
    register.set_status(change.pass, expected, change.status, change.reason.as_deref(), &by)
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

/// As good as at random, and the same each time.
fn draws() -> impl FnMut() -> u64 {
    let mut number = 1_u64;
    move || {
        number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        number >> 33
    }
}

fn of_thousands_at_once_each_has_a_place_of_its_own_also_where_a_list_gets_full(make: Make) {
    let folder = tempfile::tempdir().unwrap();
    let mut register = make(folder.path());
    let (issuer, size) = (key(1, Role::Issuer), 20_000);
    let list = StatusListRecord { id: 1, uri: format!("{BASE}:status:1"), bits: 2, size };
    register.initialize(std::slice::from_ref(&issuer), &list).unwrap();
    let (mut draw, mut places) = (draws(), BTreeSet::new());
    // More than from how many on PostgreSQL tells all places of a list; the last ones begin another list.
    for together in [9_000, 8_500, 9_000] {
        let all = vec![wanted(&issuer, 0); together];
        for given in register.reserve(&all, &mut draw, BASE, &clerk(None, 0)).unwrap() {
            let Reserved::Entered(at) = given else { panic!("{given:?}") };
            assert!(at.index < size && places.insert((at.list, at.index)), "{at:?}");
        }
    }
    let in_first = places.iter().filter(|(list, _)| *list == 1).count();
    assert_eq!((places.len(), in_first, register.lists().unwrap().len()), (26_500, 18_001, 2));
}

fn places_that_are_given_together_tell_neither_who_was_first_nor_whose_they_are(make: Make) {
    let folder = tempfile::tempdir().unwrap();
    let mut register = make(folder.path());
    let (issuer, list) =
        (key(1, Role::Issuer), StatusListRecord { id: 1, uri: format!("{BASE}:status:1"), bits: 2, size: 100_000 });
    register.initialize(std::slice::from_ref(&issuer), &list).unwrap();
    let people: Vec<PersonRef> = (0..300).map(|number| person(&format!("80 12 {number:06}"))).collect();
    let all: Vec<Reservation> =
        people.iter().map(|person| Reservation { person: Some(*person), ..wanted(&issuer, 0) }).collect();
    let given = register.reserve(&all, &mut draws(), BASE, &clerk(None, 0)).unwrap();
    let mut places: Vec<(PersonRef, u64)> = people
        .into_iter()
        .zip(given)
        .map(|(person, given)| match given {
            Reserved::Entered(at) => (person, at.index),
            other => panic!("{other:?}"),
        })
        .collect();
    // Half of all neighbours are in order where the order says nothing.
    let in_order = |places: &[(PersonRef, u64)]| places.windows(2).filter(|pair| pair[0].1 < pair[1].1).count();
    assert!((110..190).contains(&in_order(&places)), "{}", in_order(&places));
    places.sort_unstable();
    assert!((110..190).contains(&in_order(&places)), "{}", in_order(&places));
}

fn only_a_key_that_may_sign_gets_a_place(make: Make) {
    let (_folder, mut register, _) = started(make);
    let (issuer, other, unknown) = (key(1, Role::Issuer), key(3, Role::Issuer), key(9, Role::Issuer));
    register.add_key(&other, &clerk(None, 0)).unwrap();
    register.add_key(&other, &clerk(None, 0)).unwrap();
    assert_eq!(register.keys().unwrap().len(), 3);
    assert!(reserve(&mut *register, wanted(&unknown, 0), &[1], None).unwrap().is_none());
    assert!(reserve(&mut *register, wanted(&issuer, 1_000_000), &[1], None).unwrap().is_none());
    assert!(reserve(&mut *register, wanted(&issuer, 500), &[1], None).unwrap().is_some());
    // Those that wait when the key is retired stay within its time.
    register.retire_key(issuer.kid(), &clerk(None, 100)).unwrap();
    let retired = kept(&*register, &issuer);
    assert_eq!((retired.retired_at, retired.not_after), (Some(at(100)), at(501)));
    assert!(reserve(&mut *register, wanted(&issuer, 0), &[2], None).unwrap().is_none());
    assert!(reserve(&mut *register, wanted(&other, 0), &[3], None).unwrap().is_some());
    assert_eq!(in_date(&*register, 999), 2);
    assert_eq!(in_date(&*register, 1_000), 1);
    register.revoke_key(other.kid(), &clerk(None, 200)).unwrap();
    assert!(reserve(&mut *register, wanted(&other, 0), &[4], None).unwrap().is_none());
    assert_eq!(in_date(&*register, 0), 1);
}

fn a_status_changes_only_from_the_expected_one(make: Make) {
    let (_folder, mut register, witness) = started(make);
    let pass = reserve(&mut *register, wanted(&key(1, Role::Issuer), 0), &[7], Some(&witness)).unwrap().unwrap();
    let mut set = |status, expected, seconds| {
        set_status(&mut *register, &change(pass, status, seconds), expected, Some(&witness)).unwrap()
    };
    assert!(set(Status::Suspended, Status::Valid, 1));
    assert!(!set(Status::Revoked, Status::Valid, 2));
    assert!(set(Status::Revoked, Status::Suspended, 3));
    assert!(!set_status(&mut *register, &change(place(1, 8), Status::Revoked, 4), Status::Valid, None).unwrap());
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
    register.record_publication(&publication(1, 500), &clerk(Some(&witness), 0)).unwrap();
    register.record_publication(&publication(2, 400), &clerk(Some(&witness), 0)).unwrap();
    assert_eq!(register.last_publication().unwrap(), Some(publication(2, 400)));
    // One version is spent once, and what failed is not witnessed.
    let end = witness.end().unwrap();
    assert!(register.record_publication(&publication(2, 600), &clerk(Some(&witness), 0)).is_err());
    assert_eq!((witness.end().unwrap(), register.witness_end().unwrap()), (end.clone(), end));
    // A key published by a clock ahead is published by the next.
    assert_eq!(kept(&*register, &key(1, Role::Issuer)).published_at, Some(at(400)));

    let (first, second) = (key(4, Role::Root), key(5, Role::Bundle));
    register.set_root_keys(&[first.clone(), second.clone()], &clerk(None, 1)).unwrap();
    let turned = KeyRecord { role: Role::Root, not_after: at(9), ..second.clone() };
    register.set_root_keys(&[turned], &clerk(None, 2)).unwrap();
    assert_eq!(kept(&*register, &first).retired_at, Some(at(2)));
    let second = kept(&*register, &second);
    assert_eq!((second.role, second.retired_at, second.not_after), (Role::Root, None, at(9)));
    let (old, new) = (key(2, Role::List), key(6, Role::List));
    register.replace_key(old.kid(), &new, &clerk(None, 3)).unwrap();
    assert_eq!((kept(&*register, &old).retired_at, kept(&*register, &new).retired_at), (Some(at(3)), None));
}

fn what_an_old_copy_lacks_is_replayed_and_a_witness_that_does_not_fit_stops_it(make: Make) {
    let (_folder, mut register, witness) = started(make);
    let (_other_folder, mut copy, _) = started(make);
    let issuer = key(1, Role::Issuer);
    let pass = reserve(&mut *register, wanted(&issuer, 0), &[7], Some(&witness)).unwrap().unwrap();
    set_status(&mut *register, &change(pass, Status::Revoked, 1), Status::Valid, Some(&witness)).unwrap();
    register.revoke_key(issuer.kid(), &clerk(Some(&witness), 2)).unwrap();
    register
        .record_publication(&Publication { version: 1, issued: at(3), root: 1 }, &clerk(Some(&witness), 0))
        .unwrap();

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
    register.add_key(&other, &clerk(None, 0)).unwrap();
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
    let came = register.reserve(&asked, &mut draw, BASE, &clerk(Some(&witness), 0)).unwrap();
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
    assert_eq!(register.passes_in_date(at(0), &[]).unwrap(), [(Class::RESIDENT, 4), (Class(3), 1)]);
    assert_eq!(register.passes_in_date(at(0), &[Class(7), Class::RESIDENT]).unwrap(), [(Class(3), 1)]);

    // Who was revoked is not given another by the same application; nor who is suspended.
    let only = entered[2].unwrap();
    set_status(&mut *register, &change(only, Status::Revoked, 1), Status::Valid, Some(&witness)).unwrap();
    let came = register.reserve(&[of("8099999999")], &mut draw, BASE, &clerk(Some(&witness), 0)).unwrap();
    assert_eq!(held(&came[0]), (only, at(1_000), Status::Revoked, issuer.kid()));
    // A pass of a stolen key is none.
    register.revoke_key(issuer.kid(), &clerk(Some(&witness), 2)).unwrap();
    let by_other = Reservation { kid: other.kid(), ..of("8012345678") };
    let came = register.reserve(&[by_other], &mut draw, BASE, &clerk(Some(&witness), 0)).unwrap();
    assert!(matches!(came[0], Reserved::Entered(_)), "{came:?}");

    // A batch is known by its contents, and a pass by the line that asked for it.
    let batch = register.begin_batch(&[1; 32], &clerk(Some(&witness), 3)).unwrap();
    assert_eq!(register.begin_batch(&[1; 32], &clerk(Some(&witness), 4)).unwrap(), batch);
    assert_ne!(register.begin_batch(&[2; 32], &clerk(Some(&witness), 4)).unwrap(), batch);
    let origin = Some(Origin { batch, line: 77 });
    let of_batch = Reservation { kid: other.kid(), origin, ..of("8077777777") };
    let came = register.reserve(&[of_batch, of_batch], &mut draw, BASE, &clerk(Some(&witness), 0)).unwrap();
    assert!(matches!(came[0], Reserved::Entered(_)), "{came:?}");
    assert!(matches!(came[1], Reserved::Held(HeldPass { origin: there, .. }) if there == origin), "{came:?}");

    // All of it is put back where it was lost: whose they are, and of which class.
    let (_other_folder, mut copy, _) = started(make);
    copy.add_key(&other, &clerk(None, 0)).unwrap();
    copy.replay(BASE, &mut |known| witness.missing(known)).unwrap();
    assert_eq!(copy.passes_in_date(at(0), &[]).unwrap(), register.passes_in_date(at(0), &[]).unwrap());
    let came = copy.reserve(&[by_other, of_batch], &mut draw, BASE, &clerk(None, 0)).unwrap();
    assert!(matches!(came[0], Reserved::Held(_)), "{came:?}");
    assert!(matches!(came[1], Reserved::Held(HeldPass { origin: there, .. }) if there == origin), "{came:?}");
    assert_eq!(copy.begin_batch(&[1; 32], &clerk(None, 9)).unwrap(), batch);
}

fn the_key_of_persons_is_known_again(make: Make) {
    let (_folder, mut register, _) = started(make);
    assert!(!register.has_person_key().unwrap());
    assert!(register.bind_person_key(b"one").unwrap());
    assert!(register.has_person_key().unwrap());
    assert!(register.bind_person_key(b"one").unwrap() && !register.bind_person_key(b"other").unwrap());
}

fn a_pass_that_takes_the_place_of_another_revokes_it_at_once_or_not_at_all(make: Make) {
    let (_folder, mut register, witness) = started(make);
    let issuer = key(1, Role::Issuer);
    let old = reserve(&mut *register, wanted(&issuer, 0), &[1], Some(&witness)).unwrap().unwrap();
    let mut replace = |old, index| {
        let wanted = Reservation { replaces: Some(old), policy: Some(3), ..wanted(&issuer, 0) };
        register.reserve(&[wanted], &mut || index, BASE, &clerk(Some(&witness), 7)).unwrap().remove(0)
    };
    assert_eq!(replace(old, 2), Reserved::Entered(place(1, 2)));
    assert_eq!(replace(old, 3), Reserved::NotReplaceable(Some(Status::Revoked)));
    assert_eq!(replace(place(1, 9), 3), Reserved::NotReplaceable(None));
    assert_eq!(register.pass(place(1, 3)).unwrap(), None);

    let check = |register: &dyn Register| {
        let new = register.pass(place(1, 2)).unwrap().unwrap();
        assert_eq!((new.replaces, new.policy, new.entered), (Some(old), Some(3), Some(at(7))));
        let there = register.pass(old).unwrap().unwrap();
        assert_eq!((there.status, there.reason.as_deref()), (Status::Revoked, Some("replaced by 1-2")));
        let [change] = &register.status_changes(Some(old)).unwrap()[..] else { panic!() };
        assert_eq!((change.at, &change.operator), (at(7), &Some(clerk(None, 0).operator.clone())));
    };
    check(&*register);
    let (_other_folder, mut copy, _) = started(make);
    copy.replay(BASE, &mut |known| witness.missing(known)).unwrap();
    check(&*copy);
}

fn a_request_that_comes_again_is_answered_with_the_same_pass(make: Make) {
    let (_folder, mut register, _) = started(make);
    let issuer = key(1, Role::Issuer);
    let mut next = 0;
    let mut draw = || {
        next += 1;
        next
    };
    let mut ask = |name: u8, content: u8, person: Option<PersonRef>| {
        let request = Some(Request { name: [name; 16], content: [content; 16] });
        let wanted = Reservation { request, person, ..wanted(&issuer, 0) };
        // Twice in one change as well as after it.
        let came = register.reserve(&[wanted, wanted], &mut draw, BASE, &clerk(None, 0)).unwrap();
        (came[0], came[1])
    };
    let (first, again) = ask(1, 1, None);
    let Reserved::Entered(at) = first else { panic!("{first:?}") };
    let repeated = |came| matches!(came, Reserved::Repeated(HeldPass { at: there, .. }) if there == at);
    assert!(repeated(again) && repeated(ask(1, 1, None).0));
    assert_eq!(ask(1, 2, None), (Reserved::OtherRequest, Reserved::OtherRequest));
    // Under another name it is another request, and who has a pass keeps it.
    let whose = Some(person("8012345678"));
    let Reserved::Entered(other) = ask(2, 1, whose).0 else { panic!() };
    assert!(
        matches!(ask(3, 9, whose), (Reserved::Held(held), Reserved::Repeated(same)) if held.at == other && same == held)
    );
    // It is looked up without asking again, too.
    let answered =
        |name: u8, content: u8| register.answered(&Request { name: [name; 16], content: [content; 16] }).unwrap();
    assert!(matches!(answered(3, 9), Some(Reserved::Repeated(held)) if held.at == other));
    assert_eq!((answered(3, 1), answered(4, 9)), (Some(Reserved::OtherRequest), None));
}

fn the_witness_says_who_did_what_and_brings_keys_back(make: Make) {
    let (_folder, mut register, witness) = started(make);
    let issuer = key(5, Role::Issuer);
    register.add_key(&issuer, &clerk(Some(&witness), 1)).unwrap();
    register.add_key(&issuer, &clerk(Some(&witness), 2)).unwrap();
    register.retire_key(issuer.kid(), &clerk(Some(&witness), 3)).unwrap();
    let list = key(6, Role::List);
    register.replace_key(key(2, Role::List).kid(), &list, &clerk(Some(&witness), 4)).unwrap();
    let entries: Vec<Entry> = witness.missing(None).unwrap().into_iter().map(|(_, entry)| entry).collect();
    let change = |entries, seconds| {
        let by = clerk(None, seconds);
        Entry::Change { entries, at: by.at.seconds(), operator: by.operator.clone() }
    };
    let (kid, at_3, at_4) = (issuer.kid().to_string(), at(3).seconds(), at(4).seconds());
    let said = [
        Entry::Begin,
        change(1, 1),
        Entry::key_added(&issuer),
        change(1, 3),
        Entry::KeyRetired { kid, at: at_3 },
        change(2, 4),
        Entry::key_added(&list),
        Entry::KeyRetired { kid: key(2, Role::List).kid().to_string(), at: at_4 },
    ];
    assert_eq!(entries, said);
    let (_other_folder, mut copy, _) = started(make);
    copy.replay(BASE, &mut |known| witness.missing(known)).unwrap();
    for key in [&issuer, &list, &key(2, Role::List)] {
        let (there, here) = (kept(&*copy, key), kept(&*register, key));
        assert_eq!((there.retired_at.is_some(), there.file), (here.retired_at.is_some(), here.file));
    }
}

/// What another operator does then.
fn second(witness: Option<&Witness>, seconds: u64) -> Actor<'_> {
    static SECOND: std::sync::LazyLock<Operator> = std::sync::LazyLock::new(|| Operator::new("b.galieva").unwrap());
    Actor { operator: &SECOND, at: at(seconds), witness }
}

/// A register with passes in these places.
fn with_passes(make: Make, places: &[u64]) -> (tempfile::TempDir, Box<dyn Register>, Witness) {
    let (folder, mut register, witness) = started(make);
    for place in places {
        reserve(&mut *register, wanted(&key(1, Role::Issuer), 0), &[*place], Some(&witness)).unwrap().unwrap();
    }
    (folder, register, witness)
}

/// Another register that is told everything by the witness.
fn replayed(make: Make, witness: &Witness) -> (tempfile::TempDir, Box<dyn Register>) {
    let (folder, mut copy, _) = started(make);
    copy.replay(BASE, &mut |known| witness.missing(known)).unwrap();
    (folder, copy)
}

fn passes_are_revoked_together_each_once(make: Make) {
    let (_folder, mut register, witness) = with_passes(make, &[1, 2, 3]);
    set_status(&mut *register, &change(place(1, 2), Status::Suspended, 1), Status::Valid, Some(&witness)).unwrap();
    let all = [place(1, 1), place(1, 2), place(1, 9), place(1, 1)];
    let was = [Some(Status::Valid), Some(Status::Suspended), None, Some(Status::Valid)];
    assert_eq!(register.statuses(&all).unwrap(), was);
    let done = register.revoke(&all, Some("why"), None, &clerk(Some(&witness), 2)).unwrap();
    // The fourth is the first again, which is revoked by then.
    assert_eq!(done, Revoked::Done(vec![was[0], was[1], None, Some(Status::Revoked)]));
    let [change] = &register.status_changes(Some(place(1, 1))).unwrap()[..] else { panic!() };
    assert_eq!((change.at, change.reason.as_deref(), &change.proposed_by), (at(2), Some("why"), &None));
    assert_eq!(change.operator.as_ref(), Some(clerk(None, 0).operator));
    // Nothing to do is no change.
    let end = witness.end().unwrap();
    register.revoke(&all, None, None, &clerk(Some(&witness), 3)).unwrap();
    assert_eq!(witness.end().unwrap(), end);
    let (_copy_folder, copy) = replayed(make, &witness);
    assert_eq!(copy.changed_statuses(1).unwrap(), register.changed_statuses(1).unwrap());
    assert_eq!(copy.statuses(&all[..3]).unwrap(), [Some(Status::Revoked), Some(Status::Revoked), None]);
}

fn what_a_person_revokes_alone_is_counted_whoever_they_act_as(make: Make) {
    let (_folder, mut register, witness) = with_passes(make, &[1, 2, 3, 4, 5]);
    let limit = |seconds, more| Some(RevocationLimit { most: 2, since: at(seconds), more });
    let as_root = Operator::new("a.karimova (root)").unwrap();
    let by_root = Actor { operator: &as_root, ..clerk(Some(&witness), 20) };
    let mut revoke = |pass: u64, limit: Option<RevocationLimit>, by: &Actor<'_>| {
        register.revoke(&[place(1, pass)], None, limit.as_ref(), by).unwrap()
    };
    let done = Revoked::Done(vec![Some(Status::Valid)]);
    // Those that are to follow count at once.
    assert_eq!(revoke(1, limit(0, 2), &clerk(Some(&witness), 10)), Revoked::TooMany(0));
    assert_eq!(revoke(1, limit(0, 0), &clerk(Some(&witness), 10)), done);
    assert_eq!(revoke(2, limit(0, 0), &by_root), done);
    assert_eq!(revoke(3, limit(0, 0), &clerk(Some(&witness), 30)), Revoked::TooMany(2));
    assert_eq!(revoke(3, limit(0, 0), &by_root), Revoked::TooMany(2));
    // What is revoked already is no matter.
    assert_eq!(revoke(1, limit(0, 0), &clerk(Some(&witness), 30)), Revoked::Done(vec![Some(Status::Revoked)]));
    // Another person has a count of their own, and time goes on.
    assert_eq!(revoke(3, limit(0, 0), &second(Some(&witness), 30)), done);
    assert_eq!(revoke(4, limit(15, 0), &clerk(Some(&witness), 30)), done);
    // One whose name only begins alike is another.
    let other = Operator::new("a.karimova2").unwrap();
    assert_eq!(revoke(5, limit(0, 0), &Actor { operator: &other, ..clerk(Some(&witness), 30) }), done);
}

fn passes_that_another_one_replaced_are_not_counted(make: Make) {
    let (_folder, mut register, _) = with_passes(make, &[1, 2]);
    let wanted = Reservation { replaces: Some(place(1, 1)), ..wanted(&key(1, Role::Issuer), 0) };
    register.reserve(&[wanted], &mut || 3, BASE, &clerk(None, 1)).unwrap();
    let pass = register.pass(place(1, 1)).unwrap().unwrap();
    assert_eq!((pass.replaced_by, pass.replaces, pass.origin), (Some(place(1, 3)), None, None));
    let limit = RevocationLimit { most: 1, since: at(0), more: 0 };
    let done = register.revoke(&[place(1, 2)], None, Some(&limit), &clerk(None, 2)).unwrap();
    assert_eq!(done, Revoked::Done(vec![Some(Status::Valid)]));
}

fn proposal<'a>(what: Proposed<'a>, digest: u8) -> NewProposal<'a> {
    NewProposal { what, digest: [digest; 32], reason: Some("stolen"), until: at(1_000) }
}

fn what_was_proposed_happens_on_another_person_s_word_part_by_part(make: Make) {
    let (_folder, mut register, witness) = with_passes(make, &[1, 2, 3, 4]);
    let passes = [1, 2, 3].map(|index| place(1, index));
    let wanted = proposal(Proposed::Passes(&passes), 1);
    let id = register.propose(&wanted, &clerk(Some(&witness), 1)).unwrap();
    // The same again is the same one, whoever asks.
    assert_eq!(register.propose(&wanted, &second(Some(&witness), 2)).unwrap(), id);
    let [waiting] = &register.proposals().unwrap()[..] else { panic!() };
    assert_eq!((waiting.id, waiting.kid, waiting.passes, waiting.digest), (id, None, 3, [1; 32]));
    assert_eq!((waiting.reason.as_deref(), waiting.at, waiting.until), (Some("stolen"), at(1), at(1_000)));
    assert_eq!(&waiting.operator, clerk(None, 0).operator);
    assert_eq!(register.proposed_passes(id, 2).unwrap(), passes[..2]);
    assert_eq!(register.changed_statuses(1).unwrap(), []);

    let as_root = Operator::new("a.karimova (root)").unwrap();
    let by_root = Actor { operator: &as_root, ..clerk(Some(&witness), 3) };
    assert_eq!(register.confirm(id, 2, &by_root).unwrap(), Confirmed::SamePerson);
    assert_eq!(register.confirm(id + 1, 2, &second(Some(&witness), 3)).unwrap(), Confirmed::NoSuch);
    assert_eq!(register.confirm(id, 2, &second(Some(&witness), 1_000)).unwrap(), Confirmed::Lapsed);
    // One that was revoked meanwhile is skipped.
    register.revoke(&passes[1..2], None, None, &second(Some(&witness), 3)).unwrap();
    let part = register.confirm(id, 2, &second(Some(&witness), 4)).unwrap();
    assert_eq!(part, Confirmed::Done { revoked: 1, skipped: 1, left: 1 });
    assert_eq!(register.proposals().unwrap().len(), 1);
    let rest = register.confirm(id, 2, &second(Some(&witness), 5)).unwrap();
    assert_eq!(rest, Confirmed::Done { revoked: 1, skipped: 0, left: 0 });
    assert_eq!(register.proposals().unwrap(), []);
    assert_eq!(register.confirm(id, 2, &second(Some(&witness), 6)).unwrap(), Confirmed::NoSuch);

    let check = |register: &dyn Register, reason| {
        let [change] = &register.status_changes(Some(passes[2])).unwrap()[..] else { panic!() };
        let named = (change.operator.as_ref(), change.proposed_by.as_ref());
        assert_eq!(named, (Some(second(None, 0).operator), Some(clerk(None, 0).operator)));
        assert_eq!((change.at, change.reason.as_deref()), (at(5), reason));
        assert_eq!(register.proposals().unwrap(), []);
    };
    check(&*register, Some("stolen"));
    // They are nobody's alone.
    let limit = RevocationLimit { most: 2, since: at(0), more: 0 };
    let one = register.revoke(&[place(1, 4)], None, Some(&limit), &second(Some(&witness), 7)).unwrap();
    assert_eq!(one, Revoked::Done(vec![Some(Status::Valid)]));
    let (_copy_folder, mut copy) = replayed(make, &witness);
    check(&*copy, None);
    // No number is given twice.
    assert!(copy.propose(&wanted, &clerk(None, 8)).unwrap() > id);
}

fn a_key_is_revoked_on_another_person_s_word_and_a_proposal_can_be_withdrawn(make: Make) {
    let (_folder, mut register, witness) = with_passes(make, &[1]);
    let issuer = key(1, Role::Issuer);
    let of_key = proposal(Proposed::Key(issuer.kid()), 2);
    let first = register.propose(&of_key, &clerk(Some(&witness), 1)).unwrap();
    assert!(register.withdraw(first, &clerk(Some(&witness), 2)).unwrap());
    assert!(!register.withdraw(first, &clerk(Some(&witness), 2)).unwrap());
    let id = register.propose(&of_key, &clerk(Some(&witness), 3)).unwrap();
    assert!(id > first);
    // One that was lost with the register still waits, for its key is all of it; one of passes does not.
    register.propose(&proposal(Proposed::Passes(&[place(1, 1)]), 3), &clerk(Some(&witness), 4)).unwrap();
    let (_copy_folder, copy) = replayed(make, &witness);
    let [lost] = &copy.proposals().unwrap()[..] else { panic!() };
    assert_eq!((lost.id, lost.kid, &lost.operator), (id, Some(issuer.kid()), clerk(None, 0).operator));

    let done = register.confirm(id, 9, &second(Some(&witness), 5)).unwrap();
    assert_eq!(done, Confirmed::Done { revoked: 0, skipped: 0, left: 0 });
    assert_eq!(kept(&*register, &issuer).revoked_at, Some(at(5)));
    // One that is revoked stays so since then.
    let again = register.propose(&of_key, &clerk(Some(&witness), 6)).unwrap();
    register.confirm(again, 9, &second(Some(&witness), 7)).unwrap();
    assert_eq!(kept(&*register, &issuer).revoked_at, Some(at(5)));
    let (_other_folder, copy) = replayed(make, &witness);
    assert_eq!(kept(&*copy, &issuer).revoked_at, Some(at(5)));
    assert!(copy.proposals().unwrap().is_empty());
}

/// What happened to how many passes, in quarters of an hour after the beginning.
fn counted(register: &dyn Register) -> Vec<(PassEvent, u64, Option<u64>, u64, u64)> {
    let mut counts: Vec<_> = register
        .pass_counts()
        .unwrap()
        .into_iter()
        .map(|count| (count.event, count.class.0, count.policy, count.quarter - NOW / QUARTER, count.passes))
        .collect();
    counts.sort_unstable();
    counts
}

fn what_happened_to_all_passes_is_added_up_by_the_quarter_of_an_hour(make: Make) {
    use PassEvent::{Begins, Ends, Expires, Issued, Replaced, Revoked};
    let (_folder, mut register, _) = started(make);
    assert_eq!(register.pass_counts().unwrap(), []);
    let (issuer, stolen) = (key(1, Role::Issuer), key(3, Role::Issuer));
    register.add_key(&stolen, &clerk(None, 0)).unwrap();
    let mut next = 0;
    let mut enter = |register: &mut dyn Register, quarters: u64, wanted: Reservation| {
        next += 1;
        register.reserve(&[wanted], &mut || next, BASE, &clerk(None, quarters * QUARTER)).unwrap();
        place(1, next)
    };
    let of = |from: u64, until: u64| Reservation {
        not_before: at(from * QUARTER),
        expires: at(until * QUARTER),
        policy: Some(3),
        ..wanted(&issuer, 0)
    };
    // Two alike, one of another class that begins later, one that is entered after its first moment.
    enter(&mut *register, 0, of(0, 100));
    enter(&mut *register, 0, of(0, 100));
    enter(&mut *register, 0, Reservation { class: Class(3), policy: None, ..of(5, 100) });
    enter(&mut *register, 7, of(0, 100));
    assert_eq!(
        counted(&*register),
        [
            (Issued, 1, Some(3), 0, 2),
            (Issued, 1, Some(3), 7, 1),
            (Issued, 3, None, 0, 1),
            (Expires, 1, None, 99, 3),
            (Expires, 3, None, 99, 1),
            (Begins, 1, None, 0, 2),
            (Begins, 1, None, 7, 1),
            (Begins, 3, None, 5, 1),
            (Ends, 1, None, 100, 3),
            (Ends, 3, None, 100, 1),
        ]
    );
    // One revoked, one revoked before it began, one suspended, one replaced, one of a stolen key.
    let (_folder, mut register, _) = started(make);
    register.add_key(&stolen, &clerk(None, 0)).unwrap();
    let all = [of(0, 100), of(50, 100), of(0, 100), of(0, 100), Reservation { kid: stolen.kid(), ..of(0, 100) }];
    let all = all.map(|wanted| enter(&mut *register, 0, wanted));
    let mut set = |pass, status, quarters: u64| {
        set_status(&mut *register, &change(pass, status, quarters * QUARTER), Status::Valid, None).unwrap();
    };
    set(all[0], Status::Revoked, 10);
    set(all[1], Status::Revoked, 11);
    set(all[2], Status::Suspended, 12);
    enter(&mut *register, 13, Reservation { replaces: Some(all[3]), ..of(0, 100) });
    register.revoke_key(stolen.kid(), &clerk(None, 14 * QUARTER)).unwrap();
    assert_eq!(
        counted(&*register),
        [
            (Issued, 1, Some(3), 0, 5),
            (Issued, 1, Some(3), 13, 1),
            (Revoked, 1, None, 10, 1),
            (Revoked, 1, None, 11, 1),
            (Replaced, 1, None, 13, 1),
            (Expires, 1, None, 99, 2),
            (Begins, 1, None, 0, 4),
            (Begins, 1, None, 13, 1),
            (Ends, 1, None, 10, 1),
            (Ends, 1, None, 12, 1),
            (Ends, 1, None, 13, 1),
            (Ends, 1, None, 14, 1),
            (Ends, 1, None, 100, 1),
        ]
    );
}

fn refusals_of_a_batch_are_counted_once_and_others_add_up(make: Make) {
    let (_folder, mut register, _) = started(make);
    let batch = register.begin_batch(&[1; 32], &clerk(None, 5)).unwrap();
    register.count_refusals(Some(batch), at(9), &[("over", 2), ("igg-too-low", 1)]).unwrap();
    register.count_refusals(Some(batch), at(99), &[("over", 7)]).unwrap();
    register.count_refusals(None, at(1), &[("over", 1)]).unwrap();
    register.count_refusals(None, at(1), &[("over", 1)]).unwrap();
    register.count_refusals(None, at(2), &[("over", 1)]).unwrap();
    let mut counts = register.refusal_counts().unwrap();
    counts.sort_by_key(|count| count.at);
    let counts: Vec<_> = counts.iter().map(|count| (count.at, count.reason.as_str(), count.refused)).collect();
    assert_eq!(counts, [(at(1), "over", 2), (at(2), "over", 1), (at(5), "over", 7)]);
}

fn what_is_known_of_whoever_had_a_pass_that_is_over_is_erased_part_by_part(make: Make) {
    let (_folder, mut register, witness) = started(make);
    let issuer = key(1, Role::Issuer);
    let batch = register.begin_batch(&[1; 32], &clerk(Some(&witness), 0)).unwrap();
    let mut next = 0;
    let mut enter = |register: &mut dyn Register, until: u64, name: u8| {
        next += 1;
        let wanted = Reservation {
            expires: at(until),
            person: Some(person("8012345678")),
            holder: Some(HolderMark([7; 8])),
            origin: Some(Origin { batch, line: 5 }),
            if_held: IfHeld::EnterAnother,
            request: Some(Request { name: [name; 16], content: [1; 16] }),
            ..wanted(&issuer, 0)
        };
        register.reserve(&[wanted], &mut || next, BASE, &clerk(Some(&witness), 0)).unwrap();
        place(1, next)
    };
    let (first, second, third) =
        (enter(&mut *register, 100, 1), enter(&mut *register, 101, 2), enter(&mut *register, 100, 3));
    for pass in [first, second] {
        set_status(&mut *register, &change(pass, Status::Revoked, 1), Status::Valid, Some(&witness)).unwrap();
    }
    assert_eq!((register.erasable(at(99)).unwrap(), register.erasable(at(100)).unwrap()), (0, 2));
    // Two are looked at, and then the last one.
    let part = register.erase(at(100), None, 2, &clerk(Some(&witness), 200)).unwrap();
    assert_eq!(part, Erased { passes: 1, next: Some(second) });
    assert_eq!(
        register.erase(at(100), part.next, 2, &clerk(Some(&witness), 200)).unwrap(),
        Erased { passes: 1, next: None }
    );
    register.tidy().unwrap();

    let check = |register: &mut dyn Register, reason_of_second: Option<&str>| {
        assert_eq!(register.erasable(at(100)).unwrap(), 0);
        let [gone, kept] = [first, second].map(|pass| register.pass(pass).unwrap().unwrap());
        assert_eq!(
            (gone.status, gone.expires, gone.kid, gone.class),
            (Status::Revoked, at(100), issuer.kid(), Class::RESIDENT)
        );
        assert_eq!((gone.reason, gone.origin), (None, None));
        assert_eq!((kept.reason.as_deref(), kept.origin), (reason_of_second, Some(Origin { batch, line: 5 })));
        let [change] = &register.status_changes(Some(first)).unwrap()[..] else { panic!() };
        assert_eq!((&change.reason, change.operator.as_ref()), (&None, Some(clerk(None, 0).operator)));
        assert_eq!(register.changed_statuses(1).unwrap().len(), 2);
        // Their place is not given to another, and whoever asks again is decided on anew.
        let taken = register.reserve(&[wanted(&issuer, 0)], &mut || third.index, BASE, &clerk(None, 201));
        assert!(matches!(taken, Err(RegisterError::Damaged(_))));
    };
    check(&mut *register, Some("at 1"));
    // Nothing more to do is no change.
    let end = witness.end().unwrap();
    assert_eq!(
        register.erase(at(100), None, 9, &clerk(Some(&witness), 201)).unwrap(),
        Erased { passes: 0, next: None }
    );
    assert_eq!(witness.end().unwrap(), end);
    // A register from an old copy does not bring them back.
    let (_copy_folder, mut copy) = replayed(make, &witness);
    check(&mut *copy, None);
    let again = Reservation {
        request: Some(Request { name: [1; 16], content: [9; 16] }),
        person: Some(person("8012345678")),
        ..wanted(&issuer, 500)
    };
    let came = register.reserve(&[again], &mut || 9, BASE, &clerk(Some(&witness), 202)).unwrap();
    assert_eq!(came, [Reserved::Entered(place(1, 9))]);
}
