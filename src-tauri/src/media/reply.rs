//! Answering with a file: whole or a range of it, streamed.

use std::io::SeekFrom;
use std::ops::Range;
use std::sync::Arc;

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio_util::io::ReaderStream;

use super::range::{self, Wanted};
use crate::teamspace::FileSource;

/// Bytes that are read from a disk at a time.
const DISK_PIECE: usize = 256 << 10;

/// Bytes that are read from a store at a time: a request each, and few enough to come before it times out.
const STORE_PIECE: u64 = 4 << 20;

/// An opened file and its size. It is the size that is there and not the manifest's: a file that was cut
/// short plays as far as it goes.
enum Opened {
    Disk(File, u64),
    Store(Arc<dyn ObjectStore>, Path, u64),
}

pub(super) async fn file(
    request: &Parts,
    source: &FileSource,
    media_type: &str,
    sha256: Option<&str>,
) -> Result<Response, StatusCode> {
    let opened = open(source).await?;
    let size = match &opened {
        Opened::Disk(_, size) | Opened::Store(_, _, size) => *size,
    };
    let tag = sha256.map(|sha256| format!("\"{sha256}\""));
    let headers = &request.headers;
    let mut response = Response::new(Body::empty());
    set(&mut response, header::ACCEPT_RANGES, "bytes");
    set(&mut response, header::CACHE_CONTROL, "private, no-cache");
    if let Some(tag) = &tag {
        set(&mut response, header::ETAG, tag);
        if text(headers, header::IF_NONE_MATCH).is_some_and(|known| matches_tag(known, tag)) {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return Ok(response);
        }
    }
    let (media_type, is_known) = served_type(media_type);
    set(&mut response, header::CONTENT_TYPE, media_type);
    if !is_known {
        set(&mut response, header::CONTENT_DISPOSITION, "attachment");
    }
    let is_head = request.method == Method::HEAD;
    // A range is defined for GET alone, and holds with `If-Range` only while the file is the same.
    let wanted = match text(headers, header::IF_RANGE) {
        _ if is_head => Wanted::Whole,
        Some(condition) if Some(condition) != tag.as_deref() => Wanted::Whole,
        _ => range::parse(text(headers, header::RANGE), size),
    };
    let range = match wanted {
        Wanted::Whole => 0..size,
        Wanted::Part(range) => {
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            let said = format!("bytes {}-{}/{size}", range.start, range.end.saturating_sub(1));
            set(&mut response, header::CONTENT_RANGE, &said);
            range
        }
        Wanted::Unsatisfiable => {
            *response.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
            set(&mut response, header::CONTENT_RANGE, &format!("bytes */{size}"));
            return Ok(response);
        }
    };
    set(&mut response, header::CONTENT_LENGTH, &(range.end - range.start).to_string());
    if !is_head {
        *response.body_mut() = body(opened, range).await?;
    }
    Ok(response)
}

async fn open(source: &FileSource) -> Result<Opened, StatusCode> {
    match source {
        FileSource::Path(path) => {
            let failed = |error: std::io::Error| match error.kind() {
                std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => StatusCode::NOT_FOUND,
                _ => StatusCode::SERVICE_UNAVAILABLE,
            };
            let file = File::open(path).await.map_err(failed)?;
            let about = file.metadata().await.map_err(failed)?;
            if about.is_file() { Ok(Opened::Disk(file, about.len())) } else { Err(StatusCode::NOT_FOUND) }
        }
        FileSource::Object { store, path } => match store.head(path).await {
            Ok(about) => Ok(Opened::Store(store.clone(), path.clone(), about.size)),
            Err(object_store::Error::NotFound { .. }) => Err(StatusCode::NOT_FOUND),
            Err(_) => Err(StatusCode::SERVICE_UNAVAILABLE),
        },
    }
}

async fn body(opened: Opened, range: Range<u64>) -> Result<Body, StatusCode> {
    match opened {
        Opened::Disk(mut file, _) => {
            let sought = file.seek(SeekFrom::Start(range.start)).await;
            sought.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
            let part = file.take(range.end - range.start);
            Ok(Body::from_stream(ReaderStream::with_capacity(part, DISK_PIECE)))
        }
        Opened::Store(store, path, _) => {
            let pieces = futures::stream::try_unfold(range, move |rest| {
                let (store, path) = (store.clone(), path.clone());
                async move {
                    if rest.is_empty() {
                        return Ok::<_, object_store::Error>(None);
                    }
                    let end = rest.end.min(rest.start.saturating_add(STORE_PIECE));
                    let piece = store.get_range(&path, rest.start..end).await?;
                    Ok(Some((piece, end..rest.end)))
                }
            });
            Ok(Body::from_stream(pieces))
        }
    }
}

/// The type that is sent, and whether our window shows it. Everything else is only ever saved.
fn served_type(media_type: &str) -> (&str, bool) {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    match essence {
        "text/vtt" => ("text/vtt; charset=utf-8", true),
        "text/plain" => ("text/plain; charset=utf-8", true),
        "application/json" | "image/png" | "image/jpeg" | "image/webp" => (essence, true),
        _ if essence.starts_with("video/") || essence.starts_with("audio/") => (essence, true),
        _ => ("application/octet-stream", false),
    }
}

fn matches_tag(header: &str, tag: &str) -> bool {
    let tags = header.split(',').map(|known| known.trim());
    tags.into_iter().any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// Leaves out what is no header value; manifests are checked for that before.
fn set(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}
