/**
 * How the library looked when it was last drawn. It is kept for the next start and put on the screen by `last-look.js`
 * before any of the page's code is read; its links lead where they say, because the address is the route. Once the page
 * has drawn the library itself, it takes its place. The shell gives it only when what it shows is still true.
 */

import { toJpegAddress } from "./jpeg";

declare global {
  interface Window {
    /** Put there by the shell (`shell/last_look.rs`). */
    __NEXT_LAST_LOOK__?: LastLook | undefined;
  }
}

export interface LastLook {
  /** The code that drew it: another version draws differently. */
  code: string;
  /** Width of the window's inside in pixels, which the columns come from. */
  width: number;
  /** The day and the time zone: cards say "today". */
  day: string;
  title: string;
  /** Attributes of the document, which its colours and language come from. */
  root: [string, string][];
  html: string;
}

/** Milliseconds that the page may take to draw the library after its code has run. */
const PATIENCE = 1_000;

/** Pixels across of a picture in it. */
const SMALL = 96;

const listIn = (where: ParentNode) => where.querySelector<HTMLElement>("[data-look=list] > :last-child");

const code = () => document.querySelector("script[type=module]")?.getAttribute("src") ?? "";

/** The same picture with few pixels: for a glance, and read in no time. */
function smaller(picture: HTMLImageElement | undefined): string | null {
  if (!picture?.complete || picture.naturalWidth === 0) return null;
  const canvas = document.createElement("canvas");
  canvas.width = SMALL;
  canvas.height = Math.round((SMALL * picture.naturalHeight) / picture.naturalWidth);
  canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return toJpegAddress(canvas, 0.7);
}

/** Leaves out the rows that a long list has ready beyond what is seen. */
function dropUnseen(app: HTMLElement, copy: HTMLElement): void {
  const rows = listIn(app)?.firstElementChild?.children ?? [];
  const copies = [...(listIn(copy)?.firstElementChild?.children ?? [])];
  copies.forEach((row, place) => {
    const box = rows[place]?.getBoundingClientRect();
    if (!box || box.top > innerHeight || box.bottom < 0) row.remove();
  });
}

/** How the window looks now. Without what lives, and without what only this run can show. */
export function lookNow(app: HTMLElement): string {
  const copy = app.cloneNode(true) as HTMLElement;
  const drawn = app.querySelectorAll("img");
  copy.querySelectorAll("img").forEach((picture, place) => {
    // What comes from the media server has another address then.
    const small = picture.src.startsWith("data:") ? smaller(drawn[place]) : null;
    if (small) picture.src = small;
    else picture.removeAttribute("src");
  });
  dropUnseen(app, copy);
  copy.querySelectorAll("[data-lively], [data-toast]").forEach((one) => one.remove());
  copy.querySelectorAll("[data-testid]").forEach((one) => one.removeAttribute("data-testid"));
  const look: LastLook = {
    code: code(),
    width: innerWidth,
    day: new Date(new Date().setHours(0, 0, 0, 0)).toString(),
    title: document.title,
    root: [...document.documentElement.attributes].map(({ name, value }) => [name, value]),
    html: copy.innerHTML,
  };
  return JSON.stringify(look);
}

/** Takes the last look off the screen as soon as the page has drawn as much. */
export function endLastLook(app: HTMLElement): void {
  const last = document.getElementById("last-look");
  if (!last) return;
  const end = () => {
    if (!last.isConnected) return;
    const [before, now] = [listIn(last), listIn(app)];
    if (before && now && before.scrollTop > 0) now.scrollTop = before.scrollTop;
    last.remove();
  };
  const look = () => {
    const card = app.querySelector("[data-place]");
    // A row is hidden until it is measured. Whoever has gone elsewhere already waits for no list.
    if ((card && getComputedStyle(card).visibility === "visible") || location.hash.length > 2) end();
    else if (last.isConnected) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
  // A window that nobody sees has no frames.
  setTimeout(end, PATIENCE);
}
