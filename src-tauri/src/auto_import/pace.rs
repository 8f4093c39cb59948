//! When to look next: pure functions of the time of the day, of what Zoom works on, and of when meetings end.
//!
//! An ordinary day costs about 130 looks of one call each: every 5 to 10 minutes from seven to ten, about once an
//! hour at night. A meeting that probably ended, and a recording that Zoom works on, are looked for sooner.

use jiff::civil::time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};

use super::ProblemKind;
use super::engine::MOST_CALLS_A_DAY;

const fn minutes(minutes: i64) -> SignedDuration {
    SignedDuration::from_mins(minutes)
}

/// The pause by day, and how much of it is left to chance.
const DAY: (SignedDuration, SignedDuration) = (minutes(5), minutes(5));
/// The pause at night, and when the day's calls are spent.
const NIGHT: (SignedDuration, SignedDuration) = (minutes(45), minutes(30));
/// The pause while something is expected.
const SOON: (SignedDuration, SignedDuration) = (minutes(3), minutes(1));
/// A recording is expected for so long after its meeting ended.
const EXPECTED_FOR: SignedDuration = minutes(30);
/// Zoom works on a recording for about as long as it is: after this long it is no longer looked for more often.
const WORKS_FOR: SignedDuration = SignedDuration::from_hours(4);
/// How many weeks ago a series may have met last.
const WEEKS: i64 = 4;
/// The longest pause of all. A look that is planned farther ahead was planned before the clock was set back.
pub(super) const LONGEST: SignedDuration = SignedDuration::from_hours(7);

/// What the next look depends on.
pub(super) struct Situation<'a> {
    pub now: Timestamp,
    pub zone: TimeZone,
    /// Since when Zoom works on the youngest recording that it has not finished.
    pub processing_since: Option<Timestamp>,
    /// When meetings of the last weeks ended.
    pub ends: &'a [Timestamp],
    pub calls_today: u32,
}

/// How long to wait after a look that went well. `chance` is between 0 and 1.
pub(super) fn pause(situation: &Situation<'_>, chance: f64) -> SignedDuration {
    let of = |(least, more): (SignedDuration, SignedDuration)| least + more.mul_f64(chance.clamp(0.0, 1.0));
    if situation.calls_today >= MOST_CALLS_A_DAY {
        return of(NIGHT);
    }
    let now = situation.now;
    let clock = now.to_zoned_datetime(situation.zone.clone()).time();
    let usual = if time(7, 0, 0, 0) <= clock && clock < time(22, 0, 0, 0) { of(DAY) } else { of(NIGHT) };
    let works = |since: Timestamp| {
        let age = now.duration_since(since);
        (age < WORKS_FOR).then(|| (age / 4).max(of(SOON)).min(usual))
    };
    let at_work = situation.processing_since.and_then(works).unwrap_or(usual);
    let ends = situation.ends.iter().flat_map(|end| again(*end, &situation.zone));
    let after_ends = ends.filter_map(|end| match now.duration_since(end) {
        over if over >= SignedDuration::ZERO && over < EXPECTED_FOR => Some(of(SOON)),
        to_come if to_come < SignedDuration::ZERO => Some(-to_come + of(SOON)),
        _ => None,
    });
    after_ends.chain([usual, at_work]).min().unwrap_or(usual)
}

/// The same time of the week in the weeks after, as the wall clock shows it.
fn again(end: Timestamp, zone: &TimeZone) -> impl Iterator<Item = Timestamp> {
    let end = end.to_zoned_datetime(zone.clone());
    (1..=WEEKS).filter_map(move |weeks| Some(end.checked_add(weeks.weeks()).ok()?.timestamp()))
}

