//! One look at Zoom's list: from the watermark, with several days of overlap, oldest first.
//!
//! # How far back
//!
//! A window of up to a month costs one call, however many days it has. Recordings are filed late, under the day of
//! their meeting, and some under the date of their series (13 days before, once: zoom-facts §2.4). So every look goes
//! back a week from the watermark, and the first and then one a day as far as one call allows.
//!
//! # Whose clock
//!
//! The watermark moves to the time that Zoom's answer carries, never beyond what was read. A clock that is wrong here
//! costs calls at most.

use std::collections::HashSet;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use futures::future::BoxFuture;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};

use super::gone::ReadWhole;
use super::store::{self, State};
use super::{AutoImport, AutoImportProblem, ProblemKind, pace};
use crate::account::Plan;
use crate::activity::{ActivityKind, Fresh, add, close_incidents, open_incident};
use crate::error::{Code, UserError, UserResult};
use crate::ledger::account_key;
use crate::recording::CloudRecording;
use crate::secret::Secret;
use crate::teamspace::{Teamspace, TeamspaceState};
use crate::zoom::{AccessTokens, Days};

/// Days before the watermark that every look reads again.
const OVERLAP: i64 = 7;
/// Days that the widest look of one call reads: with the day that is added, less than the shortest month.
const WIDE: i64 = 26;
/// How often the widest look comes.
const WIDE_EVERY: SignedDuration = SignedDuration::from_hours(24);
/// What Zoom lists appears a moment after its clock says so.
const MOMENT: SignedDuration = SignedDuration::from_mins(1);
/// A clock that differs from Zoom's by more than this is wrong.
const WRONG: SignedDuration = SignedDuration::from_mins(2);
/// Windows of one look: some five years. More is left to the next.
const MOST_WINDOWS: u32 = 70;

/// How a look ended that did not fail.
pub(super) enum Looked {
    /// Everything was read.
    Whole,
    /// Zoom promised more than it gave.
    Incomplete,
    /// The account has no cloud recordings.
    Nothing,
    /// Switched off, or changed, meanwhile.
    Stale,
}

/// A look under way.
pub(super) struct Look {
    /// Auto-import as it stood when the look began, with what the look found out since.
    pub(super) state: State,
    pub(super) account: String,
    pub(super) teamspace: Teamspace,
    pub(super) since: Timestamp,
}

/// What a look found out about itself.
struct Progress {
    /// What a person had set when it began.
    revision: i64,
    calls: u32,
    /// How far it came; none: it was not begun.
    read: Option<State>,
}

/// Counts calls by the tokens that they ask for: one each.
struct Counted<'a> {
    tokens: &'a dyn AccessTokens,
    calls: AtomicU32,
}

impl AccessTokens for Counted<'_> {
    fn access_token(&self) -> BoxFuture<'_, UserResult<Secret>> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.tokens.access_token()
    }

    fn replace<'a>(&'a self, refused: &'a Secret) -> BoxFuture<'a, UserResult<Secret>> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.tokens.replace(refused)
    }
}

/// Says that a look is under way, for as long as it is held.
struct Running<'a>(&'a AtomicBool);

