/** Every state of the window that is worth looking at: name, where, and what to do there first. */

import { AUTO_IMPORT_VIEWS } from "./views-auto-import.mjs";
import { CORRECTING_VIEWS } from "./views-correcting.mjs";
import { HIGHLIGHT_VIEWS } from "./views-highlights.mjs";
import { LIBRARY_VIEWS } from "./views-library.mjs";
import { MOVING_VIEWS } from "./views-moving.mjs";
import { RECORDING_VIEWS } from "./views-recording.mjs";
import { SEARCH_VIEWS } from "./views-search.mjs";

const click = (id) => (page) => page.getByTestId(id).first().click();
const dialog = (page) => page.getByRole("dialog").waitFor();

/** The dialog that adds a teamspace, with a bucket in it. */
async function fillBucket(page, bucket, secret) {
  await click("nav-add-teamspace")(page);
  await dialog(page);
  await page.getByTestId("add-teamspace-kind").getByText("Bucket").click();
  await page.getByTestId("add-teamspace-name").fill("Clinic study");
  await page.getByTestId("bucket-endpoint").fill("https://s3.fieldnotes.example");
  await page.getByTestId("bucket-region").fill("eu-central-1");
  await page.getByTestId("bucket-name").fill(bucket);
  await page.getByTestId("bucket-prefix").fill("next");
  await page.getByTestId("bucket-key-id").fill("AKIAFIELDNOTES");
  await page.getByTestId("bucket-secret").fill(secret);
}

