import { describe, expect, it } from "vitest";
import { Arrivals } from "./arrivals.svelte";

const ids = (text: string) => [...text].map((recording_id) => ({ recording_id }));
const shown = (arrivals: Arrivals, now: string) =>
  arrivals
    .of(ids(now))
    .map((one) => one.recording_id)
    .join("");

describe("new recordings", () => {
  it("appear at once for somebody who is at the top", () => {
    const arrivals = new Arrivals();
    arrivals.note(ids("ab"), false);
    arrivals.note(ids("cab"), false);
    expect(shown(arrivals, "cab")).toBe("cab");
  });

  it("wait for somebody who reads further down, and are counted", () => {
    const arrivals = new Arrivals();
    arrivals.note(ids("ab"), true);
    arrivals.note(ids("cab"), true);
    arrivals.note(ids("dcab"), true);
    expect([shown(arrivals, "dcab"), arrivals.held.size]).toEqual(["ab", 2]);
    arrivals.show();
    expect(shown(arrivals, "dcab")).toBe("dcab");
  });

  it("that are gone before they were shown are not counted", () => {
    const arrivals = new Arrivals();
    arrivals.note(ids("ab"), true);
    arrivals.note(ids("cab"), true);
    arrivals.note(ids("b"), true);
    expect([shown(arrivals, "b"), arrivals.held.size]).toEqual(["b", 0]);
  });
});
