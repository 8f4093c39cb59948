import { describe, expect, it } from "vitest";
import type { RecordingFile } from "../bindings/RecordingFile";
import { resumeAt, sameView, toPlace, toPosition, toSegments } from "./sequence";

const file = (kind: RecordingFile["kind"], segment: number, layout?: string, size = 1): RecordingFile => ({
  key: `a/${kind}-${segment}-${layout ?? ""}`,
  kind,
  segment,
  layout,
  media_type: kind === "video" ? "video/mp4" : "audio/mp4",
  size,
  sha256: "",
});
const open = (files: RecordingFile[]) =>
  toSegments({ files, urls: files.map((one) => `http://x/${one.key}`) });

describe("segments of a recording", () => {
  it("stand in order, whatever the order of the files", () => {
    expect(open([file("video", 2), file("video", 0)]).map((one) => one.number)).toEqual([0, 2]);
  });
  it("offer slides with the speaker first, and sound alone last", () => {
    const [segment] = open([
      file("audio", 0),
      file("video", 0, "gallery_view"),
      file("video", 0, "something_new"),
      file("video", 0, "shared_screen_with_speaker_view"),
    ]);
    expect(segment!.tracks.map((track) => track.layout ?? track.kind)).toEqual([
      "shared_screen_with_speaker_view",
      "gallery_view",
      "something_new",
      "audio",
    ]);
  });
  it("leave out what does not play, and empty files", () => {
    expect(open([file("transcript", 0), file("chat", 0), file("video", 1, undefined, 0)])).toEqual([]);
  });
  it("keep the chosen view in the next segment, when it has it", () => {
    const [first, second] = open([
      file("video", 0, "gallery_view"),
      file("video", 1, "gallery_view"),
      file("video", 1, "active_speaker"),
    ]);
    expect(sameView(second!, first!.tracks[0]!).layout).toBe("gallery_view");
    expect(sameView(first!, second!.tracks[0]!).layout).toBe("gallery_view");
    expect(sameView(second!, null).layout).toBe("active_speaker");
  });
});

describe("the recording's timeline", () => {
  const lengths = [60, 30, 10];
  it("counts the segments before", () => expect(toPosition({ segment: 2, seconds: 3 }, lengths)).toBe(93));
  it("goes back to segment and seconds", () => {
    expect(toPlace(93, lengths)).toEqual({ segment: 2, seconds: 3 });
    expect(toPlace(60, lengths)).toEqual({ segment: 1, seconds: 0 });
    expect(toPlace(0, lengths)).toEqual({ segment: 0, seconds: 0 });
  });
  it("takes a position past the end to the last segment", () =>
    expect(toPlace(500, lengths).segment).toBe(2));
});

describe("where to begin again", () => {
  it("is a moment before where it was left", () => expect(resumeAt(100, 600)).toBe(98));
  it("is the start when it had only just begun", () => expect(resumeAt(3, 600)).toBe(0));
  it("is the start when it was heard to the end", () => expect(resumeAt(598, 600)).toBe(0));
  it("is the start when nothing is known", () => expect(resumeAt(null, 600)).toBe(0));
});
