// The page: draws what the core says, and hands it what camera, fingers and keys give. Decides nothing about passes.
import { applyUpdate, build, checkForUpdate, persist, registerOffline, scriptUrl, takeShared } from "./offline.js";

const $ = (id) => document.getElementById(id);
const BASE = new URL(".", document.baseURI);
const SOURCE = document.querySelector('meta[name="greenlit-source"]').content || BASE.href;
// One origin may hold several tills, each in a folder of its own.
const TILL = `greenlit ${BASE.pathname}`;
const SYNC_EVERY = 60 * 60 * 1000;
const ANSWERS = ["valid", "refused", "not-genuine", "cannot-tell", "mismatch", "unread", "one-at-a-time", "cleared"];

let worker = null;
let labels = {};
let authority = null;
/** The authority that might be trusted. */
let offered = null;
let shown = { page: "scan" };
/** What is over the scan page: setup, confirm, options; or nothing. */
let over = null;
let lookingForRoot = false;
let fromFile = false;
let synced = 0;
let fell = 0;

const send = (message, transfer = []) => worker?.postMessage(message, transfer);
const touch = (what) => send({ type: "touch", what });

// What staff chose. Nothing about guests.
const settings = {
  values: { language: "", sites: "", sounds: "beep", palette: "green-red" },
  read() {
    try {
      const found = JSON.parse(localStorage.getItem(TILL) ?? "{}");
      for (const name of Object.keys(this.values)) if (typeof found?.[name] === "string") this.values[name] = found[name];
    } catch { /* A private window may have none, and anybody may have written there. */ }
    const known = ["ru", "ba", "en"];
    if (!known.includes(this.values.language)) {
      this.values.language = navigator.languages.map((tag) => tag.split("-")[0]).find((tag) => known.includes(tag)) ?? "en";
    }
    document.documentElement.dataset.palette = this.values.palette;
    document.documentElement.lang = this.values.language;
  },
  set(name, value) {
    this.values[name] = String(value);
    try {
      localStorage.setItem(TILL, JSON.stringify(this.values));
    } catch { /* It is kept for as long as the page is open. */ }
    this.read();
    send({ type: "place", place: { ...this.values } });
  },
};

// ── Drawing ────────────────────────────────────────────────────────────────────────────────────────────────────────────

const write = (id, text) => {
  if ($(id).textContent !== text) $(id).textContent = text;
};

/** A text that stays what it is in another language. */
function say(id, name) {
  $(id).dataset.say = name;
  write(id, labels[name] ?? "");
}

function lines(list, items, make) {
  list.replaceChildren(...items.map((item) => {
    const line = document.createElement("li");
    make(line, item);
    return line;
  }));
}

function drawPage() {
  const answering = !over && ANSWERS.includes(shown.page);
  const page = over ?? (answering ? shown.page : "scan");
  const named = { confirm: "confirm-root", options: "settings" }[page] ?? page;
  if (document.body.dataset.page !== named) {
    document.body.dataset.page = named;
    scrollTo(0, 0);
  }
  document.body.dataset.code = answering ? shown.code : "";
  for (const [id, here] of Object.entries({
    loading: page === "loading", setup: page === "setup", confirm: page === "confirm", options: page === "options",
    scan: page === "scan", answer: answering,
  })) $(id).hidden = !here;
}

function drawScreen(screen, photo) {
  shown = screen;
  if (ANSWERS.includes(screen.page)) drawAnswer(screen, photo);
  else clearAnswer();
  write("hint", lookingForRoot ? labels["set-up"] ?? "" : screen.hint);
  $("hint").classList.toggle("notice", screen.isNotice);
  write("authority", screen.authority);
  write("age", screen.trust);
  write("whom-age", screen.trust);
  $("scan").dataset.age = screen.age;
  $("demo").hidden = !screen.demo;
  drawPage();
}

