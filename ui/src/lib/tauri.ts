/**
 * The window's door to the core inside the app: the only file that knows Tauri. Every operation is a command
 * of the same name in snake_case; every event arrives on one Tauri event named `event`. Choosing files is the
 * dialog plugin's, copying the webview's own.
 */
import { invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import { open, save } from "@tauri-apps/plugin-dialog";
import type { Api } from "./api";
import { copyText } from "./clipboard";
import { m } from "./paraglide/messages";
import { asUserError } from "./user-error";
import type { Event, FirstLook } from "./types";

/** Whether the window runs inside the app. */
export function inTauri(): boolean {
  return typeof window !== "undefined" && "__TAURI_INTERNALS__" in window;
}

/** Asks the core; what it throws is always a `UserError`. */
async function ask<T>(command: string, args?: Record<string, unknown>): Promise<T> {
  try {
    return await invoke<T>(command, args);
  } catch (error) {
    throw asUserError(error);
  }
}

const EXTENSIONS = {
  media: ["mp4", "m4a", "m4v", "mov", "mp3", "webm", "mkv", "wav", "ogg"],
  transcript: ["vtt"],
};

async function choose(options: Parameters<typeof open>[0]): Promise<string | null> {
  try {
    const chosen = await open({ ...options, multiple: false });
    return typeof chosen === "string" ? chosen : null;
  } catch (error) {
    throw asUserError(error);
  }
}

declare global {
  interface Window {
    /** A `FirstLook` as JSON, put there by the shell before the page's own code runs (`shell/window.rs`). */
    __NEXT_FIRST_LOOK__?: string | undefined;
  }
}

export const tauriApi: Api = {
  firstLook: () => {
    const look = window.__NEXT_FIRST_LOOK__;
    window.__NEXT_FIRST_LOOK__ = undefined;
    return look === undefined ? null : (JSON.parse(look) as FirstLook);
  },
  keepLook: (look) => ask("keep_look", { look }),

  appInfo: () => ask("app_info"),
  dismissNotice: (code) => ask("dismiss_notice", { code }),
  useSecretsStore: (choice) => ask("use_secrets_store", { choice }),

  profile: () => ask("profile"),
  firstStart: (answers) => ask("first_start", { answers }),
  saveProfile: (draft) => ask("save_profile", { draft }),

  settings: () => ask("settings"),
  saveSettings: (settings) => ask("save_settings", { settings }),

  background: () => ask("background"),
  setStartAtLogin: (on) => ask("set_start_at_login", { on }),

  proxySettings: () => ask("proxy_settings"),
  saveProxySettings: (draft) => ask("save_proxy_settings", { draft }),
  testNetwork: (draft) => ask("test_network", { draft }),

  zoomClient: () => ask("zoom_client"),
  saveZoomClient: (draft) => ask("save_zoom_client", { draft }),
  removeZoomClient: () => ask("remove_zoom_client"),

  accountStatus: () => ask("account_status"),
  connectZoom: () => ask("connect_zoom"),
  openBrowserAgain: () => ask("open_browser_again"),
  cancelConnect: () => ask("cancel_connect"),
  confirmAccount: (right) => ask("confirm_account", { right }),
  resolveClaim: (answer) => ask("resolve_claim", { answer }),
  disconnectZoom: () => ask("disconnect_zoom"),

  teamspaces: () => ask("teamspaces"),
  addTeamspace: (name, location) => ask("add_teamspace", { name, location }),
  testPlace: (draft) => ask("test_place", { draft }),
  addAt: (name, draft) => ask("add_at", { name, draft }),
  forgetTeamspace: (id) => ask("forget_teamspace", { id }),
  refreshTeamspace: (id) => ask("refresh_teamspace", { id }),
  members: (teamspace) => ask("members", { teamspace }),

  startVerify: (teamspace, restart) => ask("start_verify", { teamspace, restart }),
  stopVerify: (teamspace) => ask("stop_verify", { teamspace }),
  verifyReport: (teamspace) => ask("verify_report", { teamspace }),
  repairTeamspace: (teamspace) => ask("repair_teamspace", { teamspace }),
  copyTeamspace: (teamspace, draft, wish) => ask("copy_teamspace", { teamspace, draft, wish }),
  stopCopy: (teamspace) => ask("stop_copy", { teamspace }),
  verifyRecording: (teamspace, recordingId) => ask("verify_recording", { teamspace, recordingId }),
  recordingLedger: (teamspace, recordingId) => ask("recording_ledger", { teamspace, recordingId }),

  deleteAfterImport: () => ask("delete_after_import"),
  setDeleteAfterImport: (on, days) => ask("set_delete_after_import", { on, days }),

  autoImportStatus: () => ask("auto_import_status"),
  switchOnAutoImport: (teamspace) => ask("switch_on_auto_import", { teamspace }),
  switchOffAutoImport: () => ask("switch_off_auto_import"),
  autoImportRules: () => ask("auto_import_rules"),
  setAutoImportRules: (rules) => ask("set_auto_import_rules", { rules }),
  autoImportDryRun: (days, rules) => ask("auto_import_dry_run", { days, rules }),
  backfillPreview: (from, to) => ask("backfill_preview", { from, to }),
  backfill: (from, to) => ask("backfill", { from, to }),
  checkNow: () => ask("check_now"),
  pauseAutoImport: (until) => ask("pause_auto_import", { until }),
  resumeAutoImport: () => ask("resume_auto_import"),
  inbox: () => ask("inbox"),
  keepFromInbox: (uuids) => ask("keep_from_inbox", { uuids }),
  discardFromInbox: (uuids) => ask("discard_from_inbox", { uuids }),
  whyNotImported: (uuid) => ask("why_not_imported", { uuid }),
  activity: (query, kind, from, limit) => ask("activity", { query, kind, from, limit }),
  exportActivity: (path, format) => ask("export_activity", { path, format }),

  cloudRecordings: (from, to) => ask("cloud_recordings", { from, to }),
  importRecordings: (teamspace, uuids) => ask("import_recordings", { teamspace, uuids }),
  lookForLateFiles: (teamspace, recordingId) => ask("look_for_late_files", { teamspace, recordingId }),
  importFile: (teamspace, media, transcript) => ask("import_file", { teamspace, media, transcript }),
  jobs: () => ask("jobs"),
  retryJob: (id) => ask("retry_job", { id }),
  retryFailedJobs: () => ask("retry_failed_jobs"),
  pauseJob: (id) => ask("pause_job", { id }),
  resumeJob: (id) => ask("resume_job", { id }),
  cancelJob: (id) => ask("cancel_job", { id }),
  cancelAllJobs: () => ask("cancel_all_jobs"),
  queueState: () => ask("queue_state"),
  pauseQueue: () => ask("pause_queue"),
  resumeQueue: () => ask("resume_queue"),
  clearFinishedJobs: () => ask("clear_finished_jobs"),

  searchFor: (wish) => ask("search_for", { wish }),
  savedSearches: () => ask("saved_searches"),
  saveSearch: (draft) => ask("save_search", { draft }),
  renameSearch: (id, name) => ask("rename_search", { id, name }),
  deleteSearch: (id) => ask("delete_search", { id }),

  recordingsPage: (teamspace, after, limit) => ask("recordings_page", { teamspace, after, limit }),
  listedRecording: (teamspace, recordingId) => ask("listed_recording", { teamspace, recordingId }),
  filterRecordings: (teamspace, text) => ask("filter_recordings", { teamspace, text }),
  peopleIn: (teamspace) => ask("people_in", { teamspace }),
  openRecording: (teamspace, recordingId) => ask("open_recording", { teamspace, recordingId }),
  editRecording: (teamspace, recordingId, edit) => ask("edit_recording", { teamspace, recordingId, edit }),
  correctLine: (teamspace, recordingId, correction) =>
    ask("correct_line", { teamspace, recordingId, correction }),
  renameSpeaker: (teamspace, recordingId, speaker, name) =>
    ask("rename_speaker", { teamspace, recordingId, speaker, name }),
  nameSpeakers: (teamspace, recordingId, names) => ask("name_speakers", { teamspace, recordingId, names }),
  recordingHistory: (teamspace, recordingId) => ask("recording_history", { teamspace, recordingId }),
  trash: (teamspace) => ask("trash", { teamspace }),
  trashRecording: (teamspace, recordingId) => ask("trash_recording", { teamspace, recordingId }),
  restoreRecording: (teamspace, recordingId) => ask("restore_recording", { teamspace, recordingId }),
  deleteRecordingNow: (teamspace, recordingId) => ask("delete_recording_now", { teamspace, recordingId }),
  editRecordings: (teamspace, recordingIds, edit) =>
    ask("edit_recordings", { teamspace, recordingIds, edit }),
  trashRecordings: (teamspace, recordingIds) => ask("trash_recordings", { teamspace, recordingIds }),
  restoreRecordings: (teamspace, recordingIds) => ask("restore_recordings", { teamspace, recordingIds }),
  savePosition: (teamspace, recordingId, seconds) =>
    ask("save_position", { teamspace, recordingId, seconds }),
  savePoster: (teamspace, recordingId, base64) => ask("save_poster", { teamspace, recordingId, base64 }),
  openFile: (teamspace, recordingId, key) => ask("open_file", { teamspace, recordingId, key }),
  showInFolder: (teamspace, recordingId, key) => ask("show_in_folder", { teamspace, recordingId, key }),

  exportRecordings: (teamspace, wish) => ask("export_recordings", { teamspace, wish }),
  stopExport: () => ask("stop_export"),
  showExported: (path) => ask("show_exported", { path }),
  highlights: (wish) => ask("highlights", { wish }),
  recordingHighlights: (teamspace, recordingId) => ask("recording_highlights", { teamspace, recordingId }),
  addHighlight: (teamspace, recordingId, draft) => ask("add_highlight", { teamspace, recordingId, draft }),
  changeHighlight: (teamspace, recordingId, id, draft) =>
    ask("change_highlight", { teamspace, recordingId, id, draft }),
  removeHighlight: (teamspace, recordingId, id) => ask("remove_highlight", { teamspace, recordingId, id }),
  restoreHighlight: (teamspace, recordingId, id) => ask("restore_highlight", { teamspace, recordingId, id }),
  clipTrouble: () => ask("clip_trouble"),
  exportClips: (wish) => ask("export_clips", { wish }),

  pins: () => ask("pins"),
  pin: (pins) => ask("pin", { pins }),
  unpin: (pins) => ask("unpin", { pins }),
  cacheUse: () => ask("cache_use"),
  freeUpSpace: () => ask("free_up_space"),

  doctor: () => ask("doctor"),

  chooseFolder: (startAt) =>
    choose({ title: m.choose_folder_title(), directory: true, defaultPath: startAt ?? undefined }),
  chooseNewFile: async (name) => {
    try {
      return await save({ defaultPath: name });
    } catch (error) {
      throw asUserError(error);
    }
  },
  chooseFile: (kind) => {
    const [title, name] =
      kind === "media"
        ? [m.choose_media_title(), m.choose_media_kind()]
        : [m.choose_transcript_title(), m.choose_transcript_kind()];
    return choose({ title, filters: [{ name, extensions: EXTENSIONS[kind] }] });
  },
  onFilesDragged: async (listener) => {
    const stops = await Promise.all([
      listen("tauri://drag-enter", () => listener({ kind: "over" })),
      listen("tauri://drag-leave", () => listener({ kind: "leave" })),
      listen<{ paths: string[] }>("tauri://drag-drop", ({ payload }) =>
        listener({ kind: "drop", paths: payload.paths }),
      ),
    ]);
    return () => stops.forEach((stop) => stop());
  },
  openExternal: (url) => ask("open_external", { url }),
  copyText,

  onEvent: async (listener) => {
    const stop = await listen<Event>("event", (message) => listener(message.payload));
    // Events wait until the page says that it hears them: the link that started the app is one of them.
    await ask("listening");
    return stop;
  },
};
