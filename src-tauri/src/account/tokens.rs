//! Tokens of the connected account: given out, renewed one at a time, kept durably.
//!
//! Zoom replaces the refresh token at every refresh and tolerates no reuse (errors 4740, 4741), so: one
//! refresh at a time across threads and processes, and a new refresh token is on the disk before the access
//! token that came with it is used.

use std::fs::{File, OpenOptions};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use futures::future::{BoxFuture, FutureExt as _};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::store::{self, Row};
use super::{Account, refusal};
use crate::clock::Clock;
use crate::database::Database;
use crate::error::{Code, UserError};
use crate::events::{Event, Events};
use crate::profile;
use crate::secret::{self, Secret, Secrets};
use crate::settings::{Configuration, ZoomApp};
use crate::zoom::{self, AccessTokens, Zoom};

/// An access token that ends sooner than this is renewed before it is given out.
const RESERVE: SignedDuration = SignedDuration::from_mins(5);

/// Keeps the tokens of the connected account.
#[derive(Debug)]
pub(super) struct Keeper {
    pub database: Database,
    pub secrets: Secrets,
    pub configuration: Configuration,
    pub zoom: Zoom,
    pub events: Events,
    pub clock: Clock,
    /// Held while tokens change, by one process.
    pub lock: PathBuf,
    /// Held while tokens change, by one task of this process.
    pub changing: tokio::sync::Mutex<()>,
    pub memory: Mutex<Memory>,
}

/// What this process knows of the tokens, so that the keyring is not asked for every call.
#[derive(Debug, Default)]
pub(super) struct Memory {
    access: Option<(Sign, Access)>,
    /// New tokens that could not be kept: Zoom has already given up the former ones.
    unsaved: Option<(Sign, zoom::Tokens)>,
}

/// One sign-in: a user and when.
type Sign = (String, Timestamp);

#[derive(Debug, Clone, PartialEq)]
struct Access {
    token: Secret,
    expires_at: Timestamp,
}

/// An access token as it stands in the secret store.
#[derive(Serialize, Deserialize)]
struct Kept {
    token: String,
    expires_at: Timestamp,
}

impl Keeper {
    pub fn profile(&self) -> Result<profile::Profile, UserError> {
        profile::load(&self.database)?.ok_or_else(refusal::no_profile)
    }

    pub async fn app(&self) -> Result<ZoomApp, UserError> {
        self.configuration.zoom_app().await?.ok_or_else(refusal::no_zoom_client)
    }

    /// The row of an account whose sign-in is good.
    fn connected(&self) -> Result<Row, UserError> {
        let row = store::load(&self.database)?.ok_or_else(refusal::not_connected)?;
        match row.needs_reauthorization {
            Some(reason) => Err(reason),
            None => Ok(row),
        }
    }

