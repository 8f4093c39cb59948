/**
 * Every view: no accessibility violation, enough contrast in each theme (the dark one comes while the view is open), no
 * error, nothing wider than the window. Each test has a browser context of its own, so that several are looked at at
 * once.
 */
import AxeBuilder from "@axe-core/playwright";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { VIEWS, type NamedView } from "./views.mjs";
import { launch, open, settled, type View } from "./window.mjs";

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser?.close());

async function visit(view: NamedView, how: View, look: (page: Page) => Promise<void>): Promise<void> {
  const { page, context, problems } = await open(browser, inject("windowUrl"), { ...view, ...how });
  try {
    await view.act?.(page, how.width === 600);
    await settled(page);
    await look(page);
    expect(problems).toEqual([]);
  } finally {
    await context.close();
  }
}

async function violations(page: Page, rules?: string[]): Promise<string[]> {
  // Menus and tooltips float beside the landmarks, by design of the platform.
  const builder = new AxeBuilder({ page }).disableRules(["region"]);
  const found = await (rules ? new AxeBuilder({ page }).withRules(rules) : builder).analyze();
  return found.violations.map(
    (one) => `${one.id}: ${one.nodes.map((node) => `${node.target} ${node.failureSummary}`).join("; ")}`,
  );
}

const wide = VIEWS.filter((view) => !view.narrowOnly);
const byName = (views: NamedView[]) => views.map((view) => [view.name, view] as const);

test.concurrent.each(byName(wide))("%s is accessible, and has enough contrast in the dark", (_name, view) =>
  visit(view, { query: { ...view.query, theme: "system" } }, async (page) => {
    expect(await violations(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: "dark" });
    await page.waitForFunction(() => matchMedia("(prefers-color-scheme: dark)").matches);
    await settled(page);
    expect(await violations(page, ["color-contrast"])).toEqual([]);
  }),
);

test.concurrent.each(byName(VIEWS))("%s fits 600 px in German, the longer language", (_name, view) =>
  visit(view, { lang: "de", width: 600, height: 860 }, async (page) => {
    const sideways = await page.evaluate(() =>
      [document.documentElement, ...document.querySelectorAll("main, [role=dialog] *")]
        .filter((one) => one.scrollWidth > one.clientWidth && getComputedStyle(one).overflowX === "auto")
        .map((one) => one.outerHTML.slice(0, 120)),
    );
    expect(sideways).toEqual([]);
  }),
);

describe("high contrast", () => {
  const chosen = wide.filter(({ name }) =>
    ["first-start", "profile", "settings", "zoom-explain"].includes(name),
  );
  test.concurrent.each(byName(chosen))("%s", (_name, view) =>
    visit(view, { contrast: "more" }, async (page) => expect(await violations(page)).toEqual([])),
  );
});

test("the folded navigation is accessible", () => {
  const view = VIEWS.find(({ name }) => name === "navigation")!;
  return visit(view, { width: 600, height: 860 }, async (page) => expect(await violations(page)).toEqual([]));
});
