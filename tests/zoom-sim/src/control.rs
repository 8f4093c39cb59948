//! The control API: the knobs over HTTP, for other processes. The crate's documentation lists the requests.
//!
//! It answers on the first host, also while the simulator is offline, and is not in the request log. Bodies are JSON;
//! a body that cannot be read is answered with 400 or 422 and the reason.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, State as AxumState};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::account::{Client, User};
use crate::answer::json_answer;
use crate::browser::Choice;
use crate::clips;
use crate::content::Content;
use crate::downloads::addresses as downloads_at;
use crate::faults::FaultRule;
use crate::file::FileSpec;
use crate::knobs::Knobs;
use crate::listing::ListingHabits;
use crate::meeting::MeetingSpec;
use crate::shapes::Shape;
use crate::state::Shared;

type Sim = AxumState<Knobs>;

/// The routes below `/sim`.
pub(crate) fn routes(shared: &Arc<Shared>) -> Router {
    Router::new()
        .route("/sim", get(overview))
        .route("/sim/samples", post(samples))
        .route("/sim/meetings", post(add_meeting))
        .route("/sim/shapes", post(add_shape))
        .route("/sim/meetings/remove", post(remove_meeting))
        .route("/sim/meetings/trash", post(trash_meeting))
        .route("/sim/files/complete", post(complete))
        .route("/sim/files/replace", post(replace))
        .route("/sim/files/addresses", post(addresses))
        .route("/sim/urls/expire", post(expire_urls))
        .route("/sim/urls/keep", post(keep_urls))
        .route("/sim/downloads", post(downloads))
        .route("/sim/users", post(put_user))
        .route("/sim/clients", post(put_client))
        .route("/sim/browser", post(browser))
        .route("/sim/authorize", post(authorize))
        .route("/sim/tokens/access", post(access_token))
        .route("/sim/tokens/expire", post(expire_tokens))
        .route("/sim/tokens/revoke", post(revoke_tokens))
        .route("/sim/tokens/drop-scope", post(drop_scope))
        .route("/sim/advance", post(advance))
        .route("/sim/listing", post(listing))
        .route("/sim/rate", post(rate))
        .route("/sim/faults", get(faults).post(add_fault))
        .route("/sim/faults/clear", post(clear_faults))
        .route("/sim/offline", post(offline))
        .route("/sim/requests", get(requests))
        .route("/sim/requests/clear", post(clear_requests))
        .route("/sim/secrets", get(secrets))
        .route("/sim/{*rest}", get(unknown).post(unknown))
        .with_state(Knobs { shared: Arc::clone(shared) })
}

fn done() -> Response {
    json_answer(200, &json!({ "done": true }))
}

fn refused(sentence: &str) -> Response {
    json_answer(400, &json!({ "error": sentence }))
}

fn found(is_there: bool) -> Response {
    if is_there { done() } else { json_answer(404, &json!({ "error": "There is nothing with this name." })) }
}

fn body(value: impl serde::Serialize) -> Response {
    serde_json::to_value(value)
        .map_or_else(|error| refused(&error.to_string()), |value| json_answer(200, &value))
}

async fn unknown(Path(rest): Path<String>) -> Response {
    json_answer(404, &json!({ "error": format!("The control API has no /sim/{rest}.") }))
}

async fn overview(AxumState(sim): Sim) -> Response {
    let state = sim.state();
    let now = state.now();
    let meetings: Vec<Value> = state
        .meetings
        .iter()
        .map(|meeting| {
            let files: Vec<Value> = meeting
                .all_files()
                .map(|file| json!({ "key": file.key, "file_type": file.spec.file_type, "progress": file.progress(now) }))
                .collect();
            json!({
                "uuid": meeting.spec.uuid, "id": meeting.spec.id, "host": meeting.spec.host, "topic": meeting.spec.topic,
                "start": meeting.start.to_string(), "listed": meeting.is_listed(now), "files": files,
            })
        })
        .collect();
    body(
        json!({ "now": now.to_string(), "users": state.users, "browser": state.browser, "meetings": meetings }),
    )
}

async fn samples(AxumState(sim): Sim) -> Response {
    body(sim.samples())
}

/// A sample that does not exist would be an empty file.
fn unknown_sample(content: &Content) -> Option<Response> {
    match content {
        Content::Sample(name) | Content::Padded { sample: name, .. } if !clips::exists(name) => {
            Some(refused(&format!("There is no sample {name}.")))
        }
        _ => None,
    }
}

async fn add_meeting(AxumState(sim): Sim, Json(spec): Json<MeetingSpec>) -> Response {
    let files = spec.files.iter().chain(&spec.participant_audio_files);
    if let Some(refusal) = files.map(|file: &FileSpec| &file.content).find_map(unknown_sample) {
        return refusal;
    }
    body(sim.add_meeting(spec))
}

#[derive(Deserialize)]
struct ShapeName {
    shape: Shape,
}

async fn add_shape(AxumState(sim): Sim, Json(name): Json<ShapeName>) -> Response {
    body(sim.add_shape(name.shape))
}

#[derive(Deserialize)]
struct Uuid {
    uuid: String,
}

async fn remove_meeting(AxumState(sim): Sim, Json(name): Json<Uuid>) -> Response {
    sim.remove_meeting(&name.uuid);
    done()
}

async fn trash_meeting(AxumState(sim): Sim, Json(name): Json<Uuid>) -> Response {
    sim.trash_meeting(&name.uuid);
    done()
}

#[derive(Deserialize)]
struct FileKey {
    file: String,
}

