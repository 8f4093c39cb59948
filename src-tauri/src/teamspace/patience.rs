//! How writers of one log let each other go first.

use std::time::Duration;

/// The least that is taken for one round of reading and writing.
pub(super) const MIN_ROUND: Duration = Duration::from_millis(1);
/// Nobody waits longer between two tries.
const LONGEST: Duration = Duration::from_millis(500);

/// Entries that are written with regard for others after these were met.
pub(super) const REGARD: u32 = 16;

/// How long to wait before the next try: the more often a writer has lost, the less, so that those who wait longest
/// come next. Measured in rounds of reading and writing, because a store far away answers later.
pub(super) struct Patience {
    /// Waits up to so many quarters of a round.
    quarters: u32,
}

impl Patience {
    /// `met` says that others were writing lately: then it lets them go first.
    pub(super) fn new(met: bool) -> Self {
        Self { quarters: if met { 16 } else { 0 } }
    }

    pub(super) fn lost(&mut self) {
        self.quarters = match self.quarters {
            0 => 8,
            quarters => (quarters / 2).max(1),
        };
    }

    pub(super) fn pause(&self, round: Duration) -> Option<Duration> {
        let longest = (round.max(MIN_ROUND) * self.quarters / 4).min(LONGEST);
        let longest = u64::try_from(longest.as_micros()).unwrap_or(u64::MAX);
        (longest > 0).then(|| Duration::from_micros(rand::random_range(0..=longest)))
    }
}
