/** A recording as the library lists it, with nothing about it that a test does not say. */
import type { RecordingItem } from "../types";

export const plainRecording = (change: Partial<RecordingItem> = {}): RecordingItem => ({
  recording_id: "id",
  teamspace: "t",
  title: "Meeting",
  host: null,
  start: "2026-09-01T10:00:00Z",
  duration: 60,
  tags: [],
  files: [],
  poster: null,
  media: "here",
  pinned: false,
  ...change,
});
