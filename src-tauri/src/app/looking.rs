//! Teamspaces are looked at every few seconds: whether their places are there, and what is new in them.

use std::collections::BTreeMap;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::spaces::{PATIENCE_REMOTE, Spaces};
use crate::error::{UserError, UserResult};
use crate::events::Event;
use crate::import::{Queue, send_outbox};
use crate::recording::RecordingId;
use crate::teamspace::{EVERY, Teamspace, TeamspaceState};

/// How often the places are looked at: an unplugged disk is said within seconds.
const LOOK: Duration = Duration::from_secs(3);
/// One that could not be used is tried again after so long.
const LOOK_AGAIN: Duration = Duration::from_secs(60);
/// How often is told what has arrived while more is still coming.
const TELL: Duration = Duration::from_secs(1);
/// So many changed recordings are told one by one; of more it is told that any may have changed.
const FEW: usize = 50;

impl Spaces {
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
    pub(super) async fn write_checkpoint(&self, id: &str, writer: &str) {
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
