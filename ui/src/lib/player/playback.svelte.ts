/**
 * A recording being played: which segment and which picture, where in it, and what went wrong. It owns the media
 * element's source; the player draws it, the transcript and the page read it. Several segments play one after the
 * other. Switching the picture keeps the time, the speed, and whether it plays.
 */
import { probeLength } from "./probe";
import { nextSpeed } from "./keys";
import { nowPlaying } from "./now";
import { sameView, toPlace, toPosition, type Place, type Segment, type Track } from "./sequence";

/** What the media element said when it could not go on: a `MediaError` code. */
export type PlaybackError = "network" | "decode" | "not_supported";

const ERRORS: Record<number, PlaybackError> = { 2: "network", 3: "decode", 4: "not_supported" };
const SPEED = "next.player.speed";

export class Playback {
  readonly segments: readonly Segment[];
  /** Index of the segment that plays. */
  index = $state(0);
  track = $state.raw<Track | null>(null);
  /** Seconds from the start of the segment. */
  time = $state(0);
  playing = $state(false);
  error = $state<PlaybackError | null>(null);
  /** The first frame (or the first sound) of the source is there. */
  ready = $state(false);
  /** Seconds of each segment; 0 while unknown. */
  lengths = $state<number[]>([]);

  #media: HTMLMediaElement | null = null;
  #speed = storedSpeed();
  /** What to do as soon as the new source can be moved in. */
  #onLoaded: { seconds: number; play: boolean } | null = null;

  constructor(segments: readonly Segment[]) {
    this.segments = segments;
    this.lengths = segments.map(() => 0);
    this.track = segments[0] ? sameView(segments[0], null) : null;
  }

  get segment(): Segment | null {
    return this.segments[this.index] ?? null;
  }

  /** Seconds from the start of the recording. */
  get position(): number {
    return toPosition({ segment: this.index, seconds: this.time }, this.lengths);
  }

