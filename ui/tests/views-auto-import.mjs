/** Auto-import, review and activity. */

const click = (id) => (page) => page.getByTestId(id).first().click();

/** The integration's dialog, and then what is in it. */
const inDialog = (then) => async (page) => {
  await click("zoom-manage")(page);
  await page.getByTestId("integration-dialog").waitFor();
  await then?.(page);
};

const profile = { scenario: "connected", hash: "#/profile" };

export const AUTO_IMPORT_VIEWS = [
  { name: "auto-off", ...profile, act: inDialog() },
  { name: "auto-on", ...profile, query: { auto: "on" }, act: inDialog() },
  { name: "auto-full", ...profile, query: { auto: "full" }, act: inDialog() },
  { name: "auto-basic", ...profile, query: { auto: "basic" }, act: inDialog() },
  {
    name: "auto-rules",
    ...profile,
    query: { auto: "review" },
    tall: true,
    act: inDialog(async (page) => {
      await click("auto-import-rules")(page);
      await click("dry-run-start")(page);
      await page.getByTestId("dry-run-row").first().waitFor();
    }),
  },
  {
    name: "auto-older",
    ...profile,
    query: { auto: "on" },
    act: inDialog(async (page) => {
      await click("auto-import-older")(page);
      await page.getByTestId("older-found").waitFor();
    }),
  },
  {
    name: "inbox",
    scenario: "connected",
    hash: "#/inbox",
    query: { auto: "review" },
    act: async (page) => {
      await page.getByTestId("inbox-item").first().waitFor();
      await page.getByTestId("inbox-choose").nth(1).click();
    },
  },
  { name: "inbox-empty", scenario: "connected", hash: "#/inbox" },
  { name: "activity", scenario: "connected", hash: "#/activity", query: { auto: "on" } },
  {
    name: "why-not",
    scenario: "connected",
    query: { auto: "review" },
    act: async (page) => {
      await click("import-button")(page);
      await click("import-zoom")(page);
      await click("why-not")(page);
      await page.getByTestId("why-not-answer").getByText(".").first().waitFor();
    },
  },
];
