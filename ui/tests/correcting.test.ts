/** Correcting a transcript: lines, speakers, and what becomes of what was typed. */
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { openRecording } from "./player";
import { stories } from "./story";

const story = stories();

const line = (page: Page, number: number) => page.locator(`[data-line="0/${number}"]`);
const text = (page: Page, number: number) => line(page, number).locator(".text").textContent();

/** Opens the editor of a line by the key E. */
async function edit(page: Page, number: number) {
  await line(page, number).focus();
  await page.keyboard.press("e");
  await page.getByTestId("line-text").waitFor();
}

describe("a line", () => {
  it("is corrected by the keyboard, marked, found, in the history, and taken back", () =>
    story({}, async (page) => {
      await openRecording(page);
      await edit(page, 2);
      await page.keyboard.press("Control+a");
      await page.keyboard.type("Yes, of course. I have signed the consent form.");
      await page.keyboard.press("Enter");
      await expect.poll(() => text(page, 2)).toContain("I have signed the consent form.");
      expect(await line(page, 2).getByTestId("corrected").getAttribute("title")).toContain("Ada Kessler");
      // The keys go on at the line.
      await expect
        .poll(() => page.evaluate(() => document.activeElement?.getAttribute("data-line")))
        .toBe("0/2");
      await page.getByLabel("Search in transcript").fill("signed the consent");
      await page.getByText("1 of 1").waitFor();
      await page.getByLabel("Search in transcript").fill("");
      await expect
        .poll(() => page.getByTestId("history").textContent())
        .toContain("Ada Kessler corrected the line at 0:08");

      await line(page, 2).dblclick();
      expect(await page.getByTestId("line-original").textContent()).toBe(
        "Yes, of course. I have read the consent form.",
      );
      await page.getByTestId("line-back").click();
      await expect.poll(() => text(page, 2)).toBe("Yes, of course. I have read the consent form.");
      expect(await line(page, 2).getByTestId("corrected").count()).toBe(0);
    }));

  it("is left as it was by Escape, and a correction can be undone", () =>
    story({}, async (page) => {
      await openRecording(page);
      const before = await text(page, 3);
      await edit(page, 3);
      await page.keyboard.type(" Not this");
      await page.keyboard.press("Escape");
      expect(await text(page, 3)).toBe(before);
      await line(page, 3).hover();
      await line(page, 3).locator("..").getByTestId("correct-line").click();
      await page.getByTestId("line-text").fill("This instead");
      await page.getByTestId("line-save").click();
      await expect.poll(() => text(page, 3)).toContain("This instead");
      await page.getByRole("button", { name: "Undo" }).click();
      await expect.poll(() => text(page, 3)).toBe(before);
    }));

  it("says who corrected it, and what the file says", () =>
    story({}, async (page) => {
      await openRecording(page);
      expect(await line(page, 4).getByTestId("corrected").getAttribute("title")).toMatch(
        /^Corrected by Jonas Weber, /,
      );
      await edit(page, 4);
      expect(await page.getByTestId("line-original").textContent()).not.toContain("or found");
    }));

  it("that cannot be saved keeps what was typed, and says why", () =>
    story({}, async (page) => {
      await openRecording(page);
      await edit(page, 2);
      await page.getByTestId("line-text").fill("   ");
      await page.getByTestId("line-save").click();
      await page.getByRole("alert").filter({ hasText: "can’t be empty" }).waitFor();
      await page.getByTestId("line-text").fill("Typed with care");
      await page.getByTestId("line-cancel").click();
      expect(await page.getByTestId("line-text").count()).toBe(0);
    }));

  it("is kept as it was typed when the teamspace has just gone away, and a name too", () =>
    story({ query: { fault: "gone-away" } }, async (page) => {
      await openRecording(page);
      await edit(page, 2);
      await page.getByTestId("line-text").fill("Typed with care");
      await page.getByTestId("line-save").click();
      await page.getByTestId("line-editor").getByRole("alert").waitFor();
      expect(await page.getByTestId("line-text").inputValue()).toBe("Typed with care");
      await page.getByTestId("line-cancel").click();
      await page.getByTestId("rename-speaker").first().click();
      await page.getByTestId("rename-name").fill("Grace Hopper");
      await page.getByTestId("rename-save").click();
      await page.getByTestId("rename-dialog").getByRole("alert").waitFor();
      expect(await page.getByTestId("rename-name").inputValue()).toBe("Grace Hopper");
    }));

  it("stays what was typed while one looks at other lines", () =>
    story({ query: { fault: "long" } }, async (page) => {
      await openRecording(page);
      await edit(page, 2);
      await page.getByTestId("line-text").fill("Half a sentence");
      await page.getByLabel("Search in transcript").fill("walking over");
      await page.keyboard.press("Shift+Enter");
      await page.getByTestId("line-text").waitFor({ state: "detached" });
      await page.getByLabel("Search in transcript").fill("read the consent form");
      await expect.poll(() => page.getByTestId("transcript-cue").count()).toBeGreaterThan(0);
      await page.locator(".lines").hover();
      for (let i = 0; i < 40 && (await page.getByTestId("line-text").count()) === 0; i += 1)
        await page.mouse.wheel(0, -900_000);
      expect(await page.getByTestId("line-text").inputValue()).toBe("Half a sentence");
    }));
});

