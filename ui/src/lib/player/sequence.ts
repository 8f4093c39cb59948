/**
 * A recording's files as something to play: its segments in order, and in each the pictures to choose from. The
 * timeline of a recording counts seconds from the start of its first segment.
 */
import type { OpenedRecording } from "../bindings/OpenedRecording";

/** One file that plays. */
export interface Track {
  url: string;
  /** The file's key in the recording's folder. */
  key: string;
  kind: "video" | "audio";
  /** Which picture, in Zoom's words; none for sound alone. */
  layout: string | null;
  mediaType: string;
}

/** One continuous stretch, with at least one track, the best first. */
export interface Segment {
  /** The segment's number in the recording; with gaps where nothing playable is stored. */
  number: number;
  tracks: Track[];
}

/** What people usually want to see first: the slides with who speaks, then faces, then slides alone. */
const BEST_FIRST = [
  "shared_screen_with_speaker_view",
  "shared_screen_with_speaker_view(cc)",
  "shared_screen_with_gallery_view",
  "active_speaker",
  "speaker_view",
  "gallery_view",
  "shared_screen",
];

function rank(track: Track): number {
  if (track.kind === "audio") return 1000;
  const place = BEST_FIRST.indexOf(track.layout?.toLowerCase() ?? "");
  return place < 0 ? 500 : place;
}

/** What plays of a recording. Files whose keys are `left` out, because they are damaged, are no tracks. */
export function toSegments(
  { files, urls }: Pick<OpenedRecording, "files" | "urls">,
  left: ReadonlySet<string> = new Set(),
): Segment[] {
  const segments = new Map<number, Track[]>();
  for (const [index, file] of files.entries()) {
    const url = urls[index];
    if (left.has(file.key)) continue;
    if (!url || file.size === 0 || (file.kind !== "video" && file.kind !== "audio")) continue;
    const track: Track = {
      url,
      key: file.key,
      kind: file.kind,
      layout: file.layout ?? null,
      mediaType: file.media_type,
    };
    segments.set(file.segment, [...(segments.get(file.segment) ?? []), track]);
  }
  return [...segments.entries()]
    .sort(([a], [b]) => a - b)
    .map(([number, tracks]) => ({ number, tracks: tracks.sort((a, b) => rank(a) - rank(b)) }));
}

/** The track of a segment that shows what was chosen before, else the best one. */
export function sameView(segment: Segment, chosen: Track | null): Track {
  const same =
    chosen && segment.tracks.find((track) => track.kind === chosen.kind && track.layout === chosen.layout);
  return same ?? segment.tracks[0]!;
}

/** A place in a recording. */
export interface Place {
  /** Index among the segments that play. */
  segment: number;
  /** Seconds from the start of that segment. */
  seconds: number;
}

/** Seconds from the start of the recording. Lengths that are not known yet count as nothing. */
export function toPosition(place: Place, lengths: readonly number[]): number {
  let before = 0;
  for (let i = 0; i < place.segment; i++) before += lengths[i] ?? 0;
  return before + place.seconds;
}

/** The place of a position on the recording's timeline. A position past the end is the end of the last segment. */
export function toPlace(position: number, lengths: readonly number[]): Place {
  let rest = Math.max(0, position);
  const last = Math.max(0, lengths.length - 1);
  for (let segment = 0; segment < last; segment++) {
    if (rest < lengths[segment]!) return { segment, seconds: rest };
    rest -= lengths[segment]!;
  }
  return { segment: last, seconds: rest };
}

/**
 * Where to begin when a recording is opened again: where it was left, a moment earlier to find back into it, and at
 * the start when it had only just begun or was heard to the end.
 */
export function resumeAt(position: number | null, duration: number): number {
  if (position === null || !Number.isFinite(position) || position < 5) return 0;
  if (duration > 0 && position > duration - 5) return 0;
  return position - 2;
}
