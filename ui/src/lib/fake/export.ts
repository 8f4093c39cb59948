/** Exporting in the fake: nothing is written, but it takes its time, can be stopped, and meets a full disk. */
import type { Event, ExportPart, ExportReport, ExportWish } from "../types";
import { error } from "./state";
import type { StoredRecording } from "./stored";

const ENDINGS: Record<ExportPart, string> = {
  video: ".mp4",
  vtt: ".vtt",
  text: ".txt",
  markdown: ".md",
  files: "/Video.mp4",
};

export class FakeExport {
  readonly #full: boolean;
  readonly #emit: (event: Event) => void;
  #stopped = false;

  constructor(full: boolean, emit: (event: Event) => void) {
    this.#full = full;
    this.#emit = emit;
  }

  async run(recordings: readonly StoredRecording[], wish: ExportWish): Promise<ExportReport> {
    if (wish.folder.includes("Research")) {
      throw error(
        "usage",
        "This folder belongs to the teamspace “Research”",
        "choose a folder outside of it",
        {
          name: "Research",
        },
      );
    }
    this.#stopped = false;
    const report: ExportReport = { exported: [], failed: [] };
    const sizes = recordings.map((one) => one.files.reduce((sum, file) => sum + file.size, 0));
    const bytes_total = sizes.reduce((sum, size) => sum + size, 0);
    let bytes = 0;
    for (const [done, { recording_id, title, files, start }] of recordings.entries()) {
      this.#emit({ event: "export_progress", done, total: recordings.length, bytes, bytes_total });
      await new Promise((later) => setTimeout(later, 250));
      const full = this.#full && done > 0;
      if (this.#stopped || full) {
        const why = full
          ? error(
              "disk_full",
              `There is too little room for the export at ${wish.folder}`,
              "free some space",
              {
                path: wish.folder,
                deed: "export",
              },
            )
          : error("cancelled", "The export was stopped", "export again what is missing");
        report.failed.push({ recording_id, title, error: why });
        continue;
      }
      bytes += sizes[done]!;
      const spoken = files.some((file) => file.kind === "transcript");
      const missing: ExportPart[] = spoken
        ? []
        : wish.parts.filter((part) => part === "vtt" || part === "text");
      const name = `${wish.folder}/${start.slice(0, 10)} ${title.replaceAll(/[/:?]/g, "-")}`;
      const parts = wish.parts.filter((part) => !missing.includes(part));
      report.exported.push({
        recording_id,
        title,
        files: parts.map((part) => name + ENDINGS[part]),
        missing,
      });
    }
    return report;
  }

  stop(): void {
    this.#stopped = true;
  }
}
