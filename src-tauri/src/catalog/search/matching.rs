//! Which recordings of a library a query asks for, and the people that can be asked for: what the library is narrowed by.

use std::collections::HashMap;

use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::scope::Scope;
use super::terms::Terms;
use super::{Around, Search, named};
use crate::catalog::{Catalog, Error};
use crate::database;
use crate::recording::RecordingId;

/// Somebody who hosted, imported or speaks in recordings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct PersonCount {
    /// The name.
    pub name: String,
    /// In how many recordings.
    pub recordings: u32,
}

impl Catalog {
    /// All recordings whose title, people and tags are as asked for, newest first; none for a query that asks for
    /// nothing. Skip and limit of the search do not count.
    pub fn matching(&self, search: &Search, around: &Around) -> Result<Vec<RecordingId>, Error> {
        if search.query.is_empty() {
            return Ok(Vec::new());
        }
        self.read(|c| {
            let hits = named::all(c, &Terms::of(&search.query), &Scope::of(c, search, around)?)?;
            Ok(hits.into_iter().map(|hit| hit.recording_id).collect())
        })
    }

    /// Who hosted, imported or speaks in a teamspace's recordings, the most frequent first: so many at most.
    pub fn people_in(&self, teamspace: &str, most: usize) -> Result<Vec<PersonCount>, Error> {
        self.read(|c| people(c, teamspace, most))
    }
}

fn people(c: &Connection, teamspace: &str, most: usize) -> Result<Vec<PersonCount>, database::Error> {
    let sql = "SELECT coalesce(host, ''), people FROM recording WHERE teamspace = ?1";
    let mut statement = c.prepare_cached(sql)?;
    let mut rows = statement.query([teamspace])?;
    let mut counts: HashMap<String, u32> = HashMap::new();
    while let Some(row) = rows.next()? {
        let (host, people): (String, String) = (row.get(0)?, row.get(1)?);
        // Who hosts also speaks, as a rule: once for each recording.
        let speaks = people.lines().filter(|name| *name != host);
        for name in std::iter::once(host.as_str()).chain(speaks).filter(|name| !name.trim().is_empty()) {
            match counts.get_mut(name) {
                Some(count) => *count += 1,
                None => drop(counts.insert(name.to_owned(), 1)),
            }
        }
    }
    let mut found: Vec<PersonCount> =
        counts.into_iter().map(|(name, recordings)| PersonCount { name, recordings }).collect();
    found.sort_by(|a, b| b.recordings.cmp(&a.recordings).then_with(|| a.name.cmp(&b.name)));
    found.truncate(most);
    Ok(found)
}
