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
/// A recording of which Zoom has finished nothing this long after it began is no longer waited for: Zoom needs about as
/// long as the meeting was, rarely a day, and the latest file of one that was done came after two and a half days.
const SOMETHING_WILL_COME: SignedDuration = SignedDuration::from_hours(7 * 24);
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
    /// It was deleted at Zoom while it waited for review.
    GoneAtZoom,
    /// Zoom has not finished it.
    StillProcessing,
    /// Zoom has finished nothing of it in a week. It is looked at once a day, as long as the widest look reaches it.
    NeverFinished,
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
        return match now.duration_since(recording.start) < SOMETHING_WILL_COME {
            true => Decision::new(Verdict::Wait, DecidedBy::StillProcessing),
            false => Decision::skip(DecidedBy::NeverFinished),
        };
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::Hours;
    use super::*;
    use crate::recording::RecordingId;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn file(kind: FileKind, status: CloudStatus) -> CloudFile {
        CloudFile {
            id: format!("{kind:?}"),
            kind,
            segment: 0,
            layout: None,
            size: 100,
            status,
            extension: "bin".to_owned(),
            participant_audio: false,
        }
    }

    /// Half an hour on a Tuesday morning, with video and transcript.
    fn recording() -> CloudRecording {
        CloudRecording {
            uuid: "a".to_owned(),
            recording_id: RecordingId::of_zoom_meeting("a"),
            topic: "Interview with Dana".to_owned(),
            start: at("2026-03-10T09:00:00Z"),
            duration: 1800,
            size: 200,
            time_zone: None,
            host: None,
            status: CloudStatus::Completed,
            auto_delete_at: None,
            files: vec![
                file(FileKind::Video, CloudStatus::Completed),
                file(FileKind::Transcript, CloudStatus::Completed),
            ],
        }
    }

    fn berlin() -> Rules {
        Rules { time_zone: Some("Europe/Berlin".to_owned()), ..Rules::default() }
    }

    fn decided(recording: &CloudRecording, rules: &Rules) -> (Verdict, DecidedBy) {
        let decision = decide(recording, rules, None, at("2026-03-10T10:00:00Z"));
        (decision.verdict, decision.by)
    }

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn without_rules_everything_is_taken_that_began_after_it_was_switched_on() {
        assert_eq!(decided(&recording(), &berlin()), (Verdict::Take, DecidedBy::NoObjection));
        let later =
            decide(&recording(), &berlin(), Some(at("2026-03-10T09:00:01Z")), at("2026-03-10T10:00:00Z"));
        assert_eq!(later, Decision::new(Verdict::Skip, DecidedBy::BeforeSwitchedOn));
    }

    #[test]
    fn each_rule_names_itself() {
        let rules = |change: fn(&mut Rules)| {
            let mut rules = berlin();
            change(&mut rules);
            rules
        };
        let skipped = |rules: Rules| match decided(&recording(), &rules) {
            (Verdict::Skip, by) => by,
            other => panic!("{other:?}"),
        };
        assert_eq!(skipped(rules(|r| r.title_contains = words(&["Retro"]))), DecidedBy::TitleContains);
        assert_eq!(skipped(rules(|r| r.title_excludes = words(&["WITH dana"]))), DecidedBy::TitleExcludes);
        assert_eq!(skipped(rules(|r| r.min_minutes = Some(31))), DecidedBy::TooShort);
        assert_eq!(skipped(rules(|r| r.max_minutes = Some(29))), DecidedBy::TooLong);
        assert_eq!(
            skipped(rules(|r| r.not_before = Some("2026-03-11".parse().unwrap()))),
            DecidedBy::NotBefore
        );
        let review = rules(|r| r.review = true);
        assert_eq!(decided(&recording(), &review), (Verdict::Review, DecidedBy::Review));
        let all = rules(|r| {
            (r.title_contains, r.title_excludes) = (words(&["Retro", "interview"]), words(&["lunch"]));
            (r.min_minutes, r.max_minutes) = (Some(30), Some(30));
            r.not_before = Some("2026-03-10".parse().unwrap());
            r.skip_weekends = true;
        });
        assert_eq!(decided(&recording(), &all), (Verdict::Take, DecidedBy::NoObjection));
    }

    #[test]
    fn days_and_hours_are_the_persons_also_when_the_clocks_change() {
        let hours = Some(Hours { from: "09:00".parse().unwrap(), to: "17:00".parse().unwrap() });
        let by = |start: &str, zone: &str| {
            let rules =
                Rules { skip_weekends: true, hours, time_zone: Some(zone.to_owned()), ..Rules::default() };
            decided(&CloudRecording { start: at(start), ..recording() }, &rules).1
        };
        // Eight o'clock UTC is nine in Berlin in winter, and ten in summer; seven is nine in summer.
        assert_eq!(by("2026-03-27T08:00:00Z", "Europe/Berlin"), DecidedBy::NoObjection);
        assert_eq!(by("2026-03-27T07:30:00Z", "Europe/Berlin"), DecidedBy::Hours);
        assert_eq!(by("2026-03-30T07:30:00Z", "Europe/Berlin"), DecidedBy::NoObjection);
        assert_eq!(by("2026-03-30T15:00:00Z", "Europe/Berlin"), DecidedBy::Hours, "17:00 is not in it");
        // Late on a Friday in Los Angeles is a Saturday in UTC.
        assert_eq!(by("2026-03-28T00:30:00Z", "America/Los_Angeles"), DecidedBy::Hours);
        assert_eq!(by("2026-03-27T23:30:00Z", "America/Los_Angeles"), DecidedBy::NoObjection);
        assert_eq!(by("2026-03-27T23:30:00Z", "Europe/Berlin"), DecidedBy::Weekend);
    }

    #[test]
    fn what_zoom_has_not_finished_waits_unless_its_title_or_time_is_enough_to_skip_it() {
        let mut processing = recording();
        processing.files[0].status = CloudStatus::Processing;
        processing.duration = 0;
        let long = Rules { min_minutes: Some(5), ..berlin() };
        assert_eq!(decided(&processing, &long), (Verdict::Wait, DecidedBy::StillProcessing));
        let other = Rules { title_contains: words(&["Retro"]), ..berlin() };
        assert_eq!(decided(&processing, &other), (Verdict::Skip, DecidedBy::TitleContains));
        let next_day = decide(&processing, &berlin(), None, at("2026-03-11T09:00:00Z"));
        assert_eq!(next_day.verdict, Verdict::Take, "a video that will not come is not waited for");
        let nothing = CloudRecording { files: Vec::new(), ..recording() };
        assert_eq!(decided(&nothing, &berlin()).0, Verdict::Wait);
        let by = |now| decide(&nothing, &berlin(), None, at(now));
        assert_eq!(by("2026-03-17T08:59:00Z"), Decision::new(Verdict::Wait, DecidedBy::StillProcessing));
        assert_eq!(by("2026-03-17T09:00:00Z"), Decision::skip(DecidedBy::NeverFinished), "not for ever");
    }

    #[test]
    fn a_transcript_alone_is_waited_for_and_some_day_not_any_more() {
        let only = Rules { kinds: Some(BTreeSet::from([FileKind::Transcript])), ..berlin() };
        assert_eq!(decided(&recording(), &only).0, Verdict::Take);
        assert_eq!(bytes_taken(&recording(), &only), 100);
        let mut without = recording();
        without.files.pop();
        assert_eq!(decided(&without, &only), (Verdict::Wait, DecidedBy::StillProcessing));
        let later = decide(&without, &only, None, at("2026-03-15T09:00:00Z"));
        assert_eq!(later, Decision::new(Verdict::Skip, DecidedBy::Kinds));
    }
}
