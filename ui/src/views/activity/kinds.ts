/** What kinds of things happen, their names, and the log cut into days. */
import { m } from "$lib/paraglide/messages";
import type { ActivityEntry, ActivityKind } from "$lib/types";
import { localDay } from "../import/range";

const NAMES: Record<ActivityKind, () => string> = {
  imported: m.activity_imported,
  skipped: m.activity_skipped,
  to_review: m.activity_to_review,
  reviewed: m.activity_reviewed,
  retried: m.activity_retried,
  failed: m.activity_failed,
  needs_person: m.activity_needs_person,
};

export const KINDS = Object.keys(NAMES) as ActivityKind[];
export const kindName = (kind: ActivityKind): string => NAMES[kind]();

/** Entries, newest first, by the person's own days. */
export function byDay(entries: readonly ActivityEntry[]): { day: string; entries: ActivityEntry[] }[] {
  const days: { day: string; entries: ActivityEntry[] }[] = [];
  for (const entry of entries) {
    const day = localDay(new Date(entry.at));
    const last = days.at(-1);
    if (last?.day === day) last.entries.push(entry);
    else days.push({ day, entries: [entry] });
  }
  return days;
}
