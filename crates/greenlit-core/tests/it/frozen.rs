//! One document of each format, byte for byte, with its meaning spelled out by hand from the CDDL
//! in the design. A change of any of this breaks passes in people's hands.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use greenlit_core::pass::{Class, DocumentKind, Scanned, StatusRef, scan, to_text};
use greenlit_core::status::StatusToken;
use greenlit_core::time::UnixTime;
use greenlit_core::trust::{Bundle, Root, TrustState};
use greenlit_core::verify::{Verified, VerifiedPass, verify};

const ISSUER_KEY: &str = "d54207da194977dcf46adbfec2bc2e75b52d5a8a42184fedfdc00024f0e3e8da";

fn frozen(name: &str) -> Vec<u8> {
    let path = format!("{}/../../vectors/greenlit/frozen/{name}.hex", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    hex::decode(text.split_whitespace().collect::<String>()).unwrap()
}

fn time(text: &str) -> UnixTime {
    UnixTime::parse_rfc3339(text).unwrap()
}

/// Requires these pieces one after the other, and gives what follows them.
fn pieces<'b>(mut bytes: &'b [u8], wanted: &[(&str, &str)]) -> &'b [u8] {
    for (piece, meaning) in wanted {
        let piece = hex::decode(piece.replace(' ', "")).unwrap();
        let found = &bytes[..piece.len().min(bytes.len())];
        assert_eq!(hex::encode(found), hex::encode(&piece), "{meaning}");
        bytes = &bytes[piece.len()..];
    }
    bytes
}

fn root() -> Root {
    Root::verify_anchor(&frozen("root")).unwrap()
}

fn trust() -> TrustState {
    let mut state = TrustState::anchored(root(), time("2021-01-01T00:00:00Z"));
    assert!(state.import_bundle(&frozen("bundle")).unwrap());
    assert!(state.import_list(1, &frozen("status-list")).unwrap());
    state
}

fn verified() -> VerifiedPass {
    let Scanned::Pass(signed) = scan(to_text(&frozen("pass")).as_bytes()) else { panic!("no pass") };
    match verify(&signed, &trust(), time("2021-03-10T12:00:00Z")).unwrap() {
        Verified::Pass(pass) => *pass,
        Verified::Specimen(_) => panic!("a specimen"),
    }
}

#[test]
fn the_bytes_of_a_pass_are_those_of_the_cddl() {
    let bytes = frozen("pass");
    let signature = pieces(
        &bytes,
        &[
            ("d2 84", "tag 18 around a list of four"),
            ("4d", "protected header, 13 bytes"),
            ("a2", "  of two fields"),
            ("01 32", "  1, algorithm: -19"),
            ("04 48 d7e1e084be213b01", "  4, kid: the first 8 bytes of SHA-256 of the issuer's key"),
            ("a0", "nothing unprotected"),
            ("58 32", "claims, 50 bytes"),
            ("a3", "  of three fields"),
            ("04 1a 621d6200", "  4, exp: 1646092800"),
            ("05 1a 603c2e80", "  5, nbf: 1614556800"),
            ("3a 00010000 a6", "  -65537, the pass, of six fields"),
            ("01 01", "    1, class: resident"),
            ("02 6b d0972e20d0982e20d0912e", "    2, initials, 11 bytes of UTF-8"),
            ("03 82 04 0c", "    3, birthday: 12 April"),
            ("04 82 01 64 35363738", "    4, document: passport, 5678"),
            ("05 01", "    5, status list 1"),
            ("06 07", "    6, index 7"),
            ("58 40", "signature, 64 bytes"),
        ],
    );
    assert_eq!(signature.len(), 64);
    assert_eq!(bytes.len(), 135);
    // Alphanumeric mode at QR version 8, ECC M, has room for 221 characters.
    assert_eq!(to_text(&bytes).len(), 207);
}

