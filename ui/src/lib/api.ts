/**
 * What the window can ask of the core: every operation, once. `tauri.ts` answers through the app's commands,
 * `fake.ts` from memory in a plain browser (component tests, accessibility checks, screenshots).
 * Errors are thrown as `UserError`. No operation returns or accepts a token.
 */
import { createFake } from "./fake";
import { inTauri, tauriApi } from "./tauri";
import type {
  AccountStatus,
  ActivityKind,
  ActivityPage,
  AppInfo,
  AutoImportStatus,
  Backfill,
  Background,
  BulkOutcome,
  CacheUse,
  Check,
  ClipReport,
  ClipWish,
  CloudListing,
  CopyReport,
  CopyWish,
  DecidedRecording,
  DeleteAfterImport,
  Disconnected,
  Event,
  Filtered,
  ExportFormat,
  ExportReport,
  ExportWish,
  FirstLook,
  FirstStart,
  Highlight,
  HighlightDraft,
  HighlightPage,
  HighlightsWish,
  Hits,
  HistoryEntry,
  InboxItem,
  Job,
  LineCorrection,
  Location,
  Member,
  NetworkTest,
  OpenedRecording,
  PersonCount,
  Pin,
  PinInfo,
  PlaceDraft,
  PauseUntil,
  Profile,
  ProfileDraft,
  ProxyDraft,
  ProxySettings,
  QueueState,
  RecordingEdit,
  RecordingItem,
  RecordingPage,
  RecordingLedger,
  Repaired,
  Rules,
  SavedSearch,
  SearchDraft,
  SearchWish,
  Settings,
  SpeakerName,
  TeamspaceInfo,
  Tested,
  TrashedRecording,
  UserError,
  Verification,
  VerifyReport,
  WhyNot,
  ZoomClient,
  ZoomClientDraft,
} from "./types";

/** Files that somebody drags over the window; absolute paths once they are dropped. */
export type FileDrag = { kind: "over" } | { kind: "leave" } | { kind: "drop"; paths: string[] };

export interface Api {
  /** What came with the page, to be drawn before anything is asked; null when nothing did. Given away once. */
  firstLook(): FirstLook | null;
  /** Keeps how the library looks (`last-look.ts`) for the next start; null: forgets it. */
  keepLook(look: string | null): Promise<void>;

  /** Versions, places, practice mode, how secrets are kept, notices of this start. */
  appInfo(): Promise<AppInfo>;
  /** Puts a notice away. */
  dismissNotice(code: string): Promise<void>;
  /** Without a keyring: keep secrets for this run only, or in a file encrypted with a passphrase. */
  useSecretsStore(
    choice: { store: "memory" } | { store: "file"; passphrase: string } | { store: "keyring" },
  ): Promise<void>;

  /** The profile; null before the first start is done. */
  profile(): Promise<Profile | null>;
  /** The first screen: makes the profile and the first teamspace. */
  firstStart(answers: FirstStart): Promise<Profile>;
  saveProfile(draft: ProfileDraft): Promise<Profile>;

  settings(): Promise<Settings>;
  saveSettings(settings: Settings): Promise<void>;

  /** What the desktop offers for work in the background, and whether the app starts with the session. */
  background(): Promise<Background>;
  setStartAtLogin(on: boolean): Promise<Background>;

  /** Which proxy leads to Zoom, without its password. */
  proxySettings(): Promise<ProxySettings>;
  /** Uses another one from the next request on. Without a password the stored one is kept for the same address. */
  saveProxySettings(draft: ProxyDraft): Promise<ProxySettings>;
  /** Tries to reach Zoom: the way of a draft, or with null the one in use. Thrown errors say what is in between. */
  testNetwork(draft: ProxyDraft | null): Promise<NetworkTest>;

  /** Which Zoom app is used to sign in. */
  zoomClient(): Promise<ZoomClient>;
  /** Checks a client id (form, and that Zoom's authorize page knows it where that can be seen) and keeps it. */
  saveZoomClient(draft: ZoomClientDraft): Promise<ZoomClient>;
  removeZoomClient(): Promise<ZoomClient>;

