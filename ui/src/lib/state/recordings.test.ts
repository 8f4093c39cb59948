import { describe, expect, test } from "vitest";
import { plainRecording } from "../fake/plain-recording";
import type { RecordingItem, RecordingPage } from "../types";
import { RecordingsState } from "./recordings.svelte";

const recording = (n: number, title = `Meeting ${n}`): RecordingItem =>
  plainRecording({
    recording_id: `id-${n}`,
    title,
    start: new Date(Date.UTC(2026, 0, 1) + n * 3_600_000).toISOString(),
  });

/** A core that holds these, and says what it was asked. */
function core(held: RecordingItem[]) {
  const asked: string[] = [];
  return {
    held,
    asked,
    failing: false,
    async recordingsPage(_: string, after: number | null, limit: number): Promise<RecordingPage> {
      asked.push(`${limit} after ${after ?? "nothing"}`);
      await Promise.resolve();
      if (this.failing) throw { code: "busy", message: "It is busy", action: "wait" };
      const from = after ?? 0;
      const next = from + limit < held.length ? from + limit : null;
      return { recordings: held.slice(from, from + limit), next };
    },
    async listedRecording(_: string, id: string): Promise<RecordingItem | null> {
      asked.push(id);
      await Promise.resolve();
      return held.find((one) => one.recording_id === id) ?? null;
    },
  };
}

const many = (count: number) => Array.from({ length: count }, (_, place) => recording(count - place));
const settled = () => new Promise((done) => setTimeout(done, 60));
const titles = (state: RecordingsState) => state.value?.map((one) => one.title);

describe("the recordings of a teamspace", () => {
  test("are shown from the first page on, and grow to all of them", async () => {
    const api = core(many(9_000));
    const state = new RecordingsState(api, "t");
    const sizes: number[] = [];
    const reading = state.refresh();
    const watch = setInterval(() => sizes.push(state.value?.length ?? 0), 0);
    await reading;
    clearInterval(watch);
    expect(api.asked[0]).toBe("60 after nothing");
    expect(api.asked).toHaveLength(6);
    expect([state.value?.length, state.complete, state.error]).toEqual([9_000, true, null]);
    expect(new Set(state.value?.map((one) => one.recording_id)).size).toBe(9_000);
    expect(state.find("id-1")?.title).toBe("Meeting 1");
  });

  test("one that changed is read alone, a new one comes to its place, one that went is gone", async () => {
    const api = core(many(5));
    const state = new RecordingsState(api, "t");
    await state.refresh();
    api.asked.length = 0;
    api.held.splice(0, 1);
    api.held.push(recording(2.5, "Between"));
    api.held[1] = recording(3, "Renamed");
    for (const id of ["id-5", "id-2.5", "id-3"]) state.noteChange(id);
    await settled();
    expect(api.asked.sort()).toEqual(["id-2.5", "id-3", "id-5"]);
    expect(titles(state)).toEqual(["Meeting 4", "Renamed", "Between", "Meeting 2", "Meeting 1"]);
  });

  test("what changes while all are read is read after them", async () => {
    const api = core(many(300));
    const state = new RecordingsState(api, "t");
    const reading = state.refresh();
    await Promise.resolve();
    api.held[0] = recording(300, "Renamed meanwhile");
    await Promise.resolve();
    await Promise.resolve();
    state.noteChange("id-300");
    await reading;
    await settled();
    expect(titles(state)?.[0]).toBe("Renamed meanwhile");
  });

  test("very many changes are one reading", async () => {
    const api = core(many(500));
    const state = new RecordingsState(api, "t");
    await state.refresh();
    api.asked.length = 0;
    for (let n = 1; n <= 101; n += 1) state.noteChange(`id-${n}`);
    await settled();
    expect(api.asked).toEqual(["60 after nothing", "2000 after 60"]);
  });

  test("what cannot be read is said, and what was read stays", async () => {
    const api = core(many(3));
    const state = new RecordingsState(api, "t");
    await state.refresh();
    api.failing = true;
    await state.refresh();
    expect([state.value?.length, state.error?.code]).toEqual([3, "busy"]);
    api.failing = false;
    await state.refresh();
    expect(state.error).toBe(null);
  });
});
