//! The face of auto-import: what a person sets, and where it stands.

use std::collections::HashMap;
use std::fs::File;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp, ToSpan as _};
use tokio::sync::Notify;

use super::store::{self, State};
use super::{AutoImportProblem, AutoImportStatus, PauseUntil, Rules, WayOut};
use crate::account::Accounts;
use crate::activity::Activity;
use crate::database::Database;
use crate::error::{Code, UserError, UserResult};
use crate::events::Event;
use crate::import::Importer;
use crate::ledger::account_key;

/// Calls a day that looking for recordings may cost. Beyond it looks come about once an hour.
pub const MOST_CALLS_A_DAY: u32 = 400;
/// The hour at which a day begins for a pause until tomorrow.
const MORNING: i8 = 7;
/// A clock that was set back by more than this ends a pause.
const CORRECTION: SignedDuration = SignedDuration::from_mins(5);

/// What auto-import works with.
pub struct Parts {
    /// `state.db`.
    pub state: Database,
    /// The connected account.
    pub accounts: Accounts,
    /// What imports work with: teamspaces, Zoom, the queue.
    pub importer: Arc<Importer>,
    /// The log of what happened.
    pub activity: Activity,
    /// Wakes the import worker.
    pub wake: Arc<Notify>,
    /// Whether there is a network.
    pub way_out: WayOut,
    /// The file whose lock says which process looks for new recordings.
    pub place: PathBuf,
}

/// Auto-import. Cheap to clone.
#[derive(Clone)]
pub struct AutoImport(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) parts: Parts,
    /// One look at a time.
    pub(super) polling: tokio::sync::Mutex<()>,
    pub(super) running: AtomicBool,
    /// The place of the one process that looks, once it is ours.
    pub(super) held: Mutex<Option<File>>,
    /// Ends of the meetings of the last weeks, and when they were read.
    pub(super) ends: Mutex<Ends>,
    /// What waits for review, is not listed, and is at Zoom all the same: when Zoom said so.
    pub(super) asked_for: Mutex<HashMap<String, Timestamp>>,
}

/// When meetings of the last weeks ended: their series ends at these times again.
#[derive(Default)]
pub(super) struct Ends {
    pub(super) read: Option<Timestamp>,
    pub(super) ends: Vec<Timestamp>,
}

