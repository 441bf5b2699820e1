#!/usr/bin/env bash
# jsQR finds a code that names its character set and gives an empty text; of a split message it sees the first part, empty.
#
# Expected: Cyrillic in windows-1251, announced by ECI 22, comes out as text; a part of a Structured Append
#   message comes out as that part, or not at all.
# Happens: `data` is "" for any byte segment that is not UTF-8, the ECI before it notwithstanding (it is listed in `chunks`,
#   and the bytes are in `binaryData`). Of two appended codes the first is "found" with no text, no bytes and no
#   chunks, the second is null: the header is not known, and its index 0 reads as an end of message.
# Version: jsQR 1.4.0.
# Matters: a web scanner in front of a verifier must hand over binaryData; "found and empty" is not "no pass".
# Source: ISO/IEC 18004:2015 sections 7.4.2 and 8; AIM ECI 22.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

python3 -m venv venv
venv/bin/pip install --quiet qrcodegen==1.8.0 pillow==13.0.0
npm install --silent --no-audit --no-fund --ignore-scripts jsqr@1.4.0 pngjs@7.0.0
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

draw("utf8.png", header(7, (26, 8)), S.make_bytes("Уфа".encode()))
draw("latin1.png", header(7, (3, 8)), S.make_bytes("é".encode("latin-1")))
draw("cp1251.png", header(7, (22, 8)), S.make_bytes("Уфа".encode("cp1251")))
for part, text in enumerate("AB"):
    draw(f"part{part + 1}.png", header(3, (part, 4), (1, 4), (ord("A") ^ ord("B"), 8)), S.make_alphanumeric(text))
PY
venv/bin/python draw.py
cat >read.js <<'JS'
const fs = require("fs"), { PNG } = require("pngjs"), jsQR = require("jsqr");
for (const name of ["utf8", "latin1", "cp1251", "part1", "part2"]) {
  const { data, width, height } = PNG.sync.read(fs.readFileSync(name + ".png"));
  const code = jsQR(new Uint8ClampedArray(data), width, height);
  console.log(name, code && [code.data, Buffer.from(code.binaryData).toString("hex"), code.chunks.map((chunk) => chunk.type).join()]);
}
JS
node read.js | tee got
diff got - <<'WANT'
utf8 [ 'Уфа', 'd0a3d184d0b0', 'eci,byte' ]
latin1 [ '', 'e9', 'eci,byte' ]
cp1251 [ '', 'd3f4e0', 'eci,byte' ]
part1 [ '', '', '' ]
part2 null
WANT
