//! The REST API under `/v2` (zoom-facts §2).

use std::sync::Arc;

use axum::extract::State as AxumState;
use axum::http::{HeaderMap, Method, Uri, header};
use axum::response::Response;
use serde_json::json;

use crate::answer::{error, json_answer, nothing};
use crate::clock::zoom_time;
use crate::encoding::{pairs, percent_decode, value};
use crate::file::Progress;
use crate::listing::{self, Query};
use crate::state::{Shared, State};

const LIST: &[&str] = &["cloud_recording:read:list_user_recordings", "recording:read"];
const FILES: &[&str] = &["cloud_recording:read:list_recording_files", "recording:read"];
const TRANSCRIPT: &[&str] = &["cloud_recording:read:meeting_transcript", "recording:read"];
const SUMMARY: &[&str] = &["meeting:read:summary", "meeting_summary:read"];
const DELETE: &[&str] = &["cloud_recording:delete:meeting_recording", "recording:write"];
const ME: &[&str] = &["user:read:user", "user:read"];

/// The user behind the bearer token, if it is alive and has one of the scopes.
fn authorised(state: &State, headers: &HeaderMap, scopes: &[&str]) -> Result<String, Response> {
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let chain = state.bearer(bearer).map_err(|message| error(401, 124, message))?;
    if !chain.scopes.iter().any(|held| scopes.contains(&held.as_str())) {
        return Err(missing_scopes(state.missing_scope_status, scopes));
    }
    Ok(chain.user.clone())
}

/// Code 4711.
pub(crate) fn missing_scopes(status: u16, scopes: &[&str]) -> Response {
    error(status, 4711, &format!("Invalid access token, does not contain scopes:[{}].", scopes.join(", ")))
}

/// `GET /v2/users/me`.
pub(crate) async fn users_me(AxumState(shared): AxumState<Arc<Shared>>, headers: HeaderMap) -> Response {
    let state = shared.state();
    let id = match authorised(&state, &headers, ME) {
        Ok(id) => id,
        Err(refusal) => return refusal,
    };
    let Some(user) = state.user(&id) else {
        return error(404, 1001, "User does not exist.");
    };
    let (first, last) = user.names();
    let mut out = json!({
        "id": user.id, "first_name": first, "last_name": last, "display_name": user.display_name,
        "email": user.email, "type": user.kind, "role_name": "Member", "role_id": "2",
        "pmi": 5_551_112_222_u64, "use_pmi": false, "personal_meeting_url": "", "timezone": user.timezone,
        "verified": 1, "dept": "", "created_at": "2024-03-11T09:20:14Z", "last_login_time": zoom_time(state.now()),
        "pic_url": "", "cms_user_id": "", "jid": "", "group_ids": [], "im_group_ids": [],
        "account_id": user.account_id, "language": "en-US", "phone_country": "", "phone_number": "",
        "status": "active", "job_title": "", "cost_center": "", "company": "", "location": "",
        "login_types": [100], "account_number": 5_001_234_567_u64, "cluster": "eu01", "user_created_at": "2024-03-11T09:18:02Z",
    });
    if user.kind == 2
        && let Some(object) = out.as_object_mut()
    {
        object.insert("plan_united_type".to_owned(), json!("1"));
    }
    json_answer(200, &out)
}

/// `GET /v2/users/me/recordings`.
pub(crate) async fn list_recordings(
    AxumState(shared): AxumState<Arc<Shared>>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let mut state = shared.state();
    let user = match authorised(&state, &headers, LIST) {
        Ok(user) => user,
        Err(refusal) => return refusal,
    };
    let query = match read_query(uri.query().unwrap_or_default()) {
        Ok(query) => query,
        Err(message) => return error(400, 300, &message),
    };
    match listing::page(&shared, &mut state, &user, &query) {
        Ok(page) => json_answer(200, &page),
        Err(listing::StaleToken) => error(400, 300, "The next page token is either invalid or has expired."),
    }
}

fn read_query(query: &str) -> Result<Query, String> {
    let pairs = pairs(query);
    let date = |name: &str| match value(&pairs, name) {
        None | Some("") => Ok(None),
        Some(text) => {
            text.parse().map(Some).map_err(|_| format!("The {name} field is not a date (yyyy-MM-dd)."))
        }
    };
    Ok(Query {
        from: date("from")?,
        to: date("to")?,
        page_size: value(&pairs, "page_size").and_then(|text| text.parse().ok()),
        next_page_token: value(&pairs, "next_page_token")
            .filter(|token| !token.is_empty())
            .map(ToOwned::to_owned),
        cloud_recording_only: value(&pairs, "recording_source_type") == Some("cloud_recording_only"),
        trash: value(&pairs, "trash") == Some("true"),
        trash_files: value(&pairs, "trash_type") == Some("recording_file"),
    })
}

