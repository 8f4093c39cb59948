/** The import queue: rows as the core tells them, and the progress that runs ahead of the rows. */
import { SvelteMap } from "svelte/reactivity";
import type { Api } from "../api";
import type { Job, JobState } from "../types";
import { Resource } from "./resource.svelte";

/** How far a running job is, a few times a second. */
export interface Progress {
  bytes: number;
  bytesTotal: number;
  bytesPerSecond: number;
}

const UNFINISHED: JobState[] = ["queued", "running", "waiting"];

export class JobsState extends Resource<Job[]> {
  /** Progress by job id; only while a job runs. */
  progress = new SvelteMap<number, Progress>();

  constructor(api: Pick<Api, "jobs">) {
    super(() => api.jobs());
  }

  get list(): Job[] {
    return this.value ?? [];
  }

  get unfinished(): Job[] {
    return this.list.filter((job) => UNFINISHED.includes(job.state));
  }

  get failed(): Job[] {
    return this.list.filter((job) => job.state === "failed");
  }

  /** Progress of a job: what events said last, or else its row. */
  progressOf(job: Job): Progress {
    const told = job.state === "running" ? this.progress.get(job.id) : undefined;
    return told ?? { bytes: job.bytes, bytesTotal: job.bytes_total, bytesPerSecond: 0 };
  }

  noteProgress(id: number, progress: Progress): void {
    this.progress.set(id, progress);
  }

  noteChange(id: number): Promise<void> {
    return this.refresh().then(() => {
      if (this.list.find((job) => job.id === id)?.state !== "running") this.progress.delete(id);
    });
  }
}
