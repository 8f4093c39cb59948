/** Highlights in the fake: kept in memory, with the rules of the core, and clips that take their time. */
import type {
  ClipReport,
  ClipWish,
  Event,
  Highlight,
  HighlightDraft,
  HighlightItem,
  HighlightPage,
  HighlightsWish,
  RecordingItem,
  UserError,
} from "../types";
import { COLLEAGUES, type FakeColleagues } from "./colleagues";
import { DAY, RESEARCH } from "./library";
import type { Fault } from "./scenario";
import { error, type FakeState } from "./state";

type Sample = [
  recording: number,
  from: number,
  to: number,
  note: string,
  tags: string[],
  by: number,
  days: number,
];

/** Who marked what: `by` counts the colleagues, -1 is oneself. */
const SAMPLES: Sample[] = [
  [
    0,
    41,
    58,
    "“By noon there are two versions of it.”\nThe handover is where things get lost.",
    ["quote", "handover"],
    0,
    0.1,
  ],
  [0, 74, 83, "Walking over is the system", ["quote"], -1, 0.2],
  [3, 120, 149, "He moves the yellow blocks by hand, four of them in one morning", ["booking flow"], 1, 2],
  [5, 610, 655, "Three clusters that everybody agrees on", ["synthesis"], -1, 4],
  [8, 200, 232, "What would have to be true: know who is in the room", ["quote", "rooms"], 0, 6],
];

const NO_SUCH = error(
  "not_found",
  "There is no such highlight",
  "look at the recording's highlights; somebody may have removed it",
);

const NO_FFMPEG = error(
  "program_missing",
  "Saving clips needs ffmpeg, which is not installed here",
  "install it, for example with `apt install ffmpeg`, and start NEXT again",
  { program: "ffmpeg", install: "apt install ffmpeg" },
);

const usage = (message: string, action: string) => error("usage", message, action);

export class FakeHighlights {
  readonly #all: (Highlight & { removed: boolean })[] = [];
  #stopped = false;
  #next = 1;

  constructor(
    private state: FakeState,
    private colleagues: FakeColleagues,
    private listed: (teamspace: string) => RecordingItem[],
    private fault: Fault | null,
    private emit: (event: Event) => void,
  ) {
    const library = state.recordings.get(RESEARCH) ?? [];
    if (fault === "no-highlights") return;
    for (const [place, from, to, note, tags, by, days] of SAMPLES) {
      const recording = library[place];
      if (!recording) continue;
      const made = this.#made(recording, { from: from * 1000, to: to * 1000, note, tags });
      made.at = new Date(Date.now() - days * DAY).toISOString();
      const colleague = COLLEAGUES[by];
      if (colleague) [made.profile, made.name] = [colleague.profile, colleague.name];
      this.#all.push(made);
    }
  }

