/**
 * A place for a teamspace as a person enters it: a folder or a bucket. It is looked at before anything is made there,
 * so that whoever would join a teamspace sees its name and its members first.
 */
import { api } from "$lib/api";
import { m } from "$lib/paraglide/messages";
import type { PlaceDraft, TeamspaceInfo, Tested } from "$lib/types";
import { draftOf, emptyBucket, isWrong, wrongInBucket } from "./bucket";

export type PlaceKind = "folder" | "bucket";

export class PlaceForm {
  kind = $state<PlaceKind>("folder");
  name = $state("");
  folder = $state("");
  bucket = $state(emptyBucket());
  /** Only a teamspace that stands there already will do. */
  joins = $state(false);
  /** A teamspace that has its name comes here: the place is looked at when that begins. */
  moves = $state(false);
  testing = $state(false);
  problem = $state.raw<unknown>(null);
  #checked = $state(false);
  #checkedName = $state(false);
  /** What a look at the place found, as it was entered then. */
  #found = $state.raw<{ of: string; tested: Tested } | null>(null);

  readonly draft = $derived<PlaceDraft>(
    this.kind === "bucket"
      ? { kind: "bucket", ...draftOf(this.bucket) }
      : { kind: "folder", path: this.folder.trim() },
  );
  readonly #entered = $derived(JSON.stringify(this.draft));
  /** What stands at the place that is entered now; null until somebody looked. */
  readonly tested = $derived(this.#found?.of === this.#entered ? this.#found.tested : null);
  /** The name of the teamspace that stands there already. */
  readonly existing = $derived(this.tested?.teamspace ?? null);
  /** Nothing stands where somebody wants to join. */
  readonly isEmpty = $derived(this.joins && this.tested !== null && this.existing === null);
  readonly #wrongBucket = $derived(wrongInBucket(this.bucket));
  readonly #missing = $derived({
    name: this.name.trim() || this.existing || this.joins || this.moves ? null : m.need_teamspace_name(),
    folder: this.folder.trim() ? null : m.need_folder(),
  });
  /** What to say is wrong, once somebody pressed a button that wants these fields. */
  readonly wrong = $derived({
    name: this.#checkedName ? this.#missing.name : null,
    folder: this.#checked ? this.#missing.folder : null,
    bucket: this.#checked ? this.#wrongBucket : null,
  });
  readonly #isWrongPlace = $derived(
    this.kind === "bucket" ? isWrong(this.#wrongBucket) : this.#missing.folder !== null,
  );

  constructor(name = "", folder = "") {
    this.name = name;
    this.folder = folder;
  }

  choose(kind: PlaceKind): void {
    this.kind = kind;
    this.#checked = this.#checkedName = false;
    this.problem = null;
  }

  /** A name for a folder that was chosen first: its last part. */
  suggestName(path: string): void {
    if (!this.name.trim()) this.name = path.split(/[\\/]/).filter(Boolean).at(-1) ?? "";
  }

  /** Looks at the place. Whether that could be done. */
  async test(): Promise<boolean> {
    this.#checked = true;
    this.problem = null;
    if (this.#isWrongPlace) return false;
    this.testing = true;
    this.#found = null;
    const of = this.#entered;
    try {
      this.#found = { of, tested: await api.testPlace(this.draft) };
      this.#checked = false;
      return true;
    } catch (thrown) {
      this.problem = thrown;
      return false;
    } finally {
      this.testing = false;
    }
  }

  /** Says what is missing. Whether anything is. */
  check(): boolean {
    this.#checked = this.#checkedName = true;
    this.problem = null;
    return this.#missing.name === null && !this.#isWrongPlace;
  }

  /**
   * Whether something may be made or joined now. A place that nobody looked at is looked at first; when a teamspace
   * stands there, it is shown and the person says once more that they want to join it.
   */
  async isSettled(): Promise<boolean> {
    if (this.tested) return !this.isEmpty;
    return (await this.test()) && this.existing === null && !this.isEmpty;
  }

  /** Makes the teamspace, or joins the one that is there. */
  add(): Promise<TeamspaceInfo> {
    return api.addAt(this.existing ?? this.name.trim(), this.draft);
  }
}
