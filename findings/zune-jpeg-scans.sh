#!/usr/bin/env bash
# zune-jpeg gives noise, without an error, for a baseline JPEG whose colours come in scans of their own, or whose colour planes are finer than grey.
#
# Expected: a JPEG that libjpeg-turbo wrote and reads back is decoded to the same picture within rounding, or refused.
# Happens: with one scan for each component (cjpeg -scans) and the usual 2x2 sampling, and with the grey plane sampled 1x1 beside colour planes
#   at 2x2, decode() is Ok and the pixels are wrong by a mean of 101 and 52 of 255. One scan each at 1x1 or 2x1, or in a
#   progressive file, is right. Three samples for one,
#   "3x1", is refused: "not a power of two". jpeg-decoder reads them all.
# Versions: zune-jpeg 0.5.15 (also image 0.25's decoder), jpeg-decoder 0.3.2, Debian 12's libjpeg-turbo 2.1.5.
# Matters: a photo of a pass may be "no code found" for its file's sake alone; such files come from scanners and optimisers.
# Source: ITU-T T.81 sections A.2 (interleaving), B.2.3 and B.2.2 (sampling factors 1 to 4).
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

apt-get download -qq libjpeg-turbo-progs=1:2.1.5-2 libjpeg62-turbo=1:2.1.5-2 2>/dev/null
for package in *.deb; do dpkg -x "$package" root; done
LD_LIBRARY_PATH=$(dirname "$(find "$dir/root" -name 'libjpeg.so.62')")
export LD_LIBRARY_PATH
python3 - <<'PY'
pixels = bytes(value % 256 for y in range(37) for x in range(53) for value in (3 * y + 2 * x, 255 - 3 * y - 2 * x, 9 * y + 6 * x))
open("in.ppm", "wb").write(b"P6 53 37 255\n" + pixels)
PY
printf '0;\n1;\n2;\n' >scans
printf '0,1,2: 0-0, 0, 0;\n0: 1-63, 0, 0;\n1: 1-63, 0, 0;\n2: 1-63, 0, 0;\n' >progressive
cjpeg() { root/usr/bin/cjpeg -quality 95 -outfile "$@" in.ppm; }
cjpeg usual.jpg
cjpeg scans-1x1.jpg -sample 1x1 -scans scans
cjpeg scans-2x1.jpg -sample 2x1 -scans scans
cjpeg scans-2x2.jpg -sample 2x2 -scans scans
cjpeg progressive.jpg -sample 2x2 -scans progressive
cjpeg fine-colour.jpg -sample 1x1,2x2,2x2
cjpeg three.jpg -sample 3x1
for picture in *.jpg; do root/usr/bin/djpeg -pnm -outfile "${picture%jpg}ppm" "$picture"; done

cargo init --quiet --vcs none --name decode .
cat >>Cargo.toml <<'TOML'
zune-jpeg = "=0.5.15"
jpeg-decoder = { version = "=0.3.2", default-features = false }
TOML
cat >src/main.rs <<'RUST'
use zune_jpeg::{JpegDecoder, zune_core::bytestream::ZCursor};

fn main() {
    for name in ["usual", "scans-1x1", "scans-2x1", "scans-2x2", "progressive", "fine-colour", "three"] {
        let file = std::fs::read(format!("{name}.jpg")).unwrap();
        let wanted = std::fs::read(format!("{name}.ppm")).unwrap();
        let wanted = &wanted[wanted.len() - 53 * 37 * 3..];
        let mean = |got: Vec<u8>| got.iter().zip(wanted).map(|(a, b)| f64::from(a.abs_diff(*b))).sum::<f64>() / got.len() as f64;
        let zune = JpegDecoder::new(ZCursor::new(&file)).decode();
        let other = jpeg_decoder::Decoder::new(&file[..]).decode().unwrap();
        println!("{name} zune-jpeg {:?} jpeg-decoder {:.0}", zune.map(|got| mean(got).round()), mean(other));
    }
}
RUST
cargo run --quiet | tee got
diff got - <<'WANT'
usual zune-jpeg Ok(0.0) jpeg-decoder 0
scans-1x1 zune-jpeg Ok(0.0) jpeg-decoder 0
scans-2x1 zune-jpeg Ok(0.0) jpeg-decoder 0
scans-2x2 zune-jpeg Ok(101.0) jpeg-decoder 0
progressive zune-jpeg Ok(0.0) jpeg-decoder 0
fine-colour zune-jpeg Ok(52.0) jpeg-decoder 0
three zune-jpeg Err("Horizontal sample is not a power of two(3) cannot decode") jpeg-decoder 0
WANT
