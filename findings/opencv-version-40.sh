#!/usr/bin/env bash
# OpenCV's two QR readers differ on a full version 40 code: the older finds it and decodes nothing.
#
# Expected: a clean drawing of a full version 40 code at 4 pixels a module is read by both of OpenCV's readers, or by neither.
# Happens: QRCodeDetector returns an empty text for 7089 digits, 4296 letters and 2953 bytes; QRCodeDetectorAruco reads all three.
#   A version 40 code that holds little is read by both, at 3 pixels a module.
# Version: opencv-python-headless 5.0.0.93.
# Matters: comparing readers on big codes (Aadhaar, passes with a photo), name the class that was used.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

python3 -m venv venv
venv/bin/pip install --quiet qrcodegen==1.8.0 pillow==13.0.0 numpy==2.4.6 opencv-python-headless==5.0.0.93
cat >draw.py <<'PY'
import cv2, numpy
from qrcodegen import QrCode, QrSegment as S

def picture(segment, level, scale):
    code = QrCode.encode_segments([segment], level, 40, 40, boostecl=False)
    modules = [[not code.get_module(x, y) for x in range(-4, 181)] for y in range(-4, 181)]
    return numpy.kron(numpy.array(modules, numpy.uint8) * 255, numpy.ones((scale, scale), numpy.uint8))

for name, segment, level, scale in (
    ("90 letters", S.make_alphanumeric("GL1:HELLO" * 10), QrCode.Ecc.MEDIUM, 3),
    ("7089 digits", S.make_numeric("1" * 7089), QrCode.Ecc.LOW, 4),
    ("4296 letters", S.make_alphanumeric("A" * 4296), QrCode.Ecc.LOW, 4),
    ("2953 bytes", S.make_bytes(bytes(97 + i % 26 for i in range(2953))), QrCode.Ecc.LOW, 4),
):
    grey = picture(segment, level, scale)
    print(name, *(f"{kind.__name__} {len(kind().detectAndDecode(grey)[0])}" for kind in (cv2.QRCodeDetector, cv2.QRCodeDetectorAruco)))
PY
venv/bin/python draw.py | tee got
diff got - <<'WANT'
90 letters QRCodeDetector 90 QRCodeDetectorAruco 90
7089 digits QRCodeDetector 0 QRCodeDetectorAruco 7089
4296 letters QRCodeDetector 0 QRCodeDetectorAruco 4296
2953 bytes QRCodeDetector 0 QRCodeDetectorAruco 2953
WANT
