//! The two listeners, and what happens to every request before and after its handler: noted, limited, met by faults.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State as AxumState};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{any, get, post};
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::answer::{error, json_answer, page, redirect};
use crate::clock::{after, zoom_time};
use crate::connection::{Cut, Gate};
use crate::encoding::{pairs, percent_decode, value};
use crate::faults::{Effects, Fault, HtmlPage, Place, RetryAfter};
use crate::listing::read_download_path;
use crate::requests::{Host, RequestRecord};
use crate::state::Shared;
use crate::{authorize, body, control, downloads, html_pages, oauth, rest};

/// Serves both hosts until the tasks are aborted and `stop` says so.
pub(crate) fn serve(
    shared: &Arc<Shared>,
    zoom: TcpListener,
    storage: TcpListener,
    stop: &watch::Sender<bool>,
) -> Vec<JoinHandle<()>> {
    let zoom_app = Router::new()
        .route("/oauth/authorize", get(authorize::show).post(authorize::decide))
        .route("/oauth/logout", get(authorize::log_out))
        .route("/oauth/signin", get(authorize::sign_in))
        .route("/oauth/token", post(oauth::token))
        .route("/oauth/revoke", post(oauth::revoke))
        .route("/v2/users/me", get(rest::users_me))
        .route("/v2/users/me/recordings", get(rest::list_recordings))
        .route("/v2/meetings/{*rest}", any(rest::meetings))
        .route("/rec/download/{name}", get(downloads::first_host))
        .route("/rec/play/{name}", get(downloads::watch_page))
        .route("/rec/share/{name}", get(downloads::watch_page))
        .fallback(downloads::unknown)
        .with_state(Arc::clone(shared))
        .layer(from_fn_with_state((Arc::clone(shared), Host::Zoom), meet))
        .merge(control::routes(shared));
    let storage_app = Router::new()
        .route("/ssrweb/{name}", get(downloads::storage))
        .fallback(downloads::no_such_key)
        .with_state(Arc::clone(shared))
        .layer(from_fn_with_state((Arc::clone(shared), Host::Storage), meet));
    [(zoom, zoom_app), (storage, storage_app)]
        .into_iter()
        .map(|(listener, app)| {
            let gate = Gate::new(listener, stop.subscribe());
            let service = app.into_make_service_with_connect_info::<Cut>();
            tokio::spawn(async move {
                let _ = axum::serve(gate, service).await;
            })
        })
        .collect()
}

fn place(host: Host, method: &Method, path: &str) -> Place {
    let tail = path.rsplit('/').next().unwrap_or_default();
    match (host, path) {
        (Host::Storage, _) => Place::Storage,
        (_, "/oauth/token") => Place::Token,
        (_, "/oauth/revoke") => Place::Revoke,
        (_, "/v2/users/me") => Place::UsersMe,
        (_, "/v2/users/me/recordings") => Place::ListRecordings,
        _ if path.starts_with("/oauth/") => Place::Authorize,
        _ if path.starts_with("/rec/download/") => Place::Download,
        _ if path.starts_with("/v2/meetings/") => match tail {
            "recordings" if *method == Method::DELETE => Place::TrashRecordings,
            "recordings" => Place::MeetingRecordings,
            "meeting_summary" => Place::MeetingSummary,
            "transcript" => Place::MeetingTranscript,
            _ => Place::Unknown,
        },
        _ => Place::Unknown,
    }
}

fn file_of(shared: &Shared, host: Host, path: &str) -> Option<String> {
    match host {
        Host::Storage => downloads::read_storage_path(path),
        Host::Zoom => read_download_path(&shared.state().secret, &percent_decode(path)).map(|(key, _)| key),
    }
}

