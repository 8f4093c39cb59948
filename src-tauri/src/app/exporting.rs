//! Exporting recordings: copies for other programs and other people, in a folder that somebody picks.
//!
//! A stored file that is not what was imported is not exported (`exported_files.rs`). All wished for of a recording gets
//! its names at once, or nothing does: see [`crate::export::Landing`].

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;
use ts_rs::TS;

use super::App;
use super::exported_files::{Failure, copy, full, in_folder, refused, stopped};
use super::library::blocking;
use super::links::Link;
use crate::error::{Code, UserError, UserResult};
use crate::events::Event;
use crate::export::{self, Landing, Place, Told};
use crate::messages::Messages;
use crate::recording::{Cue, Recording, RecordingFile, RecordingId};
use crate::settings;
use crate::teamspace::Location;
use crate::transcript::{ChatMessage, Summary};

/// How often is told how far it is.
const TELL: Duration = Duration::from_millis(250);
/// Room that is left on a disk.
const SPARE: u64 = 16 << 20;

/// What of a recording is exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum ExportPart {
    /// The video, or the sound where there is none: of each segment what the player shows first.
    Video,
    /// The transcript as WebVTT, one file per segment.
    Vtt,
    /// Transcript and chat as plain text.
    Text,
    /// All that is known of it as Markdown: facts, summary, chapters, transcript, chat.
    Markdown,
    /// Every stored file as it is, in a folder.
    Files,
}

/// What is to be exported, and where to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ExportWish {
    /// Recordings of one teamspace.
    pub recordings: Vec<RecordingId>,
    /// What of them.
    pub parts: Vec<ExportPart>,
    /// The folder, as an absolute path. It is made if it is not there.
    pub folder: String,
}

/// What became of an export.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ExportReport {
    /// What was exported, in the order in which it was asked for.
    pub exported: Vec<Exported>,
    /// What was not, and why.
    pub failed: Vec<NotExported>,
}

/// A recording that was exported.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Exported {
    /// The recording.
    pub recording_id: RecordingId,
    /// Its title.
    pub title: String,
    /// Absolute paths of its files.
    pub files: Vec<String>,
    /// What was asked for and is not there: a recording without a transcript has no WebVTT.
    pub missing: Vec<ExportPart>,
}

/// A recording that was not exported: nothing of it was written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct NotExported {
    /// The recording.
    pub recording_id: RecordingId,
    /// Its title; empty when nobody knows it.
    pub title: String,
    /// Why.
    pub error: UserError,
}

/// Exports of this process.
#[derive(Debug, Default)]
pub(super) struct UnderWay {
    /// Stops the one that began last.
    stop: CancellationToken,
    /// What was written.
    written: BTreeSet<String>,
}

/// What the catalog holds of a recording's words.
struct Texts {
    transcript: Vec<Vec<Cue>>,
    chat: Vec<Vec<ChatMessage>>,
    summary: Option<Summary>,
    incomplete: bool,
    link: String,
}

/// How far an export is.
struct Progress<'a> {
    app: &'a App,
    done: u64,
    total: u64,
    bytes: u64,
    bytes_total: u64,
    told: Instant,
}

impl Progress<'_> {
    fn copied(&mut self, bytes: u64) {
        self.bytes += bytes;
        if self.told.elapsed() >= TELL {
            self.tell();
        }
    }

    fn tell(&mut self) {
        self.told = Instant::now();
        let bytes = self.bytes;
        self.app.0.events.emit(Event::ExportProgress {
            done: self.done,
            total: self.total,
            bytes,
            bytes_total: self.bytes_total.max(bytes),
        });
    }
}

impl App {
    /// Copies recordings into a folder, under names for people (`2026-03-01 Interview with Dana.mp4`); what stands there
    /// stays. The report says what became of each; an error that nothing was begun. Texts are written also while the
    /// teamspace is away.
    pub async fn export_recordings(&self, teamspace: &str, wish: ExportWish) -> UserResult<ExportReport> {
        let mut parts = wish.parts.clone();
        parts.sort();
        parts.dedup();
        if wish.recordings.is_empty() || parts.is_empty() {
            return Err(UserError::new(
                Code::Usage,
                "Nothing was chosen to be exported",
                "choose at least one recording, and what of it",
            ));
        }
        let folder = Path::new(&wish.folder);
        self.refuse_folder(folder)?;
        let stop = self.begin_export();
        let mut progress = self.export_progress(teamspace, &wish.recordings, &parts)?;
        let mut report = ExportReport { exported: Vec::new(), failed: Vec::new() };
        let mut over: Option<UserError> = None;
        for id in &wish.recordings {
            progress.tell();
            let result = match &over {
                Some(error) => Err(Failure::All(error.clone())),
                None => self.export_one(teamspace, id, &parts, folder, &mut progress, &stop).await,
            };
            progress.done += 1;
            match result {
                Ok(exported) => report.exported.push(exported),
                Err(Failure::All(error) | Failure::Recording(error)) if stop.is_cancelled() => {
                    over.get_or_insert(error);
                    report.failed.push(self.not_exported(teamspace, id, stopped()));
                }
                Err(Failure::All(error)) => {
                    over = Some(error.clone());
                    report.failed.push(self.not_exported(teamspace, id, error));
                }
                Err(Failure::Recording(error)) => {
                    report.failed.push(self.not_exported(teamspace, id, error));
                }
            }
        }
        progress.tell();
        self.note_written(report.exported.iter().flat_map(|exported| exported.files.clone()));
        Ok(report)
    }

