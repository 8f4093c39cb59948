//! Searching: titles, people and tags by any three letters, what was said and written by words.
//!
//! All words must stand in one title with its people and tags, or within about ten lines of each other. The best come first when they
//! can be told within a few milliseconds, else the newest: ranking looks at every match, and a word that is
//! everywhere has hundreds of thousands.

use std::time::{Duration, Instant};

use rusqlite::{Connection, Statement, params};

use super::passage;
use super::{Catalog, Error, Hit, HitKind, Hits};
use crate::database;
use crate::recording::RecordingId;

/// How long ranking may take.
const DEADLINE: Duration = Duration::from_millis(8);

/// Letters of a snippet, about.
const SNIPPET: usize = 160;

/// Words that are looked at; nobody types more.
const MAX_WORDS: usize = 16;

const MARK: char = '\u{2}';
const MARK_ENDS: char = '\u{3}';

impl Catalog {
    /// Finds words, in all teamspaces or in one: at most `limit` titles, people and tags, then moments.
    pub fn search(&self, words: &str, teamspace: Option<&str>, limit: usize) -> Result<Hits, Error> {
        self.search_within(words, teamspace, limit, DEADLINE)
    }

    /// The same, only in recordings that have a tag, whatever its case.
    pub fn search_tagged(
        &self,
        words: &str,
        tag: &str,
        teamspace: Option<&str>,
        limit: usize,
    ) -> Result<Hits, Error> {
        let tagged = self.read(|c| tagged(c, tag, teamspace))?;
        let Some(query) = Query::parse(words) else { return Ok(Hits { hits: Vec::new(), more: false }) };
        self.read(|c| find(c, &Asked { query: &query, teamspace, tagged: Some(&tagged) }, limit, DEADLINE))
    }

    pub(super) fn search_within(
        &self,
        words: &str,
        teamspace: Option<&str>,
        limit: usize,
        deadline: Duration,
    ) -> Result<Hits, Error> {
        let Some(query) = Query::parse(words) else { return Ok(Hits { hits: Vec::new(), more: false }) };
        self.read(|c| find(c, &Asked { query: &query, teamspace, tagged: None }, limit, deadline))
    }
}

/// What is asked for, and where.
struct Asked<'a> {
    query: &'a Query,
    teamspace: Option<&'a str>,
    /// Numbers of the recordings that count, as a list in JSON; none: all.
    tagged: Option<&'a str>,
}

fn find(
    c: &Connection,
    asked: &Asked<'_>,
    limit: usize,
    deadline: Duration,
) -> Result<Hits, database::Error> {
    let mut hits = named(c, asked, limit.saturating_add(1))?;
    let room = limit.saturating_add(1).saturating_sub(hits.len());
    for id in moments(c, asked, room, deadline)? {
        hits.extend(moment(c, asked.query, id)?);
    }
    let more = hits.len() > limit;
    hits.truncate(limit);
    Ok(Hits { hits, more })
}

/// Numbers of the recordings that have a tag, as a list in JSON. Compared here, because SQLite knows the case of few
/// letters.
fn tagged(c: &Connection, tag: &str, teamspace: Option<&str>) -> Result<String, database::Error> {
    let wanted = tag.trim().to_lowercase();
    let mut statement = c.prepare_cached(
        "SELECT id, tags FROM recording WHERE tags <> '' AND (?1 IS NULL OR teamspace = ?1)",
    )?;
    let mut rows = statement.query([teamspace])?;
    let mut found: Vec<i64> = Vec::new();
    while let Some(row) = rows.next()? {
        if row.get_ref(1)?.as_str().is_ok_and(|tags| tags.lines().any(|tag| tag.to_lowercase() == wanted)) {
            found.push(row.get(0)?);
        }
    }
    Ok(serde_json::to_string(&found)?)
}

/// What a person typed, as the index is asked.
struct Query {
    words: Vec<String>,
    /// For what was said: the last word may be unfinished.
    said: String,
    /// For titles and people; none when a word is too short for the index of letters.
    named: Option<String>,
}

