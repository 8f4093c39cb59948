/** Marking a highlight while a recording plays: one press where it begins, another where it ends. */

/** Milliseconds that a highlight takes at least: two presses by mistake are none. */
const SHORTEST = 300;

export class Marking {
  /** Where it begins, in milliseconds; null while none is begun. */
  from = $state<number | null>(null);

  /** A press at a position in seconds: what is marked by it; null when it begins there, or is too short yet. */
  press(position: number): { from: number; to: number } | "begun" | "too_short" {
    const at = Math.max(0, Math.round(position * 1000));
    if (this.from === null) {
      this.from = at;
      return "begun";
    }
    // Somebody went back before the second press: the stretch between is meant.
    const [from, to] = [Math.min(this.from, at), Math.max(this.from, at)];
    if (to - from < SHORTEST) return "too_short";
    this.from = null;
    return { from, to };
  }

  cancel(): void {
    this.from = null;
  }
}
