// The page's way to its service worker (sw.js), and the only maker of script addresses.

const here = new URL(".", import.meta.url);
// Everything of a version lies in a folder of its own; the service worker stands beside the page, for its scope.
const SCRIPTS = new Map([
  ["worker.js", new URL("worker.js", here).href],
  ["sw.js", new URL("../sw.js", here).href],
]);
const policy = globalThis.trustedTypes?.createPolicy("greenlit", {
  createScriptURL(name) {
    if (SCRIPTS.has(name)) return SCRIPTS.get(name);
    throw new TypeError(`not a script of ours: ${name}`);
  },
});

/** The address of "worker.js" or "sw.js", as scripts may be started from. */
export function scriptUrl(name) {
  if (policy) return policy.createScriptURL(name);
  if (!SCRIPTS.has(name)) throw new TypeError(`not a script of ours: ${name}`);
  return SCRIPTS.get(name);
}

/** The hash of the version that this page is of. */
export const build = document.querySelector('meta[name="greenlit-build"]')?.content ?? "";

let registration = null;

/**
 * Has the page kept for use without a network. Calls `onUpdate` with its hash whenever a newer version waits.
 * Says how it went: "kept", "not-kept" (the server's files do not fit together, or there is no room) or "unsupported"
 * (no HTTPS, or a browser that keeps nothing).
 */
export async function registerOffline({ onUpdate = () => {} } = {}) {
  const container = navigator.serviceWorker;
  if (!container) return "unsupported";
  // Whenever another version takes over, in whichever tab that was asked for, this page is of the past.
  container.addEventListener("controllerchange", async () => {
    const now = await ask(container.controller, { type: "build" });
    if (now && now !== build) location.reload();
  });
  try {
    registration = await container.register(scriptUrl("sw.js"), { updateViaCache: "none" });
  } catch {
    // A version from before goes on: an update that fails is no more than that.
    registration = (await container.getRegistration().catch(() => null)) ?? null;
    if (!registration) return "unsupported";
  }

  const watch = (worker) => {
    const look = async () => {
      if (worker !== registration.waiting || !registration.active) return;
      const waiting = await ask(worker, { type: "build" });
      if (waiting && waiting !== build) onUpdate(waiting);
    };
    worker.addEventListener("statechange", look);
    look();
  };
  registration.addEventListener("updatefound", () => registration.installing && watch(registration.installing));
  if (registration.waiting) watch(registration.waiting);
  if (registration.installing) watch(registration.installing);

  if (registration.active) return "kept";
  const first = registration.installing ?? registration.waiting;
  if (!first) return "not-kept";
  return new Promise((done) => {
    const look = () => {
      if (first.state === "activated") done("kept");
      if (first.state === "redundant") done("not-kept");
    };
    first.addEventListener("statechange", look);
    look();
  });
}

/** Asks the server for a newer version; `onUpdate` is told of one. Without a network nothing happens. */
export async function checkForUpdate() {
  await registration?.update().catch(() => {});
}

/** Changes over to the version that waits. Every tab of this page then loads again. */
export function applyUpdate() {
  registration?.waiting?.postMessage({ type: "activate" });
}

/** Asks the browser not to clear what this page keeps. False where it promises nothing. */
export async function persist() {
  try {
    return (await navigator.storage?.persist?.()) ?? false;
  } catch {
    return false;
  }
}

/** The picture that another app shared with this one, once; or null. */
export async function takeShared() {
  const query = new URLSearchParams(location.search);
  if (!query.has("shared")) return null;
  history.replaceState(null, "", location.pathname);
  const worker = (await navigator.serviceWorker?.getRegistration())?.active;
  const file = await ask(worker, { type: "shared" });
  return file instanceof Blob ? file : null;
}

/** A worker's answer; null if it gives none. */
function ask(worker, question) {
  if (!worker) return Promise.resolve(null);
  return new Promise((done) => {
    const { port1, port2 } = new MessageChannel();
    const timer = setTimeout(() => done(null), 5_000);
    port1.onmessage = ({ data }) => {
      clearTimeout(timer);
      port1.close();
      done(data);
    };
    worker.postMessage(question, [port2]);
  });
}
