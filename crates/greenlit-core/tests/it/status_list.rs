//! Status lists: the draft's own examples, lists that we sign, and lists that other encoders wrote.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout)]

use std::path::Path;

use crate::others::item::{Item, head};
use crate::others::{ISSUER_KEY, LIST_KEY, MADE, key, list_entry, list_token, read, sign_raw, vectors};
use ciborium::Value;
use greenlit_core::cbor::{CborError, Malformed, Reader};
use greenlit_core::cose::{Sign1, signature1_input};
use greenlit_core::status::{StatusError, StatusList, StatusToken, Statuses, TYPE, check_header, parse_list};
use greenlit_core::trust::ListEntry;
use greenlit_issuer::sign_status_list;
use sha2::{Digest, Sha256};

/// Entries of each long list in the draft.
const LONG: usize = 1 << 20;
/// What the draft says stands in its lists of 1, 2 and 4 bits; every other entry is 0.
const LISTED_1: [u64; 11] = [0, 1993, 25460, 159495, 495669, 554353, 645645, 723232, 854545, 934534, 1000345];
const LISTED_2: [u8; 11] = [1, 2, 1, 3, 1, 1, 2, 1, 1, 2, 3];
const LISTED_4: [(u64, u8); 15] = [
    (0, 1),
    (1993, 2),
    (35460, 3),
    (459495, 4),
    (595669, 5),
    (754353, 6),
    (845645, 7),
    (923232, 8),
    (924445, 9),
    (934534, 10),
    (1000345, 12),
    (1004534, 11),
    (1030203, 13),
    (1030204, 14),
    (1030205, 15),
];
/// SHA-256 of the draft's listing for 8 bits, one `index=value` a line in the order of the values 1 to 255.
const LISTED_8: &str = "cfe198d3fcdee447e811bad0f7a8157a4c0a053ee552fa270fb313e366496bc8";

/// The hexadecimal digits after "encoded:", or all of the file.
fn cbor_example(path: &Path) -> Vec<u8> {
    let text = read(path);
    let digits = text.split("encoded:").last().unwrap();
    hex::decode(digits.split_whitespace().collect::<String>()).expect("hexadecimal digits")
}

/// The width and the zlib data of a JSON example, whose long strings the draft breaks into lines.
fn json_example(path: &Path) -> (u8, Vec<u8>) {
    let text: String = read(path).split_whitespace().collect();
    let value: serde_json::Value = serde_json::from_str(&text[text.find('{').unwrap()..]).unwrap();
    (u8::try_from(value["bits"].as_u64().unwrap()).unwrap(), base64url(value["lst"].as_str().unwrap()))
}

fn base64url(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (mut out, mut word, mut bits) = (Vec::new(), 0u32, 0);
    for sign in text.bytes() {
        word = word << 6 & 0xffff | u32::try_from(ALPHABET.iter().position(|a| *a == sign).unwrap()).unwrap();
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push((word >> bits & 0xff).try_into().unwrap());
        }
    }
    out
}

fn open_example(folder: &Path, cbor: &str, json: &str, bytes: usize) -> Statuses {
    let encoded = cbor_example(&folder.join(cbor));
    let mut reader = Reader::lenient(&encoded);
    let (bits, zlib) = parse_list(&mut reader).unwrap();
    reader.finish().unwrap();
    // "bits" before "lst" is not the deterministic order: without the tolerant reader no list of the draft opens.
    assert!(matches!(parse_list(&mut Reader::new(&encoded)), Err(Malformed::Cbor(CborError::Unsorted { .. }))));
    assert_eq!(json_example(&folder.join(json)), (bits, zlib.clone()), "{json} differs from {cbor}");
    Statuses::inflate(bits, &zlib, bytes).unwrap()
}

fn nonzero(statuses: &Statuses) -> Vec<(u64, u8)> {
    let all = (0..statuses.capacity() as u64).map(|index| (index, statuses.get(index).unwrap()));
    all.filter(|(_, status)| *status != 0).collect()
}

