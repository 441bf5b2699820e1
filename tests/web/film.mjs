// Films for the browser's fake camera: the codes that greenlit-issuer has drawn, on a white card.

import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { inflateSync } from "node:zlib";

const WIDTH = 1280;
const HEIGHT = 720;
const FRAMES_PER_SECOND = 10;
const WHITE = 235;
const BLACK = 16;

/** Green and violet, as light as one another: the luma of both, and their chroma, blue and red. */
const AS_LIGHT = 104;
const GREEN = [103, 75];
const VIOLET = [157, 174];

/**
 * Writes a film (YUV4MPEG2) of scenes: each so many frames of a white card with some pictures side by side; or, `inColour`,
 * of a violet one with green ones.
 */
export function film(file, scenes) {
  const out = openSync(file, "w");
  writeSync(out, `YUV4MPEG2 W${WIDTH} H${HEIGHT} F${FRAMES_PER_SECOND}:1 Ip A1:1 C420jpeg\n`);
  for (const { pictures, frames, inColour } of scenes) {
    const luma = card(pictures);
    const planes = inColour
      ? [Buffer.alloc(WIDTH * HEIGHT, AS_LIGHT), chroma(luma, 0), chroma(luma, 1)]
      : [luma, Buffer.alloc((WIDTH * HEIGHT) / 2, 128)];
    const frame = Buffer.concat([Buffer.from("FRAME\n"), ...planes]);
    for (let index = 0; index < frames; index += 1) writeSync(out, frame);
  }
  closeSync(out);
}

/** Green where it is dark, and violet elsewhere: blue (0) or red (1), at half the size. */
function chroma(luma, channel) {
  const plane = Buffer.alloc((WIDTH * HEIGHT) / 4);
  for (let at = 0; at < plane.length; at += 1) {
    const [x, y] = [at % (WIDTH / 2), Math.floor(at / (WIDTH / 2))];
    plane[at] = (luma[2 * y * WIDTH + 2 * x] === BLACK ? GREEN : VIOLET)[channel];
  }
  return plane;
}

/** The pictures side by side in the middle of a frame's brightness, as large as fits whole pixels. */
function card(pictures) {
  const luma = Buffer.alloc(WIDTH * HEIGHT, WHITE);
  const room = Math.floor(WIDTH / Math.max(pictures.length, 1));
  pictures.map((file) => png(readFileSync(file))).forEach(({ size, dark }, index) => {
    // A fifth of the card is left around a code.
    const scale = (Math.min(room, HEIGHT) * 0.8) / size;
    const left = Math.floor(index * room + (room - size * scale) / 2);
    const top = Math.floor((HEIGHT - size * scale) / 2);
    for (let y = 0; y < Math.floor(size * scale); y += 1) {
      for (let x = 0; x < Math.floor(size * scale); x += 1) {
        if (dark(Math.floor(x / scale), Math.floor(y / scale))) luma[(top + y) * WIDTH + left + x] = BLACK;
      }
    }
  });
  return luma;
}

/** A square grey PNG of 1 or 8 bits, as greenlit-issuer draws codes. */
function png(bytes) {
  const size = bytes.readUInt32BE(16);
  const [bits, colour] = [bytes[24], bytes[25]];
  if (bytes.readUInt32BE(20) !== size || colour !== 0 || ![1, 8].includes(bits)) throw new Error("not a code's picture");
  const parts = [];
  for (let at = 8; at < bytes.length; at += 12 + bytes.readUInt32BE(at)) {
    if (bytes.toString("latin1", at + 4, at + 8) === "IDAT") parts.push(bytes.subarray(at + 8, at + 8 + bytes.readUInt32BE(at)));
  }
  const data = inflateSync(Buffer.concat(parts));
  const row = Math.ceil((size * bits) / 8);
  const rows = Buffer.alloc(row * size);
  for (let y = 0; y < size; y += 1) {
    const filter = data[y * (row + 1)];
    for (let x = 0; x < row; x += 1) {
      const [a, b, c] = [x ? rows[y * row + x - 1] : 0, y ? rows[(y - 1) * row + x] : 0, x && y ? rows[(y - 1) * row + x - 1] : 0];
      const [pa, pb, pc] = [Math.abs(b - c), Math.abs(a - c), Math.abs(a + b - 2 * c)];
      const paeth = pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
      rows[y * row + x] = data[y * (row + 1) + 1 + x] + [0, a, b, (a + b) >> 1, paeth][filter];
    }
  }
  const dark = (x, y) => (bits === 8 ? rows[y * row + x] < 128 : !((rows[y * row + (x >> 3)] >> (7 - (x & 7))) & 1));
  return { size, dark };
}
