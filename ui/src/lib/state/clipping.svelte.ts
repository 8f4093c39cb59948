/** Saving highlights as clips, and whether this machine can. */
import type { Api } from "../api";
import type { ClipReport, Event, Highlight, UserError } from "../types";
import { SavingState } from "./saving.svelte";

type Calls = Pick<Api, "clipTrouble" | "exportClips" | "stopExport">;
type Numbers = Omit<Extract<Event, { event: "clip_progress" }>, "event">;
type Wanted = readonly Pick<Highlight, "teamspace" | "recording_id" | "id">[];

export class ClippingState extends SavingState<Wanted, Numbers, ClipReport> {
  readonly #api: Calls;
  /** What keeps this machine from saving clips; null when nothing does, undefined before that is known. */
  trouble = $state.raw<UserError | null | undefined>(undefined);

  constructor(api: Calls) {
    super(api);
    this.#api = api;
  }

  override ask(wanted: Wanted): void {
    const running = this.running;
    super.ask(wanted);
    if (!running) void this.look();
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

  protected save(wanted: Wanted, folder: string): Promise<ClipReport> {
    const highlights = wanted.map(({ teamspace, recording_id, id }) => ({ teamspace, recording_id, id }));
    return this.#api.exportClips({ highlights, folder });
  }
}
