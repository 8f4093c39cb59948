//! Moments: where in a recording something was said or written.
//!
//! Whether the best of them can be told in time is counted before: ranking looks at every match, and at every passage in
//! which one of the words stands alone, and within that SQLite cannot be stopped.

use std::time::Duration;

use rusqlite::{Connection, Row, ToSql};

use super::snippet::{Marked, marked_lines};
use super::terms::Terms;
use super::{Found, Hit, HitKind, PATIENCE, SHOWN, Scope, for_at_most, interrupted};
use crate::catalog::passage::{self, NUMBER_BITS, PassageKind};
use crate::database;
use crate::query::Kind;

/// Passages that are looked at for one hit, at most, where a closer look may refuse them.
const TRIES: usize = 8;
/// Matches that are ranked at most: about 2 µs each.
const MATCHES: usize = 2_000;
/// Passages that hold one of several words, of all words together, at most where there is ranking: each is looked at once
/// more, to tell how rare the word is, in about 0.05 µs.
const HOLDERS: usize = 50_000;

/// The moments that hold the words: the best ones, or when to tell them takes too long the newest. The second value says
/// whether there was no time to look at all of them.
pub(super) fn find(
    c: &Connection,
    terms: &Terms,
    scope: &Scope,
    wanted: usize,
    deadline: Duration,
) -> Result<(Vec<Hit>, bool), database::Error> {
    let kinds = (terms.wants(Kind::Transcript), terms.wants(Kind::Chat));
    // Whose words these are is asked of moments only where words are asked for, or moments by name.
    let asked = !terms.with.is_empty() || terms.names(Kind::Transcript) || terms.names(Kind::Chat);
    let (Some(said), true, true) = (terms.said(), asked, kinds != (false, false)) else {
        return Ok((Vec::new(), false));
    };
    let only = match kinds {
        (true, true) => None,
        (true, false) => Some(PassageKind::Transcript.name()),
        (false, _) => Some(PassageKind::Chat.name()),
    };
    let picky = !terms.people.is_empty() || !terms.not_people.is_empty() || !terms.without.is_empty();
    let tries = if picky { wanted.saturating_mul(TRIES) } else { wanted };
    let passages = Passages { said, only, scope, tries };
    let best = match deadline > Duration::ZERO && passages.can_be_ranked(c, terms)? {
        true => Some(passages.moments(c, terms, wanted, Order::Best, deadline)?),
        false => None,
    };
    let (moments, early) = match best {
        Some((best, false)) => (best, false),
        _ => passages.moments(c, terms, wanted, Order::Newest, PATIENCE)?,
    };
    let stopped = early || (picky && moments.tried >= tries);
    Ok((moments.hits, stopped))
}

/// In which order passages are read.
#[derive(Clone, Copy, PartialEq)]
enum Order {
    /// The best first: all that hold the words are looked at before the first comes.
    Best,
    Newest,
}

impl Order {
    fn sql(self) -> &'static str {
        match self {
            Self::Best => "rank",
            Self::Newest => "passage_words.rowid DESC",
        }
    }
}

/// Passages that hold the words, and what is asked of them besides.
struct Passages<'a> {
    /// In the index's language.
    said: String,
    /// Of this kind.
    only: Option<&'static str>,
    scope: &'a Scope,
    /// At most so many.
    tries: usize,
}