#[test]
fn the_pass_still_says_the_same() {
    let verified = verified();
    let pass = verified.own().unwrap();
    assert_eq!(pass.exp, time("2022-03-01T00:00:00Z"));
    assert_eq!(pass.nbf, time("2021-03-01T00:00:00Z"));
    assert_eq!(pass.class, Class::RESIDENT);
    assert_eq!(pass.initials.as_deref(), Some("З. И. Б."));
    assert_eq!(pass.birthday.map(|day| (day.month(), day.day())), Some((4, 12)));
    let document = pass.document.as_ref().unwrap();
    assert_eq!((document.kind, document.last4.as_str()), (DocumentKind::Passport, "5678"));
    assert_eq!(pass.status, Some(StatusRef { list: 1, index: 7 }));
    assert_eq!(hex::encode(verified.issuer().unwrap().key.as_bytes()), ISSUER_KEY);
    assert_eq!(verified.expires(), Some(pass.exp));
    assert!(verified.is_demo());
}

#[test]
fn the_bytes_of_a_root_are_those_of_the_cddl() {
    let bytes = frozen("root");
    let signatures = pieces(
        &bytes,
        &[
            ("d862 84", "tag 98 around a list of four"),
            ("40 a0", "no common header, nothing unprotected"),
            ("59 0100", "body, 256 bytes"),
            ("aa", "  of ten fields"),
            ("01 01", "  1, number 1"),
            ("02 1a 60174480", "  2, issued 1612137600"),
            ("03 1a 61f87800", "  3, expires 1643673600"),
            ("04 a2 62 656e 72 507261637469636520617574686f72697479", "  4, authority, shorter key first"),
            ("62 7275 78 19 d0a3d187d0b5d0b1d0bdd18bd0b920d0bed180d0b3d0b0d0bd", "     the same in Russian"),
            ("05 65 52552d4241", "  5, region RU-BA"),
            ("06 83", "  6, three root keys"),
            ("5820 8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c", "     seed 01…"),
            ("5820 8139770ea87d175f56a35466c34c7ecccb8d8a91b4ee37a25df60f5b8fc9b394", "     seed 02…"),
            ("5820 ed4928c628d1c2c6eae90338905995612959273a5c63f93636c14614ac8737d1", "     seed 03…"),
            ("07 02", "  7, of which two must sign"),
            ("08 82", "  8, two bundle keys"),
            ("5820 66be7e332c7a453332bd9d0a7f7db055f5c5ef1a06ada66d98b39fb6810c473a", "     seed 0b…"),
            ("5820 0b513ad9b4924015ca0902ed079044d3ac5dbec2306f06948c10da8eb6e39f2d", "     seed 0c…"),
            ("09 01", "  9, of which one must sign"),
            ("0a f5", "  10, a practice authority"),
            ("82", "two signatures"),
        ],
    );
    let second = pieces(signatures, &[("83 4d a2 01 32 04 48 34750f98bd59fcfc a0 58 40", "by the first root key")]);
    let rest = pieces(&second[64..], &[("83 4d a2 01 32 04 48 6a3803d5f059902a a0 58 40", "by the second root key")]);
    assert_eq!(rest.len(), 64);
}

#[test]
fn the_root_still_says_the_same() {
    let root = root();
    assert_eq!((root.number, root.issued), (1, time("2021-02-01T00:00:00Z")));
    assert_eq!(root.expires, time("2022-02-01T00:00:00Z"));
    assert_eq!((root.authority.get("ru"), root.authority.get("en")), ("Учебный орган", "Practice authority"));
    assert_eq!(root.region, "RU-BA");
    assert_eq!((root.root_keys.keys().len(), root.root_keys.threshold()), (3, 2));
    assert_eq!((root.bundle_keys.keys().len(), root.bundle_keys.threshold()), (2, 1));
    assert!(root.demo);
    // As `sha256sum` has it, in groups that two people can read to each other.
    let groups = "2bdc 697a 702d 8e2b 7caf 5908 5eb4 f312 1e74 aea0 ecf9 6739 4e64 200c c3df 9f31";
    assert_eq!(root.fingerprint().to_string(), groups);
}

