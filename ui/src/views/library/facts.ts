/** What a card says about a recording besides its words. */
import { formatDate, formatDay, formatTime } from "$lib/format";
import type { RecordingItem } from "$lib/bindings/RecordingItem";
import { m } from "$lib/paraglide/messages";

export interface Facts {
  audioOnly: boolean;
  transcript: boolean;
  /** What it holds is not on this computer yet: it is fetched when somebody opens it. */
  unread: boolean;
  /** How many continuous stretches it has. */
  parts: number;
}

export function factsOf({ files, unread }: Pick<RecordingItem, "files" | "unread">): Facts {
  const played = files.filter((file) => file.kind === "video" || file.kind === "audio");
  return {
    audioOnly: played.length > 0 && played.every((file) => file.kind === "audio"),
    transcript: files.some((file) => file.kind === "transcript" || file.kind === "captions"),
    unread: unread !== undefined,
    parts: new Set(played.map((file) => file.segment)).size,
  };
}

/** The file that a system's player is given: the best video, or the sound. */
export function mainFile({ files }: Pick<RecordingItem, "files">) {
  return (
    files.find((file) => file.kind === "video") ??
    files.find((file) => file.kind === "audio") ??
    files[0] ??
    null
  );
}

export function titleOf({ title }: Pick<RecordingItem, "title">): string {
  return title.trim() || m.library_untitled();
}

/** How many midnights lie between a moment and now. */
function daysAgo(date: Date, now: Date): number {
  const day = (one: Date) => Date.UTC(one.getFullYear(), one.getMonth(), one.getDate());
  return Math.round((day(now) - day(date)) / 86_400_000);
}

function dayOf(date: Date, now: Date): string {
  switch (daysAgo(date, now)) {
    case 0:
      return m.library_today();
    case 1:
      return m.library_yesterday();
    default:
      return date.getFullYear() === now.getFullYear() ? formatDay(date) : formatDate(date);
  }
}

/** "Today", "Yesterday", "16 Sept", with the year when it is another one. */
export function cardDate(start: string, now = new Date()): string {
  const date = new Date(start);
  return Number.isNaN(date.getTime()) ? "" : dayOf(date, now);
}

/** The same, with the time for every day. */
export function lineDate(start: string, now = new Date()): string {
  const date = new Date(start);
  return Number.isNaN(date.getTime()) ? "" : `${dayOf(date, now)}, ${formatTime(date)}`;
}
