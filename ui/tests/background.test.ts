/** Settings, "Background and notifications": what a person can switch, and what a bare desktop is told. */
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { stories } from "./story";

const story = stories();

const checked = (page: Page, name: string) => page.getByTestId(name).getAttribute("aria-checked");

describe("background and notifications", () => {
  test("can each be switched, and quiet hours have two times", () =>
    story({ scenario: "connected", hash: "#/settings" }, async (page) => {
      expect(await checked(page, "settings-keep-in-tray")).toBe("true");
      await page.getByTestId("settings-start-at-login").and(page.locator(":enabled")).waitFor();
      expect(await checked(page, "settings-start-at-login")).toBe("false");
      for (const name of ["settings-start-at-login", "settings-notify-imported", "settings-quiet"]) {
        await page.getByTestId(name).click();
      }
      await page.getByTestId("settings-quiet-from").fill("21:30");
      await page.getByTestId("nav-imports").click();
      await page.getByTestId("profile-menu").click();
      await page.getByTestId("menu-settings").click();
      await page.locator("[data-testid=settings-start-at-login][aria-checked=true]").waitFor();
      expect(await checked(page, "settings-notify-imported")).toBe("false");
      expect(await checked(page, "settings-notify-trouble")).toBe("true");
      expect(await page.getByTestId("settings-quiet-from").inputValue()).toBe("21:30");
      expect(await page.getByTestId("settings-quiet-to").inputValue()).toBe("07:00");
    }));

  test("say what a desktop without tray and notifications means", () =>
    story({ scenario: "connected", hash: "#/settings", query: { fault: "bare-desktop" } }, async (page) => {
      await page.getByTestId("settings-no-tray").getByText("closing the window quits NEXT").waitFor();
      await page.getByTestId("settings-no-notifications").waitFor();
      expect(await page.getByTestId("settings-keep-in-tray").isDisabled()).toBe(true);
      expect(await checked(page, "settings-keep-in-tray")).toBe("false");
    }));
});
