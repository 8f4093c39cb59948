/** The states of library, import, imports and recording that are worth looking at. */

const byTestId = (id) => (page) => page.getByTestId(id).first();

async function openImport(page) {
  await byTestId("import-button")(page).click();
  await byTestId("import-zoom")(page).click();
  await page.getByTestId("import-dialog").waitFor();
  await page.waitForTimeout(300);
}

const openRecording = (title) => async (page) => {
  await page.getByTestId("library-search").fill(title);
  await page.getByTestId("recording-card").filter({ hasText: title }).first().click();
  await page.getByTestId("player-video").waitFor();
  await page.waitForTimeout(400);
};

const importState = (name, scenario, query = {}) => ({
  name: `import-${name}`,
  scenario,
  query,
  act: openImport,
});

export const LIBRARY_VIEWS = [
  {
    name: "library-list",
    scenario: "connected",
    act: async (page) => {
      await page.getByTestId("library-search").waitFor();
      await page.locator(".views button").nth(1).click();
    },
  },
  {
    name: "library-menu",
    scenario: "connected",
    act: async (page) => {
      await byTestId("recording-card")(page).click({ button: "right" });
      await page.getByTestId("show-in-folder").waitFor();
    },
  },
  {
    name: "library-nothing-found",
    scenario: "connected",
    act: (page) => page.getByTestId("library-search").fill("nowhere to be found"),
  },
  {
    name: "library-members",
    scenario: "connected",
    act: async (page) => {
      await byTestId("members")(page).click();
      await page.getByTestId("members-list").waitFor();
    },
  },
  {
    name: "library-edit",
    scenario: "connected",
    act: async (page) => {
      await byTestId("recording-card")(page).click({ button: "right" });
      await byTestId("edit-recording")(page).click();
      await page.getByTestId("edit-dialog").waitFor();
    },
  },
  {
    name: "library-selected",
    scenario: "connected",
    act: async (page) => {
      await page.getByTestId("recording-card").first().waitFor();
      await page.getByTestId("library-group").click();
      await page.getByRole("option").nth(1).click();
      await page.keyboard.press("Control+a");
      await page.getByTestId("selection-bar").waitFor();
      await byTestId("recording-card")(page).click();
    },
  },
  {
    name: "library-bulk-tags",
    scenario: "connected",
    act: async (page) => {
      await page.getByTestId("recording-card").first().waitFor();
      await page.keyboard.press("Control+a");
      await byTestId("bulk-tags")(page).click();
      await page.getByTestId("bulk-tags-dialog").waitFor();
    },
  },
  { name: "library-bucket", scenario: "connected", query: { fault: "bucket" } },
  { name: "library-offline", scenario: "connected", query: { fault: "bucket-away" } },
  {
    name: "library-offline-list",
    scenario: "connected",
    query: { fault: "bucket-away" },
    act: async (page) => {
      await page.getByTestId("library-search").waitFor();
      await page.locator(".views button").nth(1).click();
    },
  },
  {
    name: "settings-shelf",
    scenario: "connected",
    query: { fault: "bucket" },
    hash: "#/settings",
    act: async (page) => {
      await page.getByTestId("pin").first().waitFor();
      await page.getByTestId("free-up").scrollIntoViewIfNeeded();
    },
  },
  { name: "trash", scenario: "connected", hash: "#/trash/0199a7c2-5e10-7c33-9a1e-3f0a6f6f2a01" },
  {
    name: "trash-delete",
    scenario: "connected",
    hash: "#/trash/0199a7c2-5e10-7c33-9a1e-3f0a6f6f2a01",
    act: async (page) => {
      await byTestId("trash-delete")(page).click();
      await page.getByTestId("trash-delete-confirm").waitFor();
    },
  },
  { name: "trash-empty", scenario: "empty", hash: "#/trash/0199a7c2-5e10-7c33-9a1e-3f0a6f6f2a01" },
  { name: "library-refused", scenario: "connected", query: { fault: "refused" } },
  { name: "library-read-only", scenario: "connected", query: { fault: "read-only" } },
  { name: "library-failed", scenario: "connected", query: { fault: "recordings" } },
  {
    name: "import-menu",
    scenario: "connected",
    act: async (page) => {
      await byTestId("import-button")(page).click();
      await page.getByTestId("import-files").waitFor();
    },
  },
  {
    name: "import-chosen",
    scenario: "connected",
    act: async (page) => {
      await openImport(page);
      const free = page.locator("[data-testid=import-row][data-state=choosable]");
      await free.nth(0).click();
      await free.nth(3).click({ modifiers: ["Shift"] });
    },
  },
  {
    name: "import-running",
    scenario: "connected",
    act: async (page) => {
      await openImport(page);
      const free = page.locator("[data-testid=import-row][data-state=choosable]");
      await free.nth(0).click();
      await free.nth(1).click();
      await page.getByTestId("import-submit").click();
      await page.waitForTimeout(900);
    },
  },
  importState("not-connected", "disconnected"),
  importState("needs-reauth", "needs-reauth"),
  importState("basic-plan", "errors"),
  importState("offline", "offline"),
  importState("empty", "empty"),
  importState("month-failed", "connected", { fault: "month" }),
  importState("loading", "connected", { latency: "900" }),
  {
    name: "import-files",
    scenario: "connected",
    act: async (page) => {
      await byTestId("import-button")(page).click();
      await byTestId("import-files")(page).click();
      await page.getByTestId("choose-media").click();
      await page.waitForTimeout(200);
    },
  },
  { name: "imports-empty", scenario: "empty", hash: "#/imports" },
  { name: "recording", scenario: "connected", act: openRecording("Interview 14") },
  { name: "recording-parts", scenario: "connected", act: openRecording("Interview 13") },
  { name: "recording-audio", scenario: "connected", act: openRecording("Lucía"), tall: true },
  {
    name: "recording-search",
    scenario: "connected",
    act: async (page) => {
      await openRecording("Interview 14")(page);
      const field = page.locator(".transcript input");
      await field.fill("clinic");
      await field.press("Enter");
    },
  },
  {
    name: "recording-edit-title",
    scenario: "connected",
    act: async (page) => {
      await openRecording("Interview 14")(page);
      await byTestId("title-edit")(page).click();
      await byTestId("title-field")(page).fill("Interview 14 – Priya Raman, part one");
    },
    tall: true,
  },
  {
    name: "recording-no-transcript",
    scenario: "connected",
    query: { fault: "no-transcript" },
    act: openRecording("Interview 14"),
  },
  {
    name: "recording-late-transcript",
    scenario: "connected",
    query: { fault: "late" },
    act: openRecording("Interview 14"),
  },
  {
    name: "recording-damaged-transcript",
    scenario: "connected",
    query: { fault: "transcript" },
    act: openRecording("Interview 14"),
  },
  {
    name: "recording-damaged",
    scenario: "connected",
    query: { fault: "damaged" },
    act: async (page) => {
      await page.getByTestId("library-search").fill("Interview 14");
      await page.getByTestId("recording-card").filter({ hasText: "Interview 14" }).first().click();
      await page.getByTestId("recording-damaged").waitFor();
    },
  },
  { name: "recording-gone", scenario: "connected", hash: "#/recording/nowhere/nothing" },
];
