#!/usr/bin/env bash
# Six QR encoders write a text in one mode only: a SMART Health Card becomes version 25 instead of 15.
#
# Expected: "shc:/" and then digits alone, as every SMART Health Card is, is written as 5 bytes and a numeric segment: 77 x 77 modules.
# Happens: segno, PyQRCode, reportlab, OpenCV, uqr and qr (npm) choose one mode for the whole text, bytes here, and
#   need 117 x 117. qrcode (Python), zxing-cpp, qrcode (npm), lean-qr and bwip-js split, and need 77 x 77.
# Versions: as pinned below.
# Matters: a guest's code made by one of the six has modules 1.5 times as small in the same picture; a reader's resolution
#   must be planned for that, and a test that draws its codes with one of them measures the worse case.
# Source: SMART Health Cards Framework, "Encoding Chunks as QR Codes" (asks for two segments); ISO/IEC 18004 annex J.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

python3 -m venv venv
venv/bin/pip install --quiet segno==1.6.6 PyQRCode==1.2.1 reportlab==5.1.0 opencv-python-headless==5.0.0.93 qrcode==8.2 \
    zxing-cpp==3.1.1 numpy==2.4.6 pillow==13.0.0
npm install --silent --no-audit --no-fund --ignore-scripts qrcode@1.5.4 uqr@0.1.3 qr@0.7.0 lean-qr@2.7.4 bwip-js@4.11.4
printf 'shc:/%s' "$(for i in $(seq 0 594); do printf '%02d' $((i * 37 % 76)); done)" >text

cat >draw.py <<'PY'
import cv2, pyqrcode, qrcode, segno, zxingcpp
from reportlab.graphics.barcode.qr import QrCodeWidget
text = open("text").read()
print("segno", segno.make_qr(text, error="L", boost_error=False).version)
print("PyQRCode", pyqrcode.create(text, error="L").version)
widget = QrCodeWidget(text, barLevel="L")
widget.qr.make()
print("reportlab", widget.qr.version)
params = cv2.QRCodeEncoder_Params()
params.correction_level = cv2.QRCODE_ENCODER_CORRECT_LEVEL_L
print("OpenCV", (cv2.QRCodeEncoder_create(params).encode(text).shape[0] - 4 - 17) // 4)
code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_L)
code.add_data(text)
code.make(fit=True)
print("qrcode", code.version)
code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="L")
print("zxing-cpp", (code.to_image(scale=1, add_quiet_zones=False).shape[0] - 17) // 4)
PY
cat >draw.mjs <<'JS'
import { readFileSync } from "fs";
import bwip from "bwip-js"; import { generate } from "lean-qr"; import encodeQR from "qr"; import QRCode from "qrcode"; import { encode } from "uqr";
const text = readFileSync("text", "utf8");
console.log("uqr", encode(text, { ecc: "L", border: 0, boostEcc: false }).version);
console.log("qr", (encodeQR(text, "raw", { ecc: "low", border: 1 }).length - 2 - 17) / 4);
console.log("qrcode (npm)", QRCode.create(text, { errorCorrectionLevel: "L" }).version);
console.log("lean-qr", (generate(text, { minCorrectionLevel: 0, maxCorrectionLevel: 0 }).size - 17) / 4);
console.log("bwip-js", (bwip.raw({ bcid: "qrcode", text, eclevel: "L" })[0].pixx - 17) / 4);
JS
{ venv/bin/python draw.py; node draw.mjs; } | tee got
diff got - <<'WANT'
segno 25
PyQRCode 25
reportlab 25
OpenCV 25
qrcode 15
zxing-cpp 15
uqr 25
qr 25
qrcode (npm) 15
lean-qr 15
bwip-js 15
WANT
