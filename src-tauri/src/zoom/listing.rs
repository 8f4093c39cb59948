//! `GET /users/me/recordings`: everything between two days, though Zoom clamps, repeats and forgets.
//!
//! The list lies quietly (zoom-facts §2.2): a range of more than a month is cut without a word, so what the
//! answer says it covers is compared with what was asked, and the rest is asked again. Whether `to` is
//! inclusive is unknown, so one day more is asked and windows share a day; what comes twice is one.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};

use super::api::read;
use super::meeting::Meeting;
use super::wire::{WirePage, day};
use super::{AccessTokens, Category, Error, Zoom};
use crate::recording::CloudRecording;

/// Days in UTC, both inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days {
    /// The first.
    pub from: Date,
    /// The last.
    pub to: Date,
}

/// A part of the list that has been read whole.
#[derive(Debug)]
pub struct Window<'a> {
    /// Its days.
    pub days: Days,
    /// What is new in it, newest first.
    pub recordings: &'a [CloudRecording],
}

/// What Zoom lists between two days.
#[derive(Debug, Clone, PartialEq)]
pub struct Listing {
    /// The days that were read whole.
    pub days: Days,
    /// What stands there, newest first; each meeting instance once.
    pub recordings: Vec<CloudRecording>,
    /// Zoom promised more records for some window than it gave, also when asked twice. Something may be
    /// missing: whoever remembers how far he has looked should look again.
    pub incomplete: bool,
}

/// Records on a page: the most that Zoom gives.
const PAGE_SIZE: &str = "300";
/// Windows for one question: a hundred years of months. More means that Zoom turns us in a circle.
const MOST_WINDOWS: usize = 1200;
/// Pages of one window. 300 records each: more than anybody records in a month.
const MOST_PAGES: usize = 400;
/// How often a window is begun again when its page token goes stale.
const RESTARTS: u32 = 3;
/// Before Zoom had cloud recordings.
const FIRST_DAY: Date = jiff::civil::date(2014, 1, 1);
/// Months without a recording after which [`Zoom::first_day`] stops looking further back.
const EMPTY_MONTHS: u32 = 12;

impl Zoom {
    /// Today in UTC, as Zoom's dates are.
    pub(super) fn today(&self) -> Date {
        utc_day(self.0.clock.now())
    }

