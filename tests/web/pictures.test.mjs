// Every page in three languages, on phones and a tablet, light and dark: in words as large as people set them, without
// a finding of axe-core. GREENLIT_PICTURES=FOLDER keeps a picture of each, to be looked at.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { bitmap, film } from "./film.mjs";
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
  issuer.publish(server.www);
  issuer.revoke(revoked);
  issuer.publish(server.www);
  place(server.www);
  const blank = join(issuer.folder, "blank.y4m");
  film(blank, [{ pictures: [], frames: 2 }]);
  const two = join(issuer.folder, "two.bmp");
  writeFileSync(two, bitmap([good().picture, good().picture]));
  const altered = revoked.text.slice(0, -6) + [...revoked.text.slice(-6)].reverse().join("");
  const stranger = other.issue().text;

  const { context } = await browse(t, { film: blank, origin: server.origin });
  await context.addInitScript(axe);
  const page = await context.newPage();
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
  /** Changes the language behind whatever is shown, as the settings do. */
  const speak = async (language) => {
    await page.$eval("#language", (select, value) => {
      select.value = value;
      select.dispatchEvent(new Event("change"));
    }, language);
    await page.waitForSelector(`html[lang="${language}"]`);
    // The words come from the core, one message later.
    await page.waitForFunction((word) => document.querySelector("#next").textContent === word, NEXT[language]);
  };
  const NEXT = {};

  await page.goto(server.origin);
  await at(page, "setup");
  for (const language of LANGUAGES) {
    const before = await page.textContent("#next");
    await page.$eval("#language", (select, value) => {
      select.value = value;
      select.dispatchEvent(new Event("change"));
    }, language);
    if (LANGUAGES.indexOf(language) > 0) await page.waitForFunction((word) => document.querySelector("#next").textContent !== word, before);
    else await page.waitForFunction(() => /[А-я]/.test(document.querySelector("#next").textContent));
    NEXT[language] = await page.textContent("#next");
  }
  await look("setup");
  await page.setInputFiles("#root-file", issuer.root);
  await at(page, "confirm-root");
  await look("confirm-root");
  await page.click("#trust-root");
  await page.waitForFunction(() => document.querySelector("#sync-state").textContent !== "");
  await at(page, "scan");
  await look("scan");
  await page.click("#settings");
  await look("settings");
  await page.click("#back");

  const texts = { valid: () => good().text, refused: () => revoked.text, "not-genuine": () => altered, "cannot-tell": () => stranger, unread: () => "https://example.org/menu" };
  for (const [name, text] of Object.entries(texts)) {
    await page.click("#settings");
    await page.fill("#text", text());
    await page.click("#check");
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
  }
  await page.setInputFiles("#picture", two);
  await at(page, "one-at-a-time");
  await page.dispatchEvent("#verdict", "pointerdown");
  await look("one-at-a-time");
  t.diagnostic(`${names.size} pages`);
  assert.deepEqual(wrong, []);
});
