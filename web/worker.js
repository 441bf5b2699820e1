// Runs the core beside the page: frames, texts and files go in, outcomes and screens come out. Decides nothing.
import init, { Till, knownSites, labels } from "./greenlit_web.js";

const STORE = "kept";
// One origin may hold several tills, each in a folder of its own.
const TILL = `greenlit ${new URL("..", import.meta.url).pathname}`;
const say = new BroadcastChannel(TILL);
/** A browser that does not answer keeps nothing. */
const PATIENCE = 3_000;
let till = null;
let place = { language: "en", sites: "", sounds: "beep" };
let ticking = 0;
let lastScreen = "";
let hasPhoto = false;
let syncing = false;
let onceMore = false;

// Some phones stop that clock while they sleep; what the other one says has passed is added when the page is seen again.
let slept = 0;
let hidden = null;
const steady = () => performance.now() + slept;
function wake() {
  if (!hidden) return;
  slept += Math.max(0, Date.now() - hidden.date - (performance.now() - hidden.steady));
  // A clock that was set back meanwhile tells nothing: then it was long.
  if (Date.now() < hidden.date) slept += 60_000;
  hidden = null;
}
const now = () => Date.now() / 1000;
const clocks = () => [steady(), now()];

/** What this page keeps, in IndexedDB; null where the browser keeps nothing. */
const kept = {
  open() {
    return new Promise((done) => {
      try {
        const request = indexedDB.open(TILL, 1);
        setTimeout(() => done(null), PATIENCE);
        request.onupgradeneeded = () => request.result.createObjectStore(STORE);
        request.onsuccess = () => done(request.result);
        request.onerror = request.onblocked = () => done(null);
      } catch {
        done(null);
      }
    });
  },
  async with(mode, work) {
    const database = await this.open();
    if (!database) return null;
    try {
      return await new Promise((done) => {
        const transaction = database.transaction(STORE, mode);
        let result;
        work(transaction.objectStore(STORE), (value) => { result = value; });
        setTimeout(() => done(null), PATIENCE);
        transaction.oncomplete = () => done({ value: result });
        transaction.onerror = transaction.onabort = () => done(null);
      });
    } catch {
      return null;
    } finally {
      database.close();
    }
  },
  read: () => kept.with("readonly", (store, done) => {
    const request = store.get("trust");
    request.onsuccess = () => done(request.result);
  }),
};

/** Keeps what is known; but another tab's that is newer stays. With `instead`, somebody has decided for another authority. */
async function keep(instead = false) {
  const stored = await kept.with("readwrite", (store) => {
    const request = store.get("trust");
    request.onsuccess = () => {
      const there = request.result;
      if (instead || !(there instanceof Uint8Array) || !till.isBehind(there)) store.put(till.kept(), "trust");
    };
  });
  if (stored) say.postMessage("kept");
  post({ type: "stored", stored: !!stored });
}

/** Another tab has newer data. */
say.onmessage = () => queue(async () => {
  if (!till) return;
  const found = await kept.read();
  if (found?.value instanceof Uint8Array && till.adopt(found.value)) after(till.touch("tick", ...clocks()));
});

function post(message, transfer) {
  self.postMessage(message, transfer);
}

/** An outcome for the page, of what led to it, with the screen that it leads to. */
function after(json, of = "") {
  const outcome = JSON.parse(json);
  clearTimeout(ticking);
  if (outcome.deadline !== null) {
    ticking = setTimeout(() => queue(() => after(till.touch("tick", ...clocks()))), Math.max(0, outcome.deadline - steady()) + 1);
  }
  const screen = till.screen(...clocks());
  const message = { type: "outcome", outcome, of };
  if (screen !== lastScreen || outcome.announced) {
    lastScreen = screen;
    message.screen = JSON.parse(screen);
    // A face is sent once for each answer, for it is as large as all the rest.
    if (message.screen.photo && (outcome.announced || !hasPhoto)) message.photo = till.photo(steady());
    hasPhoto = !!message.screen.photo;
  }
  post(message);
  return outcome;
}

/** So many milliseconds from one look in colour to the next: a code as light as its paper shows there alone. */
const COLOUR_EVERY = 250;
let coloured = -COLOUR_EVERY;

/** Whether it is time for one. */
const colourIsDue = () => steady() - coloured >= COLOUR_EVERY;

/** A frame's pixels, in colour where that is due. */
function lookAt(source, width, height) {
  const inColour = colourIsDue();
  if (inColour) coloured = steady();
  const { data, w, h } = pixels(source, width, height);
  return till.rgbaFrame(data, w, h, inColour, ...clocks());
}

/** Luma of a frame, without a copy through a canvas where the browser has its planes. */
async function look(frame) {
  // What is copied is what is to be seen of it.
  const { visibleRect: { width, height }, format } = frame;
  try {
    if (!colourIsDue() && ["I420", "I420A", "I422", "I444", "NV12"].includes(format)) {
      const bytes = new Uint8Array(frame.allocationSize());
      const [luma] = await frame.copyTo(bytes);
      const end = luma.offset + luma.stride * height;
      return till.frame(bytes.subarray(luma.offset, end), width, height, luma.stride, ...clocks());
    }
    return lookAt(frame, frame.displayWidth, frame.displayHeight);
  } finally {
    frame.close();
  }
}

/** Most pixels of a picture: unpacked they take four bytes each, and a phone has no more. */
const MOST_PIXELS = 60_000_000;

