//! Promise: what is said of passes that others issue is signed, only gets newer, and touches nothing of Greenlit's own.

use greenlit_core::answer::Code;
use greenlit_core::cbor::{Malformed, Writer};
use greenlit_core::scheme::Scheme;
use greenlit_core::trust::{
    DocumentError, Documents, ImportError, KeyListBody, KeyListEntry, KeyListError, SchemeBundle, SchemeBundleBody,
    SignatureError, TrustState, limits,
};
use greenlit_schemes::judge;
use greenlit_testkit::fixture::schemes::*;
use greenlit_testkit::fixture::*;
use sha2::{Digest, Sha256};

fn green(state: &TrustState) -> Option<Code> {
    judge(state, time(NOW)).text(ticket(FESTIVAL, b"seed-1", 42, None).as_bytes()).code()
}

fn version(version: u64) -> Vec<u8> {
    Schemes::new().bundle(|bundle| bundle.version = version).signed_bundle()
}

#[test]
fn what_is_written_is_what_is_read() {
    let schemes = Schemes::new();
    let state = schemes.state();
    let bundle = state.scheme_bundle().unwrap();
    assert_eq!((bundle.version, bundle.day_offset, bundle.rules.len()), (3, 300, 2));
    assert_eq!(bundle.rules, schemes.bundle.rules);
    for (id, list) in &schemes.lists {
        assert_eq!(&KeyListBody::parse(&list.encode()).unwrap(), list);
        assert_eq!(state.key_list(*id).unwrap().0.body(), list);
    }
}

#[test]
fn an_older_scheme_bundle_is_refused_and_one_version_has_one_content() {
    let mut state = Schemes::new().state();
    assert!(state.import_scheme_bundle(&version(9)).unwrap());
    let before = state.documents();
    for found in [0, 3, 8] {
        let refused = Err(ImportError::OlderSchemeBundle { found, held: 9 });
        assert_eq!(state.import_scheme_bundle(&version(found)), refused);
    }
    let other = Schemes::new()
        .bundle(|bundle| {
            bundle.version = 9;
            bundle.rules.clear();
        })
        .signed_bundle();
    assert_eq!(state.import_scheme_bundle(&other), Err(ImportError::SecondSchemeBundle(9)));
    assert_eq!(state.import_scheme_bundle(&version(9)), Ok(false), "the very same bytes are nothing new");
    assert_eq!(state.documents(), before);
}

#[test]
fn neither_bundle_waits_for_the_other_or_is_taken_for_it() {
    let schemes = Schemes::new();
    let mut state = schemes.state();
    assert!(state.import_bundle(&Authority::new().bundle(|bundle| bundle.version = 8).signed_bundle()).unwrap());
    assert_eq!(green(&state), Some(Code::Ok), "a new bundle leaves the scheme bundle as it is");
    let as_bundle = state.import_bundle(&schemes.signed_bundle());
    assert!(matches!(as_bundle, Err(ImportError::Bundle(DocumentError::Signatures(SignatureError::Bad(_))))));
    let as_schemes = state.import_scheme_bundle(&Authority::new().signed_bundle());
    assert!(matches!(as_schemes, Err(ImportError::SchemeBundle(DocumentError::Signatures(SignatureError::Bad(_))))));
}

#[test]
fn a_new_root_starts_afresh() {
    let mut state = Authority::new().state();
    assert!(state.import_scheme_bundle(&version(9)).unwrap());
    state.advance_root(&Authority::new().second_root().signed_root(1)).unwrap();
    assert!(state.scheme_bundle().is_none() && state.rollback_floor().scheme_bundle.is_none());
    let of_old = state.import_scheme_bundle(&version(10));
    assert_eq!(of_old, Err(ImportError::SchemeBundle(DocumentError::OtherRoot { found: 1, wanted: 2 })));
}

#[test]
fn versions_are_remembered_when_the_documents_are_lost() {
    let mut state = Schemes::new().state();
    assert!(state.import_scheme_bundle(&version(9)).unwrap());
    let all = state.documents();
    assert_eq!(green(&TrustState::restore(&all, state.rollback_floor(), build_date()).0), Some(Code::Ok));
    for lost in
        [Documents { scheme_bundle: None, ..all.clone() }, Documents { scheme_bundle: Some(version(8)), ..all.clone() }]
    {
        let (mut again, errors) = TrustState::restore(&lost, state.rollback_floor(), build_date());
        assert!(!errors.is_empty() && green(&again) != Some(Code::Ok));
        assert_eq!(again.import_scheme_bundle(&version(8)), Err(ImportError::OlderSchemeBundle { found: 8, held: 9 }));
        assert!(again.import_scheme_bundle(&version(9)).unwrap());
    }
}

