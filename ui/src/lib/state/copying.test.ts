import { expect, test } from "vitest";
import type { CopyReport } from "../types";
import { CopyingState } from "./copying.svelte";

const draft = { kind: "folder", path: "/mnt/archive" } as const;
const wish = { backup: false, leave_damaged: false };
const report: CopyReport = { place: "/mnt/archive", moved: true, files: 3, bytes: 30, damaged: [] };
const numbers = { files: 1, files_total: 3, bytes: 10, bytes_total: 30 };
const stopped = {
  code: "cancelled",
  message: "Copying was stopped",
  action: "begin again",
  params: {},
  detail: null,
};

/** A copy that ends when the test says so. */
function held() {
  const end = { resolve: (_report: CopyReport) => {}, reject: (_error: unknown) => {} };
  const copied = new Promise<CopyReport>((resolve, reject) => Object.assign(end, { resolve, reject }));
  const state = new CopyingState({ copyTeamspace: () => copied, stopCopy: () => Promise.resolve() });
  return { state, end };
}

test("progress moves the numbers of the copy that runs, and of no other", async () => {
  const { state, end } = held();
  state.noteProgress("t", numbers);
  expect(state.of("t")).toBeUndefined();

  const running = state.run("t", draft, wish);
  state.noteProgress("t", numbers);
  expect(state.of("t")).toMatchObject({ state: "running", numbers });

  end.resolve(report);
  await running;
  state.noteProgress("t", { ...numbers, files: 2 });
  expect(state.of("t")).toMatchObject({ state: "done", report, numbers });
});

test("one that was stopped keeps how far it came and where to, and is no failure", async () => {
  const { state, end } = held();
  const running = state.run("t", draft, wish);
  state.noteProgress("t", numbers);
  await state.stop("t");
  expect(state.of("t")?.stopping).toBe(true);

  end.reject(stopped);
  expect(await running).toMatchObject({ state: "stopped", stopping: false, error: null, draft, numbers });
});

test("one that runs is not forgotten, one that failed is when it was read", async () => {
  const { state, end } = held();
  const running = state.run("t", draft, wish);
  state.forget("t");
  expect(state.of("t")?.state).toBe("running");

  end.reject(new Error("away"));
  expect((await running).state).toBe("failed");
  state.forget("t");
  expect(state.of("t")).toBeUndefined();
});
