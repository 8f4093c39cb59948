/**
 * The window without the app: a second implementation of `Api`, with state and believable data, for component
 * tests, accessibility checks and screenshots in a plain browser. `?scenario=` chooses where it begins.
 */
import type { Api } from "../api";
import { copyText } from "../clipboard";
import { placeOf } from "../place";
import type { BucketDraft, Event, PlaceDraft, ProfileDraft } from "../types";
import { inBulk } from "./bulk";
import { draggedFiles } from "./dragging";
import { standsIn, testBucket, testPlace } from "./buckets";
import { FakeAutoImport } from "./auto-import";
import { FakeColleagues } from "./colleagues";
import { FakeCorrections } from "./correcting";
import { FakeExport } from "./export";
import { FakeHighlights } from "./highlights";
import { FakeLedger } from "./ledger";
import { FakeMoving } from "./moving";
import { FakeKeeping } from "./keeping";
import { fakeId, filesOf } from "./library";
import { fakeSummary } from "./texts";
import { quietWav } from "./media";
import { FakeNetwork } from "./network";
import { FakeQueue } from "./queue";
import { FakeSearch } from "./search";
import { optionsFromQuery, type FakeOptions } from "./scenario";
import { FakeSignIn } from "./sign-in";
import { beginning, error, job, OFFLINE, teamspace } from "./state";
import type { StoredRecording } from "./stored";

export { SCENARIOS, type FakeOptions, type Scenario } from "./scenario";

const AWAY = error(
  "teamspace_unreachable",
  "The bucket of “Research” cannot be reached",
  "check the network",
  { trouble: "network" },
);

const CHECKS = [
  ["data directory", "/home/ada/.local/share/next-desktop can be written", null],
  ["keyring", "The keyring keeps and returns a test secret", "unlock the keyring, or install gnome-keyring"],
  ["zoom", "zoom.us answers in 84 ms", "check the network"],
  ["teamspace Research", "/home/ada/Recordings/Research can be written; 412 GB free", null],
  ["playback", "H.264 and AAC can be decoded", null],
  ["clips", "highlights can be saved: /usr/bin/ffmpeg", null],
] as const;

