//! Corrections: what people change about a transcript. The file that Zoom wrote stays as it is; a correction is an entry
//! of the log of its own, and everybody sees it.
//!
//! `line/<first 16 of the file's SHA-256>/<number of the cue, from 1>` holds another text of a line: it belongs to that
//! file, whenever and however it arrives. `speaker/<name as the file says it>` holds another name for whoever speaks or
//! writes under that name, in the whole recording. `null` goes back to the file. The later number wins, the older ones
//! stay in the history; they come before, after or without the files that they are about, also in the trash.
//!
//! The number of a cue is its place in what `transcript::Transcript::parse` gives: a change there that counts otherwise
//! needs another name of the field.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

use super::corrected;
use super::marks::{Doer, HistoryEntry, HistoryKind, plain};
use super::table::from_text;
use crate::database::{Error, to_text};
use crate::recording::RecordingId;

/// Characters of a corrected line at most; of a longer one, that a newer or hostile version wrote, the rest is cut.
pub const LONGEST_LINE: usize = 2_000;
/// Characters of a speaker's new name at most.
pub const LONGEST_SPEAKER: usize = 200;
/// Characters of a name that a file may have to be renamed.
const LONGEST_ORIGINAL: usize = 1_000;
/// Characters of a file's digest that name it.
const DIGEST: usize = 16;

/// What is corrected.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Corrected {
    /// A line of a transcript.
    Line {
        /// Which transcript: see [`digest_of`].
        source: String,
        /// Which of its lines, from 1.
        number: u32,
    },
    /// Somebody, by the name that the recording's files give.
    Speaker(String),
}

impl Corrected {
    /// The field of the log.
    pub fn field(&self) -> String {
        match self {
            Self::Line { source, number } => format!("line/{source}/{number}"),
            Self::Speaker(name) => format!("speaker/{name}"),
        }
    }

    /// What a field of the log is about; none when it is no correction, or none that makes sense.
    pub(super) fn read(field: &str) -> Option<Self> {
        let (kind, rest) = field.split_once('/')?;
        match kind {
            "line" => {
                let (source, number) = rest.split_once('/')?;
                let is_digest = source.len() == DIGEST
                    && source.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
                let read: u32 = number.parse().ok()?;
                // One way to write each number: else two fields would be one line.
                let sound = is_digest && read > 0 && read.to_string() == number;
                sound.then(|| Self::Line { source: source.to_owned(), number: read })
            }
            "speaker" => {
                let sound = !rest.is_empty()
                    && rest.chars().count() <= LONGEST_ORIGINAL
                    && !rest.chars().any(char::is_control);
                sound.then(|| Self::Speaker(rest.to_owned()))
            }
            _ => None,
        }
    }

    fn longest(&self) -> usize {
        match self {
            Self::Line { .. } => LONGEST_LINE,
            Self::Speaker(_) => LONGEST_SPEAKER,
        }
    }
}

/// What names a transcript in a correction: the beginning of its digest.
pub fn digest_of(sha256: &str) -> Option<String> {
    sha256.get(..DIGEST).map(str::to_owned)
}

/// Corrections that are in force in a recording.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Corrections {
    /// What names the transcript of each segment in a correction; empty where there is none.
    pub sources: Vec<String>,
    /// Lines that say something else than their file.
    pub lines: Vec<CorrectedLine>,
    /// Speakers that are called otherwise than in the files.
    pub speakers: Vec<RenamedSpeaker>,
}

/// A line that says something else than its file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct CorrectedLine {
    /// The segment.
    pub segment: u32,
    /// Which line of the segment's transcript, from 1.
    pub line: u32,
    /// What the file says.
    pub original: String,
    /// Id of the profile that corrected it last.
    pub profile: String,
    /// Its name; none when it never said one.
    pub name: Option<String>,
    /// When, by that machine's clock.
    #[ts(type = "string")]
    pub at: Timestamp,
}

/// A speaker that is called otherwise than in the files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct RenamedSpeaker {
    /// The name in the files.
    pub original: String,
    /// The name that is shown.
    pub name: String,
    /// Id of the profile that renamed it last.
    pub profile: String,
    /// That profile's name; none when it never said one.
    pub by: Option<String>,
    /// When, by that machine's clock.
    #[ts(type = "string")]
    pub at: Timestamp,
}

/// The last correction of something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Current {
    pub(super) of: Corrected,
    pub(super) value: String,
    pub(super) profile: String,
    pub(super) name: Option<String>,
    pub(super) at: Timestamp,
}

