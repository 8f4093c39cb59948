/** Verifying and deleting at Zoom, as the fake plays them. */
import type { DeleteAfterImport, Event, RecordingLedger, Verification, VerifyReport } from "../types";
import { DAY, fakeId } from "./library";
import { error, type FakeState } from "./state";

const ago = (days: number) => new Date(Date.now() - days * DAY).toISOString();

export class FakeLedger {
  readonly #state: FakeState;
  readonly #emit: (event: Event) => void;
  readonly #reports = new Map<string, VerifyReport>();
  readonly #manual = new Map<string, Verification[]>();
  readonly #damaged: boolean;
  #timer: ReturnType<typeof setInterval> | undefined;
  #deleting = { on: false, days: 7 };
  #lacksScope: boolean;

  constructor(state: FakeState, damaged: boolean, lacksScope: boolean, emit: (event: Event) => void) {
    this.#state = state;
    this.#damaged = damaged;
    this.#lacksScope = lacksScope;
    this.#emit = emit;
  }

  report(teamspace: string): VerifyReport | null {
    return this.#reports.get(teamspace) ?? null;
  }

  start(teamspace: string, restart: boolean): void {
    const before = this.#reports.get(teamspace);
    const total = this.#state.recordings.get(teamspace)?.length ?? 0;
    const fresh = !before || restart || before.state === "done";
    const report: VerifyReport = fresh
      ? {
          teamspace,
          state: "running",
          started_at: new Date().toISOString(),
          finished_at: null,
          checked: 0,
          total,
          files: 0,
          bytes: 0,
          damaged: [],
          orphans: [],
        }
      : { ...before, state: "running" };
    this.#reports.set(teamspace, report);
    this.#emit({ event: "verify_changed", teamspace });
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#step(teamspace), 120);
  }

  stop(teamspace: string): void {
    clearInterval(this.#timer);
    const report = this.#reports.get(teamspace);
    if (report?.state === "running") this.#reports.set(teamspace, { ...report, state: "stopped" });
    this.#emit({ event: "verify_changed", teamspace });
  }

  #step(teamspace: string): void {
    const report = this.#reports.get(teamspace);
    if (!report) return;
    const checked = Math.min(report.total, report.checked + Math.max(1, Math.ceil(report.total / 8)));
    const next = { ...report, checked, files: checked * 3, bytes: checked * 214_000_000 };
    this.#reports.set(teamspace, next);
    if (checked < report.total) {
      const { total, bytes } = next;
      this.#emit({ event: "verify_progress", teamspace, checked, total, bytes });
      return;
    }
    clearInterval(this.#timer);
    const first = this.#state.recordings.get(teamspace)?.[1];
    this.#reports.set(teamspace, {
      ...next,
      state: "done",
      finished_at: new Date().toISOString(),
      damaged:
        this.#damaged && first
          ? [
              {
                recording_id: first.recording_id,
                title: first.title,
                key: first.files[0]?.key ?? "manifest.json",
                problem: "content",
              },
            ]
          : [],
      orphans: this.#damaged
        ? [
            {
              recording_id: fakeId("orphan"),
              attempt: "k3x9f2",
              files: 2,
              bytes: 48_000_000,
              newest: ago(9),
              dead: true,
            },
          ]
        : [],
    });
    this.#emit({ event: "verify_changed", teamspace });
  }

  ledger(teamspace: string, recordingId: string): RecordingLedger {
    const found = this.#state.recordings.get(teamspace)?.find((one) => one.recording_id === recordingId);
    if (!found) throw error("not_found", "This recording is not in the teamspace", "go back to the library");
    const first = verification(1, teamspace, recordingId, "import", found.imported_at, found.imported_by);
    return { verified: [...(this.#manual.get(recordingId) ?? []), first], at_zoom: null };
  }

  verify(teamspace: string, recordingId: string): Verification {
    const before = this.#manual.get(recordingId) ?? [];
    const by = this.#state.profile?.name ?? "";
    const at = new Date().toISOString();
    const done = verification(before.length + 2, teamspace, recordingId, "manual", at, by);
    this.#manual.set(recordingId, [done, ...before]);
    return done;
  }

  deleting(): DeleteAfterImport {
    const [teamspace, recordings = []] = [...this.#state.recordings][0] ?? ["", []];
    const mine = recordings.filter((one) => one.imported_by === this.#state.profile?.name);
    return {
      ...this.#deleting,
      error:
        this.#deleting.on && this.#lacksScope
          ? error(
              "scopes_missing",
              "Permissions that NEXT needs were not granted at Zoom: cloud_recording:delete:meeting_recording",
              "connect again and leave all permissions ticked",
            )
          : null,
      planned: mine.slice(2, 5).map((one, index) => ({
        recording_id: one.recording_id,
        teamspace,
        title: one.title,
        due: ago(1 - 2 * index),
        why:
          index === 0
            ? error(
                "not_all_imported",
                "Zoom has 1 file of this recording that the teamspace does not have",
                "nothing to do: it stays at Zoom until everything is imported",
              )
            : null,
      })),
      trashed: mine.slice(0, 2).map((one, index) => ({
        recording_id: one.recording_id,
        teamspace,
        title: one.title,
        outcome: index === 0 ? "trashed" : "already_gone",
        verification: 1,
        at: ago(3 + index),
        by: one.imported_by,
      })),
    };
  }

  setDeleting(on: boolean, days: number): DeleteAfterImport {
    if (days < 1)
      throw error("usage", "Recordings stay at Zoom for at least one day", "give a number of days");
    this.#deleting = { on, days };
    this.#emit({ event: "delete_at_zoom_changed" });
    return this.deleting();
  }

  /** Signing in again grants what was lacking. */
  granted(): void {
    this.#lacksScope = false;
  }
}

function verification(
  id: number,
  teamspace: string,
  recording_id: string,
  how: Verification["how"],
  at: string,
  by: string,
): Verification {
  return {
    id,
    teamspace,
    recording_id,
    how,
    at,
    by,
    files: 3,
    bytes: 214_000_000,
    manifest: "0".repeat(64),
    damaged: [],
  };
}
