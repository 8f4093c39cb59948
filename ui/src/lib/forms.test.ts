import { expect, test } from "vitest";
import { isHttpsAddress, looksLikeClientId, looksLikeEmail } from "./forms";

test.each(["ada@example.org", "  ada+zoom@sub.example.org ", "ünï@exämple.de"])(
  "%s is an e-mail address",
  (text) => expect(looksLikeEmail(text)).toBe(true),
);

test.each(["", "ada", "ada@", "@example.org", "a b@example.org", "a@b@c"])("%s is none", (text) =>
  expect(looksLikeEmail(text)).toBe(false),
);

test("a client id is letters, digits and two signs, of a believable length", () => {
  expect(looksLikeClientId(" kX3nQ0y7RcSm_T2-vB9aLw ")).toBe(true);
  expect(looksLikeClientId("short")).toBe(false);
  expect(looksLikeClientId("https://zoom.us/oauth")).toBe(false);
});

test("a relay page has an https address", () => {
  expect(isHttpsAddress("https://example.org/next/zoom.html")).toBe(true);
  expect(isHttpsAddress("http://example.org")).toBe(false);
  expect(isHttpsAddress("javascript:alert(1)")).toBe(false);
  expect(isHttpsAddress("example.org")).toBe(false);
});
