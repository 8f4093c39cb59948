/** The library in a real browser: finding, moving by keys, menus, ten thousand recordings. */
import AxeBuilder from "@axe-core/playwright";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { launch, open } from "./window.mjs";

let browser: Browser;
const url = inject("windowUrl");

beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser?.close());

const library = (view: object = {}) => open(browser, url, { ready: "[data-testid=recording-card]", ...view });
const focused = (page: Page) =>
  page.evaluate(() => document.activeElement?.getAttribute("data-place") ?? document.activeElement?.tagName);
const cards = (page: Page) => page.getByTestId("recording-card");

describe("finding", () => {
  it("leads into the search with / and finds as one types", async () => {
    const { page, close } = await library();
    await page.keyboard.press("/");
    await page.keyboard.type("lucia");
    await expect.poll(() => cards(page).count()).toBe(1);
    expect(await cards(page).textContent()).toContain("Lucía Fernández");
    await page.keyboard.press("Escape");
    await expect.poll(() => cards(page).count()).toBeGreaterThan(5);
    await close();
  });

  it("says when nothing was found, and how to go back", async () => {
    const { page, close } = await library();
    await page.getByTestId("library-search").fill("zzz");
    await page.getByText("Nothing found for “zzz”").waitFor();
    await page.getByRole("button", { name: "Clear search" }).last().click();
    await cards(page).first().waitFor();
    await close();
  });

  it("sorts by title, and remembers the list view", async () => {
    const { page, close } = await library();
    await page.getByLabel("Sort: Newest first").click();
    await page.getByRole("option", { name: "Title" }).click();
    await expect.poll(() => cards(page).first().textContent()).toContain("Card sorting");
    await page.getByRole("button", { name: "List" }).click();
    await page.reload();
    await cards(page).first().waitFor();
    expect(await page.getByRole("button", { name: "List" }).getAttribute("aria-pressed")).toBe("true");
    await close();
  });
});

describe("with colleagues", () => {
  it("shows who they are as soon as that is known", async () => {
    const { page, close } = await library();
    await page.getByTestId("members").click();
    await expect
      .poll(() => page.getByTestId("members-list").getByRole("listitem").allTextContents())
      .toEqual(["Ada Kessler", "Jonas Weber", "Mei Tanaka"].map((name) => expect.stringContaining(name)));
    await close();
  });

  it("title and tags are changed from the menu, and the library can be filtered by a tag", async () => {
    const { page, close } = await library();
    await cards(page).first().click({ button: "right" });
    await page.getByTestId("edit-recording").click();
    await page.getByTestId("edit-title").fill("Renamed by Ada");
    await page.getByTestId("edit-dialog").getByTestId("tag-add").click();
    await page.keyboard.type("follow-up");
    await page.keyboard.press("Enter");
    await page.getByTestId("edit-save").click();
    await page.getByTestId("edit-dialog").waitFor({ state: "hidden" });
    await expect.poll(() => cards(page).first().textContent()).toContain("Renamed by Ada");
    await page.getByTestId("library-filter").click();
    await page.locator('[data-filter="tag:follow-up"]').click();
    await expect.poll(() => cards(page).count()).toBe(1);
    await close();
  });

  it("a tag on a card narrows the library, and is let go", async () => {
    const { page, close } = await library();
    const all = await cards(page).count();
    await page.getByTestId("recording-tag").first().click();
    await expect.poll(() => page.getByRole("status").first().textContent()).toContain("6");
    await page.getByTestId("filter-remove").click();
    await expect.poll(() => cards(page).count()).toBe(all);
    await close();
  });

  it("a tag in the list narrows the library too, and does not open the recording", async () => {
    const { page, context } = await library();
    await page.getByRole("button", { name: "List" }).click();
    const status = () => page.getByRole("status").first().textContent();
    const all = await status();
    await page.getByTestId("recording-tag").first().click();
    await expect.poll(status).toContain("6");
    expect(await page.getByTestId("player-video").count()).toBe(0);
    await page.getByTestId("filter-remove").click();
    await expect.poll(status).toBe(all);
    await context.close();
  });

  it("what is not on this computer yet says so, and is fetched when it is opened", async () => {
    const { page, close } = await library({ query: { fault: "unread" } });
    expect(await page.getByTestId("recording-unread").count()).toBeGreaterThan(0);
    await cards(page).nth(3).click();
    await page.getByTestId("player-video").waitFor();
    await close();
  });

  it("what is moved to the trash can be undone, and restored from the trash", async () => {
    const { page, close } = await library();
    const title = "Interview 14";
    const card = cards(page).filter({ hasText: title });
    await card.click({ button: "right" });
    await page.getByTestId("move-to-trash").click();
    await card.waitFor({ state: "hidden" });
    await page.getByRole("button", { name: "Undo" }).click();
    await card.waitFor();
    await card.click({ button: "right" });
    await page.getByTestId("move-to-trash").click();
    await card.waitFor({ state: "hidden" });
    await page.getByTestId("nav-trash").first().click();
    const trashed = page.getByTestId("trashed").filter({ hasText: title });
    expect(await trashed.getByTestId("trash-goes").getAttribute("title")).toBe("30 days left");
    await trashed.getByTestId("trash-restore").click();
    await trashed.waitFor({ state: "hidden" });
    await page.getByTestId("nav-library").first().click();
    await card.waitFor();
    await close();
  });

  it("what is in the trash is deleted for good only after a question", async () => {
    const { page, close } = await library();
    await page.getByTestId("nav-trash").first().click();
    await page.getByTestId("trash-delete").last().click();
    expect(await page.getByRole("dialog").textContent()).toContain("Nobody can bring them back");
    await page.getByTestId("trash-delete-confirm").click();
    await expect.poll(() => page.getByTestId("trashed").count()).toBe(1);
    await close();
  });
});

