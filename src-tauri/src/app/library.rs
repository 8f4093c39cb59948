//! What teamspaces hold: lists, one recording with everything to play it, posters.

use std::path::PathBuf;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use futures::FutureExt as _;
use rusqlite::{OptionalExtension as _, params};

use super::{App, OpenedRecording, RecordingItem, RecordingPage, StoredRecording};
use crate::database::to_text;
use crate::error::{Code, UserError, UserResult};
use crate::events::Event;
use crate::media::{MediaFile, MediaServer, MediaSource, Origin, Resolver};
use crate::recording::{Recording, RecordingId};
use crate::teamspace::FileSource;

/// Bytes of a poster at most.
const LARGEST_POSTER: usize = 2 << 20;

impl App {
    /// What a teamspace holds, newest first; from the catalog, with the teamspace there or away.
    pub async fn recordings(&self, teamspace: &str) -> UserResult<Vec<StoredRecording>> {
        let recordings = self.0.catalog.recordings(teamspace)?;
        self.stored(teamspace, recordings).await
    }

    /// At most `limit` of a teamspace's recordings, newest first: the first ones, or those after a page, by its `next`.
    pub async fn recordings_page(
        &self,
        teamspace: &str,
        after: Option<i64>,
        limit: u32,
    ) -> UserResult<RecordingPage> {
        let (recordings, next) = self.0.catalog.recordings_page(teamspace, after, limit)?;
        let recordings = self.stored(teamspace, recordings).await?;
        Ok(RecordingPage { recordings: recordings.into_iter().map(Into::into).collect(), next })
    }

    /// One recording as a list shows it; none when the library does not have it.
    pub async fn listed_recording(
        &self,
        teamspace: &str,
        id: &RecordingId,
    ) -> UserResult<Option<RecordingItem>> {
        let found = self.0.catalog.recording(teamspace, id)?;
        let mut stored = self.stored(teamspace, found.into_iter().collect()).await?;
        Ok(stored.pop().map(Into::into))
    }

    /// How recordings stand on this machine.
    async fn stored(&self, teamspace: &str, recordings: Vec<Recording>) -> UserResult<Vec<StoredRecording>> {
        let here = self.here(teamspace, &recordings)?;
        let server = self.media().await?;
        let stored = |(recording, (media, pinned)): (Recording, _)| StoredRecording {
            poster: self.poster(server, &recording),
            recording,
            media,
            pinned,
        };
        Ok(recordings.into_iter().zip(here).map(stored).collect())
    }

    /// One recording, with all that is needed to play it.
    pub async fn open_recording(&self, teamspace: &str, id: &RecordingId) -> UserResult<OpenedRecording> {
        let recording = self.read_recording(teamspace, id).await?;
        let media = self.media().await?;
        let mut problems = self.0.catalog.problems(teamspace, Some(id))?;
        let of_others = |error: &mut UserError| {
            error.params.get("text").is_some_and(|text| text == "chat" || text == "summary")
        };
        let others: Vec<UserError> = problems.extract_if(.., of_others).collect();
        Ok(OpenedRecording {
            poster: self.poster(media, &recording),
            urls: recording.files.iter().map(|file| media.file_url(teamspace, id, &file.key)).collect(),
            transcript: self.0.catalog.transcript(teamspace, id)?,
            transcript_error: problems.into_iter().next(),
            chat: self.0.catalog.chat(teamspace, id)?,
            chat_error: others
                .into_iter()
                .find(|error| error.params.get("text").is_some_and(|of| of == "chat")),
            corrections: self.0.catalog.corrections(teamspace, id)?,
            summary: self.0.catalog.summary(teamspace, id)?,
            damaged: self.0.ledger.last(teamspace, id)?.map(|last| last.damaged).unwrap_or_default(),
            position: self.position(teamspace, id)?,
            late: self.0.importer.looks.find(teamspace, id)?.map(|look| look.late),
            recording,
        })
    }

    pub(super) fn recording(&self, teamspace: &str, id: &RecordingId) -> UserResult<Recording> {
        self.0.catalog.recording(teamspace, id)?.ok_or_else(not_listed)
    }

