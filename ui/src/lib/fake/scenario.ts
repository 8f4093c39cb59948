/** Which state the fake shows: by the address's query, so that every state can be opened and photographed. */
import type { Code, Language, Theme } from "../types";

export const SCENARIOS = [
  "first-start",
  "connected",
  "disconnected",
  "empty",
  "offline",
  "needs-reauth",
  "waiting",
  "exchanging",
  "claim-conflict",
  "confirm",
  "errors",
  "many",
  "paused",
  "no-keyring",
  "practice",
  "no-client",
] as const;

export type Scenario = (typeof SCENARIOS)[number];

/** One thing that goes wrong in an otherwise healthy window (`?fault=month`). */
export const FAULTS = [
  "month",
  "media",
  "transcript",
  "no-transcript",
  "late",
  "read-only",
  "refused",
  "recordings",
  "certificate",
  "damaged",
  "scope",
  "claim-moved",
  "unread",
  "unread-away",
  "bare-desktop",
  "export-full",
  "long",
  "bucket",
  "bucket-away",
  "gone-away",
  "no-ffmpeg",
  "no-highlights",
] as const;
export type Fault = (typeof FAULTS)[number];

const AUTO = ["off", "on", "review", "full", "basic"] as const;

export interface FakeOptions {
  scenario: Scenario;
  language: Language;
  theme: Theme;
  /** The sign-in ends with this error instead of an account (`?error=authorization_declined`). */
  error: Code | null;
  /** What the browser does after Connect: comes back by itself, or never (`?signin=hold`). */
  signIn: "returns" | "hold";
  fault: Fault | null;
  /** What auto-import begins as (`?auto=review`). */
  auto: (typeof AUTO)[number];
  /** Milliseconds until an operation answers. */
  latency: number;
  /** What the window draws first comes with the page (`?look=first`). */
  look: boolean;
}

const one = <T extends string>(value: string | null, known: readonly T[], fallback: T): T =>
  known.find((name) => name === value) ?? fallback;

export function optionsFromQuery(query: string): FakeOptions {
  const values = new URLSearchParams(query);
  return {
    scenario: one(values.get("scenario"), SCENARIOS, "connected"),
    language: one(values.get("lang"), ["system", "en", "de"] as const, "system"),
    theme: one(values.get("theme"), ["system", "light", "dark"] as const, "system"),
    error: values.get("error") as Code | null,
    signIn: one(values.get("signin"), ["returns", "hold"] as const, "returns"),
    fault: FAULTS.find((name) => name === values.get("fault")) ?? null,
    auto: one(values.get("auto"), AUTO, "off"),
    latency: Number(values.get("latency") ?? 60),
    look: values.get("look") === "first",
  };
}
