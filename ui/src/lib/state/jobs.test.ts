import { describe, expect, test } from "vitest";
import { job } from "../fake/state";
import { JobsState } from "./jobs.svelte";

describe("jobs", () => {
  test("unfinished ones are those that will still do something", async () => {
    const rows = (["queued", "running", "waiting", "done", "failed", "cancelled"] as const).map((state, id) =>
      job(id, state, { state }),
    );
    const jobs = new JobsState({ jobs: () => Promise.resolve(rows) });
    await jobs.refresh();
    expect(jobs.unfinished.map((one) => one.state)).toEqual(["queued", "running", "waiting"]);
    expect(jobs.failed.map((one) => one.state)).toEqual(["failed"]);
  });

  test("progress runs ahead of the row while a job runs, and ends with it", async () => {
    let row = job(1, "One", { state: "running", bytes: 10, bytes_total: 100 });
    const jobs = new JobsState({ jobs: () => Promise.resolve([row]) });
    await jobs.refresh();
    jobs.noteProgress(1, { bytes: 60, bytesTotal: 100, bytesPerSecond: 5 });
    expect(jobs.progressOf(row).bytes).toBe(60);
    row = { ...row, state: "failed", bytes: 64 };
    await jobs.noteChange(1);
    expect(jobs.progress.size).toBe(0);
    expect(jobs.progressOf(row).bytes).toBe(64);
  });
});
