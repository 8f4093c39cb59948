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
    recording.teamspace = this.#one(teamspace, teamspace);
    if (host !== null) recording.host = this.#one(host, host);
    recording.tags = this.#one(JSON.stringify(tags), tags);
    recording.files = this.#one(JSON.stringify(files), files);
  }

  #one<T extends string | readonly unknown[]>(name: string, value: T): T {
    // A word and a list never have the same name: that of a list begins with a bracket.
    const key = typeof value === "string" ? `"${name}` : name;
    const known = this.#known.get(key) as T | undefined;
    if (known !== undefined) return known;
    if (this.#known.size < REMEMBERED) this.#known.set(key, value);
    return value;
  }
}
