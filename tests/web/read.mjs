// Reads frames with the built WebAssembly, for crates/greenlit-web/benches/phone.rs: of each that is asked for by its number,
// processor time in milliseconds, and whether its code was read.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const [parts, folder, width, height] = process.argv.slice(2);
const { initSync, Till } = await import(pathToFileURL(join(parts, "greenlit_web.js")));
initSync({ module: readFileSync(join(parts, "greenlit_web_bg.wasm")) });
const NOW = Date.parse("2021-03-10T12:00:00Z") / 1000;
const frames = readdirSync(folder).sort().map((name) => new Uint8Array(readFileSync(join(folder, name))));

createInterface({ input: process.stdin }).on("line", (line) => {
  const till = new Till(new Uint8Array(32), () => 0, Date.parse("2021-01-01T00:00:00Z") / 1000);
  const before = process.cpuUsage();
  const { announced } = JSON.parse(till.frame(frames[line], Number(width), Number(height), Number(width), 0, NOW));
  const { user, system } = process.cpuUsage(before);
  till.free();
  console.log((user + system) / 1000, announced !== null);
});
