//! Highlights as clips: files of their own, cut by the ffmpeg that is installed here.
//!
//! A clip is cut into the cache first and comes into the folder when it is whole, under a name that nobody had before: see
//! [`crate::export::Landing`]. What is in a bucket is read through a media server that serves this one file and ends with
//! the clip: its address stands in the arguments of a program, where everybody on the machine can read it.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;
use ts_rs::TS;

use super::App;
use super::exported_files::{Failure, in_folder, stopped};
use crate::catalog::Highlight;
use crate::error::{Code, UserError, UserResult};
use crate::events::{Event, Events};
use crate::export::clip::{self, Content, Piece, Source, Tool};
use crate::export::{self, Landing, Place};
use crate::media::{MediaServer, Resolver};
use crate::recording::{Recording, RecordingFile, RecordingId};

/// What somebody who was killed left in the cache is removed after this time.
const ABANDONED: Duration = Duration::from_secs(24 * 3_600);

/// Which highlight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct HighlightRef {
    /// Id of the teamspace.
    pub teamspace: String,
    /// The recording.
    pub recording_id: RecordingId,
    /// Id of the highlight.
    pub id: String,
}

/// Which highlights are saved as clips, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ClipWish {
    /// The highlights, of any teamspaces, in the order in which they are saved.
    pub highlights: Vec<HighlightRef>,
    /// The folder, as an absolute path. It is made if it is not there.
    pub folder: String,
}

/// What became of clips.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ClipReport {
    /// Clips that were saved.
    pub saved: Vec<Clip>,
    /// What was not, and why.
    pub failed: Vec<NotClipped>,
}

/// A clip that was saved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Clip {
    /// The highlight.
    pub highlight: HighlightRef,
    /// Title of its recording.
    pub title: String,
    /// Absolute path of the file.
    pub file: String,
}

/// A highlight that was not saved: nothing of it was written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct NotClipped {
    /// The highlight.
    pub highlight: HighlightRef,
    /// Title of its recording; empty when nobody knows it.
    pub title: String,
    /// Why.
    pub error: UserError,
}

/// How far clips are: told while they are cut.
#[derive(Clone)]
struct Progress {
    events: Events,
    done: u64,
    total: u64,
    /// Milliseconds of the clips that are done with, of the one that is cut, and of all.
    before: u64,
    own: u64,
    length: u64,
}

impl Progress {
    fn tell(&self, cut: u64) {
        // The last piece of sound may be a little longer than the clip.
        let cut = self.before.saturating_add(cut.min(self.own)).min(self.length);
        let Self { done, total, length, .. } = *self;
        self.events.emit(Event::ClipProgress { done, total, cut, length });
    }
}

/// A file of the cache that is removed when nobody needs it any more.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// A file to cut from. What serves it must live as long as it is read.
struct Opened {
    source: Source,
    _server: Option<MediaServer>,
}

impl App {
    /// What keeps this machine from saving clips; none when nothing does.
    pub async fn clip_trouble(&self) -> UserResult<Option<UserError>> {
        Ok(self.clip_tool().err())
    }

    pub(super) fn clip_tool(&self) -> UserResult<Tool> {
        Tool::find(self.0.programs.as_deref()).ok_or_else(|| {
            let install = match std::env::consts::OS {
                "macos" => "brew install ffmpeg",
                "windows" => "winget install ffmpeg",
                _ => "apt install ffmpeg",
            };
            UserError::new(
                Code::ProgramMissing,
                "Saving clips needs ffmpeg, which is not installed here",
                format!("install it, for example with `{install}`, and start NEXT again"),
            )
            .with("program", "ffmpeg")
            .with("install", install)
        })
    }