/** The pixels that a PNG or JPEG says it has, before it is unpacked; 0 for what is neither. */
async function area(file) {
  const view = new DataView(await file.slice(0, 1 << 16).arrayBuffer());
  if (view.byteLength > 24 && view.getUint32(0) === 0x89504e47) return view.getUint32(16) * view.getUint32(20);
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return 0;
  for (let at = 2; at + 9 < view.byteLength; at += 2 + view.getUint16(at + 2)) {
    const marker = view.getUint16(at);
    // A frame's header, of any of its kinds (ITU-T T.81, table B.1).
    if (marker >= 0xffc0 && marker <= 0xffcf && ![0xffc4, 0xffc8, 0xffcc].includes(marker)) {
      return view.getUint16(at + 5) * view.getUint16(at + 7);
    }
  }
  return 0;
}

function pixels(source, width, height) {
  // Larger than any camera's frame: a code that fills a picture is read as well at half its size.
  const shrink = Math.min(1, 2400 / Math.max(width, height));
  const [w, h] = [Math.max(1, Math.round(width * shrink)), Math.max(1, Math.round(height * shrink))];
  const context = new OffscreenCanvas(w, h).getContext("2d", { willReadFrequently: true });
  context.fillStyle = "#fff";
  context.fillRect(0, 0, w, h);
  context.drawImage(source, 0, 0, w, h);
  return { data: context.getImageData(0, 0, w, h).data, w, h };
}

/** Beside the rest: a network may take a minute, and guests do not wait for it. */
async function sync(base) {
  if (syncing) {
    onceMore = true;
    return;
  }
  syncing = true;
  onceMore = false;
  till.beginSync();
  try {
    await syncSteps(base);
  } finally {
    syncing = false;
    if (onceMore) sync(base);
    post({ type: "authority", authority: JSON.parse(till.authority(place.language)) });
  }
}

async function syncSteps(base) {
  for (;;) {
    const step = JSON.parse(till.sync());
    if (!step.fetch) {
      // What stands on the screen stays: the next frame is judged by what is new.
      if (step.changed) await keep();
      after(till.touch("tick", ...clocks()));
      post({ type: "synced", ...step });
      return;
    }
    await Promise.all(step.fetch.map(([name, cap]) => fetchFile(base, name, cap)));
  }
}

async function fetchFile(base, name, cap) {
  try {
    const response = await fetch(new URL(name, base), { cache: "no-cache", credentials: "omit", signal: AbortSignal.timeout(60_000) });
    if (response.status === 404) return till.noFile(name);
    if (!response.ok) return till.failFile(name, `the server answered ${response.status}`);
    till.takeFile(name, await capped(response, cap));
  } catch (error) {
    till.failFile(name, String(error?.message ?? error));
  }
}

/** No more than so many bytes, however many are sent. */
async function capped(response, cap) {
  const reader = response.body.getReader();
  const parts = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > cap) {
      await reader.cancel();
      throw new Error("larger than its limit");
    }
    parts.push(value);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

const handlers = {
  async start(message) {
    await init();
    place = message.place;
    till = new Till(crypto.getRandomValues(new Uint8Array(32)), (seconds) => -new Date(seconds * 1000).getTimezoneOffset());
    till.setPlace(place.language, place.sites, place.sounds);
    const found = await kept.read();
    if (found?.value instanceof Uint8Array) till.restore(found.value);
    if (message.root && !till.hasAuthority() && !("refused" in JSON.parse(till.offer(message.root)))) {
      till.trustOffered(...clocks());
      await keep();
    }
    post({ type: "started", authority: till.hasAuthority(), storage: found !== null, sites: knownSites() });
    after(till.touch("tick", ...clocks()));
  },
  place(message) {
    place = message.place;
    till.setPlace(place.language, place.sites, place.sounds);
    lastScreen = "";
    post({ type: "labels", labels: JSON.parse(labels(place.language)), authority: JSON.parse(till.authority(place.language)) });
    after(till.touch("tick", ...clocks()));
  },
  frame: async (message) => after(await look(message.frame), "frame"),
  bitmap({ bitmap }) {
    after(lookAt(bitmap, bitmap.width, bitmap.height), "frame");
    bitmap.close();
  },
  async picture(message) {
    let bitmap = null;
    if ((await area(message.file)) > MOST_PIXELS) return after(till.pictureTooLarge(...clocks()));
    try {
      bitmap = await createImageBitmap(message.file);
    } catch {
      return after(till.noPicture(...clocks()));
    }
    const { data, w, h } = pixels(bitmap, bitmap.width, bitmap.height);
    after(till.picture(data, w, h, ...clocks()));
    bitmap.close();
  },
  text: (message) => after(till.pasted(message.text, ...clocks())),
  key: (message) => after(till.key(message.key, message.combined, message.repeat, ...clocks())),
  touch(message) {
    if (message.what === "show") wake();
    after(till.touch(message.what, ...clocks()), message.what);
    if (message.what === "hide") hidden = { date: Date.now(), steady: performance.now() };
    if (message.what === "tick" && till.noteTime(now())) return keep();
  },
  lookForRoot: (message) => till.lookForRoot(message.looks),
  offer: (message) => post({ type: "offer", offer: JSON.parse(till.offer(message.bytes)) }),
  async trustOffered() {
    if (!till.trustOffered(...clocks())) return;
    await keep(true);
    post({ type: "trusted", authority: JSON.parse(till.authority(place.language)) });
    after(till.rejudge(...clocks()));
  },
  sync(message) {
    sync(message.base).catch((error) => post({ type: "broken", why: String(error?.stack ?? error) }));
  },
};

// One thing after another: a frame's copy waits, and nothing may come between it and its answer.
let last = Promise.resolve();
function queue(work) {
  last = last.then(work).catch((error) => post({ type: "broken", why: String(error?.stack ?? error) }));
}

self.onmessage = ({ data }) => queue(() => handlers[data.type](data));
