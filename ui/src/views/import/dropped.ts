/** What somebody dropped, as imports: each recording with the transcript of the same name, where there is one. */
import { nameOf } from "./path";

const MEDIA = ["mp4", "m4a", "m4v", "mov", "mp3", "webm", "mkv", "wav", "ogg"];

export interface Dropped {
  imports: { media: string; transcript: string | null }[];
  /** Paths that are neither a recording nor the transcript of one. */
  left: string[];
}

function split(path: string): { stem: string; ending: string } {
  const dot = path.lastIndexOf(".");
  const named = dot > path.length - nameOf(path).length;
  return named
    ? { stem: path.slice(0, dot).toLowerCase(), ending: path.slice(dot + 1).toLowerCase() }
    : { stem: path.toLowerCase(), ending: "" };
}

export function toImports(paths: readonly string[]): Dropped {
  const media = paths.filter((path) => MEDIA.includes(split(path).ending));
  const texts = new Map(
    paths.filter((path) => split(path).ending === "vtt").map((path) => [split(path).stem, path]),
  );
  const imports = media.map((path) => ({ media: path, transcript: texts.get(split(path).stem) ?? null }));
  const taken = new Set(imports.flatMap(({ media, transcript }) => [media, transcript ?? media]));
  return { imports, left: paths.filter((path) => !taken.has(path)) };
}
