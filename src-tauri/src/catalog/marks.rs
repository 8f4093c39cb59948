//! What people make of recordings (titles, tags, the trash), and who they are: applied in the order of the log,
//! so that every machine comes to the same.
//!
//! # Why the place decides
//!
//! Two people act at once and do not see each other. What makes no sense where it stands in the log does not
//! count: a recording is deleted for good only out of the trash, and what is gone is not restored. No clock is
//! asked: whoever writes `delete` has looked at the days.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::corrected::LinePlace;
use super::highlights::{self, HighlightChange};
use super::{table, told};
use crate::database::{Error, to_text};
use crate::recording::{Recording, RecordingId};
use crate::teamspace::{Member, TagChange};

/// Characters of a title at most; also of one that a newer or hostile version wrote.
pub const LONGEST_TITLE: usize = 300;
/// Characters of a tag at most.
pub const LONGEST_TAG: usize = 40;
/// Tags of a recording at most.
pub const MOST_TAGS: usize = 30;

/// Where a recording is, for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// It is listed.
    Library,
    /// It can be restored.
    Trash,
    /// Its files are deleted for good.
    Gone,
}

impl Place {
    fn name(self) -> &'static str {
        match self {
            Self::Library => "library",
            Self::Trash => "trash",
            Self::Gone => "gone",
        }
    }
}

/// Something that a person did to a recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Act {
    Title(String),
    Tags(TagChange),
    /// The whole list at once.
    AllTags(Vec<String>),
    Highlight(HighlightChange),
    Move(Place),
}

/// Who did it, and what the entry of the log says about that.
#[derive(Debug)]
pub(super) struct Doer {
    /// Number of the entry.
    pub(super) n: u64,
    /// Id of the profile.
    pub(super) writer: String,
    /// When, by that machine's clock.
    pub(super) at: Timestamp,
}

/// One change in the history of a recording.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct HistoryEntry {
    /// The entry of the log that holds it.
    #[ts(type = "number")]
    pub n: u64,
    /// Id of the profile that did it.
    pub profile: String,
    /// Its name; none when it never said one.
    pub name: Option<String>,
    /// When, by that machine's clock.
    #[ts(type = "string")]
    pub at: Timestamp,
    /// What was done.
    pub kind: HistoryKind,
    /// What was there before: the title, or the tags; of a highlight its begin and its end in milliseconds, its note and
    /// its tags. Empty for the trash, and where there was nothing.
    pub old: Vec<String>,
    /// What is there since.
    pub new: Vec<String>,
    /// Which line it is about, where its transcript is here; else none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub line: Option<LinePlace>,
}

/// What was done to a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum HistoryKind {
    /// It got another title.
    Title,
    /// It got other tags.
    Tags,
    /// It was moved to the trash.
    Trash,
    /// It was taken out of the trash.
    Restore,
    /// Its files were deleted for good.
    Delete,
    /// A line of its transcript was corrected; empty where what the file says is not here.
    Line,
    /// Somebody in it was renamed.
    Speaker,
    /// A highlight of it was made, changed or removed.
    Highlight,
}

/// A recording in the trash.
#[derive(Debug, Clone, PartialEq)]
pub struct Trashed {
    /// The recording as it was.
    pub recording: Recording,
    /// Id of the profile that moved it there.
    pub profile: String,
    /// Its name; none when it never said one.
    pub name: Option<String>,
    /// When, by that machine's clock.
    pub at: Timestamp,
}

/// What is known of a recording besides what its manifest says.
struct Mark {
    place: Place,
    title: Option<String>,
    tags: Vec<String>,
}

fn mark(c: &Connection, teamspace: &str, id: &RecordingId) -> Result<Mark, Error> {
    let sql = "SELECT place, title, tags FROM mark WHERE teamspace = ?1 AND recording_id = ?2";
    let found = c
        .query_row(sql, [teamspace, id.as_str()], |row| {
            Ok((row.get::<_, String>(0)?, row.get(1)?, row.get::<_, String>(2)?))
        })
        .optional()?;
    let Some((place, title, tags)) = found else {
        return Ok(Mark { place: Place::Library, title: None, tags: Vec::new() });
    };
    let place = match place.as_str() {
        "trash" => Place::Trash,
        "gone" => Place::Gone,
        _ => Place::Library,
    };
    Ok(Mark { place, title, tags: serde_json::from_str(&tags)? })
}

