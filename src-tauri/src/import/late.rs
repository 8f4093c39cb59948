//! Late files: what Zoom finishes after a recording was imported becomes addenda, each exactly once.
//!
//! A look asks Zoom once what it lists of a recording now. Where that is more than the teamspace holds, the import
//! is asked for again, and runs the same steps as ever: download, check, put, publish, tell the log. Which files are
//! new is decided by their identity at Zoom alone: a file that is there is never taken again, also when Zoom has
//! worked on it since and it has another size.
//!
//! Each late file is put under an attempt of its own, so that whoever loses the race for its addendum can remove
//! what is theirs. Everything is read from the teamspace each time: a crash anywhere costs a look.

use std::sync::Arc;
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use super::bringing::{Bringing, names_of};
use super::importer::{Importer, Stop};
use super::looks::Look;
use super::publishing::ensure_writable;
use super::queue::Claimed;
use super::wish::{Asker, Source, Wish};
use super::{JobState, progress::Progress};
use crate::catalog::Place;
use crate::error::{Code, UserError, UserResult};
use crate::events::Event;
use crate::ledger::account_key;
use crate::recording::{CloudFile, CloudStatus, RecordingId};
use crate::teamspace::{Manifest, ManifestFile, Outcome, Publication, Teamspace, new_nonce};
use crate::zoom::Meeting;

/// How long a look waits for a person who must act, and for an import of the same recording.
const MOMENT: SignedDuration = SignedDuration::from_mins(1);
/// How long it waits for another Zoom account to be connected again.
const ANOTHER_ACCOUNT: SignedDuration = SignedDuration::from_hours(1);
/// How long it waits while the recording is in the trash.
const OUT_OF_SIGHT: SignedDuration = SignedDuration::from_hours(24);

/// What a teamspace lacks of a recording.
struct Found {
    meeting: Arc<Meeting>,
    listed: Instant,
    files: Vec<CloudFile>,
}

impl Importer {
    /// Makes the looks that are due. A queue that a person holds is not added to.
    pub(super) async fn make_looks(&self, stop: &CancellationToken) {
        let due = match self.queue.state() {
            Ok(state) if state.paused => return,
            Ok(_) => self.looks.due(self.clock.now()),
            Err(error) => Err(error),
        };
        let due = match due {
            Ok(due) => due,
            Err(error) => return tracing::error!(%error, "cannot read which late files are looked for"),
        };
        for look in due {
            let made = match self.make_look(&look, stop).await {
                Err(Stop::Interrupted) => return,
                Err(Stop::Failed(error)) => self.after_failed_look(&look, &error),
                Ok(()) => Ok(()),
            };
            if let Err(error) = made {
                return tracing::error!(code = ?error.code, detail = ?error.detail, "cannot note a look for late files");
            }
        }
    }

    async fn make_look(&self, look: &Look, stop: &CancellationToken) -> Result<(), Stop> {
        let now = self.clock.now();
        let mut jobs = self.queue.jobs()?.into_iter();
        let job = jobs.find(|job| job.teamspace == look.teamspace && job.uuid.as_ref() == Some(&look.uuid));
        match job.map(|job| job.state) {
            // A person does not want more of it.
            Some(JobState::Cancelled) => return Ok(self.looks.forget(look)?),
            // It looks by itself.
            Some(JobState::Queued | JobState::Running | JobState::Waiting) => {
                return Ok(self.looks.postpone(look, now.checked_add(MOMENT).ok(), None, now)?);
            }
            Some(JobState::Done | JobState::Failed) | None => {}
        }
        let teamspace = self.surroundings.teamspace(&look.teamspace).await?;
        let Some(publication) = teamspace.publication(&look.recording_id).await? else {
            return Ok(self.looks.forget(look)?);
        };
        if self.catalog.place(teamspace.id(), &look.recording_id)? != Place::Library {
            // In the trash. It may be restored.
            return Ok(self.looks.postpone(look, now.checked_add(OUT_OF_SIGHT).ok(), None, now)?);
        }
        let stored = stored(&teamspace, &publication).await?;
        match self.find_late(&teamspace, &look.uuid, Some(&look.account), &stored, stop).await? {
            None => self.looks.postpone(look, now.checked_add(ANOTHER_ACCOUNT).ok(), None, now)?,
            Some(found) if found.files.is_empty() => self.tell_of(&look.teamspace, &look.recording_id),
            Some(found) => {
                let recording = &found.meeting.recording;
                let job = self.queue.ask(
                    &Wish {
                        teamspace: look.teamspace.clone(),
                        source: Source::Zoom { uuid: look.uuid.clone() },
                        recording_id: Some(look.recording_id.clone()),
                        title: look.title.clone(),
                        start: Some(recording.start),
                        delete_at: recording.auto_delete_at,
                        bytes_total: found.files.iter().map(|file| file.size).sum(),
                        asker: Asker::Again,
                    },
                    now,
                )?;
                self.events.emit(Event::JobChanged { id: job.id });
            }
        }
        Ok(())
    }