#[test]
fn a_key_list_is_the_one_that_is_named_or_none() {
    let schemes = Schemes::new();
    let mut state = Authority::new().state();
    let list = |error| Err(ImportError::KeyList { id: 1, error });
    assert_eq!(state.import_key_list(1, &schemes.key_list(1)), list(KeyListError::Unknown));
    state.import_scheme_bundle(&schemes.signed_bundle()).unwrap();
    let good = schemes.key_list(1);
    for at in 0..good.len() {
        let mut altered = good.clone();
        altered[at] ^= 1;
        assert_eq!(state.import_key_list(1, &altered), list(KeyListError::Other), "byte {at}");
        assert_eq!(state.import_key_list(1, &good[..at]), list(KeyListError::Other), "cut at {at}");
    }
    assert_eq!(state.import_key_list(1, &schemes.key_list(2)), list(KeyListError::Other));
    assert_eq!(state.import_key_list(1, &good), Ok(true));
    assert_eq!(state.import_key_list(1, &good), Ok(false));
    // A newer bundle that names another list leaves the old one behind.
    let mut next = Schemes::new().bundle(|bundle| bundle.version = 4);
    next.lists.get_mut(&1).unwrap().keys.truncate(1);
    assert!(state.import_scheme_bundle(&next.signed_bundle()).unwrap());
    assert!(state.key_list(1).is_none() && green(&state) == Some(Code::TrustExpired));
}

#[test]
fn what_a_later_version_adds_grants_nothing_and_spoils_nothing() {
    // A key with a bound that is not known here, one of an unknown algorithm, and one as ever.
    let mut w = Writer::new();
    w.map(3).uint(1).text("pretix").uint(2).map(1).text("e");
    w.map(1).text("en").text("Event");
    w.uint(3).array(3);
    w.map(4).uint(1).int(-19).uint(2).bytes(&[1; 32]).uint(3).text("e").uint(99).uint(1);
    w.map(3).uint(1).int(-999).uint(2).bytes(&[2; 32]).uint(3).text("e");
    w.map(3).uint(1).int(-19).uint(2).bytes(&[3; 32]).uint(3).text("e");
    let list = KeyListBody::parse(&w.into_bytes()).unwrap();
    assert_eq!(list.keys.iter().map(|key| key.key[0]).collect::<Vec<_>>(), [3]);
}

/// Documents in which these bytes of a key list or of the bundle stand for others, well signed.
fn with(list: Option<(&[u8], &[u8])>, bundle: Option<(&[u8], &[u8])>) -> TrustState {
    let replaced = |bytes: Vec<u8>, change: Option<(&[u8], &[u8])>| {
        let Some((old, new)) = change else { return bytes };
        assert_eq!(old.len(), new.len());
        let Some(at) = bytes.windows(old.len()).position(|part| part == old) else { panic!("nothing to replace") };
        [&bytes[..at], new, &bytes[at + old.len()..]].concat()
    };
    let schemes = Schemes::new();
    let list = replaced(schemes.key_list(2), list);
    let named = KeyListEntry { digest: Sha256::digest(&list).into(), ..entry(2, &schemes.lists[&2]) };
    let key_lists = vec![entry(1, &schemes.lists[&1]), named];
    let body = SchemeBundleBody { key_lists, ..schemes.bundle.clone() };
    let mut state = Authority::new().state();
    let signed = sign_payload(&replaced(body.encode(), bundle), SchemeBundle::EXTERNAL_AAD, &schemes.signers);
    assert!(state.import_scheme_bundle(&signed).unwrap());
    assert!(state.import_key_list(1, &schemes.key_list(1)).unwrap() && state.import_key_list(2, &list).unwrap());
    state
}

#[test]
fn what_only_a_later_version_understands_accuses_nobody() {
    let by = |seed, id: &[u8]| identity(seed, id, "1984-05-09", "2021-02-20T00:00:00Z", "2021-12-01T00:00:00Z");
    let answers = |state: &TrustState| {
        let ticket = |item| ticket(FESTIVAL, b"seed-1", item, None);
        let texts = [by(STATE, STATE_KEY_ID), by(STATE, b"state-02"), ticket(42), ticket(43)];
        texts.map(|text| judge(state, time(NOW)).text(text.as_bytes()).code().unwrap())
    };
    let (ok, unknown, other, newer) = (Code::Ok, Code::UnknownIssuer, Code::ClassNotHonoured, Code::UnknownVersion);
    assert_eq!(answers(&with(None, None)), [ok, unknown, ok, other]);

    // The state's key is of an algorithm that is not known here: its passes may be genuine, and all others stay as they are.
    let key = public(STATE);
    let listed = |algorithm: &[u8]| [b"\x01", algorithm, b"\x02\x58\x20", key.as_bytes().as_slice()].concat();
    let changed = with(Some((&listed(&[0x32]), &listed(&[0x2f]))), None);
    assert_eq!(answers(&changed), [newer, unknown, ok, other]);

    // The rule of the tickets has a condition of which nothing is known here.
    let test = |number: u8| [b"\x83\x64item".as_slice(), &[number, 0x81, 0x62], b"42"].concat();
    assert_eq!(answers(&with(None, Some((&test(1), &test(7))))), [ok, unknown, newer, newer]);
    // So has the rule of a scheme that nobody here knows, and it speaks of no pass that we read.
    let scheme = |name: &str| [b"\x03\x66".as_slice(), name.as_bytes()].concat();
    assert_eq!(answers(&with(None, Some((&scheme("pretix"), &scheme("pretax"))))), [ok, unknown, other, other]);
}

