#!/usr/bin/env bash
# OpenCV 5 in Python raises on valid QR codes: UnicodeDecodeError for ECI and kanji, cv2.error for GS1.
#
# Expected: text announced as windows-1251 or ISO 8859-1 by an ECI, and text in kanji mode, are returned as text, or as nothing.
# Happens: detectAndDecode gives the symbol's bytes to Python as if they were UTF-8, so that a UnicodeDecodeError comes
#   out of the call; the same bytes without an ECI are returned well, as Latin-1. A GS1 code (FNC1) ends in cv2.error
#   -213 (not implemented).
# Version: opencv-python-headless 5.0.0.93.
# Matters: a yardstick or a second reader built on it needs a try around every frame, for posters carry such codes.
# Source: ISO/IEC 18004:2015 sections 7.4.2, 7.4.6 and 7.4.8.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

python3 -m venv venv
venv/bin/pip install --quiet qrcodegen==1.8.0 pillow==13.0.0 numpy==2.4.6 opencv-python-headless==5.0.0.93
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

draw("latin1.png", S.make_bytes("é".encode("latin-1")))
draw("latin1-eci.png", header(7, (3, 8)), S.make_bytes("é".encode("latin-1")))
draw("utf8-eci.png", header(7, (26, 8)), S.make_bytes("Уфа".encode()))
draw("cp1251-eci.png", header(7, (22, 8)), S.make_bytes("Уфа".encode("cp1251")))
draw("kanji.png", S(S.Mode.KANJI, 1, [int(bit) for bit in format(0x0D9F, "013b")]))
draw("gs1.png", header(5), S.make_alphanumeric("0104912345123459"))

import cv2
for name in ("latin1", "latin1-eci", "utf8-eci", "cp1251-eci", "kanji", "gs1"):
    for reader in (cv2.QRCodeDetector(), cv2.QRCodeDetectorAruco()):
        try:
            said = reader.detectAndDecode(cv2.imread(name + ".png"))[0]
        except UnicodeDecodeError as refusal:
            said = f"UnicodeDecodeError, bytes {refusal.object.hex()}"
        except cv2.error as refusal:
            said = f"cv2.error {refusal.code}"
        print(name, said)
PY
venv/bin/python draw.py 2>noise | tee got
diff got - <<'WANT'
latin1 é
latin1 é
latin1-eci UnicodeDecodeError, bytes e9
latin1-eci UnicodeDecodeError, bytes e9
utf8-eci Уфа
utf8-eci Уфа
cp1251-eci UnicodeDecodeError, bytes d3f4e0
cp1251-eci UnicodeDecodeError, bytes d3f4e0
kanji UnicodeDecodeError, bytes 935f
kanji UnicodeDecodeError, bytes 935f
gs1 cv2.error -213
gs1 cv2.error -213
WANT