function drawAnswer(screen, photo) {
  write("word", screen.page === "cleared" ? screen.advice : screen.word);
  write("reason", screen.code ? `${screen.reason} · ${screen.code}` : screen.reason);
  write("moment", screen.moment || screen.through);
  write("before", screen.before);
  write("advice-title", screen.adviceTitle);
  write("advice", screen.page === "valid" ? "" : screen.advice);
  write("more", screen.more);
  write("note", screen.note);
  write("origin", screen.origin);
  $("answer-demo").hidden = !(screen.demo && screen.code);
  $("card").hidden = screen.page === "cleared";
  lines($("benefits"), screen.benefits, (line, benefit) => {
    line.classList.toggle("reminder", benefit.isReminder);
    if (benefit.amount) line.append(Object.assign(document.createElement("b"), { textContent: benefit.amount }));
    line.append(Object.assign(document.createElement("span"), { textContent: benefit.words }));
  });
  $("compare").hidden = screen.identity.length === 0;
  lines($("identity"), screen.identity, (line, text) => { line.textContent = text; });
  $("mismatch").hidden = screen.page !== "valid";
  $("undo").hidden = !(screen.page === "mismatch" && screen.undoable);
  $("bar").style.transform = `scaleX(${screen.remaining})`;
  if (!screen.photo) dropPhoto();
  else if (photo) {
    dropPhoto();
    $("photo").src = URL.createObjectURL(new Blob([photo], { type: screen.photo }));
    $("photo").hidden = false;
  }
}

/** Nothing of a guest stays on a page that is not seen. */
function clearAnswer() {
  dropPhoto();
  for (const id of ["word", "reason", "moment", "before", "advice-title", "advice", "more", "note", "origin"]) write(id, "");
  for (const id of ["benefits", "identity"]) $(id).replaceChildren();
}

/** A face is gone with its answer. */
function dropPhoto() {
  if ($("photo").src) URL.revokeObjectURL($("photo").src);
  $("photo").removeAttribute("src");
  $("photo").hidden = true;
}

function drawLabels() {
  for (const element of document.querySelectorAll("[data-say]")) element.textContent = labels[element.dataset.say] ?? "";
  for (const element of document.querySelectorAll("[data-label]")) element.setAttribute("aria-label", labels[element.dataset.label] ?? "");
  $("photo").alt = labels.photo ?? "";
  $("zoom").setAttribute("aria-label", labels.closer ?? "");
  write("from", labels["updates-from"]?.replace("{}", () => SOURCE) ?? "");
  for (const box of $("sites").querySelectorAll("label")) box.lastChild.textContent = labels[`site-${box.firstChild.value}`] ?? box.firstChild.value;
  drawCamera();
  drawOffer();
  drawWhom();
}

function drawOffer() {
  if (!offered) return;
  write("offered", offered.authority);
  write("fingerprint", offered.fingerprint);
  $("offer-demo").hidden = !offered.practice;
  write("offer-instead", offered.insteadOf ? labels.instead?.replace("{}", () => offered.insteadOf) ?? "" : "");
  write("trust-root", (offered.insteadOf ? labels.switch : labels.trust) ?? "");
}

function drawWhom() {
  say("add", authority ? "another-authority" : "add");
  write("whom", authority?.name ?? labels["no-authority"] ?? "");
  write("whom-print", authority?.fingerprint ?? "");
}

function drawSites(known) {
  const chosen = settings.values.sites.split(" ");
  $("sites").replaceChildren(...known.split(" ").map((site) => {
    const label = document.createElement("label");
    const box = Object.assign(document.createElement("input"), { type: "checkbox", value: site, checked: chosen.includes(site) });
    box.onchange = () => settings.set("sites", [...$("sites").querySelectorAll(":checked")].map((one) => one.value).join(" "));
    label.append(box, document.createElement("span"));
    return label;
  }));
}

