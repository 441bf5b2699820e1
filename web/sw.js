// Keeps the page for use without a network, whole versions only. script/web fills in which files a version has.
//
// Everything of a version but the page itself lies in a folder named after it, so that files of two versions never
// meet: not in two tabs, not while one version replaces another, and not while a publication is half uploaded.

const BUILD = "@build@";
/** Each file, relative to this one, and its SHA-256. */
const FILES = new Map(Object.entries({
  // @files@
}));
/** What every server should send, from packaging/web/nginx.conf: many send none of it. */
const HEADERS = {
  // @headers@
};

// One origin may hold several tills, each in a folder of its own.
const SCOPE = new URL(self.registration.scope);
const OURS = `greenlit ${SCOPE.pathname} `;
const CACHE = OURS + BUILD;
const PAGE = "index.html";

/** What an authority publishes beside the page. It carries its own signatures, and is never kept here. */
const TRUST_DATA = /^(root-\d+\.cbor|trust(-2)?\.cbor|keys-\d+\.cbor|status-\d+\.cwt)$/;
const TYPES = {
  css: "text/css; charset=utf-8",
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  json: "application/json",
  png: "image/png",
  svg: "image/svg+xml",
  wasm: "application/wasm",
  webmanifest: "application/manifest+json",
};

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));

/** Takes the whole version or fails, and the version before goes on. */
async function install() {
  const files = await Promise.all([...FILES.keys()].map(async (file) => [file, await fetched(file)]));
  // The version may be kept already: when a server went back to it.
  const kept = await caches.has(CACHE);
  try {
    const cache = await caches.open(CACHE);
    await Promise.all(files.map(([file, response]) => cache.put(new URL(file, SCOPE), response)));
  } catch (error) {
    if (!kept) await caches.delete(CACHE);
    throw error;
  }
}

async function fetched(file) {
  const response = await fetch(new URL(file, SCOPE), { cache: "no-store", credentials: "same-origin" });
  if (!response.ok) throw new Error(`${file}: ${response.status}`);
  const bytes = await response.arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  if (Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("") !== FILES.get(file)) {
    throw new Error(`${file}: not of version ${BUILD}`);
  }
  return new Response(bytes, { headers: headers(file) });
}

function headers(file) {
  return { ...HEADERS, "Content-Type": TYPES[file.split(".").pop()] ?? "application/octet-stream" };
}

async function activate() {
  for (const name of await caches.keys()) {
    if (name.startsWith(OURS) && name !== CACHE) await caches.delete(name);
  }
  await self.clients.claim();
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== SCOPE.origin || !url.pathname.startsWith(SCOPE.pathname)) return;
  const file = url.pathname.slice(SCOPE.pathname.length);
  if (request.method === "POST" && file === "share") {
    event.respondWith(share(event));
  } else if (request.method !== "GET" || TRUST_DATA.test(file.split("/").pop())) {
    return;
  } else if (request.mode === "navigate") {
    if (file === "" || file === PAGE) event.respondWith(page(request));
  } else if (FILES.has(file)) {
    event.respondWith(kept(file));
  }
});

async function kept(file) {
  // Browsers clear what they like: then the same file from the server, or none.
  const cache = await caches.open(CACHE);
  return (await cache.match(new URL(file, SCOPE))) ?? fetched(file);
}

async function page(request) {
  const cache = await caches.open(CACHE);
  const found = await cache.match(new URL(PAGE, SCOPE));
  if (found) return found;
  // Whatever version the server has by now: its files are its own.
  return fetch(request).catch(() => new Response(GONE, { status: 503, headers: headers(PAGE) }));
}

const GONE = `<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Greenlit</title>
<p lang="ru">Браузер удалил эту страницу из памяти. Откройте её один раз с сетью.
<p lang="ba">Браузер был битте хәтерҙән юйҙы. Уны бер тапҡыр селтәр менән асығыҙ.
<p lang="en">The browser has deleted this page from its memory. Open it once with a network.`;

/** A picture that another app shared: in memory, until the page takes it, and for a minute at most. */
let shared = null;
let forget = () => {};

async function share(event) {
  const form = await event.request.formData().catch(() => new FormData());
  const picture = form.get("picture");
  forget();
  if (picture instanceof File) {
    shared = picture;
    // Without this the browser may end this worker, and the picture with it, before the page has started.
    event.waitUntil(new Promise((done) => {
      const timer = setTimeout(() => forget(), 60_000);
      forget = () => {
        clearTimeout(timer);
        shared = null;
        forget = () => {};
        done();
      };
    }));
  }
  return Response.redirect(new URL("./?shared", SCOPE), 303);
}

self.addEventListener("message", ({ data, ports: [port] }) => {
  switch (data?.type) {
    case "activate":
      self.skipWaiting();
      break;
    case "build":
      port?.postMessage(BUILD);
      break;
    case "shared":
      port?.postMessage(shared);
      forget();
      break;
  }
});
