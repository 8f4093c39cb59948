/** What a card says about a recording besides its words. */
import { formatDate, formatDay, formatTime } from "$lib/format";
import type { RecordingItem } from "$lib/bindings/RecordingItem";
import { m } from "$lib/paraglide/messages";

export interface Facts {
  audioOnly: boolean;
  transcript: boolean;
  /** How many continuous stretches it has. */
  parts: number;
}

export function factsOf({ files }: Pick<RecordingItem, "files">): Facts {
  const played = files.filter((file) => file.kind === "video" || file.kind === "audio");
  return {
    audioOnly: played.length > 0 && played.every((file) => file.kind === "audio"),
    transcript: files.some((file) => file.kind === "transcript" || file.kind === "captions"),
    parts: new Set(played.map((file) => file.segment)).size,
  };
}

/** The file that a system's player is given: the best video, or the sound. */
export function mainFile({ files }: Pick<RecordingItem, "files">) {
  return files.find((file) => file.kind === "video") ?? files.find((file) => file.kind === "audio") ?? files[0] ?? null;
}

export function titleOf({ title }: Pick<RecordingItem, "title">): string {
  return title.trim() || m.library_untitled();
}

/** "16 Sept, 14:05"; with the year when it is another one. */
export function shortDate(start: string, now = new Date()): string {
  const date = new Date(start);
  const day = date.getFullYear() === now.getFullYear() ? formatDay(date) : formatDate(date);
  return [day, formatTime(date)].filter(Boolean).join(", ");
}
