// The relay page does one thing: it hands Zoom's answer to the app. Run by `cargo xtask test` with `node --test`.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import test from "node:test";
import vm from "node:vm";

const page = readFileSync(new URL("index.html", import.meta.url), "utf8");
const between = (open, close) => page.slice(page.indexOf(open) + open.length, page.indexOf(close));
const script = between("<script>", "</script>");
const style = between("<style>", "</style>");
const policy = /Content-Security-Policy" content="([^"]+)"/.exec(page)[1];

/** Opens the page at an address and returns what it did. */
function open(search) {
  const elements = {};
  const element = (id) => (elements[id] ??= { hidden: id === "open" || id === "hint" });
  const location = { search, pathname: "/zoom", href: "unchanged" };
  const history = { replaceState: (_state, _title, path) => (history.shown = path) };
  vm.runInNewContext(script, { location, history, URLSearchParams, document: { getElementById: element } });
  return { went: location.href, shown: history.shown, button: element("open"), title: element("title").textContent };
}

test("the answer goes to the app, by itself and behind the button", () => {
  const { went, button } = open("?code=a%2Bb%26c&state=s%20t");
  assert.equal(went, "next-desktop://oauth/zoom?code=a%2Bb%26c&state=s+t");
  assert.equal(button.href, went);
  assert.equal(button.hidden, false);
  const answer = new URL(went).searchParams;
  assert.deepEqual([answer.get("code"), answer.get("state")], ["a+b&c", "s t"]);
});

test("a declined consent goes to the app too, and is said", () => {
  const { went, title } = open("?error=access_denied&state=s");
  assert.equal(went, "next-desktop://oauth/zoom?state=s&error=access_denied");
  assert.equal(title, "Zoom was not connected");
});

test("the address bar forgets the answer", () => {
  assert.equal(open("?code=secret&state=s").shown, "/zoom");
});

test("nothing but the answer is passed on", () => {
  assert.equal(open("?code=c&state=s&next=javascript:alert(1)&x=y").went, "next-desktop://oauth/zoom?code=c&state=s");
});

test("without an answer the page stays where it is and shows no button", () => {
  for (const search of ["", "?state=s", "?code=", `?code=${"x".repeat(5000)}`]) {
    const { went, button } = open(search);
    assert.equal(went, "unchanged");
    assert.equal(button.hidden, true);
  }
});

test("the policy allows this script and this style and no other, and no connection", () => {
  const digest = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
  const directives = Object.fromEntries(policy.split("; ").map((line) => [line.split(" ")[0], line]));
  assert.equal(directives["default-src"], "default-src 'none'");
  assert.equal(directives["script-src"], `script-src ${digest(script)}`);
  assert.equal(directives["style-src"], `style-src ${digest(style)}`);
  assert.equal(directives["connect-src"], undefined);
  assert.doesNotMatch(page, /(src|href)="https?:/);
  assert.doesNotMatch(script, /fetch|XMLHttpRequest|sendBeacon|localStorage|cookie/);
});
