/**
 * The account's cloud recordings of a stretch of days, read month by month, newest first. What has come shows at once.
 * A month that cannot be read is said and can be asked for again; when nothing at all can be read any more (no
 * network, no sign-in) the reading stops and goes on from there.
 */
import type { Api } from "$lib/api";
import type { Code } from "$lib/bindings/Code";
import type { ListedRecording } from "$lib/bindings/ListedRecording";
import type { UserError } from "$lib/bindings/UserError";
import { monthsOf, type Days } from "./range";

export interface Month extends Days {
  state: "waiting" | "loading" | "loaded" | "failed";
  recordings: ListedRecording[];
  error: UserError | null;
}

/** With these there is no point in asking for the next month. */
const HOPELESS: readonly Code[] = [
  "offline",
  "not_connected",
  "needs_reauthorization",
  "scopes_missing",
  "no_zoom_client",
  "zoom_client_refused",
  "keyring_unavailable",
  "claim_conflict",
];

export class CloudRecordings {
  readonly #api: Pick<Api, "cloudRecordings">;
  months = $state<Month[]>([]);
  /** Why the reading stopped before its end. */
  stopped = $state.raw<UserError | null>(null);
  #from = $state.raw(new Date(0));
  #before = $state.raw(new Date(0));
  /** Counts the ranges asked for: an answer to an earlier one is dropped. */
  #run = 0;

  constructor(api: Pick<Api, "cloudRecordings">) {
    this.#api = api;
  }

  /** Everything that has come, newest first, each meeting once. */
  readonly recordings: ListedRecording[] = $derived.by(() => {
    const seen = new Map<string, ListedRecording>();
    for (const month of this.months) {
      for (const recording of month.recordings) {
        const at = Date.parse(recording.start);
        if (at < this.#from.getTime() || at >= this.#before.getTime()) continue;
        if (!seen.has(recording.uuid)) seen.set(recording.uuid, recording);
      }
    }
    return [...seen.values()].sort((a, b) => (a.start < b.start ? 1 : a.start > b.start ? -1 : 0));
  });

  readonly loading: Month | null = $derived(this.months.find((month) => month.state === "loading") ?? null);
  readonly failed: Month[] = $derived(this.months.filter((month) => month.state === "failed"));

  /** The first day of what was read without a gap, counted from the newest; none before the first answer. */
  readonly coveredFrom: string | null = $derived.by(() => {
    const gap = this.months.findIndex((month) => month.state !== "loaded");
    const last = gap < 0 ? this.months.at(-1) : this.months[gap - 1];
    return last?.from ?? null;
  });

  readonly complete: boolean = $derived(
    this.months.length > 0 && this.months.every((month) => month.state === "loaded"),
  );

  /** Reads from a moment up to, not including, another. */
  async read(from: Date, before: Date): Promise<void> {
    this.#from = from;
    this.#before = before;
    this.stopped = null;
    const run = ++this.#run;
    this.months = monthsOf(from, before).map((days) => ({
      ...days,
      state: "waiting",
      recordings: [],
      error: null,
    }));
    await this.#readOn(run);
  }

  /** Asks again for what failed or was not reached. */
  async retry(): Promise<void> {
    const run = ++this.#run;
    this.stopped = null;
    for (const month of this.months) if (month.state !== "loaded") month.state = "waiting";
    await this.#readOn(run);
  }

  /** Drops all answers that are still under way. */
  close(): void {
    this.#run++;
  }

  async #readOn(run: number): Promise<void> {
    for (const month of this.months) {
      if (month.state !== "waiting") continue;
      month.state = "loading";
      month.error = null;
      try {
        const listing = await this.#api.cloudRecordings(month.from, month.to);
        if (run !== this.#run) return;
        month.recordings = listing.recordings;
        month.state = "loaded";
      } catch (thrown) {
        if (run !== this.#run) return;
        const error = thrown as UserError;
        if (HOPELESS.includes(error.code)) {
          month.state = "waiting";
          this.stopped = error;
          return;
        }
        month.state = "failed";
        month.error = error;
      }
    }
  }
}
