//! What becomes of a recording: pure functions of the rules and of what Zoom says. Each answer names the rule that
//! decided.

use jiff::civil::Weekday;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::rules::Rules;
use crate::activity::words;
use crate::recording::{CloudFile, CloudRecording, CloudStatus, FileKind};

/// A video that Zoom still works on after this long will not come.
const VIDEO_WILL_COME: SignedDuration = SignedDuration::from_hours(24);
/// A file of a wanted kind that is not listed this long after the meeting will not come.
const KIND_WILL_COME: SignedDuration = SignedDuration::from_hours(4 * 24);

/// What becomes of a recording, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Decision {
    /// What becomes of it.
    pub verdict: Verdict,
    /// What decided.
    pub by: DecidedBy,
}

/// What becomes of a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Verdict {
    /// It is imported.
    Take,
    /// It waits in the inbox for a person.
    Review,
    /// It is not imported.
    Skip,
    /// It cannot be decided yet: Zoom works on it.
    Wait,
}

/// What decided about a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum DecidedBy {
    /// No rule objects.
    NoObjection,
    /// It began before auto-import was switched on.
    BeforeSwitchedOn,
    /// Its title has none of the phrases that it must have.
    TitleContains,
    /// Its title has a phrase that it must not have.
    TitleExcludes,
    /// It is shorter than the minimum.
    TooShort,
    /// It is longer than the maximum.
    TooLong,
    /// It has no file of the kinds that are taken.
    Kinds,
    /// It began before the first day that is taken.
    NotBefore,
    /// It began on a weekend.
    Weekend,
    /// It began outside the hours.
    Hours,
    /// Recordings are reviewed before they are imported.
    Review,
    /// A person kept it, in the inbox or by importing older recordings.
    Person,
    /// A person discarded it in the inbox.
    Discarded,
    /// The teamspace had it already.
    AlreadyThere,
    /// It is in the teamspace's trash, or was deleted there.
    InTrash,
    /// Its import was asked for already, by a person.
    AlreadyAsked,
    /// Zoom has not finished it.
    StillProcessing,
    /// Auto-import was switched off before it was begun.
    SwitchedOff,
    /// Auto-import is off.
    Off,
    /// It was not listed yet when Zoom's list was last read.
    NotSeenYet,
}

impl DecidedBy {
    /// Its name as it stands in JSON, for example `title_contains`.
    pub fn name(self) -> String {
        match serde_json::to_value(self) {
            Ok(serde_json::Value::String(name)) => name,
            _ => String::new(),
        }
    }

    /// The rule of this name.
    pub fn named(name: &str) -> Option<Self> {
        serde_json::from_value(serde_json::Value::String(name.to_owned())).ok()
    }
}

impl Decision {
    /// A decision.
    pub fn new(verdict: Verdict, by: DecidedBy) -> Self {
        Self { verdict, by }
    }

    fn skip(by: DecidedBy) -> Self {
        Self::new(Verdict::Skip, by)
    }
}

/// What the rules say of a recording, as Zoom lists it at `now`. `since`: when auto-import was switched on; none for
/// a look at the rules alone.
pub(super) fn decide(
    recording: &CloudRecording,
    rules: &Rules,
    since: Option<Timestamp>,
    now: Timestamp,
) -> Decision {
    if since.is_some_and(|since| recording.start < since) {
        return Decision::skip(DecidedBy::BeforeSwitchedOn);
    }
    if let Some(by) = by_title(recording, rules).or_else(|| by_time(recording, rules)) {
        return Decision::skip(by);
    }
    // Length and files are known once Zoom is done with picture and sound.
    if at_work(recording, now) {
        return Decision::new(Verdict::Wait, DecidedBy::StillProcessing);
    }
    if let Some(by) = by_length(recording, rules) {
        return Decision::skip(by);
    }
    if !recording.files.iter().any(|file| is_taken(file, rules)) {
        let ended = recording.start.saturating_add(seconds(recording.duration)).unwrap_or(Timestamp::MAX);
        return match now.duration_since(ended) < KIND_WILL_COME {
            true => Decision::new(Verdict::Wait, DecidedBy::StillProcessing),
            false => Decision::skip(DecidedBy::Kinds),
        };
    }
    match rules.review {
        true => Decision::new(Verdict::Review, DecidedBy::Review),
        false => Decision::new(Verdict::Take, DecidedBy::NoObjection),
    }
}

/// Whether Zoom still works on what must be there before anything is imported.
pub(super) fn at_work(recording: &CloudRecording, now: Timestamp) -> bool {
    let works = |file: &CloudFile| {
        file.status == CloudStatus::Processing
            && matches!(file.kind, FileKind::Video | FileKind::Audio | FileKind::Other)
    };
    let done = recording.files.iter().any(|file| file.status == CloudStatus::Completed);
    let age = now.duration_since(recording.start);
    !done || (recording.files.iter().any(works) && age < VIDEO_WILL_COME)
}

fn is_taken(file: &CloudFile, rules: &Rules) -> bool {
    file.status == CloudStatus::Completed && rules.take_kind(file.kind)
}

/// Bytes of the files that are taken.
pub(super) fn bytes_taken(recording: &CloudRecording, rules: &Rules) -> u64 {
    match rules.kinds {
        None => recording.size,
        Some(_) => {
            recording.files.iter().filter(|file| rules.take_kind(file.kind)).map(|file| file.size).sum()
        }
    }
}

fn by_title(recording: &CloudRecording, rules: &Rules) -> Option<DecidedBy> {
    if rules.title_contains.is_empty() && rules.title_excludes.is_empty() {
        return None;
    }
    let title = words::folded(&recording.topic);
    let has = |phrases: &[String]| phrases.iter().any(|phrase| title.contains(&words::folded(phrase)));
    if has(&rules.title_excludes) {
        return Some(DecidedBy::TitleExcludes);
    }
    (!rules.title_contains.is_empty() && !has(&rules.title_contains)).then_some(DecidedBy::TitleContains)
}

/// By the day and hour at which it began, as the person's wall clock showed them then.
fn by_time(recording: &CloudRecording, rules: &Rules) -> Option<DecidedBy> {
    let began = recording.start.to_zoned_datetime(rules.zone());
    if rules.not_before.is_some_and(|day| began.date() < day) {
        return Some(DecidedBy::NotBefore);
    }
    if rules.skip_weekends && matches!(began.weekday(), Weekday::Saturday | Weekday::Sunday) {
        return Some(DecidedBy::Weekend);
    }
    rules.hours.is_some_and(|hours| !hours.contain(began.time())).then_some(DecidedBy::Hours)
}

fn by_length(recording: &CloudRecording, rules: &Rules) -> Option<DecidedBy> {
    let minutes = |minutes: u32| u64::from(minutes) * 60;
    if rules.min_minutes.is_some_and(|least| recording.duration < minutes(least)) {
        return Some(DecidedBy::TooShort);
    }
    rules.max_minutes.is_some_and(|most| recording.duration > minutes(most)).then_some(DecidedBy::TooLong)
}

pub(super) fn seconds(seconds: u64) -> SignedDuration {
    SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX))
}
