//! Signs in and out: feeds the state machine, and does what it asks for.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use futures::future::{BoxFuture, FutureExt as _};
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::machine::{self, Candidate, Effect, Input, State};
use super::pending::{LASTS, Pending};
use super::store::{self, Details, Row};
use super::tokens::Keeper;
use super::{Account, AccountStatus, AuthorizationStep, Claim, ClaimCheck, SignInState, refusal};
use crate::clock::Clock;
use crate::database::Database;
use crate::error::{UserError, UserResult};
use crate::events::{Event, Events};
use crate::secret::{Secret, Secrets};
use crate::settings::{Configuration, Redirect};
use crate::zoom::{AccessTokens, Answer, Callback, Listener, OneToken, Outcome, Zoom, missing_scopes};

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
pub struct Accounts(Arc<Inner>);

struct Inner {
    keeper: Keeper,
    claims: Arc<dyn ClaimCheck>,
    state: Mutex<State>,
    attempts: AtomicU64,
    /// What the browser should come back with, for the attempt of this number.
    pending: Mutex<Option<(u64, Pending)>>,
    /// Ends the listener and the watch of the last sign-in.
    listening: Mutex<Option<DropGuard>>,
    /// Answers the browser.
    answering: Mutex<Option<JoinHandle<()>>>,
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
                let listener = listen(*port, path).await?;
                (listener.redirect_uri(), Some(listener))
            }
        };
        let authorization = keeper.zoom.authorization(&app, &redirect_uri)?;
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
            let answering = tokio::spawn(serve(Arc::downgrade(&self.0), listener, stop.clone()));
            *self.0.answering.lock().unwrap_or_else(PoisonError::into_inner) = Some(answering);
        }
        let authorization_url = authorization.url.to_string();
        self.feed(Input::Begun { attempt, authorization_url, expires_at }).await?;
        tokio::spawn(watch(Arc::downgrade(&self.0), attempt, begun, expires_at, stop));
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
        let status = self.status()?;
        let row = store::load(&self.0.keeper.database)?.ok_or_else(refusal::not_connected)?;
        match (row.needs_reauthorization, status.state) {
            (Some(reason), _) => Err(reason),
            (None, _) => Ok(row.account),
        }
    }

    async fn revoke_connected(&self) -> UserResult<()> {
        let keeper = &self.0.keeper;
        let app = keeper.app().await?;
        let token = keeper.token_to_revoke().await?;
        Ok(keeper.zoom.revoke(&app, &token).await?)
    }

    /// Puts the outcome of the last sign-in away.
    fn settle(&self) {
        *self.0.state.lock().unwrap_or_else(PoisonError::into_inner) = State::Settled { error: None };
    }

    async fn returned(&self, address: &str) -> UserResult<AccountStatus> {
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

    /// Feeds the machine, and does what it asks for until it asks for nothing more.
    fn feed(&self, input: Input) -> BoxFuture<'_, UserResult<()>> {
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

impl AccessTokens for Accounts {
    fn access_token(&self) -> BoxFuture<'_, Result<Secret, UserError>> {
        self.0.keeper.access_token()
    }

    fn replace<'a>(&'a self, refused: &'a Secret) -> BoxFuture<'a, Result<Secret, UserError>> {
        self.0.keeper.replace(refused)
    }
}

async fn listen(port: u16, path: &str) -> UserResult<Listener> {
    // The listener of a former sign-in lets go of its port a moment after it is told to.
    let mut tries = 0;
    loop {
        match Listener::bind(port, path).await {
            Ok(listener) => return Ok(listener),
            Err(_) if port != 0 && tries < 5 => {
                tries += 1;
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            Err(error) => return Err(refusal::port_taken(port, &error)),
        }
    }
}

/// Answers the browser, for as long as the sign-in could still come back or be asked about.
async fn serve(inner: Weak<Inner>, listener: Listener, stop: CancellationToken) {
    let handle = move |address: String| {
        let accounts = inner.upgrade().map(Accounts);
        async move {
            match accounts {
                Some(accounts) => spoken(accounts.callback(&address).await),
                None => spoken(Err(refusal::cancelled())),
            }
        }
        .boxed()
    };
    if let Err(error) = listener.serve(handle, stop).await {
        tracing::warn!(%error, "the listener for the browser stopped");
    }
}

/// What the browser shows.
fn spoken(result: UserResult<AccountStatus>) -> Answer {
    let sentence = |text: &str| {
        let mut chars = text.chars();
        let first: String = chars.next().into_iter().flat_map(char::to_uppercase).collect();
        format!("{first}{}.", chars.as_str())
    };
    match result {
        Ok(status) if status.state == SignInState::Connected => Answer {
            well: true,
            title: "Zoom is connected".to_owned(),
            text: "You can close this tab and return to NEXT.".to_owned(),
        },
        Ok(_) => Answer {
            well: true,
            title: "Almost done".to_owned(),
            text: "NEXT has a question for you. You can close this tab and return to NEXT.".to_owned(),
        },
        Err(error) => Answer { well: false, title: sentence(&error.message), text: sentence(&error.action) },
    }
}

/// Ends a sign-in that nobody comes back from, and notices when another process finished it.
async fn watch(
    inner: Weak<Inner>,
    attempt: u64,
    begun: jiff::Timestamp,
    expires_at: jiff::Timestamp,
    stop: CancellationToken,
) {
    let mut seen = None;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(Duration::from_millis(500)) => {}
        }
        let Some(accounts) = inner.upgrade().map(Accounts) else { return };
        let waiting = matches!(
            &*accounts.0.state.lock().unwrap_or_else(PoisonError::into_inner),
            State::Waiting { attempt: current, .. } if *current == attempt
        );
        let keeper = &accounts.0.keeper;
        if keeper.clock.now() >= expires_at {
            if waiting {
                let _ = accounts.feed(Input::Failed { attempt, error: refusal::expired() }).await;
            }
            // Nobody is answered any more either.
            accounts.0.listening.lock().unwrap_or_else(PoisonError::into_inner).take();
            return;
        }
        let changes = keeper.database.foreign_changes().ok();
        if waiting && std::mem::replace(&mut seen, changes) != changes {
            let row = store::load(&keeper.database).ok().flatten();
            // The row holds milliseconds.
            let begun = begun.saturating_sub(jiff::SignedDuration::from_millis(1)).unwrap_or(begun);
            if row.is_some_and(|row| row.needs_reauthorization.is_none() && row.connected_at >= begun) {
                let _ = accounts.feed(Input::Stored { attempt }).await;
            }
        }
    }
}
