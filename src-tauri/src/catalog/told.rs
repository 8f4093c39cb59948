//! What the log says of recordings, beside what is read of them: what is listed and not read yet, what was finished
//! later, what people did.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::marks::{self, Place};
use super::table::{HERE, STALE, TOLD, from_text, put_row, remove, source};
use crate::database::Error;
use crate::recording::{Recording, RecordingId};

/// Lists what the log says of a recording. Whether that is new; said twice, by an outbox after a crash or by two who
/// imported the same, it is not.
pub(super) fn put_told(
    t: &Transaction<'_>,
    recording: &Recording,
    manifest: &str,
    size: u64,
) -> Result<bool, Error> {
    let (teamspace, id) = (&recording.teamspace, &recording.recording_id);
    match marks::place(t, teamspace, id)? {
        Place::Library => {}
        // An entry that could be read late says of it what it was.
        Place::Trash => {
            marks::name(t, teamspace, id, manifest)?;
            marks::keep_if_unknown(t, recording)?;
            return Ok(false);
        }
        Place::Gone => return Ok(false),
    }
    match source(t, teamspace, id)? {
        Some(known) if known == manifest => return Ok(false),
        // Another manifest than the one that was named before: it is read again.
        Some(_) => {
            t.execute(
                "UPDATE recording SET source = ?3, state = iif(state = 0, 0, 2)
                 WHERE teamspace = ?1 AND recording_id = ?2",
                [teamspace, id.as_str(), manifest],
            )?;
        }
        None => {
            put_row(t, recording, manifest, "", TOLD, size)?;
        }
    }
    Ok(true)
}

/// Notes that something was finished later. Whether the log said so for the first time.
pub(super) fn put_addendum(
    t: &Transaction<'_>,
    teamspace: &str,
    id: &RecordingId,
    manifest: &str,
) -> Result<bool, Error> {
    let new = t.execute(
        "INSERT OR IGNORE INTO addendum (teamspace, recording_id, manifest) VALUES (?1, ?2, ?3)",
        [teamspace, id.as_str(), manifest],
    )?;
    t.execute(
        &format!("UPDATE recording SET state = {STALE} WHERE teamspace = ?1 AND recording_id = ?2 AND state = {HERE}"),
        [teamspace, id.as_str()],
    )?;
    Ok(new > 0)
}

/// Whether the log names this addendum.
pub(super) fn has_addendum(
    c: &Connection,
    teamspace: &str,
    id: &RecordingId,
    manifest: &str,
) -> Result<bool, Error> {
    let sql = "SELECT count(*) FROM addendum WHERE teamspace = ?1 AND recording_id = ?2 AND manifest = ?3";
    Ok(c.query_row(sql, [teamspace, id.as_str(), manifest], |row| row.get::<_, i64>(0))? > 0)
}

pub(super) fn count_addenda(c: &Connection, teamspace: &str, id: &RecordingId) -> Result<u64, Error> {
    let sql = "SELECT count(*) FROM addendum WHERE teamspace = ?1 AND recording_id = ?2";
    Ok(c.query_row(sql, [teamspace, id.as_str()], |row| row.get::<_, i64>(0))?.unsigned_abs())
}

/// Its manifest cannot be read: what was read of it before stays, and what only the log says is not listed.
pub(super) fn put_unreadable(t: &Transaction<'_>, teamspace: &str, id: &RecordingId) -> Result<(), Error> {
    let key = [teamspace, id.as_str()];
    t.execute("UPDATE mark SET reload = 0 WHERE teamspace = ?1 AND recording_id = ?2", key)?;
    let kept = t.execute(
        &format!("UPDATE recording SET state = {HERE} WHERE teamspace = ?1 AND recording_id = ?2 AND state <> {TOLD}"),
        key,
    )?;
    if kept > 0 { Ok(()) } else { set_aside(t, teamspace, id) }
}

/// Takes a recording off the list, and remembers which manifest the log names.
pub(super) fn set_aside(t: &Transaction<'_>, teamspace: &str, id: &RecordingId) -> Result<(), Error> {
    t.execute(
        "INSERT INTO mark (teamspace, recording_id, named)
         SELECT teamspace, recording_id, source FROM recording WHERE teamspace = ?1 AND recording_id = ?2
         ON CONFLICT DO UPDATE SET named = excluded.named",
        [teamspace, id.as_str()],
    )?;
    remove(t, teamspace, id)
}

/// A recording that is still to be read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Unread {
    pub(super) id: RecordingId,
    /// The digest of its manifest, as the log names it.
    pub(super) named: Option<String>,
    /// Whether the log names addenda of it.
    pub(super) addenda: bool,
}

const UNREAD: &str = "SELECT r.recording_id, r.source,
        EXISTS (SELECT 1 FROM addendum a WHERE a.teamspace = r.teamspace AND a.recording_id = r.recording_id)
    FROM recording r";

fn read_unread(row: &Row<'_>) -> rusqlite::Result<(String, Option<String>, bool)> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
}

/// What is still to be read, newest first: among the newest `window`, what is read again, and what was taken out of
/// the trash.
pub(super) fn unread(
    c: &Connection,
    teamspace: &str,
    window: u64,
    most: usize,
) -> Result<Vec<Unread>, Error> {
    let oldest: i64 = c
        .prepare_cached("SELECT id FROM recording WHERE teamspace = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2")?
        .query_row(params![teamspace, window.saturating_sub(1) as i64], |row| row.get(0))
        .optional()?
        .unwrap_or(0);
    let sql = format!(
        "SELECT * FROM (
            {UNREAD} WHERE r.teamspace = ?1 AND r.state <> {HERE} AND r.id >= ?2 ORDER BY r.id DESC LIMIT ?3)
         UNION ALL
         SELECT * FROM ({UNREAD} WHERE r.teamspace = ?1 AND r.state = {STALE} AND r.id < ?2 LIMIT ?3)
         UNION ALL
         SELECT recording_id, named, 1 FROM mark INDEXED BY mark_reload WHERE teamspace = ?1 AND reload = 1 AND place = 'library'"
    );
    let mut statement = c.prepare_cached(&sql)?;
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let rows = statement.query_map(params![teamspace, oldest, most], read_unread)?;
    let mut found = Vec::new();
    for row in rows {
        let (id, named, addenda) = row?;
        found.push(Unread { id: from_text(id)?, named, addenda });
    }
    Ok(found)
}

/// What the log says of one recording, for reading it.
pub(super) fn unread_one(c: &Connection, teamspace: &str, id: &RecordingId) -> Result<Unread, Error> {
    let sql = "SELECT source FROM recording WHERE teamspace = ?1 AND recording_id = ?2
               UNION ALL SELECT named FROM mark WHERE teamspace = ?1 AND recording_id = ?2";
    let named: Option<Option<String>> =
        c.query_row(sql, [teamspace, id.as_str()], |row| row.get(0)).optional()?;
    Ok(Unread { id: id.clone(), named: named.flatten(), addenda: true })
}

/// How many recordings are still to be read.
pub(super) fn count_unread(c: &Connection, teamspace: &str) -> Result<u64, Error> {
    let sql = format!("SELECT count(*) FROM recording WHERE teamspace = ?1 AND state <> {HERE}");
    Ok(c.query_row(&sql, [teamspace], |row| row.get::<_, i64>(0))?.unsigned_abs())
}
