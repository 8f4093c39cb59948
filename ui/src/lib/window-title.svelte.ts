/**
 * The window's title: what the view shows, then the app. The shell gives it to the window's frame, so that a list of
 * windows, a screen reader and whoever looks from outside know what is open.
 */
const APP = "NEXT Desktop";

// The page comes without a title, so that the window hears of one only when there is something to show.
if (document.title === "") document.title = APP;

/** Names the window after a view, for as long as the view is there. Called while the view is made. */
export function nameWindow(view: () => string): void {
  $effect(() => {
    const name = view().trim();
    const title = name === "" ? APP : `${name} – ${APP}`;
    document.title = title;
    return () => {
      // The next view may have put its own name there already.
      if (document.title === title) document.title = APP;
    };
  });
}
