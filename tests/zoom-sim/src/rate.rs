//! Zoom's rate limit: so many calls per second and category, counted per account (zoom-facts §4). Off by default.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::faults::Place;

/// Calls per second. It follows the machine's clock, not the simulated one.
#[derive(Default)]
pub(crate) struct RateLimit {
    light: Window,
    medium: Window,
}

#[derive(Default)]
struct Window {
    per_second: Option<u32>,
    recent: VecDeque<Instant>,
}

impl RateLimit {
    pub(crate) fn set(&mut self, light: Option<u32>, medium: Option<u32>) {
        self.light = Window { per_second: light, recent: VecDeque::new() };
        self.medium = Window { per_second: medium, recent: VecDeque::new() };
    }

    /// Counts a call. None: it may pass. Otherwise the category whose limit is reached.
    pub(crate) fn take(&mut self, place: Place, now: Instant) -> Option<&'static str> {
        let (window, name) = match place {
            Place::ListRecordings => (&mut self.medium, "Medium"),
            Place::UsersMe | Place::MeetingRecordings | Place::MeetingSummary | Place::MeetingTranscript => {
                (&mut self.light, "Light")
            }
            _ => return None,
        };
        let limit = window.per_second? as usize;
        while window.recent.front().is_some_and(|time| now.duration_since(*time) >= Duration::from_secs(1)) {
            window.recent.pop_front();
        }
        if window.recent.len() >= limit {
            return Some(name);
        }
        window.recent.push_back(now);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_beyond_the_limit_are_refused_until_a_second_has_passed() {
        let mut rate = RateLimit::default();
        rate.set(None, Some(2));
        let start = Instant::now();
        assert_eq!(rate.take(Place::ListRecordings, start), None);
        assert_eq!(rate.take(Place::ListRecordings, start), None);
        assert_eq!(rate.take(Place::ListRecordings, start), Some("Medium"));
        assert_eq!(rate.take(Place::UsersMe, start), None);
        assert_eq!(rate.take(Place::ListRecordings, start + Duration::from_secs(1)), None);
    }
}