export function createFake(given: Partial<FakeOptions> = {}): Api {
  const options = { ...optionsFromQuery(globalThis.location?.search ?? ""), ...given };
  const state = beginning(options);
  /** What Zoom has not finished yet, until somebody looks. */
  const late = new Set(options.fault === "late" ? ["transcript"] : []);
  const listeners = new Set<(event: Event) => void>();
  const emit = (event: Event) => listeners.forEach((listener) => listener(structuredClone(event)));
  const queue = new FakeQueue(state, emit);
  const auto = new FakeAutoImport(state, queue, options.auto, emit);
  const network = new FakeNetwork(state, options, emit);
  const signIn = new FakeSignIn(state, options, emit);
  const colleagues = new FakeColleagues(state, emit);
  const ledger = new FakeLedger(state, options.fault === "damaged", options.fault === "scope", emit);

  const keeping = new FakeKeeping(state, emit);
  const corrections = new FakeCorrections(state, options.fault, emit);
  const search = new FakeSearch(state, corrections);
  const highlights = new FakeHighlights(state, colleagues, (id) => keeping.shown(id), options.fault, emit);
  const exporting = new FakeExport(options.fault === "export-full", emit);
  const moving = new FakeMoving(state, options.fault === "damaged", emit);

  /** Answers a copy after a while, as a process on the other side would. */
  async function answer<T>(make: () => T): Promise<T> {
    await new Promise((done) => setTimeout(done, options.latency));
    return structuredClone(make());
  }

  function keepProfile(draft: ProfileDraft) {
    if (!/^\S+@\S+$/.test(draft.email.trim())) {
      throw error("usage", "That is not an e-mail address", "check it for typing errors", { field: "email" });
    }
    const before = state.profile;
    const photo =
      draft.photo.change === "set"
        ? `data:image/png;base64,${draft.photo.base64}`
        : draft.photo.change === "remove"
          ? null
          : (before?.photo ?? null);
    state.profile = {
      id: before?.id ?? "0199a7c1-7a11-7b1e-a0b5-5b9f3b0f1c01",
      name: draft.name.trim(),
      email: draft.email.trim(),
      photo,
      created_at: before?.created_at ?? new Date().toISOString(),
    };
    emit({ event: "profile_changed" });
    return state.profile;
  }

  function addBucket(name: string, draft: BucketDraft) {
    const tested = testBucket(draft);
    const location = { kind: "bucket" as const, ...draft.bucket };
    const info = teamspace(fakeId(placeOf(location)), tested.teamspace ?? name.trim(), location, 0);
    if (tested.read_only) info.state = "read_only";
    state.teamspaces.push(info);
    state.recordings.set(info.id, []);
    emit({ event: "teamspaces_changed" });
    return info;
  }

  const addAt = (name: string, draft: PlaceDraft) =>
    draft.kind === "folder" ? addFolder(name, draft.path) : addBucket(name, draft);

  function addFolder(name: string, path: string) {
    if (!path.startsWith("/")) throw error("usage", "That is not a whole path", "choose a folder");
    if (path.startsWith("/proc") || path.startsWith("/root")) {
      throw error(
        "permission_denied",
        `${path} cannot be written`,
        "choose another folder, or ask for the right to write there",
        { path },
        "Permission denied (os error 13)",
      );
    }
    const info = teamspace(fakeId(path), standsIn(path) ?? name.trim(), path, 0);
    if (/dropbox|onedrive|icloud/i.test(path)) {
      info.warnings = [
        error(
          "teamspace_unsafe",
          "This folder is kept in step by Dropbox",
          "use it from one machine only: two machines that import at once can lose work",
          { service: "Dropbox", path },
        ),
      ];
    }
    state.teamspaces.push(info);
    state.recordings.set(info.id, []);
    emit({ event: "teamspaces_changed" });
    return info;
  }

  function recording(teamspaceId: string, recordingId: string) {
    const found = state.recordings.get(teamspaceId)?.find((one) => one.recording_id === recordingId);
    if (!found) throw error("not_found", "This recording is not in the teamspace", "go back to the library");
    return found;
  }

  /** What is not here yet is fetched when it is opened. */
  function fetched(found: StoredRecording): StoredRecording {
    if (found.unread === undefined) return found;
    if (options.fault === "unread-away") throw AWAY;
    found.files = filesOf("video", found.duration / 60);
    delete found.unread;
    emit({ event: "recordings_changed", teamspace: found.teamspace, recording_id: found.recording_id });
    return found;
  }

  function needZoom() {
    if (options.scenario === "offline") throw OFFLINE;
    if (state.account.state === "needs_reauthorization" && state.account.error) throw state.account.error;
    if (state.account.state !== "connected") {
      throw error("not_connected", "No Zoom account is connected", "connect Zoom first");
    }
  }

  const requireTeamspace = (id: string) => {
    const found = state.teamspaces.find((one) => one.id === id);
    if (!found) throw error("not_found", "This teamspace is not on this machine's list", "add it again");
    return found;
  };

  /** Days that Zoom gave no answer for; asked again, it answers. */
  const silent = new Set<string>();
  const lastMonth = (day: string) => {
    const now = new Date();
    return day.startsWith(
      new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 0)).toISOString().slice(0, 7),
    );
  };
  const ZOOM_SILENT = error(
    "zoom_unavailable",
    "Zoom gave no usable answer",
    "try again in a few minutes",
    {},
    "503 Service Unavailable, text/html",
  );

  queue.start();

  return {
    firstLook: () => {
      const { appInfo: app_info, profile, settings, teamspaces } = state;
      if (!options.look || !profile) return null;
      const first = teamspaces[0];
      const all = first ? keeping.shown(first.id) : [];
      const recordings = first ? { recordings: all.slice(0, 60), next: all.length > 60 ? 60 : null } : null;
      return structuredClone({ app_info, profile, settings, teamspaces, recordings });
    },

    keepLook: (look) => answer(() => void Object.assign(globalThis, { keptLook: look })),

    appInfo: () => answer(() => state.appInfo),
    dismissNotice: (code) =>
      answer(() => {
        state.appInfo.notices = state.appInfo.notices.filter((notice) => notice.code !== code);
      }),
    useSecretsStore: (choice) =>
      answer(() => {
        if (choice.store === "file" && choice.passphrase.length < 8) {
          throw error("usage", "The passphrase is too short", "use at least 8 characters");
        }
        state.appInfo.secrets = {
          store: choice.store,
          error: choice.store === "keyring" ? state.appInfo.secrets.error : null,
        };
        emit({ event: "settings_changed" });
      }),

    profile: () => answer(() => state.profile),
    firstStart: (answers) =>
      answer(() => {
        addAt(answers.teamspace_name, answers.place);
        return keepProfile(answers.profile);
      }),
    saveProfile: (draft) => answer(() => keepProfile(draft)),

    settings: () => answer(() => state.settings),
    saveSettings: (settings) =>
      answer(() => {
        state.settings = settings;
        emit({ event: "settings_changed" });
      }),

    background: () => answer(() => state.background),
    setStartAtLogin: (on) =>
      answer(() => {
        state.background = { ...state.background, start_at_login: on };
        emit({ event: "settings_changed" });
        return state.background;
      }),

    proxySettings: () => answer(() => state.proxy),
    saveProxySettings: (draft) => answer(() => network.save(draft)),
    testNetwork: (draft) => answer(() => network.test(draft)),

    zoomClient: () => answer(() => state.client),
    saveZoomClient: (draft) =>
      answer(() => {
        if (draft.client_id.trim().length < 10) {
          throw error(
            "zoom_client_refused",
            "That does not look like a client id",
            "copy it whole from Zoom",
            {
              field: "client_id",
            },
          );
        }
        state.client = {
          client_id: draft.client_id.trim(),
          has_secret: draft.client_secret !== null,
          source: "settings",
          redirect_uri: draft.redirect_uri,
          practice: false,
        };
        emit({ event: "settings_changed" });
        return state.client;
      }),
    removeZoomClient: () =>
      answer(() => {
        state.client = {
          client_id: null,
          has_secret: false,
          source: "none",
          redirect_uri: null,
          practice: false,
        };
        emit({ event: "settings_changed" });
        return state.client;
      }),

    accountStatus: () => answer(() => state.account),
    connectZoom: () =>
      answer(() => {
        ledger.granted();
        return signIn.begin();
      }),
    openBrowserAgain: () => answer(() => signIn.openBrowser()),
    cancelConnect: () => answer(() => signIn.cancel()),
    confirmAccount: (right) => answer(() => signIn.confirm(right)),
    resolveClaim: (choice) => answer(() => signIn.resolveClaim(choice)),
    disconnectZoom: () =>
      answer(() => {
        signIn.disconnect();
        return { revoked_at_zoom: options.scenario !== "offline" };
      }),

    teamspaces: () => answer(() => state.teamspaces),
    addTeamspace: (name, location) =>
      answer(() =>
        location.kind === "folder"
          ? addFolder(name, location.path)
          : addBucket(name, { bucket: location, secret: null }),
      ),
    testPlace: (draft) => answer(() => testPlace(draft)),
    addAt: (name, draft) => answer(() => addAt(name, draft)),
    forgetTeamspace: (id) =>
      answer(() => {
        state.teamspaces = state.teamspaces.filter((one) => one.id !== id);
        emit({ event: "teamspaces_changed" });
      }),
    refreshTeamspace: (id) => answer(() => requireTeamspace(id)),
    members: (id) => answer(() => colleagues.members(id)),

    startVerify: (id, restart) =>
      answer(() => {
        requireTeamspace(id);
        ledger.start(id, restart);
      }),
    stopVerify: (id) => answer(() => ledger.stop(id)),
    verifyReport: (id) => answer(() => ledger.report(id)),
    repairTeamspace: (id) =>
      answer(() => {
        requireTeamspace(id);
        return { sent: 0, entered: 0, removed: [] };
      }),
    copyTeamspace: async (id, draft, wish) => {
      await answer(() => requireTeamspace(id));
      return structuredClone(await moving.copy(id, draft, wish));
    },
    stopCopy: (id) => answer(() => moving.stop(id)),
    verifyRecording: (id, recordingId) => answer(() => ledger.verify(id, recordingId)),
    recordingLedger: (id, recordingId) => answer(() => ledger.ledger(id, recordingId)),

    deleteAfterImport: () => answer(() => ledger.deleting()),
    setDeleteAfterImport: (on, days) => answer(() => ledger.setDeleting(on, days)),

    autoImportStatus: () => answer(() => auto.status()),
    switchOnAutoImport: (id) =>
      answer(() => {
        requireTeamspace(id);
        return auto.switchOn(id);
      }),
    switchOffAutoImport: () => answer(() => auto.switchOff()),
    autoImportRules: () => answer(() => auto.rules()),
    setAutoImportRules: (rules) => answer(() => auto.setRules(rules)),
    autoImportDryRun: (days, rules) =>
      answer(() => {
        needZoom();
        return auto.dryRun(days, rules);
      }),
    backfillPreview: (from, to) =>
      answer(() => {
        needZoom();
        return auto.backfill(from, to, false);
      }),
    backfill: (from, to) => answer(() => auto.backfill(from, to, true)),
    checkNow: () => answer(() => auto.checkNow()),
    pauseAutoImport: (until) => answer(() => auto.pause(until)),
    resumeAutoImport: () => answer(() => auto.resume()),
    inbox: () => answer(() => auto.inbox()),
    keepFromInbox: (uuids) => answer(() => auto.keep(uuids)),
    discardFromInbox: (uuids) => answer(() => auto.discard(uuids)),
    whyNotImported: (uuid) => answer(() => auto.why(uuid)),
    activity: (query, kind, from, limit) => answer(() => auto.activity(query, kind, from, limit)),
    exportActivity: () => answer(() => undefined),

    cloudRecordings: (from, to) =>
      answer(() => {
        needZoom();
        if (options.fault === "month" && lastMonth(from) && !silent.has(from)) {
          silent.add(from);
          throw ZOOM_SILENT;
        }
        const within = (start: string) => start.slice(0, 10) >= from && start.slice(0, 10) <= to;
        return { covered: { from, to }, recordings: state.cloud.filter((one) => within(one.start)) };
      }),
    importRecordings: (id, uuids) =>
      answer(() => {
        requireTeamspace(id);
        return queue.add(id, uuids);
      }),
    lookForLateFiles: (id, recordingId) =>
      answer(() => {
        const found = recording(id, recordingId);
        late.clear();
        setTimeout(
          () => emit({ event: "recordings_changed", teamspace: id, recording_id: recordingId }),
          300,
        );
        return job(900, found.title, { teamspace: id, recording_id: recordingId, state: "queued" });
      }),
    importFile: (id, media) =>
      answer(() => {
        requireTeamspace(id);
        return queue.addFile(id, media);
      }),
    jobs: () => answer(() => state.jobs),
    retryJob: (id) => answer(() => queue.retry(id)),
    retryFailedJobs: () => answer(() => queue.retryFailed()),
    pauseJob: (id) => answer(() => queue.hold(id, true)),
    resumeJob: (id) => answer(() => queue.hold(id, false)),
    cancelJob: (id) => answer(() => queue.cancel(id)),
    cancelAllJobs: () => answer(() => queue.cancelAll()),
    queueState: () => answer(() => state.queue),
    pauseQueue: () => answer(() => queue.pauseAll()),
    resumeQueue: () => answer(() => queue.resumeAll()),
    clearFinishedJobs: () => answer(() => queue.clearFinished()),

    searchFor: (wish) =>
      answer(() => {
        if (wish.teamspace !== null) requireTeamspace(wish.teamspace);
        return search.find(wish);
      }),
    savedSearches: () => answer(() => search.saved()),
    saveSearch: (draft) => answer(() => search.save(draft)),
    renameSearch: (id, name) => answer(() => search.rename(id, name)),
    deleteSearch: (id) => answer(() => search.delete(id)),

    filterRecordings: (id, text) => answer(() => search.filter(requireTeamspace(id).id, text)),
    peopleIn: (id) => answer(() => search.peopleIn(id)),
    recordingsPage: (id, after, limit) =>
      answer(() => {
        if (options.fault === "recordings")
          throw error("busy", "The catalog is being rebuilt", "wait a moment");
        const [all, from] = [keeping.shown(id), after ?? 0];
        const next = from + limit < all.length ? from + limit : null;
        return { recordings: all.slice(from, from + limit), next };
      }),
    listedRecording: (id, recordingId) =>
      answer(() => keeping.shown(id).find((one) => one.recording_id === recordingId) ?? null),
    openRecording: async (id, recordingId) => {
      const found = await answer(() => fetched(recording(id, recordingId)));
      const texts = found.files.filter((file) => file.kind === "transcript");
      const secondsOf = (segment: number) => (segment === 0 ? found.duration : found.duration / 2);
      const damaged = options.fault === "transcript";
      return {
        ...found,
        urls: found.files.map((file) =>
          file.kind === "video" || file.kind === "audio"
            ? options.fault === "media"
              ? "data:video/mp4;base64,AAAA"
              : keeping.plays(found)
                ? quietWav(secondsOf(file.segment))
                : URL.createObjectURL(new Blob(["away"], { type: "video/mp4" }))
            : "",
        ),
        transcript:
          options.fault === "no-transcript" || late.has("transcript")
            ? []
            : texts
                .slice(0, options.fault === "long" ? 1 : undefined)
                .map((file) => corrections.transcript(found, file.segment)),
        transcript_error: damaged
          ? error(
              "file_damaged",
              "14 lines of the transcript cannot be read, the first is line 203",
              "open the file itself to see what it holds",
              { text: "transcript", lines: "14", first: "203" },
            )
          : null,
        chat: found.files.some((file) => file.kind === "chat") ? [corrections.chat(found)] : [],
        corrections: corrections.inForce(found),
        chat_error: null,
        summary: found.files.some((file) => file.kind === "summary") ? fakeSummary(found.duration) : null,
        damaged:
          options.fault === "damaged"
            ? found.files
                .filter((file) => file.kind === "video" || file.kind === "audio")
                .map(({ key }) => ({
                  recording_id: recordingId,
                  title: found.title,
                  key,
                  problem: "content" as const,
                }))
            : [],
        position: state.positions.get(recordingId) ?? null,
        late: late.has("transcript")
          ? { processing: true, next_look: new Date(Date.now() + 40 * 60_000).toISOString(), why: null }
          : null,
      };
    },
    editRecording: (id, recordingId, edit) =>
      answer(() => {
        if (edit.title?.trim() === "")
          throw error("usage", "A title has 1 to 300 characters", "give another one");
        colleagues.edit(recording(id, recordingId), edit);
      }),
    correctLine: (id, recordingId, correction) =>
      answer(() => corrections.correct(recording(id, recordingId), correction)),
    renameSpeaker: (id, recordingId, speaker, name) =>
      answer(() => corrections.rename(recording(id, recordingId), speaker, name)),
    nameSpeakers: (id, recordingId, names) =>
      answer(() => corrections.name(recording(id, recordingId), names)),
    recordingHistory: (_id, recordingId) =>
      answer(() =>
        [...colleagues.history(recordingId), ...corrections.history(recordingId)].sort(
          (a, b) => Date.parse(b.at) - Date.parse(a.at),
        ),
      ),
    trash: (id) => answer(() => colleagues.trash(id)),
    trashRecording: (id, recordingId) => answer(() => colleagues.move(recording(id, recordingId))),
    restoreRecording: (id, recordingId) => answer(() => colleagues.restore(id, recordingId)),
    deleteRecordingNow: (id, recordingId) => answer(() => colleagues.remove(id, recordingId)),
    editRecordings: (id, ids, edit) =>
      answer(() => inBulk(ids, (one) => colleagues.edit(recording(id, one), edit))),
    trashRecordings: (id, ids) => answer(() => inBulk(ids, (one) => colleagues.move(recording(id, one)))),
    restoreRecordings: (id, ids) => answer(() => inBulk(ids, (one) => colleagues.restore(id, one))),
    savePosition: (_id, recordingId, seconds) => answer(() => void state.positions.set(recordingId, seconds)),
    savePoster: (id, recordingId, base64) =>
      answer(() => {
        recording(id, recordingId).poster = `data:image/jpeg;base64,${base64}`;
        emit({ event: "recordings_changed", teamspace: id, recording_id: recordingId });
      }),
    openFile: () => answer(() => undefined),
    showInFolder: () => answer(() => undefined),

    exportRecordings: async (id, wish) => {
      const wanted = await answer(() => wish.recordings.map((one) => recording(id, one)));
      return structuredClone(await exporting.run(wanted, wish));
    },
    stopExport: () =>
      answer(() => {
        exporting.stop();
        highlights.stop();
      }),
    showExported: () => answer(() => undefined),
    highlights: (wish) =>
      answer(() => {
        if (wish.teamspace !== null) requireTeamspace(wish.teamspace);
        return highlights.find(wish);
      }),
    recordingHighlights: (id, recordingId) => answer(() => highlights.of(id, recordingId)),
    addHighlight: (id, recordingId, draft) => answer(() => highlights.add(recording(id, recordingId), draft)),
    changeHighlight: (id, recordingId, one, draft) =>
      answer(() => highlights.change(recording(id, recordingId), one, draft)),
    removeHighlight: (id, recordingId, one) =>
      answer(() => highlights.remove(recording(id, recordingId), one)),
    restoreHighlight: (id, recordingId, one) =>
      answer(() => highlights.restore(recording(id, recordingId), one)),
    clipTrouble: () => answer(() => highlights.trouble()),
    exportClips: async (wish) => structuredClone(await highlights.clips(wish)),
    pins: () => answer(() => keeping.pins()),
    pin: (pins) => answer(() => keeping.pin(pins)),
    unpin: (pins) => answer(() => keeping.unpin(pins)),
    cacheUse: () => answer(() => keeping.use()),
    freeUpSpace: () => answer(() => keeping.freeUp()),

    doctor: () =>
      answer(() =>
        CHECKS.map(([name, message, action]) => {
          const bad =
            (name === "keyring" && state.appInfo.secrets.error !== null) ||
            (name === "zoom" && options.scenario === "offline");
          const said =
            name === "keyring" ? "No keyring was found on this machine" : "zoom.us does not answer";
          return { name, ok: !bad, message: bad ? said : message, action: bad ? action : null };
        }),
      ),

    chooseFolder: (startAt) => answer(() => `${startAt ?? "/home/ada"}/Clinic study`),
    chooseNewFile: (name) => answer(() => `/home/ada/${name}`),
    chooseFile: (kind) =>
      answer(() =>
        kind === "media" ? "/home/ada/Videos/Focus group.mp4" : "/home/ada/Videos/Focus group.vtt",
      ),
    onFilesDragged: (listener) => Promise.resolve(draggedFiles(listener)),
    openExternal: () => answer(() => undefined),
    copyText,

    onEvent: (listener) => {
      listeners.add(listener);
      return Promise.resolve(() => void listeners.delete(listener));
    },
  };
}
