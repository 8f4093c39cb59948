//! One limiter for all calls to Zoom.
//!
//! Zoom counts per account, across all apps and users, by category (zoom-facts §4). The plan is unknown, so
//! requests start at an optimistic rate and learn: a 429 halves the rate and makes everybody wait as long as
//! Zoom says; a long run of answers raises it again, slowly. `Retry-After` has been seen as seconds, as an
//! HTTP date and as an ISO instant; it is believed up to an hour.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use reqwest::header::{HeaderMap, RETRY_AFTER};

use crate::clock::Clock;

/// The longest pause that a `Retry-After` is believed.
const BELIEVED: SignedDuration = SignedDuration::from_hours(1);
/// The pause after a 429 that says nothing.
const UNSAID: SignedDuration = SignedDuration::from_secs(2);
/// Answers in a row after which the rate rises.
const GOOD_RUN: u32 = 50;

/// Zoom's kinds of calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Category {
    /// One meeting's recordings, users/me.
    Light,
    /// Listing recordings.
    Medium,
    /// The token endpoint and downloads, which Zoom does not label.
    Unlabelled,
}

/// Calls per second of a category: of the smallest plan, to begin with, of the largest (zoom-facts §4).
fn rates(category: Category) -> (f64, f64, f64) {
    match category {
        Category::Light => (4.0, 20.0, 80.0),
        Category::Medium => (2.0, 10.0, 60.0),
        Category::Unlabelled => (2.0, 20.0, 80.0),
    }
}

#[derive(Debug)]
struct Lane {
    rate: f64,
    next: Timestamp,
    run: u32,
}

/// Shared by everything that calls Zoom. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Limiter {
    lanes: Arc<Mutex<[Lane; 3]>>,
    clock: Clock,
}

impl Limiter {
    /// A limiter that has learnt nothing yet.
    pub fn new(clock: Clock) -> Self {
        let now = clock.now();
        let lane = |category| Lane { rate: rates(category).1, next: now, run: 0 };
        let lanes = [Category::Light, Category::Medium, Category::Unlabelled].map(lane);
        Self { lanes: Arc::new(Mutex::new(lanes)), clock }
    }

    fn with<T>(&self, category: Category, work: impl FnOnce(&mut Lane) -> T) -> T {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let [light, medium, unlabelled] = &mut *lanes;
        work(match category {
            Category::Light => light,
            Category::Medium => medium,
            Category::Unlabelled => unlabelled,
        })
    }

    /// Waits for a turn. Turns are handed out in the order of asking.
    pub async fn acquire(&self, category: Category) {
        let pause = self.reserve(category);
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
    }

    /// Takes the next turn and says how long it is until then.
    fn reserve(&self, category: Category) -> Duration {
        let now = self.clock.now();
        self.with(category, |lane| {
            let turn = lane.next.max(now);
            let gap = SignedDuration::from_secs_f64(1.0 / lane.rate);
            lane.next = turn.checked_add(gap).unwrap_or(turn);
            Duration::try_from(turn.duration_since(now)).unwrap_or_default()
        })
    }

    /// Learns from an answer. For a 429 returns when the next try makes sense.
    pub fn answered(&self, category: Category, status: u16, headers: &HeaderMap) -> Option<Timestamp> {
        let now = self.clock.now();
        let (least, _, most) = rates(category);
        self.with(category, |lane| {
            if status != 429 {
                lane.run += 1;
                if lane.run >= GOOD_RUN {
                    lane.run = 0;
                    lane.rate = (lane.rate * 1.2).min(most);
                }
                return None;
            }
            lane.run = 0;
            lane.rate = (lane.rate / 2.0).max(least);
            let again = retry_after(headers, now).unwrap_or_else(|| now.checked_add(UNSAID).unwrap_or(now));
            lane.next = lane.next.max(again);
            Some(again)
        })
    }
}

/// When Zoom wants to be asked again: never before now, never more than an hour ahead.
pub fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Timestamp> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let at = if let Ok(seconds) = text.parse::<u32>() {
        now.checked_add(SignedDuration::from_secs(i64::from(seconds))).ok()?
    } else if let Ok(at) = text.parse::<Timestamp>() {
        at
    } else {
        jiff::fmt::rfc2822::parse(text).ok()?.timestamp()
    };
    let latest = now.checked_add(BELIEVED).unwrap_or(at);
    Some(at.clamp(now, latest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-03-01T10:00:00Z".parse().unwrap()
    }

    fn headers(value: &str) -> HeaderMap {
        [(RETRY_AFTER, value.parse().unwrap())].into_iter().collect()
    }

    fn seconds(value: &str) -> Option<i64> {
        retry_after(&headers(value), now()).map(|at| at.duration_since(now()).as_secs())
    }

    #[test]
    fn retry_after_is_understood_in_its_three_forms() {
        assert_eq!(seconds("30"), Some(30));
        assert_eq!(seconds("Sun, 01 Mar 2026 10:00:45 GMT"), Some(45));
        assert_eq!(seconds("2026-03-01T10:01:00Z"), Some(60));
    }

    #[test]
    fn retry_after_is_believed_within_reason() {
        assert_eq!(seconds("86400"), Some(3600));
        assert_eq!(seconds("2020-01-01T00:00:00Z"), Some(0));
        assert_eq!(seconds("soon"), None);
        assert_eq!(retry_after(&HeaderMap::new(), now()), None);
    }

    #[test]
    fn calls_are_spread_and_a_429_makes_everybody_wait() {
        let limiter = Limiter::new(Clock::manual(now()));
        assert_eq!(limiter.reserve(Category::Medium), Duration::ZERO);
        assert_eq!(limiter.reserve(Category::Medium), Duration::from_millis(100));
        let again = limiter.answered(Category::Medium, 429, &headers("30"));
        assert_eq!(again, Some("2026-03-01T10:00:30Z".parse().unwrap()));
        assert_eq!(limiter.reserve(Category::Medium), Duration::from_secs(30));
        assert_eq!(limiter.reserve(Category::Medium), Duration::from_millis(30_200), "and at half the rate");
        assert_eq!(limiter.reserve(Category::Light), Duration::ZERO, "another category is not held up");
    }

    #[test]
    fn the_rate_never_falls_below_the_smallest_plan() {
        let limiter = Limiter::new(Clock::manual(now()));
        for _ in 0..20 {
            limiter.answered(Category::Light, 429, &headers("0"));
        }
        limiter.reserve(Category::Light);
        assert_eq!(limiter.reserve(Category::Light), Duration::from_millis(250));
    }
}
