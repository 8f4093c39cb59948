/** Keeping recordings, tags and teamspaces on this computer, as the library does it. */
import { api } from "$lib/api";
import { m } from "$lib/paraglide/messages";
import { toasts } from "$lib/state";
import type { Pin, PinInfo, RecordingItem } from "$lib/types";

type One = Pick<RecordingItem, "teamspace" | "recording_id">;

export const pinOf = ({ teamspace, recording_id }: One): Pin => ({
  teamspace,
  target: { kind: "recording", recording_id },
});

/** All of a teamspace, or what has a tag in it. */
export const pinOfAll = (teamspace: string, tag: string | null): Pin => ({
  teamspace,
  target: tag === null ? { kind: "teamspace" } : { kind: "tag", tag },
});

const keyOf = ({ teamspace, target }: Pin) =>
  [
    teamspace,
    target.kind,
    "tag" in target ? target.tag.toLowerCase() : "",
    "recording_id" in target ? target.recording_id : "",
  ].join(" ");

/** Whether this very pin is there, whatever others cover the same. */
export function isPinned(pins: readonly PinInfo[], pin: Pin): boolean {
  const key = keyOf(pin);
  return pins.some((one) => keyOf(one) === key);
}

/** Keeps these from now on, and says so; whether that worked. */
export async function keep(pins: Pin[], said: string): Promise<boolean> {
  try {
    await api.pin(pins);
  } catch (error) {
    toasts.error(error);
    return false;
  }
  toasts.success(said, { label: m.trash_undo(), run: () => void keepNot(pins, false) });
  return true;
}

export async function keepNot(pins: Pin[], say = true): Promise<void> {
  try {
    await api.unpin(pins);
    if (say) toasts.success(m.keep_ended(), { label: m.trash_undo(), run: () => void api.pin(pins) });
  } catch (error) {
    toasts.error(error);
  }
}
