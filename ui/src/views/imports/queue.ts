/** The import queue as people read it: what runs, what waits, what needs somebody, what is done. */
import type { Code } from "$lib/bindings/Code";
import type { Job } from "$lib/bindings/Job";
import type { UserError } from "$lib/bindings/UserError";
import type { Progress } from "$lib/state";

export type Section = "attention" | "running" | "queued" | "waiting" | "finished";
/** In the order in which they are shown. */
export const SECTIONS: readonly Section[] = ["running", "attention", "waiting", "queued", "finished"];

export function sectionOf({ state }: Job): Section {
  switch (state) {
    case "failed":
      return "attention";
    case "running":
      return "running";
    case "queued":
      return "queued";
    case "waiting":
      return "waiting";
    case "done":
    case "cancelled":
      return "finished";
  }
}

/** Jobs by section, in the order of the queue; what finished last stands first. */
export function bySection(jobs: readonly Job[]): Map<Section, Job[]> {
  const sections = new Map<Section, Job[]>(SECTIONS.map((section) => [section, []]));
  for (const job of jobs) sections.get(sectionOf(job))!.push(job);
  for (const list of sections.values()) list.sort((a, b) => a.id - b.id);
  sections
    .get("finished")!
    .sort((a, b) => (a.updated_at < b.updated_at ? 1 : a.updated_at > b.updated_at ? -1 : b.id - a.id));
  return sections;
}

/** The one thing a person can do about a failed import. */
export type Remedy = "retry" | "reconnect" | "choose_folder" | "none";

export function remedyFor(code: Code): Remedy {
  switch (code) {
    case "not_connected":
    case "needs_reauthorization":
    case "authorization_declined":
    case "authorization_expired":
    case "scopes_missing":
    case "no_zoom_client":
    case "zoom_client_refused":
    case "claim_conflict":
      return "reconnect";
    case "teamspace_unreachable":
    case "teamspace_read_only":
    case "teamspace_moved":
    case "permission_denied":
      return "choose_folder";
    case "gone_at_zoom":
    case "format_too_new":
      return "none";
    default:
      return "retry";
  }
}

/** What is missing on a full disk, in bytes; none where only the disk itself could say. */
export function missingOn(full: UserError): number | null {
  const missing = Number(full.params?.missing ?? "0");
  return missing > 0 ? missing : null;
}

/** Share that is here, 0 to 1; none while the whole is unknown. */
export function shareOf({ bytes, bytesTotal }: Pick<Progress, "bytes" | "bytesTotal">): number | null {
  return bytesTotal > 0 ? Math.min(1, bytes / bytesTotal) : null;
}

/** Seconds left at this speed; none while that would be a guess. */
export function secondsLeft({ bytes, bytesTotal, bytesPerSecond }: Progress): number | null {
  if (bytesTotal <= 0 || bytesPerSecond <= 0 || bytes >= bytesTotal) return null;
  return (bytesTotal - bytes) / bytesPerSecond;
}

/** Steadies a speed that is told every second, so that the time left does not jump about. */
export function steadied(before: number | null, now: number): number {
  return before === null || before === 0 ? now : before * 0.7 + now * 0.3;
}
