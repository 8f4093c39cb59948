/** What people do in the window, step by step, in a real browser. */
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { stories } from "./story";

const story = stories();

const fillFirstStart = async (page: Page, email = "ada.kessler@fieldnotes.example") => {
  await page.getByTestId("first-start-name").fill("Ada Kessler");
  await page.getByTestId("first-start-email").fill(email);
};

describe("first start", () => {
  test("flows into connecting Zoom, and ends in the library", () =>
    story({ scenario: "first-start" }, async (page) => {
      expect(await page.getByTestId("first-start-folder").inputValue()).toBe("/home/ada/Recordings");
      await fillFirstStart(page);
      await page.getByTestId("first-start-submit").click();
      await page.getByTestId("zoom-continue").click();
      await page.getByTestId("zoom-cancel").waitFor();
      await page.getByTestId("zoom-go-to-library").click();
      expect(await page.getByTestId("nav-library").getAttribute("aria-current")).toBe("page");
    }));

  test("may skip Zoom", () =>
    story({ scenario: "first-start" }, async (page) => {
      await fillFirstStart(page);
      await page.getByTestId("first-start-skip").click();
      await page.getByTestId("nav-library").waitFor();
      expect(await page.getByRole("dialog").count()).toBe(0);
    }));

  test("says what is missing and moves there", () =>
    story({ scenario: "first-start" }, async (page) => {
      await page.getByTestId("first-start-email").fill("ada");
      await page.getByTestId("first-start-submit").click();
      expect(await page.getByRole("alert").allInnerTexts()).toEqual([
        "Enter your name.",
        "Enter an e-mail address such as ada@example.org.",
      ]);
      await page.waitForFunction(
        () => document.activeElement?.getAttribute("data-testid") === "first-start-name",
      );
    }));

  test("shows the name and the members of a team’s teamspace before it is joined", () =>
    story({ scenario: "first-start" }, async (page) => {
      await fillFirstStart(page);
      await page.getByTestId("first-start-where-team").click();
      await page.getByTestId("first-start-folder").fill("/media/drive/Nothing");
      await page.getByTestId("first-start-skip").click();
      expect(await page.getByTestId("first-start-tested").innerText()).toContain("No teamspace stands there");
      await page.getByTestId("first-start-folder").fill("/media/drive/Team");
      await page.getByTestId("first-start-skip").click();
      const there = await page.getByTestId("first-start-tested").innerText();
      expect(there).toContain("“Field research” stands here");
      expect(there).toContain("Jonas Weber");
      await page.getByTestId("first-start-skip").click();
      await page.getByRole("heading", { level: 1, name: "Field research" }).waitFor();
    }));

  test("begins in a bucket, once it is tested", () =>
    story({ scenario: "first-start" }, async (page) => {
      await fillFirstStart(page);
      await page.getByTestId("first-start-where-bucket").click();
      await page.getByTestId("bucket-name").fill("team-recordings");
      await page.getByTestId("bucket-key-id").fill("AKIATEAM");
      await page.getByTestId("bucket-secret").fill("wrong");
      await page.getByTestId("first-start-test").click();
      await page.getByTestId("first-start-error").waitFor();
      await page.getByTestId("bucket-secret").fill("right");
      await page.getByTestId("first-start-test").click();
      await page.getByTestId("first-start-tested").waitFor();
      await page.getByTestId("first-start-skip").click();
      await page.getByTestId("nav-library").waitFor();
    }));

  test("keeps what was typed when the folder is refused", () =>
    story({ scenario: "first-start" }, async (page) => {
      await fillFirstStart(page);
      await page.getByTestId("first-start-folder").fill("/root/recordings");
      await page.getByTestId("first-start-skip").click();
      expect(await page.getByTestId("first-start-error").innerText()).toContain(
        "/root/recordings cannot be written",
      );
      expect(await page.getByTestId("first-start-name").inputValue()).toBe("Ada Kessler");
    }));
});

