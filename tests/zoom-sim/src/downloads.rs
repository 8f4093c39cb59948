//! Downloads: the first host redirects, the storage host serves (zoom-facts §3).
//!
//! The first host wants the bearer token in the header. The storage host takes the signature in its URL and refuses a
//! request that carries `Authorization`, so that a client that leaks the token is caught.

use std::ops::Range;
use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::State as AxumState;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::Response;
use futures::{StreamExt as _, stream};

use crate::answer::{json_answer, page, redirect, text};
use crate::clock::{after, zoom_time};
use crate::content::Content;
use crate::encoding::{pairs, percent_decode, percent_encode, value};
use crate::faults::{Effects, Fault};
use crate::file::Progress;
use crate::html_pages;
use crate::ids;
use crate::listing::{download_url, read_download_path};
use crate::state::{Shared, State};

/// A signed storage URL lives for one hour.
const SIGNATURE_SECONDS: i64 = 3600;

/// `GET` or `HEAD /rec/download/…`.
pub(crate) async fn first_host(
    AxumState(shared): AxumState<Arc<Shared>>,
    Extension(effects): Extension<Effects>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    for fault in effects.iter() {
        match fault {
            Fault::RedirectToUnknownHost => {
                return redirect(302, "https://downloads.zoom-storage.example.net/file.mp4?Signature=x");
            }
            Fault::RedirectTo { location } => return redirect(302, location),
            Fault::RedirectLoop => {
                return redirect(302, &format!("{}{}", shared.known_as.0, uri.path()));
            }
            _ => {}
        }
    }
    let mut state = shared.state();
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some((key, mint)) = read_download_path(&state.secret, uri.path()) else {
        return page(404, html_pages::not_found());
    };
    // Without a header this is a person without cookies: a sign-in page, with 200.
    if bearer.is_none() {
        return page(200, html_pages::sign_in());
    }
    let Some(user) = state.download_bearer(bearer) else { return forbidden(401) };
    let now = state.now();
    let Some((file, host)) = state.file(&key) else {
        return page(404, html_pages::not_found());
    };
    if host != user {
        return page(200, html_pages::only_the_host());
    }
    let is_stale = mint <= file.dead_up_to || state.urls_kept.is_some_and(|kept| mint + kept <= file.minted);
    if is_stale || file.trashed.is_some() || file.progress(now) != Progress::Completed {
        return page(404, html_pages::not_found());
    }
    let location = sign(&mut state, &shared.known_as.1, &key);
    redirect(302, &location)
}

/// `{"status":false,"errorCode":124,"errorMessage":"Forbidden"}`, 59 bytes.
pub(crate) fn forbidden(status: u16) -> Response {
    text(
        status,
        "application/json",
        r#"{"status":false,"errorCode":124,"errorMessage":"Forbidden"}"#.to_owned(),
    )
}