impl Passages<'_> {
    /// Whether few enough hold the words.
    fn can_be_ranked(&self, c: &Connection, terms: &Terms) -> Result<bool, database::Error> {
        let (mut room, words) = (HOLDERS, terms.each_word());
        if words.len() > 1 {
            for word in words {
                let held = holders(c, &word, room)?;
                if held > room {
                    return Ok(false);
                }
                room -= held;
            }
        }
        Ok(holders(c, &self.said, MATCHES)? <= MATCHES)
    }

    /// The moments in them, so many at most. The second value says whether the time was up before all were read; the best
    /// are then not told.
    fn moments<'t>(
        &self,
        c: &Connection,
        terms: &'t Terms,
        wanted: usize,
        order: Order,
        time: Duration,
    ) -> Result<(Moments<'t>, bool), database::Error> {
        let mut moments = Moments { terms, wanted, tried: 0, hits: Vec::new() };
        let done = for_at_most(c, time, |limit| {
            self.each(c, order.sql(), |row| {
                if order == Order::Best {
                    // The first of them comes when all are ranked: from then on none takes long.
                    limit.lift();
                }
                moments.take(row)
            })
        });
        match done {
            Err(database::Error::Sqlite(error)) if interrupted(&error) => Ok((moments, true)),
            done => done.map(|()| (moments, false)),
        }
    }

    /// Reads them in this order until `take` wants no more. In one statement with what is shown of them: where the words
    /// stand in a passage is known there, and asked for alone it costs a search of its own.
    fn each(
        &self,
        c: &Connection,
        order: &str,
        mut take: impl FnMut(&Row<'_>) -> Result<bool, database::Error>,
    ) -> Result<(), database::Error> {
        let (first, last) = self.scope.numbers();
        let (first, last) = (first << NUMBER_BITS, last << NUMBER_BITS | ((1 << NUMBER_BITS) - 1));
        let limit = i64::try_from(self.tries).unwrap_or(i64::MAX);
        let mut values: Vec<&dyn ToSql> = vec![&self.said, &first, &last, &limit];
        let mut conditions = String::new();
        if self.scope.asks() {
            conditions += &format!(" AND {}", self.scope.sql(values.len() + 1));
            values.extend(self.scope.values());
        }
        if let Some(only) = &self.only {
            values.push(only);
            conditions += &format!(" AND p.kind = ?{}", values.len());
        }
        let mut statement = c.prepare_cached(&format!(
            "SELECT highlight(passage_words, 0, char(2), char(3)), highlight(passage_words, 1, char(2), char(3)),
                 p.kind, p.segment, p.times, {SHOWN}
             FROM passage_words
             CROSS JOIN passage p ON p.id = passage_words.rowid
             CROSS JOIN recording r ON r.id = p.recording
             WHERE passage_words MATCH ?1 AND passage_words.rowid BETWEEN ?2 AND ?3{conditions}
             ORDER BY {order} LIMIT ?4"
        ))?;
        let mut rows = statement.query(&values[..])?;
        while let Some(row) = rows.next()? {
            if !take(row)? {
                break;
            }
        }
        Ok(())
    }
}

/// How many passages hold what is said in the index's language; no more than one above `most` are counted.
fn holders(c: &Connection, said: &str, most: usize) -> Result<usize, database::Error> {
    let limit = i64::try_from(most).unwrap_or(i64::MAX).saturating_add(1);
    let sql = "SELECT count(*) FROM (SELECT 1 FROM passage_words WHERE passage_words MATCH ?1 LIMIT ?2)";
    let count: i64 = c.prepare_cached(sql)?.query_row((said, limit), |row| row.get(0))?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

/// The moments that were found so far.
struct Moments<'a> {
    terms: &'a Terms,
    wanted: usize,
    /// Passages that were looked at.
    tried: usize,
    hits: Vec<Hit>,
}

impl Moments<'_> {
    /// Takes the moment in a passage, and says whether another one is wanted.
    fn take(&mut self, row: &Row<'_>) -> Result<bool, database::Error> {
        self.tried += 1;
        self.hits.extend(moment(self.terms, row)?);
        Ok(self.hits.len() < self.wanted)
    }
}

/// The moment in a passage: the line that holds most of the words. None when a closer look shows that no line is meant.
fn moment(terms: &Terms, row: &Row<'_>) -> Result<Option<Hit>, database::Error> {
    let text = |n: usize| row.get::<_, String>(n);
    let (body, speakers, kind, times) = (text(0)?, text(1)?, text(2)?, text(4)?);
    let segment = row.get::<_, u32>(3)?;
    let found = Found::read(row, 5)?;
    if [found.title.as_str(), found.tags.as_str()].into_iter().any(|name| terms.forbidden_in(name)) {
        return Ok(None);
    }
    let lines = marked_lines(&body);
    let speakers = marked_lines(&speakers);
    let mut best: Option<(usize, usize)> = None;
    let mut inside = false;
    for (place, line) in lines.iter().enumerate() {
        // What goes on from the line before is that line's.
        let own = line.marks.len().saturating_sub(usize::from(inside));
        inside = line.goes_on;
        let unnamed = Marked::default();
        let speaker = speakers.get(place).unwrap_or(&unnamed);
        if (own == 0 && !terms.with.is_empty()) || !is_meant(terms, &speaker.text) {
            continue;
        }
        let weight = own + speaker.marks.len();
        if best.is_none_or(|(_, most)| weight > most) {
            best = Some((place, weight));
        }
    }
    let Some((place, _)) = best else { return Ok(None) };
    let at = passage::times(&times).nth(place).map(|(start, _)| start);
    let mut rest = lines.into_iter().skip(place);
    let mut snippet = rest.next().unwrap_or_default();
    while snippet.goes_on
        && let Some(next) = rest.next()
    {
        snippet.append(&next);
    }
    let is_chat = kind == PassageKind::Chat.name();
    let speaker = speakers.into_iter().nth(place).map(|speaker| speaker.text);
    let hit = found.hit(if is_chat { HitKind::Chat } else { HitKind::Transcript }, snippet.cut());
    Ok(Some(Hit { segment, at, speaker: speaker.filter(|name| !name.is_empty()), ..hit }))
}

/// Whether a line of this speaker counts.
fn is_meant(terms: &Terms, speaker: &str) -> bool {
    terms.meets(speaker) && terms.avoids(speaker)
}
