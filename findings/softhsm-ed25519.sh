#!/usr/bin/env bash
# SoftHSM 2.6.1 wraps an Ed25519 public key in DER once more, and OpenSC 0.23 prints its curve's name as an OID.
#
# Expected: CKA_EC_PARAMS is the OID 1.3.101.112 (06 03 2b 65 70) or the PrintableString "edwards25519", CKA_EC_POINT the 32 bytes
#   of RFC 8032 as they are, as PKCS#11 3.0 has it for Edwards keys.
# Happens: CKA_EC_POINT is a DER OCTET STRING around the 32 bytes (34 in all, 04 20 …) and CKA_EC_PARAMS the
#   PrintableString (13 0c "edwards25519"), which pkcs11-tool 0.23 shows as "OID 2.21.100.119.97.114…", a number that is
#   no object identifier of anything: the letters of the name read as one. It calls the key 255 bits long.
# Versions: Debian 12's softhsm2 2.6.1-2.1, opensc 0.23.0-0.3+deb12u2.
# Matters: whoever takes an issuer's public key from a token must unwrap 34 bytes, and not match the curve by an OID.
# Source: PKCS#11 3.0 Current Mechanisms, section 2.3.5 (Edwards Elliptic Curve Public Key Objects).
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

apt-get download -qq softhsm2=2.6.1-2.1 softhsm2-common=2.6.1-2.1 libsofthsm2=2.6.1-2.1 \
    opensc=0.23.0-0.3+deb12u2 opensc-pkcs11=0.23.0-0.3+deb12u2 2>/dev/null
for package in *.deb; do dpkg -x "$package" root; done
mkdir tokens
printf 'directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n' "$dir/tokens" >softhsm2.conf
export SOFTHSM2_CONF=$dir/softhsm2.conf
LD_LIBRARY_PATH=$(dirname "$(find "$dir/root" -name 'libopensc.so.8')")
export LD_LIBRARY_PATH
module=$(find "$dir/root" -type f -name libsofthsm2.so)

root/usr/bin/softhsm2-util --module "$module" --init-token --free --label t --so-pin 1234 --pin 1234 >/dev/null
tool() { root/usr/bin/pkcs11-tool --module "$module" --login --pin 1234 "$@" 2>/dev/null; }
tool --keypairgen --key-type EC:edwards25519 --label key --id 01 >made
sed -E 's/(EC_POINT: +0420)[0-9a-f]{64}$/\1 and 32 bytes/' made | grep -E 'EC_POINT|EC_PARAMS' | tee got
diff got - <<'WANT'
Public Key Object; EC_EDWARDS  EC_POINT 255 bits
  EC_POINT:   0420 and 32 bytes
  EC_PARAMS:  130c656477617264733235353139 (OID 2.21.100.119.97.114.100.115.50.53.53.49.57)
WANT
