//! The teamspaces that this machine knows: opened when they are needed.
//!
//! A place that is away is said, and is never replaced by a new one: only [`super::App::add_teamspace`] makes
//! something, because a person asked for it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::buckets::Reaching;
use super::pace::Pace;
use crate::catalog::Catalog;
use crate::clock::Clock;
use crate::database::Database;
use crate::error::{Code, UserError, UserResult};
use crate::events::{Event, Events};
use crate::import::Outbox;
use crate::teamspace::{self, Location, Teamspace, TeamspaceInfo, TeamspaceState, Trouble};

/// A file server that does not answer for this long counts as away.
const PATIENCE: Duration = Duration::from_secs(5);
/// A network takes its time, and the test of a bucket about a hundred requests.
pub(super) const PATIENCE_REMOTE: Duration = Duration::from_secs(90);

/// The known teamspaces. Cheap to clone.
#[derive(Clone)]
pub struct Spaces {
    pub(super) state: Database,
    pub(super) catalog: Catalog,
    pub(super) outbox: Outbox,
    pub(super) events: Events,
    pub(super) clock: Clock,
    pub(super) reaching: Reaching,
    pub(super) open: Arc<Mutex<BTreeMap<String, Teamspace>>>,
    pub(super) seen: Arc<Mutex<BTreeMap<String, Standing>>>,
    /// So many entries are let pass before a checkpoint is written that is due: a whole team notices it at once, and
    /// one is enough.
    pub(super) holds_back: u64,
    /// Held while a checkpoint is written: one at a time.
    pub(super) writing: Arc<tokio::sync::Mutex<()>>,
    pub(super) pace: Arc<Pace>,
}

/// Entries that one who holds back lets pass at most.
const HOLDS_BACK: u64 = 16;

/// How a teamspace stood when it was looked at last, and why it cannot be used.
type Standing = (TeamspaceState, Option<UserError>);

/// A row of the table `teamspace`.
#[derive(Debug, Clone)]
pub struct Known {
    pub id: String,
    pub name: String,
    pub location: Location,
}

impl Spaces {
    pub fn new(
        state: Database,
        catalog: Catalog,
        outbox: Outbox,
        events: Events,
        clock: Clock,
        reaching: Reaching,
    ) -> Self {
        let holds_back = rand::random_range(0..=HOLDS_BACK);
        let (open, seen, writing, pace) = Default::default();
        Self { state, catalog, outbox, events, clock, reaching, open, seen, holds_back, writing, pace }
    }

    /// What reaching places takes.
    pub fn reaching(&self) -> &Reaching {
        &self.reaching
    }

    pub fn known(&self) -> UserResult<Vec<Known>> {
        let rows: Vec<(String, String, String)> = self.state.read(|c| {
            let mut statement =
                c.prepare("SELECT id, name, location FROM teamspace ORDER BY added_at, id")?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })?;
        rows.into_iter()
            .map(|(id, name, location)| {
                let location = serde_json::from_str(&location)
                    .map_err(|error| UserError::unexpected("read where a teamspace is", error))?;
                Ok(Known { id, name, location })
            })
            .collect()
    }

    pub(super) fn one(&self, id: &str) -> UserResult<Known> {
        self.known()?.into_iter().find(|known| known.id == id).ok_or_else(|| {
            UserError::new(
                Code::NotFound,
                "This machine does not know the teamspace",
                "add it again by its folder or bucket",
            )
        })
    }

    /// The teamspace of this id, opened, and seen to be there.
    pub async fn opened(&self, id: &str) -> UserResult<Teamspace> {
        let known = self.one(id)?;
        let result = self.open_known(&known).await;
        match result.as_ref() {
            // Until it is followed: it can be read here, and that it went is said and stays said.
            Ok((teamspace, _)) if teamspace.refuse_moved_known().is_err() => {}
            result => self.note(&known.id, &result.map(|(_, state)| *state).map_err(Clone::clone)),
        }
        result.map(|(teamspace, _)| teamspace)
    }

