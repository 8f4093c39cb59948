//! The face of signing in and out: begin, answer, cancel, disconnect, and where it stands.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::future::BoxFuture;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::machine::{Input, State};
use super::pending::{LASTS, Pending};
use super::tokens::Keeper;
use super::{Account, AccountStatus, AuthorizationStep, ClaimCheck, SignInState, browser, refusal, store};
use crate::clock::Clock;
use crate::database::Database;
use crate::error::{UserError, UserResult};
use crate::events::{Event, Events};
use crate::secret::{Secret, Secrets};
use crate::settings::{Configuration, Redirect, delete_after_import};
use crate::zoom::{self, AccessTokens, Zoom};

/// How long closing waits until the browser has its answer.
const LAST_ANSWER: Duration = Duration::from_secs(3);

/// What signing in works with.
pub struct Parts {
    /// `state.db`.
    pub database: Database,
    /// Where tokens are kept.
    pub secrets: Secrets,
    /// Which Zoom app is used.
    pub configuration: Configuration,
    /// The way to Zoom.
    pub zoom: Zoom,
    /// Hears `AccountChanged`.
    pub events: Events,
    /// Tells the time.
    pub clock: Clock,
    /// Asks and tells teamspaces whose an account is.
    pub claims: Arc<dyn ClaimCheck>,
    /// `zoom-refresh.lock` in the data directory: held by the one process that changes tokens.
    pub lock: PathBuf,
}

/// The Zoom account of this profile: connected, disconnected, or on its way. Cheap to clone.
#[derive(Clone)]
pub struct Accounts(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) keeper: Keeper,
    pub(super) claims: Arc<dyn ClaimCheck>,
    pub(super) state: Mutex<State>,
    pub(super) attempts: AtomicU64,
    /// What the browser should come back with, for the attempt of this number.
    pub(super) pending: Mutex<Option<(u64, Pending)>>,
    /// Ends the listener and the watch of the last sign-in.
    pub(super) listening: Mutex<Option<DropGuard>>,
    /// Answers the browser.
    pub(super) answering: Mutex<Option<JoinHandle<()>>>,
}