/// How long to wait after a look that failed for the `failures`th time, one after the other; none: until something
/// changes. `asked`: what Zoom asks for.
pub(super) fn after_failure(
    kind: ProblemKind,
    failures: u32,
    asked: Option<SignedDuration>,
    chance: f64,
) -> Option<SignedDuration> {
    let doubled = |first: SignedDuration, longest: SignedDuration| {
        let pause = first.saturating_mul(1 << failures.saturating_sub(1).min(12)).min(longest);
        pause.mul_f64(0.75 + chance.clamp(0.0, 1.0) / 2.0)
    };
    Some(match kind {
        kind if kind.waits_for_sign_in() => return None,
        // Nobody hears these tries.
        ProblemKind::Offline => doubled(SignedDuration::from_secs(15), minutes(5)),
        // The place alone is asked.
        ProblemKind::TeamspaceGone | ProblemKind::TeamspaceFull => {
            doubled(SignedDuration::from_secs(30), minutes(5))
        }
        ProblemKind::RateLimited => doubled(minutes(1), minutes(30)).max(asked.unwrap_or_default()),
        ProblemKind::ZoomUnavailable => doubled(minutes(1), minutes(30)),
        ProblemKind::NoCloudRecordings => SignedDuration::from_hours(6),
        _ => doubled(minutes(5), SignedDuration::from_hours(1)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn situation<'a>(now: &str, zone: &str, ends: &'a [Timestamp]) -> Situation<'a> {
        Situation {
            now: at(now),
            zone: TimeZone::get(zone).unwrap(),
            processing_since: None,
            ends,
            calls_today: 0,
        }
    }

    fn range(situation: &Situation<'_>) -> (i64, i64) {
        (pause(situation, 0.0).as_mins(), pause(situation, 1.0).as_mins())
    }

    #[test]
    fn by_day_a_look_comes_every_five_to_ten_minutes_and_rarely_at_night() {
        let berlin = |now| range(&situation(now, "Europe/Berlin", &[]));
        assert_eq!(berlin("2026-03-10T12:00:00Z"), (5, 10));
        assert_eq!(berlin("2026-03-10T02:00:00Z"), (45, 75));
        assert_eq!(berlin("2026-03-10T06:00:00Z"), (5, 10), "seven in winter");
        assert_eq!(berlin("2026-07-10T05:00:00Z"), (5, 10), "seven in summer");
        assert_eq!(berlin("2026-03-10T05:30:00Z"), (45, 75), "half past six in winter");
        assert_eq!(range(&situation("2026-03-10T02:00:00Z", "America/Los_Angeles", &[])), (5, 10));
    }

    #[test]
    fn a_meeting_that_probably_ended_is_looked_for_soon_also_when_the_clocks_changed_since() {
        // 16:00 in Berlin, a week before summer time begins: 15:00 UTC, and a week later 14:00.
        let ends = [at("2026-03-24T15:00:00Z")];
        let berlin = |now| range(&situation(now, "Europe/Berlin", &ends));
        assert_eq!(berlin("2026-03-31T14:10:00Z"), (3, 4));
        assert_eq!(berlin("2026-03-31T13:59:00Z"), (4, 5), "to come in a minute");
        assert_eq!(berlin("2026-03-31T15:10:00Z"), (5, 10));
        assert_eq!(berlin("2026-04-21T14:10:00Z"), (3, 4), "four weeks on");
        assert_eq!(berlin("2026-04-28T14:10:00Z"), (5, 10), "a series that met no more");
    }

    #[test]
    fn what_zoom_works_on_is_looked_for_often_at_first() {
        let mut night = situation("2026-03-10T02:00:00Z", "Europe/Berlin", &[]);
        night.processing_since = Some(at("2026-03-10T01:55:00Z"));
        assert_eq!(range(&night), (3, 4));
        night.processing_since = Some(at("2026-03-10T00:00:00Z"));
        assert_eq!(range(&night), (30, 30));
        night.processing_since = Some(at("2026-03-09T20:00:00Z"));
        assert_eq!(range(&night), (45, 75));
    }

    #[test]
    fn a_day_whose_calls_are_spent_is_as_a_night() {
        let mut day = situation("2026-03-10T12:00:00Z", "Europe/Berlin", &[]);
        day.calls_today = MOST_CALLS_A_DAY;
        assert_eq!(range(&day), (45, 75));
    }

    #[test]
    fn failures_are_followed_by_growing_pauses_and_zoom_is_obeyed() {
        let secs =
            |kind, failures, asked| after_failure(kind, failures, asked, 0.5).map(|pause| pause.as_secs());
        assert_eq!(secs(ProblemKind::Offline, 1, None), Some(15));
        assert_eq!(secs(ProblemKind::Offline, 9, None), Some(300));
        assert_eq!(secs(ProblemKind::RateLimited, 1, Some(SignedDuration::from_hours(1))), Some(3600));
        assert_eq!(secs(ProblemKind::ZoomUnavailable, 3, None), Some(240));
        assert_eq!(secs(ProblemKind::NeedsReauthorization, 1, None), None);
        for failures in 0..100 {
            assert!(after_failure(ProblemKind::Other, failures, None, 1.0).unwrap() < LONGEST);
        }
    }
}
