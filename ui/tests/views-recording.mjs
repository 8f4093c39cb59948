/** The states of a recording's page that are worth looking at, besides the player with its transcript. */

const openRecording = async (page, title = "Interview 14") => {
  await page.getByTestId("library-search").fill(title);
  await page.getByTestId("recording-card").filter({ hasText: title }).first().click();
  await page.getByTestId("player-video").waitFor();
  await page.waitForTimeout(400);
};
const beside = (name) => async (page) => {
  await openRecording(page);
  // By its value: the words are of the window's language.
  await page.locator(`[data-testid=beside] label:has(input[value=${name}])`).click();
  await page.locator(".timeline").click({ position: { x: 300, y: 8 } });
};
const openExport = async (page) => {
  await openRecording(page);
  await page.getByTestId("export").click();
  await page.getByTestId("export-dialog").waitFor();
};

export const RECORDING_VIEWS = [
  { name: "recording-chat", scenario: "connected", act: beside("chat") },
  { name: "recording-summary", scenario: "connected", act: beside("summary") },
  {
    name: "recording-speaker",
    scenario: "connected",
    act: async (page) => {
      await openRecording(page);
      await page.getByTestId("speakers").getByRole("button").first().click();
      await page.getByTestId("transcript-cue").nth(1).hover();
    },
  },
  { name: "export", scenario: "connected", act: openExport },
  {
    name: "export-done",
    scenario: "connected",
    act: async (page) => {
      await openExport(page);
      await page.getByTestId("export-choose").click();
      await page.getByTestId("export-result").waitFor();
    },
  },
];
