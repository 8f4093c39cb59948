//! What a look found is taken in: decided about once, and asked for in the same transaction.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rusqlite::Transaction;
use sha2::{Digest as _, Sha256};

use super::decide::{DecidedBy, Decision, Verdict, bytes_taken, decide};
use super::poll::Look;
use super::store::{self, Seen, State};
use super::{AutoImport, Rules};
use crate::activity::{ActivityKind, Fresh, add};
use crate::catalog::{Catalog, Place};
use crate::database;
use crate::error::UserResult;
use crate::events::Event;
use crate::import::{Asker, JobState, Source, Wish, ask};
use crate::recording::{CloudRecording, CloudStatus};

/// What is to be done about a recording that is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    /// It is decided about, for the first time or anew.
    Decide(Decision),
    /// It waits for review and looks otherwise now.
    Update(Decision),
    /// It was asked for, and Zoom has finished more of it.
    Again(Decision),
}

/// What a teamspace and its queue have of a recording already.
pub(super) struct Standing {
    pub(super) place: Place,
    pub(super) imported: bool,
    pub(super) job: Option<JobState>,
}

/// A recording, as the write takes it.
struct Found<'a> {
    recording: &'a CloudRecording,
    facts: String,
    files: String,
    change: Change,
    standing: Option<Standing>,
}

impl AutoImport {
    /// Decides about what is new among these recordings and asks for what is taken. False: auto-import was switched
    /// off or changed meanwhile, and nothing was done.
    pub(super) async fn take_in(&self, look: &Look, recordings: &[CloudRecording]) -> UserResult<bool> {
        let parts = &self.0.parts;
        let now = self.now();
        let mut found = parts.state.read(|c| {
            let mut found = Vec::new();
            for recording in recordings.iter().filter(|recording| recording.start >= look.since) {
                let seen = store::seen(c, &look.account, &recording.uuid)?;
                let (facts, files) = (facts(recording), files(recording));
                let decided = || decide(recording, &look.state.rules, Some(look.since), now);
                if let Some(change) = change(seen.as_ref(), &facts, &files, decided) {
                    found.push(Found { recording, facts, files, change, standing: None });
                }
            }
            Ok(found)
        })?;
        if found.is_empty() {
            return Ok(true);
        }
        let is_wanted = |found: &Found<'_>| match found.change {
            Change::Decide(decision) => matches!(decision.verdict, Verdict::Take | Verdict::Review),
            Change::Again(_) => true,
            Change::Update(_) => false,
        };
        if found.iter().any(is_wanted) {
            // Before anything is asked for: the account may belong to somebody else by now, and a colleague may have
            // imported it.
            parts.importer.surroundings.claimed_account(&look.teamspace).await?;
            parts.importer.catalog.refresh(&look.teamspace).await?;
            for found in &mut found {
                found.standing = Some(self.standing(look.teamspace.id(), found.recording)?);
            }
        }
        // What Zoom deletes first, then the oldest.
        found.sort_by_key(|found| {
            let delete_at = found.recording.auto_delete_at;
            (delete_at.is_none(), delete_at, found.recording.start)
        });
        let asked = parts.state.write(|t| {
            if store::load(t)?.revision != look.state.revision {
                return Ok(None);
            }
            let mut asked = Vec::new();
            for found in &found {
                asked.extend(write(t, look, found, now)?);
            }
            Ok(Some(asked))
        })?;
        for id in asked.iter().flatten() {
            parts.importer.events.emit(Event::JobChanged { id: *id });
        }
        if asked.as_ref().is_some_and(|asked| !asked.is_empty()) {
            parts.wake.notify_one();
        }
        Ok(asked.is_some())
    }

    /// What a teamspace, whose log has been read, and the queue have of a recording.
    pub(super) fn standing(&self, teamspace: &str, recording: &CloudRecording) -> UserResult<Standing> {
        let importer = &self.0.parts.importer;
        let catalog: &Catalog = &importer.catalog;
        Ok(Standing {
            place: catalog.place(teamspace, &recording.recording_id)?,
            imported: catalog.recording(teamspace, &recording.recording_id)?.is_some(),
            job: importer.queue.job_of(teamspace, &recording.uuid)?.map(|job| job.state),
        })
    }
}

