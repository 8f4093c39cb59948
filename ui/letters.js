/*
 * Makes the letters known that come with the page (vite.config.ts), so that they are at hand when it is laid out first.
 * Those of a style sheet, also as `data:`, are read meanwhile: WebKit lays the page out in the system's letters then,
 * for each weight of them looks through all names that fonts have, and lays it out again. The shell runs this before
 * anything of the page is read, the page's own code does it where there is no shell.
 */
(() => {
  const put = () => {
    const here = document.getElementById("letters");
    if (!here || !document.body) return false;
    // Code that has only begun to run is slow with thousands of letters; older engines have nothing else.
    const bytes =
      Uint8Array.fromBase64?.(here.textContent) ??
      Uint8Array.from(atob(here.textContent), (letter) => letter.charCodeAt(0));
    const { family, weight, unicodeRange } = here.dataset;
    document.fonts.add(new FontFace(family, bytes, { weight, unicodeRange }));
    here.remove();
    return true;
  };
  if (put() || document.readyState !== "loading") return;
  new MutationObserver((_, watch) => {
    if (put()) watch.disconnect();
  }).observe(document, { childList: true, subtree: true });
})();
