/** A believable library: interviews, reviews and weekly meetings of a small research team. */
import type { Cue, FileKind, RecordingFile } from "../types";
import { drawPoster } from "./poster";
import type { StoredRecording } from "./stored";

export const RESEARCH = "0199a7c2-5e10-7c33-9a1e-3f0a6f6f2a01";
export const DESIGN = "0199a7c2-9b44-7d10-8d55-77c1f0e1b802";
export const DAY = 86_400_000;

/** Topic, host, length in minutes, days ago, what it holds. */
type Row = [
  topic: string,
  host: string,
  minutes: number,
  daysAgo: number,
  kind: "video" | "audio" | "silent" | "two",
];

export const ROWS: Row[] = [
  ["Interview 14 – Priya Raman, clinic manager", "Ada Kessler", 52, 1, "video"],
  ["Weekly research sync", "Ada Kessler", 31, 2, "video"],
  ["Diary study: mid-point check-in", "Jonas Weber", 44, 3, "video"],
  ["Interview 13 – Tomasz Zieliński", "Ada Kessler", 61, 6, "two"],
  ["Prototype walkthrough with the field team", "Mei Tanaka", 38, 7, "video"],
  ["Synthesis workshop, day two", "Jonas Weber", 127, 8, "video"],
  ["Synthesis workshop, day one", "Jonas Weber", 143, 9, "video"],
  ["Weekly research sync", "Ada Kessler", 28, 9, "video"],
  ["Phone interview – Lucía Fernández", "Ada Kessler", 47, 12, "audio"],
  ["Usability test 6: booking flow", "Mei Tanaka", 35, 13, "video"],
  ["Usability test 5: booking flow", "Mei Tanaka", 33, 13, "silent"],
  ["Usability test 4: booking flow", "Mei Tanaka", 36, 14, "video"],
  ["Ethics review: consent forms for the clinic study", "Samuel Okafor", 24, 15, "video"],
  ["Weekly research sync", "Ada Kessler", 30, 16, "video"],
  [
    "Stakeholder readout: what we heard in the first twelve interviews and what it means for autumn",
    "Ada Kessler",
    58,
    19,
    "video",
  ],
  ["Interview 12 – Hannah Lindqvist", "Jonas Weber", 49, 21, "video"],
  ["Interview 11 – Dr. Farid Haddad", "Jonas Weber", 55, 22, "video"],
  ["Recruiting stand-up", "Samuel Okafor", 12, 22, "audio"],
  ["Weekly research sync", "Ada Kessler", 27, 23, "video"],
  ["Card sorting with six nurses", "Mei Tanaka", 73, 26, "video"],
  ["Interview 10 – Grace Mbeki", "Ada Kessler", 46, 28, "video"],
  ["Interview 9 – Oliver Grant", "Ada Kessler", 51, 29, "video"],
  ["Weekly research sync", "Ada Kessler", 33, 30, "video"],
  ["Kick-off: clinic study", "Samuel Okafor", 64, 35, "video"],
  ["Interview 8 – Noor Aziz", "Jonas Weber", 43, 37, "two"],
  ["Interview 7 – Emma Rossi", "Jonas Weber", 57, 41, "video"],
  ["Journey map review", "Mei Tanaka", 41, 44, "video"],
  ["Interview 6 – Daniel Park", "Ada Kessler", 48, 49, "video"],
  ["Privacy questions with legal", "Samuel Okafor", 22, 54, "audio"],
  ["Research plan: second half of the year", "Ada Kessler", 66, 61, "video"],
];

const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";

/** A recording id of the right form; the fake needs no real digest. */
export function fakeId(seed: string): string {
  let state = 2_166_136_261;
  let id = "";
  for (let i = 0; i < 26; i += 1) {
    for (const char of `${seed}${i}`) state = Math.imul(state ^ char.charCodeAt(0), 16_777_619) >>> 0;
    // The upper bits: the lower ones of this hash repeat after a few values.
    id += ALPHABET[state >>> 27];
  }
  return id;
}

export function startOf(daysAgo: number, seed: number): string {
  const day = new Date(Date.now() - daysAgo * DAY);
  day.setUTCHours(8 + (seed % 7), (seed * 15) % 60, 0, 0);
  return day.toISOString();
}

