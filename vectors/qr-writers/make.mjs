// Draws with the npm encoders and prints one JSON list of module matrices; make.py calls it.
// Pinned: bwip-js 4.11.4, qrcode 1.5.4, @zxing/library 0.23.0 (it asks for Node 24; Node 20 runs it).
// The packages are looked up from the current folder; the text is the first argument.
import { createRequire } from "node:module";

const require = createRequire(process.cwd() + "/");
const bwip = require("bwip-js");
const qrcode = require("qrcode");
const zxing = require("@zxing/library");

const text = process.argv[2];
const [head, rest] = [text.slice(0, 4), text.slice(4)];
const [left, right] = [text.slice(0, 105), text.slice(105)];
const digits = text.match(/\d{2,}/);
const [before, after] = [text.slice(0, digits.index), text.slice(digits.index + digits[0].length)];
const out = [];

// Cut a flat row of 0 and 1 into the rows of a square.
function square(flat) {
  const size = Math.sqrt(flat.length);
  return Array.from({ length: size }, (_, r) => Array.from(flat.slice(r * size, r * size + size), Number));
}

function add(encoder, version, level, what, draw) {
  const name = `${encoder}-${level.toLowerCase()}-${what}`;
  try {
    out.push({ name, encoder, version, matrix: draw() });
  } catch (error) {
    out.push({ name, encoder, version, error: String(error) });
  }
}

// bwip-js chooses the modes itself; an ECI is written into the text as ^ECI plus six digits.
for (const level of "LMQH") {
  const draw = (options) => () => square(bwip.raw({ bcid: "qrcode", eclevel: level, ...options })[0].pixs);
  const add1 = (what, options) => add("bwip-js", "4.11.4", level, what, draw(options));
  add1("auto", { text });
  add1("eci-26", { text: "^ECI000026" + text, parsefnc: true });
  if (level === "M") {
    add1("eci-3", { text: "^ECI000003" + text, parsefnc: true });
    add1("eci-26-inside", { text: head + "^ECI000026" + rest, parsefnc: true });
  }
}

// qrcode for Node: text alone, or a list of segments with their modes.
for (const level of "LMQH") {
  const add1 = (what, content) =>
    add("node-qrcode", "1.5.4", level, what, () =>
      square(qrcode.create(content, { errorCorrectionLevel: level }).modules.data));
  add1("auto", text);
  add1("alphanumeric", [{ data: text, mode: "alphanumeric" }]);
  add1("byte", [{ data: text, mode: "byte" }]);
  add1("two-segments", [{ data: head, mode: "byte" }, { data: rest, mode: "alphanumeric" }]);
  if (level === "M") {
    add1("halves", [{ data: left, mode: "alphanumeric" }, { data: right, mode: "alphanumeric" }]);
    add1("mixed", [
      { data: before, mode: "byte" },
      { data: digits[0], mode: "numeric" },
      { data: after, mode: "alphanumeric" },
    ]);
  }
}

// @zxing/library: always one segment.  It has no switch for byte mode, so a subclass chooses it.
class ByteEncoder extends zxing.QRCodeEncoder {
  static chooseMode() {
    return zxing.QRCodeMode.BYTE;
  }
}
const hints = (charset) => new Map([[zxing.EncodeHintType.CHARACTER_SET, charset]]);
for (const level of "LMQH") {
  const ec = zxing.QRCodeDecoderErrorCorrectionLevel.fromString(level);
  const add1 = (what, encode) =>
    add("zxing-js", "0.23.0", level, what, () => encode().getMatrix().getArray().map((row) => Array.from(row)));
  add1("auto", () => zxing.QRCodeEncoder.encode(text, ec));
  add1("byte", () => ByteEncoder.encode(text, ec));
  add1("byte-utf-8", () => ByteEncoder.encode(text, ec, hints("UTF-8")));
  if (level === "M") {
    add1("auto-utf-8", () => zxing.QRCodeEncoder.encode(text, ec, hints("UTF-8")));
    add1("byte-latin-1", () => ByteEncoder.encode(text, ec, hints("ISO-8859-1")));
  }
}

console.log(JSON.stringify(out));
