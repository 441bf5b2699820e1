#!/usr/bin/env bash
# zbar passes over an ECI for windows-1251 and gives mojibake; pyzbar raises on a code of a Structured Append message.
#
# Expected: ECI 22 (windows-1251) is heeded as ECI 7 (ISO 8859-5) is; a picture with the first part of a two-part message
#   decodes to something, or to nothing.
# Happens: the bytes under ECI 22 come out as Latin-1 ("Óôà" for "Уфа"), in spite of the label. pyzbar 0.1.9 raises
#   "4294967295 is not a valid ZBarOrientation" from decode() for the first part, where a list is promised; for
#   the second part it returns an empty list.
# Versions: Debian 12's libzbar0 0.23.92-7+deb12u1, pyzbar 0.1.9.
# Matters: a USB scanner or web service built on zbar alters Cyrillic texts; compare bytes, never its text.
# Source: ISO/IEC 18004:2015 sections 7.4.2 and 8; AIM ECI 22.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

apt-get download -qq libzbar0=0.23.92-7+deb12u1 libv4l-0 libv4lconvert0 libdbus-1-3 libjpeg62-turbo libx11-6 libxcb1 libxau6 \
    libxdmcp6 libbsd0 libmd0 libxext6 libxv1 2>/dev/null
for package in *.deb; do dpkg -x "$package" root; done
zbar=$(find "$dir/root" -name 'libzbar.so.0')
export zbar
python3 -m venv venv
venv/bin/pip install --quiet qrcodegen==1.8.0 pillow==13.0.0 pyzbar==0.1.9
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

draw("iso8859-5.png", header(7, (7, 8)), S.make_bytes("Уфа".encode("iso8859-5")))
draw("cp1251.png", header(7, (22, 8)), S.make_bytes("Уфа".encode("cp1251")))
for part, text in enumerate("AB"):
    draw(f"part{part + 1}.png", header(3, (part, 4), (1, 4), (ord("A") ^ ord("B"), 8)), S.make_alphanumeric(text))

import ctypes.util, os
find = ctypes.util.find_library
ctypes.util.find_library = lambda name: os.environ["zbar"] if name == "zbar" else find(name)
from pyzbar import pyzbar
for name in ("iso8859-5", "cp1251", "part1", "part2"):
    try:
        print(name, [code.data.decode() for code in pyzbar.decode(Image.open(name + ".png"))])
    except ValueError as refusal:
        print(name, refusal)
PY
LD_LIBRARY_PATH=$(dirname "$zbar"):$dir/root/lib/x86_64-linux-gnu venv/bin/python draw.py | tee got
diff got - <<'WANT'
iso8859-5 ['Уфа']
cp1251 ['Óôà']
part1 4294967295 is not a valid ZBarOrientation
part2 []
WANT
