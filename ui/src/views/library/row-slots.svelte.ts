/**
 * Rows of the library that are used again. A row that leaves the page gives its place to the next that comes into it, which
 * only changes words and pictures: to make its dozens of elements anew for each would cost most of a frame while
 * somebody scrolls, and leave as much to be collected.
 */
import { untrack } from "svelte";
import type { LibraryRow } from "./layout";

export type RowOfCards = Extract<LibraryRow, { type: "cards" }>;

export class RowSlot {
  readonly id: number;
  /** What it shows; what it showed last while it is not in the page. */
  row: RowOfCards;
  /** Where it is in the page; none while nobody needs it. */
  home = $state.raw<HTMLElement | null>(null);

  constructor(id: number, row: RowOfCards) {
    this.id = id;
    this.row = $state.raw(row);
  }

  /** Keeps the element that shows it where its home is. */
  readonly follow = (element: HTMLElement) => {
    if (this.home) this.home.append(element);
    else element.remove();
  };
}

export class RowSlots {
  all = $state.raw<readonly RowSlot[]>([]);
  readonly #free: RowSlot[] = [];

  /**
   * For the element that a row is to be shown in, as long as it is in the page. What the row holds may change meanwhile:
   * its place stays, and with it who has the focus.
   */
  show(row: () => RowOfCards) {
    return (home: HTMLElement) => {
      const slot = untrack(() => this.#free.pop() ?? this.#more(row()));
      slot.home = home;
      $effect(() => {
        slot.row = row();
      });
      return () => {
        slot.home = null;
        this.#free.push(slot);
      };
    };
  }

  #more(row: RowOfCards): RowSlot {
    const slot = new RowSlot(this.all.length, row);
    this.all = [...this.all, slot];
    return slot;
  }
}
