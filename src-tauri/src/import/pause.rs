//! What holds imports: a person one of them or all, and a full disk all.
//!
//! Kept in `state.db`, so that it outlives a restart and every process sees it. Holding changes no state: a held
//! job stays queued or waiting, and goes on where it stood once it is let go. One that is running is put down by
//! the worker at its next safe point, with what it has.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::queue::Queue;
use crate::database::Error;
use crate::error::UserError;

/// Whether the queue as a whole stands still.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct QueueState {
    /// A person holds all of it.
    pub paused: bool,
    /// A disk has no room for what comes next; it goes on by itself when there is room.
    pub full: Option<UserError>,
}

/// A disk without room.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Full {
    /// The sentence for people.
    pub why: UserError,
    /// A folder on that disk.
    pub path: String,
    /// Bytes that must be free there.
    pub bytes: u64,
    /// The job that met it: without it there is nothing to wait for.
    pub job: i64,
    /// The disk said that it was full while it seemed to have room (a quota, say): not before this.
    pub not_before: Option<Timestamp>,
}

impl Queue {
    /// Whether the whole queue stands still.
    pub fn state(&self) -> Result<QueueState, Error> {
        self.0.read(|c| {
            let paused = c.query_row("SELECT paused FROM queue", [], |row| row.get(0))?;
            Ok(QueueState { paused, full: full(c)?.map(|full| full.why) })
        })
    }

    /// Holds the whole queue, also what is asked for later.
    pub fn pause_all(&self) -> Result<(), Error> {
        self.0.write(|t| {
            t.execute("UPDATE queue SET paused = 1", [])?;
            Ok(())
        })
    }

    /// Lets everything go: the queue, and each job that was held. A full disk is tried again.
    pub fn resume_all(&self) -> Result<(), Error> {
        self.0.write(|t| {
            t.execute("UPDATE queue SET paused = 0, full = NULL", [])?;
            t.execute("UPDATE job SET paused = 0 WHERE paused = 1", [])?;
            Ok(())
        })
    }

    /// Holds a job that would still do something. Says whether there was something to do.
    pub fn pause(&self, id: i64) -> Result<bool, Error> {
        self.hold(id, true)
    }

    /// Lets a held job go. Says whether there was something to do.
    pub fn resume(&self, id: i64) -> Result<bool, Error> {
        self.hold(id, false)
    }

    fn hold(&self, id: i64, paused: bool) -> Result<bool, Error> {
        self.0.write(|t| {
            let changed = t.execute(
                "UPDATE job SET paused = ?2
                 WHERE id = ?1 AND paused <> ?2 AND state IN ('queued', 'waiting', 'running')",
                params![id, paused],
            )?;
            Ok(changed > 0)
        })
    }

    /// The running jobs that nobody has cancelled or holds.
    pub fn wanted_running(&self) -> Result<Vec<i64>, Error> {
        self.0.read(|c| {
            let mut statement = c.prepare_cached(
                "SELECT id FROM job
                 WHERE state = 'running' AND paused = 0 AND EXISTS (SELECT 1 FROM queue WHERE paused = 0)",
            )?;
            Ok(statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
        })
    }

    /// The disk that the queue waits for.
    pub fn full(&self) -> Result<Option<Full>, Error> {
        self.0.read(full)
    }

    /// Whether the job that met a full disk would still be worked on.
    pub fn waits_for_room(&self, job: i64) -> Result<bool, Error> {
        self.0.read(|c| {
            let found = c
                .query_row(
                    "SELECT 1 FROM job WHERE id = ?1 AND paused = 0 AND state IN ('queued', 'waiting')",
                    [job],
                    |_| Ok(()),
                )
                .optional()?;
            Ok(found.is_some())
        })
    }

    /// There is room again.
    pub fn lift_full(&self) -> Result<(), Error> {
        self.0.write(|t| {
            t.execute("UPDATE queue SET full = NULL", [])?;
            Ok(())
        })
    }
}

/// Notes the disk that the queue waits for; the first stands, so that there is one sentence.
pub(super) fn note_full(t: &Transaction<'_>, full: &Full) -> Result<(), Error> {
    t.execute("UPDATE queue SET full = ?1 WHERE full IS NULL", [serde_json::to_string(full)?])?;
    Ok(())
}

fn full(c: &Connection) -> Result<Option<Full>, Error> {
    let text: Option<String> = c.query_row("SELECT full FROM queue", [], |row| row.get(0))?;
    Ok(text.map(|text| serde_json::from_str(&text)).transpose()?)
}
