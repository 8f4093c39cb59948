//! The recordings of a product-research team over the last hundred days: what practice mode shows.
//!
//! Everything follows from the day the simulator was first started, so that a library filled today is still the
//! same tomorrow. A weekly meeting goes on into the future: a new recording appears every seven days.

use jiff::{SignedDuration, Timestamp};

use crate::clips;
use crate::clock::after;
use crate::content::Content;
use crate::file::FileSpec;
use crate::ids;
use crate::meeting::{MeetingHandle, MeetingSpec};
use crate::state::State;

/// Days ago, hour (UTC), topic, talk, which extras: a audio, c chat, s summary.
#[rustfmt::skip]
const ONE_BY_ONE: &[(i64, i64, &str, &str, &str)] = &[
    (1, 9, "Interview with Dana (checkout flow)", "checkout", "acs"),
    (2, 13, "Usability test 4: mobile sign-up", "signup", "s"),
    (5, 10, "Findings review: why people leave at delivery", "findings", "s"),
    (8, 14, "Interview with Tom (first week with the team)", "onboarding", "c"),
    (9, 8, "Usability test 3: mobile sign-up", "signup", ""),
    (13, 12, "Interview with Sam (choosing a plan)", "pricing", "s"),
    (19, 9, "Usability test 2: mobile sign-up", "signup", ""),
    (23, 15, "Interview with Noor (checkout flow)", "checkout", "ac"),
    (30, 11, "Research readout for the design team", "findings", "s"),
    (34, 13, "Interview with Elif (choosing a plan)", "pricing", ""),
    (41, 9, "Usability test 1: mobile sign-up", "signup", "s"),
    (48, 14, "Interview with Paul (first week with the team)", "onboarding", "c"),
    (57, 10, "Pilot session: checkout flow", "checkout", "a"),
    (66, 12, "Planning the spring study", "sync", "acs"),
    (78, 9, "Interview with Ines (choosing a plan)", "pricing", ""),
    (92, 13, "Kick-off: what do we want to learn?", "findings", "s"),
];

/// Weeks ago of the weekly meeting; negative ones are still to come.
const WEEKLY: &[i64] = &[-6, -5, -4, -3, -2, -1, 0, 1, 2, 3];

/// Builds the files of a talk.
fn talk(topic: &str, talk: &str, extras: &str) -> MeetingSpec {
    let mut spec = MeetingSpec::talk(topic, talk);
    if extras.contains('a') {
        spec = spec.file(FileSpec::audio(talk));
    }
    if extras.contains('c') {
        spec = spec.file(FileSpec::chat(talk));
    }
    if extras.contains('s') {
        spec = spec.file(FileSpec::summary(talk));
        spec.summary = serde_json::from_slice(&clips::bytes(&format!("{talk}.summary.json"))).ok();
    }
    spec
}

/// Midnight (UTC) of the day the simulator was first started, so that hours of the day look planned.
fn first_day(created: Timestamp) -> Timestamp {
    created
        .round(jiff::TimestampRound::new().smallest(jiff::Unit::Day).mode(jiff::RoundMode::Trunc))
        .unwrap_or(created)
}

/// The sample meetings, given when the simulator was first started.
pub(crate) fn meetings(created: Timestamp, jonas: &str) -> Vec<MeetingSpec> {
    let day = first_day(created);
    let at = |days_ago: i64, hour: i64| {
        day.checked_sub(SignedDuration::from_hours(24 * days_ago - hour)).unwrap_or(day)
    };
    let mut all: Vec<MeetingSpec> = ONE_BY_ONE
        .iter()
        .map(|(days, hour, topic, clip, extras)| talk(topic, clip, extras).start(at(*days, *hour)))
        .collect();
    // A weekly series: one number, an instance with a UUID of its own each time.
    for weeks in WEEKLY {
        let start = at(weeks * 7 + 3, 8);
        let mut spec = talk("Research sync", "sync", if weeks % 2 == 0 { "acs" } else { "a" })
            .number(84_512_906_377)
            .start(start);
        spec.uuid = ids::meeting_uuid(&format!("research sync {weeks}"));
        spec.kind = 8;
        spec.listed_from = Some(after(start, 3600));
        all.push(spec);
    }
    // Only audio.
    let mut phone = MeetingSpec::new("Phone interview with Amara (returns)")
        .file(FileSpec::audio("checkout"))
        .file(FileSpec::transcript("checkout"));
    phone = phone.start(at(16, 16));
    all.push(phone);
    // Recording was stopped and started again: two segments with the same types.
    let mut parts = MeetingSpec::talk("Workshop: journey of a first order", "findings");
    for file in
        [FileSpec::video("onboarding"), FileSpec::transcript("onboarding"), FileSpec::timeline("onboarding")]
    {
        parts = parts.file(file.at(1_500));
    }
    all.push(parts.start(at(26, 12)));
    // Zoom still works on it, for twenty minutes after the first start.
    let done = after(created, 20 * 60);
    let mut fresh =
        talk("Interview with Mikkel (checkout flow)", "checkout", "ac").start(after(created, -35 * 60));
    fresh.files = fresh.files.into_iter().map(|file| file.processing().ready_at(done)).collect();
    all.push(fresh);
    // The video is there, the transcript is not: ten minutes more.
    let mut late =
        MeetingSpec::talk("Usability test 5: mobile sign-up", "signup").start(after(created, -3 * 3600));
    late.files = late
        .files
        .into_iter()
        .map(|file| {
            if file.file_type == "TRANSCRIPT" {
                file.unlisted().ready_at(after(created, 10 * 60))
            } else {
                file
            }
        })
        .collect();
    all.push(late);
    // Jonas has his own.
    all.push(talk("Desk research: what others do", "pricing", "s").host(jonas).start(at(4, 9)));
    all.push(
        talk("Interview with Ben (first week with the team)", "onboarding", "c")
            .host(jonas)
            .start(at(11, 15)),
    );
    // The same ids at every start; the length of a clip is the length of its segment.
    for (index, spec) in all.iter_mut().enumerate() {
        let seed = format!("sample {index} {}", spec.topic);
        if spec.uuid.is_empty() {
            spec.uuid = ids::meeting_uuid(&seed);
        }
        if spec.id == 0 {
            spec.id = ids::meeting_number(&seed);
        }
    }
    all
}

impl State {
    /// Adds the samples.
    pub(crate) fn add_samples(&mut self) -> Vec<MeetingHandle> {
        let jonas = ids::user_id("jonas@example.com");
        meetings(self.created, &jonas).into_iter().map(|spec| self.add_meeting(spec)).collect()
    }

    /// Puts other bytes behind a file: its ETag changes.
    pub(crate) fn replace_content(&mut self, key: &str, content: Content) -> bool {
        let Some(file) = self.file_mut(key) else {
            return false;
        };
        file.spec.content = content;
        file.version += 1;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_file_exists_and_ids_are_the_same_at_every_start() {
        let now = Timestamp::now();
        let (first, second) = (meetings(now, "j"), meetings(now, "j"));
        assert_eq!(first, second);
        for file in first.iter().flat_map(|spec| &spec.files) {
            assert!(!file.content.is_empty(), "{file:?}");
        }
        let mut uuids: Vec<&str> = first.iter().map(|spec| spec.uuid.as_str()).collect();
        uuids.sort_unstable();
        uuids.dedup();
        assert_eq!(uuids.len(), first.len());
    }
}