#[test]
fn the_draft_s_short_lists_hold_their_byte_arrays() {
    let folder = vectors("tsl/examples");
    for (name, bits, wanted) in [
        ("status_list_encoding", 1, &[1u8, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1][..]),
        ("status_list_encoding2", 2, &[1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]),
    ] {
        let (cbor, json) = (format!("{name}_cbor.md"), format!("{name}_json.md"));
        let first = read(&folder.join(&cbor));
        let array = first.split(['[', ']']).nth(1).unwrap();
        let packed: Vec<u8> =
            array.split(", ").map(|byte| u8::from_str_radix(byte.trim_start_matches("0x"), 16).unwrap()).collect();
        let statuses = open_example(&folder, &cbor, &json, packed.len());
        assert_eq!((statuses.bits(), statuses.capacity()), (bits, wanted.len()));
        let found: Vec<u8> = (0..wanted.len() as u64).map(|index| statuses.get(index).unwrap()).collect();
        assert_eq!(found, wanted);
        // The same by the array that the file names: the first entry in the lowest bits.
        let mask = u8::MAX >> (8 - bits);
        let unpacked = packed.iter().flat_map(|byte| (0..8 / bits).map(move |n| byte >> (n * bits) & mask));
        assert_eq!(found, unpacked.collect::<Vec<_>>());
    }
}

#[test]
fn the_draft_s_long_lists_hold_their_293_statuses() {
    let folder = vectors("tsl/examples");
    let open = |cbor: &str, json: &str, bits: usize| {
        let statuses = open_example(&folder, cbor, json, LONG * bits / 8);
        assert_eq!((usize::from(statuses.bits()), statuses.capacity()), (bits, LONG));
        statuses
    };
    let one = open("status_list_encoding1_long_cbor.md", "status_list_encoding1_long_json.md", 1);
    assert_eq!(nonzero(&one), LISTED_1.map(|index| (index, 1)));
    let two = open("status_list_encoding2_long_cbor.md", "status_list_encoding2_long_json.md", 2);
    assert_eq!(nonzero(&two), LISTED_1.into_iter().zip(LISTED_2).collect::<Vec<_>>());
    let four = open("status_list_encoding4_cbor.md", "status_list_encoding4_json.md", 4);
    assert_eq!(nonzero(&four), LISTED_4);

    let eight = open("status_list_encoding8_cbor.md", "status_list_encoding8_json.md", 8);
    let mut listed = nonzero(&eight);
    listed.sort_by_key(|(_, status)| *status);
    assert!(listed.iter().map(|(_, status)| *status).eq(1..=255), "each value but 0 stands there once");
    let lines: String = listed.iter().map(|(index, status)| format!("{index}={status}\n")).collect();
    assert_eq!(hex::encode(Sha256::digest(lines)), LISTED_8);
    // The listing names one more, with the value 0.
    assert_eq!(eight.get(233_478), Some(0));
    assert_eq!(LISTED_1.len() + LISTED_2.len() + LISTED_4.len() + listed.len() + 1, 293);
}

#[test]
fn the_draft_s_token_reads_and_is_refused_for_its_algorithm() {
    let folder = vectors("tsl/examples");
    let bytes = cbor_example(&folder.join("status_list_cwt.md"));
    let envelope = Sign1::parse_lenient(&bytes).unwrap();
    let token = StatusToken::parse(envelope.payload).unwrap();
    assert_eq!(token.uri, "https://example.com/statuslists/1");
    assert_eq!((token.issued.seconds(), token.expires.unwrap().seconds()), (1_686_920_170, 2_291_720_170));
    assert_eq!((token.ttl, token.bits), (Some(43_200), 1));
    let statuses = Statuses::inflate(1, &token.zlib, 2).unwrap();
    assert_eq!((0..16).filter(|i| statuses.get(*i) == Some(1)).collect::<Vec<_>>(), [0, 3, 4, 5, 7, 8, 9, 13, 15]);

    let es256 = Malformed::Invalid { field: "algorithm", why: "not Ed25519" };
    assert_eq!(check_header(envelope.protected), Err(es256));
    let entry = ListEntry { uri: token.uri, bits: 1, size: 16, ..list_entry() };
    assert_eq!(StatusList::open(&bytes, &entry), Err(StatusError::Malformed(es256)));
}

