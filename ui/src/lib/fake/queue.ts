/** The fake's import queue: one job at a time, a few ticks a second, ending in a recording of the library. */
import type { Event, Job } from "../types";
import { fakeId } from "./library";
import { drawPoster } from "./poster";
import { error, job, type FakeState } from "./state";
import type { StoredRecording } from "./stored";

const TICK = 250;
const PER_TICK = 6_500_000;

const unfinished = ({ state }: Job) => state === "queued" || state === "running" || state === "waiting";

export class FakeQueue {
  constructor(
    private state: FakeState,
    private emit: (event: Event) => void,
  ) {}

  start(): void {
    setInterval(() => this.#tick(), TICK);
  }

  add(teamspace: string, uuids: string[]): Job[] {
    return uuids.map((uuid) => {
      const known = this.state.jobs.find((one) => one.uuid === uuid && one.teamspace === teamspace);
      if (known) return known;
      const listed = this.state.cloud.find((one) => one.uuid === uuid);
      if (!listed)
        throw error("gone_at_zoom", "The recording is no longer at Zoom", "look into Zoom's trash");
      listed.jobs[teamspace] = "queued";
      return this.#enqueue({
        ...job(this.#next(), listed.topic, { teamspace, uuid, recording_id: listed.recording_id }),
        bytes_total: listed.size,
      });
    });
  }

  addFile(teamspace: string, media: string): Job {
    const title =
      media
        .split("/")
        .pop()
        ?.replace(/\.\w+$/, "") ?? media;
    return this.#enqueue({
      ...job(this.#next(), title, { teamspace, uuid: null, recording_id: null }),
      bytes_total: 84_000_000,
    });
  }

  retry(id: number): void {
    this.#change(this.#find(id), { state: "queued", paused: false, error: null, retry_at: null });
  }

  retryFailed(): number[] {
    return this.#each(
      (one) => one.state === "failed",
      (one) => this.retry(one.id),
    );
  }

  hold(id: number, paused: boolean): void {
    const one = this.#find(id);
    this.#change(one, { paused, state: one.state === "running" ? "queued" : one.state });
  }

  cancel(id: number): void {
    this.#change(this.#find(id), { state: "cancelled", paused: false, error: null, retry_at: null });
  }

  cancelAll(): number[] {
    return this.#each(unfinished, (one) => this.cancel(one.id));
  }

  pauseAll(): void {
    this.state.queue.paused = true;
    for (const one of this.state.jobs) if (one.state === "running") this.#change(one, { state: "queued" });
    this.emit({ event: "queue_changed" });
  }

  resumeAll(): void {
    this.state.queue = { paused: false, full: null };
    for (const one of this.state.jobs) one.paused = false;
    this.emit({ event: "queue_changed" });
  }

  clearFinished(): void {
    const gone = this.state.jobs.filter((one) => ["done", "cancelled", "failed"].includes(one.state));
    this.state.jobs = this.state.jobs.filter((one) => !gone.includes(one));
    for (const one of gone) this.emit({ event: "job_changed", id: one.id });
  }

  #each(which: (one: Job) => boolean, work: (one: Job) => void): number[] {
    const found = this.state.jobs.filter(which);
    found.forEach(work);
    return found.map((one) => one.id);
  }

  #next(): number {
    return Math.max(0, ...this.state.jobs.map((one) => one.id)) + 1;
  }

  #find(id: number): Job {
    const found = this.state.jobs.find((one) => one.id === id);
    if (!found) throw error("not_found", "This import is no longer on the list", "ask for it again");
    return found;
  }

  #enqueue(made: Job): Job {
    made.created_at = made.updated_at = new Date().toISOString();
    this.state.jobs = [made, ...this.state.jobs];
    this.emit({ event: "job_changed", id: made.id });
    return made;
  }

  #change(one: Job, change: Partial<Job>): void {
    Object.assign(one, change, { updated_at: new Date().toISOString() });
    const listed = this.state.cloud.find((recording) => recording.uuid === one.uuid);
    if (listed) listed.jobs[one.teamspace] = one.state;
    this.emit({ event: "job_changed", id: one.id });
  }

  #tick(): void {
    const running = this.state.jobs.find((one) => one.state === "running");
    if (!running) {
      if (this.state.queue.paused || this.state.queue.full) return;
      const next = this.state.jobs.findLast((one) => one.state === "queued" && !one.paused);
      if (next) this.#change(next, { state: "running", attempts: next.attempts + 1 });
      return;
    }
    running.bytes = Math.min(running.bytes_total, running.bytes + PER_TICK * (0.7 + Math.random() * 0.6));
    this.emit({
      event: "job_progress",
      id: running.id,
      bytes: running.bytes,
      bytes_total: running.bytes_total,
      bytes_per_second: (PER_TICK * 1000) / TICK,
    });
    if (running.bytes >= running.bytes_total) this.#finish(running);
  }

  #finish(one: Job): void {
    const listed = this.state.cloud.find((recording) => recording.uuid === one.uuid);
    const recording_id = one.recording_id ?? fakeId(one.title);
    const item: StoredRecording = {
      poster: drawPoster(one.id, one.title),
      media: "here",
      pinned: false,
      recording_id,
      teamspace: one.teamspace,
      title: one.title,
      host: listed?.host ?? null,
      start: listed?.start ?? new Date().toISOString(),
      duration: listed?.duration ?? 1_260,
      time_zone: listed?.time_zone ?? null,
      imported_by: this.state.profile?.name ?? "",
      importer: this.state.profile?.id ?? null,
      tags: [],
      imported_at: new Date().toISOString(),
      files: [
        {
          key: "0001/video-0.mp4",
          kind: "video",
          segment: 0,
          media_type: "video/mp4",
          size: one.bytes_total,
          sha256: fakeId(one.title).padEnd(64, "0"),
        },
      ],
    };
    const list = this.state.recordings.get(one.teamspace) ?? [];
    this.state.recordings.set(one.teamspace, [item, ...list]);
    const space = this.state.teamspaces.find((teamspace) => teamspace.id === one.teamspace);
    if (space) space.recordings += 1;
    if (listed) {
      listed.imported = true;
      listed.teamspaces.push(one.teamspace);
    }
    this.#change(one, { state: "done", recording_id });
    this.emit({ event: "recordings_changed", teamspace: one.teamspace, recording_id });
  }
}