/// Around every request.
async fn meet(
    AxumState((shared, host)): AxumState<(Arc<Shared>, Host)>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, incoming) = request.into_parts();
    let path = parts.uri.path().to_owned();
    let place = place(host, &parts.method, &path);
    let file = file_of(&shared, host, &path);
    // A small body is read here, to note the grant type; the control API is not behind this.
    let Ok(body) = to_bytes(incoming, 1 << 20).await else {
        return error(400, 300, "The body is too long.");
    };
    let grant_type = (place == Place::Token)
        .then(|| value(&pairs(&String::from_utf8_lossy(&body)), "grant_type").map(ToOwned::to_owned))
        .flatten();
    let header = |name: header::HeaderName| {
        parts.headers.get(name).and_then(|value| value.to_str().ok()).map(ToOwned::to_owned)
    };
    let record = RequestRecord {
        number: 0,
        host,
        place,
        method: parts.method.to_string(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        path,
        range: header(header::RANGE),
        if_range: header(header::IF_RANGE),
        authorization: parts.headers.contains_key(header::AUTHORIZATION),
        file: file.clone(),
        grant_type,
        status: None,
        sent: 0,
    };
    let (number, counter, effects, over_limit) = {
        let mut state = shared.state();
        let (number, counter) = state.requests.add(record);
        let effects = state.faults.strike(place, file.as_deref());
        (number, counter, effects, state.rate.take(place, Instant::now()))
    };
    if *shared.offline.borrow() {
        cut.now().await;
    }
    parts.extensions.insert(effects.clone());
    wait(&effects, &cut).await;
    let answer = match (refused(&shared, &effects, place), over_limit) {
        (Some(answer), _) => answer,
        (None, Some(category)) => too_many_requests(shared.state().now(), RetryAfter::Seconds(1), category),
        (None, None) => next.run(Request::from_parts(parts, Body::from(body))).await,
    };
    if effects.has(&Fault::LoseAnswer) {
        cut.now().await;
    }
    let mut answer = answer;
    // Zoom's own time, which clients go by.
    let date = shared.state().now().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    if let Ok(date) = HeaderValue::from_str(&date) {
        answer.headers_mut().insert(header::DATE, date);
    }
    shared.state().requests.change(number, |record| record.status = Some(answer.status().as_u16()));
    if effects.is_empty() && host == Host::Zoom {
        return answer;
    }
    body::dispatch(answer, &effects, counter, cut, shared.offline.subscribe())
}

/// Faults that strike before the request is read.
async fn wait(effects: &Effects, cut: &Cut) {
    for fault in effects.iter() {
        match fault {
            Fault::Drop => cut.now().await,
            Fault::Hang => std::future::pending().await,
            Fault::Latency { milliseconds } => tokio::time::sleep(Duration::from_millis(*milliseconds)).await,
            _ => {}
        }
    }
}

/// Faults that are answers themselves.
fn refused(shared: &Shared, effects: &Effects, place: Place) -> Option<Response> {
    effects.iter().find_map(|fault| match fault {
        Fault::Status { status } => Some(plain_error(*status, place)),
        Fault::TooManyRequests { retry_after } => {
            Some(too_many_requests(shared.state().now(), *retry_after, "Light"))
        }
        Fault::Html { page: HtmlPage::OnlyTheHost } => Some(page(200, html_pages::only_the_host())),
        Fault::Html { page: HtmlPage::SignIn } => Some(page(200, html_pages::sign_in())),
        Fault::Html { page: HtmlPage::Passcode } => Some(page(200, html_pages::passcode())),
        Fault::ErrorCode124 => Some(downloads::forbidden(200)),
        Fault::ErrorBody => Some(error(200, 200, "You do not have the right permissions.")),
        Fault::InvalidToken => Some(error(401, 124, "Invalid access token.")),
        Fault::MissingScopes { status } => {
            Some(rest::missing_scopes(*status, &["cloud_recording:read:list_user_recordings"]))
        }
        Fault::LongJson { bytes } => Some(downloads::long_json(*bytes)),
        Fault::OauthError { code } => Some(oauth::refusal(&shared.state(), *code)),
        // On the storage host and elsewhere these two are answers as well; the first host knows them itself.
        Fault::RedirectTo { location } if place != Place::Download => Some(redirect(302, location)),
        _ => None,
    })
}

fn plain_error(status: u16, place: Place) -> Response {
    match status {
        500.. => page(
            status,
            format!("<html><head><title>{status}</title></head><body>Service unavailable</body></html>"),
        ),
        _ if place == Place::Token => {
            json_answer(status, &serde_json::json!({ "reason": "Bad request", "error": "invalid_request" }))
        }
        _ => error(status, u32::from(status), "Refused."),
    }
}

fn too_many_requests(now: Timestamp, retry_after: RetryAfter, category: &'static str) -> Response {
    let mut answer =
        error(429, 429, "You have reached the maximum per-second rate limit for this API. Try again later.");
    *answer.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    let later = |seconds: u64| after(now, i64::try_from(seconds).unwrap_or(i64::MAX));
    let value = match retry_after {
        RetryAfter::Missing => return answer,
        RetryAfter::Seconds(seconds) => seconds.to_string(),
        RetryAfter::HttpDate(seconds) => later(seconds).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string(),
        RetryAfter::Iso(seconds) => zoom_time(later(seconds)),
        RetryAfter::Garbage => "soon".to_owned(),
    };
    let headers = answer.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&value) {
        headers.insert(header::RETRY_AFTER, value);
    }
    headers.insert("x-ratelimit-category", HeaderValue::from_static(category));
    headers.insert("x-ratelimit-type", HeaderValue::from_static("Per-second-limit"));
    headers.insert("x-ratelimit-remaining", HeaderValue::from_static("0"));
    answer
}