function drawLanguages() {
  for (const select of document.querySelectorAll(".languages")) {
    select.replaceChildren(...[["ru", "Русский"], ["ba", "Башҡортса"], ["en", "English"]].map(([tag, name]) => {
      const option = new Option(name, tag, false, tag === settings.values.language);
      option.lang = tag;
      return option;
    }));
    select.onchange = () => {
      settings.set("language", select.value);
      drawLanguages();
    };
  }
}

// ── Camera ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

const camera = {
  stream: null,
  /** What is wrong with it, as the words are called. */
  trouble: "",
  opening: false,
  attempt: 0,
  slow: false,
  waiting: false,

  async open() {
    if (this.opening || this.stream?.active || document.hidden) return;
    this.opening = true;
    this.trouble = "starting";
    // Some browsers leave it at that: neither a camera nor a reason.
    const attempt = (this.attempt += 1);
    this.slow = false;
    const slow = setTimeout(() => {
      this.slow = this.opening;
      drawCamera();
    }, 10_000);
    drawCamera();
    try {
      if (!navigator.mediaDevices?.getUserMedia) throw new DOMException("", "InsecureContext");
      const stream = await navigator.mediaDevices.getUserMedia({
        audio: false,
        video: { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 } },
      });
      if (attempt !== this.attempt) {
        stream.getTracks().forEach((track) => track.stop());
        return;
      }
      this.stream = stream;
      const [track] = this.stream.getVideoTracks();
      track.onended = () => this.close("stalled");
      $("video").srcObject = this.stream;
      await $("video").play();
      this.trouble = "";
      touch("camera-on");
      this.controls(track);
      stayAwake();
      this.next(0);
    } catch (error) {
      const found = {
        NotAllowedError: "camera-refused", SecurityError: "camera-refused", NotFoundError: "camera-none",
        OverconstrainedError: "camera-none", NotReadableError: "camera-busy", AbortError: "camera-busy", InsecureContext: "camera-insecure",
      };
      if (attempt === this.attempt) this.close(found[error.name] ?? "stalled");
    } finally {
      clearTimeout(slow);
      if (attempt === this.attempt) {
        this.opening = this.slow = false;
        drawCamera();
      }
    }
  },

  close(trouble = "") {
    // Whatever is still being opened is not wanted any more.
    this.attempt += 1;
    this.opening = this.slow = false;
    this.stream?.getTracks().forEach((track) => { track.onended = null; track.stop(); });
    this.stream = null;
    this.trouble = trouble;
    $("video").srcObject = null;
    $("light").hidden = $("zoom-label").hidden = true;
    touch("camera-off");
    drawCamera();
  },

  /** Light and zoom, where the phone has them. */
  controls(track) {
    const can = track.getCapabilities?.() ?? {};
    $("light").hidden = !can.torch;
    $("light").setAttribute("aria-pressed", "false");
    $("light").onclick = async () => {
      const on = $("light").getAttribute("aria-pressed") !== "true";
      await track.applyConstraints({ advanced: [{ torch: on }] }).catch(() => {});
      $("light").setAttribute("aria-pressed", String(on));
      $("light").setAttribute("aria-label", labels[on ? "light-off" : "light-on"]);
    };
    $("zoom-label").hidden = !(can.zoom && can.zoom.max > can.zoom.min);
    if (!$("zoom-label").hidden) {
      Object.assign($("zoom"), { min: can.zoom.min, max: can.zoom.max, step: can.zoom.step || 0.1, value: track.getSettings().zoom ?? can.zoom.min });
      $("zoom").oninput = () => track.applyConstraints({ advanced: [{ zoom: Number($("zoom").value) }] }).catch(() => {});
    }
  },

  /** The newest frame, once the core is done with the last, and not before it wants one. */
  next(pause) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.hand(), pause);
  },

  async hand() {
    const video = $("video");
    if (!this.stream || this.waiting) return;
    if (video.readyState < 2 || document.hidden || (over && !lookingForRoot)) return this.next(200);
    // A camera that gives the same picture again and again has stopped.
    if (video.currentTime !== this.moved?.at) this.moved = { at: video.currentTime, since: performance.now() };
    else if (performance.now() - this.moved.since > 3_000) return this.close("stalled");
    this.waiting = true;
    this.handed = performance.now();
    try {
      if (typeof VideoFrame === "function") {
        const frame = new VideoFrame(video);
        send({ type: "frame", frame }, [frame]);
      } else {
        const bitmap = await createImageBitmap(video);
        send({ type: "bitmap", bitmap }, [bitmap]);
      }
    } catch {
      this.waiting = false;
      this.next(200);
    }
  },

  /** The core's answer to a frame, or to something else in between. */
  answered(pause) {
    if (!this.waiting) return;
    this.waiting = false;
    this.next(Math.max(0, pause - (performance.now() - this.handed)));
  },
};

