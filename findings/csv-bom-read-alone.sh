#!/usr/bin/env bash
# The csv crate loses a whole file when its first read brings the byte order mark alone, and keeps the mark when it comes in pieces.
#
# Expected: a UTF-8 file with a byte order mark gives the same records however its bytes arrive, for Read promises no sizes.
# Happens: if the first read returns exactly the three bytes EF BB BF, the reader has no headers, no records and no error: an empty
#   file. If it returns one or two of them, the mark stays in front of the first header, whose name then does not match.
#   From four bytes on all is well. A pipe gives short reads when its producer writes the mark on its own.
# Version: csv 1.4.0.
# Matters: a register of 10,000 people read from a pipe is imported as nobody, in silence. Read the file whole, or put a BufReader
#   in front that has been filled with four bytes, before the csv reader sees it; and count.
# Source: Rust's std::io::Read (a short read is no end); RFC 4180.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

cargo init --quiet --vcs none --name table .
cat >>Cargo.toml <<'TOML'
csv = "=1.4.0"
TOML
cat >src/main.rs <<'RUST'
use std::io::{self, Read};

struct FirstRead<'a>(&'a [u8], usize);

impl Read for FirstRead<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.1.min(self.0.len()).min(into.len());
        into[..count].copy_from_slice(&self.0[..count]);
        self.0 = &self.0[count..];
        self.1 = usize::MAX;
        Ok(count)
    }
}

fn main() {
    for first in 1..=4 {
        let bytes = FirstRead("\u{feff}name,born\nA,1980\nB,1981\n".as_bytes(), first);
        let mut table = csv::Reader::from_reader(bytes);
        let headers: Vec<_> = table.headers().unwrap().iter().map(str::to_owned).collect();
        println!("{first} {headers:?} records {}", table.records().map(Result::unwrap).count());
    }
}
RUST
cargo run --quiet | tee got
diff got - <<'WANT'
1 ["\u{feff}name", "born"] records 2
2 ["\u{feff}name", "born"] records 2
3 [] records 0
4 ["name", "born"] records 2
WANT
