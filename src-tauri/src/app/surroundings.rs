//! What lower parts need from the whole: an import needs teamspaces and the account, signing in needs to know
//! whose a Zoom account is.

use std::sync::Arc;

use futures::FutureExt as _;
use futures::future::BoxFuture;

use super::people::device;
use super::spaces::Spaces;
use crate::account::{Account, Accounts, Claim, ClaimCheck, ClaimHolder};
use crate::clock::Clock;
use crate::database::Database;
use crate::error::{Code, UserError, UserResult};
use crate::import::Surroundings;
use crate::profile;
use crate::settings;
use crate::teamspace::{Claimant, Claimed, Teamspace};
use crate::zoom::AccessTokens;

/// The app, as an import sees it.
pub struct AppSurroundings {
    pub state: Database,
    pub spaces: Spaces,
    pub accounts: Accounts,
    pub clock: Clock,
}

/// The teamspaces, as signing in sees them.
pub struct AppClaims {
    pub state: Database,
    pub spaces: Spaces,
    pub clock: Clock,
}

/// Says who writes into logs: the profile's id, once there is one.
pub fn writer(state: &Database) -> impl Fn() -> Option<String> + Send + 'static {
    let state = state.clone();
    move || profile::load(&state).ok().flatten().map(|profile| profile.id)
}

/// This profile on this machine.
pub fn claimant(state: &Database) -> UserResult<Claimant> {
    let profile = profile::load(state)?.ok_or_else(no_profile)?;
    Ok(Claimant { profile: profile.id, name: profile.name, device: device() })
}

pub fn no_profile() -> UserError {
    UserError::new(
        Code::NoProfile,
        "There is no profile yet",
        "make one first: in the window, or with `nextctl profile set --name NAME --email ADDRESS`",
    )
}

/// The account of this machine is claimed by somebody else in a teamspace.
pub fn held_by(account: &Account, holder: &ClaimHolder) -> UserError {
    UserError::new(
        Code::ClaimConflict,
        format!("The Zoom account {} belongs to {}", account.email, holder.in_words()),
        "connect another Zoom account, or connect this one again and move it here",
    )
    .with("email", &account.email)
    .with("name", &holder.name)
    .with("device", &holder.device)
    .with("teamspace", &holder.teamspace)
    .with("since", holder.since)
}

impl Surroundings for AppSurroundings {
    fn teamspace(&self, id: &str) -> BoxFuture<'_, UserResult<Teamspace>> {
        let id = id.to_owned();
        async move { self.spaces.opened(&id).await }.boxed()
    }

    fn claimed_account<'a>(
        &'a self,
        teamspace: &'a Teamspace,
    ) -> BoxFuture<'a, UserResult<(String, String)>> {
        async move {
            let account = self.accounts.connected()?;
            match teamspace.claim(&account.id, &claimant(&self.state)?, self.clock.now()).await? {
                Claimed::Ours => Ok((account.id, account.account_id)),
                Claimed::HeldBy(holder) => {
                    let error = held_by(&account, &holder);
                    // Said once; from now on nothing is asked of Zoom with a sign-in that was moved away.
                    self.accounts.needs_reauthorization(error.clone())?;
                    Err(error)
                }
            }
        }
        .boxed()
    }

    fn tokens(&self) -> Arc<dyn AccessTokens> {
        Arc::new(self.accounts.clone())
    }

    fn claimant(&self) -> UserResult<Claimant> {
        claimant(&self.state)
    }

    fn importer(&self) -> UserResult<(String, String)> {
        let profile = profile::load(&self.state)?.ok_or_else(no_profile)?;
        Ok((profile.id, profile.name))
    }

    fn wants_participant_audio(&self) -> bool {
        settings::load(&self.state).map(|settings| settings.participant_audio).unwrap_or_default()
    }
}

impl ClaimCheck for AppClaims {
    fn check<'a>(&'a self, account: &'a Account) -> BoxFuture<'a, UserResult<Claim>> {
        async move {
            let ours = claimant(&self.state)?.profile;
            for teamspace in self.spaces.reachable().await? {
                if let Some(holder) = teamspace.holder(&account.id).await?
                    && holder.profile != ours
                {
                    return Ok(Claim::Held(holder));
                }
            }
            Ok(Claim::Free)
        }
        .boxed()
    }

    fn claim<'a>(&'a self, account: &'a Account, take_over: bool) -> BoxFuture<'a, UserResult<Claim>> {
        async move {
            let (claimant, now) = (claimant(&self.state)?, self.clock.now());
            for teamspace in self.spaces.writable().await? {
                let claimed = if take_over {
                    teamspace.take_over(&account.id, &claimant, now).await?
                } else {
                    teamspace.claim(&account.id, &claimant, now).await?
                };
                if let Claimed::HeldBy(holder) = claimed {
                    return Ok(Claim::Held(holder));
                }
            }
            Ok(Claim::Free)
        }
        .boxed()
    }

    fn release<'a>(&'a self, account: &'a Account) -> BoxFuture<'a, UserResult<()>> {
        async move {
            let (claimant, now) = (claimant(&self.state)?, self.clock.now());
            for teamspace in self.spaces.writable().await? {
                teamspace.release(&account.id, &claimant, now).await?;
            }
            Ok(())
        }
        .boxed()
    }
}