function drawCamera() {
  const wrong = camera.trouble && (camera.trouble !== "starting" || camera.slow);
  $("no-camera").hidden = !camera.trouble;
  write("camera-words", labels[camera.trouble] ?? "");
  $("camera-again").hidden = !wrong;
  write("setup-trouble", lookingForRoot && wrong ? labels[camera.trouble] ?? "" : "");
}

let lock = null;
async function stayAwake() {
  try {
    lock ??= await navigator.wakeLock?.request("screen");
    lock?.addEventListener("release", () => { lock = null; });
  } catch { /* The screen goes dark as the phone likes. */ }
}

// ── Sound ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

let audio = null;
function play(notes, announced) {
  // Browsers let nothing shake before it is touched, and say so each time.
  if (announced && navigator.userActivation?.hasBeenActive !== false) navigator.vibrate?.(announced === "valid" ? 60 : [90, 60, 90]);
  if (!notes.length) return;
  try {
    audio ??= new AudioContext();
    let at = audio.currentTime + 0.02;
    for (const [hertz, milliseconds] of notes) {
      const end = at + milliseconds / 1000;
      if (hertz > 0) {
        const tone = new OscillatorNode(audio, { frequency: hertz });
        const loud = new GainNode(audio, { gain: 0 });
        // Without a rise and a fall it clicks.
        loud.gain.setValueAtTime(0, at);
        loud.gain.linearRampToValueAtTime(0.5, at + 0.008);
        loud.gain.setValueAtTime(0.5, end - 0.008);
        loud.gain.linearRampToValueAtTime(0, end);
        tone.connect(loud).connect(audio.destination);
        tone.start(at);
        tone.stop(end);
      }
      at = end;
    }
  } catch { /* Sound only helps the eyes. */ }
}

// ── What the core says ─────────────────────────────────────────────────────────────────────────────────────────────────

const heard = {
  started(message) {
    write("build", build);
    drawSites(message.sites);
    say("kept-state", message.storage ? "" : "not-kept");
    send({ type: "place", place: { ...settings.values } });
    if (message.authority) {
      go(null);
      sync();
    } else {
      go("setup");
    }
    camera.next(0);
    shared();
  },
  labels(message) {
    labels = message.labels;
    authority = message.authority;
    drawLabels();
  },
  outcome(message) {
    const { outcome, screen, photo, of } = message;
    if (of === "show" && !document.hidden) document.body.classList.remove("away");
    if (screen) drawScreen(screen, photo);
    if (outcome.notes.length || outcome.announced) play(outcome.notes, outcome.announced);
    if (outcome.root !== null && lookingForRoot) {
      fromFile = false;
      send({ type: "offer", bytes: new TextEncoder().encode(outcome.root) });
    }
    if (of === "frame") camera.answered(outcome.pause);
  },
  offer({ offer }) {
    if (offer.refused) {
      // A file is no code.
      const other = fromFile ? labels.unreadable : labels["not-root"];
      const words = labels[offer.refused] ?? other ?? "";
      write(over === null ? "hint" : "setup-trouble", words);
      return;
    }
    look(false);
    offered = offer;
    drawOffer();
    go("confirm");
  },
  trusted(message) {
    authority = message.authority;
    drawWhom();
    persist();
    go(null);
    sync();
  },
  authority(message) {
    authority = message.authority;
    drawWhom();
  },
  synced(message) {
    if (!message.failed) synced = Date.now();
    $("sync").disabled = false;
    write("sync-state", message.words);
  },
  stored({ stored }) {
    say("kept-state", stored ? "" : "not-kept");
  },
  broken({ why }) {
    console.error(why);
    restart();
  },
};

