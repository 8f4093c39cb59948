import { describe, expect, test } from "vitest";
import { ANY } from "$lib/fake/auto-import";
import { formOf, rulesOf, wrongWith } from "./rules";

describe("the form of the rules", () => {
  test("gives back the rules that it was filled with", () => {
    const rules = {
      ...ANY,
      title_contains: ["interview", "user test"],
      min_minutes: 5,
      kinds: ["video" as const, "transcript" as const],
      hours: { from: "09:00", to: "17:30" },
      time_zone: "Europe/Berlin",
      review: true,
    };
    expect(rulesOf(formOf(rules), ANY)).toEqual({ ...rules, time_zone: null });
    expect(rulesOf(formOf(rules), rules)).toEqual(rules);
    expect(rulesOf(formOf(ANY), ANY)).toEqual(ANY);
  });

  test("reads times with seconds, as the core writes them", () => {
    const form = formOf({ ...ANY, hours: { from: "09:00:00", to: "17:30:00" } });
    expect([form.from, form.to]).toEqual(["09:00", "17:30"]);
  });

  test("drops what is only commas and blanks", () => {
    expect(rulesOf({ ...formOf(ANY), contains: " , interview ,, " }, ANY).title_contains).toEqual([
      "interview",
    ]);
  });

  test("says what makes no sense", () => {
    const form = formOf(ANY);
    expect(wrongWith(form)).toBeNull();
    expect(wrongWith({ ...form, min: "-3" })).toBe("number");
    expect(wrongWith({ ...form, min: "1.5" })).toBe("number");
    expect(wrongWith({ ...form, min: "30", max: "5" })).toBe("order");
    expect(wrongWith({ ...form, allKinds: false, kinds: [] })).toBe("kinds");
    expect(wrongWith({ ...form, limitHours: true, from: "09:00", to: "09:00" })).toBe("hours");
  });
});
