//! OAuth at Zoom: authorization URL, exchange, refresh, revocation.
//!
//! A public client sends its id in the body and no Authorization header; with a secret it is Basic (Zoom
//! developer blog, April 2026; iamfatness/CoreVideo#84). PKCE S256 in both cases.

use std::borrow::Cow;
use std::time::Duration;

use futures::future::{BoxFuture, FutureExt as _};
use jiff::{SignedDuration, Timestamp};
use oauth2::basic::BasicClient;
use oauth2::{
    AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, HttpRequest, HttpResponse,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken, RequestTokenError, Scope,
    TokenResponse as _, TokenUrl,
};
use reqwest::header::HeaderMap;
use url::Url;

use super::failure::{Asked, Body, of_oauth};
use super::way::Way;
use super::{Error, Zoom, retry};
use crate::secret::Secret;
use crate::settings::{Redirect, ZoomApp};

/// An authorization that is about to begin.
#[derive(Debug, Clone)]
pub struct Authorization {
    /// Where the browser goes.
    pub url: Url,
    /// What the callback must bring back.
    pub state: Secret,
    /// What proves that the exchange is ours (PKCE).
    pub verifier: Secret,
}

/// What the token endpoint gives.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// Good for calls until `expires_at`.
    pub access: Secret,
    /// Good for one refresh.
    pub refresh: Secret,
    /// When the access token ends.
    pub expires_at: Timestamp,
    /// What was granted; none when Zoom does not say.
    pub scopes: Option<Vec<String>>,
}

/// What Zoom's authorize page made of a client id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientCheck {
    /// Nothing speaks against it.
    Known,
    /// The page refuses it, with Zoom's words.
    Refused {
        /// What Zoom said.
        why: String,
    },
    /// Zoom was not reached, or did not say.
    Unseen,
}

type Client = oauth2::Client<
    oauth2::basic::BasicErrorResponse,
    oauth2::basic::BasicTokenResponse,
    oauth2::basic::BasicTokenIntrospectionResponse,
    oauth2::StandardRevocableToken,
    oauth2::basic::BasicRevocationErrorResponse,
    oauth2::EndpointSet,
    oauth2::EndpointNotSet,
    oauth2::EndpointNotSet,
    oauth2::EndpointNotSet,
    oauth2::EndpointSet,
>;

impl Zoom {
    fn oauth_url(&self, name: &str) -> String {
        format!("{}/oauth/{name}", self.0.endpoints.oauth.as_str().trim_end_matches('/'))
    }

    /// The way to the OAuth pages.
    async fn oauth_way(&self) -> Result<Way, Error> {
        self.way(&self.0.endpoints.oauth).await
    }

    fn client(&self, app: &ZoomApp) -> Result<Client, Error> {
        let bad = |error: url::ParseError| Error::ClientRefused { why: error.to_string() };
        let client = BasicClient::new(ClientId::new(app.client_id.clone()))
            .set_auth_uri(AuthUrl::new(self.oauth_url("authorize")).map_err(bad)?)
            .set_token_uri(TokenUrl::new(self.oauth_url("token")).map_err(bad)?);
        Ok(match &app.client_secret {
            Some(secret) => client.set_client_secret(ClientSecret::new(secret.expose().clone())),
            None => client,
        })
    }

    /// Where the browser goes to authorize. Scopes are those of the app: naming them would break apps that
    /// have the classic ones. Only a sign-in that adds to what was granted names it all (`scope`, incremental
    /// consent: documented, not tried against Zoom).
    pub fn authorization(
        &self,
        app: &ZoomApp,
        redirect_uri: &str,
        scopes: Option<Vec<String>>,
    ) -> Result<Authorization, Error> {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let redirect = redirect(redirect_uri)?;
        let client = self.client(app)?;
        let (url, state) = client
            .authorize_url(CsrfToken::new_random)
            .set_pkce_challenge(challenge)
            .add_scopes(scopes.unwrap_or_default().into_iter().map(Scope::new))
            .set_redirect_uri(Cow::Borrowed(&redirect))
            .url();
        Ok(Authorization {
            url,
            state: Secret::new(state.into_secret()),
            verifier: Secret::new(verifier.into_secret()),
        })
    }

