"""Makes identities.json with the `claim169` package: `python3 make.py >identities.json`, in an environment that has it
(script/test-schemes). The people are invented, and the keys are new each time and forgotten."""

import importlib.metadata
import io
import json

import claim169
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from PIL import Image

ISSUER = "https://id.example.org"
ISSUED, FROM, EXPIRES = 1_780_000_000, 1_780_000_100, 1_900_000_000
RAW = serialization.Encoding.Raw, serialization.PublicFormat.Raw
POINT = serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint

edwards, curve = ed25519.Ed25519PrivateKey.generate(), ec.generate_private_key(ec.SECP256R1())
other = ed25519.Ed25519PrivateKey.generate()
edwards_secret, other_secret = edwards.private_bytes_raw(), other.private_bytes_raw()
curve_secret = curve.private_numbers().private_value.to_bytes(32, "big")


def webp():
    picture = io.BytesIO()
    Image.new("L", (8, 8), 128).save(picture, "WEBP")
    return picture.getvalue()


def token(expires=EXPIRES, begins=None):
    meta = claim169.CwtMetaInput(issuer=ISSUER, expires_at=expires)
    meta.issued_at = ISSUED
    meta.not_before = begins
    return meta


def told(text, person, expected="valid", **more):
    names = [person.first_name, person.middle_name, person.last_name]
    return {
        "text": text,
        "expected": expected,
        "name": person.full_name or " ".join(name for name in names if name) or None,
        "id": person.id,
        "born": person.date_of_birth,
        "nationality": person.nationality,
        "issuer": ISSUER,
        "issued": ISSUED,
        "expires": EXPIRES,
        **more,
    }


def person(**more):
    return claim169.Claim169Input(id="ID-0042-7781", **more)


identities = []
people = [
    person(full_name="Земфира Баязитова", date_of_birth="1984-05-09", gender=2, nationality="RUS"),
    person(first_name="Anna", middle_name="B.", last_name="Müller", date_of_birth="19840509", nationality="DEU"),
    person(full_name="Photo", photo=webp(), photo_format=4),
    person(full_name="Face", face=[claim169.Biometric(webp(), 0, 4)]),
    person(
        full_name="Everything There Is",
        version="1.0",
        language="eng",
        date_of_birth="1990-01-15",
        gender=1,
        address="1 Street, Town",
        email="person@example.org",
        phone="+7 000",
        nationality="RUS",
        marital_status=1,
        guardian="Guardian",
        secondary_full_name="Всё",
        secondary_language="rus",
        location_code="RU-BA",
        legal_status="citizen",
        country_of_issuance="RUS",
        right_thumb=[claim169.Biometric(b"template", 1, 2)],
    ),
]
for one in people:
    photo = one.photo or (one.face[0].data if one.face else None)
    more = {"photo": photo.hex()} if photo else {}
    for algorithm, encode, secret in [
        ("ed25519", claim169.encode_with_ed25519, edwards_secret),
        ("es256", claim169.encode_with_ecdsa_p256, curve_secret),
    ]:
        identities.append(told(encode(one, token(), secret), one, algorithm=algorithm, **more))

one = people[0]
identities += [
    told(claim169.encode_with_ed25519(one, token(begins=FROM), edwards_secret), one, algorithm="ed25519", **{"from": FROM}),
    told(claim169.encode_with_ed25519(one, token(None), edwards_secret), one, algorithm="ed25519", expires=None),
    told(
        claim169.encode_with_signer(one, token(), lambda _, __, data: edwards.sign(data), "EdDSA", b"key-1"),
        one,
        algorithm="ed25519",
        kid=b"key-1".hex(),
    ),
    told(claim169.encode_with_ed25519(one, token(), other_secret), one, "not genuine"),
    told(claim169.encode_unsigned(one, token()), one, "not genuine"),
    told(claim169.encode_signed_encrypted(one, token(), edwards_secret, bytes(range(32))), one, "newer"),
]
print(
    json.dumps(
        {
            "source": f"made with claim169 {importlib.metadata.version('claim169')} by make.py; the people are invented",
            "keys": {
                "ed25519": edwards.public_key().public_bytes(*RAW).hex(),
                "es256": curve.public_key().public_bytes(*POINT).hex(),
            },
            "identities": identities,
        },
        ensure_ascii=False,
        indent=1,
    )
)
