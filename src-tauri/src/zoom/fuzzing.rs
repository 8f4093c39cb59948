//! What must hold of anything that Zoom may send; see `crate::fuzzing`.

use std::collections::BTreeSet;

use jiff::Timestamp;
use reqwest::header::HeaderMap;
use serde_json::Value;

use super::api::{one_line, read};
use super::failure::{self, Asked};
use super::listing::Found;
use super::meeting::Meeting;
use super::wire::{WireMeeting, WirePage, day};
use super::{Callback, Outcome};
use crate::error::UserError;
use crate::recording::FileKind;

pub(crate) use super::download::holds_content_range as content_range;

/// A body of the API or of the token endpoint, whatever it was asked.
pub(crate) fn answer(bytes: &[u8]) {
    let (none, now) = (HeaderMap::new(), Timestamp::UNIX_EPOCH);
    for status in [200, 400, 401, 404, 429, 500] {
        is_sayable(failure::of_api(status, bytes, &none, now).into());
        for asked in [Asked::Exchange, Asked::Refresh] {
            is_sayable(failure::of_oauth(asked, status, bytes, &none, now).into());
        }
    }
    let Ok(value) = serde_json::from_slice::<Value>(bytes) else { return };
    if let Ok(wire) = read::<WireMeeting>(value.clone())
        && let Some(meeting) = Meeting::from_wire(wire)
    {
        is_sound(&meeting);
    }
    if let Ok(page) = read::<WirePage>(value) {
        let _ = (day(page.from.as_deref()), day(page.to.as_deref()));
        let mut found = Found::default();
        for meeting in page.meetings.into_iter().filter_map(Meeting::from_wire) {
            is_sound(&meeting);
            found.add(meeting.clone());
            let once = found.get(&meeting.recording.uuid).cloned();
            found.add(meeting.clone());
            let twice = found.get(&meeting.recording.uuid).cloned();
            assert_eq!(once, twice, "what is listed twice is one");
        }
    }
}

/// An address that may be a callback of signing in; tells whether it is.
pub(crate) fn callback(address: &str) -> bool {
    let Some(callback) = Callback::read(address) else { return false };
    assert!(callback.state.is_none_or(|state| !state.expose().is_empty()), "a state says something");
    match callback.outcome {
        Outcome::Code(code) => assert!(!code.expose().is_empty(), "a code says something"),
        Outcome::Failed { why } => assert!(!why.contains(char::is_control), "a reason stands on one line"),
        Outcome::Declined | Outcome::Nothing => {}
    }
    true
}

/// Whatever Zoom says can be shown: on one line, and it says something.
fn is_sayable(error: UserError) {
    for text in [error.to_string(), error.detail.unwrap_or_default()] {
        assert!(!text.contains(char::is_control), "an error stands on one line: {text:?}");
    }
    assert!(!error.message.trim().is_empty() && !error.action.trim().is_empty(), "an error says something");
}

fn is_sound(meeting: &Meeting) {
    let recording = &meeting.recording;
    assert!(!recording.uuid.trim().is_empty(), "a recording has an identity");
    assert!(
        !recording.topic.is_empty() && recording.topic == one_line(&recording.topic),
        "a title is a line"
    );
    assert!(recording.time_zone.as_deref().is_none_or(|zone| jiff::tz::TimeZone::get(zone).is_ok()));
    let largest = i64::MAX as u64;
    assert!(recording.size <= largest && recording.duration <= largest, "SQLite holds signed numbers");
    let mut ids = BTreeSet::new();
    for file in &recording.files {
        assert!(ids.insert(&file.id), "each file has an identity of its own");
        assert!(file.size <= largest, "SQLite holds signed numbers");
        let short = (1..=5).contains(&file.extension.len());
        assert!(short && file.extension.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()));
        assert!(file.layout.is_none() || file.kind == FileKind::Video, "only pictures have a layout");
    }
}