    /// Everything that Zoom lists between two days, the newest month first. `on_window` hears each stretch as it
    /// arrives.
    pub async fn recordings(
        &self,
        tokens: &dyn AccessTokens,
        days: Days,
        on_window: &(dyn Fn(Window<'_>) + Sync),
    ) -> Result<Listing, Error> {
        let today = self.today();
        let asked = padded(days, today);
        let mut found = Found::default();
        let mut incomplete = false;
        // The newest on top.
        let mut pending = vec![asked];
        let mut read = 0;
        while let Some(window) = pending.pop() {
            read += 1;
            if read > MOST_WINDOWS {
                return Err(Error::Unavailable { why: "a list without end".to_owned() });
            }
            let (newest, rest) = newest_month(window);
            pending.extend(rest);
            let answer = self.window(tokens, newest, &mut found).await?;
            incomplete |= answer.lost;
            let covered = answer.covered.unwrap_or(newest);
            // Cut at its begin: the rest is asked with the day where the answer began. Later than asked for at
            // its end counts only for days that have been: Zoom may know no tomorrow.
            if covered.from > newest.from {
                if covered.from >= newest.to {
                    return Err(other_days(newest, covered));
                }
                pending.push(Days { from: newest.from, to: covered.from });
            }
            if covered.to < newest.to.min(today) {
                if covered.to <= newest.from {
                    return Err(other_days(newest, covered));
                }
                pending.push(Days { from: covered.to, to: newest.to });
            }
            let recordings = found.take_new(days, today);
            on_window(Window { days: newest, recordings: &recordings });
        }
        Ok(Listing { days, recordings: found.all(days, today), incomplete })
    }

    /// The day of the oldest recording that Zoom still has, as far as can be found: walks back until a year
    /// has none.
    pub async fn first_day(&self, tokens: &dyn AccessTokens) -> Result<Date, Error> {
        let today = self.today();
        let (mut to, mut first, mut empty) = (today, today, 0);
        while empty < EMPTY_MONTHS && to > FIRST_DAY {
            // With the day that is added at the end, one month: one call.
            let days = Days { from: to.saturating_add(1.day()).saturating_sub(1.month()), to };
            let listing = self.recordings(tokens, days, &|_| {}).await?;
            match listing.recordings.last() {
                Some(_) => {
                    empty = 0;
                    first = days.from;
                }
                None => empty += 1,
            }
            to = days.from;
        }
        Ok(first)
    }

    /// Reads all pages of one window.
    async fn window(
        &self,
        tokens: &dyn AccessTokens,
        days: Days,
        found: &mut Found,
    ) -> Result<Answer, Error> {
        let (mut restarts, mut lost_once) = (0, false);
        loop {
            match self.pages(tokens, days, found).await {
                Err(Error::StalePage) if restarts < RESTARTS => restarts += 1,
                Ok(answer) if answer.lost && !lost_once => lost_once = true,
                settled => return settled,
            }
        }
    }

    async fn pages(&self, tokens: &dyn AccessTokens, days: Days, found: &mut Found) -> Result<Answer, Error> {
        let mut token: Option<String> = None;
        let mut tokens_seen = BTreeSet::new();
        let (mut rows, mut promised, mut covered) = (0_u64, None, None);
        let mut uuids = BTreeSet::new();
        for _ in 0..MOST_PAGES {
            let mut url = self.api_url(&["users", "me", "recordings"])?;
            {
                let mut query = url.query_pairs_mut();
                query
                    .append_pair("from", &days.from.to_string())
                    .append_pair("to", &days.to.to_string())
                    .append_pair("page_size", PAGE_SIZE)
                    // Absent, "My Notes" recordings are mixed in.
                    .append_pair("recording_source_type", "cloud_recording_only");
                if let Some(token) = &token {
                    query.append_pair("next_page_token", token);
                }
            }
            let value = self.get(tokens, Category::Medium, url, &["meetings"]).await?;
            let raw = value.get("meetings").and_then(|m| m.as_array()).map_or(0, Vec::len);
            let page: WirePage = read(value)?;
            rows += raw as u64;
            promised = promised.or(page.total_records);
            if covered.is_none()
                && let (Some(from), Some(to)) = (day(page.from.as_deref()), day(page.to.as_deref()))
            {
                covered = Some(Days { from, to });
            }
            let mut new_rows = false;
            for wire in page.meetings {
                let Some(meeting) = Meeting::from_wire(wire) else { continue };
                new_rows |= uuids.insert(meeting.recording.uuid.clone());
                found.add(meeting);
            }
            match page.next_page_token {
                // The published example never ends its token.
                Some(next) if new_rows && tokens_seen.insert(next.clone()) => token = Some(next),
                _ => break,
            }
        }
        let lost = promised.is_some_and(|promised| rows < promised);
        if lost {
            tracing::warn!(rows, promised, "Zoom gave fewer records than it promised");
        }
        Ok(Answer { covered, lost })
    }
}

/// What came of one window.
struct Answer {
    /// What Zoom says it covers, where it says so.
    covered: Option<Days>,
    /// Fewer records than promised.
    lost: bool,
}

/// What was found so far: each meeting instance once, with all files that any page had.
#[derive(Default)]
pub(super) struct Found {
    meetings: BTreeMap<String, Meeting>,
    told: BTreeSet<String>,
}

impl Found {
    pub(super) fn add(&mut self, meeting: Meeting) {
        match self.meetings.get_mut(&meeting.recording.uuid) {
            None => {
                self.meetings.insert(meeting.recording.uuid.clone(), meeting);
            }
            Some(known) => {
                // The later answer is the truer one; a file that only the former had stays.
                let mut merged = meeting;
                for file in std::mem::take(&mut known.recording.files) {
                    if merged.recording.files.iter().all(|other| other.id != file.id) {
                        merged.recording.files.push(file);
                    }
                }
                *known = merged;
            }
        }
    }

    /// What is known of a meeting, for the fuzz targets.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(super) fn get(&self, uuid: &str) -> Option<&CloudRecording> {
        self.meetings.get(uuid).map(|meeting| &meeting.recording)
    }

    fn all(&self, days: Days, today: Date) -> Vec<CloudRecording> {
        let inside = self.meetings.values().filter(|meeting| is_inside(meeting, days, today));
        newest_first(inside.map(|meeting| meeting.recording.clone()).collect())
    }

    /// What was not told yet.
    fn take_new(&mut self, days: Days, today: Date) -> Vec<CloudRecording> {
        let mut new = Vec::new();
        for (uuid, meeting) in &self.meetings {
            if is_inside(meeting, days, today) && self.told.insert(uuid.clone()) {
                new.push(meeting.recording.clone());
            }
        }
        newest_first(new)
    }
}

fn newest_first(mut recordings: Vec<CloudRecording>) -> Vec<CloudRecording> {
    recordings.sort_by(|a, b| b.start.cmp(&a.start).then_with(|| a.uuid.cmp(&b.uuid)));
    recordings
}

/// Whether a recording belongs to the days that were asked for. Zoom may file it under the day of the meeting
/// or of the recording; either counts. Close to today the upper end is open: somewhere it is tomorrow.
fn is_inside(meeting: &Meeting, days: Days, today: Date) -> bool {
    let within = |time: Timestamp| {
        let day = utc_day(time);
        day >= days.from && (day <= days.to || is_about_now(days.to, today))
    };
    within(meeting.recording.start) || meeting.start_time.is_some_and(within)
}

/// One day more at the end, since `to` may be exclusive; one more at the begin where it is about today.
fn padded(days: Days, today: Date) -> Days {
    let before = if is_about_now(days.from, today) { 1 } else { 0 };
    Days { from: days.from.saturating_sub(before.days()), to: days.to.saturating_add(1.day()) }
}

fn is_about_now(day: Date, today: Date) -> bool {
    day >= today.yesterday().unwrap_or(today)
}

/// The newest month of a window, and the rest with a day in common.
fn newest_month(window: Days) -> (Days, Option<Days>) {
    let from = window.to.saturating_sub(1.month());
    if from <= window.from {
        return (window, None);
    }
    (Days { from, to: window.to }, Some(Days { from: window.from, to: from }))
}

fn other_days(asked: Days, covered: Days) -> Error {
    Error::Unavailable {
        why: format!("asked for {} to {}, got {} to {}", asked.from, asked.to, covered.from, covered.to),
    }
}

fn utc_day(time: Timestamp) -> Date {
    time.to_zoned_datetime(jiff::tz::TimeZone::UTC).date()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use axum::Json;
    use axum::extract::Query;
    use axum::http::StatusCode;
    use axum::routing::get;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::clock::Clock;
    use crate::settings::Endpoints;
    use crate::zoom::{OneToken, Patience};

    fn days(from: &str, to: &str) -> Days {
        Days { from: from.parse().unwrap(), to: to.parse().unwrap() }
    }

    /// The windows that a range is read in.
    fn windows(range: Days) -> Vec<Days> {
        let mut windows = Vec::new();
        let mut rest = Some(range);
        while let Some(window) = rest {
            let (newest, older) = newest_month(window);
            windows.push(newest);
            rest = older;
        }
        windows
    }

    proptest! {
        #[test]
        fn every_range_is_covered_by_months_that_share_a_day(first in 0..5_000_i32, length in 0..4_000_i32) {
            let from = FIRST_DAY.saturating_add(first.days());
            let range = Days { from, to: from.saturating_add(length.days()) };
            let windows = windows(range);
            prop_assert_eq!(windows[0].to, range.to);
            prop_assert_eq!(windows[windows.len() - 1].from, range.from);
            for window in &windows {
                prop_assert!(window.from <= window.to);
                prop_assert!(window.from >= window.to.saturating_sub(1.month()), "Zoom cuts {:?}", window);
            }
            for pair in windows.windows(2) {
                prop_assert_eq!(pair[0].from, pair[1].to, "neighbours share a day");
                prop_assert!(pair[0].from < pair[0].to, "each goes on");
            }
            prop_assert!(windows.len() < MOST_WINDOWS);
        }

        #[test]
        fn a_range_is_padded_to_more_and_never_to_less(
            from in 0..5_000_i32, length in 0..400_i32, today in 0..5_400_i32,
        ) {
            let day = |n: i32| FIRST_DAY.saturating_add(n.days());
            let asked = Days { from: day(from), to: day(from + length) };
            let padded = padded(asked, day(today));
            prop_assert!(padded.to == day(from + length + 1), "`to` may be exclusive");
            prop_assert!(padded.from == asked.from || padded.from == day(from - 1));
            prop_assert!(padded.from < asked.from || from < today - 1, "it may be yesterday still");
        }
    }

    #[test]
    fn a_long_range_is_read_in_months_that_share_a_day() {
        assert_eq!(
            windows(days("2025-12-20", "2026-03-31")),
            [
                days("2026-02-28", "2026-03-31"),
                days("2026-01-28", "2026-02-28"),
                days("2025-12-28", "2026-01-28"),
                days("2025-12-20", "2025-12-28"),
            ]
        );
    }

    #[test]
    fn today_is_padded_on_both_sides_and_an_old_range_at_its_end() {
        let today = "2026-03-10".parse().unwrap();
        assert_eq!(padded(days("2026-03-10", "2026-03-10"), today), days("2026-03-09", "2026-03-11"));
        assert_eq!(padded(days("2026-01-01", "2026-01-31"), today), days("2026-01-01", "2026-02-01"));
    }

    /// A Zoom that answers for at most a week, whatever was asked, and whose second page goes stale at first.
    async fn narrow_zoom() -> (Zoom, Arc<AtomicUsize>) {
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&calls);
        let answer = move |query: Query<BTreeMap<String, String>>| {
            let call = counted.fetch_add(1, Ordering::SeqCst);
            async move {
                let day = |name: &str| query.get(name).unwrap().parse::<Date>().unwrap();
                let from = day("from").max(day("to").saturating_sub(7.days()));
                match query.get("next_page_token") {
                    Some(_) if call == 1 => {
                        let stale = "The next page token is either invalid or has expired.";
                        (StatusCode::BAD_REQUEST, Json(json!({"code": 300, "message": stale})))
                    }
                    Some(_) => (StatusCode::OK, Json(page(from, day("to"), "b", ""))),
                    None => (StatusCode::OK, Json(page(from, day("to"), "a", "next"))),
                }
            }
        };
        let router = axum::Router::new().route("/users/me/recordings", get(answer));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address: url::Url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        tokio::spawn(async { axum::serve(listener, router).await });
        let endpoints = Endpoints { oauth: address.clone(), api: address };
        let clock = Clock::manual("2026-03-31T12:00:00Z".parse().unwrap());
        (Zoom::new(endpoints, clock, Patience::default()), calls)
    }

    /// One meeting on each of the days.
    fn page(from: Date, to: Date, name: &str, next: &str) -> serde_json::Value {
        let mut meetings = Vec::new();
        let mut day = from;
        while day <= to {
            meetings.push(json!({"uuid": format!("{name}{day}"), "start_time": format!("{day}T09:00:00Z")}));
            day = day.tomorrow().unwrap();
        }
        json!({"from": from, "to": to, "next_page_token": next, "meetings": meetings})
    }

    #[tokio::test]
    async fn a_range_that_zoom_cuts_without_a_word_is_asked_on_and_a_stale_page_begun_again() {
        let (zoom, calls) = narrow_zoom().await;
        let tokens = OneToken("token".to_owned().into());
        let month = days("2026-03-01", "2026-03-31");
        let listing = zoom.recordings(&tokens, month, &|_| {}).await.unwrap();
        // Two a day, and tomorrow's, since it may be tomorrow somewhere.
        assert_eq!(listing.recordings.len(), 2 * 32);
        // Five windows of a week with a day in common, two pages each, and the stale one with its first page.
        assert_eq!(calls.load(Ordering::SeqCst), 5 * 2 + 2);
    }
}