/// A page of meetings with a field that has no end.
pub(crate) fn long_json(bytes: u64) -> Response {
    const BLOCK: u64 = 64 * 1024;
    let block = bytes::Bytes::from(vec![b'x'; BLOCK as usize]);
    let blocks = stream::repeat(block).take(usize::try_from(bytes / BLOCK).unwrap_or(usize::MAX));
    let ends = |text: &'static str| stream::iter([bytes::Bytes::from_static(text.as_bytes())]);
    let body = ends(r#"{"meetings":[],"next_page_token":"","padding":""#).chain(blocks).chain(ends(r#""}"#));
    let mut out = Response::new(Body::from_stream(body.map(Ok::<_, std::io::Error>)));
    out.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    out
}

/// Where a file can be had just now: at the first host, with a token, and at the storage host, without one.
pub(crate) fn addresses(shared: &Shared, key: &str) -> Option<(String, String)> {
    let mut state = shared.state();
    let secret = state.secret.clone();
    let file = state.file_mut(key)?;
    file.minted += 1;
    let first = download_url(&shared.origin, &secret, key, file.minted);
    Some((first, sign(&mut state, &shared.storage_origin, key)))
}

fn sign(state: &mut State, origin: &str, key: &str) -> String {
    let expires = after(state.now(), SIGNATURE_SECONDS).as_second().to_string();
    let signature = ids::mac(&state.secret, &format!("{key}/{expires}"));
    if !state.signatures.contains(&signature) {
        state.signatures.push(signature.clone());
    }
    format!(
        "{origin}/ssrweb/{}?Policy={}&Signature={signature}&Expires={expires}",
        percent_encode(key),
        ids::random(24)
    )
}

/// The file key of a storage path.
pub(crate) fn read_storage_path(path: &str) -> Option<String> {
    path.strip_prefix("/ssrweb/").map(percent_decode)
}

/// Storage says no in XML.
fn denied(status: u16, code: &str) -> Response {
    text(status, "application/xml", format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code></Error>"))
}

/// `GET` or `HEAD /ssrweb/…` on the storage host.
pub(crate) async fn storage(
    AxumState(shared): AxumState<Arc<Shared>>,
    Extension(effects): Extension<Effects>,
    method: Method,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    if headers.contains_key(header::AUTHORIZATION) {
        return denied(400, "InvalidArgument");
    }
    let (content, etag, name) = {
        let state = shared.state();
        let query = pairs(uri.query().unwrap_or_default());
        let key = read_storage_path(uri.path()).unwrap_or_default();
        let expires = value(&query, "Expires").unwrap_or_default();
        let is_signed =
            value(&query, "Signature") == Some(ids::mac(&state.secret, &format!("{key}/{expires}")).as_str());
        let is_over = expires.parse().is_ok_and(|second: i64| second <= state.now().as_second());
        if !is_signed || is_over || effects.has(&Fault::SignatureExpired) {
            return denied(403, "AccessDenied");
        }
        let Some((file, _)) = state.file(&key) else {
            return denied(404, "NoSuchKey");
        };
        let etag = format!("\"{}-{}\"", ids::mac("etag", &key), file.version);
        let name =
            format!("{}.{}", ids::encode(&zoom_time(state.now())), file.spec.file_extension.to_lowercase());
        (file.spec.content.clone(), etag, name)
    };
    serve(&effects, &method, &headers, content, etag, &name)
}

/// What a `Range` header asks for.
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    All,
    Part(Range<u64>),
    Unsatisfiable,
}

/// Reads one range (RFC 9110, 14.2). Several, or another unit: the whole is sent, as the RFC allows.
fn asked(range: Option<&str>, length: u64) -> Asked {
    let Some(spec) = range.and_then(|value| value.strip_prefix("bytes=")).filter(|spec| !spec.contains(','))
    else {
        return Asked::All;
    };
    let Some((first, last)) = spec.split_once('-') else {
        return Asked::All;
    };
    match (first.trim().parse::<u64>(), last.trim().parse::<u64>()) {
        (Ok(first), _) if first >= length => Asked::Unsatisfiable,
        (Ok(first), Ok(last)) if last >= first => Asked::Part(first..(last + 1).min(length)),
        (Ok(first), Err(_)) if last.trim().is_empty() => Asked::Part(first..length),
        (Err(_), Ok(last)) if first.trim().is_empty() && last > 0 && length > 0 => {
            Asked::Part(length.saturating_sub(last)..length)
        }
        (Err(_), Ok(_)) if first.trim().is_empty() => Asked::Unsatisfiable,
        _ => Asked::All,
    }
}

fn serve(
    effects: &Effects,
    method: &Method,
    headers: &HeaderMap,
    content: Content,
    etag: String,
    name: &str,
) -> Response {
    let length = content.len();
    let with_ranges = !effects.has(&Fault::NoRanges);
    let etag = if effects.has(&Fault::ChangingEtag) { format!("\"{}\"", ids::random(9)) } else { etag };
    let text_of = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let is_same = text_of(header::IF_RANGE).is_none_or(|wanted| wanted == etag);
    let wanted = if with_ranges && is_same { asked(text_of(header::RANGE), length) } else { Asked::All };
    let wanted = if effects.has(&Fault::RangeRefused) && text_of(header::RANGE).is_some() {
        Asked::Unsatisfiable
    } else {
        wanted
    };

    let mut out = Response::new(Body::empty());
    let answer = out.headers_mut();
    let mut put = |name: header::HeaderName, value: String| {
        if let Ok(value) = HeaderValue::from_str(&value) {
            answer.insert(name, value);
        }
    };
    if !effects.has(&Fault::NoEtag) {
        put(header::ETAG, etag);
    }
    if with_ranges {
        put(header::ACCEPT_RANGES, "bytes".to_owned());
    }
    let (status, range) = match wanted {
        Asked::All => (StatusCode::OK, 0..length),
        Asked::Part(range) => {
            put(header::CONTENT_RANGE, format!("bytes {}-{}/{length}", range.start, range.end - 1));
            (StatusCode::PARTIAL_CONTENT, range)
        }
        Asked::Unsatisfiable => {
            put(header::CONTENT_RANGE, format!("bytes */{length}"));
            put(header::CONTENT_LENGTH, "0".to_owned());
            *out.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
            return out;
        }
    };
    let media_type = effects.iter().find_map(|fault| match fault {
        Fault::MediaType { value } => Some(value.as_str()),
        _ => None,
    });
    put(header::CONTENT_TYPE, media_type.unwrap_or(media_type_of(name)).to_owned());
    put(header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\""));
    put(header::CONTENT_LENGTH, (range.end - range.start).to_string());
    *out.status_mut() = status;
    if *method != Method::HEAD {
        let content = if effects.has(&Fault::WrongContainer) { not_media(length) } else { content };
        *out.body_mut() = send(content, range);
    }
    out
}

