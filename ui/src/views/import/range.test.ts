import { describe, expect, it } from "vitest";
import { daysOf, momentsOf, monthsOf, startOfDay } from "./range";

const utc = (text: string) => new Date(`${text}Z`);

describe("presets", () => {
  it("end today and begin as far back as they say", () => {
    const now = new Date(2026, 8, 16, 23, 50);
    expect(daysOf("30_days", now)).toEqual({ from: "2026-08-17", to: "2026-09-16" });
    expect(daysOf("year", now)).toEqual({ from: "2025-09-16", to: "2026-09-16" });
  });
  it("keep to the month when it is shorter", () => {
    expect(daysOf("3_months", new Date(2026, 4, 31)).from).toBe("2026-02-28");
    expect(daysOf("6_months", new Date(2026, 7, 31)).from).toBe("2026-02-28");
  });
});

describe("months asked for", () => {
  it("come newest first, cut to the days", () => {
    expect(monthsOf(utc("2026-07-20T00:00:00"), utc("2026-09-17T00:00:00"))).toEqual([
      { from: "2026-09-01", to: "2026-09-16" },
      { from: "2026-08-01", to: "2026-08-31" },
      { from: "2026-07-20", to: "2026-07-31" },
    ]);
  });
  it("cross the turn of a year", () => {
    expect(monthsOf(utc("2025-12-30T00:00:00"), utc("2026-01-02T00:00:00")).map((one) => one.from)).toEqual([
      "2026-01-01",
      "2025-12-30",
    ]);
  });
  it("know leap years", () => {
    expect(monthsOf(utc("2028-02-01T00:00:00"), utc("2028-03-01T00:00:00"))).toEqual([
      { from: "2028-02-01", to: "2028-02-29" },
    ]);
  });
  it("hold a single day", () => {
    expect(monthsOf(utc("2026-09-16T00:00:00"), utc("2026-09-17T00:00:00"))).toEqual([
      { from: "2026-09-16", to: "2026-09-16" },
    ]);
  });
  it("reach into the UTC day before, for people east of Greenwich", () => {
    expect(monthsOf(utc("2026-08-31T22:00:00"), utc("2026-09-02T22:00:00")).at(-1)).toEqual({
      from: "2026-08-31",
      to: "2026-08-31",
    });
  });
});

describe("days that a person typed", () => {
  it("must be days", () => {
    expect(startOfDay("2026-02-30")).toBeNull();
    expect(momentsOf({ from: "", to: "2026-01-01" })).toEqual({ error: "not_a_day" });
  });
  it("must not run backwards", () =>
    expect(momentsOf({ from: "2026-02-01", to: "2026-01-01" })).toEqual({ error: "backwards" }));
  it("include the last day wholly", () => {
    const moments = momentsOf({ from: "2026-01-01", to: "2026-01-01" });
    expect("before" in moments && moments.before).toEqual(new Date(2026, 0, 2));
  });
});
