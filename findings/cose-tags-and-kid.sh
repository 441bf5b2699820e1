#!/usr/bin/env bash
# Three Python readers of COSE differ on tokens that RFC 9052 allows: no tag, tag 61 in front, no key identifier.
#
# Expected: COSE_Sign1 without its tag 18, with CWT's tag 61 before it, or without a kid, verifies if the key is right: tag and kid are optional.
# Happens: without a tag cwt.decode, its COSE class and pycose all raise (DecodeError, ValueError, AttributeError). 61(18(…)) is read by
#   cwt.decode alone; the COSE class of the same package says "Unsupported or unknown CBOR tag(61)", pycose "Bytes cannot be decoded".
#   Without a kid cwt.decode raises "kid should be specified", its COSE class and pycose verify.
# Versions: cwt 3.3.0, pycose 1.1.0.
# Matters: three of the EU's health certificate vectors have no tag, MOSIP cards come with 61 and without: an issuer who tries
#   a pass with one of these hears that it is wrong where it is not.
# Source: RFC 9052 sections 2 and 3.1; RFC 8392 section 6.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

python3 -m venv venv
venv/bin/pip install --quiet cwt==3.3.0 pycose==1.1.0 cbor2==5.9.0 cryptography==50.0.2
cat >read.py <<'PY'
import cbor2, cwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pycose.keys import OKPKey
from pycose.messages import CoseMessage

secret = Ed25519PrivateKey.from_private_bytes(bytes([7]) * 32)
public = secret.public_key()
key = cwt.COSEKey.from_pem(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), kid="01")

def token(header, wrap):
    protected, payload = cbor2.dumps(header), cbor2.dumps({1: "issuer"})
    signature = secret.sign(cbor2.dumps(["Signature1", protected, b"", payload]))
    return cbor2.dumps(wrap([protected, {}, payload, signature]))

def pycose(data):
    message = CoseMessage.decode(data)
    message.key = OKPKey(crv="ED25519", x=public.public_bytes_raw())
    return message.verify_signature()

tag = cbor2.CBORTag
for name, header, wrap in (
    ("18", {1: -8, 4: b"01"}, lambda body: tag(18, body)),
    ("untagged", {1: -8, 4: b"01"}, lambda body: body),
    ("61(18)", {1: -8, 4: b"01"}, lambda body: tag(61, tag(18, body))),
    ("no kid", {1: -8}, lambda body: tag(18, body)),
):
    data = token(header, wrap)
    for reader, read in (("cwt.decode", lambda: cwt.decode(data, key)), ("cwt.COSE", lambda: cwt.COSE.new().decode(data, key)), ("pycose", lambda: pycose(data))):
        try:
            print(name, reader, "read" if read() else "not verified")
        except Exception as refusal:
            print(name, reader, type(refusal).__name__, refusal)
PY
venv/bin/python read.py | tee got
diff got - <<'WANT'
18 cwt.decode read
18 cwt.COSE read
18 pycose read
untagged cwt.decode DecodeError Failed to decode.
untagged cwt.COSE ValueError Invalid COSE format.
untagged pycose AttributeError Message was not tagged.
61(18) cwt.decode read
61(18) cwt.COSE ValueError Unsupported or unknown CBOR tag(61).
61(18) pycose TypeError Bytes cannot be decoded as COSE message
no kid cwt.decode ValueError kid should be specified.
no kid cwt.COSE read
no kid pycose read
WANT
