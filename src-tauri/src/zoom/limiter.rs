//! One rate limiter for all calls, of all processes on one data directory.
//!
//! Zoom counts per account across all apps and people, by category, with limits that depend on a plan that we
//! do not know. So calls start at the rate of a Pro plan, come faster while Zoom has nothing against it, slow
//! down when it says so, and slowly come back.
//!
//! # Why a file
//!
//! The window and `nextctl` are one to Zoom: what one is told must hold for the other, and for both after a
//! restart. The pace stands in a small file that is locked for the moment of taking a turn. It is never synced:
//! that would cost more than the call, and a pace that is lost is learned again. Without a usable file each
//! process keeps its own.
//!
//! Times in it are the machine's, which can jump: a pause is never longer than it was when it was asked for, and
//! a turn never farther away than many callers would make it.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use reqwest::header::HeaderMap;
use serde::{Deserialize, Serialize};

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

impl Category {
    /// Between two calls on Zoom's Business, Pro and Free plans.
    fn intervals(self) -> [Duration; 3] {
        let ms = Duration::from_millis;
        match self {
            Self::Light => [ms(1000 / 80), ms(1000 / 30), ms(250)],
            Self::Medium => [ms(1000 / 60), ms(1000 / 20), ms(500)],
            Self::Heavy => [ms(1000 / 40), ms(1000 / 10), ms(1000)],
            Self::ResourceIntensive => [ms(3000), ms(6000), ms(6000)],
        }
    }
}

/// The longest pause that we take at Zoom's word: beyond it somebody's clock is wrong.
const LONGEST: Duration = Duration::from_secs(3600);
/// The pause where Zoom asks for one and does not say how long.
pub(super) const UNSAID: Duration = Duration::from_secs(2);
/// Calls that may go out at once after a quiet time.
const BURST: u32 = 4;
/// The farthest that a turn can be away by many callers; farther, and the clock was set back.
const FARTHEST_TURN: Duration = Duration::from_secs(30);
/// How often the lock is tried for: it is held for microseconds, unless its holder was stopped in the middle.
const LOCK_TRIES: u32 = 20;

/// Paces calls by category.
#[derive(Debug, Default)]
pub struct Limiter {
    state: Mutex<State>,
    path: Option<PathBuf>,
}

#[derive(Debug, Default)]
struct State {
    lanes: Lanes,
    file: Option<File>,
}

/// The pace of each category.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Lanes {
    light: Lane,
    medium: Lane,
    heavy: Lane,
    resource_intensive: Lane,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Lane {
    /// Between two calls, now; none before anything was learned.
    interval: Option<Duration>,
    /// When the next call has its regular turn.
    next: Option<Timestamp>,
    /// No call while this lasts.
    pause: Option<Pause>,
}

/// A pause that Zoom asked for.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Pause {
    since: Timestamp,
    until: Timestamp,
}

impl Pause {
    /// How much of it is left; also under a clock that was set back never more than all of it.
    fn left(self, now: Timestamp) -> Duration {
        between(now, self.until).min(between(self.since, self.until))
    }
}

fn between(from: Timestamp, to: Timestamp) -> Duration {
    Duration::try_from(to.duration_since(from)).unwrap_or_default()
}

fn after(time: Timestamp, wait: Duration) -> Timestamp {
    SignedDuration::try_from(wait).ok().and_then(|wait| time.checked_add(wait).ok()).unwrap_or(time)
}

fn before(time: Timestamp, wait: Duration) -> Timestamp {
    SignedDuration::try_from(wait).ok().and_then(|wait| time.checked_sub(wait).ok()).unwrap_or(time)
}

impl Lane {
    fn interval(&self, category: Category) -> Duration {
        let [fastest, usual, slowest] = category.intervals();
        self.interval.map_or(usual, |interval| interval.clamp(fastest, slowest))
    }

    fn pause_left(&self, now: Timestamp) -> Duration {
        self.pause.map_or(Duration::ZERO, |pause| pause.left(now))
    }

