/** Narrowing the library, and coming back to it as it was. */
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { stories } from "./story";
import { NARROW } from "./window.mjs";

const story = stories();

const cards = (page: Page) => page.getByTestId("recording-card");
const chips = (page: Page) => page.getByTestId("filter-chip");
const count = async (page: Page) =>
  Number(/\d+/.exec((await page.getByRole("status").first().textContent()) ?? "")?.[0]);

async function choose(page: Page, filter: string) {
  if ((await page.getByTestId("filter-panel").count()) === 0)
    await page.getByTestId("library-filter").click();
  await page.locator(`[data-filter="${filter}"]`).click();
}

describe("the library is narrowed", () => {
  it("by several things at once, each to be taken away", () =>
    story({}, async (page) => {
      await cards(page).first().waitFor();
      const all = await count(page);
      await choose(page, "from:Jonas Weber");
      await expect.poll(() => count(page)).toBeLessThan(all);
      const his = await count(page);
      await choose(page, "longer:1h");
      await expect.poll(() => count(page)).toBeLessThan(his);
      await choose(page, "has:chat");
      await page.keyboard.press("Escape");
      await expect.poll(() => chips(page).count()).toBe(3);
      expect(page.url()).toContain("longer%3A1h");
      await page.getByTestId("filter-remove").nth(1).click();
      await expect.poll(() => chips(page).count()).toBe(2);
      await page.getByTestId("filter-clear").click();
      await expect.poll(() => count(page)).toBe(all);
      expect(page.url()).not.toContain("?q=");
    }));

  it("by each of several choices, however quickly they are made, and taken away by the keys alone", () =>
    story({ query: { latency: "200" } }, async (page) => {
      await cards(page).first().waitFor();
      await page.getByTestId("library-filter").click();
      await page.locator('[data-filter="from:Jonas Weber"]').waitFor();
      await page.evaluate(() => {
        for (const filter of ["from:Jonas Weber", "after:1y", "longer:1h", "after:30d"]) {
          document.querySelector<HTMLElement>(`[data-filter="${filter}"]`)?.click();
        }
      });
      await page.keyboard.press("Escape");
      await expect
        .poll(() => decodeURIComponent(page.url().replaceAll("+", " ")))
        .toContain('?q=from:"Jonas Weber" longer:1h after:30d');
      await page.getByTestId("filter-panel").waitFor({ state: "hidden" });
      await chips(page).filter({ hasText: "Last 30 days" }).waitFor();
      await page.getByTestId("filter-remove").nth(1).press("Enter");
      await expect.poll(() => chips(page).count()).toBe(2);
      await expect
        .poll(() => page.evaluate(() => document.activeElement?.getAttribute("data-testid")))
        .toBe("filter-remove");
    }));

  it("by days, and by what is missing", () =>
    story({}, async (page) => {
      await cards(page).first().waitFor();
      const all = await count(page);
      await page.getByTestId("library-filter").click();
      const day = new Date(Date.now() - 10 * 86_400_000).toISOString().slice(0, 10);
      await page.getByTestId("filter-from").fill(day);
      await page.getByTestId("filter-from").dispatchEvent("change");
      await expect.poll(() => count(page)).toBeLessThan(all);
      await expect.poll(() => page.url()).toContain(`after%3A${day}`);
      await page.getByTestId("filter-to").fill(day);
      await page.getByTestId("filter-to").dispatchEvent("change");
      await expect.poll(() => chips(page).count()).toBe(2);
      expect(await page.getByTestId("filter-to").inputValue()).toBe(day);
      await page.goto(page.url().replace(/#.*/, "#/"));
      await choose(page, "-has:transcript");
      await expect.poll(() => count(page)).toBe(1);
    }));

  it("by a name that is typed; and says when nothing is left", () =>
    story({}, async (page) => {
      await cards(page).first().waitFor();
      const all = await count(page);
      await page.getByTestId("library-filter").click();
      await page.getByTestId("filter-person").fill("Mei");
      await page.locator('[data-filter="from:Mei Tanaka"]').waitFor();
      await page.getByTestId("filter-person").fill("Nobody at all");
      await page.keyboard.press("Enter");
      await page.keyboard.press("Escape");
      await page.getByTestId("filter-clear-all").click();
      await expect.poll(() => count(page)).toBe(all);
    }));

  it("and is so again after a recording", () =>
    story({}, async (page) => {
      await cards(page).first().waitFor();
      await choose(page, "tag:booking flow");
      await expect.poll(() => count(page)).toBe(3);
      await page.keyboard.press("Escape");
      await cards(page).first().click();
      await page.getByTestId("player-video").waitFor();
      await page.locator("a.back").click();
      await expect.poll(() => chips(page).count()).toBe(1);
      await expect.poll(() => count(page)).toBe(3);
      await cards(page).first().click();
      await page.getByTestId("player-video").waitFor();
      await page.goBack();
      await expect.poll(() => count(page)).toBe(3);
    }));

  it("in a sheet where the window is small", () =>
    story(NARROW, async (page) => {
      await cards(page).first().waitFor();
      await page.getByTestId("library-filter").click();
      await page.getByRole("dialog").waitFor();
      await page.locator('[data-filter="has:video"]').click();
      await page.getByTestId("filter-done").click();
      await expect.poll(() => chips(page).count()).toBe(1);
    }));
});

describe("what the search found in a chat", () => {
  it("is shown in the chat, at the message, with the words marked", () =>
    story(
      { hash: "#/search?q=yellow%20kind%3Achat", ready: "[data-testid=search-results]" },
      async (page) => {
        await page.locator('[data-testid=search-hit][data-kind="chat"]').first().click();
        const message = page.getByTestId("chat-message").filter({ hasText: "Yellow = moved by hand" });
        await message.waitFor();
        await expect.poll(() => message.locator("mark").textContent()).toBe("Yellow");
        await expect.poll(() => message.getAttribute("aria-current")).toBe("true");
      },
    ));
});