impl Query {
    fn parse(text: &str) -> Option<Self> {
        let sound = |word: &&str| word.chars().any(char::is_alphanumeric);
        let clean = |word: &str| word.chars().filter(|c| !c.is_control()).take(100).collect::<String>();
        let words: Vec<String> = text.split_whitespace().filter(sound).take(MAX_WORDS).map(clean).collect();
        let (last, others) = words.split_last()?;
        let quoted = |word: &String| format!("\"{}\"", word.replace('"', "\"\""));
        let mut said: Vec<String> = others.iter().map(quoted).collect();
        // One or two letters begin too many words; a space says that the word is finished.
        let unfinished = last.chars().count() >= 3 && !text.ends_with(char::is_whitespace);
        said.push(quoted(last) + if unfinished { "*" } else { "" });
        let long = words.iter().all(|word| word.chars().count() >= 3);
        let named = long.then(|| words.iter().map(quoted).collect::<Vec<_>>().join(" "));
        Some(Self { said: said.join(" "), named, words })
    }
}

/// Recordings whose title, host and tags hold the words, newest first.
fn named(c: &Connection, asked: &Asked<'_>, limit: usize) -> Result<Vec<Hit>, database::Error> {
    let Asked { query, teamspace, tagged } = asked;
    let like = |word: &String| {
        let mut pattern = String::from("%");
        for letter in word.chars() {
            if matches!(letter, '%' | '_' | '\\') {
                pattern.push('\\');
            }
            pattern.push(letter);
        }
        pattern + "%"
    };
    let columns = "r.recording_id, r.teamspace, r.title, coalesce(r.host, ''), r.tags";
    let place =
        "(?1 IS NULL OR r.teamspace = ?1) AND (?3 IS NULL OR r.id IN (SELECT value FROM json_each(?3)))";
    let (sql, values) = match &query.named {
        Some(named) => (
            format!(
                "SELECT {columns}, instr(highlight(recording_words, 0, char(2), char(3)), char(2)) > 0,
                     coalesce(instr(highlight(recording_words, 1, char(2), char(3)), char(2)) > 0, 0)
                 FROM recording_words CROSS JOIN recording r ON r.id = recording_words.rowid
                 WHERE recording_words MATCH ?4 AND {place}
                 ORDER BY recording_words.rowid DESC LIMIT ?2"
            ),
            vec![named.clone()],
        ),
        None => {
            let word = |n: usize| {
                let n = n + 4;
                format!(
                    "(r.title LIKE ?{n} ESCAPE '\\' OR r.host LIKE ?{n} ESCAPE '\\' OR r.tags LIKE ?{n} ESCAPE '\\')"
                )
            };
            let all = (0..query.words.len()).map(word).collect::<Vec<_>>().join(" AND ");
            (
                format!(
                    "SELECT {columns}, r.title LIKE ?4 ESCAPE '\\', coalesce(r.host LIKE ?4 ESCAPE '\\', 0)
                     FROM recording r WHERE {all} AND {place} ORDER BY r.id DESC LIMIT ?2"
                ),
                query.words.iter().map(like).collect(),
            )
        }
    };
    let mut statement = c.prepare_cached(&sql)?;
    statement.raw_bind_parameter(1, teamspace)?;
    statement.raw_bind_parameter(2, as_limit(limit))?;
    statement.raw_bind_parameter(3, tagged)?;
    for (place, value) in values.iter().enumerate() {
        statement.raw_bind_parameter(place + 4, value)?;
    }
    let mut rows = statement.raw_query();
    let mut hits = Vec::new();
    while let Some(row) = rows.next()? {
        let (title, host): (String, String) = (row.get(2)?, row.get(3)?);
        let tags: String = row.get(4)?;
        let (kind, snippet) = match (row.get(5)?, row.get(6)?) {
            (true, _) => (HitKind::Title, title.clone()),
            (false, true) => (HitKind::Host, host),
            (false, false) => (HitKind::Tag, tags.replace('\n', ", ")),
        };
        hits.push(Hit {
            recording_id: read_id(row.get(0)?)?,
            teamspace: row.get(1)?,
            kind,
            segment: 0,
            at: None,
            snippet,
            title,
        });
    }
    Ok(hits)
}

