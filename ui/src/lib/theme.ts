/** Light, dark or as the system: the tokens in `app.css` do the rest through `color-scheme`. */
import type { Theme } from "./types";

export function followTheme(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}
