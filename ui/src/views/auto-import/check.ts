/** Looking at Zoom at once, wherever somebody waits for what is new. */
import { api } from "$lib/api";
import { m } from "$lib/paraglide/messages";
import { autoImport, toasts } from "$lib/state";
import type { AutoImportStatus } from "$lib/types";

/** Looks at Zoom's list now; says so when that went well. What went wrong stands in the status. */
export async function checkNow(): Promise<AutoImportStatus> {
  const checked = await api.checkNow();
  if (checked.problem === null) toasts.success(m.auto_checked());
  return checked;
}

/** The same from places that do not show how auto-import stands: what went wrong is said at once. */
export async function checkFromHere(): Promise<void> {
  try {
    const checked = await checkNow();
    autoImport.set(checked);
    if (checked.problem) toasts.error(checked.problem.error);
  } catch (error) {
    toasts.error(error);
    await autoImport.refresh();
  }
}
