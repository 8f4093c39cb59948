/** The place that somebody enters for a teamspace to move to: kept while the window is open, so that it can go on. */
import { placeOf } from "$lib/place";
import type { PlaceDraft } from "$lib/types";
import { PlaceForm } from "$views/teamspace/place.svelte";

const forms = new Map<string, PlaceForm>();

export function formOf(teamspace: string): PlaceForm {
  let form = forms.get(teamspace);
  if (!form) {
    form = new PlaceForm();
    form.moves = true;
    forms.set(teamspace, form);
  }
  return form;
}

/** Of a copy that came to its end nothing is kept, not even the secret that was entered for it. */
export function forgetForm(teamspace: string): void {
  forms.delete(teamspace);
}

/** Where to, in words. */
export const placeInWords = (draft: PlaceDraft): string =>
  draft.kind === "folder" ? draft.path : placeOf({ kind: "bucket", ...draft.bucket });
