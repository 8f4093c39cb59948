import { expect, test, vi } from "vitest";
import type { ClipReport, UserError } from "../types";
import { ClippingState } from "./clipping.svelte";

const ONE = { teamspace: "t", recording_id: "r", id: "h" };
const REPORT: ClipReport = { saved: [], failed: [] };
const MISSING: UserError = {
  code: "program_missing",
  message: "no ffmpeg",
  action: "install it",
  params: {},
};

function held(trouble: UserError | null = null) {
  let end: (report: ClipReport) => void = () => undefined;
  const exportClips = vi.fn(() => new Promise<ClipReport>((resolve) => (end = resolve)));
  const stopExport = vi.fn(() => Promise.resolve());
  const clipTrouble = vi.fn(() => Promise.resolve(trouble));
  const state = new ClippingState({ exportClips, stopExport, clipTrouble });
  return { state, exportClips, stopExport, end: () => end(REPORT) };
}

test("highlights are saved into the folder, and the dialog may be closed meanwhile", async () => {
  const { state, exportClips, stopExport, end } = held();
  state.ask([ONE]);
  const run = state.run("/films");
  expect(exportClips).toHaveBeenCalledWith({ highlights: [ONE], folder: "/films" });
  state.noteProgress({ done: 0, total: 1, cut: 500, length: 1000 });
  state.close();
  state.ask([{ ...ONE, id: "other" }]);
  expect(state.wanted).toEqual([ONE]);
  await state.stop();
  expect([stopExport.mock.calls.length, state.state, state.numbers?.cut]).toEqual([1, "stopping", 500]);
  end();
  await run;
  expect([state.state, state.report]).toEqual(["ended", REPORT]);
});

test("what is missing is known before a folder is chosen", async () => {
  const { state } = held(MISSING);
  state.ask([ONE]);
  await vi.waitFor(() => expect(state.trouble).toEqual(MISSING));
});