    /// Fetches tokens for an authorization code. A code is good once: this is never repeated.
    pub async fn exchange(
        &self,
        app: &ZoomApp,
        code: &Secret,
        verifier: &Secret,
        redirect_uri: &str,
    ) -> Result<Tokens, Error> {
        let redirect = redirect(redirect_uri)?;
        let client = self.client(app)?;
        let http = Asking { zoom: self.clone(), asked: Asked::Exchange };
        let answer = client
            .exchange_code(AuthorizationCode::new(code.expose().clone()))
            .set_pkce_verifier(PkceCodeVerifier::new(verifier.expose().clone()))
            .set_redirect_uri(Cow::Borrowed(&redirect))
            .request_async(&http)
            .await
            .map_err(|error| refused(Asked::Exchange, error))?;
        self.tokens(&answer, None)
    }

    /// Fetches new tokens. After a failure of the network or of Zoom's servers the same token is tried once
    /// more: it may or may not have been used up.
    pub async fn refresh(&self, app: &ZoomApp, refresh_token: &Secret) -> Result<Tokens, Error> {
        match self.refresh_once(app, refresh_token).await {
            Err(Error::Offline { .. } | Error::NameUnknown { .. } | Error::Unavailable { .. }) => {
                tokio::time::sleep(retry::backoff(1, &self.0.patience)).await;
                self.refresh_once(app, refresh_token).await
            }
            settled => settled,
        }
    }

    async fn refresh_once(&self, app: &ZoomApp, refresh_token: &Secret) -> Result<Tokens, Error> {
        let client = self.client(app)?;
        let token = RefreshToken::new(refresh_token.expose().clone());
        let http = Asking { zoom: self.clone(), asked: Asked::Refresh };
        let answer = client
            .exchange_refresh_token(&token)
            .request_async(&http)
            .await
            .map_err(|error| refused(Asked::Refresh, error))?;
        self.tokens(&answer, Some(refresh_token))
    }

    /// Ends a sign-in at Zoom.
    ///
    /// By hand, because Zoom documents `token` in query or form and no `token_type_hint`, and a simulator on
    /// loopback has no https, which the library insists on.
    pub async fn revoke(&self, app: &ZoomApp, access_token: &Secret) -> Result<(), Error> {
        let mut form = vec![("token", access_token.expose().as_str())];
        let way = self.oauth_way().await?;
        let request = way.http.post(self.oauth_url("revoke"));
        let request = match &app.client_secret {
            Some(secret) => request.basic_auth(&app.client_id, Some(secret.expose())),
            None => {
                form.push(("client_id", &app.client_id));
                request
            }
        };
        let reply = self.send(&way, request.form(&form)).await?;
        match reply.status {
            200 => Ok(()),
            status => Err(of_oauth(Asked::Refresh, status, &reply.body, &reply.headers, self.0.clock.now())),
        }
    }

    /// Looks at Zoom's authorize page as a browser would, and sees whether it refuses the client. What cannot
    /// be seen counts as unseen: the page speaks to people, not to us.
    pub async fn check_client(&self, app: &ZoomApp) -> ClientCheck {
        let redirect_uri = match &app.redirect {
            Redirect::Relay(uri) => uri.clone(),
            Redirect::Loopback { port: 0, path } => format!("http://127.0.0.1:51789{path}"),
            Redirect::Loopback { port, path } => format!("http://127.0.0.1:{port}{path}"),
            Redirect::DeepLink => super::redirect::DEEP_LINK.to_owned(),
        };
        let Ok(authorization) = self.authorization(app, &redirect_uri, None) else {
            return ClientCheck::Unseen;
        };
        let Ok(way) = self.oauth_way().await else { return ClientCheck::Unseen };
        let Ok(reply) = self.send(&way, way.http.get(authorization.url)).await else {
            return ClientCheck::Unseen;
        };
        // Zoom refuses in JSON, or on a page that carries the same words (uppy#3741, wayland#1158).
        if let Some(body) = Body::read(&reply.body) {
            return match body.number() {
                Some(4700 | 4702 | 4704 | 4709) => ClientCheck::Refused { why: body.why() },
                _ => ClientCheck::Unseen,
            };
        }
        let text = String::from_utf8_lossy(&reply.body).to_ascii_lowercase();
        let refused =
            ["invalid client_id", "invalid redirect"].into_iter().find(|words| text.contains(words));
        match (refused, reply.status) {
            (Some(words), _) => ClientCheck::Refused { why: words.to_owned() },
            (None, 200 | 302 | 303) => ClientCheck::Known,
            _ => ClientCheck::Unseen,
        }
    }

