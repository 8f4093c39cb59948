import { describe, expect, it } from "vitest";
import { tells } from "./frame";

const pixels = (light: (i: number) => number) =>
  Uint8ClampedArray.from({ length: 32 * 18 * 4 }, (_, i) => (i % 4 === 3 ? 255 : light(Math.floor(i / 4))));

describe("a frame that tells something", () => {
  it("is not black", () => expect(tells(pixels(() => 2))).toBe(false));
  it("is not one even grey", () => expect(tells(pixels(() => 128))).toBe(false));
  it("has light and dark in it", () => expect(tells(pixels((i) => (i % 7) * 30))).toBe(true));
  it("may be a dark slide with some light text", () =>
    expect(tells(pixels((i) => (i % 8 === 0 ? 200 : 10)))).toBe(true));
});
