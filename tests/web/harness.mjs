// What the tests of the page need: a web server, an authority, a browser with a film in place of a camera.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const repository = fileURLToPath(new URL("../..", import.meta.url));
const require = createRequire(join(repository, "target/tools/web/package.json"));
const { chromium } = require("playwright-core");
export const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
export { assert };

/** Whatever a test makes is in here, and goes with it. */
export function temporary(t) {
  const folder = mkdtempSync(join(tmpdir(), "greenlit-web-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const run = (program, ...args) => execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();

/** nginx with packaging/web/nginx.conf on this machine's loopback, which can be stopped and started again. */
export async function serve(t) {
  const folder = temporary(t);
  const www = join(folder, "www");
  const socket = join(folder, "nginx.sock");
  mkdirSync(www);
  const ours = join(repository, "target/tools/nginx/usr/sbin/nginx");
  const nginx = existsSync(ours) ? ours : ["/usr/sbin/nginx", "/usr/local/sbin/nginx"].find(existsSync) ?? "nginx";
  const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((kind) => `${kind}_temp_path ${folder}/${kind};`);
  writeFileSync(join(folder, "nginx.conf"), `
daemon off; worker_processes 1; user root root; pid ${folder}/pid; events { }
http {
  ${paths.join(" ")}
  log_format short '$request_method $uri $status'; access_log ${folder}/access.log short;
  server { listen unix:${socket}; root ${www}; absolute_redirect off; include ${repository}/packaging/web/nginx.conf; }
}`);
  let child = null;
  const start = async () => {
    rmSync(socket, { force: true });
    child = spawn(nginx, ["-e", "error.log", "-c", "nginx.conf", "-p", folder], { stdio: ["ignore", "inherit", "inherit"] });
    while (!existsSync(socket)) {
      if (child.exitCode !== null) throw new Error("nginx does not start");
      await new Promise((done) => setTimeout(done, 10));
    }
  };
  const stop = async () => {
    if (!child) return;
    const over = once(child, "exit");
    child.kill("SIGTERM");
    await over;
    child = null;
    for (const connection of connections) connection.destroy();
  };
  // The port stays ours while nginx is stopped: this passes bytes on to it, and hangs up when it is not there.
  const connections = new Set();
  const front = net.createServer((incoming) => {
    if (!child) return incoming.destroy();
    const outgoing = net.connect(socket);
    connections.add(incoming);
    incoming.pipe(outgoing).pipe(incoming);
    incoming.on("error", () => outgoing.destroy()).on("close", () => {
      connections.delete(incoming);
      outgoing.destroy();
    });
    outgoing.on("error", () => incoming.destroy()).on("close", () => incoming.destroy());
  });
  front.listen(0, "127.0.0.1");
  await once(front, "listening");
  await start();
  t.after(async () => {
    await stop();
    front.close();
  });
  return {
    www, start, stop,
    origin: `http://127.0.0.1:${front.address().port}`,
    /** What was asked for since last time. */
    asked: (() => {
      let seen = 0;
      return () => {
        const lines = readFileSync(join(folder, "access.log"), "utf8").split("\n").slice(0, -1);
        return lines.slice(seen, (seen = lines.length));
      };
    })(),
  };
}

let places = 0;
const parts = join(repository, "target/web-parts");

/** Before all that the core's worker does: its clock goes wrong by so many days, until a page of the test says otherwise. */
const wrongClock = (days) => `
const right = Date.now;
let wrong = ${days * 86_400_000};
Date.now = () => right() + wrong;
new BroadcastChannel("clock of the test").onmessage = ({ data }) => { wrong = data; };
`;

/**
 * Puts the page into a folder, as script/web does, with a root if that is given. `version` makes another of it; `wrong` is
 * the days by which its clock is wrong. Its hash.
 */
export function place(www, { version = "", root = "", wrong = null } = {}) {
  const copy = mkdtempSync(join(tmpdir(), "greenlit-parts-"));
  try {
    cpSync(parts, copy, { recursive: true });
    if (root) cpSync(root, join(copy, "root.cbor"));
    if (version) writeFileSync(join(copy, "style.css"), `/* ${version} */\n`, { flag: "a" });
    if (wrong !== null) writeFileSync(join(copy, "worker.js"), wrongClock(wrong) + readFileSync(join(copy, "worker.js"), "utf8"));
    const build = run(join(repository, "packaging/web/assemble"), copy, www);
    // nginx tells versions of a file apart by second and size.
    places += 1;
    for (const file of ["index.html", "sw.js"]) utimesSync(join(www, file), 1_700_000_000 + places, 1_700_000_000 + places);
    return build;
  } finally {
    rmSync(copy, { recursive: true });
  }
}

const issuer = join(repository, "target/release/greenlit-issuer");
const days = (number) => new Date(Date.now() + number * 86_400_000).toISOString().slice(0, 10);

/** An authority that issues real passes. */
export function authority(t) {
  const folder = temporary(t);
  const home = join(folder, "authority");
  run(issuer, "init", "--name", "Test", "--region", "RU-BA", "--one-operator", home);
  run(issuer, "publish", "--yes", home, join(folder, "first"));
  let count = 0;
  return {
    folder,
    root: join(home, "roots/root-1.cbor"),
    publish: (www) => run(issuer, "publish", "--yes", home, www),
    /** A pass that is good today: its text and its picture. */
    issue: () => {
      const picture = join(folder, `pass-${(count += 1)}.png`);
      const person = join(folder, "person.toml");
      writeFileSync(person, `name = "Иванова Анна Петровна"\nborn = "1984-05-09"\ndocument = "80 12 ${345_677 + count}"\n`);
      const text = run(issuer, "issue", "--basis", "vaccination", "--on", days(-30), "--holder", person, "--qr", picture, home);
      return { text, picture };
    },
    revoke: ({ text }) => run(issuer, "revoke", home, text),
    rootPicture: () => {
      const picture = join(folder, "root.png");
      run(issuer, "root", "qr", home, picture);
      return picture;
    },
  };
}

/** A browser whose camera sees the film again and again. Fails the test if it complains, or asks anybody but `origin`. */
export async function browse(t, { film, origin, camera = true, device = true, ...options }) {
  const complaints = [];
  const leaks = [];
  // Whatever of the page is not for this machine goes by this proxy, and no further: also what no event tells of.
  const proxy = net.createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", (bytes) => {
      leaks.push(bytes.toString("latin1").split("\r\n")[0]);
      socket.destroy();
    });
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    // The browser would ask its maker what a page's fields may be for.
    args: ["--disable-features=AutofillServerCommunication", ...(device ? ["--use-fake-device-for-media-stream"] : []), ...(film ? [`--use-file-for-fake-video-capture=${film}`] : [])],
  });
  // Of the context alone: the browser itself asks its maker for this and that.
  const context = await browser.newContext({
    proxy: { server: `http://127.0.0.1:${proxy.address().port}`, bypass: "127.0.0.1" },
    ...options,
  });
  context.setDefaultTimeout(60_000);
  if (camera) await context.grantPermissions(["camera"], { origin });
  context.on("request", (request) => {
    if (!request.url().startsWith(`${origin}/`) && !/^(blob|data):/.test(request.url())) leaks.push(request.url());
  });
  context.on("console", (message) => {
    // That the server is stopped or a file is missing is told here too, and is what tests do.
    const expected = /Failed to load resource|net::ERR_/.test(message.text());
    if (["error", "warning"].includes(message.type()) && !expected) complaints.push(message.text());
  });
  context.on("weberror", (error) => complaints.push(String(error.error()?.stack ?? error.error())));
  t.after(async () => {
    await browser.close();
    proxy.close();
    assert.deepEqual(complaints, [], "the browser complains of nothing");
    assert.deepEqual(leaks, [], "nobody but the page's own server is asked");
  });
  return { browser, context, leaks, complaints };
}

/** Waits for a page of the till, and the code of an answer. */
export async function at(page, name, code) {
  const body = `body[data-page="${name}"]${code === undefined ? "" : `[data-code="${code}"]`}`;
  try {
    await page.waitForSelector(body, { state: "attached" });
  } catch (error) {
    const found = await page.evaluate(() => ({ ...document.body.dataset, words: document.body.innerText }));
    throw new Error(`${body} does not come: ${JSON.stringify(found)}`, { cause: error });
  }
}

/** Opens the page and trusts the authority, as somebody who sets up a phone does. */
export async function setUp(page, address, root) {
  await page.goto(address);
  await at(page, "setup");
  await page.setInputFiles("#root-file", root);
  await at(page, "confirm-root");
  await page.click("#trust-root");
  await page.waitForSelector('body:not([data-page="confirm-root"])', { state: "attached" });
}

/** Waits until the page is kept for use without a network. */
export const kept = (page) => page.evaluate(async () => void (await navigator.serviceWorker.ready));
