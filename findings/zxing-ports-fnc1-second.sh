#!/usr/bin/env bash
# The ports of ZXing to JavaScript and Rust refuse a QR code with FNC1 in second position.
#
# Expected: FNC1 in second position is followed by an 8-bit application indicator, here 165 for the letter A (100 more than its code), and then
#   by ordinary segments; zxing-cpp gives the indicator and the text, "AAB".
# Happens: @zxing/library raises FormatException and rxing IllegalArgumentException. FNC1 in first position (GS1) is read by both, so the
#   mode is known; the indicator is what is not reckoned with.
# Versions: @zxing/library 0.21.3, rxing 0.9.3, zxing-cpp 3.1.1.
# Matters: a code of some industry's own kind is "damaged" to one reader and a text to the next; no verdict should rest on that.
# Source: ISO/IEC 18004:2015 section 7.4.8.3.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

python3 -m venv venv
venv/bin/pip install --quiet qrcodegen==1.8.0 pillow==13.0.0 numpy==2.4.6 zxing-cpp==3.1.1
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
draw("first.png", header(5), S.make_alphanumeric("0104912345123459"))
draw("second.png", header(9, (165, 8)), S.make_alphanumeric("AB"))
import numpy, zxingcpp
for name in ("first", "second"):
    code = zxingcpp.read_barcode(numpy.array(Image.open(name + ".png")))
    print(name, "zxing-cpp", code.bytes.decode(), code.symbology_identifier)
PY
cat >read.js <<'JS'
const fs = require("fs"), { PNG } = require("pngjs"), Z = require("@zxing/library");
for (const name of ["first", "second"]) {
  const { data, width, height } = PNG.sync.read(fs.readFileSync(name + ".png"));
  const source = new Z.RGBLuminanceSource(Uint8ClampedArray.from({ length: width * height }, (_, i) => data[4 * i]), width, height);
  try {
    console.log(name, "@zxing/library", new Z.QRCodeReader().decode(new Z.BinaryBitmap(new Z.HybridBinarizer(source))).getText());
  } catch (refusal) {
    console.log(name, "@zxing/library", refusal.getKind());
  }
}
JS
cargo init --quiet --vcs none --name reader .
cat >>Cargo.toml <<'TOML'
rxing = { version = "=0.9.3", default-features = false, features = ["qrcode", "decoders", "encoding_rs"] }
image = { version = "=0.25.10", default-features = false, features = ["png"] }
TOML
cat >src/main.rs <<'RUST'
use rxing::{BinaryBitmap, Luma8LuminanceSource, Reader, common::HybridBinarizer, qrcode::QRCodeReader};

fn main() {
    for name in ["first", "second"] {
        let picture = image::open(format!("{name}.png")).unwrap().to_luma8();
        let (width, height) = picture.dimensions();
        let source = Luma8LuminanceSource::new(picture.into_raw(), width, height).unwrap();
        match QRCodeReader.decode(&mut BinaryBitmap::new(HybridBinarizer::new(source))) {
            Ok(read) => println!("{name} rxing {}", read.getText()),
            Err(refusal) => println!("{name} rxing {refusal}"),
        }
    }
}
RUST
{ venv/bin/python draw.py; node read.js; cargo run --quiet; } | tee got
diff got - <<'WANT'
first zxing-cpp 0104912345123459 ]Q3
second zxing-cpp AAB ]Q5
first @zxing/library 0104912345123459
second @zxing/library FormatException
first rxing 0104912345123459
second rxing IllegalArgumentException - 10 is not valid
WANT
