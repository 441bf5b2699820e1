//! The strict CBOR reader, rule by rule and against a second implementation, and then everything
//! that takes bytes from outside: nothing panics, and what is taken has one encoding.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout)]

use crate::others::edit::{edited, edits};
use crate::others::item::{self, Item, head};
use crate::others::{BUNDLE_KEY, ISSUER_KEY, LIST_KEY, ROOT_KEY};
use crate::others::{
    bundle_body, feed_everything, key, list_entry, list_token, pass, root_body, sign_raw, signed_documents,
};
use greenlit_core::cbor::{CborError, Malformed, Reader, Writer};
use greenlit_core::cose::{Header, encode_sign, encode_sign1, signature_input, signature1_input};
use greenlit_core::pass::SignedPass;
use greenlit_core::status::{StatusList, StatusToken};
use greenlit_core::time::UnixTime;
use greenlit_core::trust::{Bundle, Root};
use greenlit_issuer::{sign_pass, sign_raw_claims};
use proptest::collection::vec;
use proptest::prelude::*;

fn strict(bytes: &[u8]) -> Result<(), CborError> {
    let mut reader = Reader::new(bytes);
    reader.skip()?;
    reader.finish()
}

fn tolerant(bytes: &[u8]) -> Result<(), CborError> {
    let mut reader = Reader::lenient(bytes);
    reader.skip()?;
    reader.finish()
}

fn hex(digits: &str) -> Vec<u8> {
    hex::decode(digits.replace(' ', "")).unwrap()
}

#[test]
fn every_head_has_one_width() {
    let widest_too_small = [0x17, 0xff, 0xffff, 0xffff_ffff];
    for major in 0..7u8 {
        for (width, least) in [(1usize, 0x18), (2, 0x100), (4, 0x1_0000), (8, 0x1_0000_0000u64)] {
            let info = 24 + u8::try_from(width.trailing_zeros()).unwrap();
            let wide = |value: u64| [&[major << 5 | info][..], &value.to_be_bytes()[8 - width..]].concat();
            for value in widest_too_small.into_iter().chain([0]).filter(|value| *value < least) {
                assert_eq!(strict(&wide(value)), Err(CborError::NotShortest { at: 0 }), "{major} {width} {value:x}");
            }
            assert_ne!(strict(&wide(least)), Err(CborError::NotShortest { at: 0 }), "{major} {width}");
            if major < 2 {
                assert_eq!((strict(&wide(least)), strict(&wide(u64::MAX))), (Ok(()), Ok(())), "{major} {width}");
            }
        }
        for info in 28..31 {
            assert_eq!(strict(&[major << 5 | info, 0]), Err(CborError::Unsupported { at: 0 }));
        }
        assert_eq!(strict(&[major << 5 | 31, 0xff]), Err(CborError::Indefinite { at: 0 }));
    }
}

