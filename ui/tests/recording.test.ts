/** A recording in a real browser: keys, transcript, segments, pictures, what goes wrong. */
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

async function recording(title: string, view: object = {}) {
  const opened = await open(browser, url, view);
  const { page } = opened;
  await page.getByTestId("library-search").fill(title);
  await page.getByTestId("recording-card").filter({ hasText: title }).first().click();
  await page.getByTestId("player-video").waitFor();
  await expect.poll(() => media(page, "readyState")).not.toBe(undefined);
  return opened;
}
const media = <K extends keyof HTMLVideoElement>(page: Page, key: K) =>
  page.getByTestId("player-video").evaluate((video, name) => (video as HTMLVideoElement)[name as K], key);
const ready = (page: Page) => expect.poll(() => media(page, "readyState")).toBeGreaterThan(0);
const time = (page: Page) => media(page, "currentTime");

describe("title and tags", () => {
  it("are changed where they stand, and the older value stays in the history", async () => {
    const { page, close } = await recording("Interview 14");
    await page.getByTestId("title-edit").click();
    await page.getByTestId("title-field").fill("Not this");
    await page.keyboard.press("Escape");
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toContain("Priya Raman");
    await page.getByTestId("title-edit").click();
    await page.getByTestId("title-field").fill("Interview k m 5");
    await page.keyboard.press("Enter");
    await expect
      .poll(() => page.getByRole("heading", { level: 1 }).textContent())
      .toContain("Interview k m 5");
    expect(await media(page, "muted"), "typing is not steering").toBe(false);

    await page.getByTestId("tag-add").click();
    await page.keyboard.type("follow-up");
    await page.keyboard.press("Enter");
    await expect.poll(() => page.getByTestId("tags").textContent()).toContain("follow-up");
    await page.getByRole("button", { name: "Remove tag interview" }).click();
    await expect.poll(() => page.getByTestId("tags").textContent()).not.toContain("interview");

    const history = page.getByTestId("history");
    await expect.poll(() => history.getByRole("listitem").count()).toBeGreaterThan(4);
    expect(await history.textContent()).toContain("Interview 14 – Priya Raman, clinic manager");
    await close();
  });

  it("are only shown where nothing can be written", async () => {
    const { page, close } = await recording("Interview 14", { query: { fault: "read-only" } });
    expect(await page.getByTestId("tags").textContent()).toContain("clinic study");
    expect(await page.getByTestId("title-edit").count()).toBe(0);
    expect(await page.getByTestId("tag-add").count()).toBe(0);
    expect(await page.getByTestId("recording-trash").count()).toBe(0);
    await close();
  });

  it("moving to the trash leads back to the library", async () => {
    const { page, close } = await recording("Interview 14");
    await page.getByTestId("recording-trash").click();
    await page.getByTestId("library-search").waitFor();
    await page.getByText("is in the trash.").waitFor();
    await close();
  });
});

describe("keys of the player", () => {
  it("play, move, change the speed and mute, from anywhere on the page", async () => {
    const { page, close } = await recording("Interview 14");
    await ready(page);
    await page.keyboard.press("Space");
    await expect.poll(() => media(page, "paused")).toBe(false);
    await page.keyboard.press("k");
    await expect.poll(() => media(page, "paused")).toBe(true);
    const before = await time(page);
    await page.keyboard.press("l");
    await expect.poll(() => time(page)).toBeCloseTo(before + 10, 0);
    await page.keyboard.press("ArrowLeft");
    await expect.poll(() => time(page)).toBeCloseTo(before + 5, 0);
    await page.keyboard.press(">");
    expect(await media(page, "playbackRate")).toBe(1.25);
    await page.keyboard.press("m");
    expect(await media(page, "muted")).toBe(true);
    await page.keyboard.press("5");
    await expect.poll(() => time(page)).toBeCloseTo(((await media(page, "duration")) as number) / 2, 0);
    await close();
  });

  it("belong to the field while one types", async () => {
    const { page, close } = await recording("Interview 14");
    await ready(page);
    await page.getByLabel("Search in transcript").fill("");
    await page.getByLabel("Search in transcript").pressSequentially("mk l");
    expect(await page.getByLabel("Search in transcript").inputValue()).toBe("mk l");
    expect(await media(page, "muted")).toBe(false);
    expect(await media(page, "paused")).toBe(true);
    await close();
  });
});

describe("the transcript", () => {
  it("plays from a line that is clicked, and marks the line", async () => {
    const { page, close } = await recording("Interview 14");
    await ready(page);
    const cue = page.getByTestId("transcript-cue").nth(5);
    const start = Number(await cue.getAttribute("data-start"));
    await cue.click();
    await expect.poll(() => time(page)).toBeGreaterThanOrEqual(start);
    await expect.poll(() => media(page, "paused")).toBe(false);
    await expect.poll(() => cue.getAttribute("aria-current")).toBe("true");
    await close();
  });

  it("follows, lets somebody scroll away, and follows again on request", async () => {
    const { page, close } = await recording("Interview 14");
    await ready(page);
    const current = page.locator("[data-testid=transcript-cue][aria-current=true]");
    await page.keyboard.press("5");
    await current.waitFor();
    await page.getByRole("group", { name: "Lines of the transcript" }).hover();
    // A browser that is busy drops a turn of the wheel now and then; nobody turns it only once.
    await expect
      .poll(async () => {
        await page.mouse.wheel(0, -6000);
        return current.isVisible();
      })
      .toBe(false);
    await page.getByRole("button", { name: "Follow" }).click();
    await current.waitFor();
    await close();
  });

  it("finds words and goes from match to match", async () => {
    const { page, close } = await recording("Interview 14");
    await ready(page);
    await page.getByLabel("Search in transcript").fill("clinic");
    await page.getByText(/^1 of \d+$/).waitFor();
    await page.keyboard.press("Enter");
    await page.getByText(/^2 of \d+$/).waitFor();
    await page.keyboard.press("Shift+Enter");
    await page.getByText(/^1 of \d+$/).waitFor();
    expect(await page.locator("mark.selected").textContent()).toBe("clinic");
    await close();
  });

  it("shows as captions", async () => {
    const { page, close } = await recording("Interview 14");
    await ready(page);
    await page.keyboard.press("c");
    const mode = () =>
      page.getByTestId("player-video").evaluate((video) => (video as HTMLVideoElement).textTracks[0]?.mode);
    await expect.poll(mode).toBe("showing");
    await close();
  });
});

