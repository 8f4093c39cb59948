//! What a teamspace's log is told of the profile on this machine: its name and its photo.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

use super::spaces::Spaces;
use crate::error::UserResult;
use crate::profile;
use crate::settings;
use crate::teamspace::{Member, Op, Teamspace, TeamspaceState};

/// Name of the setting that notes, by teamspace, a digest of what this machine said of its profile last.
const INTRODUCED: &str = "introduced";

impl Spaces {
    /// Says in the log who we are, when it does not know or we have changed since we said it. What this machine
    /// said last is noted: the same person's other machine may know another photo, and the two must not correct
    /// each other for ever.
    pub(super) async fn introduce(&self, teamspace: &Teamspace) -> UserResult<()> {
        let Some(profile) = profile::load(&self.state)? else { return Ok(()) };
        let known = self.catalog.members(teamspace.id())?.into_iter().find(|m| m.profile == profile.id);
        let said: BTreeMap<String, String> =
            self.state.read(|c| settings::value(c, INTRODUCED))?.unwrap_or_default();
        let (name, photo) = (&profile.name, profile.photo.as_deref().unwrap_or_default());
        let ours = HEXLOWER.encode(&Sha256::digest(format!("{name}\n{photo}")));
        if known.is_some() && said.get(teamspace.id()) == Some(&ours) {
            return Ok(());
        }
        let Some(member) = Member::of(&profile) else { return Ok(()) };
        if known.as_ref() != Some(&member) {
            let after = self.catalog.cursor(teamspace.id())?;
            let ops = vec![(after, Op::from(member.op()))];
            teamspace.append_once(ops, &profile.id, self.clock.now()).await?;
        }
        self.state.write(|t| {
            let mut said: BTreeMap<String, String> = settings::value(t, INTRODUCED)?.unwrap_or_default();
            said.insert(teamspace.id().to_owned(), ours);
            settings::set_value(t, INTRODUCED, &said)
        })?;
        self.read_on(teamspace).await.map(drop)
    }

    /// Says at once in the teamspaces that were there when they were looked at last.
    pub async fn introduce_everywhere(&self) {
        for known in self.known().unwrap_or_default() {
            if self.standing(&known.id) != Some(TeamspaceState::Ready) {
                continue;
            }
            let said = match self.opened(&known.id).await {
                Ok(teamspace) => self.introduce(&teamspace).await,
                Err(error) => Err(error),
            };
            if let Err(error) = said {
                tracing::debug!(teamspace = %known.id, code = ?error.code, "it is said at the next look");
            }
        }
    }
}
