//! `POST /oauth/token` and `POST /oauth/revoke` (zoom-facts §1.1, §1.2, §1.4, §1.5).
//!
//! A public client sends its id in the body and no `Authorization` header; a confidential one sends Basic. Anything
//! else is refused. Errors are HTTP 400 with the human text in `reason`.

use std::sync::Arc;

use axum::extract::State as AxumState;
use axum::http::{HeaderMap, Uri, header};
use axum::response::Response;
use serde_json::json;

use crate::answer::json_answer;
use crate::encoding::{pairs, value};
use crate::ids;
use crate::state::{Shared, State};
use crate::tokens::{ACCESS_SECONDS, Pair, Refusal};

type Form = [(String, String)];

/// `POST /oauth/token`.
pub(crate) async fn token(
    AxumState(shared): AxumState<Arc<Shared>>,
    headers: HeaderMap,
    body: String,
) -> Response {
    let form = pairs(&body);
    let mut state = shared.state();
    if !is_form(&headers) {
        return refuse(&state, 4705, "invalid_request", "Bad request: the body must be form-encoded.");
    }
    let client = match client(&state, &headers, &form) {
        Ok(client) => client,
        Err(refusal) => return refusal,
    };
    let pair = match value(&form, "grant_type") {
        Some("authorization_code") => exchange(&mut state, &client, &form),
        Some("refresh_token") => refresh(&mut state, &client, &form),
        _ => Err(refuse(&state, 4705, "unsupported_grant_type", "The grant type is not supported.")),
    };
    match pair {
        Ok(pair) => {
            state.save();
            json_answer(
                200,
                &json!({
                    "access_token": pair.access,
                    "token_type": "bearer",
                    "refresh_token": pair.refresh,
                    "expires_in": ACCESS_SECONDS - 1,
                    "scope": pair.scopes.join(" "),
                    "api_url": shared.origin,
                }),
            )
        }
        Err(refusal) => refusal,
    }
}

/// `POST /oauth/revoke`: the token in the query or in the form.
pub(crate) async fn revoke(
    AxumState(shared): AxumState<Arc<Shared>>,
    headers: HeaderMap,
    uri: Uri,
    body: String,
) -> Response {
    let form: Vec<_> = pairs(&body).into_iter().chain(pairs(uri.query().unwrap_or_default())).collect();
    let mut state = shared.state();
    let client = match client(&state, &headers, &form) {
        Ok(client) => client,
        Err(refusal) => return refusal,
    };
    let token = value(&form, "token").unwrap_or_default().to_owned();
    if state.tokens.revoke(&token, &client) {
        state.save();
        json_answer(200, &json!({ "status": "success" }))
    } else {
        refuse(&state, 4700, "invalid_request", "Invalid Token!")
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("application/x-www-form-urlencoded"))
}

/// `{"reason","error"}`, with `errorCode` unless that is switched off.
fn refuse(state: &State, code: u32, error: &str, reason: &str) -> Response {
    let mut body = json!({ "reason": reason, "error": error });
    if state.oauth_error_codes
        && let Some(object) = body.as_object_mut()
    {
        object.insert("errorCode".to_owned(), json!(code));
    }
    json_answer(400, &body)
}

/// The refusal with a code, whatever was sent: for faults.
pub(crate) fn refusal(state: &State, code: u32) -> Response {
    let reason = match code {
        4702 | 4704 => "Invalid client_id or client_secret",
        4709 => "Redirect URI mismatch",
        4717 => "The app has been disabled.",
        4733 => "The authorization code has expired.",
        4734 => "The authorization code has already been used.",
        4735 => "The owner of the token does not exist.",
        4738 => "The app has been disabled by an administrator.",
        4740 => "The refresh token has been used too often.",
        4741 => "The token has been revoked.",
        _ => "Invalid Token!",
    };
    let error = if matches!(code, 4702 | 4704) { "invalid_client" } else { "invalid_grant" };
    refuse(state, code, error, reason)
}

/// Who asks.
fn client(state: &State, headers: &HeaderMap, form: &Form) -> Result<String, Response> {
    let header = headers.get(header::AUTHORIZATION).map(|value| value.to_str().unwrap_or_default());
    let known = match header {
        // A public client must not send the header, and a confidential one needs its secret there.
        Some(value) => ids::basic(value).and_then(|(id, secret)| {
            state.client(&id).filter(|client| client.secret.as_deref() == Some(secret.as_str()))
        }),
        None => {
            let Some(id) = value(form, "client_id") else {
                return Err(refuse(state, 4706, "invalid_request", "Client credentials are missing."));
            };
            state.client(id).filter(|client| client.secret.is_none())
        }
    };
    let Some(client) = known else {
        return Err(refusal(state, 4702));
    };
    if client.disabled {
        return Err(refusal(state, 4717));
    }
    Ok(client.id.clone())
}

fn exchange(state: &mut State, client: &str, form: &Form) -> Result<Pair, Response> {
    let now = state.now();
    let text = value(form, "code").unwrap_or_default();
    let Some(code) = state.tokens.code(text).filter(|code| code.client == client) else {
        return Err(refuse(state, 4700, "invalid_grant", "Invalid authorization code"));
    };
    let code = code.clone();
    if code.used {
        return Err(refusal(state, 4734));
    }
    if code.expires <= now {
        return Err(refusal(state, 4733));
    }
    if value(form, "redirect_uri") != Some(code.redirect_uri.as_str()) {
        return Err(refusal(state, 4709));
    }
    if let Some(challenge) = &code.challenge
        && value(form, "code_verifier").map(ids::s256).as_ref() != Some(challenge)
    {
        return Err(refuse(state, 4700, "invalid_grant", "Invalid code verifier"));
    }
    if state.user(&code.user).is_none_or(|user| user.left) {
        return Err(refusal(state, 4735));
    }
    if let Some(code) = state.tokens.code(text) {
        code.used = true;
    }
    Ok(state.tokens.authorise(&code, now))
}

fn refresh(state: &mut State, client: &str, form: &Form) -> Result<Pair, Response> {
    let now = state.now();
    let text = value(form, "refresh_token").unwrap_or_default();
    let user = match state.tokens.chain_of_refresh(text) {
        Some(chain) if chain.client == client => chain.user.clone(),
        _ => return Err(refuse(state, 4700, "invalid_grant", "Invalid Token!")),
    };
    if state.user(&user).is_none_or(|user| user.left) {
        return Err(refusal(state, 4735));
    }
    state.tokens.refresh(text, now).map_err(|reason| match reason {
        Refusal::Unknown | Refusal::Expired => refuse(state, 4700, "invalid_grant", "Invalid Token!"),
        Refusal::Reused => refusal(state, 4740),
        Refusal::Revoked => refusal(state, 4741),
    })
}
