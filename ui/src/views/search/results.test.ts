import { expect, it } from "vitest";
import type { Hit, QueryPart } from "$lib/types";
import { grouped, pieces, toHit, withFilter, withoutPart, wordsOf } from "./results";

const hit = (more: Partial<Hit>): Hit => ({
  recording_id: "r",
  teamspace: "t",
  title: "Interview",
  start: "2026-01-01T09:00:00Z",
  duration: 60,
  kind: "transcript",
  segment: 0,
  at: 1,
  speaker: null,
  snippet: "",
  marks: [],
  ...more,
});
const part = (text: string, filter: string | null = null, value = text): QueryPart => ({
  text,
  filter,
  value,
  without: text.startsWith("-"),
});

it("groups by recording and teamspace, in the order of the best hits", () => {
  const hits = [
    hit({ recording_id: "b" }),
    hit({}),
    hit({ recording_id: "b", at: 2 }),
    hit({ teamspace: "u" }),
  ];
  expect(grouped(hits).map((group) => [group.id, group.hits.length])).toEqual([
    ["t/b", 2],
    ["t/r", 1],
    ["u/r", 1],
  ]);
});

it("counts marks in characters, also behind emoji", () => {
  expect(pieces("🎉 the budget", [[6, 12]])).toEqual([
    { text: "🎉 the ", marked: false },
    { text: "budget", marked: true },
  ]);
  expect(pieces("会議", [[0, 2]])).toEqual([{ text: "会議", marked: true }]);
  expect(pieces("plain", [])).toEqual([{ text: "plain", marked: false }]);
});

it("leads to the moment in its segment, with the words", () => {
  expect(toHit(hit({ segment: 1, at: 12.5 }), ["a b"])).toBe("#/recording/t/r?t=12.5&part=1&w=a+b");
  expect(toHit(hit({ kind: "title", at: null }), [])).toBe("#/recording/t/r");
});

it("takes parts off a query and puts filters on", () => {
  const query = [
    part("clinic"),
    part('tag:"a b"', "tag", "a b"),
    part("-x"),
    part("after:7d", "after", "7d"),
  ];
  expect(wordsOf(query)).toEqual(["clinic"]);
  expect(withoutPart(query, 'tag:"a b"')).toBe("clinic -x after:7d ");
  expect(withoutPart([part("x")], "x")).toBe("");
  expect(withFilter("clinic", [part("clinic")], "tag", "c d")).toBe('clinic tag:"c d" ');
  expect(
    withFilter("clinic after:7d", [part("clinic"), part("after:7d", "after", "7d")], "after", "1y"),
  ).toBe("clinic after:1y ");
  expect(withFilter("tag:x", [part("tag:x", "tag", "x")], "tag", "x")).toBe("tag:x");
});
