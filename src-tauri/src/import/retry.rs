//! What becomes of a job whose try failed: one table, by code.
//!
//! Whatever fails below is first sorted by what a person could do about it, into a [`Code`]; this table then
//! says what the queue does. Zoom's numbers are read in `zoom/failure.rs`, the answers of a download in
//! `zoom/download/error.rs`, the kinds of file-system errors in `teamspace/error.rs`, `cache.rs` and
//! `database/error.rs`.
//!
//! | What happened | Code | The queue |
//! |---|---|---|
//! | no network, no name, connection broken | `Offline` | tries again: 5 s, 10 s … 15 min, eight times |
//! | 429 | `RateLimited` | the same, but not before `Retry-After` (at most an hour) |
//! | 5xx, HTML, half JSON, a download cut or stalled, an address that is too old | `ZoomUnavailable` | the same |
//! | what was downloaded is not the file (HTML, wrong container, wrong length) | `FileRefused` | the same |
//! | another process holds what is needed; files of an attempt are missing | `Busy` | the same |
//! | nothing completed yet; 404 for what Zoom still lists | `StillProcessing` | looks every 5 minutes, after half a day once an hour, uncounted |
//! | another machine imports it just now | `AtWorkElsewhere` | looks after a few seconds, then every 30 s, uncounted |
//! | a place is unplugged, unmounted or read-only (ENOTCONN, ESTALE, EROFS) | `TeamspaceUnreachable`, `TeamspaceReadOnly` | looks every 30 s, uncounted |
//! | ENOSPC, EDQUOT, or too little room for what is to come | `DiskFull` | stands still as a whole until there is room |
//! | 4711 for scopes; 4735, 4740, 4741, `invalid_grant`; no account, client, profile or keyring; a claim | `ScopesMissing`, `NeedsReauthorization`, `NotConnected`, `NoZoomClient`, `NoProfile`, `KeyringUnavailable`, `ClaimConflict` | waits for the person's act, which wakes it |
//! | 404, 410, 3301 and no longer listed: deleted at Zoom | `GoneAtZoom` | ends, and says so |
//! | 1001, 1010, 124 after a renewal, an address that is not Zoom's | `ZoomRefused`, `ZoomClientRefused` | ends, and says so |
//! | EACCES, a damaged or newer file, an unsafe place, what should not happen | `PermissionDenied`, `DataDirectory`, `FileDamaged`, `FormatTooNew`, `TeamspaceUnsafe`, `NotFound`, `Usage`, `Unexpected` | ends, and says so |

use jiff::{SignedDuration, Timestamp};

use super::Job;
use super::outcome::Outcome;
use super::pause::Full;
use crate::error::{Code, UserError};

/// The farthest that any wait reaches ahead: what the longest `Retry-After` that we believe asks for. A time
/// beyond it was written before the clock was set back.
pub(super) const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(1);
/// Tries after which a passing failure counts as lasting. With the growing pauses they span about an hour.
const TRIES: u32 = 8;
/// The first pause after a passing failure; it doubles with each try.
const FIRST_PAUSE: SignedDuration = SignedDuration::from_secs(5);
/// The longest pause.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_mins(15);
/// How often Zoom is asked at first whether it has finished a recording. What it does not finish is asked for ever less
/// often, down to [`LONGEST_WAIT`]: some never become complete.
const ZOOM_AT_WORK: SignedDuration = SignedDuration::from_mins(5);
/// The pause is this part of the time since the import was asked for.
const ZOOM_SLOWS_DOWN: i32 = 12;
/// How often we look whether a place is there again, or takes what it refused as full.
const PLACE_GONE: SignedDuration = SignedDuration::from_secs(30);
/// Bytes that stay free on a disk: databases, logs and everybody else need room too.
pub(super) const SPARE: u64 = 128 << 20;
/// How often we look whether a proxy lets us through, or a certificate is trusted. Changing the setting wakes the
/// job at once.
const WAY_BARRED: SignedDuration = SignedDuration::from_secs(60);

