/** What Zoom's pictures and our kinds of files are called on screen. */
import type { FileKind } from "../bindings/FileKind";
import { m } from "../paraglide/messages";

/** Zoom's list of layouts is open: one that we do not know is shown in its own words. */
export function layoutName(layout: string | null): string {
  switch (layout?.toLowerCase()) {
    case undefined:
    case "":
      return m.layout_video();
    case "shared_screen_with_speaker_view":
    case "shared_screen_with_speaker_view(cc)":
      return m.layout_speaker_shared();
    case "shared_screen_with_gallery_view":
      return m.layout_gallery_shared();
    case "active_speaker":
    case "speaker_view":
      return m.layout_speaker();
    case "gallery_view":
      return m.layout_gallery();
    case "shared_screen":
      return m.layout_shared();
    default: {
      const words = layout!.replaceAll("_", " ").trim();
      return words.charAt(0).toUpperCase() + words.slice(1);
    }
  }
}

export function trackName(track: { kind: "video" | "audio"; layout: string | null }): string {
  return track.kind === "audio" ? m.layout_audio() : layoutName(track.layout);
}

const KINDS: Record<FileKind, () => string> = {
  video: m.kind_video,
  audio: m.kind_audio,
  transcript: m.kind_transcript,
  captions: m.kind_captions,
  chat: m.kind_chat,
  timeline: m.kind_timeline,
  summary: m.kind_summary,
  other: m.kind_other,
};

export function kindName(kind: FileKind): string {
  return (KINDS[kind] ?? m.kind_other)();
}
