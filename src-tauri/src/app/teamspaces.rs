//! The list of teamspaces: made or joined, looked at when a person asks, and taken off again.

use std::sync::PoisonError;
use std::time::Duration;

use super::App;
use super::spaces::within;
use crate::error::UserResult;
use crate::events::Event;
use crate::import::JobState;
use crate::secret::Secret;
use crate::teamspace::{Location, Teamspace, TeamspaceInfo};

/// Adding a teamspace does not wait longer for what it holds: the rest comes by itself.
const FIRST_LOOK: Duration = Duration::from_secs(3);

impl App {
    /// The teamspaces that this machine knows, as they were seen last, which is seconds ago at most. Where somebody
    /// watches them, a bucket is not waited for: how it stands is told when that is known.
    pub async fn teamspaces(&self) -> UserResult<Vec<TeamspaceInfo>> {
        let spaces = &self.0.spaces;
        let known = spaces.known()?;
        let watched = self.0.worker.lock().unwrap_or_else(PoisonError::into_inner).is_some();
        for known in &known {
            let looked = spaces.seen.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&known.id);
            let waited_for = !(watched && known.location.is_remote());
            if waited_for && !looked {
                // How it stands is noted, whatever comes of it.
                let _ = spaces.opened(&known.id).await;
            }
        }
        spaces.seen_last()
    }

    /// Makes a teamspace at a location, or opens the one that is there.
    pub async fn add_teamspace(&self, name: &str, location: Location) -> UserResult<TeamspaceInfo> {
        let location = match location {
            Location::Folder { path } => Location::folder(super::people::expand_home(&path)),
            Location::Bucket(bucket) => Location::Bucket(bucket.checked()?),
        };
        self.add_place(name, location, None).await
    }

    /// The same, with the secret of a bucket's access key, where it is not the one that is kept.
    pub(super) async fn add_place(
        &self,
        name: &str,
        location: Location,
        secret: Option<Secret>,
    ) -> UserResult<TeamspaceInfo> {
        let inner = &self.0;
        let now = inner.clock.now();
        let reaching = inner.spaces.reaching();
        let place = reaching.place(&location, secret.as_ref()).await?;
        let teamspace = within(&location, Teamspace::create(place, name, now)).await?;
        self.claim_for(&teamspace).await?;
        let id = teamspace.id().to_owned();
        inner.spaces.adopt(teamspace, &location, secret.as_ref()).await?;
        self.back_up();
        inner.events.emit(Event::TeamspacesChanged);
        match tokio::time::timeout(FIRST_LOOK, self.refresh_teamspace(&id)).await {
            Ok(looked) => looked,
            Err(_) => inner.spaces.info(&inner.spaces.one(&id)?),
        }
    }

    /// Takes a teamspace off this machine's list; nothing in it is touched. Its imports that are not done are
    /// cancelled.
    pub async fn forget_teamspace(&self, id: &str) -> UserResult<()> {
        let inner = &self.0;
        let known = inner.spaces.one(id)?;
        for job in inner.queue.jobs()?.iter().filter(|job| job.teamspace == id) {
            inner.queue.cancel(job.id, inner.clock.now())?;
            if job.state != JobState::Running {
                inner.importer.discard(job.id).await;
            }
        }
        inner.state.write(|t| {
            t.execute("DELETE FROM teamspace WHERE id = ?1", [id])?;
            Ok(())
        })?;
        inner.spaces.reaching().forget(&known.location).await?;
        inner.spaces.open.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
        inner.spaces.seen.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
        inner.catalog.forget(id)?;
        inner.pins.forget(id)?;
        for (_, recording) in inner.cache.kept_recordings()?.into_iter().filter(|(of, _)| of == id) {
            inner.cache.let_go(id, &recording)?;
        }
        self.back_up();
        inner.wake.notify_one();
        inner.events.emit(Event::TeamspacesChanged);
        Ok(())
    }

    /// Looks at a teamspace now. That it cannot be used is part of the answer, not an error.
    pub async fn refresh_teamspace(&self, id: &str) -> UserResult<TeamspaceInfo> {
        self.0.spaces.one(id)?;
        let writer = super::surroundings::writer(&self.0.state)();
        let looked = loop {
            match self.0.spaces.look(id, writer.as_deref()).await {
                Ok(true) => {}
                looked => break looked,
            }
        };
        if let (Ok(_), Some(writer)) = (&looked, &writer) {
            let _one = self.0.spaces.writing.lock().await;
            self.0.spaces.write_checkpoint(id, writer).await;
        }
        // It may stand elsewhere than before.
        let mut info = self.0.spaces.info(&self.0.spaces.one(id)?)?;
        if let Err(error) = looked {
            info.error.get_or_insert(error);
        }
        Ok(info)
    }
}
