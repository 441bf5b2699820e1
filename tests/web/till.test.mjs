// The till in the browser, from the first frame to the last answer, and what may go wrong at a door.

import { join } from "node:path";
import { test } from "node:test";
import { film } from "./film.mjs";
import { assert, at, authority, browse, kept, place, serve, setUp } from "./harness.mjs";

/** A page in a folder beside its authority's publication, and a camera that sees what `scenes` makes of some passes. */
async function till(t, scenes, { pinned = true, wrong = null, ...options } = {}) {
  const server = await serve(t);
  const issuer = authority(t);
  const passes = [issuer.issue(), issuer.issue(), issuer.issue()];
  issuer.publish(server.www);
  place(server.www, { root: pinned ? issuer.root : "", wrong });
  const seen = join(issuer.folder, "seen.y4m");
  film(seen, scenes(passes.map(({ picture }) => picture), issuer));
  const { context, browser } = await browse(t, { film: seen, origin: server.origin, ...options });
  const page = await context.newPage();
  return { server, issuer, passes, context, browser, page };
}
const nothing = { pictures: [], frames: 5 };
const synced = (page) => page.waitForFunction(() => document.querySelector("#sync-state").textContent !== "" && !document.querySelector("#sync").disabled);
/** Updates in the settings, as staff does. */
async function update(page) {
  await page.click("#settings");
  await page.$eval("#sync-state", (element) => { element.textContent = ""; });
  await page.click("#sync");
  await synced(page);
  await page.click("#back");
}
/** Has the till judge a text, in the settings. */
async function check(page, text) {
  await page.click("#settings");
  await page.fill("#text", text);
  await page.click("#check");
}

test("a film of passes, from the first frame to the last answer: nobody is asked anything", async (t) => {
  const { server, issuer, passes, page } = await till(t, ([good, revoked]) => [
    { pictures: [good], frames: 15 }, nothing, { pictures: [revoked], frames: 15 }, nothing, { pictures: [good, revoked], frames: 15 }, nothing,
  ]);
  issuer.revoke(passes[1]);
  issuer.publish(server.www);
  await page.goto(server.origin);
  await synced(page);
  await kept(page);
  await page.waitForLoadState("networkidle");
  server.asked();
  const answers = [["valid", "OK"], ["refused", "REV"], ["one-at-a-time", undefined], ["valid", "OK"]];
  for (const [name, code] of answers) await at(page, name, code);
  // After a page is loaded the browser looks by itself, at leisure, whether there is a newer version.
  assert.deepEqual(server.asked().filter((line) => line !== "GET /sw.js 304"), []);
});

test("a pass that was revoked is refused after an update, and in the other tab", async (t) => {
  // Away for so long, a pass that comes again is another guest's.
  const away = { pictures: [], frames: 35 };
  const { server, issuer, passes, context, page } = await till(t, ([good]) => [{ pictures: [good], frames: 10 }, away]);
  await page.goto(server.origin);
  await synced(page);
  await at(page, "valid", "OK");
  const tab = await context.newPage();
  await tab.goto(server.origin);
  await at(tab, "valid", "OK");
  issuer.revoke(passes[0]);
  issuer.publish(server.www);
  await page.bringToFront();
  await page.click("#next");
  await update(page);
  await at(page, "refused", "REV");
  await tab.bringToFront();
  await at(tab, "refused", "REV");
  // Kept, it is refused without a server, too.
  await server.stop();
  await page.bringToFront();
  await page.reload();
  await at(page, "refused", "REV");
});

test("an update that fails is told, and what was known goes on", async (t) => {
  const { server, passes, page } = await till(t, () => [nothing]);
  await page.goto(server.origin);
  await synced(page);
  const well = await page.textContent("#sync-state");
  await server.stop();
  await update(page);
  assert.notEqual(await page.textContent("#sync-state"), well);
  await check(page, passes[0].text);
  await at(page, "valid", "OK");
});

test("an authority is trusted by the code of its root, held up to the camera", async (t) => {
  const { server, issuer, page } = await till(t, (_, authority) => [{ pictures: [authority.rootPicture()], frames: 10 }], { pinned: false });
  await page.goto(server.origin);
  await at(page, "setup");
  await page.click("#setup-camera");
  await at(page, "confirm-root");
  assert.match(await page.innerText("#fingerprint"), /^[0-9a-f\s]{64,}$/i);
  assert.equal(await page.innerText("#offered"), "Test");
  await page.click("#trust-root");
  await synced(page);
  assert.ok(issuer.root);
});