describe("connecting Zoom", () => {
  const connect = async (page: Page) => {
    await page.getByTestId("zoom-connect").click();
    await page.getByTestId("zoom-continue").click();
  };

  test("asks to confirm an account whose e-mail differs", () =>
    story({ scenario: "first-start" }, async (page) => {
      await fillFirstStart(page, "ada@elsewhere.example");
      await page.getByTestId("first-start-submit").click();
      await page.getByTestId("zoom-continue").click();
      expect(await page.getByTestId("confirm-account-email").innerText()).toBe(
        "ada.kessler@fieldnotes.example",
      );
      await page.keyboard.press("Escape");
      await page.getByTestId("confirm-account-yes").click();
      expect(await page.getByTestId("zoom-connected-email").innerText()).toBe(
        "ada.kessler@fieldnotes.example",
      );
    }));

  test("can be cancelled while the browser is open", () =>
    story({ scenario: "disconnected", hash: "#/profile", query: { signin: "hold" } }, async (page) => {
      await connect(page);
      await page.getByTestId("zoom-open-again").waitFor();
      await page.getByTestId("zoom-cancel").click();
      await page.getByTestId("zoom-continue").waitFor();
      await page.getByTestId("zoom-close").click();
      expect(await page.getByTestId("zoom-state").getAttribute("data-state")).toBe("disconnected");
    }));

  test("tells whose a claimed account is, and moves it here", () =>
    story({ scenario: "claim-conflict", hash: "#/profile" }, async (page) => {
      const holder = await page.getByTestId("claim-holder").innerText();
      expect(holder).toContain("Jonas Weber");
      expect(holder).toContain("jonas-thinkpad");
      await page.getByTestId("claim-move").click();
      await page.getByTestId("zoom-done").click();
      expect(await page.getByTestId("zoom-state").getAttribute("data-state")).toBe("connected");
    }));

  test.each([
    ["authorization_declined", "Access was declined at Zoom."],
    ["authorization_expired", "The sign-in took too long."],
    ["authorization_state_mismatch", "The answer from the browser does not belong to this sign-in."],
    ["authorization_not_started_here", "This sign-in was started at Zoom’s Marketplace."],
    ["authorization_code_refused", "Zoom did not accept the sign-in code."],
    ["offline", "Zoom cannot be reached."],
  ])("that ends with %s says so and can be tried again", (error, sentence) =>
    story({ scenario: "disconnected", hash: "#/profile", query: { error } }, async (page) => {
      await connect(page);
      await page.getByTestId("zoom-cancel").waitFor();
      const failure = page.getByTestId("zoom-failure");
      await failure.waitFor();
      expect(await failure.innerText()).toContain(sentence);
      expect(await page.getByTestId("zoom-continue").innerText()).toBe("Try again");
    }),
  );

  test("without a client id begins with the guided screen, which checks what is entered", () =>
    story({ scenario: "no-client", hash: "#/profile" }, async (page) => {
      await page.getByTestId("zoom-connect").click();
      await page.getByTestId("zoom-client-id").fill("no");
      await page.getByTestId("zoom-client-relay").fill("http://insecure.example");
      await page.getByTestId("zoom-client-save").click();
      expect(await page.getByRole("dialog").getByRole("alert").count()).toBe(2);
      await page.getByTestId("zoom-client-id").fill("kX3nQ0y7RcSmT2vB9aLw");
      await page.getByTestId("zoom-client-relay").fill("");
      await page.getByTestId("zoom-client-save").click();
      await page.getByTestId("zoom-client-dialog").waitFor({ state: "hidden" });
      await page.getByTestId("zoom-connect").click();
      await page.getByTestId("zoom-continue").waitFor();
    }));

  test("is undone by Disconnect, which says what stops and what stays", () =>
    story({ scenario: "connected", hash: "#/profile" }, async (page) => {
      await page.getByTestId("zoom-disconnect").click();
      const dialog = page.getByTestId("disconnect-dialog");
      expect(await dialog.innerText()).toContain("Imported recordings stay");
      await page.getByTestId("zoom-disconnect-confirm").click();
      await page.getByTestId("zoom-connect").waitFor();
      expect(await page.getByTestId("zoom-connected-email").count()).toBe(0);
    }));
});

