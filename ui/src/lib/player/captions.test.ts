import { expect, it } from "vitest";
import { escapeVtt } from "./captions";

it("captions show markup as the words they are", () => {
  expect(escapeVtt("a <b> & c")).toBe("a &lt;b&gt; &amp; c");
});
