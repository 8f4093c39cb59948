import { describe, expect, it } from "vitest";
import type { Job } from "$lib/bindings/Job";
import { bySection, missingOn, remedyFor, secondsLeft, shareOf, steadied } from "./queue";

const job = (id: number, state: Job["state"], updated_at = "2026-09-01T00:00:00Z"): Job => ({
  id,
  recording_id: null,
  uuid: null,
  teamspace: "t",
  title: "x",
  state,
  paused: false,
  attempts: 0,
  retry_at: null,
  bytes: 0,
  bytes_total: 0,
  error: null,
  created_at: "2026-09-01T00:00:00Z",
  updated_at,
});

describe("sections of the queue", () => {
  it("hold each job once, in the order of the queue", () => {
    const sections = bySection([
      job(3, "queued"),
      job(1, "running"),
      job(2, "queued"),
      job(4, "failed"),
      job(5, "waiting"),
    ]);
    expect(sections.get("queued")!.map((one) => one.id)).toEqual([2, 3]);
    expect(sections.get("running")!.map((one) => one.id)).toEqual([1]);
    expect(sections.get("attention")!.map((one) => one.id)).toEqual([4]);
    expect(sections.get("waiting")!.map((one) => one.id)).toEqual([5]);
  });
  it("show first what finished last", () => {
    const sections = bySection([
      job(1, "done", "2026-09-01T00:00:00Z"),
      job(2, "cancelled", "2026-09-03T00:00:00Z"),
    ]);
    expect(sections.get("finished")!.map((one) => one.id)).toEqual([2, 1]);
  });
});

describe("what a person can do", () => {
  it("is to sign in again when Zoom does not know us any more", () =>
    expect(remedyFor("needs_reauthorization")).toBe("reconnect"));
  it("is nothing when Zoom has deleted it", () => expect(remedyFor("gone_at_zoom")).toBe("none"));
  it("is to try again otherwise", () => expect(remedyFor("zoom_unavailable")).toBe("retry"));
});

describe("a full disk", () => {
  const full = (params: Record<string, string>) => ({
    code: "disk_full" as const,
    message: "",
    action: "",
    params,
  });
  it("says how much is missing where that was measured", () =>
    expect(missingOn(full({ missing: "1200" }))).toBe(1200));
  it("says nothing where it was met while writing", () => expect(missingOn(full({}))).toBeNull());
});

describe("progress", () => {
  it("has no share while the whole is unknown", () =>
    expect(shareOf({ bytes: 10, bytesTotal: 0 })).toBeNull());
  it("never passes the whole, even when Zoom's size was too small", () =>
    expect(shareOf({ bytes: 12, bytesTotal: 10 })).toBe(1));
  it("tells the time left", () => {
    expect(secondsLeft({ bytes: 50, bytesTotal: 100, bytesPerSecond: 10 })).toBe(5);
    expect(secondsLeft({ bytes: 50, bytesTotal: 100, bytesPerSecond: 0 })).toBeNull();
  });
  it("steadies the speed", () => {
    expect(steadied(null, 100)).toBe(100);
    expect(steadied(100, 200)).toBeCloseTo(130);
  });
});
