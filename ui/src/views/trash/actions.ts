/** Moving recordings to the trash and back, as the library and a recording's page do it. */
import { api } from "$lib/api";
import { m } from "$lib/paraglide/messages";
import { toasts } from "$lib/state";
import type { Recording } from "$lib/types";
import { titleOf } from "../library/facts";

type Named = Pick<Recording, "teamspace" | "recording_id" | "title">;

/** Moves one to the trash, with a way back at hand. Whether that worked. */
export async function moveToTrash(recording: Named): Promise<boolean> {
  try {
    await api.trashRecording(recording.teamspace, recording.recording_id);
  } catch (error) {
    toasts.error(error);
    return false;
  }
  toasts.success(m.trash_moved({ title: titleOf(recording) }), {
    label: m.trash_undo(),
    run: () => void restore(recording),
  });
  return true;
}

/** Takes one out of the trash. */
export async function restore(recording: Named): Promise<void> {
  try {
    await api.restoreRecording(recording.teamspace, recording.recording_id);
    toasts.success(m.trash_restored({ title: titleOf(recording) }));
  } catch (error) {
    toasts.error(error);
  }
}
