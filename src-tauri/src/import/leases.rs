//! Leases from an import's side: one is taken before anything is downloaded that a colleague's machine, or another one
//! of the same person, may want at the same time. Whoever meets somebody else's waits, says so, and looks again.
//!
//! Only where somebody else may come: in a folder of one person alone there is nobody to wait for, and no request. In a
//! bucket a lease costs two requests per recording.
//!
//! Late files take none: they are small, and two who bring the same one end with one addendum.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::importer::{Importer, Stop};
use super::queue::Claimed;
use crate::error::{Code, UserError};
use crate::recording::RecordingId;
use crate::teamspace::{self, Claimant, Lease, Leased, Teamspace};

/// How long the first generation lasts: so long others wait for a machine that died.
const FIRST: SignedDuration = SignedDuration::from_mins(2);
/// Each renewal lasts twice as long as the one before, up to this.
const LONGEST: SignedDuration = SignedDuration::from_mins(10);
/// The first look at somebody else's work comes after this; each later one after half the time that we have waited.
const FIRST_LOOK: SignedDuration = SignedDuration::from_secs(3);
/// The longest pause between two looks.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_secs(30);
/// Nobody waits longer for the same recording, however often a lease is renewed.
const PATIENCE: SignedDuration = SignedDuration::from_hours(24);
/// Giving a lease back may take so long; what stays is over after its time.
const GIVING_BACK: Duration = Duration::from_secs(5);
/// Tries at taking a generation, when others take them too.
const TRIES: usize = 4;

/// What is known of other machines' work, and for how long a lease is taken.
#[derive(Debug)]
pub struct Leases {
    seen: Mutex<HashMap<(String, RecordingId), Seen>>,
    first: SignedDuration,
}

impl Default for Leases {
    fn default() -> Self {
        Self { seen: Mutex::default(), first: FIRST }
    }
}

/// Somebody else's lease, and when it was seen by this machine's clock.
#[derive(Debug, Clone)]
struct Seen {
    /// Any lease of this recording.
    first: Timestamp,
    /// This generation.
    at: Timestamp,
    generation: u64,
    nonce: String,
}

/// What is to be done about somebody else's lease.
#[derive(Debug, PartialEq, Eq)]
enum Judged {
    /// It is in force; the next look is at this time.
    Holds(Timestamp),
    /// Its time is over.
    Over,
}

impl Leases {
    fn seen(&self) -> MutexGuard<'_, HashMap<(String, RecordingId), Seen>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn knows(&self, teamspace: &str, id: &RecordingId) -> bool {
        self.seen().contains_key(&(teamspace.to_owned(), id.clone()))
    }

    fn forget(&self, teamspace: &str, id: &RecordingId) {
        self.seen().remove(&(teamspace.to_owned(), id.clone()));
    }

    /// Notes that a lease of somebody else stands there now.
    fn judge(&self, teamspace: &str, id: &RecordingId, lease: &Lease, now: Timestamp) -> Judged {
        let mut seen = self.seen();
        let fresh = Seen { first: now, at: now, generation: lease.generation, nonce: lease.nonce.clone() };
        let seen = seen.entry((teamspace.to_owned(), id.clone())).or_insert_with(|| fresh.clone());
        // A clock that was set back has measured nothing.
        if seen.at > now || seen.first > now {
            *seen = fresh.clone();
        }
        if (seen.generation, &seen.nonce) != (lease.generation, &lease.nonce) {
            *seen = Seen { first: seen.first, ..fresh };
        }
        let waited = now.duration_since(seen.first);
        if now.duration_since(seen.at) >= lease.lasts || waited >= PATIENCE {
            return Judged::Over;
        }
        let over = seen.at.saturating_add(lease.lasts).unwrap_or(Timestamp::MAX);
        let pause = (waited / 2).clamp(FIRST_LOOK, LONGEST_PAUSE);
        Judged::Holds(now.saturating_add(pause).unwrap_or(Timestamp::MAX).min(over))
    }
}

/// A lease that is ours, until it is given back.
pub(super) struct Held {
    teamspace: Teamspace,
    id: RecordingId,
    holder: Claimant,
    attempt: String,
    /// The newest generation that we may have written.
    newest: u64,
    lasts: SignedDuration,
    /// Until it is renewed.
    pause: SignedDuration,
    /// Somebody took it over: they saw nothing of us for too long.
    lost: bool,
}

