/** What a library is narrowed to: a query of the search's language, remembered while one looks at a recording. */
import { tick } from "svelte";
import type { Api } from "$lib/api";
import type { Route } from "$lib/router.svelte";
import type { QueryPart, RecordingItem, UserError } from "$lib/types";
import { asUserError } from "$lib/user-error";

interface Known {
  text: string;
  query: readonly QueryPart[];
  left: ReadonlySet<string> | null;
}

/** What somebody changes about a query: from how it is written, and how that was understood. */
export type Change = (text: string, query: readonly QueryPart[]) => string;

/** The last query of each library, and what it left: coming back shows that at once, in the same place. */
const last = new Map<string, Known>();

/** The way back to a library, as it was left. */
export function libraryOf(teamspace: string, query = last.get(teamspace)?.text ?? ""): Route {
  return query.trim() === "" ? { name: "teamspace", teamspace } : { name: "teamspace", teamspace, query };
}

/** The one tag that all of the query is about; null when it asks for something else. */
export function onlyTag(query: readonly QueryPart[]): string | null {
  const [part] = query;
  return query.length === 1 && part?.filter === "tag" && !part.without ? part.value : null;
}

export class Narrowed {
  readonly #api: Pick<Api, "filterRecordings">;
  readonly #teamspace: string;
  /** What is asked for. */
  text = $state("");
  /** The query as it was understood. */
  query = $state.raw<readonly QueryPart[]>([]);
  error = $state.raw<UserError | null>(null);
  #left = $state.raw<ReadonlySet<string> | null>(null);
  #turn = 0;
  /** Until what is asked for is understood. */
  #asking: Promise<void> = Promise.resolve();
  #changes: Promise<void> = Promise.resolve();

  constructor(calls: Pick<Api, "filterRecordings">, teamspace: string) {
    this.#api = calls;
    this.#teamspace = teamspace;
  }

  get on(): boolean {
    return this.text.trim() !== "";
  }

  /** Narrows the library to what a query asks for. What is shown stays until that is known. */
  async want(text: string): Promise<void> {
    const known = last.get(this.#teamspace);
    if (known?.text === text && this.text !== text) [this.query, this.#left] = [known.query, known.left];
    this.text = text;
    this.#keep();
    await this.again();
  }

  /**
   * Changes it, and leads to what comes of that. Several come one after the other: each is made to the query as it was
   * understood after the one before, so that of two quick choices none is lost.
   */
  change(change: Change, go: (text: string) => void): Promise<void> {
    this.#changes = this.#changes.then(async () => {
      await this.#understood();
      const text = change(this.text, this.query);
      if (text === this.text) return;
      go(text);
      await tick();
      await this.#understood();
    });
    return this.#changes;
  }

  async #understood(): Promise<void> {
    let asked: Promise<void>;
    do {
      asked = this.#asking;
      await asked;
    } while (asked !== this.#asking);
  }

  /** Asks again: something came, or was changed. */
  again(): Promise<void> {
    this.#asking = this.#ask();
    return this.#asking;
  }

  async #ask(): Promise<void> {
    const turn = ++this.#turn;
    this.error = null;
    if (!this.on) {
      this.query = [];
      this.#left = null;
      this.#keep();
      return;
    }
    try {
      const { recordings, query } = await this.#api.filterRecordings(this.#teamspace, this.text);
      if (turn !== this.#turn) return;
      this.query = query;
      this.#left = query.length === 0 ? null : new Set(recordings);
      this.#keep();
    } catch (error) {
      if (turn === this.#turn) this.error = asUserError(error);
    }
  }

  #keep(): void {
    last.set(this.#teamspace, { text: this.text, query: this.query, left: this.#left });
  }

  of(recordings: readonly RecordingItem[]): readonly RecordingItem[] {
    const left = this.#left;
    return left ? recordings.filter((one) => left.has(one.recording_id)) : recordings;
  }
}
