/**
 * What a line of the import dialog says and allows: from Zoom's list, and from the queue, which knows more as soon as
 * an import was asked for.
 */
import type { CloudFile } from "$lib/bindings/CloudFile";
import type { FileKind } from "$lib/bindings/FileKind";
import type { Job } from "$lib/bindings/Job";
import type { JobState } from "$lib/bindings/JobState";
import type { ListedRecording } from "$lib/bindings/ListedRecording";

export type RowState =
  | { is: "choosable"; partly: boolean }
  /** Another teamspace holds it; it can be imported here as well. */
  | { is: "elsewhere"; teamspaces: string[] }
  | { is: "here" }
  /** A person put it into this teamspace's trash, or deleted it: it is not imported behind their back. */
  | { is: "trashed" }
  | { is: "processing" }
  | { is: "importing"; state: Exclude<JobState, "done" | "cancelled">; job: Job | null };

export function rowState(
  listed: ListedRecording,
  teamspace: string,
  jobs: ReadonlyMap<string, Job>,
): RowState {
  const job = jobs.get(listed.uuid) ?? null;
  const state = job?.state ?? listed.jobs[teamspace];
  if (listed.trashed.includes(teamspace)) return { is: "trashed" };
  if (listed.teamspaces.includes(teamspace) || state === "done") return { is: "here" };
  if (state === "queued" || state === "running" || state === "waiting")
    return { is: "importing", state, job };
  if (state === "failed" && job) return { is: "importing", state, job };
  const ready = listed.files.some((file) => file.status === "completed");
  if (listed.status === "processing" && !ready) return { is: "processing" };
  if (listed.teamspaces.length > 0) return { is: "elsewhere", teamspaces: listed.teamspaces };
  return { is: "choosable", partly: listed.files.some((file) => file.status === "processing") };
}

/** Whether the line can be chosen: what failed can be asked for again. */
export function choosable(state: RowState): boolean {
  return (
    state.is === "choosable" ||
    state.is === "elsewhere" ||
    (state.is === "importing" && state.state === "failed")
  );
}

/** The newest job of each meeting in a teamspace. */
export function jobsByMeeting(jobs: readonly Job[], teamspace: string): Map<string, Job> {
  const newest = new Map<string, Job>();
  for (const job of jobs) {
    if (job.uuid === null || job.teamspace !== teamspace) continue;
    const other = newest.get(job.uuid);
    if (!other || other.id < job.id) newest.set(job.uuid, job);
  }
  return newest;
}

const ORDER: readonly FileKind[] = [
  "video",
  "audio",
  "transcript",
  "captions",
  "chat",
  "timeline",
  "summary",
  "other",
];

/** The kinds of its files, each once, in a fixed order. */
export function kindsOf(files: readonly CloudFile[]): FileKind[] {
  const kinds = new Set(files.filter((file) => !file.participant_audio).map((file) => file.kind));
  return ORDER.filter((kind) => kinds.has(kind));
}

/** Whole days until a moment, counted in the person's days; below zero is past. */
export function daysUntil(moment: string, now: Date): number {
  const then = new Date(moment);
  const day = (date: Date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  return Math.round((day(then) - day(now)) / 86_400_000);
}
