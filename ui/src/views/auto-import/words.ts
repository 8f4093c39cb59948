/** What auto-import decided, in the person's words. */
import { m } from "$lib/paraglide/messages";
import type { DecidedBy, Verdict } from "$lib/types";

const VERDICTS: Record<Verdict, () => string> = {
  take: m.verdict_take,
  review: m.verdict_review,
  skip: m.verdict_skip,
  wait: m.verdict_wait,
};

const BY: Record<DecidedBy, () => string> = {
  no_objection: m.by_no_objection,
  before_switched_on: m.by_before_switched_on,
  title_contains: m.by_title_contains,
  title_excludes: m.by_title_excludes,
  too_short: m.by_too_short,
  too_long: m.by_too_long,
  kinds: m.by_kinds,
  not_before: m.by_not_before,
  weekend: m.by_weekend,
  hours: m.by_hours,
  review: m.by_review,
  person: m.by_person,
  discarded: m.by_discarded,
  already_there: m.by_already_there,
  in_trash: m.by_in_trash,
  already_asked: m.by_already_asked,
  gone_at_zoom: m.by_gone_at_zoom,
  still_processing: m.by_still_processing,
  never_finished: m.by_never_finished,
  switched_off: m.by_switched_off,
  off: m.by_off,
  not_seen_yet: m.by_not_seen_yet,
};

export const verdictName = (verdict: Verdict): string => VERDICTS[verdict]();

/** Why, as a sentence without its full stop. */
export const decidedBy = (by: DecidedBy): string => BY[by]();

/** The same of a name that the log has kept; a rule that this version does not know is left out. */
export function decidedByName(name: string | null): string | null {
  return name !== null && Object.hasOwn(BY, name) ? BY[name as DecidedBy]() : null;
}