async fn complete(AxumState(sim): Sim, Json(name): Json<FileKey>) -> Response {
    found(sim.complete(&name.file))
}

#[derive(Deserialize)]
struct Replacement {
    file: String,
    content: Content,
}

async fn replace(AxumState(sim): Sim, Json(new): Json<Replacement>) -> Response {
    unknown_sample(&new.content).unwrap_or_else(|| found(sim.replace_content(&new.file, new.content)))
}

async fn addresses(AxumState(sim): Sim, Json(name): Json<FileKey>) -> Response {
    match downloads_at(&sim.shared, &name.file) {
        Some((first, storage)) => body(json!({ "download_url": first, "storage_url": storage })),
        None => found(false),
    }
}

async fn expire_urls(AxumState(sim): Sim) -> Response {
    sim.expire_download_urls();
    done()
}

#[derive(Deserialize)]
struct Keep {
    listings: Option<u64>,
}

async fn keep_urls(AxumState(sim): Sim, Json(keep): Json<Keep>) -> Response {
    sim.keep_download_urls(keep.listings);
    done()
}

#[derive(Deserialize)]
struct Downloads {
    need_own_token: bool,
}

async fn downloads(AxumState(sim): Sim, Json(wanted): Json<Downloads>) -> Response {
    sim.set_downloads_need_own_token(wanted.need_own_token);
    done()
}

/// Adds a user, or replaces the one with the same id.
async fn put_user(AxumState(sim): Sim, Json(user): Json<User>) -> Response {
    let mut state = sim.state();
    state.users.retain(|known| known.id != user.id);
    state.users.push(user.clone());
    state.save();
    body(user)
}

/// Adds an app, or replaces the one with the same id.
async fn put_client(AxumState(sim): Sim, Json(client): Json<Client>) -> Response {
    let mut state = sim.state();
    state.clients.retain(|known| known.id != client.id);
    state.clients.push(client.clone());
    state.save();
    body(client)
}

#[derive(Deserialize)]
struct Users {
    users: Vec<String>,
}

async fn browser(AxumState(sim): Sim, Json(who): Json<Users>) -> Response {
    let users: Vec<&str> = who.users.iter().map(String::as_str).collect();
    sim.sign_in_browser(&users);
    done()
}

#[derive(Deserialize)]
struct Authorization {
    url: String,
    #[serde(flatten)]
    choice: Choice,
    #[serde(default)]
    follow: bool,
}

async fn authorize(AxumState(sim): Sim, Json(asked): Json<Authorization>) -> Response {
    let result = if asked.follow {
        sim.authorize_and_follow(&asked.url, &asked.choice).await
    } else {
        sim.authorize(&asked.url, &asked.choice).await
    };
    result.map_or_else(|error| refused(&error.to_string()), |target| body(json!({ "redirect": target })))
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Access,
    Refresh,
}

#[derive(Deserialize)]
struct Which {
    which: Kind,
}

async fn expire_tokens(AxumState(sim): Sim, Json(tokens): Json<Which>) -> Response {
    match tokens.which {
        Kind::Access => sim.expire_access_tokens(),
        Kind::Refresh => sim.expire_refresh_tokens(),
    }
    done()
}

#[derive(Deserialize)]
struct Who {
    user: String,
}

async fn access_token(AxumState(sim): Sim, Json(who): Json<Who>) -> Response {
    let state = sim.state();
    let user = state.find_user(&who.user).map(|user| user.id.clone()).unwrap_or_default();
    match state.tokens.newest_access(&user) {
        Some(token) => body(json!({ "access_token": token })),
        None => found(false),
    }
}

async fn revoke_tokens(AxumState(sim): Sim, Json(who): Json<Who>) -> Response {
    sim.revoke_tokens(&who.user);
    done()
}

#[derive(Deserialize)]
struct Scope {
    scope: String,
}

async fn drop_scope(AxumState(sim): Sim, Json(name): Json<Scope>) -> Response {
    sim.drop_scope(&name.scope);
    done()
}

#[derive(Deserialize)]
struct Step {
    seconds: u64,
}

async fn advance(AxumState(sim): Sim, Json(step): Json<Step>) -> Response {
    sim.advance(Duration::from_secs(step.seconds));
    done()
}

async fn listing(AxumState(sim): Sim, Json(habits): Json<ListingHabits>) -> Response {
    sim.set_listing(habits);
    done()
}

#[derive(Deserialize)]
struct Rate {
    light: Option<u32>,
    medium: Option<u32>,
}

async fn rate(AxumState(sim): Sim, Json(rate): Json<Rate>) -> Response {
    sim.set_rate_limit(rate.light, rate.medium);
    done()
}

async fn faults(AxumState(sim): Sim) -> Response {
    body(sim.faults())
}

async fn add_fault(AxumState(sim): Sim, Json(rule): Json<FaultRule>) -> Response {
    sim.fault(rule);
    done()
}

async fn clear_faults(AxumState(sim): Sim) -> Response {
    sim.clear_faults();
    done()
}

#[derive(Deserialize)]
struct Offline {
    offline: bool,
}

async fn offline(AxumState(sim): Sim, Json(wanted): Json<Offline>) -> Response {
    sim.set_offline(wanted.offline);
    done()
}

async fn requests(AxumState(sim): Sim) -> Response {
    body(sim.requests())
}

async fn clear_requests(AxumState(sim): Sim) -> Response {
    sim.clear_requests();
    done()
}

async fn secrets(AxumState(sim): Sim) -> Response {
    body(sim.issued_secrets())
}
