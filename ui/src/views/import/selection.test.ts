import { describe, expect, it } from "vitest";
import { click, keepOnly, NOTHING, shareOf, stretch, toggleAll, type Selection } from "./selection";

const shown = ["a", "b", "c", "d", "e"];
const chosen = (selection: Selection) => [...selection.chosen].sort().join("");

describe("choosing", () => {
  it("turns one on and off", () => {
    const one = click(NOTHING, shown, "b", false);
    expect(chosen(one)).toBe("b");
    expect(chosen(click(one, shown, "b", false))).toBe("");
  });
  it("with shift takes everything between, in either direction", () => {
    expect(chosen(click(click(NOTHING, shown, "b", false), shown, "d", true))).toBe("bcd");
    expect(chosen(click(click(NOTHING, shown, "d", false), shown, "b", true))).toBe("bcd");
  });
  it("with shift gives up everything between when the clicked one is given up", () => {
    const all = toggleAll(NOTHING, shown);
    const without = click(all, shown, "b", false);
    expect(chosen(click(without, shown, "d", true))).toBe("ae");
  });
  it("with shift as the first click takes only that one", () =>
    expect(chosen(click(NOTHING, shown, "c", true))).toBe("c"));
  it("with shift takes only that one when the last click is no longer shown", () => {
    const one = click(NOTHING, shown, "a", false);
    expect(chosen(click(one, ["c", "d"], "d", true))).toBe("ad");
  });
  it("does not take what cannot be chosen", () => expect(click(NOTHING, shown, "x", false)).toBe(NOTHING));
});

describe("stretching by keys", () => {
  it("begins where the focus is, grows, shrinks, and turns over its beginning", () => {
    const down = stretch(stretch(NOTHING, shown, "b", "c"), shown, "c", "d");
    expect(chosen(down)).toBe("bcd");
    const back = stretch(down, shown, "d", "c");
    expect(chosen(back)).toBe("bc");
    expect(chosen(stretch(stretch(back, shown, "c", "b"), shown, "b", "a"))).toBe("ab");
  });
  it("leaves what was chosen before elsewhere", () => {
    const one = click(click(NOTHING, shown, "a", false), shown, "c", false);
    expect(chosen(stretch(one, shown, "c", "d"))).toBe("acd");
  });
});

describe("all that is shown", () => {
  it("is chosen, and given up again", () => {
    const all = toggleAll(NOTHING, shown);
    expect(shareOf(all, shown)).toBe("all");
    expect(chosen(toggleAll(all, shown))).toBe("");
  });
  it("is completed when some of it is chosen", () => {
    const some = click(NOTHING, shown, "a", false);
    expect(shareOf(some, shown)).toBe("some");
    expect(chosen(toggleAll(some, shown))).toBe("abcde");
  });
  it("leaves alone what a search hides", () => {
    const hidden = click(NOTHING, shown, "a", false);
    expect(chosen(toggleAll(hidden, ["b", "c"]))).toBe("abc");
  });
  it("is none in an empty list", () => expect(shareOf(NOTHING, [])).toBe("none"));
});

it("drops what can no longer be chosen", () => {
  const two = click(click(NOTHING, shown, "a", false), shown, "c", false);
  expect(chosen(keepOnly(two, new Set(["c"])))).toBe("c");
  expect(keepOnly(two, new Set(["a", "c"]))).toBe(two);
});
