/** A teamspace's recordings as the library lists them: found by words, sorted, and grouped by week and month. */
import type { RecordingItem } from "$lib/bindings/RecordingItem";
import { searchTextOf } from "$lib/search-text";
import { fold } from "$lib/transcript/search";

export type Sort = "newest" | "oldest" | "title" | "longest";
export const SORTS: readonly Sort[] = ["newest", "oldest", "title", "longest"];

/** The recordings whose title, host or tags hold every word. */
export function find(recordings: readonly RecordingItem[], words: string): readonly RecordingItem[] {
  const wanted = fold(words).text.split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return recordings;
  return recordings.filter((recording) => {
    const text = searchTextOf(recording);
    return wanted.every((word) => text.includes(word));
  });
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

const starts = new WeakMap<RecordingItem, number>();

/** When it began, in milliseconds of the epoch; reckoned once. */
function startOf(recording: RecordingItem): number {
  const known = starts.get(recording);
  if (known !== undefined) return known;
  const start = Date.parse(recording.start) || 0;
  starts.set(recording, start);
  return start;
}

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

/** Groups of a sorted list. Sorted by anything but date, it is one group without a heading. */
export function group(recordings: readonly RecordingItem[], by: Sort, now: Date): Group[] {
  if (recordings.length === 0) return [];
  if (by !== "newest" && by !== "oldest") return [{ id: "", heading: null, recordings: [...recordings] }];
  const groups: Group[] = [];
  const head = headings(now);
  for (const recording of recordings) {
    const heading = head(new Date(recording.start));
    const id = heading.kind === "month" ? monthOf(heading.date) : heading.kind;
    const last = groups.at(-1);
    if (last?.id === id) last.recordings.push(recording);
    else groups.push({ id, heading, recordings: [recording] });
  }
  return groups;
}

function monthOf(date: Date): string {
  return `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, "0")}`;
}

/**
 * Weeks begin on Monday (ISO 8601), at the person's midnight. Days have no headings: most teams record once or twice
 * a day, and a library of single cards under headings is hard to scan. The cards say "Today" and "Yesterday".
 */
function headings(now: Date): (date: Date) => Heading {
  const day = (back: number) => new Date(now.getFullYear(), now.getMonth(), now.getDate() - back).getTime();
  const sinceMonday = (now.getDay() + 6) % 7;
  const week = day(sinceMonday);
  const lastWeek = day(sinceMonday + 7);
  const tomorrow = day(-1);
  return (date) => {
    const at = date.getTime();
    if (at < tomorrow) {
      if (at >= week) return { kind: "this_week" };
      if (at >= lastWeek) return { kind: "last_week" };
    }
    return { kind: "month", date };
  };
}
