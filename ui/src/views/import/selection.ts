/**
 * Choosing several of a list, as file managers do it: a click turns one on or off, a click with shift held gives
 * everything between the last click and this one the same state. What cannot be chosen is skipped. Values do not
 * change: each step gives the next selection.
 */
export interface Selection {
  readonly chosen: ReadonlySet<string>;
  /** Where the last click without shift was. */
  readonly anchor: string | null;
}

export const NOTHING: Selection = { chosen: new Set(), anchor: null };

/** `shown` are the ids that can be chosen, in the order in which they are shown. */
export function click(selection: Selection, shown: readonly string[], id: string, shift: boolean): Selection {
  const at = shown.indexOf(id);
  if (at < 0) return selection;
  const chosen = new Set(selection.chosen);
  const on = !chosen.has(id);
  const anchor = shift && selection.anchor !== null ? shown.indexOf(selection.anchor) : -1;
  const span = anchor < 0 ? [id] : shown.slice(Math.min(anchor, at), Math.max(anchor, at) + 1);
  for (const one of span) {
    if (on) chosen.add(one);
    else chosen.delete(one);
  }
  return { chosen, anchor: id };
}

/**
 * The keyboard's way: from where the last choice without shift was, everything up to `to` is chosen in place of
 * everything up to `from`, where the focus was before. Without such a choice, `from` begins it.
 */
export function stretch(selection: Selection, shown: readonly string[], from: string, to: string): Selection {
  const [before, at] = [shown.indexOf(from), shown.indexOf(to)];
  if (before < 0 || at < 0) return selection;
  const known = selection.anchor === null ? -1 : shown.indexOf(selection.anchor);
  const anchor = known < 0 ? before : known;
  const span = (end: number) => shown.slice(Math.min(anchor, end), Math.max(anchor, end) + 1);
  const chosen = new Set(selection.chosen);
  if (known >= 0) span(before).forEach((id) => chosen.delete(id));
  span(at).forEach((id) => chosen.add(id));
  return { chosen, anchor: shown[anchor] ?? null };
}

/** How much of what is shown is chosen. */
export function shareOf(selection: Selection, shown: readonly string[]): "none" | "some" | "all" {
  const count = shown.filter((id) => selection.chosen.has(id)).length;
  if (count === 0) return "none";
  return count === shown.length ? "all" : "some";
}

/** Chooses all that is shown; or, when all of it is chosen, none of it. What is not shown stays as it is. */
export function toggleAll(selection: Selection, shown: readonly string[]): Selection {
  const chosen = new Set(selection.chosen);
  const off = shareOf(selection, shown) === "all";
  for (const id of shown) {
    if (off) chosen.delete(id);
    else chosen.add(id);
  }
  return { chosen, anchor: null };
}

/** Without what can no longer be chosen. */
export function keepOnly(selection: Selection, possible: ReadonlySet<string>): Selection {
  const chosen = new Set([...selection.chosen].filter((id) => possible.has(id)));
  return chosen.size === selection.chosen.size ? selection : { ...selection, chosen };
}
