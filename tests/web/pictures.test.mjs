// Every page in three languages, on phones and a tablet, light and dark: in words as large as people set them, without
// a finding of axe-core. GREENLIT_PICTURES=FOLDER keeps a picture of each, to be looked at.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { film } from "./film.mjs";
import { assert, at, authority, axe, browse, place, serve } from "./harness.mjs";

const SIZES = [[360, 640], [412, 915], [820, 1180]];
const LANGUAGES = ["ru", "ba", "en"];
const pictures = process.env.GREENLIT_PICTURES;
if (pictures) mkdirSync(pictures, { recursive: true });

/** Everything of a page that is wrong at this size: what sticks out at the side, and what axe-core finds. */
async function faults(page) {
  const sticking = () =>
    page.evaluate(() => {
      const seen = [...document.querySelectorAll("body *")].filter((element) => {
        const { left, right, width, height } = element.getBoundingClientRect();
        return width > 1 && height > 1 && (right > innerWidth + 1 || left < -1) && element.checkVisibility({ visibilityProperty: true })
          && getComputedStyle(element).overflow !== "hidden" && !element.closest("[aria-hidden=true], .unseen");
      });
      const wide = document.scrollingElement.scrollWidth > innerWidth;
      return [...(wide ? ["the page scrolls sideways"] : []), ...seen.map((element) => `sticks out: ${element.tagName} ${element.id} ${element.innerText?.slice(0, 40)}`)];
    });
  const found = await sticking();
  const letters = (size) => page.evaluate((size) => { document.documentElement.style.fontSize = size; }, size);
  await letters("200%");
  found.push(...(await sticking()).map((fault) => `at twice the letters: ${fault}`));
  await letters("");
  const violations = await page.evaluate(async () =>
    (await globalThis.axe.run(document, { resultTypes: ["violations"] })).violations.map(({ id, nodes }) => `axe: ${id}: ${nodes.map(({ html }) => html.slice(0, 90)).join(" ")}`));
  return [...found, ...violations];
}

test("every page, looked at", async (t) => {
  const server = await serve(t);
  const issuer = authority(t);
  const other = authority(t);
  const good = () => issuer.issue();
  const revoked = issuer.issue();
  issuer.revoke(revoked);
  place(server.www);
  const blank = join(issuer.folder, "blank.y4m");
  film(blank, [{ pictures: [], frames: 2 }]);
  const two = join(issuer.folder, "two.y4m");
  film(two, [{ pictures: [good().picture, good().picture], frames: 2 }]);
  const stranger = other.issue();

  const { context } = await browse(t, { film: blank, origin: server.origin });
  await context.addInitScript(axe);
  let page = await context.newPage();
  const wrong = [];
  const names = new Set();
  const look = async (name, { languages = LANGUAGES } = {}) => {
    names.add(name);
    for (const language of languages) {
      await speak(language);
      for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        for (const [width, height] of SIZES) {
          await page.setViewportSize({ width, height });
          const full = `${name}-${language}-${width}x${height}-${colorScheme}`;
          wrong.push(...(await faults(page)).map((fault) => `${full}: ${fault}`));
          if (pictures) await page.screenshot({ path: join(pictures, `${full}.png`) });
        }
      }
    }
  };
  /** The word on a button, in each language: it comes from the core, one message after it was asked for. */
  const next = {};
  const choose = (language) =>
    page.$eval("#language", (select, value) => {
      select.value = value;
      select.dispatchEvent(new Event("change"));
    }, language);
  const speak = async (language) => {
    await choose(language);
    await page.waitForFunction((word) => document.querySelector("#next").textContent === word, next[language]);
  };

  await page.goto(server.origin);
  await at(page, "setup");
  for (const language of LANGUAGES) {
    const before = language === "ru" ? "Next" : next.ru;
    await choose(language);
    await page.waitForFunction((word) => !["", word].includes(document.querySelector("#next").textContent), before);
    next[language] = await page.textContent("#next");
  }
  assert.equal(new Set(Object.values(next)).size, 3);
  await look("setup");
  await page.setInputFiles("#root-file", issuer.root);
  await at(page, "confirm-root");
  await look("confirm-root");
  await page.click("#trust-root");
  await page.waitForFunction(() => document.querySelector("#sync-state").textContent !== "" && !document.querySelector("#sync").disabled);
  await at(page, "scan");
  await look("scan");
  await page.click("#settings");
  await look("settings");
  await page.click("#back");

  const paste = (text) =>
    page.evaluate((words) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData("text", words);
      document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true }));
    }, text);
  const shows = {
    // Nothing is published yet.
    "cannot-tell": () => page.setInputFiles("#picture", good().picture),
    valid: () => paste(good().text),
    refused: () => paste(revoked.text),
    unread: () => paste("https://example.org/menu"),
    "not-genuine": () => page.setInputFiles("#picture", stranger.picture),
  };
  for (const [name, show] of Object.entries(shows)) {
    await show();
    await at(page, name);
    // It stays while it is looked at: a finger on it holds it.
    await page.dispatchEvent("#verdict", "pointerdown");
    await look(name);
    if (name === "valid") {
      await page.click("#mismatch");
      await at(page, "mismatch");
      await page.dispatchEvent("#verdict", "pointerdown");
      await look("mismatch");
    }
    await page.evaluate(() => dispatchEvent(new Event("pointerup")));
    if (await page.isVisible("#next")) await page.click("#next");
    await at(page, "scan");
    if (name === "cannot-tell") {
      issuer.publish(server.www);
      await page.click("#settings");
      await page.$eval("#sync-state", (element) => { element.textContent = ""; });
      await page.click("#sync");
      await page.waitForFunction(() => document.querySelector("#sync-state").textContent !== "" && !document.querySelector("#sync").disabled);
      await page.click("#back");
    }
  }

  // Two codes before a camera are no answer, and stay for as long as they are seen.
  const second = await browse(t, { film: two, origin: server.origin });
  await second.context.addInitScript(axe);
  page = await second.context.newPage();
  place(server.www, { root: issuer.root });
  await page.goto(server.origin);
  await at(page, "one-at-a-time");
  await look("one-at-a-time");
  t.diagnostic(`${names.size} pages`);
  assert.deepEqual(wrong, []);
});
