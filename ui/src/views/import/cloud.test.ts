import { expect, it, vi } from "vitest";
import type { ListedRecording } from "$lib/bindings/ListedRecording";
import type { UserError } from "$lib/bindings/UserError";
import { CloudRecordings } from "./cloud.svelte";

const listed = (uuid: string, start: string) => ({ uuid, start }) as ListedRecording;
const failure = (code: UserError["code"]): UserError => ({ code, message: "It failed", action: "try again" });
const FROM = new Date(2026, 6, 10);
const BEFORE = new Date(2026, 8, 17);
const DATA: Record<string, ListedRecording[]> = {
  "2026-09": [listed("c", "2026-09-02T10:00:00Z"), listed("d", "2026-09-10T10:00:00Z")],
  "2026-08": [listed("b", "2026-08-02T10:00:00Z"), listed("c", "2026-09-02T10:00:00Z")],
  "2026-07": [listed("a", "2026-07-20T10:00:00Z"), listed("old", "2026-07-01T10:00:00Z")],
};
const answer = (from: string, to: string) => ({
  covered: { from, to },
  recordings: DATA[from.slice(0, 7)] ?? [],
});
const uuids = (cloud: CloudRecordings) => cloud.recordings.map((one) => one.uuid).join("");

it("asks month by month, newest first, and shows each meeting once", async () => {
  const cloudRecordings = vi.fn((from: string, to: string) => Promise.resolve(answer(from, to)));
  const cloud = new CloudRecordings({ cloudRecordings });
  await cloud.read(FROM, BEFORE);
  expect(cloudRecordings.mock.calls.map(([from]) => from.slice(0, 7))).toEqual([
    "2026-09",
    "2026-08",
    "2026-07",
  ]);
  // "old" lies in a month that was asked for, but before the first day.
  expect(uuids(cloud)).toBe("dcba");
  expect(cloud.complete).toBe(true);
});

it("keeps the other months when one fails, says how far it is covered, and mends it on request", async () => {
  let bad = true;
  const cloud = new CloudRecordings({
    cloudRecordings: (from, to) =>
      bad && from.startsWith("2026-08")
        ? Promise.reject(failure("zoom_unavailable"))
        : Promise.resolve(answer(from, to)),
  });
  await cloud.read(FROM, BEFORE);
  expect(uuids(cloud)).toBe("dca");
  expect(cloud.failed.map((month) => month.from)).toEqual(["2026-08-01"]);
  expect(cloud.coveredFrom).toBe("2026-09-01");
  bad = false;
  await cloud.retry();
  expect(uuids(cloud)).toBe("dcba");
  expect(cloud.failed).toEqual([]);
});

it("stops when there is no network, and goes on from there", async () => {
  const cloudRecordings = vi
    .fn((from: string, to: string) => Promise.resolve(answer(from, to)))
    .mockRejectedValueOnce(failure("offline"));
  const cloud = new CloudRecordings({ cloudRecordings });
  await cloud.read(FROM, BEFORE);
  expect(cloudRecordings).toHaveBeenCalledOnce();
  expect(cloud.stopped?.code).toBe("offline");
  await cloud.retry();
  expect(cloud.stopped).toBeNull();
  expect(uuids(cloud)).toBe("dcba");
});

it("drops the answers to a range that is not wanted any more", async () => {
  const answers: (() => void)[] = [];
  const cloud = new CloudRecordings({
    cloudRecordings: (from, to) => new Promise((resolve) => answers.push(() => resolve(answer(from, to)))),
  });
  const first = cloud.read(FROM, BEFORE);
  const second = cloud.read(new Date(2026, 7, 1), new Date(2026, 7, 20));
  answers.forEach((go) => go());
  await first;
  await vi.waitFor(() => {
    answers.forEach((go) => go());
    expect(cloud.complete).toBe(true);
  });
  await second;
  expect(uuids(cloud)).toBe("b");
});
