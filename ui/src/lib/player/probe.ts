/** Asks for the beginning of a media file, in an element that nobody sees. */

/** Seconds to wait for a file's beginning. */
const PATIENCE = 8_000;

/** Resolves with the event's name that came first; `"timeout"` when none did. */
export function first(
  media: HTMLMediaElement,
  names: readonly string[],
  patience = PATIENCE,
): Promise<string> {
  return new Promise((resolve) => {
    const done = (name: string) => {
      clearTimeout(timer);
      for (const one of names) media.removeEventListener(one, heard);
      resolve(name);
    };
    const heard = (event: Event) => done(event.type);
    const timer = setTimeout(() => done("timeout"), patience);
    for (const name of names) media.addEventListener(name, heard);
  });
}

/** Frees the element's connection and decoder. */
export function release(media: HTMLMediaElement): void {
  media.removeAttribute("src");
  media.load();
}

/** Length of a media file in seconds; none when it cannot be read. */
export async function probeLength(url: string): Promise<number | null> {
  const media = document.createElement("video");
  media.preload = "metadata";
  media.muted = true;
  media.src = url;
  const event = await first(media, ["loadedmetadata", "error"]);
  const { duration } = media;
  release(media);
  return event === "loadedmetadata" && Number.isFinite(duration) && duration > 0 ? duration : null;
}
