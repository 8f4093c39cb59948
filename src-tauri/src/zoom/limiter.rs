//! One rate limiter for all calls.
//!
//! Zoom counts per account across all apps and people, by category, with limits that depend on a plan that we
//! do not know. So calls start at the rate of a Pro plan, slow down when Zoom says so, and slowly come back.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::HeaderMap;
use tokio::time::Instant;

use super::Error;

/// Zoom's label of a call (Zoom docs, "Rate limits").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Category {
    /// One user, one meeting's recordings.
    Light,
    /// A list of recordings.
    Medium,
    /// Account-wide reports.
    Heavy,
    /// The dearest few.
    ResourceIntensive,
}

/// The longest pause that we take at Zoom's word: beyond it somebody's clock is wrong.
const LONGEST: Duration = Duration::from_secs(3600);
/// The pause where Zoom asks for one and does not say how long.
pub(super) const UNSAID: Duration = Duration::from_secs(2);
/// Calls that may go out at once after a quiet time.
const BURST: u32 = 4;

/// Paces calls by category.
#[derive(Debug)]
pub struct Limiter {
    lanes: Mutex<[Lane; 4]>,
}

#[derive(Debug, Clone, Copy)]
struct Lane {
    /// Between two calls, now.
    interval: Duration,
    /// The shortest that we ever try, and the longest that we ever need: Zoom's Pro and Free plans.
    fastest: Duration,
    slowest: Duration,
    /// When the next call has its regular turn.
    next: Option<Instant>,
    /// No call before this.
    blocked: Option<Instant>,
}

impl Lane {
    fn new(fastest: Duration, slowest: Duration) -> Self {
        Self { interval: fastest, fastest, slowest, next: None, blocked: None }
    }

    /// Takes the next turn and says when it is.
    fn take(&mut self, now: Instant) -> Instant {
        let earliest = now.checked_sub(self.interval * BURST).unwrap_or(now);
        let turn = self.next.map_or(earliest, |next| next.max(earliest)) + self.interval;
        self.next = Some(turn);
        turn.max(self.blocked.unwrap_or(now)).max(now)
    }
}

impl Default for Limiter {
    fn default() -> Self {
        let ms = Duration::from_millis;
        Self {
            lanes: Mutex::new([
                Lane::new(ms(1000 / 30), ms(250)),
                Lane::new(ms(1000 / 20), ms(500)),
                Lane::new(ms(1000 / 10), ms(1000)),
                Lane::new(ms(6000), ms(6000)),
            ]),
        }
    }
}

impl Limiter {
    fn lane<T>(&self, category: Category, work: impl FnOnce(&mut Lane) -> T) -> T {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let [light, medium, heavy, intensive] = &mut *lanes;
        work(match category {
            Category::Light => light,
            Category::Medium => medium,
            Category::Heavy => heavy,
            Category::ResourceIntensive => intensive,
        })
    }

    /// Waits for a turn, or says that the pause is longer than `patience`.
    pub async fn turn(&self, category: Category, patience: Duration, now: Timestamp) -> Result<(), Error> {
        match self.reserve(category, patience, Instant::now()) {
            Ok(turn) => {
                tokio::time::sleep_until(turn).await;
                Ok(())
            }
            Err(pause) => Err(Error::rate_limited(pause, now)),
        }
    }

    /// When the next turn is; or how long the pause, when it is longer than `patience`.
    fn reserve(&self, category: Category, patience: Duration, at: Instant) -> Result<Instant, Duration> {
        self.lane(category, |lane| match lane.blocked {
            Some(until) if until.saturating_duration_since(at) > patience => Err(until - at),
            _ => Ok(lane.take(at)),
        })
    }

    /// Learns from an answer. `now` is the time that an absolute `Retry-After` is compared with.
    pub fn learn(&self, asked: Category, status: u16, headers: &HeaderMap, now: Timestamp) {
        self.learn_at(asked, status, headers, now, Instant::now());
    }

