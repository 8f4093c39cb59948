/**
 * Photographs every view in narrow, usual and wide windows, light and dark, English and German, into `screenshots/`.
 * `npm run screenshots -- zoom 1024 dark` takes some.
 */
import { mkdir } from "node:fs/promises";
import { VIEWS } from "./views.mjs";
import { launch, NARROW, open, serve, settled, SIZES } from "./window.mjs";

const THEMES = ["light", "dark"];
const LANGUAGES = ["en", "de"];
/** The least height for what is longer than a window. */
const TALL = 1400;
/** Pages that are open beside each other. */
const AT_ONCE = 4;

const words = process.argv.slice(2);
const looks = [...SIZES.map(({ width }) => String(width)), ...THEMES, ...LANGUAGES];
const names = words.filter((word) => !looks.includes(word));
/** Those of several that were named; all of them where none was. */
function wanted(all, nameOf) {
  const named = all.filter((one) => words.includes(nameOf(one)));
  return named.length > 0 ? named : all;
}
const sizes = wanted(SIZES, ({ width }) => String(width));
const themes = wanted(THEMES, (theme) => theme);
const languages = wanted(LANGUAGES, (language) => language);

const folder = new URL("../screenshots/", import.meta.url).pathname;
await mkdir(folder, { recursive: true });
const server = await serve();
const browser = await launch();
let bad = 0;

async function take(view, { width, height }, lang) {
  const narrow = width === NARROW.width;
  if (view.narrowOnly && !narrow) return;
  const { page, close, problems } = await open(browser, server.url, {
    ...view,
    lang,
    width,
    height: view.tall ? Math.max(TALL, height) : height,
    query: { ...view.query, theme: "system" },
  });
  try {
    await view.act?.(page, narrow);
    for (const theme of themes) {
      await page.emulateMedia({ colorScheme: theme });
      await settled(page);
      await page.screenshot({ path: `${folder}${view.name}.${width}.${theme}.${lang}.png` });
    }
  } catch (error) {
    problems.push(String(error));
  }
  if (problems.length > 0) {
    bad += 1;
    console.error(`${view.name} (${width}, ${lang}):`, problems.join("\n  "));
  }
  await close();
}

const all = VIEWS.filter((view) => names.length === 0 || names.some((name) => view.name.includes(name)))
  .flatMap((view) => languages.flatMap((lang) => sizes.map((size) => [view, size, lang])))
  .values();
// Each waits more than it draws.
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    for (const one of all) await take(...one);
  }),
);
await browser.close();
await server.close();
console.log(`screenshots in ${folder}`);
process.exit(bad > 0 ? 1 : 0);
