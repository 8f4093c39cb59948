/** Whether something plays just now: work that can wait (taking posters) waits for it. */
export const nowPlaying = { active: false };
