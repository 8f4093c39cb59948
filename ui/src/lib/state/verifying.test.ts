import { expect, test } from "vitest";
import type { VerifyReport } from "../types";
import { VerifyingState } from "./verifying.svelte";

const report = (change: Partial<VerifyReport>): VerifyReport => ({
  teamspace: "t",
  state: "running",
  started_at: "2026-03-01T10:00:00Z",
  finished_at: null,
  checked: 0,
  total: 3,
  files: 0,
  bytes: 0,
  damaged: [],
  orphans: [],
  ...change,
});

test("progress moves the numbers of a report that was read, and no other", async () => {
  const state = new VerifyingState({ verifyReport: () => Promise.resolve(report({})) });
  state.noteProgress("t", { checked: 1, total: 3, bytes: 10 });
  expect(state.of("t")).toBeUndefined();

  await state.refresh("t");
  state.noteProgress("t", { checked: 2, total: 3, bytes: 20 });
  expect(state.of("t")).toMatchObject({ checked: 2, bytes: 20, state: "running" });
});

test("what was seen last stays when it cannot be read again", async () => {
  let fails = false;
  const state = new VerifyingState({
    verifyReport: () => (fails ? Promise.reject(new Error("away")) : Promise.resolve(report({ checked: 3 }))),
  });
  await state.refresh("t");
  fails = true;
  await state.refresh("t");
  expect(state.of("t")?.checked).toBe(3);
});
