import { describe, expect, test } from "vitest";
import { href, parseRoute, type Route } from "./router.svelte";

describe("an address", () => {
  test.each<Route>([
    { name: "home" },
    { name: "imports" },
    { name: "teamspace", teamspace: "0199a7c2-5e10" },
    { name: "teamspace", teamspace: "with/slash and ?" },
    { name: "recording", teamspace: "one", recordingId: "two", at: null },
    { name: "recording", teamspace: "one", recordingId: "two", at: 123.5 },
    {
      name: "recording",
      teamspace: "a",
      recordingId: "b",
      at: 9,
      found: { segment: 1, words: ["x & y", "会議"] },
    },
    { name: "search", text: "", teamspace: null },
    { name: "highlights", text: "", tag: null, teamspace: null },
    { name: "highlights", text: "a & b", tag: "quote?", teamspace: "0199a7c2-5e10" },
    { name: "search", text: 'tag:"a & b" -c? ', teamspace: "0199a7c2-5e10" },
  ])("is read back as it was written: %o", (route) => {
    expect(parseRoute(href(route))).toEqual(route);
  });

  test.each(["", "#", "#/", "#/nowhere", "#/teamspace", "#/recording/one", "#/teamspace/%E0%A4%A"])(
    "that makes no sense leads home: %s",
    (hash) => expect(parseRoute(hash)).toEqual({ name: "home" }),
  );

  test.each(["t=-1", "t=soon", "t=", "t=Infinity", ""])(
    "with a time that makes no sense has none: %s",
    (query) => {
      const route = parseRoute(`#/recording/one/two?${query}`);
      expect(route).toMatchObject({ name: "recording", at: query === "t=" ? 0 : null });
    },
  );

  test("keep what a library is narrowed to, and that something was found in a chat", () => {
    const library = { name: "teamspace", teamspace: "t", query: 'tag:"clinic study" has:chat' } as const;
    expect(parseRoute(href(library))).toEqual(library);
    const found = { segment: 1, words: [], view: "chat" } as const;
    const route = { name: "recording", teamspace: "t", recordingId: "r", at: 4, found } as const;
    expect(parseRoute(href({ ...route, found: { ...found, words: [] } }))).toEqual(route);
    expect(parseRoute("#/recording/t/r?t=4&view=nonsense")).toEqual({
      name: "recording",
      teamspace: "t",
      recordingId: "r",
      at: 4,
    });
  });
});