impl Standing {
    /// What stands against asking for it.
    pub(super) fn objection(&self) -> Option<Decision> {
        match self {
            Self { place, .. } if *place != Place::Library => {
                Some(Decision::new(Verdict::Skip, DecidedBy::InTrash))
            }
            Self { imported: true, .. } => Some(Decision::new(Verdict::Skip, DecidedBy::AlreadyThere)),
            // Also one that a person cancelled: asking again would bring it back behind their back.
            Self { job: Some(_), .. } => Some(Decision::new(Verdict::Skip, DecidedBy::AlreadyAsked)),
            _ => None,
        }
    }
}

/// What is to be done about a recording, by what is known of it; none: nothing.
fn change(
    seen: Option<&Seen>,
    facts: &str,
    files: &str,
    decided: impl FnOnce() -> Decision,
) -> Option<Change> {
    let Some(seen) = seen else { return Some(Change::Decide(decided())) };
    match seen.decision {
        Decision { verdict: Verdict::Wait, .. } => {
            let decision = decided();
            (decision != seen.decision).then_some(Change::Decide(decision))
        }
        // A title or a length that changed at Zoom is decided about anew; what a person decided stands.
        Decision { verdict: Verdict::Skip, by } if is_by_rule(by) && seen.facts != facts => {
            Some(Change::Decide(decided()))
        }
        // Zoom has it again: it came back from Zoom's trash, or was hidden for a while.
        Decision { verdict: Verdict::Skip, by: DecidedBy::GoneAtZoom } => Some(Change::Decide(decided())),
        // Zoom finished it after all.
        Decision { verdict: Verdict::Skip, by: DecidedBy::NeverFinished } => {
            let decision = decided();
            (decision != seen.decision).then_some(Change::Decide(decision))
        }
        Decision { verdict: Verdict::Skip, .. } => None,
        Decision { verdict: Verdict::Review, .. } => {
            (seen.facts != facts || seen.files != files).then_some(Change::Update(seen.decision))
        }
        Decision { verdict: Verdict::Take, .. } => {
            (seen.files != files).then_some(Change::Again(seen.decision))
        }
    }
}

fn is_by_rule(by: DecidedBy) -> bool {
    matches!(
        by,
        DecidedBy::TitleContains
            | DecidedBy::TitleExcludes
            | DecidedBy::TooShort
            | DecidedBy::TooLong
            | DecidedBy::Kinds
            | DecidedBy::NotBefore
            | DecidedBy::Weekend
            | DecidedBy::Hours
    )
}

/// Writes what becomes of a recording. Returns the job that was asked for.
fn write(
    t: &Transaction<'_>,
    look: &Look,
    found: &Found<'_>,
    now: Timestamp,
) -> Result<Option<i64>, database::Error> {
    let Found { recording, facts, files, change, standing } = found;
    let State { rules, .. } = &look.state;
    let (mut teamspace, mut asked) = (look.teamspace.id().to_owned(), None);
    let decision = match *change {
        Change::Decide(decision) => {
            let objection = match decision.verdict {
                Verdict::Take | Verdict::Review => standing.as_ref().and_then(Standing::objection),
                Verdict::Skip | Verdict::Wait => None,
            };
            let decision = objection.unwrap_or(decision);
            asked = tell_and_ask(t, &teamspace, recording, rules, decision, now)?;
            decision
        }
        Change::Update(decision) | Change::Again(decision) => {
            if let Some(seen) = store::seen(t, &look.account, &recording.uuid)? {
                teamspace = seen.teamspace;
            }
            let is_over = standing.as_ref().is_some_and(|standing| {
                standing.imported
                    && standing.place == Place::Library
                    && standing.job.is_none_or(|job| job == JobState::Done)
            });
            if matches!(change, Change::Again(_)) && is_over && teamspace == look.teamspace.id() {
                asked = Some(ask(t, &wish(&teamspace, recording, rules, Asker::Again), now)?.id);
            }
            decision
        }
    };
    let size = bytes_taken(recording, rules);
    store::note(t, &look.account, recording, (facts, files), (&teamspace, size), decision, now)?;
    Ok(asked)
}

