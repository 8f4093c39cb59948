/** Auto-import and the log of activity, as the fake plays them. */
import type {
  ActivityEntry,
  ActivityKind,
  ActivityPage,
  AutoImportStatus,
  Backfill,
  Decision,
  Event,
  InboxItem,
  ListedRecording,
  PauseUntil,
  Rules,
  WhyNot,
} from "../types";
import { DAY, RESEARCH } from "./library";
import type { FakeQueue } from "./queue";
import type { FakeOptions } from "./scenario";
import { error, type FakeState } from "./state";

const MINUTE = 60_000;
const at = (milliseconds: number) => new Date(Date.now() + milliseconds).toISOString();

export const ANY: Rules = {
  title_contains: [],
  title_excludes: [],
  min_minutes: null,
  max_minutes: null,
  kinds: null,
  not_before: null,
  skip_weekends: false,
  hours: null,
  time_zone: null,
  review: false,
};

const PROBLEMS = {
  full: {
    kind: "teamspace_full" as const,
    error: error(
      "disk_full",
      "The disk of Research is full",
      "free some space; auto-import goes on by itself",
    ),
  },
  basic: {
    kind: "no_cloud_recordings" as const,
    error: error(
      "zoom_refused",
      "Zoom's free plan makes no cloud recordings, so there is nothing to import yet",
      "nothing to do: should your plan come to have them, they are imported by themselves",
    ),
  },
};

const within = (title: string, phrases: string[]) =>
  phrases.some((phrase) => title.toLowerCase().includes(phrase.trim().toLowerCase()));

/** What the rules say of a recording, in the order of the core. */
export function decide(rules: Rules, recording: ListedRecording): Decision {
  const skip = (by: Decision["by"]): Decision => ({ verdict: "skip", by });
  const minutes = recording.duration / 60;
  const start = new Date(recording.start);
  if (rules.title_contains.length > 0 && !within(recording.topic, rules.title_contains))
    return skip("title_contains");
  if (within(recording.topic, rules.title_excludes)) return skip("title_excludes");
  if (rules.min_minutes !== null && minutes < rules.min_minutes) return skip("too_short");
  if (rules.max_minutes !== null && minutes > rules.max_minutes) return skip("too_long");
  if (rules.kinds && !recording.files.some((file) => rules.kinds?.includes(file.kind))) return skip("kinds");
  if (rules.not_before && recording.start.slice(0, 10) < rules.not_before) return skip("not_before");
  if (rules.skip_weekends && [0, 6].includes(start.getDay())) return skip("weekend");
  if (rules.hours) {
    const time = start.toTimeString().slice(0, 5);
    if (time < rules.hours.from || time >= rules.hours.to) return skip("hours");
  }
  if (recording.status === "processing") return { verdict: "wait", by: "still_processing" };
  return rules.review ? { verdict: "review", by: "review" } : { verdict: "take", by: "no_objection" };
}

export class FakeAutoImport {
  readonly #state: FakeState;
  readonly #queue: FakeQueue;
  readonly #emit: (event: Event) => void;
  #rules: Rules = { ...ANY };
  #status: AutoImportStatus;
  #inbox: InboxItem[] = [];
  #log: ActivityEntry[] = [];

