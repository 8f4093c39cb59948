/** Checks that a form makes before it asks the core, which checks again. */

/** Something, an at sign, something: the rest is the mail server's business. */
export function looksLikeEmail(text: string): boolean {
  return /^[^\s@]+@[^\s@]+$/.test(text.trim());
}

/** A Zoom client id as Zoom writes them. */
export function looksLikeClientId(text: string): boolean {
  return /^[A-Za-z0-9_-]{10,64}$/.test(text.trim());
}

export function isHttpsAddress(text: string): boolean {
  return URL.canParse(text.trim()) && new URL(text.trim()).protocol === "https:";
}

/** Moves to the first field that needs attention. */
export function focusFirstInvalid(form: HTMLElement | undefined): void {
  requestAnimationFrame(() => form?.querySelector<HTMLElement>("[aria-invalid='true']")?.focus());
}