/// Tells what was decided, and asks for what is taken.
fn tell_and_ask(
    t: &Transaction<'_>,
    teamspace: &str,
    recording: &CloudRecording,
    rules: &Rules,
    decision: Decision,
    now: Timestamp,
) -> Result<Option<i64>, database::Error> {
    let kind = match (decision.verdict, decision.by) {
        (Verdict::Take, _) => {
            let asker = Asker::Auto(rules.kinds.clone());
            return Ok(Some(ask(t, &wish(teamspace, recording, rules, asker), now)?.id));
        }
        (Verdict::Review, _) => ActivityKind::ToReview,
        // No news to anybody.
        (Verdict::Wait, _) | (Verdict::Skip, DecidedBy::AlreadyThere | DecidedBy::AlreadyAsked) => {
            return Ok(None);
        }
        (Verdict::Skip, _) => ActivityKind::Skipped,
    };
    let fresh = Fresh {
        teamspace: Some(teamspace),
        recording_id: Some(recording.recording_id.as_str()),
        uuid: Some(&recording.uuid),
        title: &recording.topic,
        rule: Some(decision.by.name()),
        error: None,
        automatic: true,
    };
    add(t, kind, &fresh, now)?;
    Ok(None)
}

/// The wish for a recording.
pub(super) fn wish(teamspace: &str, recording: &CloudRecording, rules: &Rules, asker: Asker) -> Wish {
    Wish {
        teamspace: teamspace.to_owned(),
        source: Source::Zoom { uuid: recording.uuid.clone() },
        recording_id: Some(recording.recording_id.clone()),
        title: recording.topic.clone(),
        start: Some(recording.start),
        delete_at: recording.auto_delete_at,
        bytes_total: bytes_taken(recording, rules),
        asker,
    }
}

/// A digest of what rules look at.
pub(super) fn facts(recording: &CloudRecording) -> String {
    digest([recording.topic.as_str(), &recording.start.to_string(), &recording.duration.to_string()])
}

/// A digest of the files that Zoom has finished.
pub(super) fn files(recording: &CloudRecording) -> String {
    let finished = recording.files.iter().filter(|file| file.status == CloudStatus::Completed);
    let ids: BTreeSet<&str> = finished.map(|file| file.id.as_str()).collect();
    digest(ids)
}

fn digest<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text);
    }
    data_encoding::HEXLOWER.encode(hash.finalize().get(..8).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(verdict: Verdict, by: DecidedBy) -> Seen {
        Seen {
            uuid: "a".to_owned(),
            teamspace: "t".to_owned(),
            title: "Interview".to_owned(),
            start: Timestamp::UNIX_EPOCH,
            decision: Decision::new(verdict, by),
            facts: "facts".to_owned(),
            files: "files".to_owned(),
            first_seen: Timestamp::UNIX_EPOCH,
            decided_at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_recording_is_decided_about_once_unless_it_changes_at_zoom() {
        let take = Decision::new(Verdict::Take, DecidedBy::NoObjection);
        let of = |seen: &Seen, facts: &str, files: &str| change(Some(seen), facts, files, || take);
        assert_eq!(change(None, "facts", "files", || take), Some(Change::Decide(take)));

        let by_title = seen(Verdict::Skip, DecidedBy::TitleContains);
        assert_eq!(of(&by_title, "facts", "files"), None, "other rules do not bring it back");
        assert_eq!(of(&by_title, "renamed", "files"), Some(Change::Decide(take)));
        let gone = seen(Verdict::Skip, DecidedBy::GoneAtZoom);
        assert_eq!(of(&gone, "facts", "files"), Some(Change::Decide(take)), "it is listed again");
        let never = seen(Verdict::Skip, DecidedBy::NeverFinished);
        assert_eq!(of(&never, "facts", "files"), Some(Change::Decide(take)), "finished after all");
        assert_eq!(change(Some(&never), "renamed", "files", || never.decision), None, "told once");
        let discarded = seen(Verdict::Skip, DecidedBy::Discarded);
        assert_eq!(of(&discarded, "renamed", "more"), None, "what a person decided stands");
        let taken = seen(Verdict::Take, DecidedBy::NoObjection);
        assert_eq!(of(&taken, "renamed", "files"), None);
        assert_eq!(of(&taken, "facts", "more"), Some(Change::Again(taken.decision)));
        let waits = seen(Verdict::Wait, DecidedBy::StillProcessing);
        assert_eq!(of(&waits, "facts", "files"), Some(Change::Decide(take)));
        let still = || waits.decision;
        assert_eq!(change(Some(&waits), "facts", "files", still), None, "nothing to write down");
    }
}
