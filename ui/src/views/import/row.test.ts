import { describe, expect, it } from "vitest";
import type { CloudFile } from "$lib/bindings/CloudFile";
import type { Job } from "$lib/bindings/Job";
import type { ListedRecording } from "$lib/bindings/ListedRecording";
import { choosable, daysUntil, jobsByMeeting, kindsOf, rowState } from "./row";

const file = (more: Partial<CloudFile> = {}): CloudFile => ({
  id: "f",
  kind: "video",
  segment: 0,
  layout: null,
  size: 1,
  status: "completed",
  extension: "mp4",
  participant_audio: false,
  ...more,
});
const listed = (more: Partial<ListedRecording> = {}): ListedRecording => ({
  imported: false,
  teamspaces: [],
  trashed: [],
  jobs: {},
  uuid: "u",
  recording_id: "r",
  topic: "t",
  start: "2026-09-01T10:00:00Z",
  duration: 60,
  size: 1,
  time_zone: null,
  host: null,
  status: "completed",
  auto_delete_at: null,
  files: [file()],
  ...more,
});
const job = (more: Partial<Job> = {}): Job => ({
  id: 1,
  recording_id: "r",
  uuid: "u",
  teamspace: "here",
  title: "t",
  state: "running",
  paused: false,
  attempts: 1,
  retry_at: null,
  bytes: 0,
  bytes_total: 0,
  error: null,
  created_at: "",
  updated_at: "",
  ...more,
});
const state = (recording: ListedRecording, jobs: Job[] = []) =>
  rowState(recording, "here", jobsByMeeting(jobs, "here"));

describe("a line of the import dialog", () => {
  it("can be chosen when Zoom has finished it", () => expect(choosable(state(listed()))).toBe(true));
  it("cannot be chosen while Zoom processes all of it", () => {
    const processing = state(listed({ status: "processing", files: [file({ status: "processing" })] }));
    expect(processing).toEqual({ is: "processing" });
    expect(choosable(processing)).toBe(false);
  });
  it("can be chosen when only its transcript is late", () => {
    const files = [file(), file({ kind: "transcript", status: "processing" })];
    expect(state(listed({ status: "processing", files }))).toEqual({ is: "choosable", partly: true });
  });
  it("says that it is here already", () =>
    expect(state(listed({ teamspaces: ["here"] }))).toEqual({ is: "here" }));
  it("says that it is in the trash here, also after its import was done, and cannot be chosen", () => {
    const trashed = state(listed({ trashed: ["here"] }), [job({ state: "done" })]);
    expect(trashed).toEqual({ is: "trashed" });
    expect(choosable(trashed)).toBe(false);
    expect(choosable(state(listed({ trashed: ["other"] })))).toBe(true);
  });
  it("can be imported here too when another teamspace holds it", () => {
    const elsewhere = state(listed({ imported: true, teamspaces: ["other"] }));
    expect(elsewhere).toEqual({ is: "elsewhere", teamspaces: ["other"] });
    expect(choosable(elsewhere)).toBe(true);
  });
  it("follows the queue rather than the list, which is older", () => {
    expect(state(listed(), [job({ state: "done" })])).toEqual({ is: "here" });
    expect(state(listed(), [job()])).toMatchObject({ is: "importing", state: "running" });
  });
  it("can be chosen again when its import failed or was cancelled", () => {
    expect(choosable(state(listed(), [job({ state: "failed" })]))).toBe(true);
    expect(choosable(state(listed(), [job({ state: "cancelled" })]))).toBe(true);
  });
  it("does not mind what happens in another teamspace", () =>
    expect(state(listed(), [job({ teamspace: "other" })])).toMatchObject({ is: "choosable" }));
});

it("kinds are named once, in a fixed order, without participants' own tracks", () => {
  const files = [file({ kind: "chat" }), file(), file(), file({ kind: "audio", participant_audio: true })];
  expect(kindsOf(files)).toEqual(["video", "chat"]);
});

describe("days until Zoom deletes", () => {
  const now = new Date(2026, 8, 16, 22);
  it("count midnights, not hours", () => {
    expect(daysUntil(new Date(2026, 8, 17, 1).toISOString(), now)).toBe(1);
    expect(daysUntil(new Date(2026, 8, 16, 23).toISOString(), now)).toBe(0);
    expect(daysUntil(new Date(2026, 9, 16).toISOString(), now)).toBe(30);
  });
});
