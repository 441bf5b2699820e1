#!/usr/bin/env bash
# The qr package of npm (paulmillr-qr) blames the picture, "timing", for every valid code whose content it does not know.
#
# Expected: a clean drawing in kanji mode, of GS1 or Structured Append is read, or refused as "not supported".
# Happens: each of them throws "timing", the word for a broken timing pattern, and so does a mirrored code, which ISO/IEC 18004 has readers handle.
#   A byte order mark at the start of the text is dropped without a word.
# Version: qr 0.7.0.
# Matters: a web page built on it would tell a guest to hold still, for ever.
# Source: ISO/IEC 18004:2015 sections 7.4.6, 7.4.8, 8 and 6.2 (mirror images).
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

python3 -m venv venv
venv/bin/pip install --quiet qrcodegen==1.8.0 pillow==13.0.0
npm install --silent --no-audit --no-fund --ignore-scripts qr@0.7.0 pngjs@7.0.0
cat >draw.py <<'PY'
import sys
from PIL import Image
from qrcodegen import QrCode, QrSegment as S

def draw(name, *segments):
    code = QrCode.encode_segments(list(segments), QrCode.Ecc.MEDIUM)
    size = code.get_size() + 8
    picture = Image.new("L", (size, size), 255)
    for y in range(size):
        for x in range(size):
            if code.get_module(x - 4, y - 4):
                picture.putpixel((x, y), 0)
    picture.resize((size * 6, size * 6), Image.NEAREST).convert("RGB").save(name)

def header(mode, *values):
    return S(S.Mode(mode, (0, 0, 0)), 0, [int(bit) for value, width in values for bit in format(value, f"0{width}b")])
from PIL import ImageOps
draw("plain.png", S.make_alphanumeric("GL1:AB"))
ImageOps.mirror(Image.open("plain.png")).save("mirrored.png")
draw("kanji.png", S(S.Mode.KANJI, 1, [int(bit) for bit in format(0x0D9F, "013b")]))
draw("gs1.png", header(5), S.make_alphanumeric("0104912345123459"))
draw("part1.png", header(3, (0, 4), (1, 4), (3, 8)), S.make_alphanumeric("A"))
draw("bom.png", S.make_bytes(b"\xef\xbb\xbfabc"))
PY
venv/bin/python draw.py
cat >read.mjs <<'JS'
import { readFileSync } from "fs"; import { PNG } from "pngjs"; import decodeQR from "qr/decode.js";
for (const name of ["plain", "mirrored", "kanji", "gs1", "part1", "bom"]) {
  const { data, width, height } = PNG.sync.read(readFileSync(name + ".png"));
  try {
    console.log(name, JSON.stringify(decodeQR({ data, width, height })));
  } catch (refusal) {
    console.log(name, "refused:", refusal.message);
  }
}
JS
node read.mjs | tee got
diff got - <<'WANT'
plain "GL1:AB"
mirrored refused: timing
kanji refused: timing
gs1 refused: timing
part1 refused: timing
bom "abc"
WANT
