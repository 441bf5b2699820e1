//! Vectors of texts that begin like a pass and are malformed, altered, forged or of a newer kind.
//! All but the forged are well signed, so that nothing but the named fault can be the reason.

use ed25519_dalek::{Signature, Verifier, VerifyingKey};
use greenlit_core::cbor::Writer;
use greenlit_core::cose::{Header, encode_sign1, signature1_input};
use greenlit_core::pass::{self, to_text};

use super::Cases;
use greenlit_testkit::fixture::*;

type Entries = Vec<(i64, Vec<u8>)>;

const EXP: u64 = 1_646_092_800; // 2022-03-01T00:00:00Z
const NBF: u64 = 1_614_556_800; // 2021-03-01T00:00:00Z
const PASS: i64 = -65_537;
const EDDSA: i64 = -8;

fn uint(value: u64) -> Vec<u8> {
    item(|w| w.uint(value))
}

fn words(value: &str) -> Vec<u8> {
    item(|w| w.text(value))
}

/// Class 1 with a status.
fn inner() -> Entries {
    vec![(1, uint(1)), (5, uint(1)), (6, uint(7))]
}

fn claims(inner: &Entries) -> Entries {
    vec![(4, uint(EXP)), (5, uint(NBF)), (PASS, map(inner))]
}

/// Replaces or adds an entry, at its place in the order.
fn with(mut entries: Entries, key: i64, value: Vec<u8>) -> Entries {
    entries.retain(|(other, _)| *other != key);
    entries.push((key, value));
    entries.sort_by_key(|(key, _)| item(|w| w.int(*key)));
    entries
}

fn without(mut entries: Entries, key: i64) -> Entries {
    entries.retain(|(other, _)| *other != key);
    entries
}

fn header() -> Entries {
    vec![(1, item(|w| w.int(-19))), (4, item(|w| w.bytes(&kid(ISSUER).0)))]
}

fn signed(header: &[u8], claims: &[u8]) -> String {
    to_text(&pass_envelope(header, claims, ISSUER))
}

fn forged(header: &[u8], claims: &[u8]) -> String {
    to_text(&pass_envelope(header, claims, STRANGER))
}

pub(crate) fn add(cases: &mut Cases) {
    let text = signed(&map(&header()), &map(&claims(&inner())));
    cases.add("raw-good", "the shape that the malformed vectors alter", text);
    contents(cases);
    headers(cases);
    envelopes(cases);
    newer(cases);
    forgeries(cases);
    texts(cases);
}

