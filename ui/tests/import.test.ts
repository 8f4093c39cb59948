/** Choosing cloud recordings and files in a real browser, and the queue that they end up in. */
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

async function dialog(view: object = {}) {
  const opened = await open(browser, url, view);
  await opened.page.getByTestId("import-button").click();
  await opened.page.getByTestId("import-zoom").click();
  await opened.page.getByTestId("import-dialog").waitFor();
  return opened;
}
const rows = (page: Page) => page.getByTestId("import-row");
const free = (page: Page) => page.locator("[data-testid=import-row][data-state=choosable]");

describe("the import dialog", () => {
  it("lists newest first and says what was looked through", async () => {
    const { page, close } = await dialog();
    await page.getByText(/^\d+ recordings, /).waitFor();
    await expect.poll(() => rows(page).first().textContent()).toContain("Weekly research sync");
    await page.locator("[data-testid=import-row][data-state=here]").first().waitFor();
    await close();
  });

  it("chooses one, many with shift, and all that is shown; and adds up sizes", async () => {
    const { page, close } = await dialog();
    await free(page).first().click();
    await page.getByText("1 selected").waitFor();
    await free(page)
      .nth(3)
      .click({ modifiers: ["Shift"] });
    await page.getByText("4 selected").waitFor();
    await page.getByText(/in total/).waitFor();
    await page.getByRole("checkbox", { name: "Select all shown" }).click();
    await page.getByText("6 selected").waitFor();
    await page.getByTestId("import-dialog").getByPlaceholder("Search title").fill("usability test 7");
    await expect.poll(() => rows(page).count()).toBe(1);
    // What the search hides stays chosen.
    await page.getByText("6 selected").waitFor();
    await close();
  });

  it("can be used by keyboard alone", async () => {
    const { page, close } = await dialog();
    await free(page).first().getByRole("checkbox").focus();
    await page.keyboard.press("Space");
    await page.getByText("1 selected").waitFor();
    await page.keyboard.press("Space");
    await page.getByText("Nothing selected yet").waitFor();
    await close();
  });

  it("shows progress in place after Import, and leads to the imports", async () => {
    const { page, close } = await dialog();
    const uuid = await free(page).nth(1).getAttribute("data-uuid");
    await free(page).nth(1).click();
    await page.getByTestId("import-submit").click();
    await page.locator(`[data-uuid="${uuid}"]:not([data-state=choosable])`).waitFor();
    await page.getByText("Importing 1 recording").waitFor();
    await page.getByRole("button", { name: "Show imports" }).click();
    await page.getByTestId("job-row").first().waitFor();
    expect(await page.getByTestId("import-dialog").count()).toBe(0);
    await close();
  });

  it("keeps what could be read when a month fails, and reads it again on request", async () => {
    const { page, close } = await dialog({ query: { fault: "month" } });
    await page.getByTestId("import-range").click();
    await page.getByRole("option", { name: "Last 3 months" }).click();
    await page.getByText(/couldn’t be read/).waitFor();
    expect(await rows(page).count()).toBeGreaterThan(3);
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByText(/couldn’t be read/).waitFor({ state: "detached" });
    await close();
  });

  it("asks for two dates that make sense", async () => {
    const { page, close } = await dialog();
    await page.getByTestId("import-range").click();
    await page.getByRole("option", { name: "Choose dates…" }).click();
    await page.getByLabel("From", { exact: true }).fill("2026-11-20");
    await page.getByLabel("To", { exact: true }).fill("2026-11-01");
    await page.getByText("The first date must be before the second").waitFor();
    await close();
  });

  it.each([
    ["disconnected", "Zoom isn’t connected", "Connect Zoom"],
    ["needs-reauth", "Zoom wants you to sign in again", "Sign in again"],
    ["errors", "This Zoom plan has no cloud recordings", "Import files from this computer"],
    ["offline", "No connection to Zoom", "Try again"],
    ["empty", "No cloud recordings in this period", "Look further back"],
  ])("says what to do: %s", async (scenario, title, action) => {
    const { page, close } = await dialog({ scenario });
    const box = page.getByTestId("import-dialog");
    await box.getByRole("heading", { name: title }).waitFor();
    await box.getByText(action, { exact: true }).waitFor();
    const { violations } = await new AxeBuilder({ page }).include("[data-testid=import-dialog]").analyze();
    expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
    await close();
  });

  it.each([{}, { theme: "dark" }, { width: 600 }])("has no accessibility violations: %o", async (view) => {
    const { page, close, problems } = await dialog(view);
    await free(page).first().click();
    const { violations } = await new AxeBuilder({ page }).include("[data-testid=import-dialog]").analyze();
    expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
    expect(problems).toEqual([]);
    await close();
  });
});

describe("files from this computer", () => {
  it("are chosen, with a transcript, and imported", async () => {
    const { page, close } = await open(browser, url, {});
    await page.getByTestId("import-button").click();
    await page.getByTestId("import-files").click();
    expect(await page.getByTestId("import-submit").isDisabled()).toBe(true);
    await page.getByTestId("choose-media").click();
    await page.getByText("Focus group.mp4").waitFor();
    await page.getByTestId("choose-transcript").click();
    await page.getByText("Focus group.vtt").waitFor();
    await page.getByTestId("import-submit").click();
    await page.getByText("Importing “Focus group.mp4”").waitFor();
    await close();
  });
});

describe("the imports", () => {
  it("say for each what it does or needs, with one action for what failed", async () => {
    const { page, close, problems } = await open(browser, url, {
      scenario: "errors",
      hash: "#/imports",
    });
    const job = (state: string) => page.locator(`[data-testid=job-row][data-state=${state}]`);
    await job("running").getByRole("progressbar").waitFor();
    await job("failed").getByRole("button", { name: "Try again" }).waitFor();
    expect(await job("waiting").allTextContents()).toEqual(
      expect.arrayContaining([
        expect.stringContaining("Next try in"),
        expect.stringContaining("Jonas Weber is importing this now, on thinkpad."),
      ]),
    );
    expect(await page.getByTestId("queue-full").textContent()).toContain("/home/ada/Recordings");
    const { violations } = await new AxeBuilder({ page }).include("main").analyze();
    expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
    expect(problems).toEqual([]);
    await page.getByTestId("clear-finished").click();
    await job("cancelled").waitFor({ state: "detached" });
    await close();
  });

  it("are paused and resumed, one and all, and cancelled together when asked twice", async () => {
    const { page, close, problems } = await open(browser, url, { hash: "#/imports" });
    const job = (state: string) => page.locator(`[data-testid=job-row][data-state=${state}]`);
    await job("running")
      .getByRole("button", { name: /^Pause/ })
      .click();
    await page.getByText("Paused").waitFor();
    await page.getByTestId("pause-all").click();
    await page.getByTestId("queue-paused").waitFor();
    await page.getByTestId("resume-all").click();
    await page.getByTestId("queue-paused").waitFor({ state: "detached" });
    expect(await page.getByText("Paused").count()).toBe(0);
    await page.getByTestId("cancel-all").click();
    await page.getByTestId("cancel-all").getByText("?").waitFor();
    await page.getByTestId("cancel-all").click();
    await expect.poll(() => job("queued").count()).toBe(0);
    expect(problems).toEqual([]);
    await close();
  });

  it("can be cancelled", async () => {
    const { page, close } = await open(browser, url, { hash: "#/imports" });
    await page
      .locator("[data-testid=job-row][data-state=queued]")
      .getByRole("button", { name: /^Cancel/ })
      .click();
    await page.locator("[data-testid=job-row][data-state=cancelled]").waitFor();
    await close();
  });
});
