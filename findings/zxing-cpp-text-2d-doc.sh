#!/usr/bin/env bash
# zxing-cpp's `text` is not the text of a 2D-Doc: its separators come out as words in angle brackets.
#
# Expected: a Data Matrix with the separators of a French 2D-Doc (GS, RS, US) decodes to a text with these characters.
# Happens: `text` holds "<GS>", "<RS>" and "<US>", four letters each, since a control character makes the content "Binary" and the default
#   mode of text writes such content for human eyes. Line ends alone, as in a vCard, do not. `bytes`, or text_mode=Plain,
#   has what is in the code.
# Version: zxing-cpp 3.1.1 (Python).
# Matters: the signature of a 2D-Doc is over the bytes, so that every genuine one fails from `text`.
# Source: 2D-Doc specification (ANTS), separators GS 0x1D, RS 0x1E, US 0x1F.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

python3 -m venv venv
venv/bin/pip install --quiet zxing-cpp==3.1.1 numpy==2.4.6
cat >read.py <<'PY'
import zxingcpp
for text in ("DC04FR000001\x1dAB\x1eCD\x1fSIG", "BEGIN:VCARD\r\nEND:VCARD", "GL1:AB"):
    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.DataMatrix).to_image(scale=5)
    read = zxingcpp.read_barcode(made)
    plain = zxingcpp.read_barcode(made, text_mode=zxingcpp.TextMode.Plain)
    print(repr(read.text), read.content_type.name, read.bytes == text.encode(), plain.text == text)
PY
venv/bin/python read.py | tee got
diff got - <<'WANT'
'DC04FR000001<GS>AB<RS>CD<US>SIG' Binary True True
'BEGIN:VCARD\r\nEND:VCARD' Text True True
'GL1:AB' Text True True
WANT
