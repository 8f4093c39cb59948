//! The simulator's clock: the machine's, plus an offset that tests move forward.
//!
//! Tokens, codes, page tokens, signed URLs and files that become ready later all follow this clock, so that an
//! hour or ninety days pass in an instant. It never goes backwards.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// A clock that can be moved forward.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Clock {
    ahead: SignedDuration,
}

impl Clock {
    /// The simulated time, in whole microseconds.
    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::now().checked_add(self.ahead).unwrap_or(Timestamp::MAX)
    }

    /// Moves the clock forward.
    pub(crate) fn advance(&mut self, by: Duration) {
        let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
        self.ahead = self.ahead.saturating_add(by);
    }
}

/// A time `seconds` later (or earlier, when negative).
pub(crate) fn after(time: Timestamp, seconds: i64) -> Timestamp {
    time.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(time)
}

/// Zoom's form of an instant: UTC, whole seconds, with a `Z`.
pub(crate) fn zoom_time(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The UTC calendar day of an instant.
pub(crate) fn utc_day(time: Timestamp) -> jiff::civil::Date {
    time.to_zoned_datetime(jiff::tz::TimeZone::UTC).date()
}
