/**
 * Finding words in a transcript: without regard to case, accents or width ("Muller" finds "Müller"), keeping the
 * places in the original text so that they can be marked.
 */

/** Half-open range of UTF-16 positions in the original text. */
export interface Range {
  from: number;
  to: number;
}

interface Folded {
  text: string;
  /** Position in the original of each folded unit, with one more at the end; none when they are the same. */
  places: number[] | null;
}

const MARKS = /\p{M}+/gu;
// eslint-disable-next-line no-control-regex -- ASCII needs no folding of marks, and nearly all text is ASCII
const ASCII = /^[\x00-\x7f]*$/;

export function fold(original: string): Folded {
  if (ASCII.test(original)) return { text: original.toLowerCase(), places: null };
  let text = "";
  const places: number[] = [];
  let at = 0;
  for (const character of original) {
    const folded = character.normalize("NFKD").replace(MARKS, "").toLowerCase().replaceAll("ß", "ss");
    for (let i = 0; i < folded.length; i++) places.push(at);
    text += folded;
    at += character.length;
  }
  places.push(at);
  return { text, places };
}

/** A letter or digit of a script that parts words by spaces. */
const IN_WORD = /[\p{L}\p{N}]/u;
const STANDS_ALONE = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{sc=Thai}]/u;

function isInWord(character: string): boolean {
  return IN_WORD.test(character) && !STANDS_ALONE.test(character);
}

/** Ranges from left to right; those that overlap or touch are one. */
function merge(ranges: Range[]): Range[] {
  const merged: Range[] = [];
  for (const { from, to } of ranges.sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last && from <= last.to) last.to = Math.max(last.to, to);
    else merged.push({ from, to });
  }
  return merged;
}

/** Where a phrase stands in a text, from left to right, without overlaps; `begins`: only where a word begins. */
export function findIn(text: Folded, phrase: string, begins = false): Range[] {
  if (phrase === "") return [];
  const found: Range[] = [];
  for (let at = text.text.indexOf(phrase); at >= 0; at = text.text.indexOf(phrase, at + phrase.length)) {
    const end = at + phrase.length;
    if (begins && at > 0 && isInWord(text.text[at - 1]!) && isInWord(phrase[0]!)) continue;
    found.push(text.places ? { from: text.places[at]!, to: endOf(text.places, end) } : { from: at, to: end });
  }
  return found;
}

/** The end of a match in the original: past the whole character (with its marks) that the match ends in. */
function endOf(places: number[], end: number): number {
  const last = places[end - 1]!;
  let next = end;
  while (next < places.length - 1 && places[next] === last) next++;
  return places[next]!;
}

/** Texts, folded once, to be searched again with every key press. */
export class TextIndex {
  readonly #texts: Folded[];

  constructor(texts: readonly string[]) {
    this.#texts = texts.map(fold);
  }

  /** Every place of a phrase: index of the text, and where in it. */
  find(phrase: string): { index: number; range: Range }[] {
    const folded = fold(phrase.trim()).text;
    if (folded === "") return [];
    return this.#texts.flatMap((text, index) => findIn(text, folded).map((range) => ({ index, range })));
  }

  /** Every place of any of these phrases, where a word begins; what overlaps is one place. */
  findAny(phrases: readonly string[]): { index: number; range: Range }[] {
    const folded = phrases.map((phrase) => fold(phrase.trim()).text).filter((phrase) => phrase !== "");
    if (folded.length === 0) return [];
    return this.#texts.flatMap((text, index) => {
      const all = folded.flatMap((phrase) => findIn(text, phrase, true));
      return merge(all).map((range) => ({ index, range }));
    });
  }
}

/** A text cut into what is marked and what is not. */
export function cut(text: string, ranges: readonly Range[]): { text: string; range: Range | null }[] {
  const pieces: { text: string; range: Range | null }[] = [];
  let at = 0;
  for (const range of ranges) {
    if (range.from > at) pieces.push({ text: text.slice(at, range.from), range: null });
    pieces.push({ text: text.slice(range.from, range.to), range });
    at = range.to;
  }
  if (at < text.length) pieces.push({ text: text.slice(at), range: null });
  return pieces;
}
