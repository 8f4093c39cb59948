import { describe, expect, it } from "vitest";
import type { Damage } from "$lib/bindings/Damage";
import type { RecordingFile } from "$lib/bindings/RecordingFile";
import { damagedMedia } from "./damaged";

const file = (key: string, kind: "video" | "transcript") => ({ key, kind }) as RecordingFile;
const damage = (key: string, problem: Damage["problem"]): Damage => ({
  recording_id: "r",
  title: "",
  key,
  problem,
});
const files = [file("a/video.mp4", "video"), file("a/transcript.vtt", "transcript")];

describe("damaged media", () => {
  it("is a video with other content", () =>
    expect(damagedMedia({ files, damaged: [damage("a/video.mp4", "content")] })).toBe(true));

  it("is not what is missing, for there is nothing to play", () =>
    expect(damagedMedia({ files, damaged: [damage("a/video.mp4", "missing")] })).toBe(false));

  it("is not a transcript", () =>
    expect(damagedMedia({ files, damaged: [damage("a/transcript.vtt", "content")] })).toBe(false));
});