describe("the window", () => {
  test("folds its navigation behind a hamburger below 720 px", () =>
    story({ width: 719, height: 800 }, async (page) => {
      expect(await page.getByTestId("profile-menu").count()).toBe(0);
      await page.getByTestId("nav-hamburger").click();
      await page.getByTestId("profile-menu").click();
      await page.getByTestId("menu-edit-profile").click();
      await page.getByTestId("profile-name").waitFor();
      expect(await page.getByTestId("profile-menu").count()).toBe(0);
    }));

  test("saves an edited profile and shows it at once", () =>
    story({}, async (page) => {
      await page.getByTestId("profile-menu").click();
      await page.getByTestId("menu-edit-profile").click();
      await page.getByTestId("profile-name").fill("Ada K. Lovelace");
      await page.getByTestId("profile-save").click();
      await page.getByText("Profile saved").waitFor();
      expect(await page.getByTestId("profile-menu").innerText()).toContain("Ada K. Lovelace");
    }));

  test("takes a photo from a file, refuses what is none, and goes back to initials", () =>
    story({ hash: "#/profile" }, async (page) => {
      const input = page.getByTestId("photo-input");
      await input.setInputFiles({
        name: "a.png",
        mimeType: "image/png",
        buffer: Buffer.from("not a picture"),
      });
      await page.getByText("This file is not a picture").waitFor();
      const pixel =
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";
      await input.setInputFiles({
        name: "a.png",
        mimeType: "image/png",
        buffer: Buffer.from(pixel, "base64"),
      });
      await page.getByTestId("profile-save").click();
      await page.getByTestId("profile-menu").locator("img").waitFor();
      await page.getByTestId("photo-remove").click();
      await page.getByTestId("profile-save").click();
      await page.getByTestId("profile-menu").locator("img").waitFor({ state: "detached" });
    }));

  test("tries a proxy, is told what it wants, and then goes through it", () =>
    story({ hash: "#/settings" }, async (page) => {
      await page.getByTestId("proxy-mode").getByText("Custom").click();
      await page.getByTestId("network-test").click();
      await page.getByText("Enter the proxy’s address").waitFor();
      await page.getByTestId("proxy-address").fill("http://proxy.example:3128");
      await page.getByTestId("network-test").click();
      await page.getByTestId("network-problem").getByText("asks for a user name").waitFor();
      await page.getByTestId("proxy-username").fill("ada");
      await page.getByTestId("proxy-password").fill("open sesame");
      await page.getByTestId("network-test").click();
      await page.getByTestId("network-reached").getByText("through http://proxy.example:3128").waitFor();
      await page.getByTestId("proxy-save").click();
      await page.getByText("One is stored").waitFor();
      expect(await page.getByTestId("proxy-password").inputValue()).toBe("");
    }));

  test("changes language and theme at once", () =>
    story({ hash: "#/settings" }, async (page) => {
      await page.getByTestId("settings-language").click();
      await page.getByRole("option", { name: "Deutsch" }).click();
      await page.getByRole("heading", { name: "Einstellungen" }).waitFor();
      expect(await page.locator("html").getAttribute("lang")).toBe("de");
      await page.getByTestId("settings-theme").getByText("Dunkel").click();
      expect(await page.locator("html").getAttribute("data-theme")).toBe("dark");
    }));

  test("answers ? with its keys, but not while somebody types", () =>
    story({ hash: "#/profile" }, async (page) => {
      await page.getByTestId("profile-name").press("?");
      expect(await page.getByTestId("keyboard-help").count()).toBe(0);
      await page.getByTestId("profile-menu").focus();
      await page.keyboard.press("?");
      await page.getByTestId("keyboard-help").waitFor();
      await page.keyboard.press("Escape");
      await page.getByTestId("keyboard-help").waitFor({ state: "hidden" });
    }));

  test("verifies a teamspace, and names what is not whole", () =>
    story({ scenario: "connected", hash: "#/settings", query: { fault: "damaged" } }, async (page) => {
      await page.getByTestId("verify-start").first().click();
      await page.getByTestId("verify").first().getByRole("progressbar").waitFor();
      const result = await page.getByTestId("verify-result").innerText();
      expect(result).toContain("1 file is not whole.");
      expect(await page.getByTestId("verify").first().innerText()).toContain("other content");
    }));

  test("says what deleting in Zoom does before it is switched on, and what is missing for it", () =>
    story({ scenario: "connected", hash: "#/profile", query: { fault: "scope" } }, async (page) => {
      await page.getByTestId("delete-after-ask").click();
      const dialog = page.getByTestId("delete-after-dialog");
      expect(await dialog.innerText()).toContain("NEXT never deletes it for good.");
      await page.getByTestId("delete-after-days").fill("0");
      expect(await page.getByTestId("delete-after-on").isDisabled()).toBe(true);
      await page.getByTestId("delete-after-days").fill("14");
      await page.getByTestId("delete-after-on").click();
      await page.getByTestId("delete-after-error").waitFor();
      expect(await page.getByTestId("delete-after-state").innerText()).toContain("14 days");
      await page.getByTestId("delete-after-off").click();
      await page.getByTestId("delete-after-ask").waitFor();
    }));

  test("shows who verified a recording, and verifies it now", () =>
    story({ scenario: "connected" }, async (page) => {
      await page.getByTestId("recording-card").first().click();
      const verified = page.getByTestId("recording-verified");
      await verified.getByText("at its import").waitFor();
      await page.getByTestId("recording-verify").click();
      await verified.getByText("on request").waitFor();
    }));

  test("adds a teamspace, and tells what is to know about a synced folder first", () =>
    story({}, async (page) => {
      await page.getByTestId("nav-add-teamspace").click();
      await page.getByTestId("add-teamspace-name").fill("Shared");
      await page.getByTestId("add-teamspace-folder").fill("/home/ada/Dropbox/Shared");
      await page.getByTestId("add-teamspace-submit").click();
      await page.getByText("kept in step by Dropbox").waitFor();
      await page.getByRole("button", { name: "Go to the library" }).click();
      await page.getByRole("link", { name: "Shared: Recordings Library" }).waitFor();
    }));

  test("offers another place for secrets where no keyring is", () =>
    story({ scenario: "no-keyring" }, async (page) => {
      await page.getByTestId("choose-secrets").click();
      await page.getByTestId("secrets-file").check();
      await page.getByTestId("secrets-passphrase").fill("correct horse");
      await page.getByTestId("secrets-passphrase-again").fill("correct hose");
      await page.getByTestId("secrets-use").click();
      await page.getByText("The two do not match.").waitFor();
      await page.getByTestId("secrets-passphrase-again").fill("correct horse");
      await page.getByTestId("secrets-use").click();
      await page.getByTestId("keyring-banner").waitFor({ state: "detached" });
    }));

  test("says practice mode for as long as it lasts", () =>
    story({ scenario: "practice", hash: "#/help" }, async (page) => {
      expect((await page.getByTestId("practice-banner").innerText()).trim()).toBe(
        "Practice mode: sample recordings from a simulated Zoom",
      );
    }));
});

