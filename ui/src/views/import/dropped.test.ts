import { describe, expect, it } from "vitest";
import { toImports } from "./dropped";

describe("files that were dropped", () => {
  it("are recordings, each with the transcript of its name", () =>
    expect(toImports(["/a/One.MP4", "/a/one.vtt", "/a/two.m4a"])).toEqual({
      imports: [
        { media: "/a/One.MP4", transcript: "/a/one.vtt" },
        { media: "/a/two.m4a", transcript: null },
      ],
      left: [],
    }));
  it("that are neither are left, also a transcript alone or of another folder", () =>
    expect(toImports(["C:\\b\\one.mp4", "C:\\c\\one.vtt", "/a/notes.pdf", "/a/folder.d/file"])).toEqual({
      imports: [{ media: "C:\\b\\one.mp4", transcript: null }],
      left: ["C:\\c\\one.vtt", "/a/notes.pdf", "/a/folder.d/file"],
    }));
});
