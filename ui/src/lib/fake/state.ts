/** Where the fake begins, per scenario. */
import type {
  Account,
  AccountStatus,
  AppInfo,
  AuthorizationStep,
  Background,
  ClaimHolder,
  Job,
  Location,
  ListedRecording,
  Profile,
  ProxySettings,
  QueueState,
  Settings,
  TeamspaceInfo,
  UserError,
  ZoomClient,
} from "../types";
import { cloudList } from "./cloud";
import { DAY, DESIGN, fakeId, libraryItem, RESEARCH, ROWS } from "./library";
import type { FakeOptions } from "./scenario";
import type { StoredRecording } from "./stored";

export interface FakeState {
  appInfo: AppInfo;
  profile: Profile | null;
  settings: Settings;
  background: Background;
  client: ZoomClient;
  proxy: ProxySettings;
  account: AccountStatus;
  teamspaces: TeamspaceInfo[];
  recordings: Map<string, StoredRecording[]>;
  cloud: ListedRecording[];
  jobs: Job[];
  queue: QueueState;
  positions: Map<string, number>;
}

export const ACCOUNT: Account = {
  id: "KDcuGIm1QgePTO8WbOqwIQ",
  account_id: "q6gBJVO5TzexKYTb_I2rpg",
  email: "ada.kessler@fieldnotes.example",
  name: "Ada Kessler",
  plan: "licensed",
};

export const HOLDER: ClaimHolder = {
  teamspace: "Research",
  profile: "0199a7c2-0000-7000-8000-000000000009",
  name: "Jonas Weber",
  device: "jonas-thinkpad",
  since: new Date(Date.now() - 41 * DAY).toISOString(),
};

export const error = (
  code: UserError["code"],
  message: string,
  action: string,
  params: Record<string, string> = {},
  detail?: string,
): UserError => ({ code, message, action, params, ...(detail ? { detail } : {}) });

export const NEEDS_REAUTH = error(
  "needs_reauthorization",
  "The sign-in at Zoom is no longer valid",
  "connect Zoom again",
  {},
  "invalid_grant (4735)",
);

const MOVED_AWAY = error(
  "claim_conflict",
  `The Zoom account ${ACCOUNT.email} belongs to ${HOLDER.name} on ${HOLDER.device} since 18 October 2026`,
  "connect another Zoom account, or connect this one again and move it here",
  { email: ACCOUNT.email, name: HOLDER.name, device: HOLDER.device, since: HOLDER.since },
);

export const OFFLINE = error(
  "offline",
  "Zoom cannot be reached",
  "check the network and try again",
  {},
  "connect: network is unreachable",
);

const UNTRUSTED = error(
  "certificate_not_trusted",
  "The certificate of api.zoom.us is not trusted: somebody whom this system does not know vouches for it",
  "ask your IT department to add its CA to the system's trust store",
  { host: "api.zoom.us", reason: "unknown" },
  "invalid peer certificate: UnknownIssuer",
);

export const waiting = (): AuthorizationStep => ({
  step: "waiting_for_browser",
  authorization_url:
    "https://zoom.us/oauth/authorize?response_type=code&client_id=fake&code_challenge_method=S256",
  expires_at: new Date(Date.now() + 10 * 60_000).toISOString(),
});

const NOBODY: AccountStatus = { state: "disconnected", account: null, since: null, step: null, error: null };
const since = () => new Date(Date.now() - 12 * DAY).toISOString();

function accountOf(options: FakeOptions): AccountStatus {
  const authorizing = (step: AuthorizationStep): AccountStatus => ({ ...NOBODY, state: "authorizing", step });
  switch (options.scenario) {
    case "first-start":
    case "disconnected":
    case "no-client":
      return options.error
        ? { ...NOBODY, error: error(options.error, "The sign-in did not work", "try again") }
        : NOBODY;
    case "waiting":
      return authorizing(waiting());
    case "exchanging":
      return authorizing({ step: "exchanging" });
    case "confirm":
      return authorizing({
        step: "confirm_account",
        account: ACCOUNT,
        profile_email: "ada@kessler.example",
      });
    case "claim-conflict":
      return authorizing({ step: "claim_conflict", account: ACCOUNT, holder: HOLDER });
    case "needs-reauth":
      return {
        ...NOBODY,
        state: "needs_reauthorization",
        account: ACCOUNT,
        since: since(),
        error: options.fault === "claim-moved" ? MOVED_AWAY : NEEDS_REAUTH,
      };
    case "errors":
      return { ...NOBODY, state: "connected", account: { ...ACCOUNT, plan: "basic" }, since: since() };
    default:
      return { ...NOBODY, state: "connected", account: ACCOUNT, since: since() };
  }
}

