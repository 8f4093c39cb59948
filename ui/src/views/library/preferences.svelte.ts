/** How the library is shown, remembered on this computer. */
import { GROUPINGS, SORTS, type Grouping, type Sort } from "./listing";

export type View = "grid" | "list";

class Preferences {
  sort = $state<Sort>(read("next.library.sort", SORTS, "newest"));
  group = $state<Grouping>(read("next.library.group", GROUPINGS, "date"));
  view = $state<View>(read("next.library.view", ["grid", "list"], "grid"));

  chooseSort(sort: Sort): void {
    this.sort = sort;
    write("next.library.sort", sort);
  }

  chooseGroup(group: Grouping): void {
    this.group = group;
    write("next.library.group", group);
  }

  chooseView(view: View): void {
    this.view = view;
    write("next.library.view", view);
  }
}

function read<T extends string>(key: string, known: readonly T[], otherwise: T): T {
  try {
    const stored = localStorage.getItem(key);
    return known.find((one) => one === stored) ?? otherwise;
  } catch {
    return otherwise;
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Without storage the choice holds until the window closes.
  }
}

export const preferences = new Preferences();
