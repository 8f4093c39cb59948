//! The attempts of a job: each publishes under a folder of its own, and what it staged is noted, so that the next try
//! goes on with it and nothing is left of one that was cancelled.

use rusqlite::{OptionalExtension, params};

use super::job_row::{self, from_sql, to_sql};
use super::queue::Queue;
use super::{Job, JobState};
use crate::database::Error;

/// A staged file that is known to be whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StagedFile {
    /// Identity of the file within its meeting.
    pub file: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256, lower-case hex.
    pub sha256: String,
    /// Media type, from its content.
    pub media_type: String,
    /// Where it stands in the recording's folder, once it is published.
    pub key: Option<String>,
}

impl Queue {
    /// Notes a file that is staged and whole, or published.
    pub fn note_file(&self, id: i64, file: &StagedFile) -> Result<(), Error> {
        self.0.write(|t| {
            t.execute(
                "INSERT OR REPLACE INTO job_file (job, file, size, sha256, media_type, key)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![id, file.file, to_sql(file.size), file.sha256, file.media_type, file.key],
            )?;
            Ok(())
        })
    }

    /// What was noted of a file.
    pub fn file(&self, id: i64, file: &str) -> Result<Option<StagedFile>, Error> {
        self.0.read(|c| {
            Ok(c.query_row(
                "SELECT file, size, sha256, media_type, key FROM job_file WHERE job = ?1 AND file = ?2",
                params![id, file],
                |row| {
                    Ok(StagedFile {
                        file: row.get(0)?,
                        size: from_sql(row.get(1)?),
                        sha256: row.get(2)?,
                        media_type: row.get(3)?,
                        key: row.get(4)?,
                    })
                },
            )
            .optional()?)
        })
    }

    /// Begins a fresh attempt, with a name unlike any other: the old one's files are not to be used any more.
    pub fn begin_attempt(&self, id: i64, fresh: &str) -> Result<String, Error> {
        self.0.write(|t| {
            t.execute("UPDATE job SET attempt = ?2 WHERE id = ?1", params![id, fresh])?;
            t.execute("DELETE FROM job_file WHERE job = ?1", [id])?;
            Ok(())
        })?;
        Ok(fresh.to_owned())
    }

    /// Attempts of jobs that are not over: their files in a teamspace are still needed.
    pub fn attempts_at_work(&self) -> Result<Vec<String>, Error> {
        self.0.read(|c| {
            let mut statement = c.prepare(
                "SELECT attempt FROM job WHERE attempt IS NOT NULL AND state NOT IN ('done', 'cancelled')",
            )?;
            Ok(statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
        })
    }

    /// Cancelled jobs of which files may be left, here or in their teamspace.
    pub fn cancelled_with_files(&self) -> Result<Vec<i64>, Error> {
        self.0.read(|c| {
            let mut statement =
                c.prepare("SELECT id FROM job WHERE state = 'cancelled' AND attempt IS NOT NULL")?;
            Ok(statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
        })
    }

    /// Takes the attempt of a cancelled job away from it, so that its files can be removed: should it be asked for
    /// again, it begins a fresh one. None when it is not cancelled, or nothing is left of it.
    pub fn take_cancelled(&self, id: i64) -> Result<Option<(Job, String)>, Error> {
        self.0.write(|t| {
            let found = job_row::one_claimed(t, id)?
                .filter(|found| found.job.state == JobState::Cancelled && !found.attempt.is_empty())
                .map(|found| (found.job, found.attempt));
            if found.is_some() {
                t.execute("UPDATE job SET attempt = NULL, bytes = 0 WHERE id = ?1", [id])?;
                t.execute("DELETE FROM job_file WHERE job = ?1", [id])?;
            }
            Ok(found)
        })
    }

    /// Notes that files of a cancelled job's attempt could not be removed now.
    pub fn note_left(&self, id: i64, attempt: &str) -> Result<(), Error> {
        self.0.write(|t| {
            t.execute(
                "UPDATE job SET attempt = ?2 WHERE id = ?1 AND state = 'cancelled' AND attempt IS NULL",
                params![id, attempt],
            )?;
            Ok(())
        })
    }
}

/// A fresh name for the folder of one attempt: `[a-z0-9]`, unlike any other.
pub(super) fn new_attempt() -> String {
    uuid::Uuid::now_v7().simple().to_string()
}
