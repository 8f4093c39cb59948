/**
 * The export of this window: what is to be exported, how far it is, and how it ended. Any view asks for one with `ask`;
 * the dialog may be closed while it runs, and shows it again.
 */
import type { Api } from "../api";
import type { Event, ExportPart, ExportReport, RecordingItem } from "../types";

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

export class ExportingState {
  readonly #api: Calls;
  /** What the dialog is about; null while it is closed. */
  wanted = $state.raw<ToExport | null>(null);
  /** What of it, as it was chosen last. */
  parts = $state.raw<ExportPart[]>(remembered());
  state = $state<"choosing" | "running" | "stopping" | "ended">("choosing");
  /** How far it is; null before that is known. */
  numbers = $state.raw<Numbers | null>(null);
  report = $state.raw<ExportReport | null>(null);
  /** Why nothing was begun. */
  error = $state.raw<unknown>(null);

  constructor(api: Calls) {
    this.#api = api;
  }

  get running(): boolean {
    return this.state === "running" || this.state === "stopping";
  }

  /** Opens the dialog; while an export runs, on that one. */
  ask(wanted: ToExport): void {
    if (this.running) {
      this.wanted ??= this.#under;
      return;
    }
    this.wanted = wanted;
    this.again();
  }

  /** What runs just now. */
  #under: ToExport | null = null;

  /** Back to the choice. */
  again(): void {
    this.state = "choosing";
    this.report = this.error = this.numbers = null;
  }

  close(): void {
    this.wanted = null;
  }

  choose(part: ExportPart, on: boolean): void {
    this.parts = on ? [...this.parts, part] : this.parts.filter((other) => other !== part);
    remember(PARTS, JSON.stringify(this.parts));
  }

  async run(folder: string): Promise<void> {
    const wanted = this.wanted;
    if (!wanted || this.running) return;
    this.#under = wanted;
    remember(FOLDER, folder);
    this.again();
    this.state = "running";
    const recordings = wanted.recordings.map((one) => one.recording_id);
    try {
      this.report = await this.#api.exportRecordings(wanted.teamspace, {
        recordings,
        parts: this.parts,
        folder,
      });
      this.state = "ended";
    } catch (error) {
      this.error = error;
      this.state = "choosing";
    }
    this.#under = null;
  }

  async stop(): Promise<void> {
    if (this.state !== "running") return;
    this.state = "stopping";
    await this.#api.stopExport();
  }

  noteProgress({ done, total, bytes, bytes_total }: Numbers): void {
    if (this.running) this.numbers = { done, total, bytes, bytes_total };
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
