/** Who speaks how much, and when: from the cues, since these are what can be clicked. */
import type { Cue } from "../bindings/Cue";

export interface Speaker {
  /** None: cues that name nobody. */
  name: string | null;
  seconds: number;
  /** Of all that is spoken, between 0 and 1. */
  share: number;
}

function length(cue: Cue): number {
  return Math.max(0, cue.end - cue.start);
}

/** Everybody who speaks, who speaks longest first. */
export function speakersOf(transcript: readonly (readonly Cue[])[]): Speaker[] {
  const seconds = new Map<string | null, number>();
  let all = 0;
  for (const cue of transcript.flat()) {
    seconds.set(cue.speaker, (seconds.get(cue.speaker) ?? 0) + length(cue));
    all += length(cue);
  }
  return [...seconds]
    .map(([name, seconds]) => ({ name, seconds, share: all > 0 ? seconds / all : 0 }))
    .sort((a, b) => b.seconds - a.seconds);
}

/** A stretch of the whole recording in which mostly one person speaks; shares of its length. */
export interface Stretch {
  from: number;
  to: number;
  speaker: string | null;
}

/** So many pieces a recording is looked at in: more could not be told apart on a screen. */
const PIECES = 300;

/**
 * Who speaks when, coarse enough to be drawn: the whole in equal pieces, each given to whoever speaks longest in it.
 * Nobody's pieces are left out. `lengths` are the seconds of each segment that is played, by its number.
 */
export function stretchesOf(
  transcript: readonly (readonly Cue[])[],
  lengths: readonly { number: number; seconds: number }[],
): Stretch[] {
  const whole = lengths.reduce((sum, one) => sum + one.seconds, 0);
  if (!(whole > 0)) return [];
  const pieces = Array.from({ length: PIECES }, () => new Map<string | null, number>());
  const piece = whole / PIECES;
  let before = 0;
  for (const { number, seconds } of lengths) {
    for (const cue of transcript[number] ?? []) {
      const end = Math.min(cue.end, seconds);
      for (let at = cue.start; at < end;) {
        const index = Math.min(PIECES - 1, Math.floor((before + at) / piece));
        const until = index === PIECES - 1 ? end : Math.min(end, (index + 1) * piece - before);
        const spoken = Math.max(until - at, 1e-6);
        pieces[index]!.set(cue.speaker, (pieces[index]!.get(cue.speaker) ?? 0) + spoken);
        at += spoken;
      }
    }
    before += seconds;
  }
  const stretches: Stretch[] = [];
  for (const [index, spoken] of pieces.entries()) {
    // What is hardly spoken in is silence.
    const [most] = [...spoken].sort(([, a], [, b]) => b - a);
    if (!most || most[1] < piece * 0.1) continue;
    const [from, to] = [index / PIECES, (index + 1) / PIECES];
    const last = stretches.at(-1);
    if (last && last.speaker === most[0] && last.to === from) last.to = to;
    else stretches.push({ from, to, speaker: most[0] });
  }
  return stretches;
}
