//! The token book: codes, access tokens, refresh tokens, and which of them are alive.
//!
//! An authorisation starts a *chain*: every refresh continues it with a new pair. Only the newest chain of a user
//! for a client is alive; the older ones die with 4741 (zoom-facts: 1.4, 1.5, 6). A refresh token serves once; used
//! again it is refused with 4740, and the chain lives on with its newest one.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::clock::after;
use crate::ids;

/// An access token lives for one hour.
pub(crate) const ACCESS_SECONDS: i64 = 3600;
/// A refresh token lives for ninety days.
const REFRESH_SECONDS: i64 = 90 * 24 * 3600;
/// An authorization code lives for five minutes.
const CODE_SECONDS: i64 = 300;

/// What an authorization code stands for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Code {
    pub(crate) user: String,
    pub(crate) client: String,
    pub(crate) redirect_uri: String,
    pub(crate) challenge: Option<String>,
    pub(crate) scopes: Vec<String>,
    pub(crate) expires: Timestamp,
    pub(crate) used: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Chain {
    pub(crate) user: String,
    pub(crate) client: String,
    pub(crate) scopes: Vec<String>,
    /// Replaced by a newer authorisation, or revoked.
    pub(crate) dead: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Token {
    chain: usize,
    expires: Timestamp,
    used: bool,
}

/// A fresh pair.
pub(crate) struct Pair {
    pub(crate) access: String,
    pub(crate) refresh: String,
    pub(crate) scopes: Vec<String>,
}

/// Why a token endpoint refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    Unknown,
    Expired,
    Reused,
    Revoked,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct TokenBook {
    codes: BTreeMap<String, Code>,
    chains: Vec<Chain>,
    access: BTreeMap<String, Token>,
    refresh: BTreeMap<String, Token>,
}

impl TokenBook {
    /// Notes what the user consented to; returns the code.
    pub(crate) fn grant(&mut self, mut code: Code, now: Timestamp) -> String {
        code.expires = after(now, CODE_SECONDS);
        let text = ids::random(24);
        self.codes.insert(text.clone(), code);
        text
    }

    pub(crate) fn code(&mut self, code: &str) -> Option<&mut Code> {
        self.codes.get_mut(code)
    }

    /// Starts a chain: all older ones of the same user and client die.
    pub(crate) fn authorise(&mut self, code: &Code, now: Timestamp) -> Pair {
        for chain in
            self.chains.iter_mut().filter(|chain| chain.user == code.user && chain.client == code.client)
        {
            chain.dead = true;
        }
        self.chains.push(Chain {
            user: code.user.clone(),
            client: code.client.clone(),
            scopes: code.scopes.clone(),
            dead: false,
        });
        self.issue(self.chains.len() - 1, now)
    }

    fn issue(&mut self, chain: usize, now: Timestamp) -> Pair {
        let pair = Pair {
            access: ids::token(),
            refresh: ids::token(),
            scopes: self.chains.get(chain).map(|chain| chain.scopes.clone()).unwrap_or_default(),
        };
        let token = |seconds| Token { chain, expires: after(now, seconds), used: false };
        self.access.insert(pair.access.clone(), token(ACCESS_SECONDS));
        self.refresh.insert(pair.refresh.clone(), token(REFRESH_SECONDS));
        pair
    }

    /// The chain that a refresh token belongs to, alive or not.
    pub(crate) fn chain_of_refresh(&self, refresh: &str) -> Option<&Chain> {
        self.chains.get(self.refresh.get(refresh)?.chain)
    }

    /// Continues a chain. The presented refresh token is dead from now on.
    pub(crate) fn refresh(&mut self, refresh: &str, now: Timestamp) -> Result<Pair, Refusal> {
        let token = self.refresh.get_mut(refresh).ok_or(Refusal::Unknown)?;
        let chain = token.chain;
        if self.chains.get(chain).is_none_or(|chain| chain.dead) {
            return Err(Refusal::Revoked);
        }
        if token.used {
            return Err(Refusal::Reused);
        }
        if token.expires <= now {
            return Err(Refusal::Expired);
        }
        token.used = true;
        Ok(self.issue(chain, now))
    }

    /// The living chain behind an access token; `Err(true)` when the token is known but expired.
    pub(crate) fn check(&self, access: &str, now: Timestamp) -> Result<&Chain, bool> {
        let token = self.access.get(access).ok_or(false)?;
        let chain = self.chains.get(token.chain).filter(|chain| !chain.dead).ok_or(false)?;
        if token.expires <= now { Err(true) } else { Ok(chain) }
    }

    /// Kills the chain that a token (access or refresh) belongs to, if `client` owns it.
    pub(crate) fn revoke(&mut self, token: &str, client: &str) -> bool {
        let Some(token) = self.access.get(token).or_else(|| self.refresh.get(token)) else {
            return false;
        };
        let Some(chain) = self.chains.get_mut(token.chain).filter(|chain| chain.client == client) else {
            return false;
        };
        chain.dead = true;
        true
    }

    /// Kills every chain of a user: the app was removed in the user's Zoom settings.
    pub(crate) fn revoke_user(&mut self, user: &str) {
        self.chains.iter_mut().filter(|chain| chain.user == user).for_each(|chain| chain.dead = true);
    }

    /// The access token of a user's living authorisation that lives longest.
    pub(crate) fn newest_access(&self, user: &str) -> Option<&str> {
        let alive = |token: &Token| {
            self.chains.get(token.chain).is_some_and(|chain| chain.user == user && !chain.dead)
        };
        let newest =
            self.access.iter().filter(|(_, token)| alive(token)).max_by_key(|(_, token)| token.expires);
        newest.map(|(text, _)| text.as_str())
    }

    /// Whether a user still has a living authorisation.
    pub(crate) fn is_authorised(&self, user: &str) -> bool {
        self.chains.iter().any(|chain| chain.user == user && !chain.dead)
    }

    /// Lets every access token be over at `now`.
    pub(crate) fn expire_access(&mut self, now: Timestamp) {
        self.access.values_mut().for_each(|token| token.expires = token.expires.min(now));
    }

    /// Lets every refresh token be over at `now`.
    pub(crate) fn expire_refresh(&mut self, now: Timestamp) {
        self.refresh.values_mut().for_each(|token| token.expires = token.expires.min(now));
    }

    /// Takes scopes away from every living authorisation, as an administrator can.
    pub(crate) fn drop_scope(&mut self, scope: &str) {
        self.chains.iter_mut().for_each(|chain| chain.scopes.retain(|known| known != scope));
    }

    /// Every token and code ever issued.
    pub(crate) fn secrets(&self) -> Vec<String> {
        self.codes.keys().chain(self.access.keys()).chain(self.refresh.keys()).cloned().collect()
    }

    /// Forgets what has been over for long, so that a practice state stays small.
    pub(crate) fn prune(&mut self, now: Timestamp) {
        let old = after(now, -24 * 3600);
        self.codes.retain(|_, code| code.expires > old);
        self.access.retain(|_, token| token.expires > old);
        self.refresh.retain(|_, token| token.expires > old);
    }
}