#[test]
fn what_strict_cbor_is_not() {
    use CborError::{DuplicateKey, Float, Indefinite, NotUtf8, TooDeep, Trailing, Truncated, Unsorted, Unsupported};
    for (what, bytes, wanted) in [
        ("nothing at all", "", Truncated { at: 0 }),
        ("half NaN", "f97e00", Float { at: 0 }),
        ("half infinity", "f97c00", Float { at: 0 }),
        ("single NaN", "fa7fc00000", Float { at: 0 }),
        ("double NaN", "fb7ff8000000000000", Float { at: 0 }),
        ("double number", "fb3ff199999999999a", Float { at: 0 }),
        ("float in a list", "8201f93c00", Float { at: 2 }),
        ("float as a key", "a1f93c0001", Float { at: 1 }),
        ("simple value 19", "f3", Unsupported { at: 0 }),
        ("true in two bytes", "f815", Unsupported { at: 0 }),
        ("simple value 255", "f8ff", Unsupported { at: 0 }),
        ("reserved simple", "fc", Unsupported { at: 0 }),
        ("break with nothing begun", "ff", Indefinite { at: 0 }),
        ("indefinite bytes", "5f4100ff", Indefinite { at: 0 }),
        ("indefinite text", "7f6161ff", Indefinite { at: 0 }),
        ("indefinite list", "9fff", Indefinite { at: 0 }),
        ("indefinite map", "bfff", Indefinite { at: 0 }),
        ("indefinite inside", "82019f01ff", Indefinite { at: 2 }),
        ("another item after the end", "0000", Trailing { at: 1 }),
        ("numbers unsorted", "a202000100", Unsorted { at: 3 }),
        ("-1 before 1", "a220000100", Unsorted { at: 3 }),
        ("longer number first", "a2181800 1700", Unsorted { at: 4 }),
        ("longer text first", "a26261610 0617a00", Unsorted { at: 5 }),
        ("unsorted in a list in a map", "a10081a202000100", Unsorted { at: 6 }),
        ("number twice", "a201000100", DuplicateKey { at: 3 }),
        ("text twice", "a2616100616101", DuplicateKey { at: 4 }),
        ("list as a key twice", "a2810100810100", DuplicateKey { at: 4 }),
        ("twice in a key", "a1a20100010000", DuplicateKey { at: 4 }),
        ("0xff in a text", "61ff", NotUtf8 { at: 0 }),
        ("a text cut inside a character", "61d0", NotUtf8 { at: 0 }),
        ("overlong NUL", "62c080", NotUtf8 { at: 0 }),
        ("surrogate", "63eda080", NotUtf8 { at: 0 }),
        ("above U+10FFFF", "64f4908080", NotUtf8 { at: 0 }),
        ("nine lists", "818181818181818181 00", TooDeep { at: 8 }),
        ("nine tags", "c1c1c1c1c1c1c1c1c1 00", TooDeep { at: 8 }),
        ("nine maps", "a100a100a100a100a100a100a100a100a1 0000", TooDeep { at: 16 }),
        ("tag of nothing", "c1", Truncated { at: 1 }),
        ("map with half an entry", "a101", Truncated { at: 2 }),
    ] {
        assert_eq!(strict(&hex(bytes)), Err(wanted), "{what}");
    }
}

#[test]
fn what_strict_cbor_is() {
    for bytes in [
        "00",
        "17",
        "1818",
        "18ff",
        "190100",
        "1a00010000",
        "1b0000000100000000",
        "1bffffffffffffffff",
        "20",
        "37",
        "3818",
        "3bffffffffffffffff",
        "40",
        "4100",
        "60",
        "62d0af",
        "80",
        "820102",
        "a0",
        "a201000200",
        "a2010020 00",
        "a217001818 00",
        "a2617a0062616100",
        "a20100616100",
        "c100",
        "f4",
        "f5",
        "f6",
        "f7",
        "a18100 80",
        "8181818181818181 00",
        "8181818181818181 80",
        "c1c1c1c1c1c1c1c1 00",
    ] {
        let bytes = hex(bytes);
        strict(&bytes).unwrap_or_else(|error| panic!("{}: {error}", hex::encode(&bytes)));
        for cut in 0..bytes.len() {
            assert_eq!(strict(&bytes[..cut]), Err(CborError::Truncated { at: cut }), "{}", hex::encode(&bytes));
        }
    }
}

#[test]
fn a_huge_length_reserves_no_memory() {
    for major in 2..6u8 {
        // 2^64 - 1 entries could not be reserved at all, 2^40 not cheaply; both end where the bytes do.
        for length in [u64::MAX, 1 << 63, 1 << 40] {
            let bytes = [head(major, length, 0), vec![0; 9]].concat();
            assert_eq!(strict(&bytes), Err(CborError::Truncated { at: 18 }), "{major}");
            assert_eq!(tolerant(&bytes), Err(CborError::Truncated { at: 18 }), "{major}");
        }
    }
    let lie = head(4, u64::MAX, 0);
    let list = Reader::new(&lie).list("list", usize::MAX, |r| Ok::<_, Malformed>(r.uint()?));
    assert_eq!(list, Err(Malformed::Cbor(CborError::Truncated { at: 9 })));
    let lie = head(5, u64::MAX, 0);
    assert_eq!(Reader::new(&lie).map(|_: i64, _| Ok(())), Err(Malformed::Cbor(CborError::Truncated { at: 9 })));
}

