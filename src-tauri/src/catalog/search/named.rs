//! Recordings by their titles, people and tags, newest first.

use std::time::Duration;

use rusqlite::{Connection, ToSql};

use super::snippet::{Marked, merged};
use super::terms::{Terms, is_named};
use super::{DEADLINE, Found, Hit, HitKind, SHOWN, Scope, for_at_most, interrupted};
use crate::database;
use crate::query::{Kind, find_in};

/// The recordings whose title, people and tags hold the words; without words, those that are as asked for. The second
/// value says whether there was no time to look at all of them.
pub(super) fn find(
    c: &Connection,
    terms: &Terms,
    scope: &Scope,
    wanted: usize,
) -> Result<(Vec<Hit>, bool), database::Error> {
    find_within(c, terms, scope, wanted, DEADLINE)
}

/// All of them, however long that takes.
pub(super) fn all(c: &Connection, terms: &Terms, scope: &Scope) -> Result<Vec<Hit>, database::Error> {
    Ok(find_within(c, terms, scope, usize::MAX, Duration::MAX)?.0)
}

fn find_within(
    c: &Connection,
    terms: &Terms,
    scope: &Scope,
    wanted: usize,
    time: Duration,
) -> Result<(Vec<Hit>, bool), database::Error> {
    let mut columns: Vec<&str> = Vec::new();
    for (kind, names) in
        [(Kind::Title, &["title"][..]), (Kind::Person, &["host", "people"]), (Kind::Tag, &["tags"])]
    {
        if terms.wants(kind) {
            columns.extend(names);
        }
    }
    let only_properties = terms.with.is_empty();
    let spoken = [Kind::Transcript, Kind::Chat].map(|kind| terms.names(kind));
    // Whoever asks for chat asks for what is in it, or for the recordings that have one.
    if columns.is_empty() && !(only_properties && terms.people.is_empty() && spoken.contains(&true)) {
        return Ok((Vec::new(), false));
    }
    let letters = terms.letters(&columns.join(" "));
    let (first, last) = scope.numbers();
    let mut values: Vec<&dyn ToSql> = vec![&first, &last];
    values.extend(scope.values());
    let (from, number, matches) = match &letters {
        Some(letters) => {
            values.push(letters);
            let from = "recording_words CROSS JOIN recording r ON r.id = recording_words.rowid";
            (from, "recording_words.rowid", format!("recording_words MATCH ?{}", values.len()))
        }
        None => ("recording r", "r.id", "1".to_owned()),
    };
    let mut conditions = vec![matches, format!("{number} BETWEEN ?1 AND ?2"), scope.sql(3)];
    let short = terms.short();
    for patterns in &short {
        let mut any = Vec::new();
        for pattern in patterns {
            values.push(pattern);
            let n = values.len();
            any.extend(columns.iter().map(|column| format!("r.{column} LIKE ?{n} ESCAPE '\\'")));
        }
        conditions.push(format!("({})", any.join(" OR ")));
    }
    if columns.is_empty() {
        let kinds = spoken.into_iter().zip(["transcript", "chat"]).filter(|(asked, _)| *asked);
        let kinds: Vec<String> = kinds.map(|(_, kind)| format!("'{kind}'")).collect();
        let kinds = kinds.join(", ");
        conditions.push(format!(
            "EXISTS (SELECT 1 FROM passage p WHERE p.recording = r.id AND p.kind IN ({kinds}))"
        ));
    }
    let sql = format!("SELECT {SHOWN} FROM {from} WHERE {} ORDER BY {number} DESC", conditions.join(" AND "));
    let mut hits = Vec::new();
    let done = for_at_most(c, time, |_| {
        let mut statement = c.prepare_cached(&sql)?;
        let mut rows = statement.query(&values[..])?;
        while hits.len() < wanted
            && let Some(row) = rows.next()?
        {
            hits.extend(hit(terms, &columns, Found::read(row, 0)?));
        }
        Ok(())
    });
    match done {
        Err(database::Error::Sqlite(error)) if interrupted(&error) => Ok((hits, true)),
        done => done.map(|()| (hits, false)),
    }
}

/// What is shown of a recording; none when a closer look shows that it is not meant.
fn hit(terms: &Terms, columns: &[&str], found: Found) -> Option<Hit> {
    let people = format!("{}\n{}", found.host, found.people);
    if !terms.meets(&people) || !terms.avoids(&people) {
        return None;
    }
    if found.names().iter().any(|(_, name)| terms.forbidden_in(name)) {
        return None;
    }
    let counts = |kind: HitKind| {
        let column = match kind {
            HitKind::Host => "host",
            HitKind::Person => "people",
            HitKind::Tag => "tags",
            HitKind::Title | HitKind::Transcript | HitKind::Chat => "title",
        };
        columns.contains(&column)
    };
    let stands = |words| {
        found.names().iter().any(|(kind, name)| counts(*kind) && !Terms::in_name(words, name).is_empty())
    };
    if !terms.with.iter().all(stands) {
        return None;
    }
    let shown = found.names().into_iter().filter(|(kind, _)| counts(*kind)).find_map(|(kind, name)| {
        let marks = marks(terms, kind, name);
        (!marks.is_empty()).then(|| (kind, shown(kind, name, marks)))
    });
    let (kind, snippet) =
        shown.unwrap_or_else(|| (HitKind::Title, Marked { text: found.title.clone(), ..Marked::default() }));
    Some(found.hit(kind, snippet))
}

/// Where the words stand in a name.
fn marks(terms: &Terms, kind: HitKind, name: &str) -> Vec<(usize, usize)> {
    let mut marks: Vec<(usize, usize)> =
        terms.with.iter().flat_map(|words| Terms::in_name(words, name)).collect();
    if terms.with.is_empty() && matches!(kind, HitKind::Host | HitKind::Person) {
        let asked = terms.people.iter().filter(|person| is_named(person, name));
        marks.extend(asked.flat_map(|person| find_in(name, person, (true, false))));
    }
    merged(marks)
}

/// A title or a host as it is; of many people, those who were found; all tags, with commas between.
fn shown(kind: HitKind, name: &str, marks: Vec<(usize, usize)>) -> Marked {
    if !matches!(kind, HitKind::Person | HitKind::Tag) {
        return Marked { text: name.to_owned(), marks, goes_on: false };
    }
    let mut all = Marked::default();
    let (mut begins, mut length) = (0, 0);
    for line in name.lines() {
        let ends = begins + line.chars().count();
        let here: Vec<_> = marks.iter().filter(|(from, to)| *from >= begins && *to <= ends).collect();
        if kind == HitKind::Tag || !here.is_empty() {
            if length > 0 {
                all.text.push_str(", ");
                length += 2;
            }
            all.marks.extend(here.iter().map(|(from, to)| (from - begins + length, to - begins + length)));
            all.text.push_str(line);
            length += ends - begins;
        }
        begins = ends + 1;
    }
    all
}
