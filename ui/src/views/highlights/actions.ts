/** What is done to highlights from every place that shows them, with a way back at hand. */
import { api } from "$lib/api";
import { m } from "$lib/paraglide/messages";
import { momentLink } from "$lib/moment";
import { toasts } from "$lib/state";
import type { Highlight } from "$lib/types";
import { spanOf } from "$lib/highlights/times";

/** Removes one; the message offers to take that back. */
export async function removeHighlight(one: Highlight): Promise<void> {
  try {
    await api.removeHighlight(one.teamspace, one.recording_id, one.id);
  } catch (error) {
    toasts.error(error);
    return;
  }
  toasts.success(m.highlight_removed({ span: spanOf(one) }), {
    label: m.highlight_undo(),
    run: () => void restoreHighlight(one),
  });
}

async function restoreHighlight(one: Highlight): Promise<void> {
  try {
    await api.restoreHighlight(one.teamspace, one.recording_id, one.id);
    toasts.success(m.highlight_restored({ span: spanOf(one) }));
  } catch (error) {
    toasts.error(error);
  }
}

/** Copies the link to where it begins. */
export async function copyHighlightLink(one: Highlight): Promise<void> {
  try {
    await api.copyText(momentLink(one.teamspace, one.recording_id, one.from / 1000));
    toasts.success(m.moment_copied({ time: spanOf(one).split("–")[0]! }));
  } catch (error) {
    toasts.error(error);
  }
}
