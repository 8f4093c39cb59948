import { describe, expect, it } from "vitest";
import type { Cue } from "../bindings/Cue";
import { cueAt, sorted } from "./cues";

const cue = (start: number, end: number): Cue => ({ start, end, speaker: null, text: "" });
const cues = [cue(1, 2), cue(2, 4), cue(10, 12)];

describe("the cue at a time", () => {
  it("is none before the first one", () => expect(cueAt(cues, 0.5)).toBe(-1));
  it("begins exactly at its start", () => expect(cueAt(cues, 2)).toBe(1));
  it("stays on what was just said during a pause", () => expect(cueAt(cues, 7)).toBe(1));
  it("stays on the last one after the end", () => expect(cueAt(cues, 900)).toBe(2));
  it("is none in an empty transcript", () => expect(cueAt([], 3)).toBe(-1));
  it("is the later one of two that start together", () => expect(cueAt([cue(1, 2), cue(1, 3)], 1)).toBe(1));

  it("agrees with a plain walk over twenty thousand cues", () => {
    const many = Array.from({ length: 20_000 }, (_, i) => cue(i * 1.5, i * 1.5 + 1));
    for (const at of [0, 0.2, 1.5, 14_999.9, 29_998.5, 40_000]) {
      expect(cueAt(many, at)).toBe(many.findLastIndex((one) => one.start <= at));
    }
  });
});

describe("sorting", () => {
  it("leaves sorted cues as they are", () => expect(sorted(cues)).toBe(cues));
  it("orders a transcript whose lines are jumbled", () => {
    expect(sorted([cue(5, 6), cue(1, 2)]).map((one) => one.start)).toEqual([1, 5]);
  });
});