    /// Takes the next turn and says how long to wait for it.
    fn take(&mut self, category: Category, now: Timestamp) -> Duration {
        let interval = self.interval(category);
        let earliest = before(now, interval * BURST);
        let sound = self.next.filter(|next| between(now, *next) <= FARTHEST_TURN);
        let turn = after(sound.map_or(earliest, |next| next.max(earliest)), interval);
        self.next = Some(turn);
        between(now, turn).max(self.pause_left(now))
    }

    /// Learns from the status of an answer.
    fn learn(&mut self, category: Category, status: u16, pause: Duration, at: Timestamp, none_left: bool) {
        let [fastest, _, slowest] = category.intervals();
        let interval = self.interval(category);
        match status {
            429 => {
                self.interval = Some((interval * 2).min(slowest));
                if pause >= self.pause_left(at) {
                    self.pause = Some(Pause { since: at, until: after(at, pause) });
                }
            }
            // All optional, and a recorded 429 had some left: a hint to slow down, no more.
            200..=299 if none_left => self.interval = Some((interval * 2).min(slowest)),
            200..=299 => self.interval = Some(interval.mul_f64(0.98).max(fastest)),
            _ => {}
        }
    }
}

impl Limiter {
    /// One that is shared by all processes that use this file.
    pub fn shared(path: &Path) -> Self {
        Self { state: Mutex::default(), path: Some(path.to_owned()) }
    }

    /// Works on the lanes, as the file has them.
    fn lanes<T>(&self, work: impl FnOnce(&mut Lanes) -> T) -> T {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let State { lanes, file } = &mut *state;
        if let (None, Some(path)) = (&file, &self.path) {
            *file = File::options().read(true).write(true).create(true).truncate(false).open(path).ok();
        }
        let Some(file) = file.as_mut().filter(|file| lock(file)) else { return work(lanes) };
        if let Some(found) = read(file) {
            *lanes = found;
        }
        let former = lanes.clone();
        let answer = work(lanes);
        if *lanes != former
            && let Err(error) = write(file, lanes)
        {
            tracing::debug!(%error, "the pace cannot be shared");
        }
        // Unlocking can only fail where locking would have.
        let _ = file.unlock();
        answer
    }

    fn lane<T>(&self, category: Category, work: impl FnOnce(&mut Lane) -> T) -> T {
        self.lanes(|lanes| {
            work(match category {
                Category::Light => &mut lanes.light,
                Category::Medium => &mut lanes.medium,
                Category::Heavy => &mut lanes.heavy,
                Category::ResourceIntensive => &mut lanes.resource_intensive,
            })
        })
    }

    /// Waits for a turn, or says that the pause is longer than `patience`.
    pub async fn turn(&self, category: Category, patience: Duration, now: Timestamp) -> Result<(), Error> {
        match self.reserve(category, patience, Timestamp::now()) {
            Ok(wait) => {
                tokio::time::sleep(wait).await;
                Ok(())
            }
            Err(pause) => Err(Error::rate_limited(pause, now)),
        }
    }

    /// How long until the next turn; or how long the pause, when it is longer than `patience`.
    fn reserve(&self, category: Category, patience: Duration, at: Timestamp) -> Result<Duration, Duration> {
        self.lane(category, |lane| match lane.pause_left(at) {
            pause if pause > patience => Err(pause),
            _ => Ok(lane.take(category, at)),
        })
    }

    /// Learns from an answer. `now` is the time that an absolute `Retry-After` is compared with.
    pub fn learn(&self, asked: Category, status: u16, headers: &HeaderMap, now: Timestamp) {
        self.learn_at(asked, status, headers, now, Timestamp::now());
    }

    fn learn_at(&self, asked: Category, status: u16, headers: &HeaderMap, now: Timestamp, at: Timestamp) {
        let pause = retry_after(headers, now).unwrap_or(UNSAID);
        let none_left = header(headers, "x-ratelimit-remaining") == Some("0");
        self.lane(asked, |lane| lane.learn(asked, status, pause, at, none_left));
        // Zoom may count the call under another label than its documentation.
        if let Some(named) = header(headers, "x-ratelimit-category").and_then(read_category)
            && named != asked
        {
            self.lane(named, |lane| lane.learn(named, status, pause, at, none_left));
        }
    }
}

