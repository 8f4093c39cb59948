/** Exporting from the recording's page: the choice, the folder, how it goes, and what came of it. */
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { stories } from "./story";

const story = stories();

async function openExport(page: Page, title = "Interview 14") {
  await page.getByTestId("library-search").fill(title);
  await page.getByTestId("recording-card").filter({ hasText: title }).first().click();
  await page.getByTestId("export").click();
  await page.getByTestId("export-dialog").waitFor();
}

describe("exporting", () => {
  it("asks what of a recording, then where to, and shows the file in its folder", () =>
    story({}, async (page) => {
      await openExport(page);
      await page.getByTestId("export-video").click();
      await page.getByTestId("export-choose").click();
      const result = page.getByTestId("export-result");
      await result.getByText("1 recording was exported").waitFor();
      expect(await result.textContent()).toMatch(/Clinic study\/\d{4}-\d\d-\d\d Interview 14 .*\.vtt/);
      await page.getByTestId("export-show").click();
      await page.getByRole("button", { name: "Export something else" }).click();
      expect(await page.getByTestId("export-video").getAttribute("aria-checked"), "the choice is kept").toBe(
        "false",
      );
    }));

  it("is asked for in the menu of a recording in the library", () =>
    story({}, async (page) => {
      const card = page.getByTestId("recording-card").nth(1);
      const title = (await card.locator(".title").textContent()) ?? "";
      await card.click({ button: "right" });
      await page.getByTestId("export-recording").click();
      expect(await page.getByTestId("export-dialog").textContent()).toContain(title);
      await page.getByTestId("export-choose").click();
      await page.getByText("1 recording was exported").waitFor();
    }));

  it("takes all that are selected in the library", () =>
    story({}, async (page) => {
      await page.getByTestId("library-search").fill("usability");
      await expect.poll(() => page.getByTestId("recording-card").count()).toBe(3);
      await page.getByTestId("library-search").press("ArrowDown");
      await page.keyboard.press("Control+a");
      await page.getByTestId("bulk-export").click();
      expect(await page.getByTestId("export-dialog").textContent()).toContain("3 recordings");
      await page.getByTestId("export-choose").click();
      await page.getByText("3 recordings were exported").waitFor();
    }));

  it("needs something to be chosen", () =>
    story({}, async (page) => {
      await openExport(page);
      for (const part of ["video", "vtt", "text", "markdown"])
        await page.getByTestId(`export-${part}`).click();
      expect(await page.getByTestId("export-choose").isDisabled()).toBe(true);
      await page.getByTestId("export-files").click();
      expect(await page.getByTestId("export-choose").isDisabled()).toBe(false);
    }));

  it("says what a recording does not have", () =>
    story({}, async (page) => {
      await openExport(page, "Usability test 5");
      await page.getByTestId("export-choose").click();
      await page.getByText("Usability test 5: booking flow has no transcript").waitFor();
      await page.getByText("1 recording was exported").waitFor();
    }));

  it("is stopped by a button, and says what was not exported", () =>
    story({}, async (page) => {
      await openExport(page);
      await page.getByTestId("export-choose").click();
      await page.getByTestId("export-progress").waitFor();
      await page.getByTestId("export-stop").click();
      await page.getByText("1 recording was not exported").waitFor();
      await page.getByText("Cancelled").first().waitFor();
    }));
});
