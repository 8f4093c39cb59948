//! Auto-import's rows in `state.db`: what a person set, how far it has looked, and what it decided.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, named_params, params};

use super::decide::{DecidedBy, Decision, Verdict};
use super::{AutoImportProblem, InboxItem, Rules};
use crate::database::{Error, to_text};
use crate::recording::CloudRecording;

/// What was decided is kept for so long after the recording began: longer than Zoom is looked through for it.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 730);
/// The widest look reads 26 days; a day more, for the hours of the first.
const OUT_OF_REACH: SignedDuration = SignedDuration::from_hours(24 * 27);
/// Days of which calls are counted.
const DAYS_COUNTED: i64 = 90;

/// Auto-import as it stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct State {
    pub on: bool,
    pub revision: i64,
    pub teamspace: Option<String>,
    pub account: Option<String>,
    pub since: Option<Timestamp>,
    pub since_is_zooms: bool,
    pub rules: Rules,
    pub covered: Option<Timestamp>,
    pub last_poll: Option<Timestamp>,
    pub next_poll: Option<Timestamp>,
    /// A person asked for a look now.
    pub asked: bool,
    pub failures: u32,
    pub paused_at: Option<Timestamp>,
    pub paused_until: Option<Timestamp>,
    pub problem: Option<AutoImportProblem>,
}

/// What was decided about a recording.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Seen {
    pub uuid: String,
    pub teamspace: String,
    pub title: String,
    pub start: Timestamp,
    pub decision: Decision,
    pub facts: String,
    pub files: String,
    pub first_seen: Timestamp,
    pub decided_at: Timestamp,
}

pub(super) fn load(c: &Connection) -> Result<State, Error> {
    Ok(c.prepare_cached("SELECT * FROM auto_import")?.query_row([], state)?)
}

/// Keeps what a person changed; looks under way see by the revision that they are out of date.
pub(super) fn save_choice(t: &Transaction<'_>, state: &State) -> Result<(), Error> {
    t.execute(
        "UPDATE auto_import SET revision = revision + 1, is_on = :on, teamspace = :teamspace, account = :account,
                since = :since, since_is_zooms = :zooms, rules = :rules, covered = :covered, next_poll = :next,
                failures = :failures, paused_at = :paused_at, paused_until = :paused_until, problem = :problem",
        named_params! {
            ":on": state.on, ":teamspace": state.teamspace, ":account": state.account, ":since": text(state.since),
            ":zooms": state.since_is_zooms, ":rules": serde_json::to_string(&state.rules)?,
            ":covered": text(state.covered), ":next": text(state.next_poll), ":failures": state.failures,
            ":paused_at": text(state.paused_at), ":paused_until": text(state.paused_until),
            ":problem": state.problem.as_ref().map(serde_json::to_string).transpose()?,
        },
    )?;
    Ok(())
}

/// Keeps what a look found out about itself.
pub(super) fn save_progress(t: &Transaction<'_>, state: &State) -> Result<(), Error> {
    t.execute(
        "UPDATE auto_import SET since = :since, since_is_zooms = :zooms, covered = :covered, last_poll = :last,
                next_poll = :next, failures = :failures, problem = :problem, asked = :asked",
        named_params! {
            ":since": text(state.since), ":zooms": state.since_is_zooms, ":covered": text(state.covered),
            ":last": text(state.last_poll), ":next": text(state.next_poll), ":failures": state.failures,
            ":asked": state.asked,
            ":problem": state.problem.as_ref().map(serde_json::to_string).transpose()?,
        },
    )?;
    Ok(())
}

/// Notes that a person wants a look now.
pub(super) fn ask_for_poll(t: &Transaction<'_>) -> Result<(), Error> {
    t.execute("UPDATE auto_import SET asked = 1", [])?;
    Ok(())
}

pub(super) fn seen(c: &Connection, account: &str, uuid: &str) -> Result<Option<Seen>, Error> {
    let mut statement = c.prepare_cached("SELECT * FROM auto_seen WHERE account = ?1 AND uuid = ?2")?;
    Ok(statement.query_row([account, uuid], seen_row).optional()?)
}

