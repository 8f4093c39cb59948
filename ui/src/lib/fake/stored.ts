/** A recording as the fake holds it: all of it, and how it stands on this machine. */
import type { Recording, RecordingItem } from "../types";

export type StoredRecording = Recording & Pick<RecordingItem, "poster" | "media" | "pinned">;
