/**
 * What many recordings have in common is held once: of a hundred thousand, who hosted them, their tags and their files say
 * only a few different things. The page reads each anew, and what it holds is what the engine lets grow by several times
 * before it collects what is left.
 */
import type { RecordingItem } from "../types";

/** Different things that are remembered: a library in which each recording says something else gains nothing. */
const REMEMBERED = 10_000;

export class HeldOnce {
  readonly #known = new Map<string, unknown>();

  /** Lets a recording, which nobody else knows yet, say what those before it said with the very same values. */
  share(recording: RecordingItem): void {
    const { teamspace, host, tags, files } = recording;
    recording.teamspace = this.#one(teamspace);
    recording.host = this.#one(host);
    recording.tags = this.#one(tags);
    recording.files = this.#one(files);
  }

  /** The first value that was like this one: words, lists and nothing are never written alike. */
  #one<T>(value: T): T {
    const written = JSON.stringify(value);
    const known = this.#known.get(written) as T | undefined;
    if (known !== undefined) return known;
    if (this.#known.size < REMEMBERED) this.#known.set(written, value);
    return value;
  }
}
