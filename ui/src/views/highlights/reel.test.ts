import { describe, expect, test, vi } from "vitest";
import type { HighlightItem, OpenedRecording, UserError } from "$lib/types";
import { Reel } from "./reel.svelte";

const item = (id: string, recording_id = "r", more: Partial<HighlightItem> = {}): HighlightItem => ({
  id,
  teamspace: "t",
  recording_id,
  from: 1000,
  to: 2000,
  note: "",
  tags: [],
  profile: "p",
  name: null,
  at: "2026-03-01T09:00:00Z",
  title: "Interview",
  start: "2026-03-01T09:00:00Z",
  poster: null,
  media: "here",
  ...more,
});

/** Recordings of which some have nothing to play, and some are not there. */
function library(empty: string[] = [], missing: Record<string, UserError["code"]> = {}) {
  return {
    openRecording: vi.fn((teamspace: string, recording_id: string) => {
      const code = missing[recording_id];
      if (code) return Promise.reject({ code, message: "no", action: "wait", params: {} } as UserError);
      const file = {
        key: "a/v.mp4",
        kind: "video",
        segment: 0,
        media_type: "video/mp4",
        size: 1,
        sha256: "",
      };
      const files = empty.includes(recording_id) ? [] : [file];
      const opened = { teamspace, recording_id, files, urls: ["http://x"], damaged: [], transcript: [] };
      return Promise.resolve(opened as unknown as OpenedRecording);
    }),
  };
}

const settled = () => new Promise((later) => setTimeout(later));

describe("a reel", () => {
  test("opens each recording once for the highlights that follow each other", async () => {
    const api = library();
    const reel = new Reel(api, [item("1"), item("2"), item("3", "other")], () => false);
    await reel.go(0);
    const [first] = [reel.player];
    reel.next();
    await settled();
    expect([reel.index, reel.player === first]).toEqual([1, true]);
    reel.next();
    await settled();
    expect([reel.index, reel.player === first, api.openRecording.mock.calls.length]).toEqual([2, false, 2]);
    reel.next();
    expect([reel.done, reel.any]).toEqual([true, true]);
  });

  test("leaves out what cannot be played, says why, and goes on", async () => {
    const api = library(["empty"], { gone: "not_found", off: "offline" });
    const items = [
      item("1", "empty"),
      item("2", "gone"),
      item("3", "off"),
      item("4", "away", { media: "away" }),
    ];
    const reel = new Reel(api, [...items, item("5")], (one) => one.media === "away");
    expect([...reel.skipped]).toEqual([[3, "away"]]);
    await reel.go(0);
    await vi.waitFor(() => expect(reel.player?.active?.id).toBe("5"));
    expect(Object.fromEntries(reel.skipped)).toEqual({ 0: "broken", 1: "gone", 2: "away", 3: "away" });
    expect(api.openRecording).not.toHaveBeenCalledWith("t", "away");
    reel.previous();
    await vi.waitFor(() => expect(reel.player?.active?.id).toBe("5"));
    expect(reel.index).toBe(4);
  });

  test("of nothing that plays ends and says so", async () => {
    const reel = new Reel(library(["r"]), [item("1"), item("2")], () => false);
    await reel.go(0);
    await vi.waitFor(() => expect(reel.done).toBe(true));
    expect(reel.any).toBe(false);
  });

  test("answers the last wish, whatever was opened before it", async () => {
    const reel = new Reel(library(), [item("1", "a"), item("2", "b")], () => false);
    const first = reel.go(0);
    await reel.go(1);
    await first;
    expect([reel.index, reel.opened?.recording_id]).toEqual([1, "b"]);
  });
});