    /// Saves highlights as clips in a folder, under names for people; what stands there stays. The report says what
    /// became of each; an error that nothing was begun. [`App::stop_export`] stops it.
    pub async fn export_clips(&self, wish: ClipWish) -> UserResult<ClipReport> {
        if wish.highlights.is_empty() {
            return Err(UserError::new(
                Code::Usage,
                "Nothing was chosen to be saved",
                "choose at least one highlight",
            ));
        }
        let folder = Path::new(&wish.folder);
        self.refuse_folder(folder)?;
        let tool = self.clip_tool()?;
        let stop = self.begin_export();
        let scratch = self.0.dirs.cache().join("clips");
        remove_abandoned(&scratch);
        let length =
            wish.highlights.iter().filter_map(|one| self.wanted(one).ok()).map(|one| one.to - one.from);
        let total = wish.highlights.len() as u64;
        let (events, length) = (self.0.events.clone(), length.sum());
        let mut progress = Progress { events, done: 0, total, before: 0, own: 0, length };
        let (mut report, mut over) = (ClipReport::default(), None::<UserError>);
        for one in wish.highlights {
            progress.own = self.wanted(&one).map_or(0, |one| one.to - one.from);
            progress.tell(0);
            let result = match &over {
                Some(error) => Err(Failure::All(error.clone())),
                None => self.clip_one(&tool, &one, folder, &scratch, &progress, &stop).await,
            };
            progress.done += 1;
            progress.before += progress.own;
            let title = self.title_of(&one);
            match result {
                Ok(file) => report.saved.push(Clip { highlight: one, title, file }),
                Err(failure) => {
                    let error = match failure {
                        _ if stop.is_cancelled() => over.insert(stopped()).clone(),
                        Failure::All(error) => over.insert(error).clone(),
                        Failure::Recording(error) => error,
                    };
                    report.failed.push(NotClipped { highlight: one, title, error });
                }
            }
        }
        progress.own = 0;
        progress.tell(0);
        self.note_written(report.saved.iter().map(|clip| clip.file.clone()));
        Ok(report)
    }

    fn wanted(&self, one: &HighlightRef) -> UserResult<Highlight> {
        self.shown_highlight(&one.teamspace, &one.recording_id, &one.id)
    }

    fn title_of(&self, one: &HighlightRef) -> String {
        let known = self.0.catalog.recording(&one.teamspace, &one.recording_id).ok().flatten();
        known.map(|recording| recording.title).unwrap_or_default()
    }

    async fn clip_one(
        &self,
        tool: &Tool,
        one: &HighlightRef,
        folder: &Path,
        scratch: &Path,
        progress: &Progress,
        stop: &CancellationToken,
    ) -> Result<String, Failure> {
        let highlight = self.wanted(one)?;
        let recording = self.read_recording(&one.teamspace, &one.recording_id).await?;
        let (pieces, opened) = self.pieces(tool, &recording, &highlight, stop).await?;
        let content = pieces.first().map(|piece| piece.content).ok_or_else(|| said(clip::Error::Beyond))?;
        let extension = clip::clip_extension(content);
        std::fs::create_dir_all(scratch)
            .map_err(|error| UserError::of_data_directory("make a folder for clips", &error))?;
        let cut = Scratch(scratch.join(format!("{}.{extension}", uuid::Uuid::now_v7())));
        let (tool, target, stop) = (tool.clone(), cut.0.clone(), stop.clone());
        let progress = progress.clone();
        blocking(move || tool.cut(&pieces, &target, &mut |millis| progress.tell(millis), &stop)).await?;
        drop(opened);
        let (into, from) = (folder.to_owned(), cut.0.clone());
        let name = export::clip_stem(&recording, highlight.from, highlight.to, &highlight.note);
        let landed = in_folder(folder, move || {
            let mut landing = Landing::begin(&into)?;
            let mut target = landing.add(Place::Beside(format!(".{extension}")))?;
            std::io::copy(&mut File::open(from)?, &mut target)?;
            drop(target);
            landing.land(&name)
        })
        .await?;
        let landed = landed.first().map(|path| path.display().to_string());
        Ok(landed.ok_or_else(|| UserError::unexpected("save the clip", "it has no name"))?)
    }

