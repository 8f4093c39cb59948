//! Looks now and then whether a recording is due, in the one process that works the import queue.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use super::attempt::Tried;
use super::{Candidate, DeleteAtZoom};
use crate::error::{Code, UserResult};
use crate::events::Event;

/// How often it is looked whether something is due. That asks nobody but `state.db`.
const LOOK: Duration = Duration::from_secs(2);
/// When something that stayed is tried again.
const AGAIN: SignedDuration = SignedDuration::from_hours(1);

/// What holds up everything, and until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Pause {
    until: Timestamp,
    /// When the account was connected that it was about: another sign-in ends it.
    since: Option<Timestamp>,
    /// When the setting was changed.
    setting: Timestamp,
}

impl DeleteAtZoom {
    /// Works until it is stopped, from when `owns` says that the import queue's place is ours.
    pub async fn watch(self, owns: CancellationToken, stop: CancellationToken) {
        tokio::select! {
            () = owns.cancelled() => {}
            () = stop.cancelled() => return,
        }
        let mut pause = None;
        while !stop.is_cancelled() {
            if let Err(error) = self.pass(&mut pause, &stop).await {
                tracing::warn!(code = ?error.code, detail = ?error.detail, "cannot look what is due at Zoom");
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK) => {}
                () = stop.cancelled() => {}
            }
        }
    }

    /// Tries everything that is due.
    async fn pass(&self, pause: &mut Option<Pause>, stop: &CancellationToken) -> UserResult<()> {
        let setting = self.setting()?;
        if !setting.on || self.hindrance()?.is_some() {
            return Ok(());
        }
        let since = self.accounts.status()?.since;
        let now = self.importer.clock.now();
        let holds =
            |pause: &Pause| now < pause.until && pause.since == since && pause.setting == setting.since;
        if pause.as_ref().is_some_and(holds) {
            return Ok(());
        }
        *pause = None;
        for candidate in self.candidates(setting.days)? {
            if stop.is_cancelled() {
                break;
            }
            if candidate.due > now || !self.may_try(&candidate, since, now)? {
                continue;
            }
            match self.attempt(&candidate, stop).await {
                Ok(Tried::Settled) => {}
                Ok(Tried::Nothing) => break,
                Err(why) => {
                    let now = self.importer.clock.now();
                    self.importer.ledger.note_kept(&candidate.import, &why, now)?;
                    tracing::info!(recording = %candidate.import.recording_id, code = ?why.code, "a recording stays at Zoom");
                    if holds_up_everything(why.code) {
                        let until = now.saturating_add(AGAIN).unwrap_or(now);
                        *pause = Some(Pause { until, since, setting: setting.since });
                        self.importer.events.emit(Event::DeleteAtZoomChanged);
                        break;
                    }
                }
            }
            self.importer.events.emit(Event::DeleteAtZoomChanged);
        }
        Ok(())
    }

    /// Whether something that stayed is to be tried again: after a while, or after signing in again.
    fn may_try(&self, candidate: &Candidate, since: Option<Timestamp>, now: Timestamp) -> UserResult<bool> {
        let Some(kept) = self.importer.ledger.kept(&candidate.import)? else { return Ok(true) };
        let again = kept.tried_at.saturating_add(AGAIN).unwrap_or(Timestamp::MAX);
        let signed_in_since =
            kept.why.code == Code::ScopesMissing && since.is_some_and(|at| at > kept.tried_at);
        let verified_since = kept.why.code == Code::CopyDamaged && {
            let import = &candidate.import;
            let last = self.importer.ledger.last(&import.teamspace, &import.recording_id)?;
            last.is_some_and(|last| last.is_whole())
        };
        Ok(now >= again || now < kept.tried_at || signed_in_since || verified_since)
    }
}

/// Whether the next recording would fare no better.
fn holds_up_everything(code: Code) -> bool {
    matches!(
        code,
        Code::ScopesMissing
            | Code::NeedsReauthorization
            | Code::NotConnected
            | Code::NoZoomClient
            | Code::NoProfile
            | Code::ClaimConflict
            | Code::KeyringUnavailable
            | Code::Offline
            | Code::RateLimited
            | Code::ZoomUnavailable
    )
}
