/** What the fake's Zoom lists: some imported, some new, one that Zoom still processes. */
import type { CloudFile, FileKind, ListedRecording } from "../types";
import { DAY, fakeId, filesOf, libraryItem, RESEARCH, ROWS, startOf } from "./library";

const NEW: typeof ROWS = [
  ["Interview 15 – Ingrid Sørensen, ward nurse", "Ada Kessler", 54, 0, "video"],
  ["Weekly research sync", "Ada Kessler", 29, 0, "video"],
  ["Debrief after interview 14", "Jonas Weber", 17, 1, "audio"],
  ["Usability test 7: booking flow", "Mei Tanaka", 37, 2, "video"],
  ["Observation notes with the night shift", "Ada Kessler", 82, 4, "two"],
  ["Budget check for recruiting", "Samuel Okafor", 19, 5, "video"],
  // Somebody put it into the trash.
  ["Test of the microphone", "Jonas Weber", 9, 4, "video"],
];

const EXTENSION: Partial<Record<FileKind, string>> = {
  video: "mp4",
  audio: "m4a",
  transcript: "vtt",
  chat: "txt",
};

function listed(row: (typeof ROWS)[number], index: number, imported: boolean): ListedRecording {
  const [topic, host, minutes, daysAgo, kind] = row;
  const processing = !imported && index === 1;
  const stored = imported ? libraryItem(RESEARCH, row, index) : null;
  const files: CloudFile[] = filesOf(kind, minutes).map((file, i) => ({
    id: `${fakeId(topic).slice(0, 8)}-${i}`,
    kind: file.kind,
    segment: file.segment,
    layout: file.layout ?? null,
    size: file.size,
    status: processing && file.kind !== "audio" ? "processing" : "completed",
    extension: EXTENSION[file.kind] ?? "bin",
    participant_audio: false,
  }));
  const start = stored?.start ?? startOf(daysAgo, index + 3);
  return {
    uuid: `${fakeId(`uuid${imported ? "" : "new"}${topic}${index}`).slice(0, 22)}==`,
    recording_id: stored?.recording_id ?? fakeId(`new${topic}${index}`),
    topic,
    start,
    duration: minutes * 60,
    size: files.reduce((sum, file) => sum + file.size, 0),
    time_zone: "Europe/Berlin",
    host,
    status: processing ? "processing" : "completed",
    auto_delete_at: index === 4 && !imported ? new Date(Date.now() + 5 * DAY).toISOString() : null,
    files,
    imported,
    teamspaces: imported ? [RESEARCH] : [],
    trashed: topic === "Test of the microphone" ? [RESEARCH] : [],
    jobs: {},
  };
}

export function cloudList(empty: boolean): ListedRecording[] {
  if (empty) return [];
  return [
    ...NEW.map((row, index) => listed(row, index, false)),
    ...ROWS.map((row, index) => listed(row, index, true)),
  ].sort((a, b) => b.start.localeCompare(a.start));
}
