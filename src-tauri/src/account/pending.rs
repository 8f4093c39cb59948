//! What a callback is checked against. In the secret store as well as in memory, so that a browser that comes
//! back by deep link finds it in a NEXT that was started anew, or in the window when `nextctl` began.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;

use crate::secret::{self, Secret, Secrets};

/// How long a person has to authorize.
pub(super) const LASTS: SignedDuration = SignedDuration::from_mins(10);

/// An authorization that was begun and has not come back.
#[derive(Debug, Clone)]
pub(super) struct Pending {
    pub state: Secret,
    pub verifier: Secret,
    pub redirect_uri: String,
    pub client_id: String,
    pub expires_at: Timestamp,
}

/// As it stands in the secret store, and nowhere else.
#[derive(Serialize, Deserialize)]
struct Kept {
    state: String,
    verifier: String,
    redirect_uri: String,
    client_id: String,
    expires_at: Timestamp,
}

fn name(profile: &str) -> String {
    format!("{profile}/zoom-authorization")
}

impl Pending {
    /// Whether a callback with this state is the one that is waited for; takes the same time for any state.
    pub fn is_of(&self, state: &Secret) -> bool {
        self.state.expose().as_bytes().ct_eq(state.expose().as_bytes()).into()
    }

    pub async fn keep(&self, secrets: &Secrets, profile: &str) -> Result<(), secret::Error> {
        let kept = Kept {
            state: self.state.expose().clone(),
            verifier: self.verifier.expose().clone(),
            redirect_uri: self.redirect_uri.clone(),
            client_id: self.client_id.clone(),
            expires_at: self.expires_at,
        };
        let text = serde_json::to_string(&kept)
            .map_err(|error| secret::Error::Refused { why: error.to_string() })?;
        secrets.set(&name(profile), Secret::new(text)).await
    }

    pub async fn kept(secrets: &Secrets, profile: &str) -> Result<Option<Self>, secret::Error> {
        let Some(text) = secrets.get(&name(profile)).await? else { return Ok(None) };
        // One that cannot be read is from another version: as good as none.
        Ok(serde_json::from_str::<Kept>(text.expose()).ok().map(|kept| Self {
            state: Secret::new(kept.state),
            verifier: Secret::new(kept.verifier),
            redirect_uri: kept.redirect_uri,
            client_id: kept.client_id,
            expires_at: kept.expires_at,
        }))
    }

    pub async fn forget(secrets: &Secrets, profile: &str) -> Result<(), secret::Error> {
        secrets.delete(&name(profile)).await
    }
}
