//! Refreshing: reading on in a teamspace's log.
//!
//! What the log says is listed at once; manifests and texts are read afterwards (see `load`). Entries are applied in
//! one transaction with the cursor, and a checkpoint piece by piece with how far it is read: so a crash costs nothing,
//! and what has arrived is there while the rest comes. What is damaged is noted as a problem and does not stop the
//! others; it is looked at again each time, because a person may have put it back.

use std::collections::HashSet;
use std::time::{Duration, SystemTime};

use futures::StreamExt;

use super::apply::apply;
use super::standing;
use super::table::{self, Problem};
use super::{Catalog, Error, Refreshed};
use crate::recording::RecordingId;
use crate::teamspace::{self, EVERY, Entry, Teamspace, entry_number};

/// Entries that are read at once, when many are new.
const AT_ONCE: usize = 16;
/// A reader that has read so many entries and is not at the end looks whether a checkpoint is far ahead.
const FAR: u64 = 200;
/// How often a reader that is up to date looks whether the log goes on elsewhere: its beginning was removed meanwhile,
/// or an entry is missing. And once after each start.
const RARELY: Duration = Duration::from_secs(24 * 3600);
/// So many problems are looked at again in one refresh.
const RETRIES: usize = 16;

/// Which recordings changed: of very many, the first thousand.
#[derive(Default)]
pub(super) struct Changed {
    ids: Vec<RecordingId>,
    seen: HashSet<RecordingId>,
}

impl Changed {
    const MOST: usize = 1_000;

    pub(super) fn note(&mut self, id: RecordingId) {
        if self.ids.len() < Self::MOST && self.seen.insert(id.clone()) {
            self.ids.push(id);
        }
    }
}

/// How reading on in the log ended.
enum Read {
    /// The next entry is not written, or not there.
    Ended,
    /// There is more, and it is far.
    Far,
}

impl Catalog {
    /// Brings the catalog up to date with a teamspace: one look at the store when nothing is new.
    ///
    /// An error means that the store could not be read on; what was applied until then stays.
    pub async fn refresh(&self, teamspace: &Teamspace) -> Result<Refreshed, Error> {
        self.refresh_telling(teamspace, &mut || {}).await
    }

    /// The same; tells whenever something has arrived, while the rest is still coming. May be stopped at any time, and
    /// goes on there.
    pub async fn refresh_telling(
        &self,
        teamspace: &Teamspace,
        tell: &mut (dyn FnMut() + Send),
    ) -> Result<Refreshed, Error> {
        let turn = self.turn(teamspace.id());
        let _turn = turn.lock().await;
        let mut changed = Changed::default();
        self.retry_problems(teamspace, &mut changed).await?;
        self.catch_up(teamspace, &mut changed, tell).await?;
        let more = self.load_some(teamspace, &mut changed).await?;
        Ok(Refreshed { changed: changed.ids, cursor: self.cursor(teamspace.id())?, more })
    }

    async fn catch_up(
        &self,
        teamspace: &Teamspace,
        changed: &mut Changed,
        tell: &mut (dyn FnMut() + Send),
    ) -> Result<(), Error> {
        let standing = self.read(|c| standing::standing(c, teamspace.id()))?;
        let mut asked = standing.cursor == 0 || standing.checkpoint.n > 0;
        if asked {
            self.take_checkpoint(teamspace, 0, changed, tell).await?;
        }
        let mut far = FAR;
        loop {
            match self.read_on(teamspace, far, changed, tell).await? {
                Read::Far => {
                    self.take_checkpoint(teamspace, EVERY, changed, tell).await?;
                    far = u64::MAX;
                }
                Read::Ended if !self.is_due(teamspace.id()) => return Ok(()),
                Read::Ended => {
                    if !asked {
                        asked = true;
                        if self.take_checkpoint(teamspace, 0, changed, tell).await? {
                            continue;
                        }
                    }
                    self.look_for_hole(teamspace).await?;
                    self.looked(teamspace.id());
                    return Ok(());
                }
            }
        }
    }

    /// Applies entry after entry, more at once the more there are.
    async fn read_on(
        &self,
        teamspace: &Teamspace,
        far: u64,
        changed: &mut Changed,
        tell: &mut (dyn FnMut() + Send),
    ) -> Result<Read, Error> {
        let (mut at_once, mut read) = (1, 0);
        loop {
            let first = self.cursor(teamspace.id())?.saturating_add(1);
            let numbers = first..first.saturating_add(at_once as u64);
            let coming = futures::stream::iter(numbers).map(|n| async move { (n, teamspace.read(n).await) });
            let mut coming = coming.buffered(at_once);
            let (mut entries, mut stopped) = (Vec::new(), None);
            while let Some((n, entry)) = coming.next().await {
                match entry {
                    Ok(Some(entry)) => entries.push(entry),
                    other => {
                        stopped = Some((n, other));
                        break;
                    }
                }
            }
            drop(coming);
            read += entries.len() as u64;
            if !entries.is_empty() {
                self.apply_entries(teamspace.id(), first, entries, changed)?;
                tell();
            }
            match stopped {
                None if read >= far => return Ok(Read::Far),
                None => at_once = (at_once * 2).min(AT_ONCE),
                Some((n, Err(error))) if lasts(&error) => {
                    self.sweep(teamspace, changed).await?;
                    self.pass_over(teamspace.id(), n, &problem_of(error, None))?;
                }
                Some((_, Err(error))) => return Err(error.into()),
                Some((_, Ok(_))) => return Ok(Read::Ended),
            }
        }
    }

