//! Which recordings a query asks for at all: teamspaces, tags, days, length.

use rusqlite::{Connection, ToSql};

use super::{Around, Search};
use crate::catalog::passage::NUMBER_BITS;
use crate::catalog::table::number_of_second;
use crate::database;
use crate::query::{Day, Filter, Has, What, find_in};

/// The recordings that count.
#[derive(Debug)]
pub(super) struct Scope {
    /// Ids of teamspaces, as a list in JSON; none: all.
    teamspaces: Option<String>,
    /// Numbers of the recordings that count, as a list in JSON; none: all.
    among: Option<String>,
    /// Numbers of those that do not, as a list in JSON.
    not_among: Option<String>,
    /// The first and the last number that count: numbers are times.
    numbers: (i64, i64),
    /// Lengths in seconds: from, and the first that is too long.
    lengths: (i64, i64),
    /// What they must have, or must not.
    has: Vec<(Has, bool)>,
}

impl Scope {
    pub(super) fn of(c: &Connection, search: &Search, around: &Around) -> Result<Self, database::Error> {
        let mut scope = Self {
            teamspaces: None,
            among: None,
            not_among: None,
            numbers: (0, i64::MAX >> NUMBER_BITS),
            lengths: (0, i64::MAX),
            has: Vec::new(),
        };
        let mut inside: Option<Vec<&str>> = search.teamspace.as_deref().map(|id| vec![id]);
        let mut named: Option<Vec<&str>> = None;
        let mut outside: Vec<&str> = Vec::new();
        let mut tags: Vec<&str> = Vec::new();
        let mut not_tags: Vec<&str> = Vec::new();
        let seconds = |length: u64| i64::try_from(length).unwrap_or(i64::MAX);
        for part in &search.query.parts {
            let What::Filter(filter) = &part.what else { continue };
            match (filter, part.without) {
                (Filter::In(name), false) => named.get_or_insert_default().extend(teamspaces(name, around)),
                (Filter::In(name), true) => outside.extend(teamspaces(name, around)),
                (Filter::Tag(tag), false) => tags.push(tag),
                (Filter::Tag(tag), true) => not_tags.push(tag),
                (Filter::After(day), false) | (Filter::Before(day), true) => {
                    scope.numbers.0 = scope.numbers.0.max(first_of(*day, around));
                }
                (Filter::Before(day), false) | (Filter::After(day), true) => {
                    scope.numbers.1 = scope.numbers.1.min(first_of(*day, around) - 1);
                }
                (Filter::Longer(length), false) | (Filter::Shorter(length), true) => {
                    scope.lengths.0 = scope.lengths.0.max(seconds(*length));
                }
                (Filter::Shorter(length), false) | (Filter::Longer(length), true) => {
                    scope.lengths.1 = scope.lengths.1.min(seconds(*length));
                }
                (Filter::Has(has), without) => scope.has.push((*has, !without)),
                (Filter::From(_) | Filter::Kind(_), _) => {}
            }
        }
        if let Some(named) = named {
            inside = Some(match inside {
                Some(inside) => inside.into_iter().filter(|id| named.contains(id)).collect(),
                None => named,
            });
        }
        if !outside.is_empty() {
            let all = inside.unwrap_or_else(|| around.teamspaces.iter().map(|(id, _)| id.as_str()).collect());
            inside = Some(all.into_iter().filter(|id| !outside.contains(id)).collect());
        }
        scope.teamspaces = inside.map(|ids| serde_json::to_string(&ids)).transpose()?;
        if !tags.is_empty() {
            let all = |held: &[String]| tags.iter().all(|tag| held.contains(&tag.to_lowercase()));
            scope.among = Some(tagged(c, all)?);
        }
        if !not_tags.is_empty() {
            let any = |held: &[String]| not_tags.iter().any(|tag| held.contains(&tag.to_lowercase()));
            scope.not_among = Some(tagged(c, any)?);
        }
        Ok(scope)
    }