fn contents(cases: &mut Cases) {
    let outer = |key, value| map(&with(claims(&inner()), key, value));
    let field = |key, value| map(&claims(&with(inner(), key, value)));
    let mut long_number = vec![0x1b];
    long_number.extend(EXP.to_be_bytes());
    let good = claims(&inner());
    let swapped = [good[1].clone(), good[0].clone(), good[2].clone()];
    let twice = [good[0].clone(), good[0].clone(), good[1].clone(), good[2].clone()];
    let indefinite = [&[0xbf][..], &map(&good)[1..], &[0xff]].concat();
    let trailing = [&map(&good)[..], &[0]].concat();
    let birthday =
        |parts: &[u64]| item(|w| parts.iter().fold(w.array(parts.len()), |w: &mut Writer, part| w.uint(*part)));
    let document = |last4: &str| item(|w| w.array(2).uint(1).text(last4));
    let nested = [vec![0x81; 20], vec![0]].concat();
    for (name, why, claims) in [
        ("exp-missing", "every pass ends", map(&without(good.clone(), 4))),
        ("nbf-missing", "every pass begins", map(&without(good.clone(), 5))),
        ("pass-claim-missing", "two times alone are no pass", map(&without(good.clone(), PASS))),
        ("claims-empty", "an empty map", map(&[])),
        ("claims-list", "a list where the map belongs", item(|w| w.array(0))),
        ("exp-nan", "no comparison with NaN is ever true", outer(4, vec![0xf9, 0x7e, 0x00])),
        ("exp-float", "a time is a whole number", outer(4, [&[0xfb][..], &1.6e9f64.to_be_bytes()].concat())),
        ("exp-infinity", "nor endless", outer(4, vec![0xf9, 0x7c, 0x00])),
        ("exp-text", "a time is no text", outer(4, words("2022-03-01T00:00:00Z"))),
        ("exp-negative", "a time is not before 1970", outer(4, item(|w| w.int(-1)))),
        ("exp-null", "a time is not nothing", outer(4, vec![0xf6])),
        ("exp-2-to-53", "no time is as late as 2^53", outer(4, uint(1 << 53))),
        ("exp-2-to-64", "nor as the largest number", outer(4, uint(u64::MAX))),
        ("exp-bignum", "nor a bignum", outer(4, [&[0xc2][..], &item(|w| w.bytes(&[1; 9]))].concat())),
        ("exp-nine-bytes", "numbers are written in their shortest form", outer(4, long_number)),
        ("exp-twice", "a key stands once", map(&twice)),
        ("nbf-nan", "the start neither", outer(5, vec![0xf9, 0x7e, 0x00])),
        ("nbf-negative", "the start neither", outer(5, item(|w| w.int(-1)))),
        ("nbf-2-to-53", "the start neither", outer(5, uint(1 << 53))),
        ("claims-unsorted", "keys are in order", map(&swapped)),
        ("claims-indefinite", "lengths are definite", indefinite),
        ("claims-trailing", "nothing follows", trailing),
        ("unknown-claim-float", "even what is unknown has no floats", outer(6, vec![0xf9, 0x3c, 0x00])),
        ("unknown-claim-deep", "nor twenty lists in one another", outer(6, nested)),
        ("class-missing", "every pass has a class", map(&claims(&without(inner(), 1)))),
        ("class-text", "a class is a number", field(1, words("resident"))),
        ("class-negative", "a class is not below 0", field(1, item(|w| w.int(-1)))),
        ("status-without-index", "a list without an index", map(&claims(&without(inner(), 6)))),
        ("status-without-list", "an index without a list", map(&claims(&without(inner(), 5)))),
        ("index-negative", "an index is not below 0", field(6, item(|w| w.int(-1)))),
        ("initials-empty", "nothing is left out, not written empty", field(2, words(""))),
        ("initials-25-bytes", "at most 24 bytes", field(2, words(&"A".repeat(25)))),
        ("initials-bidi", "no direction override", field(2, words("A.\u{202E}B."))),
        ("initials-control", "no line break", field(2, words("A.\nB."))),
        ("initials-decomposed", "composed letters only (NFC)", field(2, words("И\u{0306}."))),
        ("initials-not-utf8", "a text is UTF-8", field(2, vec![0x61, 0xff])),
        ("birthday-30-february", "no year has it", field(3, birthday(&[2, 30]))),
        ("birthday-with-year", "the year is never in a pass", field(3, birthday(&[4, 12, 1980]))),
        ("document-three-characters", "exactly four", field(4, document("678"))),
        ("document-five-characters", "exactly four", field(4, document("45678"))),
    ] {
        cases.add(&format!("malformed-{name}"), why, signed(&map(&header()), &claims)).code("FMT");
    }
    for (name, why, claims, code) in [
        ("exp-largest", "2^53 - 1 is a time, and beyond any issuer's longest", outer(4, uint((1 << 53) - 1)), "ISS"),
        ("nbf-0", "1970 is a time, and before any issuer's not before", outer(5, uint(0)), "ISS"),
        ("initials-24-bytes", "twenty-four bytes are not too long", field(2, words(&"Ж".repeat(12))), "OK"),
        ("birthday-29-february", "some years have it", field(3, birthday(&[2, 29])), "OK"),
        ("document-letters", "four characters, not four bytes", field(4, document("АБ12")), "OK"),
    ] {
        cases.add(&format!("well-formed-{name}"), why, signed(&map(&header()), &claims)).code(code);
    }
}

