/**
 * A transcript as the rows that its list shows: all segments one after the other, each with a heading when there are
 * several, and a speaker's name only where the speaker changes.
 */
import type { Cue } from "../bindings/Cue";
import { cueAt, sorted } from "./cues";

export interface CueRow {
  type: "cue";
  segment: number;
  cue: Cue;
  /** Which line of the segment's transcript it is, from 1. */
  number: number;
  /** The speaker changes here, so that the name is shown. */
  opens: boolean;
}

export interface PartRow {
  type: "part";
  segment: number;
}

export type Row = CueRow | PartRow;

/** Rows of a whole transcript, and where each segment's cues begin among them. */
export interface Rows {
  rows: Row[];
  segments: { cues: readonly Cue[]; offset: number }[];
}

/** All rows, or those of the cues that are wanted. */
export function toRows(transcript: readonly (readonly Cue[])[], wanted?: (cue: Cue) => boolean): Rows {
  const rows: Row[] = [];
  const segments: Rows["segments"] = [];
  for (const [segment, unsorted] of transcript.entries()) {
    const numbers = new Map(unsorted.map((cue, i) => [cue, i + 1]));
    const cues = sorted(wanted ? unsorted.filter(wanted) : unsorted);
    if (transcript.length > 1 && cues.length > 0) rows.push({ type: "part", segment });
    segments.push({ cues, offset: rows.length });
    let speaker: string | null | undefined;
    for (const cue of cues) {
      rows.push({ type: "cue", segment, cue, number: numbers.get(cue) ?? 0, opens: cue.speaker !== speaker });
      speaker = cue.speaker;
    }
  }
  return { rows, segments };
}

/** The row that is spoken at a time of a segment; -1 when none is. */
export function rowAt({ segments }: Rows, segment: number, seconds: number): number {
  const here = segments[segment];
  if (!here) return -1;
  const index = cueAt(here.cues, seconds);
  return index < 0 ? -1 : here.offset + index;
}