impl Importer {
    /// Takes the lease of a recording, where others may want to import it too. Fails when another machine is at it;
    /// whatever else goes wrong with a lease holds nobody up.
    pub(super) async fn lease(
        &self,
        claimed: &Claimed,
        teamspace: &Teamspace,
        id: &RecordingId,
    ) -> Result<Option<Held>, Stop> {
        let alone = !teamspace.location().is_remote() && self.catalog.members(teamspace.id())?.len() < 2;
        if alone {
            return Ok(None);
        }
        let holder = self.surroundings.claimant()?;
        match self.try_lease(claimed, teamspace, id, &holder).await {
            Ok(Ok(lease)) => {
                self.leases.forget(teamspace.id(), id);
                Ok(Some(Held {
                    teamspace: teamspace.clone(),
                    id: id.clone(),
                    holder,
                    attempt: claimed.attempt.clone(),
                    newest: lease.generation,
                    lasts: lease.lasts,
                    pause: lease.lasts / 2,
                    lost: false,
                }))
            }
            Ok(Err((theirs, look))) => Err(Stop::Failed(at_work(&theirs.holder, &holder, look))),
            Err(error) => {
                tracing::debug!(%error, recording = %id, "imported without a lease");
                Ok(None)
            }
        }
    }

    /// Our lease; or somebody else's, and when to look at it again.
    async fn try_lease(
        &self,
        claimed: &Claimed,
        teamspace: &Teamspace,
        id: &RecordingId,
        holder: &Claimant,
    ) -> Result<Result<Lease, (Lease, Timestamp)>, teamspace::Error> {
        let mut newest = match self.leases.knows(teamspace.id(), id) {
            true => teamspace.newest_lease(id).await?,
            // The usual case takes one request.
            false => None,
        };
        for _ in 0..TRIES {
            let next = match &newest {
                None => 0,
                // Of an earlier try of this job, here and before a crash.
                Some(lease) if lease.attempt == claimed.attempt => lease.generation.saturating_add(1),
                Some(lease) => match self.leases.judge(teamspace.id(), id, lease, self.clock.now()) {
                    Judged::Over => lease.generation.saturating_add(1),
                    Judged::Holds(look) => return Ok(Err((lease.clone(), look))),
                },
            };
            let (attempt, now) = (&claimed.attempt, self.clock.now());
            match teamspace.take_lease(id, next, holder, attempt, self.leases.first, now).await? {
                Leased::Ours(lease) => return Ok(Ok(lease)),
                Leased::Theirs(lease) => newest = teamspace.newest_lease(id).await?.or(Some(lease)),
            }
        }
        Err(teamspace::Error::Contended { what: "a lease".to_owned() })
    }

    /// Fails when another machine that was seen at work on a recording still is: asked before work that would be in
    /// vain.
    pub(super) async fn look_elsewhere(&self, teamspace: &Teamspace, id: &RecordingId) -> Result<(), Stop> {
        if !self.leases.knows(teamspace.id(), id) || teamspace.manifest(id).await?.is_some() {
            return Ok(());
        }
        if let Ok(Some(lease)) = teamspace.newest_lease(id).await
            && let Judged::Holds(look) = self.leases.judge(teamspace.id(), id, &lease, self.clock.now())
        {
            return Err(Stop::Failed(at_work(&lease.holder, &self.surroundings.claimant()?, look)));
        }
        Ok(())
    }

    /// Does the work of an import, renews its lease meanwhile, and gives it back.
    pub(super) async fn holding<T>(&self, lease: Option<Held>, work: impl Future<Output = T>) -> T {
        let Some(mut held) = lease else { return work.await };
        let done = {
            tokio::pin!(work);
            loop {
                tokio::select! {
                    done = &mut work => break done,
                    () = held.renew(self) => {}
                }
            }
        };
        if tokio::time::timeout(GIVING_BACK, held.give_back()).await.is_err() {
            tracing::debug!("a lease is left until its time is over");
        }
        done
    }
}

impl Held {
    /// Renews it when half its time is over; when that fails, once more after half of what is left, and so on.
    async fn renew(&mut self, importer: &Importer) {
        if self.lost {
            return std::future::pending().await;
        }
        importer.clock.sleep(self.pause).await;
        // Noted first: when the work ends meanwhile, what may have been written is given back too.
        self.newest = self.newest.saturating_add(1);
        let lasts = self.lasts.saturating_mul(2).min(LONGEST.max(self.lasts));
        let (generation, now) = (self.newest, importer.clock.now());
        let (id, holder, attempt) = (&self.id, &self.holder, &self.attempt);
        match self.teamspace.take_lease(id, generation, holder, attempt, lasts, now).await {
            Ok(Leased::Ours(_)) => (self.lasts, self.pause) = (lasts, lasts / 2),
            Ok(Leased::Theirs(_)) => self.lost = true,
            Err(error) => {
                tracing::debug!(%error, "a lease could not be renewed");
                self.pause = (self.pause / 2).max(FIRST_LOOK);
            }
        }
    }

