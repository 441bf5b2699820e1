//! Vectors of roots as codes: what bytes they hold, and whether those are a root.

use std::collections::BTreeMap;

use greenlit_core::trust::root_code::{MAX_BYTES, PREFIX, to_code};
use greenlit_testkit::fixture::*;

use crate::vectors::RootCase;

/// Of any bytes, without asking how many.
fn unlimited(bytes: &[u8]) -> String {
    format!("{PREFIX}{}", base45::encode(bytes))
}

pub(crate) fn all() -> BTreeMap<String, RootCase> {
    let authority = Authority::new().second_root();
    let (root, bundle) = (authority.signed_root(0), authority.signed_bundle());
    let code = to_code(&root).unwrap();
    let altered: Vec<u8> = root.iter().enumerate().map(|(at, byte)| if at == 20 { byte ^ 1 } else { *byte }).collect();
    let pass = sign(&pass(), ISSUER);
    let (largest, too_large) = (root_of_size(MAX_BYTES), root_of_size(MAX_BYTES + 1));
    let mut cases = BTreeMap::new();
    let mut add = |name: &str, why: &str, text: String, outcome: Outcome<'_>| {
        let mut case = RootCase { why: why.into(), text, root: None, fingerprint: None, error: None };
        match outcome {
            Outcome::Root(bytes) => {
                case.fingerprint = Some(sha256(bytes));
                case.root = Some(hex::encode(bytes));
            }
            Outcome::NoRoot(bytes) => case.root = Some(hex::encode(bytes)),
            Outcome::Error(code) => case.error = Some(code.into()),
        }
        assert!(cases.insert(name.to_owned(), case).is_none(), "two vectors named {name}");
    };
    add("root-1", "a first root", code.clone(), Outcome::Root(&root));
    let second = authority.signed_root(1);
    add("root-2", "a till may start from any root", unlimited(&second), Outcome::Root(&second));
    add("largest", "as many bytes as a code may hold", unlimited(&largest), Outcome::Root(&largest));
    add("too-large", "one more: such a root is given to tills as a file", unlimited(&too_large), TOO_LARGE);
    let why = "its length says so, before anything of it is decoded";
    add("too-large-no-base45", why, format!("{PREFIX}{}", "?".repeat(MAX_BYTES / 2 * 3 + 1)), TOO_LARGE);
    add("empty", "no bytes are no root", PREFIX.into(), Outcome::NoRoot(&[]));
    let cut = &code[..PREFIX.len() + 300];
    add("cut-between-bytes", "half a root is no root", cut.into(), Outcome::NoRoot(&root[..200]));
    add("altered", "a bit of it is another", unlimited(&altered), Outcome::NoRoot(&altered));
    let why = "signed for another use";
    add("bundle", why, unlimited(&bundle), Outcome::NoRoot(&bundle));
    let envelope = base45::decode(pass.strip_prefix("GL1:").unwrap()).unwrap();
    add("bytes-of-a-pass", why, unlimited(&envelope), Outcome::NoRoot(&envelope));
    for (name, why, text) in [
        ("cut-in-a-byte", "a character is left over", code[..PREFIX.len() + 301].to_owned()),
        ("second-spelling", "a last pair above 255 would be a second spelling", format!("{PREFIX}V5")),
        ("lower-case", "Base45 has capitals only", format!("{PREFIX}{}", code[PREFIX.len()..].to_lowercase())),
        ("trailing-newline", "a line's end is no part of it", format!("{code}\n")),
        ("trailing-space", "nor is a space", format!("{code} ")),
        ("before-another", "one code is one root", format!("{code}{code}")),
        ("not-ascii", "letters that only look alike", format!("{PREFIX}\u{0410}\u{0412}8")),
    ] {
        add(name, why, text, Outcome::Error("not-base45"));
    }
    for (name, why, text) in [
        ("a-pass", "a pass is no root", pass.clone()),
        ("prefix-lower-case", "the beginning is taken to the letter", code.replacen(PREFIX, "glr1:", 1)),
        ("prefix-version-2", "a version that there is not yet", code.replacen(PREFIX, "GLR2:", 1)),
        ("prefix-leading-zero", "the beginning is taken to the letter", code.replacen(PREFIX, "GLR01:", 1)),
        ("prefix-without-colon", "the beginning is taken to the letter", "GLR1".to_owned()),
        ("prefix-after-space", "the beginning is taken to the letter", format!(" {code}")),
        ("prefix-after-mark", "the beginning is taken to the letter", format!("\u{FEFF}{code}")),
        ("nothing", "no text at all", String::new()),
    ] {
        add(name, why, text, Outcome::Error("not-a-root-code"));
    }
    cases
}

#[derive(Clone, Copy)]
enum Outcome<'a> {
    /// The bytes of a root whose own keys have signed it.
    Root(&'a [u8]),
    /// Bytes that are no root.
    NoRoot(&'a [u8]),
    Error(&'static str),
}

const TOO_LARGE: Outcome<'static> = Outcome::Error("too-large");

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest;
    hex::encode(sha2::Sha256::digest(bytes))
}
