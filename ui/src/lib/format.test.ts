import { afterEach, describe, expect, test } from "vitest";
import { formatClock, formatDate, formatDuration, formatRelative, formatSize } from "./format";
import { locale } from "./locale.svelte";

/** Intl writes no-break spaces; the tests read better without. */
const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, " ");

afterEach(() => locale.follow("en"));

describe("times and sizes", () => {
  test.each([
    [0, "0:00"],
    [59.9, "0:59"],
    [247, "4:07"],
    [3_753, "1:02:33"],
    [-3, "0:00"],
    [Number.NaN, "0:00"],
  ])("a player's time of %d seconds is %s", (seconds, text) => expect(formatClock(seconds)).toBe(text));

  test.each([
    [0, "0 byte"],
    [999, "999 byte"],
    [1_000, "1 kB"],
    [1_449_000, "1.4 MB"],
    [999_600, "1 MB"],
    [312_400_000, "312 MB"],
    [5e12, "5 TB"],
    [9e15, "9,000 TB"],
  ])("%d bytes are %s", (bytes, text) => expect(plain(formatSize(bytes))).toBe(text));

  test.each([
    [12, "12 sec"],
    [60, "1 min"],
    [2_700, "45 min"],
    [3_599, "1 hr"],
    [3_900, "1 hr 5 min"],
  ])("a length of %d seconds is %s", (seconds, text) => expect(plain(formatDuration(seconds))).toBe(text));

  test("are written in the chosen language", () => {
    locale.follow("de");
    expect(plain(formatSize(1_449_000))).toBe("1,4 MB");
    expect(plain(formatDuration(3_900))).toBe("1 Std. 5 Min.");
  });

  test("are relative to now", () => {
    const now = new Date("2026-11-23T12:00:00Z");
    expect(formatRelative("2026-11-23T11:55:00Z", now)).toBe("5 minutes ago");
    expect(formatRelative("2026-11-22T11:00:00Z", now)).toBe("yesterday");
    expect(formatRelative("2026-11-26T13:00:00Z", now)).toBe("in 3 days");
    expect(formatRelative("2026-11-23T12:00:20Z", now)).toBe("now");
  });

  test("that are no dates are empty rather than wrong", () => {
    expect(formatDate("yesterday-ish")).toBe("");
    expect(formatRelative("")).toBe("");
  });
});
