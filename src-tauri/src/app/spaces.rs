//! The teamspaces that this machine knows: opened when they are needed, looked at every few seconds.
//!
//! A place that is away is said, and is never replaced by a new one: only [`App::add_teamspace`] makes
//! something, because a person asked for it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::App;
use super::buckets::Reaching;
use super::pace::Pace;
use crate::catalog::Catalog;
use crate::clock::Clock;
use crate::database::Database;
use crate::error::{Code, UserError, UserResult};
use crate::events::{Event, Events};
use crate::import::{JobState, Outbox, Queue, send_outbox};
use crate::profile;
use crate::recording::RecordingId;
use crate::secret::Secret;
use crate::settings;
use crate::teamspace::{
    self, EVERY, Location, Member, Op, Teamspace, TeamspaceInfo, TeamspaceState, Trouble,
};

/// How often the places are looked at: an unplugged disk is said within seconds.
const LOOK: Duration = Duration::from_secs(3);
/// How often is told what has arrived while more is still coming.
const TELL: Duration = Duration::from_secs(1);
/// So many changed recordings are told one by one; of more it is told that any may have changed.
const FEW: usize = 50;
/// Adding a teamspace does not wait longer for what it holds: the rest comes by itself.
const FIRST_LOOK: Duration = Duration::from_secs(3);
/// A file server that does not answer for this long counts as away.
const PATIENCE: Duration = Duration::from_secs(5);
/// Name of the setting that notes, by teamspace, a digest of what this machine said of its profile last.
const INTRODUCED: &str = "introduced";
/// One that could not be used is tried again after so long.
const LOOK_AGAIN: Duration = Duration::from_secs(60);
/// A network takes its time, and the test of a bucket about a hundred requests.
const PATIENCE_REMOTE: Duration = Duration::from_secs(90);

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
    holds_back: u64,
    /// Held while a checkpoint is written: one at a time.
    writing: Arc<tokio::sync::Mutex<()>>,
    pace: Arc<Pace>,
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

    fn info(&self, known: &Known) -> UserResult<TeamspaceInfo> {
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

    /// Looks at a teamspace now: sends what its log lacks, reads what is new, says who we are. One request when
    /// there is nothing of all that. Whether there is more to read at once.
    pub async fn look(&self, id: &str, writer: Option<&str>) -> UserResult<bool> {
        let teamspace = self.opened(id).await?;
        let looked = self.read_new(&teamspace, writer).await;
        if self.follow_if_moved(&teamspace).await? {
            return Ok(true);
        }
        if let Err(error) = &looked
            && teamspace.location().is_remote()
            && error.code.needs_person()
        {
            // Of a bucket this is how its going is seen.
            self.note(id, &Err(error.clone()));
        }
        looked
    }

    async fn read_new(&self, teamspace: &Teamspace, writer: Option<&str>) -> UserResult<bool> {
        let writer = writer.filter(|_| teamspace.opened_as() == TeamspaceState::Ready);
        if let Some(writer) = writer {
            send_outbox(&self.outbox, teamspace, writer, self.clock.now()).await?;
        }
        let more = self.read_on(teamspace).await?;
        if writer.is_some() && self.standing(teamspace.id()) == Some(TeamspaceState::Ready) {
            self.introduce(teamspace).await?;
        }
        Ok(more)
    }

    /// Reads what is new in a teamspace, and tells whoever listens. Whether there is more to read at once.
    pub async fn read_on(&self, teamspace: &Teamspace) -> UserResult<bool> {
        let id = teamspace.id();
        let before = self.catalog.cursor(id)?;
        let mut told = Instant::now();
        let mut tell = || {
            // What has arrived is shown while the rest is still coming.
            if told.elapsed() >= TELL {
                told = Instant::now();
                self.say_changed(id, &[]);
            }
        };
        let refreshed = self.catalog.refresh_telling(teamspace, &mut tell).await?;
        if !refreshed.changed.is_empty() {
            self.say_changed(id, &refreshed.changed);
        } else if refreshed.cursor != before {
            // Also members and claims come through the log.
            self.events.emit(Event::TeamspacesChanged);
        }
        Ok(refreshed.more)
    }

    /// Writes the checkpoint that is due beside everything else: the first one of a long log takes its time.
    fn begin_checkpoint(&self, id: &str, writer: String, stop: &CancellationToken) {
        let Ok(place) = self.writing.clone().try_lock_owned() else { return };
        let (spaces, id, stop) = (self.clone(), id.to_owned(), stop.clone());
        tokio::spawn(async move {
            stop.run_until_cancelled(spaces.write_checkpoint(&id, &writer)).await;
            drop(place);
        });
    }

    /// Writes the checkpoint of a teamspace's log that is due, where it can be written.
    async fn write_checkpoint(&self, id: &str, writer: &str) {
        let Ok(cursor) = self.catalog.cursor(id) else { return };
        let known = self.open.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned();
        let Some(teamspace) = known.filter(|_| self.standing(id) == Some(TeamspaceState::Ready)) else {
            return;
        };
        if cursor % EVERY >= self.holds_back
            && let Err(error) = teamspace.write_checkpoint(cursor, writer, self.clock.now()).await
        {
            tracing::warn!(%error, "a checkpoint could not be written; somebody else does it, or we do later");
        }
    }

    /// Says which recordings changed; of very many, or when it is not known, that any may have.
    fn say_changed(&self, id: &str, changed: &[RecordingId]) {
        let say = |recording_id| {
            self.events.emit(Event::RecordingsChanged { teamspace: id.to_owned(), recording_id });
        };
        if (1..=FEW).contains(&changed.len()) {
            changed.iter().cloned().map(Some).for_each(say);
        } else {
            say(None);
        }
        self.events.emit(Event::TeamspacesChanged);
    }

    /// Says in the log who we are, when it does not know or we have changed since we said it. What this machine
    /// said last is noted: the same person's other machine may know another photo, and the two must not correct
    /// each other for ever.
    async fn introduce(&self, teamspace: &Teamspace) -> UserResult<()> {
        let Some(profile) = profile::load(&self.state)? else { return Ok(()) };
        let known = self.catalog.members(teamspace.id())?.into_iter().find(|m| m.profile == profile.id);
        let said: BTreeMap<String, String> =
            self.state.read(|c| settings::value(c, INTRODUCED))?.unwrap_or_default();
        let (name, photo) = (&profile.name, profile.photo.as_deref().unwrap_or_default());
        let ours = HEXLOWER.encode(&Sha256::digest(format!("{name}\n{photo}")));
        if known.is_some() && said.get(teamspace.id()) == Some(&ours) {
            return Ok(());
        }
        let Some(member) = Member::of(&profile) else { return Ok(()) };
        if known.as_ref() != Some(&member) {
            let after = self.catalog.cursor(teamspace.id())?;
            let ops = vec![(after, Op::from(member.op()))];
            teamspace.append_once(ops, &profile.id, self.clock.now()).await?;
        }
        self.state.write(|t| {
            let mut said: BTreeMap<String, String> = settings::value(t, INTRODUCED)?.unwrap_or_default();
            said.insert(teamspace.id().to_owned(), ours);
            settings::set_value(t, INTRODUCED, &said)
        })?;
        self.read_on(teamspace).await.map(drop)
    }

    /// Says at once in the teamspaces that were there when they were looked at last.
    pub async fn introduce_everywhere(&self) {
        for known in self.known().unwrap_or_default() {
            if self.standing(&known.id) != Some(TeamspaceState::Ready) {
                continue;
            }
            let said = match self.opened(&known.id).await {
                Ok(teamspace) => self.introduce(&teamspace).await,
                Err(error) => Err(error),
            };
            if let Err(error) = said {
                tracing::debug!(teamspace = %known.id, code = ?error.code, "it is said at the next look");
            }
        }
    }

    /// Gives up uploads that nobody works on any more, where the bucket can be reached now; else at a later start.
    pub async fn give_up_abandoned(self, queue: Queue) {
        for known in self.known().unwrap_or_default() {
            if self.reaching.uploads().is_empty(&known.id).unwrap_or(true) {
                continue;
            }
            let given_up = async {
                let teamspace = self.opened(&known.id).await?;
                teamspace.give_up_abandoned(|| Ok::<_, UserError>(queue.attempts_at_work()?)).await
            };
            if let Err(error) = given_up.await {
                tracing::info!(teamspace = %known.id, code = ?error.code, "abandoned uploads are left for a later start");
            }
        }
    }

    /// Whether a person looks at the window: then teamspaces are asked more often.
    pub fn set_in_front(&self, in_front: bool) {
        self.pace.set_in_front(in_front);
    }

    /// Looks at all of them until it is stopped: every few seconds whether their places are there, and for what
    /// is new as often as the pace says.
    pub async fn watch(self, writer: impl Fn() -> Option<String> + Send + 'static, stop: CancellationToken) {
        let (mut due, mut read) = (BTreeMap::<String, Instant>::new(), BTreeMap::<String, Instant>::new());
        // Side by side: a bucket that keeps us waiting must not keep us from seeing a disk go.
        let mut looking = JoinSet::new();
        loop {
            for known in self.known().unwrap_or_default() {
                let now = Instant::now();
                if due.get(&known.id).is_some_and(|due| *due > now) {
                    continue;
                }
                let waits = self.outbox.pending(&known.id).is_ok_and(|pending| !pending.is_empty());
                let standing = self.standing(&known.id);
                let well = matches!(standing, Some(TeamspaceState::Ready | TeamspaceState::ReadOnly));
                let fresh = read.get(&known.id).is_some_and(|at| !self.pace.is_due(at.elapsed()));
                let place_only = fresh && well && !waits;
                // A folder is looked at without reading its log; of a bucket each look is a request that somebody
                // pays for.
                if place_only && known.location.is_remote() {
                    due.insert(known.id, now + LOOK);
                    continue;
                }
                if !place_only {
                    read.insert(known.id.clone(), now);
                }
                due.insert(known.id.clone(), now + PATIENCE_REMOTE * 2);
                let (spaces, writer) = (self.clone(), writer().filter(|_| !place_only));
                looking.spawn(async move {
                    let looked = match place_only {
                        true => spaces.opened(&known.id).await.map(|_| false),
                        false => spaces.look(&known.id, writer.as_deref()).await,
                    };
                    (known, writer, looked)
                });
            }
            tokio::select! {
                Some(looked) = looking.join_next() => {
                    let Ok((known, writer, looked)) = looked else { continue };
                    let pause = match &looked {
                        Ok(true) => Duration::ZERO,
                        Err(_) if known.location.is_remote() => LOOK_AGAIN,
                        Ok(false) | Err(_) => LOOK,
                    };
                    match (looked, writer) {
                        (Ok(true), _) => drop(read.remove(&known.id)),
                        (Ok(false), Some(writer)) => self.begin_checkpoint(&known.id, writer, &stop),
                        (Ok(false), None) => {}
                        (Err(error), _) => {
                            tracing::debug!(teamspace = %known.id, code = ?error.code, "a teamspace cannot be refreshed now");
                        }
                    }
                    due.insert(known.id, Instant::now() + pause);
                }
                () = tokio::time::sleep(LOOK) => {}
                () = self.pace.hurried() => {
                    read.clear();
                    // What is looked at just now is not looked at twice.
                    due.retain(|_, due| *due > Instant::now() + LOOK_AGAIN);
                }
                () = stop.cancelled() => return,
            }
        }
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
