//! Moments: where in a recording something was said or written.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension as _, ToSql};

use super::snippet::{Marked, marked_lines};
use super::terms::Terms;
use super::{Found, Hit, HitKind, PATIENCE, SHOWN, Scope, for_at_most, interrupted};
use crate::catalog::passage::{self, NUMBER_BITS, PassageKind};
use crate::database;
use crate::query::Kind;

/// Passages that are looked at for one hit, at most, where a closer look may refuse them.
const TRIES: usize = 8;

/// The moments that hold the words: the best ones, or when that takes too long the newest. The second value says whether
/// there was no time to look at all of them.
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
    let (numbers, early) = numbers(c, &said, only, scope, tries, deadline)?;
    let stopped = early || (picky && numbers.len() >= tries);
    let mut hits = Vec::new();
    for number in numbers {
        if hits.len() >= wanted {
            break;
        }
        hits.extend(moment(c, terms, &said, number)?);
    }
    Ok((hits, stopped))
}

/// Numbers of passages.
fn numbers(
    c: &Connection,
    said: &str,
    only: Option<&str>,
    scope: &Scope,
    limit: usize,
    deadline: Duration,
) -> Result<(Vec<i64>, bool), database::Error> {
    let (first, last) = scope.numbers();
    let (first, last) = (first << NUMBER_BITS, last << NUMBER_BITS | ((1 << NUMBER_BITS) - 1));
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut values: Vec<&dyn ToSql> = vec![&said, &first, &last, &limit];
    let mut from = "passage_words".to_owned();
    let mut conditions = "passage_words MATCH ?1 AND passage_words.rowid BETWEEN ?2 AND ?3".to_owned();
    if scope.asks() {
        from += &format!(" CROSS JOIN recording r ON r.id = passage_words.rowid >> {NUMBER_BITS}");
        conditions += &format!(" AND {}", Scope::sql(values.len() + 1));
        values.extend(scope.values());
    }
    if let Some(only) = &only {
        values.push(only);
        from += " CROSS JOIN passage p ON p.id = passage_words.rowid";
        conditions += &format!(" AND p.kind = ?{}", values.len());
    }
    let select = |order: &str| {
        format!("SELECT passage_words.rowid FROM {from} WHERE {conditions} ORDER BY {order} LIMIT ?4")
    };
    let take = |order: &str, time: Duration, found: &mut Vec<i64>| {
        for_at_most(c, time, || {
            let mut statement = c.prepare_cached(&select(order))?;
            let mut rows = statement.query(&values[..])?;
            while let Some(row) = rows.next()? {
                found.push(row.get(0)?);
            }
            Ok(())
        })
    };
    let mut found = Vec::new();
    for (order, time) in [("rank", deadline), ("passage_words.rowid DESC", PATIENCE)] {
        found.clear();
        match take(order, time, &mut found) {
            Err(database::Error::Sqlite(error)) if interrupted(&error) => {}
            done => return done.map(|()| (found, false)),
        }
    }
    Ok((found, true))
}

/// The moment in a passage: the line that holds most of the words. None when a closer look shows that no line is meant.
fn moment(c: &Connection, terms: &Terms, said: &str, number: i64) -> Result<Option<Hit>, database::Error> {
    let mut statement = c.prepare_cached(&format!(
        "SELECT highlight(passage_words, 0, char(2), char(3)), highlight(passage_words, 1, char(2), char(3)),
             p.kind, p.segment, p.times, {SHOWN}
         FROM passage_words
         JOIN passage p ON p.id = passage_words.rowid JOIN recording r ON r.id = p.recording
         WHERE passage_words MATCH ?1 AND passage_words.rowid = ?2"
    ))?;
    let read = |row: &rusqlite::Row<'_>| {
        let text = |n: usize| row.get::<_, String>(n);
        Ok((text(0)?, text(1)?, text(2)?, row.get::<_, u32>(3)?, text(4)?, Found::read(row, 5)))
    };
    let found = statement.query_row((said, number), read).optional()?;
    let Some((body, speakers, kind, segment, times, found)) = found else { return Ok(None) };
    let found = found?;
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
