// What must always hold: loaded, set up, a pass is green; the server stopped, loaded again, green again.

import { join } from "node:path";
import { test } from "node:test";
import { film } from "./film.mjs";
import { assert, at, authority, browse, kept, place, serve, setUp } from "./harness.mjs";

test("a pass is green, and green again from the kept page with the server stopped", async (t) => {
  const server = await serve(t);
  const build = place(server.www);
  const issuer = authority(t);
  const pass = issuer.issue();
  issuer.publish(server.www);
  const passes = join(issuer.folder, "pass.y4m");
  film(passes, [{ pictures: [pass.picture], frames: 10 }]);
  const { context } = await browse(t, { film: passes, origin: server.origin });
  const page = await context.newPage();

  await setUp(page, server.origin, issuer.root);
  await at(page, "valid", "OK");
  await kept(page);
  await page.waitForFunction(() => document.querySelector("#sync-state").textContent !== "" && !document.querySelector("#sync").disabled);
  // An authority publishes what it has; of the page nothing is missing.
  const missing = server.asked().filter((line) => line.endsWith(" 404") && !/\.(cbor|cwt) /.test(line));
  assert.deepEqual(missing, []);
  await server.stop();

  for (const time of ["first", "second"]) {
    const began = performance.now();
    await page.reload();
    await at(page, "valid", "OK");
    console.log(`from a reload without a server to green, the ${time} time: ${Math.round(performance.now() - began)} ms`);
  }
  assert.equal(await page.textContent("#build"), build);
});

test("a pass as light as its paper is green", async (t) => {
  const server = await serve(t);
  place(server.www);
  const issuer = authority(t);
  const pass = issuer.issue();
  issuer.publish(server.www);
  const passes = join(issuer.folder, "colour.y4m");
  film(passes, [{ pictures: [pass.picture], frames: 10, inColour: true }]);
  const { context } = await browse(t, { film: passes, origin: server.origin });
  const page = await context.newPage();
  await setUp(page, server.origin, issuer.root);
  await at(page, "valid", "OK");
});