#[test]
fn key_lists_that_are_no_key_lists_are_refused() {
    let scheme = Scheme::Pretix;
    let empty = KeyListBody { scheme, issuers: Vec::new(), keys: Vec::new(), revoked: Vec::new() };
    assert!(KeyListBody::parse(&empty.encode()).is_ok());
    let nobodys = KeyListBody { keys: Schemes::new().lists[&1].keys.clone(), ..empty.clone() };
    let unsorted = KeyListBody { revoked: vec![b"b".to_vec(), b"a".to_vec()], ..empty.clone() };
    let twice = KeyListBody { revoked: vec![b"a".to_vec(), b"a".to_vec()], ..empty.clone() };
    let long = KeyListBody { revoked: vec![vec![1; 65]], ..empty };
    for bad in [nobodys, unsorted, twice, long] {
        let refused = KeyListBody::parse(&bad.encode());
        assert!(matches!(refused, Err(DocumentError::Malformed(Malformed::Invalid { .. }))), "{refused:?}");
    }
    let huge = vec![0; limits::MAX_KEY_LIST_BYTES + 1];
    assert!(matches!(KeyListBody::parse(&huge), Err(DocumentError::TooLarge { .. })));
}

#[test]
fn a_scheme_bundle_is_signed_by_the_bundle_keys_and_dated_in_order() {
    let root = Authority::new().anchored().newest_root().unwrap().clone();
    let open = |schemes: Schemes| SchemeBundle::open(&schemes.signed_bundle(), &root);
    assert!(open(Schemes::new()).is_ok());
    for signer in [1, ISSUER, STRANGER] {
        let mut schemes = Schemes::new();
        schemes.signers = vec![signer];
        assert!(matches!(open(schemes), Err(DocumentError::Signatures(SignatureError::Stranger(_)))), "{signer}");
    }
    for (soft, hard) in [(0, 5), (6, 5)] {
        let late = Schemes::new().bundle(|bundle| {
            bundle.soft_expiry = bundle.issued.plus(soft);
            bundle.hard_expiry = bundle.issued.plus(hard);
        });
        assert!(matches!(open(late), Err(DocumentError::Malformed(Malformed::Invalid { field: "expiry", .. }))));
    }
    let wrong_offset = Schemes::new().bundle(|bundle| bundle.day_offset = 841);
    assert!(matches!(open(wrong_offset), Err(DocumentError::Malformed(Malformed::Invalid { .. }))));
    let good = Schemes::new().signed_bundle();
    for at in (0..good.len()).step_by(3) {
        let mut altered = good.clone();
        altered[at] ^= 0x10;
        assert!(SchemeBundle::open(&altered, &root).is_err(), "byte {at}");
        assert!(SchemeBundle::open(&good[..at], &root).is_err(), "cut at {at}");
    }
}

/// Documents as hexadecimal digits, and what passes are answered by them. Written once, by `GREENLIT_FREEZE=1`, and only
/// added to.
#[test]
fn the_frozen_documents_and_answers_are_as_they_were() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/schemes");
    let schemes = Schemes::new();
    let identity = |born| identity(STATE, STATE_KEY_ID, born, "2021-02-20T00:00:00Z", "2021-12-01T00:00:00Z");
    let cases = [
        ("ticket", ticket(FESTIVAL, b"seed-1", 42, None)),
        ("ticket-of-another-item", ticket(FESTIVAL, b"seed-1", 43, None)),
        ("ticket-of-another-event", ticket(OTHER_EVENT, b"seed-1", 42, None)),
        ("ticket-called-back", ticket(FESTIVAL, CALLED_BACK, 42, None)),
        ("identity-of-age", identity("1984-05-09")),
        ("identity-too-young", identity("2003-03-11")),
    ];
    let state = schemes.state();
    let answers = cases.map(|(name, text)| {
        let verdict = judge(&state, time(NOW)).text(text.as_bytes());
        let (answer, code) = (verdict.answer().unwrap().as_str(), verdict.code().unwrap().as_str());
        serde_json::json!({"name": name, "text": text, "clock": NOW, "answer": answer, "code": code})
    });
    let authority = Authority::new();
    let files = [
        ("root-1.cbor.hex", hex::encode(authority.signed_root(0))),
        ("trust.cbor.hex", hex::encode(authority.signed_bundle())),
        ("trust-2.cbor.hex", hex::encode(schemes.signed_bundle())),
        ("keys-1.cbor.hex", hex::encode(schemes.key_list(1))),
        ("keys-2.cbor.hex", hex::encode(schemes.key_list(2))),
        ("cases.json", serde_json::to_string_pretty(&answers).unwrap()),
    ];
    for (name, made) in files {
        let path = folder.join(name);
        if std::env::var_os("GREENLIT_FREEZE").is_some() && !path.exists() {
            std::fs::write(&path, format!("{made}\n")).unwrap();
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap().trim_end(), made, "{name}");
    }
}
