// The page and its versions without a network: kept whole, replaced whole, or not at all.

import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { assert, at, authority, browse, kept, place, serve } from "./harness.mjs";

// Built to trust it, a page needs no set-up.
const { root } = authority({ after });

const version = (page) => page.getAttribute('meta[name="greenlit-build"]', "content");
/** Has the browser look for a newer version, as it does by itself now and then. False where none could be taken. */
const look = (page) =>
  page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    await registration.update().catch(() => {});
    const worker = registration.installing ?? registration.waiting;
    if (!worker) return false;
    while (worker.state === "installing") {
      await new Promise((done) => worker.addEventListener("statechange", done, { once: true }));
    }
    return worker.state === "installed";
  });
/** Whether the settings say that a newer version waits. */
const waits = (page) => page.$eval("#update", (element) => !element.hidden);
const told = (page) => page.waitForSelector("#update:not([hidden])", { state: "attached" });
async function change(page) {
  await told(page);
  await page.click("#settings");
  await page.click("#apply");
}
/** Every file that this page has loaded lies in its own version's folder, but for what stands beside that. */
async function ofOneVersion(page) {
  const [own, loaded] = [await version(page), await page.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => name))];
  const folders = loaded.map((name) => /\/([0-9a-f]{12})\//.exec(name)?.[1]).filter(Boolean);
  assert.ok(folders.length > 0);
  assert.deepEqual([...new Set(folders)], [own]);
}

for (const path of ["", "/tills/hotel"]) {
  test(`kept and opened again without a server, at ${path}/`, async (t) => {
    const server = await serve(t);
    const build = place(join(server.www, path), { root });
    const { context } = await browse(t, { origin: server.origin });
    const page = await context.newPage();
    await page.goto(`${server.origin}${path}/`);
    await at(page, "scan");
    await kept(page);
    assert.equal(await version(page), build);
    server.asked();
    await server.stop();
    for (const address of ["", "index.html", "?shared", "#anything"]) {
      await page.goto(`${server.origin}${path}/${address}`);
      await at(page, "scan");
      await ofOneVersion(page);
    }
    // Whoever closes it and opens it anew finds it, too.
    await page.close();
    const another = await context.newPage();
    await another.goto(`${server.origin}${path}/`);
    await at(another, "scan");
    assert.deepEqual(server.asked(), []);
  });
}

test("a newer version is taken whole, when it is asked for, in every tab", async (t) => {
  const server = await serve(t);
  const old = place(server.www, { root });
  const { context } = await browse(t, { origin: server.origin });
  const page = await context.newPage();
  const tab = await context.newPage();
  await page.goto(server.origin);
  await at(page, "scan");
  await kept(page);
  await tab.goto(server.origin);
  await at(tab, "scan");
  assert.ok(!(await waits(page)));

  const next = place(server.www, { root, version: "next" });
  assert.notEqual(next, old);
  while (!(await look(page)));
  await told(page);
  await told(tab);
  // Until somebody wants it the old one goes on, whole: also where it is loaded again, and without a server.
  await server.stop();
  await tab.reload();
  await at(tab, "scan");
  await told(tab);
  assert.equal(await version(tab), old);
  await ofOneVersion(tab);

  await change(page);
  for (const each of [page, tab]) {
    await each.waitForSelector(`meta[name="greenlit-build"][content="${next}"]`, { state: "attached" });
    await at(each, "scan");
    await ofOneVersion(each);
    assert.ok(!(await waits(each)));
  }
  assert.equal(await page.evaluate(async () => (await caches.keys()).length), 1, "the old one is gone");
});

