//! How one import is done, step by step. Each step looks at the world rather than at memory, so that any of
//! them may be interrupted and done again:
//!
//! 1. Is the manifest there? Then it is done; the log is told, in case it was not, and what Zoom finished later is
//!    brought (`late.rs`).
//! 2. List the meeting afresh. Nothing finished yet? Wait.
//! 3. Per file, several at a time: staged and whole? Skip. Else download into the cache, and check.
//! 4. Put the files into the teamspace, under this job's own attempt.
//! 5. Publish the manifest, create-only. Somebody else was faster? Remove our attempt, and it is done.
//! 6. Note the log entry in the outbox, send it, forget it. Refresh the catalog, remove what was staged.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use futures::{FutureExt as _, StreamExt as _};
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::bounds::Bounds;
use super::digest::stage_copy;
use super::looks::Looks;
use super::outbox::Outbox;
use super::pause::Full;
use super::progress::Progress;
use super::queue::{Claimed, Outcome, Queue, StagedFile, new_attempt};
use super::retry::after_failure;
use super::room::{Room, Taken};
use super::{Source, Work, inspect};
use crate::cache::Cache;
use crate::catalog::{Catalog, Place};
use crate::clock::Clock;
use crate::error::{Code, UserError, UserResult};
use crate::events::{Event, Events};
use crate::ledger::{Ledger, Looked};
use crate::recording::{CloudFile, CloudRecording, CloudStatus, FileKind, RecordingId};
use crate::teamspace::{
    self, FORMAT, Manifest, ManifestFile, Publication, Staged, Teamspace, TeamspaceState, Trouble, new_nonce,
};
use crate::zoom::{AccessTokens, DownloadError, Downloaded, Expected, Meeting, Zoom, staged_bytes};

/// A listing older than this is asked for again before a download: its addresses age (zoom-facts §3).
const FRESH: Duration = Duration::from_secs(10 * 60);
/// Bytes from which on it is noted that a file stands in the teamspace.
const WORTH_A_NOTE: u64 = 16 << 20;
/// A video that Zoom still works on after this long will not come; what there is, is imported without it.
const VIDEO_WILL_COME: jiff::SignedDuration = jiff::SignedDuration::from_hours(24);

/// What an import needs from the app around it.
pub trait Surroundings: Send + Sync + 'static {
    /// The teamspace of this id, opened.
    fn teamspace(&self, id: &str) -> BoxFuture<'_, UserResult<Teamspace>>;
    /// The connected account's id and organisation, after seeing that no other profile claims it.
    fn claimed_account<'a>(&'a self, teamspace: &'a Teamspace)
    -> BoxFuture<'a, UserResult<(String, String)>>;
    /// The connected account's tokens.
    fn tokens(&self) -> Arc<dyn AccessTokens>;
    /// Id and name of the profile.
    fn importer(&self) -> UserResult<(String, String)>;
    /// Whether participants' separate audio is wanted.
    fn wants_participant_audio(&self) -> bool;
}

/// Does imports.
pub struct Importer {
    /// What an import needs from the app.
    pub surroundings: Arc<dyn Surroundings>,
    /// The way to Zoom.
    pub zoom: Zoom,
    /// The queue, for notes on what is staged.
    pub queue: Queue,
    /// What the log must come to hold.
    pub outbox: Outbox,
    /// What was verified.
    pub ledger: Ledger,
    /// When late files are looked for.
    pub looks: Looks,
    /// Where files are staged.
    pub cache: Cache,
    /// What is published, for lists.
    pub catalog: Catalog,
    /// Who listens.
    pub events: Events,
    /// The time.
    pub clock: Clock,
    /// Room on disks.
    pub room: Room,
    /// What running imports share.
    pub bounds: Bounds,
}

/// What is known while the files of one meeting are brought.
pub(super) struct Bringing<'a> {
    pub(super) claimed: &'a Claimed,
    pub(super) teamspace: &'a Teamspace,
    pub(super) id: &'a RecordingId,
    pub(super) uuid: &'a str,
    /// The last listing, and when it was made.
    pub(super) listed: tokio::sync::Mutex<(Arc<Meeting>, Instant)>,
    pub(super) progress: &'a Progress,
    pub(super) taken: &'a Taken<'a>,
}