describe("a teamspace in a bucket", () => {
  const fill = async (page: Page, bucket: string, secret: string) => {
    await page.getByTestId("nav-add-teamspace").first().click();
    await page.getByTestId("add-teamspace-kind").getByText("Bucket").click();
    await page.getByTestId("bucket-endpoint").fill("https://s3.fieldnotes.example");
    await page.getByTestId("bucket-name").fill(bucket);
    await page.getByTestId("bucket-key-id").fill("AKIAFIELDNOTES");
    await page.getByTestId("bucket-secret").fill(secret);
  };

  test("that stands there already says its name and is joined", () =>
    story({ scenario: "connected" }, async (page) => {
      await fill(page, "archive", "right");
      await page.getByTestId("add-teamspace-test").click();
      expect(await page.getByTestId("add-teamspace-tested").innerText()).toContain(
        "“Research archive” stands here",
      );
      expect(await page.getByTestId("add-teamspace-name").count()).toBe(0);
      await page.getByTestId("add-teamspace-submit").click();
      await page.getByRole("heading", { name: "Research archive" }).waitFor();
    }));

  test("says what is wrong with its key, and is added once that is right", () =>
    story({ scenario: "connected" }, async (page) => {
      await fill(page, "team-recordings", "wrong");
      await page.getByTestId("add-teamspace-name").fill("Clinic study");
      await page.getByTestId("add-teamspace-submit").click();
      await page.getByText("The secret key is not the one of this access key.").waitFor();
      await page.getByTestId("bucket-secret").fill("right");
      await page.getByTestId("add-teamspace-submit").click();
      await page.getByRole("heading", { name: "Clinic study" }).waitFor();
    }));

  test("is not reached in the open, nor without a key", () =>
    story({ scenario: "connected" }, async (page) => {
      await fill(page, "team-recordings", "");
      await page.getByTestId("bucket-endpoint").fill("http://s3.fieldnotes.example");
      await page.getByTestId("add-teamspace-test").click();
      expect(await page.getByRole("alert").allInnerTexts()).toEqual([
        "Use an https address: keys and recordings must not travel in the open.",
        "Enter the secret key.",
      ]);
    }));
});
