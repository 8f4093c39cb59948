//! Searching: titles, people and tags by any three letters, what was said and written by words.
//!
//! All words must stand in one title with its people and tags, or within about ten lines of each other; there, one of
//! them may be the speaker's name. Titles, people and tags come first, then moments. The best come first when they can
//! be told within a few milliseconds, else the newest: ranking looks at every match, and a word that is everywhere has
//! hundreds of thousands. The newest, too, are looked for only so long: then `more` says that there may be more.

mod matching;
mod moments;
mod named;
mod scope;
mod snippet;
mod terms;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rusqlite::{Connection, Row};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Catalog, Error};
use crate::database;
use crate::query::{Query, QueryPart, What};
use crate::recording::RecordingId;
pub use matching::PersonCount;
use scope::Scope;
use terms::Terms;

/// How long ranking may take.
const DEADLINE: Duration = Duration::from_millis(6);
/// How long looking for the newest may take.
const PATIENCE: Duration = Duration::from_millis(40);

/// How long it may take to find out what would help.
const HELP: Duration = Duration::from_millis(100);

/// A search.
#[derive(Debug, Clone, PartialEq)]
pub struct Search {
    /// What is searched for.
    pub query: Query,
    /// Only in this teamspace: its id.
    pub teamspace: Option<String>,
    /// Hits that are left out at the beginning: those that an earlier call returned.
    pub skip: usize,
    /// Hits at most.
    pub limit: usize,
}

/// What a query may mean beside its words.
#[derive(Debug, Clone)]
pub struct Around {
    /// Now, for days such as `7d`.
    pub now: Timestamp,
    /// Where days begin.
    pub zone: TimeZone,
    /// Ids and names of the teamspaces, for `in:`.
    pub teamspaces: Vec<(String, String)>,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Hits {
    /// The hits: titles, people and tags first, then moments.
    pub hits: Vec<Hit>,
    /// Whether there may be more than these.
    pub more: bool,
    /// The query as it was understood.
    pub query: Vec<QueryPart>,
    /// What would help; only where nothing was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub nothing: Option<NothingFound>,
}

/// What would help where nothing was found.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct NothingFound {
    /// Words and phrases that stand nowhere, in no teamspace, as they are written in the query.
    pub unknown: Vec<String>,
    /// Parts of the query without any one of which something is found.
    pub too_much: Vec<String>,
    /// Whether the same is found in other teamspaces.
    pub elsewhere: bool,
    /// Recordings whose transcripts are not on this computer, where was searched.
    #[ts(type = "number")]
    pub unread: u64,
}

/// One place where the words were found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Hit {
    /// The recording.
    pub recording_id: RecordingId,
    /// The teamspace that holds it.
    pub teamspace: String,
    /// Its title.
    pub title: String,
    /// When it began.
    #[ts(type = "string")]
    pub start: Timestamp,
    /// How long it is, in seconds.
    #[ts(type = "number")]
    pub duration: u64,
    /// Where in it the words were found.
    pub kind: HitKind,
    /// Which continuous stretch of the meeting, from 0.
    pub segment: u32,
    /// The moment, in seconds from the start of the segment; none for a title, person or tag.
    pub at: Option<f64>,
    /// Who says or writes it; none for a title, person or tag, and where nobody is named.
    pub speaker: Option<String>,
    /// The words with some of what stands around them: plain text, never markup.
    pub snippet: String,
    /// Where in the snippet the words stand: from, and the first behind, counted in characters (Unicode scalar values).
    pub marks: Vec<(u32, u32)>,
}

/// Where in a recording words were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum HitKind {
    /// In its title; or the recording as a whole, where only its properties were asked for.
    Title,
    /// In the name of its host.
    Host,
    /// In the name of who imported it, or of somebody who speaks in it.
    Person,
    /// In one of its tags.
    Tag,
    /// In what was said.
    Transcript,
    /// In the meeting chat.
    Chat,
}

impl Catalog {
    /// Searches all teamspaces, or one.
    pub fn find(&self, search: &Search, around: &Around) -> Result<Hits, Error> {
        self.find_within(search, around, DEADLINE)
    }

    pub(super) fn find_within(
        &self,
        search: &Search,
        around: &Around,
        deadline: Duration,
    ) -> Result<Hits, Error> {
        self.read(|c| {
            let (hits, more) = find(c, search, around, deadline)?;
            let nothing = match hits.is_empty() && search.skip == 0 && !search.query.is_empty() {
                true => Some(nothing_found(c, search, around)?),
                false => None,
            };
            Ok(Hits { hits, more, query: search.query.shown(), nothing })
        })
    }
}

