/** Days of a query, `yyyy-mm-dd`: the language says "before" a day, a person "up to and with" one. */
import type { QueryPart } from "$lib/types";

function moved(day: string, by: number): string {
  const read = new Date(`${day}T00:00:00Z`);
  if (day === "" || Number.isNaN(read.getTime())) return "";
  read.setUTCDate(read.getUTCDate() + by);
  return read.toISOString().slice(0, 10);
}

export const dayAfter = (day: string) => moved(day, 1);
export const dayBefore = (day: string) => moved(day, -1);

/** A query with another first day (`after`) or another end (`before`); without one for an empty day. */
export function withDay(
  text: string,
  query: readonly QueryPart[],
  filter: "after" | "before",
  day: string,
): string {
  const there = query.some((part) => part.filter === filter);
  const rest = there
    ? query
        .filter((part) => part.filter !== filter)
        .map((part) => part.text)
        .join(" ")
    : text.trim();
  return (day === "" ? rest : `${rest} ${filter}:${day}`).trim();
}
