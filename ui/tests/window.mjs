/**
 * The window on the fake, built and served as the app would serve it (same Content-Security-Policy), in Debian's
 * Chromium. Used by the tests and by `npm run screenshots`.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { chromium } from "playwright-core";
import { preview } from "vite";

const VITE = fileURLToPath(new URL("../node_modules/vite/bin/vite.js", import.meta.url));

/** The app's policy, but for `blob:` media: the fake plays a generated sound. */
export const CSP = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "media-src 'self' blob:",
  "connect-src 'self'",
  "font-src 'self' data:",
  "object-src 'none'",
  "frame-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/** Windows that people have, the widest first: what is opened in one stays open as it is made smaller. */
export const SIZES = [
  { width: 1600, height: 900 },
  { width: 1024, height: 768 },
  { width: 600, height: 860 },
];
/** One in which the navigation is folded. */
export const NARROW = SIZES[2];

/** Builds the window on the fake and serves it on a free port of loopback. */
export async function serve() {
  // In a process of its own: inside Vitest the same build would take Svelte's server side.
  const { NODE_ENV: _mode, VITEST: _vitest, ...env } = process.env;
  await promisify(execFile)(process.execPath, [VITE, "build", "--mode", "fake", "--logLevel", "error"], {
    env,
  });
  const server = await preview({
    mode: "fake",
    logLevel: "error",
    build: { outDir: "dist-fake" },
    preview: {
      port: 0,
      strictPort: false,
      host: "127.0.0.1",
      headers: { "Content-Security-Policy": CSP, "Cache-Control": "max-age=600" },
    },
  });
  const address = server.httpServer.address();
  if (!address || typeof address === "string") throw new Error("the preview server has no address");
  return { url: `http://127.0.0.1:${address.port}/`, close: () => server.close() };
}

/** Chromium: the system's, or the one that `CHROMIUM` names. */
export function launch() {
  const executablePath =
    process.env.CHROMIUM ??
    ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) =>
      existsSync(path),
    );
  if (!executablePath) throw new Error("no Chromium found: install `chromium`, or set CHROMIUM to its path");
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--force-color-profile=srgb"] });
}

/**
 * Pages that were looked at and may be used again, of each browser by what cannot be changed about them: a page of its
 * own costs a process, and reads the window's programs anew.
 */
const idle = new WeakMap();
let opened = 0;

/** Opens the window in a state; resolves once it shows something. `close` leaves its page to the next one. */
export async function open(browser, url, view) {
  const { width = 1200, height = 780, theme = "light", lang = "en", scenario = "connected" } = view;
  const fixed = {
    contrast: view.contrast,
    locale: lang === "de" ? "de-DE" : "en-GB",
    timezoneId: "Europe/Berlin",
    deviceScaleFactor: view.scale ?? 1,
  };
  const media = { colorScheme: theme, reducedMotion: view.reducedMotion ?? "reduce" };
  const viewport = { width, height };
  const kept = view.own ? [] : keptFor(browser, JSON.stringify(fixed));
  const page = kept.pop() ?? (await (await browser.newContext({ ...fixed, ...media, viewport })).newPage());
  await page.setViewportSize(viewport);
  await page.emulateMedia(media);
  const context = page.context();
  const problems = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  // The number makes each address new: going to the one that is shown would only change what comes after the #.
  const query = new URLSearchParams({ scenario, lang, theme, latency: "5", n: ++opened, ...view.query });
  await page.goto(`${url}?${query}${view.hash ?? ""}`);
  await page.waitForSelector(view.ready ?? "main, [role=dialog]", { timeout: 15_000 });
  await page.evaluate(() => document.fonts.ready);
  const close = async () => {
    page.removeAllListeners();
    if (view.own) return context.close();
    await page.evaluate(() => localStorage.clear());
    await page.mouse.move(-1, -1);
    await page.goto("about:blank");
    kept.push(page);
  };
  return { page, context, problems, close };
}

function keptFor(browser, fixed) {
  if (!idle.has(browser)) idle.set(browser, new Map());
  const pages = idle.get(browser);
  if (!pages.has(fixed)) pages.set(fixed, []);
  return pages.get(fixed);
}

/**
 * Waits until the page stands still: nothing changed for a moment, and no row of a long list is still hidden because
 * it has not been measured. A view that never rests (a progress bar) is looked at as it is after a few seconds.
 */
export function settled(page) {
  return page.evaluate(
    ({ quiet, limit }) =>
      new Promise((resolve) => {
        const end = performance.now() + limit;
        let last = performance.now();
        const watcher = new MutationObserver(() => (last = performance.now()));
        watcher.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
        const look = () => {
          const now = performance.now();
          const unmeasured = document.querySelector('main [style*="visibility: hidden"]');
          if (now < end && (unmeasured || now - last < quiet)) return void requestAnimationFrame(look);
          watcher.disconnect();
          resolve(undefined);
        };
        look();
      }),
    { quiet: 150, limit: 4000 },
  );
}