function file(kind: FileKind, segment: number, size: number, layout?: string): RecordingFile {
  const [extension, media_type] = {
    video: ["mp4", "video/mp4"],
    audio: ["m4a", "audio/mp4"],
    transcript: ["vtt", "text/vtt"],
    chat: ["txt", "text/plain"],
    timeline: ["json", "application/json"],
    captions: ["vtt", "text/vtt"],
    summary: ["json", "application/json"],
    other: ["bin", "application/octet-stream"],
  }[kind] as [string, string];
  const key = `0001/${kind}-${segment}${layout ? `-${layout.length}` : ""}.${extension}`;
  return {
    key,
    kind,
    segment,
    ...(layout ? { layout } : {}),
    media_type,
    size,
    sha256: fakeId(key).padEnd(64, "0"),
  };
}

export function filesOf(kind: Row[4], minutes: number): RecordingFile[] {
  const audio = file("audio", 0, minutes * 480_000);
  const text = [file("transcript", 0, minutes * 900), file("chat", 0, 2_400), file("summary", 0, 3_100)];
  if (kind === "audio") return [audio, text[0]!];
  const video = file("video", 0, minutes * 5_900_000, "shared_screen_with_speaker_view");
  if (kind === "silent") return [video, audio];
  if (kind === "two") {
    return [
      video,
      file("video", 0, minutes * 3_100_000, "gallery_view"),
      audio,
      ...text,
      file("video", 1, minutes * 2_900_000, "shared_screen_with_speaker_view"),
      file("transcript", 1, minutes * 400),
    ];
  }
  return [video, audio, ...text];
}

/** Tags as a team gives them: not to everything. */
function tagsOf(title: string): string[] {
  if (/^Interview 1\d|^Phone interview/.test(title)) return ["interview", "clinic study"];
  if (/^Usability/.test(title)) return ["usability", "booking flow"];
  return /^Synthesis/.test(title) ? ["clinic study"] : [];
}

export function libraryItem(teamspace: string, row: Row, index: number): StoredRecording {
  const [title, host, minutes, daysAgo, kind] = row;
  const start = startOf(daysAgo, index);
  return {
    // Some have no frame yet: the library draws a cover for them.
    poster: kind === "audio" || index % 7 === 6 ? null : drawPoster(index, title),
    recording_id: fakeId(`${teamspace}${title}${index}`),
    teamspace,
    title,
    host,
    start,
    duration: minutes * 60 + ((index * 17) % 60),
    time_zone: "Europe/Berlin",
    imported_by: index % 3 === 0 ? "Jonas Weber" : "Ada Kessler",
    importer: null,
    tags: tagsOf(title),
    imported_at: new Date(Date.parse(start) + 3 * 3_600_000).toISOString(),
    files: filesOf(kind, minutes),
    media: "here",
    pinned: false,
  };
}

const LINES = [
  "Thanks for making the time today. Before we start: is it fine if we record this?",
  "Yes, of course. I have read the consent form.",
  "Lovely. Maybe you can begin by describing an ordinary Tuesday at the clinic.",
  "It starts at seven with the handover. Honestly, that is where most things get lost.",
  "Lost in which way?",
  "Somebody writes it on paper, somebody else types it in, and by noon there are two versions of it.",
  "And when there are two versions, how do you find out which one is right?",
  "I walk over and ask. It sounds silly, but walking over is the system.",
  "That is not silly at all. How often would you say that happens in a week?",
  "Ten times? More when we are short of people. And we are always short of people.",
  "Could you show me the last one that you remember? You may share your screen if that is easier.",
  "Sure, one second. Can you see the calendar?",
  "I can. The yellow blocks are the ones you moved by hand?",
  "Exactly. Everything yellow is me fixing something that the booking page allowed and should not have.",
  "What would have to be true for you to stop fixing them?",
  "It would have to know who is in the room. Not the plan: who is really there.",
  "Let me repeat that in my words, and you tell me where I am wrong.",
  "No, that is it. That is precisely it.",
];

/** Cues for `seconds` of talk between two people. */
export function fakeTranscript(seconds: number, host: string): Cue[] {
  const cues: Cue[] = [];
  let at = 2.4;
  for (let i = 0; at < seconds - 4; i += 1) {
    const text = LINES[i % LINES.length]!;
    const length = 1.2 + text.length / 17;
    cues.push({ start: at, end: at + length, speaker: i % 2 === 0 ? host : "Priya Raman", text });
    at += length + (i % 5 === 4 ? 2.6 : 0.5);
  }
  return cues;
}
