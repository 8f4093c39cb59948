/** The export of this window: what of the recordings is exported, and where the last one went. */
import type { Api } from "../api";
import type { Event, ExportPart, ExportReport, RecordingItem } from "../types";
import { SavingState } from "./saving.svelte";

type Calls = Pick<Api, "exportRecordings" | "stopExport">;
type Numbers = Omit<Extract<Event, { event: "export_progress" }>, "event">;

/** What somebody wants exported: recordings of one teamspace. */
export interface ToExport {
  teamspace: string;
  recordings: readonly Pick<RecordingItem, "recording_id" | "title" | "files">[];
}

const PARTS = "next.export.parts";
/** Where the last export went: the next one is likely to go there too. */
const FOLDER = "next.export.folder";
const FIRST: ExportPart[] = ["video", "vtt", "text", "markdown"];

export class ExportingState extends SavingState<ToExport, Numbers, ExportReport> {
  readonly #api: Calls;
  /** What of the recordings, as it was chosen last. */
  parts = $state.raw<ExportPart[]>(remembered());

  constructor(api: Calls) {
    super(api);
    this.#api = api;
  }

  choose(part: ExportPart, on: boolean): void {
    this.parts = on ? [...this.parts, part] : this.parts.filter((other) => other !== part);
    remember(PARTS, JSON.stringify(this.parts));
  }

  protected save(wanted: ToExport, folder: string): Promise<ExportReport> {
    remember(FOLDER, folder);
    const recordings = wanted.recordings.map((one) => one.recording_id);
    return this.#api.exportRecordings(wanted.teamspace, { recordings, parts: this.parts, folder });
  }
}

/** Where the last export went; null before the first. */
export function lastFolder(): string | null {
  try {
    return localStorage.getItem(FOLDER);
  } catch {
    return null;
  }
}

function remember(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Without storage it is known while the window is open.
  }
}

function remembered(): ExportPart[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(PARTS) ?? "null");
    const known = [...FIRST, "files"] as string[];
    return Array.isArray(kept) && kept.every((part) => known.includes(part as string))
      ? (kept as ExportPart[])
      : FIRST;
  } catch {
    return FIRST;
  }
}
