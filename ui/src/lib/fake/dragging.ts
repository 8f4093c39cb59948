/** Files dragged over a plain browser: their names stand in a folder that nobody has. */
import type { FileDrag } from "../api";

export function draggedFiles(listener: (drag: FileDrag) => void): () => void {
  const stop = new AbortController();
  const on = (name: "dragover" | "dragleave" | "drop", hear: (event: DragEvent) => FileDrag | null) =>
    globalThis.addEventListener?.(
      name,
      (event) => {
        event.preventDefault();
        const drag = hear(event);
        if (drag) listener(drag);
      },
      { signal: stop.signal },
    );
  on("dragover", () => ({ kind: "over" }));
  on("dragleave", (event) => (event.relatedTarget === null ? { kind: "leave" } : null));
  on("drop", (event) => {
    const files = [...(event.dataTransfer?.files ?? [])];
    return { kind: "drop", paths: files.map(({ name }) => `/home/ada/Videos/${name}`) };
  });
  return () => stop.abort();
}
