import { expect, test } from "vitest";
import type { ActivityEntry } from "$lib/types";
import { byDay } from "./kinds";

const entry = (id: number, at: Date): ActivityEntry => ({
  id,
  at: at.toISOString(),
  kind: "imported",
  teamspace: null,
  recording_id: null,
  uuid: null,
  title: "",
  rule: null,
  error: null,
  automatic: false,
});

test("the log is cut at the person's midnight", () => {
  const days = byDay([
    entry(3, new Date(2026, 10, 28, 0, 5)),
    entry(2, new Date(2026, 10, 27, 23, 55)),
    entry(1, new Date(2026, 10, 27, 0, 5)),
  ]);
  expect(days.map((one) => [one.day, one.entries.map(({ id }) => id)])).toEqual([
    ["2026-11-28", [3]],
    ["2026-11-27", [2, 1]],
  ]);
});
