//! Answering with a file: whole or a range of it, streamed.

use std::io::SeekFrom;
use std::ops::Range;

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio_util::io::ReaderStream;

use super::ahead::Pieces;
use super::range::{self, Wanted};
use super::{MediaFile, MediaSource, Shared};

/// Bytes that are read from a disk at a time.
const DISK_PIECE: usize = 256 << 10;

/// An opened file and its size. On a disk it is the size that is there and not the manifest's: a file that was cut
/// short plays as far as it goes. Of a store that is not asked: it would be a request for each stretch.
enum Opened {
    Disk(File, u64),
    Store(Pieces),
}

pub(super) async fn file(request: &Parts, shared: &Shared, file: &MediaFile) -> Result<Response, StatusCode> {
    let opened = open(shared, file).await?;
    let size = match &opened {
        Opened::Disk(_, size) => *size,
        Opened::Store(pieces) => pieces.size,
    };
    let (media_type, sha256) = (file.media_type.as_str(), Some(&file.sha256).filter(|sha| !sha.is_empty()));
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

async fn open(shared: &Shared, file: &MediaFile) -> Result<Opened, StatusCode> {
    match &file.source {
        MediaSource::Disk(path) => {
            let failed = |error: std::io::Error| match error.kind() {
                std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => StatusCode::NOT_FOUND,
                _ => StatusCode::SERVICE_UNAVAILABLE,
            };
            let file = File::open(path).await.map_err(failed)?;
            let about = file.metadata().await.map_err(failed)?;
            if about.is_file() { Ok(Opened::Disk(file, about.len())) } else { Err(StatusCode::NOT_FOUND) }
        }
        MediaSource::Store(origin) => Ok(Opened::Store(Pieces {
            origin: origin.clone(),
            size: file.size,
            sha256: file.sha256.as_str().into(),
            cache: shared.cache.clone(),
            fetching: shared.fetching.clone(),
        })),
    }
}

async fn body(opened: Opened, range: Range<u64>) -> Result<Body, StatusCode> {
    if range.is_empty() {
        return Ok(Body::empty());
    }
    match opened {
        Opened::Disk(mut file, _) => {
            let sought = file.seek(SeekFrom::Start(range.start)).await;
            sought.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
            let part = file.take(range.end - range.start);
            Ok(Body::from_stream(ReaderStream::with_capacity(part, DISK_PIECE)))
        }
        Opened::Store(pieces) => match pieces.read(range).await {
            Ok(pieces) => Ok(Body::from_stream(pieces)),
            Err(object_store::Error::NotFound { .. }) => Err(StatusCode::NOT_FOUND),
            Err(_) => Err(StatusCode::SERVICE_UNAVAILABLE),
        },
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
