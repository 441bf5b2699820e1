// Reads frames with the built WebAssembly, for crates/greenlit-web/benches/phone.rs: of each the median of processor time
// in milliseconds, and whether its code was read.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [parts, folder, width, height, rounds] = process.argv.slice(2);
const { initSync, Till } = await import(pathToFileURL(join(parts, "greenlit_web.js")));
initSync({ module: readFileSync(join(parts, "greenlit_web_bg.wasm")) });
const NOW = Date.parse("2021-03-10T12:00:00Z") / 1000;
const frames = readdirSync(folder).sort().map((name) => new Uint8Array(readFileSync(join(folder, name))));

function read(frame) {
  const till = new Till(new Uint8Array(32), () => 0, Date.parse("2021-01-01T00:00:00Z") / 1000);
  const before = process.cpuUsage();
  const { announced } = JSON.parse(till.frame(frame, Number(width), Number(height), Number(width), 0, NOW));
  const { user, system } = process.cpuUsage(before);
  till.free();
  return { time: (user + system) / 1000, reads: announced !== null };
}

// The engine compiles anew what runs often, beside it: not while it is measured.
for (let warm = 0; warm < 10; warm += 1) frames.forEach(read);
await new Promise((done) => setTimeout(done, 500));
for (const frame of frames) {
  const runs = Array.from({ length: Number(rounds) }, () => read(frame));
  const times = runs.map((run) => run.time).sort((a, b) => a - b);
  console.log(times[Math.floor(times.length / 2)].toFixed(3), runs.filter((run) => run.reads).length > runs.length / 2);
}
