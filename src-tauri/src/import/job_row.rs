//! A job's row in `state.db`, read.
//!
//! # Why by position
//!
//! Whoever waits for an import reads all rows several times a second. Looking a column up by its name costs more than
//! reading it, and all of that grows with the queue.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, types::FromSql};

use super::queue::Claimed;
use super::wish::Source;
use super::{Job, JobState};
use crate::database::to_text;

/// The columns that [`job`] and [`claimed`] read, in the order of [`Column`].
const COLUMNS: &str =
    "id, teamspace, source, source_key, transcript, recording_id, title, state, paused, attempts,
    retry_at, bytes, bytes_total, error, attempt, created_at, updated_at";

#[derive(Debug, Clone, Copy)]
enum Column {
    Id,
    Teamspace,
    Source,
    SourceKey,
    Transcript,
    RecordingId,
    Title,
    State,
    Paused,
    Attempts,
    RetryAt,
    Bytes,
    BytesTotal,
    Error,
    Attempt,
    CreatedAt,
    UpdatedAt,
}

fn get<T: FromSql>(row: &Row<'_>, column: Column) -> rusqlite::Result<T> {
    row.get(column as usize)
}

/// All jobs, the newest first.
pub(super) fn all(connection: &Connection) -> rusqlite::Result<Vec<Job>> {
    let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM job ORDER BY id DESC"))?;
    statement.query_map([], job)?.collect::<Result<_, _>>()
}

/// The job of this id, as people see it.
pub(super) fn one(connection: &Connection, id: i64) -> rusqlite::Result<Option<Job>> {
    Ok(one_claimed(connection, id)?.map(|claimed| claimed.job))
}

/// The job of this id, with what the worker needs.
pub(super) fn one_claimed(connection: &Connection, id: i64) -> rusqlite::Result<Option<Claimed>> {
    let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM job WHERE id = ?1"))?;
    statement.query_row([id], claimed).optional()
}

/// The job of a meeting in a teamspace.
pub(super) fn of_meeting(
    connection: &Connection,
    teamspace: &str,
    uuid: &str,
) -> Result<Option<Job>, crate::database::Error> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM job WHERE teamspace = ?1 AND source = 'zoom' AND source_key = ?2"
    ))?;
    Ok(statement.query_row([teamspace, uuid], job).optional()?)
}

/// A running job, and whether auto-import asked for it.
pub(super) fn running(connection: &Connection, id: i64) -> rusqlite::Result<Option<(Job, bool)>> {
    let sql = format!("SELECT {COLUMNS}, automatic FROM job WHERE id = ?1 AND state = 'running'");
    let mut statement = connection.prepare_cached(&sql)?;
    statement.query_row([id], |row| Ok((job(row)?, row.get("automatic")?))).optional()
}

fn job(row: &Row<'_>) -> rusqlite::Result<Job> {
    let state: String = get(row, Column::State)?;
    let source: String = get(row, Column::Source)?;
    let key: String = get(row, Column::SourceKey)?;
    let error: Option<String> = get(row, Column::Error)?;
    let recording_id: Option<String> = get(row, Column::RecordingId)?;
    Ok(Job {
        id: get(row, Column::Id)?,
        recording_id: recording_id.and_then(|id| id.parse().ok()),
        uuid: (source == "zoom").then_some(key),
        teamspace: get(row, Column::Teamspace)?,
        title: get(row, Column::Title)?,
        state: match state.as_str() {
            "running" => JobState::Running,
            "waiting" => JobState::Waiting,
            "done" => JobState::Done,
            "failed" => JobState::Failed,
            "cancelled" => JobState::Cancelled,
            _ => JobState::Queued,
        },
        paused: get(row, Column::Paused)?,
        attempts: get(row, Column::Attempts)?,
        retry_at: time(row, Column::RetryAt)?,
        bytes: from_sql(get(row, Column::Bytes)?),
        bytes_total: from_sql(get(row, Column::BytesTotal)?),
        error: error.and_then(|error| serde_json::from_str(&error).ok()),
        created_at: time(row, Column::CreatedAt)?.unwrap_or(Timestamp::UNIX_EPOCH),
        updated_at: time(row, Column::UpdatedAt)?.unwrap_or(Timestamp::UNIX_EPOCH),
    })
}

/// The attempt is empty where the job has none.
fn claimed(row: &Row<'_>) -> rusqlite::Result<Claimed> {
    let source: String = get(row, Column::Source)?;
    let key: String = get(row, Column::SourceKey)?;
    let attempt: Option<String> = get(row, Column::Attempt)?;
    Ok(Claimed {
        job: job(row)?,
        source: match source.as_str() {
            "file" => Source::File { media: key, transcript: get(row, Column::Transcript)? },
            _ => Source::Zoom { uuid: key },
        },
        attempt: attempt.unwrap_or_default(),
    })
}

fn time(row: &Row<'_>, column: Column) -> rusqlite::Result<Option<Timestamp>> {
    let value: Option<String> = get(row, column)?;
    Ok(value.and_then(|value| value.parse().ok()))
}

/// A time as rows hold it.
pub(super) fn text(time: Option<Timestamp>) -> Option<String> {
    time.map(to_text)
}

/// A number as rows hold it: SQLite has none without a sign.
pub(super) fn to_sql(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A number that a row holds.
pub(super) fn from_sql(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
