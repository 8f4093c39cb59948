/*
 * Shows how the library looked when it was last drawn, until the page has drawn it anew: src/lib/last-look.ts. The shell
 * gives it to the page before anything of the page is read (src-tauri/src/shell/window.rs): it asks for nothing.
 */
((look) => {
  const day = new Date(new Date().setHours(0, 0, 0, 0)).toString();
  if (!look || look.day !== day || location.hash.length > 2) return;

  const put = () => {
    if (!document.body) return false;
    const code = document.querySelector("script[type=module]")?.getAttribute("src");
    if (look.code !== code) return true;
    for (const [name, value] of look.root) document.documentElement.setAttribute(name, value);
    const last = document.createElement("div");
    last.id = "last-look";
    last.innerHTML = look.html;
    document.body.prepend(last);
    document.title = look.title;
    // The window has a size only later. The shell has compared it with the one that is to be; a screen may not have it.
    addEventListener("resize", () => innerWidth !== look.width && last.remove(), { once: true });
    return true;
  };
  new MutationObserver((_, watch) => {
    if (put()) watch.disconnect();
  }).observe(document, { childList: true, subtree: true });
})(window.__NEXT_LAST_LOOK__);
