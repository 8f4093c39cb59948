import type { RecordingItem } from "$lib/types";

/** What a recording in the library gets, whether it is a card or a line. */
export interface ItemProps {
  recording: RecordingItem;
  /** Address of its page. */
  to: string;
  /** Its place in the whole list. */
  place: number;
  /** The one that Tab reaches. */
  active: boolean;
  /** Its teamspace is a bucket: what of it is on this computer is worth saying. */
  bucket: boolean;
  /** Its teamspace cannot be reached. */
  offline: boolean;
  selected: boolean;
  /** Something in the library is selected. */
  selecting: boolean;
  /** Somebody selects it, or not; with shift, all up to it. */
  onselect: (shift: boolean) => void;
  /** Somebody wants only what has this tag. */
  ontag: (tag: string) => void;
  onmore: (event: MouseEvent & { currentTarget: HTMLElement }) => void;
}
