//! What a settled import leaves in the log.

use jiff::{SignedDuration, Timestamp};
use rusqlite::Transaction;

use super::rows::{Fresh, add};
use super::{ActivityKind, DAYS_KEPT, close_incidents, open_incident};
use crate::database::{Error, to_text};
use crate::error::UserError;

/// How a try of an import ended.
#[derive(Debug, Clone, Copy)]
pub enum Settled<'a> {
    /// What was asked for is there.
    Done,
    /// It is tried again.
    Again(&'a UserError),
    /// It failed for good.
    Failed(&'a UserError),
}

/// Notes how a try of an import ended, where that is news: `import` says what it is about.
pub fn note_settled(
    t: &Transaction<'_>,
    import: &Fresh<'_>,
    settled: Settled<'_>,
    now: Timestamp,
) -> Result<(), Error> {
    let (kind, error) = match settled {
        Settled::Done => {
            close_incidents(t, import.teamspace.unwrap_or_default(), true)?;
            if !is_news(t, import, now)? {
                return Ok(());
            }
            (ActivityKind::Imported, None)
        }
        Settled::Again(error) if error.code.needs_person() => {
            if !open_incident(t, error.code, import.teamspace, now)? {
                return Ok(());
            }
            (ActivityKind::NeedsPerson, Some(error))
        }
        Settled::Again(error) => {
            if was_said(t, import, error)? {
                return Ok(());
            }
            (ActivityKind::Retried, Some(error))
        }
        Settled::Failed(error) => (ActivityKind::Failed, Some(error)),
    };
    add(t, kind, &Fresh { error, ..import.clone() }, now)
}

/// Whether this machine imported it, as its ledger says, and that was not told before: asking again, late files and
/// what a colleague imported are no news.
fn is_news(t: &Transaction<'_>, import: &Fresh<'_>, now: Timestamp) -> Result<bool, Error> {
    let oldest = now.saturating_sub(SignedDuration::from_hours(24 * DAYS_KEPT)).unwrap_or(Timestamp::MIN);
    Ok(t.query_row(
        "SELECT EXISTS (SELECT 1 FROM ledger
                        WHERE teamspace = ?1 AND recording_id = ?2 AND how = 'import' AND at >= ?3)
            AND NOT EXISTS (SELECT 1 FROM activity
                            WHERE teamspace = ?1 AND recording_id = ?2 AND kind = 'imported')",
        (import.teamspace, import.recording_id, to_text(oldest)),
        |row| row.get(0),
    )?)
}

/// Whether the last entry about a recording says the same: a try that fails eight times for one reason is told once.
fn was_said(t: &Transaction<'_>, import: &Fresh<'_>, error: &UserError) -> Result<bool, Error> {
    Ok(t.query_row(
        "SELECT coalesce((SELECT kind = 'retried' AND json_extract(error, '$.code') = ?3 FROM activity
                          WHERE teamspace = ?1 AND recording_id = ?2 ORDER BY id DESC LIMIT 1), 0)",
        (import.teamspace, import.recording_id, error.code.name()),
        |row| row.get(0),
    )?)
}
