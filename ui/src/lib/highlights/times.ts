/** Times of highlights: milliseconds in the core, "1:02.5" on screen. */
import { formatClock } from "../format";

/** From when to when, to be read: "1:02–1:30". */
export function spanOf({ from, to }: { from: number; to: number }): string {
  return `${formatClock(from / 1000)}–${formatClock(to / 1000)}`;
}

/** A time to be edited: "1:02", and with its fraction "1:02.5". */
export function exactTime(millis: number): string {
  const fraction = String(Math.floor(millis) % 1000)
    .padStart(3, "0")
    .replace(/0+$/, "");
  return formatClock(millis / 1000) + (fraction ? `.${fraction}` : "");
}

/** Reads "83", "1:23", "1:02:03.5" (or with a comma) as milliseconds; null for what is no time. */
export function readTime(text: string): number | null {
  const [, whole = "", fraction = ""] =
    /^((?:\d{1,5}:)?(?:\d{1,5}:)?\d{1,6})(?:[.,](\d{1,9}))?$/.exec(text.trim()) ?? [];
  if (whole === "") return null;
  const parts = whole.split(":").map(Number);
  if (parts.slice(1).some((part) => part >= 60)) return null;
  const seconds = parts.reduce((sum, part) => sum * 60 + part, 0);
  return seconds * 1000 + Number(fraction.padEnd(3, "0").slice(0, 3));
}
