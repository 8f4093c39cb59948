/** Keeps how the library looks for the next start (`$lib/last-look.ts`), whenever it has come to rest. */
import { untrack } from "svelte";
import { innerWidth } from "svelte/reactivity/window";
import type { Api } from "$lib/api";
import { lookNow } from "$lib/last-look";

/** Milliseconds without a change before it is looked at. */
const REST = 1_500;

/** `resting` says whether what is shown is what a start begins with; what it reads is what a change is a change of. */
export function keepLook(api: Pick<Api, "keepLook">, resting: () => boolean): void {
  let kept = "";

  const keep = () => {
    const app = document.getElementById("app");
    // A dialog, a menu, a field with words in it: not how a start begins.
    const busy = document.querySelector("[role=dialog], [role=alertdialog], [role=menu]");
    if (!app || busy || !untrack(resting) || document.getElementById("last-look")) return;
    const look = lookNow(app);
    if (look === kept) return;
    kept = look;
    // Best effort: without it the next start draws a moment later.
    api.keepLook(look).catch(() => undefined);
  };

  $effect(() => {
    void innerWidth.current;
    if (!resting()) return;
    const due = setTimeout(keep, REST);
    return () => clearTimeout(due);
  });
}