    /// Members of a bucket need no right to remove: then it is over after its time, and swept later.
    async fn give_back(&self) {
        if self.lost {
            return;
        }
        if let Err(error) = self.teamspace.remove_lease(&self.id, self.newest).await {
            tracing::debug!(%error, "a lease is left until its time is over");
        }
    }
}

/// Says who is at work.
fn at_work(holder: &Claimant, us: &Claimant, look: Timestamp) -> UserError {
    let Claimant { profile, name, device } = holder;
    let ours = *profile == us.profile;
    let message = match (name.as_str(), device.as_str()) {
        ("", _) | (_, "") => "Another machine is importing this now".to_owned(),
        (_, device) if ours => format!("Your machine {device} is importing this now"),
        (name, device) => format!("{name} is importing this now, on {device}"),
    };
    let error =
        UserError::new(Code::AtWorkElsewhere, message, "nothing to do: it is here as soon as that is done")
            .with("retry_at", look);
    match (name.as_str(), device.as_str()) {
        ("", _) | (_, "") => error,
        _ if ours => error.with("device", device),
        _ => error.with("name", name).with("device", device),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn lease(generation: u64) -> Lease {
        let holder = Claimant {
            profile: "dana".to_owned(),
            name: "Dana".to_owned(),
            device: "dana-laptop".to_owned(),
        };
        Lease { generation, nonce: format!("n{generation}"), holder, attempt: "a".to_owned(), lasts: FIRST }
    }

    fn after(seconds: i64) -> Timestamp {
        NOW + SignedDuration::from_secs(seconds)
    }

    #[test]
    fn a_lease_is_waited_for_by_our_own_clock_from_when_it_was_first_seen() {
        let (leases, id) = (Leases::default(), RecordingId::of_zoom_meeting("m"));
        let judge = |generation, seconds| leases.judge("t", &id, &lease(generation), after(seconds));
        assert_eq!(judge(0, 0), Judged::Holds(after(3)), "small recordings are done in seconds");
        assert_eq!(judge(0, 40), Judged::Holds(after(60)));
        assert_eq!(judge(0, 119), Judged::Holds(after(120)), "and no longer than it lasts");
        assert_eq!(judge(0, 120), Judged::Over);
        assert_eq!(judge(1, 121), Judged::Holds(after(151)), "renewed: it counts anew");
        assert_eq!(judge(1, 240), Judged::Holds(after(241)));
        assert_eq!(judge(1, 241), Judged::Over);
    }

    #[test]
    fn a_clock_that_is_set_back_counts_anew_and_nobody_waits_for_ever() {
        let (leases, id) = (Leases::default(), RecordingId::of_zoom_meeting("m"));
        let judge = |generation, seconds| leases.judge("t", &id, &lease(generation), after(seconds));
        assert_eq!(judge(0, 1_000), Judged::Holds(after(1_003)));
        assert_eq!(judge(0, 10), Judged::Holds(after(13)));
        assert_eq!(judge(0, 130), Judged::Over);
        let day: i64 = 24 * 3600;
        for renewal in 0..day / 60 {
            assert!(matches!(judge(renewal.unsigned_abs() + 1, 10 + renewal * 60), Judged::Holds(_)));
        }
        assert_eq!(judge(9_999, 10 + day), Judged::Over, "though it is renewed all the time");
    }

    #[test]
    fn who_is_at_work_is_said_in_one_sentence() {
        let us = Claimant { profile: "ada".to_owned(), name: "Ada".to_owned(), device: "ada-pc".to_owned() };
        let theirs = lease(0).holder;
        let said = at_work(&theirs, &us, NOW);
        assert_eq!(said.message, "Dana is importing this now, on dana-laptop");
        assert_eq!(said.params["name"], "Dana");
        let own = at_work(&Claimant { profile: "ada".to_owned(), ..theirs.clone() }, &us, NOW);
        assert_eq!(own.message, "Your machine dana-laptop is importing this now");
        let nobody = at_work(&Claimant { name: String::new(), ..theirs }, &us, NOW);
        assert_eq!(nobody.message, "Another machine is importing this now");
        assert!(!said.code.needs_person());
    }
}