export const VIEWS = [
  ...LIBRARY_VIEWS,
  ...AUTO_IMPORT_VIEWS,
  ...MOVING_VIEWS,
  ...RECORDING_VIEWS,
  ...SEARCH_VIEWS,
  ...CORRECTING_VIEWS,
  ...HIGHLIGHT_VIEWS,
  { name: "first-start", scenario: "first-start" },
  {
    name: "first-start-checked",
    scenario: "first-start",
    act: async (page) => {
      await page.getByTestId("first-start-email").fill("ada");
      await click("first-start-submit")(page);
    },
  },
  {
    name: "first-start-bucket",
    scenario: "first-start",
    tall: true,
    act: (page) => page.getByTestId("first-start-where-bucket").click(),
  },
  {
    name: "first-start-team",
    scenario: "first-start",
    tall: true,
    act: async (page) => {
      await page.getByTestId("first-start-where-team").click();
      await page.getByTestId("first-start-folder").fill("/media/drive/Team");
      await click("first-start-test")(page);
      await page.getByTestId("first-start-tested").waitFor();
    },
  },
  { name: "library", scenario: "connected" },
  {
    name: "settings-verified",
    scenario: "connected",
    hash: "#/settings",
    query: { fault: "damaged" },
    act: async (page) => {
      await click("verify-start")(page);
      await page.getByTestId("verify-result").first().waitFor();
    },
  },
  { name: "library-unread", scenario: "connected", query: { fault: "unread" } },
  {
    name: "recording-away",
    scenario: "connected",
    query: { fault: "unread-away" },
    act: async (page) => {
      await page.getByTestId("recording-card").nth(3).click();
      await page
        .getByRole("heading", { level: 1 })
        .filter({ hasText: /computer yet|diesem Rechner/ })
        .waitFor();
    },
  },
  { name: "library-empty", scenario: "empty" },
  { name: "library-many", scenario: "many" },
  { name: "imports", scenario: "connected", hash: "#/imports" },
  { name: "imports-errors", scenario: "errors", hash: "#/imports" },
  { name: "imports-paused", scenario: "paused", hash: "#/imports" },
  { name: "practice", scenario: "practice" },
  { name: "errors", scenario: "errors" },
  { name: "offline", scenario: "offline" },
  { name: "no-keyring", scenario: "no-keyring" },
  { name: "needs-reauth", scenario: "needs-reauth", hash: "#/profile" },
  { name: "claim-moved", scenario: "needs-reauth", query: { fault: "claim-moved" } },
  {
    name: "needs-reauth-dialog",
    scenario: "needs-reauth",
    hash: "#/profile",
    act: async (page) => {
      await click("zoom-reconnect")(page);
      await dialog(page);
    },
  },
  { name: "profile", scenario: "connected", hash: "#/profile" },
  {
    name: "profile-delete-after-import",
    scenario: "connected",
    hash: "#/profile",
    act: async (page) => {
      await click("delete-after-ask")(page);
      await dialog(page);
    },
  },
  {
    name: "profile-delete-after-import-on",
    scenario: "connected",
    hash: "#/profile",
    query: { fault: "scope" },
    act: async (page) => {
      await click("delete-after-ask")(page);
      await click("delete-after-on")(page);
      await page.getByTestId("delete-after-error").waitFor();
    },
  },
  { name: "profile-basic", scenario: "errors", hash: "#/profile" },
  { name: "profile-disconnected", scenario: "disconnected", hash: "#/profile" },
  {
    name: "profile-failed",
    scenario: "disconnected",
    hash: "#/profile",
    query: { error: "authorization_declined" },
  },
  {
    name: "profile-menu",
    scenario: "connected",
    act: async (page, narrow) => {
      if (narrow) await click("nav-hamburger")(page);
      await click("profile-menu")(page);
      await page.getByTestId("menu-edit-profile").waitFor();
    },
  },
  {
    name: "navigation",
    scenario: "errors",
    narrowOnly: true,
    act: async (page) => {
      await click("nav-hamburger")(page);
      await page.getByTestId("profile-menu").waitFor();
    },
  },
  {
    name: "zoom-explain",
    scenario: "disconnected",
    hash: "#/profile",
    act: async (page) => {
      await click("zoom-connect")(page);
      await dialog(page);
    },
  },
  {
    name: "zoom-failed",
    scenario: "disconnected",
    hash: "#/profile",
    query: { error: "scopes_missing" },
    act: async (page) => {
      await click("zoom-connect")(page);
      await dialog(page);
    },
  },
  { name: "zoom-waiting", scenario: "waiting", hash: "#/profile", act: dialog },
  { name: "zoom-exchanging", scenario: "exchanging", hash: "#/profile", act: dialog },
  { name: "zoom-confirm", scenario: "confirm", hash: "#/profile", act: dialog },
  { name: "zoom-claim", scenario: "claim-conflict", hash: "#/profile", act: dialog },
  {
    name: "zoom-connected",
    scenario: "confirm",
    hash: "#/profile",
    act: async (page) => {
      await click("confirm-account-yes")(page);
      await page.getByTestId("zoom-done").waitFor();
    },
  },
  {
    name: "zoom-disconnect",
    scenario: "connected",
    hash: "#/profile",
    act: async (page) => {
      await click("zoom-disconnect")(page);
      await dialog(page);
    },
  },
  {
    name: "zoom-client",
    scenario: "no-client",
    hash: "#/profile",
    act: async (page) => {
      await click("zoom-connect")(page);
      await page.getByTestId("zoom-client-id").waitFor();
    },
  },
  {
    name: "settings",
    scenario: "connected",
    hash: "#/settings",
    act: async (page) => {
      await click("doctor-run")(page);
      await page.getByText("keyring", { exact: false }).first().waitFor();
    },
    tall: true,
  },
  {
    name: "settings-background",
    scenario: "connected",
    hash: "#/settings",
    act: async (page) => {
      await page.getByTestId("settings-quiet").click();
      await page.getByTestId("settings-quiet-from").waitFor();
      await page.getByTestId("background").scrollIntoViewIfNeeded();
    },
    tall: true,
  },
  {
    name: "settings-bare-desktop",
    scenario: "connected",
    hash: "#/settings",
    query: { fault: "bare-desktop" },
    act: async (page) => {
      await page.getByTestId("settings-no-tray").waitFor();
    },
    tall: true,
  },
  {
    name: "settings-network",
    scenario: "connected",
    hash: "#/settings",
    act: async (page) => {
      await page
        .getByTestId("proxy-mode")
        .getByText(/Custom|Eigener/)
        .click();
      await page.getByTestId("proxy-address").fill("http://proxy.example:3128");
      await click("network-test")(page);
      await page.getByTestId("network-problem").scrollIntoViewIfNeeded();
    },
  },
  { name: "certificate", scenario: "connected", query: { fault: "certificate" } },
  {
    name: "secrets",
    scenario: "no-keyring",
    act: async (page) => {
      await click("choose-secrets")(page);
      await click("secrets-file")(page);
    },
  },
  { name: "help", scenario: "connected", hash: "#/help" },
  {
    name: "keyboard",
    scenario: "connected",
    act: async (page) => {
      await page.keyboard.press("?");
      await dialog(page);
    },
  },
  {
    name: "add-teamspace",
    scenario: "connected",
    act: async (page, narrow) => {
      if (narrow) await click("nav-hamburger")(page);
      await click("nav-add-teamspace")(page);
      await dialog(page);
      await page.getByTestId("add-teamspace-name").fill("Clinic study");
      await page.getByTestId("add-teamspace-folder").fill("/proc/study");
      await click("add-teamspace-submit")(page);
      await page.getByTestId("add-teamspace-error").waitFor();
    },
  },
  {
    name: "add-bucket",
    scenario: "connected",
    act: async (page, narrow) => {
      if (narrow) await click("nav-hamburger")(page);
      await fillBucket(page, "archive", "right");
      await click("add-teamspace-test")(page);
      await page.getByTestId("add-teamspace-tested").waitFor();
    },
  },
  {
    name: "add-bucket-refused",
    scenario: "connected",
    act: async (page, narrow) => {
      if (narrow) await click("nav-hamburger")(page);
      await fillBucket(page, "team-recordings", "wrong");
      await click("add-teamspace-test")(page);
      await page.getByTestId("add-teamspace-error").waitFor();
    },
  },
];
