#!/usr/bin/env bash
# quircs says "decoded" of GS1 and appended QR codes and gives no bytes; rqrr refuses them by name.
#
# Expected: a reader that does not know FNC1 (GS1) or Structured Append says so.
# Happens: quircs' decode() is Ok with an empty payload and data_type None. rqrr, of the
#   same ancestry, is Err(UnknownDataType). A code in kanji mode is Ok in quircs, Shift JIS bytes; in rqrr decode() is
#   Err(EncodingError) and decode_to() gives those bytes. ECI 22 (windows-1251) is lost in quircs, ECI 7 is told.
# Versions: quircs 0.10.3, rqrr 0.11.0.
# Matters: as a second opinion, quircs' Ok with nothing in it must not count as "read"; a GS1 poster is a daily sight.
# Source: ISO/IEC 18004:2015 table 2.
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
draw("gs1.png", header(5), S.make_alphanumeric("0104912345123459"))
draw("part1.png", header(3, (0, 4), (1, 4), (3, 8)), S.make_alphanumeric("A"))
draw("kanji.png", S(S.Mode.KANJI, 1, [int(bit) for bit in format(0x0D9F, "013b")]))
draw("eci22.png", header(7, (22, 8)), S.make_bytes("Уфа".encode("cp1251")))
draw("eci7.png", header(7, (7, 8)), S.make_bytes("Уфа".encode("iso8859-5")))
PY
venv/bin/python draw.py
cargo init --quiet --vcs none --name reader .
cat >>Cargo.toml <<'TOML'
quircs = "=0.10.3"
rqrr = { version = "=0.11.0", default-features = false }
image = { version = "=0.25.10", default-features = false, features = ["png"] }
TOML
cat >src/main.rs <<'RUST'
fn main() {
    for name in ["gs1", "part1", "kanji", "eci22", "eci7"] {
        let picture = image::open(format!("{name}.png")).unwrap().to_luma8();
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        let mut quircs = quircs::Quirc::default();
        let code = quircs.identify(width, height, &picture).next().unwrap().unwrap().decode();
        println!("{name} quircs {:?}", code.map(|code| (code.data_type, code.eci, code.payload)));
        let mut rqrr = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| picture.get_pixel(x as u32, y as u32)[0]);
        let grid = &rqrr.detect_grids()[0];
        let mut bytes = Vec::new();
        println!("{name} rqrr {:?}, {:?} {bytes:?}", grid.decode().map(|read| read.1), grid.decode_to(&mut bytes).map(|_| ()).map(|()| bytes.clone()));
    }
}
RUST
cargo run --quiet | tee got
diff got - <<'WANT'
gs1 quircs Ok((None, None, []))
gs1 rqrr Err(UnknownDataType), Err(UnknownDataType) []
part1 quircs Ok((None, None, []))
part1 rqrr Err(UnknownDataType), Err(UnknownDataType) []
kanji quircs Ok((Some(Kanji), None, [147, 95]))
kanji rqrr Err(EncodingError), Ok([147, 95]) [147, 95]
eci22 quircs Ok((Some(Byte), None, [211, 244, 224]))
eci22 rqrr Err(EncodingError), Ok([211, 244, 224]) [211, 244, 224]
eci7 quircs Ok((Some(Byte), Some(Iso8859_5), [195, 228, 208]))
eci7 rqrr Err(EncodingError), Ok([195, 228, 208]) [195, 228, 208]
WANT