function noticesOf(options: FakeOptions): UserError[] {
  if (options.scenario !== "errors") return [];
  return [
    error(
      "file_damaged",
      "The database of this machine was damaged; it was kept aside and restored from its last backup of yesterday",
      "check your settings; recordings are not touched",
      { path: "/home/ada/.local/share/next-desktop/state.db.damaged" },
    ),
  ];
}

export function teamspace(
  id: string,
  name: string,
  place: string | Location,
  recordings: number,
): TeamspaceInfo {
  return {
    id,
    name,
    location: typeof place === "string" ? { kind: "folder", path: place } : place,
    state: "ready",
    error: null,
    warnings: [],
    recordings,
  };
}

function manyRows(): typeof ROWS {
  return Array.from({ length: 10_000 }, (_, i) => {
    const [topic, host, minutes, , kind] = ROWS[i % ROWS.length]!;
    return [`${topic} · ${i + 1}`, host, minutes, Math.floor(i / 6), kind];
  });
}

export function job(id: number, title: string, change: Partial<Job>): Job {
  const at = new Date(Date.now() - id * 60_000).toISOString();
  return {
    id,
    recording_id: fakeId(`job${id}`),
    uuid: `${fakeId(`job-uuid${id}`).slice(0, 22)}==`,
    teamspace: RESEARCH,
    title,
    state: "queued",
    paused: false,
    attempts: 0,
    retry_at: null,
    bytes: 0,
    bytes_total: 312_000_000,
    error: null,
    created_at: at,
    updated_at: at,
    ...change,
  };
}

const NO_ROOM = error(
  "disk_full",
  "The disk that holds /home/ada/Recordings has no room for the next recording",
  "free 1144 MB there; imports go on by themselves",
  { path: "/home/ada/Recordings", bytes: "1600000000", missing: "1200000000" },
);

function jobsOf(options: FakeOptions): Job[] {
  if (["first-start", "empty", "no-client", "disconnected"].includes(options.scenario)) return [];
  const bad = options.scenario === "errors";
  const still = options.scenario === "paused";
  const list = [
    job(4, "Observation notes with the night shift", {
      state: still ? "queued" : "running",
      attempts: 1,
      bytes: 96_000_000,
    }),
    job(3, "Usability test 7: booking flow", { state: "queued", bytes_total: 218_000_000, paused: still }),
    job(2, "Weekly research sync", {
      state: "waiting",
      attempts: 1,
      bytes_total: 0,
      retry_at: new Date(Date.now() + 22 * 60_000).toISOString(),
      error: error("still_processing", "Zoom has not finished this recording", "it is tried again by itself"),
    }),
    job(1, "Interview 14 – Priya Raman, clinic manager", {
      state: "done",
      attempts: 1,
      bytes: 331_000_000,
      bytes_total: 331_000_000,
      recording_id: libraryItem(RESEARCH, ROWS[0]!, 0).recording_id,
    }),
  ];
  if (!bad) return list;
  return [
    job(8, "Interview 9 – Oliver Grant", {
      state: "failed",
      attempts: 5,
      error: error(
        "file_refused",
        "Zoom sent something that is not the video; it was not kept",
        "try again later",
        {},
        "expected video/mp4, got text/html (59 bytes)",
      ),
    }),
    job(7, "Recruiting stand-up", {
      state: "failed",
      attempts: 2,
      error: error("gone_at_zoom", "The recording is no longer at Zoom", "look into Zoom's trash"),
    }),
    job(6, "Journey map review", { bytes: 41_000_000 }),
    job(9, "Interview 10 – Amara Osei, nurse", {
      state: "waiting",
      attempts: 1,
      retry_at: new Date(Date.now() + 25_000).toISOString(),
      error: error(
        "at_work_elsewhere",
        "Jonas Weber is importing this now, on thinkpad",
        "nothing to do: it is here as soon as that is done",
        { name: "Jonas Weber", device: "thinkpad" },
      ),
    }),
    job(5, "Kick-off: clinic study", { state: "cancelled", attempts: 1 }),
    ...list,
  ];
}

