/** A search as one types: debounced, and an answer that comes late never takes the place of a newer one. */
import type { Api } from "$lib/api";
import type { Hits, UserError } from "$lib/types";
import { asUserError } from "$lib/user-error";

/** Milliseconds between the last key press and the search at most: as long as the last answer took, so that quick ones
 * come with the letter, and slow ones do not queue up. */
const PAUSE = 60;
/** Hits that are shown at first, and that each "Show more" adds. */
export const PAGE = 50;
/** What the core gives at most. */
const MOST = 1_000;

export class LatestSearch {
  readonly #api: Pick<Api, "searchFor">;
  /** What is shown; null before the first answer, and for an empty query. */
  found = $state.raw<Hits | null>(null);
  /** The query that `found` answers. */
  answered = $state.raw("");
  error = $state.raw<UserError | null>(null);
  /** Whether a newer answer is on its way. */
  running = $state(false);
  #number = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #limit = PAGE;
  /** Milliseconds that the last answer took. */
  #took = 0;
  #text = "";
  #teamspace: string | null = null;

  constructor(api: Pick<Api, "searchFor">) {
    this.#api = api;
  }

  /** Searches for this from now on. */
  want(text: string, teamspace: string | null, pause = Math.min(PAUSE, this.#took)): void {
    clearTimeout(this.#timer);
    this.#number += 1;
    this.#limit = PAGE;
    [this.#text, this.#teamspace] = [text, teamspace];
    if (text.trim() === "") {
      [this.found, this.error, this.running, this.answered] = [null, null, false, ""];
      return;
    }
    this.running = true;
    this.#timer = setTimeout(() => void this.#ask(), pause);
  }

  get canShowMore(): boolean {
    return (this.found?.more ?? false) && this.#limit < MOST;
  }

  more(): Promise<void> {
    this.#number += 1;
    this.#limit = Math.min(MOST, this.#limit + PAGE);
    return this.#ask();
  }

  again(): Promise<void> {
    this.#number += 1;
    return this.#ask();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#number += 1;
  }

  async #ask(): Promise<void> {
    const mine = this.#number;
    const text = this.#text;
    this.running = true;
    const begun = performance.now();
    try {
      const wish = { text, teamspace: this.#teamspace, skip: 0, limit: this.#limit };
      const found = await this.#api.searchFor(wish);
      this.#took = performance.now() - begun;
      if (mine !== this.#number) return;
      [this.found, this.error, this.answered] = [found, null, text];
    } catch (thrown) {
      if (mine !== this.#number) return;
      this.error = asUserError(thrown);
    }
    this.running = false;
  }
}
