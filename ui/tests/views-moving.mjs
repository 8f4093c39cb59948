/** Moving a teamspace to another place, and backing it up. */

const click = (id) => (page) => page.getByTestId(id).first().click();

/** The dialog for the first teamspace, with a folder in it. */
async function fill(page) {
  await click("move-open")(page);
  await page.getByTestId("move-folder").fill("/media/archive/Research");
}

const settings = { scenario: "connected", hash: "#/settings" };

export const MOVING_VIEWS = [
  { name: "move", ...settings, tall: true, act: fill },
  {
    name: "move-backup-bucket",
    ...settings,
    tall: true,
    act: async (page) => {
      await click("move-open")(page);
      await click("move-backup")(page);
      await page.getByTestId("move-kind").getByText("Bucket").click();
    },
  },
  {
    name: "move-stopped",
    ...settings,
    tall: true,
    act: async (page) => {
      await fill(page);
      await click("move-begin")(page);
      await click("move-stop")(page);
      await page.getByTestId("move-stopped").waitFor();
    },
  },
  {
    name: "move-damaged",
    ...settings,
    query: { fault: "damaged" },
    act: async (page) => {
      await fill(page);
      await click("move-begin")(page);
      await page.getByTestId("move-damaged").waitFor();
    },
  },
];
