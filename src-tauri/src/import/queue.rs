//! The queue: rows of `state.db`, one per thing to import and teamspace.
//!
//! Asking twice is asking once. An attempt is counted when a job is claimed, before any work, so that a job
//! that takes the app down with it still runs out of attempts. Nothing here knows how an import is done.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, named_params, params};

use super::attempt::new_attempt;
use super::job_row::{self, to_sql};
use super::retry::LONGEST_WAIT;
use super::{Job, Source};
use crate::database::{Changes, Database, Error, to_text};
use crate::error::{Code, UserError};
use crate::recording::RecordingId;

/// By how much clocks are set back in passing, without anybody noticing.
const CORRECTION: SignedDuration = SignedDuration::from_mins(5);

/// A job with what the worker needs beyond the face that a person sees.
#[derive(Debug, Clone, PartialEq)]
pub struct Claimed {
    /// The job as people see it, already `Running`.
    pub job: Job,
    /// What is to be imported.
    pub source: Source,
    /// Name of the folder that its files are published under; the same in every try of this job.
    pub attempt: String,
}

/// The queue of a data directory. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Queue(pub(super) Database);

impl Queue {
    /// The queue in this `state.db`.
    pub fn new(database: Database) -> Self {
        Self(database)
    }

    /// All jobs, newest wish first.
    pub fn jobs(&self) -> Result<Vec<Job>, Error> {
        self.0.read(|c| Ok(job_row::all(c)?))
    }

    /// One job.
    pub fn job(&self, id: i64) -> Result<Option<Job>, Error> {
        self.0.read(|c| Ok(job_row::one(c, id)?))
    }

    /// Claims the next job that is due: most urgent at Zoom first, then oldest. Counts the attempt. None while
    /// the whole queue stands still.
    ///
    /// A time farther ahead than we ever wait was written under another clock, which was set back since: such a
    /// job is due too.
    pub fn claim(&self, now: Timestamp) -> Result<Option<Claimed>, Error> {
        // Mostly there is none, which is seen without keeping others from writing.
        if self.0.read(|c| next_to_claim(c, now))?.is_none() {
            return Ok(None);
        }
        self.0.write(|t| {
            let Some(id) = next_to_claim(t, now)? else { return Ok(None) };
            let fresh = new_attempt();
            t.execute(
                "UPDATE job SET state = 'running', attempts = attempts + 1, retry_at = NULL, error = NULL,
                                attempt = coalesce(attempt, ?2), updated_at = ?3 WHERE id = ?1",
                params![id, fresh, to_text(now)],
            )?;
            Ok(job_row::one_claimed(t, id)?)
        })
    }

    /// Something that changes whenever anybody has written; see [`Database::changes`].
    pub fn changes(&self) -> Result<Changes, Error> {
        self.0.changes()
    }

    /// Puts back what a worker that is no more had claimed. Only the owner of the worker's place may ask.
    pub fn put_back_running(&self, now: Timestamp) -> Result<usize, Error> {
        self.0.write(|t| {
            Ok(t.execute(
                "UPDATE job SET state = 'queued', updated_at = ?1 WHERE state = 'running'",
                [to_text(now)],
            )?)
        })
    }

    /// Where the import of a recording stands, when one was asked for.
    pub fn job_of(&self, teamspace: &str, uuid: &str) -> Result<Option<Job>, Error> {
        self.0.read(|c| job_row::of_meeting(c, teamspace, uuid))
    }

    /// When the next waiting job is due; none when none waits.
    pub fn next_due(&self) -> Result<Option<Timestamp>, Error> {
        self.0.read(|c| {
            let at: Option<String> = c.query_row(
                "SELECT min(retry_at) FROM job WHERE state = 'waiting' AND paused = 0",
                [],
                |row| row.get(0),
            )?;
            Ok(at.and_then(|at| at.parse().ok()))
        })
    }

