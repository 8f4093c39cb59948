//! Answers in Zoom's shapes.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};

/// A JSON answer.
pub(crate) fn json_answer(status: u16, body: &Value) -> Response {
    text(status, "application/json;charset=UTF-8", body.to_string())
}

/// A REST error: `{"code","message"}`.
pub(crate) fn error(status: u16, code: u32, message: &str) -> Response {
    json_answer(status, &json!({ "code": code, "message": message }))
}

/// An HTML page.
pub(crate) fn page(status: u16, html: String) -> Response {
    text(status, "text/html;charset=UTF-8", html)
}

/// Any text.
pub(crate) fn text(status: u16, media_type: &str, body: String) -> Response {
    let mut answer = Response::new(Body::from(body));
    *answer.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if let Ok(value) = HeaderValue::from_str(media_type) {
        answer.headers_mut().insert(header::CONTENT_TYPE, value);
    }
    answer
}

/// A redirect with this status.
pub(crate) fn redirect(status: u16, location: &str) -> Response {
    let mut answer = text(status, "text/plain", String::new());
    if let Ok(value) = HeaderValue::from_str(location) {
        answer.headers_mut().insert(header::LOCATION, value);
    }
    answer
}

/// 204.
pub(crate) fn nothing() -> Response {
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = StatusCode::NO_CONTENT;
    answer
}
