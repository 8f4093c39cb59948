//! Emptying the trash: what has been there for [`DAYS_IN_TRASH`] days is deleted for good, by whichever machine
//! notices it first. The log says it before a file goes; of several machines that say so at once, one does.
//!
//! # Whose clock
//!
//! Nobody's alone. The log says when something came to the trash by the clock of whoever put it there, and `state.db`
//! when this machine first saw it there by its own: both must be [`DAYS_IN_TRASH`] days ago. So a machine whose clock
//! is a month ahead waits as long as all others, and so does everybody for what a clock that is behind has put there.
//! A clock that jumps ahead after the first sight would still hurry: so before anything goes, the store is asked for
//! the time as well, and the earlier of both counts. Of a folder on this machine's own disk the store's clock is this
//! machine's: there, and only there, a clock that is set a month ahead while something is in the trash empties it
//! early.
//!
//! # A store that does not let us delete
//!
//! Members of a teamspace in a bucket may do without that right (docs/buckets.md). Then the log must not say that
//! something is gone while its files stay: so it is tried first, on a file that nobody has. What stays says why.

use std::collections::HashMap;
use std::sync::{PoisonError, Weak};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rusqlite::params;
use tokio_util::sync::CancellationToken;

use super::{App, DAYS_IN_TRASH, Inner};
use crate::catalog::Place;
use crate::database::to_text;
use crate::error::{Code, UserResult};
use crate::recording::RecordingId;
use crate::teamspace::{Teamspace, TeamspaceState};

/// How often is looked whether something is due. Where nothing is, that asks no store.
const LOOK: Duration = Duration::from_secs(3600);
/// After a start the teamspaces are read first.
const FIRST_LOOK: Duration = Duration::from_secs(120);

/// Empties the trash of every teamspace now and then, from when `owns` says that the import queue's place is ours: one
/// process of a machine is enough.
pub(super) async fn watch(app: Weak<Inner>, owns: CancellationToken, stop: CancellationToken) {
    if stop.run_until_cancelled(owns.cancelled()).await.is_none() {
        return;
    }
    let mut pause = FIRST_LOOK;
    while stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_some() {
        pause = LOOK;
        let Some(app) = app.upgrade().map(App) else { return };
        for info in app.teamspaces().await.unwrap_or_default() {
            if info.state != TeamspaceState::Ready {
                continue;
            }
            if let Err(error) = app.empty_trash(&info.id).await {
                tracing::info!(teamspace = %info.id, code = ?error.code, "the trash cannot be emptied now");
            }
        }
    }
}

impl App {
    /// Deletes for good what has been in a teamspace's trash for [`DAYS_IN_TRASH`] days, and finishes deletions that a
    /// crash left half done. Says what it deleted.
    pub async fn empty_trash(&self, teamspace: &str) -> UserResult<Vec<RecordingId>> {
        let emptied = self.empty(teamspace).await;
        let mut stays = self.0.trash_stays.lock().unwrap_or_else(PoisonError::into_inner);
        match &emptied {
            Ok(_) => stays.remove(teamspace),
            Err(error) => stays.insert(teamspace.to_owned(), error.clone()),
        };
        emptied
    }

    /// Deletes a recording's files for good, also before its days in the trash are over: somebody asked for it, and
    /// said so twice.
    pub async fn delete_recording_now(&self, teamspace: &str, id: &RecordingId) -> UserResult<()> {
        let (opened, base) = self.for_writing(teamspace).await?;
        if self.0.catalog.place(teamspace, id)? == Place::Library {
            return Err(super::editing::not_in_trash());
        }
        opened.may_delete(id).await?;
        self.delete_for_good(&opened, id, base).await
    }

