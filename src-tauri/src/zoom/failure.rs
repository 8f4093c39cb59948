//! Zoom's refusals, read in one place: one table for the API, one for the token endpoint.
//!
//! Codes are trusted before statuses: a missing scope has been seen as 400, 401 and 403, and a 200 can be an
//! error (`GET /meetings/{id}/recordings`: "error code 200: you do not have the right permissions").

use jiff::Timestamp;
use reqwest::header::HeaderMap;
use serde::Deserialize;

use super::Error;
use super::lenient;
use super::limiter::{UNSAID, retry_after};

/// The shapes that Zoom's errors come in: REST `{code, message}`, downloads `{status, errorCode,
/// errorMessage}`, OAuth `{reason, error}` (the human text is in `reason`: raycast/extensions#10896).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Body {
    #[serde(deserialize_with = "lenient::integer")]
    code: Option<i64>,
    #[serde(rename = "errorCode", deserialize_with = "lenient::integer")]
    error_code: Option<i64>,
    #[serde(deserialize_with = "lenient::text")]
    message: Option<String>,
    #[serde(rename = "errorMessage", deserialize_with = "lenient::text")]
    error_message: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    reason: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    error: Option<String>,
}

impl Body {
    /// Reads a body; none when it is not a JSON object.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    /// Zoom's number for what happened, also where it stands only in the text.
    pub(super) fn number(&self) -> Option<i64> {
        self.code.or(self.error_code).or_else(|| number_in(self.text()))
    }

    fn text(&self) -> &str {
        let texts = [&self.message, &self.error_message, &self.reason, &self.error];
        texts.into_iter().flatten().map(String::as_str).find(|text| !text.is_empty()).unwrap_or_default()
    }

    /// What Zoom said, in a form that can be shown.
    pub(super) fn why(&self) -> String {
        match (self.number(), self.text()) {
            (Some(number), text) => format!("{number} {}", quotable(text)).trim_end().to_owned(),
            (None, text) => quotable(text),
        }
    }
}

/// A refusal of the REST API.
pub(super) fn of_api(status: u16, body: &[u8], headers: &HeaderMap, now: Timestamp) -> Error {
    let Some(read) = Body::read(body) else {
        return match status {
            401 => Error::Unauthorized,
            429 => limited(headers, now),
            _ => Error::Unavailable { why: format!("HTTP {status} without JSON") },
        };
    };
    let why = read.why();
    let text = read.text().to_ascii_lowercase();
    match (read.number(), status) {
        (Some(4711), _) => Error::ScopesMissing { scopes: scopes_in(read.text()) },
        _ if text.contains("does not contain scopes") => {
            Error::ScopesMissing { scopes: scopes_in(read.text()) }
        }
        (_, 429) => limited(headers, now),
        (Some(300), _) if text.contains("page token") => Error::StalePage,
        (Some(124), _) | (_, 401) => Error::Unauthorized,
        (Some(3301), _) => Error::Gone,
        (Some(1001 | 1010), _) => Error::Refused { why },
        (_, 404) => Error::Gone,
        (_, 500..) => Error::Unavailable { why: format!("HTTP {status}: {why}") },
        _ => Error::Refused { why },
    }
}

/// What was asked of the token endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// A code was exchanged.
    Exchange,
    /// A refresh token was used.
    Refresh,
}

/// A refusal of the token endpoint. Numbers from Zoom's "OAuth error messages".
pub(super) fn of_oauth(asked: Asked, status: u16, body: &[u8], headers: &HeaderMap, now: Timestamp) -> Error {
    if status == 429 {
        return limited(headers, now);
    }
    let Some(read) = Body::read(body).filter(|_| status < 500) else {
        return Error::Unavailable { why: format!("HTTP {status} from the token endpoint") };
    };
    let why = read.why();
    let error = read.error.as_deref().unwrap_or_default();
    match (read.number(), error, asked) {
        (Some(4733), ..) => Error::CodeExpired,
        (Some(4734), ..) => Error::CodeRefused { why },
        (Some(4735 | 4740 | 4741), ..) => Error::SignInOver { why },
        (Some(4717 | 4738), ..) => Error::AppDisabled { why },
        (Some(4702 | 4704 | 4705 | 4706 | 4709), ..) => Error::ClientRefused { why },
        // "Also used loosely for invalid token", and for refresh problems: nothing that waiting would cure.
        (Some(4700 | 4711), _, Asked::Refresh) => Error::SignInOver { why },
        (Some(4700), "invalid_grant", Asked::Exchange) => Error::CodeRefused { why },
        (Some(4700), _, Asked::Exchange) => Error::ClientRefused { why },
        (Some(4711), _, Asked::Exchange) => Error::ScopesMissing { scopes: scopes_in(read.text()) },
        (_, "invalid_client" | "unauthorized_client" | "unsupported_grant_type", _) => {
            Error::ClientRefused { why }
        }
        (_, "invalid_grant", Asked::Refresh) => Error::SignInOver { why },
        (_, "invalid_grant", Asked::Exchange) => Error::CodeRefused { why },
        (_, "invalid_request", Asked::Exchange) => Error::ClientRefused { why },
        // 401 without a word about the grant is about the client.
        _ if status == 401 => Error::ClientRefused { why },
        _ => Error::Unavailable { why: format!("HTTP {status} from the token endpoint: {why}") },
    }
}

