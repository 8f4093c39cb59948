//! The tables of the catalog: what goes in, and comes out, as the rest of the product knows it.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params, params};
use serde_json::Value;

use super::marks::{self, Place};
use super::passage::{self, NUMBER_BITS, Passage, PassageKind};
use crate::database::{Error, to_text};
use crate::error::UserError;
use crate::recording::{Cue, FileKind, Recording, RecordingFile, RecordingId};
use crate::transcript::Summary;

/// Bits that keep recordings of the same second apart.
const SECOND_BITS: u32 = 12;

/// What could not be read, and of which recording it is.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Problem {
    pub(super) what: String,
    pub(super) recording_id: Option<RecordingId>,
    pub(super) error: UserError,
    pub(super) retry: bool,
}

/// The digest of a recording's manifest as the log names it; none when it is not here.
pub(super) fn source(c: &Connection, teamspace: &str, id: &RecordingId) -> Result<Option<String>, Error> {
    let sql = "SELECT source FROM recording WHERE teamspace = ?1 AND recording_id = ?2";
    Ok(c.query_row(sql, [teamspace, id.as_str()], |row| row.get(0)).optional()?)
}

pub(super) fn titles(c: &Connection, teamspace: &str) -> Result<BTreeMap<RecordingId, String>, Error> {
    let mut statement = c.prepare("SELECT recording_id, title FROM recording WHERE teamspace = ?1")?;
    let rows = statement.query_map([teamspace], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))?;
    let mut found = BTreeMap::new();
    for row in rows {
        let (id, title) = row?;
        if let Ok(id) = id.parse() {
            found.insert(id, title);
        }
    }
    Ok(found)
}

/// Puts a recording in the place of what was known of it; in the trash, it stays out of sight.
pub(super) fn put(
    t: &Transaction<'_>,
    recording: &Recording,
    source: &str,
    people: &str,
    passages: &[Passage],
    summary: &Summary,
) -> Result<(), Error> {
    let (teamspace, id) = (&recording.teamspace, &recording.recording_id);
    match marks::place(t, teamspace, id)? {
        Place::Library => {}
        Place::Trash => {
            remove(t, teamspace, id)?;
            return marks::keep(t, recording);
        }
        Place::Gone => return remove(t, teamspace, id),
    }
    t.execute(
        "UPDATE mark SET reload = 0, named = NULL WHERE teamspace = ?1 AND recording_id = ?2",
        [teamspace, id.as_str()],
    )?;
    let size = recording.files.iter().map(|file| file.size).fold(0, u64::saturating_add);
    let number = put_row(t, recording, source, people, HERE, size)?;
    t.execute("DELETE FROM recording_file WHERE recording = ?1", [number])?;
    t.execute("DELETE FROM passage WHERE recording = ?1", [number])?;
    t.execute("DELETE FROM summary WHERE recording = ?1", [number])?;
    if !summary.is_empty() {
        t.execute("INSERT INTO summary VALUES (?1, ?2)", params![number, serde_json::to_string(summary)?])?;
    }
    let mut insert =
        t.prepare_cached("INSERT INTO recording_file VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")?;
    for (position, file) in recording.files.iter().enumerate() {
        insert.execute(params![
            number,
            position as i64,
            file.key,
            name_of(&file.kind)?,
            file.segment,
            file.layout,
            file.media_type,
            file.size as i64,
            file.sha256
        ])?;
    }
    let mut insert = t.prepare_cached(
        "INSERT INTO passage (id, recording, kind, segment, times, speakers, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    for (place, passage) in passages.iter().enumerate() {
        insert.execute(params![
            number << NUMBER_BITS | place as i64,
            number,
            passage.kind.name(),
            passage.segment,
            passage.times,
            passage.speakers,
            passage.body
        ])?;
    }
    Ok(())
}

/// Only what the log says of a recording is known.
pub(super) const TOLD: i64 = 0;
/// Its manifest and texts are here.
pub(super) const HERE: i64 = 1;
/// They are here, and must be read again.
pub(super) const STALE: i64 = 2;

