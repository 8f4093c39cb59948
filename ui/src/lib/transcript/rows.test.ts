import { describe, expect, it } from "vitest";
import type { Cue } from "../bindings/Cue";
import { rowAt, toRows } from "./rows";

const cue = (start: number, speaker: string | null, text = "x"): Cue => ({
  start,
  end: start + 1,
  speaker,
  text,
});

describe("rows of a transcript", () => {
  it("name a speaker only where the speaker changes", () => {
    const { rows } = toRows([[cue(0, "Ada"), cue(1, "Ada"), cue(2, "Ben"), cue(3, "Ada")]]);
    expect(rows.map((row) => row.type === "cue" && row.opens)).toEqual([true, false, true, true]);
  });

  it("have no heading when there is one segment", () => {
    expect(toRows([[cue(0, null)]]).rows.map((row) => row.type)).toEqual(["cue"]);
  });

  it("have a heading per segment when there are several, none for a segment without cues", () => {
    const { rows } = toRows([[cue(0, null)], [], [cue(0, null)]]);
    expect(rows.map((row) => `${row.type} ${row.segment}`)).toEqual(["part 0", "cue 0", "part 2", "cue 2"]);
  });

  it("keep their numbers in the transcript when some are left out", () => {
    const { rows } = toRows([[cue(0, "Ada"), cue(1, "Ben"), cue(2, "Ada")]], (one) => one.speaker === "Ada");
    expect(rows.map((row) => row.type === "cue" && row.number)).toEqual([1, 3]);
  });

  it("are found by segment and time", () => {
    const rows = toRows([[cue(0, null), cue(5, null)], [cue(2, null)]]);
    expect(rowAt(rows, 0, 6)).toBe(2);
    expect(rowAt(rows, 1, 1)).toBe(-1);
    expect(rowAt(rows, 1, 3)).toBe(4);
    expect(rowAt(rows, 7, 3)).toBe(-1);
  });
});
