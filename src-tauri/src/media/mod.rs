//! The media server: plays what the teamspaces hold, on this machine, to our own window only.
//!
//! It listens on 127.0.0.1 at a random port; the path begins with a secret of this launch; `Host` and
//! `Origin` must be ours, so that no page in a browser can reach it by another name. It serves nothing but
//! what the resolver names, which answers from manifests, and posters from the cache. What is in a bucket comes by
//! pieces, which the cache keeps.
//!
//! # Why
//!
//! A server of our own, and not a scheme of Tauri's: WebKitGTK plays media only over http, https, file, data
//! and blob. Its first request has no `Range`; so bodies are streamed, never held in memory.

mod ahead;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod range;
#[cfg(not(any(test, feature = "fuzzing")))]
mod range;
mod reply;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use data_encoding::HEXLOWER;
use futures::future::BoxFuture;
use object_store::ObjectStore;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::cache::Cache;
use crate::error::UserError;
use crate::recording::RecordingId;
use crate::teamspace::FileSource;
use ahead::Fetching;

/// Where our own window comes from: the app's pages on each system, and the development server.
const ORIGINS: [&str; 3] = ["tauri://localhost", "http://tauri.localhost", "http://localhost:1420"];

/// Leads to an object in a store, when its first byte is needed; none while it cannot be reached.
pub type Origin = Arc<
    dyn Fn() -> BoxFuture<'static, Option<(Arc<dyn ObjectStore>, object_store::path::Path)>> + Send + Sync,
>;

/// Where the bytes of what is played are.
#[derive(Clone)]
pub enum MediaSource {
    /// A file on this machine or a file server.
    Disk(PathBuf),
    /// An object in a store, read by pieces that the cache keeps.
    Store(Origin),
}

impl From<FileSource> for MediaSource {
    fn from(source: FileSource) -> Self {
        match source {
            FileSource::Path(path) => Self::Disk(path),
            FileSource::Object { store, path } => Self::Store(Arc::new(move || {
                let found = (store.clone(), path.clone());
                Box::pin(std::future::ready(Some(found)))
            })),
        }
    }
}

/// A file that may be played.
#[derive(Clone)]
pub struct MediaFile {
    /// Where its bytes are.
    pub source: MediaSource,
    /// Its media type.
    pub media_type: String,
    /// SHA-256 of its content, lower-case hex: its entity tag. Empty for what has none.
    pub sha256: String,
    /// Its size in bytes, as its manifest says.
    pub size: u64,
}

/// Finds a file by teamspace, recording and key, when a manifest names it; none otherwise.
pub type Resolver =
    Arc<dyn Fn(String, RecordingId, String) -> BoxFuture<'static, Option<MediaFile>> + Send + Sync>;

/// A running media server; dropping it stops it.
pub struct MediaServer {
    address: SocketAddr,
    secret: Arc<str>,
    task: JoinHandle<()>,
}

impl std::fmt::Debug for MediaServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MediaServer({})", self.address)
    }
}

impl Drop for MediaServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[derive(Clone)]
struct Shared {
    port: u16,
    secret: Arc<str>,
    resolve: Resolver,
    cache: Cache,
    fetching: Fetching,
}

impl MediaServer {
    /// Starts a server, in the runtime that this is called in.
    pub async fn start(resolve: Resolver, cache: Cache) -> Result<Self, UserError> {
        let failed = |source: std::io::Error| UserError::unexpected("start its player", source);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let secret: Arc<str> = HEXLOWER.encode(&rand::random::<[u8; 32]>()).into();
        let fetching = Fetching::default();
        let shared = Shared { port: address.port(), secret: secret.clone(), resolve, cache, fetching };
        let router = Router::new().fallback(answer).with_state(shared);
        let task = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "the media server has stopped");
            }
        });
        Ok(Self { address, secret, task })
    }

    /// The address of a file; good until the server stops. `key` is relative to the recording's folder.
    pub fn file_url(&self, teamspace: &str, id: &RecordingId, key: &str) -> String {
        format!("http://{}/{}/file/{teamspace}/{id}/{key}", self.address, self.secret)
    }

    /// The address of a recording's poster; good until the server stops.
    pub fn poster_url(&self, teamspace: &str, id: &RecordingId) -> String {
        format!("http://{}/{}/poster/{teamspace}/{id}", self.address, self.secret)
    }
}