    /// Numbers of the recordings: the first and the last.
    pub(super) fn numbers(&self) -> (i64, i64) {
        self.numbers
    }

    /// Whether more is asked of a recording `r` than its number.
    pub(super) fn asks(&self) -> bool {
        self.teamspaces.is_some()
            || self.among.is_some()
            || self.not_among.is_some()
            || self.lengths != (0, i64::MAX)
            || !self.has.is_empty()
    }

    /// What SQL asks of a recording `r`, beside its number. Its values are [`Scope::values`], numbered from `first` on.
    pub(super) fn sql(&self, first: usize) -> String {
        let [teamspaces, among, not_among, shortest, longest] =
            [0, 1, 2, 3, 4].map(|n| format!("?{}", n + first));
        format!(
            "({teamspaces} IS NULL OR r.teamspace IN (SELECT value FROM json_each({teamspaces})))
             AND ({among} IS NULL OR r.id IN (SELECT value FROM json_each({among})))
             AND ({not_among} IS NULL OR r.id NOT IN (SELECT value FROM json_each({not_among})))
             AND r.duration >= {shortest} AND r.duration < {longest}{}",
            self.has_sql()
        )
    }

    /// Of recordings that are not read yet nobody knows what they have: they neither have it nor lack it.
    fn has_sql(&self) -> String {
        let one = |(has, wanted): &(Has, bool)| {
            let kinds = match has {
                Has::Video => "'video'",
                Has::Audio => "'audio'",
                Has::Transcript => "'transcript', 'captions'",
                Has::Chat => "'chat'",
                Has::Summary => "'summary'",
            };
            let not = if *wanted { "" } else { "NOT " };
            format!(
                " AND r.state <> 0 AND {not}EXISTS (SELECT 1 FROM recording_file f
                     WHERE f.recording = r.id AND f.kind IN ({kinds}))"
            )
        };
        self.has.iter().map(one).collect()
    }

    pub(super) fn values(&self) -> [&dyn ToSql; 5] {
        [&self.teamspaces, &self.among, &self.not_among, &self.lengths.0, &self.lengths.1]
    }
}

/// The number of the first recording that can begin on a day.
fn first_of(day: Day, around: &Around) -> i64 {
    let today = around.now.to_zoned_datetime(around.zone.clone()).date();
    let begins = day.date(today).to_zoned_datetime(around.zone.clone());
    number_of_second(begins.map_or(0, |begins| begins.timestamp().as_second()))
}

/// Ids of the teamspaces that a name means: of that name or id, else those whose name begins so.
fn teamspaces<'a>(name: &str, around: &'a Around) -> Vec<&'a str> {
    let whole = |(id, known): &&(String, String)| id == name || known.to_lowercase() == name.to_lowercase();
    let begins = |(_, known): &&(String, String)| {
        find_in(known, name, (true, false)).first().is_some_and(|(from, _)| *from == 0)
    };
    let exact: Vec<&str> = around.teamspaces.iter().filter(whole).map(|(id, _)| id.as_str()).collect();
    if exact.is_empty() {
        around.teamspaces.iter().filter(begins).map(|(id, _)| id.as_str()).collect()
    } else {
        exact
    }
}

/// Numbers of the recordings whose tags are as wanted, as a list in JSON. Compared here, because SQLite knows the case
/// of few letters.
fn tagged(c: &Connection, wanted: impl Fn(&[String]) -> bool) -> Result<String, database::Error> {
    let mut statement = c.prepare_cached("SELECT id, tags FROM recording WHERE tags <> ''")?;
    let mut rows = statement.query([])?;
    let mut found: Vec<i64> = Vec::new();
    while let Some(row) = rows.next()? {
        let held = row.get_ref(1)?.as_str().map(|tags| tags.lines().map(str::to_lowercase).collect());
        if held.is_ok_and(|held: Vec<String>| wanted(&held)) {
            found.push(row.get(0)?);
        }
    }
    Ok(serde_json::to_string(&found)?)
}