    async fn empty(&self, teamspace: &str) -> UserResult<Vec<RecordingId>> {
        self.finish_deletions(teamspace).await?;
        let now = self.0.clock.now();
        if self.due(teamspace, now)?.is_empty() {
            return Ok(Vec::new());
        }
        // A colleague may have taken something back, or deleted it.
        let (opened, base) = self.for_writing(teamspace).await?;
        let Some(first) = self.due(teamspace, now)?.into_iter().next() else { return Ok(Vec::new()) };
        opened.may_delete(&first).await?;
        let now = now.min(opened.time().await?);
        let mut deleted = Vec::new();
        for id in self.due(teamspace, now)? {
            match self.delete_for_good(&opened, &id, base).await {
                Ok(()) => deleted.push(id),
                // A colleague was faster, with this or with something else.
                Err(error) if matches!(error.code, Code::Busy | Code::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(deleted)
    }

    /// Says in the log that a recording is deleted, unless it says so already, and removes its files. Noted before, so
    /// that a crash in between leaves nothing lying around.
    async fn delete_for_good(&self, opened: &Teamspace, id: &RecordingId, base: u64) -> UserResult<()> {
        let teamspace = opened.id();
        self.note_deleting(teamspace, id, true)?;
        if self.0.catalog.place(teamspace, id)? != Place::Gone
            && let Err(error) = self.move_to(opened, id, Place::Gone, base).await
        {
            if self.0.catalog.place(teamspace, id)? != Place::Gone {
                self.note_deleting(teamspace, id, false)?;
            }
            return Err(error);
        }
        opened.delete_files(id).await?;
        self.forget_seen(teamspace, id)
    }

    /// What a crash left of recordings that are gone. Of one that is not, nothing is touched.
    async fn finish_deletions(&self, teamspace: &str) -> UserResult<()> {
        let begun: Vec<String> = self.0.state.read(|c| {
            let sql = "SELECT recording_id FROM trash_seen WHERE teamspace = ?1 AND deleting = 1";
            let mut statement = c.prepare(sql)?;
            Ok(statement.query_map([teamspace], |row| row.get(0))?.collect::<Result<_, _>>()?)
        })?;
        for id in begun.iter().filter_map(|id| id.parse::<RecordingId>().ok()) {
            if self.0.catalog.place(teamspace, &id)? == Place::Gone {
                let (opened, _) = self.for_writing(teamspace).await?;
                opened.delete_files(&id).await?;
                self.forget_seen(teamspace, &id)?;
            } else {
                self.note_deleting(teamspace, &id, false)?;
            }
        }
        Ok(())
    }

    /// What has been in the trash for long enough by the log's word and by our own. What is seen there for the first
    /// time is noted.
    pub(super) fn due(&self, teamspace: &str, now: Timestamp) -> UserResult<Vec<RecordingId>> {
        let trashed = self.0.catalog.trash(teamspace)?;
        let seen: HashMap<String, (String, String)> = self.0.state.read(|c| {
            let sql = "SELECT recording_id, trashed_at, seen_at FROM trash_seen WHERE teamspace = ?1";
            let mut statement = c.prepare(sql)?;
            let rows =
                statement.query_map([teamspace], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })?;
        let (mut due, mut fresh) = (Vec::new(), Vec::new());
        for one in &trashed {
            let (id, at) = (&one.recording.recording_id, to_text(one.at));
            let first = seen.get(id.as_str()).filter(|(trashed_at, _)| *trashed_at == at);
            match first.and_then(|(_, seen_at)| seen_at.parse::<Timestamp>().ok()) {
                None => fresh.push((id, at)),
                Some(seen_at) if is_over(one.at, now) && is_over(seen_at, now) => due.push(id.clone()),
                Some(_) => {}
            }
        }
        let there = |id: &str| trashed.iter().any(|one| one.recording.recording_id.as_str() == id);
        let back: Vec<&String> = seen.keys().filter(|id| !there(id)).collect();
        if fresh.is_empty() && back.is_empty() {
            return Ok(due);
        }
        self.0.state.write(|t| {
            for id in back {
                let sql =
                    "DELETE FROM trash_seen WHERE teamspace = ?1 AND recording_id = ?2 AND deleting = 0";
                t.execute(sql, [teamspace, id])?;
            }
            for (id, at) in fresh {
                t.execute(
                    "INSERT OR REPLACE INTO trash_seen (teamspace, recording_id, trashed_at, seen_at)
                     VALUES (?1, ?2, ?3, ?4)",
                    params![teamspace, id.as_str(), at, to_text(now)],
                )?;
            }
            Ok(())
        })?;
        Ok(due)
    }

    fn note_deleting(&self, teamspace: &str, id: &RecordingId, deleting: bool) -> UserResult<()> {
        let now = to_text(self.0.clock.now());
        self.0.state.write(|t| {
            t.execute(
                "INSERT INTO trash_seen (teamspace, recording_id, trashed_at, seen_at, deleting)
                 VALUES (?1, ?2, '', ?3, ?4)
                 ON CONFLICT (teamspace, recording_id) DO UPDATE SET deleting = excluded.deleting",
                params![teamspace, id.as_str(), now, deleting],
            )?;
            Ok(())
        })?;
        Ok(())
    }

    fn forget_seen(&self, teamspace: &str, id: &RecordingId) -> UserResult<()> {
        self.0.state.write(|t| {
            let sql = "DELETE FROM trash_seen WHERE teamspace = ?1 AND recording_id = ?2";
            t.execute(sql, [teamspace, id.as_str()])?;
            Ok(())
        })?;
        Ok(())
    }
}

/// Whether the days since then are over.
fn is_over(since: Timestamp, now: Timestamp) -> bool {
    let days = SignedDuration::from_hours(24 * DAYS_IN_TRASH);
    since.saturating_add(days).is_ok_and(|until| until <= now)
}
