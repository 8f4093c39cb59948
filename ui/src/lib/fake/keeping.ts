/** The fake's cache: what is pinned of a bucket comes within moments, what was played stays. */
import type { CacheUse, Event, Pin, PinInfo } from "../types";
import { DAY } from "./library";
import { error, type FakeState } from "./state";
import type { StoredRecording } from "./stored";

const sizeOf = (item: StoredRecording) => item.files.reduce((sum, file) => sum + file.size, 0);
const keyOf = ({ teamspace, target }: Pin) => JSON.stringify([teamspace, target]).toLowerCase();

const AWAY = error(
  "teamspace_unreachable",
  "The bucket of “Research” cannot be reached",
  "check the network",
  {
    trouble: "network",
  },
);

export class FakeKeeping {
  #pins: { pin: Pin; at: string }[] = [];
  /** Ids of what is here of buckets, whole. */
  #here = new Set<string>();
  #played = 3_400_000_000;

  constructor(
    private state: FakeState,
    private emit: (event: Event) => void,
  ) {
    for (const space of state.teamspaces.filter(({ location }) => location.kind === "bucket")) {
      const [first, second, third] = state.recordings.get(space.id) ?? [];
      if (!first || !second || !third) continue;
      this.#here = new Set([first.recording_id, second.recording_id, third.recording_id]);
      const target = (recording_id: string) => ({ kind: "recording" as const, recording_id });
      const pin = (id: string) => ({ teamspace: space.id, target: target(id) });
      const at = new Date(Date.now() - 2 * DAY).toISOString();
      this.#pins = [first, second].map(({ recording_id }) => ({ pin: pin(recording_id), at }));
    }
  }

  /** The recordings of a teamspace, with what of them is here. */
  shown(teamspace: string): StoredRecording[] {
    const space = this.state.teamspaces.find(({ id }) => id === teamspace);
    const bucket = space?.location.kind === "bucket";
    return (this.state.recordings.get(teamspace) ?? []).map((item) => ({
      ...item,
      media: bucket
        ? this.#here.has(item.recording_id)
          ? "here"
          : "away"
        : space?.state === "unreachable"
          ? "away"
          : "here",
      pinned: this.#pins.some(({ pin }) => this.#covers(pin, item)),
    }));
  }

  /** Whether its media can be reached just now. */
  plays({ teamspace, recording_id }: StoredRecording): boolean {
    const away = this.state.teamspaces.find(({ id }) => id === teamspace)?.state === "unreachable";
    return (
      !away || this.shown(teamspace).some((one) => one.recording_id === recording_id && one.media === "here")
    );
  }

  pins(): PinInfo[] {
    return this.#pins.map(({ pin, at }) => {
      const space = this.state.teamspaces.find(({ id }) => id === pin.teamspace);
      const folder = space?.location.kind === "folder";
      const covered = (this.state.recordings.get(pin.teamspace) ?? []).filter((item) =>
        this.#covers(pin, item),
      );
      const bytes = covered.reduce((sum, item) => sum + sizeOf(item), 0);
      const here = covered.filter(({ recording_id }) => folder || this.#here.has(recording_id));
      const bytes_here = here.reduce((sum, item) => sum + sizeOf(item), 0);
      const away = space?.state === "unreachable";
      const title =
        pin.target.kind === "teamspace"
          ? (space?.name ?? "")
          : pin.target.kind === "tag"
            ? pin.target.tag
            : (covered[0]?.title ?? "");
      return {
        ...pin,
        title,
        pinned_at: at,
        folder,
        recordings: covered.length,
        bytes,
        bytes_here,
        state: bytes_here === bytes ? "here" : away ? "away" : "keeping",
        error: bytes_here < bytes && away ? AWAY : null,
      };
    });
  }

  pin(pins: Pin[]): void {
    const known = new Set(this.#pins.map(({ pin }) => keyOf(pin)));
    const fresh = pins.filter((pin) => !known.has(keyOf(pin)));
    const at = new Date().toISOString();
    this.#pins = [...fresh.map((pin) => ({ pin, at })), ...this.#pins];
    this.#tell(pins);
    setTimeout(() => this.#fetch(), 400);
  }

  unpin(pins: Pin[]): void {
    const gone = new Set(pins.map(keyOf));
    this.#pins = this.#pins.filter(({ pin }) => !gone.has(keyOf(pin)));
    this.#tell(pins);
  }

  use(): CacheUse {
    const kept = [...this.state.recordings.values()].flat().filter(({ recording_id, teamspace }) => {
      const item = this.shown(teamspace).find((one) => one.recording_id === recording_id);
      return item?.pinned && this.#here.has(recording_id);
    });
    const pinned = kept.reduce((sum, item) => sum + sizeOf(item), 0);
    return { pinned, played: this.#played, budget: this.state.settings.cache_budget, free: 212_000_000_000 };
  }

  freeUp(): number {
    const freed = this.#played;
    this.#played = 0;
    for (const [teamspace] of this.state.recordings) {
      const loose = this.shown(teamspace).filter(({ pinned }) => !pinned);
      loose.forEach(({ recording_id }) => this.#here.delete(recording_id));
      this.emit({ event: "recordings_changed", teamspace, recording_id: null });
    }
    return freed;
  }

  #covers({ teamspace, target }: Pin, item: StoredRecording): boolean {
    if (teamspace !== item.teamspace) return false;
    if (target.kind === "teamspace") return true;
    if (target.kind === "recording") return target.recording_id === item.recording_id;
    return item.tags.some((tag) => tag.toLowerCase() === target.tag.toLowerCase());
  }

  #fetch(): void {
    const reached = this.#pins.filter(
      ({ pin }) => this.state.teamspaces.find(({ id }) => id === pin.teamspace)?.state === "ready",
    );
    for (const { pin } of reached) {
      for (const item of this.state.recordings.get(pin.teamspace) ?? []) {
        if (this.#covers(pin, item)) this.#here.add(item.recording_id);
      }
    }
    this.#tell(this.#pins.map(({ pin }) => pin));
  }

  #tell(pins: Pin[]): void {
    for (const teamspace of new Set(pins.map((pin) => pin.teamspace))) {
      this.emit({ event: "recordings_changed", teamspace, recording_id: null });
    }
    this.emit({ event: "pins_changed" });
  }
}
