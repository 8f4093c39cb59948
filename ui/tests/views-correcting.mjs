/** Correcting a transcript, and the filters of the library. */

const openRecording = async (page, title = "Interview 14") => {
  await page.getByTestId("library-search").fill(title);
  await page.getByTestId("recording-card").filter({ hasText: title }).first().click();
  await page.getByTestId("player-video").waitFor();
  await page.waitForTimeout(400);
};

const edit = async (page) => {
  await openRecording(page);
  await page.locator('[data-line="0/4"]').focus();
  await page.keyboard.press("e");
  await page.getByTestId("line-text").waitFor();
};

const rename = async (page) => {
  await openRecording(page);
  await page.getByTestId("rename-speaker").first().click();
  await page.getByTestId("rename-dialog").waitFor();
};

const filters = async (page) => {
  await page.getByTestId("recording-card").first().waitFor();
  await page.getByTestId("library-filter").click();
  await page.getByTestId("filter-choice").first().waitFor();
};

const FILTERED = "#/teamspace/0199a7c2-5e10-7c33-9a1e-3f0a6f6f2a01?q=";

export const CORRECTING_VIEWS = [
  { name: "correct-line", scenario: "connected", act: edit },
  {
    name: "correct-refused",
    scenario: "connected",
    act: async (page) => {
      await edit(page);
      await page.getByTestId("line-text").fill(" ");
      await page.getByTestId("line-save").click();
      await page.getByRole("alert").first().waitFor();
    },
  },
  {
    name: "correct-away",
    scenario: "connected",
    query: { fault: "gone-away" },
    act: async (page) => {
      await edit(page);
      await page.getByTestId("line-text").fill("It starts at seven.");
      await page.getByTestId("line-save").click();
      await page.getByRole("alert").first().waitFor();
    },
  },
  { name: "rename-speaker", scenario: "connected", act: rename },
  {
    name: "rename-merge",
    scenario: "connected",
    act: async (page) => {
      await rename(page);
      await page.getByTestId("rename-dialog").locator(".others button").first().click();
      await page.getByTestId("rename-merges").filter({ hasText: /./ }).waitFor();
    },
  },
  // In a narrow window they are in a sheet.
  { name: "library-filters", scenario: "connected", act: (page, _narrow) => filters(page) },
  {
    name: "library-filtered",
    scenario: "connected",
    hash: `${FILTERED}${encodeURIComponent('from:"Ada Kessler" tag:"clinic study" after:1y has:chat')}`,
  },
  {
    name: "library-filtered-away",
    scenario: "connected",
    hash: `${FILTERED}${encodeURIComponent("from:Nobody longer:1h")}`,
    ready: "[data-testid=filter-clear-all]",
  },
];