fn find(
    c: &Connection,
    search: &Search,
    around: &Around,
    deadline: Duration,
) -> Result<(Vec<Hit>, bool), database::Error> {
    if search.query.is_empty() {
        return Ok((Vec::new(), false));
    }
    let terms = Terms::of(&search.query);
    let scope = Scope::of(c, search, around)?;
    let last = search.skip.saturating_add(search.limit);
    let wanted = last.saturating_add(1);
    let (mut hits, mut stopped) = named::find(c, &terms, &scope, wanted)?;
    let room = wanted.saturating_sub(hits.len());
    if room > 0 {
        let (moments, early) = moments::find(c, &terms, &scope, room, deadline)?;
        hits.extend(moments);
        stopped |= early;
    }
    let more = hits.len() > last || stopped;
    hits.truncate(last);
    hits.drain(..search.skip.min(hits.len()));
    Ok((hits, more))
}

/// What would help: each part is tried alone, and left out.
fn nothing_found(c: &Connection, search: &Search, around: &Around) -> Result<NothingFound, database::Error> {
    let begun = Instant::now();
    let any = |query: Query, teamspace: Option<&String>| {
        if begun.elapsed() > HELP {
            return Ok(false);
        }
        let search = Search { query, teamspace: teamspace.cloned(), skip: 0, limit: 1 };
        Ok::<_, database::Error>(!find(c, &search, around, Duration::ZERO)?.0.is_empty())
    };
    let mut help = NothingFound::default();
    let parts = &search.query.parts;
    for (place, part) in parts.iter().enumerate() {
        if matches!(part.what, What::Words(_)) && !part.without {
            let alone = Query { parts: vec![part.clone()] };
            if !any(alone, None)? && begun.elapsed() <= HELP {
                help.unknown.push(part.to_string());
            }
        }
        if parts.len() > 1 && any(search.query.without_part(place), search.teamspace.as_ref())? {
            help.too_much.push(part.to_string());
        }
    }
    help.elsewhere = search.teamspace.is_some() && any(search.query.clone(), None)?;
    // As the index of those to be read says it, so that it is counted there.
    let sql =
        "SELECT count(*) FROM recording WHERE state <> 1 AND state = 0 AND (?1 IS NULL OR teamspace = ?1)";
    let unread: i64 = c.prepare_cached(sql)?.query_row([&search.teamspace], |row| row.get(0))?;
    help.unread = unread.unsigned_abs();
    Ok(help)
}

/// Whether SQLite was stopped because it took too long.
fn interrupted(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(rusqlite::ErrorCode::OperationInterrupted)
}

/// How long SQLite may work.
struct Limit(Arc<AtomicBool>);

impl Limit {
    /// From now on it may take its time.
    fn lift(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Works with SQLite until it is done, or for so long.
fn for_at_most<T>(
    c: &Connection,
    time: Duration,
    work: impl FnOnce(&Limit) -> Result<T, database::Error>,
) -> Result<T, database::Error> {
    let begun = Instant::now();
    let limit = Limit(Arc::default());
    let lifted = limit.0.clone();
    c.progress_handler(1_000, Some(move || !lifted.load(Ordering::Relaxed) && begun.elapsed() >= time))?;
    let done = work(&limit);
    c.progress_handler(0, None::<fn() -> bool>)?;
    done
}

/// The columns of a recording that a hit shows, as [`Found`] reads them.
const SHOWN: &str =
    "r.recording_id, r.teamspace, r.title, r.start, r.duration, coalesce(r.host, ''), r.people, r.tags";

/// A recording in which something was found.
struct Found {
    recording_id: RecordingId,
    teamspace: String,
    title: String,
    start: Timestamp,
    duration: u64,
    host: String,
    /// Importer and speakers, one per line.
    people: String,
    /// One per line.
    tags: String,
}

impl Found {
    /// From a row whose columns from `first` on are [`SHOWN`].
    fn read(row: &Row<'_>, first: usize) -> Result<Self, database::Error> {
        let text = |n: usize| row.get::<_, String>(first + n);
        Ok(Self {
            recording_id: super::table::from_text(text(0)?)?,
            teamspace: text(1)?,
            title: text(2)?,
            start: super::table::from_text(text(3)?)?,
            duration: row.get::<_, i64>(first + 4)?.unsigned_abs(),
            host: text(5)?,
            people: text(6)?,
            tags: text(7)?,
        })
    }

    /// All that names it, in the order in which it is shown.
    fn names(&self) -> [(HitKind, &str); 4] {
        [
            (HitKind::Title, self.title.as_str()),
            (HitKind::Host, self.host.as_str()),
            (HitKind::Person, self.people.as_str()),
            (HitKind::Tag, self.tags.as_str()),
        ]
    }

    fn hit(self, kind: HitKind, snippet: snippet::Marked) -> Hit {
        let place = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Hit {
            recording_id: self.recording_id,
            teamspace: self.teamspace,
            title: self.title,
            start: self.start,
            duration: self.duration,
            kind,
            segment: 0,
            at: None,
            speaker: None,
            snippet: snippet.text,
            marks: snippet.marks.into_iter().map(|(from, to)| (place(from), place(to))).collect(),
        }
    }
}