/// Why a try ended early.
pub(super) enum Stop {
    /// By the worker.
    Interrupted,
    /// By a failure.
    Failed(UserError),
}

impl<E: Into<UserError>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl Work for Importer {
    fn work(&self, claimed: Claimed, stop: CancellationToken) -> BoxFuture<'_, Outcome> {
        async move {
            let result = match &claimed.source {
                Source::Zoom { uuid } => self.import_meeting(&claimed, uuid, &stop).await,
                Source::File { media, transcript } => {
                    self.import_file(&claimed, Path::new(media), transcript.as_deref().map(Path::new), &stop).await
                }
            };
            match result {
                Ok(()) => Outcome::Done,
                Err(Stop::Interrupted) => Outcome::Interrupted,
                Err(Stop::Failed(error)) => {
                    tracing::warn!(job = claimed.job.id, code = ?error.code, detail = ?error.detail, "an import stopped");
                    after_failure(self.with_place(error), &claimed.job, self.clock.now(), rand::random())
                }
            }
        }
        .boxed()
    }

    fn discard(&self, id: i64) -> BoxFuture<'_, ()> {
        self.discard(id).boxed()
    }

    fn look(&self, stop: CancellationToken) -> BoxFuture<'_, ()> {
        async move { self.make_looks(&stop).await }.boxed()
    }

    fn has_room(&self, full: &Full) -> bool {
        self.room.has_room(full, self.clock.now())
    }
}

impl Importer {
    /// A disk that is full is that of the cache, where nobody has said another.
    fn with_place(&self, error: UserError) -> UserError {
        match error.code {
            Code::DiskFull if !error.params.contains_key("path") => {
                error.with("path", self.cache.root().display())
            }
            _ => error,
        }
    }

    /// Removes what a cancelled job left: what it staged, and its own attempt in the teamspace. What cannot be
    /// removed now is removed at a later start.
    pub async fn discard(&self, id: i64) {
        if let Err(error) = self.try_discard(id).await {
            tracing::warn!(job = id, code = ?error.code, detail = ?error.detail, "files of a cancelled import are left");
        }
    }

    async fn try_discard(&self, id: i64) -> UserResult<()> {
        let Some((job, attempt)) = self.queue.take_cancelled(id)? else { return Ok(()) };
        self.cache.remove_staged(id)?;
        let Some(recording) = &job.recording_id else { return Ok(()) };
        let removed = match self.surroundings.teamspace(&job.teamspace).await {
            Ok(teamspace) => self.remove_own(&teamspace, recording, &attempt).await,
            // A teamspace that this machine has forgotten is none of its business any more.
            Err(error) if error.code == Code::NotFound => Ok(()),
            Err(error) => Err(error),
        };
        if removed.is_err() {
            self.queue.note_left(id, &attempt)?;
        }
        removed
    }

    /// Removes an attempt of ours that no manifest names.
    pub(super) async fn remove_own(
        &self,
        teamspace: &Teamspace,
        id: &RecordingId,
        attempt: &str,
    ) -> UserResult<()> {
        match teamspace.remove_attempt(id, attempt).await {
            Err(teamspace::Error::Published { .. }) => Ok(()),
            // Members of a bucket need no right to remove; whoever has it sweeps.
            Err(teamspace::Error::Bucket { trouble: Trouble::NotAllowed { .. }, .. }) => Ok(()),
            removed => Ok(removed?),
        }
    }

