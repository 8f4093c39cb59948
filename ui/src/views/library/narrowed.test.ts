import { describe, expect, it, vi } from "vitest";
import type { Filtered, RecordingItem } from "$lib/types";
import { filterOf } from "../search/results";
import { libraryOf, Narrowed, onlyTag } from "./narrowed.svelte";

const item = (id: string) => ({ recording_id: id }) as RecordingItem;
const ids = (narrowed: Narrowed) => narrowed.of(["a", "b", "c"].map(item)).map((one) => one.recording_id);

/** Answers when it is told to, in any order. */
function calls() {
  const waiting = new Map<string, (left: string[]) => void>();
  return {
    answer: (text: string, left: string[]) => waiting.get(text)!(left),
    filterRecordings: (_teamspace: string, text: string) =>
      new Promise<Filtered>((done) =>
        waiting.set(text, (recordings) =>
          done({ recordings, query: [{ text, without: false, filter: "tag", value: text }] }),
        ),
      ),
  };
}

describe("a narrowed library", () => {
  it("shows what the last query leaves, whatever comes back when", async () => {
    const api = calls();
    const narrowed = new Narrowed(api, "one");
    expect(ids(narrowed)).toEqual(["a", "b", "c"]);
    const first = narrowed.want("tag:x");
    const second = narrowed.want("tag:y");
    api.answer("tag:y", ["b"]);
    await second;
    api.answer("tag:x", ["a"]);
    await first;
    expect(ids(narrowed)).toEqual(["b"]);
    await narrowed.want("");
    expect(ids(narrowed)).toEqual(["a", "b", "c"]);
  });

  it("is there at once when one comes back, and only in its own teamspace", async () => {
    const api = calls();
    const wanted = new Narrowed(api, "two").want("tag:x");
    api.answer("tag:x", ["c"]);
    await wanted;
    expect(libraryOf("two")).toEqual({ name: "teamspace", teamspace: "two", query: "tag:x" });
    expect(libraryOf("three")).toEqual({ name: "teamspace", teamspace: "three" });
    const again = new Narrowed(api, "two");
    void again.want("tag:x");
    expect(ids(again)).toEqual(["c"]);
  });

  it("makes each change to what the one before left, also while that is still on its way", async () => {
    const api = calls();
    const narrowed = new Narrowed(api, "four");
    const go = (text: string) => void narrowed.want(text);
    const seen: string[] = [];
    const add = (word: string) =>
      narrowed.change((text, query) => {
        seen.push(query.map((part) => part.text).join(" "));
        return `${text} ${word}`.trim();
      }, go);
    const [first, second] = [add("x"), add("y")];
    await vi.waitFor(() => api.answer("x", ["a", "b"]));
    await first;
    await vi.waitFor(() => api.answer("x y", ["b"]));
    await second;
    expect(seen).toEqual(["", "x"]);
    expect([narrowed.text, ids(narrowed)]).toEqual(["x y", ["b"]]);
    await narrowed.change(
      (text) => text,
      () => expect.unreachable(),
    );
  });

  it("knows when a tag is all that it is about, and writes filters that are read again", () => {
    const part = (filter: string, value: string, without = false) => ({ text: "", filter, value, without });
    expect(onlyTag([part("tag", "clinic")])).toBe("clinic");
    expect(onlyTag([part("tag", "clinic", true)])).toBe(null);
    expect(onlyTag([part("tag", "clinic"), part("from", "Ada")])).toBe(null);
    expect(filterOf("from", 'Ada "K" Kessler')).toBe('from:"Ada  K  Kessler"');
    expect(filterOf("tag", "clinic")).toBe("tag:clinic");
  });
});