    /// Applies entries, unless another process was faster.
    fn apply_entries(
        &self,
        teamspace: &str,
        first: u64,
        entries: Vec<Entry>,
        changed: &mut Changed,
    ) -> Result<(), Error> {
        let ids = self.write(|t| {
            let mut ids = Vec::new();
            if standing::cursor(t, teamspace)?.saturating_add(1) != first {
                return Ok(ids);
            }
            let mut last = first;
            for entry in entries {
                last = entry.n;
                for told in entry.told() {
                    ids.extend(apply(t, teamspace, told)?);
                }
                // What was missing is there.
                table::clear_problem(t, teamspace, &teamspace::entry_key(last))?;
            }
            standing::set_cursor(t, teamspace, last)?;
            Ok(ids)
        })?;
        ids.into_iter().for_each(|id| changed.note(id));
        Ok(())
    }

    /// Goes on after an entry that nobody can read.
    fn pass_over(&self, teamspace: &str, n: u64, problem: &Problem) -> Result<(), Error> {
        self.write(|t| {
            if standing::cursor(t, teamspace)?.saturating_add(1) == n {
                table::set_problems(t, teamspace, None, std::slice::from_ref(problem))?;
                standing::set_cursor(t, teamspace, n)?;
            }
            Ok(())
        })
    }

    /// Says that an entry is missing while later ones are there. Nothing is lost: reading goes on when it is filled.
    async fn look_for_hole(&self, teamspace: &Teamspace) -> Result<(), Error> {
        let n = self.cursor(teamspace.id())?.saturating_add(1);
        if !teamspace.has_hole_at(n).await? {
            return Ok(());
        }
        let missing = teamspace::Error::Missing { what: teamspace::entry_key(n) };
        self.write(|t| table::set_problems(t, teamspace.id(), None, &[problem_of(missing, None)]))
    }

    /// Whether it is time for the rare look.
    fn is_due(&self, teamspace: &str) -> bool {
        let looked = self.pace(teamspace, |pace| pace.looked);
        // A clock that was moved costs one look more.
        looked.is_none_or(|at| at.elapsed().map_or(true, |since| since > RARELY))
    }

    fn looked(&self, teamspace: &str) {
        self.pace(teamspace, |pace| pace.looked = Some(SystemTime::now()));
    }

    /// Problems that may have gone, some at a time and one after the other, so that many cost little.
    fn due_problems(&self, teamspace: &str, problems: &[Problem]) -> Vec<Problem> {
        let retry: Vec<&Problem> = problems.iter().filter(|problem| problem.retry).collect();
        self.pace(teamspace, |pace| {
            let next = retry.iter().position(|problem| problem.what > pace.retried).unwrap_or(0);
            let due: Vec<Problem> = retry
                .iter()
                .cycle()
                .skip(next)
                .take(retry.len().min(RETRIES))
                .map(|due| (*due).clone())
                .collect();
            pace.retried = due.last().map(|last| last.what.clone()).unwrap_or_default();
            due
        })
    }

    /// Looks again at what could not be read; an entry of the log that is whole again means starting over.
    async fn retry_problems(&self, teamspace: &Teamspace, changed: &mut Changed) -> Result<(), Error> {
        let problems = self.read(|c| table::all_problems(c, teamspace.id()))?;
        let cursor = self.cursor(teamspace.id())?;
        let mut ids = HashSet::new();
        for problem in self.due_problems(teamspace.id(), &problems) {
            match (&problem.recording_id, entry_number(&problem.what)) {
                (Some(id), _) => {
                    ids.insert(id.clone());
                }
                (None, Some(n)) if n <= cursor => match teamspace.read(n).await {
                    Ok(Some(_)) => return self.write(|t| table::forget(t, teamspace.id())),
                    Ok(None) => {}
                    Err(error) if lasts(&error) => {}
                    Err(error) => return Err(error.into()),
                },
                // One that is missing is asked for anyway.
                (None, _) => {}
            }
        }
        for id in ids {
            let loaded = self.load_again(teamspace, &id).await?;
            let same = |problem: &&Problem| problem.recording_id.as_ref() == Some(&id);
            if problems.iter().filter(same).eq(&loaded.problems) {
                continue;
            }
            self.put_loaded(teamspace.id(), loaded)?;
            changed.note(id);
        }
        Ok(())
    }

    /// Finds recordings that a damaged entry may have named.
    pub(super) async fn sweep(&self, teamspace: &Teamspace, changed: &mut Changed) -> Result<(), Error> {
        for shard in teamspace.shards().await? {
            for folder in teamspace.folders(&shard).await? {
                let known = self.read(|c| table::source(c, teamspace.id(), &folder.id))?;
                if folder.has_manifest && known.is_none() {
                    let loaded = self.load_again(teamspace, &folder.id).await?;
                    self.put_loaded(teamspace.id(), loaded)?;
                    changed.note(folder.id);
                }
            }
        }
        Ok(())
    }
}

/// Whether an error is about one object, and not about the store.
pub(super) fn lasts(error: &teamspace::Error) -> bool {
    use teamspace::Error as Is;
    matches!(error, Is::Damaged { .. } | Is::TooNew { .. } | Is::Missing { .. } | Is::Invalid(_))
}

pub(super) fn problem_of(error: teamspace::Error, id: Option<&RecordingId>) -> Problem {
    let what = match (&error, id) {
        (
            teamspace::Error::Damaged { what, .. }
            | teamspace::Error::TooNew { what }
            | teamspace::Error::Missing { what },
            _,
        ) => what.clone(),
        (_, Some(id)) => id.to_string(),
        (_, None) => String::new(),
    };
    Problem { what, recording_id: id.cloned(), error: error.into(), retry: true }
}