    /// What of a recording's files makes up a highlight. Its timeline counts what the player plays: of each segment the
    /// best file that is whole, one after the other.
    async fn pieces(
        &self,
        tool: &Tool,
        recording: &Recording,
        highlight: &Highlight,
        stop: &CancellationToken,
    ) -> Result<(Vec<Piece>, Vec<Opened>), Failure> {
        let (teamspace, id) = (&recording.teamspace, &recording.recording_id);
        let damaged = self.0.ledger.last(teamspace, id)?.map(|last| last.damaged).unwrap_or_default();
        let mut files = recording.files.clone();
        files.retain(|file| !damaged.iter().any(|one| one.key == file.key));
        let (mut pieces, mut kept, mut begin) = (Vec::new(), Vec::new(), 0u64);
        for file in export::watched(&files) {
            if begin >= highlight.to {
                break;
            }
            let opened = self.to_cut(teamspace, id, file).await?;
            let (tool, source, stop) = (tool.clone(), opened.source.clone(), stop.clone());
            let content: Content = blocking(move || tool.look_into(&source, &stop)).await?;
            let end = begin.saturating_add(content.length);
            let (from, to) = (highlight.from.max(begin), highlight.to.min(end));
            if from < to {
                let source = opened.source.clone();
                pieces.push(Piece { source, from: from - begin, length: to - from, content });
                kept.push(opened);
            }
            begin = end;
        }
        match pieces.is_empty() {
            true => Err(said(clip::Error::Beyond).into()),
            false => Ok((pieces, kept)),
        }
    }

    /// A file to cut from: what is here is read here, the rest through a server of its own.
    async fn to_cut(&self, teamspace: &str, id: &RecordingId, file: &RecordingFile) -> UserResult<Opened> {
        if let Some(path) = self.0.cache.whole(teamspace, id, file) {
            return Ok(Opened { source: Source::Disk(path), _server: None });
        }
        if !self.0.spaces.one(teamspace)?.location.is_remote() {
            let path = self.path_of(teamspace, id, &file.key).await?;
            return Ok(Opened { source: Source::Disk(path), _server: None });
        }
        // Says why, where the store cannot be reached.
        self.0.spaces.opened(teamspace).await?;
        let found = self.media_file(teamspace, id, &file.key).await;
        let found = found.ok_or_else(|| UserError::unexpected("read the recording", "it has no file"))?;
        let only = file.key.clone();
        let resolve: Resolver = Arc::new(move |_, _, key| {
            let found = (key == only).then(|| found.clone());
            async move { found }.boxed()
        });
        let server = MediaServer::start(resolve, self.0.cache.clone()).await?;
        let source =
            Source::Address { url: server.file_url(teamspace, id, &file.key), key: file.key.clone() };
        Ok(Opened { source, _server: Some(server) })
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, clip::Error> + Send + 'static,
) -> UserResult<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|panic| UserError::unexpected("cut a clip", panic))?
        .map_err(said)
}

/// What went wrong, as a person meets it.
fn said(error: clip::Error) -> UserError {
    match error {
        clip::Error::Stopped => stopped(),
        clip::Error::Start(source) => {
            UserError::new(Code::ProgramMissing, "ffmpeg is there and cannot be started", "install it anew")
                .with("program", "ffmpeg")
                .detail(source)
        }
        clip::Error::NoEncoder(what) => UserError::new(
            Code::ProgramMissing,
            format!("The ffmpeg that is installed here cannot write {what} for MP4"),
            "install a whole one, with libx264 and AAC",
        )
        .with("program", "ffmpeg")
        .with("trouble", "encoder"),
        clip::Error::Beyond => UserError::new(
            Code::NotFound,
            "There is nothing to see or hear at this place of the recording",
            "look at the highlight's begin and end in the player",
        ),
        clip::Error::Unlike => UserError::new(
            Code::Usage,
            "The highlight goes over two parts of the recording that do not fit together: one has a picture or a sound, the \
             other has none",
            "make a highlight of each part",
        ),
        clip::Error::Silent | clip::Error::Failed(_) => UserError::new(
            Code::FileDamaged,
            "ffmpeg could not cut this clip",
            "verify the recording, and try again",
        )
        .detail(error),
    }
}

/// What somebody who was killed left behind. Nothing of it is worth an error.
fn remove_abandoned(scratch: &Path) {
    for entry in std::fs::read_dir(scratch).into_iter().flatten().flatten() {
        let age = entry.metadata().and_then(|about| about.modified()).ok().and_then(|at| at.elapsed().ok());
        if age.is_some_and(|age| age > ABANDONED) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}
