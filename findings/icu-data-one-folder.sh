#!/usr/bin/env bash
# ICU4X_DATA_DIR with one crate's data breaks the others, and the dictionaries in it are linked whole by whoever breaks lines.
#
# Expected: each of ICU4X's crates of data (icu_segmenter_data, icu_locale_fallback_data, …) has a data folder of its own, and
#   the variable that takes another in its place is for a crate: its own folder given back to icu_segmenter_data changes nothing.
# Happens: all of them include the same mod.rs: icu_locale_fallback does not compile any more, for want of its macros. A folder
#   that holds the files of all crates, and a mod.rs with all their lines and one `make_provider`, does.
#   A program that looks for words and lines by `new_dictionary`, as parley 0.11 does for Slint, is 3 MB larger than the same with
#   dictionaries that are empty (those of Chinese, Japanese, Thai, Khmer, Lao, Burmese); both say the same of Russian.
# Versions: icu_segmenter, icu_segmenter_data 2.4.0.
# Matters: packaging/icu-data, which takes 1.9 MB off what a kiosk downloads.
# Source: the crates' build.rs and src/lib.rs.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cargo init --quiet --bin --name demo . 2>/dev/null
cat >>Cargo.toml <<'TOML'
icu_segmenter = { version = "=2.4.0", default-features = false, features = ["compiled_data"] }
icu_segmenter_data = "=2.4.0"
icu_locale_fallback = { version = "=2.4.0", features = ["compiled_data"] }
[profile.release]
strip = true
TOML
cat >src/main.rs <<'RUST'
use icu_segmenter::{LineSegmenter, WordSegmenter};

fn main() {
    let fallback = icu_locale_fallback::LocaleFallbacker::new();
    let breaks: Vec<usize> = LineSegmenter::new_dictionary(Default::default()).segment_str("Покажите пропуск").collect();
    let words: Vec<usize> = WordSegmenter::new_dictionary(Default::default()).segment_str("Покажите пропуск").collect();
    println!("{breaks:?} {words:?} {}", std::mem::size_of_val(&fallback) > 0);
}
RUST
cargo build --quiet --release
said=$(target/release/demo)
whole=$(stat -c %s target/release/demo)
crates=$(cargo metadata --format-version 1 | tr ',' '\n' | sed -n 's|^"manifest_path":"\(.*/icu_[a-z_]*_data-[^/]*\)/Cargo.toml".*|\1|p' | sort -u)
of() { echo "$crates" | grep "/$1-"; }
{
    export ICU4X_DATA_DIR
    ICU4X_DATA_DIR=$(of icu_segmenter_data)/data
    cargo build --release 2>&1 | grep -o 'could not compile `icu_locale_fallback`' || true
    mkdir all
    for crate in $crates; do cp "$crate"/data/*.data all; sed -n '/^include!/p' "$crate/data/mod.rs"; done >all/mod.rs
    sed -n '/^#\[doc(hidden)\]/,/^pub use __make_provider/p' "$crate/data/mod.rs" >>all/mod.rs
    sed -i -E 's/(from_bytes_unchecked \(b").*("\) \} , \} ,\) ,\])/\1\\0\\x80\2/' all/segmenter_dictionary_auto_v2.rs.data
    sed -i -E 's/(store: unsafe \{ zerovec::ZeroVec::from_bytes_unchecked\(b").*("\) \})/\1\2/' all/segmenter_dictionary_extended_v2.rs.data
    ICU4X_DATA_DIR=$dir/all
    cargo build --quiet --release
    [ "$(target/release/demo)" = "$said" ] && echo "all in one folder: the same breaks"
    echo "$(((whole - $(stat -c %s target/release/demo)) / 100000)) × 0.1 MB smaller"
} | tee got
diff got - <<'WANT'
could not compile `icu_locale_fallback`
all in one folder: the same breaks
30 × 0.1 MB smaller
WANT
