/**
 * What an error looks like on screen: how grave it is, one sentence for what happened, one for what to do, and
 * at most one button. Sentences come from the messages where a code says it all; where the core knows more
 * (paths, sizes), its English sentence is shown in English and kept as a detail in other languages.
 */
import { formatDate } from "./format";
import { locale } from "./locale.svelte";
import { m } from "./paraglide/messages";
import type { Code } from "./types";
import { asUserError } from "./user-error";

export { asUserError, isUserError } from "./user-error";

export type Severity = "info" | "warning" | "danger";

/** What the one button does. `try_again` belongs to whoever shows the error. */
export type ErrorAction =
  "connect_zoom" | "set_up_zoom" | "choose_secrets_store" | "network_settings" | "try_again";

export interface PresentedError {
  severity: Severity;
  title: string;
  hint: string;
  /** The core's own sentence, in English, where the words above are only general; else empty. */
  said: string;
  action: ErrorAction | null;
  actionLabel: string;
  /** Technical lines to copy into a report. */
  detail: string;
}

type Params = Record<string, string>;
type Words = [title: (params: Params) => string, hint: (params: Params) => string];

function certificate({ host = "", reason }: Params): string {
  if (reason === "date") return m.error_certificate_date({ host });
  return reason === "name" ? m.error_certificate_name({ host }) : m.error_certificate_unknown({ host });
}

function certificateHint({ reason }: Params): string {
  if (reason === "date") return m.error_certificate_date_hint();
  return reason === "name" ? m.error_certificate_name_hint() : m.error_certificate_unknown_hint();
}

/** Whose the account is, on which machine and since when, where the core knows it. */
function claimed({ name, device = "", since = "", email = "" }: Params): string {
  if (!name || !email) return m.error_claim_conflict();
  return m.error_claim_conflict_of({ email, name, device, since: formatDate(since) });
}

/** Who imports a recording just now: a colleague, or the person's own other machine. */
function atWork({ name, device }: Params): string {
  if (!device) return m.error_at_work_elsewhere();
  return name ? m.error_at_work_of({ name, device }) : m.error_at_work_own({ device });
}

/** Why an object store refuses, in words; `trouble` says which. */
const BUCKET: Record<string, Words> = {
  no_keys: [({ path = "" }) => m.error_bucket_no_keys({ path }), m.error_bucket_no_keys_hint],
  no_profile: [m.error_bucket_no_profile, m.error_bucket_no_profile_hint],
  unknown_key: [m.error_bucket_unknown_key, m.error_bucket_unknown_key_hint],
  wrong_secret: [m.error_bucket_wrong_secret, m.error_bucket_wrong_secret_hint],
  expired: [({ path = "" }) => m.error_bucket_expired({ path }), m.error_bucket_expired_hint],
  other_region: [
    ({ region }) => (region ? m.error_bucket_other_region_named({ region }) : m.error_bucket_other_region()),
    m.error_bucket_other_region_hint,
  ],
  no_bucket: [({ path = "" }) => m.error_bucket_no_bucket({ path }), m.error_bucket_no_bucket_hint],
  clock: [m.error_bucket_clock, m.error_bucket_clock_hint],
  not_allowed: [({ path = "" }) => m.error_bucket_not_allowed({ path }), m.error_bucket_not_allowed_hint],
  full: [({ path = "" }) => m.error_bucket_full({ path }), m.error_bucket_full_hint],
};

const REFUSED: Words = [({ path = "" }) => m.error_bucket_refused({ path }), m.error_bucket_refused_hint];

const FULL_COPYING: Words = [({ path = "" }) => m.error_bucket_full({ path }), m.error_full_copying_hint];

const bucketWords = ({ trouble = "", deed }: Params): Words =>
  trouble === "full" && deed === "copy" ? FULL_COPYING : (BUCKET[trouble] ?? REFUSED);

/** What is wrong with a link that was followed; `link` says which. */
const LINK: Record<string, Words> = {
  unknown: [m.error_link_unknown, m.error_link_unknown_hint],
  teamspace: [m.error_link_teamspace, m.error_link_teamspace_hint],
};

