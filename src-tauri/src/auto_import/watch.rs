//! The loop that looks by itself, in one process per data directory: the window or `nextctl auto-import watch`.
//!
//! # Why a short beat
//!
//! A timer that spans a sleep of the computer ends at the wrong time, on each system in its own way. So the loop
//! wakes every second, compares how far the wall clock and its own clock have gone, and sees that the computer slept
//! or that somebody set the clock. Two rows are read then, and nothing is sent. The network is looked at as often: what
//! waited for it goes on within a second of its return.

use std::fs::File;
use std::net::IpAddr;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use super::store::{self, State};
use super::{AutoImport, AutoImportStatus, ProblemKind, pace};
use crate::error::{Code, UserError, UserResult};
use crate::events::Event;
use crate::ledger::account_key;

/// How often the loop looks around.
const BEAT: Duration = Duration::from_secs(1);
/// The wall clock ran so far ahead of ours: the computer slept, or the clock was set.
const SLEPT: SignedDuration = SignedDuration::from_secs(60);
/// A clock that was set back by more than this: what it had planned is not waited for.
const CORRECTION: SignedDuration = SignedDuration::from_mins(5);
/// How long a look that was asked of another process is waited for.
const ELSEWHERE: Duration = Duration::from_secs(60);

/// Which process looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Watching {
    /// This one.
    Here,
    /// Another one, on the same data directory.
    Elsewhere,
}

