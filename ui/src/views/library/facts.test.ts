import { describe, expect, it } from "vitest";
import type { RecordingFile } from "$lib/bindings/RecordingFile";
import { factsOf, mainFile } from "./facts";

const file = (kind: RecordingFile["kind"], segment = 0): RecordingFile => ({
  key: `${kind}-${segment}`,
  kind,
  segment,
  media_type: "",
  size: 1,
  sha256: "",
});

describe("facts of a recording", () => {
  it("is audio only when nothing else plays", () => {
    expect(factsOf({ files: [file("audio"), file("chat")] }).audioOnly).toBe(true);
    expect(factsOf({ files: [file("audio"), file("video")] }).audioOnly).toBe(false);
    expect(factsOf({ files: [file("chat")] }).audioOnly).toBe(false);
  });
  it("counts parts by what plays", () => {
    expect(factsOf({ files: [file("video"), file("video", 1), file("transcript", 2)] }).parts).toBe(2);
  });
  it("has words when there is a transcript or captions", () =>
    expect(factsOf({ files: [file("captions")] }).transcript).toBe(true));
  it("opens the video rather than the sound", () =>
    expect(mainFile({ files: [file("audio"), file("video")] })?.kind).toBe("video"));
});
