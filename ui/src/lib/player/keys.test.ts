import { describe, expect, it } from "vitest";
import { actionOf, nextSpeed } from "./keys";

const press = (key: string, more: Partial<KeyboardEvent> = {}) =>
  actionOf({ key, ctrlKey: false, metaKey: false, altKey: false, ...more });

describe("keys of the player", () => {
  it("space and k start and stop", () => {
    expect(press(" ")).toEqual({ do: "toggle" });
    expect(press("k")).toEqual({ do: "toggle" });
  });
  it("j and l step ten seconds, arrows five", () => {
    expect(press("j")).toEqual({ do: "seek", by: -10 });
    expect(press("l")).toEqual({ do: "seek", by: 10 });
    expect(press("ArrowLeft")).toEqual({ do: "seek", by: -5 });
  });
  it("work with caps lock on", () => expect(press("M")).toEqual({ do: "mute" }));
  it("digits go to tenths", () => expect(press("7")).toEqual({ do: "seek_to", share: 0.7 }));
  it("leave the system's and the browser's combinations alone", () => {
    expect(press("f", { ctrlKey: true })).toBeNull();
    expect(press("ArrowLeft", { altKey: true })).toBeNull();
    expect(press("m", { metaKey: true })).toBeNull();
  });
  it("h marks a highlight", () => expect(press("h")).toEqual({ do: "highlight" }));
  it("leave all other keys alone", () => expect(press("Tab")).toBeNull());
});

describe("speeds", () => {
  it("go up and down in steps", () => {
    expect(nextSpeed(1, 1)).toBe(1.25);
    expect(nextSpeed(1, -1)).toBe(0.75);
  });
  it("stop at the ends", () => {
    expect(nextSpeed(3, 1)).toBe(3);
    expect(nextSpeed(0.5, -1)).toBe(0.5);
  });
  it("find the next step from a speed between two", () => expect(nextSpeed(1.1, 1)).toBe(1.25));
});