/// What can be done about a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// It passes by itself: try again after growing pauses, a bounded number of times.
    Passing,
    /// Look again at this interval, for as long as it takes: these tries are not counted.
    LookAgain(SignedDuration),
    /// The same, ever less often.
    LookAgainRarely,
    /// A disk has no room: nothing else is begun until it has.
    NoRoom,
    /// A person must act; the act itself wakes the job.
    UntilPersonActs,
    /// Trying again changes nothing.
    Lasting,
}

/// Every code has its place here: a new one does not compile until somebody has decided.
fn verdict(code: Code) -> Verdict {
    match code {
        Code::Offline | Code::RateLimited | Code::ZoomUnavailable | Code::Busy | Code::FileRefused => {
            Verdict::Passing
        }
        Code::StillProcessing => Verdict::LookAgainRarely,
        // It says itself when to look again.
        Code::AtWorkElsewhere => Verdict::LookAgain(PLACE_GONE),
        Code::TeamspaceUnreachable | Code::TeamspaceReadOnly | Code::TeamspaceMoved | Code::BucketRefused => {
            Verdict::LookAgain(PLACE_GONE)
        }
        Code::ProxyUnreachable | Code::ProxyPassword | Code::ProxyRefused | Code::CertificateNotTrusted => {
            Verdict::LookAgain(WAY_BARRED)
        }
        Code::DiskFull => Verdict::NoRoom,
        Code::NeedsReauthorization
        | Code::NotConnected
        | Code::NoZoomClient
        | Code::NoProfile
        | Code::ScopesMissing
        | Code::ClaimConflict
        | Code::KeyringUnavailable => Verdict::UntilPersonActs,
        Code::GoneAtZoom
        | Code::InTrash
        | Code::ZoomRefused
        | Code::ZoomClientRefused
        | Code::FileDamaged
        | Code::TeamspaceUnsafe
        | Code::FormatTooNew
        | Code::PermissionDenied
        | Code::DataDirectory
        | Code::Usage
        | Code::NotFound
        | Code::Unexpected => Verdict::Lasting,
        // Steps of signing in, what a person stopped, why something stays at Zoom, what keeps a teamspace from being copied,
        // and what clips need: no import ends with these, and none would be cured.
        Code::AuthorizationDeclined
        | Code::AuthorizationExpired
        | Code::AuthorizationStateMismatch
        | Code::AuthorizationNotStartedHere
        | Code::AuthorizationCodeRefused
        | Code::AuthorizationCancelled
        | Code::NotAllImported
        | Code::CopyDamaged
        | Code::PlaceNotEmpty
        | Code::ProgramMissing
        | Code::Cancelled => Verdict::Lasting,
    }
}

