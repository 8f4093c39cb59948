/**
 * What the window knows, in one place: every view reads from here, and events keep it true. The core is the
 * source; nothing here invents a value.
 */
import { api } from "../api";
import { locale } from "../locale.svelte";
import { router } from "../router.svelte";
import { followTheme } from "../theme";
import type { Event, Member, Settings, TeamspaceInfo, TrashedRecording } from "../types";
import { ClippingState } from "./clipping.svelte";
import { CopyingState } from "./copying.svelte";
import { ExportingState } from "./exporting.svelte";
import { JobsState } from "./jobs.svelte";
import { RecordingsState } from "./recordings.svelte";
import { Resource } from "./resource.svelte";
import { toasts } from "./toasts.svelte";
import { VerifyingState } from "./verifying.svelte";

export const appInfo = new Resource(() => api.appInfo());
export const profile = new Resource(() => api.profile());
export const account = new Resource(() => api.accountStatus());
export const zoomClient = new Resource(() => api.zoomClient());
export const settings = new Resource(() => api.settings());
/** What works in the background here; read when the settings are opened. */
export const background = new Resource(() => api.background());
export const proxySettings = new Resource(() => api.proxySettings());
export const teamspaces = new Resource(() => api.teamspaces());
export const jobs = new JobsState(api);
/** What is kept on this computer. */
export const pins = new Resource(() => api.pins());
/** How much the cache takes; read when the settings are opened. */
export const cacheUse = new Resource(() => api.cacheUse());
export const savedSearches = new Resource(() => api.savedSearches());
export const queue = new Resource(() => api.queueState());
export const autoImport = new Resource(() => api.autoImportStatus());
export const inbox = new Resource(() => api.inbox());
export const deleteAfterImport = new Resource(() => api.deleteAfterImport());
export const verifying = new VerifyingState(api);
export const copying = new CopyingState(api);
export const clipping = new ClippingState(api);
export const exporting = new ExportingState(api);

const recordingsByTeamspace = new Map<string, RecordingsState>();
const membersByTeamspace = new Map<string, Resource<Member[]>>();
const trashByTeamspace = new Map<string, Resource<TrashedRecording[]>>();

/**
 * What one teamspace has of something; the first call begins to read it. A `$derived` may make the call, and another
 * one reads its value: what is made within a `$derived` is not followed by the same.
 */
function ofTeamspace<T extends { refresh(): Promise<void> }>(
  all: Map<string, T>,
  teamspace: string,
  make: (teamspace: string) => T,
): T {
  let found = all.get(teamspace);
  if (!found) {
    found = make(teamspace);
    all.set(teamspace, found);
    // Not at once: the caller may be a `$derived`, which must not change state.
    queueMicrotask(() => void found?.refresh());
  }
  return found;
}

/** The recordings of a teamspace. */
export const recordingsOf = (teamspace: string) =>
  ofTeamspace(recordingsByTeamspace, teamspace, (id) => new RecordingsState(api, id));

/** Who uses a teamspace. */
export const membersOf = (teamspace: string) =>
  ofTeamspace(membersByTeamspace, teamspace, (id) => new Resource(() => api.members(id)));

/** What is in a teamspace's trash. */
export const trashOf = (teamspace: string) =>
  ofTeamspace(trashByTeamspace, teamspace, (id) => new Resource(() => api.trash(id)));

export function teamspaceOf(id: string): TeamspaceInfo | undefined {
  return teamspaces.value?.find((teamspace) => teamspace.id === id);
}

interface RecordingChange {
  teamspace: string;
  /** None: any of them. */
  recordingId: string | null;
}

/** The last change of a recording, for whoever has one open. */
export const recordingChange = $state<{ last: RecordingChange | null }>({ last: null });

/** How much was added to the log of activity since the window opened, for whoever shows it. */
export const activityCount = $state({ value: 0 });

/** Saves settings and applies them at once. */
export async function saveSettings(change: Partial<Settings>): Promise<void> {
  const current = settings.value;
  if (!current) return;
  const wanted = { ...current, ...change };
  settings.set(wanted);
  applySettings(wanted);
  try {
    await api.saveSettings(wanted);
  } catch (error) {
    settings.set(current);
    applySettings(current);
    throw error;
  }
}

function applySettings(value: Settings): void {
  locale.follow(value.language);
  followTheme(value.theme);
}

async function refreshSettings(): Promise<void> {
  await settings.refresh();
  if (settings.value) applySettings(settings.value);
}

let pinsDue: ReturnType<typeof setTimeout> | null = null;

