/** What downloads can be held to in the settings. */

/** In bytes per second: what a shared line leaves for downloads, from a hotel's to an office's. */
const OFFERED = [500_000, 1_000_000, 2_000_000, 5_000_000, 10_000_000, 25_000_000, 50_000_000];

/** The limits to choose from; one that was set elsewhere is among them. */
export function limits(current: number | null): number[] {
  if (current === null || OFFERED.includes(current)) return OFFERED;
  return [...OFFERED, current].sort((a, b) => a - b);
}