/// Numbers of the passages that hold the words: the best ones, or when that takes too long the newest.
fn moments(
    c: &Connection,
    asked: &Asked<'_>,
    limit: usize,
    deadline: Duration,
) -> Result<Vec<i64>, database::Error> {
    let Asked { query, teamspace, tagged } = asked;
    if limit == 0 {
        return Ok(Vec::new());
    }
    let among = match tagged {
        None => "?4 IS NULL".to_owned(),
        Some(_) => {
            let recording = format!("passage_words.rowid >> {}", passage::NUMBER_BITS);
            format!("{recording} IN (SELECT value FROM json_each(?4))")
        }
    };
    let select = |order: &str| match teamspace {
        None => format!(
            "SELECT rowid FROM passage_words WHERE passage_words MATCH ?1 AND ?2 IS NULL AND {among}
             ORDER BY {order} LIMIT ?3"
        ),
        Some(_) => format!(
            "SELECT passage_words.rowid FROM passage_words
             CROSS JOIN recording r ON r.id = passage_words.rowid >> {}
             WHERE passage_words MATCH ?1 AND r.teamspace = ?2 AND {among} ORDER BY {order} LIMIT ?3",
            passage::NUMBER_BITS
        ),
    };
    let ids = |statement: &mut Statement<'_>| {
        let rows =
            statement.query_map(params![query.said, teamspace, as_limit(limit), tagged], |row| row.get(0))?;
        rows.collect::<Result<Vec<i64>, _>>()
    };
    let begun = Instant::now();
    c.progress_handler(1_000, Some(move || begun.elapsed() >= deadline))?;
    let best = c.prepare_cached(&select("rank")).and_then(|mut statement| ids(&mut statement));
    c.progress_handler(0, None::<fn() -> bool>)?;
    match best {
        Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::OperationInterrupted) => {
            let mut newest = c.prepare_cached(&select("passage_words.rowid DESC"))?;
            Ok(ids(&mut newest)?)
        }
        best => Ok(best?),
    }
}

/// The moment in a passage: the line that holds most of the words.
fn moment(c: &Connection, query: &Query, id: i64) -> Result<Option<Hit>, database::Error> {
    let mut statement = c.prepare_cached(
        "SELECT highlight(passage_words, 0, char(2), char(3)), p.kind, p.segment, p.times,
             r.recording_id, r.teamspace, r.title
         FROM passage_words
         JOIN passage p ON p.id = passage_words.rowid JOIN recording r ON r.id = p.recording
         WHERE passage_words MATCH ?1 AND passage_words.rowid = ?2",
    )?;
    let mut rows = statement.query(params![query.said, id])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let lines = passage::lines(&row.get::<_, String>(3)?, &row.get::<_, String>(0)?);
    let marks = |text: &str| text.matches(MARK).count();
    let weight = |n: usize, text: &str, speaker: Option<&str>| {
        // Of equals the first.
        (marks(text) + speaker.map_or(0, marks), std::cmp::Reverse(n))
    };
    let best = lines
        .iter()
        .enumerate()
        .max_by_key(|(n, line)| weight(*n, &line.text, line.speaker.as_deref()))
        .map(|(_, line)| line);
    let Some(line) = best else { return Ok(None) };
    let is_chat = row.get::<_, String>(1)? == passage::PassageKind::Chat.name();
    Ok(Some(Hit {
        recording_id: read_id(row.get(4)?)?,
        teamspace: row.get(5)?,
        title: row.get(6)?,
        kind: if is_chat { HitKind::Chat } else { HitKind::Transcript },
        segment: row.get(2)?,
        at: Some(line.start),
        snippet: snippet(line.speaker.as_deref(), &line.text),
    }))
}

/// Who speaks, and the text around its first mark, cut between words.
fn snippet(speaker: Option<&str>, marked: &str) -> String {
    let before = marked.split(MARK).next().unwrap_or_default().chars().count();
    let plain = |text: &str| text.replace([MARK, MARK_ENDS], "").replace('\n', " ");
    let text = plain(marked);
    let length = text.chars().count();
    let first = if length <= SNIPPET { 0 } else { before.saturating_sub(SNIPPET / 3) };
    let mut cut: String = text.chars().skip(first).take(SNIPPET).collect();
    if first + SNIPPET < length {
        cut.truncate(cut.rfind(' ').unwrap_or(cut.len()));
        cut.push('…');
    }
    if first > 0 {
        let rest = cut.split_once(' ').map_or(cut.as_str(), |(_, rest)| rest);
        cut = format!("…{rest}");
    }
    match speaker {
        Some(speaker) => format!("{}: {cut}", plain(speaker)),
        None => cut,
    }
}

fn as_limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

fn read_id(text: String) -> Result<RecordingId, database::Error> {
    Ok(serde_json::from_value(serde_json::Value::String(text))?)
}
