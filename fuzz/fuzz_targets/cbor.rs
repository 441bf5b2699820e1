//! Bytes → the strict reader of CBOR. What it takes has one encoding: its own writer writes the same bytes
//! again, and so does another implementation.
#![no_main]

use greenlit_core::cbor::{CborError, Label, Malformed, Reader, Writer};
use greenlit_fuzz::begin;
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: begin("cbor"), |bytes: &[u8]| {
    let mut strict = Reader::new(bytes);
    let taken = strict.skip().and_then(|()| strict.finish());
    let mut lenient = Reader::lenient(bytes);
    let tolerated = lenient.skip().and_then(|()| lenient.finish());
    // A map of very many entries is the one thing that only the strict reader takes.
    assert!(
        taken.is_err() || matches!(tolerated, Ok(()) | Err(CborError::TooLarge { .. })),
        "strict only: {tolerated:?}"
    );

    let mut reader = Reader::new(bytes);
    if let Some(again) = copy(&mut reader, 9).filter(|_| reader.finish().is_ok()) {
        assert_eq!(taken, Ok(()), "read item by item, and not passed over");
        assert_eq!(again, bytes, "written again it differs");
    }
    if taken.is_ok() {
        let value: Result<ciborium::Value, _> = ciborium::from_reader(bytes);
        // It has no "undefined", and turns bignums into numbers.
        let other = bytes.iter().any(|byte| matches!(byte, 0xf7 | 0xc2 | 0xc3));
        if !other {
            let mut written = Vec::new();
            let value = value.expect("another implementation refuses it");
            ciborium::into_writer(&value, &mut written).expect("writing to memory");
            assert_eq!(written, bytes, "another implementation writes {value:?} differently");
        }
    }
});

/// Reads one item of whatever kind and writes it again; `None` for what has no name here.
fn copy(reader: &mut Reader<'_>, depth: u8) -> Option<Vec<u8>> {
    let ahead = reader.clone();
    let is = |read: &dyn Fn(&mut Reader<'_>) -> bool| read(&mut ahead.clone());
    let mut writer = Writer::new();
    let mut items = Vec::new();
    if depth == 0 {
        return None;
    } else if is(&|r| r.uint().is_ok()) {
        writer.uint(reader.uint().ok()?);
    } else if is(&|r| r.int().is_ok()) {
        writer.int(reader.int().ok()?);
    } else if is(&|r| r.bytes().is_ok()) {
        writer.bytes(reader.bytes().ok()?);
    } else if is(&|r| r.text().is_ok()) {
        writer.text(reader.text().ok()?);
    } else if is(&|r| r.bool().is_ok()) {
        writer.bool(reader.bool().ok()?);
    } else if is(&|r| r.array().is_ok()) {
        let length = reader.array().ok()?;
        writer.array(length);
        for _ in 0..length {
            items.extend(copy(reader, depth - 1)?);
        }
    } else if let Some(tag) = [1, 18, 98, u64::MAX].into_iter().find(|tag| is(&|r| r.tag(*tag).is_ok())) {
        reader.tag(tag).ok()?;
        writer.tag(tag);
        items = copy(reader, depth - 1)?;
    } else {
        let mut count = 0;
        let entries = reader.map(|key: Label<'_>, value| {
            let mut name = Writer::new();
            match key {
                Label::Number(number) => name.int(number),
                Label::Name(text) => name.text(text),
            };
            items.extend(name.into_bytes());
            items.extend(copy(value, depth - 1).ok_or(Malformed::Missing("name for an item"))?);
            count += 1;
            Ok::<_, Malformed>(())
        });
        entries.ok()?;
        writer.map(count);
    }
    let mut written = writer.into_bytes();
    written.extend(items);
    Some(written)
}