    fn memory<T>(&self, work: impl FnOnce(&mut Memory) -> T) -> T {
        work(&mut self.memory.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The access token in memory, when it is of this sign-in and good for a while.
    fn remembered(&self, row: &Row, not: Option<&Secret>) -> Option<Secret> {
        let now = self.clock.now();
        self.memory(|memory| {
            let (sign, access) = memory.access.as_ref()?;
            (*sign == sign_of(row) && access.good(now, not)).then(|| access.token.clone())
        })
    }

    async fn token(&self, refused: Option<&Secret>) -> Result<Secret, UserError> {
        let row = self.connected()?;
        if let Some(token) = self.remembered(&row, refused) {
            return Ok(token);
        }
        let _one = self.changing.lock().await;
        if let Some(token) = self.remembered(&row, refused) {
            return Ok(token);
        }
        if let Some(token) = self.kept(&row, refused).await? {
            return Ok(token);
        }
        let _process = self.exclusive().await?;
        // While we waited another process may have refreshed, or found that the sign-in is over.
        let row = self.connected()?;
        self.save_unsaved(&row).await?;
        if let Some(token) = self.remembered(&row, refused) {
            return Ok(token);
        }
        match self.kept(&row, refused).await? {
            Some(token) => Ok(token),
            None => self.refresh(&row).await,
        }
    }

    /// The access token in the secret store, when it is good for a while.
    async fn kept(&self, row: &Row, not: Option<&Secret>) -> Result<Option<Secret>, UserError> {
        let profile = self.profile()?.id;
        let Some(text) = self.secrets.get(&access_entry(&profile)).await? else { return Ok(None) };
        let Ok(kept) = serde_json::from_str::<Kept>(text.expose()) else { return Ok(None) };
        let access = Access { token: Secret::new(kept.token), expires_at: kept.expires_at };
        if !access.good(self.clock.now(), not) {
            return Ok(None);
        }
        let token = access.token.clone();
        self.memory(|memory| memory.access = Some((sign_of(row), access)));
        Ok(Some(token))
    }

    /// Spends the refresh token. Both locks are held.
    async fn refresh(&self, row: &Row) -> Result<Secret, UserError> {
        let entry = refresh_entry(&self.profile()?.id);
        let Some(refresh) = self.secrets.get(&entry).await? else {
            // A locked keyring answers "none" as well: then it is not the sign-in that is missing.
            self.secrets.probe().await?;
            return Err(self.over(&row.account, refusal::tokens_missing())?);
        };
        let app = self.app().await?;
        if !row.details.client_id.is_empty() && row.details.client_id != app.client_id {
            return Err(self.over(&row.account, refusal::client_changed())?);
        }
        match self.zoom.refresh(&app, &refresh).await {
            Ok(tokens) => {
                self.keep(row, tokens).await?;
                self.remembered(row, None).ok_or_else(|| zoom::Error::Unauthorized.into())
            }
            Err(error @ zoom::Error::SignInOver { .. }) => Err(self.over(&row.account, error.into())?),
            Err(error) => Err(error.into()),
        }
    }

    /// Keeps new tokens: the refresh token first, and only then the access token becomes usable.
    pub async fn keep(&self, row: &Row, tokens: zoom::Tokens) -> Result<(), UserError> {
        self.memory(|memory| memory.unsaved = Some((sign_of(row), tokens)));
        self.save_unsaved(row).await
    }

    async fn save_unsaved(&self, row: &Row) -> Result<(), UserError> {
        let Some((sign, tokens)) = self.memory(|memory| memory.unsaved.clone()) else { return Ok(()) };
        if sign == sign_of(row) {
            let profile = self.profile()?.id;
            self.secrets.set(&refresh_entry(&profile), tokens.refresh.clone()).await?;
            let access = Access { token: tokens.access, expires_at: tokens.expires_at };
            self.secrets.set(&access_entry(&profile), access.to_kept()?).await?;
            self.memory(|memory| memory.access = Some((sign, access)));
        }
        self.memory(|memory| memory.unsaved = None);
        Ok(())
    }

    /// Marks, once and durably, that a person must sign in again; gives the reason back.
    pub fn over(&self, account: &Account, reason: UserError) -> Result<UserError, UserError> {
        if store::mark(&self.database, &account.id, &reason)? {
            self.events.emit(Event::AccountChanged);
        }
        Ok(reason)
    }

    /// Forgets all tokens.
    pub async fn forget(&self) -> Result<(), UserError> {
        self.memory(|memory| *memory = Memory::default());
        let profile = self.profile()?.id;
        let refresh = self.secrets.delete(&refresh_entry(&profile)).await;
        let access = self.secrets.delete(&access_entry(&profile)).await;
        Ok(refresh.and(access)?)
    }

    /// A token to revoke with: any that is there, else a renewed one.
    pub async fn token_to_revoke(&self) -> Result<Secret, UserError> {
        let profile = self.profile()?.id;
        if let Some(text) = self.secrets.get(&access_entry(&profile)).await?
            && let Ok(kept) = serde_json::from_str::<Kept>(text.expose())
            && kept.expires_at > self.clock.now()
        {
            return Ok(Secret::new(kept.token));
        }
        self.token(None).await
    }

    /// Keeps every other process from changing tokens, until the file is dropped.
    pub async fn exclusive(&self) -> Result<File, UserError> {
        let path = self.lock.clone();
        let locked = tokio::task::spawn_blocking(move || {
            let file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
            file.lock()?;
            Ok::<_, std::io::Error>(file)
        });
        let refused = |why: &dyn std::fmt::Display| {
            UserError::new(
                Code::DataDirectory,
                "NEXT cannot lock a file in its data directory",
                "give yourself write permission there, or set NEXT_DATA_DIR to another folder",
            )
            .detail(why)
        };
        match locked.await {
            Ok(Ok(file)) => Ok(file),
            Ok(Err(error)) => Err(refused(&error)),
            Err(error) => Err(refused(&error)),
        }
    }
}

impl AccessTokens for Keeper {
    fn access_token(&self) -> BoxFuture<'_, Result<Secret, UserError>> {
        self.token(None).boxed()
    }

    fn replace<'a>(&'a self, refused: &'a Secret) -> BoxFuture<'a, Result<Secret, UserError>> {
        self.token(Some(refused)).boxed()
    }
}

impl Access {
    fn good(&self, now: Timestamp, not: Option<&Secret>) -> bool {
        self.expires_at.duration_since(now) > RESERVE && Some(&self.token) != not
    }

    fn to_kept(&self) -> Result<Secret, secret::Error> {
        let kept = Kept { token: self.token.expose().clone(), expires_at: self.expires_at };
        serde_json::to_string(&kept)
            .map(Secret::new)
            .map_err(|error| secret::Error::Refused { why: error.to_string() })
    }
}

fn sign_of(row: &Row) -> Sign {
    (row.account.id.clone(), row.connected_at)
}

fn refresh_entry(profile: &str) -> String {
    format!("{profile}/zoom-refresh-token")
}

/// Beside the refresh token and not with it: a Windows credential holds 2,560 bytes.
fn access_entry(profile: &str) -> String {
    format!("{profile}/zoom-access-token")
}
