import { fileURLToPath } from "node:url";
import { paraglideVitePlugin } from "@inlang/paraglide-js";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import tailwindcss from "@tailwindcss/vite";
import { svelteTesting } from "@testing-library/svelte/vite";
import type { Plugin, Rollup } from "vite";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The file that looks at every view comes first: as the last one it would run alone for minutes. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLongest = (file: TestSpecification) => file.moduleId.endsWith("/accessibility.test.ts");
    const sorted = await super.sort(files);
    return [...sorted.filter(isLongest), ...sorted.filter((file) => !isLongest(file))];
  }
}

/** The face of the letters of most languages of Europe; others are read where they are needed. */
const LETTERS = /@font-face\{[^}]*url\(\/(assets\/inter-latin-wght-normal-[^)]+\.woff2)\)[^}]*\}/;

/** A face as `letters.js` reads it. */
function lettersInPage(face: string, font: string | Uint8Array): string {
  const said = (what: string) => new RegExp(`${what}:([^;}]+)`).exec(face)?.[1]?.replaceAll('"', "") ?? "";
  return (
    `<script type="text/plain" id="letters" data-family="${said("font-family")}" ` +
    `data-weight="${said("font-weight")}" data-unicode-range="${said("unicode-range")}">` +
    `${Buffer.from(font).toString("base64")}</script>`
  );
}

/** Files of the styles of a piece of code and of all that is read with it. */
function stylesOf(file: string, bundle: Rollup.OutputBundle, seen = new Set<string>()): string[] {
  const chunk = bundle[file];
  if (chunk?.type !== "chunk" || seen.has(file)) return [];
  seen.add(file);
  const below = chunk.imports.flatMap((name) => stylesOf(name, bundle, seen));
  return [...new Set([...below, ...(chunk.viteMetadata?.importedCss ?? [])])];
}

/**
 * The first view's styles come with the page, and its letters (`letters.js`): what stands on the screen at once
 * (`last-look.js`) waits for no second file. The title is left to what is shown: the window, whose frame says the
 * app's name until then, hears of one only.
 */
const firstViewInPage: Plugin = {
  name: "first-view-in-page",
  enforce: "post",
  generateBundle(_, bundle) {
    const asset = (name: string) => {
      const found = bundle[name];
      if (found?.type !== "asset") throw new Error(`${name} is not there`);
      return found;
    };
    let letters = "";
    for (const styles of Object.values(bundle)) {
      if (styles.type !== "asset" || !styles.fileName.endsWith(".css")) continue;
      styles.source = String(styles.source).replace(LETTERS, (face, name: string) => {
        letters = lettersInPage(face, asset(name).source);
        return "";
      });
    }
    if (!letters) throw new Error("the letters of the first view are not there");
    // The page's own code is read when the last look has been drawn (`main.ts`), which is dressed in its styles.
    const dressed = Object.values(bundle).find(
      (chunk) => chunk.type === "chunk" && chunk.facadeModuleId === at("./src/window.ts"),
    );
    const styles = dressed ? stylesOf(dressed.fileName, bundle) : [];
    if (styles.length === 0) throw new Error("the styles of the first view are not there");
    const inPage = (_link: string, name: string) =>
      // The link is not followed: it says to what is read later that these styles are there.
      `<style>${String(asset(name).source)}</style><link rel="stylesheet" href="/${name}" disabled>`;
    for (const page of Object.values(bundle)) {
      if (page.type !== "asset" || !page.fileName.endsWith(".html")) continue;
      page.source = String(page.source)
        .replace(/<link rel="stylesheet"[^>]* href="\/([^"]+)">/g, inPage)
        .replace("<style>", () => `${letters}<style>`)
        .replace("</head>", () => `${styles.map((name) => inPage("", name)).join("")}</head>`)
        .replace(/\s*<title>.*<\/title>/, "");
    }
  },
};

/**
 * The production build holds the app's door only. `--mode fake` builds the same window on the fake, for
 * tests and screenshots in a plain browser; it never ships.
 */
export default defineConfig(({ mode }) => ({
  plugins: [
    paraglideVitePlugin({
      project: "./project.inlang",
      outdir: "./src/lib/paraglide",
      strategy: ["globalVariable", "baseLocale"],
    }),
    tailwindcss(),
    svelte(),
    svelteTesting(),
    firstViewInPage,
  ],
  resolve: { alias: { $lib: at("./src/lib"), $views: at("./src/views") } },
  clearScreen: false,
  server: { port: 1420, strictPort: true, host: "127.0.0.1" },
  build: {
    outDir: mode === "fake" ? "dist-fake" : "dist",
    // WebKitGTK 2.50, WKWebView of macOS 15 and WebView2: the engines the window really runs in.
    target: ["safari18", "chrome125"],
    cssTarget: ["safari18", "chrome125"],
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1200,
  },
  test: {
    // Two, also on a machine of two cores, where it would be one by itself: the tests in a browser wait a lot.
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          environment: "jsdom",
          include: ["src/**/*.test.ts"],
          setupFiles: ["./tests/setup.ts"],
        },
      },
      {
        extends: true,
        test: {
          name: "window",
          environment: "node",
          include: ["tests/**/*.test.ts"],
          globalSetup: ["./tests/serve.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxConcurrency: 2,
          // A real browser on a machine under load now and then drops an event. What is broken fails three times;
          // a test that passed only then is named with its retries.
          retry: 2,
          expect: { poll: { timeout: 15_000 } },
        },
      },
    ],
  },
}));