    /// Makes a job due now, with all its attempts before it, also when it was held. Says whether there was
    /// something to do.
    pub fn retry(&self, id: i64, now: Timestamp) -> Result<bool, Error> {
        let from = "state IN ('waiting', 'failed', 'cancelled', 'done') OR (state = 'queued' AND paused = 1)";
        Ok(!self.set_state(&format!("id = {id} AND ({from})"), "queued", now)?.is_empty())
    }

    /// Makes every failed job due now. Returns which.
    pub fn retry_failed(&self, now: Timestamp) -> Result<Vec<i64>, Error> {
        self.set_state("state = 'failed'", "queued", now)
    }

    /// What a waiting job waited for has happened: it is due now. One that a person holds stays held.
    pub fn make_due(&self, id: i64, now: Timestamp) -> Result<bool, Error> {
        self.0.write(|t| {
            let changed = t.execute(
                "UPDATE job SET state = 'queued', retry_at = NULL, error = NULL, attempts = 0, updated_at = ?2
                 WHERE id = ?1 AND state = 'waiting'",
                params![id, to_text(now)],
            )?;
            Ok(changed > 0)
        })
    }

    /// Cancels a job that is not over. Says whether there was something to do.
    pub fn cancel(&self, id: i64, now: Timestamp) -> Result<bool, Error> {
        let from = format!("id = {id} AND state IN ('queued', 'waiting', 'running', 'failed')");
        Ok(!self.set_state(&from, "cancelled", now)?.is_empty())
    }

    /// Cancels every job that would still do something. Returns which.
    pub fn cancel_all(&self, now: Timestamp) -> Result<Vec<i64>, Error> {
        self.set_state("state IN ('queued', 'waiting', 'running')", "cancelled", now)
    }

    /// Sets what a person asks for on the jobs that a condition names. Returns which changed.
    fn set_state(&self, condition: &str, state: &str, now: Timestamp) -> Result<Vec<i64>, Error> {
        self.0.write(|t| {
            let mut statement = t.prepare(&format!(
                "UPDATE job SET state = ?1, retry_at = NULL, error = NULL, updated_at = ?2, paused = 0,
                        attempts = CASE ?1 WHEN 'queued' THEN 0 ELSE attempts END
                 WHERE {condition} RETURNING id"
            ))?;
            Ok(statement
                .query_map(params![state, to_text(now)], |row| row.get(0))?
                .collect::<Result<_, _>>()?)
        })
    }

    /// Gives what waits for one reason another one.
    pub fn restate_waiting(&self, code: Code, why: &UserError) -> Result<(), Error> {
        let why = serde_json::to_string(why)?;
        self.0.write(|t| {
            t.execute(
                "UPDATE job SET error = ?2 WHERE state = 'waiting' AND json_extract(error, '$.code') = ?1",
                params![code.name(), why],
            )?;
            Ok(())
        })
    }