fn headers(cases: &mut Cases) {
    let claims = map(&claims(&inner()));
    let set = |key, value| map(&with(header(), key, value));
    let swapped = [header()[1].clone(), header()[0].clone()];
    for (name, why, header) in [
        ("alg-eddsa", "-8 says less than -19 and is another number", set(1, item(|w| w.int(EDDSA)))),
        ("alg-es256", "another algorithm", set(1, item(|w| w.int(-7)))),
        ("alg-none", "0", set(1, uint(0))),
        ("alg-text", "a name where the number belongs", set(1, words("Ed25519"))),
        ("alg-missing", "an algorithm must be named", map(&without(header(), 1))),
        ("kid-missing", "a key must be named", map(&without(header(), 4))),
        ("kid-7-bytes", "its name has 8 bytes", set(4, item(|w| w.bytes(&kid(ISSUER).0[..7])))),
        ("kid-9-bytes", "its name has 8 bytes", set(4, item(|w| w.bytes(&[&kid(ISSUER).0[..], &[0]].concat())))),
        ("kid-text", "its name is bytes", set(4, words("issuer00"))),
        ("header-empty", "no bytes at all", Vec::new()),
        ("header-unsorted", "keys are in order", map(&swapped)),
        ("header-trailing", "nothing follows", [map(&header()), vec![0]].concat()),
    ] {
        cases.add(&format!("malformed-{name}"), why, signed(&header, &claims)).code("FMT");
    }
}

fn envelopes(cases: &mut Cases) {
    let (header, claims) = (map(&header()), map(&claims(&inner())));
    let sig = signature(&signature1_input(&header, pass::EXTERNAL_AAD, &claims), ISSUER);
    let good = pass_envelope(&header, &claims, ISSUER);
    let untagged = &good[1..];
    let build = |write: fn(&mut Writer, &[u8], &[u8], &[u8])| {
        to_text(&item(|w| {
            write(w, &header, &claims, &sig);
            w
        }))
    };
    for (name, why, text) in [
        (
            "unprotected-kid",
            "a header that no signature covers must be empty",
            build(|w, h, c, s| drop_mut(w.tag(18).array(4).bytes(h).map(1).int(4).bytes(&[0; 8]).bytes(c).bytes(s))),
        ),
        (
            "unprotected-unknown",
            "whatever stands in it",
            build(|w, h, c, s| drop_mut(w.tag(18).array(4).bytes(h).map(1).int(99).uint(0).bytes(c).bytes(s))),
        ),
        (
            "three-parts",
            "an envelope has four",
            build(|w, h, c, _| drop_mut(w.tag(18).array(3).bytes(h).map(0).bytes(c))),
        ),
        (
            "five-parts",
            "an envelope has four",
            build(|w, h, c, s| drop_mut(w.tag(18).array(5).bytes(h).map(0).bytes(c).bytes(s).uint(0))),
        ),
        (
            "detached",
            "the contents are inside",
            build(|w, h, _, s| drop_mut(w.tag(18).array(4).bytes(h).map(0).bool(false).bytes(s))),
        ),
        (
            "signature-63-bytes",
            "a signature has 64",
            build(|w, h, c, s| drop_mut(w.tag(18).array(4).bytes(h).map(0).bytes(c).bytes(&s[..63]))),
        ),
        (
            "tag-mac",
            "17, a COSE_Mac0",
            build(|w, h, c, s| drop_mut(w.tag(17).array(4).bytes(h).map(0).bytes(c).bytes(s))),
        ),
        ("untagged", "the tag says what it is", to_text(untagged)),
        ("tag-cwt", "61 around 18, as a plain CWT has it", to_text(&[&[0xd8, 61][..], &good].concat())),
        ("tag-long", "18 in two bytes", to_text(&[&[0xd8, 18][..], untagged].concat())),
        ("envelope-trailing", "nothing follows", to_text(&[&good[..], &[0]].concat())),
        ("envelope-cut", "the last byte is gone", to_text(&good[..good.len() - 1])),
    ] {
        cases.add(&format!("malformed-{name}"), why, text).code("FMT");
    }
}

fn drop_mut(_: &mut Writer) {}

