//! What becomes of a job whose try failed: one table, by code.

use jiff::{SignedDuration, Timestamp};

use super::queue::Outcome;
use crate::error::{Code, UserError};

/// Tries after which a passing failure counts as lasting. With the growing pauses they span about an hour.
const TRIES: u32 = 8;
/// The first pause after a passing failure; it doubles with each try.
const FIRST_PAUSE: SignedDuration = SignedDuration::from_secs(5);
/// The longest pause.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_mins(15);
/// How often Zoom is asked whether it has finished a recording.
const ZOOM_AT_WORK: SignedDuration = SignedDuration::from_mins(5);
/// How often we look whether a disk has room again, or a place is there again.
const PLACE_GONE: SignedDuration = SignedDuration::from_secs(30);

/// What can be done about a failure.
enum Verdict {
    /// It passes by itself: try again after growing pauses, a bounded number of times.
    Passing,
    /// Look again at this interval, for as long as it takes: these tries are not counted.
    LookAgain(SignedDuration),
    /// A person must act; the act itself wakes the job.
    UntilPersonActs,
    /// Trying again changes nothing.
    Lasting,
}

fn verdict(code: Code) -> Verdict {
    match code {
        Code::Offline | Code::RateLimited | Code::ZoomUnavailable | Code::Busy | Code::FileRefused => {
            Verdict::Passing
        }
        Code::StillProcessing => Verdict::LookAgain(ZOOM_AT_WORK),
        Code::DiskFull | Code::TeamspaceUnreachable | Code::TeamspaceReadOnly => {
            Verdict::LookAgain(PLACE_GONE)
        }
        Code::NeedsReauthorization
        | Code::NotConnected
        | Code::NoZoomClient
        | Code::NoProfile
        | Code::ScopesMissing
        | Code::ClaimConflict
        | Code::KeyringUnavailable => Verdict::UntilPersonActs,
        _ => Verdict::Lasting,
    }
}

/// The outcome of a try that failed with `why` as the `attempt`-th. `jitter` is between 0 and 1; an
/// instant under `retry_at` in the error's parameters (Zoom's `Retry-After`) is respected.
pub fn after_failure(why: UserError, attempt: u32, now: Timestamp, jitter: f64) -> Outcome {
    let asked: Option<Timestamp> = why.params.get("retry_at").and_then(|at| at.parse().ok());
    let at = |pause: SignedDuration| now.checked_add(pause).unwrap_or(Timestamp::MAX);
    match verdict(why.code) {
        Verdict::Passing if attempt >= TRIES => Outcome::Failed(why),
        Verdict::Passing => {
            let doubled = FIRST_PAUSE.saturating_mul(1 << attempt.saturating_sub(1).min(20));
            let pause = doubled.min(LONGEST_PAUSE).mul_f64(0.75 + jitter.clamp(0.0, 1.0) / 2.0);
            Outcome::Wait { retry_at: Some(asked.unwrap_or(at(pause)).max(now)), counts: true, why }
        }
        Verdict::LookAgain(pause) => Outcome::Wait { retry_at: Some(at(pause)), counts: false, why },
        Verdict::UntilPersonActs => Outcome::Wait { retry_at: None, counts: false, why },
        Verdict::Lasting => Outcome::Failed(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

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
            (1..8).map(|n| pause(&after_failure(failure(Code::Offline), n, NOW, 0.5))).collect();
        assert_eq!(pauses, [5, 10, 20, 40, 80, 160, 320]);
        assert!(matches!(after_failure(failure(Code::Offline), 8, NOW, 0.5), Outcome::Failed(_)));
    }

    #[test]
    fn zoom_says_when_to_come_back() {
        let why = failure(Code::RateLimited).with("retry_at", "1970-01-01T00:10:00Z");
        assert_eq!(pause(&after_failure(why, 1, NOW, 0.5)), 600);
    }

    #[test]
    fn what_only_a_person_can_mend_waits_for_the_person_and_costs_no_try() {
        let outcome = after_failure(failure(Code::NeedsReauthorization), 50, NOW, 0.5);
        assert!(matches!(outcome, Outcome::Wait { retry_at: None, counts: false, .. }));
        let outcome = after_failure(failure(Code::DiskFull), 50, NOW, 0.5);
        assert!(matches!(outcome, Outcome::Wait { retry_at: Some(_), counts: false, .. }));
    }

    #[test]
    fn what_cannot_change_is_not_tried_again() {
        assert!(matches!(after_failure(failure(Code::GoneAtZoom), 1, NOW, 0.5), Outcome::Failed(_)));
    }
}
