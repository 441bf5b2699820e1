// The page in Firefox, driven by geckodriver (WebDriver): set up, a pass by its text and by its picture, and again with the
// server stopped. Its fake camera shows no film of ours, so that what a camera sees is left to Chromium.

import { spawn } from "node:child_process";
import { once } from "node:events";
import net from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { assert, authority, place, repository, serve } from "./harness.mjs";

const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";

/** A browser with a camera that works; ends with the test. */
async function firefox(t, prefs = {}) {
  const free = net.createServer().listen(0, "127.0.0.1");
  await once(free, "listening");
  const { port } = free.address();
  free.close();
  const driver = spawn(join(repository, "target/tools/bin/geckodriver"), ["--port", String(port), "--log", "error"], { stdio: "inherit" });
  // The browser first: without its driver nobody ends it.
  let session = null;
  t.after(async () => {
    if (session) await ask("DELETE", session).catch(() => {});
    driver.kill();
  });
  const ask = async (method, path, body) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method, body: body && JSON.stringify(body), headers: { "content-type": "application/json" },
    });
    const { value } = await response.json();
    if (!response.ok) throw new Error(`${path}: ${value.error}: ${value.message}`);
    return value;
  };
  for (;;) {
    if (driver.exitCode !== null) throw new Error("geckodriver does not start");
    if (await ask("GET", "/status").then(({ ready }) => ready, () => false)) break;
    await new Promise((done) => setTimeout(done, 50));
  }
  const options = {
    binary: process.env.FIREFOX ?? "/usr/bin/firefox-esr",
    args: ["-headless"],
    prefs: { "media.navigator.streams.fake": true, "media.navigator.permission.disabled": true, "intl.accept_languages": "en-GB", ...prefs },
  };
  const { sessionId } = await ask("POST", "/session", { capabilities: { alwaysMatch: { "moz:firefoxOptions": options } } });
  session = `/session/${sessionId}`;
  const element = async (css) => (await ask("POST", `${session}/element`, { using: "css selector", value: css }))[ELEMENT];
  const run = (script, ...args) => ask("POST", `${session}/execute/async`, { script, args });
  return {
    open: (url) => ask("POST", `${session}/url`, { url }),
    click: async (css) => ask("POST", `${session}/element/${await element(css)}/click`, {}),
    type: async (css, text) => ask("POST", `${session}/element/${await element(css)}/value`, { text }),
    run,
    /** Waits for a page of the till, and for a code. */
    async at(page, code) {
      const found = await run(
        `const [page, code, done] = arguments;
         const look = () => {
           const { dataset } = document.body;
           if (dataset.page === page && (code === null || dataset.code === code)) done("");
           else if (performance.now() - began > 25_000) done(JSON.stringify({ ...dataset, words: document.body.innerText }));
           else setTimeout(look, 50);
         };
         const began = performance.now();
         look();`,
        page, code ?? null,
      );
      assert.equal(found, "", `${page} ${code ?? ""} does not come`);
    },
  };
}

/** What is judged before has no data to be judged by. */
const synced = (page) => page.run(`const [done] = arguments;
  const look = () => (document.querySelector("#sync-state").textContent === "Done" ? done() : setTimeout(look, 50));
  look();`);

/** The page, opened, with the authority's root taken by hand. */
async function setUp(page, server, issuer) {
  await page.open(`${server.origin}/`);
  await page.at("setup");
  await page.type("#root-file", issuer.root);
  await page.at("confirm-root");
  await page.click("#trust-root");
  await page.at("scan");
}

test("in Firefox a pass is green by its text and its picture, and again with the server stopped", async (t) => {
  const server = await serve(t);
  place(server.www);
  const issuer = authority(t);
  const [pass, revoked] = [issuer.issue(), issuer.issue()];
  issuer.revoke(revoked);
  issuer.publish(server.www);
  const page = await firefox(t);

  await setUp(page, server, issuer);
  await page.run(`const [done] = arguments;
    const synced = () => document.querySelector("#sync-state").textContent !== "" && !document.querySelector("#sync").disabled;
    const look = () => (synced() ? navigator.serviceWorker.ready.then(() => done()) : setTimeout(look, 50));
    look();`);

  const check = async (text) => {
    await page.click("#settings");
    await page.at("settings");
    await page.type("#text", text);
    await page.click("#check");
  };
  const judged = async () => {
    await check(pass.text);
    await page.at("valid", "OK");
    await page.click("#next");
    await page.at("scan");
    await page.type("#picture", pass.picture);
    await page.at("valid", "OK");
    await page.click("#next");
    await page.at("scan");
  };
  await judged();
  await server.stop();
  await page.open(`${server.origin}/`);
  await page.at("scan");
  await judged();
  // A page that begins anew remembers no pass, so that this is not a second one right after the first.
  await page.open(`${server.origin}/`);
  await page.at("scan");
  await check(revoked.text);
  await page.at("refused", "REV");
});

test("in Firefox a camera that is refused is said to be, and a picture is checked all the same", async (t) => {
  const server = await serve(t);
  place(server.www);
  const issuer = authority(t);
  const pass = issuer.issue();
  issuer.publish(server.www);
  // 2 refuses without a question.
  const page = await firefox(t, { "media.navigator.permission.disabled": false, "permissions.default.camera": 2 });
  await setUp(page, server, issuer);
  const words = await page.run(`const [done] = arguments;
    const look = () => { const words = document.querySelector("#camera-words").textContent; /allow/.test(words) ? done(words) : setTimeout(look, 50); };
    look();`);
  assert.match(words, /The camera is not allowed/);
  await synced(page);
  await page.type("#picture", pass.picture);
  await page.at("valid", "OK");
});

test("in a private window of Firefox it works for as long as it is open", async (t) => {
  const server = await serve(t);
  place(server.www);
  const issuer = authority(t);
  const pass = issuer.issue();
  issuer.publish(server.www);
  const page = await firefox(t, { "browser.privatebrowsing.autostart": true });
  await setUp(page, server, issuer);
  await synced(page);
  await page.type("#picture", pass.picture);
  await page.at("valid", "OK");
});