test("a camera that may not be used: in words, with a way out, and passes are judged all the same", async (t) => {
  const { server, passes, context, page } = await till(t, ([good]) => [{ pictures: [good], frames: 10 }], { camera: false });
  const session = await context.newCDPSession(page);
  const { targetInfo: { browserContextId } } = await session.send("Target.getTargetInfo");
  const camera = (setting) =>
    session.send("Browser.setPermission", { permission: { name: "camera" }, setting, origin: server.origin, browserContextId });
  await camera("denied");
  await page.goto(server.origin);
  await page.waitForSelector("#camera-again");
  await synced(page);
  assert.match(await page.innerText("#camera-words"), /\w+ \w+ \w+/);
  await check(page, passes[1].text);
  await at(page, "valid", "OK");
  await page.click("#next");
  await page.setInputFiles("#picture", passes[2].picture);
  await at(page, "valid", "OK");
  await page.click("#next");
  await camera("granted");
  await page.click("#camera-again");
  await at(page, "valid", "OK");
});

test("a camera that neither comes nor is refused, and one that another app has: in words, and asked for again", async (t) => {
  const { server, page } = await till(t, ([good]) => [{ pictures: [good], frames: 10 }]);
  await page.clock.install();
  await page.addInitScript(() => {
    const { mediaDevices } = navigator;
    const real = mediaDevices.getUserMedia.bind(mediaDevices);
    const answers = [() => new Promise(() => {}), () => Promise.reject(new DOMException("", "NotReadableError"))];
    mediaDevices.getUserMedia = (wanted) => (answers.shift() ?? (() => real(wanted)))();
  });
  await page.goto(server.origin);
  await page.waitForFunction(() => document.querySelector("#camera-words").textContent !== "");
  assert.equal(await page.isVisible("#camera-again"), false);
  await page.clock.fastForward(10_000);
  await page.click("#camera-again");
  await page.waitForFunction(() => /another app|другое приложение|башҡа ҡушымта/i.test(document.querySelector("#camera-words").textContent));
  await page.click("#camera-again");
  await page.clock.resume();
  await at(page, "valid", "OK");
});

test("no camera at all: in words", async (t) => {
  const { server, page } = await till(t, () => [nothing], { device: false });
  await page.goto(server.origin);
  await page.waitForSelector("#camera-again");
  assert.match(await page.innerText("#camera-words"), /\w+ \w+/);
});

test("what the browser has cleared is asked for again: never a white page", async (t) => {
  const { server, issuer, context, page } = await till(t, ([good]) => [{ pictures: [good], frames: 10 }], { pinned: false });
  await setUp(page, server.origin, issuer.root);
  await at(page, "valid", "OK");
  await kept(page);
  const session = await context.newCDPSession(page);
  // Its own data alone, without a server; then everything.
  await server.stop();
  await session.send("Storage.clearDataForOrigin", { origin: server.origin, storageTypes: "indexeddb,local_storage" });
  await page.reload();
  await at(page, "setup");
  assert.match(await page.innerText("#setup"), /\w+ \w+/);
  await server.start();
  await session.send("Storage.clearDataForOrigin", { origin: server.origin, storageTypes: "all" });
  await page.reload();
  await setUp(page, server.origin, issuer.root);
  await at(page, "valid", "OK");
});

test("a picture that another app shares is judged, and kept nowhere", async (t) => {
  const { server, passes, page } = await till(t, () => [nothing]);
  await page.goto(server.origin);
  await synced(page);
  await kept(page);
  const { readFileSync } = await import("node:fs");
  await page.evaluate(async (bytes) => {
    const form = new FormData();
    form.set("picture", new File([new Uint8Array(bytes)], "pass.png", { type: "image/png" }));
    await fetch("share", { method: "POST", body: form, redirect: "manual" });
  }, [...readFileSync(passes[0].picture)]);
  await page.goto(`${server.origin}/?shared`);
  await at(page, "valid", "OK");
  assert.equal(new URL(page.url()).search, "");
  await page.goto(`${server.origin}/?shared`);
  await synced(page);
  await at(page, "scan");
  assert.deepEqual(server.asked().filter((line) => line.startsWith("POST")), []);
});

test("nothing of a guest is kept", async (t) => {
  const { server, passes, page } = await till(t, ([good]) => [{ pictures: [good], frames: 10 }]);
  await page.goto(server.origin);
  await synced(page);
  await at(page, "valid", "OK");
  const stored = await page.evaluate(async () => {
    const open = (name) => new Promise((done) => { indexedDB.open(name).onsuccess = ({ target }) => done(target.result); });
    const all = (store) => new Promise((done) => { store.getAll().onsuccess = ({ target }) => done(target.result); });
    const found = [JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage }), document.cookie];
    for (const { name } of await indexedDB.databases()) {
      const database = await open(name);
      for (const store of database.objectStoreNames) {
        for (const value of await all(database.transaction(store).objectStore(store))) {
          found.push(value instanceof Uint8Array ? String.fromCharCode(...value) : JSON.stringify(value));
        }
      }
    }
    return found;
  });
  assert.ok(stored.join("").length > 100);
  for (const text of [passes[0].text.slice(4, 40), "5678", "Иванова"]) assert.ok(!stored.some((value) => value.includes(text)), text);
  // Nor does it stay on the page that is not seen any more.
  assert.notEqual(await page.textContent("#identity"), "");
  await page.click("#next");
  await at(page, "scan");
  for (const id of ["word", "reason", "benefits", "identity", "origin"]) assert.equal(await page.textContent(`#${id}`), "", id);
});

