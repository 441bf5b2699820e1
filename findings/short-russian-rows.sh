#!/usr/bin/env bash
# Five detectors of character sets go wrong on short Russian rows in windows-1251, each in its own way.
#
# Expected: a table's row of initials and a date, as a register exports it, is called windows-1251, or unknown.
# Happens: "АН;ЛИ;;01.02.1980" is GB18030 to chardet and jschardet, Big5 to charset-normalizer, windows-1252 to chardetng, even when told that
#   the text is Russian. Capital letters "АБВГД;ЕЖЗИЙ;1980" are windows-1256, cp932, Shift_JIS and windows-1252. npm's chardet gets the
#   first, and calls a header of three Russian words Hebrew. A table of three full rows is right in all.
# Versions: as pinned below.
# Matters: a batch issuer must not guess: UTF-8 if it is valid UTF-8, otherwise ask (or take what the region's own office uses).
# Source: none; windows-1251 is what Excel in Russia writes as "CSV".
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

python3 -m venv venv
venv/bin/pip install --quiet chardet==7.7.0 charset-normalizer==3.5.3
npm install --silent --no-audit --no-fund --ignore-scripts jschardet@4.1.0 chardet@2.2.0
cargo init --quiet --vcs none --name guess .
cat >>Cargo.toml <<'TOML'
chardetng = "=1.0.0"
TOML
cat >src/main.rs <<'RUST'
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};

fn main() {
    for name in ["initials", "capitals", "header", "table"] {
        let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
        detector.feed(&std::fs::read(name).unwrap(), true);
        let guess = |hint| detector.guess(hint, Utf8Detection::Allow).name();
        println!("{name} chardetng {} told ru {}", guess(None), guess(Some(b"ru")));
    }
}
RUST
cat >guess.py <<'PY'
import chardet, charset_normalizer
for name, text in (("initials", "АН;ЛИ;;01.02.1980"), ("capitals", "АБВГД;ЕЖЗИЙ;1980\n"), ("header", "Фамилия;Имя;Дата\n"),
                   ("table", "Фамилия;Имя;Отчество;Дата рождения\nАлиев;Анвар;;01.02.1980\nСидорова;Мария;Ивановна;05.06.1991\n")):
    row = text.encode("cp1251")
    open(name, "wb").write(row)
    print(name, "chardet", chardet.detect(row)["encoding"], "charset-normalizer", charset_normalizer.from_bytes(row).best().encoding)
PY
cat >guess.js <<'JS'
const fs = require("fs"), jschardet = require("jschardet"), chardet = require("chardet");
for (const name of ["initials", "capitals", "header", "table"]) {
  const row = fs.readFileSync(name);
  console.log(name, "jschardet", jschardet.detect(row).encoding, "chardet (npm)", chardet.detect(row));
}
JS
{ venv/bin/python guess.py; node guess.js; cargo run --quiet; } | tee got
diff got - <<'WANT'
initials chardet GB18030 charset-normalizer big5
capitals chardet Windows-1256 charset-normalizer cp932
header chardet Windows-1251 charset-normalizer cp1251
table chardet Windows-1251 charset-normalizer cp1251
initials jschardet GB18030 chardet (npm) windows-1251
capitals jschardet Windows-1256 chardet (npm) Shift_JIS
header jschardet Windows-1251 chardet (npm) ISO-8859-8
table jschardet Windows-1251 chardet (npm) windows-1251
initials chardetng windows-1252 told ru windows-1252
capitals chardetng windows-1252 told ru windows-1252
header chardetng windows-1251 told ru windows-1251
table chardetng windows-1251 told ru windows-1251
WANT
