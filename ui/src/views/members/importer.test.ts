import { expect, it } from "vitest";
import { importerOf } from "./importer";

const ada = { profile: "a", name: "Ada", photo: "data:image/png;base64,AA" };
const by = (imported_by: string, importer: string | null) => ({ imported_by, importer });

it("who imported a recording is known by the profile, also after they changed their name", () =>
  expect(importerOf(by("Ada Kessler", "a"), [ada])).toEqual(ada));

it("an older recording has the photo of the only one with that name", () => {
  expect(importerOf(by("Ada", null), [ada]).photo).toBe(ada.photo);
  expect(importerOf(by("Ada", null), [ada, { ...ada, profile: "b", photo: null }]).photo).toBeNull();
});

it("somebody whom nobody knows has at least the name that the recording says", () =>
  expect(importerOf(by("Ada", "x"), [ada])).toEqual({ name: "Ada", photo: null }));