#[test]
fn our_own_list_opens_as_the_bundle_announces_it_and_not_otherwise() {
    let entry = list_entry();
    let signed = sign_status_list(&list_token(), &key(LIST_KEY));
    let list = StatusList::open(&signed, &entry).unwrap();
    assert_eq!((list.as_bytes(), list.issued().seconds()), (&signed[..], MADE));
    let found: Vec<_> = (0..64).filter_map(|i| list.get(i, &entry).filter(|s| *s != 0).map(|s| (i, s))).collect();
    assert_eq!(found, [(37, 1), (63, 2)]);
    assert_eq!(list.get(64, &entry), None);
    // 63 entries take as many bytes as 64; the one past the end is still not there.
    let shorter = ListEntry { size: 63, ..list_entry() };
    assert_eq!(StatusList::open(&signed, &shorter).unwrap().get(63, &shorter), None);

    let changed = |change: fn(&mut ListEntry)| {
        let mut entry = list_entry();
        change(&mut entry);
        StatusList::open(&signed, &entry)
    };
    let other_list = StatusError::OtherList(entry.uri.clone());
    assert_eq!(changed(|e| e.signer = key(ISSUER_KEY).public().clone()), Err(StatusError::Signature));
    assert_eq!(changed(|e| e.uri.push('0')), Err(other_list.clone()));
    assert_eq!(changed(|e| e.uri = e.uri.to_uppercase()), Err(other_list));
    assert_eq!(changed(|e| e.bits = 1), Err(StatusError::Bits { found: 2, wanted: 1 }));
    assert_eq!(changed(|e| e.size = 60), Err(StatusError::Size(15)));
    assert_eq!(changed(|e| e.size = 65), Err(StatusError::Size(17)));
    assert_eq!(StatusList::open(&vec![0; (8 << 20) + 1], &entry), Err(StatusError::TooLarge((8 << 20) + 1)));
}

#[test]
fn a_signed_list_whose_data_is_not_as_announced_is_refused() {
    let open = |change: fn(&mut StatusToken)| {
        let mut token = list_token();
        change(&mut token);
        StatusList::open(&sign_status_list(&token, &key(LIST_KEY)), &list_entry())
    };
    open(|_| ()).unwrap();
    assert_eq!(open(|t| t.bits = 3), Err(StatusError::Bits { found: 3, wanted: 2 }));
    assert_eq!(open(|t| t.zlib.clear()), Err(StatusError::Compression));
    assert_eq!(open(|t| t.zlib.truncate(5)), Err(StatusError::Compression));
    assert_eq!(open(|t| t.zlib.push(0)), Err(StatusError::Compression));
    // Eight megabytes in eight kilobytes: inflating stops at the seventeenth byte.
    assert_eq!(open(|t| t.zlib = Statuses::new(8, 8 << 20).unwrap().deflate()), Err(StatusError::Size(16)));
}

#[test]
fn a_damaged_list_is_refused_wherever_the_damage_is() {
    let entry = list_entry();
    let signed = sign_status_list(&list_token(), &key(LIST_KEY));
    for length in 0..signed.len() {
        assert!(StatusList::open(&signed[..length], &entry).is_err(), "cut to {length} bytes");
    }
    for bit in 0..signed.len() * 8 {
        let mut flipped = signed.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(StatusList::open(&flipped, &entry).is_err(), "bit {bit} flipped");
    }
    let longer = [&signed[..], &[0]].concat();
    let trailing = StatusError::Malformed(Malformed::Cbor(CborError::Trailing { at: signed.len() }));
    assert_eq!(StatusList::open(&longer, &entry), Err(trailing));
}

