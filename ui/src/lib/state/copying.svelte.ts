/**
 * Copies of teamspaces to other places, for as long as the window is open: one that runs, and how the last one of each
 * teamspace ended. Whoever asked may close the dialog, or look elsewhere.
 */
import { SvelteMap } from "svelte/reactivity";
import type { Api } from "../api";
import type { CopyReport, CopyWish, Event, PlaceDraft } from "../types";
import { asUserError } from "../user-error";

type Calls = Pick<Api, "copyTeamspace" | "stopCopy">;
type Numbers = Pick<
  Extract<Event, { event: "copy_progress" }>,
  "files" | "files_total" | "bytes" | "bytes_total"
>;

export interface Copy {
  state: "running" | "stopped" | "failed" | "done";
  /** Where to, as it was entered: the same again goes on. */
  draft: PlaceDraft;
  wish: CopyWish;
  /** How far it is; null before that is known. */
  numbers: Numbers | null;
  /** Somebody pressed Stop, and it has not come to an end yet. */
  stopping: boolean;
  report: CopyReport | null;
  error: unknown;
}

export class CopyingState {
  readonly #api: Calls;
  readonly #copies = new SvelteMap<string, Copy>();

  constructor(api: Calls) {
    this.#api = api;
  }

  of(teamspace: string): Copy | undefined {
    return this.#copies.get(teamspace);
  }

  /** Copies, or goes on; the answer is how it ended. */
  async run(teamspace: string, draft: PlaceDraft, wish: CopyWish): Promise<Copy> {
    const begun: Copy = {
      state: "running",
      draft,
      wish,
      numbers: null,
      stopping: false,
      report: null,
      error: null,
    };
    this.#copies.set(teamspace, begun);
    let end: Partial<Copy>;
    try {
      end = { state: "done", report: await this.#api.copyTeamspace(teamspace, draft, wish) };
    } catch (error) {
      const stopped = asUserError(error).code === "cancelled";
      end = stopped ? { state: "stopped" } : { state: "failed", error };
    }
    const ended = { ...(this.#copies.get(teamspace) ?? begun), ...end, stopping: false };
    this.#copies.set(teamspace, ended);
    return ended;
  }

  async stop(teamspace: string): Promise<void> {
    this.#change(teamspace, { stopping: true });
    try {
      await this.#api.stopCopy(teamspace);
    } catch (error) {
      this.#change(teamspace, { stopping: false });
      throw error;
    }
  }

  /** Somebody read how it ended. */
  forget(teamspace: string): void {
    if (this.#copies.get(teamspace)?.state !== "running") this.#copies.delete(teamspace);
  }

  noteProgress(teamspace: string, { files, files_total, bytes, bytes_total }: Numbers): void {
    this.#change(teamspace, { numbers: { files, files_total, bytes, bytes_total } });
  }

  /** Only of one that runs: what comes late changes nothing. */
  #change(teamspace: string, change: Partial<Copy>): void {
    const copy = this.#copies.get(teamspace);
    if (copy?.state === "running") this.#copies.set(teamspace, { ...copy, ...change });
  }
}
