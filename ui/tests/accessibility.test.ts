/**
 * Every view, in German, the longer language: no accessibility violation, enough contrast in each theme, no error, and
 * nothing wider than a window of 600, 1024 or 1600 px. One page shows all of it, as a person changes the theme and the
 * window's size while it is open: opening a page costs more than looking at it.
 */
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { stories } from "./story";
import { VIEWS, type NamedView } from "./views.mjs";
import { NARROW, SIZES, settled, type View } from "./window.mjs";

const story = stories();

const visit = (view: NamedView, how: View, look: (page: Page) => Promise<void>): Promise<void> =>
  story({ ...view, ...how }, async (page) => {
    await view.act?.(page, how.width === 600);
    await settled(page);
    await look(page);
  });

/** What a person can reach now: an open dialog alone, for what lies beneath it is a view of its own. */
async function violations(page: Page, rules?: string[]): Promise<string[]> {
  // Menus and tooltips float beside the landmarks, by design of the platform. There are no frames here, so axe need not
  // gather its findings in a second page.
  const builder = new AxeBuilder({ page }).setLegacyMode(true);
  if (await page.getByRole("dialog").count()) builder.include("[role=dialog]");
  const found = await (rules ? builder.withRules(rules) : builder.disableRules(["region"])).analyze();
  return found.violations.map(
    (one) => `${one.id}: ${one.nodes.map((node) => `${node.target} ${node.failureSummary}`).join("; ")}`,
  );
}

/** What scrolls sideways. */
function tooWide(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [document.documentElement, ...document.querySelectorAll("main, [role=dialog] *")]
      .filter((one) => one.scrollWidth > one.clientWidth && getComputedStyle(one).overflowX === "auto")
      .map((one) => one.outerHTML.slice(0, 120)),
  );
}

const wide = VIEWS.filter((view) => !view.narrowOnly);
/** Views that one reaches another way in a narrow window. */
const reachedOtherwise = VIEWS.filter((view) => view.narrowOnly || (view.act && view.act.length > 1));
const byName = (views: NamedView[]) => views.map((view) => [view.name, view] as const);

test.concurrent.each(byName(wide))(
  "%s is accessible, has enough contrast in the dark, and fits windows of any size",
  (_name, view) =>
    visit(view, { lang: "de", query: { ...view.query, theme: "system" } }, async (page) => {
      expect(await violations(page)).toEqual([]);
      await page.emulateMedia({ colorScheme: "dark" });
      await page.waitForFunction(() => matchMedia("(prefers-color-scheme: dark)").matches);
      await settled(page);
      expect(await violations(page, ["color-contrast"])).toEqual([]);
      for (const size of SIZES) {
        await page.setViewportSize(size);
        await settled(page);
        expect(await tooWide(page), `at ${size.width} px`).toEqual([]);
      }
    }),
);

test.concurrent.each(byName(reachedOtherwise))("%s, reached in a narrow window, fits it", (_name, view) =>
  visit(view, { lang: "de", ...NARROW }, async (page) => expect(await tooWide(page)).toEqual([])),
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
  return visit(view, NARROW, async (page) => expect(await violations(page)).toEqual([]));
});
