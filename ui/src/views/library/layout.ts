/**
 * The library as rows of a virtual list: headings, and rows of as many cards as fit. The same rows say where an arrow
 * key leads, so that what is seen and what the keys do cannot differ.
 */
import type { RecordingItem } from "$lib/bindings/RecordingItem";
import type { Group, Heading } from "./listing";

export type LibraryRow =
  | { type: "heading"; id: string; heading: Heading; count: number | null }
  | { type: "cards"; id: string; recordings: RecordingItem[]; first: number };

/**
 * `first` of a row is the place of its first recording in the whole list. While there is more to come, nobody knows how
 * many the last group has.
 */
export function toLibraryRows(groups: readonly Group[], columns: number, complete: boolean): LibraryRow[] {
  const rows: LibraryRow[] = [];
  let place = 0;
  for (const { id, heading, recordings } of groups) {
    const counted = complete || id !== groups.at(-1)?.id;
    const count = counted ? recordings.length : null;
    if (heading) rows.push({ type: "heading", id: `heading ${id}`, heading, count });
    for (let from = 0; from < recordings.length; from += columns) {
      const row = recordings.slice(from, from + columns);
      rows.push({ type: "cards", id: row[0]!.recording_id, recordings: row, first: place });
      place += row.length;
    }
  }
  return rows;
}

/** How many cards of at least `least` pixels fit beside each other. */
export function columnsIn(width: number, least: number, gap: number): number {
  return Math.max(1, Math.floor((width + gap) / (least + gap)));
}

export type Move = "left" | "right" | "up" | "down" | "first" | "last";

const MOVES: Record<string, Move> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
  k: "up",
  j: "down",
  K: "up",
  J: "down",
  Home: "first",
  End: "last",
};

export function moveOf({ key, ctrlKey, metaKey, altKey }: KeyboardEvent): Move | null {
  return ctrlKey || metaKey || altKey ? null : (MOVES[key] ?? null);
}

/** Where a move leads from a place; up and down keep the column. From nowhere (-1) every move leads to the start. */
export function moved(rows: readonly LibraryRow[], from: number, move: Move): number {
  const cards = rows.filter((row) => row.type === "cards");
  const last = cards.at(-1);
  if (!last) return -1;
  const end = last.first + last.recordings.length - 1;
  if (from < 0) return move === "last" ? end : 0;
  const index = cards.findIndex((row) => from < row.first + row.recordings.length);
  const row = cards[index];
  if (!row) return end;
  const into = (target: (typeof cards)[0] | undefined) =>
    target ? Math.min(target.first + from - row.first, target.first + target.recordings.length - 1) : from;
  switch (move) {
    case "left":
      return Math.max(0, from - 1);
    case "right":
      return Math.min(end, from + 1);
    case "up":
      return into(cards[index - 1]);
    case "down":
      return into(cards[index + 1]);
    case "first":
      return 0;
    case "last":
      return end;
  }
}

/** Which row of the virtual list shows a place. */
export function rowOf(rows: readonly LibraryRow[], place: number): number {
  return rows.findIndex(
    (row) => row.type === "cards" && place >= row.first && place < row.first + row.recordings.length,
  );
}
