#!/usr/bin/env bash
# A Token Status List packed at zlib's highest level is larger than one packed without a search for repeats, from 3 % revoked on.
#
# Expected: draft-ietf-oauth-status-list recommends DEFLATE at the highest level, and level 9 gives the smallest list that zlib
#   can: a list is nearly all zeros.
# Happens: where statuses of one bit are set at random, as revocations are, short repeats at great distances are found that cost
#   more bits than the bytes themselves. Of 1,048,576 entries with 5 % revoked level 9 makes 46,881 bytes; with the strategy
#   Z_HUFFMAN_ONLY, which looks for no repeats at all and takes a fraction of the time, it is 39,384. At 10 % it is 72,816 against
#   62,950; with two bits an entry 77,593 against 64,997. Below some 3 % level 9 is the smaller one, at 0.1 % seven times.
# Versions: @sd-jwt/jwt-status-list 0.19.0 with pako 2.2.0; zlib itself does the same.
# Matters: greenlit-issuer packs by libdeflate at level 12, which weighs what a repeat costs and is smaller than either.
# Source: draft-ietf-oauth-status-list, "Compressed Byte Array"; the library's compressStatusList.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init --yes >npm.log
npm install --silent --save-exact @sd-jwt/jwt-status-list@0.19.0 pako@2.2.0 >>npm.log
cat >sizes.cjs <<'JS'
const { StatusList } = require("@sd-jwt/jwt-status-list");
const pako = require("pako");
// The same numbers each time.
let state = 7;
const random = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
for (const bits of [1, 2]) {
  for (const share of [0.001, 0.01, 0.03, 0.05, 0.1]) {
    const entries = Array.from({ length: 2 ** 20 }, () => (random() < share ? 1 : 0));
    const packed = Buffer.from(new StatusList(entries, bits).compressStatusList(), "base64url");
    const plain = pako.inflate(packed);
    const huffman = pako.deflate(plain, { level: 9, strategy: 2 });
    if (Buffer.compare(Buffer.from(pako.inflate(huffman)), Buffer.from(plain)) !== 0) throw new Error("not the same list");
    console.log(bits, share, packed.length, huffman.length);
  }
}
JS
said=$(node sizes.cjs)
echo "bits, share revoked, bytes at level 9, bytes without repeats"
echo "$said"
smaller=$(echo "$said" | awk '$4 < $3 { print $1 "/" $2 }' | tr '\n' ' ')
[ "$smaller" = "1/0.03 1/0.05 1/0.1 2/0.05 2/0.1 " ] || { echo "changed: without repeats it is smaller at $smaller" >&2; exit 1; }