/// Writes down what was decided about a recording.
pub(super) fn note(
    t: &Transaction<'_>,
    account: &str,
    recording: &CloudRecording,
    (facts, files): (&str, &str),
    (teamspace, size): (&str, u64),
    decision: Decision,
    now: Timestamp,
) -> Result<(), Error> {
    t.prepare_cached(
        "INSERT INTO auto_seen (account, uuid, recording_id, teamspace, title, start, duration, size, host,
                                delete_at, verdict, rule, facts, files, first_seen, decided_at)
         VALUES (:account, :uuid, :id, :teamspace, :title, :start, :duration, :size, :host, :delete_at, :verdict,
                 :rule, :facts, :files, :now, :now)
         ON CONFLICT (account, uuid) DO UPDATE SET
             teamspace = excluded.teamspace, title = excluded.title, start = excluded.start,
             duration = excluded.duration, size = excluded.size, host = excluded.host,
             delete_at = excluded.delete_at, verdict = excluded.verdict, rule = excluded.rule,
             facts = excluded.facts, files = excluded.files,
             decided_at = CASE WHEN verdict = excluded.verdict AND rule = excluded.rule THEN decided_at
                               ELSE excluded.decided_at END",
    )?
    .execute(named_params! {
        ":account": account, ":uuid": recording.uuid, ":id": recording.recording_id.as_str(),
        ":teamspace": teamspace, ":title": recording.topic, ":start": to_text(recording.start),
        ":duration": to_sql(recording.duration), ":size": to_sql(size), ":host": recording.host,
        ":delete_at": text(recording.auto_delete_at), ":verdict": name(decision.verdict),
        ":rule": decision.by.name(), ":facts": facts, ":files": files, ":now": to_text(now),
    })?;
    Ok(())
}

/// A person decided, or auto-import was switched off.
pub(super) fn redecide(
    t: &Transaction<'_>,
    account: &str,
    uuid: &str,
    decision: Decision,
    now: Timestamp,
) -> Result<(), Error> {
    t.execute(
        "UPDATE auto_seen SET verdict = ?3, rule = ?4, decided_at = ?5 WHERE account = ?1 AND uuid = ?2",
        params![account, uuid, name(decision.verdict), decision.by.name(), to_text(now)],
    )?;
    Ok(())
}

pub(super) fn inbox(c: &Connection, account: &str) -> Result<Vec<InboxItem>, Error> {
    let mut statement = c.prepare_cached(
        "SELECT * FROM auto_seen WHERE account = ?1 AND verdict = 'review' ORDER BY start DESC, uuid",
    )?;
    let items = statement.query_map([account], inbox_item)?.collect::<Result<Vec<_>, _>>()?;
    Ok(items.into_iter().flatten().collect())
}

pub(super) fn inbox_item_of(
    c: &Connection,
    account: &str,
    uuid: &str,
) -> Result<Option<(InboxItem, Seen)>, Error> {
    let mut statement = c.prepare_cached("SELECT * FROM auto_seen WHERE account = ?1 AND uuid = ?2")?;
    let found =
        statement.query_row([account, uuid], |row| Ok((inbox_item(row)?, seen_row(row)?))).optional()?;
    Ok(found.and_then(|(item, seen)| Some((item?, seen))))
}

pub(super) fn inbox_count(c: &Connection, account: &str) -> Result<u32, Error> {
    let sql = "SELECT count(*) FROM auto_seen WHERE account = ?1 AND verdict = 'review'";
    Ok(c.prepare_cached(sql)?.query_row([account], |row| row.get(0))?)
}

/// Since when Zoom works on what it has not finished, the youngest such recording.
pub(super) fn processing_since(c: &Connection, account: &str) -> Result<Option<Timestamp>, Error> {
    let sql = "SELECT max(first_seen) FROM auto_seen WHERE account = ?1 AND verdict = 'wait'";
    let found: Option<String> = c.prepare_cached(sql)?.query_row([account], |row| row.get(0))?;
    Ok(found.and_then(|text| text.parse().ok()))
}

/// Counts calls.
pub(super) fn count_calls(t: &Transaction<'_>, calls: u32, now: Timestamp) -> Result<(), Error> {
    if calls == 0 {
        return Ok(());
    }
    t.execute(
        "INSERT INTO auto_calls (day, calls) VALUES (?1, ?2) ON CONFLICT (day) DO UPDATE SET calls = calls + ?2",
        params![day(now), calls],
    )?;
    let oldest = now.saturating_sub(SignedDuration::from_hours(24 * DAYS_COUNTED)).unwrap_or(Timestamp::MIN);
    t.execute("DELETE FROM auto_calls WHERE day < ?1", [day(oldest)])?;
    Ok(())
}

pub(super) fn calls_on(c: &Connection, now: Timestamp) -> Result<u32, Error> {
    let mut statement = c.prepare_cached("SELECT calls FROM auto_calls WHERE day = ?1")?;
    Ok(statement.query_row([day(now)], |row| row.get(0)).optional()?.unwrap_or(0))
}