/// Well signed, it is a newer kind of pass; badly signed, it is a forgery like any other.
fn newer(cases: &mut Cases) {
    let plain = map(&header());
    let outer = |key, value| map(&with(claims(&inner()), key, value));
    let field = |key, value| map(&claims(&with(inner(), key, value)));
    let critical = item(|w| w.array(1).int(99));
    let document = item(|w| w.array(2).uint(4).text("5678"));
    for (name, header, claims) in [
        ("claim", plain.clone(), outer(6, uint(NBF))),
        ("claim-private", plain.clone(), outer(-70_000, words("later"))),
        ("header", map(&with(header(), 3, words("later"))), map(&claims(&inner()))),
        ("header-critical", map(&with(header(), 2, critical)), map(&claims(&inner()))),
        ("class-field", plain.clone(), field(7, uint(1))),
        ("document", plain, field(4, document)),
    ] {
        let why = "something this version does not know, well signed";
        cases.add(&format!("unknown-{name}"), why, signed(&header, &claims)).code("VER");
        let why = "something this version does not know, badly signed";
        cases.add(&format!("unknown-{name}-forged"), why, forged(&header, &claims)).code("SIG");
    }
    // A map of so few entries names their number in its first byte; names sort after numbers.
    let named = |map: Vec<u8>| [vec![map[0] + 1], map[1..].to_vec(), item(|w| w.text("vip").bool(true))].concat();
    let plain_header = map(&header());
    for (name, header, claims) in [
        ("named-claim", plain_header.clone(), named(map(&claims(&inner())))),
        ("named-header", named(plain_header), map(&claims(&inner()))),
    ] {
        let why = "claims and headers may have names too (RFC 8392, RFC 9052)";
        cases.add(&format!("unknown-{name}"), why, signed(&header, &claims)).code("VER");
        cases.add(&format!("unknown-{name}-forged"), why, forged(&header, &claims)).code("SIG");
    }
    let why = "what is unknown may change what the rest means, so it is not called expired";
    let expired = with(claims(&inner()), 4, uint(NBF + 60));
    let expired = signed(&map(&header()), &map(&with(expired, 6, uint(NBF))));
    cases.add("unknown-claim-expired", why, expired).code("VER");
    let why = "whoever stole a key could have it say anything, so its theft comes before what is unknown";
    let header = Header::encode(kid(REVOKED));
    let stolen = to_text(&pass_envelope(&header, &map(&with(claims(&inner()), 6, uint(NBF))), REVOKED));
    cases.add("unknown-claim-key-revoked", why, stolen).code("KRV").clock(time("2021-04-01T00:00:00Z"));
    let good = sign(&pass(), ISSUER);
    let body = good.strip_prefix(pass::PREFIX).unwrap();
    for (name, text, why) in [
        ("version-2", format!("GL2:{body}"), "another version of the format"),
        ("version-9999", format!("GL9999:{body}"), "much later"),
        ("version-2-empty", "GL2:".into(), "whatever follows"),
    ] {
        cases.add(name, why, text).code("VER");
    }
}

/// The order of the group, little end first: S + L is as good an equation as S, and is refused.
const L: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

/// A signature of the raw vectors' issuer whose R is the neutral point: the lax rules take it, and only
/// `verify_strict` does not. R and S = k a were worked out by hand from the seed.
const SMALL_ORDER_R: &str = "0100000000000000000000000000000000000000000000000000000000000000\
                             0a512e78e82ea6bf2d994419334259d4261f1656d3b961a78915e189161c9d03";

fn forgeries(cases: &mut Cases) {
    let (header, claims) = (map(&header()), map(&claims(&inner())));
    let good = pass_envelope(&header, &claims, ISSUER);
    let changed = |at: usize| {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        to_text(&bytes)
    };
    let under = |aad: &str| {
        let sig = signature(&signature1_input(&header, aad, &claims), ISSUER);
        to_text(&encode_sign1(&header, &claims, &sig))
    };
    let start = good.len() - 64;
    let mut second = good.clone();
    let mut carry = 0;
    for (byte, add) in second[start + 32..].iter_mut().zip(L) {
        carry += u16::from(*byte) + u16::from(add);
        (*byte, carry) = (carry.to_le_bytes()[0], carry >> 8);
    }
    let zeros = [&good[..start], &[0; 64]].concat();
    let named = header.len() + 2; // the last byte of the header, after the tag and two one-byte heads
    cases.add("forged-kid-bit", "one bit of the key's name changed: nobody's key", changed(named)).code("KEY");
    let index = start - 3; // the last byte of the claims, before the signature's two-byte head
    let small: [u8; 64] = hex::decode(SMALL_ORDER_R).unwrap().try_into().unwrap();
    let lax = VerifyingKey::from_bytes(public(ISSUER).as_bytes()).unwrap();
    let message = signature1_input(&header, pass::EXTERNAL_AAD, &claims);
    lax.verify(&message, &Signature::from_bytes(&small)).expect("good by the lax rules");
    let small = encode_sign1(&header, &claims, &small);
    for (name, why, text) in [
        ("signature-small-order", "R is the neutral point, which the lax rules take", to_text(&small)),
        ("stranger", "signed by a key that nobody named", forged(&header, &claims)),
        ("other-issuer", "signed by one issuer in the name of another", {
            let header = Header::encode(kid(STADIUM));
            signed(&header, &claims)
        }),
        ("claim-bit", "one bit of the contents changed", changed(index)),
        ("signature-first-bit", "one bit of the signature changed", changed(start)),
        ("signature-last-bit", "the last bit of the signature changed", changed(good.len() - 1)),
        ("signature-zeros", "no signature", to_text(&zeros)),
        ("signature-second-spelling", "S + L in place of S", to_text(&second)),
        ("other-use", "signed as a root", under("greenlit/root/1")),
        ("other-version", "signed as a pass of the next version", under("greenlit/pass/2")),
        ("no-use", "signed as a plain CWT", under("")),
    ] {
        cases.add(&format!("forged-{name}"), why, text).code("SIG");
    }
}

