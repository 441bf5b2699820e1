#!/usr/bin/env bash
# coset's ClaimsSet refuses whole tokens that hold a registered claim it does not know: Claim 169, and the status list's 65535.
#
# Expected: an unknown claim is kept in `rest`, as text names and -260 (health certificates) are: RFC 8392 has unknown claims ignored.
# Happens: integers are taken only if they are in the crate's own copy of the IANA registry, or below -65536 (private use); others make the
#   whole set an error, "expected value in IANA or private use range". 169 (MOSIP) and 65535 (status) are registered.
# Version: coset 0.4.2.
# Matters: with it no MOSIP card and no token with a status list can be read at all; parse the map instead.
# Source: RFC 8392 section 3 (claims that are not understood MUST be ignored); IANA, CBOR Web Token Claims.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

cargo init --quiet --vcs none --name claims .
cat >>Cargo.toml <<'TOML'
coset = "=0.4.2"
TOML
cat >src/main.rs <<'RUST'
use coset::{CborSerializable, cwt::ClaimsSet};

fn main() {
    for (name, bytes) in [
        ("claim note", &b"\xa1\x64note\x01"[..]),
        ("claim -260", b"\xa1\x39\x01\x03\x01"),
        ("claim -70000", b"\xa1\x3a\x00\x01\x11\x6f\x01"),
        ("claim 169", b"\xa1\x18\xa9\x01"),
        ("claim 65535", b"\xa1\x19\xff\xff\x01"),
    ] {
        match ClaimsSet::from_slice(bytes) {
            Ok(set) => println!("{name} {:?}", set.rest),
            Err(refusal) => println!("{name} refused: {refusal}"),
        }
    }
}
RUST
cargo run --quiet | tee got
diff got - <<'WANT'
claim note [(Text("note"), Integer(Integer(1)))]
claim -260 [(Assigned(Hcert), Integer(Integer(1)))]
claim -70000 [(PrivateUse(-70000), Integer(Integer(1)))]
claim 169 refused: expected value in IANA or private use range
claim 65535 refused: expected value in IANA or private use range
WANT
