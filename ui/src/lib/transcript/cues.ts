/**
 * Which cue is spoken at a time. Cues come sorted by their start (`sorted` makes sure of it); looking one up is a
 * binary search, so that following a transcript of 20,000 cues costs nothing while it plays.
 */
import type { Cue } from "../bindings/Cue";

/** The cues in the order of their starts; the same array when they already are. */
export function sorted(cues: readonly Cue[]): readonly Cue[] {
  for (let i = 1; i < cues.length; i++) {
    if (cues[i]!.start < cues[i - 1]!.start) return [...cues].sort((a, b) => a.start - b.start);
  }
  return cues;
}

/**
 * Index of the last cue that began at or before `seconds`; -1 before the first one. In a pause this stays on the
 * sentence that was just said: a transcript that loses its place in every silence is tiring to read.
 */
export function cueAt(cues: readonly Cue[], seconds: number): number {
  let low = 0;
  let high = cues.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (cues[middle]!.start <= seconds) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
