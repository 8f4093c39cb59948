/** The states of highlights: beside the player, in the library of them, as a reel, and as clips. */

const openRecording = async (page) => {
  await page.getByTestId("library-search").fill("Interview 14");
  await page.getByTestId("recording-card").filter({ hasText: "Interview 14" }).first().click();
  await page.getByTestId("player-video").waitFor();
  await page.waitForTimeout(400);
};
const beside = async (page) => {
  await openRecording(page);
  // By its value: the words are of the window's language.
  await page.locator("[data-testid=beside] label:has(input[value=highlights])").click();
  await page.getByTestId("highlights").waitFor();
};
const list = (page) => page.getByTestId("highlight-line").first().waitFor();
const askForClips = async (page) => {
  await list(page);
  await page.getByTestId("highlights-save-all").click();
  await page.getByTestId("clip-dialog").waitFor();
};

export const HIGHLIGHT_VIEWS = [
  { name: "recording-highlights", scenario: "connected", act: beside },
  {
    name: "recording-highlights-none",
    scenario: "connected",
    query: { fault: "no-highlights" },
    act: beside,
  },
  {
    name: "recording-highlight-begun",
    scenario: "connected",
    act: async (page) => {
      await openRecording(page);
      await page.keyboard.press("h");
      await page.getByTestId("mark-cancel").waitFor();
    },
  },
  {
    name: "recording-highlight-edited",
    scenario: "connected",
    act: async (page) => {
      await beside(page);
      await page.getByTestId("highlight-edit").first().click();
      await page.getByTestId("highlight-to").fill("0:10");
    },
  },
  { name: "highlights", scenario: "connected", hash: "#/highlights", act: list },
  {
    name: "highlights-none",
    scenario: "connected",
    hash: "#/highlights",
    query: { fault: "no-highlights" },
  },
  { name: "highlights-nothing", scenario: "connected", hash: "#/highlights?q=nowhere" },
  {
    name: "highlights-reel",
    scenario: "connected",
    hash: "#/highlights",
    act: async (page) => {
      await list(page);
      await page.getByTestId("highlights-play-all").click();
      await page.getByTestId("player-video").waitFor();
      await page.keyboard.press("k");
    },
  },
  {
    name: "highlights-reel-over",
    scenario: "connected",
    hash: "#/highlights",
    query: { fault: "damaged" },
    act: async (page) => {
      await list(page);
      await page.getByTestId("highlights-play-all").click();
      await page.getByTestId("reel-done").waitFor();
    },
  },
  { name: "clips", scenario: "connected", hash: "#/highlights", act: askForClips },
  {
    name: "clips-missing",
    scenario: "connected",
    hash: "#/highlights",
    query: { fault: "no-ffmpeg" },
    act: async (page) => {
      await askForClips(page);
      await page.getByTestId("clip-missing").waitFor();
    },
  },
  {
    name: "clips-done",
    scenario: "connected",
    hash: "#/highlights",
    act: async (page) => {
      await askForClips(page);
      await page.getByTestId("clip-choose").click();
      await page.getByTestId("clip-result").waitFor();
    },
  },
];