/// Everything below `/v2/meetings/`, from the path as it was sent.
///
/// The path is decoded once before it is split, as a gateway does it: a UUID with a slash that was encoded only once
/// falls apart and is not found.
pub(crate) async fn meetings(
    AxumState(shared): AxumState<Arc<Shared>>,
    method: Method,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let decoded = percent_decode(uri.path().trim_start_matches("/v2/meetings/"));
    let parts: Vec<&str> = decoded.split('/').collect();
    let [id, what] = parts.as_slice() else {
        return error(404, 3001, "Meeting does not exist.");
    };
    let id = percent_decode(id);
    let mut state = shared.state();
    match (&method, *what) {
        (&Method::GET, "recordings") => match authorised(&state, &headers, FILES) {
            Ok(user) => recordings(&shared, &mut state, &user, &id, uri.query().unwrap_or_default()),
            Err(refusal) => refusal,
        },
        (&Method::DELETE, "recordings") => match authorised(&state, &headers, DELETE) {
            Ok(user) => trash(&mut state, &user, &id, uri.query().unwrap_or_default()),
            Err(refusal) => refusal,
        },
        (&Method::GET, "meeting_summary") => match authorised(&state, &headers, SUMMARY) {
            Ok(user) => summary(&state, &user, &id),
            Err(refusal) => refusal,
        },
        // Live it answered 404 for a session whose transcript was among the files (zoom-facts §2.5).
        (&Method::GET, "transcript") => match authorised(&state, &headers, TRANSCRIPT) {
            Ok(_) => error(404, 3322, "This meeting transcript does not exist."),
            Err(refusal) => refusal,
        },
        _ => error(404, 2300, "This API endpoint is not recognized."),
    }
}

/// A meeting by UUID; by number, the latest instance of the series.
fn find(state: &State, user: &str, id: &str) -> Option<usize> {
    let now = state.now();
    let number: Option<u64> = id.parse().ok();
    state
        .meetings
        .iter()
        .enumerate()
        .filter(|(_, meeting)| meeting.spec.host == user && meeting.is_listed(now))
        .filter(|(_, meeting)| meeting.spec.uuid == id || number == Some(meeting.spec.id))
        .max_by_key(|(_, meeting)| meeting.start)
        .map(|(index, _)| index)
}

fn recordings(shared: &Shared, state: &mut State, user: &str, id: &str, query: &str) -> Response {
    let missing = || error(404, 3301, "This recording does not exist.");
    let Some(index) = find(state, user, id) else { return missing() };
    let Some(meeting) = state.meetings.get_mut(index) else { return missing() };
    if meeting.spec.missing_for > 0 {
        meeting.spec.missing_for -= 1;
        return missing();
    }
    if meeting.spec.forbidden {
        return error(200, 200, "You do not have the right permissions.");
    }
    let Some(mut body) = listing::meeting_json(shared, state, index, false, true) else {
        return missing();
    };
    let query = pairs(query);
    let wanted = value(&query, "include_fields").unwrap_or_default();
    if wanted.split(',').any(|field| field == "download_access_token")
        && let Some(object) = body.as_object_mut()
    {
        // 0 to 604800 seconds, an hour if nothing is said.
        let ttl = value(&query, "ttl").and_then(|text| text.parse().ok()).unwrap_or(3600);
        let token = state.download_token(user, i64::clamp(ttl, 0, 604_800));
        object.insert("download_access_token".to_owned(), json!(token));
    }
    json_answer(200, &body)
}

fn trash(state: &mut State, user: &str, id: &str, query: &str) -> Response {
    let now = state.now();
    let Some(index) = find(state, user, id) else {
        return error(404, 3301, "This recording does not exist.");
    };
    if value(&pairs(query), "action") == Some("delete") {
        state.meetings.remove(index);
    } else if let Some(meeting) = state.meetings.get_mut(index) {
        meeting.spec.trashed = Some(now);
    }
    nothing()
}

fn summary(state: &State, user: &str, id: &str) -> Response {
    let now = state.now();
    let found = state.meetings.iter().find(|meeting| meeting.spec.uuid == id && meeting.spec.host == user);
    let Some(meeting) =
        found.filter(|meeting| meeting.files.iter().all(|file| file.progress(now) != Progress::Processing))
    else {
        return error(404, 3001, "Meeting does not exist.");
    };
    if meeting.spec.trashed.is_some() {
        return error(403, 2305, "The meeting summary is in the trash.");
    }
    let Some(content) = &meeting.spec.summary else {
        return error(404, 3001, "The meeting has no summary.");
    };
    json_answer(
        200,
        &json!({
            "meeting_host_id": meeting.spec.host,
            "meeting_uuid": meeting.spec.uuid,
            "meeting_id": meeting.spec.id,
            "meeting_topic": meeting.spec.topic,
            "meeting_start_time": zoom_time(meeting.start_time()),
            "summary_start_time": zoom_time(meeting.start),
            "summary_title": content.get("summary_title").cloned().unwrap_or_default(),
            "summary_overview": content.get("summary_overview").cloned().unwrap_or_default(),
            "next_steps": content.get("next_steps").cloned().unwrap_or_default(),
        }),
    )
}