  accountStatus(): Promise<AccountStatus>;
  /** Begins a sign-in and opens the system's browser. Steps arrive as `account_changed`. */
  connectZoom(): Promise<AccountStatus>;
  openBrowserAgain(): Promise<void>;
  cancelConnect(): Promise<void>;
  /** Answers the step `confirm_account`. */
  confirmAccount(right: boolean): Promise<AccountStatus>;
  /** Answers the step `claim_conflict`: moves the account here, or gives up. */
  resolveClaim(answer: "move" | "cancel"): Promise<AccountStatus>;
  disconnectZoom(): Promise<Disconnected>;

  teamspaces(): Promise<TeamspaceInfo[]>;
  /** Makes a teamspace at a location, or opens the one that is there. */
  addTeamspace(name: string, location: Location): Promise<TeamspaceInfo>;
  /** Tries a place, and says whose teamspace stands there and who its members are; keeps nothing. */
  testPlace(draft: PlaceDraft): Promise<Tested>;
  /** Makes a teamspace at a place, or joins the one that is there; a bucket's secret goes to the secret store. */
  addAt(name: string, draft: PlaceDraft): Promise<TeamspaceInfo>;
  /** Takes a teamspace off this machine's list; nothing in it is touched. */
  forgetTeamspace(id: string): Promise<void>;
  /** Reads what is new in it, and looks whether it can be used now. */
  refreshTeamspace(id: string): Promise<TeamspaceInfo>;
  /** Who uses a teamspace, by name. */
  members(teamspace: string): Promise<Member[]>;

  /** Begins to read every file again, or goes on; how it goes arrives as `verify_progress` and `verify_changed`. */
  startVerify(teamspace: string, restart: boolean): Promise<void>;
  stopVerify(teamspace: string): Promise<void>;
  /** How the last verification stands; null when there never was one. */
  verifyReport(teamspace: string): Promise<VerifyReport | null>;
  /** Finishes what was left undone; never removes what a manifest names. */
  repairTeamspace(teamspace: string): Promise<Repaired>;
  /**
   * Copies a teamspace to an empty place, and moves it there unless a backup is wished; goes on where an earlier call
   * stopped. Answers at the end; how far it is arrives as `copy_progress`. Stopped, it throws `cancelled`.
   */
  copyTeamspace(teamspace: string, draft: PlaceDraft, wish: CopyWish): Promise<CopyReport>;
  stopCopy(teamspace: string): Promise<void>;
  /** Reads one recording again, now. */
  verifyRecording(teamspace: string, recordingId: string): Promise<Verification>;
  /** Who verified a recording and when, and what became of it at Zoom. */
  recordingLedger(teamspace: string, recordingId: string): Promise<RecordingLedger>;

  /** "Delete in Zoom after import": the setting, what it would do and when, and what it did. */
  deleteAfterImport(): Promise<DeleteAfterImport>;
  setDeleteAfterImport(on: boolean, days: number): Promise<DeleteAfterImport>;

  autoImportStatus(): Promise<AutoImportStatus>;
  /** Takes recordings that begin from now on; switched on already, it sends what comes after to this teamspace. */
  switchOnAutoImport(teamspace: string): Promise<AutoImportStatus>;
  switchOffAutoImport(): Promise<AutoImportStatus>;
  autoImportRules(): Promise<Rules>;
  setAutoImportRules(rules: Rules): Promise<Rules>;
  /** What rules would take of the last days, newest first, and which rule decides. */
  autoImportDryRun(days: number, rules: Rules | null): Promise<DecidedRecording[]>;
  /** What importing the recordings of these days (`yyyy-mm-dd`, both inclusive, UTC) by the rules would bring. */
  backfillPreview(from: string, to: string): Promise<Backfill>;
  backfill(from: string, to: string): Promise<Backfill>;
  /** Looks at Zoom's list now; what holds it up is in the answer. */
  checkNow(): Promise<AutoImportStatus>;
  pauseAutoImport(until: PauseUntil): Promise<AutoImportStatus>;
  resumeAutoImport(): Promise<AutoImportStatus>;
  /** What waits for review, newest first. */
  inbox(): Promise<InboxItem[]>;
  keepFromInbox(uuids: string[]): Promise<number>;
  discardFromInbox(uuids: string[]): Promise<number>;
  /** Why a recording was not imported, or what becomes of it. */
  whyNotImported(uuid: string): Promise<WhyNot>;
  /** What happened, newest first: all words of `query`, older than the entry `from`, at most `limit` (1 to 500). */
  activity(
    query: string,
    kind: ActivityKind | null,
    from: number | null,
    limit: number,
  ): Promise<ActivityPage>;
  /** Writes what happened in 90 days into a file. */
  exportActivity(path: string, format: ExportFormat): Promise<void>;