/** Codes that say it all: the same words wherever they happen. */
const WHOLE: Partial<Record<Code, Words>> = {
  no_zoom_client: [m.error_no_zoom_client, m.error_no_zoom_client_hint],
  not_connected: [m.error_not_connected, m.error_not_connected_hint],
  needs_reauthorization: [m.error_needs_reauthorization, m.error_needs_reauthorization_hint],
  authorization_declined: [m.error_authorization_declined, m.error_authorization_declined_hint],
  authorization_expired: [m.error_authorization_expired, m.error_authorization_expired_hint],
  authorization_state_mismatch: [m.error_state_mismatch, m.error_state_mismatch_hint],
  authorization_not_started_here: [m.error_not_started_here, m.error_not_started_here_hint],
  authorization_code_refused: [m.error_code_refused, m.error_code_refused_hint],
  authorization_cancelled: [m.error_authorization_cancelled, m.error_authorization_cancelled_hint],
  offline: [
    ({ unknown_host: host }) => (host ? m.error_name_unknown({ host }) : m.error_offline()),
    ({ unknown_host: host }) => (host ? m.error_name_unknown_hint() : m.error_offline_hint()),
  ],
  proxy_unreachable: [
    ({ proxy = "" }) => m.error_proxy_unreachable({ proxy }),
    m.error_proxy_unreachable_hint,
  ],
  proxy_password: [
    ({ proxy = "", signed_in }) =>
      signed_in === "yes" ? m.error_proxy_password_wrong({ proxy }) : m.error_proxy_password({ proxy }),
    ({ signed_in }) =>
      signed_in === "yes" ? m.error_proxy_password_wrong_hint() : m.error_proxy_password_hint(),
  ],
  proxy_refused: [
    ({ proxy = "", host = "" }) => m.error_proxy_refused({ proxy, host }),
    m.error_proxy_refused_hint,
  ],
  certificate_not_trusted: [certificate, certificateHint],
  bucket_refused: [(params) => bucketWords(params)[0](params), (params) => bucketWords(params)[1](params)],
  rate_limited: [m.error_rate_limited, m.error_rate_limited_hint],
  place_not_empty: [({ path = "" }) => m.error_place_not_empty({ path }), m.error_place_not_empty_hint],
  still_processing: [m.error_still_processing, m.error_still_processing_hint],
  at_work_elsewhere: [atWork, m.error_at_work_hint],
  gone_at_zoom: [m.error_gone_at_zoom, m.error_gone_at_zoom_hint],
  in_trash: [m.error_in_trash, m.error_in_trash_hint],
  cancelled: [m.error_cancelled, m.error_cancelled_hint],
};

/** Codes of which the core can say more than we: translated in general, its sentence kept as a detail. */
const GENERAL: Partial<Record<Code, Words>> = {
  usage: [m.error_usage, m.error_usage_hint],
  not_found: [m.error_not_found, m.error_not_found_hint],
  no_profile: [m.error_no_profile, m.error_no_profile_hint],
  zoom_client_refused: [m.error_zoom_client_refused, m.error_zoom_client_refused_hint],
  scopes_missing: [m.error_scopes_missing, m.error_scopes_missing_hint],
  claim_conflict: [claimed, m.error_claim_conflict_hint],
  zoom_unavailable: [m.error_zoom_unavailable, m.error_zoom_unavailable_hint],
  zoom_refused: [m.error_zoom_refused, m.error_zoom_refused_hint],
  file_refused: [m.error_file_refused, m.error_file_refused_hint],
  not_all_imported: [m.error_not_all_imported, m.error_not_all_imported_hint],
  copy_damaged: [m.error_copy_damaged, m.error_copy_damaged_hint],
  file_damaged: [m.error_file_damaged, m.error_file_damaged_hint],
  teamspace_unreachable: [
    ({ trouble }) => (trouble ? m.error_bucket_unreachable() : m.error_teamspace_unreachable()),
    ({ trouble }) => (trouble ? m.error_bucket_unreachable_hint() : m.error_teamspace_unreachable_hint()),
  ],
  teamspace_read_only: [m.error_teamspace_read_only, m.error_teamspace_read_only_hint],
  teamspace_moved: [({ to = "" }) => m.error_teamspace_moved({ to }), m.error_teamspace_moved_hint],
  teamspace_unsafe: [m.error_teamspace_unsafe, m.error_teamspace_unsafe_hint],
  format_too_new: [m.error_format_too_new, m.error_format_too_new_hint],
  disk_full: [
    m.error_disk_full,
    ({ deed }) =>
      deed === "copy"
        ? m.error_full_copying_hint()
        : deed === "export"
          ? m.error_full_exporting_hint()
          : m.error_disk_full_hint(),
  ],
  permission_denied: [m.error_permission_denied, m.error_permission_denied_hint],
  keyring_unavailable: [m.error_keyring_unavailable, m.error_keyring_unavailable_hint],
  data_directory: [m.error_data_directory, m.error_data_directory_hint],
  program_missing: [
    ({ trouble }) => (trouble === "encoder" ? m.error_ffmpeg_encoder() : m.error_ffmpeg_missing()),
    ({ trouble, install }) =>
      trouble === "encoder"
        ? m.error_ffmpeg_encoder_hint()
        : m.error_ffmpeg_missing_hint({ install: install ?? "ffmpeg" }),
  ],
  busy: [m.error_busy, m.error_busy_hint],
  unexpected: [m.error_unexpected, m.error_unexpected_hint],
};