impl Accounts {
    /// Nothing is under way at first.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(Inner {
            keeper: Keeper {
                database: parts.database,
                secrets: parts.secrets,
                configuration: parts.configuration,
                zoom: parts.zoom,
                events: parts.events,
                clock: parts.clock,
                lock: parts.lock,
                changing: tokio::sync::Mutex::default(),
                memory: Mutex::default(),
            },
            claims: parts.claims,
            state: Mutex::new(State::Settled { error: None }),
            attempts: AtomicU64::new(0),
            pending: Mutex::default(),
            listening: Mutex::default(),
            answering: Mutex::default(),
        }))
    }

    /// Where signing in stands.
    pub fn status(&self) -> UserResult<AccountStatus> {
        let row = store::load(&self.0.keeper.database)?;
        let state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let (step, failed) = match state {
            State::Settled { error } => (None, error),
            State::Waiting { authorization_url, expires_at, .. } => {
                (Some(AuthorizationStep::WaitingForBrowser { authorization_url, expires_at }), None)
            }
            State::Exchanging { .. } => (Some(AuthorizationStep::Exchanging), None),
            State::Confirming { candidate, profile_email } => {
                (Some(AuthorizationStep::ConfirmAccount { account: candidate.account, profile_email }), None)
            }
            State::Conflict { candidate, holder } => {
                (Some(AuthorizationStep::ClaimConflict { account: candidate.account, holder }), None)
            }
        };
        let over = row.as_ref().and_then(|row| row.needs_reauthorization.clone());
        let state = match (&step, &row, &over) {
            (Some(_), ..) => SignInState::Authorizing,
            (None, None, _) => SignInState::Disconnected,
            (None, Some(_), None) => SignInState::Connected,
            (None, Some(_), Some(_)) => SignInState::NeedsReauthorization,
        };
        Ok(AccountStatus {
            state,
            since: row.as_ref().map(|row| row.connected_at),
            account: row.map(|row| row.account),
            error: if step.is_some() { None } else { failed.or(over) },
            step,
        })
    }

    /// Begins a sign-in, in place of one that is under way. The answer holds the address for the browser.
    ///
    /// The secret store is tried first: nobody should authorize at Zoom and then learn that there is no place
    /// to keep it.
    pub async fn begin(&self) -> UserResult<AccountStatus> {
        let keeper = &self.0.keeper;
        let profile = keeper.profile()?;
        let app = keeper.app().await?;
        keeper.secrets.probe().await?;

        // The listener of a former sign-in may hold the port.
        self.0.listening.lock().unwrap_or_else(PoisonError::into_inner).take();
        let (redirect_uri, listener) = match &app.redirect {
            Redirect::Relay(uri) => (uri.clone(), None),
            Redirect::DeepLink => ("next-desktop://oauth/zoom".to_owned(), None),
            Redirect::Loopback { port, path } => {
                let listener = browser::listen(*port, path).await?;
                (listener.redirect_uri(), Some(listener))
            }
        };
        let authorization = keeper.zoom.authorization(&app, &redirect_uri, self.scopes_to_add()?)?;
        let begun = keeper.clock.now();
        let pending = Pending {
            state: authorization.state,
            verifier: authorization.verifier,
            redirect_uri,
            client_id: app.client_id,
            expires_at: begun.saturating_add(LASTS).unwrap_or(begun),
        };
        pending.keep(&keeper.secrets, &profile.id).await?;

        let attempt = self.0.attempts.fetch_add(1, Ordering::Relaxed) + 1;
        let expires_at = pending.expires_at;
        *self.0.pending.lock().unwrap_or_else(PoisonError::into_inner) = Some((attempt, pending));
        let stop = CancellationToken::new();
        *self.0.listening.lock().unwrap_or_else(PoisonError::into_inner) = Some(stop.clone().drop_guard());
        if let Some(listener) = listener {
            let answering = tokio::spawn(browser::serve(Arc::downgrade(&self.0), listener, stop.clone()));
            *self.0.answering.lock().unwrap_or_else(PoisonError::into_inner) = Some(answering);
        }
        let authorization_url = authorization.url.to_string();
        self.feed(Input::Begun { attempt, authorization_url, expires_at }).await?;
        tokio::spawn(browser::watch(Arc::downgrade(&self.0), attempt, begun, expires_at, stop));
        self.status()
    }

    /// Hears the browser coming back: a deep link, or what the loopback listener was asked for. Works until
    /// there is something to show: connected, a question, or why not.
    pub async fn callback(&self, address: &str) -> UserResult<AccountStatus> {
        let (accounts, address) = (self.clone(), address.to_owned());
        // Spawned: a caller that goes away must not stop an exchange in the middle.
        let work = tokio::spawn(async move { accounts.returned(&address).await });
        match work.await {
            Ok(result) => result,
            Err(error) => Err(UserError::unexpected("finish the sign-in", error)),
        }
    }

    /// Stops listening, after a browser that is here already has its answer: a process that ends with the
    /// sign-in must not leave it with a broken connection.
    pub async fn close(&self) {
        self.0.listening.lock().unwrap_or_else(PoisonError::into_inner).take();
        let answering = self.0.answering.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(answering) = answering
            && tokio::time::timeout(LAST_ANSWER, answering).await.is_err()
        {
            tracing::warn!("the browser did not take its answer in time");
        }
    }

    /// Gives up a sign-in that is under way.
    pub async fn cancel(&self) -> UserResult<AccountStatus> {
        self.0.pending.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Ok(profile) = self.0.keeper.profile() {
            // One that stays behind expires, and its state would be unknown.
            let _ = Pending::forget(&self.0.keeper.secrets, &profile.id).await;
        }
        self.feed(Input::Cancelled).await?;
        self.status()
    }

    /// Answers whether the account that signed in is the right one.
    pub async fn confirm(&self, right: bool) -> UserResult<AccountStatus> {
        self.feed(Input::Confirmed(right)).await?;
        self.status()
    }

    /// Answers a claim conflict: moves the account here, or gives up.
    pub async fn resolve_claim(&self, take_over: bool) -> UserResult<AccountStatus> {
        self.feed(Input::Resolved { take_over }).await?;
        self.status()
    }

    /// Revokes at Zoom and forgets here. True when Zoom confirmed; here it is gone in any case.
    pub async fn disconnect(&self) -> UserResult<bool> {
        let keeper = &self.0.keeper;
        self.feed(Input::Cancelled).await?;
        let Some(row) = store::load(&keeper.database)? else {
            self.settle();
            return Err(refusal::not_connected());
        };
        let revoked = self.revoke_connected().await;
        if let Err(error) = &revoked {
            tracing::info!(%error, "Zoom could not be told of the disconnection");
        }
        let _one = keeper.changing.lock().await;
        let _process = keeper.exclusive().await;
        store::remove(&keeper.database)?;
        let forgotten = keeper.forget().await;
        self.settle();
        keeper.events.emit(Event::AccountChanged);
        if let Err(error) = self.0.claims.release(&row.account).await {
            tracing::warn!(%error, "the claim on the account could not be released");
        }
        forgotten?;
        Ok(revoked.is_ok())
    }

    /// Marks that a person must sign in again, for example because another profile took the account over.
    pub fn needs_reauthorization(&self, reason: UserError) -> UserResult<()> {
        if let Some(row) = store::load(&self.0.keeper.database)? {
            self.0.keeper.over(&row.account, reason)?;
        }
        Ok(())
    }

    /// The connected account, or why there is none: not connected, or a person must sign in again.
    pub fn connected(&self) -> UserResult<Account> {
        let row = store::load(&self.0.keeper.database)?.ok_or_else(refusal::not_connected)?;
        row.needs_reauthorization.map_or(Ok(row.account), Err)
    }

    /// The scope that moving recordings to Zoom's trash lacks; none when it was granted, or when Zoom did not say
    /// what was granted.
    pub fn lacks_trash_scope(&self) -> UserResult<Option<String>> {
        let row = store::load(&self.0.keeper.database)?.ok_or_else(refusal::not_connected)?;
        Ok(zoom::lacks_trash(row.details.scopes.as_deref()))
    }

    /// What a sign-in names beside the app's own scopes: nothing, unless "Delete in Zoom after import" is on and
    /// its scope was not granted yet.
    fn scopes_to_add(&self) -> UserResult<Option<Vec<String>>> {
        let database = &self.0.keeper.database;
        if !delete_after_import::load(database)?.on {
            return Ok(None);
        }
        let granted = store::load(database)?.and_then(|row| row.details.scopes);
        Ok(zoom::with_trash(granted.as_deref()))
    }

    pub(super) async fn revoke_connected(&self) -> UserResult<()> {
        let keeper = &self.0.keeper;
        let app = keeper.app().await?;
        let token = keeper.token_to_revoke().await?;
        Ok(keeper.zoom.revoke(&app, &token).await?)
    }

    /// Puts the outcome of the last sign-in away.
    fn settle(&self) {
        *self.0.state.lock().unwrap_or_else(PoisonError::into_inner) = State::Settled { error: None };
    }
}

impl AccessTokens for Accounts {
    fn access_token(&self) -> BoxFuture<'_, Result<Secret, UserError>> {
        self.0.keeper.access_token()
    }

    fn replace<'a>(&'a self, refused: &'a Secret) -> BoxFuture<'a, Result<Secret, UserError>> {
        self.0.keeper.replace(refused)
    }
}