#[test]
fn typed_reads_take_their_type_and_range_only() {
    let (i64_max, above) = ("1b7fffffffffffffff", "1b8000000000000000");
    assert_eq!(Reader::new(&hex(i64_max)).int(), Ok(i64::MAX));
    assert_eq!(Reader::new(&hex("3b7fffffffffffffff")).int(), Ok(i64::MIN));
    assert_eq!(Reader::new(&hex(above)).uint(), Ok(1 << 63));
    assert_eq!(Reader::new(&hex("1b001fffffffffffff")).time(), Ok(UnixTime::MAX));
    for bytes in [above, "1bffffffffffffffff", "3b8000000000000000", "3bffffffffffffffff"] {
        assert_eq!(Reader::new(&hex(bytes)).int(), Err(CborError::TooLarge { at: 0 }), "{bytes}");
        let map = hex(&format!("a1{bytes}00"));
        let read = Reader::new(&map).map(|_: i64, value| Ok::<_, Malformed>(value.skip()?));
        assert_eq!(read, Err(CborError::TooLarge { at: 1 }.into()), "{bytes}");
    }
    assert_eq!(Reader::new(&hex("1b0020000000000000")).time(), Err(CborError::TooLarge { at: 0 }));

    type Read = fn(&mut Reader<'_>) -> Result<(), Malformed>;
    let reads: [(&str, &str, Read); 10] = [
        ("uint", "00", |r| Ok(r.uint().map(drop)?)),
        ("int", "00 20", |r| Ok(r.int().map(drop)?)),
        ("time", "00", |r| Ok(r.time().map(drop)?)),
        ("bytes", "40", |r| Ok(r.bytes().map(drop)?)),
        ("bytes_of", "40", |r| r.bytes_of::<0>("field").map(drop)),
        ("text", "60", |r| Ok(r.text().map(drop)?)),
        ("array", "80", |r| r.array_of(0, "field")),
        ("map", "a0", |r| r.map(|_: i64, _| Ok(()))),
        ("tag", "d2", |r| Ok(r.tag(18)?)),
        ("bool", "f4 f5", |r| Ok(r.bool().map(drop)?)),
    ];
    for (name, takes, read) in reads {
        for other in ["00", "20", "40", "60", "80", "a0", "d2", "d3", "f4", "f5", "f6", "f7"] {
            let taken = read(&mut Reader::new(&[&hex(other)[..], &[0]].concat()));
            let refused = matches!(taken, Err(Malformed::Cbor(CborError::WrongType { at: 0, .. })));
            assert_eq!((taken.is_ok(), !refused), (takes.contains(other), takes.contains(other)), "{name} of {other}");
        }
    }
    let wrong = Err(Malformed::Invalid { field: "field", why: "of the wrong length" });
    assert_eq!(Reader::new(&hex("420102")).bytes_of::<3>("field").map(drop), wrong);
    assert_eq!(Reader::new(&hex("820102")).array_of(3, "field"), wrong);
    let three = Reader::new(&hex("83010203")).list("field", 2, |r| Ok::<_, Malformed>(r.uint()?));
    assert_eq!(three, Err(Malformed::Invalid { field: "field", why: "too long" }));
}

fn tolerant_map(bytes: &[u8]) -> Result<Vec<i64>, Malformed> {
    let (mut reader, mut keys) = (Reader::lenient(bytes), Vec::new());
    reader.map(|key: i64, value| {
        keys.push(key);
        Ok::<_, Malformed>(value.skip()?)
    })?;
    reader.finish()?;
    Ok(keys)
}

#[test]
fn tolerant_reading_gives_up_order_and_width_and_nothing_else() {
    for (what, bytes, keys) in [
        ("unsorted", "a202000100", &[2, 1][..]),
        ("negative first", "a220000000", &[-1, 0]),
        ("padded count and keys", "b80218020019000100", &[2, 1]),
        ("padded value", "a1011b0000000000000004", &[1]),
        ("padded negative", "a1390000 380a", &[-1]),
        ("padded lengths", "a301 5800 02 7800 03 9b0000000000000000", &[1, 2, 3]),
        ("padded tag", "a101 d81203", &[1]),
        ("unsorted inside", "a101 a202000100", &[1]),
    ] {
        assert_eq!(tolerant_map(&hex(bytes)).as_deref(), Ok(keys), "{what}");
        assert!(strict(&hex(bytes)).is_err(), "{what}");
    }
    use CborError::{DuplicateKey, Float, Indefinite, NotUtf8, TooDeep, TooLarge, Trailing, Unsupported};
    let many = |count: u8| [head(5, count.into(), 0), (0..count).flat_map(|n| [0x18, n, 0]).collect()].concat();
    assert_eq!(tolerant_map(&many(64)).map(|keys| keys.len()), Ok(64));
    assert_eq!(tolerant_map(&many(65)), Err(TooLarge { at: 2 + 64 * 3 }.into()));
    for (what, bytes, wanted) in [
        ("a key twice", "a201000100", DuplicateKey { at: 3 }),
        ("a key twice, apart", "a3010002000100", DuplicateKey { at: 5 }),
        ("a key twice in two widths", "a2010019000100", DuplicateKey { at: 3 }),
        ("half float", "a101f97e00", Float { at: 2 }),
        ("single float", "a101fa00000000", Float { at: 2 }),
        ("double float", "a101fb0000000000000000", Float { at: 2 }),
        ("indefinite map", "bf0100ff", Indefinite { at: 0 }),
        ("indefinite bytes", "a1015f4100ff", Indefinite { at: 2 }),
        ("indefinite list", "a1019fff", Indefinite { at: 2 }),
        ("reserved width", "a1011c", Unsupported { at: 2 }),
        ("simple value", "a101f3", Unsupported { at: 2 }),
        ("simple value in two bytes", "a101f820", Unsupported { at: 2 }),
        ("bad text", "a1017801ff", NotUtf8 { at: 2 }),
        ("nine lists", "a101 818181818181818181 00", TooDeep { at: 10 }),
        ("a byte too many", "a1010000", Trailing { at: 3 }),
        ("a key above i64", "a11b800000000000000000", TooLarge { at: 1 }),
    ] {
        assert_eq!(tolerant_map(&hex(bytes)), Err(wanted.into()), "{what}");
    }
}

#[test]
fn tolerant_reading_refuses_a_key_twice_in_what_it_passes_over() {
    assert_eq!(tolerant(&hex("a201000100")), Err(CborError::DuplicateKey { at: 3 }));
    assert_eq!(tolerant_map(&hex("a101 a201000100")), Err(CborError::DuplicateKey { at: 5 }.into()));
}

/// Strict reading takes exactly what the other hand would write in the one deterministic way, and
/// tolerant reading exactly what it can read at all, keys written twice aside.
fn readers_agree(bytes: &[u8]) -> Result<(), TestCaseError> {
    let item = Item::decode(bytes);
    let again = item.as_ref().and_then(Item::canonical);
    prop_assert_eq!(strict(bytes).is_ok(), again.as_deref() == Some(bytes), "{:?}", item);
    let plain = item.as_ref().is_some_and(Item::is_plain);
    let twice = item.as_ref().is_some_and(Item::repeats_a_key);
    let taken = tolerant(bytes).is_ok();
    prop_assert!(if taken { plain } else { twice || !plain }, "{:?}", item);
    Ok(())
}

proptest! {
    #![proptest_config(crate::random_cases(2_000))]

    #[test]
    fn any_bytes_are_read_as_the_other_hand_reads_them(bytes in vec(any::<u8>(), 0..80)) {
        readers_agree(&bytes)?;
    }

    #[test]
    fn any_spelling_of_a_value_is_read_as_the_other_hand_reads_it(
        item in item::any_item(),
        tidy in any::<bool>(),
        wide in vec(0..5usize, 0..4),
        edits in edits(3),
    ) {
        let item = if tidy { item.tidy() } else { item };
        let mut wide = wide.into_iter();
        readers_agree(&edited(item.loose(&mut || wide.next().unwrap_or(0)), &edits))?;
    }

    #[test]
    fn what_we_write_is_what_others_write_and_what_we_read(item in item::writable_item()) {
        let item = item.tidy();
        let bytes = item.canonical().unwrap();
        prop_assert_eq!(strict(&bytes), Ok(()));
        let mut writer = Writer::new();
        item.write_with(&mut writer);
        prop_assert_eq!(&writer.into_bytes(), &bytes);
        let mut theirs = Vec::new();
        ciborium::into_writer(&item.to_ciborium(), &mut theirs).unwrap();
        prop_assert_eq!(theirs, bytes);
    }

    #[test]
    fn numbers_texts_and_bytes_come_back(
        number in any::<i64>(),
        seconds in 0..1u64 << 53,
        text in any::<String>(),
        bytes in vec(any::<u8>(), 0..300),
    ) {
        let mut writer = Writer::new();
        let time = UnixTime::new(seconds).unwrap();
        writer.array(5).int(number).uint(number.unsigned_abs()).time(time).text(&text).bytes(&bytes);
        let written = writer.into_bytes();
        let mut reader = Reader::new(&written);
        prop_assert_eq!(reader.array(), Ok(5));
        prop_assert_eq!((reader.int(), reader.uint(), reader.time()), (Ok(number), Ok(number.unsigned_abs()), Ok(time)));
        prop_assert_eq!((reader.text(), reader.bytes()), (Ok(&text[..]), Ok(&bytes[..])));
        prop_assert_eq!(reader.finish(), Ok(()));
    }

    #[test]
    fn nothing_from_outside_makes_us_panic(bytes in vec(any::<u8>(), 0..200)) {
        feed_everything(&bytes);
    }

    #[test]
    fn nothing_damaged_makes_us_panic(which in 0..4usize, edits in edits(6)) {
        let text = sign_pass(&pass(), &key(ISSUER_KEY));
        let pass = base45::decode(&text[4..]).unwrap();
        let [root, bundle, list] = signed_documents();
        feed_everything(&edited([pass, root, bundle, list][which].clone(), &edits));
        feed_everything(&edited(text.into_bytes(), &edits));
    }

    #[test]
    fn signed_nonsense_is_refused_or_has_one_encoding(edits in edits(4)) {
        let (kid, bad) = (|seed| key(seed).public().id(), |good: Vec<u8>| edited(good, &edits));

        let (header, claims) = (Header::encode(kid(ISSUER_KEY)), bad(pass().encode()));
        if let Ok(signed) = SignedPass::parse(sign_raw_claims(&header, &claims, &key(ISSUER_KEY)).as_bytes())
            && let (pass, None) = signed.unverified()
        {
            prop_assert_eq!(pass.encode(), claims);
        }
        let (header, claims) = (bad(header), pass().encode());
        if let Ok(signed) = SignedPass::parse(sign_raw_claims(&header, &claims, &key(ISSUER_KEY)).as_bytes())
            && let (_, None) = signed.unverified()
        {
            prop_assert_eq!(Header::encode(signed.kid()), header);
        }

        let many = |seed, aad, body: &[u8]| {
            let signature = sign_raw(seed, &signature_input(&Header::encode(kid(seed)), aad, body));
            encode_sign(body, &[(kid(seed), signature)])
        };
        let body = bad(root_body().encode());
        if let Ok(root) = Root::verify_anchor(&many(ROOT_KEY, Root::EXTERNAL_AAD, &body)) {
            prop_assert_eq!(root.encode(), body);
        }
        let body = bad(bundle_body().encode());
        let root = Root::verify_anchor(&signed_documents()[0]).unwrap();
        if let Ok(bundle) = Bundle::open(&many(BUNDLE_KEY, Bundle::EXTERNAL_AAD, &body), &root) {
            prop_assert_eq!(bundle.encode(), body);
        }

        // A list may be spelled in many ways, but what was read of it is written and read as the same.
        let claims = bad(list_token().encode());
        if let Ok(token) = StatusToken::parse(&claims) {
            prop_assert_eq!(StatusToken::parse(&token.encode()), Ok(token));
        }
        let signature = sign_raw(LIST_KEY, &signature1_input(&StatusToken::header(), "", &claims));
        if StatusList::open(&encode_sign1(&StatusToken::header(), &claims, &signature), &list_entry()).is_ok() {
            let token = StatusToken::parse(&claims).unwrap();
            prop_assert_eq!((token.uri, token.bits), (list_entry().uri, list_entry().bits));
        }
    }
}

#[test]
fn the_documents_that_are_damaged_above_are_whole_to_begin_with() {
    let [root, bundle, list] = signed_documents();
    let root = Root::verify_anchor(&root).unwrap();
    assert_eq!(root.encode(), root_body().encode());
    assert_eq!(Bundle::open(&bundle, &root).unwrap().encode(), bundle_body().encode());
    StatusList::open(&list, &list_entry()).unwrap();
    let signed = SignedPass::parse(sign_pass(&pass(), &key(ISSUER_KEY)).as_bytes()).unwrap();
    assert_eq!(signed.unverified(), (&pass(), None));
}
