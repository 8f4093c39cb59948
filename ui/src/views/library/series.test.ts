import { describe, expect, it } from "vitest";
import type { RecordingItem } from "$lib/bindings/RecordingItem";
import { groupBySeries, seriesOf } from "./series";

const named = (title: string, id = title) => ({ title, recording_id: id }) as RecordingItem;

describe("a series", () => {
  it("is the same title, whatever its case, accents, numbers and dates", () => {
    expect(seriesOf("Wöchentlicher Sync 12")).toBe(seriesOf("wochentlicher sync 13"));
    expect(seriesOf("Sync 2026-10-01")).toBe(seriesOf("Sync (2026-10-08)"));
    expect(seriesOf("Sync")).not.toBe(seriesOf("Sync with sales"));
  });
  it("of numbers alone is its own", () => {
    expect(seriesOf("2026")).toBe("2026");
    expect(seriesOf("2025")).not.toBe(seriesOf("2026"));
  });
});

describe("grouping by series", () => {
  it("names each by what is common, in the order of its first, with what is in none at the end", () => {
    const groups = groupBySeries([
      named("Kick-off"),
      named("Usability test 6: booking flow"),
      named("Weekly sync", "a"),
      named("Usability test 5: booking flow"),
      named("Readout"),
      named("Weekly sync", "b"),
    ]);
    expect(groups.map(({ heading, recordings }) => [heading, recordings.length])).toEqual([
      [{ kind: "series", title: "Usability test: booking flow" }, 2],
      [{ kind: "series", title: "Weekly sync" }, 2],
      [{ kind: "single" }, 2],
    ]);
  });
  it("of a title that ends in its number leaves no dash behind", () => {
    const [group] = groupBySeries([named("Interview – 2"), named("Interview – 1")]);
    expect(group?.heading).toEqual({ kind: "series", title: "Interview" });
  });
  it("of nothing is nothing", () => expect(groupBySeries([])).toEqual([]));
});
