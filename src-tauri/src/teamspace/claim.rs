//! Claims: which profile a Zoom account belongs to, in one teamspace.
//!
//! The versions of a claim are numbered from 0, each created once; the last one holds. Moving an account is
//! one step, from held to held, so that no third profile can slip in between. Two teamspaces share no
//! authority: each is asked.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::exclusive::Created;
use super::log::KnownOp;
use super::manifest::to_json;
use super::{Error, Teamspace, key, new_nonce};
use crate::account::ClaimHolder;
use crate::profile::plain_name;

/// Who claims: a profile on a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimant {
    /// Id of the profile.
    pub profile: String,
    /// Its name, for others to read.
    pub name: String,
    /// Name of its machine, for others to read.
    pub device: String,
}

/// What came of claiming.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claimed {
    /// The account belongs to the claimant.
    Ours,
    /// It belongs to another profile.
    HeldBy(ClaimHolder),
}

/// One version of a claim, as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Version {
    state: State,
    profile: String,
    name: String,
    device: String,
    since: Timestamp,
    nonce: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Held,
    Released,
}

impl Teamspace {
    /// Whose a Zoom account is; none when nobody claims it.
    pub async fn holder(&self, zoom_user_id: &str) -> Result<Option<ClaimHolder>, Error> {
        let (_, last) = self.last_version(zoom_user_id).await?;
        Ok(last.filter(|version| version.state == State::Held).map(|version| self.holder_of(version)))
    }

    /// Claims a Zoom account. Claiming again what one holds changes nothing.
    pub async fn claim(
        &self,
        zoom_user_id: &str,
        claimant: &Claimant,
        now: Timestamp,
    ) -> Result<Claimed, Error> {
        self.change(zoom_user_id, claimant, State::Held, now, |last| match last {
            Some(held) if held.state == State::Held && held.profile == claimant.profile => Next::Stays,
            Some(held) if held.state == State::Held => Next::Refused,
            _ => Next::Write,
        })
        .await
    }

    /// Takes a Zoom account over, whoever holds it: the person decided to move it.
    pub async fn take_over(
        &self,
        zoom_user_id: &str,
        claimant: &Claimant,
        now: Timestamp,
    ) -> Result<Claimed, Error> {
        self.change(zoom_user_id, claimant, State::Held, now, |last| match last {
            Some(held) if held.state == State::Held && held.profile == claimant.profile => Next::Stays,
            _ => Next::Write,
        })
        .await
    }

    /// Releases a Zoom account that the claimant holds. What another profile holds stays as it is, and is
    /// told.
    pub async fn release(
        &self,
        zoom_user_id: &str,
        claimant: &Claimant,
        now: Timestamp,
    ) -> Result<Claimed, Error> {
        self.change(zoom_user_id, claimant, State::Released, now, |last| match last {
            Some(held) if held.state == State::Held && held.profile == claimant.profile => Next::Write,
            Some(held) if held.state == State::Held => Next::Refused,
            _ => Next::Stays,
        })
        .await
    }

    async fn change(
        &self,
        zoom_user_id: &str,
        claimant: &Claimant,
        state: State,
        now: Timestamp,
        decide: impl Fn(Option<&Version>) -> Next,
    ) -> Result<Claimed, Error> {
        let version = Version {
            state,
            profile: claimant.profile.clone(),
            name: claimant.name.clone(),
            device: claimant.device.clone(),
            since: now,
            nonce: new_nonce(),
        };
        // Each loss means that somebody else's step came between, and is looked at.
        for _ in 0..32 {
            let (next, last) = self.last_version(zoom_user_id).await?;
            match (decide(last.as_ref()), last) {
                (Next::Stays, _) => return Ok(Claimed::Ours),
                (Next::Refused, Some(held)) => return Ok(Claimed::HeldBy(self.holder_of(held))),
                _ => {}
            }
            let at = key::claim(zoom_user_id, next);
            self.refuse_known_moved()?;
            if self.store.create(&at, to_json(&version).into()).await? == Created::Won {
                self.note(zoom_user_id, &version).await;
                return Ok(Claimed::Ours);
            }
        }
        Err(Error::Contended { what: "a claim".to_owned() })
    }

    /// The log tells colleagues; the versions are the truth. So a log that cannot be written just now does
    /// not undo what was decided.
    async fn note(&self, zoom_user_id: &str, version: &Version) {
        let account = key::claims(zoom_user_id).rsplit('/').next().unwrap_or_default().to_owned();
        let profile = version.profile.clone();
        let op = match version.state {
            State::Held => KnownOp::Claim { account, profile, name: version.name.clone() },
            State::Released => KnownOp::Release { account, profile },
        };
        if let Err(error) = self.append(&[op.into()], &version.profile, version.since).await {
            tracing::warn!(%error, "a change of a claim is not in the log");
        }
    }

    /// The number of the next version, and the last one.
    async fn last_version(&self, zoom_user_id: &str) -> Result<(u64, Option<Version>), Error> {
        let (mut next, mut last) = (0, None);
        loop {
            let at = key::claim(zoom_user_id, next);
            let Some(bytes) = self.store.get(&at).await? else { return Ok((next, last)) };
            let version = serde_json::from_slice(&bytes).map_err(|error| Error::Damaged {
                what: at,
                detail: format!("line {}, column {}", error.line(), error.column()),
            })?;
            last = Some(version);
            next += 1;
        }
    }

    /// A claim is written by others: its names are shown as plain text.
    fn holder_of(&self, version: Version) -> ClaimHolder {
        let plain = |name: &str| plain_name(name).unwrap_or_else(|| "somebody".to_owned());
        ClaimHolder {
            teamspace: self.name().to_owned(),
            profile: version.profile,
            name: plain(&version.name),
            device: plain(&version.device),
            since: version.since,
        }
    }
}

enum Next {
    /// It is already as wished.
    Stays,
    /// Another profile holds it.
    Refused,
    /// The next version is to be written.
    Write,
}
