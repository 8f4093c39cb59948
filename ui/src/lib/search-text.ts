/** What the library's own search field looks through: title, host and tags, folded once for each recording. */
import { reckonedOnce } from "./reckoned-once";
import { fold } from "./transcript/search";
import type { RecordingItem } from "./types";

type Searched = Pick<RecordingItem, "title" | "host" | "tags">;

export const searchTextOf = reckonedOnce(
  ({ title, host, tags }: Searched) => fold([title, host ?? "", ...tags].join(" ")).text,
);

const lists = new WeakMap<readonly Searched[], string[]>();

/** Those of a list, in its order; gathered once for each list, for what is done with every letter that is typed. */
export function searchTextsOf(recordings: readonly Searched[]): string[] {
  let all = lists.get(recordings);
  if (all === undefined) {
    all = recordings.map(searchTextOf);
    lists.set(recordings, all);
  }
  return all;
}
