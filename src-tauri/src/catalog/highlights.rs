//! Highlights: stretches of a recording that somebody marked, with a note and tags.
//!
//! In the log they are values of fields of their recording, `highlight/<uuid>`; a value that is null removes one. So what
//! holds for titles holds for them: the later number wins, and what was there before stays in the history. What another
//! version or a stranger wrote is cut to what people can use, or ignored.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

use super::marks::{self, Changed, Doer, HistoryKind};
use super::table;
use crate::database::{Error, to_text};
use crate::query::find_in;
use crate::recording::RecordingId;
use crate::teamspace::TagChange;

/// Characters of a note at most.
pub const LONGEST_NOTE: usize = 1_000;
/// Highlights of a recording at most.
pub const MOST_HIGHLIGHTS: usize = 1_000;
/// Where a highlight ends at most, in milliseconds: 30 days.
pub const LATEST: u64 = 30 * 24 * 3_600_000;

/// What the field of a highlight begins with.
const FIELD: &str = "highlight/";

/// What is said of a highlight in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HighlightChange {
    id: String,
    /// None: it is removed.
    value: Option<Said>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Said {
    from: u64,
    to: u64,
    note: String,
    tags: Vec<String>,
}

/// A stretch of a recording that somebody marked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Highlight {
    /// Its id, a UUID.
    pub id: String,
    /// Id of the teamspace.
    pub teamspace: String,
    /// The recording.
    pub recording_id: RecordingId,
    /// Where it begins: milliseconds on the recording's timeline, which counts all its parts one after the other.
    #[ts(type = "number")]
    pub from: u64,
    /// Where it ends.
    #[ts(type = "number")]
    pub to: u64,
    /// What somebody wrote about it; may be empty, may have several lines.
    pub note: String,
    /// Its tags.
    pub tags: Vec<String>,
    /// Id of the profile that made it.
    pub profile: String,
    /// Its name; none when it never said one.
    pub name: Option<String>,
    /// When it was made, by that machine's clock.
    #[ts(type = "string")]
    pub at: Timestamp,
}

/// A highlight in a list of many recordings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedHighlight {
    /// The highlight.
    pub highlight: Highlight,
    /// Title of its recording.
    pub title: String,
    /// When the recording began.
    pub start: Timestamp,
}

/// Which highlights are looked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WantedHighlights {
    /// Only of this teamspace: its id.
    pub teamspace: Option<String>,
    /// Only of this recording.
    pub recording_id: Option<RecordingId>,
    /// Only with this tag, whatever its case.
    pub tag: Option<String>,
    /// All of these words stand in its note, its tags, the title of its recording or the name of who made it.
    pub words: String,
    /// So many are left out at the beginning.
    pub skip: usize,
    /// So many at most.
    pub limit: usize,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HighlightList {
    /// Those that were asked for.
    pub found: Vec<ListedHighlight>,
    /// How many there are in all that fit.
    pub total: usize,
    /// Tags of all highlights of the teamspace, the recording, or of all, by their letters.
    pub tags: Vec<String>,
}

/// What setting this field means; none where it is no highlight, or one that makes no sense.
pub(super) fn read(field: &str, value: &Value) -> Option<HighlightChange> {
    let id = uuid::Uuid::try_parse(field.strip_prefix(FIELD)?).ok()?.to_string();
    if value.is_null() {
        return Some(HighlightChange { id, value: None });
    }
    let number = |name: &str| value.get(name).and_then(Value::as_u64);
    let (from, to) = (number("from")?, number("to")?);
    if from >= to || to > LATEST {
        return None;
    }
    let note = value.get("note").and_then(Value::as_str).map(note_of).unwrap_or_default();
    let tags = value.get("tags").and_then(Value::as_array).into_iter().flatten();
    let add = tags.filter_map(Value::as_str).map(str::to_owned).collect();
    let tags = marks::changed_tags(&[], &TagChange { add, remove: Vec::new() });
    Some(HighlightChange { id, value: Some(Said { from, to, note, tags }) })
}

/// A note as it can be shown: its lines, without other control characters, and not longer than anybody reads.
fn note_of(note: &str) -> String {
    let note: String = note.chars().filter(|c| !c.is_control() || *c == '\n').take(LONGEST_NOTE).collect();
    note.trim().to_owned()
}