    fn tell_of(&self, teamspace: &str, id: &RecordingId) {
        self.events.emit(Event::RecordingsChanged {
            teamspace: teamspace.to_owned(),
            recording_id: Some(id.clone()),
        });
    }

    fn after_failed_look(&self, look: &Look, error: &UserError) -> UserResult<()> {
        let now = self.clock.now();
        match error.code {
            // A teamspace that this machine has forgotten is none of its business any more.
            Code::NotFound => self.looks.forget(look)?,
            code if code == Code::GoneAtZoom || (code == Code::ZoomRefused && now >= look.until) => {
                tracing::info!(code = ?error.code, recording = %look.recording_id, "no more late files are looked for");
                self.looks.end(look, error)?;
                self.tell_of(&look.teamspace, &look.recording_id);
            }
            code if code.needs_person() => {
                self.looks.postpone(look, now.checked_add(MOMENT).ok(), None, now)?;
            }
            _ => {
                let asked: Option<Timestamp> = error.params.get("retry_at").and_then(|at| at.parse().ok());
                self.looks.postpone(look, asked, Some(error), now)?;
                self.tell_of(&look.teamspace, &look.recording_id);
            }
        }
        Ok(())
    }

    /// Asks Zoom what it lists, and plans the next look. None when the account that `asker` names, which can see
    /// the recording, is not the one that is connected.
    async fn find_late(
        &self,
        teamspace: &Teamspace,
        uuid: &str,
        asker: Option<&str>,
        stored: &[Manifest],
        stop: &CancellationToken,
    ) -> Result<Option<Found>, Stop> {
        ensure_writable(teamspace).await?;
        let (user, _) = self.surroundings.claimed_account(teamspace).await?;
        if asker.is_some_and(|asker| asker != account_key(&user)) {
            return Ok(None);
        }
        let (meeting, listed) = (Arc::new(self.list(uuid, stop).await?), Instant::now());
        self.looks.note(teamspace.id(), &user, &meeting.recording, self.clock.now())?;
        let there = |file: &CloudFile| {
            let mut files = stored.iter().flat_map(|manifest| &manifest.files);
            files.any(|stored| stored.source_file_id.as_ref() == Some(&file.id))
        };
        let participants = self.surroundings.wants_participant_audio();
        let kinds = self.queue.wanted_kinds(teamspace.id(), uuid)?;
        let is_late = |file: &&CloudFile| {
            file.status == CloudStatus::Completed
                && (!file.participant_audio || participants)
                && kinds.as_ref().is_none_or(|kinds| kinds.contains(&file.kind))
                // Without an address it is not there yet, whatever Zoom says.
                && meeting.link(&file.id).is_some()
                && !there(file)
        };
        let files = meeting.recording.files.iter().filter(is_late).cloned().collect();
        Ok(Some(Found { meeting, listed, files }))
    }

    /// What is left to do for a meeting whose manifest is there: its late files. A look that fails does not undo
    /// that it is imported: it comes again.
    pub(super) async fn bring_late(
        &self,
        claimed: &Claimed,
        teamspace: &Teamspace,
        uuid: &str,
        publication: &Publication,
        stop: &CancellationToken,
    ) -> Result<(), Stop> {
        let manifest = &publication.manifest;
        if claimed.job.title != manifest.title {
            self.queue.note_title(claimed.job.id, &manifest.title)?;
        }
        let mut claimed = claimed.clone();
        if !is_late_attempt(&claimed.attempt) {
            self.settle(&claimed, teamspace, publication).await?;
        }
        // What is half here is not given up because Zoom cannot be asked just now.
        let begun = is_late_attempt(&claimed.attempt) && self.cache.has_staged(claimed.job.id);
        let found = match self.look_again(teamspace, uuid, publication, stop).await {
            Err(Stop::Failed(error)) if !begun => {
                tracing::info!(code = ?error.code, detail = ?error.detail, "late files are looked for again later");
                if let Some(look) = self.looks.find(teamspace.id(), &manifest.recording_id)? {
                    self.after_failed_look(&look, &error)?;
                }
                None
            }
            found => found?,
        };
        if let Some((stored, found)) = found.filter(|(_, found)| !found.files.is_empty()) {
            let named = stored.iter().any(|manifest| manifest.names_attempt(&claimed.attempt));
            if named || !is_late_attempt(&claimed.attempt) {
                claimed.attempt = self.queue.begin_attempt(claimed.job.id, &late_attempt())?;
            }
            self.bring_files(&mut claimed, teamspace, uuid, manifest, found, stop).await?;
        }
        self.remove_own(teamspace, &manifest.recording_id, &claimed.attempt).await?;
        self.finish(&claimed, teamspace, publication).await
    }

