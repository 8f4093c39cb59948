/** Highlights: marked while one listens, found in the library of them, played one after the other, saved as clips. */
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { openRecording, time } from "./player";
import { stories } from "./story";

const story = stories();

const beside = (page: Page) =>
  page.locator("[data-testid=beside] label:has(input[value=highlights])").click();
const here = (page: Page) => page.getByTestId("highlight");
const lines = (page: Page) => page.getByTestId("highlight-line");
const jump = (page: Page, seconds: number) =>
  page.getByTestId("player-video").evaluate((node, at) => {
    (node as HTMLVideoElement).currentTime = at;
  }, seconds);
const playing = (page: Page) =>
  page.getByTestId("player-video").evaluate((node) => !(node as HTMLVideoElement).paused);

/** Marks a stretch of the recording that is open, with the key. */
async function mark(page: Page, from: number, to: number): Promise<void> {
  await jump(page, from);
  await page.keyboard.press("h");
  await page.getByTestId("mark-cancel").waitFor();
  await jump(page, to);
  await page.keyboard.press("h");
  await page.getByTestId("highlight-form").waitFor();
}

describe("marking", () => {
  it("takes two presses of a key, and then the note, which everybody sees", () =>
    story({}, async (page) => {
      await openRecording(page);
      await expect.poll(() => page.getByTestId("timeline-highlight").count()).toBe(2);
      await mark(page, 200, 203.5);
      await page.getByTestId("highlight-note").fill("The yellow blocks\nagain");
      await page.getByTestId("tag-add").last().click();
      await page.getByTestId("tag-new").fill("quote");
      await page.keyboard.press("Enter");
      await page.getByTestId("highlight-to").fill("3:25.5");
      await page.getByTestId("highlight-save").click();
      const made = here(page).filter({ hasText: "The yellow blocks" });
      await made.getByText("3:20–3:25").waitFor();
      await made.getByRole("link", { name: "quote" }).waitFor();
      await expect.poll(() => page.getByTestId("timeline-highlight").count()).toBe(3);
      await page.getByTestId("history").getByText("marked a highlight").waitFor();
    }));

  it("can be given up, and a second press by mistake marks nothing", () =>
    story({}, async (page) => {
      await openRecording(page);
      await page.keyboard.press("h");
      await page.keyboard.press("h");
      await page.getByText("The highlight is too short").waitFor();
      await page.keyboard.press("Escape");
      await page.getByTestId("mark-cancel").waitFor({ state: "hidden" });
      await beside(page);
      expect(await here(page).count()).toBe(2);
    }));

  it("is done from a line of the transcript, and Shift takes all up to another", () =>
    story({}, async (page) => {
      await openRecording(page);
      const pen = page.getByTestId("highlight-line");
      await page.getByTestId("transcript-cue").nth(1).hover();
      await pen.nth(1).click();
      await page
        .getByText(/^Highlight .* marked$/)
        .first()
        .waitFor();
      const start = Number(await page.getByTestId("transcript-cue").nth(1).getAttribute("data-start"));
      await page.getByTestId("transcript-cue").nth(3).hover();
      await pen.nth(3).click({ modifiers: ["Shift"] });
      const next = Number(await page.getByTestId("transcript-cue").nth(4).getAttribute("data-start"));
      await beside(page);
      await expect.poll(() => here(page).count()).toBe(3);
      await page.getByTestId("highlight-edit").first().click();
      const [from, to] = [page.getByTestId("highlight-from"), page.getByTestId("highlight-to")];
      const seconds = async (field: typeof from) => {
        const [minutes, rest] = (await field.inputValue()).split(":").map(Number);
        return minutes! * 60 + rest!;
      };
      expect(await seconds(from)).toBeCloseTo(start, 2);
      await expect.poll(() => seconds(to)).toBeGreaterThan(next - 3);
      expect(await seconds(to)).toBeLessThan(next);
    }));

  it("is not offered where nothing can be written", () =>
    story({ query: { fault: "read-only" } }, async (page) => {
      await openRecording(page);
      expect(await page.getByTestId("mark").count()).toBe(0);
      await beside(page);
      expect(await page.getByTestId("highlight-edit").count()).toBe(0);
      await here(page).first().getByTestId("highlight-play").click();
      await expect.poll(() => time(page)).toBeGreaterThan(40.9);
    }));
});

describe("a highlight", () => {
  it("plays to its end and stops there, and all of a recording play one after the other", () =>
    story({}, async (page) => {
      await openRecording(page);
      await mark(page, 10, 10.8);
      await page.getByTestId("highlight-note").press("Escape");
      await here(page).first().getByTestId("highlight-play").click();
      await expect
        .poll(() => here(page).first().getByTestId("highlight-play").getAttribute("aria-current"))
        .toBe(null);
      await expect.poll(() => playing(page)).toBe(false);
      const at = await time(page);
      expect(at).toBeGreaterThanOrEqual(10.75);
      expect(at).toBeLessThan(40);
      await page.getByTestId("highlights-play-all").click();
      await expect
        .poll(() => here(page).nth(1).getByTestId("highlight-play").getAttribute("aria-current"), {
          timeout: 15_000,
        })
        .toBe("true");
      expect(await time(page)).toBeGreaterThanOrEqual(40.9);
      // Whoever goes elsewhere hears on.
      await jump(page, 600);
      await expect
        .poll(() => here(page).nth(1).getByTestId("highlight-play").getAttribute("aria-current"))
        .toBe(null);
      expect(await playing(page)).toBe(true);
    }));

  it("is removed with a way back", () =>
    story({}, async (page) => {
      await openRecording(page);
      await beside(page);
      const first = here(page).filter({ hasText: "two versions" });
      await first.getByTestId("highlight-remove").click();
      await first.waitFor({ state: "hidden" });
      await page.getByRole("button", { name: "Undo" }).click();
      await first.waitFor();
      await page.getByTestId("history").getByText("removed a highlight").waitFor();
    }));

  it("refuses times that make no sense before anything is saved", () =>
    story({}, async (page) => {
      await openRecording(page);
      await beside(page);
      await page.getByTestId("highlight-edit").first().click();
      const save = page.getByTestId("highlight-save");
      await page.getByTestId("highlight-to").fill("0:10");
      await page.getByText("The end must be behind the begin").waitFor();
      expect(await save.isDisabled()).toBe(true);
      await page.getByTestId("highlight-to").fill("soon");
      await page.getByText("Write a time as 1:02").waitFor();
      expect(await save.isDisabled()).toBe(true);
    }));
});