    async fn import_meeting(
        &self,
        claimed: &Claimed,
        uuid: &str,
        stop: &CancellationToken,
    ) -> Result<(), Stop> {
        let teamspace = self.surroundings.teamspace(&claimed.job.teamspace).await?;
        let id = RecordingId::of_zoom_meeting(uuid);
        if let Some(publication) = teamspace.publication(&id).await? {
            self.note_for_the_log(&teamspace, &publication).await?;
            self.refuse_trashed(&teamspace, &id)?;
            return self.bring_late(claimed, &teamspace, uuid, &publication, stop).await;
        }
        ensure_writable(&teamspace).await?;
        let (user_id, account_id) = self.surroundings.claimed_account(&teamspace).await?;
        let meeting = self.list(uuid, stop).await?;
        let wanted = self.wanted(&teamspace, &meeting.recording)?;
        if meeting.recording.topic != claimed.job.title {
            self.queue.note_title(claimed.job.id, &meeting.recording.topic)?;
        }
        let progress =
            Arc::new(Progress::new(self.events.clone(), self.queue.clone(), claimed.job.id, &wanted));
        let kept = self.find_earlier(claimed, &wanted, &progress)?;
        let taken = self.take_room(claimed, &progress, &teamspace, kept)?;
        let bringing = Bringing {
            claimed,
            teamspace: &teamspace,
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
        self.publish(claimed, &teamspace, manifest).await?;
        self.looks.note(teamspace.id(), &user_id, recording, self.clock.now())?;
        Ok(())
    }

    async fn import_file(
        &self,
        claimed: &Claimed,
        media: &Path,
        transcript: Option<&Path>,
        stop: &CancellationToken,
    ) -> Result<(), Stop> {
        let teamspace = self.surroundings.teamspace(&claimed.job.teamspace).await?;
        ensure_writable(&teamspace).await?;
        let looked_at = media.to_owned();
        let found = tokio::task::spawn_blocking(move || inspect(&looked_at))
            .await
            .map_err(|panic| UserError::unexpected("look into the file", panic))??;
        let progress =
            Arc::new(Progress::of_file(self.events.clone(), self.queue.clone(), claimed.job.id, found.size));
        let _taken = self.take_room(claimed, &progress, &teamspace, found.size)?;
        let staged = self.cache.staged_file(claimed.job.id, "media")?;
        let digest = stage_copy(media, &staged, &progress, stop)
            .await
            .map_err(|e| e.map(Stop::from).unwrap_or(Stop::Interrupted))?;
        let id = RecordingId::of_content(&digest.sha256);
        self.queue.note_recording(claimed.job.id, &id)?;
        self.catalog.refresh(&teamspace).await?;
        self.refuse_trashed(&teamspace, &id)?;
        if self.is_there(claimed, &teamspace, &id).await? {
            return Ok(());
        }
        let attempt = &claimed.attempt;
        let mut files = Vec::new();
        let name = teamspace::file_name(found.kind, 0, 0, found.extension);
        let sha256 = digest.hex();
        let put = Staged { path: &staged, size: digest.size, sha256: &sha256 };
        let key = teamspace.put_file(&id, attempt, &name, put).await?;
        files.push(local(key, found.kind, found.media_type, digest.size, sha256));
        if let Some(path) = transcript {
            let staged = self.cache.staged_file(claimed.job.id, "transcript")?;
            let digest = stage_copy(path, &staged, &Progress::silent(), stop)
                .await
                .map_err(|e| e.map(Stop::from).unwrap_or(Stop::Interrupted))?;
            let name = teamspace::file_name(FileKind::Transcript, 0, 0, "vtt");
            let sha256 = digest.hex();
            let put = Staged { path: &staged, size: digest.size, sha256: &sha256 };
            let key = teamspace.put_file(&id, attempt, &name, put).await?;
            files.push(local(key, FileKind::Transcript, "text/vtt", digest.size, sha256));
        }
        let (importer, imported_by) = self.surroundings.importer()?;
        let manifest = Manifest {
            format: FORMAT,
            recording_id: id,
            source: teamspace::Source { integration: "file".to_owned(), ..Default::default() },
            title: claimed.job.title.clone(),
            host: None,
            start: found.modified,
            duration: found.duration,
            time_zone: None,
            imported_by,
            importer: Some(importer),
            imported_at: self.clock.now(),
            attempt: attempt.clone(),
            nonce: new_nonce(),
            files,
            extra: serde_json::Map::new(),
        };
        self.publish(claimed, &teamspace, manifest).await
    }

    /// Tells the progress what earlier tries left. Returns the bytes that are not in the teamspace yet.
    pub(super) fn find_earlier(
        &self,
        claimed: &Claimed,
        wanted: &[CloudFile],
        progress: &Progress,
    ) -> UserResult<u64> {
        let mut kept = 0;
        for file in wanted {
            let (here, whole) = match self.queue.file(claimed.job.id, &file.id)? {
                Some(noted) if noted.key.is_some() => (noted.size, 0),
                Some(noted) => (noted.size, noted.size),
                None => {
                    let part = self.cache.staged_file(claimed.job.id, &file.id)?;
                    (staged_bytes(&part).min(file.size), file.size)
                }
            };
            progress.file_was_at(&file.id, here);
            kept += whole;
        }
        Ok(kept)
    }

    /// Room for what is to come, before anything does.
    pub(super) fn take_room(
        &self,
        claimed: &Claimed,
        progress: &Arc<Progress>,
        teamspace: &Teamspace,
        kept: u64,
    ) -> UserResult<Taken<'_>> {
        // A bucket takes no room on this machine beside the staged files.
        let place = teamspace.location().on_disk().unwrap_or(self.cache.root());
        self.room.take(claimed.job.id, progress, place, kept)
    }