/// The text of a well signed pass with 256 added to the value of its last pair of characters.
fn second_spelling() -> String {
    const ALPHABET: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
    let with_index = |index| signed(&map(&header()), &map(&claims(&with(inner(), 6, uint(index)))));
    let text = [7, 100].map(with_index).into_iter().find(|text| text.len() % 3 == 0).unwrap();
    let (head, pair) = text.split_at(text.len() - 2);
    let digit = |at| ALPHABET.find(&pair[at..=at]).unwrap();
    let value = digit(0) + 45 * digit(1) + 256;
    format!("{head}{}{}", &ALPHABET[value % 45..][..1], &ALPHABET[value / 45..][..1])
}

fn texts(cases: &mut Cases) {
    let good = signed(&map(&header()), &map(&claims(&inner())));
    let body = good.strip_prefix(pass::PREFIX).unwrap();
    let padded = |length: usize| {
        let fill = |n: usize| signed(&map(&header()), &map(&with(claims(&inner()), 6, item(|w| w.bytes(&vec![0; n])))));
        (0..1_000).map(fill).find(|text| text.len() == length).unwrap()
    };
    let longest = padded(pass::MAX_TEXT);
    let too_long = format!("{longest}0");
    cases.add("text-1024", "1,024 characters are read: an unknown claim", longest).code("VER");
    cases.add("text-1025", "1,025 characters are more than any pass", too_long).code("FMT");
    cases.add("text-1026", "nor is a well signed one read", padded(pass::MAX_TEXT + 2)).code("FMT");
    let changed = |at: usize, to: char| {
        let mut text: Vec<char> = good.chars().collect();
        assert_ne!(text[at], to, "nothing would change");
        text[at] = to;
        text.into_iter().collect::<String>()
    };
    let space = body.find(' ').expect("this pass has a space inside") + pass::PREFIX.len();
    let mut no_space = good.clone();
    no_space.remove(space);
    for (name, why, text) in [
        ("lower-case", "Base45 has no small letters", format!("GL1:{}", body.to_lowercase())),
        ("trailing-character", "a character too many", format!("{good}0")),
        ("trailing-newline", "a line break", format!("{good}\n")),
        ("trailing-space", "a space too many", format!("{good} ")),
        ("cut", "a character too few", good[..good.len() - 1].to_owned()),
        ("empty", "a prefix alone", "GL1:".into()),
        ("space-removed", "a space inside counts", no_space),
        ("space-to-plus", "a space that came through a link", changed(space, '+')),
        ("space-to-no-break-space", "a space that came through a word processor", changed(space, '\u{A0}')),
        ("first-character", "the tag altered", changed(4, 'A')),
        ("two-spellings", "a last pair that is 256 too large would read as the same byte", second_spelling()),
        ("twice", "the same pass twice in one code", format!("{good}{good}")),
        ("double-prefix", "the prefix twice", format!("GL1:{good}")),
    ] {
        cases.add(&format!("text-{name}"), why, text).code("FMT");
    }
    let at = good.len() - 10;
    let to = if good[at..].starts_with('0') { '1' } else { '0' };
    cases.add("text-altered-signature", "one character of the signature altered", changed(at, to)).code("SIG");
    cases.add("text-altered-claims", "one character of the contents altered", changed(50, 'B')).code("SIG");
}