/// The outcome of a try that failed with `why`. `jitter` is between 0 and 1; an instant under `retry_at` in the
/// error's parameters (Zoom's `Retry-After`, or when to look at another machine's work) is respected.
pub fn after_failure(why: UserError, job: &Job, now: Timestamp, jitter: f64) -> Outcome {
    let asked: Option<Timestamp> = why.params.get("retry_at").and_then(|at| at.parse().ok());
    let at = |pause: SignedDuration| now.checked_add(pause).unwrap_or(Timestamp::MAX);
    match verdict(why.code) {
        Verdict::Passing if job.attempts >= TRIES => Outcome::Failed(why),
        Verdict::Passing => {
            let doubled = FIRST_PAUSE.saturating_mul(1 << job.attempts.saturating_sub(1).min(20));
            let pause = doubled.min(LONGEST_PAUSE).mul_f64(0.75 + jitter.clamp(0.0, 1.0) / 2.0);
            Outcome::Wait { retry_at: Some(asked.unwrap_or(at(pause)).max(now)), counts: true, why }
        }
        Verdict::LookAgain(pause) => {
            Outcome::Wait { retry_at: Some(asked.unwrap_or(at(pause)).max(now)), counts: false, why }
        }
        Verdict::LookAgainRarely => {
            let asked_for = now.duration_since(job.created_at);
            let pause = (asked_for / ZOOM_SLOWS_DOWN).clamp(ZOOM_AT_WORK, LONGEST_WAIT);
            Outcome::Wait { retry_at: Some(asked.unwrap_or(at(pause)).max(now)), counts: false, why }
        }
        Verdict::NoRoom => {
            let needed = why.params.get("bytes").and_then(|bytes| bytes.parse().ok());
            Outcome::Full(Full {
                path: why.params.get("path").cloned().unwrap_or_default(),
                bytes: needed.unwrap_or(SPARE),
                job: job.id,
                // Measured ahead, it ends when there is room; met while writing, the measure may not tell all.
                not_before: needed.is_none().then(|| at(PLACE_GONE)),
                why,
            })
        }
        Verdict::UntilPersonActs => Outcome::Wait { retry_at: None, counts: false, why },
        Verdict::Lasting => Outcome::Failed(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::JobState;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn tried(attempts: u32) -> Job {
        Job {
            id: 7,
            recording_id: None,
            uuid: None,
            teamspace: String::new(),
            title: String::new(),
            state: JobState::Running,
            paused: false,
            attempts,
            retry_at: None,
            bytes: 0,
            bytes_total: 0,
            error: None,
            created_at: NOW,
            updated_at: NOW,
        }
    }

    fn failure(code: Code) -> UserError {
        UserError::new(code, "it failed", "do something")
    }

    fn pause(outcome: &Outcome) -> i64 {
        match outcome {
            Outcome::Wait { retry_at: Some(at), .. } => at.duration_since(NOW).as_secs(),
            other => panic!("expected a pause, got {other:?}"),
        }
    }

    #[test]
    fn passing_failures_are_tried_again_after_growing_pauses_and_end() {
        let pauses: Vec<i64> =
            (1..8).map(|n| pause(&after_failure(failure(Code::Offline), &tried(n), NOW, 0.5))).collect();
        assert_eq!(pauses, [5, 10, 20, 40, 80, 160, 320]);
        assert!(matches!(after_failure(failure(Code::Offline), &tried(8), NOW, 0.5), Outcome::Failed(_)));
    }

    #[test]
    fn zoom_says_when_to_come_back() {
        let why = failure(Code::RateLimited).with("retry_at", "1970-01-01T00:10:00Z");
        assert_eq!(pause(&after_failure(why, &tried(1), NOW, 0.5)), 600);
    }

    #[test]
    fn what_zoom_never_finishes_is_asked_for_ever_less_often() {
        let pause_after = |hours: i64| {
            let job = Job { created_at: NOW - SignedDuration::from_hours(hours), ..tried(50) };
            pause(&after_failure(failure(Code::StillProcessing), &job, NOW, 0.5)) / 60
        };
        assert_eq!([0, 1, 6, 12, 24 * 365].map(pause_after), [5, 5, 30, 60, 60]);
    }

    #[test]
    fn what_only_a_person_can_mend_waits_for_the_person_and_costs_no_try() {
        let outcome = after_failure(failure(Code::NeedsReauthorization), &tried(50), NOW, 0.5);
        assert!(matches!(outcome, Outcome::Wait { retry_at: None, counts: false, .. }));
        for code in [Code::TeamspaceUnreachable, Code::ProxyUnreachable, Code::CertificateNotTrusted] {
            let outcome = after_failure(failure(code), &tried(50), NOW, 0.5);
            assert!(matches!(outcome, Outcome::Wait { retry_at: Some(_), counts: false, .. }));
        }
    }

    #[test]
    fn a_full_disk_holds_the_queue_until_there_is_the_room_that_was_found_missing() {
        let ahead = failure(Code::DiskFull).with("path", "/data").with("bytes", 5_000);
        match after_failure(ahead, &tried(50), NOW, 0.5) {
            Outcome::Full(Full { path, bytes: 5_000, job: 7, not_before: None, .. }) => {
                assert_eq!(path, "/data");
            }
            other => panic!("expected a full disk, got {other:?}"),
        }
        match after_failure(failure(Code::DiskFull), &tried(1), NOW, 0.5) {
            Outcome::Full(full) => assert!(full.not_before.is_some_and(|at| at > NOW), "met while writing"),
            other => panic!("expected a full disk, got {other:?}"),
        }
    }

    #[test]
    fn what_cannot_change_is_not_tried_again() {
        assert!(matches!(after_failure(failure(Code::GoneAtZoom), &tried(1), NOW, 0.5), Outcome::Failed(_)));
    }
}