/// Writes the row of a recording, under the number that it has as long as it began in the same second, and returns
/// the number.
pub(super) fn put_row(
    t: &Transaction<'_>,
    recording: &Recording,
    source: &str,
    people: &str,
    state: i64,
    size: u64,
) -> Result<i64, Error> {
    let (teamspace, id) = (&recording.teamspace, &recording.recording_id);
    let known: Option<(i64, String)> = t
        .prepare_cached("SELECT id, start FROM recording WHERE teamspace = ?1 AND recording_id = ?2")?
        .query_row([teamspace, id.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let start = to_text(recording.start);
    let number = match known {
        Some((number, known)) if known == start => number,
        Some(_) => {
            remove(t, teamspace, id)?;
            next_number(t, recording)?
        }
        None => next_number(t, recording)?,
    };
    t.prepare_cached(
        "INSERT INTO recording (id, teamspace, recording_id, source, state, size, title, host, tags, start, duration,
             time_zone, imported_by, importer, people, imported_at)
         VALUES (:id, :teamspace, :recording_id, :source, :state, :size,
             coalesce((SELECT title FROM mark WHERE teamspace = :teamspace AND recording_id = :recording_id),
                      :title),
             :host,
             coalesce((SELECT group_concat(value, char(10)) FROM mark, json_each(mark.tags)
                       WHERE teamspace = :teamspace AND recording_id = :recording_id), ''),
             :start, :duration, :time_zone, :imported_by, :importer, :people, :imported_at)
         ON CONFLICT (id) DO UPDATE SET source = excluded.source, state = excluded.state, size = excluded.size,
             title = excluded.title, host = excluded.host, tags = excluded.tags, duration = excluded.duration,
             time_zone = excluded.time_zone, imported_by = excluded.imported_by, importer = excluded.importer, people = excluded.people,
             imported_at = excluded.imported_at",
    )?
    .execute(named_params! {
        ":id": number, ":teamspace": teamspace, ":recording_id": id.as_str(), ":source": source,
        ":state": state, ":size": size as i64,
        ":title": recording.title, ":host": recording.host, ":start": start,
        ":duration": recording.duration as i64, ":time_zone": recording.time_zone,
        ":imported_by": recording.imported_by, ":importer": recording.importer, ":people": people,
        ":imported_at": to_text(recording.imported_at),
    })?;
    Ok(number)
}

/// Larger for a later start. Of those of one second, the later put is the newer; more than there are numbers for in
/// one second run over into the next.
fn next_number(t: &Transaction<'_>, recording: &Recording) -> Result<i64, Error> {
    let mut first = number_of_second(recording.start.as_second());
    let mut newest = t.prepare_cached("SELECT max(id) FROM recording WHERE id BETWEEN ?1 AND ?2")?;
    loop {
        let last = first | ((1 << SECOND_BITS) - 1);
        let taken: Option<i64> = newest.query_row([first, last], |row| row.get(0))?;
        match taken {
            None => return Ok(first),
            Some(taken) if taken < last => return Ok(taken + 1),
            Some(_) => first = last + 1,
        }
    }
}

/// The first number of the recordings that begin in a second, counted from 1970.
pub(super) fn number_of_second(second: i64) -> i64 {
    let latest = (1i64 << (62 - SECOND_BITS - NUMBER_BITS)) - 1;
    second.clamp(0, latest) << SECOND_BITS
}

/// Removes a recording, with its files and words.
pub(super) fn remove(t: &Transaction<'_>, teamspace: &str, id: &RecordingId) -> Result<(), Error> {
    let which = "SELECT id FROM recording WHERE teamspace = ?1 AND recording_id = ?2";
    for sql in [
        format!("DELETE FROM passage WHERE recording = ({which})"),
        format!("DELETE FROM recording WHERE id = ({which})"),
    ] {
        t.execute(&sql, [teamspace, id.as_str()])?;
    }
    Ok(())
}

/// An object is as it should be: nothing is wrong with it any more.
pub(super) fn clear_problem(t: &Transaction<'_>, teamspace: &str, what: &str) -> Result<(), Error> {
    t.prepare_cached("DELETE FROM problem WHERE teamspace = ?1 AND what = ?2")?.execute([teamspace, what])?;
    Ok(())
}

/// The checkpoints are looked at again.
pub(super) fn clear_checkpoint_problems(t: &Transaction<'_>, teamspace: &str) -> Result<(), Error> {
    t.execute("DELETE FROM problem WHERE teamspace = ?1 AND what LIKE 'checkpoints/%'", [teamspace])?;
    Ok(())
}

/// Replaces what is wrong with a recording, or adds to what is wrong with the teamspace.
pub(super) fn set_problems(
    t: &Transaction<'_>,
    teamspace: &str,
    id: Option<&RecordingId>,
    problems: &[Problem],
) -> Result<(), Error> {
    if let Some(id) = id {
        t.execute(
            "DELETE FROM problem WHERE teamspace = ?1 AND recording_id = ?2",
            [teamspace, id.as_str()],
        )?;
    }
    for problem in problems {
        t.execute(
            "INSERT OR REPLACE INTO problem VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                teamspace,
                problem.what,
                problem.recording_id.as_ref().map(RecordingId::as_str),
                serde_json::to_string(&problem.error)?,
                problem.retry
            ],
        )?;
    }
    Ok(())
}

