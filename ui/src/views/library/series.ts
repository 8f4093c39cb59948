/**
 * Series: recordings of a meeting that recurs. Zoom gives every instance an identity of its own, so that the title is
 * what tells them together: the same words, whatever numbers and dates stand between ("Usability test 5", "… 6").
 */
import type { RecordingItem } from "$lib/bindings/RecordingItem";
import { fold } from "$lib/transcript/search";
import type { Group } from "./listing";

/** What recordings of one series have in common; a title of numbers alone is its own. */
export function seriesOf(title: string): string {
  const folded = fold(title).text;
  const words = folded.replace(/[^\p{L}]+/gu, " ").trim();
  return words || folded.trim();
}

/** The name of a series: the title that all of them have, else that of the first without its numbers. */
function nameOf(recordings: readonly RecordingItem[]): string {
  const title = recordings[0]?.title.trim() ?? "";
  if (recordings.every((one) => one.title.trim() === title)) return title;
  const words = title.replace(/[\p{N}]+([.:/-][\p{N}]+)*/gu, " ").replace(/\s+/g, " ");
  const tidy = words.replace(/\s+([:,.;)])/g, "$1").replace(/^[\s\p{P}]+|[\s\-–—:,;·(]+$/gu, "");
  return tidy || title;
}

/** Series in the order of their first recording, each in the order given; what is in none comes last, together. */
export function groupBySeries(recordings: readonly RecordingItem[]): Group[] {
  const series = new Map<string, RecordingItem[]>();
  for (const recording of recordings) {
    const key = seriesOf(recording.title);
    const known = series.get(key);
    if (known) known.push(recording);
    else series.set(key, [recording]);
  }
  const groups: Group[] = [];
  const single: RecordingItem[] = [];
  for (const [key, all] of series) {
    if (all.length === 1) single.push(...all);
    else
      groups.push({ id: `series ${key}`, heading: { kind: "series", title: nameOf(all) }, recordings: all });
  }
  if (single.length > 0) groups.push({ id: "single", heading: { kind: "single" }, recordings: single });
  return groups;
}