fn send(content: Content, range: Range<u64>) -> Body {
    let chunks = stream::unfold(range.start, move |at| {
        let chunk = content.chunk(at..range.end);
        async move { chunk.map(|chunk| (Ok::<_, std::io::Error>(chunk.clone()), at + chunk.len() as u64)) }
    });
    // A fault may ask once more after the end.
    Body::from_stream(chunks.fuse())
}

/// As many bytes that are no media file.
fn not_media(length: u64) -> Content {
    let line = b"This is not the file you are looking for.\n";
    Content::Bytes(line.iter().copied().cycle().take(usize::try_from(length).unwrap_or(0)).collect())
}

fn media_type_of(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("mp4") => "video/mp4",
        Some("m4a") => "audio/mp4",
        Some("vtt") => "text/vtt",
        Some("txt") => "text/plain;charset=UTF-8",
        Some("json") => "application/json",
        Some("csv") => "text/csv",
        _ => "application/octet-stream",
    }
}

/// `/rec/play/…` and `/rec/share/…`: pages that want a passcode.
pub(crate) async fn watch_page() -> Response {
    page(200, html_pages::passcode())
}

/// Anything else on the storage host.
pub(crate) async fn no_such_key() -> Response {
    denied(404, "NoSuchKey")
}

/// Anything else on the first host.
pub(crate) async fn unknown() -> Response {
    json_answer(404, &serde_json::json!({ "code": 2300, "message": "This API endpoint is not recognized." }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_the_rfc_says() {
        assert_eq!(asked(None, 10), Asked::All);
        assert_eq!(asked(Some("bytes=0-3"), 10), Asked::Part(0..4));
        assert_eq!(asked(Some("bytes=4-"), 10), Asked::Part(4..10));
        assert_eq!(asked(Some("bytes=-3"), 10), Asked::Part(7..10));
        assert_eq!(asked(Some("bytes=4-99"), 10), Asked::Part(4..10));
        assert_eq!(asked(Some("bytes=10-"), 10), Asked::Unsatisfiable);
        assert_eq!(asked(Some("bytes=0-"), 0), Asked::Unsatisfiable);
        assert_eq!(asked(Some("bytes=0-1,4-5"), 10), Asked::All);
        assert_eq!(asked(Some("lines=1-2"), 10), Asked::All);
    }

    #[test]
    fn the_forbidden_body_has_the_59_bytes_that_were_seen() {
        assert_eq!(r#"{"status":false,"errorCode":124,"errorMessage":"Forbidden"}"#.len(), 59);
    }
}
