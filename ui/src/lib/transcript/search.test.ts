import { describe, expect, it } from "vitest";
import { cut, TextIndex } from "./search";

const marked = (text: string, phrase: string) =>
  new TextIndex([text]).find(phrase).map(({ range }) => text.slice(range.from, range.to));

describe("searching a transcript", () => {
  it("does not mind case", () => expect(marked("The Deadline is near", "deadline")).toEqual(["Deadline"]));
  it("does not mind accents, and marks the accented text", () => {
    expect(marked("Frau Müller und Herr Mu\u0308ller", "muller")).toEqual(["Müller", "Mu\u0308ller"]);
  });
  it("finds ß as ss", () => expect(marked("auf der Straße", "strasse")).toEqual(["Straße"]));
  it("keeps its places behind an emoji", () => expect(marked("🎉🎉 done", "done")).toEqual(["done"]));
  it("finds several in one line, without overlaps", () => expect(marked("aaaa", "aa")).toEqual(["aa", "aa"]));
  it("finds nothing for blanks", () => expect(marked("a b", "  ")).toEqual([]));
  it("treats signs as text, not as a pattern", () =>
    expect(marked("cost (net) 5.0", "(net)")).toEqual(["(net)"]));

  it("finds any of several words where words begin, what overlaps once", () => {
    const text = "The clinic: a polyclinic, clinics. 来週の会議で";
    const found = new TextIndex([text]).findAny(["clin", "clinic", "会議", " "]);
    expect(found.map(({ range }) => text.slice(range.from, range.to))).toEqual(["clinic", "clinic", "会議"]);
    expect(new TextIndex([text]).findAny([])).toEqual([]);
  });

  it("says which text it was", () => {
    expect(new TextIndex(["one", "two", "one two"]).find("two").map((hit) => hit.index)).toEqual([1, 2]);
  });
});

describe("cutting a text at its marks", () => {
  it("gives the whole text back", () => {
    const pieces = cut("say it again", [{ from: 4, to: 6 }]);
    expect(pieces.map((piece) => piece.text)).toEqual(["say ", "it", " again"]);
    expect(pieces.map((piece) => piece.range !== null)).toEqual([false, true, false]);
  });
  it("has no empty pieces", () => expect(cut("it", [{ from: 0, to: 2 }])).toHaveLength(1));
});
