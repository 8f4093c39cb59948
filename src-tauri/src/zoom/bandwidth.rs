//! The bandwidth limit: one for all that this process loads and sends, changed while it runs.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

/// Downloads and uploads share this much per second.
#[derive(Debug, Clone, Default)]
pub(super) struct Bandwidth(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    bucket: Mutex<Bucket>,
    changed: Notify,
}

/// Bytes that were let through are paid for with time: the next may pass when they are paid.
#[derive(Debug, Default)]
struct Bucket {
    /// Bytes per second; none: no limit.
    limit: Option<u64>,
    paid_at: Option<Instant>,
}

impl Bucket {
    /// Lets bytes through, and says until when they have to be waited for.
    fn spend(&mut self, bytes: u64, now: Instant) -> Instant {
        let Some(limit) = self.limit else { return now };
        let from = self.paid_at.map_or(now, |paid| paid.max(now));
        let paid = from + Duration::from_secs_f64(bytes as f64 / limit.max(1) as f64);
        self.paid_at = Some(paid);
        paid
    }
}

impl Bandwidth {
    /// The limit from now on, in bytes per second; none: as fast as it comes.
    pub(super) fn set(&self, limit: Option<u64>) {
        let mut bucket = self.0.bucket.lock().unwrap_or_else(PoisonError::into_inner);
        if bucket.limit != limit {
            *bucket = Bucket { limit, paid_at: None };
            self.0.changed.notify_waiters();
        }
    }

    /// Whether there is a limit.
    pub(super) fn is_limited(&self) -> bool {
        self.0.bucket.lock().unwrap_or_else(PoisonError::into_inner).limit.is_some()
    }

    /// Waits until bytes that came or are to go are within the limit. Whoever waits when the limit changes goes on at once:
    /// what it waited for was reckoned with the old one.
    pub(super) async fn keep(&self, bytes: u64) {
        let changed = self.0.changed.notified();
        let now = Instant::now();
        let paid = self.0.bucket.lock().unwrap_or_else(PoisonError::into_inner).spend(bytes, now);
        if paid > now {
            tokio::select! {
                () = tokio::time::sleep_until(paid) => {}
                () = changed => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_paid_for_with_time_whoever_spends_them() {
        let mut bucket = Bucket { limit: Some(1_000), paid_at: None };
        let now = Instant::now();
        assert_eq!(bucket.spend(500, now), now + Duration::from_millis(500));
        assert_eq!(bucket.spend(1_000, now), now + Duration::from_millis(1_500));
        // What was not used in a pause is not saved up.
        let later = now + Duration::from_secs(60);
        assert_eq!(bucket.spend(1_000, later), later + Duration::from_secs(1));
    }

    #[test]
    fn without_a_limit_nothing_waits() {
        let mut bucket = Bucket::default();
        let now = Instant::now();
        assert_eq!(bucket.spend(u64::MAX, now), now);
    }

    #[tokio::test]
    async fn a_limit_that_is_lifted_lets_go_who_waits() {
        let bandwidth = Bandwidth::default();
        bandwidth.set(Some(1));
        let waiting = tokio::spawn({
            let bandwidth = bandwidth.clone();
            async move { bandwidth.keep(1_000_000_000).await }
        });
        // Not lifted before it waits.
        while bandwidth.0.bucket.lock().unwrap().paid_at.is_none() {
            tokio::task::yield_now().await;
        }
        bandwidth.set(None);
        waiting.await.unwrap();
    }
}
