#!/usr/bin/env bash
# A USB camera's MJPEG frame without Huffman tables is refused by zune-jpeg, image and jpeg-decoder, and read by libjpeg-turbo.
#
# Expected: a Motion JPEG frame that leaves out the standard tables, as UVC cameras send it, is decoded with those of ITU-T T.81 annex K.
# Happens: the three Rust decoders say that a Huffman table is missing. Pillow's libjpeg-turbo puts in the standard ones and has the very
#   pixels of the whole file.
# Versions: zune-jpeg 0.5.15, image 0.25.10, jpeg-decoder 0.3.2, Pillow 13.0.0.
# Matters: with nokhwa and zune-jpeg such a camera shows nothing; put the tables in before decoding.
# Source: ITU-T T.81 annex K.3; RFC 2435 section 4.2 for the same habit in RTP; V4L2_PIX_FMT_MJPEG.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

python3 -m venv venv
venv/bin/pip install --quiet pillow==13.0.0
cat >frame.py <<'PY'
import io
from PIL import Image
whole = io.BytesIO()
Image.linear_gradient("L").convert("RGB").save(whole, "JPEG", quality=90)
data, at, frame = whole.getvalue(), 2, b"\xff\xd8"
while data[at + 1] != 0xDA:
    length = 2 + int.from_bytes(data[at + 2:at + 4], "big")
    if data[at + 1] != 0xC4:
        frame += data[at:at + length]
    at += length
open("frame.jpg", "wb").write(frame + data[at:])
print("Pillow", Image.open("frame.jpg").tobytes() == Image.open(whole).tobytes())
PY
cargo init --quiet --vcs none --name decode .
cat >>Cargo.toml <<'TOML'
zune-jpeg = "=0.5.15"
image = { version = "=0.25.10", default-features = false, features = ["jpeg"] }
jpeg-decoder = { version = "=0.3.2", default-features = false }
TOML
cat >src/main.rs <<'RUST'
use zune_jpeg::{JpegDecoder, zune_core::bytestream::ZCursor};

fn main() {
    let frame = std::fs::read("frame.jpg").unwrap();
    println!("jpeg-decoder {:?}", jpeg_decoder::Decoder::new(&frame[..]).decode().map(|pixels| pixels.len()));
    println!("zune-jpeg {:?}", JpegDecoder::new(ZCursor::new(&frame)).decode().map(|pixels| pixels.len()));
    println!("image {}", image::load_from_memory(&frame).unwrap_err());
}
RUST
{ venv/bin/python frame.py; cargo run --quiet; } | tee got
diff got - <<'WANT'
Pillow True
jpeg-decoder Err(Format("scan makes use of unset dc huffman table"))
zune-jpeg Err(Error decoding huffman values: No DC table for component Y)
image Format error decoding Jpeg: Error decoding huffman values: No DC table for component Y
WANT
