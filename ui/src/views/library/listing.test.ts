import { describe, expect, it } from "vitest";
import type { RecordingItem } from "$lib/bindings/RecordingItem";
import { plainRecording } from "$lib/fake/plain-recording";
import { find, group, sort, tagsIn, withTag } from "./listing";

let next = 0;
function recording(more: Partial<RecordingItem>): RecordingItem {
  const id = `r${next++}`;
  return plainRecording({ recording_id: id, title: id, ...more });
}
const titles = (list: readonly RecordingItem[]) => list.map((one) => one.title);
/** A moment of the person's own day, as the core would write it. */
const local = (...at: [number, number, number, number?]) =>
  new Date(at[0], at[1], at[2], at[3] ?? 12).toISOString();

describe("finding recordings", () => {
  const all = [
    recording({ title: "Interview mit Jürgen", host: "ada@example.com" }),
    recording({ title: "Weekly 🎉 sync", host: "ben@example.com" }),
  ];
  it("looks into titles without regard to accents", () =>
    expect(titles(find(all, "jurgen"))).toEqual(["Interview mit Jürgen"]));
  it("looks into hosts", () => expect(titles(find(all, "ben@"))).toEqual(["Weekly 🎉 sync"]));
  it("wants every word", () => expect(find(all, "weekly ada")).toEqual([]));
  it("gives everything for no words", () => expect(find(all, "  ")).toBe(all));
});

describe("tags", () => {
  const all = [
    recording({ title: "One", tags: ["Interview", "clinic"] }),
    recording({ title: "Two", tags: ["interview"] }),
    recording({ title: "Three" }),
  ];
  it("are found like words", () => expect(titles(find(all, "clin"))).toEqual(["One"]));
  it("are listed once, whatever their case", () => expect(tagsIn(all)).toEqual(["clinic", "Interview"]));
  it("filter the list", () => {
    expect(titles(withTag(all, "INTERVIEW"))).toEqual(["One", "Two"]);
    expect(withTag(all, null)).toBe(all);
  });
});

describe("sorting", () => {
  const a = recording({ title: "Take 10", start: "2026-01-01T00:00:00Z", duration: 5 });
  const b = recording({ title: "take 9", start: "2026-03-01T00:00:00Z", duration: 50 });
  it("knows newest and oldest", () => {
    expect(sort([a, b], "newest")).toEqual([b, a]);
    expect(sort([b, a], "oldest")).toEqual([a, b]);
  });
  it("sorts titles as people do: case aside, numbers by value", () =>
    expect(sort([a, b], "title", "en")).toEqual([b, a]));
  it("sorts by length, longest first", () => expect(sort([a, b], "longest")).toEqual([b, a]));
  it("keeps an unreadable date at the end instead of failing", () =>
    expect(sort([recording({ start: "?" }), a], "newest")[0]).toBe(a));
});

describe("date groups", () => {
  // A Wednesday.
  const now = new Date(2026, 8, 16, 15);
  const headings = (starts: string[]) =>
    group(
      starts.map((start) => recording({ start })),
      "newest",
      now,
    ).map((one) => [one.id, one.recordings.length]);

  it("are this week, last week, then months", () => {
    const starts = [
      local(2026, 8, 16, 9),
      local(2026, 8, 15, 23),
      local(2026, 8, 14),
      local(2026, 8, 8),
      local(2026, 8, 1),
      local(2026, 7, 31),
      local(2025, 8, 1),
    ];
    expect(headings(starts)).toEqual([
      ["this_week", 3],
      ["last_week", 1],
      ["2026-09", 1],
      ["2026-08", 1],
      ["2025-09", 1],
    ]);
  });
  it("put a recording from the future (a clock that is wrong) under its month", () =>
    expect(headings([local(2027, 0, 1)])).toEqual([["2027-01", 1]]));
  it("join what belongs together", () =>
    expect(headings([local(2026, 8, 16, 9), local(2026, 8, 16, 8)])).toEqual([["this_week", 2]]));
  it("do not exist when sorted by title", () =>
    expect(group([recording({}), recording({})], "title", now).map((one) => one.heading)).toEqual([null]));
  it("are none for nothing", () => expect(group([], "newest", now)).toEqual([]));
});
