/** Which of the window's own dialogs is open; any view may ask for one. */
class Dialogs {
  /** Connecting Zoom: explanation, waiting, questions, failure. */
  zoom = $state(false);
  /** The integration itself: who is connected, and auto-import. */
  integration = $state(false);
  /** Disconnecting Zoom. */
  disconnect = $state(false);
  /** The guided screen for the team's Zoom app. */
  zoomClient = $state(false);
  addTeamspace = $state(false);
  secrets = $state(false);
  keyboard = $state(false);
}

export const dialogs = new Dialogs();
