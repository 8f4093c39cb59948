/** What is done to many recordings of one teamspace, and how what came of it is said. */
import { api } from "$lib/api";
import { m } from "$lib/paraglide/messages";
import { toasts } from "$lib/state";
import type { BulkOutcome, RecordingItem } from "$lib/types";
import { titleOf } from "./facts";

type Chosen = readonly Pick<RecordingItem, "teamspace" | "recording_id">[];

/** Adds and takes off tags. Whether it was tried at all. */
export function editTags(chosen: Chosen, add: string[], off: string[]): Promise<boolean> {
  const edit = { title: null, add_tags: add, remove_tags: off };
  return attempt(chosen, (teamspace, ids) => api.editRecordings(teamspace, ids, edit), m.select_tagged);
}

/** Moves them to the trash, with a way back at hand. */
export function trashAll(chosen: Chosen): Promise<boolean> {
  return attempt(chosen, api.trashRecordings, m.select_trashed, (teamspace, done) => ({
    label: m.trash_undo(),
    run: () => void restoreAll(teamspace, done),
  }));
}

function restoreAll(teamspace: string, ids: string[]): Promise<boolean> {
  const chosen = ids.map((recording_id) => ({ teamspace, recording_id }));
  return attempt(chosen, api.restoreRecordings, m.select_restored);
}

async function attempt(
  chosen: Chosen,
  work: (teamspace: string, ids: string[]) => Promise<BulkOutcome>,
  say: (words: { count: number }) => string,
  back?: (teamspace: string, done: string[]) => { label: string; run: () => void },
): Promise<boolean> {
  const teamspace = chosen[0]?.teamspace;
  if (teamspace === undefined) return false;
  let outcome: BulkOutcome;
  try {
    outcome = await work(
      teamspace,
      chosen.map((one) => one.recording_id),
    );
  } catch (error) {
    toasts.error(error);
    return false;
  }
  const { done, failed } = outcome;
  if (done.length > 0) toasts.success(say({ count: done.length }), back?.(teamspace, done));
  const [first] = failed;
  if (first) {
    const words = { count: failed.length, title: titleOf(first) };
    toasts.show({ tone: "error", text: m.select_failed(words), error: first.error });
  }
  return true;
}
