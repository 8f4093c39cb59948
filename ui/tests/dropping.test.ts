/** Files dragged onto the window, in a real browser. */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { stories } from "./story";

const story = stories();
const READY = { ready: "[data-testid=recording-card]" };

/** Drags files over the page; with `drop`, lets them go. */
const drag = (page: Page, names: string[], drop: boolean) =>
  page.evaluate(
    ({ names, drop }) => {
      const dataTransfer = new DataTransfer();
      names.forEach((name) => dataTransfer.items.add(new File(["x"], name)));
      const send = (kind: string) =>
        document.body.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer }));
      send("dragover");
      if (drop) send("drop");
    },
    { names, drop },
  );

test("what is dragged over the library is imported into its teamspace, and what is no recording is said", () =>
  story(READY, async (page) => {
    await drag(page, ["Focus group.mp4"], false);
    await page.getByText("Drop to import into “Research”").waitFor();
    await drag(page, ["Focus group.mp4", "Focus group.vtt", "notes.pdf"], true);
    await page.getByText("Importing “Focus group.mp4”").waitFor();
    await page.getByText("Not imported, because it is no video or audio: notes.pdf").waitFor();
    expect(await page.getByTestId("drop-target").count()).toBe(0);
    await page.getByTestId("nav-imports").first().click();
    await page.getByText("Focus group", { exact: false }).first().waitFor();
  }));

test("several are imported together", () =>
  story(READY, async (page) => {
    await drag(page, ["a.mp4", "b.m4a"], true);
    await page.getByText("Importing 2 files").waitFor();
  }));

test("a teamspace that cannot be written takes nothing, and says so before", () =>
  story({ ...READY, query: { fault: "read-only" } }, async (page) => {
    await drag(page, ["a.mp4"], false);
    await page.getByText("Nothing can be imported into “Research” just now").waitFor();
    await drag(page, ["a.mp4"], true);
    expect(await page.getByText("Importing").count()).toBe(0);
  }));
