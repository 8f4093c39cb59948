//! The import of a meeting at Zoom: looked at afresh each time, and what is wanted of it.

use std::sync::Arc;
use std::time::Instant;

use tokio_util::sync::CancellationToken;

use super::bringing::Bringing;
use super::importer::{Importer, Stop};
use super::progress::Progress;
use super::publishing::ensure_writable;
use super::queue::Claimed;
use crate::error::{Code, UserError};
use crate::recording::{CloudFile, CloudRecording, CloudStatus, FileKind, RecordingId};
use crate::teamspace::{self, FORMAT, Manifest, Publication, Teamspace, new_nonce};
use crate::zoom::Meeting;

/// A video that Zoom still works on after this long will not come; what there is, is imported without it.
const VIDEO_WILL_COME: jiff::SignedDuration = jiff::SignedDuration::from_hours(24);

impl Importer {
    pub(super) async fn import_meeting(
        &self,
        claimed: &Claimed,
        uuid: &str,
        stop: &CancellationToken,
    ) -> Result<(), Stop> {
        let teamspace = self.surroundings.teamspace(&claimed.job.teamspace).await?;
        let id = RecordingId::of_zoom_meeting(uuid);
        if let Some(publication) = teamspace.publication(&id).await? {
            return self.bring_rest(claimed, &teamspace, uuid, &publication, stop).await;
        }
        let lease = self.lease(claimed, &teamspace, &id).await?;
        let leased = lease.is_some();
        let work = async {
            // Whoever had the lease before can have published between our two looks.
            let there = if leased { teamspace.publication(&id).await? } else { None };
            match there {
                Some(publication) => self.bring_rest(claimed, &teamspace, uuid, &publication, stop).await,
                None => self.bring_meeting(claimed, &teamspace, id, uuid, stop).await,
            }
        };
        self.holding(lease, work).await
    }

    /// The manifest of a meeting is there: the log is told, in case it was not, and late files are brought.
    async fn bring_rest(
        &self,
        claimed: &Claimed,
        teamspace: &Teamspace,
        uuid: &str,
        publication: &Publication,
        stop: &CancellationToken,
    ) -> Result<(), Stop> {
        self.note_for_the_log(teamspace, publication).await?;
        self.refuse_trashed(teamspace, &publication.manifest.recording_id)?;
        self.bring_late(claimed, teamspace, uuid, publication, stop).await
    }

    /// Steps 2 to 6 of a meeting whose manifest is not there.
    async fn bring_meeting(
        &self,
        claimed: &Claimed,
        teamspace: &Teamspace,
        id: RecordingId,
        uuid: &str,
        stop: &CancellationToken,
    ) -> Result<(), Stop> {
        ensure_writable(teamspace).await?;
        let (user_id, account_id) = self.surroundings.claimed_account(teamspace).await?;
        let meeting = self.list(uuid, stop).await?;
        let wanted = self.wanted(teamspace, &meeting.recording)?;
        if meeting.recording.topic != claimed.job.title {
            self.queue.note_title(claimed.job.id, &meeting.recording.topic)?;
        }
        let progress =
            Arc::new(Progress::new(self.events.clone(), self.queue.clone(), claimed.job.id, &wanted));
        let kept = self.find_earlier(claimed, &wanted, &progress)?;
        let taken = self.take_room(claimed, &progress, teamspace, kept)?;
        let bringing = Bringing {
            claimed,
            teamspace,
            id: &id,
            uuid,
            listed: tokio::sync::Mutex::new((Arc::new(meeting), Instant::now())),
            progress: &progress,
            taken: &taken,
        };
        let files = self.bring_all(&bringing, &wanted, stop).await?;
        let (meeting, _) = bringing.listed.into_inner();
        let recording = &meeting.recording;
        let (importer, imported_by) = self.surroundings.importer()?;
        let manifest = Manifest {
            format: FORMAT,
            recording_id: id,
            source: teamspace::Source {
                integration: "zoom".to_owned(),
                account_id: Some(account_id),
                user_id: Some(user_id.clone()),
                meeting_uuid: Some(uuid.to_owned()),
                extra: serde_json::Map::new(),
            },
            title: recording.topic.clone(),
            host: recording.host.clone(),
            start: recording.start,
            duration: recording.duration,
            time_zone: recording.time_zone.clone(),
            imported_by,
            importer: Some(importer),
            imported_at: self.clock.now(),
            attempt: claimed.attempt.clone(),
            nonce: new_nonce(),
            files,
            extra: serde_json::Map::new(),
        };
        self.publish(claimed, teamspace, manifest).await?;
        self.looks.note(teamspace.id(), &user_id, recording, self.clock.now())?;
        Ok(())
    }

    /// Step 2.
    pub(super) async fn list(&self, uuid: &str, stop: &CancellationToken) -> Result<Meeting, Stop> {
        let tokens = self.surroundings.tokens();
        tokio::select! {
            meeting = self.zoom.meeting(tokens.as_ref(), uuid) => Ok(meeting?),
            () = stop.cancelled() => Err(Stop::Interrupted),
        }
    }

    /// Which files are taken now. Late ones (a transcript, a summary) do not hold up the video; a video that
    /// Zoom still works on does.
    fn wanted(&self, teamspace: &Teamspace, recording: &CloudRecording) -> Result<Vec<CloudFile>, Stop> {
        let kinds = self.queue.wanted_kinds(teamspace.id(), &recording.uuid)?;
        let at_work = |file: &&CloudFile| file.status == CloudStatus::Processing;
        let moving = |file: &&CloudFile| matches!(file.kind, FileKind::Video | FileKind::Audio);
        let age = self.clock.now().duration_since(recording.start);
        let video_is_coming =
            recording.files.iter().filter(at_work).any(|file| moving(&file) || file.kind == FileKind::Other);
        let wanted: Vec<CloudFile> = recording
            .files
            .iter()
            .filter(|file| !at_work(file))
            .filter(|file| !file.participant_audio || self.surroundings.wants_participant_audio())
            .filter(|file| kinds.as_ref().is_none_or(|kinds| kinds.contains(&file.kind)))
            .cloned()
            .collect();
        if wanted.is_empty() || (video_is_coming && age < VIDEO_WILL_COME) {
            return Err(Stop::Failed(UserError::new(
                Code::StillProcessing,
                "Zoom has not finished this recording yet",
                "nothing to do: NEXT looks again every few minutes",
            )));
        }
        Ok(wanted)
    }
}