/// A list as another authority's software would write it, around these header and claim bytes.
fn foreign(protected: &[u8], unprotected: &[u8], claims: &[u8]) -> Vec<u8> {
    let signature = sign_raw(LIST_KEY, &signature1_input(protected, "", claims));
    let text = |bytes: &[u8]| [head(2, bytes.len() as u64, 1), bytes.to_vec()].concat();
    let parts = [text(protected), unprotected.to_vec(), text(claims), text(&signature)].concat();
    [vec![0xd2, 0x84], parts].concat()
}

fn encoded(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    ciborium::into_writer(value, &mut out).unwrap();
    out
}

#[test]
fn a_foreign_encoder_may_order_and_pad_as_it_likes() {
    let (token, entry) = (list_token(), list_entry());
    let reversed = Value::Map(vec![
        (65_534.into(), 43_200.into()),
        (65_533.into(), Value::Map(vec![("bits".into(), 2.into()), ("lst".into(), Value::Bytes(token.zlib.clone()))])),
        (6.into(), MADE.into()),
        (4.into(), (MADE + 5).into()),
        (2.into(), entry.uri.as_str().into()),
        // Claims that we do not know: issuer and id.
        (1.into(), "https://authority.example".into()),
        (7.into(), Value::Bytes(vec![1, 2, 3])),
    ]);
    let header =
        Value::Map(vec![(16.into(), TYPE.into()), (4.into(), Value::Bytes(vec![9])), (1.into(), (-19).into())]);
    let list = StatusList::open(&foreign(&encoded(&header), &encoded(&header), &encoded(&reversed)), &entry).unwrap();
    assert_eq!((list.get(37, &entry), list.get(63, &entry)), (Some(1), Some(2)));
    assert_eq!(list.unusable_at(&entry).seconds(), MADE + 5);

    // Every head in eight bytes, down to the empty header beside the signature.
    let padded = |item: Item| item.loose(&mut || 4);
    let list = Item::Map(vec![(Item::text("bits"), Item::Uint(2)), (Item::text("lst"), Item::Bytes(token.zlib))]);
    let claims = Item::Map(vec![
        (Item::Uint(6), Item::Uint(MADE)),
        (Item::Uint(2), Item::text(&entry.uri)),
        (Item::Uint(65_533), list),
    ]);
    let header = Item::Map(vec![(Item::Uint(1), Item::Neg(18)), (Item::Uint(16), Item::text(TYPE))]);
    let bytes = foreign(&padded(header), &padded(Item::Map(vec![])), &padded(claims));
    assert_eq!(StatusList::open(&bytes, &entry).unwrap().get(37, &entry), Some(1));
}