    fn learn_at(&self, asked: Category, status: u16, headers: &HeaderMap, now: Timestamp, at: Instant) {
        let learn = |lane: &mut Lane| match status {
            429 => {
                lane.interval = (lane.interval * 2).min(lane.slowest);
                let pause = retry_after(headers, now).unwrap_or(UNSAID);
                lane.blocked = Some(lane.blocked.map_or(at + pause, |until| until.max(at + pause)));
            }
            200..=299 => {
                lane.interval = lane.interval.mul_f64(0.98).max(lane.fastest);
                // All optional, and a recorded 429 had some left: a hint to slow down, no more.
                if header(headers, "x-ratelimit-remaining") == Some("0") {
                    lane.interval = (lane.interval * 2).min(lane.slowest);
                }
            }
            _ => {}
        };
        self.lane(asked, learn);
        // Zoom may count the call under another label than its documentation.
        if let Some(named) = header(headers, "x-ratelimit-category").and_then(read_category)
            && named != asked
        {
            self.lane(named, learn);
        }
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim)
}

fn read_category(text: &str) -> Option<Category> {
    let text = text.to_ascii_lowercase();
    [
        ("light", Category::Light),
        ("medium", Category::Medium),
        ("heavy", Category::Heavy),
        ("resource", Category::ResourceIntensive),
    ]
    .into_iter()
    .find_map(|(word, category)| text.starts_with(word).then_some(category))
}

/// `Retry-After` in its three forms: seconds, an HTTP date, an ISO instant; at most an hour.
pub(super) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = header(headers, "retry-after")?;
    let pause = if let Ok(seconds) = text.parse::<f64>() {
        Duration::try_from_secs_f64(seconds).ok()?
    } else {
        let until: Timestamp = match text.parse() {
            Ok(until) => until,
            Err(_) => jiff::fmt::rfc2822::parse(text).ok()?.timestamp(),
        };
        // An instant that has passed: at once.
        Duration::try_from(until.duration_since(now)).unwrap_or_default()
    };
    Some(pause.min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn retry_after_is_read_in_its_three_forms_and_capped() {
        let now: Timestamp = "2026-03-01T10:00:00Z".parse().unwrap();
        let read = |text| retry_after(&headers(&[("retry-after", text)]), now);
        assert_eq!(read("7"), Some(Duration::from_secs(7)));
        assert_eq!(read("Sun, 01 Mar 2026 10:00:30 GMT"), Some(Duration::from_secs(30)));
        assert_eq!(read("2026-03-01T10:01:00Z"), Some(Duration::from_secs(60)));
        assert_eq!(read("2026-03-02T00:00:00Z"), Some(LONGEST));
        assert_eq!(read("2026-02-28T00:00:00Z"), Some(Duration::ZERO));
        assert_eq!(read("86400"), Some(LONGEST));
        assert_eq!(read("soon"), None);
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }

    /// How long `n` calls in a row take from `at` on.
    fn rounds(limiter: &Limiter, n: u32, at: Instant) -> Duration {
        let patience = Duration::from_secs(60);
        let last = (0..n).fold(at, |now, _| limiter.reserve(Category::Medium, patience, now).unwrap());
        last - at
    }

    #[test]
    fn calls_start_fast_slow_down_when_told_and_come_back() {
        let (limiter, start, now) = (Limiter::default(), Instant::now(), Timestamp::UNIX_EPOCH);
        let later = |seconds| start + Duration::from_secs(seconds);
        assert!(rounds(&limiter, 40, start) <= Duration::from_secs(2));

        let pause = headers(&[("retry-after", "3")]);
        limiter.learn_at(Category::Medium, 429, &pause, now, later(10));
        assert_eq!(rounds(&limiter, 1, later(10)), Duration::from_secs(3));

        for _ in 0..4 {
            limiter.learn_at(Category::Medium, 429, &headers(&[("retry-after", "0")]), now, later(20));
        }
        let slow = rounds(&limiter, 20, later(100));
        assert!(slow >= Duration::from_secs(6) && slow <= Duration::from_secs(11), "{slow:?}");
        for _ in 0..200 {
            limiter.learn_at(Category::Medium, 200, &HeaderMap::new(), now, later(200));
        }
        assert!(rounds(&limiter, 20, later(300)) < slow);
    }

    #[test]
    fn a_long_pause_is_said_instead_of_waited_for() {
        let (limiter, start) = (Limiter::default(), Instant::now());
        let daily = headers(&[("retry-after", "3000"), ("x-ratelimit-category", "Light")]);
        limiter.learn_at(Category::Medium, 429, &daily, Timestamp::UNIX_EPOCH, start);
        let patience = Duration::from_secs(20);
        for category in [Category::Medium, Category::Light] {
            assert_eq!(limiter.reserve(category, patience, start), Err(Duration::from_secs(3000)));
        }
        assert!(limiter.reserve(Category::Heavy, patience, start).is_ok(), "another is not held up");
    }
}