    /// Steps 3 and 4 for all files, in the order of `wanted`. When one fails, the others stop at their next safe
    /// point and keep what they have, so that nobody waits for hours to hear of it.
    async fn bring_all(
        &self,
        bringing: &Bringing<'_>,
        wanted: &[CloudFile],
        stop: &CancellationToken,
    ) -> Result<Vec<ManifestFile>, Stop> {
        let stop = &stop.child_token();
        let names = names_of(wanted);
        let mut running = FuturesUnordered::new();
        for (place, (file, name)) in wanted.iter().zip(&names).enumerate() {
            running.push(async move { (place, self.bring(bringing, file, name, stop).await) });
        }
        let (mut files, mut failed) = (Vec::new(), None);
        while let Some((place, brought)) = running.next().await {
            match brought {
                Ok(file) => files.push((place, file)),
                Err(error) => {
                    stop.cancel();
                    failed.get_or_insert(error);
                }
            }
        }
        files.sort_by_key(|(place, _)| *place);
        match failed {
            Some(error) => Err(error),
            None => Ok(files.into_iter().map(|(_, file)| file).collect()),
        }
    }

    /// Steps 3 and 4 for one file.
    pub(super) async fn bring(
        &self,
        bringing: &Bringing<'_>,
        file: &CloudFile,
        name: &str,
        stop: &CancellationToken,
    ) -> Result<ManifestFile, Stop> {
        let Bringing { claimed, teamspace, id, .. } = bringing;
        let stored = match self.known(claimed, teamspace, id, file, name).await? {
            Some(stored) => stored,
            None => {
                let staged = self.stage(bringing, file, stop).await?;
                self.put(claimed, teamspace, id, file, name, staged).await?
            }
        };
        bringing.progress.file_is_at(&file.id, stored.size);
        bringing.taken.copied(stored.size);
        Ok(ManifestFile {
            key: stored.key.unwrap_or_default(),
            kind: file.kind,
            segment: file.segment,
            layout: file.layout.clone(),
            source_file_id: Some(file.id.clone()),
            media_type: stored.media_type,
            size: stored.size,
            sha256: stored.sha256,
            extra: serde_json::Map::new(),
        })
    }

    /// Step 1. What stands there is complete, whoever put it there.
    async fn is_there(
        &self,
        claimed: &Claimed,
        teamspace: &Teamspace,
        id: &RecordingId,
    ) -> Result<bool, Stop> {
        let Some(publication) = teamspace.publication(id).await? else { return Ok(false) };
        // A crash between manifest and outbox leaves the log without it.
        self.note_for_the_log(teamspace, &publication).await?;
        self.settle(claimed, teamspace, &publication).await?;
        Ok(true)
    }