    /// One request of the library over our client. Refusals are read here, because Zoom's are not RFC 6749's.
    async fn over_our_client(&self, asked: Asked, request: HttpRequest) -> Result<HttpResponse, Error> {
        let (parts, body) = request.into_parts();
        let way = self.oauth_way().await?;
        let request = way.http.request(parts.method, parts.uri.to_string()).headers(parts.headers).body(body);
        let reply = self.send(&way, request).await?;
        if reply.status != 200 {
            return Err(of_oauth(asked, reply.status, &reply.body, &reply.headers, self.0.clock.now()));
        }
        let unreadable = |_| Error::Unavailable { why: "an answer that cannot be read".to_owned() };
        let mut response = oauth2::http::Response::builder().status(reply.status);
        if let Some(kind) = reply.headers.get(reqwest::header::CONTENT_TYPE) {
            response = response.header(reqwest::header::CONTENT_TYPE, kind);
        }
        response.body(reply.body).map_err(unreadable)
    }

    fn tokens(
        &self,
        answer: &oauth2::basic::BasicTokenResponse,
        used: Option<&Secret>,
    ) -> Result<Tokens, Error> {
        let lasts = answer.expires_in().unwrap_or(Duration::from_secs(3600)).min(Duration::from_secs(86_400));
        let lasts = SignedDuration::try_from(lasts).unwrap_or(SignedDuration::from_secs(3600));
        let refresh = match (answer.refresh_token(), used) {
            (Some(token), _) => Secret::new(token.secret().clone()),
            (None, Some(used)) => used.clone(),
            (None, None) => {
                return Err(Error::Unavailable { why: "an answer without a refresh token".to_owned() });
            }
        };
        Ok(Tokens {
            access: Secret::new(answer.access_token().secret().clone()),
            refresh,
            expires_at: self.0.clock.now().saturating_add(lasts).unwrap_or(Timestamp::MAX),
            scopes: answer.scopes().map(|scopes| scopes.iter().map(|s| s.as_str().to_owned()).collect()),
        })
    }
}

/// Our client in the library's words.
struct Asking {
    zoom: Zoom,
    asked: Asked,
}

impl<'c> oauth2::AsyncHttpClient<'c> for Asking {
    type Error = Error;
    type Future = BoxFuture<'c, Result<HttpResponse, Error>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        self.zoom.over_our_client(self.asked, request).boxed()
    }
}

fn redirect(uri: &str) -> Result<RedirectUrl, Error> {
    RedirectUrl::new(uri.to_owned()).map_err(|error| Error::ClientRefused { why: error.to_string() })
}

/// What the library made of an answer with status 200 that is none.
fn refused(asked: Asked, error: RequestTokenError<Error, oauth2::basic::BasicErrorResponse>) -> Error {
    match error {
        RequestTokenError::Request(error) => error,
        // A 200 can be an error.
        RequestTokenError::Parse(_, body) if Body::read(&body).is_some_and(|b| b.number().is_some()) => {
            of_oauth(asked, 400, &body, &HeaderMap::new(), Timestamp::UNIX_EPOCH)
        }
        _ => Error::Unavailable { why: "the token endpoint did not answer with tokens".to_owned() },
    }
}
