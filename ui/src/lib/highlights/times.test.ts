import { expect, test } from "vitest";
import { exactTime, readTime, spanOf } from "./times";

test("a time is read as people write it, and written as it is read", () => {
  for (const [text, millis] of [
    ["1:02", 62_000],
    ["1:02.5", 62_500],
    ["1:02:03.25", 3_723_250],
    ["0:00", 0],
  ] as const) {
    expect([text, readTime(text)]).toEqual([text, millis]);
    expect(exactTime(millis)).toBe(text);
  }
  expect([readTime("83"), readTime(" 1:02,5 ")]).toEqual([83_000, 62_500]);
});

test("what is no time is none", () => {
  for (const text of ["", "soon", "1:60", "1:2:3:4", "-1", "1.", ":5"])
    expect([text, readTime(text)]).toEqual([text, null]);
});

test("a highlight is named by its whole seconds", () =>
  expect(spanOf({ from: 62_900, to: 90_100 })).toBe("1:02–1:30"));