    /// Shows a file in its folder that was exported since this app was opened.
    pub async fn show_exported(&self, path: &str) -> UserResult<()> {
        if !self.exporting().written.contains(path) {
            return Err(UserError::new(
                Code::NotFound,
                "This file was not exported here",
                "look into the folder that you chose",
            ));
        }
        let (desktop, path) = (self.0.desktop.clone(), PathBuf::from(path));
        blocking(move || desktop.show_in_folder(&path)).await
    }

    /// Begins something that [`App::stop_export`] stops.
    pub(super) fn begin_export(&self) -> CancellationToken {
        let stop = self.0.stop.child_token();
        self.exporting().stop = stop.clone();
        stop
    }

    /// Notes files that were written, so that they can be shown in their folder.
    pub(super) fn note_written(&self, files: impl IntoIterator<Item = String>) {
        self.exporting().written.extend(files);
    }

    fn exporting(&self) -> MutexGuard<'_, UnderWay> {
        self.0.exporting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stops the export under way in this process, of recordings or of clips. What is exported stays; of the others nothing is there.
    pub async fn stop_export(&self) -> UserResult<()> {
        self.exporting().stop.cancel();
        Ok(())
    }

    /// A teamspace's folder holds what its manifests name, and nothing else.
    pub(super) fn refuse_folder(&self, folder: &Path) -> UserResult<()> {
        if !folder.is_absolute() {
            return Err(UserError::new(
                Code::Usage,
                "That is not the path of a folder",
                "choose the folder again",
            ));
        }
        let within = |known: &super::spaces::Known| match &known.location {
            Location::Folder { path } => folder.starts_with(path),
            Location::Bucket(_) => false,
        };
        match self.0.spaces.known()?.into_iter().find(within) {
            Some(known) => Err(UserError::new(
                Code::Usage,
                format!("This folder belongs to the teamspace \"{}\"", known.name),
                "choose a folder outside of it",
            )
            .with("name", known.name)),
            None => Ok(()),
        }
    }