describe("several parts and pictures", () => {
  it("keep the time when the picture changes, and the speed", async () => {
    const { page, close } = await recording("Interview 13");
    await ready(page);
    await page.keyboard.press(">");
    await page.keyboard.press("3");
    const before = (await time(page)) as number;
    await page.getByRole("button", { name: "Gallery", exact: true }).click();
    await expect.poll(() => time(page)).toBeCloseTo(before, 0);
    expect(await media(page, "playbackRate")).toBe(1.25);
    await close();
  });

  it("go on with the next part at the end of one", async () => {
    const { page, close } = await recording("Interview 13");
    await ready(page);
    await page.getByTestId("player-video").evaluate((node) => {
      const video = node as HTMLVideoElement;
      video.currentTime = video.duration - 0.4;
      return video.play();
    });
    await expect
      .poll(() => page.getByRole("button", { name: /^Part 2/ }).getAttribute("aria-pressed"))
      .toBe("true");
    await expect.poll(() => media(page, "paused")).toBe(false);
    await close();
  });

  it("come back to where somebody stopped, in the right part", async () => {
    const { page, close } = await recording("Interview 13");
    await ready(page);
    await page.getByRole("button", { name: /^Part 2/ }).click();
    await expect
      .poll(() => page.getByRole("button", { name: /^Part 2/ }).getAttribute("aria-pressed"))
      .toBe("true");
    await ready(page);
    await page.keyboard.press("8");
    await expect.poll(() => time(page)).toBeGreaterThan(60);
    const before = (await time(page)) as number;
    await page.goBack();
    await page.getByTestId("recording-card").first().waitFor();
    await page.goForward();
    await ready(page);
    await expect
      .poll(() => page.getByRole("button", { name: /^Part 2/ }).getAttribute("aria-pressed"))
      .toBe("true");
    await expect.poll(async () => Math.abs(((await time(page)) as number) - before)).toBeLessThan(4);
    await close();
  });
});

describe("what goes wrong", () => {
  it("is said when a file cannot be played, with the system's player as the way out", async () => {
    const { page, close } = await recording("Interview 14", { query: { fault: "media" } });
    const alert = page.getByRole("alert");
    await alert.getByText("This file can’t be played here").waitFor();
    expect(await alert.textContent()).toContain("gstreamer1.0-libav");
    await alert.getByTestId("open-in-system-player").waitFor();
    await close();
  });

  it("is said when the recording is not there", async () => {
    const { page, close } = await open(browser, url, { hash: "#/recording/nowhere/nothing" });
    await page.getByRole("heading", { name: "This recording isn’t here" }).waitFor();
    await close();
  });

  it("keeps a file that was found damaged from playing until somebody asks for it", async () => {
    const { page, close, problems } = await open(browser, url, { query: { fault: "damaged" } });
    await page.getByTestId("library-search").fill("Interview 14");
    await page.getByTestId("recording-card").filter({ hasText: "Interview 14" }).first().click();
    const banner = page.getByTestId("recording-damaged");
    expect(await banner.textContent()).toContain("Video: other content");
    const played = () => page.getByTestId("player-video").count();
    const before = await played();
    await banner.getByTestId("play-damaged").click();
    await ready(page);
    expect([before, await played()]).toEqual([0, 1]);
    expect(await banner.getByTestId("play-damaged").count()).toBe(0);
    expect(problems).toEqual([]);
    await close();
  });

  it("is said when Zoom made no transcript", async () => {
    const { page, close } = await recording("Interview 14", { query: { fault: "no-transcript" } });
    await page.getByText("Zoom made no transcript for this recording.").waitFor();
    await close();
  });
});

it("a transcript that Zoom finishes later appears without opening the page again", async () => {
  const { page, close, problems } = await recording("Interview 14", { query: { fault: "late" } });
  await page.getByRole("heading", { name: "Zoom is still working on the transcript" }).waitFor();
  await page.getByRole("button", { name: "Look now" }).click();
  await page.locator(".transcript").first().waitFor();
  expect(await page.getByRole("button", { name: "Look now" }).count()).toBe(0);
  expect(problems).toEqual([]);
  await close();
});

it.each([
  {},
  { theme: "dark" },
  { width: 600 },
  { query: { fault: "media" } },
  { query: { fault: "late" } },
  { query: { fault: "transcript" } },
])("a recording has no accessibility violations: %o", async (view) => {
  const { page, close, problems } = await recording("Interview 13", view);
  await page.waitForTimeout(300);
  const { violations } = await new AxeBuilder({ page }).include("main").analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
  if (!("query" in view)) expect(problems).toEqual([]);
  await close();
});
