#!/usr/bin/env bash
# reportlab never makes a version 40 QR code: what fits only there is refused as too long.
#
# Expected: 7089 digits, 4296 letters or 2953 bytes at level L, the most that ISO/IEC 18004 lets a code hold, are drawn as version 40.
# Happens: the versions tried end at 39, and "code length overflow" is raised for anything between what 39 and 40 hold;
#   the message gives version 39's number of bits as the limit. Digits that fit version 39 exactly are drawn.
# Version: reportlab 5.1.0.
# Matters: passes with a photo inside reach the last versions; an issuer that prints with reportlab loses 5 % of the room.
# Source: ISO/IEC 18004:2015 table 7.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

python3 -m venv venv
venv/bin/pip install --quiet reportlab==5.1.0
cat >draw.py <<'PY'
from reportlab.graphics.barcode.qr import QrCodeWidget
for name, text in (("39-L digits", "1" * 6743), ("40-L digits", "1" * 7089), ("40-L letters", "A" * 4296),
                   ("40-L bytes", "a" * 2953), ("40-H bytes", "a" * 1273)):
    code = QrCodeWidget(text, barLevel=name[3]).qr
    try:
        code.make()
        print(name, "version", code.version)
    except Exception as refusal:
        print(name, refusal)
PY
venv/bin/python draw.py | tee got
diff got - <<'WANT'
39-L digits version 39
40-L digits code length overflow. (23648 > 22496)
40-L letters code length overflow. (23645 > 22496)
40-L bytes code length overflow. (23644 > 22496)
40-H bytes code length overflow. (10204 > 9776)
WANT
