/** Moving a teamspace in the window: with Stop and going on, with damage, and as a backup. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { launch, open, type View } from "./window.mjs";

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser?.close());

async function story(view: View, tell: (page: Page) => Promise<void>): Promise<void> {
  const settings = { scenario: "connected", hash: "#/settings", ...view };
  const { page, context, problems } = await open(browser, inject("windowUrl"), settings);
  page.setDefaultTimeout(15_000);
  try {
    await page.getByTestId("move-open").first().click();
    await tell(page);
    expect(problems).toEqual([]);
  } finally {
    await context.close();
  }
}

const text = (page: Page, id: string) => page.getByTestId(id).innerText();

test("a move is stopped, goes on with the place that is still there, and ends while the dialog is closed", () =>
  story({}, async (page) => {
    await page.getByTestId("move-begin").click();
    await page.getByText("Choose a folder").first().waitFor();
    await page.getByTestId("move-folder").fill("/media/archive/Research");
    await page.getByTestId("move-begin").click();
    await page.getByTestId("move-stop").click();
    await page.getByTestId("move-stopped").waitFor();
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByTestId("move-show").click();
    expect(await page.getByTestId("move-folder").inputValue()).toBe("/media/archive/Research");
    await page.getByTestId("move-begin").click();
    await page.getByTestId("move-progress").first().waitFor();
    await page.keyboard.press("Escape");
    await page.getByText("“Research” has moved", { exact: true }).first().waitFor();
    await page.getByTestId("move-show").click();
    expect(await text(page, "move-result")).toContain("It stands at /media/archive/Research now.");
    await page.getByTestId("move-done").click();
    await page.getByTestId("move-row").waitFor({ state: "detached" });
    await page.getByText("/media/archive/Research", { exact: true }).waitFor();
  }));

test("damage keeps it from moving until somebody leaves the damaged files behind", () =>
  story({ query: { fault: "damaged" } }, async (page) => {
    await page.getByTestId("move-folder").fill("/media/archive/Research");
    await page.getByTestId("move-begin").click();
    await page.getByTestId("move-damaged").waitFor();
    expect(await text(page, "move-result")).toContain("Nothing was moved.");
    await page.getByTestId("move-anyway").click();
    await page.getByTestId("move-done").waitFor();
    const said = await text(page, "move-result");
    expect(said).toContain("“Research” has moved");
    expect(said).toContain("1 file is damaged and was not copied");
  }));

test("a place that is taken is refused, and a backup leaves the teamspace where it is", () =>
  story({}, async (page) => {
    await page.getByTestId("move-backup").click();
    await page.getByTestId("move-folder").fill("/media/archive/Team");
    await page.getByTestId("move-begin").click();
    expect(await text(page, "move-error")).toContain("is not empty");
    await page.getByTestId("move-folder").fill("/media/archive/Backup");
    await page.getByTestId("move-begin").click();
    await page.getByTestId("move-done").waitFor();
    expect(await text(page, "move-result")).toContain("The teamspace stays where it is.");
    await page.getByTestId("move-done").click();
    expect(await page.getByText("/media/archive/Backup").count()).toBe(0);
  }));
