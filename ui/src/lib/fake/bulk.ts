/** Doing something to many recordings, as the core does: one that fails keeps the others from nothing. */
import type { BulkOutcome } from "../types";
import { asUserError } from "../user-error";

export function inBulk(ids: readonly string[], work: (id: string) => void): BulkOutcome {
  const outcome: BulkOutcome = { done: [], failed: [] };
  for (const id of new Set(ids)) {
    try {
      work(id);
      outcome.done.push(id);
    } catch (error) {
      outcome.failed.push({ recording_id: id, title: "", error: asUserError(error) });
    }
  }
  return outcome;
}
