import { describe, expect, test } from "vitest";
import type { RecordingItem } from "../types";
import { HeldOnce } from "./held-once";

const recording = (change: Partial<RecordingItem>): RecordingItem => ({
  recording_id: "id",
  teamspace: "t",
  title: "Meeting",
  host: "Ada",
  start: "2026-01-01T00:00:00Z",
  duration: 60,
  tags: [],
  files: [],
  poster: null,
  media: "here",
  pinned: false,
  ...change,
});

describe("what recordings have in common", () => {
  test("is the same list for those that say the same, and says what it said", () => {
    const held = new HeldOnce();
    const files = (key: string) => [{ key, kind: "video" as const, segment: 0 }];
    const all = [
      recording({ tags: ["a", "b"], files: files("video.mp4") }),
      recording({ tags: ["a", "b"], files: files("video.mp4"), host: null }),
      recording({ tags: ["b", "a"], files: files("other.mp4"), host: '["a","b"]' }),
    ];
    const said = structuredClone(all);
    all.forEach((one) => held.share(one));
    expect(all).toEqual(said);
    expect(all[1]!.tags).toBe(all[0]!.tags);
    expect(all[1]!.files).toBe(all[0]!.files);
    expect(all[2]!.tags).not.toBe(all[0]!.tags);
    expect(all[2]!.files).not.toBe(all[0]!.files);
  });
});
