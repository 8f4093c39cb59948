/**
 * Where the window is, kept in the address's hash so that going back works and a test can start anywhere.
 * An address that makes no sense leads home: it may come from outside.
 */
export type Route =
  | { name: "home" }
  | { name: "teamspace"; teamspace: string; tag?: string; query?: string }
  | { name: "trash"; teamspace: string }
  | { name: "recording"; teamspace: string; recordingId: string; at: number | null; found?: Found }
  | { name: "search"; text: string; teamspace: string | null }
  | { name: "highlights"; text: string; tag: string | null; teamspace: string | null }
  | { name: "imports" }
  | { name: "inbox" }
  | { name: "activity" }
  | { name: "profile" }
  | { name: "settings" }
  | { name: "help" };

/** What a search found in a recording. */
export interface Found {
  /** Number of the segment that the seconds of `at` are counted in. */
  segment: number;
  /** The words that were searched for, to be marked. */
  words: string[];
  /** Where it stands, when it is not in what was said. */
  view?: "chat" | "summary";
}

const VIEWS = ["chat", "summary"] as const;

const PLAIN = ["imports", "inbox", "activity", "profile", "settings", "help"] as const;

/** Reads a hash such as `#/recording/<teamspace>/<id>?t=123`. */
export function parseRoute(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#?\/?/, "").split("?", 2);
  let parts: string[];
  try {
    parts = path.split("/").filter(Boolean).map(decodeURIComponent);
  } catch {
    return { name: "home" };
  }
  const [name, first, second] = parts;
  if (name === "teamspace" && first) {
    const given = new URLSearchParams(query);
    const tag = given.get("tag");
    const asked = given.get("q");
    if (asked) return { name, teamspace: first, query: asked };
    return tag ? { name, teamspace: first, tag } : { name, teamspace: first };
  }
  if (name === "trash" && first) return { name, teamspace: first };
  if (name === "recording" && first && second) {
    const given = new URLSearchParams(query);
    const seconds = Number(given.get("t") ?? Number.NaN);
    const at = Number.isFinite(seconds) && seconds >= 0 ? seconds : null;
    const words = given.getAll("w");
    const segment = Number(given.get("part") ?? 0);
    const route = { name, teamspace: first, recordingId: second, at } as const;
    const view = VIEWS.find((known) => known === given.get("view"));
    const found = words.length > 0 || view !== undefined || given.has("part");
    return found && Number.isInteger(segment) && segment >= 0
      ? { ...route, found: { segment, words, ...(view ? { view } : {}) } }
      : route;
  }
  if (name === "search") {
    const given = new URLSearchParams(query);
    return { name, text: given.get("q") ?? "", teamspace: given.get("in") };
  }
  if (name === "highlights") {
    const given = new URLSearchParams(query);
    return { name, text: given.get("q") ?? "", tag: given.get("tag"), teamspace: given.get("in") };
  }
  const plain = PLAIN.find((known) => known === name);
  return { name: plain ?? "home" };
}

/** Writes the hash of a route, for links. */
export function href(route: Route): string {
  switch (route.name) {
    case "home":
      return "#/";
    case "teamspace": {
      const query = new URLSearchParams();
      if (route.query) query.set("q", route.query);
      else if (route.tag !== undefined) query.set("tag", route.tag);
      const asked = query.size > 0 ? `?${query}` : "";
      return `#/teamspace/${encodeURIComponent(route.teamspace)}${asked}`;
    }
    case "trash":
      return `#/${route.name}/${encodeURIComponent(route.teamspace)}`;
    case "recording": {
      const query = new URLSearchParams();
      if (route.at !== null) query.set("t", String(route.at));
      if (route.found) {
        if (route.found.segment > 0) query.set("part", String(route.found.segment));
        for (const word of route.found.words) query.append("w", word);
        if (route.found.view) query.set("view", route.found.view);
      }
      const asked = query.size > 0 ? `?${query}` : "";
      return `#/recording/${encodeURIComponent(route.teamspace)}/${encodeURIComponent(route.recordingId)}${asked}`;
    }
    case "search": {
      const query = new URLSearchParams();
      if (route.text) query.set("q", route.text);
      if (route.teamspace !== null) query.set("in", route.teamspace);
      return query.size > 0 ? `#/search?${query}` : "#/search";
    }
    case "highlights": {
      const query = new URLSearchParams();
      if (route.text) query.set("q", route.text);
      if (route.tag !== null) query.set("tag", route.tag);
      if (route.teamspace !== null) query.set("in", route.teamspace);
      return query.size > 0 ? `#/highlights?${query}` : "#/highlights";
    }
    default:
      return `#/${route.name}`;
  }
}

class Router {
  current = $state.raw<Route>({ name: "home" });

  constructor() {
    if (typeof window === "undefined") return;
    this.current = parseRoute(window.location.hash);
    window.addEventListener("hashchange", () => (this.current = parseRoute(window.location.hash)));
  }

  /** Goes somewhere; `replace` leaves no step to go back to. */
  go(route: Route, how: { replace?: boolean } = {}): void {
    const to = href(route);
    if (how.replace) {
      window.history.replaceState(null, "", to);
      this.current = route;
    } else {
      window.location.hash = to;
    }
  }

  back(): void {
    window.history.back();
  }
}

export const router = new Router();
