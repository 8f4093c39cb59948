/** What the stories of one file share: a browser, and a window of its own for each, in which nothing may go wrong. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, inject } from "vitest";
import { launch, open, type View } from "./window.mjs";

export type Story = (view: View, tell: (page: Page) => Promise<void>) => Promise<void>;

/** Keeps a browser open while the file's stories are told. */
export function stories(): Story {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());

  return async (view, tell) => {
    const { page, context, problems, close } = await open(browser, inject("windowUrl"), view);
    page.setDefaultTimeout(15_000);
    try {
      await tell(page);
      expect(problems).toEqual([]);
      await close();
    } catch (error) {
      // Nobody knows what it was left in the middle of.
      await context.close();
      throw error;
    }
  };
}
