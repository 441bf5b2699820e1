#!/usr/bin/env bash
# rxing reads a QR code with binary content as an empty text, and without an error.
#
# Expected: a bare COSE_Sign1 in byte mode comes out as text in some character set, as an error, or as the bytes of `getRawBytes`.
# Happens: decode() succeeds, getText() is "" and getRawBytes() are the symbol's data codewords (mode, length, padding and all, 9
#   of them in version 1-H); the payload is in the metadata alone, under BYTE_SEGMENTS. Cyrillic in windows-1251 without an ECI, no
#   UTF-8 either, does come as text, in Latin-1's letters. The error correction level in the metadata is "2" for H, the
#   number that the symbol's format bits have for it.
# Version: rxing 0.9.3.
# Matters: "decoded, and nothing in it" means binary here; take BYTE_SEGMENTS, or a pass in raw bytes is "not a pass".
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

python3 -m venv venv
venv/bin/pip install --quiet qrcodegen==1.8.0 pillow==13.0.0
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
draw("cose.png", S.make_bytes(bytes.fromhex("d28443a10127a0")))
draw("cp1251.png", S.make_bytes("Уфа".encode("cp1251")))
draw("utf8.png", S.make_bytes("Уфа".encode()))
PY
venv/bin/python draw.py
cargo init --quiet --vcs none --name reader .
cat >>Cargo.toml <<'TOML'
rxing = { version = "=0.9.3", default-features = false, features = ["qrcode", "decoders", "encoding_rs"] }
image = { version = "=0.25.10", default-features = false, features = ["png"] }
TOML
cat >src/main.rs <<'RUST'
use rxing::{BinaryBitmap, Luma8LuminanceSource, RXingResultMetadataType as Key, Reader, common::HybridBinarizer, qrcode::QRCodeReader};

fn main() {
    for name in ["cose", "cp1251", "utf8"] {
        let picture = image::open(format!("{name}.png")).unwrap().to_luma8();
        let (width, height) = picture.dimensions();
        let source = Luma8LuminanceSource::new(picture.into_raw(), width, height).unwrap();
        let read = QRCodeReader.decode(&mut BinaryBitmap::new(HybridBinarizer::new(source))).unwrap();
        let about = read.getRXingResultMetadata();
        let raw = read.getRawBytes().len();
        println!("{name} {:?} raw {raw} {:?} {:?}", read.getText(), about[&Key::BYTE_SEGMENTS], about[&Key::ERROR_CORRECTION_LEVEL]);
    }
}
RUST
cargo run --quiet | tee got
diff got - <<'WANT'
cose "" raw 9 ByteSegments([[210, 132, 67, 161, 1, 39, 160]]) ErrorCorrectionLevel("2")
cp1251 "Óôà" raw 9 ByteSegments([[211, 244, 224]]) ErrorCorrectionLevel("2")
utf8 "Уфа" raw 9 ByteSegments([[208, 163, 209, 132, 208, 176]]) ErrorCorrectionLevel("2")
WANT
