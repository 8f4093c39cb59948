import { afterEach, describe, expect, test } from "vitest";
import { presentError } from "./errors";
import { locale } from "./locale.svelte";
import type { Code, UserError } from "./types";

const CODES: Code[] = [
  "usage",
  "not_found",
  "no_profile",
  "no_zoom_client",
  "zoom_client_refused",
  "not_connected",
  "needs_reauthorization",
  "authorization_declined",
  "authorization_expired",
  "authorization_state_mismatch",
  "authorization_not_started_here",
  "authorization_code_refused",
  "authorization_cancelled",
  "scopes_missing",
  "claim_conflict",
  "offline",
  "proxy_unreachable",
  "proxy_password",
  "proxy_refused",
  "certificate_not_trusted",
  "rate_limited",
  "zoom_unavailable",
  "zoom_refused",
  "still_processing",
  "at_work_elsewhere",
  "gone_at_zoom",
  "in_trash",
  "file_refused",
  "file_damaged",
  "teamspace_unreachable",
  "bucket_refused",
  "teamspace_read_only",
  "teamspace_moved",
  "place_not_empty",
  "teamspace_unsafe",
  "format_too_new",
  "disk_full",
  "permission_denied",
  "keyring_unavailable",
  "data_directory",
  "busy",
  "cancelled",
  "unexpected",
];

const core = (code: Code): UserError => ({
  code,
  message: "cannot write to /media/drive",
  action: "free 2 GB",
  detail: "os error 28",
});

afterEach(() => locale.follow("en"));

describe("an error", () => {
  test("about a claim says whose it is, on which machine and since when, in German too", () => {
    locale.follow("de");
    const params = {
      email: "a@b.example",
      name: "Jonas Weber",
      device: "thinkpad",
      since: "2026-10-17T10:00:00Z",
    };
    const { title } = presentError({ ...core("claim_conflict"), params });
    for (const part of ["a@b.example", "Jonas Weber", "thinkpad", "2026"]) expect(title).toContain(part);
  });

  test("of a recording that another machine imports says who is at it", () => {
    const title = (params: Record<string, string>) =>
      presentError({ ...core("at_work_elsewhere"), params }).title;
    expect(title({ name: "Dana Brook", device: "thinkpad" })).toBe(
      "Dana Brook is importing this now, on thinkpad.",
    );
    expect(title({ device: "thinkpad" })).toBe("Your machine thinkpad is importing this now.");
    locale.follow("de");
    expect(title({ name: "Dana Brook", device: "thinkpad" })).toBe(
      "Dana Brook importiert das gerade, auf thinkpad.",
    );
    expect(presentError(core("at_work_elsewhere")).severity).toBe("info");
  });

  test("of each kind has its own German sentence", () => {
    locale.follow("de");
    const titles = CODES.map((code) => presentError(core(code)).title);
    expect(new Set(titles).size).toBe(CODES.length);
    expect(titles.join()).not.toContain("cannot write");
  });

  test("of each way to fail signing in has its own English sentence and leads back to connecting", () => {
    const ways = CODES.filter((code) => code.startsWith("authorization_"));
    const shown = ways.map((code) => presentError(core(code)));
    expect(new Set(shown.map(({ title }) => title)).size).toBe(ways.length);
    expect(shown.every(({ action }) => action === "connect_zoom")).toBe(true);
  });

  test("of which the core knows more is shown in the core's words, as sentences", () => {
    const shown = presentError(core("disk_full"));
    expect(shown.title).toBe("Cannot write to /media/drive.");
    expect(shown.hint).toBe("Free 2 GB.");
    expect(shown.said).toBe("");
  });

  test("in German keeps the core's own sentence beside the general one", () => {
    locale.follow("de");
    expect(presentError(core("disk_full")).said).toBe("Cannot write to /media/drive. Free 2 GB.");
    expect(presentError(core("offline")).said).toBe("");
  });

  test("of a place that is full says what goes on by itself, and that a copy is begun again", () => {
    locale.follow("de");
    const shown = (code: Code, params: Record<string, string>) => presentError({ ...core(code), params });
    const bucket = { trouble: "full", path: "s3://team" };
    expect(shown("bucket_refused", bucket).title).toContain("s3://team");
    const [importing, copying] = [
      shown("bucket_refused", bucket),
      shown("bucket_refused", { ...bucket, deed: "copy" }),
    ];
    expect(copying.title).toBe(importing.title);
    expect(copying.hint).not.toBe(importing.hint);
    expect(shown("disk_full", { deed: "copy" }).hint).toBe(copying.hint);
    expect(shown("disk_full", {}).hint).toContain("Importe");
  });

  test("of the network names what stands in between", () => {
    locale.follow("de");
    const between = { proxy: "http://proxy.example:3128", host: "api.zoom.us" };
    const title = (code: Code, params: Record<string, string>) =>
      presentError({ ...core(code), params: { ...between, ...params } }).title;
    expect(title("proxy_password", { signed_in: "no" })).toContain("verlangt");
    expect(title("proxy_password", { signed_in: "yes" })).toContain("nicht an");
    expect(title("proxy_refused", {})).toContain("http://proxy.example:3128");
    expect(title("certificate_not_trusted", { reason: "date" })).toContain("gilt heute nicht");
    expect(presentError(core("certificate_not_trusted")).said).toBe("");
    expect(title("offline", { unknown_host: "api.zoom.us" })).toContain("api.zoom.us");
  });

  test("keeps its code and technical line to copy", () => {
    expect(presentError(core("disk_full")).detail).toContain("disk_full: os error 28");
  });

  test("of a code from a newer core falls back to the core's sentence", () => {
    locale.follow("de");
    const shown = presentError({ ...core("usage"), code: "meteor_strike" as Code });
    expect(shown).toMatchObject({ title: "Cannot write to /media/drive.", severity: "danger", action: null });
  });

  test("that is none of ours becomes an unexpected one and never shows an object", () => {
    expect(presentError(new TypeError("x is not a function")).title).toBe("Something unexpected happened.");
    expect(presentError({ odd: true }).title).toBe("Something unexpected happened.");
    expect(presentError(undefined).action).toBe("try_again");
  });
});
