/** `?` in a real browser: the keys of every place, and the way out. */
import AxeBuilder from "@axe-core/playwright";
import { expect, test } from "vitest";
import { stories } from "./story";

const story = stories();

test.each([{}, { theme: "dark" as const, width: 600 }])("? shows the keys of every place: %o", (view) =>
  story({ ready: "[data-testid=recording-card]", ...view }, async (page) => {
    await page.keyboard.press("?");
    const help = page.getByTestId("keyboard-help");
    await help.waitFor();
    expect(await help.getByRole("heading", { level: 3 }).allTextContents()).toEqual([
      "Everywhere",
      "In the library",
      "Search",
      "While playing",
      "Playing highlights",
      "Review",
    ]);
    const words = await help.getByRole("term").allTextContents();
    for (const deed of ["Select all", "Move what is selected to the trash", "Captions", "Discard"]) {
      expect(words).toContain(deed);
    }
    const { violations } = await new AxeBuilder({ page }).include("[role=dialog]").analyze();
    expect(violations.map(({ id }) => id)).toEqual([]);
    await page.keyboard.press("Escape");
    await help.waitFor({ state: "hidden" });
  }),
);
