/** Milliseconds that drawing may take: a window that nobody sees is not drawn. */
const DRAWING = 250;

/** What there is to see now has been drawn, so that more may be done without holding it up. */
export const drawn = () =>
  new Promise<void>((done) => {
    requestAnimationFrame(() => setTimeout(done));
    setTimeout(done, DRAWING);
  });
