//! `/oauth/authorize`: checks the request, asks the person in the browser, and sends them back.
//!
//! A bad client id, a redirect that is not registered, an app that the person may not use: Zoom says so on a page and
//! sends nobody back, so the app sees nothing (zoom-facts §1.3, §1.5, §1.7).

use std::sync::Arc;

use axum::extract::State as AxumState;
use axum::http::Uri;
use axum::response::Response;
use jiff::Timestamp;

use crate::account::{Client, User};
use crate::answer::{page, redirect};
use crate::authorize_page as pages;
use crate::encoding::{form, pairs, percent_encode, value};
use crate::state::{Shared, State};
use crate::tokens::Code;

type Pairs = Vec<(String, String)>;

/// What a valid authorization request asks for.
struct Request {
    client: Client,
    redirect_uri: String,
    state: Option<String>,
    challenge: Option<String>,
    required: Vec<String>,
    optional: Vec<String>,
}

impl Request {
    /// Checks the request, or returns Zoom's error code and sentence.
    fn read(state: &State, query: &Pairs) -> Result<Self, (u32, &'static str)> {
        let client =
            value(query, "client_id").and_then(|id| state.client(id)).ok_or((4700, "Invalid client_id"))?;
        if client.disabled {
            return Err((4717, "The app has been disabled."));
        }
        let redirect_uri = value(query, "redirect_uri").unwrap_or_default();
        if !client.accepts_redirect(redirect_uri) {
            return Err((4700, "Invalid redirect url"));
        }
        if value(query, "response_type") != Some("code") {
            return Err((4700, "Invalid response_type"));
        }
        let challenge = value(query, "code_challenge").filter(|text| !text.is_empty());
        // Without a method Zoom assumes "plain", which protects nothing.
        let is_s256 = value(query, "code_challenge_method") == Some("S256");
        if (challenge.is_some() && !is_s256) || (challenge.is_none() && client.secret.is_none()) {
            return Err((4700, "A code_challenge with method S256 is required"));
        }
        let (required, optional) = scopes(client, query);
        Ok(Self {
            redirect_uri: redirect_uri.to_owned(),
            state: value(query, "state").map(ToOwned::to_owned),
            challenge: challenge.map(ToOwned::to_owned),
            required,
            optional,
            client: client.clone(),
        })
    }

    /// The redirect with a result in its query.
    fn back(&self, result: &[(&str, &str)]) -> String {
        let mut pairs: Pairs =
            result.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        if let Some(state) = &self.state {
            pairs.push(("state".to_owned(), state.clone()));
        }
        let sign = if self.redirect_uri.contains('?') { '&' } else { '?' };
        format!("{}{sign}{}", self.redirect_uri, form(&pairs))
    }
}

/// The scopes of the app, narrowed by `scope` and `optional_scope` when the request names some.
fn scopes(client: &Client, query: &Pairs) -> (Vec<String>, Vec<String>) {
    let words = |name: &str| -> Vec<String> {
        value(query, name).unwrap_or_default().split_whitespace().map(ToOwned::to_owned).collect()
    };
    let (scope, optional_scope) = (words("scope"), words("optional_scope"));
    if scope.is_empty() && optional_scope.is_empty() {
        return (client.required_scopes.clone(), client.optional_scopes.clone());
    }
    let asked = |known: &String| scope.contains(known) || optional_scope.contains(known);
    let required = client.required_scopes.iter().filter(|known| asked(known)).cloned().collect();
    let optional = client.optional_scopes.iter().filter(|known| asked(known)).cloned().collect();
    (required, optional)
}

/// Why this person cannot authorise this app, as a page.
fn turned_away(client: &Client, user: &User) -> Option<Response> {
    if !client.published && client.account_id != user.account_id {
        return Some(page(403, pages::not_published(&client.name, user)));
    }
    client.needs_approval.then(|| page(200, pages::needs_approval(&client.name, user)))
}

/// `GET /oauth/authorize`.
pub(crate) async fn show(AxumState(shared): AxumState<Arc<Shared>>, uri: Uri) -> Response {
    let raw = uri.query().unwrap_or_default();
    let state = shared.state();
    let request = match Request::read(&state, &pairs(raw)) {
        Ok(request) => request,
        Err((code, sentence)) => return page(400, pages::error(code, sentence)),
    };
    let signed_in: Vec<&User> = state.browser.iter().filter_map(|id| state.user(id)).collect();
    let [first, ..] = signed_in.as_slice() else {
        return page(200, pages::sign_in(&state.users, raw));
    };
    if let (1, Some(answer)) = (signed_in.len(), turned_away(&request.client, first)) {
        return answer;
    }
    page(200, pages::consent(&request.client.name, &signed_in, &request.required, &request.optional, raw))
}

/// `POST /oauth/authorize`: the consent form.
pub(crate) async fn decide(AxumState(shared): AxumState<Arc<Shared>>, body: String) -> Response {
    let form = pairs(&body);
    let query = pairs(value(&form, "request").unwrap_or_default());
    let mut state = shared.state();
    let request = match Request::read(&state, &query) {
        Ok(request) => request,
        Err((code, sentence)) => return page(400, pages::error(code, sentence)),
    };
    let Some(user) =
        value(&form, "user").and_then(|id| state.user(id)).filter(|user| state.browser.contains(&user.id))
    else {
        return redirect(303, &format!("/oauth/authorize?{}", value(&form, "request").unwrap_or_default()));
    };
    if let Some(answer) = turned_away(&request.client, user) {
        return answer;
    }
    if value(&form, "decision") != Some("authorize") {
        return redirect(302, &request.back(&[("error", "access_denied")]));
    }
    let user = user.id.clone();
    let ticked = |scope: &&String| form.iter().any(|(name, value)| name == "scope" && value == *scope);
    let scopes = request.required.iter().chain(request.optional.iter().filter(ticked)).cloned().collect();
    let now = state.now();
    let code = state.tokens.grant(
        Code {
            user,
            client: request.client.id.clone(),
            redirect_uri: request.redirect_uri.clone(),
            challenge: request.challenge.clone(),
            scopes,
            expires: Timestamp::MIN,
            used: false,
        },
        now,
    );
    redirect(302, &request.back(&[("code", &code)]))
}

/// `GET /oauth/logout?return=…`: nobody is signed in in the browser; back to the authorization.
pub(crate) async fn log_out(AxumState(shared): AxumState<Arc<Shared>>, uri: Uri) -> Response {
    let mut state = shared.state();
    state.browser.clear();
    state.save();
    back_to_authorize(uri.query().unwrap_or_default())
}

/// `GET /oauth/signin?user=…&return=…`: signs one user in.
pub(crate) async fn sign_in(AxumState(shared): AxumState<Arc<Shared>>, uri: Uri) -> Response {
    let raw = uri.query().unwrap_or_default();
    let mut state = shared.state();
    if let Some(user) = value(&pairs(raw), "user").and_then(|id| state.user(id)) {
        state.browser = vec![user.id.clone()];
        state.save();
    }
    back_to_authorize(raw)
}

fn back_to_authorize(raw: &str) -> Response {
    let request = value(&pairs(raw), "return").unwrap_or_default().to_owned();
    redirect(303, &format!("/oauth/authorize?{request}"))
}

/// A link to another step that comes back to the same request.
pub(crate) fn step(path: &str, request: &str) -> String {
    format!("{path}return={}", percent_encode(request))
}
