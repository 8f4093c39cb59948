import { describe, expect, it } from "vitest";
import type { QueryPart } from "$lib/types";
import { dayAfter, dayBefore, withDay } from "./days";

const part = (filter: string, value: string): QueryPart => ({
  text: `${filter}:${value}`,
  without: false,
  filter,
  value,
});

describe("days of a library's filters", () => {
  it("go over months and years", () => {
    expect(dayAfter("2026-02-28")).toBe("2026-03-01");
    expect(dayAfter("2026-12-31")).toBe("2027-01-01");
    expect(dayBefore("2028-03-01")).toBe("2028-02-29");
    expect(dayAfter("")).toBe("");
    expect(dayAfter("soon")).toBe("");
  });

  it("take the place of the one before, and go with an empty day", () => {
    const query = [part("tag", "clinic"), part("after", "7d")];
    expect(withDay("tag:clinic after:7d", query, "after", "2026-03-01")).toBe("tag:clinic after:2026-03-01");
    expect(withDay("tag:clinic after:7d", query, "before", "2026-04-01")).toBe(
      "tag:clinic after:7d before:2026-04-01",
    );
    expect(withDay("tag:clinic after:7d", query, "after", "")).toBe("tag:clinic");
  });
});
