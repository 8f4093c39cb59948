//! Feeds the state machine, and does what it asks for.

use std::sync::PoisonError;

use futures::future::{BoxFuture, FutureExt as _};

use super::machine::{self, Candidate, Effect, Input, State};
use super::store::{self, Row};
use super::{Accounts, Claim};
use crate::error::{UserError, UserResult};
use crate::events::Event;

impl Accounts {
    /// Feeds the machine, and does what it asks for until it asks for nothing more.
    pub(super) fn feed(&self, input: Input) -> BoxFuture<'_, UserResult<()>> {
        async move {
            let effect = {
                let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
                let before = std::mem::replace(&mut *state, State::Settled { error: None });
                let (after, effect) = machine::next(before, input);
                *state = after;
                effect
            };
            if let Effect::Refuse(error) = effect {
                return Err(error);
            }
            self.0.keeper.events.emit(Event::AccountChanged);
            match effect {
                Effect::Nothing | Effect::Refuse(_) => Ok(()),
                Effect::Revoke(candidate) => {
                    self.revoke(&candidate).await;
                    Ok(())
                }
                Effect::CheckClaim(candidate) => match self.0.claims.check(&candidate.account).await {
                    Ok(Claim::Free) => self.feed(Input::ClaimFree(candidate)).await,
                    Ok(Claim::Held(holder)) => self.feed(Input::ClaimHeld(candidate, holder)).await,
                    Err(error) => self.give_up(candidate, error).await,
                },
                Effect::Store { candidate, take_over } => {
                    match self.0.claims.claim(&candidate.account, take_over).await {
                        Ok(Claim::Free) => {}
                        Ok(Claim::Held(holder)) => {
                            return self.feed(Input::ClaimHeld(candidate, holder)).await;
                        }
                        Err(error) => return self.give_up(candidate, error).await,
                    }
                    match self.store(&candidate).await {
                        Ok(()) => self.feed(Input::Stored { attempt: candidate.attempt }).await,
                        Err(error) => {
                            let _ = self.0.claims.release(&candidate.account).await;
                            self.give_up(candidate, error).await
                        }
                    }
                }
            }
        }
        .boxed()
    }

    async fn give_up(&self, candidate: Candidate, error: UserError) -> UserResult<()> {
        self.revoke(&candidate).await;
        self.feed(Input::Failed { attempt: candidate.attempt, error }).await
    }

    async fn revoke(&self, candidate: &Candidate) {
        let revoked = match self.0.keeper.app().await {
            Ok(app) => self.0.keeper.zoom.revoke(&app, &candidate.tokens.access).await.map_err(Into::into),
            Err(error) => Err(error),
        };
        if let Err(error) = revoked {
            tracing::warn!(%error, "a sign-in that is not wanted could not be revoked at Zoom");
        }
    }

    /// Keeps a new account: its tokens first, then its row. One that was connected before is ended.
    async fn store(&self, candidate: &Candidate) -> UserResult<()> {
        let keeper = &self.0.keeper;
        let former = store::load(&keeper.database)?.filter(|row| row.account.id != candidate.account.id);
        if let Some(row) = &former {
            if let Err(error) = self.revoke_connected().await {
                tracing::info!(%error, "the former account could not be revoked at Zoom");
            }
            let _ = self.0.claims.release(&row.account).await;
        }
        let _one = keeper.changing.lock().await;
        let _process = keeper.exclusive().await?;
        let row = Row {
            account: candidate.account.clone(),
            // As it will be read again.
            connected_at: keeper.clock.now().round(jiff::Unit::Millisecond).unwrap_or(keeper.clock.now()),
            needs_reauthorization: None,
            details: candidate.details.clone(),
        };
        keeper.keep(&row, candidate.tokens.clone()).await?;
        Ok(store::save(&keeper.database, &row)?)
    }
}
