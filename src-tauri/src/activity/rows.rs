//! The rows: written, read, searched, and forgotten after 90 days.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, Row, Transaction, named_params, params};

use super::{ActivityEntry, ActivityKind, ActivityPage, DAYS_KEPT, words};
use crate::database::{Database, Error, to_text};
use crate::error::{Code, UserError};
use crate::events::{Event, Events};
use crate::recording::RecordingId;

/// The most entries of one page.
const LONGEST_PAGE: u32 = 500;

/// Something that just happened.
#[derive(Debug, Clone, Default)]
pub struct Fresh<'a> {
    /// Id of the teamspace that it is about.
    pub teamspace: Option<&'a str>,
    /// The recording that it is about.
    pub recording_id: Option<&'a str>,
    /// Zoom's meeting UUID of it.
    pub uuid: Option<&'a str>,
    /// Its title.
    pub title: &'a str,
    /// The rule that decided.
    pub rule: Option<String>,
    /// Why.
    pub error: Option<&'a UserError>,
    /// Auto-import asked for it.
    pub automatic: bool,
}

/// What is looked for in the log.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// Words of titles, rules and reasons, all of which must be there; empty: anything.
    pub text: String,
    /// Only of this kind.
    pub kind: Option<ActivityKind>,
    /// Only older than the entry of this number.
    pub from: Option<i64>,
    /// At most so many entries.
    pub limit: u32,
}

/// The log of activity. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Activity {
    database: Database,
    events: Events,
    /// Up to which entry this process has told everybody.
    told: Arc<Mutex<i64>>,
}

/// Writes an entry, in the transaction that makes it true. Whoever commits it lets it be told by
/// [`Activity::announce`].
pub fn add(t: &Transaction<'_>, kind: ActivityKind, fresh: &Fresh<'_>, now: Timestamp) -> Result<(), Error> {
    let reason = fresh.error.map_or(String::new(), |error| format!("{error} {}", error.code.name()));
    let found_by = [fresh.title, fresh.rule.as_deref().unwrap_or_default(), &reason, &name(kind)].join(" ");
    t.prepare_cached(
        "INSERT INTO activity (at, kind, teamspace, recording_id, uuid, title, rule, error, automatic, words)
         VALUES (:at, :kind, :teamspace, :recording_id, :uuid, :title, :rule, :error, :automatic, :words)",
    )?
    .execute(named_params! {
        ":at": to_text(now), ":kind": name(kind), ":teamspace": fresh.teamspace,
        ":recording_id": fresh.recording_id, ":uuid": fresh.uuid, ":title": fresh.title, ":rule": fresh.rule,
        ":error": fresh.error.map(serde_json::to_string).transpose()?, ":automatic": fresh.automatic,
        ":words": words::folded(&found_by),
    })?;
    Ok(())
}

/// Forgets the reasons that may name a Zoom account, once it is disconnected.
pub fn forget_reasons(t: &Transaction<'_>) -> Result<(), Error> {
    for code in [Code::NeedsReauthorization, Code::ClaimConflict, Code::ScopesMissing, Code::NotConnected] {
        t.execute(
            "UPDATE activity SET error = NULL, words = '' WHERE json_extract(error, '$.code') = ?1",
            [code.name()],
        )?;
    }
    Ok(())
}

impl Activity {
    /// The log in this `state.db`. What is in it already is not told again.
    pub fn open(database: Database, events: Events) -> Result<Self, Error> {
        let last = database.read(last)?;
        Ok(Self { database, events, told: Arc::new(Mutex::new(last)) })
    }

    /// Tells everybody what came since this was last called, be it from this process or another; each entry once.
    pub fn announce(&self) -> Result<(), Error> {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = self.database.read(|c| {
            let mut statement = c.prepare_cached("SELECT * FROM activity WHERE id > ?1 ORDER BY id")?;
            Ok(statement.query_map([*told], entry)?.collect::<Result<Vec<_>, _>>()?)
        })?;
        for entry in fresh {
            *told = entry.id;
            self.events.emit(Event::ActivityAdded {
                id: entry.id,
                kind: entry.kind,
                teamspace: entry.teamspace,
                recording_id: entry.recording_id,
            });
        }
        Ok(())
    }

    /// Looks for entries, newest first.
    pub fn find(&self, search: &Search) -> Result<ActivityPage, Error> {
        let wanted = search.limit.clamp(1, LONGEST_PAGE);
        let words: Vec<String> = words::folded(&search.text).split(' ').map(str::to_owned).collect();
        let words = serde_json::to_string(&words)?;
        let mut entries = self.database.read(|c| {
            let mut statement = c.prepare_cached(
                "SELECT * FROM activity
                 WHERE id < :from AND (:kind IS NULL OR kind = :kind)
                   AND NOT EXISTS (SELECT 1 FROM json_each(:words) AS word
                                   WHERE instr(activity.words, word.value) = 0)
                 ORDER BY id DESC LIMIT :limit",
            )?;
            let found = statement.query_map(
                named_params! {
                    ":from": search.from.unwrap_or(i64::MAX), ":kind": search.kind.map(name), ":words": words,
                    ":limit": wanted + 1,
                },
                entry,
            )?;
            Ok(found.collect::<Result<Vec<_>, _>>()?)
        })?;
        let more = entries.len() > wanted as usize;
        entries.truncate(wanted as usize);
        let next = entries.last().map(|last| last.id).filter(|_| more);
        Ok(ActivityPage { entries, next })
    }

    /// One entry.
    pub fn entry(&self, id: i64) -> Result<Option<ActivityEntry>, Error> {
        use rusqlite::OptionalExtension as _;
        self.database
            .read(|c| Ok(c.query_row("SELECT * FROM activity WHERE id = ?1", [id], entry).optional()?))
    }