    /// Takes done and cancelled jobs off the list. Returns the ids, so that their staged files can go too.
    pub fn clear_finished(&self) -> Result<Vec<i64>, Error> {
        self.0.write(|t| {
            let mut statement =
                t.prepare("DELETE FROM job WHERE state IN ('done', 'cancelled') RETURNING id")?;
            Ok(statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
        })
    }

    /// Notes how far a running job is; for other processes and for after a restart.
    pub fn note_progress(&self, id: i64, bytes: u64, bytes_total: u64) -> Result<(), Error> {
        self.0.write(|t| {
            t.execute(
                "UPDATE job SET bytes = ?2, bytes_total = ?3 WHERE id = ?1",
                params![id, to_sql(bytes), to_sql(bytes_total)],
            )?;
            Ok(())
        })
    }

    /// Notes the title, as Zoom has it now.
    pub fn note_title(&self, id: i64, title: &str) -> Result<(), Error> {
        self.0.write(|t| {
            t.execute("UPDATE job SET title = ?2 WHERE id = ?1", params![id, title])?;
            Ok(())
        })
    }

    /// Notes which recording a job makes, once it is known.
    pub fn note_recording(&self, id: i64, recording: &RecordingId) -> Result<(), Error> {
        self.0.write(|t| {
            t.execute("UPDATE job SET recording_id = ?2 WHERE id = ?1", params![id, recording.as_str()])?;
            Ok(())
        })
    }
}

/// The farthest that a wait may reach ahead.
pub(super) fn farthest(now: Timestamp) -> Timestamp {
    now.checked_add(LONGEST_WAIT).unwrap_or(Timestamp::MAX)
}

/// The job that is to be taken next; none while nothing is due, or the queue is held.
fn next_to_claim(c: &Connection, now: Timestamp) -> Result<Option<i64>, Error> {
    let mut statement = c.prepare_cached(
        "SELECT id FROM job
         WHERE (state = 'queued' OR (state = 'waiting' AND (retry_at <= :now OR retry_at > :beyond)))
           AND paused = 0
           AND EXISTS (SELECT 1 FROM queue WHERE paused = 0 AND full IS NULL)
         ORDER BY delete_at IS NULL, delete_at, start IS NULL, start, id LIMIT 1",
    )?;
    let at = named_params! { ":now": to_text(now), ":beyond": to_text(beyond(now)) };
    Ok(statement.query_row(at, |row| row.get(0)).optional()?)
}

/// What no wait reaches that was written by this clock, or by one that was corrected by a little.
fn beyond(now: Timestamp) -> Timestamp {
    farthest(now).checked_add(CORRECTION).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::{Asker, JobState, Outcome, Source, Wish, attempt::new_attempt};
    use super::*;
    use crate::database::open_state_in_memory;
    use crate::recording::FileKind;

    fn queue() -> Queue {
        Queue::new(open_state_in_memory().unwrap())
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_780_000_000 + second).unwrap()
    }

    fn wish(uuid: &str) -> Wish {
        Wish {
            teamspace: "t1".to_owned(),
            source: Source::Zoom { uuid: uuid.to_owned() },
            recording_id: Some(RecordingId::of_zoom_meeting(uuid)),
            title: uuid.to_owned(),
            start: Some(at(0)),
            delete_at: None,
            bytes_total: 100,
            asker: Asker::Person,
        }
    }

    #[test]
    fn asking_twice_is_asking_once() {
        let queue = queue();
        let first = queue.ask(&wish("a"), at(0)).unwrap();
        let second = queue.ask(&wish("a"), at(1)).unwrap();
        assert_eq!(first.id, second.id);
        assert_eq!(queue.jobs().unwrap().len(), 1);
    }

    #[test]
    fn the_attempt_is_counted_before_the_work() {
        let queue = queue();
        queue.ask(&wish("a"), at(0)).unwrap();
        assert_eq!(queue.claim(at(1)).unwrap().unwrap().job.attempts, 1);
        // The process dies here; the next owner of the worker's place puts the job back.
        assert_eq!(queue.put_back_running(at(2)).unwrap(), 1);
        assert_eq!(queue.claim(at(3)).unwrap().unwrap().job.attempts, 2);
    }

    #[test]
    fn what_zoom_deletes_first_goes_first_then_the_oldest() {
        let queue = queue();
        queue.ask(&Wish { start: Some(at(50)), ..wish("young") }, at(0)).unwrap();
        queue.ask(&Wish { start: Some(at(10)), ..wish("old") }, at(0)).unwrap();
        queue.ask(&Wish { start: Some(at(90)), delete_at: Some(at(999)), ..wish("urgent") }, at(0)).unwrap();
        let order: Vec<String> =
            std::iter::from_fn(|| queue.claim(at(1)).unwrap().map(|claimed| claimed.job.title)).collect();
        assert_eq!(order, ["urgent", "old", "young"]);
    }

