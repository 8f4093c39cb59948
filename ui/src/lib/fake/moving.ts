/** Copying a teamspace to another place, as the fake plays it: in eight steps, from where the last call stopped. */
import { placeOf } from "../place";
import type { CopyReport, CopyWish, Event, Location, PlaceDraft } from "../types";
import { standsIn, testBucket } from "./buckets";
import { error, type FakeState } from "./state";

const STEPS = 8;
const STEP_MS = 150;
const FILES_EACH = 3;
const BYTES_EACH = 214_000_000;

export class FakeMoving {
  readonly #state: FakeState;
  readonly #damaged: boolean;
  readonly #emit: (event: Event) => void;
  /** Steps that are done, by teamspace and place. */
  readonly #done = new Map<string, number>();
  #underWay: { teamspace: string; stopped: boolean } | null = null;

  constructor(state: FakeState, damaged: boolean, emit: (event: Event) => void) {
    this.#state = state;
    this.#damaged = damaged;
    this.#emit = emit;
  }

  stop(teamspace: string): void {
    if (this.#underWay?.teamspace === teamspace) this.#underWay.stopped = true;
  }

  async copy(teamspace: string, draft: PlaceDraft, wish: CopyWish): Promise<CopyReport> {
    const location = this.#fit(draft);
    if (this.#underWay) {
      throw error(
        "busy",
        "A teamspace is being verified, repaired or copied already",
        "wait until that is over, or stop it",
      );
    }
    const underWay = (this.#underWay = { teamspace, stopped: false });
    try {
      await this.#steps(`${teamspace} ${placeOf(location)}`, underWay);
    } finally {
      this.#underWay = null;
    }
    return this.#end(teamspace, location, wish);
  }

  /** The location, when nothing stands there. */
  #fit(draft: PlaceDraft): Location {
    const location: Location =
      draft.kind === "folder" ? { kind: "folder", path: draft.path } : { kind: "bucket", ...draft.bucket };
    if (draft.kind === "folder" && !draft.path.startsWith("/")) {
      throw error("usage", "That is not a whole path", "choose a folder");
    }
    const there = draft.kind === "folder" ? standsIn(draft.path) : testBucket(draft).teamspace;
    const taken = this.#state.teamspaces.some((one) => placeOf(one.location) === placeOf(location));
    if (there !== null || taken) {
      const path = placeOf(location);
      throw error(
        "place_not_empty",
        `${path} is not empty, so no teamspace is copied there`,
        "choose an empty folder, or a new prefix in the bucket",
        { path },
      );
    }
    return location;
  }

  async #steps(copy: string, underWay: { teamspace: string; stopped: boolean }): Promise<void> {
    const { files_total, bytes_total } = this.#total(underWay.teamspace);
    for (let step = this.#done.get(copy) ?? 0; step < STEPS; step += 1) {
      const share = step / STEPS;
      this.#emit({
        event: "copy_progress",
        teamspace: underWay.teamspace,
        files: Math.floor(files_total * share),
        files_total,
        bytes: Math.floor(bytes_total * share),
        bytes_total,
      });
      await new Promise((done) => setTimeout(done, STEP_MS));
      this.#done.set(copy, step + 1);
      if (underWay.stopped) {
        throw error(
          "cancelled",
          "Copying was stopped",
          "begin again with the same place: it goes on where it stopped",
        );
      }
    }
  }

  #total(teamspace: string) {
    const recordings = this.#state.recordings.get(teamspace)?.length ?? 0;
    return { files_total: recordings * FILES_EACH, bytes_total: recordings * BYTES_EACH };
  }

  #end(teamspace: string, location: Location, wish: CopyWish): CopyReport {
    const { files_total, bytes_total } = this.#total(teamspace);
    const first = this.#state.recordings.get(teamspace)?.[1];
    const damaged: CopyReport["damaged"] =
      this.#damaged && first
        ? [
            {
              key: `recordings/${first.recording_id}/${first.files[0]?.key ?? "video-0.mp4"}`,
              problem: "content",
            },
          ]
        : [];
    const moved = !wish.backup && (damaged.length === 0 || wish.leave_damaged);
    if (moved) {
      this.#state.teamspaces = this.#state.teamspaces.map((one) =>
        one.id === teamspace ? { ...one, location } : one,
      );
      this.#emit({ event: "teamspaces_changed" });
    }
    return { place: placeOf(location), moved, files: files_total, bytes: bytes_total, damaged };
  }
}
