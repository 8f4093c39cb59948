/** Many recordings at once in a real browser: selecting by pointer and keys, tags, the trash; series. */
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { stories } from "./story";

const story = stories();
const LIBRARY = { ready: "[data-testid=recording-card]" };
const cards = (page: Page) => page.getByTestId("recording-card");
const boxes = (page: Page) => page.getByTestId("select-box");
const bar = (page: Page) => page.getByTestId("selection-bar");
const count = (page: Page) => bar(page).getByRole("status").textContent();
const headings = (page: Page) => page.locator("main h2").allTextContents();

async function group(page: Page, name: string) {
  await page.getByTestId("library-group").click();
  await page.getByRole("option", { name }).click();
}

describe("selecting", () => {
  test("by pointer: a box, with shift all up to it, then every click; Escape ends it", () =>
    story(LIBRARY, async (page) => {
      await cards(page).first().hover();
      await boxes(page).first().click();
      expect(await count(page)).toBe("1 selected");
      await boxes(page)
        .nth(3)
        .click({ modifiers: ["Shift"] });
      expect(await count(page)).toBe("4 selected");
      await cards(page).nth(1).click();
      expect(await count(page)).toBe("3 selected");
      expect(await page.getByTestId("player-video").count()).toBe(0);
      await page.keyboard.press("Escape");
      await bar(page).waitFor({ state: "hidden" });
      await cards(page).nth(1).click();
      await page.getByTestId("player-video").waitFor();
    }));

  test("with Ctrl a click selects without opening", () =>
    story(LIBRARY, async (page) => {
      await cards(page)
        .nth(2)
        .click({ modifiers: ["Control"] });
      expect(await count(page)).toBe("1 selected");
      expect(await boxes(page).nth(2).getAttribute("aria-checked")).toBe("true");
    }));

  test("by keys: space, shift and an arrow there and back, all, none", () =>
    story(LIBRARY, async (page) => {
      await page.keyboard.press("ArrowRight");
      await page.keyboard.press(" ");
      expect(await count(page)).toBe("1 selected");
      await page.keyboard.press("Shift+ArrowRight");
      await page.keyboard.press("Shift+ArrowRight");
      expect(await count(page)).toBe("3 selected");
      await page.keyboard.press("Shift+ArrowLeft");
      expect(await count(page)).toBe("2 selected");
      await page.keyboard.press("Control+a");
      expect(await count(page)).toBe("30 selected");
      await page.keyboard.press("Escape");
      await bar(page).waitFor({ state: "hidden" });
      await page.keyboard.press("Enter");
      await page.getByTestId("player-video").waitFor();
    }));

  test("what a filter hides is not selected any more", () =>
    story(LIBRARY, async (page) => {
      await page.keyboard.press("Control+a");
      await page.getByTestId("library-search").fill("weekly");
      await expect.poll(() => count(page)).toBe("5 selected");
    }));
});

describe("what is done to many", () => {
  test("they go to the trash by a key, and come back by one click", () =>
    story(LIBRARY, async (page) => {
      await page.keyboard.press("ArrowRight");
      await page.keyboard.press(" ");
      await page.keyboard.press("Shift+ArrowRight");
      await page.keyboard.press("Delete");
      await page.getByText("2 recordings are in the trash.").waitFor();
      await expect.poll(() => page.locator("main header").textContent()).toContain("28 recordings");
      await bar(page).waitFor({ state: "hidden" });
      await page.getByRole("button", { name: "Undo" }).click();
      await expect.poll(() => page.locator("main header").textContent()).toContain("30 recordings");
    }));

  test("tags are added to all of them, and taken off where they are", () =>
    story(LIBRARY, async (page) => {
      await page.getByTestId("library-search").fill("usability");
      await expect.poll(() => cards(page).count()).toBe(3);
      await page.getByTestId("library-search").press("ArrowDown");
      await page.keyboard.press("Control+a");
      await page.getByTestId("bulk-tags").click();
      const dialog = page.getByTestId("bulk-tags-dialog");
      expect(await dialog.textContent()).toContain("3 of 3");
      await dialog.getByTestId("tag-add").click();
      await page.keyboard.type("round two");
      await page.keyboard.press("Enter");
      await dialog.getByRole("checkbox", { name: "booking flow" }).click();
      const { violations } = await new AxeBuilder({ page }).include("[role=dialog]").analyze();
      expect(violations.map(({ id }) => id)).toEqual([]);
      await dialog.getByTestId("bulk-tags-save").click();
      await dialog.waitFor({ state: "hidden" });
      await expect
        .poll(() => page.getByTestId("recording-tag").allTextContents())
        .toEqual(Array(3).fill(["usability", "round two"]).flat());
    }));

  test("a teamspace that can only be read is selected in, and not changed", () =>
    story({ ...LIBRARY, query: { fault: "read-only" } }, async (page) => {
      await page.keyboard.press("Control+a");
      expect(await page.getByTestId("bulk-trash").isDisabled()).toBe(true);
      await page.keyboard.press("Delete");
      expect(await count(page)).toBe("30 selected");
    }));
});

describe("groups", () => {
  test("by series, which is remembered, and none", () =>
    story(LIBRARY, async (page) => {
      await group(page, "By series");
      await expect.poll(() => headings(page)).toContain("Weekly research sync 5");
      await page.reload();
      await cards(page).first().waitFor();
      expect(await headings(page)).toContain("Weekly research sync 5");
      await page.getByTestId("library-search").fill("synthesis");
      await expect.poll(() => headings(page)).toEqual(["Not in a series 2"]);
      await group(page, "No groups");
      await expect.poll(() => headings(page)).toEqual([]);
    }));

  test.each([{}, { theme: "dark" as const }, { width: 600 }, { width: 1600 }])(
    "series with a selection are accessible: %o",
    (view) =>
      story({ ...LIBRARY, lang: "de", ...view }, async (page) => {
        await group(page, "Nach Serie");
        await page.keyboard.press("Control+a");
        expect(await count(page)).toBe("30 ausgewählt");
        const { violations } = await new AxeBuilder({ page }).include("main").analyze();
        expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
      }),
  );
});
