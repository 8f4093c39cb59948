/** A second of a recording, as a link and as a quote: what people paste elsewhere. */
import type { Cue } from "./bindings/Cue";
import { formatClock } from "./format";
import { m } from "./paraglide/messages";

/** The link that opens a second of a recording for everybody who has its teamspace; the core reads the same form. */
export function momentLink(teamspace: string, recordingId: string, seconds: number): string {
  return `next-desktop://recording/${teamspace}/${recordingId}?t=${Math.max(0, Math.floor(seconds))}`;
}

/** Words with who said them, when and where, and the link that plays them. */
export function quote(cue: Cue, at: number, title: string, link: string): string {
  const words = { text: cue.text, time: formatClock(at), title };
  const said =
    cue.speaker === null ? m.quote_text_nobody(words) : m.quote_text({ ...words, who: cue.speaker });
  return `${said}\n${link}`;
}
