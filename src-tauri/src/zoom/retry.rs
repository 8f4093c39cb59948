//! What is worth trying again, and when: one table.

use std::time::Duration;

use super::{Error, Patience};

/// How long to wait before a call is repeated; none when repeating it would change nothing.
///
/// `failed` counts the failures so far, from 1.
pub(super) fn pause(error: &Error, failed: u32, patience: &Patience) -> Option<Duration> {
    if failed > patience.repetitions {
        return None;
    }
    match error {
        Error::Offline { .. } | Error::NameUnknown { .. } | Error::Unavailable { .. } => {
            Some(backoff(failed, patience))
        }
        Error::RateLimited { retry_after, .. } if *retry_after <= patience.rate_limit => {
            Some(*retry_after + jitter(patience.backoff))
        }
        Error::RateLimited { .. }
        | Error::Proxy { .. }
        | Error::Certificate { .. }
        | Error::NoWay(_)
        | Error::Unauthorized
        | Error::ScopesMissing { .. }
        | Error::Refused { .. }
        | Error::Gone
        | Error::NotYet
        | Error::StalePage
        | Error::ClientRefused { .. }
        | Error::AppDisabled { .. }
        | Error::CodeExpired
        | Error::CodeRefused { .. }
        | Error::SignInOver { .. }
        | Error::Tokens(_) => None,
    }
}

/// Doubles each time, with chance, so that many installations do not come back together.
pub(super) fn backoff(failed: u32, patience: &Patience) -> Duration {
    let doubled = patience.backoff.saturating_mul(1 << failed.saturating_sub(1).min(6));
    doubled / 2 + jitter(doubled)
}

fn jitter(up_to: Duration) -> Duration {
    up_to.mul_f64(rand::random::<f64>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passing_failure_is_repeated_a_few_times_and_a_refusal_never() {
        let patience = Patience::default();
        let offline = Error::Offline { why: String::new() };
        for failed in 1..=patience.repetitions {
            let pause = pause(&offline, failed, &patience).unwrap();
            assert!(pause <= patience.backoff * (3 << failed), "{failed}: {pause:?}");
        }
        assert_eq!(pause(&offline, patience.repetitions + 1, &patience), None);
        assert_eq!(pause(&Error::SignInOver { why: String::new() }, 1, &patience), None);
        let hour = Error::rate_limited(Duration::from_secs(3600), jiff::Timestamp::UNIX_EPOCH);
        assert_eq!(pause(&hour, 1, &patience), None, "a long pause is for the caller to decide");
    }
}
