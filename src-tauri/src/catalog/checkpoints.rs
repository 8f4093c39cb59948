//! Applying a checkpoint: piece by piece, each in one transaction with how far it is read, so that it goes on where it
//! was stopped and shows what has arrived.

use std::collections::VecDeque;

use super::apply::apply;
use super::refresh::{Changed, lasts, problem_of};
use super::standing::{self, Standing};
use super::table::{self, Problem};
use super::{Catalog, Error};
use crate::recording::RecordingId;
use crate::teamspace::{self, Checkpoint, Teamspace, Told, entry_number};

/// What the keys of checkpoints begin with.
const CHECKPOINTS: &str = "checkpoints/";

impl Catalog {
    /// Applies the newest checkpoint that goes further than what is applied, by more than `ahead` entries. One that is
    /// damaged is said, and the one before it is taken. Whether one was applied.
    pub(super) async fn take_checkpoint(
        &self,
        teamspace: &Teamspace,
        ahead: u64,
        changed: &mut Changed,
        tell: &mut (dyn FnMut() + Send),
    ) -> Result<bool, Error> {
        let standing = self.read(|c| standing::standing(c, teamspace.id()))?;
        let mut found = teamspace.checkpoints().await?;
        found.retain(|checkpoint| checkpoint.n > standing.cursor.saturating_add(ahead));
        // What is begun is finished; the log is read on from there.
        found.sort_by_key(|checkpoint| checkpoint.n != standing.checkpoint.n);
        if ahead == 0 {
            // All that matter are looked at.
            self.write(|t| table::clear_checkpoint_problems(t, teamspace.id()))?;
        }
        for checkpoint in found {
            match self.apply_checkpoint(teamspace, &checkpoint, changed, tell).await {
                Ok(()) => return Ok(true),
                Err(Error::Teamspace(error)) if lasts(&error) => {
                    tracing::warn!(%error, "a checkpoint cannot be used");
                    let mut problem = problem_of(error, None);
                    problem.what = checkpoint.key();
                    problem.retry = false;
                    self.write(|t| table::set_problems(t, teamspace.id(), None, &[problem]))?;
                }
                Err(error) => return Err(error),
            }
        }
        let standing = self.read(|c| standing::standing(c, teamspace.id()))?;
        if standing.checkpoint.n > standing.cursor {
            // None can be finished: the log is read instead.
            self.forget_applied(teamspace.id())?;
        }
        Ok(false)
    }

    /// Begins anew, and keeps what is wrong with checkpoints.
    fn forget_applied(&self, teamspace: &str) -> Result<(), Error> {
        self.write(|t| {
            let mut problems = table::all_problems(t, teamspace)?;
            problems.retain(|problem| problem.what.starts_with(CHECKPOINTS));
            table::forget(t, teamspace)?;
            table::set_problems(t, teamspace, None, &problems)
        })
    }

    async fn apply_checkpoint(
        &self,
        teamspace: &Teamspace,
        checkpoint: &Checkpoint,
        changed: &mut Changed,
        tell: &mut (dyn FnMut() + Send),
    ) -> Result<(), Error> {
        let id = teamspace.id();
        loop {
            let mut standing = self.read(|c| standing::standing(c, id))?;
            if standing.cursor >= checkpoint.n {
                return Ok(());
            }
            let mut reader = teamspace.read_checkpoint(checkpoint, Some(&standing.checkpoint)).await?;
            let (mut late, unreadable) = self.skipped(teamspace, &reader.skipped()).await?;
            let (before, now) = (&standing.checkpoint, reader.progress());
            let other_begun = before.n > 0 && (before.n, &before.nonce) != (now.n, &now.nonce);
            if standing != Standing::default() && (other_begun || !late.is_empty()) {
                // What people did comes to something else in another order: all of it is applied anew.
                self.forget_applied(id)?;
                standing = Standing::default();
                reader = teamspace.read_checkpoint(checkpoint, None).await?;
            }
            let mut other = false;
            while let Some(told) = reader.next().await? {
                let told = merged(&mut late, told);
                let (before, after) = (standing.checkpoint.clone(), reader.progress());
                let cursor = standing.cursor;
                standing.checkpoint = after.clone();
                let (catalog, teamspace) = (self.clone(), id.to_owned());
                let applied = tokio::task::spawn_blocking(move || {
                    catalog.apply_piece(&teamspace, cursor, &before, &after, told)
                });
                match applied
                    .await
                    .unwrap_or_else(|stopped| std::panic::resume_unwind(stopped.into_panic()))?
                {
                    Some(ids) => ids.into_iter().for_each(|id| changed.note(id)),
                    None => {
                        other = true;
                        break;
                    }
                }
                tell();
            }
            if other {
                // Another process applies it too: together they go on from where it is.
                continue;
            }
            if !unreadable.is_empty() {
                self.sweep(teamspace, changed).await?;
            }
            return self.write(|t| {
                table::set_problems(t, id, None, &unreadable)?;
                for told in late {
                    apply(t, id, told)?;
                }
                if standing::cursor(t, id)? < checkpoint.n {
                    standing::set_cursor(t, id, checkpoint.n)?;
                }
                Ok(())
            });
        }
    }

    /// Applies a piece of a checkpoint; none when it is not the next one any more.
    fn apply_piece(
        &self,
        teamspace: &str,
        cursor: u64,
        before: &teamspace::Progress,
        after: &teamspace::Progress,
        told: Vec<Told>,
    ) -> Result<Option<Vec<RecordingId>>, Error> {
        self.write(|t| {
            let now = standing::standing(t, teamspace)?;
            let begins = now.checkpoint.n != after.n || now.checkpoint.nonce != after.nonce;
            if now.cursor != cursor || (!begins && now.checkpoint != *before) {
                return Ok(None);
            }
            let mut ids = Vec::new();
            for told in told.into_iter().filter(|told| told.n > cursor) {
                ids.extend(apply(t, teamspace, told)?);
            }
            standing::set_progress(t, teamspace, after)?;
            Ok(Some(ids))
        })
    }

    /// Entries that could not be read when a checkpoint was written: what they say now, in order, and what is still
    /// wrong with them.
    async fn skipped(
        &self,
        teamspace: &Teamspace,
        keys: &[String],
    ) -> Result<(VecDeque<Told>, Vec<Problem>), Error> {
        let (mut late, mut problems) = (VecDeque::new(), Vec::new());
        for n in keys.iter().filter_map(|key| entry_number(key)) {
            match teamspace.read(n).await {
                Ok(Some(entry)) => late.extend(entry.told()),
                // It was removed with the others.
                Ok(None) => {}
                Err(error) if lasts(&error) => problems.push(problem_of(error, None)),
                Err(error) => return Err(error.into()),
            }
        }
        Ok((late, problems))
    }
}

/// Puts what could be read late where it belongs: before the first that is newer.
fn merged(late: &mut VecDeque<Told>, told: Vec<Told>) -> Vec<Told> {
    if late.is_empty() {
        return told;
    }
    let mut all = Vec::with_capacity(told.len());
    for next in told {
        while late.front().is_some_and(|late| late.n <= next.n) {
            all.extend(late.pop_front());
        }
        all.push(next);
    }
    all
}