function start(root) {
  worker = new Worker(scriptUrl("worker.js"), { type: "module" });
  worker.onmessage = ({ data }) => heard[data.type](data);
  worker.onerror = (event) => {
    event.preventDefault();
    restart();
  };
  camera.waiting = false;
  send({ type: "start", place: { ...settings.values }, root });
}

/** A core that stopped is started anew, with what was kept; one that stops at once is not. */
function restart() {
  worker?.terminate();
  worker = null;
  shown = { page: "scan" };
  clearAnswer();
  document.body.classList.remove("away");
  write("loading-words", labels.broken ?? "");
  // What never started has no words of its own.
  $("unsupported").hidden = labels.broken !== undefined;
  go("loading");
  $("reload").hidden = Date.now() - fell >= 5_000;
  if (Date.now() - fell < 5_000) return;
  fell = Date.now();
  start(root);
}

function sync() {
  write("sync-state", labels.updating ?? "");
  $("sync").disabled = true;
  send({ type: "sync", base: SOURCE });
}

// ── Where we are ───────────────────────────────────────────────────────────────────────────────────────────────────────

function go(page) {
  over = page;
  $("text").value = "";
  if (page !== null) touch("dismiss");
  $("setup-close").hidden = !authority;
  $("setup-done").hidden = !lookingForRoot;
  drawPage();
  noteWay();
  if (page === null || lookingForRoot) camera.open();
}

// The phone's own Back leads out of what is over the camera, as the buttons do, and leaves the page only from there. One
// entry of its history stands for all of that.
const ways = { confirm: "trust-no", setup: "setup-close", options: "back" };
const wayBack = () => (over === null ? lookingForRoot && "setup-done" : (over !== "setup" || authority) && ways[over]) || null;
let leaving = false;
function noteWay() {
  // It is gone back when the browser says so.
  if (leaving) return;
  const noted = history.state === "over";
  if (wayBack() && !noted) history.pushState("over", "");
  if (!wayBack() && noted) {
    leaving = true;
    history.back();
  }
}
addEventListener("popstate", () => {
  const way = !leaving && wayBack();
  leaving = false;
  if (way) $(way).click();
  else noteWay();
});

/** Looks for an authority's root with the camera, on the scan page. */
function look(looks) {
  lookingForRoot = looks;
  send({ type: "lookForRoot", looks });
  $("hint").textContent = looks ? labels["set-up"] : "";
}

async function shared() {
  const file = await takeShared();
  if (file) send({ type: "picture", file });
}

function choose(input, done) {
  input.onchange = async () => {
    const [file] = input.files;
    input.value = "";
    // Keys of a scanner are heard where no field has the focus.
    input.blur();
    if (file) await done(file);
  };
}

