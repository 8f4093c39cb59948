//! Following a teamspace that was moved: the row of this machine points to the new place; jobs, cache, and how far the
//! log is read stay, because the teamspace is the same.

use std::sync::PoisonError;

use rusqlite::{OptionalExtension as _, params};

use super::spaces::{Spaces, within};
use crate::database::to_text;
use crate::error::{UserError, UserResult};
use crate::events::Event;
use crate::secret::Secret;
use crate::teamspace::{Credentials, Error, Location, Teamspace, Whereabouts};

impl Spaces {
    /// Goes where a teamspace went; whether it did. Where that cannot be done now, it is said, and tried again.
    pub(super) async fn follow_if_moved(&self, teamspace: &Teamspace) -> UserResult<bool> {
        let id = teamspace.id();
        let cursor = self.catalog.cursor(id)?;
        // When the log cannot be read now, looking at it has said so.
        let Some((_, to)) = teamspace.moved(cursor).await.ok().flatten() else { return Ok(false) };
        match self.follow(teamspace, &to).await {
            Ok(()) => Ok(true),
            Err(error) => {
                tracing::info!(teamspace = %id, code = ?error.code, "a moved teamspace cannot be followed now");
                let moved = Error::Moved { place: teamspace.location().place(), to: to.place() };
                let moved = UserError::from(moved).detail(error);
                self.note(id, &Err(moved.clone()));
                Err(moved)
            }
        }
    }

    async fn follow(&self, teamspace: &Teamspace, to: &Whereabouts) -> UserResult<()> {
        let asks = || UserError::from(Error::Moved { place: teamspace.location().place(), to: to.place() });
        let (location, secret) = match (to, teamspace.location()) {
            // A log is from outside: a name of a server in it is asked only by a person.
            (Whereabouts::Folder { path }, _) if path.starts_with(r"\\") || path.starts_with("//") => {
                return Err(asks());
            }
            (Whereabouts::Folder { .. }, _) => (to.location(Credentials::Aws { profile: None })?, None),
            // The same store knows the same key; no other store hears of it.
            (Whereabouts::Bucket { endpoint, .. }, Location::Bucket(bucket))
                if *endpoint == bucket.endpoint =>
            {
                (to.location(bucket.credentials.clone())?, self.reaching.kept(bucket).await?)
            }
            (Whereabouts::Bucket { .. }, _) => return Err(asks()),
        };
        let place = self.reaching.place(&location, secret.as_ref()).await?;
        let opened = within(&location, Teamspace::open(place, Some(teamspace.id()))).await?;
        self.adopt(opened, &location, secret.as_ref()).await
    }

    /// Notes that a teamspace stands at a location: a new one, or one that this machine knew elsewhere.
    pub(super) async fn adopt(
        &self,
        teamspace: Teamspace,
        location: &Location,
        secret: Option<&Secret>,
    ) -> UserResult<()> {
        if let (Location::Bucket(bucket), Some(secret)) = (location, secret) {
            self.reaching.keep(bucket, secret).await?;
        }
        let (before, now) = (self.one(teamspace.id()).ok(), self.clock.now());
        let text = serde_json::to_string(location)
            .map_err(|error| UserError::unexpected("note where a teamspace is", error))?;
        self.state.write(|t| {
            let same: Option<String> = t
                .query_row("SELECT id FROM teamspace WHERE location = ?1", [&text], |row| row.get(0))
                .optional()?;
            if same.is_some_and(|id| id != teamspace.id()) {
                t.execute("DELETE FROM teamspace WHERE location = ?1", [&text])?;
            }
            t.execute(
                "INSERT INTO teamspace (id, name, location, added_at) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (id) DO UPDATE SET name = excluded.name, location = excluded.location",
                params![teamspace.id(), teamspace.name(), text, to_text(now)],
            )?;
            Ok(())
        })?;
        if let Some(before) = before.filter(|before| before.location.secret_name() != location.secret_name())
        {
            // Another key for the same bucket, or another place: the former is used by nobody any more.
            self.reaching.forget(&before.location).await?;
        }
        let id = teamspace.id().to_owned();
        self.note(&id, &Ok(teamspace.opened_as()));
        self.open.lock().unwrap_or_else(PoisonError::into_inner).insert(id, teamspace);
        self.events.emit(Event::TeamspacesChanged);
        Ok(())
    }
}
