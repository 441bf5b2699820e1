//! What each target starts from: the test vectors, documents of the practice authority, drawn codes.

use std::path::Path;

use greenlit_core::cose::{Header, Sign, Sign1};
use greenlit_core::pass::{Birthday, Class, DocumentDigits, DocumentKind, PREFIX, Pass, StatusRef};
use greenlit_core::status::Statuses;
use greenlit_core::trust::RootBody;

use crate::authority::{self, BUNDLE, DAY, NOW, ROOT};
use crate::code::Kind;
use crate::{Bytes, foreign, picture};

/// Writes the seeds of a target into the folder that `FUZZ_SEEDS` names. libFuzzer reads its corpus after that.
pub fn write(target: &str) {
    let Some(folder) = std::env::var_os("FUZZ_SEEDS") else { return };
    let seeds = match target {
        "aadhaar" => foreign::aadhaar(),
        "cbor" => cbor(),
        "claim169" => foreign::claim169(),
        "documents" => documents(),
        "pass" => passes(),
        "segments" => segments(),
        "grid" => grids(),
        "hcert" => foreign::hcert(),
        "luma" => pixels(),
        "pretix" => foreign::pretix(),
        "two_d_doc" => foreign::two_d_doc(),
        _ => troubles(),
    };
    println!("{} seeds", seeds.len());
    for (number, seed) in seeds.iter().enumerate() {
        std::fs::write(Path::new(&folder).join(format!("seed-{number:04}")), seed).expect("the corpus can be written");
    }
}

/// The files of the test vectors that end like this.
fn vectors(ending: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../vectors/greenlit")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("the test vectors") {
            let path = entry.expect("the test vectors").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                found.push(std::fs::read_to_string(path).expect("a test vector"));
            }
        }
    }
    found.sort();
    found
}

fn unhex(digits: &str) -> Vec<u8> {
    let digits: Vec<u32> = digits.chars().filter_map(|c| c.to_digit(16)).collect();
    digits.chunks_exact(2).map(|pair| (pair[0] * 16 + pair[1]) as u8).collect()
}

fn texts() -> Vec<Vec<u8>> {
    let cases = vectors(".json").into_iter().map(|text| serde_json::from_str(&text).expect("a vector is JSON"));
    cases
        .filter_map(|case: serde_json::Value| match (case["text"].as_str(), case["hex"].as_str()) {
            (Some(text), _) => Some(text.as_bytes().to_vec()),
            (_, Some(hex)) => Some(unhex(hex)),
            _ => None,
        })
        .collect()
}

fn envelopes() -> Vec<Vec<u8>> {
    let decoded = |text: Vec<u8>| base45::decode(text.strip_prefix(PREFIX.as_bytes())?).ok();
    texts().into_iter().filter_map(decoded).collect()
}

/// Claims that are green, or nearly.
fn claims() -> Vec<Vec<u8>> {
    let pass = |class, index: Option<u64>, exp| Pass {
        exp: authority::time(exp),
        nbf: authority::time(NOW - DAY),
        class: Class(class),
        initials: Some("З. И. Б.".into()),
        birthday: Birthday::new(5, 9),
        document: Some(DocumentDigits { kind: DocumentKind::Passport, last4: "5678".into() }),
        status: index.map(|index| StatusRef { list: 1, index }),
    };
    let life = NOW + 100 * DAY;
    let kinds =
        [(1, Some(5)), (1, Some(0)), (1, Some(1)), (1, Some(99)), (1, None), (2, Some(5)), (3, Some(5)), (9, Some(5))];
    let mut all: Vec<Pass> = kinds.map(|(class, index)| pass(class, index, life)).to_vec();
    all.extend([pass(1, Some(5), NOW), pass(1, Some(5), NOW + 500 * DAY)]);
    all.iter().map(Pass::encode).collect()
}

fn passes() -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> = texts().iter().map(|text| [b"t", text.as_slice()].concat()).collect();
    let header = Header::encode(authority::kid(authority::ISSUER));
    for claims in claims() {
        seeds.push([b"c".as_slice(), &[0; 8], &claims].concat());
        seeds.push([b"h".as_slice(), &[0; 8], &[header.len() as u8], &header, &claims].concat());
    }
    for envelope in envelopes() {
        seeds.push([b"e", envelope.as_slice()].concat());
        if let Ok(sign) = Sign1::parse(&envelope) {
            seeds.push([b"c".as_slice(), &[0; 8], sign.payload].concat());
        }
    }
    seeds
}

fn received() -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = vectors(".hex").iter().map(|text| unhex(text)).collect();
    all.push(authority::root().as_bytes().to_vec());
    all
}

