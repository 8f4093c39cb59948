/** Every view, in light, dark, narrow and high contrast: no accessibility violation, no error, no sideways scrolling. */
import AxeBuilder from "@axe-core/playwright";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { VIEWS } from "./views.mjs";
import { launch, open, type View } from "./window.mjs";

const LOOKS: Record<string, View> = {
  light: {},
  dark: { theme: "dark" },
  narrow: { width: 600, height: 860 },
  "high contrast": { contrast: "more" },
  German: { lang: "de" },
};

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser?.close());

describe.each(Object.keys(LOOKS))("%s", (look) => {
  const narrow = look === "narrow";
  test.each(VIEWS.filter((view) => narrow || !view.narrowOnly).map((view) => view.name))(
    "%s is accessible and fits",
    async (name) => {
      const view = VIEWS.find((one) => one.name === name)!;
      const { page, context, problems } = await open(browser, inject("windowUrl"), {
        ...view,
        ...LOOKS[look],
      });
      try {
        await view.act?.(page, narrow);
        const { violations } = await new AxeBuilder({ page }).analyze();
        const told = violations.map(
          (one) =>
            `${one.id}: ${one.nodes.map((node) => `${node.target} ${node.failureSummary}`).join("; ")}`,
        );
        expect(told).toEqual([]);
        expect(problems).toEqual([]);
        const sideways = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        expect(sideways, "nothing is wider than the window").toBe(0);
      } finally {
        await context.close();
      }
    },
  );
});
