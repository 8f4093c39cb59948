/**
 * The stretch of days that the import dialog looks at, cut into calendar months, newest first, so that the first
 * results come after one question to Zoom. Days are `yyyy-mm-dd`; Zoom's are UTC, the person's are their own.
 */

/** Both days included. */
export interface Days {
  from: string;
  to: string;
}

export type Preset = "30_days" | "3_months" | "6_months" | "year" | "custom";
export const PRESETS: readonly Preset[] = ["30_days", "3_months", "6_months", "year", "custom"];

const two = (value: number) => String(value).padStart(2, "0");

/** A date's day where the person is. */
export function localDay(date: Date): string {
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** A date's day in UTC. */
export function utcDay(date: Date): string {
  return `${date.getUTCFullYear()}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`;
}

/** The start of a person's own day, or none when that is not a day. */
export function startOfDay(day: string): Date | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day);
  if (!match) return null;
  const [year, month, date] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const start = new Date(year, month - 1, date);
  return start.getFullYear() === year && start.getMonth() === month - 1 && start.getDate() === date
    ? start
    : null;
}

/** The person's own days of a preset. */
export function daysOf(preset: Exclude<Preset, "custom">, now: Date): Days {
  const [year, month, date] = [now.getFullYear(), now.getMonth(), now.getDate()];
  const monthsBack = (months: number) => {
    // The 31st of a month that has only 30 days is its last day, not the first of the next.
    const last = new Date(year, month - months + 1, 0).getDate();
    return new Date(year, month - months, Math.min(date, last));
  };
  const from = {
    "30_days": () => new Date(year, month, date - 30),
    "3_months": () => monthsBack(3),
    "6_months": () => monthsBack(6),
    year: () => monthsBack(12),
  }[preset]();
  return { from: localDay(from), to: localDay(now) };
}

/** What is wrong with days that a person typed. */
export type RangeError = "not_a_day" | "backwards";

/** The person's days as moments: from the first midnight up to, not including, the midnight after the last day. */
export function momentsOf(days: Days): { from: Date; before: Date } | { error: RangeError } {
  const from = startOfDay(days.from);
  const to = startOfDay(days.to);
  if (!from || !to) return { error: "not_a_day" };
  if (from > to) return { error: "backwards" };
  return { from, before: new Date(to.getFullYear(), to.getMonth(), to.getDate() + 1) };
}

/** UTC months to ask Zoom for, newest first; the first and the last one cut to the days. */
export function monthsOf(from: Date, before: Date): Days[] {
  const first = utcDay(from);
  const last = utcDay(new Date(before.getTime() - 1));
  const months: Days[] = [];
  let year = Number(last.slice(0, 4));
  let month = Number(last.slice(5, 7));
  while (`${year}-${two(month)}` >= first.slice(0, 7)) {
    const begin = `${year}-${two(month)}-01`;
    const end = utcDay(new Date(Date.UTC(year, month, 0)));
    months.push({ from: begin < first ? first : begin, to: end > last ? last : end });
    month -= 1;
    if (month === 0) [year, month] = [year - 1, 12];
  }
  return months;
}