  /** Zoom's list between two days (`yyyy-mm-dd`, both inclusive, UTC). */
  cloudRecordings(from: string, to: string): Promise<CloudListing>;
  /** Asks for imports; asking twice is asking once. */
  importRecordings(teamspace: string, uuids: string[]): Promise<Job[]>;
  /** A video or audio file from this computer, with an optional VTT. Absolute paths. */
  /** Looks now whether Zoom has finished more of an imported recording; what it has comes like any import. */
  lookForLateFiles(teamspace: string, recordingId: string): Promise<Job>;
  importFile(teamspace: string, media: string, transcript: string | null): Promise<Job>;
  jobs(): Promise<Job[]>;
  retryJob(id: number): Promise<void>;
  /** Makes every failed job due now; answers their ids. */
  retryFailedJobs(): Promise<number[]>;
  /** Holds a job: it keeps what it has, and goes on when it is let go. */
  pauseJob(id: number): Promise<void>;
  resumeJob(id: number): Promise<void>;
  cancelJob(id: number): Promise<void>;
  /** Cancels every job that would still do something; answers their ids. */
  cancelAllJobs(): Promise<number[]>;
  /** Whether the queue as a whole stands still. */
  queueState(): Promise<QueueState>;
  /** Holds the whole queue, also what is asked for later. */
  pauseQueue(): Promise<void>;
  /** Lets the queue and every held job go, and tries a disk that was full. */
  resumeQueue(): Promise<void>;
  /** Takes finished jobs off the list; what was imported stays. */
  clearFinishedJobs(): Promise<void>;

  /** Searches titles, people, tags, transcripts and chats, in the query language: any text is a query. */
  searchFor(wish: SearchWish): Promise<Hits>;
  /** The saved searches, by name. */
  savedSearches(): Promise<SavedSearch[]>;
  saveSearch(draft: SearchDraft): Promise<SavedSearch>;
  renameSearch(id: number, name: string): Promise<SavedSearch>;
  deleteSearch(id: number): Promise<void>;

  /**
   * At most `limit` of what a teamspace holds, newest first, from the first on or after a page, by its `next`; from the
   * catalog, never from the network.
   */
  recordingsPage(teamspace: string, after: number | null, limit: number): Promise<RecordingPage>;
  /** One of them; null when the library does not have it. */
  listedRecording(teamspace: string, recordingId: string): Promise<RecordingItem | null>;
  /** Which of them a query leaves: people, tags, days, length, what they have. None where it asks for nothing. */
  filterRecordings(teamspace: string, text: string): Promise<Filtered>;
  /** Who hosted, imported or speaks in a teamspace's recordings, the most frequent first. */
  peopleIn(teamspace: string): Promise<PersonCount[]>;
  openRecording(teamspace: string, recordingId: string): Promise<OpenedRecording>;
  /** Gives a recording another title, or other tags; everybody sees it. */
  editRecording(teamspace: string, recordingId: string, edit: RecordingEdit): Promise<void>;
  /** What was changed about a recording, newest first. */
  recordingHistory(teamspace: string, recordingId: string): Promise<HistoryEntry[]>;
  /** Corrects a line of a transcript, or takes its correction back; the file stays as it is, everybody sees it. */
  correctLine(teamspace: string, recordingId: string, correction: LineCorrection): Promise<void>;
  /** Renames who is shown by a name, in the whole recording; null: as in the files. Answers what there was, to undo it. */
  renameSpeaker(
    teamspace: string,
    recordingId: string,
    speaker: string,
    name: string | null,
  ): Promise<SpeakerName[]>;
  /** Says what each of these names in the files is shown as. */
  nameSpeakers(teamspace: string, recordingId: string, names: SpeakerName[]): Promise<void>;
  /** What is in a teamspace's trash, what came there last first. */
  trash(teamspace: string): Promise<TrashedRecording[]>;
  trashRecording(teamspace: string, recordingId: string): Promise<void>;
  restoreRecording(teamspace: string, recordingId: string): Promise<void>;
  /** Deletes a recording in the trash for good, also before its 30 days there are over; then it goes by itself. */
  deleteRecordingNow(teamspace: string, recordingId: string): Promise<void>;
  /** Adds tags to recordings, or takes some off. The answer says of each what came of it, as with the next two. */
  editRecordings(teamspace: string, recordingIds: string[], edit: RecordingEdit): Promise<BulkOutcome>;
  trashRecordings(teamspace: string, recordingIds: string[]): Promise<BulkOutcome>;
  restoreRecordings(teamspace: string, recordingIds: string[]): Promise<BulkOutcome>;
  savePosition(teamspace: string, recordingId: string, seconds: number): Promise<void>;
  /** Keeps a frame of the video as the poster: JPEG in base64, at most 2 MB. */
  savePoster(teamspace: string, recordingId: string, base64: string): Promise<void>;
  /** Opens a file in the system's player. */
  openFile(teamspace: string, recordingId: string, key: string): Promise<void>;
  showInFolder(teamspace: string, recordingId: string, key: string): Promise<void>;

