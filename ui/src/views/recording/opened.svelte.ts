/** A recording, opened: reads it, keeps what is being played, and remembers where it was left. */
import type { Api } from "$lib/api";
import type { OpenedRecording } from "$lib/bindings/OpenedRecording";
import type { UserError } from "$lib/bindings/UserError";
import { Playback } from "$lib/player/playback.svelte";
import { resumeAt, toSegments } from "$lib/player/sequence";
import { asUserError } from "$lib/user-error";

/** Milliseconds between two savings of the position while it plays. */
const EVERY = 5_000;

type Calls = Pick<Api, "openRecording" | "savePosition">;

function mediaOf({ files, damaged }: OpenedRecording): string {
  const media = files.filter((file) => file.kind === "video" || file.kind === "audio");
  return JSON.stringify([media.map((file) => file.key), damaged.map((one) => one.key)]);
}

export class OpenedPage {
  readonly #api: Calls;
  readonly #teamspace: string;
  readonly #id: string;
  opened = $state.raw<OpenedRecording | null>(null);
  playback = $state.raw<Playback | null>(null);
  error = $state.raw<UserError | null>(null);
  /** Also what was found damaged is played: the person asked for it. */
  damagedToo = $state(false);
  #saved = -1;
  #closed = false;

  constructor(api: Calls, teamspace: string, id: string) {
    this.#api = api;
    this.#teamspace = teamspace;
    this.#id = id;
  }

  /** Opens it at a moment (of the whole, or of one segment), or where the person left it. */
  async open(at: number | null, segment: number | null = null): Promise<void> {
    this.error = null;
    try {
      const opened = await this.#api.openRecording(this.#teamspace, this.#id);
      if (this.#closed) return;
      const playback = this.#playbackOf(opened);
      this.opened = opened;
      this.playback = playback;
      if (at !== null && segment !== null) {
        this.goToMoment(segment, at);
        return void playback.learnLengths();
      }
      const left = at ?? opened.position;
      if (left === null || left === 0) return void playback.learnLengths();
      // Only with the parts' lengths is it known which part a position is in, and whether it is the end.
      await playback.learnLengths();
      const start = at ?? resumeAt(opened.position, Math.max(opened.duration, playback.length));
      if (start > 0 && !this.#closed) playback.goToPosition(start, false);
    } catch (thrown) {
      if (!this.#closed) this.error = asUserError(thrown);
    }
  }

  /** Goes to a moment of a segment. One that has nothing to play is shown by the transcript alone. */
  goToMoment(number: number, seconds: number): void {
    const segment = this.playback?.segments.findIndex((one) => one.number === number) ?? -1;
    if (segment >= 0) this.playback?.goTo({ segment, seconds }, false);
  }

  /**
   * Reads it again, because something came to it: a transcript at once; another picture or sound not while it
   * plays, but when it is opened next.
   */
  async refresh(): Promise<void> {
    const before = this.opened;
    if (!before) return;
    try {
      const opened = await this.#api.openRecording(this.#teamspace, this.#id);
      if (this.#closed || this.opened !== before) return;
      this.opened = opened;
      if (mediaOf(opened) === mediaOf(before) || this.playback?.playing) return;
      await this.#playOn(opened);
    } catch {
      // What is shown stays true; the next change is another chance.
    }
  }

  /** Plays what was found damaged, too, from the same place. */
  async playDamaged(): Promise<void> {
    this.damagedToo = true;
    if (this.opened) await this.#playOn(this.opened);
  }

  #playbackOf(opened: OpenedRecording): Playback {
    const left = this.damagedToo ? [] : opened.damaged.map((one) => one.key);
    return new Playback(toSegments(opened, new Set(left)));
  }

  async #playOn(opened: OpenedRecording): Promise<void> {
    const position = this.playback?.position ?? 0;
    const playback = this.#playbackOf(opened);
    this.playback = playback;
    await playback.learnLengths();
    if (position > 0 && !this.#closed) playback.goToPosition(position, false);
  }

  /** Saves the position every few seconds while it plays; returns how to stop, which saves once more. */
  remember(): () => void {
    const timer = setInterval(() => this.playback?.playing && this.save(), EVERY);
    const leaving = () => this.save();
    window.addEventListener("pagehide", leaving);
    return () => {
      clearInterval(timer);
      window.removeEventListener("pagehide", leaving);
      this.save();
      this.#closed = true;
    };
  }

  save(): void {
    const position = Math.floor(this.playback?.position ?? 0);
    if (!this.playback || position === this.#saved) return;
    // Somebody who only looked in leaves no trace; who goes back to the start means it.
    if (this.#saved < 0 && position === 0) return;
    this.#saved = position;
    this.#api.savePosition(this.#teamspace, this.#id, position).catch(() => {
      // The place is a convenience: not worth a message. It is tried again in a few seconds.
      this.#saved = -1;
    });
  }
}
