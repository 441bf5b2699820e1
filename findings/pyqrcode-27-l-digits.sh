#!/usr/bin/env bash
# PyQRCode's table of capacities has one wrong number: digits in version 27-L.
#
# Expected: 3517 digits, what ISO/IEC 18004 says that version 27-L holds, make version 27, as in every other encoder.
# Happens: version 28 is chosen, and told to use 27, PyQRCode refuses: its table says 3514, three digits short. The other
#   cells tried here are right.
# Version: PyQRCode 1.2.1 (segno 1.6.6 as the yardstick).
# Matters: an Aadhaar code is digits alone, in versions 26 and up: "the smallest version that fits" cannot be
#   assumed of a foreign code when one judges whether it is well made.
# Source: ISO/IEC 18004:2015 table 7.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

python3 -m venv venv
venv/bin/pip install --quiet PyQRCode==1.2.1 segno==1.6.6
cat >draw.py <<'PY'
import pyqrcode, segno
from pyqrcode.tables import data_capacity
print("table 26-L", data_capacity[26]["L"][1], "27-L", data_capacity[27]["L"][1])
for version, most in ((25, 3057), (26, 3283), (27, 3517), (28, 3669), (40, 7089)):
    text = "1" * most
    print(most, "segno", segno.make_qr(text, error="L", boost_error=False).version,
          "PyQRCode", pyqrcode.create(text, error="L").version)
try:
    pyqrcode.create("1" * 3517, error="L", version=27)
    print("27 taken")
except ValueError as refusal:
    print("27 refused:", str(refusal).split("\n")[0][:60])
PY
venv/bin/python draw.py | tee got
diff got - <<'WANT'
table 26-L 3283 27-L 3514
3057 segno 25 PyQRCode 25
3283 segno 26 PyQRCode 26
3517 segno 27 PyQRCode 28
3669 segno 28 PyQRCode 28
7089 segno 40 PyQRCode 40
27 refused: The data will not fit inside a version 27 code with the give
WANT
