/** The fake's colleagues: who they are, what they changed, and what they put into the trash. */
import type { Event, HistoryEntry, Member, RecordingEdit, TrashedRecording } from "../types";
import { DAY, libraryItem, RESEARCH } from "./library";
import { error, type FakeState } from "./state";
import type { StoredRecording } from "./stored";

const JONAS = "0199a7c2-0000-7000-8000-000000000009";
const MEI = "0199a7c2-0000-7000-8000-00000000000a";

export const COLLEAGUES: Member[] = [
  { profile: JONAS, name: "Jonas Weber", photo: null },
  { profile: MEI, name: "Mei Tanaka", photo: null },
];

const NOT_ALLOWED = error(
  "bucket_refused",
  "The store does not let this key remove from the teamspace",
  "ask whoever looks after the bucket for that right",
  { trouble: "not_allowed", path: "s3://research" },
);

const ago = (days: number) => new Date(Date.now() - days * DAY).toISOString();

function trashed(item: StoredRecording, profile: string, name: string, days: number): TrashedRecording {
  const { poster: _poster, media: _media, pinned: _pinned, ...recording } = item;
  return {
    ...recording,
    profile,
    name,
    at: ago(days),
    until: ago(days - 30),
    days_left: Math.max(0, 30 - days),
    stays: days < 30 ? null : NOT_ALLOWED,
  };
}

function trashedAtFirst(): TrashedRecording[] {
  const at = (title: string, host: string, daysAgo: number, index: number) =>
    libraryItem(RESEARCH, [title, host, 9, daysAgo, "video"], index);
  return [
    trashed(at("Test of the microphone", "Jonas Weber", 4, 50), JONAS, "Jonas Weber", 3),
    trashed(at("Accidental recording of a lunch break", "Mei Tanaka", 50, 51), MEI, "Mei Tanaka", 41),
  ];
}

export class FakeColleagues {
  #history = new Map<string, HistoryEntry[]>();
  #trash = new Map<string, TrashedRecording[]>();
  #n = 90;

  constructor(
    private state: FakeState,
    private emit: (event: Event) => void,
  ) {
    const library = state.recordings.get(RESEARCH) ?? [];
    if (library.length === 0) return;
    this.#trash.set(RESEARCH, trashedAtFirst());
    const [first] = library;
    if (!first) return;
    this.#history.set(first.recording_id, [
      this.#entry("tags", JONAS, [], first.tags, 0.2),
      this.#entry("title", MEI, ["Interview 14"], [first.title], 0.6),
    ]);
  }

  members(teamspace: string): Member[] {
    const me = this.state.profile;
    const own = me ? [{ profile: me.id, name: me.name, photo: me.photo }] : [];
    const colleagues = teamspace === RESEARCH ? COLLEAGUES : [];
    return [...own, ...colleagues].sort((a, b) => a.name.localeCompare(b.name));
  }

  history(recordingId: string): HistoryEntry[] {
    return this.#history.get(recordingId) ?? [];
  }

  trash(teamspace: string): TrashedRecording[] {
    return this.#trash.get(teamspace) ?? [];
  }

  edit(item: StoredRecording, edit: RecordingEdit): void {
    const { title, tags } = item;
    if (edit.title !== null && edit.title !== title) {
      item.title = edit.title;
      this.note(item.recording_id, "title", [title], [edit.title]);
    }
    const same = (a: string) => (b: string) => a.toLowerCase() === b.toLowerCase();
    const kept = tags.filter((tag) => !edit.remove_tags.some(same(tag)));
    const added = edit.add_tags.filter((tag) => !kept.some(same(tag)));
    if (kept.length < tags.length || added.length > 0) {
      item.tags = [...kept, ...added];
      this.note(item.recording_id, "tags", tags, item.tags);
    }
    this.#tell(item.teamspace, item.recording_id);
  }

  move(item: StoredRecording): void {
    const me = this.state.profile;
    this.#trash.set(item.teamspace, [
      trashed(item, me?.id ?? "", me?.name ?? "", 0),
      ...this.trash(item.teamspace),
    ]);
    const left = this.state.recordings.get(item.teamspace)?.filter((one) => one !== item) ?? [];
    this.state.recordings.set(item.teamspace, left);
    this.note(item.recording_id, "trash", [], []);
    this.#tell(item.teamspace, item.recording_id);
  }

  restore(teamspace: string, id: string): void {
    const {
      profile: _profile,
      name: _name,
      at: _at,
      until: _until,
      days_left: _days,
      stays: _stays,
      ...recording
    } = this.#take(teamspace, id);
    const list = this.state.recordings.get(teamspace) ?? [];
    this.state.recordings.set(teamspace, [
      { ...recording, poster: null, media: "here", pinned: false },
      ...list,
    ]);
    this.note(id, "restore", [], []);
    this.#tell(teamspace, id);
  }

  remove(teamspace: string, id: string): void {
    this.#take(teamspace, id);
    this.note(id, "delete", [], []);
    this.#tell(teamspace, id);
  }

  #take(teamspace: string, id: string): TrashedRecording {
    const all = this.trash(teamspace);
    const found = all.find((one) => one.recording_id === id);
    if (!found) throw error("not_found", "This recording is not in the trash", "look at the library");
    this.#trash.set(
      teamspace,
      all.filter((one) => one !== found),
    );
    return found;
  }

  #entry(
    kind: HistoryEntry["kind"],
    profile: string,
    old: string[],
    now: string[],
    days: number,
  ): HistoryEntry {
    const name = COLLEAGUES.find((one) => one.profile === profile)?.name ?? this.state.profile?.name ?? null;
    return { n: this.#n++, profile, name, at: ago(days), kind, old, new: now };
  }

  /** Notes a change in the history of a recording. */
  note(id: string, kind: HistoryEntry["kind"], old: string[], now: string[]): void {
    const entry = this.#entry(kind, this.state.profile?.id ?? "", old, now, 0);
    this.#history.set(id, [entry, ...this.history(id)]);
  }

  #tell(teamspace: string, recording_id: string): void {
    const space = this.state.teamspaces.find((one) => one.id === teamspace);
    if (space) space.recordings = this.state.recordings.get(teamspace)?.length ?? 0;
    this.emit({ event: "recordings_changed", teamspace, recording_id });
  }
}
