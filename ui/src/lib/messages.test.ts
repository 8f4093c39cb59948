import { expect, test } from "vitest";
import app from "../../messages/en/app.json";
import appDe from "../../messages/de/app.json";
import autoImport from "../../messages/en/auto-import.json";
import autoImportDe from "../../messages/de/auto-import.json";
import background from "../../messages/en/background.json";
import backgroundDe from "../../messages/de/background.json";
import colleagues from "../../messages/en/colleagues.json";
import colleaguesDe from "../../messages/de/colleagues.json";
import correcting from "../../messages/en/correcting.json";
import correctingDe from "../../messages/de/correcting.json";
import documents from "../../messages/en/documents.json";
import documentsDe from "../../messages/de/documents.json";
import library from "../../messages/en/library.json";
import libraryDe from "../../messages/de/library.json";
import moving from "../../messages/en/moving.json";
import movingDe from "../../messages/de/moving.json";
import recording from "../../messages/en/recording.json";
import recordingDe from "../../messages/de/recording.json";
import search from "../../messages/en/search.json";
import searchDe from "../../messages/de/search.json";

/** The names in braces that a message takes. */
function inputs(message: unknown): string[] {
  return [...new Set(JSON.stringify(message).match(/(?<!\\)\{\w+\}/g) ?? [])].sort();
}

test.each([
  ["app", app as Record<string, unknown>, appDe as Record<string, unknown>],
  ["library", library as Record<string, unknown>, libraryDe as Record<string, unknown>],
  ["auto-import", autoImport as Record<string, unknown>, autoImportDe as Record<string, unknown>],
  ["background", background as Record<string, unknown>, backgroundDe as Record<string, unknown>],
  ["moving", moving as Record<string, unknown>, movingDe as Record<string, unknown>],
  ["search", search as Record<string, unknown>, searchDe as Record<string, unknown>],
  ["correcting", correcting as Record<string, unknown>, correctingDe as Record<string, unknown>],
  ["documents", documents as Record<string, unknown>, documentsDe as Record<string, unknown>],
  ["recording", recording as Record<string, unknown>, recordingDe as Record<string, unknown>],
  ["colleagues", colleagues as Record<string, unknown>, colleaguesDe as Record<string, unknown>],
])("%s: every message is there in both languages and takes the same inputs", (_name, english, german) => {
  expect(Object.keys(german).sort()).toEqual(Object.keys(english).sort());
  for (const [key, message] of Object.entries(english)) {
    expect([key, ...inputs(german[key])]).toEqual([key, ...inputs(message)]);
  }
});