/// What Zoom still worked on when it was last listed, and what no look reaches any more, is not waited for any longer.
pub(super) fn give_up(t: &Transaction<'_>, now: Timestamp) -> Result<(), Error> {
    let decision = Decision::new(Verdict::Skip, DecidedBy::NeverFinished);
    let oldest = now.saturating_sub(OUT_OF_REACH).unwrap_or(Timestamp::MIN);
    t.execute(
        "UPDATE auto_seen SET verdict = ?2, rule = ?3, decided_at = ?4 WHERE verdict = 'wait' AND start < ?1",
        params![to_text(oldest), name(decision.verdict), decision.by.name(), to_text(now)],
    )?;
    Ok(())
}

/// Forgets what is too old to be listed again.
pub(super) fn prune(t: &Transaction<'_>, now: Timestamp) -> Result<(), Error> {
    let oldest = now.saturating_sub(KEPT).unwrap_or(Timestamp::MIN);
    t.execute("DELETE FROM auto_seen WHERE start < ?1 AND verdict <> 'review'", [to_text(oldest)])?;
    Ok(())
}

/// Imports that auto-import asked for and nobody has begun are no longer wanted. Returns their ids.
pub(super) fn withdraw(t: &Transaction<'_>, account: &str, now: Timestamp) -> Result<Vec<i64>, Error> {
    let mut statement = t.prepare(
        "DELETE FROM job WHERE automatic = 1 AND attempt IS NULL AND state = 'queued' RETURNING id, source_key",
    )?;
    let gone: Vec<(i64, String)> =
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    for (_, uuid) in &gone {
        redecide(t, account, uuid, Decision::new(Verdict::Skip, DecidedBy::SwitchedOff), now)?;
    }
    t.execute("DELETE FROM auto_seen WHERE account = ?1 AND verdict = 'wait'", [account])?;
    Ok(gone.into_iter().map(|(id, _)| id).collect())
}

fn state(row: &Row<'_>) -> rusqlite::Result<State> {
    let (rules, problem): (String, Option<String>) = (row.get("rules")?, row.get("problem")?);
    Ok(State {
        on: row.get("is_on")?,
        revision: row.get("revision")?,
        teamspace: row.get("teamspace")?,
        account: row.get("account")?,
        since: time(row, "since")?,
        since_is_zooms: row.get("since_is_zooms")?,
        rules: serde_json::from_str(&rules).unwrap_or_default(),
        covered: time(row, "covered")?,
        last_poll: time(row, "last_poll")?,
        next_poll: time(row, "next_poll")?,
        asked: row.get("asked")?,
        failures: row.get("failures")?,
        paused_at: time(row, "paused_at")?,
        paused_until: time(row, "paused_until")?,
        problem: problem.and_then(|problem| serde_json::from_str(&problem).ok()),
    })
}

fn seen_row(row: &Row<'_>) -> rusqlite::Result<Seen> {
    let (verdict, rule): (String, String) = (row.get("verdict")?, row.get("rule")?);
    Ok(Seen {
        uuid: row.get("uuid")?,
        teamspace: row.get("teamspace")?,
        title: row.get("title")?,
        start: time(row, "start")?.unwrap_or(Timestamp::UNIX_EPOCH),
        decision: Decision {
            verdict: serde_json::from_value(verdict.into()).unwrap_or(Verdict::Skip),
            by: DecidedBy::named(&rule).unwrap_or(DecidedBy::Person),
        },
        facts: row.get("facts")?,
        files: row.get("files")?,
        first_seen: time(row, "first_seen")?.unwrap_or(Timestamp::UNIX_EPOCH),
        decided_at: time(row, "decided_at")?.unwrap_or(Timestamp::UNIX_EPOCH),
    })
}

/// None for a row whose texts are not what was written.
fn inbox_item(row: &Row<'_>) -> rusqlite::Result<Option<InboxItem>> {
    let id: String = row.get("recording_id")?;
    let (Ok(recording_id), Some(start)) = (id.parse(), time(row, "start")?) else { return Ok(None) };
    Ok(Some(InboxItem {
        uuid: row.get("uuid")?,
        recording_id,
        teamspace: row.get("teamspace")?,
        title: row.get("title")?,
        start,
        duration: from_sql(row.get("duration")?),
        size: from_sql(row.get("size")?),
        host: row.get("host")?,
        auto_delete_at: time(row, "delete_at")?,
        arrived_at: time(row, "decided_at")?.unwrap_or(start),
    }))
}

fn time(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<Timestamp>> {
    Ok(row.get::<_, Option<String>>(column)?.and_then(|text| text.parse().ok()))
}

fn text(time: Option<Timestamp>) -> Option<String> {
    time.map(to_text)
}

fn day(time: Timestamp) -> String {
    time.to_zoned_datetime(jiff::tz::TimeZone::UTC).date().to_string()
}

fn name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Take => "take",
        Verdict::Review => "review",
        Verdict::Skip => "skip",
        Verdict::Wait => "wait",
    }
}

fn to_sql(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn from_sql(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
