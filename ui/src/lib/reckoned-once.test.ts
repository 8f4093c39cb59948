import { expect, it, vi } from "vitest";
import { reckonedOnce } from "./reckoned-once";

it("asks once for each object, and again for a copy of it", () => {
  const reckon = vi.fn(({ title }: { title: string }) => title.length);
  const lengthOf = reckonedOnce(reckon);
  const one = { title: "Interview" };
  expect([lengthOf(one), lengthOf(one)]).toEqual([9, 9]);
  expect(reckon).toHaveBeenCalledTimes(1);
  expect(lengthOf({ ...one, title: "Talk" })).toBe(4);
});

it("leaves nothing on the object that others see", () => {
  const one = Object.freeze({ title: "Interview" });
  reckonedOnce(({ title }: typeof one) => title)(one);
  expect(Reflect.ownKeys(one)).toEqual(["title"]);
  expect(JSON.stringify(one)).toBe('{"title":"Interview"}');
});

it("keeps different things about one object apart, also nothing", () => {
  const nothing = vi.fn(() => undefined);
  const [first, second] = [reckonedOnce(() => "first"), reckonedOnce(nothing)];
  const one = {};
  expect([first(one), second(one), second(one), first(one)]).toEqual([
    "first",
    undefined,
    undefined,
    "first",
  ]);
  expect(nothing).toHaveBeenCalledTimes(1);
});
