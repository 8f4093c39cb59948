import { describe, expect, it } from "vitest";
import type { Cue } from "../bindings/Cue";
import { speakersOf, stretchesOf } from "./speaking";

const cue = (start: number, end: number, speaker: string | null): Cue => ({ start, end, speaker, text: "x" });

describe("who speaks how much", () => {
  it("is the sum of their cues in all segments, the longest first", () => {
    const speakers = speakersOf([[cue(0, 10, "Ada"), cue(10, 40, "Ben")], [], [cue(0, 20, "Ada")]]);
    expect(speakers.map(({ name, seconds, share }) => [name, seconds, share])).toEqual([
      ["Ada", 30, 0.5],
      ["Ben", 30, 0.5],
    ]);
  });

  it("counts who is not named, and nothing for a cue that ends before it begins", () => {
    expect(speakersOf([[cue(0, 5, null), cue(9, 2, "Ada")]]).map((one) => [one.name, one.seconds])).toEqual([
      [null, 5],
      ["Ada", 0],
    ]);
  });

  it("is nothing of nothing", () => {
    expect(speakersOf([])).toEqual([]);
    expect(speakersOf([[cue(1, 1, "Ada")]])[0]!.share).toBe(0);
  });
});

describe("who speaks when", () => {
  it("is told by shares of the whole, over all segments that play", () => {
    const transcript = [[cue(0, 50, "Ada"), cue(50, 100, "Ben")], [], [cue(0, 100, "Ada")]];
    const lengths = [
      { number: 0, seconds: 100 },
      { number: 2, seconds: 100 },
    ];
    const told = stretchesOf(transcript, lengths).map(({ from, to, speaker }) => [
      speaker,
      Number(from.toFixed(2)),
      Number(to.toFixed(2)),
    ]);
    expect(told).toEqual([
      ["Ada", 0, 0.25],
      ["Ben", 0.25, 0.5],
      ["Ada", 0.5, 1],
    ]);
  });

  it("leaves silence out, and what is said after the end", () => {
    const stretches = stretchesOf(
      [[cue(90, 100, "Ada"), cue(120, 130, "Ben")]],
      [{ number: 0, seconds: 100 }],
    );
    expect(stretches.map((one) => [one.speaker, one.from, one.to])).toEqual([["Ada", 0.9, 1]]);
  });

  it("is unknown while the length is", () => {
    expect(stretchesOf([[cue(0, 1, "Ada")]], [{ number: 0, seconds: 0 }])).toEqual([]);
  });

  it("reads twenty hours whole", () => {
    const cues = Array.from({ length: 36_000 }, (_, i) => cue(i * 2, i * 2 + 2, i % 2 === 0 ? "Ada" : "Ben"));
    expect(speakersOf([cues]).map((one) => one.seconds)).toEqual([36_000, 36_000]);
    const stretches = stretchesOf([cues], [{ number: 0, seconds: 72_000 }]);
    expect([stretches[0]!.from, stretches.at(-1)!.to]).toEqual([0, 1]);
  });
});