/// Applies what an entry of the log sets, if it is a correction. Whether it changes something.
pub(super) fn set(
    t: &Transaction<'_>,
    teamspace: &str,
    id: &RecordingId,
    (field, value): (&str, &Value),
    doer: &Doer,
) -> Result<bool, Error> {
    let Some(of) = Corrected::read(field) else { return Ok(false) };
    let value = match value {
        Value::Null => None,
        Value::String(text) => match plain(text, of.longest()) {
            Some(text) => Some(text),
            None => return Ok(false),
        },
        _ => return Ok(false),
    };
    if current(t, teamspace, id, field)? == value {
        return Ok(false);
    }
    t.prepare_cached(
        "INSERT INTO correction (teamspace, recording_id, field, n, position, profile, at, value)
         VALUES (?1, ?2, ?3, ?4,
             (SELECT count(*) FROM correction WHERE teamspace = ?1 AND recording_id = ?2 AND field = ?3 AND n = ?4),
             ?5, ?6, ?7)",
    )?
    .execute(params![
        teamspace,
        id.as_str(),
        field,
        doer.n as i64,
        doer.writer,
        to_text(doer.at),
        value
    ])?;
    corrected::show(t, teamspace, id, &of)?;
    Ok(true)
}

/// What a field was set to last; none where it was not, or is as in the file again.
pub(super) fn current(
    c: &Connection,
    teamspace: &str,
    id: &RecordingId,
    field: &str,
) -> Result<Option<String>, Error> {
    let mut statement = c.prepare_cached(
        "SELECT value FROM correction WHERE teamspace = ?1 AND recording_id = ?2 AND field = ?3
         ORDER BY n DESC, position DESC LIMIT 1",
    )?;
    let found = statement.query_row([teamspace, id.as_str(), field], |row| row.get(0)).optional()?;
    Ok(found.flatten())
}

/// All corrections that are in force: of which kind (`line/`, `speaker/`), or of any for an empty text.
pub(super) fn in_force(
    c: &Connection,
    teamspace: &str,
    id: &RecordingId,
    kind: &str,
) -> Result<Vec<Current>, Error> {
    let mut statement = c.prepare_cached(
        "SELECT field, value, profile, member.name, at
         FROM correction LEFT JOIN member USING (teamspace, profile)
         WHERE teamspace = ?1 AND recording_id = ?2 AND field >= ?3 AND field < ?3 || char(1114111)
         ORDER BY field, n, position",
    )?;
    let mut rows = statement.query([teamspace, id.as_str(), kind])?;
    let mut found: Vec<Current> = Vec::new();
    while let Some(row) = rows.next()? {
        let Some(of) = Corrected::read(row.get_ref(0)?.as_str().unwrap_or_default()) else { continue };
        found.pop_if(|before| before.of == of);
        if let Some(value) = row.get::<_, Option<String>>(1)? {
            found.push(Current {
                of,
                value,
                profile: row.get(2)?,
                name: row.get(3)?,
                at: from_text(row.get(4)?)?,
            });
        }
    }
    Ok(found)
}

/// Whether a recording has any.
pub(super) fn any(c: &Connection, teamspace: &str, id: &RecordingId) -> Result<bool, Error> {
    let sql = "SELECT EXISTS (SELECT 1 FROM correction WHERE teamspace = ?1 AND recording_id = ?2)";
    Ok(c.prepare_cached(sql)?.query_row([teamspace, id.as_str()], |row| row.get(0))?)
}

/// What was corrected when, with what was there before: a change of the history each, and its place in its entry.
pub(super) fn history(c: &Connection, teamspace: &str, id: &RecordingId) -> Result<Vec<HistoryEntry>, Error> {
    let mut statement = c.prepare_cached(
        "SELECT field, n, profile, member.name, at, value,
             lag(value) OVER (PARTITION BY field ORDER BY n, position)
         FROM correction LEFT JOIN member USING (teamspace, profile)
         WHERE teamspace = ?1 AND recording_id = ?2 ORDER BY n DESC, field DESC, position DESC",
    )?;
    let mut rows = statement.query([teamspace, id.as_str()])?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        let Some(of) = Corrected::read(row.get_ref(0)?.as_str().unwrap_or_default()) else { continue };
        let (kind, line, original) = match of {
            Corrected::Speaker(name) => (HistoryKind::Speaker, None, Some(name)),
            Corrected::Line { source, number } => {
                let found = corrected::line(c, teamspace, id, &source, number)?;
                let original = found.as_ref().map(|found| found.original.clone());
                (HistoryKind::Line, found.map(|found| found.place), original)
            }
        };
        let said = |value: Option<String>| value.or_else(|| original.clone()).into_iter().collect();
        entries.push(HistoryEntry {
            n: row.get::<_, i64>(1)?.unsigned_abs(),
            profile: row.get(2)?,
            name: row.get(3)?,
            at: from_text(row.get(4)?)?,
            kind,
            new: said(row.get(5)?),
            old: said(row.get(6)?),
            line,
        });
    }
    Ok(entries)
}