/// What is wrong, all of it.
pub(super) fn all_problems(c: &Connection, teamspace: &str) -> Result<Vec<Problem>, Error> {
    let mut statement = c.prepare_cached("SELECT * FROM problem WHERE teamspace = ?1 ORDER BY what")?;
    let mut rows = statement.query([teamspace])?;
    let mut problems = Vec::new();
    while let Some(row) = rows.next()? {
        let id: Option<String> = row.get("recording_id")?;
        problems.push(Problem {
            what: row.get("what")?,
            recording_id: id.and_then(|id| id.parse().ok()),
            error: serde_json::from_str(&row.get::<_, String>("error")?)?,
            retry: row.get("retry")?,
        });
    }
    Ok(problems)
}

pub(super) fn problems(
    c: &Connection,
    teamspace: &str,
    id: Option<&RecordingId>,
) -> Result<Vec<UserError>, Error> {
    let all = all_problems(c, teamspace)?.into_iter();
    let wanted = all.filter(|problem| id.is_none() || problem.recording_id.as_ref() == id);
    Ok(wanted.map(|problem| problem.error).collect())
}

pub(super) fn forget(t: &Transaction<'_>, teamspace: &str) -> Result<(), Error> {
    let mine = "SELECT id FROM recording WHERE teamspace = ?1";
    for sql in [
        &format!("DELETE FROM passage WHERE recording IN ({mine})"),
        "DELETE FROM recording WHERE teamspace = ?1",
        "DELETE FROM mark WHERE teamspace = ?1",
        "DELETE FROM history WHERE teamspace = ?1",
        "DELETE FROM correction WHERE teamspace = ?1",
        "DELETE FROM highlight WHERE teamspace = ?1",
        "DELETE FROM member WHERE teamspace = ?1",
        "DELETE FROM addendum WHERE teamspace = ?1",
        "DELETE FROM problem WHERE teamspace = ?1",
        "DELETE FROM teamspace WHERE id = ?1",
    ] {
        t.execute(sql, [teamspace])?;
    }
    Ok(())
}

pub(super) fn count(c: &Connection, teamspace: &str) -> Result<u64, Error> {
    let sql = "SELECT count(*) FROM recording WHERE teamspace = ?1";
    Ok(c.query_row(sql, [teamspace], |row| row.get::<_, i64>(0))?.unsigned_abs())
}

