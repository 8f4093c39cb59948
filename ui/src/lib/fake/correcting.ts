/** The fake's corrections of transcripts: as in the core, kept beside the texts, and shown in them. */
import type {
  ChatMessage,
  Corrections,
  Cue,
  Event,
  HistoryEntry,
  LineCorrection,
  SpeakerName,
} from "../types";
import { COLLEAGUES } from "./colleagues";
import { fakeTranscript, RESEARCH } from "./library";
import type { Fault } from "./scenario";
import { error, type FakeState } from "./state";
import { fakeChat } from "./texts";
import type { StoredRecording } from "./stored";

interface Made {
  /** What is shown; null: as in the file. */
  value: string | null;
  profile: string;
  name: string | null;
  at: string;
}

export class FakeCorrections {
  /** By recording, and by what is corrected: `0/3`, the segment and the line, or `Priya Raman`. */
  readonly #lines = new Map<string, Map<string, Made>>();
  readonly #speakers = new Map<string, Map<string, Made>>();
  readonly #history = new Map<string, HistoryEntry[]>();
  #n = 500;

  constructor(
    private state: FakeState,
    private fault: Fault | null,
    private emit: (event: Event) => void,
  ) {
    const first = state.recordings.get(RESEARCH)?.[0];
    if (!first) return;
    // Jonas heard it better.
    const by = { profile: COLLEAGUES[0]!.profile, name: COLLEAGUES[0]!.name };
    const at = new Date(Date.now() - 7_200_000).toISOString();
    const said =
      "It starts at seven with the handover. Honestly, that is where most things get lost, or found.";
    this.#lines.set(first.recording_id, new Map([["0/4", { value: said, ...by, at }]]));
    this.#history.set(first.recording_id, [
      {
        n: 95,
        ...by,
        at,
        kind: "line",
        old: [this.original(first, 0)[3]!.text],
        new: [said],
        line: { segment: 0, line: 4, at: this.original(first, 0)[3]!.start },
      },
    ]);
  }

  history(recordingId: string): HistoryEntry[] {
    return this.#history.get(recordingId) ?? [];
  }

  /** What the file says. */
  original(recording: StoredRecording, segment: number): Cue[] {
    const seconds =
      this.fault === "long" ? 20 * 3600 : segment === 0 ? recording.duration : recording.duration / 2;
    return fakeTranscript(seconds, recording.host ?? "Ada");
  }

  transcript(recording: StoredRecording, segment: number): Cue[] {
    const lines = this.#lines.get(recording.recording_id);
    return this.original(recording, segment).map((cue, i) => ({
      ...cue,
      speaker: this.#shown(recording.recording_id, cue.speaker),
      text: lines?.get(`${segment}/${i + 1}`)?.value ?? cue.text,
    }));
  }

  chat(recording: StoredRecording): ChatMessage[] {
    return fakeChat(recording.duration).map((message) => ({
      ...message,
      sender: this.#shown(recording.recording_id, message.sender),
    }));
  }

  /** Who hosted, imported and speaks, by the names that are shown. */
  people(recording: StoredRecording): string[] {
    const spoken = recording.files.some((file) => file.kind === "transcript");
    const speakers = spoken
      ? [recording.host, "Priya Raman"].map((one) => this.#shown(recording.recording_id, one))
      : [];
    const all = [recording.host, recording.imported_by, ...speakers];
    return [...new Set(all.filter((one): one is string => one !== null && one !== ""))];
  }

  inForce(recording: StoredRecording): Corrections {
    const sources = recording.files
      .filter((file) => file.kind === "transcript")
      .map((file) => file.sha256.slice(0, 16));
    const lines = [...(this.#lines.get(recording.recording_id) ?? [])]
      .filter(([, made]) => made.value !== null)
      .map(([key, { profile, name, at }]) => {
        const [segment = 0, line = 1] = key.split("/").map(Number);
        const original = this.original(recording, segment)[line - 1]?.text ?? "";
        return { segment, line, original, profile, name, at };
      })
      .filter(
        ({ segment, line, original }) => this.transcript(recording, segment)[line - 1]?.text !== original,
      );
    const speakers = [...(this.#speakers.get(recording.recording_id) ?? [])].flatMap(([original, made]) =>
      made.value === null
        ? []
        : [{ original, name: made.value, profile: made.profile, by: made.name, at: made.at }],
    );
    return { sources, lines, speakers };
  }

  correct(recording: StoredRecording, { source, line, text }: LineCorrection): void {
    this.#writable(recording);
    const segment = this.inForce(recording).sources.indexOf(source);
    const cue = segment < 0 ? undefined : this.transcript(recording, segment)[line - 1];
    if (!cue)
      throw error("not_found", "This line is not in the recording's transcript any more", "look at it again");
    const original = this.original(recording, segment)[line - 1]!.text;
    const wanted = text === null ? null : tidy(text, "A line", 2_000);
    const value = wanted === original ? null : wanted;
    if ((value ?? original) === cue.text) return;
    this.#keep(this.#lines, recording.recording_id, `${segment}/${line}`, value);
    this.#note(recording, "line", [cue.text], [value ?? original], { segment, line, at: cue.start });
  }

  rename(recording: StoredRecording, speaker: string, name: string | null): SpeakerName[] {
    const wanted = name === null ? null : tidy(name, "A name", 200);
    const id = recording.recording_id;
    const files = [recording.host ?? "Ada", "Priya Raman", ...fakeChat(1).map((one) => one.sender)];
    const all = [...new Set(files.filter((one): one is string => one !== null))];
    const shown = all.filter((one) => this.#shown(id, one) === speaker);
    // Back to the files also goes by the name that they give.
    const meant = shown.length === 0 && name === null ? all.filter((one) => one === speaker) : shown;
    if (meant.length === 0) {
      throw error("not_found", `Nobody in this recording is called ${speaker}`, "give a name as it is shown");
    }
    const before = meant.map((original) => ({
      original,
      name: this.#speakers.get(id)?.get(original)?.value ?? null,
    }));
    this.name(
      recording,
      meant.map((original) => ({ original, name: wanted })),
    );
    return before;
  }

  name(recording: StoredRecording, names: SpeakerName[]): void {
    this.#writable(recording);
    for (const { original, name } of names) {
      const before = this.#shown(recording.recording_id, original) ?? original;
      const value = name === original ? null : name;
      if (before === (value ?? original)) continue;
      this.#keep(this.#speakers, recording.recording_id, original, value);
      this.#note(recording, "speaker", [before], [value ?? original]);
    }
  }

  #shown(recordingId: string, name: string | null): string | null {
    return name === null ? null : (this.#speakers.get(recordingId)?.get(name)?.value ?? name);
  }

  #writable({ teamspace }: StoredRecording): void {
    const info = this.state.teamspaces.find((one) => one.id === teamspace);
    // Nobody has noticed yet that it is gone.
    if (info?.state === "unreachable" || this.fault === "gone-away")
      throw error("teamspace_unreachable", "The teamspace cannot be reached", "try again later");
    if (info && info.state !== "ready")
      throw error(
        "teamspace_read_only",
        "The teamspace can only be read",
        "ask for the right to write there",
      );
  }

  #keep(all: Map<string, Map<string, Made>>, id: string, of: string, value: string | null): void {
    const me = this.state.profile;
    const made = { value, profile: me?.id ?? "", name: me?.name ?? null, at: new Date().toISOString() };
    all.set(id, new Map([...(all.get(id) ?? []), [of, made]]));
  }

  #note(
    recording: StoredRecording,
    kind: "line" | "speaker",
    old: string[],
    now: string[],
    line?: HistoryEntry["line"],
  ): void {
    const me = this.state.profile;
    const entry: HistoryEntry = {
      n: this.#n++,
      profile: me?.id ?? "",
      name: me?.name ?? null,
      at: new Date().toISOString(),
      kind,
      old,
      new: now,
      ...(line ? { line } : {}),
    };
    const { recording_id, teamspace } = recording;
    this.#history.set(recording_id, [entry, ...this.history(recording_id)]);
    this.emit({ event: "recordings_changed", teamspace, recording_id });
  }
}

function tidy(text: string, what: string, longest: number): string {
  const plain = text.split(/\s+/).filter(Boolean).join(" ");
  const length = Array.from(plain).length;
  if (length < 1 || length > longest)
    throw error("usage", `${what} has 1 to ${longest} characters`, "give another one", {
      longest: String(longest),
    });
  return plain;
}
