/** What a transcript needs to be corrected where it stands. Who shows it says how that is done. */
import type { CorrectedLine } from "../bindings/CorrectedLine";

/** A line, as it is named while somebody types: its transcript may be another one when they are done. */
export interface LineToCorrect {
  source: string;
  segment: number;
  line: number;
}

export interface TranscriptCorrections {
  /** Whether the teamspace can be written now. */
  readonly can: boolean;
  /** The correction of a line that is in force. */
  of(segment: number, line: number): CorrectedLine | undefined;
  /** The line, to be corrected; none where its transcript is not known. */
  begin(segment: number, line: number): LineToCorrect | null;
  /** Corrects it, or with null takes its correction back. Answers why that did not work, in words. */
  save(line: LineToCorrect, text: string | null): Promise<string | null>;
  /** Somebody wants to rename who is shown by this name. */
  rename(speaker: string): void;
  /** Nothing can be changed now: says why. */
  refuse(): void;
}
