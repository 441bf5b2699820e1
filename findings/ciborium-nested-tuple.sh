#!/usr/bin/env bash
# ciborium takes an array of three for a tuple of two, if it stands inside another: [[1, 2, 3], 4] is read as ((1, 2), 3).
#
# Expected: an array with more items than the type has is an error, as it is with serde_json ("trailing characters", "invalid length").
# Happens: the surplus item is left for whoever reads next. In [[1, 2, 3], 4] the outer tuple takes the 3 for its own, and 4 is
#   not read at all; from_reader says Ok. On top a longer array is Ok as well; between two pairs the surplus makes an error,
#   but one that tells of a wrong type.
# Version: ciborium 0.2.2, serde_json 1.0.145.
# Matters: array-shaped formats (COSE is one) must be taken apart as Value, or checked for their length.
# Source: RFC 8949 section 3.1, major type 4.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

cargo init --quiet --vcs none --name arrays .
cat >>Cargo.toml <<'TOML'
ciborium = "=0.2.2"
serde_json = "=1.0.145"
TOML
cat >src/main.rs <<'RUST'
fn main() {
    type Nested = ((i64, i64), i64);
    println!("{:?}", ciborium::from_reader::<Nested, _>(&[0x82, 0x83, 1, 2, 3, 4][..]));
    println!("{:?}", ciborium::from_reader::<(i64, i64), _>(&[0x83, 1, 2, 3][..]));
    println!("{:?}", ciborium::from_reader::<Vec<(i64, i64)>, _>(&[0x82, 0x83, 1, 2, 3, 0x82, 4, 5][..]));
    println!("{:?}", serde_json::from_str::<Nested>("[[1,2,3],4]").map_err(|refusal| refusal.to_string()));
}
RUST
cargo run --quiet | tee got
diff got - <<'WANT'
Ok(((1, 2), 3))
Ok((1, 2))
Err(Semantic(None, "invalid type: integer `3`, expected array"))
Err("trailing characters at line 1 column 7")
WANT
