/** What a verification found wrong with the files of a recording. */
import type { OpenedRecording } from "$lib/bindings/OpenedRecording";

/** Whether something that would play was found damaged, and is there. */
export function damagedMedia({ files, damaged }: Pick<OpenedRecording, "files" | "damaged">): boolean {
  const there = new Set(damaged.filter((one) => one.problem !== "missing").map((one) => one.key));
  return files.some((file) => there.has(file.key) && (file.kind === "video" || file.kind === "audio"));
}
