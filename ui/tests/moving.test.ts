/** Moving a teamspace in the window: with Stop and going on, with damage, and as a backup. */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { stories, type Story } from "./story";

const told = stories();
const story: Story = (view, tell) =>
  told({ scenario: "connected", hash: "#/settings", ...view }, async (page) => {
    await page.getByTestId("move-open").first().click();
    await tell(page);
  });

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