    fn export_progress(
        &self,
        teamspace: &str,
        recordings: &[RecordingId],
        parts: &[ExportPart],
    ) -> UserResult<Progress<'_>> {
        let mut bytes_total = 0u64;
        for id in recordings {
            if let Some(recording) = self.0.catalog.recording(teamspace, id)? {
                bytes_total += bytes_of(&recording, parts);
            }
        }
        let total = recordings.len() as u64;
        Ok(Progress { app: self, done: 0, total, bytes: 0, bytes_total, told: Instant::now() })
    }

    fn not_exported(&self, teamspace: &str, id: &RecordingId, error: UserError) -> NotExported {
        let known = self.0.catalog.recording(teamspace, id).ok().flatten();
        let title = known.map(|recording| recording.title).unwrap_or_default();
        NotExported { recording_id: id.clone(), title, error }
    }

    async fn export_one(
        &self,
        teamspace: &str,
        id: &RecordingId,
        parts: &[ExportPart],
        folder: &Path,
        progress: &mut Progress<'_>,
        stop: &CancellationToken,
    ) -> Result<Exported, Failure> {
        let recording = self.read_recording(teamspace, id).await?;
        let documents = self.documents(&recording, parts)?;
        let (stored, mut missing) = stored_files(&recording, parts);
        let wanted = [ExportPart::Vtt, ExportPart::Text, ExportPart::Markdown];
        let has = |part: &ExportPart| documents.iter().any(|(of, _, _)| of == part);
        missing.extend(wanted.into_iter().filter(|part| parts.contains(part) && !has(part)));
        missing.sort();
        if stored.is_empty() && documents.is_empty() {
            return Err(Failure::Recording(UserError::new(
                Code::NotFound,
                "This recording has nothing of what was chosen",
                "choose something else of it: Markdown is there for every recording",
            )));
        }
        self.ensure_room_in(folder, bytes_of(&recording, parts)).map_err(Failure::All)?;
        let at = folder.to_owned();
        let mut landing = in_folder(folder, move || Landing::begin(&at)).await?;
        if !stored.is_empty() {
            let opened = self.0.spaces.opened(teamspace).await?;
            for (file, place) in stored {
                let target = landing.add(place).map_err(|error| refused(folder, error))?;
                let copied = &mut |bytes| progress.copied(bytes);
                copy(&opened, id, file, target, folder, copied, stop).await?;
            }
        }
        for (_, place, text) in documents {
            let mut target = landing.add(place).map_err(|error| refused(folder, error))?;
            in_folder(folder, move || target.write_all(text.as_bytes())).await?;
        }
        if stop.is_cancelled() {
            return Err(Failure::All(stopped()));
        }
        let name = export::stem(&recording);
        let landed = in_folder(folder, move || landing.land(&name)).await?;
        Ok(Exported {
            recording_id: id.clone(),
            title: recording.title,
            files: landed.iter().map(|path| path.display().to_string()).collect(),
            missing,
        })
    }

    /// The documents that are wished for and have something in them.
    fn documents(
        &self,
        recording: &Recording,
        parts: &[ExportPart],
    ) -> UserResult<Vec<(ExportPart, Place, String)>> {
        let (teamspace, id) = (&recording.teamspace, &recording.recording_id);
        let link = Link::Recording { teamspace: teamspace.clone(), recording_id: id.clone(), at: None };
        let texts = Texts {
            transcript: self.0.catalog.transcript(teamspace, id)?,
            chat: self.0.catalog.chat(teamspace, id)?,
            summary: self.0.catalog.summary(teamspace, id)?,
            incomplete: !self.0.catalog.problems(teamspace, Some(id))?.is_empty(),
            link: link.to_string(),
        };
        let told = Told {
            recording,
            transcript: &texts.transcript,
            chat: &texts.chat,
            summary: texts.summary.as_ref(),
            incomplete: texts.incomplete,
            link: &texts.link,
            words: Messages::of(settings::load(&self.0.state)?.language),
        };
        let spoken: Vec<(u32, &Vec<Cue>)> =
            (0u32..).zip(&texts.transcript).filter(|(_, cues)| !cues.is_empty()).collect();
        let written = texts.chat.iter().any(|messages| !messages.is_empty());
        let beside = |extension: &str| Place::Beside(export::ending(0, false, extension));
        let mut documents = Vec::new();
        for part in parts {
            match part {
                ExportPart::Vtt => documents.extend(spoken.iter().map(|(segment, cues)| {
                    let ending = export::ending(*segment, several(recording, spoken.len()), "vtt");
                    (*part, Place::Beside(ending), export::vtt(cues))
                })),
                ExportPart::Text if !spoken.is_empty() || written => {
                    documents.push((*part, beside("txt"), export::text(&told)));
                }
                ExportPart::Markdown => documents.push((*part, beside("md"), export::markdown(&told))),
                ExportPart::Text | ExportPart::Video | ExportPart::Files => {}
            }
        }
        Ok(documents)
    }

    fn ensure_room_in(&self, folder: &Path, bytes: u64) -> UserResult<()> {
        match self.0.disks.free(folder) {
            Some(free) if bytes > 0 && free < bytes.saturating_add(SPARE) => Err(full(folder)),
            _ => Ok(()),
        }
    }
}

/// Whether its files are told apart by their parts: a transcript belongs to the video of the same part.
fn several(recording: &Recording, spoken: usize) -> bool {
    spoken > 1 || export::watched(&recording.files).len() > 1
}

/// The stored files that are wished for, with where they come to stand, and what of the wishes is not there.
fn stored_files<'a>(
    recording: &'a Recording,
    parts: &[ExportPart],
) -> (Vec<(&'a RecordingFile, Place)>, Vec<ExportPart>) {
    let (mut stored, mut missing) = (Vec::new(), Vec::new());
    if parts.contains(&ExportPart::Video) {
        let watched = export::watched(&recording.files);
        if watched.is_empty() {
            missing.push(ExportPart::Video);
        }
        let several = watched.len() > 1;
        stored.extend(watched.into_iter().map(|file| {
            (file, Place::Beside(export::ending(file.segment, several, export::extension(file))))
        }));
    }
    if parts.contains(&ExportPart::Files) {
        if recording.files.is_empty() {
            missing.push(ExportPart::Files);
        }
        let names = export::file_names(&recording.files).into_iter().map(Place::Inside);
        stored.extend(recording.files.iter().zip(names));
    }
    (stored, missing)
}

fn bytes_of(recording: &Recording, parts: &[ExportPart]) -> u64 {
    stored_files(recording, parts).0.iter().map(|(file, _)| file.size).fold(0, u64::saturating_add)
}
