import { describe, expect, test } from "vitest";
import { plainRecording } from "../fake/plain-recording";
import { HeldOnce } from "./held-once";

describe("what recordings have in common", () => {
  test("is the same list for those that say the same, and says what it said", () => {
    const held = new HeldOnce();
    const files = (key: string) => [{ key, kind: "video" as const, segment: 0 }];
    const all = [
      plainRecording({ tags: ["a", "b"], files: files("video.mp4"), host: "Ada" }),
      plainRecording({ tags: ["a", "b"], files: files("video.mp4"), host: null }),
      plainRecording({ tags: ["b", "a"], files: files("other.mp4"), host: '["a","b"]' }),
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
