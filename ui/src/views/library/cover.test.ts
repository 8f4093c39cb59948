import { describe, expect, it } from "vitest";
import { BARS, coverOf } from "./cover";

describe("a drawn cover", () => {
  it("is the same for the same recording", () => expect(coverOf("abc")).toEqual(coverOf("abc")));
  it("differs between recordings", () => expect(coverOf("abc")).not.toEqual(coverOf("abd")));
  it("uses the whole palette over many recordings", () => {
    const hues = new Set(Array.from({ length: 400 }, (_, i) => coverOf(`recording ${i}`).hue));
    expect(hues.size).toBe(15);
  });
  it("keeps its bars within the cover", () => {
    for (let i = 0; i < 50; i++) {
      const { bars } = coverOf(String(i));
      expect(bars).toHaveLength(BARS);
      expect(Math.min(...bars)).toBeGreaterThan(0);
      expect(Math.max(...bars)).toBeLessThanOrEqual(1);
    }
  });
});
