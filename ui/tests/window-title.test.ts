/** The window's title: what the view shows, then the app. */
import { expect, test } from "vitest";
import { stories } from "./story";

const story = stories();

test("the window is named after what it shows, and follows it", () =>
  story({ scenario: "connected" }, async (page) => {
    const heading = page.getByRole("heading", { level: 1 });
    await page.getByTestId("recording-card").first().click();
    await page.getByTestId("title-edit").waitFor();
    const title = (await heading.textContent())?.trim();
    await expect.poll(() => page.title()).toBe(`${title} – NEXT Desktop`);
    await page.getByTestId("title-edit").click();
    await page.getByTestId("title-field").fill("Renamed");
    await page.keyboard.press("Enter");
    await expect.poll(() => page.title()).toBe("Renamed – NEXT Desktop");
    await page.getByTestId("nav-imports").click();
    await expect.poll(() => page.title()).toBe("Imports – NEXT Desktop");
    await page.getByTestId("nav-library").first().click();
    await expect.poll(() => page.title()).toBe("Research – NEXT Desktop");
  }));

test("before there is anything to show, it is named after the app", () =>
  story({ scenario: "first-start" }, async (page) => {
    await page.getByTestId("first-start-name").waitFor();
    expect(await page.title()).toBe("NEXT Desktop");
  }));