    /// Every entry, oldest first.
    pub fn all(&self) -> Result<Vec<ActivityEntry>, Error> {
        self.database.read(|c| {
            let mut statement = c.prepare("SELECT * FROM activity ORDER BY id")?;
            Ok(statement.query_map([], entry)?.collect::<Result<_, _>>()?)
        })
    }

    /// Forgets what is older than 90 days. A clock that runs ahead by more than that forgets early.
    pub fn prune(&self, now: Timestamp) -> Result<usize, Error> {
        let oldest = now.saturating_sub(SignedDuration::from_hours(24 * DAYS_KEPT)).unwrap_or(Timestamp::MIN);
        self.database
            .write(|t| Ok(t.execute("DELETE FROM activity WHERE at < ?1", params![to_text(oldest)])?))
    }
}

fn last(c: &Connection) -> Result<i64, Error> {
    Ok(c.query_row("SELECT coalesce(max(id), 0) FROM activity", [], |row| row.get(0))?)
}

/// A kind as rows and JSON have it.
pub(super) fn name(kind: ActivityKind) -> String {
    match serde_json::to_value(kind) {
        Ok(serde_json::Value::String(name)) => name,
        _ => String::new(),
    }
}

fn entry(row: &Row<'_>) -> rusqlite::Result<ActivityEntry> {
    let kind: String = row.get("kind")?;
    let (at, error): (String, Option<String>) = (row.get("at")?, row.get("error")?);
    let recording_id: Option<String> = row.get("recording_id")?;
    Ok(ActivityEntry {
        id: row.get("id")?,
        at: at.parse().unwrap_or(Timestamp::UNIX_EPOCH),
        // A kind of a later version is told as what asks nothing of anybody.
        kind: serde_json::from_value(serde_json::Value::String(kind)).unwrap_or(ActivityKind::Skipped),
        teamspace: row.get("teamspace")?,
        recording_id: recording_id.and_then(|id| id.parse::<RecordingId>().ok()),
        uuid: row.get("uuid")?,
        title: row.get("title")?,
        rule: row.get("rule")?,
        error: error.and_then(|error| serde_json::from_str(&error).ok()),
        automatic: row.get("automatic")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::open_state_in_memory;

    fn at(day: i64) -> Timestamp {
        Timestamp::from_second(1_780_000_000 + 86_400 * day).unwrap()
    }

    fn log() -> (Database, Events, Activity) {
        let (database, events) = (open_state_in_memory().unwrap(), Events::default());
        let activity = Activity::open(database.clone(), events.clone()).unwrap();
        (database, events, activity)
    }

    fn imported(database: &Database, title: &str, day: i64) {
        let fresh = Fresh { title, ..Fresh::default() };
        database.write(|t| add(t, ActivityKind::Imported, &fresh, at(day))).unwrap();
    }

    fn titles(activity: &Activity, search: &Search) -> Vec<String> {
        activity.find(search).unwrap().entries.into_iter().map(|entry| entry.title).collect()
    }

    #[test]
    fn entries_are_found_by_words_by_kind_and_page_by_page() {
        let (database, _, activity) = log();
        for title in ["Interview with Dana", "Straße", "Interview with Ümit"] {
            imported(&database, title, 0);
        }
        let skipped = Fresh { title: "Lunch", rule: Some("too_short".to_owned()), ..Fresh::default() };
        database.write(|t| add(t, ActivityKind::Skipped, &skipped, at(0))).unwrap();
        let search = |text: &str| Search { text: text.to_owned(), limit: 10, ..Search::default() };
        assert_eq!(titles(&activity, &search("")).len(), 4);
        assert_eq!(titles(&activity, &search("UMIT interview")), [] as [&str; 0]);
        assert_eq!(titles(&activity, &search("ümit INTERVIEW")), ["Interview with Ümit"]);
        assert_eq!(titles(&activity, &search("strasse")), ["Straße"]);
        assert_eq!(titles(&activity, &search("too_short")), ["Lunch"]);
        let kind = Search { kind: Some(ActivityKind::Skipped), ..search("") };
        assert_eq!(titles(&activity, &kind), ["Lunch"]);

        let page = activity.find(&Search { limit: 3, ..Search::default() }).unwrap();
        assert_eq!((page.entries.len(), page.next), (3, Some(page.entries[2].id)));
        let rest = activity.find(&Search { limit: 3, from: page.next, ..Search::default() }).unwrap();
        assert_eq!((rest.entries[0].title.as_str(), rest.next), ("Interview with Dana", None));
    }

    #[test]
    fn what_is_new_is_told_once_whoever_wrote_it() {
        let (database, events, activity) = log();
        imported(&database, "before", 0);
        let activity = Activity::open(database.clone(), activity.events.clone()).unwrap();
        let mut heard = events.subscribe();
        activity.announce().unwrap();
        assert!(heard.try_recv().is_err(), "what was there at the start is not news");
        imported(&database, "after", 0);
        activity.announce().unwrap();
        activity.announce().unwrap();
        assert!(matches!(heard.try_recv(), Ok(Event::ActivityAdded { kind: ActivityKind::Imported, .. })));
        assert!(heard.try_recv().is_err());
    }

    #[test]
    fn entries_are_kept_for_90_days() {
        let (database, _, activity) = log();
        imported(&database, "old", 0);
        imported(&database, "young", 2);
        activity.prune(at(91)).unwrap();
        assert_eq!(titles(&activity, &Search { limit: 9, ..Search::default() }), ["young"]);
    }
}
