import { formatMonth } from "$lib/format";
import { m } from "$lib/paraglide/messages";
import type { Heading } from "./listing";

/** What a heading of the library says. */
export function headingText(heading: Heading): string {
  switch (heading.kind) {
    case "this_week":
      return m.library_this_week();
    case "last_week":
      return m.library_last_week();
    case "month":
      return formatMonth(heading.date);
    case "series":
      return heading.title;
    case "single":
      return m.library_single();
  }
}