impl AutoImport {
    /// Looks whenever a look is due, until it is stopped; as soon as no other process does.
    pub async fn watch(self, stop: CancellationToken) {
        while self.take_place() == Watching::Elsewhere {
            tokio::select! {
                () = tokio::time::sleep(BEAT) => {}
                () = stop.cancelled() => return,
            }
        }
        // What happened while nobody looked was not seen.
        self.hasten(|_| true);
        let mut heard = self.0.parts.importer.events.subscribe();
        let mut around = Around::new(self.now(), self.0.parts.way_out.now());
        while !stop.is_cancelled() {
            tokio::select! {
                result = self.look_if_due() => if let Err(error) = result {
                    tracing::warn!(code = ?error.code, detail = ?error.detail, "cannot look for new recordings");
                },
                () = stop.cancelled() => break,
            }
            tokio::select! {
                () = tokio::time::sleep(BEAT) => {}
                event = heard.recv() => self.hear(event),
                () = stop.cancelled() => break,
            }
            if around.has_changed(self.now(), self.0.parts.way_out.now()) {
                self.hasten(|_| true);
            }
        }
        self.0.held.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// Takes the place of the one process that looks, if it is free. The lock dies with its process.
    pub fn take_place(&self) -> Watching {
        let mut held = self.0.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.is_some() {
            return Watching::Here;
        }
        match File::options().create(true).truncate(false).write(true).open(&self.0.parts.place) {
            Ok(file) if file.try_lock().is_ok() => {
                *held = Some(file);
                Watching::Here
            }
            Ok(_) => Watching::Elsewhere,
            Err(error) => {
                tracing::error!(%error, "cannot open the place of the one who looks for new recordings");
                Watching::Elsewhere
            }
        }
    }

    /// Looks if a look is due.
    pub async fn look_if_due(&self) -> UserResult<()> {
        let connected = self.0.parts.accounts.connected().ok().map(|account| account_key(&account.id));
        if is_due(&self.load()?, connected.as_deref(), self.now()) {
            self.look().await?;
        }
        Ok(())
    }

    /// Looks now, also while a person holds it. Where another process looks, that one is asked and waited for.
    pub async fn check_now(&self) -> UserResult<AutoImportStatus> {
        let before = self.status()?;
        if !before.on {
            return Err(UserError::new(
                Code::Usage,
                "Auto-import is off",
                "switch it on first; single recordings are imported from the list of Zoom recordings",
            ));
        }
        let owned = self.owns_place();
        match self.take_place() {
            Watching::Here => {
                self.look().await?;
                if !owned {
                    self.0.held.lock().unwrap_or_else(PoisonError::into_inner).take();
                }
            }
            Watching::Elsewhere => {
                self.0.parts.state.write(store::ask_for_poll)?;
                let begun = Instant::now();
                while self.load()?.asked && begun.elapsed() < ELSEWHERE {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
        self.status()
    }

    /// Makes the next look due now, where it is on and its problem is one that may be over.
    fn hasten(&self, may_be_over: impl Fn(Option<ProblemKind>) -> bool) {
        let now = self.now();
        let hastened = self.0.parts.state.write(|t| {
            let mut state = store::load(t)?;
            let kind = state.problem.as_ref().map(|problem| problem.kind);
            if state.on && may_be_over(kind) && !kind.is_some_and(ProblemKind::waits_for_sign_in) {
                state.next_poll = Some(now);
                state.failures = 0;
                store::save_progress(t, &state)?;
            }
            Ok(())
        });
        if let Err(error) = hastened {
            tracing::warn!(%error, "cannot plan the next look for new recordings");
        }
    }

    /// Something happened that may have ended what holds it up.
    fn hear(&self, event: Result<Event, broadcast::error::RecvError>) {
        match event {
            Ok(Event::AccountChanged) => self.hasten(|kind| kind == Some(ProblemKind::ScopesMissing)),
            Ok(Event::TeamspacesChanged) => self.hasten(|kind| kind == Some(ProblemKind::TeamspaceGone)),
            Ok(Event::NetworkChanged) => self.hasten(|kind| kind == Some(ProblemKind::Offline)),
            Ok(Event::SettingsChanged | Event::ProfileChanged) => {
                self.hasten(|kind| kind == Some(ProblemKind::Other));
            }
            _ => {}
        }
    }
}

/// Whether a look is due. `connected`: the account that is connected just now.
fn is_due(state: &State, connected: Option<&str>, now: Timestamp) -> bool {
    if !state.on {
        return false;
    }
    if state.asked {
        return true;
    }
    if state.pause_left(now).is_some() {
        return false;
    }
    if state.problem.as_ref().is_some_and(|problem| problem.kind.waits_for_sign_in()) {
        // Signing in again ends it, and until then nothing is asked of Zoom.
        return connected.is_some() && connected == state.account.as_deref();
    }
    let Some(next) = state.next_poll else { return true };
    let was_set_back = state.last_poll.is_some_and(|last| last.duration_since(now) > CORRECTION);
    now >= next || was_set_back || next.duration_since(now) > pace::LONGEST
}

/// What the loop saw around it last.
struct Around {
    wall: Timestamp,
    own: Instant,
    way_out: Option<IpAddr>,
}

impl Around {
    fn new(now: Timestamp, way_out: Option<IpAddr>) -> Self {
        Self { wall: now, own: Instant::now(), way_out }
    }

    /// Whether the computer slept, the clock was set, or the network came back or is another one.
    fn has_changed(&mut self, now: Timestamp, way_out: Option<IpAddr>) -> bool {
        let own = Instant::now();
        let own_went = own.duration_since(self.own);
        let wall_went = now.duration_since(self.wall);
        let ahead = wall_went - SignedDuration::try_from(own_went).unwrap_or_default();
        // On some systems the own clock goes on while the computer sleeps.
        let slept = ahead > SLEPT || own_went > BEAT + Duration::from_secs(60) || wall_went < -CORRECTION;
        let moved = way_out.is_some() && way_out != self.way_out;
        (self.wall, self.own, self.way_out) = (now, own, way_out);
        slept || moved
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auto_import::{AutoImportProblem, Rules};

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_780_000_000 + 60 * minute).unwrap()
    }

    fn state() -> State {
        State {
            on: true,
            revision: 0,
            teamspace: Some("t".to_owned()),
            account: Some("maya".to_owned()),
            since: Some(at(0)),
            since_is_zooms: true,
            rules: Rules::default(),
            covered: Some(at(0)),
            last_poll: Some(at(0)),
            next_poll: Some(at(10)),
            asked: false,
            failures: 0,
            paused_at: None,
            paused_until: None,
            problem: None,
        }
    }

    #[test]
    fn a_look_is_due_at_its_time_or_when_a_person_asks() {
        let due = |state: &State, minute| is_due(state, Some("maya"), at(minute));
        assert!(!due(&state(), 9) && due(&state(), 10));
        assert!(due(&State { asked: true, ..state() }, 1));
        assert!(!due(&State { on: false, asked: true, ..state() }, 99));
        assert!(due(&State { next_poll: None, ..state() }, 1), "nothing was planned yet");
    }

    #[test]
    fn a_pause_holds_it_until_it_is_over_or_the_clock_is_set_back() {
        let paused = State { paused_at: Some(at(0)), paused_until: Some(at(60)), ..state() };
        assert!(!is_due(&paused, None, at(30)));
        assert!(is_due(&paused, None, at(60)));
        assert!(is_due(&paused, None, at(-24 * 60)), "an hour does not become a day");
    }

    #[test]
    fn a_clock_that_is_set_back_or_forward_by_a_day_stops_nothing() {
        assert!(is_due(&state(), None, at(-24 * 60)));
        assert!(is_due(&state(), None, at(24 * 60)));
        let planned_tomorrow = State { last_poll: None, next_poll: Some(at(24 * 60)), ..state() };
        assert!(is_due(&planned_tomorrow, None, at(0)));
    }

    #[test]
    fn without_a_sign_in_nothing_is_due_until_the_same_account_is_connected() {
        let over = UserError::new(Code::NeedsReauthorization, "it is over", "connect again");
        let problem = Some(AutoImportProblem::of(over, at(0)));
        let held = State { next_poll: None, problem, ..state() };
        assert!(!is_due(&held, None, at(999)));
        assert!(!is_due(&held, Some("jonas"), at(999)));
        assert!(is_due(&held, Some("maya"), at(1)));
    }

    #[test]
    fn a_sleep_is_seen_by_the_wall_clock_running_ahead() {
        let mut around = Around::new(at(0), None);
        assert!(!around.has_changed(at(0), None));
        assert!(!around.has_changed(at(1), None), "a minute is a slow beat");
        assert!(around.has_changed(at(120), None));
        assert!(!around.has_changed(at(120), None));
        assert!(around.has_changed(at(0), None), "set back");
    }

    #[test]
    fn a_network_that_comes_back_is_a_change_and_one_that_goes_is_none() {
        let (home, office) = (Some("192.168.0.7".parse().unwrap()), Some("10.0.0.7".parse().unwrap()));
        let mut around = Around::new(at(0), home);
        let changes = [home, None, None, home, home, office].map(|way| around.has_changed(at(0), way));
        assert_eq!(changes, [false, false, false, true, false, true]);
    }
}
