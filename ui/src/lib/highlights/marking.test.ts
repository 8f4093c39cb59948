import { expect, test } from "vitest";
import { Marking } from "./marking.svelte";

test("two presses mark what is between them, in either order", () => {
  const marking = new Marking();
  expect(marking.press(62.4)).toBe("begun");
  expect(marking.from).toBe(62_400);
  expect(marking.press(62.5)).toBe("too_short");
  expect(marking.press(70)).toEqual({ from: 62_400, to: 70_000 });
  expect(marking.from).toBeNull();
  marking.press(20);
  expect(marking.press(12)).toEqual({ from: 12_000, to: 20_000 });
});

test("what was begun can be given up", () => {
  const marking = new Marking();
  marking.press(3);
  marking.cancel();
  expect(marking.press(9)).toBe("begun");
});