    async fn open_known(&self, known: &Known) -> UserResult<(Teamspace, TeamspaceState)> {
        let before = self.open.lock().unwrap_or_else(PoisonError::into_inner).get(&known.id).cloned();
        if let Some(teamspace) = before
            && let Some(state) = self.still_there(known, &teamspace).await
        {
            return Ok((teamspace, state));
        }
        let place = self.reaching.place(&known.location, None).await?;
        let opening = async {
            let teamspace = Teamspace::open(place, Some(&known.id)).await?;
            let state = teamspace.opened_as();
            Ok((teamspace, state))
        };
        let (teamspace, state) = within(&known.location, opening).await?;
        self.open.lock().unwrap_or_else(PoisonError::into_inner).insert(known.id.clone(), teamspace.clone());
        Ok((teamspace, state))
    }

    /// How an opened teamspace stands; none when it must be opened again. A folder is looked at; a bucket is
    /// believed to be there until a request to it fails.
    async fn still_there(&self, known: &Known, teamspace: &Teamspace) -> Option<TeamspaceState> {
        if known.location.is_remote() && teamspace.refuse_moved_known().is_err() {
            return Some(TeamspaceState::ReadOnly);
        }
        if known.location.is_remote() {
            let seen = self.standing(&known.id)?;
            return (seen == teamspace.opened_as()).then_some(seen);
        }
        match within(&known.location, teamspace.state()).await {
            Ok(state @ TeamspaceState::Ready) => Some(state),
            _ => None,
        }
    }

    /// Every known teamspace that can be opened now.
    pub async fn reachable(&self) -> UserResult<Vec<Teamspace>> {
        let mut found = Vec::new();
        for known in self.known()? {
            if let Ok(teamspace) = self.opened(&known.id).await {
                found.push(teamspace);
            }
        }
        Ok(found)
    }

    /// Those of them that can be written.
    pub async fn writable(&self) -> UserResult<Vec<Teamspace>> {
        let mut found = self.reachable().await?;
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        found.retain(|teamspace| matches!(seen.get(teamspace.id()), Some((TeamspaceState::Ready, _))));
        Ok(found)
    }

    /// Remembers how a teamspace stands; a change is told.
    pub(super) fn note(&self, id: &str, result: &UserResult<TeamspaceState>) {
        let standing = match result {
            Ok(state) => (*state, None),
            Err(error) => (state_of(error), Some(error.clone())),
        };
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = seen.insert(id.to_owned(), standing.clone()) != Some(standing);
        drop(seen);
        if changed {
            self.events.emit(Event::TeamspacesChanged);
        }
    }

    /// How a teamspace stood when it was looked at last.
    pub fn standing(&self, id: &str) -> Option<TeamspaceState> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).get(id).map(|(state, _)| *state)
    }

    /// All of them as they were seen last; none is looked at. What nobody has looked at yet is believed to be there.
    pub fn seen_last(&self) -> UserResult<Vec<TeamspaceInfo>> {
        self.known()?.iter().map(|known| self.info(known)).collect()
    }

    pub(super) fn info(&self, known: &Known) -> UserResult<TeamspaceInfo> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner).get(&known.id).cloned();
        let (state, error) = seen.unwrap_or((TeamspaceState::Ready, None));
        Ok(TeamspaceInfo {
            id: known.id.clone(),
            name: known.name.clone(),
            location: known.location.clone(),
            state,
            error,
            warnings: known.location.warnings(),
            recordings: self.catalog.count(&known.id)?,
        })
    }
}

/// A place that does not answer in time is away.
pub async fn within<T>(
    location: &Location,
    work: impl Future<Output = Result<T, teamspace::Error>>,
) -> UserResult<T> {
    let patience = if location.is_remote() { PATIENCE_REMOTE } else { PATIENCE };
    match tokio::time::timeout(patience, work).await {
        Ok(result) => Ok(result?),
        Err(_) => Err(match location {
            Location::Folder { path } => teamspace::Error::Unreachable { place: path.clone() },
            Location::Bucket(bucket) => {
                teamspace::Error::Bucket { place: bucket.place(), trouble: Trouble::Network }
            }
        }
        .into()),
    }
}

fn state_of(error: &UserError) -> TeamspaceState {
    match error.code {
        Code::TeamspaceReadOnly | Code::TeamspaceMoved => TeamspaceState::ReadOnly,
        Code::TeamspaceUnsafe | Code::FormatTooNew | Code::FileDamaged | Code::Usage => {
            TeamspaceState::Refused
        }
        _ => TeamspaceState::Unreachable,
    }
}
