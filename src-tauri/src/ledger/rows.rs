//! The ledger's rows in `state.db`.

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Row, Transaction, params};
use sha2::{Digest as _, Sha256};

use super::{How, Looked, Verification};
use crate::database::{Database, Error, to_text};
use crate::recording::RecordingId;

/// The ledger of a data directory. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Ledger(pub(super) Database);

/// An import of this profile's from Zoom, as the ledger has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The teamspace that holds it.
    pub teamspace: String,
    /// The recording.
    pub recording_id: RecordingId,
    /// Zoom's UUID of the meeting instance.
    pub meeting_uuid: String,
    /// When its import was verified.
    pub at: Timestamp,
}

/// Who verifies: id and name of a profile.
pub(super) type Who<'a> = (&'a str, &'a str);

impl Ledger {
    /// The ledger in this `state.db`.
    pub fn new(database: Database) -> Self {
        Self(database)
    }

    /// Adds a verification.
    pub fn add(
        &self,
        teamspace: &str,
        recording_id: &RecordingId,
        how: How,
        looked: &Looked,
        (profile, name): (&str, &str),
        now: Timestamp,
    ) -> Result<Verification, Error> {
        self.0.write(|t| add(t, teamspace, recording_id, how, looked, (profile, name), None, now))
    }

    /// Adds that an import was verified as it was written, once. `zoom` is the meeting's UUID and whose account
    /// it came from.
    pub fn add_import(
        &self,
        teamspace: &str,
        recording_id: &RecordingId,
        looked: &Looked,
        (profile, name): (&str, &str),
        zoom: Option<(&str, &str)>,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.0.write(|t| {
            let there = t
                .query_row(
                    "SELECT 1 FROM ledger WHERE teamspace = ?1 AND recording_id = ?2 AND how = 'import'",
                    [teamspace, recording_id.as_str()],
                    |_| Ok(()),
                )
                .optional()?;
            if there.is_none() {
                add(t, teamspace, recording_id, How::Import, looked, (profile, name), zoom, now)?;
            }
            Ok(())
        })
    }

    /// All verifications of a recording's copy in a teamspace, newest first.
    pub fn of(&self, teamspace: &str, recording_id: &RecordingId) -> Result<Vec<Verification>, Error> {
        self.0.read(|c| {
            let mut statement = c.prepare(
                "SELECT * FROM ledger WHERE teamspace = ?1 AND recording_id = ?2 ORDER BY id DESC",
            )?;
            let rows = statement.query_map([teamspace, recording_id.as_str()], verification)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// The last verification of a recording's copy.
    pub fn last(&self, teamspace: &str, recording_id: &RecordingId) -> Result<Option<Verification>, Error> {
        Ok(self.of(teamspace, recording_id)?.into_iter().next())
    }

    /// What this profile imported from an account at Zoom and did not move to its trash, oldest first.
    pub fn imports(&self, profile: &str, zoom_user: &str) -> Result<Vec<Imported>, Error> {
        self.0.read(|c| {
            let mut statement = c.prepare(
                "SELECT teamspace, recording_id, meeting_uuid, at FROM ledger
                 WHERE how = 'import' AND zoom_user = ?1 AND profile = ?2 AND meeting_uuid IS NOT NULL
                   AND recording_id NOT IN
                       (SELECT recording_id FROM trashed_at_zoom WHERE outcome <> 'asked')
                 ORDER BY id",
            )?;
            let rows = statement.query_map([account_key(zoom_user).as_str(), profile], |row| {
                let (id, at): (String, String) = (row.get(1)?, row.get(3)?);
                let (teamspace, meeting_uuid) = (row.get(0)?, row.get(2)?);
                Ok(match (id.parse(), at.parse()) {
                    (Ok(recording_id), Ok(at)) => {
                        Some(Imported { teamspace, recording_id, meeting_uuid, at })
                    }
                    _ => None,
                })
            })?;
            Ok(rows.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
        })
    }
}

#[allow(clippy::too_many_arguments, reason = "they are the columns of a row")]
fn add(
    t: &Transaction<'_>,
    teamspace: &str,
    recording_id: &RecordingId,
    how: How,
    looked: &Looked,
    (profile, name): Who<'_>,
    zoom: Option<(&str, &str)>,
    now: Timestamp,
) -> Result<Verification, Error> {
    t.execute(
        "INSERT INTO ledger (teamspace, recording_id, how, at, profile, name, files, bytes, manifest, damaged,
                             meeting_uuid, zoom_user)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        params![
            teamspace,
            recording_id.as_str(),
            how_text(how),
            to_text(now),
            profile,
            name,
            to_sql(looked.files),
            to_sql(looked.bytes),
            looked.manifest,
            serde_json::to_string(&looked.damaged)?,
            zoom.map(|(uuid, _)| uuid),
            zoom.map(|(_, user)| account_key(user)),
        ],
    )?;
    Ok(t.query_row("SELECT * FROM ledger WHERE id = ?1", [t.last_insert_rowid()], verification)?)
}

fn verification(row: &Row<'_>) -> rusqlite::Result<Verification> {
    let (recording_id, how, at): (String, String, String) =
        (row.get("recording_id")?, row.get("how")?, row.get("at")?);
    let damaged: String = row.get("damaged")?;
    let broken = |column: &str| rusqlite::Error::InvalidColumnName(column.to_owned());
    Ok(Verification {
        id: row.get("id")?,
        teamspace: row.get("teamspace")?,
        recording_id: recording_id.parse().map_err(|_| broken("recording_id"))?,
        how: match how.as_str() {
            "import" => How::Import,
            "second" => How::Second,
            _ => How::Manual,
        },
        at: at.parse().map_err(|_| broken("at"))?,
        by: row.get("name")?,
        files: from_sql(row.get("files")?),
        bytes: from_sql(row.get("bytes")?),
        manifest: row.get("manifest")?,
        // What cannot be read must not count as "nothing was wrong".
        damaged: serde_json::from_str(&damaged).map_err(|_| broken("damaged"))?,
    })
}

/// Names a Zoom user as claims do: enough to know it again, and not who it is. Whoever disconnects is forgotten.
pub fn account_key(zoom_user: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(zoom_user))
}

fn how_text(how: How) -> &'static str {
    match how {
        How::Import => "import",
        How::Second => "second",
        How::Manual => "manual",
    }
}

pub(super) fn to_sql(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(super) fn from_sql(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