describe("a speaker", () => {
  it("is renamed everywhere in the recording, and called as before again", () =>
    story({}, async (page) => {
      await openRecording(page);
      await page.getByTestId("rename-speaker").filter({ hasText: "Priya Raman" }).first().click();
      await page.getByTestId("rename-name").fill("Dr. Priya Raman");
      await page.keyboard.press("Enter");
      await page.getByTestId("rename-dialog").waitFor({ state: "hidden" });
      await page.locator("p.speaker").filter({ hasText: "Dr. Priya Raman" }).first().waitFor();
      await page.getByTestId("beside").getByText("Chat", { exact: true }).click();
      await page.locator(".sender").filter({ hasText: "Dr. Priya Raman" }).first().waitFor();
      await page.getByRole("button", { name: "Undo" }).click();
      await expect.poll(() => page.locator(".sender").allTextContents()).not.toContain("Dr. Priya Raman");
    }));

  it("who only writes is renamed from the chat, and nowhere where nothing can be changed", async () => {
    const chat = (page: Page) => page.getByTestId("beside").getByText("Chat", { exact: true }).click();
    await story({}, async (page) => {
      await openRecording(page);
      await chat(page);
      const senders = page.locator(".sender");
      await page.getByRole("button", { name: "Rename Jonas Weber" }).click();
      await page.getByTestId("rename-name").fill("Grace Hopper");
      await page.getByTestId("rename-save").click();
      await expect.poll(() => senders.allTextContents()).toContain("Grace Hopper");
      expect(await senders.allTextContents()).not.toContain("Jonas Weber");
      expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    });
    await story({ query: { fault: "read-only" } }, async (page) => {
      await openRecording(page);
      await chat(page);
      await page.locator(".sender").first().waitFor();
      expect(await page.getByTestId("rename-sender").count()).toBe(0);
    });
  });

  it("becomes one with another of the same name after a sentence, and two again", () =>
    story({}, async (page) => {
      await openRecording(page);
      await page.getByTestId("rename-speaker").filter({ hasText: "Priya Raman" }).first().click();
      await page.getByTestId("rename-dialog").getByRole("button", { name: "Ada Kessler" }).click();
      await page
        .getByTestId("rename-merges")
        .filter({ hasText: "Priya Raman and Ada Kessler will be shown as one person." })
        .waitFor();
      await page.getByTestId("rename-save").click();
      await expect.poll(() => page.locator("p.speaker").allTextContents()).toEqual(["Ada Kessler"]);
      await page.getByTestId("rename-speaker").first().click();
      await page.getByTestId("rename-in-file").filter({ hasText: "Priya Raman" }).waitFor();
      await page.getByTestId("rename-original").click();
      await expect.poll(() => page.locator("p.speaker").allTextContents()).toContain("Priya Raman");
    }));
});

describe("where nothing can be changed", () => {
  it("there are no buttons for it, and the key says why", () =>
    story({ query: { fault: "read-only" } }, async (page) => {
      await openRecording(page);
      expect(await page.getByTestId("correct-line").count()).toBe(0);
      expect(await page.getByTestId("rename-speaker").count()).toBe(0);
      await line(page, 2).focus();
      await page.keyboard.press("e");
      await page.getByTestId("toast-info").filter({ hasText: "can’t be changed just now" }).waitFor();
      expect(await page.getByTestId("line-text").count()).toBe(0);
    }));
});

it.each(["line", "speaker"])("correcting a %s has no accessibility violations", (what) =>
  story({}, async (page) => {
    await openRecording(page);
    if (what === "line") await edit(page, 4);
    else await page.getByTestId("rename-speaker").first().click();
    await page.waitForTimeout(200);
    const { violations } = await new AxeBuilder({ page })
      .include(what === "line" ? "main" : "[role=dialog]")
      .analyze();
    expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
  }),
);
