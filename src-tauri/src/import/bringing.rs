//! How the files of a meeting are brought: several at a time, each downloaded, checked, and put into the teamspace.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use tokio_util::sync::CancellationToken;

use super::attempt::StagedFile;
use super::importer::{Importer, Stop};
use super::progress::Progress;
use super::queue::Claimed;
use super::room::Taken;
use crate::error::{Code, UserError, UserResult};
use crate::recording::{CloudFile, RecordingId};
use crate::teamspace::{self, ManifestFile, Staged, Teamspace};
use crate::zoom::{DownloadError, Downloaded, Expected, Meeting, staged_bytes};

/// A listing older than this is asked for again before a download: its addresses age (zoom-facts §3).
const FRESH: Duration = Duration::from_secs(10 * 60);

/// Bytes from which on it is noted that a file stands in the teamspace.
const WORTH_A_NOTE: u64 = 16 << 20;

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

impl Importer {
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
    pub(super) async fn bring_all(
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