#[test]
fn the_bundle_still_says_the_same() {
    let bytes = frozen("bundle");
    pieces(
        &bytes,
        &[
            ("d862 84 40 a0", "tag 98, no headers"),
            ("59 045b a8", "body, 1,115 bytes, of eight fields"),
            ("01 01 02 07", "root 1, version 7"),
            ("03 1a 603c2e80", "issued"),
            ("04 1a 604ea380", "soft expiry, 14 days later"),
            ("05 1a 60da6280", "hard expiry, 120 days later"),
            ("06 84 a7 01 5820", "four issuers, the first of seven fields, its key"),
        ],
    );
    let bundle = Bundle::open(&bytes, &root()).unwrap();
    assert_eq!((bundle.root, bundle.version, bundle.issued), (1, 7, time("2021-03-01T00:00:00Z")));
    assert_eq!(bundle.soft_expiry, time("2021-03-15T00:00:00Z"));
    assert_eq!(bundle.hard_expiry, time("2021-06-29T00:00:00Z"));

    let names: Vec<&str> = bundle.issuers.iter().map(|issuer| issuer.name.get("en")).collect();
    assert_eq!(names, ["Clinic", "Robbed clinic", "Closed clinic", "Stadium"]);
    let clinic = &bundle.issuers[0];
    assert_eq!(hex::encode(clinic.key.as_bytes()), ISSUER_KEY);
    assert_eq!((clinic.key.id().to_string().as_str(), clinic.region.as_str()), ("d7e1e084be213b01", "RU-BA"));
    assert_eq!(clinic.classes, [1, 2, 3, 4].map(Class));
    assert_eq!((clinic.not_before, clinic.not_after), (time("2021-02-15T00:00:00Z"), time("2021-12-01T00:00:00Z")));
    assert_eq!((clinic.longest, clinic.revoked_at, clinic.no_status), (366 * 86_400, None, false));
    assert_eq!(bundle.issuers[1].revoked_at, Some(time("2021-04-01T00:00:00Z")));
    assert!(bundle.issuers[3].no_status);

    let ids: Vec<&str> = bundle.rules.iter().map(|rule| rule.id.as_str()).collect();
    assert_eq!(ids, ["mask", "shop", "spring-week", "venue", "stay", "leave", "distance", "season"]);
    let week = &bundle.rules[2];
    assert_eq!((week.kind.0.as_str(), week.amount, week.text.get("en")), ("discount", Some(5), "spring-week"));
    assert_eq!(week.sites.iter().map(|site| site.0.as_str()).collect::<Vec<_>>(), ["retail"]);
    assert_eq!(week.classes, [Class::RESIDENT]);
    assert_eq!(week.from, Some(time("2021-03-08T00:00:00Z")));
    assert_eq!(week.until, Some(time("2021-03-15T00:00:00Z")));
    assert!(week.issuers.is_empty());
    assert_eq!(bundle.rules[5].issuers, [clinic.key.id()]);

    let list = &bundle.lists[0];
    assert_eq!((list.id, list.uri.as_str(), list.bits, list.size), (1, "https://example.test/status-1", 2, 1_001));
    assert_eq!(list.signer.id(), bundle.lists[2].signer.id());
    assert_eq!(list.least_issued, time("2021-02-20T00:00:00Z"));
    assert_eq!((list.soft_age, list.hard_age), (3 * 86_400, 90 * 86_400));
}

#[test]
fn the_status_list_still_says_the_same() {
    let bytes = frozen("status-list");
    pieces(
        &bytes,
        &[
            ("d2 84", "tag 18 around a list of four"),
            ("5820 a2 01 32", "protected header: 1, algorithm: -19"),
            ("10 78 1a 6170706c69636174696f6e2f7374617475736c6973742b637774", "  16, type: application/statuslist+cwt"),
            ("a0", "nothing unprotected"),
        ],
    );
    let envelope = greenlit_core::cose::Sign1::parse(&bytes).unwrap();
    let token = StatusToken::parse(envelope.payload).unwrap();
    assert_eq!((token.uri.as_str(), token.issued), ("https://example.test/status-1", time("2021-03-01T00:00:00Z")));
    assert_eq!((token.expires, token.ttl, token.bits), (None, Some(86_400), 2));
    let trust = trust();
    let (list, entry) = trust.list(1).unwrap();
    assert_eq!(list.unusable_at(entry), time("2021-05-30T00:00:00Z"));
    for (index, status) in
        [(0, Some(0)), (500, Some(0)), (501, Some(1)), (502, Some(2)), (503, Some(3)), (504, Some(0))]
    {
        assert_eq!(list.get(index, entry), status, "index {index}");
    }
    assert_eq!((list.get(1_000, entry), list.get(1_001, entry)), (Some(0), None));
}