    /// None for what is in the trash, and for what the account that is connected cannot see.
    async fn look_again(
        &self,
        teamspace: &Teamspace,
        uuid: &str,
        publication: &Publication,
        stop: &CancellationToken,
    ) -> Result<Option<(Vec<Manifest>, Found)>, Stop> {
        let id = &publication.manifest.recording_id;
        if self.catalog.recording(teamspace.id(), id)?.is_none() {
            return Ok(None);
        }
        let read = self.catalog.refresh(teamspace).await?.cursor;
        let mut stored = vec![publication.manifest.clone()];
        for addendum in teamspace.addenda_published(id).await? {
            let addendum = addendum?;
            // A crash between addendum and outbox, here or elsewhere, leaves the log without it.
            self.note_addendum_for_the_log(teamspace, &addendum, read)?;
            stored.push(addendum.manifest);
        }
        let asker = self.looks.find(teamspace.id(), id)?.map(|look| look.account);
        let found = self.find_late(teamspace, uuid, asker.as_deref(), &stored, stop).await?;
        Ok(found.map(|found| (stored, found)))
    }

    /// Notes that the log must come to hold an addendum, unless the catalog, which has read it up to `read`, knows
    /// that it does.
    fn note_addendum_for_the_log(
        &self,
        teamspace: &Teamspace,
        addendum: &Publication,
        read: u64,
    ) -> UserResult<()> {
        if !self.catalog.holds(teamspace.id(), &addendum.op)? {
            self.outbox.put(teamspace.id(), &addendum.op, read, self.clock.now())?;
        }
        Ok(())
    }

    /// Brings late files, one after the other. One that fails does not hold up the others.
    async fn bring_files(
        &self,
        claimed: &mut Claimed,
        teamspace: &Teamspace,
        uuid: &str,
        manifest: &Manifest,
        found: Found,
        stop: &CancellationToken,
    ) -> Result<(), Stop> {
        let Found { meeting, listed, files } = found;
        let progress =
            Arc::new(Progress::new(self.events.clone(), self.queue.clone(), claimed.job.id, &files));
        let kept = self.find_earlier(claimed, &files, &progress)?;
        let taken = self.take_room(claimed, &progress, teamspace, kept)?;
        let mut failed = None;
        for file in &files {
            let bringing = Bringing {
                claimed,
                teamspace,
                id: &manifest.recording_id,
                uuid,
                listed: tokio::sync::Mutex::new((Arc::clone(&meeting), listed)),
                progress: &progress,
                taken: &taken,
            };
            let name = names_of(std::slice::from_ref(file)).concat();
            match self.bring(&bringing, file, &name, stop).await {
                Ok(brought) => self.publish_late(claimed, teamspace, manifest, brought).await?,
                Err(Stop::Interrupted) => return Err(Stop::Interrupted),
                Err(error) => {
                    failed.get_or_insert(error);
                }
            }
        }
        failed.map_or(Ok(()), Err)
    }

    /// Publishes one late file, and begins the attempt of the next.
    async fn publish_late(
        &self,
        claimed: &mut Claimed,
        teamspace: &Teamspace,
        manifest: &Manifest,
        file: ManifestFile,
    ) -> Result<(), Stop> {
        let (importer, imported_by) = self.surroundings.importer()?;
        let source = file.source_file_id.clone().unwrap_or_default();
        let addendum = Manifest {
            imported_by,
            importer: Some(importer),
            imported_at: self.clock.now(),
            attempt: claimed.attempt.clone(),
            nonce: new_nonce(),
            files: vec![file],
            extra: serde_json::Map::new(),
            ..manifest.clone()
        };
        let publication = match teamspace.publish_addendum(&source, &addendum).await {
            Err(error) => return Err(self.not_published(claimed.job.id, error, &late_attempt())?.into()),
            Ok(publication) => publication,
        };
        if publication.outcome == Outcome::AlreadyThere {
            self.remove_own(teamspace, &manifest.recording_id, &claimed.attempt).await?;
        }
        let read = self.catalog.refresh(teamspace).await?.cursor;
        self.note_addendum_for_the_log(teamspace, &publication, read)?;
        claimed.attempt = self.queue.begin_attempt(claimed.job.id, &late_attempt())?;
        Ok(())
    }
}

/// What a teamspace holds of a recording: its manifest, then its addenda.
async fn stored(teamspace: &Teamspace, publication: &Publication) -> Result<Vec<Manifest>, Stop> {
    let mut stored = vec![publication.manifest.clone()];
    for addendum in teamspace.addenda(&publication.manifest.recording_id).await? {
        stored.push(addendum?);
    }
    Ok(stored)
}

/// What the attempts of late files begin with: files that were put under one are kept for the next try.
const LATE: &str = "late";

/// A fresh name for the folder of one late file; as long as that of any attempt.
fn late_attempt() -> String {
    let name = uuid::Uuid::now_v7().simple().to_string();
    format!("{LATE}{}", name.get(LATE.len()..).unwrap_or(&name))
}

fn is_late_attempt(attempt: &str) -> bool {
    attempt.starts_with(LATE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_attempt_of_a_late_file_is_known_by_its_name() {
        let (one, other) = (late_attempt(), late_attempt());
        assert!(is_late_attempt(&one) && one.len() == 32 && one != other);
        assert!(!is_late_attempt(&uuid::Uuid::now_v7().simple().to_string()), "hexadecimal has no l");
    }
}