/// Makes, changes or removes a highlight, and says what changed.
pub(super) fn put(
    t: &Transaction<'_>,
    teamspace: &str,
    id: &RecordingId,
    change: &HighlightChange,
    doer: &Doer,
) -> Result<Option<Changed>, Error> {
    let known = known(t, teamspace, id, &change.id)?;
    let made = known.is_some();
    let shown = known.and_then(|(said, removed)| (!removed).then_some(said));
    if shown == change.value {
        return Ok(None);
    }
    match &change.value {
        None => {
            t.execute(
                "UPDATE highlight SET removed = 1 WHERE teamspace = ?1 AND recording_id = ?2 AND id = ?3",
                [teamspace, id.as_str(), &change.id],
            )?;
        }
        Some(said) => {
            if shown.is_none() && count(t, teamspace, id)? >= MOST_HIGHLIGHTS {
                return Ok(None);
            }
            if made {
                t.execute(
                    "UPDATE highlight SET from_ms = ?4, to_ms = ?5, note = ?6, tags = ?7, removed = 0
                     WHERE teamspace = ?1 AND recording_id = ?2 AND id = ?3",
                    params![
                        teamspace,
                        id.as_str(),
                        change.id,
                        said.from as i64,
                        said.to as i64,
                        said.note,
                        serde_json::to_string(&said.tags)?
                    ],
                )?;
            } else {
                t.execute(
                    "INSERT INTO highlight VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0)",
                    params![
                        teamspace,
                        id.as_str(),
                        change.id,
                        said.from as i64,
                        said.to as i64,
                        said.note,
                        serde_json::to_string(&said.tags)?,
                        doer.writer,
                        to_text(doer.at)
                    ],
                )?;
            }
        }
    }
    let words = |said: Option<Said>| said.map(Said::words).unwrap_or_default();
    Ok(Some((HistoryKind::Highlight, words(shown), words(change.value.clone()))))
}

impl Said {
    /// As the history keeps it.
    fn words(self) -> Vec<String> {
        let mut words = vec![self.from.to_string(), self.to.to_string(), self.note];
        words.extend(self.tags);
        words
    }
}

/// What is known of a highlight, and whether it was removed.
fn known(
    c: &Connection,
    teamspace: &str,
    id: &RecordingId,
    highlight: &str,
) -> Result<Option<(Said, bool)>, Error> {
    let sql = "SELECT from_ms, to_ms, note, tags, removed FROM highlight
        WHERE teamspace = ?1 AND recording_id = ?2 AND id = ?3";
    let found = c
        .query_row(sql, [teamspace, id.as_str(), highlight], |row| {
            Ok((
                row.get::<_, i64>(0)?.unsigned_abs(),
                row.get::<_, i64>(1)?.unsigned_abs(),
                row.get(2)?,
                row.get::<_, String>(3)?,
                row.get(4)?,
            ))
        })
        .optional()?;
    let Some((from, to, note, tags, removed)) = found else { return Ok(None) };
    Ok(Some((Said { from, to, note, tags: serde_json::from_str(&tags)? }, removed)))
}

