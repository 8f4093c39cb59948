//! The browser came back: is it ours, who signed in, and what were we granted?

use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use super::machine::{Candidate, Input};
use super::pending::Pending;
use super::store::Details;
use super::{AccountStatus, Accounts, SignInState, refusal};
use crate::error::{UserError, UserResult};
use crate::secret::Secret;
use crate::zoom::{Callback, OneToken, Outcome, missing_scopes};

impl Accounts {
    /// Works until there is something to show: connected, a question, or why not.
    pub(super) async fn returned(&self, address: &str) -> UserResult<AccountStatus> {
        let callback = Callback::read(address).ok_or_else(refusal::not_a_callback)?;
        let Some(state) = &callback.state else {
            // Whether a decline carries the state is not documented; believing one without is harmless.
            let waiting = self.0.pending.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(|p| p.0);
            return match (waiting, callback.outcome) {
                (Some(attempt), Outcome::Declined) => self.fail(attempt, refusal::declined()).await,
                _ => Err(refusal::not_started_here()),
            };
        };
        let (attempt, pending) = self.take_pending(state).await?;
        if self.0.keeper.clock.now() >= pending.expires_at {
            return self.fail(attempt, refusal::expired()).await;
        }
        match callback.outcome {
            Outcome::Declined => self.fail(attempt, refusal::declined()).await,
            Outcome::Failed { why } => self.fail(attempt, refusal::no_code(&why)).await,
            Outcome::Nothing => self.fail(attempt, refusal::no_code("neither code nor error")).await,
            Outcome::Code(code) => {
                self.feed(Input::Returned { attempt }).await?;
                match self.identify(attempt, &pending, &code).await {
                    Ok(candidate) => {
                        let profile = self.0.keeper.profile()?;
                        let same = profile.email.eq_ignore_ascii_case(&candidate.account.email);
                        let confirm = (!same).then_some(profile.email);
                        self.feed(Input::Identified { candidate, confirm }).await?;
                        let status = self.status()?;
                        match (status.state, &status.error) {
                            (SignInState::Authorizing | SignInState::Connected, None) => Ok(status),
                            (_, Some(error)) => Err(error.clone()),
                            (_, None) => Ok(status),
                        }
                    }
                    Err(error) => self.fail(attempt, error).await,
                }
            }
        }
    }

    async fn fail(&self, attempt: u64, error: UserError) -> UserResult<AccountStatus> {
        self.feed(Input::Failed { attempt, error: error.clone() }).await?;
        Err(error)
    }

    /// Takes what a callback with this state belongs to, so that it is used once.
    async fn take_pending(&self, state: &Secret) -> UserResult<(u64, Pending)> {
        let keeper = &self.0.keeper;
        let _process = keeper.exclusive().await?;
        let profile = keeper.profile()?.id;
        let here = {
            let mut pending = self.0.pending.lock().unwrap_or_else(PoisonError::into_inner);
            pending.take_if(|(_, pending)| pending.is_of(state))
        };
        let kept = Pending::kept(&keeper.secrets, &profile).await?.filter(|kept| kept.is_of(state));
        if kept.is_some() {
            Pending::forget(&keeper.secrets, &profile).await?;
        }
        match (here, kept) {
            (Some((attempt, pending)), _) => Ok((attempt, pending)),
            // Begun by a NEXT that is no longer there, or by another process.
            (None, Some(pending)) => {
                let attempt = self.0.attempts.fetch_add(1, Ordering::Relaxed) + 1;
                Ok((attempt, pending))
            }
            (None, None) => Err(refusal::state_mismatch()),
        }
    }

    /// Exchanges the code and sees who signed in and what was granted. Whoever is refused is revoked.
    async fn identify(&self, attempt: u64, pending: &Pending, code: &Secret) -> UserResult<Candidate> {
        let keeper = &self.0.keeper;
        let app = keeper.app().await?;
        if app.client_id != pending.client_id {
            return Err(refusal::state_mismatch());
        }
        let tokens = keeper.zoom.exchange(&app, code, &pending.verifier, &pending.redirect_uri).await?;
        let missing = missing_scopes(tokens.scopes.as_deref());
        let user = if missing.is_empty() {
            keeper.zoom.user(&OneToken(tokens.access.clone())).await
        } else {
            Err(crate::zoom::Error::ScopesMissing { scopes: missing })
        };
        match user {
            Ok(user) => Ok(Candidate {
                attempt,
                account: user.into(),
                details: Details { client_id: app.client_id, scopes: tokens.scopes.clone() },
                tokens,
            }),
            Err(error) => {
                let _ = keeper.zoom.revoke(&app, &tokens.access).await;
                Err(error.into())
            }
        }
    }
}
