//! How a try ended, and what becomes of its job.

use jiff::Timestamp;
use rusqlite::{Transaction, params};

use super::job_row::{self, text};
use super::pause::{self, Full};
use super::queue::{Queue, farthest};
use crate::activity::{Fresh, Settled, note_settled};
use crate::database::{Error, to_text};
use crate::error::UserError;
use crate::recording::RecordingId;

/// How a try ended; decides what becomes of the row.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// Published, here or by somebody else.
    Done,
    /// To be tried again, for a reason.
    Wait {
        /// When; none means when a person has acted.
        retry_at: Option<Timestamp>,
        /// Whether this try counts against the number of tries.
        counts: bool,
        /// Why.
        why: UserError,
    },
    /// Failed for good, until a person asks again.
    Failed(UserError),
    /// A disk has no room: the whole queue stands still until it has. Another try is due then, and this one does
    /// not count.
    Full(Full),
    /// Interrupted by the app's end or the loss of the worker's place: another try is due at once, and this
    /// one does not count.
    Interrupted,
}

impl Queue {
    /// Settles a claimed job. A job that a person cancelled meanwhile stays cancelled.
    pub fn settle(&self, id: i64, outcome: &Outcome, now: Timestamp) -> Result<(), Error> {
        self.0.write(|t| settle(t, id, outcome, now))
    }

    /// Settles several, all of them or none.
    pub fn settle_all(&self, ended: &[(i64, Outcome)], now: Timestamp) -> Result<(), Error> {
        self.0.write(|t| ended.iter().try_for_each(|(id, outcome)| settle(t, *id, outcome, now)))
    }
}

fn settle(t: &Transaction<'_>, id: i64, outcome: &Outcome, now: Timestamp) -> Result<(), Error> {
    let (state, retry_at, error) = match outcome {
        Outcome::Done => ("done", None, None),
        Outcome::Wait { retry_at, why, .. } => {
            ("waiting", retry_at.map(|at| at.min(farthest(now))), Some(why))
        }
        Outcome::Failed(why) => ("failed", None, Some(why)),
        Outcome::Interrupted | Outcome::Full(_) => ("queued", None, None),
    };
    tell(t, id, outcome, now)?;
    let error = error.map(serde_json::to_string).transpose()?;
    let given_back = u32::from(matches!(
        outcome,
        Outcome::Interrupted | Outcome::Full(_) | Outcome::Wait { counts: false, .. }
    ));
    t.execute(
        "UPDATE job SET state = ?2, retry_at = ?3, error = ?4, updated_at = ?5,
                        attempts = max(attempts - ?6, 0),
                        paused = CASE WHEN ?2 IN ('done', 'failed') THEN 0 ELSE paused END
         WHERE id = ?1 AND state = 'running'",
        params![id, state, text(retry_at), error, to_text(now), given_back],
    )?;
    if let Outcome::Full(full) = outcome {
        pause::note_full(t, full)?;
    }
    if *outcome == Outcome::Done {
        t.execute("DELETE FROM job_file WHERE job = ?1", [id])?;
    }
    Ok(())
}

/// Writes what is news about an outcome into the log of activity.
fn tell(t: &Transaction<'_>, id: i64, outcome: &Outcome, now: Timestamp) -> Result<(), Error> {
    let settled = match outcome {
        Outcome::Done => Settled::Done,
        Outcome::Failed(why) => Settled::Failed(why),
        Outcome::Full(full) => Settled::Again(&full.why),
        Outcome::Wait { why, counts, .. } if *counts || why.code.needs_person() => Settled::Again(why),
        Outcome::Wait { .. } | Outcome::Interrupted => return Ok(()),
    };
    let Some((job, automatic)) = job_row::running(t, id)? else { return Ok(()) };
    let import = Fresh {
        teamspace: Some(&job.teamspace),
        recording_id: job.recording_id.as_ref().map(RecordingId::as_str),
        uuid: job.uuid.as_deref(),
        title: &job.title,
        automatic,
        ..Fresh::default()
    };
    note_settled(t, &import, settled, now)
}