impl<'a> Running<'a> {
    fn begin(flag: &'a AtomicBool) -> Self {
        flag.store(true, Ordering::Relaxed);
        Self(flag)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

impl AutoImport {
    /// Looks at Zoom's list. What goes wrong with it becomes a problem of the status.
    pub(super) async fn look(&self) -> UserResult<()> {
        let _one = self.0.polling.lock().await;
        let state = self.load()?;
        if !state.on {
            return Ok(());
        }
        let running = Running::begin(&self.0.running);
        self.tell();
        let mut found = Progress { revision: state.revision, calls: 0, read: None };
        let looked = self.look_once(state, &mut found).await;
        self.settle_look(&found, looked)?;
        drop(running);
        self.tell();
        self.0.parts.wake.notify_one();
        Ok(())
    }

    async fn look_once(&self, state: State, found: &mut Progress) -> Result<Looked, AutoImportProblem> {
        let parts = &self.0.parts;
        let failed = |error: UserError| AutoImportProblem::of(error, self.now());
        let account = parts.accounts.connected().map_err(failed)?;
        let key = account_key(&account.id);
        if state.account.as_ref() != Some(&key) {
            return Err(AutoImportProblem::other_account(self.now()));
        }
        let id = state.teamspace.clone().unwrap_or_default();
        let teamspace = parts.importer.surroundings.teamspace(&id).await.map_err(failed)?;
        if teamspace.opened_as() == TeamspaceState::ReadOnly {
            let place = teamspace.location().place().to_owned();
            return Err(failed(crate::teamspace::Error::ReadOnly { place }.into()));
        }
        let since = state.since.unwrap_or_else(|| self.now());
        let mut look = Look { state, account: key, teamspace, since };
        let tokens = parts.importer.surroundings.tokens();
        let counted = Counted { tokens: tokens.as_ref(), calls: AtomicU32::new(0) };
        let looked = self.read_list(&mut look, &counted).await;
        found.calls = counted.calls.load(Ordering::Relaxed);
        found.read = Some(look.state);
        match looked {
            Ok((_, 0)) if account.plan == Plan::Basic => Ok(Looked::Nothing),
            Ok((looked, _)) => Ok(looked),
            Err(error) => Err(failed(error)),
        }
    }

    /// Reads the list in windows of a month, the oldest first, and takes in each. Returns also how many recordings
    /// were listed.
    async fn read_list(&self, look: &mut Look, tokens: &Counted<'_>) -> UserResult<(Looked, usize)> {
        let zoom = &self.0.parts.importer.zoom;
        let wide = self.is_wide_look_due();
        let from = utc_day(look.state.covered.unwrap_or(look.since));
        let mut days = first_window(from, utc_day(self.now()), wide);
        let (mut whole, mut ends) = (true, Vec::new());
        let (read_from, mut listed) = (days.from, HashSet::new());
        for _ in 0..MOST_WINDOWS {
            let listing = zoom.recordings(tokens, days, &|_| {}).await?;
            let zooms = zoom.answered_at();
            self.put_since_right(look, zooms);
            listed.extend(listing.recordings.iter().map(|recording| recording.uuid.clone()));
            ends.extend(listing.recordings.iter().map(end));
            if !self.take_in(look, &listing.recordings).await? {
                return Ok((Looked::Stale, listed.len()));
            }
            whole &= !listing.incomplete;
            if whole {
                look.state.covered = covered(look.state.covered, days, zooms, &listing.recordings);
            }
            let Some(next) = next_window(days, utc_day(zooms.unwrap_or(self.now()))) else { break };
            self.keep_covered(look)?;
            days = next;
        }
        if wide {
            let mut kept = self.0.ends.lock().unwrap_or_else(PoisonError::into_inner);
            (kept.read, kept.ends) = (Some(self.now()), ends);
        }
        let count = listed.len();
        if !whole {
            return Ok((Looked::Incomplete, count));
        }
        let from = read_from.to_zoned_datetime(TimeZone::UTC).map(|begin| begin.timestamp());
        let from = from.unwrap_or(Timestamp::MAX);
        self.settle_gone(look, tokens, &ReadWhole { listed, from, wide }).await?;
        Ok((Looked::Whole, count))
    }

    fn is_wide_look_due(&self) -> bool {
        let now = self.now();
        let read = self.0.ends.lock().unwrap_or_else(PoisonError::into_inner).read;
        read.is_none_or(|read| now < read || now.duration_since(read) >= WIDE_EVERY)
    }

    /// It was switched on by this machine's clock. Zoom's says what that was.
    fn put_since_right(&self, look: &mut Look, zooms: Option<Timestamp>) {
        if let Some(zooms) = zooms.filter(|_| !look.state.since_is_zooms) {
            let ahead = zooms.duration_since(self.now());
            if ahead.abs() > WRONG {
                look.since = look.since.saturating_add(ahead).unwrap_or(look.since);
                tracing::warn!(seconds = ahead.as_secs(), "this computer's clock differs from Zoom's");
            }
            look.state.since = Some(look.since);
            look.state.since_is_zooms = true;
        }
    }

    /// What was read is kept at once: a look that is interrupted later goes on from there.
    fn keep_covered(&self, look: &Look) -> UserResult<()> {
        Ok(self.0.parts.state.write(|t| {
            let now = store::load(t)?;
            if now.revision == look.state.revision {
                let State { covered, since, since_is_zooms, .. } = look.state.clone();
                store::save_progress(t, &State { covered, since, since_is_zooms, ..now })?;
            }
            Ok(())
        })?)
    }

    /// Writes down how a look ended and when the next one comes, unless a person changed something meanwhile.
    fn settle_look(&self, found: &Progress, looked: Result<Looked, AutoImportProblem>) -> UserResult<()> {
        let now = self.now();
        let ends = self.0.ends.lock().unwrap_or_else(PoisonError::into_inner).ends.clone();
        self.0.parts.state.write(|t| {
            let mut state = store::load(t)?;
            state.asked = false;
            store::count_calls(t, found.calls, now)?;
            if state.revision != found.revision || matches!(looked, Ok(Looked::Stale)) {
                return store::save_progress(t, &state);
            }
            if let Some(read) = &found.read {
                state.covered = read.covered;
                state.since = read.since;
                state.since_is_zooms = read.since_is_zooms;
            }
            let problem = match looked {
                Ok(Looked::Whole | Looked::Stale) => None,
                Ok(Looked::Incomplete) => Some(AutoImportProblem::incomplete(now)),
                Ok(Looked::Nothing) => Some(AutoImportProblem::no_cloud_recordings(now)),
                Err(ref problem) => Some(problem.clone()),
            };
            let since = |problem: AutoImportProblem| match &state.problem {
                Some(before) if before.kind == problem.kind => {
                    AutoImportProblem { since: before.since, ..problem }
                }
                _ => problem,
            };
            let problem = problem.map(since);
            let teamspace = state.teamspace.clone().unwrap_or_default();
            let pause = match &looked {
                Ok(looked) => {
                    state.last_poll = Some(now);
                    state.failures = 0;
                    close_incidents(t, &teamspace, false)?;
                    store::give_up(t, now)?;
                    store::prune(t, now)?;
                    let account = state.account.as_deref().unwrap_or_default();
                    let situation = pace::Situation {
                        now,
                        zone: state.rules.zone(),
                        processing_since: store::processing_since(t, account)?,
                        ends: &ends,
                        calls_today: store::calls_on(t, now)?,
                    };
                    match looked {
                        Looked::Nothing => {
                            pace::after_failure(ProblemKind::NoCloudRecordings, 1, None, rand::random())
                        }
                        _ => Some(pace::pause(&situation, rand::random())),
                    }
                }
                Err(problem) => {
                    state.failures = state.failures.saturating_add(1);
                    tell_incident(t, problem, &teamspace, now)?;
                    pace::after_failure(problem.kind, state.failures, asked_for(problem, now), rand::random())
                }
            };
            state.next_poll = pause.map(|pause| now.saturating_add(pause).unwrap_or(now));
            state.problem = problem;
            store::save_progress(t, &state)
        })?;
        Ok(())
    }
}

/// What needs a person is told once.
fn tell_incident(
    t: &rusqlite::Transaction<'_>,
    problem: &AutoImportProblem,
    teamspace: &str,
    now: Timestamp,
) -> Result<(), crate::database::Error> {
    let AutoImportProblem { error, .. } = problem;
    tracing::info!(kind = ?problem.kind, code = ?error.code, detail = ?error.detail, "auto-import is held up");
    let fresh = Fresh { teamspace: Some(teamspace), error: Some(error), automatic: true, ..Fresh::default() };
    if (error.code.needs_person() || error.code == Code::NotFound)
        && open_incident(t, error.code, Some(teamspace), now)?
    {
        add(t, ActivityKind::NeedsPerson, &fresh, now)?;
    }
    Ok(())
}

/// The pause that Zoom asked for.
fn asked_for(problem: &AutoImportProblem, now: Timestamp) -> Option<SignedDuration> {
    let again: Timestamp = problem.error.params.get("retry_at")?.parse().ok()?;
    Some(again.duration_since(now))
}

fn end(recording: &CloudRecording) -> Timestamp {
    recording.start.saturating_add(super::decide::seconds(recording.duration)).unwrap_or(recording.start)
}

pub(super) fn utc_day(time: Timestamp) -> Date {
    time.to_zoned_datetime(TimeZone::UTC).date()
}

/// The first window of a look, from so many days before the watermark.
fn first_window(covered: Date, today: Date, wide: bool) -> Days {
    // A clock that was set back does not know of the days that were covered already.
    let today = today.max(covered);
    let narrow = covered.saturating_sub(OVERLAP.days());
    let wide_from = today.saturating_sub(WIDE.days());
    let from = if wide { narrow.min(wide_from) } else { narrow };
    Days { from, to: today.min(from.saturating_add(WIDE.days())) }
}

/// The window after one, with a day in common; none when that one reached today.
fn next_window(days: Days, today: Date) -> Option<Days> {
    (days.to < today).then(|| Days { from: days.to, to: today.min(days.to.saturating_add(WIDE.days())) })
}

/// The watermark after a window that was read whole. `zooms`: the time that Zoom's answer carried; without it, what
/// Zoom's recordings say of the time is all that is sure.
fn covered(
    before: Option<Timestamp>,
    days: Days,
    zooms: Option<Timestamp>,
    recordings: &[CloudRecording],
) -> Option<Timestamp> {
    let end_of_window = days.to.saturating_add(1.day()).to_zoned_datetime(TimeZone::UTC).ok()?.timestamp();
    let newest = || recordings.iter().map(|recording| recording.start).max();
    let reached = match zooms {
        Some(zooms) => zooms.saturating_sub(MOMENT).ok(),
        None => newest(),
    };
    let Some(reached) = reached.map(|reached| reached.min(end_of_window)) else { return before };
    match (before, zooms) {
        // Beyond Zoom's own time: it cannot be.
        (Some(before), Some(zooms)) if before > zooms => Some(reached),
        (Some(before), _) => Some(before.max(reached)),
        (None, _) => Some(reached),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn days(from: &str, to: &str) -> Days {
        Days { from: date(from), to: date(to) }
    }

    #[test]
    fn an_ordinary_look_reads_a_week_and_one_a_day_as_far_as_a_call_allows() {
        let today = date("2026-03-10");
        assert_eq!(first_window(today, today, false), days("2026-03-03", "2026-03-10"));
        assert_eq!(first_window(today, today, true), days("2026-02-12", "2026-03-10"));
        assert_eq!(next_window(days("2026-03-03", "2026-03-10"), today), None);
    }

    proptest! {
        #[test]
        fn a_look_after_any_sleep_reads_every_day_once_more_in_windows_of_one_call(
            covered in 0..5_000_i32, asleep in 0..900_i32, wide: bool,
        ) {
            let covered = date("2014-01-01").saturating_add(covered.days());
            let today = covered.saturating_add(asleep.days());
            let mut window = first_window(covered, today, wide);
            prop_assert!(window.from <= covered.saturating_sub(OVERLAP.days()));
            loop {
                prop_assert!(window.from < window.to);
                let read_to = window.to.saturating_add(1.day());
                prop_assert!(read_to.saturating_sub(1.month()) <= window.from, "Zoom cuts {:?}", window);
                let Some(next) = next_window(window, today) else { break };
                prop_assert_eq!(next.from, window.to, "neighbours share a day");
                window = next;
            }
            prop_assert_eq!(window.to, today);
        }
    }

    #[test]
    fn the_watermark_moves_by_zooms_clock_and_never_beyond_what_was_read() {
        let read = days("2026-03-01", "2026-03-10");
        let before = Some(at("2026-03-09T12:00:00Z"));
        let now = at("2026-03-10T12:00:00Z");
        assert_eq!(covered(before, read, Some(now), &[]), Some(at("2026-03-10T11:59:00Z")));
        let later = at("2026-04-10T12:00:00Z");
        assert_eq!(covered(before, read, Some(later), &[]), Some(at("2026-03-11T00:00:00Z")));
        let earlier = at("2026-03-09T12:00:30Z");
        assert_eq!(covered(before, read, Some(earlier), &[]), before, "never back");
        let future = Some(at("2027-01-01T00:00:00Z"));
        assert_eq!(covered(future, read, Some(now), &[]), Some(at("2026-03-10T11:59:00Z")), "cannot be");
        assert_eq!(covered(before, read, None, &[]), before, "nobody said what time it is");
    }

    #[test]
    fn a_clock_that_was_set_back_reads_the_days_that_were_covered_again() {
        let window = first_window(date("2026-03-10"), date("2026-03-01"), false);
        assert_eq!(window, days("2026-03-03", "2026-03-10"));
    }
}
