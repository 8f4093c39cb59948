/** Colours of speakers: by order of appearance, so that two who talk to each other never share one needlessly. */
import type { Cue } from "../bindings/Cue";

/** How many colours there are; `transcript.css` names them `--speaker-0` to `--speaker-7`. */
export const COLOURS = 8;

/** Index of each speaker's colour. */
export function speakerColours(transcript: readonly (readonly Cue[])[]): Map<string, number> {
  const colours = new Map<string, number>();
  for (const cues of transcript) {
    for (const { speaker } of cues) {
      if (speaker !== null && !colours.has(speaker)) colours.set(speaker, colours.size % COLOURS);
    }
  }
  return colours;
}