    #[test]
    fn a_waiting_job_is_due_at_its_time_or_when_it_is_asked_for_again() {
        let queue = queue();
        let job = queue.ask(&wish("a"), at(0)).unwrap();
        queue.claim(at(0)).unwrap().unwrap();
        let why = UserError::new(Code::StillProcessing, "Zoom has not finished it", "wait");
        queue
            .settle(job.id, &Outcome::Wait { retry_at: Some(at(100)), counts: true, why: why.clone() }, at(1))
            .unwrap();
        assert_eq!(queue.claim(at(99)).unwrap(), None);
        assert_eq!(queue.next_due().unwrap(), Some(at(100)));
        assert_eq!(queue.job(job.id).unwrap().unwrap().error, Some(why));
        queue.ask(&wish("a"), at(2)).unwrap();
        assert!(queue.claim(at(2)).unwrap().is_some());
    }

    #[test]
    fn a_job_cancelled_while_it_runs_stays_cancelled() {
        let queue = queue();
        let job = queue.ask(&wish("a"), at(0)).unwrap();
        queue.claim(at(0)).unwrap().unwrap();
        assert!(queue.cancel(job.id, at(1)).unwrap());
        queue.settle(job.id, &Outcome::Done, at(2)).unwrap();
        assert_eq!(queue.job(job.id).unwrap().unwrap().state, JobState::Cancelled);
    }

    #[test]
    fn the_folder_of_an_attempt_stays_the_same_until_it_is_renewed() {
        let queue = queue();
        let job = queue.ask(&wish("a"), at(0)).unwrap();
        let first = queue.claim(at(0)).unwrap().unwrap().attempt;
        queue.settle(job.id, &Outcome::Interrupted, at(1)).unwrap();
        let again = queue.claim(at(2)).unwrap().unwrap();
        assert_eq!(again.attempt, first);
        assert_eq!(again.job.attempts, 1, "an interruption does not count");
        assert_ne!(queue.begin_attempt(job.id, &new_attempt()).unwrap(), first);
    }

    #[test]
    fn of_a_cancelled_job_that_was_begun_files_may_be_left_until_that_is_noted() {
        let queue = queue();
        let job = queue.ask(&wish("a"), at(0)).unwrap();
        queue.cancel(job.id, at(0)).unwrap();
        assert!(queue.cancelled_with_files().unwrap().is_empty(), "it was never begun");
        queue.retry(job.id, at(1)).unwrap();
        let attempt = queue.claim(at(1)).unwrap().unwrap().attempt;
        assert!(queue.take_cancelled(job.id).unwrap().is_none(), "it is running");
        queue.cancel(job.id, at(2)).unwrap();
        assert_eq!(queue.cancelled_with_files().unwrap(), [job.id]);
        assert_eq!(queue.take_cancelled(job.id).unwrap().unwrap().1, attempt);
        assert!(queue.cancelled_with_files().unwrap().is_empty());
        queue.note_left(job.id, &attempt).unwrap();
        assert_eq!(queue.cancelled_with_files().unwrap(), [job.id]);
        queue.take_cancelled(job.id).unwrap();
        queue.retry(job.id, at(3)).unwrap();
        assert_ne!(queue.claim(at(3)).unwrap().unwrap().attempt, attempt, "a fresh one");
    }

    #[test]
    fn the_kinds_that_auto_import_wants_hold_until_a_person_asks_for_everything() {
        let queue = queue();
        let kinds = BTreeSet::from([FileKind::Audio]);
        let automatic = Wish { asker: Asker::Auto(Some(kinds.clone())), ..wish("a") };
        queue.ask(&automatic, at(0)).unwrap();
        queue.ask(&Wish { asker: Asker::Again, ..wish("a") }, at(1)).unwrap();
        assert_eq!(queue.wanted_kinds("t1", "a").unwrap(), Some(kinds));
        assert_eq!(queue.wanted_kinds("t1", "b").unwrap(), None);
        queue.ask(&wish("a"), at(2)).unwrap();
        assert_eq!(queue.wanted_kinds("t1", "a").unwrap(), None);
    }
}
