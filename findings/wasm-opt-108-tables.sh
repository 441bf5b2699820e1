#!/bin/sh
# wasm-opt of binaryen 108, which Debian 12 has, breaks what wasm-bindgen 0.2.130 makes, and says nothing.
#
# Expected: wasm-opt -O2 leaves a module that does the same; or refuses what it does not understand.
# Happens: it ends well, and the module does not start: "WebAssembly.Table.set(): Argument 1 is invalid for table". wasm-bindgen keeps
#   JavaScript's values in a table of externref beside the functions' table, and its code reaches for the wrong one afterwards.
# Version: binaryen 108-1 (Debian 12), wasm-bindgen 0.2.130, rustc 1.95, node 20. The features that Rust's compiler takes for granted are
#   enabled by hand, for this version does not read all of them from the module.
# Matters: a page that was tried before it was made smaller, and not after, is white.
# Source: WebAssembly reference types (externref tables); wasm-bindgen's guide, "Reference types".
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

# Unpacked, and not installed.
apt-get download -q binaryen >/dev/null
dpkg -x binaryen_*.deb binaryen
dpkg-deb -f binaryen_*.deb Version | grep -q '^108' || { echo "another version of binaryen: look again" >&2; exit 1; }
cargo install --quiet --root tools --version 0.2.130 wasm-bindgen-cli

mkdir -p page/src
cat >page/Cargo.toml <<'TOML'
[package]
name = "page"
version = "0.0.0"
edition = "2021"
[lib]
crate-type = ["cdylib"]
[dependencies]
wasm-bindgen = "=0.2.130"
js-sys = "=0.3.107"
[workspace]
TOML
cat >page/src/lib.rs <<'RUST'
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
pub fn twice(of: &js_sys::Function, number: f64) -> Option<f64> {
    of.call1(&JsValue::NULL, &number.into()).ok()?.as_f64()
}
RUST
(cd page && cargo build --quiet --release --target wasm32-unknown-unknown)
tools/bin/wasm-bindgen --target nodejs --out-dir plain page/target/wasm32-unknown-unknown/release/page.wasm
cp -r plain smaller
LD_LIBRARY_PATH=$(dirname "$(find "$folder/binaryen" -name 'libbinaryen.so*' | head -1)") \
    binaryen/usr/bin/wasm-opt --enable-mutable-globals --enable-sign-ext --enable-reference-types --enable-multivalue \
    --enable-bulk-memory --enable-nontrapping-float-to-int -O2 plain/page_bg.wasm -o smaller/page_bg.wasm

ask='console.log(require("./page.js").twice((number) => 2 * number, 21))'
plain=$(cd plain && node -e "$ask")
smaller=$(cd smaller && node -e "$ask" 2>&1 | grep -o 'Table.set(): Argument 1 is invalid for table' | head -1) || true
echo "as wasm-bindgen made it: $plain; after wasm-opt -O2: ${smaller:-runs}"
[ "$plain" = 42 ] && [ -n "$smaller" ]
