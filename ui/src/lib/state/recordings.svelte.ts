/**
 * The recordings of a teamspace, read page by page, newest first: the first ones are shown at once, and of a hundred
 * thousand the rest follows while somebody looks at them. What changes afterwards is read one by one.
 */
import type { Api } from "../api";
import { searchTextOf } from "../search-text";
import type { RecordingItem, RecordingPage } from "../types";
import { asUserError } from "../user-error";
import type { UserError } from "../types";
import { HeldOnce } from "./held-once";

type Calls = Pick<Api, "recordingsPage" | "listedRecording">;

/** Recordings of the first page, which the window waits for: more than fit on a screen. And of those after it. */
const FIRST = 60;
const MORE = 2_000;
/** More changes than that at once are read as a whole. */
const FEW = 100;
/** Milliseconds in which changes are gathered. */
const GATHER = 30;
/** After a reading as long as this comes a pause of several times its length, in milliseconds. */
const LONG = 250;

export class RecordingsState {
  readonly #api: Calls;
  readonly #teamspace: string;
  /** What was read; undefined before the first page. */
  value = $state.raw<RecordingItem[] | undefined>(undefined);
  /** Whether that is all. */
  complete = $state(false);
  /** Why the last reading failed; null when it did not. */
  error = $state.raw<UserError | null>(null);
  /** Whether a reading is under way. */
  loading = $state(false);

  readonly #byId = $derived(new Map((this.value ?? []).map((one) => [one.recording_id, one])));
  #running: Promise<void> | null = null;
  #again = false;
  readonly #changed = new Set<string>();
  #gathering: ReturnType<typeof setTimeout> | null = null;

  constructor(api: Calls, teamspace: string) {
    this.#api = api;
    this.#teamspace = teamspace;
  }

  /** Shows the first page, which came with the window, until it is read. */
  begin(page: RecordingPage): void {
    page.recordings.forEach(searchTextOf);
    this.value = page.recordings;
    this.complete = page.next === null;
  }

  /** One of those that were read. */
  find(recordingId: string): RecordingItem | undefined {
    return this.#byId.get(recordingId);
  }

  /** Reads all anew. Calls while a reading is under way lead to one more reading, never to two at once. */
  refresh(): Promise<void> {
    if (this.#running) {
      this.#again = true;
      return this.#running;
    }
    this.#running = this.#loop().finally(() => (this.#running = null));
    return this.#running;
  }

  /** One of them was added, changed or removed. */
  noteChange(recordingId: string): void {
    if (this.#changed.add(recordingId).size > FEW || this.value === undefined) {
      this.#changed.clear();
      void this.refresh();
    } else if (!this.#running) this.#soon();
  }

  #soon(): void {
    if (this.#gathering !== null) return;
    this.#gathering = setTimeout(() => {
      this.#gathering = null;
      this.#running ??= this.#apply().finally(() => (this.#running = null));
    }, GATHER);
  }

  async #loop(): Promise<void> {
    this.loading = true;
    do {
      this.#again = false;
      const begun = performance.now();
      try {
        await this.#readAll();
        this.error = null;
      } catch (error) {
        this.error = asUserError(error);
      }
      const took = performance.now() - begun;
      if (this.#again && took > LONG) await new Promise((done) => setTimeout(done, 3 * took));
    } while (this.#again);
    await this.#apply();
    this.loading = false;
  }

  async #readAll(): Promise<void> {
    const read: RecordingItem[] = [];
    const held = new HeldOnce();
    let after: number | null = null;
    let shown = this.value?.length ?? 0;
    do {
      const page = await this.#api.recordingsPage(this.#teamspace, after, after === null ? FIRST : MORE);
      for (const recording of page.recordings) {
        held.share(recording);
        searchTextOf(recording);
      }
      read.push(...page.recordings);
      after = page.next;
      // The first time it is shown as it grows; each time it has doubled, because a view reckons with all of it.
      if (!this.complete && after !== null && read.length >= Math.max(FIRST, 2 * shown)) {
        this.value = [...read];
        shown = read.length;
      }
    } while (after !== null);
    this.value = read;
    this.complete = true;
  }

  /** Reads those that changed, until none is left. */
  async #apply(): Promise<void> {
    while (this.#changed.size > 0 && this.complete) {
      const ids = [...this.#changed];
      this.#changed.clear();
      try {
        const read = await Promise.all(ids.map((id) => this.#api.listedRecording(this.#teamspace, id)));
        this.#put(new Map(ids.map((id, place) => [id, read[place] ?? null])));
        this.error = null;
      } catch (error) {
        this.error = asUserError(error);
      }
    }
    if (this.#again) await this.#loop();
  }

  /** Those that are there take the place of their former selves, new ones the one of their time; none takes away. */
  #put(changes: Map<string, RecordingItem | null>): void {
    const all: RecordingItem[] = [];
    for (const one of this.value ?? []) {
      const change = changes.get(one.recording_id);
      changes.delete(one.recording_id);
      if (change !== null) all.push(change ?? one);
    }
    for (const one of changes.values()) {
      if (one === null) continue;
      const at = all.findIndex((other) => Date.parse(other.start) < Date.parse(one.start));
      all.splice(at < 0 ? all.length : at, 0, one);
    }
    this.value = all;
  }
}