/// What a path names.
enum Named {
    File { teamspace: String, id: RecordingId, key: String },
    Poster { teamspace: String, id: RecordingId },
}

async fn answer(State(shared): State<Shared>, request: Request) -> Response {
    let (request, _) = request.into_parts();
    let Some(origin) = allowed_origin(shared.port, &request.headers) else {
        return StatusCode::FORBIDDEN.into_response();
    };
    let mut response = route(&shared, &request).await.unwrap_or_else(IntoResponse::into_response);
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // Should a page ever be among the files, it may do nothing.
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = origin {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static(origin));
        headers.insert(
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static("Accept-Ranges, Content-Length, Content-Range, ETag"),
        );
    }
    response
}

async fn route(shared: &Shared, request: &Parts) -> Result<Response, StatusCode> {
    let named = named(&shared.secret, request.uri.path()).ok_or(StatusCode::NOT_FOUND)?;
    match request.method {
        Method::GET | Method::HEAD => {}
        Method::OPTIONS => return Ok(preflight()),
        _ => {
            let allow = [(header::ALLOW, "GET, HEAD, OPTIONS")];
            return Ok((StatusCode::METHOD_NOT_ALLOWED, allow).into_response());
        }
    }
    match named {
        Named::File { teamspace, id, key } => {
            let file = (shared.resolve)(teamspace, id, key).await.ok_or(StatusCode::NOT_FOUND)?;
            reply::file(request, shared, &file).await
        }
        Named::Poster { teamspace, id } => {
            let source = MediaSource::Disk(shared.cache.poster(&teamspace, &id));
            let media_type = "image/jpeg".to_owned();
            let poster = MediaFile { source, media_type, sha256: String::new(), size: 0 };
            reply::file(request, shared, &poster).await
        }
    }
}

/// None when the request does not come from our window: another `Host` means that a name was bent to this
/// machine, another `Origin` that a page asks. The inner value is the origin to answer to, if one was given.
fn allowed_origin(port: u16, headers: &HeaderMap) -> Option<Option<&'static str>> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = hosts.next()?.to_str().ok()?;
    if hosts.next().is_some()
        || !["127.0.0.1", "localhost"].iter().any(|name| host == format!("{name}:{port}"))
    {
        return None;
    }
    match headers.get(header::ORIGIN) {
        None => Some(None),
        Some(origin) => ORIGINS.into_iter().find(|ours| origin == ours).map(Some),
    }
}

/// Our own addresses need no escapes: a path that has some names nothing.
fn named(secret: &str, path: &str) -> Option<Named> {
    let (given, rest) = path.strip_prefix('/')?.split_once('/')?;
    if !same(given, secret) {
        return None;
    }
    let (what, rest) = rest.split_once('/')?;
    let (teamspace, rest) = rest.split_once('/')?;
    teamspace.parse::<uuid::Uuid>().ok()?;
    let teamspace = teamspace.to_owned();
    match what {
        "file" => {
            let (id, key) = rest.split_once('/')?;
            Some(Named::File { teamspace, id: id.parse().ok()?, key: key.to_owned() })
        }
        "poster" => Some(Named::Poster { teamspace, id: rest.parse().ok()? }),
        _ => None,
    }
}

/// Compares in a time that does not tell how much was right.
fn same(given: &str, secret: &str) -> bool {
    let differences = given.bytes().zip(secret.bytes()).fold(0, |sum, (a, b)| sum | (a ^ b));
    given.len() == secret.len() && differences == 0
}

fn preflight() -> Response {
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "Range, If-Range"),
        (header::ACCESS_CONTROL_MAX_AGE, "600"),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

#[cfg(test)]
mod tests;
