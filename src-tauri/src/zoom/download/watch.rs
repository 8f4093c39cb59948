//! Tells a connection that lives from one that only trickles.

use std::time::Duration;

/// Bytes per second below which a connection counts as stalled: a video would take days.
const LEAST: u64 = 4 * 1024;

/// Counts what a connection brings while it is waited for. Time that we take ourselves (a slow disk, a
/// bandwidth limit) does not count.
#[derive(Debug)]
pub(super) struct Watch {
    window: Duration,
    waited: Duration,
    bytes: u64,
}

impl Watch {
    /// A connection is given this long to bring something worth waiting for.
    pub(super) fn new(window: Duration) -> Self {
        Self { window, waited: Duration::ZERO, bytes: 0 }
    }

    /// Bytes came after such a wait. False: this is no download any more.
    pub(super) fn is_alive_after(&mut self, waited: Duration, bytes: u64) -> bool {
        self.waited += waited;
        self.bytes += bytes;
        if self.waited < self.window {
            return true;
        }
        let alive = self.bytes as f64 >= LEAST as f64 * self.waited.as_secs_f64();
        (self.waited, self.bytes) = (Duration::ZERO, 0);
        alive
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_trickle_is_a_stall_and_a_slow_line_is_not() {
        let lives = |bytes: u64| {
            let mut watch = Watch::new(60 * SECOND);
            (0..200).all(|_| watch.is_alive_after(SECOND, bytes))
        };
        assert!(!lives(100));
        assert!(lives(6_000));
    }

    #[test]
    fn a_line_that_is_read_slowly_on_purpose_lives() {
        let mut watch = Watch::new(60 * SECOND);
        assert!((0..1_000).all(|_| watch.is_alive_after(Duration::ZERO, 10)));
    }
}
