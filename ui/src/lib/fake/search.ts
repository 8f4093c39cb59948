/** Searching and saved searches of the fake: the query language in its main forms, over the believable library. */
import { fold } from "../transcript/search";
import type {
  Filtered,
  Hit,
  HitKind,
  Hits,
  PersonCount,
  QueryPart,
  SavedSearch,
  SearchDraft,
  SearchWish,
} from "../types";
import type { FakeCorrections } from "./correcting";
import { error, type FakeState } from "./state";
import type { StoredRecording } from "./stored";

const FILTERS = ["from", "person", "tag", "kind", "in", "after", "before", "longer", "shorter", "has"];
/** Lines that are one hit together. */
const PASSAGE = 10;
const DAY = 86_400_000;

/** The parts of a query: words, "phrases", begin*, -without, and filters with plain or quoted values. */
function partsOf(text: string): QueryPart[] {
  const parts: QueryPart[] = [];
  for (const [, minus, name = "", phrase, bare = ""] of text
    .replace(/[„“”«»]/g, '"')
    .matchAll(/(-?)(?:(\w+):(?=["\S]))?(?:"([^"]*)"?|([^\s"]+))/g)) {
    const filter = FILTERS.find((one) => one === name.toLowerCase()) ?? null;
    const value = (phrase ?? (filter || !name ? bare : `${name}:${bare}`)).trim();
    if (!/[\p{L}\p{N}\p{S}]/u.test(value)) continue;
    const canonical = filter === "person" ? "from" : filter;
    const quoted = phrase !== undefined && (canonical === null || value.includes(" "));
    const shown = quoted ? `"${value}"` : value;
    parts.push({
      text: `${minus}${canonical ? `${canonical}:` : ""}${shown}`,
      without: minus === "-",
      filter: canonical,
      value: canonical ? value : value.replace(/\*+$/, ""),
    });
  }
  return parts;
}

/** Where a phrase stands in a text, in characters. */
function placesIn(text: string, phrase: string): [number, number][] {
  const letters = Array.from(text, (letter) => fold(letter).text);
  const wanted = fold(phrase).text;
  const found: [number, number][] = [];
  for (let from = 0; from < letters.length; from += 1) {
    let length = 0;
    let read = "";
    while (read.length < wanted.length && from + length < letters.length) read += letters[from + length++]!;
    const begins = from === 0 || !/[\p{L}\p{N}]/u.test(letters[from - 1]!);
    if (read.startsWith(wanted) && begins) found.push([from, from + length]);
  }
  return found;
}

const minutes = (value: string) =>
  Number(/^(\d+)h/.exec(value)?.[1] ?? 0) * 60 + Number(/(\d+)m?$/.exec(value)?.[1] ?? 0);

function day(value: string): number {
  const ago = /^(\d+)([dwmy])$/.exec(value);
  if (!ago) return Date.parse(value) || 0;
  return Date.now() - Number(ago[1]) * DAY * { d: 1, w: 7, m: 30, y: 365 }[ago[2] as "d"];
}

export class FakeSearch {
  readonly #state: FakeState;
  #saved: SavedSearch[];

  constructor(
    state: FakeState,
    private corrections: FakeCorrections,
  ) {
    this.#state = state;
    this.#saved = [
      { id: 1, name: "Clinic study", text: 'tag:"clinic study" handover', teamspace: null },
      { id: 2, name: "What Priya said", text: 'from:"Priya Raman"', teamspace: null },
    ];
  }

  find({ text, teamspace, skip, limit }: SearchWish): Hits {
    const query = partsOf(text);
    const all = this.#hits(query, teamspace);
    const hits = all.slice(skip, skip + limit);
    const found: Hits = { hits, more: all.length > skip + limit, query };
    if (hits.length > 0 || skip > 0 || query.length === 0) return found;
    const any = (parts: QueryPart[], place: string | null) => this.#hits(parts, place).length > 0;
    const words = query.filter((part) => part.filter === null && !part.without);
    found.nothing = {
      unknown: words.filter((part) => !any([part], null)).map((part) => part.text),
      too_much: query
        .filter(
          (part) =>
            query.length > 1 &&
            any(
              query.filter((one) => one !== part),
              teamspace,
            ),
        )
        .map((part) => part.text),
      elsewhere: teamspace !== null && any(query, null),
      unread: 0,
    };
    return found;
  }

  /** Which recordings of a library are left. */
  filter(teamspace: string, text: string): Filtered {
    const query = partsOf(text);
    const all = query.length === 0 ? [] : (this.#state.recordings.get(teamspace) ?? []);
    const left = all.filter((one) => this.#isMeant(one, query) && this.#named(one, query).length > 0);
    return { recordings: left.map((one) => one.recording_id), query };
  }

  peopleIn(teamspace: string): PersonCount[] {
    const counts = new Map<string, number>();
    for (const one of this.#state.recordings.get(teamspace) ?? [])
      for (const name of this.corrections.people(one)) counts.set(name, (counts.get(name) ?? 0) + 1);
    return [...counts]
      .map(([name, recordings]) => ({ name, recordings }))
      .sort((a, b) => b.recordings - a.recordings || a.name.localeCompare(b.name));
  }

  saved(): SavedSearch[] {
    return this.#saved.sort((a, b) => a.name.localeCompare(b.name));
  }

  save(draft: SearchDraft): SavedSearch {
    const name = this.#free(draft.name, null);
    const saved = {
      ...draft,
      id: Math.max(0, ...this.#saved.map((one) => one.id)) + 1,
      name,
      text: draft.text.trim(),
    };
    this.#saved.push(saved);
    return saved;
  }

  rename(id: number, name: string): SavedSearch {
    const found = this.#saved.find((one) => one.id === id);
    if (!found) throw error("not_found", "This search is not saved", "look at the list of saved searches");
    found.name = this.#free(name, id);
    return found;
  }

  delete(id: number): void {
    this.#saved = this.#saved.filter((one) => one.id !== id);
  }

  #free(name: string, besides: number | null): string {
    const plain = name.trim();
    if (plain === "") throw error("usage", "A name has 1 to 80 characters", "choose another name");
    if (this.#saved.some((one) => one.id !== besides && one.name.toLowerCase() === plain.toLowerCase())) {
      throw error("usage", `Another saved search is called ${plain}`, "choose another name");
    }
    return plain;
  }

  #hits(query: QueryPart[], teamspace: string | null): Hit[] {
    if (query.length === 0) return [];
    const places = this.#state.teamspaces.filter((one) => teamspace === null || one.id === teamspace);
    const recordings = places.flatMap((one) => this.#state.recordings.get(one.id) ?? []);
    const meant = recordings.filter((recording) => this.#isMeant(recording, query));
    return [
      ...meant.flatMap((one) => this.#named(one, query)),
      ...meant.flatMap((one) => this.#moments(one, query)),
      ...meant.flatMap((one) => this.#written(one, query)),
    ];
  }

  #isMeant(recording: StoredRecording, query: QueryPart[]): boolean {
    const name = this.#state.teamspaces.find((one) => one.id === recording.teamspace)?.name ?? "";
    return query.every(({ filter, value, without }) => {
      const fits = (() => {
        switch (filter) {
          case "tag":
            return recording.tags.some((tag) => tag.toLowerCase() === value.toLowerCase());
          case "in":
            return name.toLowerCase().startsWith(value.toLowerCase());
          case "after":
            return Date.parse(recording.start) >= day(value);
          case "before":
            return Date.parse(recording.start) < day(value);
          case "longer":
            return recording.duration >= minutes(value) * 60;
          case "shorter":
            return recording.duration < minutes(value) * 60;
          case "has":
            return recording.files.some((file) => file.kind === value);
          case null:
            return !without || placesIn(recording.title, value).length > 0;
          default:
            return !without;
        }
      })();
      return fits !== without;
    });
  }

  #wanted(query: QueryPart[]) {
    const of = (filter: string | null) => query.filter((part) => part.filter === filter && !part.without);
    return { words: of(null), people: of("from"), kinds: of("kind").map((part) => part.value) };
  }

  #named(recording: StoredRecording, query: QueryPart[]): Hit[] {
    const { words, people, kinds } = this.#wanted(query);
    const names: [HitKind, string, string][] = [
      ["title", "title", recording.title],
      ["host", "person", recording.host ?? ""],
      ["tag", "tag", recording.tags.join(", ")],
    ];
    const counted = names.filter(([, kind]) => kinds.length === 0 || kinds.includes(kind));
    if (counted.length === 0) return [];
    const takePart = this.corrections.people(recording).join("\n");
    if (people.length > 0 && !people.some((part) => placesIn(takePart, part.value).length > 0)) return [];
    if (!words.every((part) => counted.some(([, , text]) => placesIn(text, part.value).length > 0)))
      return [];
    const asked = words.length > 0 ? words : people;
    for (const [kind, , text] of counted) {
      const marks = asked.flatMap((part) => placesIn(text, part.value)).sort((a, b) => a[0] - b[0]);
      if (marks.length > 0) return [this.#hit(recording, kind, text, marks)];
    }
    return [this.#hit(recording, "title", recording.title, [])];
  }

  #moments(recording: StoredRecording, query: QueryPart[]): Hit[] {
    const { words, people, kinds } = this.#wanted(query);
    const spoken = kinds.includes("transcript") || (kinds.length === 0 && words.length > 0);
    if (!spoken || words.length + people.length === 0) return [];
    const without = query.filter((part) => part.without && part.filter === null);
    return recording.files
      .filter((file) => file.kind === "transcript")
      .flatMap(({ segment }) => {
        const cues = this.corrections.transcript(recording, segment);
        const hits: Hit[] = [];
        for (let first = 0; first < cues.length; first += PASSAGE) {
          const lines = cues.slice(first, first + PASSAGE);
          const holds = (part: QueryPart) => lines.some((line) => placesIn(line.text, part.value).length > 0);
          if (!words.every(holds) || without.some(holds)) continue;
          const marksOf = (text: string) =>
            words.flatMap((part) => placesIn(text, part.value)).sort((a, b) => a[0] - b[0]);
          const line = lines
            .filter(
              (one) =>
                people.length === 0 ||
                people.some((part) => placesIn(one.speaker ?? "", part.value).length > 0),
            )
            .filter((one) => words.length === 0 || marksOf(one.text).length > 0)
            .sort((a, b) => marksOf(b.text).length - marksOf(a.text).length)[0];
          if (!line) continue;
          const hit = this.#hit(recording, "transcript", line.text, marksOf(line.text));
          hits.push({ ...hit, segment, at: line.start, speaker: line.speaker });
        }
        return hits;
      });
  }

  /** Messages of the chat. */
  #written(recording: StoredRecording, query: QueryPart[]): Hit[] {
    const { words, people, kinds } = this.#wanted(query);
    const asked = kinds.includes("chat") || (kinds.length === 0 && words.length > 0);
    if (!asked || words.length + people.length === 0) return [];
    if (!recording.files.some((file) => file.kind === "chat")) return [];
    const without = query.filter((part) => part.without && part.filter === null);
    const holds = (text: string) => (part: QueryPart) => placesIn(text, part.value).length > 0;
    return this.corrections
      .chat(recording)
      .filter(({ sender }) => people.length === 0 || people.some(holds(sender ?? "")))
      .filter(({ text }) => words.every(holds(text)) && !without.some(holds(text)))
      .map(({ at, sender, text }) => {
        const marks = words.flatMap((part) => placesIn(text, part.value)).sort((a, b) => a[0] - b[0]);
        return { ...this.#hit(recording, "chat", text, marks), at, speaker: sender };
      });
  }

  #hit(recording: StoredRecording, kind: HitKind, snippet: string, marks: [number, number][]): Hit {
    const { recording_id, teamspace, title, start, duration } = recording;
    return {
      recording_id,
      teamspace,
      title,
      start,
      duration,
      kind,
      segment: 0,
      at: null,
      speaker: null,
      snippet,
      marks,
    };
  }
}
