/** What a search found, as it is shown: grouped by recording, with marked pieces and places to go to. */
import type { Found } from "$lib/router.svelte";
import { href } from "$lib/router.svelte";
import type { Hit, QueryPart } from "$lib/types";

/** All hits of one recording, in the order in which they came. */
export interface HitGroup {
  id: string;
  first: Hit;
  /** Where it is more than the title that was found. */
  hits: Hit[];
}

/** Groups in the order of their best hits. */
export function grouped(hits: readonly Hit[]): HitGroup[] {
  const groups = new Map<string, HitGroup>();
  for (const hit of hits) {
    const id = `${hit.teamspace}/${hit.recording_id}`;
    const group = groups.get(id);
    if (group) group.hits.push(hit);
    else groups.set(id, { id, first: hit, hits: [hit] });
  }
  return [...groups.values()];
}

/** A snippet cut into what is marked and what is not. Places are counted in characters, not in UTF-16 units. */
export function pieces(
  text: string,
  marks: readonly (readonly [number, number])[],
): { text: string; marked: boolean }[] {
  const letters = Array.from(text);
  const cut: { text: string; marked: boolean }[] = [];
  let at = 0;
  for (const [from, to] of marks) {
    if (from < at || to <= from) continue;
    if (from > at) cut.push({ text: letters.slice(at, from).join(""), marked: false });
    cut.push({ text: letters.slice(from, to).join(""), marked: true });
    at = to;
  }
  if (at < letters.length) cut.push({ text: letters.slice(at).join(""), marked: false });
  return cut;
}

/** The words of a query that are marked where they are found. */
export function wordsOf(query: readonly QueryPart[]): string[] {
  return query.filter((part) => part.filter === null && !part.without).map((part) => part.value);
}

/** Where a hit leads: its moment, with the words marked. */
export function toHit(hit: Hit, words: string[]): string {
  const view = hit.kind === "chat" ? ({ view: "chat" } as const) : {};
  // Without words, too: the moment is counted in the segment.
  const told = words.length > 0 || hit.segment > 0 || hit.kind === "chat";
  const found: Found | undefined = told ? { segment: hit.segment, words, ...view } : undefined;
  return href({
    name: "recording",
    teamspace: hit.teamspace,
    recordingId: hit.recording_id,
    at: hit.at === null ? null : Math.round(hit.at * 1000) / 1000,
    ...(found ? { found } : {}),
  });
}

/** A query without one of its parts. */
export function withoutPart(query: readonly QueryPart[], part: string): string {
  const place = query.findIndex((one) => one.text === part);
  const kept = query.filter((_, i) => i !== place).map((one) => one.text);
  return kept.length > 0 ? `${kept.join(" ")} ` : "";
}

/** A filter in the query language. */
export function filterOf(name: string, value: string): string {
  // A quote in a name cannot be written; a space in its place finds the same.
  const plain = value.replaceAll('"', " ").trim();
  return `${name}:${/\s/.test(plain) ? `"${plain}"` : plain}`;
}

/** A query with a filter; one of the same name that allows one value only gives way to it. */
export function withFilter(text: string, query: readonly QueryPart[], name: string, value: string): string {
  const single = ["after", "before", "longer", "shorter"].includes(name);
  const kept =
    single && query.some((part) => part.filter === name)
      ? query
          .filter((part) => part.filter !== name)
          .map((part) => part.text)
          .join(" ")
      : text.trim();
  const filter = filterOf(name, value);
  if (query.some((part) => part.text === filter)) return text;
  return `${kept} ${filter} `.trimStart();
}