  /** Copies recordings of a teamspace into a folder; how far it is arrives as `export_progress`. */
  exportRecordings(teamspace: string, wish: ExportWish): Promise<ExportReport>;
  /** Ends an export: what is exported stays, of the others nothing is there. */
  stopExport(): Promise<void>;
  /** Shows an exported file in its folder. */
  showExported(path: string): Promise<void>;

  /** Highlights of a teamspace or of all, the newest first. */
  highlights(wish: HighlightsWish): Promise<HighlightPage>;
  /** The highlights of a recording, in the order of its timeline. Times are in milliseconds of all parts together. */
  recordingHighlights(teamspace: string, recordingId: string): Promise<Highlight[]>;
  addHighlight(teamspace: string, recordingId: string, draft: HighlightDraft): Promise<Highlight>;
  changeHighlight(
    teamspace: string,
    recordingId: string,
    id: string,
    draft: HighlightDraft,
  ): Promise<Highlight>;
  removeHighlight(teamspace: string, recordingId: string, id: string): Promise<void>;
  /** Takes back that a highlight was removed. */
  restoreHighlight(teamspace: string, recordingId: string, id: string): Promise<Highlight>;
  /** What keeps this machine from saving clips: no ffmpeg, say; null when nothing does. */
  clipTrouble(): Promise<UserError | null>;
  /** Saves highlights as clips; how far it is arrives as `clip_progress`. `stopExport` ends it. */
  exportClips(wish: ClipWish): Promise<ClipReport>;

  /** What is kept on this computer, the newest pin first, and how it stands. Progress arrives as `keep_progress`. */
  pins(): Promise<PinInfo[]>;
  pin(pins: Pin[]): Promise<void>;
  /** Keeps these no longer; what is here stays in the cache until its budget wants the room. */
  unpin(pins: Pin[]): Promise<void>;
  cacheUse(): Promise<CacheUse>;
  /** Removes what is neither pinned nor in use; answers the bytes that this freed. */
  freeUpSpace(): Promise<number>;

  doctor(): Promise<Check[]>;

  /** The system's folder dialog; null when cancelled. */
  chooseFolder(startAt: string | null): Promise<string | null>;
  /** The system's dialog for a new file; null when cancelled. */
  chooseNewFile(name: string): Promise<string | null>;
  /** The system's file dialog; null when cancelled. */
  chooseFile(kind: "media" | "transcript"): Promise<string | null>;
  /** Hears of files that are dragged over the window; returns how to stop hearing. */
  onFilesDragged(listener: (drag: FileDrag) => void): Promise<() => void>;
  /** Opens an https address in the system's browser (help, Zoom's marketplace, Zoom's log-out page). */
  openExternal(url: string): Promise<void>;
  copyText(text: string): Promise<void>;

  /** Hears what changes; returns how to stop hearing. */
  onEvent(listener: (event: Event) => void): Promise<() => void>;
}

/**
 * The door to the core. Chosen once: the app's commands inside Tauri; the fake in a plain browser, which only
 * development and test builds contain (the condition is constant, so that the production build drops it).
 */
export const api: Api = import.meta.env.MODE === "production" || inTauri() ? tauriApi : createFake();
