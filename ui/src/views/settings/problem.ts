/** What is wrong with a stored file, in a word or two. */
import { m } from "$lib/paraglide/messages";
import type { Problem } from "$lib/types";

export function problemText(problem: Problem): string {
  switch (problem) {
    case "missing":
      return m.problem_missing();
    case "size":
      return m.problem_size();
    case "content":
      return m.problem_content();
    case "unreadable":
      return m.problem_unreadable();
  }
}