    /// A recording with its files. Of an old one in a large teamspace only what the log says is here: then it is read
    /// from the teamspace now.
    pub async fn read_recording(&self, teamspace: &str, id: &RecordingId) -> UserResult<Recording> {
        let known = self.recording(teamspace, id)?;
        if known.unread.is_none() {
            return Ok(known);
        }
        let opened = self.0.spaces.opened(teamspace).await?;
        self.0.catalog.load(&opened, id).await?;
        self.0.events.emit(Event::RecordingsChanged {
            teamspace: teamspace.to_owned(),
            recording_id: Some(id.clone()),
        });
        match self.0.catalog.recording(teamspace, id)? {
            Some(recording) => Ok(recording),
            // What is wrong with it says more than that it is not there.
            None => Err(self
                .0
                .catalog
                .problems(teamspace, Some(id))?
                .into_iter()
                .next()
                .unwrap_or_else(not_listed)),
        }
    }

    pub(super) fn poster(&self, media: &MediaServer, recording: &Recording) -> Option<String> {
        let there = self.0.cache.poster(&recording.teamspace, &recording.recording_id).exists();
        there.then(|| media.poster_url(&recording.teamspace, &recording.recording_id))
    }

    /// The loopback server, started with the first need for it.
    pub(super) async fn media(&self) -> UserResult<&MediaServer> {
        if let Some(media) = self.0.media.get() {
            return Ok(media);
        }
        // The server must not keep the app alive.
        let app = Arc::downgrade(&self.0);
        let resolve: Resolver = Arc::new(move |teamspace, id, key| {
            let app = app.upgrade().map(App);
            async move { app?.media_file(&teamspace, &id, &key).await }.boxed()
        });
        let started = MediaServer::start(resolve, self.0.cache.clone()).await?;
        Ok(self.0.media.get_or_init(|| started))
    }

    /// A file that the catalog names, for the player.
    pub(super) async fn media_file(&self, teamspace: &str, id: &RecordingId, key: &str) -> Option<MediaFile> {
        let recording = self.0.catalog.recording(teamspace, id).ok()??;
        let file = recording.files.iter().find(|file| file.key == key)?;
        let known = self.0.spaces.one(teamspace).ok()?;
        let source = match self.0.cache.whole(teamspace, id, file) {
            Some(path) => MediaSource::Disk(path),
            None if known.location.is_remote() => MediaSource::Store(self.origin(teamspace, id, key)),
            None => self.0.spaces.opened(teamspace).await.ok()?.file_source(id, key).ok()?.into(),
        };
        Some(MediaFile {
            source,
            media_type: file.media_type.clone(),
            sha256: file.sha256.clone(),
            size: file.size,
        })
    }

    /// Leads to an object in a bucket once somebody needs it: what the cache holds plays without.
    fn origin(&self, teamspace: &str, id: &RecordingId, key: &str) -> Origin {
        let app = Arc::downgrade(&self.0);
        let which = (teamspace.to_owned(), id.clone(), key.to_owned());
        Arc::new(move || {
            let (app, (teamspace, id, key)) = (app.upgrade().map(App), which.clone());
            async move {
                let opened = app?.0.spaces.opened(&teamspace).await.ok()?;
                match opened.file_source(&id, &key).ok()? {
                    FileSource::Object { store, path } => Some((store, path)),
                    FileSource::Path(_) => None,
                }
            }
            .boxed()
        })
    }

    fn position(&self, teamspace: &str, id: &RecordingId) -> UserResult<Option<f64>> {
        Ok(self.0.state.read(|c| {
            Ok(c.query_row(
                "SELECT seconds FROM position WHERE teamspace = ?1 AND recording_id = ?2",
                params![teamspace, id.as_str()],
                |row| row.get(0),
            )
            .optional()?)
        })?)
    }

    /// Remembers where the person stopped listening, in seconds.
    pub async fn save_position(&self, teamspace: &str, id: &RecordingId, seconds: f64) -> UserResult<()> {
        if !seconds.is_finite() || seconds < 0.0 {
            return Err(UserError::new(Code::Usage, "This is not a position", "give seconds from the start"));
        }
        let now = to_text(self.0.clock.now());
        self.0.state.write(|t| {
            t.execute(
                "INSERT OR REPLACE INTO position (teamspace, recording_id, seconds, updated_at)
                 VALUES (?1, ?2, ?3, ?4)",
                params![teamspace, id.as_str(), seconds, now],
            )?;
            Ok(())
        })?;
        Ok(())
    }

