/** What stands on the screen before the page has asked anything, and before its code has run. */
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { stories } from "./story";

const story = stories();
const cards = (page: Page) => page.getByTestId("recording-card");
const last = (page: Page) => page.locator("#last-look");
const kept = (page: Page) => page.evaluate(() => (window as { keptLook?: string | null }).keptLook ?? "");

/** Waits until the library has come to rest and its look was kept, and gives it to the next page. */
async function begunAnew(page: Page, change: (look: Record<string, unknown>) => object = (look) => look) {
  await expect.poll(() => kept(page)).not.toBe("");
  const look = change(JSON.parse(await kept(page)) as Record<string, unknown>);
  // As the shell does.
  await page.addInitScript((given) => Object.assign(window, { __NEXT_LAST_LOOK__: given }), look);
  await page.addInitScript({ path: "letters.js" });
  await page.addInitScript({ path: "last-look.js" });
}

/** The faces of the app's letters, and which of them are at hand. */
const faces = (page: Page) =>
  page.evaluate(() =>
    [...document.fonts]
      .filter((face) => face.family.includes("Inter Variable") && face.unicodeRange.includes("U+131"))
      .map((face) => face.status),
  );

/** Holds the page's code back; answers how to let it go. */
async function holdCode(page: Page): Promise<() => void> {
  let go = () => {};
  const held = new Promise<void>((done) => (go = done));
  await page.route("**/assets/*.js", async (route) => {
    await held;
    await route.continue();
  });
  return go;
}

describe("the first look", () => {
  it("draws the library before anything has answered", () =>
    story(
      { query: { look: "first", latency: "60000" }, ready: "[data-testid=recording-card]" },
      async (page) => {
        expect(await cards(page).count()).toBeGreaterThan(5);
        expect(await page.title()).toBe("Research – NEXT Desktop");
        expect(await page.getByText("Ada Kessler").first().isVisible()).toBe(true);
        expect(await faces(page)).toEqual(["loaded"]);
      },
    ));

  it("is asked again, and followed by all the rest", () =>
    story(
      { scenario: "many", query: { look: "first" }, ready: "[data-testid=recording-card]" },
      async (page) => {
        await page.getByTestId("library-search").fill("Interview 7");
        await expect.poll(() => cards(page).count()).toBeGreaterThan(1);
      },
    ));

  it("keeps the focus where it is while all the rest comes", () =>
    story(
      { scenario: "many", query: { look: "first", latency: "1500" }, ready: "[data-testid=recording-card]" },
      async (page) => {
        const on = () =>
          page.evaluate(() => {
            const { made } = (document.activeElement as HTMLElement | null)?.dataset ?? {};
            return { made, recording: document.activeElement?.getAttribute("data-recording-id") };
          });
        const height = () =>
          page.getByTestId("library-list").evaluate((list) => list.lastElementChild?.scrollHeight ?? 0);
        const first = await height();
        await cards(page).nth(2).focus();
        // An element that was made anew, or one of another row, would not have it.
        await page.evaluate(() => document.activeElement?.setAttribute("data-made", "before"));
        const before = await on();
        expect(before.recording).toBeTruthy();
        await expect.poll(height).toBeGreaterThan(first * 2);
        expect(await on()).toEqual(before);
      },
    ));
});

describe("the last look", () => {
  it("stands there before the page's code has run, and its links lead somewhere", () =>
    story({ ready: "[data-testid=recording-card]", own: true }, async (page) => {
      const title = (await cards(page).nth(1).locator(".title").textContent()) ?? "";
      await begunAnew(page);
      const go = await holdCode(page);
      await page.reload({ waitUntil: "commit" });
      await last(page).getByText(title).first().waitFor();
      expect(await page.title()).toBe("Research – NEXT Desktop");
      expect(await page.evaluate(() => document.querySelector("#app")?.childElementCount)).toBe(0);
      // In its own letters, which waited for nothing.
      expect(await faces(page)).toEqual(["loaded"]);
      await last(page).getByText(title).first().click();
      go();
      await page.getByRole("heading", { level: 1, name: title }).waitFor();
      await expect.poll(() => last(page).count()).toBe(0);
    }));

  it("gives way to the library, where somebody has scrolled to", () =>
    story(
      { scenario: "many", query: { look: "first" }, ready: "[data-testid=recording-card]", own: true },
      async (page) => {
        await begunAnew(page);
        const go = await holdCode(page);
        await page.reload({ waitUntil: "commit" });
        await last(page).locator("[data-place]").first().waitFor();
        const list = "[data-look=list] > :last-child";
        await page.evaluate((list) => (document.querySelector(list)!.scrollTop = 300), list);
        go();
        await expect.poll(() => last(page).count()).toBe(0);
        await cards(page).first().waitFor();
        await expect
          .poll(() => page.evaluate((list) => document.querySelector(list)?.scrollTop, list))
          .toBe(300);
      },
    ));

  for (const [what, change] of [
    ["another day", (look: object) => ({ ...look, day: new Date(0).toString() })],
    ["other code", (look: object) => ({ ...look, code: "/assets/index-older.js" })],
  ] as const) {
    it(`of ${what} is not shown`, () =>
      story({ ready: "[data-testid=recording-card]", own: true }, async (page) => {
        await begunAnew(page, change);
        const go = await holdCode(page);
        await page.reload({ waitUntil: "commit" });
        await page.waitForSelector("#app", { state: "attached" });
        expect(await last(page).count()).toBe(0);
        go();
        await cards(page).first().waitFor();
      }));
  }
});
