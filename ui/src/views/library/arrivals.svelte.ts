/**
 * What colleagues added while somebody looks at the library. Who reads further down is not disturbed: new recordings
 * are kept back until they are asked for, so that the list does not jump.
 */
import type { RecordingItem } from "$lib/bindings/RecordingItem";

type Identified = Pick<RecordingItem, "recording_id">;

export class Arrivals {
  /** Ids of what is kept back. */
  held = $state.raw<ReadonlySet<string>>(new Set());
  #known: ReadonlySet<string> | null = null;

  /** Takes note of what is there now. */
  note(recordings: readonly Identified[], away: boolean): void {
    const now = new Set(recordings.map((one) => one.recording_id));
    const known = this.#known;
    this.#known = now;
    if (!away || known === null) return this.show();
    const held = [...now].filter((id) => this.held.has(id) || !known.has(id));
    if (held.length > 0 || this.held.size > 0) this.held = new Set(held);
  }

  /** What is shown. */
  of<T extends Identified>(recordings: readonly T[]): readonly T[] {
    return this.held.size === 0 ? recordings : recordings.filter((one) => !this.held.has(one.recording_id));
  }

  show(): void {
    if (this.held.size > 0) this.held = new Set();
  }
}