test("a core that stops begins anew without the last guest's answer, and one that stops at once leaves a way out", async (t) => {
  const { server, page } = await till(t, ([good]) => [{ pictures: [good], frames: 10 }]);
  await page.addInitScript(() => {
    globalThis.Worker = class extends Worker {
      constructor(...given) {
        super(...given);
        globalThis.core = this;
      }
    };
  });
  await page.goto(server.origin);
  await synced(page);
  await at(page, "valid", "OK");
  const stop = () => page.evaluate(() => globalThis.core.dispatchEvent(new ErrorEvent("error", { cancelable: true })));
  const seen = await page.evaluate(() => {
    globalThis.core.dispatchEvent(new ErrorEvent("error", { cancelable: true }));
    return [document.body.dataset.page, document.querySelector("#identity").textContent];
  });
  assert.deepEqual(seen, ["loading", ""]);
  await at(page, "valid", "OK");
  await stop();
  await page.click("#reload");
  await at(page, "valid", "OK");
});

for (const [days, code, words] of [[400, "OLD", /expired|просроч|иҫкер|истек/i], [-400, "CLK", /clock|час|сәғәт/i]]) {
  test(`a phone whose clock is wrong by ${days} days cannot tell, and says so before a guest comes`, async (t) => {
    const { server, issuer, passes, page } = await till(t, () => [nothing], { wrong: days });
    await page.goto(server.origin);
    await synced(page);
    await at(page, "scan");
    assert.match(await page.innerText("#age"), words);
    await check(page, passes[0].text);
    await at(page, "cannot-tell", code);
    assert.match(await page.innerText("#advice"), /\w+ \w+/);
    assert.equal(await page.textContent("#identity"), "", "nothing of the guest is shown");
    // Set right, it goes on with what it has.
    await page.evaluate(() => new BroadcastChannel("clock of the test").postMessage(0));
    await page.click("#next");
    // The core hears of it in its own time.
    await at(page, "scan");
    await page.waitForFunction((wrong) => {
      const age = document.querySelector("#age").innerText;
      return age !== "" && !new RegExp(wrong, "i").test(age);
    }, words.source);
    await check(page, passes[1].text);
    await at(page, "valid", "OK");
    assert.ok(issuer.root);
  });
}

test("a page that was in the background for an hour shows nothing of a guest, and asks for newer data", async (t) => {
  const { server, passes, page } = await till(t, () => [nothing], { wrong: 0 });
  await page.goto(server.origin);
  await synced(page);
  await check(page, passes[0].text);
  await at(page, "valid", "OK");
  const seen = (hidden) => page.evaluate((value) => {
    Object.defineProperty(document, "hidden", { value, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);
  await seen(true);
  assert.equal(await page.isVisible("#answer"), false, "nor among the phone's open apps");
  // The phone slept: its other clock stood still.
  await page.evaluate(() => {
    const { now } = Date;
    Date.now = () => now() + 3_660_000;
    new BroadcastChannel("clock of the test").postMessage(3_660_000);
  });
  server.asked();
  await seen(false);
  await at(page, "scan");
  assert.equal(await page.textContent("#identity"), "");
  await page.waitForFunction(() => !document.querySelector("#sync").disabled);
  assert.ok(server.asked().some((line) => line.includes("trust.cbor")));
  await check(page, passes[1].text);
  await at(page, "valid", "OK");
});

test("a phone that is full says that nothing is kept, and judges all the same", async (t) => {
  const { server, passes, context, page } = await till(t, () => [nothing]);
  const session = await context.newCDPSession(page);
  await session.send("Storage.overrideQuotaForOrigin", { origin: server.origin, quotaSize: 1 });
  await page.goto(server.origin);
  await synced(page);
  await check(page, passes[0].text);
  await at(page, "valid", "OK");
  await page.click("#next");
  await page.click("#settings");
  await page.waitForFunction(() => document.querySelector("#kept-state").textContent.length > 20);
  assert.ok(await page.isVisible("#kept-state"));
});

test("the phone's own Back leads out of the settings, step by step, and leaves the page only then", async (t) => {
  const { server, issuer, page } = await till(t, () => [nothing], { pinned: false });
  await page.goto("about:blank");
  await setUp(page, server.origin, issuer.root);
  await synced(page);
  await page.click("#settings");
  await page.click("#add");
  await at(page, "setup");
  await page.click("#setup-camera");
  await at(page, "scan");
  await page.goBack();
  await at(page, "scan");
  await page.click("#settings");
  await page.click("#add");
  await at(page, "setup");
  await page.goBack();
  await at(page, "settings");
  // Loaded again in between, it is as at first.
  await page.reload();
  await at(page, "scan");
  await page.waitForFunction(() => history.state === null);
  await page.click("#settings");
  await page.click("#back");
  await at(page, "scan");
  await page.waitForFunction(() => history.state === null);
  await page.goBack();
  await page.waitForURL("about:blank");
});