impl AutoImport {
    /// Auto-import of a data directory.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(Inner {
            parts,
            polling: tokio::sync::Mutex::default(),
            running: AtomicBool::new(false),
            held: Mutex::default(),
            ends: Mutex::default(),
            asked_for: Mutex::default(),
        }))
    }

    pub(super) fn now(&self) -> Timestamp {
        self.0.parts.importer.clock.now()
    }

    pub(super) fn tell(&self) {
        self.0.parts.importer.events.emit(Event::AutoImportChanged);
        if let Err(error) = self.0.parts.activity.announce() {
            tracing::warn!(%error, "cannot read the log of activity");
        }
    }

    pub(super) fn load(&self) -> UserResult<State> {
        Ok(self.0.parts.state.read(store::load)?)
    }

    /// Where it stands.
    pub fn status(&self) -> UserResult<AutoImportStatus> {
        let (state, now) = (self.load()?, self.now());
        let account = state.account.clone().unwrap_or_default();
        let (inbox_count, calls_today) =
            self.0.parts.state.read(|c| Ok((store::inbox_count(c, &account)?, store::calls_on(c, now)?)))?;
        let problem = match (&state.problem, self.0.parts.importer.queue.state()?.full) {
            _ if !state.on => None,
            (Some(problem), _) => Some(problem.clone()),
            (None, Some(full)) => Some(AutoImportProblem::of(full, now)),
            (None, None) => None,
        };
        let paused_until = state.pause_left(now);
        let held = !state.on || problem.as_ref().is_some_and(|problem| problem.kind.waits_for_sign_in());
        Ok(AutoImportStatus {
            on: state.on,
            teamspace: state.teamspace,
            since: state.since,
            covered_up_to: state.covered,
            last_poll: state.last_poll,
            next_poll: if held {
                None
            } else {
                state.next_poll.map(|next| next.max(paused_until.unwrap_or(next)))
            },
            paused_until,
            running: self.0.running.load(Ordering::Relaxed),
            problem,
            inbox_count,
            calls_today,
        })
    }

    /// Switches it on, or gives it another teamspace. The caller has seen that the teamspace is there.
    pub fn switch_on(&self, teamspace: &str) -> UserResult<()> {
        let account = account_key(&self.0.parts.accounts.connected()?.id);
        let now = self.now();
        self.change(|state| {
            let goes_on = state.on && state.account.as_ref() == Some(&account);
            if !goes_on {
                *state = State {
                    on: true,
                    account: Some(account),
                    since: Some(now),
                    since_is_zooms: false,
                    covered: None,
                    paused_at: None,
                    paused_until: None,
                    ..state.clone()
                };
            }
            state.teamspace = Some(teamspace.to_owned());
            state.due(now);
            Ok(())
        })
    }

    /// Switches it off, at once: a look under way brings nothing more, and what it asked for and nobody has begun is
    /// taken off the queue. What is under way is finished.
    pub fn switch_off(&self) -> UserResult<()> {
        let parts = &self.0.parts;
        let now = self.now();
        let gone = parts.state.write(|t| {
            let mut state = store::load(t)?;
            state.on = false;
            state.problem = None;
            state.next_poll = None;
            store::save_choice(t, &state)?;
            store::withdraw(t, state.account.as_deref().unwrap_or_default(), now)
        })?;
        for id in gone {
            parts.importer.events.emit(Event::JobChanged { id });
        }
        self.tell();
        Ok(())
    }

    /// The rules.
    pub fn rules(&self) -> UserResult<Rules> {
        Ok(self.load()?.rules)
    }

    /// Sets the rules; they count for what is decided from now on.
    pub fn set_rules(&self, rules: Rules) -> UserResult<Rules> {
        let rules = rules.checked()?;
        self.change(|state| {
            state.rules = rules.clone();
            Ok(())
        })?;
        Ok(rules)
    }

    /// Holds it for a while. Imports that were asked for go on.
    pub fn pause_until(&self, until: PauseUntil) -> UserResult<()> {
        let now = self.now();
        self.change(|state| {
            let until = match until {
                PauseUntil::Instant { at } => at,
                PauseUntil::Tomorrow => tomorrow(now, &state.rules),
            };
            if until <= now {
                return Err(UserError::new(
                    Code::Usage,
                    "That time is over already",
                    "give a time that is still to come",
                ));
            }
            state.paused_at = Some(now);
            state.paused_until = Some(until);
            Ok(())
        })
    }

    /// Ends a pause, and looks.
    pub fn resume(&self) -> UserResult<()> {
        let now = self.now();
        self.change(|state| {
            state.paused_at = None;
            state.paused_until = None;
            state.due(now);
            Ok(())
        })
    }

    /// Forgets what may name the account, once it is disconnected.
    pub fn forget_account(&self) -> UserResult<()> {
        let now = self.now();
        let not_connected = self.0.parts.accounts.connected().err();
        self.0.parts.state.write(|t| {
            crate::activity::forget_reasons(t)?;
            let mut state = store::load(t)?;
            if state.on {
                state.problem = not_connected.map(|error| AutoImportProblem::of(error, now));
            }
            store::save_choice(t, &state)
        })?;
        self.tell();
        Ok(())
    }

    fn change(&self, change: impl FnOnce(&mut State) -> UserResult<()>) -> UserResult<()> {
        let mut refused = None;
        self.0.parts.state.write(|t| {
            let mut state = store::load(t)?;
            match change(&mut state) {
                Ok(()) => store::save_choice(t, &state)?,
                Err(error) => refused = Some(error),
            }
            Ok(())
        })?;
        if let Some(error) = refused {
            return Err(error);
        }
        self.tell();
        Ok(())
    }

    /// Whether this process has the place of the one that looks.
    pub(super) fn owns_place(&self) -> bool {
        self.0.held.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }
}

impl State {
    /// Until when a person holds it; none when not, or when the clock was set back since.
    pub(super) fn pause_left(&self, now: Timestamp) -> Option<Timestamp> {
        let begun = self.paused_at?.saturating_sub(CORRECTION).unwrap_or(Timestamp::MIN);
        self.paused_until.filter(|until| begun <= now && now < *until)
    }

    /// Lets the next look come now.
    pub(super) fn due(&mut self, now: Timestamp) {
        self.next_poll = Some(now);
        self.failures = 0;
        self.problem = None;
    }
}

/// The next morning, as the person's clock shows it.
fn tomorrow(now: Timestamp, rules: &Rules) -> Timestamp {
    let today = now.to_zoned_datetime(rules.zone());
    let morning = today
        .date()
        .checked_add(1.day())
        .ok()
        .and_then(|day| day.at(MORNING, 0, 0, 0).to_zoned_datetime(rules.zone()).ok())
        .map(|morning| morning.timestamp());
    morning.unwrap_or_else(|| now.saturating_add(SignedDuration::from_hours(24)).unwrap_or(Timestamp::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tomorrow_begins_in_the_morning_also_when_the_clocks_change() {
        let rules = Rules { time_zone: Some("Europe/Berlin".to_owned()), ..Rules::default() };
        let morning = |now: &str| tomorrow(now.parse().unwrap(), &rules).to_string();
        assert_eq!(morning("2026-03-10T20:00:00Z"), "2026-03-11T06:00:00Z");
        assert_eq!(
            morning("2026-03-28T20:00:00Z"),
            "2026-03-29T05:00:00Z",
            "summer time begins in that night"
        );
        assert_eq!(
            morning("2026-03-10T23:30:00Z"),
            "2026-03-12T06:00:00Z",
            "it is the 11th in Berlin already"
        );
    }
}