const faults = {
  "is missing": (file) => rmSync(file),
  "is altered": (file) => writeFileSync(file, "\n", { flag: "a" }),
  "is cut off": (file) => writeFileSync(file, ""),
};
for (const [fault, spoil] of Object.entries(faults)) {
  test(`a half uploaded version, of which a file ${fault}, replaces nothing`, async (t) => {
    const server = await serve(t);
    const old = place(server.www, { root });
    const { context } = await browse(t, { origin: server.origin });
    const page = await context.newPage();
    await page.goto(server.origin);
    await at(page, "scan");
    await kept(page);
    for (const name of ["worker.js", "greenlit_web_bg.wasm"]) {
      const next = place(server.www, { root, version: `with ${name}` });
      spoil(join(server.www, next, name));
      // One look may fall in with another, of before.
      do assert.equal(await look(page), false); while (!server.asked().some((line) => line.includes(`/${next}/`)));
      await page.reload();
      await at(page, "scan");
      assert.equal(await version(page), old);
      await ofOneVersion(page);
      assert.ok(!(await waits(page)));
    }
    // Uploaded again, and whole, it is taken.
    const next = place(server.www, { root, version: "whole" });
    while (!(await look(page)));
    await change(page);
    await page.waitForSelector(`meta[name="greenlit-build"][content="${next}"]`, { state: "attached" });
    await at(page, "scan");
  });
}

test("a first visit to a half uploaded version is not kept, and the next is", async (t) => {
  const server = await serve(t);
  const build = place(server.www, { root });
  rmSync(join(server.www, "icon-512.png"));
  const { context } = await browse(t, { origin: server.origin });
  const page = await context.newPage();
  await page.goto(server.origin);
  await at(page, "scan");
  await page.waitForFunction(async () => !(await navigator.serviceWorker.getRegistration()));
  place(server.www, { root });
  await page.reload();
  await at(page, "scan");
  await kept(page);
  assert.equal(await version(page), build);
});

test("a server that goes back to the version before is followed", async (t) => {
  const server = await serve(t);
  const old = place(server.www, { root });
  const { context } = await browse(t, { origin: server.origin });
  const page = await context.newPage();
  await page.goto(server.origin);
  await at(page, "scan");
  await kept(page);
  for (const mark of ["next", ""]) {
    const build = place(server.www, { root, version: mark });
    while (!(await look(page)));
    await change(page);
    await page.waitForSelector(`meta[name="greenlit-build"][content="${build}"]`, { state: "attached" });
    await at(page, "scan");
  }
  assert.equal(await version(page), old);
});

test("what a browser has cleared is fetched again, or said to be gone", async (t) => {
  const server = await serve(t);
  const old = place(server.www, { root });
  const { context } = await browse(t, { origin: server.origin });
  const page = await context.newPage();
  await page.goto(server.origin);
  await at(page, "scan");
  await kept(page);
  const clear = () => page.evaluate(async () => void (await Promise.all((await caches.keys()).map((name) => caches.delete(name)))));
  await clear();
  await page.reload();
  await at(page, "scan");
  assert.equal(await version(page), old);
  // By now the server has another version: that page comes, with its own files.
  const next = place(server.www, { root, version: "next" });
  await page.reload();
  await page.waitForSelector(`meta[name="greenlit-build"][content="${next}"]`, { state: "attached" });
  await at(page, "scan");
  await ofOneVersion(page);
  await page.evaluate(async () => void (await (await navigator.serviceWorker.getRegistration()).update().catch(() => {})));
  await clear();
  await server.stop();
  await page.goto(server.origin);
  assert.match(await page.innerText("body"), /удалил[\s\S]*юйҙы[\s\S]*deleted/);
});

test("where nothing is set up yet a newer version is taken at once", async (t) => {
  const server = await serve(t);
  place(server.www);
  const { context } = await browse(t, { origin: server.origin });
  const page = await context.newPage();
  await page.goto(server.origin);
  await at(page, "setup");
  await kept(page);
  const next = place(server.www, { version: "next" });
  await look(page).catch(() => {});
  await page.waitForSelector(`meta[name="greenlit-build"][content="${next}"]`, { state: "attached" });
  await at(page, "setup");
});

