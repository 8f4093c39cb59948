//! The import of a file from this computer: copied, hashed on the way, and then as any other.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::digest::{Digested, stage_copy};
use super::importer::{Importer, Stop};
use super::progress::Progress;
use super::publishing::ensure_writable;
use super::queue::Claimed;
use super::{LocalFile, inspect};
use crate::error::UserError;
use crate::recording::{FileKind, RecordingId};
use crate::teamspace::{self, FORMAT, Manifest, ManifestFile, Staged, Teamspace, new_nonce};

/// A person's own file that is staged and hashed.
struct Brought<'a> {
    found: LocalFile,
    staged: PathBuf,
    digest: Digested,
    transcript: Option<&'a Path>,
}

impl Importer {
    pub(super) async fn import_file(
        &self,
        claimed: &Claimed,
        media: &Path,
        transcript: Option<&Path>,
        stop: &CancellationToken,
    ) -> Result<(), Stop> {
        let teamspace = self.surroundings.teamspace(&claimed.job.teamspace).await?;
        if let Some(id) = &claimed.job.recording_id {
            self.look_elsewhere(&teamspace, id).await?;
        }
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
        let lease = self.lease(claimed, &teamspace, &id).await?;
        let leased = lease.is_some();
        let brought = Brought { found, staged, digest, transcript };
        let work = async {
            // Whoever had the lease before can have published between our two looks.
            if leased && self.is_there(claimed, &teamspace, &id).await? {
                return Ok(());
            }
            self.put_own_file(claimed, &teamspace, id.clone(), brought, stop).await
        };
        self.holding(lease, work).await
    }

    /// Steps 4 to 6 of a person's own file, which is staged.
    async fn put_own_file(
        &self,
        claimed: &Claimed,
        teamspace: &Teamspace,
        id: RecordingId,
        brought: Brought<'_>,
        stop: &CancellationToken,
    ) -> Result<(), Stop> {
        let Brought { found, staged, digest, transcript } = brought;
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
        self.publish(claimed, teamspace, manifest).await
    }
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