fn documents() -> Vec<Vec<u8>> {
    let body = authority::root_body;
    let second = RootBody { number: 2, expires: authority::time(NOW + 600 * DAY), demo: true, ..body() };
    let both =
        greenlit_core::trust::KeySet::new(vec![authority::public(ROOT), authority::public(5)], 1).expect("a good set");
    let wider = RootBody { number: 2, root_keys: both, ..body() };
    let mut bundle = authority::bundle_body();
    let mut seeds = vec![[b"b", bundle.encode().as_slice()].concat()];
    bundle.version = 8;
    bundle.issued = authority::time(NOW - DAY);
    bundle.issuers.truncate(1);
    bundle.lists[0].size = 1 << 20;
    bundle.rules.clear();
    seeds.push([b"b", bundle.encode().as_slice()].concat());
    seeds.extend([body(), second, wider].map(|root| [b"r", root.encode().as_slice()].concat()));
    let mut token = authority::list_token();
    seeds.push([b"l", token.encode().as_slice()].concat());
    (token.expires, token.ttl, token.issued) = (None, None, authority::time(NOW));
    seeds.push([b"l", token.encode().as_slice()].concat());
    for bits in [1, 2, 4, 8] {
        let statuses = Statuses::new(bits, 3_000).expect("a width there is");
        let size = statuses.as_bytes().len() as u16;
        seeds.push([&[b'z', bits], size.to_be_bytes().as_slice(), &statuses.deflate()].concat());
    }
    for document in received() {
        for (kind, payload) in [
            (b'r', Sign::parse(&document).map(|sign| sign.payload)),
            (b'l', Sign1::parse(&document).map(|sign| sign.payload)),
        ] {
            seeds.extend(payload.ok().map(|payload| [&[kind], payload].concat()));
        }
        seeds.push([b"x", document.as_slice()].concat());
    }
    seeds.push([b"x", authority::sign(b"\xa0", "", &[BUNDLE]).as_slice()].concat());
    seeds
}

fn cbor() -> Vec<Vec<u8>> {
    let mut seeds = [received(), envelopes(), claims()].concat();
    let payloads: Vec<Vec<u8>> =
        seeds.iter().filter_map(|bytes| Sign::parse(bytes).ok()).map(|sign| sign.payload.to_vec()).collect();
    seeds.extend(payloads);
    // The numbers at which a wider way of writing begins, in each way.
    for (info, width) in [(24, 1), (25, 2), (26, 4), (27, 8)] {
        for value in [0, 0x17, 0x18, 0xff, 0x100, 0xffff, 0x1_0000, 0xffff_ffff, 0x1_0000_0000, u64::MAX] {
            seeds.push([&[info], &value.to_be_bytes()[8 - width..]].concat());
        }
    }
    seeds.extend(
        [&b"\xf4"[..], b"\x82\x01\x20", b"\xa2\x01\x02\x61a\xf5", b"\xd2\x84\x40\xa0\xf6\x40"].map(<[u8]>::to_vec),
    );
    seeds
}

/// Decisions for a kind: version and the rest.
const KINDS: [[u8; 2]; 8] = [[0, 0], [0, 5], [1, 10], [2, 15], [3, 17], [5, 22], [6, 24], [9, 1]];

/// Decisions for segments.
fn chosen() -> Vec<Vec<u8>> {
    let segment = |kind: u8, raw: &[u8]| [&[kind, raw.len() as u8], raw].concat();
    let mut all: Vec<Vec<u8>> = (0..6).map(|kind| [&[0], segment(kind, b"Greenlit42").as_slice()].concat()).collect();
    all.push([vec![1], segment(4, &[26]), segment(5, b"RRQT 9 60")].concat());
    all.push([vec![2], segment(0, b"ab"), segment(1, b"CD"), segment(2, b"123")].concat());
    all.push([vec![0], segment(0, b"https://example.org/pass/0123456789")].concat());
    all
}

fn segments() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for decisions in KINDS {
        seeds.extend(chosen().iter().map(|chosen| [&[0], decisions.as_slice(), chosen].concat()));
        let kind = Kind::decided(&mut Bytes(&decisions), 12);
        for text in [&b"GL1:ABC"[..], b"abc", b"12345", b"GL1:RRQT 9 60GO05DRBHSS1OUK78CK3I6FN07"] {
            seeds.extend(kind.data(text).into_iter().map(|data| [&[1], decisions.as_slice(), &data].concat()));
        }
    }
    seeds
}

fn grids() -> Vec<Vec<u8>> {
    let codes = |decisions: [u8; 2]| {
        let kind = Kind::decided(&mut Bytes(&decisions), 12);
        let codes = [&b"GL1:ABC"[..], b"abc", b"12345"].into_iter().flat_map(move |text| kind.plainly(text));
        codes.map(move |code| [decisions.to_vec(), kind.free(&code)].concat()).collect::<Vec<_>>()
    };
    KINDS.into_iter().flat_map(codes).collect()
}

fn pixels() -> Vec<Vec<u8>> {
    let mut seeds =
        vec![vec![99; 4_000], (0..4_000u16).map(|at| (at % 251) as u8).collect(), vec![199, 255, 0, 255, 0, 9]];
    for decisions in KINDS.iter().take(6) {
        let kind = Kind::decided(&mut Bytes(decisions), 12);
        for (code, module) in kind.plainly(b"abc").iter().zip([2, 3]) {
            let frame = picture::plain(code, module);
            if frame.width() <= 240 {
                seeds.push([&[frame.width() as u8 - 1, 0], frame.pixels()].concat());
            }
        }
    }
    seeds
}

fn troubles() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    // Any bytes will do for the trouble itself.
    let chance: Vec<u8> = (0..64u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    for (number, trouble) in [0u8, 1, 2, 4, 8, 16, 32, 64, 5, 36, 37, 96, 100, 127].into_iter().enumerate() {
        for (decisions, chosen) in KINDS.iter().zip(chosen()) {
            let second = if trouble & 1 == 1 { chosen.as_slice() } else { &[] };
            let module = [80 + number as u8 * 5];
            seeds.push([&[175, 175, trouble], decisions.as_slice(), &chosen, second, &module, &chance].concat());
        }
    }
    seeds
}
