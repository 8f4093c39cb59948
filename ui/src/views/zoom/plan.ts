/** A Zoom plan's name on screen. */
import { m } from "$lib/paraglide/messages";
import type { Plan } from "$lib/types";

export function planName(plan: Plan): string {
  switch (plan) {
    case "basic":
      return m.zoom_plan_basic();
    case "licensed":
      return m.zoom_plan_licensed();
    case "other":
      return m.zoom_plan_other();
  }
}