#[test]
fn what_no_encoder_may_write_is_refused_under_a_good_signature() {
    let list = |entries: &str| format!("19fffd{entries}");
    let zlib = hex::encode(list_token().zlib);
    let uri = list_entry().uri;
    let sub = format!("0278{:02x}{}", uri.len(), hex::encode(&uri));
    let iat = format!("061a{MADE:08x}");
    let lst = format!("636c737458{:02x}{zlib}", zlib.len() / 2);
    let good_list = list(&format!("a2{lst}646269747302"));
    let good = format!("a3{sub}{iat}{good_list}");
    let good_header = hex::encode(StatusToken::header());
    let double_float = hex::encode((MADE as f64).to_be_bytes());

    let open = |header: &str, unprotected: &str, claims: &str| {
        let bytes = |hex: &str| hex::decode(hex).unwrap();
        StatusList::open(&foreign(&bytes(header), &bytes(unprotected), &bytes(claims)), &list_entry())
    };
    open(&good_header, "a0", &good).unwrap();

    let twice = |at| Malformed::Cbor(CborError::DuplicateKey { at });
    let endless = |at| Malformed::Cbor(CborError::Indefinite { at });
    let float = |at| Malformed::Cbor(CborError::Float { at });
    let after_sub = 1 + sub.len() / 2;
    let after_list = after_sub + iat.len() / 2 + good_list.len() / 2;
    for (what, claims, wanted) in [
        ("iat twice", format!("a4{sub}{iat}{iat}{good_list}"), twice(after_sub + 6)),
        ("iat twice, once padded", format!("a4{sub}{iat}1806{}{good_list}", &iat[2..]), twice(after_sub + 6)),
        ("width twice", format!("a3{sub}{iat}{}", list("a264626974730264626974730263")), twice(after_sub + 16)),
        ("half float for iat", format!("a3{sub}06f97e00{good_list}"), float(after_sub + 1)),
        ("single float for iat", format!("a3{sub}06fa4f800000{good_list}"), float(after_sub + 1)),
        ("double float for iat", format!("a3{sub}06fb{double_float}{good_list}"), float(after_sub + 1)),
        ("float among unknown claims", format!("a4{sub}{iat}{good_list}07f90000"), float(after_list + 1)),
        ("indefinite claims", format!("bf{sub}{iat}{good_list}ff"), endless(0)),
        ("indefinite name", format!("a3027f{}ff{iat}{good_list}", &sub[2..]), endless(2)),
        ("indefinite list", format!("a3{sub}{iat}{}", list(&format!("bf{lst}646269747302ff"))), endless(after_sub + 9)),
        ("more after the claims", format!("{good}00"), Malformed::Cbor(CborError::Trailing { at: after_list })),
        ("no name", format!("a2{iat}{good_list}"), Malformed::Missing("name (sub)")),
        ("no iat", format!("a2{sub}{good_list}"), Malformed::Missing("issue time (iat)")),
        ("no list", format!("a2{sub}{iat}"), Malformed::Missing("status list")),
        ("no width", format!("a3{sub}{iat}{}", list(&format!("a1{lst}"))), Malformed::Missing("number of bits")),
        ("no data", format!("a3{sub}{iat}{}", list("a1646269747302")), Malformed::Missing("list data")),
        (
            "iat of 2^53",
            format!("a3{sub}061b0020000000000000{good_list}"),
            Malformed::Cbor(CborError::TooLarge { at: after_sub + 1 }),
        ),
    ] {
        assert_eq!(open(&good_header, "a0", &claims), Err(StatusError::Malformed(wanted)), "{what}");
    }

    let kind = hex::encode(head(3, TYPE.len() as u64, 0)) + &hex::encode(TYPE);
    // Where the header outside the signature starts: `foreign` writes three bytes for the length of the other.
    let beside = 2 + 3 + good_header.len() / 2;
    let invalid = |field, why| Malformed::Invalid { field, why };
    for (what, header, unprotected, wanted) in [
        ("algorithm twice", format!("a30132013210{kind}"), "a0", twice(3)),
        ("indefinite header", format!("bf013210{kind}ff"), "a0", endless(0)),
        ("EdDSA (-8), which may be Ed448", format!("a2012710{kind}"), "a0", invalid("algorithm", "not Ed25519")),
        ("no algorithm", format!("a110{kind}"), "a0", Malformed::Missing("algorithm")),
        ("algorithm outside the signature", format!("a110{kind}"), "a10132", Malformed::Missing("algorithm")),
        ("no type", "a10132".into(), "a0", Malformed::Missing("type")),
        ("type of something else", "a2013210617a".into(), "a0", invalid("type", "not that of a status list")),
        ("no header", String::new(), "a0", Malformed::Cbor(CborError::Truncated { at: 0 })),
        ("key id twice outside the signature", good_header.clone(), "a2044100044100", twice(beside + 4)),
        ("indefinite outside the signature", good_header.clone(), "bfff", endless(beside)),
    ] {
        assert_eq!(open(&header, unprotected, &good), Err(StatusError::Malformed(wanted)), "{what}");
    }
}