pub(super) fn teamspaces_of(c: &Connection, id: &RecordingId) -> Result<Vec<String>, Error> {
    let mut statement =
        c.prepare_cached("SELECT teamspace FROM recording WHERE recording_id = ?1 ORDER BY 1")?;
    let rows = statement.query_map([id.as_str()], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn recordings(c: &Connection, teamspace: &str) -> Result<Vec<Recording>, Error> {
    let sql = &format!("{RECORDINGS} WHERE recording.teamspace = ?1 ORDER BY id DESC");
    read_recordings(c, sql, &[&teamspace])
}

/// A page of them, and the place of its last one when there may be more.
pub(super) fn recordings_page(
    c: &Connection,
    teamspace: &str,
    after: Option<i64>,
    limit: u32,
) -> Result<(Vec<Recording>, Option<i64>), Error> {
    let after = after.unwrap_or(i64::MAX);
    let sql = &format!(
        "{RECORDINGS} WHERE recording.teamspace = ?1 AND recording.id < ?2 ORDER BY id DESC LIMIT ?3"
    );
    let recordings = read_recordings(c, sql, &[&teamspace, &after, &limit])?;
    let last = "SELECT id FROM recording WHERE teamspace = ?1 AND recording_id = ?2";
    let next = match recordings.last().filter(|_| recordings.len() == limit as usize) {
        Some(last_one) => {
            Some(c.query_row(last, [teamspace, last_one.recording_id.as_str()], |row| row.get(0))?)
        }
        None => None,
    };
    Ok((recordings, next))
}

pub(super) fn recording(
    c: &Connection,
    teamspace: &str,
    id: &RecordingId,
) -> Result<Option<Recording>, Error> {
    let sql = &format!("{RECORDINGS} WHERE recording.teamspace = ?1 AND recording.recording_id = ?2");
    Ok(read_recordings(c, sql, &[&teamspace, &id.as_str()])?.pop())
}

/// Recordings with the tags that people gave them.
const RECORDINGS: &str = "SELECT recording.*, mark.tags AS marked FROM recording LEFT JOIN mark
    ON mark.teamspace = recording.teamspace AND mark.recording_id = recording.recording_id";

fn read_recordings(
    c: &Connection,
    sql: &str,
    values: &[&dyn rusqlite::ToSql],
) -> Result<Vec<Recording>, Error> {
    let mut statement = c.prepare_cached(sql)?;
    let mut files =
        c.prepare_cached("SELECT * FROM recording_file WHERE recording = ?1 ORDER BY position")?;
    let mut rows = statement.query(values)?;
    let mut recordings = Vec::new();
    while let Some(row) = rows.next()? {
        let files = files.query_map([row.get::<_, i64>("id")?], read_file)?;
        recordings.push(read_recording(row, files.collect::<Result<_, _>>()?)?);
    }
    Ok(recordings)
}

fn read_recording(row: &Row<'_>, files: Vec<RecordingFile>) -> Result<Recording, Error> {
    let text = |column: &str| row.get::<_, String>(column);
    Ok(Recording {
        recording_id: from_text(text("recording_id")?)?,
        teamspace: text("teamspace")?,
        title: text("title")?,
        host: row.get("host")?,
        start: from_text(text("start")?)?,
        duration: row.get::<_, i64>("duration")?.unsigned_abs(),
        time_zone: row.get("time_zone")?,
        imported_by: text("imported_by")?,
        importer: row.get("importer")?,
        imported_at: from_text(text("imported_at")?)?,
        tags: match row.get::<_, Option<String>>("marked")? {
            Some(tags) => serde_json::from_str(&tags)?,
            None => Vec::new(),
        },
        files,
        unread: match row.get::<_, i64>("state")? {
            TOLD => Some(row.get::<_, i64>("size")?.unsigned_abs()),
            _ => None,
        },
    })
}

fn read_file(row: &Row<'_>) -> rusqlite::Result<RecordingFile> {
    Ok(RecordingFile {
        key: row.get("key")?,
        kind: from_text(row.get("kind")?).unwrap_or(FileKind::Other),
        segment: row.get("segment")?,
        layout: row.get("layout")?,
        media_type: row.get("media_type")?,
        size: row.get::<_, i64>("size")?.unsigned_abs(),
        sha256: row.get("sha256")?,
    })
}

/// A value that JSON writes as a string.
pub(super) fn from_text<T: serde::de::DeserializeOwned>(text: String) -> Result<T, serde_json::Error> {
    serde_json::from_value(Value::String(text))
}

/// The name of a value that JSON writes as a string.
pub(super) fn name_of(value: &impl serde::Serialize) -> Result<String, Error> {
    Ok(serde_json::from_value(serde_json::to_value(value)?)?)
}

pub(super) fn summary(c: &Connection, teamspace: &str, id: &RecordingId) -> Result<Option<Summary>, Error> {
    let sql = "SELECT content FROM summary
        WHERE recording = (SELECT id FROM recording WHERE teamspace = ?1 AND recording_id = ?2)";
    let content: Option<String> = c.query_row(sql, [teamspace, id.as_str()], |row| row.get(0)).optional()?;
    Ok(content.map(|content| serde_json::from_str(&content)).transpose()?)
}

/// The lines of a recording, one list per segment.
pub(super) fn lines(
    c: &Connection,
    teamspace: &str,
    id: &RecordingId,
    kind: PassageKind,
) -> Result<Vec<Vec<Cue>>, Error> {
    let mut statement = c.prepare_cached(
        "SELECT segment, times, speakers, body FROM passage
         WHERE kind = ?3
             AND recording = (SELECT id FROM recording WHERE teamspace = ?1 AND recording_id = ?2)
         ORDER BY id",
    )?;
    let mut rows = statement.query([teamspace, id.as_str(), kind.name()])?;
    let mut segments: Vec<Vec<Cue>> = Vec::new();
    while let Some(row) = rows.next()? {
        let segment = row.get::<_, u16>("segment")? as usize;
        if segments.len() <= segment {
            segments.resize_with(segment + 1, Vec::new);
        }
        let cues = passage::lines(
            &row.get::<_, String>("times")?,
            &row.get::<_, String>("speakers")?,
            &row.get::<_, String>("body")?,
        );
        if let Some(segment) = segments.get_mut(segment) {
            segment.extend(cues);
        }
    }
    Ok(segments)
}
