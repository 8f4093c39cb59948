/** Auto-import in the window: switching it on, its rules, older recordings, review, activity, and "Why not imported?". */
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { stories } from "./story";

const story = stories();

const chooseTeamspace = async (page: Page, name: string) => {
  await page.getByTestId("auto-import-teamspace").click();
  await page.getByRole("option", { name, exact: true }).click();
};

describe("switching it on", () => {
  test("goes from the photo over Edit profile, the checkbox and the teamspace to closing the dialog", () =>
    story({ scenario: "connected" }, async (page) => {
      await page.getByTestId("profile-menu").click();
      await page.getByTestId("menu-edit-profile").click();
      await page.getByTestId("zoom-manage").click();
      await page.getByTestId("auto-import-checkbox").click();
      await chooseTeamspace(page, "Research");
      await page.getByTestId("auto-import-standing").waitFor();
      await page.getByTestId("integration-close").click();
      const summary = page.getByTestId("auto-import-summary");
      await expect.poll(() => summary.innerText()).toBe("Auto-import is on: new recordings go to Research.");
    }));

  test("is not done while no teamspace is chosen, and is undone at once", () =>
    story({ scenario: "connected", hash: "#/profile" }, async (page) => {
      await page.getByTestId("zoom-manage").click();
      await page.getByTestId("auto-import-checkbox").click();
      expect(await page.getByTestId("auto-import").getAttribute("data-on")).toBe("false");
      expect(await page.getByTestId("auto-import-standing").count()).toBe(0);
      await chooseTeamspace(page, "Research");
      await expect.poll(() => page.getByTestId("auto-import").getAttribute("data-on")).toBe("true");
      await page.getByTestId("auto-import-checkbox").click();
      await expect.poll(() => page.getByTestId("auto-import").getAttribute("data-on")).toBe("false");
    }));

  test("may be held for an hour, and goes on", () =>
    story({ scenario: "connected", hash: "#/profile", query: { auto: "on" } }, async (page) => {
      await page.getByTestId("zoom-manage").click();
      await page.getByTestId("auto-import-pause").click();
      await page.getByTestId("auto-import-pause-hour").click();
      const next = page.getByTestId("auto-import-next");
      await expect.poll(() => next.innerText()).toMatch(/^paused until /);
      await page.getByTestId("auto-import-resume").click();
      await expect.poll(() => next.innerText()).not.toMatch(/^paused until /);
    }));
});

test("rules are tried before they are saved, and each recording names the rule that decided", () =>
  story({ scenario: "connected", hash: "#/profile", query: { auto: "on" } }, async (page) => {
    await page.getByTestId("zoom-manage").click();
    await page.getByTestId("auto-import-rules").click();
    await page.getByTestId("rule-excludes").fill("sync, budget");
    await page.getByTestId("rule-min").fill("30");
    await page.getByTestId("dry-run-start").click();
    const sync = page.getByTestId("dry-run-row").filter({ hasText: "Weekly research sync" }).first();
    expect(await sync.getAttribute("data-by")).toBe("title_excludes");
    const short = page.getByTestId("dry-run-row").filter({ hasText: "Debrief after interview 14" }).first();
    expect(await short.getAttribute("data-by")).toBe("too_short");
    await page.getByTestId("rule-max").fill("10");
    await page.getByText("The shortest length is longer than the longest.").waitFor();
    await page.getByTestId("rule-max").fill("");
    await page.getByTestId("rules-save").click();
    await page.getByText("Rules saved").waitFor();
    expect(await page.getByTestId("rules-save").isDisabled()).toBe(true);
  }));

test("older recordings show count and size before anything is imported", () =>
  story({ scenario: "connected", hash: "#/profile", query: { auto: "on" } }, async (page) => {
    await page.getByTestId("zoom-manage").click();
    await page.getByTestId("auto-import-older").click();
    expect(await page.getByTestId("older-found").innerText()).toMatch(/^\d+ recordings, .*B$/);
    await page.getByTestId("older-import").click();
    await page.getByText(/recordings are being imported/).waitFor();
  }));

