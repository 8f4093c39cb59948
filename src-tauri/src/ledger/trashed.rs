//! What was moved to Zoom's trash after it was verified, and why something was not.

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Row, params};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::Ledger;
use super::rows::Imported;
use crate::database::{Error, to_text};
use crate::error::UserError;
use crate::recording::RecordingId;

/// A recording that was moved to Zoom's trash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct TrashedAtZoom {
    /// The recording.
    pub recording_id: RecordingId,
    /// The teamspace whose copy was verified before.
    pub teamspace: String,
    /// Its title then.
    pub title: String,
    /// How it went.
    pub outcome: TrashOutcome,
    /// Number of the verification that came before, in the ledger.
    #[ts(type = "number")]
    pub verification: i64,
    /// When.
    #[ts(type = "string")]
    pub at: Timestamp,
    /// Name of the profile.
    pub by: String,
}

/// How moving to Zoom's trash went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum TrashOutcome {
    /// NEXT moved it there.
    Trashed,
    /// It was no longer in Zoom's list: somebody else, or Zoom itself, was first.
    AlreadyGone,
}

/// Why a recording that was due stayed at Zoom, and when that was seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    /// Why.
    pub why: UserError,
    /// When it was tried.
    pub tried_at: Timestamp,
}

impl Ledger {
    /// When a recording was moved to Zoom's trash; none when it was not.
    pub fn trashed(&self, id: &RecordingId) -> Result<Option<TrashedAtZoom>, Error> {
        self.0.read(|c| {
            let sql = "SELECT * FROM trashed_at_zoom WHERE recording_id = ?1 AND outcome <> 'asked'";
            Ok(c.query_row(sql, [id.as_str()], trashed).optional()?)
        })
    }

    /// All that was moved there, newest first.
    pub fn all_trashed(&self) -> Result<Vec<TrashedAtZoom>, Error> {
        self.0.read(|c| {
            let mut statement = c.prepare(
                "SELECT * FROM trashed_at_zoom WHERE outcome <> 'asked' ORDER BY at DESC, recording_id",
            )?;
            Ok(statement.query_map([], trashed)?.collect::<Result<_, _>>()?)
        })
    }

    /// Whether Zoom was asked before and the answer is not known: then "it is not there" is our own doing.
    pub fn was_asked(&self, id: &RecordingId) -> Result<bool, Error> {
        self.0.read(|c| {
            let sql = "SELECT 1 FROM trashed_at_zoom WHERE recording_id = ?1 AND outcome = 'asked'";
            Ok(c.query_row(sql, [id.as_str()], |_| Ok(())).optional()?.is_some())
        })
    }

    /// Notes, before it is done, that Zoom is asked to move a recording to its trash.
    pub fn note_asked(
        &self,
        import: &Imported,
        title: &str,
        verification: i64,
        name: &str,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.0.write(|t| {
            t.execute(
                "INSERT OR REPLACE INTO trashed_at_zoom
                     (recording_id, teamspace, meeting_uuid, title, outcome, verification, at, name)
                 VALUES (?1, ?2, ?3, ?4, 'asked', ?5, ?6, ?7)",
                params![
                    import.recording_id.as_str(),
                    import.teamspace,
                    import.meeting_uuid,
                    title,
                    verification,
                    to_text(now),
                    name
                ],
            )?;
            Ok(())
        })
    }

    /// Settles what was asked: none means that Zoom refused, and the recording is still there.
    pub fn settle_asked(
        &self,
        id: &RecordingId,
        outcome: Option<TrashOutcome>,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.0.write(|t| {
            match outcome {
                None => t.execute(
                    "DELETE FROM trashed_at_zoom WHERE recording_id = ?1 AND outcome = 'asked'",
                    [id.as_str()],
                )?,
                Some(outcome) => t.execute(
                    "UPDATE trashed_at_zoom SET outcome = ?2, at = ?3
                     WHERE recording_id = ?1 AND outcome = 'asked'",
                    params![id.as_str(), outcome_text(outcome), to_text(now)],
                )?,
            };
            if outcome.is_some() {
                t.execute("DELETE FROM kept_at_zoom WHERE recording_id = ?1", [id.as_str()])?;
            }
            Ok(())
        })
    }

    /// Notes why a recording stays at Zoom for now.
    pub fn note_kept(&self, import: &Imported, why: &UserError, now: Timestamp) -> Result<(), Error> {
        let why = serde_json::to_string(why)?;
        self.0.write(|t| {
            t.execute(
                "INSERT OR REPLACE INTO kept_at_zoom (recording_id, teamspace, why, tried_at)
                 VALUES (?1, ?2, ?3, ?4)",
                params![import.recording_id.as_str(), import.teamspace, why, to_text(now)],
            )?;
            Ok(())
        })
    }

    /// Why a recording stayed at Zoom when that was last tried.
    pub fn kept(&self, import: &Imported) -> Result<Option<Kept>, Error> {
        let found: Option<(String, String)> = self.0.read(|c| {
            let sql = "SELECT why, tried_at FROM kept_at_zoom WHERE recording_id = ?1 AND teamspace = ?2";
            let of = [import.recording_id.as_str(), &import.teamspace];
            Ok(c.query_row(sql, of, |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
        })?;
        let Some((why, tried_at)) = found else { return Ok(None) };
        let tried_at = tried_at.parse().unwrap_or(Timestamp::UNIX_EPOCH);
        Ok(Some(Kept { why: serde_json::from_str(&why)?, tried_at }))
    }

    /// Forgets why recordings stayed: everything that is due is tried again.
    pub fn forget_kept(&self) -> Result<(), Error> {
        self.0.write(|t| {
            t.execute("DELETE FROM kept_at_zoom", [])?;
            Ok(())
        })
    }
}

fn trashed(row: &Row<'_>) -> rusqlite::Result<TrashedAtZoom> {
    let (recording_id, outcome, at): (String, String, String) =
        (row.get("recording_id")?, row.get("outcome")?, row.get("at")?);
    Ok(TrashedAtZoom {
        recording_id: recording_id
            .parse()
            .map_err(|_| rusqlite::Error::InvalidColumnName("recording_id".to_owned()))?,
        teamspace: row.get("teamspace")?,
        title: row.get("title")?,
        outcome: match outcome.as_str() {
            "already_gone" => TrashOutcome::AlreadyGone,
            _ => TrashOutcome::Trashed,
        },
        verification: row.get("verification")?,
        at: at.parse().unwrap_or(Timestamp::UNIX_EPOCH),
        by: row.get("name")?,
    })
}

fn outcome_text(outcome: TrashOutcome) -> &'static str {
    match outcome {
        TrashOutcome::Trashed => "trashed",
        TrashOutcome::AlreadyGone => "already_gone",
    }
}
