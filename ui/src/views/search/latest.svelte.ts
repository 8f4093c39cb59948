/** A search as one types: at once while nothing is being looked for, and never an older answer in the place of a newer one. */
import type { Api } from "$lib/api";
import type { Hits, UserError } from "$lib/types";
import { asUserError } from "$lib/user-error";

/** Milliseconds that a letter waits at most for the answer to the one before, so that slow ones do not queue up. */
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
  /** How many answers are on their way. */
  #asked = 0;
  #text = "";
  #teamspace: string | null = null;

  constructor(api: Pick<Api, "searchFor">) {
    this.#api = api;
  }

  /** Searches for this from now on. */
  want(text: string, teamspace: string | null): void {
    this.stop();
    this.#limit = PAGE;
    [this.#text, this.#teamspace] = [text, teamspace];
    if (text.trim() === "") {
      [this.found, this.error, this.running, this.answered] = [null, null, false, ""];
      return;
    }
    this.running = true;
    this.#timer = setTimeout(() => void this.#ask(), this.#asked === 0 ? 0 : PAUSE);
  }

  get canShowMore(): boolean {
    return (this.found?.more ?? false) && this.#limit < MOST;
  }

  more(): Promise<void> {
    this.stop();
    this.#limit = Math.min(MOST, this.#limit + PAGE);
    return this.#ask();
  }

  again(): Promise<void> {
    this.stop();
    return this.#ask();
  }

  /** Whatever is on its way, or waits to be asked, is for nobody any more. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#number += 1;
  }

  async #ask(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const [mine, text] = [this.#number, this.#text];
    const meant = () => mine === this.#number;
    this.running = true;
    this.#asked += 1;
    try {
      const wish = { text, teamspace: this.#teamspace, skip: 0, limit: this.#limit };
      const found = await this.#api.searchFor(wish);
      if (meant()) [this.found, this.error, this.answered] = [found, null, text];
    } catch (thrown) {
      if (meant()) this.error = asUserError(thrown);
    }
    this.#asked -= 1;
    if (meant()) this.running = false;
    else if (this.#asked === 0 && this.#timer !== undefined) void this.#ask();
  }
}