    /// Keeps a frame of the video as the poster: JPEG in base64.
    pub async fn save_poster(&self, teamspace: &str, id: &RecordingId, base64: &str) -> UserResult<()> {
        let refused = |what: &str| UserError::new(Code::Usage, what, "take another frame");
        self.recording(teamspace, id)?;
        if base64.len() > LARGEST_POSTER * 4 / 3 + 4 {
            return Err(refused("The poster is too large"));
        }
        let jpeg = BASE64.decode(base64).map_err(|_| refused("The poster is not base64"))?;
        let cache = self.0.cache.clone();
        let (place, recording) = (teamspace.to_owned(), id.clone());
        tokio::task::spawn_blocking(move || -> UserResult<()> {
            image::load_from_memory_with_format(&jpeg, image::ImageFormat::Jpeg)
                .map_err(|error| refused("The poster is not a JPEG picture").detail(error))?;
            cache.save_poster(&place, &recording, &jpeg)?;
            Ok(())
        })
        .await
        .map_err(|panic| UserError::unexpected("keep a poster", panic))??;
        self.0.events.emit(Event::RecordingsChanged {
            teamspace: teamspace.to_owned(),
            recording_id: Some(id.clone()),
        });
        Ok(())
    }

    /// Opens a file in the system's player.
    pub async fn open_file(&self, teamspace: &str, id: &RecordingId, key: &str) -> UserResult<()> {
        let path = self.path_of(teamspace, id, key).await?;
        let desktop = self.0.desktop.clone();
        blocking(move || desktop.open_file(&path)).await
    }

    /// Shows a file in its folder.
    pub async fn show_in_folder(&self, teamspace: &str, id: &RecordingId, key: &str) -> UserResult<()> {
        let path = self.path_of(teamspace, id, key).await?;
        let desktop = self.0.desktop.clone();
        blocking(move || desktop.show_in_folder(&path)).await
    }

    /// Where a file of a recording is on this machine.
    pub(super) async fn path_of(&self, teamspace: &str, id: &RecordingId, key: &str) -> UserResult<PathBuf> {
        let recording = self.read_recording(teamspace, id).await?;
        let gone = || {
            UserError::new(
                Code::NotFound,
                "The file is not in the teamspace's folder",
                "put it back from a backup, or import the recording again",
            )
        };
        let Some(file) = recording.files.iter().find(|file| file.key == key) else { return Err(gone()) };
        if let Some(path) = self.0.cache.kept(teamspace, id, file) {
            return Ok(path);
        }
        let opened = self.0.spaces.opened(teamspace).await?;
        match opened.file_source(id, key)? {
            FileSource::Path(path) if path.exists() => Ok(path),
            FileSource::Path(_) => Err(gone()),
            FileSource::Object { .. } => Err(UserError::new(
                Code::Usage,
                "This recording is in a bucket, and not on this machine",
                "keep it on this machine first, or export it",
            )),
        }
    }

    /// Reads all of a teamspace's recordings that are listed and not read yet, newest first, so that search finds all
    /// that was ever said in it. Tells how many are left; goes on where it was stopped.
    pub async fn read_all_recordings(
        &self,
        teamspace: &str,
        tell: &mut (dyn FnMut(u64) + Send),
    ) -> UserResult<()> {
        let opened = self.0.spaces.opened(teamspace).await?;
        self.0.catalog.refresh(&opened).await?;
        self.0.catalog.load_all(&opened, tell, &self.0.stop).await?;
        self.0.events.emit(Event::RecordingsChanged { teamspace: teamspace.to_owned(), recording_id: None });
        Ok(())
    }
}

fn not_listed() -> UserError {
    UserError::new(
        Code::NotFound,
        "This recording is not in the teamspace",
        "go back to the library; it may have been moved to the trash",
    )
}

pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> UserResult<T> + Send + 'static,
) -> UserResult<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|panic| UserError::unexpected("use the desktop", panic))?
}
