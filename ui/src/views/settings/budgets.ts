/** How large the cache may be, to choose from in the settings. */

const GB = 1_000_000_000;
const OFFERED = [1, 2, 5, 10, 20, 50, 100, 200].map((size) => size * GB);

/** The sizes to choose from, in bytes; one that was set elsewhere is among them. */
export function budgets(current: number): number[] {
  if (OFFERED.includes(current)) return OFFERED;
  return [...OFFERED, current].sort((a, b) => a - b);
}
