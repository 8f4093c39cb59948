//! "Why was this not imported?", answered for every recording that Zoom lists.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::decide::{DecidedBy, Decision, Verdict, decide};
use super::{AutoImport, WhyNot, store};
use crate::error::UserResult;
use crate::import::{Job, JobState};
use crate::recording::{CloudRecording, RecordingId};

impl AutoImport {
    /// What was decided about a recording, or would be, and where its import stands. `listed`: what Zoom last said of
    /// it; without that, and where it was never seen, Zoom is asked.
    pub async fn why_not(&self, uuid: &str, listed: Option<CloudRecording>) -> UserResult<WhyNot> {
        let parts = &self.0.parts;
        let state = self.load()?;
        let account = state.account.clone().unwrap_or_default();
        let seen = parts.state.read(|c| store::seen(c, &account, uuid))?;
        let teamspace = match &seen {
            Some(seen) => seen.teamspace.clone(),
            None => state.teamspace.clone().unwrap_or_default(),
        };
        let id = RecordingId::of_zoom_meeting(uuid);
        let imported = parts.importer.catalog.recording(&teamspace, &id)?.is_some();
        let job = parts.importer.queue.job_of(&teamspace, uuid)?;
        let (title, start, decision, decided_at) = match (seen, listed) {
            (Some(seen), _) => (seen.title, seen.start, seen.decision, Some(seen.decided_at)),
            (None, listed) => {
                let recording = match listed {
                    Some(recording) => recording,
                    None => {
                        parts.accounts.connected()?;
                        let tokens = parts.importer.surroundings.tokens();
                        parts.importer.zoom.meeting(tokens.as_ref(), uuid).await?.recording
                    }
                };
                let would = decide(&recording, &state.rules, state.since, self.now());
                let decision = match would.verdict {
                    Verdict::Skip if state.on => would,
                    _ if !state.on => Decision::new(Verdict::Skip, DecidedBy::Off),
                    _ => Decision::new(Verdict::Wait, DecidedBy::NotSeenYet),
                };
                (recording.topic, recording.start, decision, None)
            }
        };
        let sentence = in_words(imported, job.as_ref(), decision, decided_at);
        Ok(WhyNot {
            uuid: uuid.to_owned(),
            title,
            start,
            imported,
            decision,
            decided_at,
            error: job.as_ref().and_then(|job| job.error.clone()),
            job: job.map(|job| job.state),
            sentence,
        })
    }
}

fn in_words(imported: bool, job: Option<&Job>, decision: Decision, decided_at: Option<Timestamp>) -> String {
    if imported {
        return "It is in the teamspace.".to_owned();
    }
    if let Some(job) = job {
        let why = job.error.as_ref().map(|error| format!(": {error}")).unwrap_or_default();
        return match job.state {
            JobState::Queued => "It is in the import queue.".to_owned(),
            JobState::Running => "It is being imported just now.".to_owned(),
            JobState::Waiting => format!("Its import waits{why}."),
            JobState::Failed => format!("Its import failed{why}."),
            JobState::Cancelled => "A person cancelled its import.".to_owned(),
            JobState::Done => "It was imported, and is not in the library any more.".to_owned(),
        };
    }
    if let (DecidedBy::GoneAtZoom, Some(noticed)) = (decision.by, decided_at) {
        let day = noticed.to_zoned_datetime(TimeZone::system()).date();
        return format!("It was deleted at Zoom before anybody kept it; that was noticed on {day}.");
    }
    match decision.by {
        DecidedBy::NoObjection | DecidedBy::Person => {
            "It was taken, and its import was removed from the list."
        }
        DecidedBy::BeforeSwitchedOn => {
            "It began before auto-import was switched on. Import older recordings to have it."
        }
        DecidedBy::TitleContains => "Its title has none of the words that the rules want.",
        DecidedBy::TitleExcludes => "Its title has words that the rules leave out.",
        DecidedBy::TooShort => "It is shorter than the rules want.",
        DecidedBy::TooLong => "It is longer than the rules want.",
        DecidedBy::Kinds => "It has no file of the kinds that the rules take.",
        DecidedBy::NotBefore => "It began before the first day that the rules take.",
        DecidedBy::Weekend => "It began on a weekend, which the rules leave out.",
        DecidedBy::Hours => "It began outside the hours that the rules take.",
        DecidedBy::Review => "It waits in the inbox for a person to keep or discard it.",
        DecidedBy::Discarded => "A person discarded it. It can still be kept.",
        DecidedBy::AlreadyThere => "The teamspace had it already, and it is not in the library any more.",
        DecidedBy::InTrash => "It is in the teamspace's trash, or was deleted there.",
        DecidedBy::AlreadyAsked => "A person had asked for its import, which was removed from the list.",
        DecidedBy::GoneAtZoom => "It was deleted at Zoom before anybody kept it.",
        DecidedBy::StillProcessing => "Zoom has not finished it. It is looked for again by itself.",
        DecidedBy::NeverFinished => {
            "Zoom has finished nothing of it in a week. It is looked at once a day until it is 26 days old; after that, \
             import it from the list of Zoom recordings once it is there."
        }
        DecidedBy::SwitchedOff => "Auto-import was switched off before its import was begun.",
        DecidedBy::Off => "Auto-import is off.",
        DecidedBy::NotSeenYet => "The next look at Zoom's list decides about it.",
    }
    .to_owned()
}
