/** Dates, durations, sizes and counts as people of the chosen language write them. */
import { locale } from "./locale.svelte";

/** By language: the system's ones stay while the window is open, and asking for them takes its time. */
const tags = new Map<string, string>();

/** Regional spelling: the system's region when it speaks the chosen language, for 24-hour clocks and the like. */
function tag(): string {
  const language = locale.current;
  let found = tags.get(language);
  if (found === undefined) {
    found = navigator.languages.find((one) => one.toLowerCase().split("-")[0] === language) ?? language;
    tags.set(language, found);
  }
  return found;
}

const cache = new Map<string, unknown>();
function cached<T>(key: string, make: (tag: string) => T): T {
  const language = tag();
  const full = `${language}|${key}`;
  let found = cache.get(full) as T | undefined;
  if (found === undefined) cache.set(full, (found = make(language)));
  return found;
}

function date(value: string | Date): Date | null {
  const read = value instanceof Date ? value : new Date(value);
  return Number.isNaN(read.getTime()) ? null : read;
}

function dateFormat(name: string, options: Intl.DateTimeFormatOptions) {
  return (value: string | Date): string => {
    const read = date(value);
    return read ? cached(name, (t) => new Intl.DateTimeFormat(t, options)).format(read) : "";
  };
}

/** "23 Nov 2026" */
export const formatDate = dateFormat("date", { dateStyle: "medium" });
/** "Monday, 23 November 2026" */
export const formatLongDate = dateFormat("long", { dateStyle: "full" });
/** "23 Nov 2026, 14:05" */
export const formatDateTime = dateFormat("datetime", { dateStyle: "medium", timeStyle: "short" });
/** "14:05" */
export const formatTime = dateFormat("time", { timeStyle: "short" });
/** "November 2026" */
export const formatMonth = dateFormat("month", { month: "long", year: "numeric" });
/** "23 Nov", for this year's dates */
export const formatDay = dateFormat("day", { day: "numeric", month: "short" });

/** A player's time: "4:07", "1:02:33". Seconds, fractions dropped. */
export function formatClock(seconds: number): string {
  const whole = Math.max(0, Math.floor(Number.isFinite(seconds) ? seconds : 0));
  const h = Math.floor(whole / 3600);
  const mm = Math.floor((whole % 3600) / 60);
  const ss = String(whole % 60).padStart(2, "0");
  return h > 0 ? `${h}:${String(mm).padStart(2, "0")}:${ss}` : `${mm}:${ss}`;
}

function unit(name: string, style: "short" | "long" | "narrow", digits = 0) {
  return (value: number): string =>
    cached(`${name}${style}${digits}`, (t) => {
      return new Intl.NumberFormat(t, {
        style: "unit",
        unit: name,
        unitDisplay: style,
        maximumFractionDigits: digits,
      });
    }).format(value);
}

/** A length in words: "45 min", "1 hr 5 min". `long` spells it out for screen readers. */
export function formatDuration(seconds: number, style: "short" | "long" = "short"): string {
  const minutes = Math.round(seconds / 60);
  if (minutes < 1) return unit("second", style)(Math.max(0, Math.round(seconds)));
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  if (hours === 0) return unit("minute", style)(rest);
  return rest === 0
    ? unit("hour", style)(hours)
    : `${unit("hour", style)(hours)} ${unit("minute", style)(rest)}`;
}

const SIZES = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];

/** A size in powers of 1,000: "312 MB", "1.4 GB". */
export function formatSize(bytes: number): string {
  let value = Math.max(0, bytes);
  let step = 0;
  while (value >= 999.5 && step < SIZES.length - 1) {
    value /= 1000;
    step += 1;
  }
  const digits = step > 0 && value < 9.95 ? 1 : 0;
  return unit(SIZES[step] ?? "byte", "short", digits)(value);
}

/** "3.1 MB/s" */
export function formatRate(bytesPerSecond: number): string {
  return `${formatSize(bytesPerSecond)}/s`;
}

export function formatNumber(value: number): string {
  return cached("number", (t) => new Intl.NumberFormat(t)).format(value);
}

/** "45 %" of a share between 0 and 1. */
export function formatPercent(share: number): string {
  return cached("percent", (t) => new Intl.NumberFormat(t, { style: "percent" })).format(share);
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_557_600],
  ["month", 2_629_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** "5 minutes ago", "tomorrow", "in 3 days"; below a minute "now". */
export function formatRelative(value: string | Date, now: Date = new Date()): string {
  const read = date(value);
  if (!read) return "";
  const seconds = (read.getTime() - now.getTime()) / 1000;
  const format = cached("relative", (t) => new Intl.RelativeTimeFormat(t, { numeric: "auto" }));
  for (const [name, size] of STEPS) {
    if (Math.abs(seconds) >= size) return format.format(Math.trunc(seconds / size), name);
  }
  return format.format(0, "second");
}

/** "Ada, Grace and Linus" */
export function formatList(words: string[]): string {
  return cached("list", (t) => new Intl.ListFormat(t, { type: "conjunction" })).format(words);
}
