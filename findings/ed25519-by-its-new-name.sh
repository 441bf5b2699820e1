#!/usr/bin/env bash
# Half of the libraries do not know Ed25519 by the name that RFC 9864 gave it, and cose-js not by any.
#
# Expected: "Ed25519" (JOSE) and -19 (COSE), the fully specified names since October 2025, are taken as "EdDSA" and -8 are.
# Happens: PyJWT, authlib and pycose refuse the new names, jwcrypto, joserfc, jose (npm) and cwt take both; joserfc warns of the old one.
#   cose-js has no EdDSA at all, by neither name.
# Versions: as pinned below.
# Matters: an authority that moves to the new numbers is not read by verifiers built on the first three; a format that pins -8 must say so. A MOSIP card, signed by EdDSA, cannot be checked with cose-js.
# Source: RFC 9864 sections 2.2 and 2.3.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

python3 -m venv venv
venv/bin/pip install --quiet PyJWT==2.15.1 authlib==1.9.10 jwcrypto==1.6.1 joserfc==1.8.0 cwt==3.3.0 pycose==1.1.0 cbor2==5.9.0 cryptography==50.0.2
npm install --silent --no-audit --no-fund --ignore-scripts jose@6.2.18 cose-js@0.9.0
cat >sign.py <<'PY'
import json, warnings
warnings.simplefilter("ignore")
import authlib.jose, cbor2, cwt, joserfc.jwk, joserfc.jws, jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from jwcrypto import jwk, jws
from pycose.keys import OKPKey
from pycose.messages import CoseMessage

secret = Ed25519PrivateKey.from_private_bytes(bytes([7]) * 32)
pem = secret.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
public = secret.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

def token(number):
    protected = cbor2.dumps({1: number})
    signature = secret.sign(cbor2.dumps(["Signature1", protected, b"", b"text"]))
    return cbor2.dumps(cbor2.CBORTag(18, [protected, {}, b"text", signature]))

def with_pycose(number):
    message = CoseMessage.decode(token(number))
    message.key = OKPKey(crv="ED25519", x=secret.public_key().public_bytes_raw())
    return message.verify_signature()

for name, number in (("EdDSA", -8), ("Ed25519", -19)):
    for library, use in (
        ("PyJWT", lambda: jwt.encode({}, secret, algorithm=name)),
        ("authlib", lambda: authlib.jose.JsonWebSignature(algorithms=[name]).serialize_compact({"alg": name}, b"text", pem)),
        ("jwcrypto", lambda: jws.JWS(b"text").add_signature(jwk.JWK.from_pem(pem), name, json.dumps({"alg": name})) or True),
        ("joserfc", lambda: joserfc.jws.serialize_compact({"alg": name}, b"text", joserfc.jwk.OKPKey.import_key(pem), algorithms=[name])),
        ("cwt", lambda: cwt.COSE.new().decode(token(number), cwt.COSEKey.from_pem(public))),
        ("pycose", lambda: with_pycose(number)),
    ):
        try:
            print(name, library, "taken" if use() else "not verified")
        except Exception as refusal:
            print(name, library, "refused:", type(refusal).__name__)
PY
cat >sign.mjs <<'JS'
import { generateKeyPairSync } from "crypto"; import cose from "cose-js"; import { CompactSign } from "jose";
const { privateKey } = generateKeyPairSync("ed25519");
const d = Buffer.from(privateKey.export({ format: "jwk" }).d, "base64url");
for (const alg of ["EdDSA", "Ed25519"]) {
  await new CompactSign(Buffer.from("text")).setProtectedHeader({ alg }).sign(privateKey).then(() => console.log(alg, "jose taken"));
  try {
    await cose.sign.create({ p: { alg } }, Buffer.from("text"), { key: { d } });
    console.log(alg, "cose-js taken");
  } catch (refusal) {
    console.log(alg, "cose-js", refusal.message);
  }
}
JS
{ venv/bin/python sign.py; node sign.mjs; } | tee got
diff got - <<'WANT'
EdDSA PyJWT taken
EdDSA authlib taken
EdDSA jwcrypto taken
EdDSA joserfc taken
EdDSA cwt taken
EdDSA pycose taken
Ed25519 PyJWT refused: NotImplementedError
Ed25519 authlib refused: UnsupportedAlgorithmError
Ed25519 jwcrypto taken
Ed25519 joserfc taken
Ed25519 cwt taken
Ed25519 pycose refused: CoseException
EdDSA jose taken
EdDSA cose-js Unknown 'alg' parameter, EdDSA
Ed25519 jose taken
Ed25519 cose-js Unknown 'alg' parameter, Ed25519
WANT
