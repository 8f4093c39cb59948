/** Filters of a query in words. */
import { formatDate } from "$lib/format";
import { m } from "$lib/paraglide/messages";
import type { QueryPart } from "$lib/types";

const KINDS: Record<string, () => string> = {
  title: m.search_kind_title,
  person: m.search_kind_person,
  tag: m.search_kind_tag,
  transcript: m.search_kind_transcript,
  chat: m.search_kind_chat,
};

export const DAYS: Record<string, () => string> = {
  "7d": m.search_last_7d,
  "30d": m.search_last_30d,
  "1y": m.search_last_1y,
};

const HAS: Record<string, () => string> = {
  video: m.filter_has_video,
  audio: m.filter_has_audio,
  transcript: m.filter_has_transcript,
  chat: m.filter_has_chat,
  summary: m.filter_has_summary,
};

/** What can be chosen for the filters that have few values. */
export const CHOICES = [
  {
    filter: "kind",
    title: m.search_menu_kind,
    values: Object.entries(KINDS).map(([value, label]) => ({ value, label })),
  },
  {
    filter: "after",
    title: m.search_menu_when,
    values: Object.entries(DAYS).map(([value, label]) => ({ value, label })),
  },
  {
    filter: "has",
    title: m.filter_has,
    values: Object.entries(HAS).map(([value, label]) => ({ value, label })),
  },
] as const;

/** Lengths: the name of the filter is chosen along with its value. */
export const LENGTHS = [
  { filter: "shorter", value: "15m", label: m.search_shorter_15m },
  { filter: "longer", value: "30m", label: m.search_longer_30m },
  { filter: "longer", value: "1h", label: m.search_longer_1h },
] as const;

/** A day as people write it; what moves along with today, or is a month or a year, stays as it was typed. */
const dayText = (value: string) =>
  /^\d{4}-\d{2}-\d{2}$/.test(value) ? formatDate(`${value}T00:00:00`) : value;

/** A filter in words: "Tag clinic study". */
export function filterText({ filter, value, without, text }: QueryPart): string {
  const said = (() => {
    switch (filter) {
      case "from":
        return m.search_filter_from({ value });
      case "tag":
        return m.search_filter_tag({ value });
      case "in":
        return m.search_filter_in({ value });
      case "kind":
        return m.search_filter_kind({ value: KINDS[value]?.() ?? value });
      case "after":
        return DAYS[value]?.() ?? m.search_filter_after({ value: dayText(value) });
      case "before":
        return m.search_filter_before({ value: dayText(value) });
      case "longer":
        return m.search_filter_longer({ value });
      case "shorter":
        return m.search_filter_shorter({ value });
      case "has":
        return HAS[value]?.() ?? value;
      default:
        return null;
    }
  })();
  if (filter === "has" && without && value === "transcript") return m.filter_has_no_transcript();
  if (said === null) return without ? m.search_filter_not({ filter: value }) : text;
  return without ? m.search_filter_not({ filter: said }) : said;
}