fn limited(headers: &HeaderMap, now: Timestamp) -> Error {
    Error::rate_limited(retry_after(headers, now).unwrap_or(UNSAID), now)
}

/// A number of Zoom's OAuth errors in a text.
fn number_in(text: &str) -> Option<i64> {
    text.split(|c: char| !c.is_ascii_digit())
        .find(|word| word.len() == 4 && word.starts_with("47"))
        .and_then(|word| word.parse().ok())
}

/// The scopes in "Invalid access token, does not contain scopes:[a, b]".
fn scopes_in(text: &str) -> Vec<String> {
    let list = text.split_once('[').and_then(|(_, rest)| rest.split_once(']')).map_or("", |(list, _)| list);
    let scope = |word: &str| {
        let scope: String =
            word.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, ':' | '_' | '-')).collect();
        (!scope.is_empty() && scope.len() <= 80).then_some(scope)
    };
    list.split(',').filter_map(scope).take(20).collect()
}

/// Zoom's words, short, on one line, without anything that could be a token or an address.
pub(super) fn quotable(text: &str) -> String {
    let word = |word: &str| {
        let digits = word.chars().filter(char::is_ascii_digit).count();
        match word {
            w if w.contains("://") => "<address>".to_owned(),
            w if w.len() >= 24 && (digits > 2 || !w.contains(':')) => "<…>".to_owned(),
            w => w.chars().filter(|c| !c.is_control()).collect(),
        }
    };
    let line = text.split_whitespace().take(40).map(word).collect::<Vec<_>>().join(" ");
    line.chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn oauth(asked: Asked, body: &str) -> Error {
        of_oauth(asked, 400, body.as_bytes(), &HeaderMap::new(), Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn a_sign_in_that_is_over_is_told_from_a_passing_failure() {
        for body in [
            r#"{"reason":"Invalid Token!","error":"invalid_grant"}"#,
            r#"{"reason":"4741: the token has been revoked","error":"invalid_request"}"#,
            r#"{"errorCode":4740,"errorMessage":"used"}"#,
            r#"{"code":"4735"}"#,
        ] {
            assert!(matches!(oauth(Asked::Refresh, body), Error::SignInOver { .. }), "{body}");
        }
        for (status, body) in
            [(500, r#"{"error":"invalid_grant"}"#), (502, "<html>"), (400, "<html>"), (400, "[]")]
        {
            let error =
                of_oauth(Asked::Refresh, status, body.as_bytes(), &HeaderMap::new(), Timestamp::UNIX_EPOCH);
            assert!(matches!(error, Error::Unavailable { .. }), "{status} {body}: {error}");
        }
    }

    #[test]
    fn a_code_that_is_refused_is_told_from_a_client_that_is() {
        let exchange = |body| oauth(Asked::Exchange, body);
        assert!(matches!(exchange(r#"{"error":"invalid_grant","reason":"bad"}"#), Error::CodeRefused { .. }));
        assert!(matches!(exchange(r#"{"code":4733}"#), Error::CodeExpired));
        assert!(matches!(exchange(r#"{"code":4734}"#), Error::CodeRefused { .. }));
        assert!(matches!(
            exchange(r#"{"error":"invalid_client","reason":"no"}"#),
            Error::ClientRefused { .. }
        ));
        assert!(matches!(exchange(r#"{"code":4709}"#), Error::ClientRefused { .. }));
        assert!(matches!(exchange(r#"{"code":4738}"#), Error::AppDisabled { .. }));
    }

    #[test]
    fn a_missing_scope_is_known_by_its_code_whatever_the_status() {
        let body = r#"{"code":4711,"message":"Invalid access token, does not contain scopes:[cloud_recording:read:list_user_recordings, user:read:user]."}"#;
        for status in [200, 400, 401, 403] {
            let Error::ScopesMissing { scopes } =
                of_api(status, body.as_bytes(), &HeaderMap::new(), Timestamp::UNIX_EPOCH)
            else {
                panic!("{status}")
            };
            assert_eq!(scopes, ["cloud_recording:read:list_user_recordings", "user:read:user"]);
        }
    }

    #[test]
    fn what_zoom_says_is_quoted_without_tokens_and_addresses() {
        let said =
            quotable("bad token eyJhbGciOiJIUzUxMiJ9.eyJ2ZXIiOjl9.abc at https://zoom.us/x?code=1\nnow");
        assert_eq!(said, "bad token <…> at <address> now");
    }
}
