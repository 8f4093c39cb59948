/**
 * Plays stretches of a recording: from where one begins to where it ends, then the next of a list, or nothing. Somebody who
 * goes elsewhere on the timeline has left the stretch, and hears on.
 */
import type { Playback } from "../player/playback.svelte";

/** A stretch in milliseconds, as highlights have it. */
export interface Stretch {
  id: string;
  from: number;
  to: number;
}

/** Milliseconds between two looks. */
const LOOK = 40;
/** Seconds beside the stretch, or beside what the time allows, that are not taken for leaving it. */
const SLACK = 1;
/** Nobody plays faster than so many times. */
const FASTEST = 4;

export class StretchPlayer {
  readonly playback: Playback;
  /** What is played; null when nothing is, or it was left. */
  active = $state.raw<Stretch | null>(null);
  #rest: Stretch[] = [];
  /** After a jump it takes a moment until the player is there. */
  #arrived = false;
  /** Where it was at the last look, and when that was: a busy machine looks late, and that is no jump. */
  #seen = { at: 0, when: 0 };
  #onend: (() => void) | undefined;

  constructor(playback: Playback, onend?: () => void) {
    this.playback = playback;
    this.#onend = onend;
  }

  /** Plays these, one after the other. */
  play(...stretches: Stretch[]): void {
    const [first, ...rest] = stretches;
    this.active = first ?? null;
    this.#rest = rest;
    this.#arrived = false;
    if (first) this.playback.goToPosition(first.from / 1000, true);
  }

  stop(): void {
    this.active = null;
    this.#rest = [];
  }

  /** Looks while it plays; returns how to stop looking. For an `$effect`. */
  watch(): (() => void) | undefined {
    const { active, playback } = this;
    if (!active) return undefined;
    if (!playback.playing) {
      // The recording is shorter than the highlight says.
      const over = playback.whole && playback.length > 0 && playback.position >= playback.length - 0.25;
      if (this.#arrived && over) queueMicrotask(() => this.active === active && this.#ended());
      return undefined;
    }
    const timer = setInterval(() => this.#look(active), LOOK);
    return () => clearInterval(timer);
  }

  #look(active: Stretch): void {
    const [at, from, to] = [this.playback.now, active.from / 1000, active.to / 1000];
    const [seen, when] = [this.#seen, performance.now()];
    this.#seen = { at, when };
    if (!this.#arrived) {
      this.#arrived = at >= from - SLACK && at < to;
      return;
    }
    const jumped = at > seen.at + ((when - seen.when) / 1000) * FASTEST + SLACK;
    if (at < from - SLACK || (at >= to && jumped)) this.stop();
    else if (at >= to) this.#ended();
  }

  #ended(): void {
    if (this.#rest.length > 0) return this.play(...this.#rest);
    this.stop();
    this.playback.pause();
    this.#onend?.();
  }
}
