import { describe, expect, it } from "vitest";
import { momentLink, quote } from "./moment";

const LINK = "next-desktop://recording/t/r?t=75";

describe("a link to a moment", () => {
  it("has whole seconds, and none before the start", () => {
    expect(momentLink("t", "r", 75.9)).toBe(LINK);
    expect(momentLink("t", "r", -3)).toBe("next-desktop://recording/t/r?t=0");
  });
});

describe("a quote", () => {
  const cue = { start: 5, end: 7, speaker: "Ada", text: "Yes. 🎤" };

  it("says who said it, when and where, and how to hear it", () => {
    expect(quote(cue, 75, "Interview 7", LINK)).toBe(`“Yes. 🎤” – Ada, 1:15, Interview 7\n${LINK}`);
  });

  it("names nobody where nobody is named", () => {
    expect(quote({ ...cue, speaker: null }, 3753, "ראיון", LINK)).toBe(`“Yes. 🎤” – 1:02:33, ראיון\n${LINK}`);
  });
});