fn count(c: &Connection, teamspace: &str, id: &RecordingId) -> Result<usize, Error> {
    let sql = "SELECT count(*) FROM highlight WHERE teamspace = ?1 AND recording_id = ?2 AND removed = 0";
    let count: i64 = c.query_row(sql, [teamspace, id.as_str()], |row| row.get(0))?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

/// Highlights with the names of who made them. A recording in the trash has no row, and so none of its highlights is here.
const HIGHLIGHTS: &str = "SELECT highlight.*, member.name, recording.title, recording.start
    FROM highlight JOIN recording USING (teamspace, recording_id)
    LEFT JOIN member ON member.teamspace = highlight.teamspace AND member.profile = made_by
    WHERE removed = 0";

fn listed(row: &Row<'_>) -> Result<ListedHighlight, Error> {
    Ok(ListedHighlight {
        highlight: highlight(row)?,
        title: row.get("title")?,
        start: table::from_text(row.get("start")?)?,
    })
}

fn highlight(row: &Row<'_>) -> Result<Highlight, Error> {
    Ok(Highlight {
        id: row.get("id")?,
        teamspace: row.get("teamspace")?,
        recording_id: table::from_text(row.get("recording_id")?)?,
        from: row.get::<_, i64>("from_ms")?.unsigned_abs(),
        to: row.get::<_, i64>("to_ms")?.unsigned_abs(),
        note: row.get("note")?,
        tags: serde_json::from_str(&row.get::<_, String>("tags")?)?,
        profile: row.get("made_by")?,
        name: row.get("name")?,
        at: table::from_text(row.get("made_at")?)?,
    })
}

/// The highlights of a recording that is listed, in the order of its timeline.
pub(super) fn of_recording(
    c: &Connection,
    teamspace: &str,
    id: &RecordingId,
) -> Result<Vec<Highlight>, Error> {
    let sql = format!(
        "{HIGHLIGHTS} AND highlight.teamspace = ?1 AND highlight.recording_id = ?2 ORDER BY from_ms, to_ms, highlight.id"
    );
    let mut statement = c.prepare_cached(&sql)?;
    let mut rows = statement.query([teamspace, id.as_str()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(highlight(row)?);
    }
    Ok(found)
}

/// Highlights of all recordings that are listed, the newest first.
pub(super) fn find(c: &Connection, wanted: &WantedHighlights) -> Result<HighlightList, Error> {
    let sql = format!(
        "{HIGHLIGHTS} AND (?1 IS NULL OR highlight.teamspace = ?1) AND (?2 IS NULL OR highlight.recording_id = ?2)
         ORDER BY made_at DESC, highlight.id DESC"
    );
    let mut statement = c.prepare_cached(&sql)?;
    let recording = wanted.recording_id.as_ref().map(RecordingId::as_str);
    let mut rows = statement.query(params![wanted.teamspace, recording])?;
    let tag = wanted.tag.as_ref().map(|tag| tag.to_lowercase());
    let words: Vec<&str> = wanted.words.split_whitespace().collect();
    let mut list = HighlightList::default();
    while let Some(row) = rows.next()? {
        let one = listed(row)?;
        for tag in &one.highlight.tags {
            if !list.tags.iter().any(|other| other.to_lowercase() == tag.to_lowercase()) {
                list.tags.push(tag.clone());
            }
        }
        let tagged = |tag: &String| one.highlight.tags.iter().any(|other| other.to_lowercase() == *tag);
        if !tag.as_ref().is_none_or(tagged) || !words.iter().all(|word| holds(&one, word)) {
            continue;
        }
        list.total += 1;
        if list.total > wanted.skip && list.found.len() < wanted.limit {
            list.found.push(one);
        }
    }
    list.tags.sort_by_key(|tag| tag.to_lowercase());
    Ok(list)
}

fn holds(one: &ListedHighlight, word: &str) -> bool {
    let Highlight { note, tags, name, .. } = &one.highlight;
    let texts = [note, &one.title].into_iter().chain(tags).chain(name);
    texts.into_iter().any(|text| !find_in(text, word, (false, false)).is_empty())
}

pub(super) fn whereabouts(c: &Connection, highlight: &str) -> Result<Option<(String, RecordingId)>, Error> {
    let sql = "SELECT teamspace, recording_id FROM highlight WHERE id = ?1
        ORDER BY EXISTS (SELECT 1 FROM recording
            WHERE recording.teamspace = highlight.teamspace AND recording.recording_id = highlight.recording_id) DESC";
    let found: Option<(String, String)> =
        c.query_row(sql, [highlight], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let Some((teamspace, id)) = found else { return Ok(None) };
    Ok(Some((teamspace, table::from_text(id)?)))
}

/// What a highlight was when it was removed.
pub(super) fn removed(
    c: &Connection,
    teamspace: &str,
    id: &RecordingId,
    one: &str,
) -> Result<Option<Highlight>, Error> {
    let sql = "SELECT highlight.*, member.name FROM highlight
        LEFT JOIN member ON member.teamspace = highlight.teamspace AND member.profile = made_by
        WHERE highlight.teamspace = ?1 AND recording_id = ?2 AND id = ?3 AND removed = 1";
    let mut statement = c.prepare_cached(sql)?;
    let mut rows = statement.query([teamspace, id.as_str(), one])?;
    rows.next()?.map(highlight).transpose()
}
