/** Filters of a query in words. */
import { m } from "$lib/paraglide/messages";
import type { QueryPart } from "$lib/types";

const KINDS: Record<string, () => string> = {
  title: m.search_kind_title,
  person: m.search_kind_person,
  tag: m.search_kind_tag,
  transcript: m.search_kind_transcript,
  chat: m.search_kind_chat,
};

const DAYS: Record<string, () => string> = {
  "7d": m.search_last_7d,
  "30d": m.search_last_30d,
  "1y": m.search_last_1y,
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
] as const;

/** Lengths: the name of the filter is chosen along with its value. */
export const LENGTHS = [
  { filter: "shorter", value: "15m", label: m.search_shorter_15m },
  { filter: "longer", value: "30m", label: m.search_longer_30m },
  { filter: "longer", value: "1h", label: m.search_longer_1h },
] as const;

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
        return DAYS[value]?.() ?? m.search_filter_after({ value });
      case "before":
        return m.search_filter_before({ value });
      case "longer":
        return m.search_filter_longer({ value });
      case "shorter":
        return m.search_filter_shorter({ value });
      default:
        return null;
    }
  })();
  if (said === null) return without ? m.search_filter_not({ filter: value }) : text;
  return without ? m.search_filter_not({ filter: said }) : said;
}
