/**
 * Highlights of many recordings, played one after the other. A recording that cannot be played now is left out, and the
 * next one comes: somebody who watches wants to go on watching.
 */
import type { Api } from "$lib/api";
import { StretchPlayer } from "$lib/highlights/stretch.svelte";
import { Playback } from "$lib/player/playback.svelte";
import { toSegments } from "$lib/player/sequence";
import type { HighlightItem, OpenedRecording } from "$lib/types";
import { isUserError } from "$lib/user-error";

/** Why one was left out. */
export type Skipped = "away" | "gone" | "broken";

type Calls = Pick<Api, "openRecording">;

export class Reel {
  readonly #api: Calls;
  readonly items: readonly HighlightItem[];
  /** Whether a recording's teamspace cannot be reached. */
  readonly #isAway: (item: HighlightItem) => boolean;
  /** Place of what plays. */
  index = $state(0);
  opened = $state.raw<OpenedRecording | null>(null);
  player = $state.raw<StretchPlayer | null>(null);
  /** What was left out, by its place. */
  skipped = $state.raw<ReadonlyMap<number, Skipped>>(new Map());
  /** Places of what was played to its end. */
  played = $state.raw<ReadonlySet<number>>(new Set());
  /** The last one was played, or nothing is left that can be. */
  done = $state(false);
  loading = $state(false);
  /** Which wish is answered: a later one counts. */
  #wish = 0;

  constructor(api: Calls, items: readonly HighlightItem[], isAway: (item: HighlightItem) => boolean) {
    this.#api = api;
    this.items = items;
    this.#isAway = isAway;
    this.skipped = this.#away();
  }

  get item(): HighlightItem | null {
    return this.items[this.index] ?? null;
  }

  /** Whether anything was played. */
  get any(): boolean {
    return this.skipped.size < this.items.length;
  }

  next(): void {
    if (this.index + 1 < this.items.length) void this.go(this.index + 1);
    else this.#end();
  }

  /** The one before; what was left out on the way is left out again. */
  previous(): void {
    let index = this.index - 1;
    while (index > 0 && this.skipped.has(index)) index -= 1;
    void this.go(Math.max(0, index));
  }

  /** Plays from the beginning. */
  again(): void {
    this.played = new Set();
    this.skipped = this.#away();
    void this.go(0);
  }

  async go(index: number): Promise<void> {
    const item = this.items[index];
    if (!item) return;
    const wish = ++this.#wish;
    this.index = index;
    this.done = false;
    this.#forget(index);
    const { opened: open, player } = this;
    if (player && open?.recording_id === item.recording_id && open.teamspace === item.teamspace) {
      if (player.playback.error) this.skip("broken");
      else player.play(item);
      return;
    }
    this.player?.stop();
    this.player?.playback.pause();
    if (this.#isAway(item)) return this.skip("away");
    this.loading = true;
    let opened: OpenedRecording;
    try {
      opened = await this.#api.openRecording(item.teamspace, item.recording_id);
    } catch (error) {
      if (wish !== this.#wish) return;
      this.loading = false;
      return this.skip(isUserError(error) && error.code === "not_found" ? "gone" : "away");
    }
    if (wish !== this.#wish) return;
    const playback = new Playback(toSegments(opened, new Set(opened.damaged.map((one) => one.key))));
    if (playback.segments.length === 0) {
      this.loading = false;
      return this.skip("broken");
    }
    // Only with the lengths of all parts is it known which part it is in.
    await playback.learnLengths();
    if (wish !== this.#wish) return;
    this.loading = false;
    this.opened = opened;
    this.player = new StretchPlayer(playback, () => this.#ended());
    this.player.play(item);
  }

  /** Leaves out what would play now, and goes on. */
  skip(why: Skipped): void {
    this.skipped = new Map(this.skipped).set(this.index, why);
    this.next();
  }

  stop(): void {
    this.#wish += 1;
    this.player?.stop();
    this.player?.playback.pause();
  }

  #ended(): void {
    this.played = new Set(this.played).add(this.index);
    this.next();
  }

  #end(): void {
    this.done = true;
    this.loading = false;
    this.player?.stop();
    this.player?.playback.pause();
  }

  /** What is known to be away is said before it would come. */
  #away(): Map<number, Skipped> {
    const away = this.items.flatMap((item, i) => (this.#isAway(item) ? [i] : []));
    return new Map(away.map((i) => [i, "away" as const]));
  }

  #forget(index: number): void {
    const skipped = new Map(this.skipped);
    if (skipped.delete(index)) this.skipped = skipped;
  }
}
