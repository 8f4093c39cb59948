/** What a key does in the player. Kept apart from the player so that the table can be read, shown and tested. */

export type Action =
  | { do: "toggle" }
  | { do: "seek"; by: number }
  | { do: "seek_to"; share: number }
  | { do: "faster" }
  | { do: "slower" }
  | { do: "volume"; by: number }
  | { do: "mute" }
  | { do: "fullscreen" }
  | { do: "captions" }
  | { do: "picture_in_picture" }
  | { do: "link" }
  | { do: "highlight" };

export type Key = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey">;

/** The action of a key press; none when the key belongs to somebody else. */
export function actionOf({ key, ctrlKey, metaKey, altKey }: Key): Action | null {
  if (ctrlKey || metaKey || altKey) return null;
  if (/^[0-9]$/.test(key)) return { do: "seek_to", share: Number(key) / 10 };
  switch (key.length === 1 ? key.toLowerCase() : key) {
    case " ":
    case "k":
      return { do: "toggle" };
    case "j":
      return { do: "seek", by: -10 };
    case "l":
      return { do: "seek", by: 10 };
    case "ArrowLeft":
      return { do: "seek", by: -5 };
    case "ArrowRight":
      return { do: "seek", by: 5 };
    case "ArrowUp":
      return { do: "volume", by: 0.05 };
    case "ArrowDown":
      return { do: "volume", by: -0.05 };
    case "<":
      return { do: "slower" };
    case ">":
      return { do: "faster" };
    case "m":
      return { do: "mute" };
    case "f":
      return { do: "fullscreen" };
    case "c":
      return { do: "captions" };
    case "p":
      return { do: "picture_in_picture" };
    case "y":
      return { do: "link" };
    case "h":
      return { do: "highlight" };
    case "Home":
      return { do: "seek_to", share: 0 };
    case "End":
      return { do: "seek_to", share: 1 };
    default:
      return null;
  }
}

/** The speeds offered. */
export const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5, 3] as const;

/** The next speed up (`1`) or down (`-1`); the same at the ends. */
export function nextSpeed(now: number, direction: 1 | -1): number {
  if (direction === 1) return SPEEDS.find((speed) => speed > now + 0.001) ?? now;
  return SPEEDS.findLast((speed) => speed < now - 0.001) ?? now;
}

/**
 * Whether a key press at this element is the player's. Somebody who types, or who is on a control that answers keys
 * by itself (a menu, a slider), keeps the keys.
 */
export function belongsToPlayer(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof Element)) return true;
  if (
    target.closest(
      'input, textarea, select, [contenteditable="true"], [role="menu"], [role="dialog"], [role="listbox"]',
    )
  ) {
    return false;
  }
  const presses = key === " " || key === "Enter";
  return !(presses && target.closest('button, a, [role="button"], summary'));
}
