/** How the verification of each teamspace stands: read when somebody looks, and kept true by events. */
import { SvelteMap } from "svelte/reactivity";
import type { Api } from "../api";
import type { VerifyReport } from "../types";

type Calls = Pick<Api, "verifyReport">;
type Numbers = Pick<VerifyReport, "checked" | "total" | "bytes">;

export class VerifyingState {
  readonly #api: Calls;
  readonly #reports = new SvelteMap<string, VerifyReport | null>();

  constructor(api: Calls) {
    this.#api = api;
  }

  /** The last verification of a teamspace; null when there was none, undefined before it was read. */
  of(teamspace: string): VerifyReport | null | undefined {
    return this.#reports.get(teamspace);
  }

  async refresh(teamspace: string): Promise<void> {
    try {
      this.#reports.set(teamspace, await this.#api.verifyReport(teamspace));
    } catch {
      // What was seen last stays; the next event reads again.
    }
  }

  noteProgress(teamspace: string, { checked, total, bytes }: Numbers): void {
    const report = this.#reports.get(teamspace);
    if (report) this.#reports.set(teamspace, { ...report, state: "running", checked, total, bytes });
  }
}
