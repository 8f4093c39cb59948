//! How often teamspaces are asked for what is new: a request each time, which somebody pays for.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::Notify;

/// While a person looks at the window.
const IN_FRONT: Duration = Duration::from_secs(15);
/// While nobody does.
const IN_BACKGROUND: Duration = Duration::from_mins(5);

/// Whether a person looks, and what follows from it.
#[derive(Debug, Default)]
pub struct Pace {
    in_background: AtomicBool,
    hurry: Notify,
}

impl Pace {
    /// Notes whether a person looks. Who comes back to the window is not kept waiting.
    pub fn set_in_front(&self, in_front: bool) {
        let was_in_background = self.in_background.swap(!in_front, Ordering::Relaxed);
        if in_front && was_in_background {
            self.hurry.notify_one();
        }
    }

    /// Whether a teamspace that was asked this long ago is to be asked again.
    pub fn is_due(&self, since: Duration) -> bool {
        since >= if self.in_background.load(Ordering::Relaxed) { IN_BACKGROUND } else { IN_FRONT }
    }

    /// Comes when a person came back.
    pub async fn hurried(&self) {
        self.hurry.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_looks_hears_within_15_seconds_and_nobody_costs_a_request_in_5_minutes() {
        let pace = Pace::default();
        let due = |seconds| pace.is_due(Duration::from_secs(seconds));
        assert_eq!([14, 15].map(due), [false, true]);
        pace.set_in_front(false);
        assert_eq!([15, 299, 300].map(due), [false, false, true]);
        pace.set_in_front(true);
        assert_eq!([14, 15].map(due), [false, true]);
    }

    #[tokio::test]
    async fn coming_back_hurries_and_staying_does_not() {
        let pace = Pace::default();
        pace.set_in_front(true);
        let none = tokio::time::timeout(Duration::from_millis(20), pace.hurried()).await;
        assert!(none.is_err(), "somebody who was there already hurries nothing");
        pace.set_in_front(false);
        pace.set_in_front(true);
        pace.hurried().await;
    }
}