  constructor(state: FakeState, queue: FakeQueue, auto: FakeOptions["auto"], emit: (event: Event) => void) {
    this.#state = state;
    this.#queue = queue;
    this.#emit = emit;
    const on = auto !== "off";
    this.#status = {
      on,
      teamspace: on ? RESEARCH : null,
      since: on ? at(-23 * DAY) : null,
      covered_up_to: on ? at(-4 * MINUTE) : null,
      last_poll: on ? at(-4 * MINUTE) : null,
      next_poll: on ? at(3 * MINUTE) : null,
      paused_until: null,
      running: false,
      problem:
        auto === "full" || auto === "basic" ? { ...PROBLEMS[auto], since: at(-2 * 60 * MINUTE) } : null,
      inbox_count: 0,
      calls_today: on ? 148 : 0,
    };
    if (auto === "review") {
      this.#rules = { ...ANY, review: true, min_minutes: 10 };
      this.#inbox = this.#missing().slice(0, 4).map(waiting);
      this.#status.inbox_count = this.#inbox.length;
    }
    if (on) this.#log = this.#past();
  }

  /** What Zoom has and no teamspace holds. */
  #missing(): ListedRecording[] {
    return this.#state.cloud.filter((one) => !one.imported && one.trashed.length === 0);
  }

  status(): AutoImportStatus {
    return { ...this.#status, inbox_count: this.#inbox.length };
  }

  #change(change: Partial<AutoImportStatus>): AutoImportStatus {
    this.#status = { ...this.#status, ...change };
    this.#emit({ event: "auto_import_changed" });
    return this.status();
  }

  switchOn(teamspace: string): AutoImportStatus {
    return this.#change({
      on: true,
      teamspace,
      since: this.#status.on ? this.#status.since : at(0),
      covered_up_to: at(0),
      last_poll: at(0),
      next_poll: at(6 * MINUTE),
    });
  }

  switchOff(): AutoImportStatus {
    return this.#change({ on: false, next_poll: null, paused_until: null, problem: null });
  }

  rules(): Rules {
    return this.#rules;
  }

  setRules(rules: Rules): Rules {
    if (rules.min_minutes !== null && rules.max_minutes !== null && rules.min_minutes > rules.max_minutes) {
      throw error(
        "usage",
        "The shortest length is longer than the longest",
        "give a minimum that is not above the maximum",
      );
    }
    this.#rules = rules;
    this.#emit({ event: "auto_import_changed" });
    return rules;
  }

  dryRun(days: number, rules: Rules | null) {
    const from = at(-days * DAY);
    return this.#state.cloud
      .filter((one) => one.start >= from)
      .map((recording) => ({
        recording,
        decision: decide(rules ?? this.#rules, recording),
        imported: recording.imported,
      }));
  }

  backfill(from: string, to: string, begin: boolean): Backfill {
    const inside = this.#state.cloud.filter(
      (one) => one.start.slice(0, 10) >= from && one.start.slice(0, 10) <= to,
    );
    const missing = inside.filter((one) => !one.imported && one.trashed.length === 0);
    const taken = missing.filter((one) => decide({ ...this.#rules, review: false }, one).verdict === "take");
    if (begin && this.#status.teamspace) {
      this.#queue.add(
        this.#status.teamspace,
        taken.map((one) => one.uuid),
      );
    }
    return {
      count: taken.length,
      bytes: taken.reduce((sum, one) => sum + one.size, 0),
      already: inside.length - missing.length,
      skipped: missing.length - taken.length,
    };
  }

  checkNow(): AutoImportStatus {
    this.#change({ running: true });
    setTimeout(
      () =>
        this.#change({ running: false, last_poll: at(0), covered_up_to: at(0), next_poll: at(6 * MINUTE) }),
      600,
    );
    return this.status();
  }

  pause(until: PauseUntil): AutoImportStatus {
    return this.#change({ paused_until: until.until === "instant" ? until.at : at(DAY), next_poll: null });
  }

  resume(): AutoImportStatus {
    return this.#change({ paused_until: null, next_poll: at(0) });
  }

  inbox(): InboxItem[] {
    return this.#inbox;
  }

  keep(uuids: string[]): number {
    for (const item of this.#inbox.filter((one) => uuids.includes(one.uuid))) {
      this.#queue.add(item.teamspace, [item.uuid]);
    }
    return this.#settle(uuids);
  }

  discard(uuids: string[]): number {
    return this.#settle(uuids);
  }

  #settle(uuids: string[]): number {
    const before = this.#inbox.length;
    this.#inbox = this.#inbox.filter((one) => !uuids.includes(one.uuid));
    this.#emit({ event: "auto_import_changed" });
    return before - this.#inbox.length;
  }

  why(uuid: string): WhyNot {
    const found = this.#state.cloud.find((one) => one.uuid === uuid);
    if (!found) throw error("gone_at_zoom", "Zoom does not list it any more", "look into Zoom's trash");
    const decision: Decision = !this.#status.on
      ? { verdict: "skip", by: "off" }
      : this.#inbox.some((one) => one.uuid === uuid)
        ? { verdict: "review", by: "review" }
        : found.start < (this.#status.since ?? "")
          ? { verdict: "skip", by: "before_switched_on" }
          : decide(this.#rules, found);
    return {
      uuid,
      title: found.topic,
      start: found.start,
      imported: found.imported,
      decision,
      decided_at: decision.verdict === "wait" ? null : at(-3 * 60 * MINUTE),
      job: null,
      error: null,
      sentence: "",
    };
  }

  activity(query: string, kind: ActivityKind | null, from: number | null, limit: number): ActivityPage {
    const words = query.toLowerCase().split(/\s+/).filter(Boolean);
    const found = this.#log.filter(
      (one) =>
        (kind === null || one.kind === kind) &&
        (from === null || one.id < from) &&
        words.every((word) => `${one.title} ${one.error?.message ?? ""}`.toLowerCase().includes(word)),
    );
    const entries = found.slice(0, limit);
    return { entries, next: found.length > limit ? (entries.at(-1)?.id ?? null) : null };
  }

  /** Some weeks of a team that records most days. */
  #past(): ActivityEntry[] {
    const stored = this.#state.recordings.get(RESEARCH) ?? [];
    const entries: Omit<ActivityEntry, "id">[] = stored.slice(0, 60).map((one, index) => ({
      at: one.imported_at,
      kind: index % 9 === 4 ? "retried" : "imported",
      teamspace: RESEARCH,
      recording_id: one.recording_id,
      uuid: `${one.recording_id}==`,
      title: one.title,
      rule: null,
      error:
        index % 9 === 4
          ? error("offline", "The network cannot be reached", "nothing to do: it goes on by itself")
          : null,
      automatic: index % 4 !== 3,
    }));
    const more: [ActivityKind, string, string | null, ActivityEntry["error"], number][] = [
      ["skipped", "Weekly research sync", "title_excludes", null, 2],
      ["skipped", "Test of the microphone", "too_short", null, 30],
      [
        "needs_person",
        "",
        null,
        error("disk_full", "The disk of Research is full", "free some space; imports go on by themselves"),
        28,
      ],
      [
        "failed",
        "Pilot with the old consent form",
        null,
        error("gone_at_zoom", "Zoom has deleted the recording", "look into Zoom's trash within 30 days"),
        51,
      ],
    ];
    for (const [kind, title, rule, why, hours] of more) {
      entries.push({
        at: at(-hours * 60 * MINUTE),
        kind,
        teamspace: RESEARCH,
        recording_id: null,
        uuid: null,
        title,
        rule,
        error: why,
        automatic: true,
      });
    }
    return entries
      .sort((a, b) => b.at.localeCompare(a.at))
      .map((one, index, all) => ({ ...one, id: all.length - index }));
  }
}

function waiting(one: ListedRecording): InboxItem {
  return {
    uuid: one.uuid,
    recording_id: one.recording_id,
    teamspace: RESEARCH,
    title: one.topic,
    start: one.start,
    duration: one.duration,
    size: one.size,
    host: one.host,
    auto_delete_at: one.auto_delete_at,
    arrived_at: at(-20 * MINUTE),
  };
}
