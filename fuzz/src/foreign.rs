//! Seeds for passes of other schemes, out of `vectors/foreign`: their texts, and what was signed in them.

use std::io::Read;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::read::{MultiGzDecoder, ZlibDecoder};
use greenlit_core::strict_base45;
use serde_json::Value;

use crate::schemes::EDDSA;

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../vectors/foreign").join(name)
}

fn read(name: &str) -> String {
    std::fs::read_to_string(path(name)).expect("a vector")
}

fn json(name: &str) -> Value {
    serde_json::from_str(&read(name)).expect("a vector is JSON")
}

/// As the fuzzer gets it: what it is, and the decisions where changes are made.
fn seed(kind: u8, decisions: bool, bytes: &[u8]) -> Vec<u8> {
    let decisions: &[u8] = if decisions { &[0, 40, 0, 200, 0, 9, 1, 0, 7, 1] } else { &[] };
    [&[kind], decisions, bytes].concat()
}

pub fn pretix() -> Vec<Vec<u8>> {
    let vectors = json("pretix/tickets.json");
    let texts = vectors["tickets"].as_array().expect("tickets").iter().filter_map(|ticket| ticket["text"].as_str());
    let mut seeds = vec![
        // Every field there is, and one there is not.
        seed(b's', true, b"\x0a\x04seed\x10\x2a\x18\x07\x20\x01\x28\x80\xa8\xe6\xd0\x06\x30\x80\xb4\xfa\xd0\x06"),
        seed(b's', true, b"\x0a\x04seed\x10\0\x38\x01"),
        seed(b'h', false, b"\x01\0\x08\0\x40\x0a\x04seed\x10\x2a"),
    ];
    for text in texts {
        seeds.push(seed(b't', false, text.as_bytes()));
        let bytes = STANDARD.decode(text.bytes().rev().collect::<Vec<u8>>()).expect("Base64");
        seeds.push(seed(b's', true, &bytes[5..bytes.len() - 64]));
    }
    seeds
}

/// Of the texts of COSE_Sign1 messages.
fn tokens(texts: &[String]) -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for text in texts {
        seeds.push(seed(b't', false, text.as_bytes()));
        let encoded = text.strip_prefix("HC1:").unwrap_or(text);
        let Some(packed) = strict_base45::decode(encoded.as_bytes()) else { continue };
        let mut envelope = Vec::new();
        if ZlibDecoder::new(packed.as_slice()).read_to_end(&mut envelope).is_err() {
            continue;
        }
        if seeds.len() < 30 {
            seeds.push(seed(b'z', false, &packed));
            seeds.push(seed(b'e', false, &envelope));
        }
        let Ok(value) = ciborium::from_reader::<ciborium::Value, _>(envelope.as_slice()) else { continue };
        let value = if let ciborium::Value::Tag(_, inner) = value { *inner } else { value };
        let Some(payload) = value.as_array().and_then(|parts| parts.get(2)?.as_bytes()) else { continue };
        seeds.push(seed(b'c', true, payload));
        if seeds.len() < 40 {
            let lengths = [EDDSA.len() as u8, 1];
            seeds.push(seed(b'h', false, &[&lengths, EDDSA, b"\xa0", payload].concat()));
        }
    }
    for kind in 0..7 {
        let chance: Vec<u8> = (0..90u32).map(|at| (at.wrapping_mul(2_654_435_761 + kind) >> 24) as u8).collect();
        seeds.push(seed(b'g', true, &[&[kind as u8, 8], chance.as_slice()].concat()));
    }
    seeds
}

pub fn hcert() -> Vec<Vec<u8>> {
    let cases = read("hcert/cases.jsonl");
    let text = |case: &Value| case["text"].as_str().expect("a text").to_owned();
    let eu = cases.lines().step_by(5).map(|line| text(&serde_json::from_str(line).expect("a vector is JSON")));
    let who = json("hcert-who/yellow-cards.json");
    let who = who["cards"].as_array().expect("cards").iter().map(text);
    tokens(&who.chain(eu).collect::<Vec<_>>())
}

pub fn claim169() -> Vec<Vec<u8>> {
    let names = ["valid", "edge", "invalid"].map(|folder| format!("claim169/{folder}"));
    let mut texts = Vec::new();
    for name in names {
        for entry in std::fs::read_dir(path(&name)).expect("a folder of vectors") {
            let file = entry.expect("a vector").file_name();
            texts.extend(json(&format!("{name}/{}", file.to_string_lossy()))["qr_data"].as_str().map(str::to_owned));
        }
    }
    texts.sort();
    tokens(&texts)
}

pub fn two_d_doc() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for example in json("2d-doc/examples.json").as_array().expect("examples") {
        let text = example["message"].as_str().expect("a message").replace("<GS>", "\x1d").replace("<US>", "\x1f");
        seeds.push(seed(b't', false, text.as_bytes()));
        seeds.push(seed(b's', true, text.split('\x1f').next().unwrap_or_default().as_bytes()));
    }
    for header in 0..4 {
        // A name, an academic year and a birthday, and what ends a value.
        seeds.push(seed(b'f', true, &[header, 5, 32, 22, 7, 25, 12, 29, 2, 32, 22, 4, 32]));
    }
    seeds
}

pub fn aadhaar() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for name in ["aadhaar/v2-test.txt", "aadhaar/uidai-own-sample.txt"] {
        let text = read(name).trim().to_owned();
        seeds.push(seed(b't', false, text.as_bytes()));
        let packed = number(text.as_bytes());
        let mut bytes = Vec::new();
        let unpacked = match packed[0] {
            0x1f => MultiGzDecoder::new(packed.as_slice()).read_to_end(&mut bytes),
            _ => ZlibDecoder::new(packed.as_slice()).read_to_end(&mut bytes),
        };
        unpacked.expect("a packed card");
        let message = &bytes[..bytes.len() - 256];
        seeds.push(seed(b's', true, message));
        // Without most of its photo, which is no text for a fuzzer.
        seeds.push(seed(b's', true, &message[..message.len().min(360)]));
        seeds.push(seed(b'g', false, &bytes));
        seeds.push(seed(b'n', false, &packed));
    }
    // Fields by their number in the target's list.
    for layout in [&[6u8, 1, 8, 11, 12][..], &[2, 8, 11, 13], &[7, 1, 8, 11, 12]] {
        let fields: Vec<u8> = layout.iter().copied().chain(std::iter::repeat(16)).take(18).collect();
        seeds.push(seed(b'f', true, &[&[18], fields.as_slice(), b"\xff\x4f\xff\x51photo", &[7; 64]].concat()));
    }
    seeds
}

/// The bytes of a decimal number.
fn number(digits: &[u8]) -> Vec<u8> {
    let mut bytes: Vec<u8> = Vec::new();
    for digit in digits {
        let mut carry = u32::from(digit - b'0');
        for byte in &mut bytes {
            let value = u32::from(*byte) * 10 + carry;
            (*byte, carry) = (value as u8, value >> 8);
        }
        if carry > 0 {
            bytes.push(carry as u8);
        }
    }
    bytes.reverse();
    bytes
}
