/** Correcting the transcript of an opened recording, for everybody in its teamspace. */
import { api } from "$lib/api";
import { presentError } from "$lib/errors";
import { m } from "$lib/paraglide/messages";
import { toasts } from "$lib/state";
import type { LineToCorrect, TranscriptCorrections } from "$lib/transcript/correcting";
import type { CorrectedLine, OpenedRecording } from "$lib/types";

export class Correcting implements TranscriptCorrections {
  readonly #opened: () => OpenedRecording;
  readonly #writable: () => boolean;
  /** The name that is shown of whom somebody wants to rename; null for nobody. */
  renaming = $state<string | null>(null);

  constructor(opened: () => OpenedRecording, writable: () => boolean) {
    this.#opened = opened;
    this.#writable = writable;
  }

  #lines = $derived.by(() => {
    const { lines } = this.#opened().corrections;
    return new Map(lines.map((line) => [`${line.segment}/${line.line}`, line]));
  });

  get can(): boolean {
    return this.#writable();
  }

  of(segment: number, line: number): CorrectedLine | undefined {
    return this.#lines.get(`${segment}/${line}`);
  }

  begin(segment: number, line: number): LineToCorrect | null {
    const source = this.#opened().corrections.sources[segment];
    return source ? { source, segment, line } : null;
  }

  async save(line: LineToCorrect, text: string | null): Promise<string | null> {
    if (text?.trim() === "") return m.correct_empty();
    const before = this.of(line.segment, line.line);
    const shown = this.#opened().transcript[line.segment]?.[line.line - 1]?.text ?? null;
    const problem = await this.#correct(line, text);
    if (problem !== null) return problem;
    // What was there before: the correction of somebody, or what the file says.
    const undo = before ? shown : null;
    toasts.success(text === null ? m.correct_taken_back() : m.correct_saved(), {
      label: m.correct_undo(),
      run: () => void this.#undo(line, undo),
    });
    return null;
  }

  async #undo(line: LineToCorrect, text: string | null): Promise<void> {
    const problem = await this.#correct(line, text);
    if (problem !== null) toasts.show({ tone: "info", text: problem });
  }

  async #correct({ source, line }: LineToCorrect, text: string | null): Promise<string | null> {
    const { teamspace, recording_id } = this.#opened();
    try {
      await api.correctLine(teamspace, recording_id, { source, line, text });
      return null;
    } catch (error) {
      return inWords(error);
    }
  }

  rename(speaker: string): void {
    this.renaming = speaker;
  }

  refuse(): void {
    toasts.show({ tone: "info", text: m.correct_not_now() });
  }
}

/** Why it did not work, and what to do. */
export function inWords(error: unknown): string {
  const { title, hint } = presentError(error);
  return [title, hint].filter((text) => text !== "").join(" ");
}
