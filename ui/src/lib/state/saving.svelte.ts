/**
 * Something that is saved into a folder and takes its time: what is to be saved, how far it is, and how it ended. Any view
 * asks for it with `ask`; the dialog may be closed while it runs, and shows it again.
 */
import type { Api } from "../api";

export abstract class SavingState<Wanted, Numbers, Report> {
  readonly #stop: Api["stopExport"];
  /** What the dialog is about; null while it is closed. */
  wanted = $state.raw<Wanted | null>(null);
  state = $state<"choosing" | "running" | "stopping" | "ended">("choosing");
  /** How far it is; null before that is known. */
  numbers = $state.raw<Numbers | null>(null);
  report = $state.raw<Report | null>(null);
  /** Why nothing was begun. */
  error = $state.raw<unknown>(null);
  /** What runs just now. */
  #under: Wanted | null = null;

  constructor(api: Pick<Api, "stopExport">) {
    this.#stop = () => api.stopExport();
  }

  /** Saves what is wanted into a folder. */
  protected abstract save(wanted: Wanted, folder: string): Promise<Report>;

  get running(): boolean {
    return this.state === "running" || this.state === "stopping";
  }

  /** Opens the dialog; while something is saved, on that. */
  ask(wanted: Wanted): void {
    if (this.running) {
      this.wanted ??= this.#under;
      return;
    }
    this.wanted = wanted;
    this.again();
  }

  /** Back to the choice. */
  again(): void {
    this.state = "choosing";
    this.report = this.error = this.numbers = null;
  }

  close(): void {
    this.wanted = null;
  }

  async run(folder: string): Promise<void> {
    const wanted = this.wanted;
    if (!wanted || this.running) return;
    this.#under = wanted;
    this.again();
    this.state = "running";
    try {
      this.report = await this.save(wanted, folder);
      this.state = "ended";
    } catch (error) {
      this.error = error;
      this.state = "choosing";
    }
    this.#under = null;
  }

  async stop(): Promise<void> {
    if (this.state !== "running") return;
    this.state = "stopping";
    await this.#stop();
  }

  noteProgress(numbers: Numbers): void {
    if (this.running) this.numbers = numbers;
  }
}
