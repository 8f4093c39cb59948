//! Signing in and out, and what Zoom's cloud holds.

use std::collections::BTreeMap;
use std::sync::PoisonError;
use std::time::Duration;

use jiff::civil::Date;

use super::surroundings::{AppClaims, claimant, held_by};
use super::{App, ClaimAnswer, CloudListing, Covered, Disconnected, ListedRecording};
use crate::account::{AccountStatus, AuthorizationStep, Claim, ClaimCheck as _};
use crate::error::{Code, UserError, UserResult};
use crate::import::JobState;
use crate::recording::{CloudRecording, RecordingId};
use crate::teamspace::{Claimed, Teamspace, TeamspaceState};
use crate::zoom::Days;

/// How long teamspaces may take to say whose an account is, before a list is shown all the same.
const CLAIM_PATIENCE: Duration = Duration::from_secs(2);

impl App {
    /// Where signing in stands.
    pub async fn account_status(&self) -> UserResult<AccountStatus> {
        self.0.accounts.status()
    }

    /// Begins a sign-in and opens the system's browser.
    pub async fn connect_zoom(&self) -> UserResult<AccountStatus> {
        self.begin_connect(true).await
    }

    /// Begins a sign-in; the answer's step has the address. A browser that cannot be opened is no failure:
    /// the address is there to be copied.
    pub async fn begin_connect(&self, open_browser: bool) -> UserResult<AccountStatus> {
        let status = self.0.accounts.begin().await?;
        if open_browser && let Err(error) = self.open_browser_again().await {
            tracing::warn!(detail = ?error.detail, "no browser could be opened");
        }
        Ok(status)
    }

    /// Opens the browser once more at the address of the sign-in under way.
    pub async fn open_browser_again(&self) -> UserResult<()> {
        match self.0.accounts.status()?.step {
            Some(AuthorizationStep::WaitingForBrowser { authorization_url, .. }) => {
                let desktop = self.0.desktop.clone();
                tokio::task::spawn_blocking(move || desktop.open_address(&authorization_url))
                    .await
                    .map_err(|panic| UserError::unexpected("open the browser", panic))?
            }
            _ => Err(UserError::new(
                Code::Usage,
                "No sign-in is waiting for the browser",
                "press Connect Zoom to begin one",
            )),
        }
    }

    /// Gives up the sign-in under way.
    pub async fn cancel_connect(&self) -> UserResult<()> {
        self.0.accounts.cancel().await?;
        Ok(())
    }

    /// Answers whether the account that signed in is the right one.
    pub async fn confirm_account(&self, right: bool) -> UserResult<AccountStatus> {
        self.0.accounts.confirm(right).await
    }

    /// Answers a claim conflict.
    pub async fn resolve_claim(&self, answer: ClaimAnswer) -> UserResult<AccountStatus> {
        self.0.accounts.resolve_claim(answer == ClaimAnswer::Move).await
    }

    /// Revokes access at Zoom and forgets the Zoom user here. What was imported stays.
    pub async fn disconnect_zoom(&self) -> UserResult<Disconnected> {
        let disconnected = self.0.accounts.disconnect().await;
        self.0.listed.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.restate_waiting()?;
        Ok(Disconnected { revoked_at_zoom: disconnected? })
    }

    /// Imports that waited for the former account wait for any account now, and name it no more; nor does why a
    /// recording stayed at Zoom.
    fn restate_waiting(&self) -> UserResult<()> {
        let Err(not_connected) = self.0.accounts.connected() else { return Ok(()) };
        for code in [Code::NeedsReauthorization, Code::ClaimConflict, Code::ScopesMissing] {
            self.0.queue.restate_waiting(code, &not_connected)?;
        }
        self.0.importer.looks.forget_reasons()?;
        self.0.ledger.forget_kept()?;
        self.0.auto_import.forget_account()?;
        Ok(self.0.state.scrub()?)
    }

    /// Looks whether another profile has moved the connected account to itself; then signing in again is needed, and
    /// the error says who has it. A teamspace that does not answer at once holds nobody up: it is asked again before
    /// anything is imported into it.
    pub(super) async fn notice_moved_claim(&self) -> UserResult<()> {
        let Ok(account) = self.0.accounts.connected() else { return Ok(()) };
        let claims = AppClaims {
            state: self.0.state.clone(),
            spaces: self.0.spaces.clone(),
            clock: self.0.clock.clone(),
        };
        match tokio::time::timeout(CLAIM_PATIENCE, claims.check(&account)).await {
            Ok(Ok(Claim::Held(holder))) => {
                let error = held_by(&account, &holder);
                self.0.accounts.needs_reauthorization(error.clone())?;
                Err(error)
            }
            _ => Ok(()),
        }
    }

    /// Zoom's list between two days, both inclusive, newest first.
    pub async fn cloud_recordings(&self, from: Date, to: Date) -> UserResult<CloudListing> {
        if from > to {
            return Err(UserError::new(
                Code::Usage,
                format!("{from} is after {to}"),
                "give the earlier day first",
            ));
        }
        self.0.accounts.connected()?;
        self.notice_moved_claim().await?;
        let listing = self.0.zoom.recordings(&self.0.accounts, Days { from, to }, &|_| {}).await?;
        self.listing(listing.recordings, Covered { from: listing.days.from, to: listing.days.to })
    }

    /// All that Zoom still has, up to a day.
    pub async fn all_cloud_recordings(&self, to: Date) -> UserResult<CloudListing> {
        self.0.accounts.connected()?;
        let from = self.0.zoom.first_day(&self.0.accounts).await?;
        self.cloud_recordings(from.min(to), to).await
    }

    fn listing(&self, recordings: Vec<CloudRecording>, covered: Covered) -> UserResult<CloudListing> {
        let mut jobs: BTreeMap<RecordingId, BTreeMap<String, JobState>> = BTreeMap::new();
        for job in self.0.queue.jobs()? {
            if let Some(id) = job.recording_id {
                jobs.entry(id).or_default().insert(job.teamspace, job.state);
            }
        }
        let mut listed = self.0.listed.lock().unwrap_or_else(PoisonError::into_inner);
        let mut answer = Vec::with_capacity(recordings.len());
        for recording in recordings {
            listed.insert(recording.uuid.clone(), recording.clone());
            let teamspaces = self.0.catalog.teamspaces_of(&recording.recording_id)?;
            answer.push(ListedRecording {
                imported: !teamspaces.is_empty(),
                teamspaces,
                trashed: self.0.catalog.out_of_sight_in(&recording.recording_id)?,
                jobs: jobs.remove(&recording.recording_id).unwrap_or_default(),
                recording,
            });
        }
        answer.sort_by_key(|listed| std::cmp::Reverse(listed.recording.start));
        Ok(CloudListing { covered, recordings: answer })
    }

    /// Claims the connected account in a teamspace that is added. Refused when it belongs to somebody else
    /// there: silently breaking the other's connection is the one thing that must not happen.
    pub(super) async fn claim_for(&self, teamspace: &Teamspace) -> UserResult<()> {
        let Ok(account) = self.0.accounts.connected() else { return Ok(()) };
        if teamspace.state().await? == TeamspaceState::ReadOnly {
            return Ok(());
        }
        let claimed = teamspace.claim(&account.id, &claimant(&self.0.state)?, self.0.clock.now()).await?;
        match claimed {
            Claimed::Ours => Ok(()),
            Claimed::HeldBy(holder) => {
                let mut error = held_by(&account, &holder);
                error.action =
                    "disconnect Zoom first, add the teamspace, then connect again and move the account"
                        .to_owned();
                Err(error)
            }
        }
    }
}
