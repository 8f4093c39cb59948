import { expect, test, vi } from "vitest";
import type { ExportReport } from "../types";
import { ExportingState } from "./exporting.svelte";

const WANTED = { teamspace: "t", recordings: [{ recording_id: "r", title: "Interview", files: [] }] };
const REPORT: ExportReport = { exported: [], failed: [] };

function held() {
  let end: (report: ExportReport) => void = () => undefined;
  const exportRecordings = vi.fn(() => new Promise<ExportReport>((resolve) => (end = resolve)));
  const stopExport = vi.fn(() => Promise.resolve());
  return {
    state: new ExportingState({ exportRecordings, stopExport }),
    exportRecordings,
    stopExport,
    end: () => end(REPORT),
  };
}

test("what was chosen is exported to the folder, and the report stays until the next choice", async () => {
  const { state, exportRecordings, end } = held();
  state.ask(WANTED);
  const parts = [...state.parts];
  const run = state.run("/films");
  expect(exportRecordings).toHaveBeenCalledWith("t", { recordings: ["r"], parts, folder: "/films" });
  expect(state.state).toBe("running");
  end();
  await run;
  expect([state.state, state.report]).toEqual(["ended", REPORT]);
  state.again();
  expect([state.state, state.report]).toEqual(["choosing", null]);
});

test("a dialog that is closed meanwhile comes back to the export that runs, whatever is asked for", async () => {
  const { state, end } = held();
  state.ask(WANTED);
  const run = state.run("/films");
  state.close();
  state.ask({ teamspace: "other", recordings: [] });
  expect(state.wanted).toEqual(WANTED);
  end();
  await run;
});

test("it is stopped once, and hears of its progress only while it runs", async () => {
  const { state, stopExport, end } = held();
  const numbers = { done: 0, total: 1, bytes: 5, bytes_total: 10 };
  state.noteProgress(numbers);
  expect(state.numbers).toBeNull();
  state.ask(WANTED);
  const run = state.run("/films");
  state.noteProgress(numbers);
  expect(state.numbers).toEqual(numbers);
  await state.stop();
  await state.stop();
  expect([state.state, stopExport.mock.calls.length]).toEqual(["stopping", 1]);
  end();
  await run;
});

test("what was not begun is said beside the choice", async () => {
  const refused = { code: "usage", message: "no", action: "choose" };
  const state = new ExportingState({
    exportRecordings: () => Promise.reject(refused as never),
    stopExport: () => Promise.resolve(),
  });
  state.ask(WANTED);
  await state.run("/films");
  expect([state.state, state.error]).toEqual(["choosing", refused]);
});