/// Where a recording is.
pub(super) fn place(c: &Connection, teamspace: &str, id: &RecordingId) -> Result<Place, Error> {
    Ok(mark(c, teamspace, id)?.place)
}

/// Teamspaces that have a recording in the trash, or deleted it for good.
pub(super) fn out_of_sight_in(c: &Connection, id: &RecordingId) -> Result<Vec<String>, Error> {
    let sql = "SELECT teamspace FROM mark WHERE recording_id = ?1 AND place <> 'library' ORDER BY 1";
    let mut statement = c.prepare_cached(sql)?;
    let rows = statement.query_map([id.as_str()], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Recordings whose files are deleted for good.
pub(super) fn gone(c: &Connection, teamspace: &str) -> Result<Vec<RecordingId>, Error> {
    let mut statement = c.prepare("SELECT recording_id FROM mark WHERE teamspace = ?1 AND place = 'gone'")?;
    let rows = statement.query_map([teamspace], |row| row.get::<_, String>(0))?;
    let ids = rows.collect::<Result<Vec<_>, _>>()?;
    Ok(ids.into_iter().filter_map(|id| id.parse().ok()).collect())
}

/// Keeps what a recording that is out of sight looks like.
pub(super) fn keep(t: &Transaction<'_>, recording: &Recording) -> Result<(), Error> {
    let (teamspace, id) = (&recording.teamspace, &recording.recording_id);
    let mark = mark(t, teamspace, id)?;
    let mut was = recording.clone();
    if let Some(title) = mark.title {
        was.title = title;
    }
    t.execute(
        "UPDATE mark SET was = ?3 WHERE teamspace = ?1 AND recording_id = ?2",
        params![teamspace, id.as_str(), serde_json::to_string(&was)?],
    )?;
    Ok(())
}

/// The same, of what only the log says, unless more is known.
pub(super) fn keep_if_unknown(t: &Transaction<'_>, recording: &Recording) -> Result<(), Error> {
    let sql = "SELECT was IS NULL FROM mark WHERE teamspace = ?1 AND recording_id = ?2";
    let key = [&recording.teamspace, recording.recording_id.as_str()];
    let unknown = t.query_row(sql, key, |row| row.get(0)).optional()?.unwrap_or(false);
    if unknown { keep(t, recording) } else { Ok(()) }
}

/// Notes which manifest the log names of a recording that is out of sight.
pub(super) fn name(
    t: &Transaction<'_>,
    teamspace: &str,
    id: &RecordingId,
    manifest: &str,
) -> Result<(), Error> {
    t.execute(
        "UPDATE mark SET named = ?3 WHERE teamspace = ?1 AND recording_id = ?2",
        [teamspace, id.as_str(), manifest],
    )?;
    Ok(())
}

/// What changed: of which kind, from what, to what.
pub(super) type Changed = (HistoryKind, Vec<String>, Vec<String>);

/// Applies what a person did, and notes it in the history where it changed something.
pub(super) fn act(
    t: &Transaction<'_>,
    teamspace: &str,
    id: &RecordingId,
    act: &Act,
    doer: &Doer,
) -> Result<(), Error> {
    let before = mark(t, teamspace, id)?;
    t.execute(
        "INSERT INTO mark (teamspace, recording_id) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        [teamspace, id.as_str()],
    )?;
    let changed = match act {
        Act::Title(title) => retitle(t, teamspace, id, before.title, title)?,
        Act::Tags(change) => {
            let tags = changed_tags(&before.tags, change);
            retag(t, teamspace, id, before.tags, tags)?
        }
        Act::AllTags(all) => {
            let all = TagChange { add: all.clone(), remove: Vec::new() };
            retag(t, teamspace, id, before.tags, changed_tags(&[], &all))?
        }
        Act::Highlight(change) => highlights::put(t, teamspace, id, change, doer)?,
        Act::Move(to) => {
            let kind = match (before.place, to) {
                (Place::Library, Place::Trash) => HistoryKind::Trash,
                (Place::Trash, Place::Library) => HistoryKind::Restore,
                (Place::Trash, Place::Gone) => HistoryKind::Delete,
                _ => return Ok(()),
            };
            move_to(t, teamspace, id, *to, doer)?;
            Some((kind, Vec::new(), Vec::new()))
        }
    };
    let Some((kind, old, new)) = changed else { return Ok(()) };
    t.execute(
        "INSERT INTO history VALUES (?1, ?2, ?3,
             (SELECT count(*) FROM history WHERE teamspace = ?1 AND recording_id = ?2 AND n = ?3),
             ?4, ?5, ?6, ?7, ?8)",
        params![
            teamspace,
            id.as_str(),
            doer.n as i64,
            doer.writer,
            to_text(doer.at),
            table::name_of(&kind)?,
            serde_json::to_string(&old)?,
            serde_json::to_string(&new)?
        ],
    )?;
    Ok(())
}

fn retitle(
    t: &Transaction<'_>,
    teamspace: &str,
    id: &RecordingId,
    before: Option<String>,
    title: &str,
) -> Result<Option<Changed>, Error> {
    let Some(title) = plain(title, LONGEST_TITLE) else { return Ok(None) };
    let shown = match before {
        Some(title) => Some(title),
        None => title_of(t, teamspace, id)?,
    };
    if shown.as_ref() == Some(&title) {
        return Ok(None);
    }
    for sql in [
        "UPDATE mark SET title = ?3, was = json_set(was, '$.title', ?3)
         WHERE teamspace = ?1 AND recording_id = ?2",
        "UPDATE recording SET title = ?3 WHERE teamspace = ?1 AND recording_id = ?2",
    ] {
        t.execute(sql, [teamspace, id.as_str(), &title])?;
    }
    Ok(Some((HistoryKind::Title, shown.into_iter().collect(), vec![title])))
}

fn retag(
    t: &Transaction<'_>,
    teamspace: &str,
    id: &RecordingId,
    before: Vec<String>,
    tags: Vec<String>,
) -> Result<Option<Changed>, Error> {
    if tags == before {
        return Ok(None);
    }
    t.execute(
        "UPDATE mark SET tags = ?3 WHERE teamspace = ?1 AND recording_id = ?2",
        params![teamspace, id.as_str(), serde_json::to_string(&tags)?],
    )?;
    // One per line: no tag holds a line feed.
    t.execute(
        "UPDATE recording SET tags = ?3 WHERE teamspace = ?1 AND recording_id = ?2",
        [teamspace, id.as_str(), &tags.join("\n")],
    )?;
    Ok(Some((HistoryKind::Tags, before, tags)))
}

/// The title that is shown, in the library or the trash.
fn title_of(c: &Connection, teamspace: &str, id: &RecordingId) -> Result<Option<String>, Error> {
    let sql = "SELECT title FROM recording WHERE teamspace = ?1 AND recording_id = ?2
        UNION ALL SELECT json_extract(was, '$.title') FROM mark
            WHERE teamspace = ?1 AND recording_id = ?2 AND was IS NOT NULL";
    Ok(c.query_row(sql, [teamspace, id.as_str()], |row| row.get(0)).optional()?)
}

fn move_to(
    t: &Transaction<'_>,
    teamspace: &str,
    id: &RecordingId,
    to: Place,
    doer: &Doer,
) -> Result<(), Error> {
    let shown = table::recording(t, teamspace, id)?;
    let (by, at) = match to {
        Place::Library => (None, None),
        Place::Trash | Place::Gone => (Some(&doer.writer), Some(to_text(doer.at))),
    };
    // What comes back is read again.
    t.execute(
        "UPDATE mark SET place = ?3, place_by = ?4, place_at = ?5, was = NULL, reload = ?3 = 'library'
         WHERE teamspace = ?1 AND recording_id = ?2",
        params![teamspace, id.as_str(), to.name(), by, at],
    )?;
    if to == Place::Trash
        && let Some(recording) = &shown
    {
        keep(t, recording)?;
    }
    told::set_aside(t, teamspace, id)?;
    table::set_problems(t, teamspace, Some(id), &[])
}

/// Tags after a change: each once, whatever its case; plain text, bounded.
pub(super) fn changed_tags(before: &[String], change: &TagChange) -> Vec<String> {
    let same = |a: &str, b: &str| a.to_lowercase() == b.to_lowercase();
    let gone = |tag: &str| change.remove.iter().any(|other| same(tag, other.trim()));
    let mut tags: Vec<String> = before.iter().filter(|tag| !gone(tag)).cloned().collect();
    for tag in change.add.iter().filter_map(|tag| plain(tag, LONGEST_TAG)) {
        if tags.len() < MOST_TAGS && !tags.iter().any(|other| same(other, &tag)) {
            tags.push(tag);
        }
    }
    tags
}

/// Text that somebody else wrote: without control characters, and bounded. None when nothing is left.
pub(super) fn plain(text: &str, longest: usize) -> Option<String> {
    let text: String = text.chars().filter(|c| !c.is_control()).take(longest).collect();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// What was changed about a recording, newest first.
pub(super) fn history(c: &Connection, teamspace: &str, id: &RecordingId) -> Result<Vec<HistoryEntry>, Error> {
    let mut statement = c.prepare_cached(
        "SELECT n, profile, member.name, at, kind, old, new
         FROM history LEFT JOIN member USING (teamspace, profile)
         WHERE teamspace = ?1 AND recording_id = ?2 ORDER BY n DESC, position DESC",
    )?;
    let mut rows = statement.query([teamspace, id.as_str()])?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        entries.push(HistoryEntry {
            n: row.get::<_, i64>(0)?.unsigned_abs(),
            profile: row.get(1)?,
            name: row.get(2)?,
            at: table::from_text(row.get(3)?)?,
            kind: table::from_text(row.get(4)?)?,
            old: serde_json::from_str(&row.get::<_, String>(5)?)?,
            new: serde_json::from_str(&row.get::<_, String>(6)?)?,
            line: None,
        });
    }
    Ok(entries)
}

/// What is in the trash, what came there last first.
pub(super) fn trash(c: &Connection, teamspace: &str) -> Result<Vec<Trashed>, Error> {
    let mut statement = c.prepare_cached(
        "SELECT was, tags, place_by, member.name, place_at
         FROM mark LEFT JOIN member ON member.teamspace = mark.teamspace AND profile = place_by
         WHERE mark.teamspace = ?1 AND place = 'trash' AND was IS NOT NULL ORDER BY place_at DESC, recording_id",
    )?;
    let mut rows = statement.query([teamspace])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let mut recording: Recording = serde_json::from_str(&row.get::<_, String>(0)?)?;
        recording.tags = serde_json::from_str(&row.get::<_, String>(1)?)?;
        found.push(Trashed {
            recording,
            profile: row.get(2)?,
            name: row.get(3)?,
            at: table::from_text(row.get(4)?)?,
        });
    }
    Ok(found)
}

/// Notes who a member is.
pub(super) fn meet(t: &Transaction<'_>, teamspace: &str, member: &Member) -> Result<(), Error> {
    t.execute(
        "INSERT OR REPLACE INTO member VALUES (?1, ?2, ?3, ?4)",
        params![teamspace, member.profile, member.name, member.photo],
    )?;
    Ok(())
}

/// The members of a teamspace, by name.
pub(super) fn members(c: &Connection, teamspace: &str) -> Result<Vec<Member>, Error> {
    let sql = "SELECT profile, name, photo FROM member WHERE teamspace = ?1 ORDER BY lower(name), profile";
    let mut statement = c.prepare_cached(sql)?;
    let rows = statement.query_map([teamspace], |row| {
        Ok(Member { profile: row.get(0)?, name: row.get(1)?, photo: row.get(2)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