/** What is kept is reckoned anew from all recordings: now and then is often enough while one is fetched. */
function pinsSoon(): void {
  if (!pins.value || pinsDue !== null) return;
  pinsDue = setTimeout(() => {
    pinsDue = null;
    void pins.refresh();
  }, 1_500);
}

/** Re-reads what an event says has changed. */
export function hear(event: Event): void {
  switch (event.event) {
    case "profile_changed":
      void profile.refresh();
      break;
    case "account_changed":
      void account.refresh();
      void autoImport.refresh();
      void zoomClient.refresh();
      void appInfo.refresh();
      if (deleteAfterImport.value) void deleteAfterImport.refresh();
      break;
    case "auto_import_changed":
      void autoImport.refresh();
      if (inbox.value) void inbox.refresh();
      break;
    case "activity_added":
      activityCount.value += 1;
      break;
    case "delete_at_zoom_changed":
      if (deleteAfterImport.value) void deleteAfterImport.refresh();
      break;
    case "verify_changed":
      void verifying.refresh(event.teamspace);
      break;
    case "verify_progress":
      verifying.noteProgress(event.teamspace, event);
      break;
    case "copy_progress":
      copying.noteProgress(event.teamspace, event);
      break;
    case "clip_progress":
      clipping.noteProgress(event);
      break;
    case "export_progress":
      exporting.noteProgress(event);
      break;
    case "link_failed":
      toasts.error(event.error);
      break;
    case "teamspaces_changed":
      void teamspaces.refresh();
      membersByTeamspace.forEach((members) => void members.refresh());
      break;
    case "recordings_changed":
      recordingChange.last = { teamspace: event.teamspace, recordingId: event.recording_id };
      if (event.recording_id !== null)
        recordingsByTeamspace.get(event.teamspace)?.noteChange(event.recording_id);
      else void recordingsByTeamspace.get(event.teamspace)?.refresh();
      void trashByTeamspace.get(event.teamspace)?.refresh();
      void membersByTeamspace.get(event.teamspace)?.refresh();
      void teamspaces.refresh();
      break;
    case "job_changed":
      void jobs.noteChange(event.id);
      break;
    case "queue_changed":
      void queue.refresh();
      void jobs.refresh();
      break;
    case "job_progress":
      jobs.noteProgress(event.id, {
        bytes: event.bytes,
        bytesTotal: event.bytes_total,
        bytesPerSecond: event.bytes_per_second,
      });
      break;
    case "pins_changed":
      if (pins.value) void pins.refresh();
      if (cacheUse.value) void cacheUse.refresh();
      break;
    case "keep_progress":
      pinsSoon();
      break;
    case "network_changed":
      void appInfo.refresh();
      break;
    case "settings_changed":
      void refreshSettings();
      void proxySettings.refresh();
      if (background.value) void background.refresh();
      if (cacheUse.value) void cacheUse.refresh();
      void appInfo.refresh();
      break;
    case "open_recording":
      router.go({
        name: "recording",
        teamspace: event.teamspace,
        recordingId: event.recording_id,
        at: event.at,
      });
      break;
    case "open_place":
      router.go(event.place);
      break;
  }
}

/** The library that is shown first is read while everything else is. */
function readAhead(): void {
  const first = teamspaces.value?.[0]?.id;
  const { current } = router;
  const teamspace = "teamspace" in current && current.teamspace ? current.teamspace : first;
  if (teamspace) recordingsOf(teamspace);
}

/** Takes what came with the page, so that there is something to draw before anything is read; says whether it did. */
export function takeFirstLook(): boolean {
  const look = api.firstLook();
  if (!look) return false;
  settings.set(look.settings);
  applySettings(look.settings);
  appInfo.set(look.app_info);
  profile.set(look.profile);
  teamspaces.set(look.teamspaces);
  const first = look.teamspaces[0]?.id;
  if (first && look.recordings) {
    const recordings = new RecordingsState(api, first);
    recordings.begin(look.recordings);
    recordingsByTeamspace.set(first, recordings);
  }
  return true;
}

/** Reads everything while it begins to listen: what happens before it hears is kept for it, so that nothing is missed. */
export async function start(): Promise<() => void> {
  // What came with the page. Not waited for: a large library is read for longer than a dialog may be missing.
  recordingsByTeamspace.forEach((recordings) => void recordings.refresh());
  const [stop] = await Promise.all([
    api.onEvent(hear),
    refreshSettings(),
    appInfo.refresh(),
    profile.refresh(),
    account.refresh(),
    autoImport.refresh(),
    zoomClient.refresh(),
    teamspaces.refresh().then(readAhead),
    jobs.refresh(),
    queue.refresh(),
  ]);
  return stop;
}
