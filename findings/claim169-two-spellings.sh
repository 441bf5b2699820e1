#!/usr/bin/env bash
# The claim169 package writes dates of birth and photos otherwise than MOSIP's draft says, and what is not signed as if it were.
#
# Expected: attribute 8, the date of birth, is a text YYYYMMDD; attribute 16, the photo, is a text (hexadecimal digits in the draft's example).
# Happens: a date is written as it was given, with hyphens in the package's own examples; a photo is a byte string. An identity that is
#   not signed is a COSE_Sign1 like the others, whose header and signature are empty.
# Version: claim169 0.3.0.
# Matters: a verifier that reads one spelling alone finds no date of birth where the other stands, and refuses people who are of age; and what
#   looks signed may have a signature of no bytes.
# Source: draft-sasikumar-id-claim-169, "CBOR Map Structure Overview" and its example (mosip/id-claim-169).
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

python3 -m venv venv
venv/bin/pip install --quiet claim169==0.3.0 cbor2==5.8.0
cat >spellings.py <<'PY'
import zlib

import cbor2
from claim169 import Claim169Input, CwtMetaInput, encode_unsigned, encode_with_ed25519

SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"


def parts(text):
    """Header, payload's claim 169 and signature of the COSE_Sign1 in a text."""
    values = [[SIGNS.index(sign) for sign in text[at:at + 3]] for at in range(0, len(text), 3)]
    packed = b"".join(sum(v * 45 ** n for n, v in enumerate(group)).to_bytes(len(group) - 1, "big") for group in values)
    header, _, payload, signature = cbor2.loads(zlib.decompress(packed)).value
    return header, cbor2.loads(payload)[169], signature


meta = CwtMetaInput(issuer="https://id.example.org", expires_at=1900000000)
for name, attribute, person in [
    ("born 1984-05-09", 8, Claim169Input(id="1", date_of_birth="1984-05-09")),
    ("born 19840509", 8, Claim169Input(id="1", date_of_birth="19840509")),
    ("photo", 16, Claim169Input(id="1", photo=b"abc", photo_format=4)),
]:
    print(name, "is", repr(parts(encode_with_ed25519(person, meta, bytes(range(32))))[1][attribute]))
header, _, signature = parts(encode_unsigned(Claim169Input(id="1"), meta))
print("not signed: header", header, "signature", signature)
PY
venv/bin/python spellings.py | tee got
diff got - <<'WANT'
born 1984-05-09 is '1984-05-09'
born 19840509 is '19840509'
photo is b'abc'
not signed: header b'' signature b''
WANT
