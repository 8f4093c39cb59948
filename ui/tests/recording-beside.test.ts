/** Beside the player: speakers, quotes, the chat at its time, chapters. */
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { openRecording, time } from "./player";
import { stories } from "./story";

const story = stories();

const show = (page: Page, name: string) =>
  page.getByTestId("beside").getByText(name, { exact: true }).click();

describe("speakers", () => {
  it("are shown with their share, and a press shows only what one says", () =>
    story({}, async (page) => {
      await openRecording(page);
      const speakers = page.getByTestId("speakers");
      const shares = (await speakers.textContent())!.match(/\d+(?=%)/g)!.map(Number);
      expect(shares.reduce((sum, share) => sum + share, 0)).toBeGreaterThanOrEqual(99);
      const all = await page.getByTestId("transcript-cue").count();
      await speakers.getByRole("button", { name: /^Show only Priya Raman/ }).click();
      await expect.poll(() => page.locator("p.speaker").allTextContents()).toEqual(["Priya Raman"]);
      await page.getByLabel("Search in transcript").fill("Lovely");
      await page.getByText("No match").waitFor();
      await page.getByLabel("Search in transcript").fill("");
      await page.getByTestId("all-speakers").click();
      await expect.poll(() => page.getByTestId("transcript-cue").count()).toBe(all);
    }));
});

describe("a quote", () => {
  it("is copied with its time, who says it, and the link that plays it", () =>
    story({}, async (page) => {
      await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
      await openRecording(page);
      await page.getByTestId("transcript-cue").nth(1).hover();
      await page.getByTestId("copy-quote").nth(1).click();
      await expect
        .poll(() => page.evaluate(() => navigator.clipboard.readText()))
        .toMatch(
          /^“Yes, of course\. I have read the consent form\.” – Priya Raman, 0:\d\d, Interview 14 – Priya Raman, clinic manager\nnext-desktop:\/\/recording\/.*\?t=\d+$/,
        );
    }));
});

describe("the chat", () => {
  it("is there at its time, and a message leads to its moment", () =>
    story({}, async (page) => {
      await openRecording(page);
      await show(page, "Chat");
      const message = page.getByTestId("chat-message").filter({ hasText: "Yellow = moved by hand" });
      await message.click();
      await expect.poll(() => message.getAttribute("aria-current")).toBe("true");
      expect(await time(page)).toBeGreaterThan(600);
      await page.keyboard.press("Home");
      await expect.poll(() => message.getAttribute("aria-current")).toBe(null);
    }));
});

describe("the summary", () => {
  it("has chapters that are played by a press, and says who wrote it", () =>
    story({}, async (page) => {
      await openRecording(page);
      await show(page, "Summary");
      const chapter = page.getByTestId("chapter").filter({ hasText: "Two versions of the truth" });
      await chapter.click();
      await expect.poll(() => chapter.getAttribute("aria-current")).toBe("true");
      expect(await time(page)).toBeGreaterThan(600);
      await page.getByText("Written by Zoom’s AI, as it came.").waitFor();
      expect(await page.locator(".timeline .mark").count(), "where chapters begin").toBe(4);
    }));
});

describe("what is damaged or very long", () => {
  it("a transcript that is damaged is shown as far as it was read, and the rest is said", () =>
    story({ query: { fault: "transcript" } }, async (page) => {
      await openRecording(page);
      await page
        .getByText("14 lines couldn’t be read, the first is number 203. The rest is shown.")
        .waitFor();
      expect(await page.getByTestId("transcript-cue").count()).toBeGreaterThan(3);
    }));

  it("twenty hours of transcript are searched and gone through", () =>
    story({ query: { fault: "long" } }, async (page) => {
      await openRecording(page);
      await page.getByLabel("Search in transcript").fill("walking over");
      await page.getByText(/^1 of \d{3,}$/).waitFor();
      await page.keyboard.press("Shift+Enter");
      await expect.poll(() => page.locator("mark.selected").textContent()).toBe("walking over");
      expect(await page.getByTestId("transcript-cue").count(), "only what is in view").toBeLessThan(200);
    }));
});

it.each(["Transcript", "Chat", "Summary"])("%s has no accessibility violations", (name) =>
  story({}, async (page) => {
    await openRecording(page);
    await show(page, name);
    await page.waitForTimeout(200);
    const { violations } = await new AxeBuilder({ page }).include("main").analyze();
    expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
  }),
);
