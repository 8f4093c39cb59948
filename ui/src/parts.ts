/**
 * The parts of the window that the first look at a library does not need. Their code is read once that is there, or when
 * somebody is faster.
 */
export const parts = {
  activity: () => import("$views/activity/Activity.svelte"),
  addTeamspace: () => import("$views/teamspace/AddTeamspaceDialog.svelte"),
  clip: () => import("$views/highlights/ClipDialog.svelte"),
  client: () => import("$views/zoom/ClientDialog.svelte"),
  connect: () => import("$views/zoom/ConnectDialog.svelte"),
  disconnect: () => import("$views/zoom/DisconnectDialog.svelte"),
  exporting: () => import("$views/export/ExportDialog.svelte"),
  firstStart: () => import("$views/first-start/FirstStart.svelte"),
  help: () => import("$views/help/Help.svelte"),
  highlights: () => import("$views/highlights/HighlightsView.svelte"),
  imports: () => import("$views/imports/Imports.svelte"),
  inbox: () => import("$views/inbox/Inbox.svelte"),
  integration: () => import("$views/auto-import/IntegrationDialog.svelte"),
  profile: () => import("$views/profile/EditProfile.svelte"),
  recording: () => import("$views/recording/RecordingPage.svelte"),
  search: () => import("$views/search/SearchView.svelte"),
  secrets: () => import("$views/settings/SecretsDialog.svelte"),
  settings: () => import("$views/settings/SettingsView.svelte"),
  trash: () => import("$views/trash/Trash.svelte"),
};

/** Reads all of them. */
export async function readParts(): Promise<void> {
  await Promise.all(Object.values(parts).map((part) => part()));
}