export function beginning(options: FakeOptions): FakeState {
  const { scenario } = options;
  const first = scenario === "first-start";
  const rows =
    scenario === "many" ? manyRows() : scenario === "empty" || scenario === "disconnected" ? [] : ROWS;
  const research = rows.map((row, index) => libraryItem(RESEARCH, row, index));
  if (options.fault?.startsWith("unread")) {
    // As in a large teamspace: of the older ones only what the log says is here.
    for (const item of research.slice(3)) {
      item.unread = item.files.reduce((sum, file) => sum + file.size, 0);
      item.files = [];
      item.poster = null;
      item.host = null;
    }
  }
  const design = rows.slice(3, 9).map((row, index) => libraryItem(DESIGN, row, index + 40));
  const spaces = first
    ? []
    : [
        teamspace(RESEARCH, "Research", "/home/ada/Recordings/Research", research.length),
        teamspace(DESIGN, "Design reviews", "/media/team-drive/Design reviews", design.length),
      ];
  if (scenario === "errors" && spaces[1]) {
    spaces[1].state = "unreachable";
    spaces[1].error = error(
      "teamspace_unreachable",
      "The folder of “Design reviews” cannot be reached",
      "plug the drive in, or mount it again",
      { name: "Design reviews", path: "/media/team-drive/Design reviews" },
    );
  }
  if (spaces[0] && options.fault?.startsWith("bucket")) {
    spaces[0].location = {
      kind: "bucket",
      endpoint: null,
      region: "eu-central-1",
      bucket: "fieldnotes",
      prefix: "research",
      credentials: { kind: "access_key", id: "AKIATEAM" },
    };
    if (options.fault === "bucket-away") {
      spaces[0].state = "unreachable";
      spaces[0].error = error(
        "teamspace_unreachable",
        "The bucket of “Research” cannot be reached",
        "check the network",
        { trouble: "network", path: "s3://fieldnotes/research" },
      );
    }
  }
  if (spaces[0] && options.fault === "read-only") {
    spaces[0].state = "read_only";
    spaces[0].error = error(
      "teamspace_read_only",
      "The folder of “Research” cannot be written",
      "ask for the right",
    );
  }
  if (spaces[0] && options.fault === "refused") {
    spaces[0].state = "refused";
    spaces[0].error = error(
      "format_too_new",
      "“Research” was made by a newer version of NEXT Desktop (format 2)",
      "update NEXT Desktop to open it",
    );
  }
  const noKeyring = scenario === "no-keyring";
  return {
    appInfo: {
      version: "0.1.0",
      data_dir: "/home/ada/.local/share/next-desktop",
      practice: scenario === "practice",
      suggested_folder: "/home/ada/Recordings",
      device: "ada-framework",
      platform: "linux",
      secrets: {
        store: "keyring",
        error: noKeyring
          ? error(
              "keyring_unavailable",
              "No keyring was found on this machine",
              "install or unlock one, or choose another place for secrets",
              {},
              "org.freedesktop.secrets: The name is not activatable",
            )
          : null,
      },
      notices: noticesOf(options),
      barred: options.fault === "certificate" ? UNTRUSTED : null,
    },
    profile: first
      ? null
      : {
          id: "0199a7c1-7a11-7b1e-a0b5-5b9f3b0f1c01",
          name: "Ada Kessler",
          email: scenario === "confirm" ? "ada@kessler.example" : "ada.kessler@fieldnotes.example",
          photo: null,
          created_at: new Date(Date.now() - 70 * DAY).toISOString(),
        },
    settings: {
      theme: options.theme,
      language: options.language,
      participant_audio: false,
      bandwidth_limit: null,
      cache_budget: 10_000_000_000,
      keep_in_tray: true,
      notifications: {
        imported: true,
        trouble: true,
        quiet: false,
        quiet_from: "22:00:00",
        quiet_to: "07:00:00",
      },
    },
    background: {
      tray: options.fault !== "bare-desktop",
      notifications: options.fault !== "bare-desktop",
      start_at_login: false,
    },
    proxy: { mode: "system", address: null, username: null, has_password: false, source: "default" },
    client:
      scenario === "no-client"
        ? { client_id: null, has_secret: false, source: "none", redirect_uri: null, practice: false }
        : {
            client_id: scenario === "practice" ? "practice" : "kX3nQ0y7RcSmT2vB9aLw",
            has_secret: false,
            source: scenario === "practice" ? "environment" : "built_in",
            redirect_uri: null,
            practice: scenario === "practice",
          },
    account: accountOf(options),
    teamspaces: spaces,
    recordings: new Map([
      [RESEARCH, research],
      [DESIGN, design],
    ]),
    cloud: cloudList(scenario === "empty"),
    jobs: jobsOf(options),
    queue: {
      paused: scenario === "paused",
      full: scenario === "errors" ? NO_ROOM : null,
    },
    positions: new Map(),
  };
}
