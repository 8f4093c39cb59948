/** The rules as a form has them, and as the core does. */
import type { FileKind, Rules } from "$lib/types";

export interface RulesForm {
  contains: string;
  excludes: string;
  min: string;
  max: string;
  allKinds: boolean;
  kinds: FileKind[];
  notBefore: string;
  skipWeekends: boolean;
  limitHours: boolean;
  from: string;
  to: string;
  review: boolean;
}

/** The kinds of files that can be chosen, in the order of their weight. */
export const KINDS: readonly FileKind[] = [
  "video",
  "audio",
  "transcript",
  "captions",
  "chat",
  "timeline",
  "summary",
  "other",
];

const minutes = (value: number | null) => (value === null ? "" : String(value));
/** `09:00:00` as a field for times has it. */
const clock = (time: string) => time.slice(0, 5);

export function formOf(rules: Rules): RulesForm {
  return {
    contains: rules.title_contains.join(", "),
    excludes: rules.title_excludes.join(", "),
    min: minutes(rules.min_minutes),
    max: minutes(rules.max_minutes),
    allKinds: rules.kinds === null,
    kinds: rules.kinds ?? [...KINDS],
    notBefore: rules.not_before ?? "",
    skipWeekends: rules.skip_weekends,
    limitHours: rules.hours !== null,
    from: clock(rules.hours?.from ?? "08:00"),
    to: clock(rules.hours?.to ?? "18:00"),
    review: rules.review,
  };
}

export type RulesError = "number" | "order" | "kinds" | "hours";

const phrases = (text: string) =>
  text
    .split(",")
    .map((phrase) => phrase.trim())
    .filter((phrase) => phrase !== "");

const readMinutes = (text: unknown) => {
  const value = String(text ?? "").trim();
  return value === "" ? null : /^\d{1,5}$/.test(value) ? Number(value) : undefined;
};

/** What is wrong with a form; null when nothing is. */
export function wrongWith(form: RulesForm): RulesError | null {
  const [min, max] = [readMinutes(form.min), readMinutes(form.max)];
  if (min === undefined || max === undefined) return "number";
  if (min !== null && max !== null && min > max) return "order";
  if (!form.allKinds && form.kinds.length === 0) return "kinds";
  if (form.limitHours && (form.from === form.to || form.from === "" || form.to === "")) return "hours";
  return null;
}

/** The rules of a form that nothing is wrong with. The time zone, which no field shows, stays. */
export function rulesOf(form: RulesForm, before: Rules): Rules {
  return {
    title_contains: phrases(form.contains),
    title_excludes: phrases(form.excludes),
    min_minutes: readMinutes(form.min) ?? null,
    max_minutes: readMinutes(form.max) ?? null,
    kinds: form.allKinds ? null : KINDS.filter((kind) => form.kinds.includes(kind)),
    not_before: form.notBefore === "" ? null : form.notBefore,
    skip_weekends: form.skipWeekends,
    hours: form.limitHours ? { from: form.from, to: form.to } : null,
    time_zone: before.time_zone,
    review: form.review,
  };
}