fn lock(file: &File) -> bool {
    (0..LOCK_TRIES).any(|tried| {
        if tried > 0 {
            std::thread::sleep(Duration::from_millis(1));
        }
        file.try_lock().is_ok()
    })
}

/// None when it is empty or not what it should be: then it is written anew.
fn read(file: &mut File) -> Option<Lanes> {
    let mut text = String::new();
    file.seek(SeekFrom::Start(0)).ok()?;
    file.read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

fn write(file: &mut File, lanes: &Lanes) -> io::Result<()> {
    let text = serde_json::to_vec(lanes)?;
    file.seek(SeekFrom::Start(0))?;
    file.write_all(&text)?;
    file.set_len(text.len() as u64)
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

    fn start() -> Timestamp {
        "2026-03-01T10:00:00Z".parse().unwrap()
    }

    fn later(seconds: i64) -> Timestamp {
        start() + SignedDuration::from_secs(seconds)
    }

    /// How long `n` calls in a row take from `at` on.
    fn rounds(limiter: &Limiter, n: u32, at: Timestamp) -> Duration {
        let patience = Duration::from_secs(60);
        let call = |now, _| after(now, limiter.reserve(Category::Medium, patience, now).unwrap());
        between(at, (0..n).fold(at, call))
    }

    #[test]
    fn calls_start_fast_slow_down_when_told_and_come_back() {
        let (limiter, now) = (Limiter::default(), Timestamp::UNIX_EPOCH);
        assert!(rounds(&limiter, 40, start()) <= Duration::from_secs(2));

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
        assert!(rounds(&limiter, 60, later(300)) < Duration::from_secs(1), "as a Business plan may");
    }

    #[test]
    fn a_long_pause_is_said_instead_of_waited_for() {
        let limiter = Limiter::default();
        let daily = headers(&[("retry-after", "3000"), ("x-ratelimit-category", "Light")]);
        limiter.learn_at(Category::Medium, 429, &daily, Timestamp::UNIX_EPOCH, start());
        let patience = Duration::from_secs(20);
        for category in [Category::Medium, Category::Light] {
            assert_eq!(limiter.reserve(category, patience, start()), Err(Duration::from_secs(3000)));
        }
        assert!(limiter.reserve(Category::Heavy, patience, start()).is_ok(), "another is not held up");
    }

    #[test]
    fn a_clock_that_was_set_back_makes_no_pause_longer_and_no_turn_far() {
        let limiter = Limiter::default();
        let pause = headers(&[("retry-after", "30")]);
        limiter.learn_at(Category::Light, 429, &pause, Timestamp::UNIX_EPOCH, later(86_400));
        let wait = limiter.reserve(Category::Light, Duration::from_secs(60), start()).unwrap();
        assert_eq!(wait, Duration::from_secs(30));
        assert!(rounds(&limiter, 4, later(86_400)) <= Duration::from_secs(1));
        assert!(rounds(&limiter, 4, start()) <= Duration::from_secs(1));
    }

    #[test]
    fn two_processes_on_one_file_keep_one_pace_and_a_broken_file_stops_nobody() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("zoom-pace");
        let (window, nextctl) = (Limiter::shared(&path), Limiter::shared(&path));
        let alone = rounds(&Limiter::default(), 40, start());
        let calls = [&window, &nextctl].into_iter().cycle().take(40);
        let patience = Duration::from_secs(60);
        let together = calls.fold(start(), |now, limiter| {
            after(now, limiter.reserve(Category::Medium, patience, now).unwrap())
        });
        assert_eq!(between(start(), together), alone);

        let pause = headers(&[("retry-after", "50")]);
        window.learn_at(Category::Medium, 429, &pause, Timestamp::UNIX_EPOCH, later(100));
        let patience = Duration::from_secs(20);
        assert_eq!(nextctl.reserve(Category::Medium, patience, later(110)), Err(Duration::from_secs(40)));

        std::fs::write(&path, "{\"light").unwrap();
        assert!(nextctl.reserve(Category::Light, patience, later(110)).is_ok());
        let nowhere = Limiter::shared(&dir.path().join("gone/zoom-pace"));
        assert!(nowhere.reserve(Category::Light, patience, start()).is_ok());
    }
}
