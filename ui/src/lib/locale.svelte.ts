/**
 * The window's language. Messages read it through Paraglide; because it is state, a change is on screen at
 * once, without a reload.
 */
import { locales, overwriteGetLocale, type Locale } from "./paraglide/runtime";
import type { Language } from "./types";

class LocaleState {
  current = $state<Locale>("en");

  /** Follows the setting; `system` takes the first of the system's languages that we have. */
  follow(language: Language): void {
    this.current = language === "system" ? systemLocale() : language;
    document.documentElement.lang = this.current;
  }
}

function systemLocale(): Locale {
  for (const tag of navigator.languages) {
    const found = locales.find((locale) => tag.toLowerCase().split("-")[0] === locale);
    if (found) return found;
  }
  return "en";
}

export const locale = new LocaleState();
overwriteGetLocale(() => locale.current);
