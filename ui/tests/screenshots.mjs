/** Photographs every view in light, dark and at 600 px into `screenshots/`. `npm run screenshots -- zoom` takes some. */
import { mkdir } from "node:fs/promises";
import { VIEWS } from "./views.mjs";
import { launch, open, serve, settled } from "./window.mjs";

const LOOKS = [
  { look: "light" },
  { look: "dark", theme: "dark" },
  { look: "narrow", width: 600, height: 860 },
  { look: "german", lang: "de" },
];
const words = process.argv.slice(2);
const looks = LOOKS.filter(
  ({ look }) => !words.some((word) => LOOKS.some((l) => l.look === word)) || words.includes(look),
);
const names = words.filter((word) => !LOOKS.some((l) => l.look === word));

const folder = new URL("../screenshots/", import.meta.url).pathname;
await mkdir(folder, { recursive: true });
const server = await serve();
const browser = await launch();
let bad = 0;
for (const view of VIEWS) {
  if (names.length > 0 && !names.some((name) => view.name.includes(name))) continue;
  for (const { look, ...how } of looks) {
    const narrow = look === "narrow";
    if (view.narrowOnly && !narrow) continue;
    const { page, close, problems } = await open(browser, server.url, {
      ...view,
      ...how,
      ...(view.tall && { height: 1400 }),
    });
    try {
      await view.act?.(page, narrow);
      await settled(page);
    } catch (error) {
      problems.push(String(error));
    }
    await page.screenshot({ path: `${folder}${view.name}.${look}.png` });
    if (problems.length > 0) {
      bad += 1;
      console.error(`${view.name} (${look}):`, problems.join("\n  "));
    }
    await close();
  }
}
await browser.close();
await server.close();
console.log(`screenshots in ${folder}`);
process.exit(bad > 0 ? 1 : 0);