describe("review", () => {
  const view = { scenario: "connected", hash: "#/inbox", query: { auto: "review" } } as const;

  test("keeps and discards by keys alone", () =>
    story(view, async (page) => {
      const items = page.getByTestId("inbox-item");
      await items.first().waitFor();
      const before = await items.count();
      await page.keyboard.press("j");
      expect(await items.nth(1).getAttribute("data-current")).toBe("true");
      await page.keyboard.press("Enter");
      await expect.poll(() => items.count()).toBe(before - 1);
      await page.keyboard.press("Delete");
      await expect.poll(() => items.count()).toBe(before - 2);
      await page.keyboard.press("a");
      await page.getByTestId("inbox-discard-all").waitFor();
      await page.keyboard.press("Delete");
      await page.getByText("Nothing waits for you").waitFor();
    }));

  test("is counted in the navigation until nothing waits", () =>
    story(view, async (page) => {
      const link = page.getByTestId("nav-inbox");
      await expect.poll(() => link.innerText()).toMatch(/4/);
      await page.getByTestId("inbox-keep").first().click();
      await expect.poll(() => link.innerText()).toMatch(/3/);
    }));
});

describe("looking now", () => {
  test.each(["#/inbox", "#/activity"])("is offered where somebody waits for what is new: %s", (hash) =>
    story({ scenario: "connected", hash, query: { auto: "on" } }, async (page) => {
      await page.getByTestId("check-now").click();
      await page.getByText("Zoom’s list was read. What is new is being imported.").waitFor();
    }),
  );

  test("is offered by the library that new ones come into, with the time of the last look", () =>
    story({ scenario: "connected", query: { auto: "on" } }, async (page) => {
      await page.getByTestId("import-button").click();
      const check = page.getByTestId("import-check");
      expect(await check.innerText()).toMatch(/Auto-import last looked .+\./);
      await check.click();
      await page.getByText("Zoom’s list was read. What is new is being imported.").waitFor();
    }));

  test("is not offered while auto-import is off", () =>
    story({ scenario: "connected", hash: "#/activity" }, async (page) => {
      await page.getByTestId("activity-export").waitFor();
      expect(await page.getByTestId("check-now").count()).toBe(0);
    }));
});

test("activity is searched by words and kind, and saved to a file", () =>
  story({ scenario: "connected", hash: "#/activity", query: { auto: "on" } }, async (page) => {
    const entries = page.getByTestId("activity-entry");
    await entries.first().waitFor();
    await page.getByTestId("activity-search").fill("microphone");
    await expect.poll(() => entries.count()).toBe(1);
    expect(await entries.first().innerText()).toContain("It is too short");
    await page.getByTestId("activity-search").fill("");
    await page.getByTestId("activity-kind").click();
    await page.getByRole("option", { name: "Failed" }).click();
    await expect
      .poll(() => entries.evaluateAll((all) => all.map((one) => one.getAttribute("data-kind"))))
      .toEqual(["failed"]);
    await page.getByTestId("activity-export").click();
    await page.getByTestId("activity-export-csv").click();
    await page.getByText("Saved as /home/ada/next-activity.csv").waitFor();
  }));

test("a recording that is not here says why, and asking does not choose it", () =>
  story({ scenario: "connected", query: { auto: "review" } }, async (page) => {
    await page.getByTestId("import-button").click();
    await page.getByTestId("import-zoom").click();
    const row = page.getByTestId("import-row").filter({ hasText: "Interview 15" }).first();
    await row.getByTestId("why-not").click();
    await page.getByTestId("why-not-answer").getByText("You review recordings first.").waitFor();
    expect(await row.getByRole("checkbox").getAttribute("aria-checked")).toBe("false");
  }));
