#!/usr/bin/env bash
# ed25519-dalek's PKCS#8 file is not read by OpenSSL, Node or Python; Java reads it.
#
# Expected: a private key that ed25519-dalek writes as PEM opens in `openssl pkey` and everything built on it.
# Happens: to_pkcs8_pem on a SigningKey writes version 1 (OneAsymmetricKey, "v2") with the public key in a [1] field.
#   OpenSSL 3.0 and pyca/cryptography 50 refuse the whole file with "unsupported" and "could not deserialize"; Java 17
#   takes it. The same seed in version 0 (KeypairBytes without a public key) is read by all.
# Versions: ed25519-dalek 3.0.0, cryptography 50.0.2, the machine's OpenSSL 3.0 and Java (skipped where there is none).
# Matters: an authority backs up, inspects or moves its keys with OpenSSL. Write version 0.
# Source: RFC 5958 section 2; RFC 8410 section 7 (publicKey is optional there, its second example has it).
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

cargo init --quiet --vcs none --name keys .
cat >>Cargo.toml <<'TOML'
ed25519-dalek = { version = "=3.0.0", features = ["pem", "pkcs8"] }
TOML
cat >src/main.rs <<'RUST'
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::{EncodePrivateKey, KeypairBytes, spki::der::pem::LineEnding};

fn main() {
    let key = SigningKey::from_bytes(&[7; 32]);
    let v2 = key.to_pkcs8_pem(LineEnding::LF).unwrap();
    std::fs::write("v2.pem", v2.as_bytes()).unwrap();
    let bare = KeypairBytes { secret_key: key.to_bytes(), public_key: None };
    std::fs::write("v1.pem", bare.to_pkcs8_pem(LineEnding::LF).unwrap().as_bytes()).unwrap();
}
RUST
cargo run --quiet
python3 -m venv venv
venv/bin/pip install --quiet cryptography==50.0.2
cat >Read.java <<'JAVA'
import java.nio.file.*; import java.security.*; import java.security.spec.*; import java.util.*;
class Read {
    public static void main(String[] file) throws Exception {
        String body = Files.readString(Path.of(file[0])).replaceAll("-----.*-----|\n", "");
        KeyFactory.getInstance("Ed25519").generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(body)));
    }
}
JAVA
cat >read.py <<'PY'
import sys
from cryptography.hazmat.primitives.serialization import load_pem_private_key
load_pem_private_key(open(sys.argv[1], "rb").read(), None)
PY

openssl version
openssl asn1parse -in v2.pem | tail -1
says() { if "$@" >/dev/null 2>&1; then echo read; else echo refused; fi; }
for file in v2 v1; do
    echo "$file openssl $(says openssl pkey -in $file.pem -noout)"
    echo "$file cryptography $(says venv/bin/python read.py $file.pem)"
    if command -v java >/dev/null; then echo "$file java $(says java Read.java $file.pem)"; fi
done | tee got
cat >want <<'WANT'
v2 openssl refused
v2 cryptography refused
v2 java read
v1 openssl read
v1 cryptography read
v1 java read
WANT
if ! command -v java >/dev/null; then sed -i /java/d want; fi
diff want got
