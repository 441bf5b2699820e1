#!/usr/bin/env bash
# @zxing/library refuses a QR code that names ISO 8859-1, the character set that is QR's own, and reads one that names windows-1251.
#
# Expected: ECI 3, ISO 8859-1, is read at least as well as the rarer ones.
# Happens: FormatException for ECI 3; ECI 7 (ISO 8859-5), 22 (windows-1251) and 26 (UTF-8) are read. The same byte without an ECI is refused too,
#   unless it happens to be UTF-8.
# Version: @zxing/library 0.21.3, in Node 20.
# Matters: a web scanner built on it calls a code damaged whose maker did the most standard thing.
# Source: ISO/IEC 18004:2015 section 7.3.5 (the default is ISO/IEC 8859-1), 7.4.2; AIM ECI 3.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

python3 -m venv venv
venv/bin/pip install --quiet qrcodegen==1.8.0 pillow==13.0.0
npm install --silent --no-audit --no-fund --ignore-scripts @zxing/library@0.21.3 pngjs@7.0.0
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
draw("none.png", S.make_bytes("é".encode("latin-1")))
draw("3.png", header(7, (3, 8)), S.make_bytes("é".encode("latin-1")))
draw("7.png", header(7, (7, 8)), S.make_bytes("Уфа".encode("iso8859-5")))
draw("22.png", header(7, (22, 8)), S.make_bytes("Уфа".encode("cp1251")))
draw("26.png", header(7, (26, 8)), S.make_bytes("Уфа".encode()))
PY
venv/bin/python draw.py
cat >read.js <<'JS'
const fs = require("fs"), { PNG } = require("pngjs"), Z = require("@zxing/library");
for (const name of ["none", "3", "7", "22", "26"]) {
  const { data, width, height } = PNG.sync.read(fs.readFileSync(name + ".png"));
  const source = new Z.RGBLuminanceSource(Uint8ClampedArray.from({ length: width * height }, (_, i) => data[4 * i]), width, height);
  try {
    console.log("ECI", name, new Z.QRCodeReader().decode(new Z.BinaryBitmap(new Z.HybridBinarizer(source))).getText());
  } catch (refusal) {
    console.log("ECI", name, refusal.getKind(), refusal.message);
  }
}
JS
node read.js | tee got
diff got - <<'WANT'
ECI none FormatException undefined
ECI 3 FormatException undefined
ECI 7 Уфа
ECI 22 Уфа
ECI 26 Уфа
WANT
