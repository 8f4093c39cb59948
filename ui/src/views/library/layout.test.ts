import { describe, expect, it } from "vitest";
import type { RecordingItem } from "$lib/bindings/RecordingItem";
import { columnsIn, moved, rowOf, toLibraryRows } from "./layout";
import type { Group } from "./listing";

const some = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => ({ recording_id: `r${from + i}` }) as RecordingItem);
const groups: Group[] = [
  { id: "this_week", heading: { kind: "this_week" }, recordings: some(4) },
  { id: "last_week", heading: { kind: "last_week" }, recordings: some(2, 4) },
];
// [0 1 2] [3] / [4 5]
const rows = toLibraryRows(groups, 3, true);

describe("rows of the library", () => {
  it("are headings and rows of cards", () => {
    expect(rows.map((row) => (row.type === "heading" ? row.count : row.recordings.length))).toEqual([
      4, 3, 1, 2, 2,
    ]);
  });
  it("do not count the last group before all is there", () => {
    const counts = toLibraryRows(groups, 3, false).flatMap((row) =>
      row.type === "heading" ? row.count : [],
    );
    expect(counts).toEqual([4, null]);
  });
  it("find the row of a place", () => expect(rowOf(rows, 4)).toBe(4));
  it("fit as many columns as there is room for, and never none", () => {
    expect(columnsIn(1000, 240, 20)).toBe(3);
    expect(columnsIn(100, 240, 20)).toBe(1);
  });
});

describe("moving by keys", () => {
  it("begins at the start", () => expect(moved(rows, -1, "down")).toBe(0));
  it("goes on over the ends of rows", () => expect(moved(rows, 2, "right")).toBe(3));
  it("keeps the column, or takes the nearest one of a shorter row", () => {
    expect(moved(rows, 2, "down")).toBe(3);
    expect(moved(rows, 3, "down")).toBe(4);
    expect(moved(rows, 5, "up")).toBe(3);
    expect(moved(rows, 1, "down")).toBe(3);
  });
  it("stays inside", () => {
    expect(moved(rows, 0, "up")).toBe(0);
    expect(moved(rows, 0, "left")).toBe(0);
    expect(moved(rows, 5, "down")).toBe(5);
    expect(moved(rows, 5, "right")).toBe(5);
  });
  it("reaches both ends", () => {
    expect(moved(rows, 3, "first")).toBe(0);
    expect(moved(rows, 3, "last")).toBe(5);
  });
  it("goes nowhere in an empty library", () => expect(moved([], -1, "down")).toBe(-1));
  it("goes to the end when the list became shorter", () => expect(moved(rows, 99, "down")).toBe(5));
});
