/** Pages of Zoom that the window points to, and what is registered there. */
export const LINKS = {
  signOut: "https://zoom.us/signout",
  installedApps: "https://marketplace.zoom.us/user/installed",
  buildApp: "https://marketplace.zoom.us/develop/create",
} as const;

export const LOOPBACK_REDIRECT = "http://127.0.0.1/oauth/zoom";

export const ZOOM_SCOPES = [
  "user:read:user",
  "cloud_recording:read:list_user_recordings",
  "cloud_recording:read:list_recording_files",
] as const;