describe("keys", () => {
  it("move through the cards, keep the column, and Enter opens", async () => {
    const { page, close } = await library();
    // In one group: on some days a week has a row of one card, which has no second column to keep.
    await page.evaluate(() => localStorage.setItem("next.library.sort", "title"));
    await page.reload();
    await cards(page).first().waitFor();
    await page.keyboard.press("ArrowDown");
    expect(await focused(page)).toBe("0");
    await page.keyboard.press("ArrowRight");
    expect(await focused(page)).toBe("1");
    await page.keyboard.press("j");
    const below = Number(await focused(page));
    expect(below).toBeGreaterThan(2);
    await page.keyboard.press("k");
    expect(await focused(page)).toBe("1");
    await page.keyboard.press("Enter");
    await page.getByTestId("player-video").waitFor();
    await close();
  });

  it("reach the last of ten thousand, and come back to the same place from it", async () => {
    const { page, close } = await library({ scenario: "many" });
    await page.keyboard.press("End");
    await expect.poll(() => focused(page)).toBe("9999");
    const id = await page.locator(":focus").getAttribute("data-recording-id");
    expect(await cards(page).count()).toBeLessThan(120);
    await page.keyboard.press("Enter");
    await page.getByTestId("player-video").waitFor();
    await page.goBack();
    await page.locator(`[data-recording-id="${id}"]`).waitFor();
    await close();
  });
});

describe("the menu of a recording", () => {
  it("opens by right click and by More, with the same actions", async () => {
    const { page, close } = await library();
    await cards(page).nth(1).click({ button: "right" });
    await page.getByTestId("show-in-folder").waitFor();
    expect(await page.getByRole("menuitem").allTextContents()).toEqual([
      "Open",
      "Select",
      "Open in the system’s player",
      "Show in folder",
      "Export",
      "Title and tags…",
      "Move to trash",
    ]);
    await page.keyboard.press("Escape");
    await cards(page).nth(2).hover();
    await page
      .getByRole("button", { name: /^More about/ })
      .nth(2)
      .click();
    await page.getByTestId("open-in-system-player").click();
    await close();
  });
});

describe("states", () => {
  it("explains an empty library and offers the first step", async () => {
    const { page, close } = await open(browser, url, { scenario: "empty" });
    await page.getByRole("heading", { name: "No recordings yet" }).waitFor();
    await page.getByRole("button", { name: "Import from Zoom" }).waitFor();
    await close();
  });

  it("does not import into a teamspace that cannot be written", async () => {
    const { page, close } = await library({ query: { fault: "read-only" } });
    expect(await page.getByTestId("import-button").isDisabled()).toBe(true);
    await page.getByText("can only be read").waitFor();
    await close();
  });

  it.each([
    {},
    { theme: "dark" },
    { width: 600 },
    { query: { fault: "refused" } },
    { scenario: "empty", ready: "h1" },
  ])("has no accessibility violations: %o", async (view) => {
    const { page, close, problems } = await library(view);
    await page.waitForTimeout(300);
    const { violations } = await new AxeBuilder({ page }).include("main").analyze();
    expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
    expect(problems).toEqual([]);
    await close();
  });
});
