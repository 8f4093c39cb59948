import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Hits, SearchWish } from "$lib/types";
import { LatestSearch } from "./latest.svelte";

const answers: { wish: SearchWish; give: (hits: Hits) => void; fail: (error: unknown) => void }[] = [];
const searchFor = vi.fn(
  (wish: SearchWish) => new Promise<Hits>((give, fail) => answers.push({ wish, give, fail })),
);
const hits = (name: string): Hits => ({
  hits: [],
  more: true,
  query: [{ text: name, without: false, filter: null, value: name }],
});
const shown = (search: LatestSearch) => search.found?.query[0]?.text;

beforeEach(() => {
  vi.useFakeTimers();
  answers.length = 0;
  searchFor.mockClear();
});
afterEach(() => void vi.useRealTimers());

it("asks once for what was typed in one go", async () => {
  const search = new LatestSearch({ searchFor });
  for (const text of ["c", "cl", "cli"]) search.want(text, null);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(answers.map(({ wish }) => wish.text)).toEqual(["cli"]);
});

it("asks at once, and while it waits for an answer once for what was typed meanwhile", async () => {
  const search = new LatestSearch({ searchFor });
  search.want("c", null);
  await vi.advanceTimersByTimeAsync(0);
  for (const text of ["cl", "cli"]) search.want(text, null);
  await vi.advanceTimersByTimeAsync(0);
  expect(answers.map(({ wish }) => wish.text)).toEqual(["c"]);
  answers[0]!.give(hits("c"));
  await vi.advanceTimersByTimeAsync(0);
  expect(answers.map(({ wish }) => wish.text)).toEqual(["c", "cli"]);
  expect([shown(search), search.running]).toEqual([undefined, true]);
  answers[1]!.give(hits("cli"));
  await vi.advanceTimersByTimeAsync(1_000);
  expect([shown(search), search.running, answers.length]).toEqual(["cli", false, 2]);
});

it("does not wait for an answer that takes long", async () => {
  const search = new LatestSearch({ searchFor });
  search.want("slow", null);
  await vi.advanceTimersByTimeAsync(0);
  search.want("slower", null);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(answers.map(({ wish }) => wish.text)).toEqual(["slow", "slower"]);
});

it("never lets an older answer take the place of a newer one", async () => {
  const search = new LatestSearch({ searchFor });
  search.want("old", null);
  await vi.advanceTimersByTimeAsync(1_000);
  search.want("new", "t");
  await vi.advanceTimersByTimeAsync(1_000);
  answers[1]!.give(hits("new"));
  await vi.advanceTimersByTimeAsync(0);
  answers[0]!.give(hits("old"));
  await vi.advanceTimersByTimeAsync(0);
  expect([shown(search), search.answered, search.running]).toEqual(["new", "new", false]);
  expect(answers[1]!.wish.teamspace).toBe("t");
});

it("forgets what is on its way when the field is emptied", async () => {
  const search = new LatestSearch({ searchFor });
  search.want("x", null);
  await vi.advanceTimersByTimeAsync(1_000);
  search.want(" ", null);
  answers[0]!.give(hits("x"));
  await vi.advanceTimersByTimeAsync(0);
  expect([search.found, search.running]).toEqual([null, false]);
});

it("keeps what is shown when a search fails, and can ask again and for more", async () => {
  const search = new LatestSearch({ searchFor });
  search.want("x", null);
  await vi.advanceTimersByTimeAsync(1_000);
  answers[0]!.give(hits("x"));
  await vi.advanceTimersByTimeAsync(0);
  void search.more();
  expect(answers[1]!.wish.limit).toBe(100);
  answers[1]!.fail(new Error("no"));
  await vi.advanceTimersByTimeAsync(0);
  expect(search.error).not.toBeNull();
  expect(shown(search)).toBe("x");
  void search.again();
  answers[2]!.give(hits("x"));
  await vi.advanceTimersByTimeAsync(0);
  expect(search.error).toBeNull();
});
