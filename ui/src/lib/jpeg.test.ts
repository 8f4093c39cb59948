import { describe, expect, it } from "vitest";
import { withoutProfile } from "./jpeg";

const segment = (marker: number, content: string) =>
  "\xff" + String.fromCharCode(marker, (content.length + 2) >> 8, (content.length + 2) & 255) + content;

const START = "\xff\xd8";
const JFIF = segment(0xe0, "JFIF\0\x01\x01\0\0\x01\0\x01\0\0");
const PROFILE = segment(0xe2, "ICC_PROFILE\0\x01\x01" + "p".repeat(560));
const OTHER = segment(0xe2, "FPXR\0something else");
const TABLES = segment(0xdb, "\xff\xe2 in a table");
const SCAN = segment(0xda, "\0") + "\xff\xe2\x00\x10ICC_PROFILE\0 in the picture\xff\xd9";

describe("a picture loses its colour profile", () => {
  it("and nothing else", () => {
    expect(withoutProfile(START + JFIF + PROFILE + OTHER + TABLES + SCAN)).toBe(
      START + JFIF + OTHER + TABLES + SCAN,
    );
  });

  it("also where the profile is in several segments", () => {
    expect(withoutProfile(START + PROFILE + JFIF + PROFILE + SCAN)).toBe(START + JFIF + SCAN);
  });

  it("where it has one: any other stays as it is", () => {
    for (const jpeg of ["", START, START + JFIF + SCAN, START + PROFILE.slice(0, 3), "not a picture"]) {
      expect(withoutProfile(jpeg)).toBe(jpeg);
    }
  });
});