describe("the highlights of all recordings", () => {
  it("are found by words and tags, and lead to their moment", () =>
    story({}, async (page) => {
      await page.getByTestId("nav-highlights").first().click();
      await expect.poll(() => lines(page).count()).toBe(5);
      await page.getByTestId("highlights-search").fill("clinic WALKING");
      await expect.poll(() => lines(page).count()).toBe(1);
      await page.getByTestId("highlights-search").fill("");
      await expect.poll(() => lines(page).count()).toBe(5);
      await lines(page).getByRole("link", { name: "quote", exact: true }).first().click();
      await expect.poll(() => lines(page).count()).toBe(3);
      expect(page.url()).toContain("tag=quote");
      await lines(page)
        .filter({ hasText: "Walking over" })
        .getByRole("link", { name: /^Interview 14/ })
        .click();
      await page.getByTestId("player-video").waitFor();
      await expect.poll(() => time(page)).toBeCloseTo(74, 0);
    }));

  it("say what they are for while there are none", () =>
    story({ query: { fault: "no-highlights" } }, async (page) => {
      await page.getByTestId("nav-highlights").first().click();
      await page.getByText("No highlights yet").waitFor();
      expect(await page.getByTestId("highlights-play-all").count()).toBe(0);
    }));

  it("play as a reel across recordings, with keys for the next and the one before", () =>
    story({ hash: "#/highlights" }, async (page) => {
      await lines(page).first().waitFor();
      await page.getByTestId("highlights-play-all").click();
      const current = () => page.locator("[data-testid=reel-item][aria-current=true]").textContent();
      const place = () => page.getByTestId("reel-place").textContent();
      await expect.poll(() => time(page).catch(() => 0)).toBeGreaterThan(40.9);
      expect(await current()).toContain("two versions");
      await page.keyboard.press("n");
      await expect.poll(() => time(page)).toBeGreaterThan(73.9);
      expect(await place()).toBe("2 of 5");
      // The end of a highlight leads on by itself, into the next recording.
      await jump(page, 81.5);
      await expect.poll(place).toBe("3 of 5");
      await expect.poll(() => time(page).catch(() => 0)).toBeGreaterThan(119.9);
      await page.keyboard.press("b");
      await expect.poll(place).toBe("2 of 5");
      await page.getByTestId("reel-item").last().click();
      await expect.poll(place).toBe("5 of 5");
      await page.keyboard.press("n");
      await page.getByTestId("reel-done").waitFor();
      await page.getByTestId("reel-again").click();
      await expect.poll(place).toBe("1 of 5");
      await page.keyboard.press("Escape");
      await lines(page).first().waitFor();
    }));

  it("leave out what cannot be played, with a word, and go on", () =>
    story({ hash: "#/highlights", query: { fault: "damaged" } }, async (page) => {
      await lines(page).first().waitFor();
      await page.getByTestId("highlights-play-all").click();
      await page.getByTestId("reel-done").waitFor();
      await expect.poll(() => page.getByTestId("reel-skipped").count()).toBe(5);
    }));

  it("leave out what is not here while its teamspace is away", () =>
    story({ hash: "#/highlights", query: { fault: "bucket-away" } }, async (page) => {
      await lines(page).first().waitFor();
      await page.getByTestId("highlights-play-all").click();
      await page.getByTestId("reel-skipped").filter({ hasText: "cannot be reached" }).first().waitFor();
    }));
});

describe("clips", () => {
  it("are saved in a folder, one or all", () =>
    story({ hash: "#/highlights" }, async (page) => {
      await lines(page).first().waitFor();
      await page.getByTestId("highlights-save-all").click();
      await page.getByTestId("clip-choose").click();
      await page.getByTestId("clip-progress").waitFor();
      await page.getByText("5 clips saved").waitFor();
      await page.getByTestId("clip-show").click();
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: /^Save 0:41–0:58 as a clip/ }).click();
      await page.getByTestId("clip-choose").click();
      await page.getByText("1 clip saved").waitFor();
    }));

  it("can be stopped", () =>
    story({ hash: "#/highlights" }, async (page) => {
      await lines(page).first().waitFor();
      await page.getByTestId("highlights-save-all").click();
      await page.getByTestId("clip-choose").click();
      await page.getByTestId("clip-stop").click();
      await page
        .getByTestId("clip-result")
        .getByText(/highlights were not saved/)
        .waitFor();
    }));

  it("say what they need where it is missing", () =>
    story({ hash: "#/highlights", query: { fault: "no-ffmpeg" } }, async (page) => {
      await lines(page).first().waitFor();
      await page.getByTestId("highlights-save-all").click();
      await page.getByTestId("clip-missing").getByText("apt install ffmpeg").waitFor();
      expect(await page.getByTestId("clip-choose").count()).toBe(0);
      await page.getByTestId("clip-again").click();
      await page.getByTestId("clip-missing").waitFor();
    }));
});
