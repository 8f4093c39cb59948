/** Milliseconds that drawing the last look may take: a window that nobody sees is not drawn. */
const DRAWING = 250;

/** When the last look is on the screen; at once where there is none. */
export function lastLookDrawn(): Promise<void> {
  if (!document.getElementById("last-look")) return Promise.resolve();
  return new Promise((done) => {
    requestAnimationFrame(() => setTimeout(done));
    setTimeout(done, DRAWING);
  });
}
