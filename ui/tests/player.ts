/** A recording's page, and its player, in the tests of both. */
import type { Page } from "playwright-core";
import { expect } from "vitest";

/** Opens a recording from the library and waits until it can play. */
export async function openRecording(page: Page, title = "Interview 14"): Promise<void> {
  await page.getByTestId("library-search").fill(title);
  await page.getByTestId("recording-card").filter({ hasText: title }).first().click();
  const video = page.getByTestId("player-video");
  await video.waitFor();
  await expect.poll(() => video.evaluate((node) => (node as HTMLVideoElement).readyState)).toBeGreaterThan(0);
}

/** Where it plays, in seconds of the part that is playing. */
export const time = (page: Page): Promise<number> =>
  page.getByTestId("player-video").evaluate((node) => (node as HTMLVideoElement).currentTime);