    /// What is left to do where a manifest stands already, ours or somebody else's.
    pub(super) async fn settle(
        &self,
        claimed: &Claimed,
        teamspace: &Teamspace,
        publication: &Publication,
    ) -> Result<(), Stop> {
        let manifest = &publication.manifest;
        if manifest.attempt == claimed.attempt {
            self.note_verified(teamspace, publication)?;
        }
        self.queue.note_progress(claimed.job.id, manifest.size(), manifest.size())?;
        // An earlier try of ours may have put files before somebody else was faster.
        self.remove_own(teamspace, &manifest.recording_id, &claimed.attempt).await?;
        self.finish(claimed, teamspace, publication).await
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

    /// What an earlier try noted of a file, if the file is where the note says: put, or staged and put now. The
    /// note of a put may have been lost with a crash; putting what stands there already is fine.
    async fn known(
        &self,
        claimed: &Claimed,
        teamspace: &Teamspace,
        id: &RecordingId,
        file: &CloudFile,
        name: &str,
    ) -> Result<Option<StagedFile>, Stop> {
        match self.queue.file(claimed.job.id, &file.id)? {
            Some(noted) if noted.key.is_some() => Ok(Some(noted)),
            Some(noted) => match self.put(claimed, teamspace, id, file, name, noted).await {
                Ok(stored) => Ok(Some(stored)),
                // It is not there any more, or not what was noted.
                Err(Stop::Failed(error)) if error.code == Code::FileDamaged => Ok(None),
                Err(error) => Err(error),
            },
            None => Ok(None),
        }
    }

    /// Step 3.
    async fn stage(
        &self,
        bringing: &Bringing<'_>,
        file: &CloudFile,
        stop: &CancellationToken,
    ) -> Result<StagedFile, Stop> {
        let Some(_line) = self.bounds.line(stop).await else { return Err(Stop::Interrupted) };
        let Bringing { claimed, uuid, progress, .. } = bringing;
        let path = self.cache.staged_file(claimed.job.id, &file.id)?;
        let meeting = self.listed(bringing, stop).await?;
        let downloaded = self.download(uuid, &meeting, file, &path, progress, stop).await?;
        let staged = StagedFile {
            file: file.id.clone(),
            size: downloaded.size,
            sha256: downloaded.sha256,
            media_type: downloaded.media_type.to_owned(),
            key: None,
        };
        self.queue.note_file(claimed.job.id, &staged)?;
        Ok(staged)
    }

    /// The meeting, listed afresh when its addresses may be too old.
    async fn listed(&self, bringing: &Bringing<'_>, stop: &CancellationToken) -> Result<Arc<Meeting>, Stop> {
        let mut listed = bringing.listed.lock().await;
        if listed.1.elapsed() > FRESH {
            *listed = (Arc::new(self.list(bringing.uuid, stop).await?), Instant::now());
        }
        Ok(Arc::clone(&listed.0))
    }

    /// Downloads one file. A token that Zoom no longer takes is renewed once, an address that is too old is
    /// listed afresh once.
    async fn download(
        &self,
        uuid: &str,
        meeting: &Meeting,
        file: &CloudFile,
        path: &Path,
        progress: &Progress,
        stop: &CancellationToken,
    ) -> Result<Downloaded, Stop> {
        // What is listed as finished and has no address is not gone.
        let no_link =
            |meeting: &Meeting| match meeting.recording.files.iter().any(|known| known.id == file.id) {
                true => UserError::from(DownloadError::NoAddress),
                false => UserError::from(DownloadError::Gone),
            };
        let expected = Expected {
            kind: file.kind,
            extension: file.extension.clone(),
            size: meeting.stated_size(&file.id),
        };
        let tokens = self.surroundings.tokens();
        let mut token = tokens.access_token().await?;
        let mut link = meeting.link(&file.id).cloned().ok_or_else(|| no_link(meeting))?;
        let (mut renewed, mut relisted) = (false, false);
        let tell = |bytes| progress.file_is_at(&file.id, bytes);
        loop {
            match self.zoom.download(&link, &token, path, &expected, &tell, stop).await {
                Err(DownloadError::Expired) if !renewed => {
                    renewed = true;
                    token = tokens.replace(&token).await?;
                }
                Err(DownloadError::LinkExpired | DownloadError::Gone) if !relisted => {
                    relisted = true;
                    let fresh = self.list(uuid, stop).await?;
                    link = fresh.link(&file.id).cloned().ok_or_else(|| no_link(&fresh))?;
                }
                Err(DownloadError::Stopped) => return Err(Stop::Interrupted),
                Err(error) => return Err(error.into()),
                Ok(downloaded) => return Ok(downloaded),
            }
        }
    }

    /// Step 4.
    async fn put(
        &self,
        claimed: &Claimed,
        teamspace: &Teamspace,
        id: &RecordingId,
        file: &CloudFile,
        name: &str,
        staged: StagedFile,
    ) -> Result<StagedFile, Stop> {
        let path = self.cache.staged_file(claimed.job.id, &file.id)?;
        let put = Staged { path: &path, size: staged.size, sha256: &staged.sha256 };
        let key = teamspace.put_file(id, &claimed.attempt, name, put).await?;
        let stored = StagedFile { key: Some(key), ..staged };
        // The note spares a look at a large file's bytes after a crash; for a small one the look costs less.
        if stored.size >= WORTH_A_NOTE {
            self.queue.note_file(claimed.job.id, &stored)?;
        }
        Ok(stored)
    }

    /// Steps 5 and 6.
    async fn publish(
        &self,
        claimed: &Claimed,
        teamspace: &Teamspace,
        manifest: Manifest,
    ) -> Result<(), Stop> {
        let publication = match teamspace.publish(&manifest).await {
            Ok(publication) => publication,
            Err(error) => return Err(self.not_published(claimed.job.id, error, &new_attempt())?.into()),
        };
        match publication.outcome {
            teamspace::Outcome::AlreadyThere => {
                self.remove_own(teamspace, &manifest.recording_id, &manifest.attempt).await?;
            }
            teamspace::Outcome::Published => self.note_verified(teamspace, &publication)?,
        }
        let size = publication.manifest.size();
        self.queue.note_progress(claimed.job.id, size, size)?;
        self.note_for_the_log(teamspace, &publication).await?;
        self.finish(claimed, teamspace, &publication).await
    }

    /// A person wanted it out of the way: importing would bring it back behind their back.
    fn refuse_trashed(&self, teamspace: &Teamspace, id: &RecordingId) -> UserResult<()> {
        if self.catalog.place(teamspace.id(), id)? == Place::Library {
            return Ok(());
        }
        let name = teamspace.name();
        Err(UserError::new(
            Code::InTrash,
            format!("This recording is in the trash of {name}, or was deleted there"),
            "restore it from the trash, or import it into another teamspace",
        )
        .with("teamspace", name))
    }

    /// Notes that the log must come to hold a publication, unless it does: the catalog reads the log.
    pub(super) async fn note_for_the_log(
        &self,
        teamspace: &Teamspace,
        publication: &Publication,
    ) -> Result<(), Stop> {
        let read = self.catalog.refresh(teamspace).await?;
        let id = &publication.manifest.recording_id;
        // Of what is in the trash the log knows already.
        let in_sight = self.catalog.place(teamspace.id(), id)? == Place::Library;
        if in_sight && !self.catalog.holds(teamspace.id(), &publication.op)? {
            self.outbox.put(teamspace.id(), &publication.op, read.cursor, self.clock.now())?;
        }
        Ok(())
    }

    /// Our manifest stands: each file was read back when it was put. The ledger's first entry says so.
    pub(super) fn note_verified(&self, teamspace: &Teamspace, publication: &Publication) -> UserResult<()> {
        let manifest = &publication.manifest;
        let digest = match &publication.op {
            teamspace::Op::Known(teamspace::KnownOp::Add { manifest, .. }) => manifest.clone(),
            _ => String::new(),
        };
        let looked = Looked {
            files: manifest.files.len() as u64,
            bytes: manifest.size(),
            manifest: digest,
            damaged: Vec::new(),
        };
        let (profile, name) = self.surroundings.importer()?;
        let source = &manifest.source;
        let zoom = source.meeting_uuid.as_deref().zip(source.user_id.as_deref());
        let (id, by) = (&manifest.recording_id, (profile.as_str(), name.as_str()));
        Ok(self.ledger.add_import(teamspace.id(), id, &looked, by, zoom, self.clock.now())?)
    }

    /// What was noted as put may not be there any more: then everything is put afresh, under another attempt.
    pub(super) fn not_published(
        &self,
        job: i64,
        error: teamspace::Error,
        fresh: &str,
    ) -> UserResult<UserError> {
        let lost = matches!(error, teamspace::Error::Missing { .. } | teamspace::Error::Damaged { .. });
        let error = UserError::from(error);
        if !lost {
            return Ok(error);
        }
        self.queue.begin_attempt(job, fresh)?;
        Ok(error.recoded(Code::Busy))
    }

    /// Step 6. The recording is published: a log that cannot be written now is written later.
    pub(super) async fn finish(
        &self,
        claimed: &Claimed,
        teamspace: &Teamspace,
        publication: &Publication,
    ) -> Result<(), Stop> {
        let id = &publication.manifest.recording_id;
        let (writer, _) = self.surroundings.importer()?;
        let turn = self.bounds.turn(teamspace.id()).await;
        if let Err(error) = send_outbox(&self.outbox, teamspace, &writer, self.clock.now()).await {
            tracing::warn!(detail = ?error.detail, "the log of a teamspace is behind; it is sent at the next chance");
        }
        self.catalog.refresh(teamspace).await?;
        drop(turn);
        self.cache.remove_staged(claimed.job.id)?;
        self.events.emit(Event::RecordingsChanged {
            teamspace: teamspace.id().to_owned(),
            recording_id: Some(id.clone()),
        });
        Ok(())
    }
}

/// Before anything is downloaded that would have no place.
pub(super) async fn ensure_writable(teamspace: &Teamspace) -> Result<(), teamspace::Error> {
    match teamspace.state().await? {
        TeamspaceState::ReadOnly => {
            Err(teamspace::Error::ReadOnly { place: teamspace.location().place().to_owned() })
        }
        _ => Ok(()),
    }
}

/// Sends what a teamspace's log must come to hold.
pub async fn send_outbox(
    outbox: &Outbox,
    teamspace: &Teamspace,
    writer: &str,
    now: Timestamp,
) -> UserResult<()> {
    let pending = outbox.pending(teamspace.id())?;
    for batch in pending.chunks(teamspace::MAX_OPS) {
        let ops = batch.iter().map(|pending| (pending.after, pending.op.clone())).collect();
        teamspace.append_once(ops, writer, now).await?;
        outbox.sent(&batch.iter().map(|pending| pending.id).collect::<Vec<_>>())?;
    }
    Ok(())
}

/// A name for each file, by what it is: the second picture of a segment is counted up.
pub(super) fn names_of(wanted: &[CloudFile]) -> Vec<String> {
    let name = |(place, file): (usize, &CloudFile)| {
        let same = |other: &&CloudFile| (other.kind, other.segment) == (file.kind, file.segment);
        let picture = wanted.iter().take(place).filter(same).count();
        let picture = u32::try_from(picture).unwrap_or(u32::MAX);
        teamspace::file_name(file.kind, file.segment, picture, &file.extension)
    };
    wanted.iter().enumerate().map(name).collect()
}

fn local(key: String, kind: FileKind, media_type: &str, size: u64, sha256: String) -> ManifestFile {
    ManifestFile {
        key,
        kind,
        segment: 0,
        layout: None,
        source_file_id: None,
        media_type: media_type.to_owned(),
        size,
        sha256,
        extra: serde_json::Map::new(),
    }
}
