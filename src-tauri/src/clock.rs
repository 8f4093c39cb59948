//! Time as an argument: logic asks a [`Clock`], so that a test can hold it in its hand.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

/// Tells the time. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Clock(Option<Arc<watch::Sender<Timestamp>>>);

impl Clock {
    /// The operating system's clock.
    pub fn system() -> Self {
        Self(None)
    }

    /// A clock that stands still until it is moved.
    pub fn manual(now: Timestamp) -> Self {
        Self(Some(Arc::new(watch::Sender::new(now))))
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Some(manual) => *manual.borrow(),
            None => Timestamp::now(),
        }
    }

    /// Moves a manual clock; a system clock stays as it is.
    pub fn advance(&self, by: SignedDuration) {
        if let Some(manual) = &self.0 {
            manual.send_modify(|now| *now = now.saturating_add(by).unwrap_or(Timestamp::MAX));
        }
    }

    /// Waits for so long. With the system's clock, setting that one shortens and prolongs nothing; with a manual one
    /// until it was moved so far.
    pub async fn sleep(&self, duration: SignedDuration) {
        let Some(manual) = &self.0 else { return tokio::time::sleep(duration.unsigned_abs()).await };
        let mut moved = manual.subscribe();
        let until = moved.borrow_and_update().saturating_add(duration).unwrap_or(Timestamp::MAX);
        // This clock holds the sender: it is not gone.
        let _ = moved.wait_for(|now| *now >= until).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_moves_only_when_it_is_moved() {
        let start: Timestamp = "2026-03-01T10:00:00Z".parse().unwrap();
        let clock = Clock::manual(start);
        assert_eq!(clock.now(), start);
        clock.advance(SignedDuration::from_secs(90));
        assert_eq!(clock.now().to_string(), "2026-03-01T10:01:30Z");
    }

    #[tokio::test]
    async fn who_sleeps_by_a_manual_clock_wakes_when_it_was_moved_far_enough() {
        let clock = Clock::manual(Timestamp::UNIX_EPOCH);
        let sleeper = clock.sleep(SignedDuration::from_secs(60));
        tokio::pin!(sleeper);
        assert!(futures::poll!(&mut sleeper).is_pending());
        clock.advance(SignedDuration::from_secs(59));
        assert!(futures::poll!(&mut sleeper).is_pending());
        clock.advance(SignedDuration::from_secs(1));
        assert!(futures::poll!(&mut sleeper).is_ready());
    }
}
