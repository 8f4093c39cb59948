/**
 * Makes posters for videos that have none: for what is on screen, one at a time, when nobody is busy and nothing
 * plays. Whatever fails is left alone until the next start; the drawn cover is there anyway.
 */
import type { Api } from "$lib/api";
import type { RecordingItem } from "$lib/bindings/RecordingItem";
import { takeFrame } from "$lib/player/frame";
import { nowPlaying } from "$lib/player/now";
import { toSegments } from "$lib/player/sequence";

/**
 * Milliseconds without a change of what is on screen before the first frame is taken. The first video that a page opens holds
 * it up for half a second (WebKit reads its decoders): somebody who only stopped for a moment is not to feel that.
 */
const CALM = 2_000;
/** The same between one frame and the next. */
const PAUSE = 300;

const tried = new Set<string>();

export class Posters {
  readonly #api: Pick<Api, "openRecording" | "savePoster">;
  readonly #wanted = new Map<string, RecordingItem>();
  #timer: ReturnType<typeof setTimeout> | null = null;
  #busy = false;
  #stopped = false;

  constructor(api: Pick<Api, "openRecording" | "savePoster">) {
    this.#api = api;
  }

  /** A recording came into view; returns how to say that it left. */
  want(recording: RecordingItem): () => void {
    const id = recording.recording_id;
    if (recording.poster || tried.has(id) || !recording.files.some((file) => file.kind === "video")) {
      return () => undefined;
    }
    this.#wanted.set(id, recording);
    this.#later();
    return () => this.#wanted.delete(id);
  }

  stop(): void {
    this.#stopped = true;
    this.#wanted.clear();
    if (this.#timer) clearTimeout(this.#timer);
  }

  #later(time = CALM): void {
    if (this.#busy || this.#stopped) return;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#next(), time);
  }

  async #next(): Promise<void> {
    const recording = this.#wanted.values().next().value;
    if (!recording || this.#busy || this.#stopped) return;
    if (nowPlaying.active || document.hidden) return this.#later();
    this.#busy = true;
    this.#wanted.delete(recording.recording_id);
    tried.add(recording.recording_id);
    try {
      await this.#take(recording);
    } catch {
      // Quietly: a missing poster is no reason to bother anybody.
    } finally {
      this.#busy = false;
    }
    this.#later(PAUSE);
  }

  async #take({ teamspace, recording_id }: RecordingItem): Promise<void> {
    const opened = await this.#api.openRecording(teamspace, recording_id);
    const video = toSegments(opened)
      .flatMap((segment) => segment.tracks)
      .find((track) => track.kind === "video");
    if (!video || opened.poster) return;
    const frame = await takeFrame(video.url);
    if (frame && !this.#stopped) await this.#api.savePoster(teamspace, recording_id, frame);
  }
}