  /** The same to the very moment: `position` is told a few times a second. */
  get now(): number {
    if (!this.#media || this.#onLoaded !== null) return this.position;
    return toPosition({ segment: this.index, seconds: this.#media.currentTime }, this.lengths);
  }

  /** Seconds of all segments together, as far as known. */
  get length(): number {
    return this.lengths.reduce((sum, length) => sum + length, 0);
  }

  /** Whether the lengths of all segments are known: only then the whole is one timeline. */
  get whole(): boolean {
    return this.lengths.every((length) => length > 0);
  }

  /** Gives the playback its element; returns how to take it away again. */
  attach(media: HTMLMediaElement): () => void {
    this.#media = media;
    const heard: [string, () => void][] = [
      ["loadedmetadata", () => this.#loaded(media)],
      ["loadeddata", () => (this.ready = true)],
      ["timeupdate", () => this.#onLoaded === null && (this.time = media.currentTime)],
      ["seeking", () => this.#onLoaded === null && (this.time = media.currentTime)],
      ["play", () => this.#setPlaying(true)],
      ["pause", () => this.#setPlaying(false)],
      ["ended", () => this.#ended()],
      ["ratechange", () => this.#rateChanged(media)],
      ["error", () => this.#failed(media)],
    ];
    for (const [name, listener] of heard) media.addEventListener(name, listener);
    return () => {
      for (const [name, listener] of heard) media.removeEventListener(name, listener);
      this.#setPlaying(false);
      this.#media = null;
      // Lets go of the connection at once, rather than when the element is collected.
      media.removeAttribute("src");
      media.load();
    };
  }

  /** Learns the lengths of all segments, so that a position of the whole recording finds its segment. */
  async learnLengths(): Promise<void> {
    if (this.segments.length < 2) return;
    for (const [index, segment] of this.segments.entries()) {
      if (this.lengths[index]) continue;
      const length = await probeLength(segment.tracks[0]!.url);
      if (length !== null) this.lengths[index] ||= length;
    }
  }

  /** Goes to a time of the whole recording. */
  goToPosition(position: number, play = this.playing): void {
    this.goTo(toPlace(position, this.lengths), play);
  }

  /** Goes to a place; another segment's file is loaded first. */
  goTo({ segment, seconds }: Place, play = this.playing): void {
    const target = this.segments[segment];
    if (!target) return;
    if (segment !== this.index) {
      this.index = segment;
      this.#load(sameView(target, this.track), seconds, play);
      return;
    }
    this.time = seconds;
    if (this.#media && this.#media.readyState >= HTMLMediaElement.HAVE_METADATA) {
      this.#media.currentTime = seconds;
      if (play) this.play();
    } else {
      this.#onLoaded = { seconds, play };
    }
  }

  /** Shows another picture of the same segment. */
  show(track: Track): void {
    if (track.key !== this.track?.key) this.#load(track, this.time, this.playing);
  }

  play(): void {
    // A refusal is told by the `error` event, or it is that another source came in between: nothing to say.
    this.#media?.play().catch(() => undefined);
  }

  pause(): void {
    this.#media?.pause();
  }

  toggle(): void {
    if (!this.#media) return;
    if (this.#media.paused) this.play();
    else this.#media.pause();
  }

  /** Moves on the timeline of the whole, over the edges of segments; within one while the lengths are unknown. */
  seekBy(seconds: number): void {
    if (!this.#media) return;
    if (this.segments.length > 1 && this.whole) {
      this.goToPosition(Math.min(this.length, Math.max(0, this.position + seconds)));
      return;
    }
    const end = Number.isFinite(this.#media.duration) ? this.#media.duration : Infinity;
    this.goTo({ segment: this.index, seconds: Math.min(end, Math.max(0, this.time + seconds)) });
  }

  seekToShare(share: number): void {
    if (this.segments.length > 1 && this.whole) {
      this.goToPosition(this.length * share);
      return;
    }
    const length = this.#media?.duration ?? NaN;
    if (Number.isFinite(length)) this.goTo({ segment: this.index, seconds: length * share });
  }

  changeSpeed(direction: 1 | -1): void {
    if (this.#media) this.#media.playbackRate = nextSpeed(this.#media.playbackRate, direction);
  }

  /** Shows the picture in a window of its own, or no longer; nothing where the system has none. */
  async togglePictureInPicture(): Promise<void> {
    const media = this.#media;
    if (!(media instanceof HTMLVideoElement) || this.track?.kind === "audio") return;
    try {
      if (document.pictureInPictureElement === media) await document.exitPictureInPicture();
      else await media.requestPictureInPicture?.();
    } catch {
      // The system refuses it: the picture stays where it is.
    }
  }

  changeVolume(by: number): void {
    if (!this.#media) return;
    this.#media.muted = false;
    this.#media.volume = Math.min(1, Math.max(0, this.#media.volume + by));
  }

  toggleMute(): void {
    if (this.#media) this.#media.muted = !this.#media.muted;
  }

  /** Tries the same file again after an error. */
  retry(): void {
    const { time } = this;
    this.error = null;
    this.#onLoaded = { seconds: time, play: true };
    this.#media?.load();
  }

  #load(track: Track, seconds: number, play: boolean): void {
    this.error = null;
    this.ready = false;
    this.time = seconds;
    this.#onLoaded = { seconds, play };
    this.track = track;
  }

  #loaded(media: HTMLMediaElement): void {
    if (Number.isFinite(media.duration)) this.lengths[this.index] = media.duration;
    media.defaultPlaybackRate = this.#speed;
    media.playbackRate = this.#speed;
    const wanted = this.#onLoaded;
    this.#onLoaded = null;
    if (!wanted) return;
    if (wanted.seconds > 0) media.currentTime = wanted.seconds;
    if (wanted.play) this.play();
  }

  #setPlaying(playing: boolean): void {
    // A change of source pauses the element; the wish to play outlives it in `#onLoaded`.
    this.playing = playing;
    nowPlaying.active = playing;
  }

  #ended(): void {
    if (this.index + 1 < this.segments.length) this.goTo({ segment: this.index + 1, seconds: 0 }, true);
  }

  #rateChanged(media: HTMLMediaElement): void {
    if (media.readyState < HTMLMediaElement.HAVE_METADATA) return;
    this.#speed = media.playbackRate;
    media.defaultPlaybackRate = this.#speed;
    try {
      localStorage.setItem(SPEED, String(this.#speed));
    } catch {
      // Without storage the speed holds for this recording only.
    }
  }

  #failed(media: HTMLMediaElement): void {
    const code = media.error?.code;
    if (code !== undefined && code in ERRORS) this.error = ERRORS[code]!;
    this.#setPlaying(false);
  }
}

function storedSpeed(): number {
  try {
    const speed = Number(localStorage.getItem(SPEED));
    return speed >= 0.25 && speed <= 4 ? speed : 1;
  } catch {
    return 1;
  }
}
