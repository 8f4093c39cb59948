/**
 * Saving highlights as clips: which, how far it is, and how it ended. Any view asks for it with `ask`; the dialog may be
 * closed while it runs, and shows it again.
 */
import type { Api } from "../api";
import type { ClipReport, Event, Highlight, UserError } from "../types";

type Calls = Pick<Api, "clipTrouble" | "exportClips" | "stopExport">;
type Numbers = Omit<Extract<Event, { event: "clip_progress" }>, "event">;
type Wanted = readonly Pick<Highlight, "teamspace" | "recording_id" | "id">[];

export class ClippingState {
  readonly #api: Calls;
  /** What the dialog is about; null while it is closed. */
  wanted = $state.raw<Wanted | null>(null);
  state = $state<"choosing" | "running" | "stopping" | "ended">("choosing");
  /** What keeps this machine from saving clips; null when nothing does, undefined before that is known. */
  trouble = $state.raw<UserError | null | undefined>(undefined);
  numbers = $state.raw<Numbers | null>(null);
  report = $state.raw<ClipReport | null>(null);
  /** Why nothing was begun. */
  error = $state.raw<unknown>(null);
  #under: Wanted | null = null;

  constructor(api: Calls) {
    this.#api = api;
  }

  get running(): boolean {
    return this.state === "running" || this.state === "stopping";
  }

  /** Opens the dialog; while clips are saved, on those. */
  ask(wanted: Wanted): void {
    if (this.running) {
      this.wanted ??= this.#under;
      return;
    }
    this.wanted = wanted;
    this.state = "choosing";
    this.report = this.error = this.numbers = null;
    void this.look();
  }

  /** Looks whether this machine can save clips. */
  async look(): Promise<void> {
    try {
      this.trouble = await this.#api.clipTrouble();
    } catch (error) {
      this.trouble = null;
      this.error = error;
    }
  }

  close(): void {
    this.wanted = null;
  }

  async run(folder: string): Promise<void> {
    const wanted = this.wanted;
    if (!wanted || this.running) return;
    this.#under = wanted;
    this.report = this.error = this.numbers = null;
    this.state = "running";
    const highlights = wanted.map(({ teamspace, recording_id, id }) => ({ teamspace, recording_id, id }));
    try {
      this.report = await this.#api.exportClips({ highlights, folder });
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

  noteProgress({ done, total, cut, length }: Numbers): void {
    if (this.running) this.numbers = { done, total, cut, length };
  }
}