choose($("root-file"), async (file) => {
  if (file.type.startsWith("image/")) {
    look(true);
    return send({ type: "picture", file });
  }
  fromFile = true;
  // No root is as large; the core says what it is.
  send({ type: "offer", bytes: new Uint8Array(await file.slice(0, 1 << 16).arrayBuffer()) });
});
choose($("picture"), (file) => send({ type: "picture", file }));
$("setup-camera").onclick = () => { look(true); go(null); };
$("setup-done").onclick = () => { look(false); go(authority ? null : "setup"); };
$("setup-close").onclick = () => { look(false); go("options"); };
$("trust-root").onclick = () => send({ type: "trustOffered" });
$("trust-no").onclick = () => { look(false); go(authority ? "options" : "setup"); };
$("reload").onclick = () => location.reload();
$("settings").onclick = () => go("options");
$("back").onclick = () => go(authority ? null : "setup");
$("add").onclick = () => go("setup");
$("sync").onclick = sync;
$("apply").onclick = applyUpdate;
$("camera-again").onclick = () => { camera.close(); camera.open(); };
$("next").onclick = () => touch(shown.page === "cleared" ? "show" : "dismiss");
$("mismatch").onclick = () => touch("mismatch");
$("undo").onclick = () => touch("undo");
$("sounds").onchange = () => settings.set("sounds", $("sounds").value);
$("palette").onchange = () => settings.set("palette", $("palette").value);
$("by-text").onsubmit = (event) => {
  event.preventDefault();
  send({ type: "text", text: $("text").value });
  go(null);
};
$("verdict").onpointerdown = $("card").onpointerdown = () => touch("press");
addEventListener("pointerup", () => touch("release"));
addEventListener("pointercancel", () => touch("release"));

// A scanner that types: the core tells it from a person. Its Enter must press no button.
let keyed = 0;
addEventListener("keydown", (event) => {
  if (event.target.matches?.("#text, select") || over) return;
  const quick = performance.now() - keyed < 100;
  if (event.key.length === 1) keyed = performance.now();
  if ((event.key === "Enter" || event.key === " ") && quick) event.preventDefault();
  send({ type: "key", key: event.key, combined: event.ctrlKey || event.altKey || event.metaKey, repeat: event.repeat });
});
addEventListener("paste", (event) => {
  if (event.target.matches?.("input, textarea")) return;
  const file = [...event.clipboardData.files].find((one) => one.type.startsWith("image/"));
  if (file) send({ type: "picture", file });
  else send({ type: "text", text: event.clipboardData.getData("text") });
});

// A phone takes the camera away from a page that nobody sees.
document.addEventListener("visibilitychange", () => {
  // Nor is an answer to be seen among the phone's open apps.
  if (document.hidden) document.body.classList.add("away");
  touch(document.hidden ? "hide" : "show");
  if (document.hidden) {
    $("text").value = "";
    return camera.close();
  }
  stayAwake();
  if (over === null || lookingForRoot) camera.open();
  if (authority && Date.now() - synced > SYNC_EVERY) sync();
  checkForUpdate();
});
addEventListener("online", () => { if (authority) sync(); });
// Nothing of an answer is offered to the browser or to other apps.
$("answer").oncontextmenu = (event) => event.preventDefault();
setInterval(() => {
  touch("tick");
  if (!document.hidden && authority && Date.now() - synced > SYNC_EVERY) sync();
}, 60_000);

/** The root that this page was built to trust. */
async function pinned() {
  if (!document.querySelector('meta[name="greenlit-root"]').content) return null;
  try {
    const response = await fetch(new URL("root.cbor", import.meta.url));
    return response.ok ? new Uint8Array(await response.arrayBuffer()) : null;
  } catch {
    return null;
  }
}

settings.read();
drawLanguages();
$("sounds").value = settings.values.sounds;
$("palette").value = settings.values.palette;
go("loading");
const root = await pinned();
start(root);
registerOffline({
  onUpdate: () => {
    // Where nothing is set up yet, nothing is interrupted.
    if (over === "setup" && !authority) applyUpdate();
    else {
      $("update").hidden = false;
      $("settings").classList.add("waiting");
    }
  },
}).then((state) => {
  say("offline-state", state === "kept" ? "works-offline" : isSecureContext ? "needs-network" : "needs-https");
});