  of(teamspace: string, recordingId: string): Highlight[] {
    if (!this.#recording(teamspace, recordingId)) return [];
    return this.#all
      .filter((one) => !one.removed && one.teamspace === teamspace && one.recording_id === recordingId)
      .map(shown)
      .sort((a, b) => a.from - b.from || a.to - b.to);
  }

  find(wish: HighlightsWish): HighlightPage {
    if (wish.limit < 1 || wish.limit > 1000) {
      throw usage("A list of highlights holds 1 to 1000", "ask for fewer, and for the rest after them");
    }
    const words = wish.words.toLowerCase().split(/\s+/).filter(Boolean);
    const items = this.#all
      .filter((one) => !one.removed && (wish.teamspace === null || one.teamspace === wish.teamspace))
      .filter((one) => wish.recording_id === null || one.recording_id === wish.recording_id)
      .flatMap((one): HighlightItem[] => {
        const recording = this.#recording(one.teamspace, one.recording_id);
        if (!recording) return [];
        const { title, start, poster, media } = recording;
        return [{ ...shown(one), title, start, poster, media }];
      })
      .sort((a, b) => b.at.localeCompare(a.at) || b.id.localeCompare(a.id));
    const fits = (one: HighlightItem) => {
      const text = [one.note, one.title, one.name ?? "", ...one.tags].join("\n").toLowerCase();
      const tagged =
        wish.tag === null || one.tags.some((tag) => tag.toLowerCase() === wish.tag!.toLowerCase());
      return tagged && words.every((word) => text.includes(word));
    };
    const found = items.filter(fits);
    return {
      highlights: found.slice(wish.skip, wish.skip + wish.limit),
      total: found.length,
      tags: [...new Set(items.flatMap((one) => one.tags))].sort((a, b) => a.localeCompare(b)),
    };
  }

  add(recording: RecordingItem, draft: HighlightDraft): Highlight {
    const made = this.#made(recording, sound(draft, recording));
    this.#all.push(made);
    this.#tell(made, [], words(made));
    return shown(made);
  }

  change(recording: RecordingItem, id: string, draft: HighlightDraft): Highlight {
    const one = this.#one(recording, id);
    const before = words(one);
    Object.assign(one, sound(draft, recording));
    this.#tell(one, before, words(one));
    return shown(one);
  }

  remove(recording: RecordingItem, id: string): void {
    const one = this.#all.find((other) => other.id === id);
    if (one?.removed) return;
    const shown = this.#one(recording, id);
    shown.removed = true;
    this.#tell(shown, words(shown), []);
  }

  restore(recording: RecordingItem, id: string): Highlight {
    const one = this.#all.find((other) => other.id === id && other.recording_id === recording.recording_id);
    if (!one) throw NO_SUCH;
    if (one.removed) {
      one.removed = false;
      this.#tell(one, [], words(one));
    }
    return shown(one);
  }

  trouble(): UserError | null {
    return this.fault === "no-ffmpeg" ? NO_FFMPEG : null;
  }

  async clips(wish: ClipWish): Promise<ClipReport> {
    if (wish.highlights.length === 0) throw usage("Nothing was chosen to be saved", "choose a highlight");
    if (this.fault === "no-ffmpeg") throw NO_FFMPEG;
    this.#stopped = false;
    const report: ClipReport = { saved: [], failed: [] };
    const total = wish.highlights.length;
    for (const [done, highlight] of wish.highlights.entries()) {
      this.emit({ event: "clip_progress", done, total, cut: done * 1000, length: total * 1000 });
      await new Promise((later) => setTimeout(later, 250));
      const recording = this.#recording(highlight.teamspace, highlight.recording_id);
      const title = recording?.title ?? "";
      const one = this.#all.find(({ id, removed }) => id === highlight.id && !removed);
      if (this.#stopped || !recording || !one) {
        const stopped = error("cancelled", "The export was stopped", "export again what is missing");
        report.failed.push({ highlight, title, error: this.#stopped ? stopped : NO_SUCH });
        continue;
      }
      const time = (millis: number) =>
        `${Math.floor(millis / 60_000)}.${String(Math.floor(millis / 1000) % 60).padStart(2, "0")}`;
      const name = `${recording.start.slice(0, 10)} ${title.replaceAll(/[/:?]/g, "-")} ${time(one.from)}-${time(one.to)}`;
      report.saved.push({ highlight, title, file: `${wish.folder}/${name}.mp4` });
    }
    return report;
  }

  stop(): void {
    this.#stopped = true;
  }

  #made(recording: RecordingItem, draft: HighlightDraft) {
    const me = this.state.profile;
    return {
      id: `0199a7c2-0000-7000-8000-${String(this.#next++).padStart(12, "0")}`,
      teamspace: recording.teamspace,
      recording_id: recording.recording_id,
      ...draft,
      profile: me?.id ?? "",
      name: me?.name ?? null,
      at: new Date().toISOString(),
      removed: false,
    };
  }

  #recording(teamspace: string, id: string): RecordingItem | undefined {
    return this.listed(teamspace).find((one) => one.recording_id === id);
  }

  #one(recording: RecordingItem, id: string) {
    const found = this.#all.find(
      (one) => one.id === id && one.recording_id === recording.recording_id && !one.removed,
    );
    if (!found) throw NO_SUCH;
    return found;
  }

  #tell(one: Highlight, old: string[], now: string[]): void {
    this.colleagues.note(one.recording_id, "highlight", old, now);
    this.emit({ event: "recordings_changed", teamspace: one.teamspace, recording_id: one.recording_id });
  }
}

function shown({ removed: _removed, ...one }: Highlight & { removed: boolean }): Highlight {
  return one;
}

const words = ({ from, to, note, tags }: Highlight) => [String(from), String(to), note, ...tags];

/** A draft by the rules of the core. */
function sound({ from, to, note, tags }: HighlightDraft, recording: RecordingItem): HighlightDraft {
  if (from >= to) throw usage("A highlight ends after it begins", "choose an end behind its begin");
  if (from > (recording.duration + 120) * 1000) {
    throw usage(
      "The highlight is not within the recording",
      "choose a begin and an end that the player shows",
    );
  }
  if (note.trim().length > 1000) throw usage("A note has at most 1000 characters", "make it shorter");
  const once = tags
    .map((tag) => tag.trim())
    .filter((tag, i, all) => all.findIndex((other) => other.toLowerCase() === tag.toLowerCase()) === i);
  return { from, to, note: note.trim(), tags: once };
}