const SEVERITY: Partial<Record<Code, Severity>> = {
  authorization_cancelled: "info",
  authorization_declined: "info",
  cancelled: "info",
  still_processing: "info",
  at_work_elsewhere: "info",
  rate_limited: "info",
  not_connected: "info",
  no_zoom_client: "info",
  offline: "warning",
  proxy_unreachable: "warning",
  proxy_password: "warning",
  proxy_refused: "warning",
  certificate_not_trusted: "warning",
  needs_reauthorization: "warning",
  authorization_expired: "warning",
  authorization_not_started_here: "warning",
  claim_conflict: "warning",
  zoom_unavailable: "warning",
  gone_at_zoom: "warning",
  in_trash: "info",
  not_all_imported: "info",
  teamspace_unreachable: "warning",
  bucket_refused: "warning",
  place_not_empty: "warning",
  teamspace_unsafe: "warning",
  keyring_unavailable: "warning",
  program_missing: "warning",
  busy: "warning",
};

const ACTION: Partial<Record<Code, ErrorAction>> = {
  no_zoom_client: "set_up_zoom",
  zoom_client_refused: "set_up_zoom",
  not_connected: "connect_zoom",
  needs_reauthorization: "connect_zoom",
  authorization_declined: "connect_zoom",
  authorization_expired: "connect_zoom",
  authorization_state_mismatch: "connect_zoom",
  authorization_not_started_here: "connect_zoom",
  authorization_code_refused: "connect_zoom",
  authorization_cancelled: "connect_zoom",
  scopes_missing: "connect_zoom",
  keyring_unavailable: "choose_secrets_store",
  offline: "try_again",
  proxy_unreachable: "network_settings",
  proxy_password: "network_settings",
  proxy_refused: "network_settings",
  certificate_not_trusted: "try_again",
  rate_limited: "try_again",
  zoom_unavailable: "try_again",
  teamspace_unreachable: "try_again",
  bucket_refused: "try_again",
  teamspace_read_only: "try_again",
  disk_full: "try_again",
  busy: "try_again",
  unexpected: "try_again",
};

/** First letter upper case, full stop at the end: the core's sentences come without. */
function sentence(words: string): string {
  const text = words.trim();
  if (!text) return "";
  const whole = text.charAt(0).toLocaleUpperCase(locale.current) + text.slice(1);
  return /[.!?…]$/.test(whole) ? whole : `${whole}.`;
}

function actionLabel(action: ErrorAction | null, code: Code): string {
  switch (action) {
    case "connect_zoom":
      if (code === "needs_reauthorization") return m.reconnect();
      return code === "not_connected" ? m.zoom_connect() : m.try_again();
    case "set_up_zoom":
      return m.zoom_client_set_up();
    case "choose_secrets_store":
      return m.secrets_choose();
    case "network_settings":
      return m.network_open();
    case "try_again":
      return m.try_again();
    case null:
      return "";
  }
}

/** Whatever was thrown, ready to be shown. Reads the language, so it belongs in a template or `$derived`. */
export function presentError(thrown: unknown): PresentedError {
  const error = asUserError(thrown);
  const said = { title: sentence(error.message), hint: sentence(error.action) };
  const params = error.params ?? {};
  const words =
    LINK[params.link ?? ""] ??
    WHOLE[error.code] ??
    (locale.current === "en" && said.title ? undefined : GENERAL[error.code]);
  const action = ACTION[error.code] ?? null;
  const title = words ? words[0](params) : said.title;
  return {
    severity: SEVERITY[error.code] ?? "danger",
    title,
    hint: words ? words[1](params) : said.hint,
    said: words && words === GENERAL[error.code] ? `${said.title} ${said.hint}`.trim() : "",
    action,
    actionLabel: actionLabel(action, error.code),
    detail: [
      title === said.title ? "" : `${said.title} ${said.hint}`.trim(),
      error.detail ? `${error.code}: ${error.detail}` : `(${error.code})`,
    ]
      .filter(Boolean)
      .join("\n"),
  };
}
