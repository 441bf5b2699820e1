#!/usr/bin/env bash
# "Canonical" CBOR is two orders of keys: by length first in Python's cbor2 and Rust's ciborium, by bytes in four of JavaScript's.
#
# Expected: libraries that offer canonical or deterministic encoding write one map in one way.
# Happens: {169: 1, -1: 2} is a2 20 02 18a9 01 in cbor2 (canonical=True) and ciborium (CanonicalValue), the order of RFC 7049 section 3.9, and
#   a2 18a9 01 20 02 in cbor (encodeCanonical), cbor2 of npm (both cde and dcbor) and cborg (unasked, and with rfc8949EncodeOptions),
#   that of RFC 8949 section 4.2.1. A Python and a JavaScript package of one name, cbor2, are on the two sides.
# Versions: as pinned below.
# Matters: claims mix small negative keys with 169 or 65535. A verifier that insists on one order, as GL1's does, must name the RFC,
#   and foreign passes cannot be held to either.
# Source: RFC 7049 section 3.9; RFC 8949 sections 4.2.1 and 4.2.3.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

python3 -m venv venv
venv/bin/pip install --quiet cbor2==6.3.0
npm install --silent --no-audit --no-fund --ignore-scripts cbor@10.0.12 cbor2@2.3.0 cborg@6.1.5
cargo init --quiet --vcs none --name order .
cat >>Cargo.toml <<'TOML'
ciborium = "=0.2.2"
TOML
cat >src/main.rs <<'RUST'
use ciborium::value::{CanonicalValue, Value};

fn main() {
    let map = std::collections::BTreeMap::from([(169, 1), (-1, 2)].map(|(key, value)| (CanonicalValue::from(Value::from(key)), value)));
    let mut bytes = Vec::new();
    ciborium::into_writer(&map, &mut bytes).unwrap();
    println!("ciborium {}", bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
}
RUST
cat >write.mjs <<'JS'
import cbor from "cbor"; import * as cbor2 from "cbor2"; import * as cborg from "cborg";
const map = new Map([[169, 1], [-1, 2]]), show = (name, bytes) => console.log(name, Buffer.from(bytes).toString("hex"));
show("cbor", cbor.encodeCanonical(map));
show("cbor2 cde", cbor2.encode(map, cbor2.cdeEncodeOptions));
show("cbor2 dcbor", cbor2.encode(map, cbor2.dcborEncodeOptions));
show("cborg", cborg.encode(map));
show("cborg rfc8949", cborg.encode(map, cborg.rfc8949EncodeOptions));
JS
{ venv/bin/python -c 'import cbor2; print("cbor2 (Python)", cbor2.dumps({169: 1, -1: 2}, canonical=True).hex())'
  cargo run --quiet; node write.mjs; } | tee got
diff got - <<'WANT'
cbor2 (Python) a2200218a901
ciborium a2200218a901
cbor a218a9012002
cbor2 cde a218a9012002
cbor2 dcbor a218a9012002
cborg a218a9012002
cborg rfc8949 a218a9012002
WANT
