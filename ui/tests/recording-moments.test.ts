/** Moments of a recording: links to them, and the timeline that they are on, also over several parts. */
import { describe, expect, it } from "vitest";
import { openRecording, time } from "./player";
import { stories } from "./story";

const story = stories();

describe("a link to the moment", () => {
  it("is copied by a button and by a key, in whole seconds of the whole recording", () =>
    story({}, async (page) => {
      await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
      const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
      await openRecording(page);
      await page.getByTestId("copy-link").click();
      await expect.poll(clipboard).toMatch(/^next-desktop:\/\/recording\/[0-9a-f-]{36}\/[a-z2-7]{26}\?t=0$/);
      await page.getByTestId("transcript-cue").nth(4).click();
      await page.keyboard.press("k");
      await page.keyboard.press("y");
      await page
        .getByText(/^Link to 0:\d\d copied/)
        .first()
        .waitFor();
      await expect.poll(clipboard).toMatch(/\?t=[1-9]\d*$/);
    }));
});

describe("several parts", () => {
  it("are one timeline: its length, its slider, and steps over the edge of a part", () =>
    story({}, async (page) => {
      await openRecording(page, "Interview 13");
      const whole = page.getByTestId("whole-range");
      await whole.waitFor();
      const length = Number(await whole.getAttribute("max"));
      const first = await page
        .getByTestId("player-video")
        .evaluate((node) => (node as HTMLVideoElement).duration);
      expect(Math.abs(length - first * 1.5)).toBeLessThan(1);
      await whole.fill(String(Math.round(first + 4)));
      const second = page.getByRole("button", { name: /^Part 2/ });
      await expect.poll(() => second.getAttribute("aria-pressed")).toBe("true");
      await expect.poll(() => time(page)).toBeCloseTo(4, 0);
      await page.getByTestId("title-edit").focus();
      await page.keyboard.press("j");
      await expect.poll(() => second.getAttribute("aria-pressed")).toBe("false");
      await expect.poll(() => time(page)).toBeCloseTo(first - 6, 0);
    }));

  it("are gone to by a press on the timeline", () =>
    story({}, async (page) => {
      await openRecording(page, "Interview 13");
      const timeline = page.getByTestId("timeline");
      const { width } = (await timeline.boundingBox())!;
      await timeline.click({ position: { x: width * 0.9, y: 8 } });
      const second = page.getByRole("button", { name: /^Part 2/ });
      await expect.poll(() => second.getAttribute("aria-pressed")).toBe("true");
    }));
});