test("trust data is never kept", async (t) => {
  const server = await serve(t);
  place(server.www);
  const names = ["root-2.cbor", "trust.cbor", "trust-2.cbor", "keys-3.cbor", "status-1.cwt"];
  for (const name of names) writeFileSync(join(server.www, name), name);
  const { context } = await browse(t, { origin: server.origin });
  const page = await context.newPage();
  await page.goto(server.origin);
  await at(page, "setup");
  await kept(page);
  await page.reload();
  await at(page, "setup");
  server.asked();
  const fetched = () =>
    page.evaluate((all) => Promise.all(all.map((name) => fetch(name, { cache: "no-store" }).then((answer) => answer.text(), () => null))), names);
  assert.deepEqual(await fetched(), names);
  assert.deepEqual(server.asked().sort(), names.map((name) => `GET /${name} 200`).sort());
  await server.stop();
  assert.deepEqual(await fetched(), names.map(() => null));
  const known = await page.evaluate(async () => (await Promise.all((await caches.keys()).map(async (name) => (await (await caches.open(name)).keys()).map(({ url }) => url)))).flat());
  assert.ok(known.length > 5 && !known.some((url) => names.some((name) => url.endsWith(`/${name}`))));
});

test("the server's headers are those of packaging/web/nginx.conf, and the kept page has them too", async (t) => {
  const server = await serve(t);
  place(server.www, { root });
  const { context } = await browse(t, { origin: server.origin });
  const page = await context.newPage();
  const first = (await page.goto(server.origin)).headers();
  await at(page, "scan");
  await kept(page);
  const again = await page.reload();
  assert.ok(again.fromServiceWorker());
  for (const name of ["content-security-policy", "permissions-policy", "x-content-type-options", "referrer-policy",
    "cross-origin-opener-policy", "cross-origin-resource-policy"]) {
    assert.ok(first[name], name);
    assert.equal(again.headers()[name], first[name], name);
  }
  assert.match(first["content-security-policy"], /default-src 'none'.*require-trusted-types-for 'script'; trusted-types greenlit/);
  assert.equal(first["cache-control"], "no-cache");
  const types = await page.evaluate(() => Promise.all(["index.html", "sw.js", "manifest.webmanifest", "icon-192.png"].map(async (name) => {
    const response = await fetch(name, { method: "HEAD" });
    return response.headers.get("content-type");
  })));
  assert.deepEqual(types, ["text/html; charset=utf-8", "text/javascript; charset=utf-8", "application/manifest+json", "image/png"]);
});

test("what a service worker asks for is seen by these tests", async (t) => {
  const server = await serve(t);
  place(server.www, { root });
  const { context } = await browse(t, { origin: server.origin });
  const seen = [];
  context.on("request", (request) => seen.push(new URL(request.url()).pathname));
  const page = await context.newPage();
  await page.goto(server.origin);
  await at(page, "scan");
  await kept(page);
  assert.ok(seen.includes("/icon-maskable-512.png"));
});

test("it can be installed", async (t) => {
  const server = await serve(t);
  place(join(server.www, "tills/hotel"), { root });
  const { context } = await browse(t, { origin: server.origin });
  const page = await context.newPage();
  await page.goto(`${server.origin}/tills/hotel/`);
  await at(page, "scan");
  await kept(page);
  const session = await context.newCDPSession(page);
  const { errors, data } = await session.send("Page.getAppManifest");
  assert.deepEqual(errors, []);
  const manifest = JSON.parse(data);
  assert.equal(manifest.display, "standalone");
  assert.deepEqual((await session.send("Page.getInstallabilityErrors")).installabilityErrors
    .map(({ errorId }) => errorId).filter((id) => id !== "in-incognito"), []);
  for (const { src, sizes } of manifest.icons) {
    const size = await page.evaluate(async (address) => {
      const picture = await createImageBitmap(await (await fetch(address)).blob());
      return `${picture.width}x${picture.height}`;
    }, src);
    assert.equal(size, sizes, src);
  }
});
