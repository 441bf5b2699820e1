#!/usr/bin/env bash
# segno joins neighbouring segments of one mode bit by bit: "12" and "34" are drawn as a valid code that says 0982.
#
# Expected: make() takes a list of segments, and the code says what they say one after the other, as with any division into segments.
# Happens: segments of one mode that follow each other become one, whose bits are the two strings of bits put together and whose length is
#   the sum. Where the first does not end with a whole group (three digits, two alphanumeric signs) what follows is read from the wrong place:
#   digits become other digits in silence, alphanumeric text becomes a code that cannot be decoded. Whole groups and bytes come out right.
# Versions: segno 1.6.6, read back by zxing-cpp 3.1.1.
# Matters: an issuer that adds a fixed beginning and a number as two segments hands out codes that say something else, or nothing; a verifier
#   gets the blame. The code itself is well-formed, so that only what is signed inside shows it.
# Source: ISO/IEC 18004 section 7.4.3 and 7.4.4, on the last group of a segment.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

python3 -m venv venv
venv/bin/pip install --quiet segno==1.6.6 zxing-cpp==3.1.1 pillow==13.0.0
cat >draw.py <<'PY'
import segno, zxingcpp
from PIL import Image

for segments in (["12", "34"], ["123", "456"], ["ABC", "DEF"], ["ABCD", "EFGH"], ["abc", "def"]):
    code = segno.make(segments, micro=False, error="m")
    side = len(code.matrix)
    picture = Image.new("L", (side + 8, side + 8), 255)
    for y, row in enumerate(code.matrix):
        for x, dark in enumerate(row):
            if dark:
                picture.putpixel((x + 4, y + 4), 0)
    read = zxingcpp.read_barcode(picture.resize((4 * picture.width, 4 * picture.height), Image.Resampling.NEAREST))
    print(segments, "is read as", read.text if read else "nothing")
PY
venv/bin/python draw.py | tee got
diff got - <<'WANT'
['12', '34'] is read as 0982
['123', '456'] is read as 123456
['ABC', 'DEF'] is read as nothing
['ABCD', 'EFGH'] is read as ABCDEFGH
['abc', 'def'] is read as abcdef
WANT
