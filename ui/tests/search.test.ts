/** Searching everything, in a real browser. */
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { stories } from "./story";

const story = stories();
const at = (text = "") => ({ hash: `#/search${text && `?q=${encodeURIComponent(text)}`}` });
const field = (page: Page) => page.getByTestId("search-field");
const hits = (page: Page) => page.getByTestId("search-hit");
const groups = (page: Page) => page.getByTestId("search-group");
const focused = (page: Page) =>
  page.evaluate(() => (document.activeElement as HTMLElement | null)?.dataset.testid);

describe("searching everything", () => {
  it("finds as one types, from anywhere, and opens the moment with the words marked", () =>
    story({}, async (page) => {
      await page.keyboard.press("Control+k");
      await expect.poll(() => focused(page)).toBe("search-field");
      await page.keyboard.type("ordinary tuesday");
      // What it finds follows each letter.
      const marked = () => hits(page).first().locator("mark").allTextContents();
      await expect.poll(marked).toEqual(["ordinary", "Tuesday"]);
      await expect.poll(() => page.getByTestId("search-count").textContent()).toContain("50");

      await page.keyboard.press("ArrowDown");
      expect(await focused(page)).toBe("search-title");
      await page.keyboard.press("ArrowDown");
      expect(await focused(page)).toBe("search-hit");
      const time = await hits(page).first().locator(".where").textContent();
      await page.keyboard.press("Enter");
      const current = page.locator("[data-testid=transcript-cue][aria-current=true]");
      await current.waitFor();
      expect(await current.locator("mark").allTextContents()).toEqual(["ordinary", "Tuesday"]);
      expect(time).toContain((await current.locator(".time").textContent())!.trim().split(" ").at(-1)!);

      await page.goBack();
      await hits(page).first().waitFor();
      expect(await field(page).inputValue()).toBe("ordinary tuesday");
    }));

  it("groups by recording, over all teamspaces or in one", () =>
    story(at("Weekly "), async (page) => {
      await groups(page).first().waitFor();
      const all = await groups(page).count();
      expect(await groups(page).allTextContents()).toContainEqual(expect.stringContaining("Research"));
      await page.getByTestId("search-scope").click();
      await page.getByRole("option").nth(2).click();
      await expect.poll(() => groups(page).count()).toBeLessThan(all);
      expect(page.url()).toContain("in=");
    }));

  it("shows a few places of each recording, and the others on request", () =>
    story(at("clinic "), async (page) => {
      const first = groups(page).first();
      await first.waitFor();
      expect(await first.getByTestId("search-hit").count()).toBe(5);
      await first.getByTestId("search-more-here").click();
      expect(await first.getByTestId("search-hit").count()).toBeGreaterThan(6);
      await first.getByTestId("search-more-here").waitFor({ state: "detached" });
    }));

  it("writes filters into the query, and takes them out again", () =>
    story(at("handover "), async (page) => {
      await hits(page).first().waitFor();
      await page.getByTestId("search-add-filter").click();
      await page.getByRole("button", { name: "clinic study" }).click();
      await expect.poll(() => field(page).inputValue()).toBe('handover tag:"clinic study" ');
      await page.getByTestId("search-chip").filter({ hasText: "Tag clinic study" }).waitFor();
      await page.getByTestId("search-add-filter").click();
      await page.getByRole("button", { name: "Last 30 days" }).click();
      await expect.poll(() => page.getByTestId("search-chip").count()).toBe(2);
      await page.getByRole("button", { name: "Remove filter “Tag clinic study”" }).click();
      await expect.poll(() => field(page).inputValue()).toBe("handover after:30d ");
    }));

  it("says which word found nothing, and offers what would help", () =>
    story(at("handover zebra "), async (page) => {
      const nothing = page.getByTestId("search-nothing");
      await nothing.waitFor();
      expect(await nothing.textContent()).toContain("Nobody said or wrote “zebra”");
      await page.getByTestId("search-drop").filter({ hasText: "zebra" }).click();
      await hits(page).first().waitFor();
      expect(await field(page).inputValue()).toBe("handover ");
    }));

  it("offers all teamspaces where one of them holds nothing", () =>
    story(at("ethics "), async (page) => {
      await groups(page).first().waitFor();
      await page.getByTestId("search-scope").click();
      await page.getByRole("option").nth(2).click();
      await page.getByTestId("search-everywhere").click();
      await groups(page).first().waitFor();
      expect(page.url()).not.toContain("in=");
    }));

  it("saves a search, runs it, renames it and forgets it", () =>
    story(at("consent "), async (page) => {
      await hits(page).first().waitFor();
      await page.getByTestId("search-save").click();
      await page.getByTestId("search-save-name").fill("clinic STUDY");
      await page.getByTestId("search-save-do").click();
      await page.getByRole("alert").filter({ hasText: "Another saved search" }).waitFor();
      await page.getByTestId("search-save-name").fill("Consent forms");
      await page.getByTestId("search-save-do").click();
      await page.getByText("Saved as “Consent forms”").waitFor();

      await field(page).focus();
      await page.keyboard.press("Escape");
      const saved = page.getByTestId("saved-search");
      await saved.filter({ hasText: "Consent forms" }).click();
      await hits(page).first().waitFor();
      expect(await field(page).inputValue()).toBe("consent ");

      await field(page).focus();
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "What to do with “Consent forms”" }).click();
      await page.getByTestId("saved-search-rename").click();
      await page.getByTestId("rename-search-name").fill("Forms");
      await page.keyboard.press("Enter");
      await saved.filter({ hasText: "Forms" }).waitFor();
      await page.getByRole("button", { name: "What to do with “Forms”" }).click();
      await page.getByTestId("saved-search-delete").click();
      await expect.poll(() => saved.count()).toBe(2);
    }));

  it("leaves / to the library's own search, and names its key in the help", () =>
    story({ ready: "[data-testid=recording-card]" }, async (page) => {
      await page.keyboard.press("/");
      expect(await focused(page)).toBe("library-search");
      await page.keyboard.press("Escape");
      await page.keyboard.press("Escape");
      await page.keyboard.press("?");
      await page.getByTestId("keyboard-help").getByText("Search everything").waitFor();
      await page.keyboard.press("Escape");
      await page.getByTestId("keyboard-help").waitFor({ state: "detached" });
      await page.getByTestId("nav-search").click();
      await page.getByTestId("search-hints").waitFor();
      await expect.poll(() => focused(page)).toBe("search-field");
    }));

  it("goes on from the library, which knows titles only, into what was said", () =>
    story({ ready: "[data-testid=recording-card]" }, async (page) => {
      await page.getByTestId("library-search").fill("ordinary tuesday");
      await page.getByTestId("search-from-library").click();
      await hits(page).first().waitFor();
      expect(await field(page).inputValue()).toBe("ordinary tuesday");
      expect(page.url()).toContain("in=");
    }));

  it("types an example that is clicked", () =>
    story(at(), async (page) => {
      await page.getByText('tag:"clinic study"', { exact: true }).click();
      await groups(page).first().waitFor();
      expect(await field(page).inputValue()).toBe('tag:"clinic study"');
    }));
});
