//! Calls of the REST API: paced, repeated when that helps, with the token renewed once when it is refused.

use std::sync::PoisonError;

use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::failure::{self, Body};
use super::{AccessTokens, Category, Error, Zoom, lenient, retry};
use crate::secret::Secret;

/// Who signed in (`GET /users/me`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Zoom's user id: what an account is keyed on.
    pub id: String,
    /// The organisation.
    pub account_id: String,
    /// E-mail; it may change.
    pub email: String,
    /// Display name.
    pub name: String,
    /// `type`: 1 Basic, 2 Licensed, others exist.
    pub licence: Option<i64>,
}

#[derive(Deserialize)]
struct WireUser {
    #[serde(default, deserialize_with = "lenient::text")]
    id: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    account_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    email: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    display_name: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    first_name: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    last_name: Option<String>,
    #[serde(default, rename = "type", deserialize_with = "lenient::integer")]
    licence: Option<i64>,
}

impl Zoom {
    /// Who the tokens belong to. With tokens of a user the id is the literal `me`.
    pub async fn user(&self, tokens: &dyn AccessTokens) -> Result<User, Error> {
        let value = self.get(tokens, Category::Light, self.api_url(&["users", "me"])?, &["id"]).await?;
        let user: WireUser = read(value)?;
        let Some(id) = user.id else {
            return Err(Error::Unavailable { why: "a user without an id".to_owned() });
        };
        let full = [user.first_name, user.last_name].into_iter().flatten().collect::<Vec<_>>().join(" ");
        let email = user.email.unwrap_or_default();
        let name = user.display_name.or_else(|| (!full.is_empty()).then_some(full));
        Ok(User {
            id,
            account_id: user.account_id.unwrap_or_default(),
            name: one_line(&name.unwrap_or_else(|| email.clone())),
            email: one_line(&email),
            licence: user.licence,
        })
    }

    /// An address of the API. Segments are encoded here, once; a segment may hold anything.
    pub(super) fn api_url(&self, segments: &[&str]) -> Result<Url, Error> {
        let base = self.0.endpoints.api.as_str().trim_end_matches('/');
        let path: String = segments.iter().map(|segment| format!("/{}", encoded(segment))).collect();
        Url::parse(&format!("{base}{path}")).map_err(|error| Error::Unavailable { why: error.to_string() })
    }

    /// Gets a JSON object. `expected` are keys of which at least one stands in every real answer: a 200 can be
    /// an error, and an error body must never be read as empty data.
    pub(super) async fn get(
        &self,
        tokens: &dyn AccessTokens,
        category: Category,
        url: Url,
        expected: &[&str],
    ) -> Result<Value, Error> {
        let mut token = tokens.access_token().await.map_err(Error::Tokens)?;
        let (mut renewed, mut failed) = (false, 0);
        loop {
            let error = match self.get_once(&token, category, url.clone(), expected).await {
                Err(Error::Unauthorized) if !renewed => {
                    token = tokens.replace(&token).await.map_err(Error::Tokens)?;
                    renewed = true;
                    continue;
                }
                Err(error) => error,
                done => return done,
            };
            failed += 1;
            match retry::pause(&error, failed, &self.0.patience) {
                Some(pause) => {
                    tracing::debug!(%error, failed, "a call to Zoom is repeated");
                    tokio::time::sleep(pause).await;
                }
                None => return Err(error),
            }
        }
    }

    async fn get_once(
        &self,
        token: &Secret,
        category: Category,
        url: Url,
        expected: &[&str],
    ) -> Result<Value, Error> {
        self.0.limiter.turn(category, self.0.patience.rate_limit, self.0.clock.now()).await?;
        let way = self.way(&url).await?;
        let reply = self.send(&way, way.http.get(url).bearer_auth(token.expose())).await?;
        let now = self.0.clock.now();
        self.0.limiter.learn(category, reply.status, &reply.headers, now);
        let refused = || failure::of_api(reply.status, &reply.body, &reply.headers, now);
        if reply.status != 200 {
            return Err(refused());
        }
        let date = reply.headers.get(http::header::DATE).and_then(|date| date.to_str().ok());
        let date = date.and_then(|date| jiff::fmt::rfc2822::parse(date).ok());
        *self.0.answered.lock().unwrap_or_else(PoisonError::into_inner) = date.map(|date| date.timestamp());
        match serde_json::from_slice::<Value>(&reply.body) {
            Ok(value) if expected.iter().any(|key| value.get(key).is_some()) => Ok(value),
            Ok(_) if Body::read(&reply.body).is_some_and(|body| body.number().is_some()) => Err(refused()),
            Ok(_) => Err(Error::Unavailable { why: "JSON that says nothing of what was asked".to_owned() }),
            Err(_) => Err(Error::Unavailable { why: "an answer that is not JSON".to_owned() }),
        }
    }
}

/// Reads our picture of an answer out of its JSON.
pub(super) fn read<T: serde::de::DeserializeOwned>(value: Value) -> Result<T, Error> {
    serde_json::from_value(value).map_err(|error| Error::Unavailable {
        // serde's text may quote a value.
        why: format!("JSON of another shape ({:?})", error.classify()),
    })
}

/// Percent-encodes everything but letters, digits, `-` and `_`.
fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => encoded.push(char::from(byte)),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
        encoded
    })
}

/// A UUID for a path: encoded here and once more by [`Zoom::api_url`], because one that begins with `/` or
/// holds `//` must be encoded twice (uppy#2526), and encoding all of them twice works.
pub(super) fn encoded_once(uuid: &str) -> String {
    encoded(uuid)
}

/// Text from outside on one line, without control characters.
pub(super) fn one_line(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_is_encoded_twice_and_never_becomes_a_path() {
        assert_eq!(encoded(&encoded_once("/ab//c+d==")), "%252Fab%252F%252Fc%252Bd%253D%253D");
        assert_eq!(encoded(&encoded_once("..")), "%252E%252E");
        assert_eq!(encoded("AZbc-_09"), "AZbc-_09");
    }
}
