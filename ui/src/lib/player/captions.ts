/**
 * Captions from a transcript. The cues are put on a text track by script: a track from a `blob:` address would need a
 * wider Content-Security-Policy. A track that a script made cannot be taken off again, so that there is one per media
 * element, refilled for each segment.
 */
import type { Cue } from "../bindings/Cue";

export class Captions {
  #track: TextTrack | null = null;

  /** Shows these cues on the element's captions track; keeps whether captions are on. */
  fill(media: HTMLMediaElement, cues: readonly Cue[], label: string, language: string): void {
    if (!this.#track && cues.length === 0) return;
    const track = (this.#track ??= media.addTextTrack("captions", label, language));
    const mode = track.mode === "disabled" ? "hidden" : track.mode;
    // Cues can only be reached while the track is not disabled.
    track.mode = "hidden";
    for (const old of Array.from(track.cues ?? [])) track.removeCue(old);
    for (const cue of cues) track.addCue(toVttCue(cue));
    track.mode = mode;
  }

  /** Shows or hides captions; says whether they show now. */
  toggle(): boolean {
    if (!this.#track?.cues?.length) return false;
    this.#track.mode = this.#track.mode === "showing" ? "hidden" : "showing";
    return this.#track.mode === "showing";
  }
}

/** WebVTT's text is markup: `&` and `<` are written so that the words show as they are. */
export function escapeVtt(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function toVttCue({ start, end, text }: Cue): VTTCue {
  return new VTTCue(start, Math.max(end, start + 0.1), escapeVtt(text));
}
