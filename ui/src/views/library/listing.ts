/** A teamspace's recordings as the library lists them: found by words, sorted, and grouped by week and month. */
import type { RecordingItem } from "$lib/bindings/RecordingItem";
import { reckonedOnce } from "$lib/reckoned-once";
import { searchTextsOf } from "$lib/search-text";
import { fold } from "$lib/transcript/search";

export type Sort = "newest" | "oldest" | "title" | "longest";
export const SORTS: readonly Sort[] = ["newest", "oldest", "title", "longest"];

/** The recordings whose title, host or tags hold every word. */
export function find(recordings: readonly RecordingItem[], words: string): readonly RecordingItem[] {
  const wanted = fold(words).text.split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return recordings;
  const texts = searchTextsOf(recordings);
  return recordings.filter((_, place) => wanted.every((word) => texts[place]!.includes(word)));
}

const sameTag = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();

/** The recordings that have a tag; all of them for none. */
export function withTag(recordings: readonly RecordingItem[], tag: string | null): readonly RecordingItem[] {
  return tag === null ? recordings : recordings.filter(({ tags }) => tags.some((one) => sameTag(one, tag)));
}

/** The tags that recordings have, each once whatever its case, by name. */
export function tagsIn(recordings: readonly Pick<RecordingItem, "tags">[]): string[] {
  const found = new Map<string, string>();
  for (const tag of recordings.flatMap(({ tags }) => tags)) {
    if (!found.has(tag.toLowerCase())) found.set(tag.toLowerCase(), tag);
  }
  return [...found.values()].sort((a, b) => a.localeCompare(b));
}

/** When it began, in milliseconds of the epoch. */
const startOf = reckonedOnce(({ start }: Pick<RecordingItem, "start">) => Date.parse(start) || 0);

/** Sorted; ties fall to the newer one, then to the id, so that nothing ever jumps. */
export function sort(recordings: readonly RecordingItem[], by: Sort, locale?: string): RecordingItem[] {
  const collator = new Intl.Collator(locale, { sensitivity: "base", numeric: true });
  const keyed = recordings.map((recording) => ({ recording, start: startOf(recording) }));
  const newest = (a: (typeof keyed)[0], b: (typeof keyed)[0]) =>
    b.start - a.start || (a.recording.recording_id < b.recording.recording_id ? -1 : 1);
  keyed.sort((a, b) => {
    switch (by) {
      case "newest":
        return newest(a, b);
      case "oldest":
        return newest(b, a);
      case "title":
        return collator.compare(a.recording.title, b.recording.title) || newest(a, b);
      case "longest":
        return b.recording.duration - a.recording.duration || newest(a, b);
    }
  });
  return keyed.map(({ recording }) => recording);
}

/** What a heading stands for. `date` is any moment of the month. */
export type Heading =
  | { kind: "this_week" }
  | { kind: "last_week" }
  | { kind: "month"; date: Date }
  | { kind: "series"; title: string }
  | { kind: "single" };

export type Grouping = "date" | "series" | "none";
export const GROUPINGS: readonly Grouping[] = ["date", "series", "none"];

export interface Group {
  /** Stable name of the group; empty when the list is not grouped. */
  id: string;
  heading: Heading | null;
  recordings: RecordingItem[];
}

/** Groups of a list that is sorted by this. Sorted by anything but date, it is one group without a heading. */
export function group(recordings: readonly RecordingItem[], by: Sort, now: Date): Group[] {
  if (recordings.length === 0) return [];
  if (by !== "newest" && by !== "oldest") return [{ id: "", heading: null, recordings: [...recordings] }];
  const groups: Group[] = [];
  const spanOf = spans(now);
  for (let from = 0; from < recordings.length;) {
    const { id, heading, begins, ends } = spanOf(startOf(recordings[from]!));
    const inside = (recording: RecordingItem) => startOf(recording) >= begins && startOf(recording) < ends;
    // One after the other, a hundred thousand take longer than the letter that somebody has just typed may.
    let [last, behind] = [from, recordings.length];
    while (behind - last > 1) {
      const middle = (last + behind) >> 1;
      if (inside(recordings[middle]!)) last = middle;
      else behind = middle;
    }
    groups.push({ id, heading, recordings: recordings.slice(from, behind) });
    from = behind;
  }
  return groups;
}

interface Span {
  id: string;
  heading: Heading;
  /** The first millisecond in it, and the first behind it. */
  begins: number;
  ends: number;
}

/**
 * Weeks begin on Monday (ISO 8601), at the person's midnight. Days have no headings: most teams record once or twice
 * a day, and a library of single cards under headings is hard to scan. The cards say "Today" and "Yesterday".
 */
function spans(now: Date): (at: number) => Span {
  const day = (back: number) => new Date(now.getFullYear(), now.getMonth(), now.getDate() - back).getTime();
  const sinceMonday = (now.getDay() + 6) % 7;
  const week = day(sinceMonday);
  const lastWeek = day(sinceMonday + 7);
  const tomorrow = day(-1);
  return (at) => {
    if (at >= week && at < tomorrow)
      return { id: "this_week", heading: { kind: "this_week" }, begins: week, ends: tomorrow };
    if (at >= lastWeek && at < week)
      return { id: "last_week", heading: { kind: "last_week" }, begins: lastWeek, ends: week };
    const date = new Date(at);
    const [year, month] = [date.getFullYear(), date.getMonth()];
    const begins = new Date(year, month).getTime();
    const ends = new Date(year, month + 1).getTime();
    return {
      id: `${year}-${String(month + 1).padStart(2, "0")}`,
      heading: { kind: "month", date },
      begins: at < lastWeek ? begins : Math.max(begins, tomorrow),
      ends: at < lastWeek ? Math.min(ends, lastWeek) : ends,
    };
  };
}
