#!/usr/bin/env bash
# segno puts a zero byte of its own between a byte segment's end and the first pad codeword.
#
# Expected: after the four zero bits of the terminator a byte segment ends on a byte's edge, and 11101100 (EC), 00010001 (11) follow at once.
# Happens: segno writes 00 first, then EC 11: other codewords, and so other modules, than qrcodegen's for the same text, version, level and
#   mask. Readers see nothing of it, for what stands after the terminator is not looked at. Digits are padded alike by both.
# Versions: segno 1.6.6, qrcodegen 1.8.0.
# Matters: "same text, same picture" does not hold across encoders, nor may a reader that checks the padding call it damage.
# Source: ISO/IEC 18004:2015 section 7.4.10.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

python3 -m venv venv
venv/bin/pip install --quiet segno==1.6.6 qrcodegen==1.8.0
cat >pads.py <<'PY'
import segno
from qrcodegen import QrCode, QrSegment

def codewords(dark):
    """The 19 data codewords of a version 1-L code with mask 0, in the order in which they were laid."""
    plain = lambda x, y: not (x < 9 and (y < 9 or y > 12) or x > 12 and y < 9 or x == 6 or y == 6)
    bits, up = [], True
    for right in (20, 18, 16, 14, 12, 10, 8, 5, 3, 1):
        for y in range(20, -1, -1) if up else range(21):
            bits += [dark(x, y) ^ ((x + y) % 2 == 0) for x in (right, right - 1) if plain(x, y)]
        up = not up
    return bytes(int("".join(str(int(bit)) for bit in bits[i:i + 8]), 2) for i in range(0, 19 * 8, 8)).hex(" ")

for text, mode in (("abc", QrSegment.make_bytes(b"abc")), ("12345", QrSegment.make_numeric("12345"))):
    matrix = segno.make_qr(text, error="L", version=1, mask=0, boost_error=False).matrix
    other = QrCode.encode_segments([mode], QrCode.Ecc.LOW, 1, 1, 0, False)
    print("segno    ", codewords(lambda x, y: matrix[y][x] & 1))
    print("qrcodegen", codewords(lambda x, y: other.get_module(x, y)))
PY
venv/bin/python pads.py | tee got
diff got - <<'WANT'
segno     40 36 16 26 30 00 ec 11 ec 11 ec 11 ec 11 ec 11 ec 11 ec
qrcodegen 40 36 16 26 30 ec 11 ec 11 ec 11 ec 11 ec 11 ec 11 ec 11
segno     10 14 7b 5a 00 ec 11 ec 11 ec 11 ec 11 ec 11 ec 11 ec 11
qrcodegen 10 14 7b 5a 00 ec 11 ec 11 ec 11 ec 11 ec 11 ec 11 ec 11
WANT
