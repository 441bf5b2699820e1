// The frozen vectors of passes and trust data, judged by the built WebAssembly: the same answers as natively, all of them.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import assert from "node:assert/strict";
import { fileURLToPath, pathToFileURL } from "node:url";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const parts = join(repository, "target/web-parts");
const { initSync, Till } = await import(pathToFileURL(join(parts, "greenlit_web.js")));
initSync({ module: readFileSync(join(parts, "greenlit_web_bg.wasm")) });

const seconds = (rfc3339) => Date.parse(rfc3339) / 1000;
const hex = (text) => Uint8Array.from(Buffer.from(text.replace(/\s/g, ""), "hex"));
const BUILT = seconds("2021-01-01T00:00:00Z");

/** A page's till with the trust data of a folder of hexadecimal documents, synced as a page syncs. */
function till(folder, now) {
  const till = new Till(new Uint8Array(32), () => 0, BUILT);
  if (!folder) return till;
  const files = new Map(readdirSync(folder).filter((name) => name.endsWith(".hex"))
    .map((name) => [name.replace(/\.hex$/, ""), hex(readFileSync(join(folder, name), "utf8"))]));
  const offer = JSON.parse(till.offer(files.get("root-1.cbor")));
  assert.ok(offer.fingerprint, JSON.stringify(offer));
  assert.ok(till.trustOffered(0, now));
  till.beginSync();
  for (;;) {
    const step = JSON.parse(till.sync());
    if (!step.fetch) return till;
    for (const [name] of step.fetch) {
      if (files.has(name)) till.takeFile(name, files.get(name));
      else till.noFile(name);
    }
  }
}

const vectors = join(repository, "vectors");

test("passes of Greenlit's own", () => {
  const folder = join(vectors, "greenlit");
  const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
  assert.ok(names.length > 100, `${names.length} vectors`);
  for (const name of names) {
    const vector = JSON.parse(readFileSync(join(folder, name)));
    const now = seconds(vector.clock);
    const one = till(vector.trust === "none" ? null : join(folder, "trust", vector.trust), now);
    one.setPlace("en", (vector.sites ?? []).join(" "), "off");
    const payload = vector.hex === undefined ? new TextEncoder().encode(vector.text) : hex(vector.hex);
    const found = JSON.parse(one.judge(payload, now));
    assert.deepEqual([found.answer, found.code ?? undefined], [vector.answer, vector.code ?? undefined], name);
    if (vector.benefits) assert.deepEqual(found.benefits, vector.benefits, name);
    one.free();
  }
});

test("roots as codes", () => {
  const folder = join(vectors, "greenlit/root-codes");
  for (const name of readdirSync(folder)) {
    const vector = JSON.parse(readFileSync(join(folder, name)));
    const one = till(null);
    const offer = JSON.parse(one.offer(new TextEncoder().encode(vector.text)));
    if (vector.fingerprint) assert.equal(offer.fingerprint?.replaceAll(" ", ""), vector.fingerprint, name);
    else assert.ok(offer.refused, name);
    one.free();
  }
});

test("passes that others issue", () => {
  const folder = join(vectors, "schemes");
  for (const vector of JSON.parse(readFileSync(join(folder, "cases.json")))) {
    const now = seconds(vector.clock);
    const one = till(folder, now);
    const found = JSON.parse(one.judge(new TextEncoder().encode(vector.text), now));
    assert.deepEqual([found.answer, found.code ?? undefined], [vector.answer, vector.code ?? undefined], vector.name);
    one.free();
  }
});
