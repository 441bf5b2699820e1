#!/usr/bin/env bash
# zxing-cpp's Python package tells nothing of Structured Append: each part looks like a whole code.
#
# Expected: a part of a message over several QR codes says which part it is and of how many, as the C++ library does, or is not given alone.
# Happens: a Barcode has the part's text, `valid`, symbology "]Q1" like any other, and neither index nor count nor parity, in no attribute nor
#   in `extra`. Half a text looks whole. zxing-wasm, the same library, has all three.
# Versions: zxing-cpp 3.1.1 (Python), zxing-wasm 3.1.4.
# Matters: a verifier that asks this package must take a good half of a message for a malformed whole.
# Source: ISO/IEC 18004:2015 section 8.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

python3 -m venv venv
venv/bin/pip install --quiet qrcodegen==1.8.0 pillow==13.0.0 numpy==2.4.6 zxing-cpp==3.1.1
npm install --silent --no-audit --no-fund --ignore-scripts zxing-wasm@3.1.4
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
import numpy, zxingcpp
for part, text in enumerate("AB"):
    draw(f"part{part + 1}.png", header(3, (part, 4), (1, 4), (ord("A") ^ ord("B"), 8)), S.make_alphanumeric(text))
    code = zxingcpp.read_barcode(numpy.array(Image.open(f"part{part + 1}.png")))
    print(code.text, code.valid, code.symbology_identifier, sorted(code.extra),
          [name for name in dir(code) if "seq" in name.lower() or "append" in name.lower() or "parity" in name.lower()])
PY
cat >read.mjs <<'JS'
import { readFileSync } from "fs"; import { createRequire } from "module";
import { prepareZXingModule, readBarcodes } from "zxing-wasm/reader";
const require = createRequire(import.meta.url);
prepareZXingModule({ overrides: { wasmBinary: readFileSync(require.resolve("zxing-wasm/reader/zxing_reader.wasm")).buffer } });
for (const name of ["part1.png", "part2.png"]) {
  const [code] = await readBarcodes(new Uint8Array(readFileSync(name)));
  console.log(code.text, code.sequenceIndex, code.sequenceSize, code.sequenceId);
}
JS
{ venv/bin/python draw.py; node read.mjs; } | tee got
diff got - <<'WANT'
A True ]Q1 ['DataMask', 'ECLevel', 'UEC', 'Version'] []
B True ]Q1 ['DataMask', 'ECLevel', 'UEC', 'Version'] []
A 0 2 3
B 1 2 3
WANT
