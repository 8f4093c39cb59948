//! `nextctl recordings export`.

use std::path::Path;
use std::process::ExitCode;

use next_desktop::app::{App, ExportPart, ExportReport, ExportWish};
use next_desktop::error::{Code, UserError, UserResult};
use next_desktop::recording::{Recording, RecordingId};
use serde_json::json;

use super::output::{DONE, Output, exit_code, plain, say_error, say_note};
use super::recording_args::Part;
use super::recordings::{all, named};
use super::verifying::with_progress;

/// Exports recordings of any teamspaces. Ctrl-C stops it as the window's Stop does.
pub async fn export(
    app: &App,
    ids: &[String],
    to: &Path,
    parts: &[Part],
    output: Output,
) -> UserResult<ExitCode> {
    let folder = std::path::absolute(to).map_err(|error| {
        UserError::new(Code::Usage, "That is not the path of a folder", "give another one").detail(error)
    })?;
    let folder = folder
        .to_str()
        .ok_or_else(|| UserError::new(Code::Usage, "The folder's name is no text", "give another folder"))?;
    let known = all(app, None).await?;
    let mut report = ExportReport { exported: Vec::new(), failed: Vec::new() };
    for (teamspace, recordings) in by_teamspace(&known, ids)? {
        let wish = ExportWish {
            recordings,
            parts: parts.iter().map(|part| part_of(*part)).collect(),
            folder: folder.to_owned(),
        };
        let work = app.export_recordings(&teamspace, wish);
        let done = until_stopped(app, with_progress(app, output, work)).await?;
        report.exported.extend(done.exported);
        report.failed.extend(done.failed);
    }
    if ids.len() == 1
        && let Some(failed) = report.failed.pop()
    {
        return Err(failed.error);
    }
    for exported in &report.exported {
        for part in &exported.missing {
            say_note(&format!("{} has no {}", plain(&exported.title), name_of(*part)));
        }
    }
    output.document(&json!({ "exported": report.exported, "failed": report.failed }), || {
        let files = report.exported.iter().flat_map(|exported| &exported.files);
        files.map(|path| format!("{path}\n")).collect()
    });
    // The one that only a person can help with is said by the exit code.
    let codes = report.failed.iter().map(|failed| {
        let UserError { message, .. } = &failed.error;
        say_error(&UserError {
            message: format!("{}: {message}", plain(&failed.title)),
            ..failed.error.clone()
        });
        exit_code(failed.error.code)
    });
    Ok(ExitCode::from(codes.max().unwrap_or(DONE)))
}

/// Works until it is done; Ctrl-C stops the export under way.
pub(super) async fn until_stopped<T>(app: &App, work: impl Future<Output = UserResult<T>>) -> UserResult<T> {
    tokio::pin!(work);
    tokio::select! {
        done = &mut work => return done,
        Ok(()) = tokio::signal::ctrl_c() => app.stop_export().await?,
    }
    work.await
}

/// Ids by their teamspaces, in the order in which they were given.
fn by_teamspace(known: &[Recording], ids: &[String]) -> UserResult<Vec<(String, Vec<RecordingId>)>> {
    let mut groups: Vec<(String, Vec<RecordingId>)> = Vec::new();
    for id in ids {
        let recording = named(known, id)?;
        let id = recording.recording_id.clone();
        match groups.iter_mut().find(|(teamspace, _)| *teamspace == recording.teamspace) {
            Some((_, group)) if group.contains(&id) => {}
            Some((_, group)) => group.push(id),
            None => groups.push((recording.teamspace.clone(), vec![id])),
        }
    }
    Ok(groups)
}

fn part_of(part: Part) -> ExportPart {
    match part {
        Part::Mp4 => ExportPart::Video,
        Part::Vtt => ExportPart::Vtt,
        Part::Txt => ExportPart::Text,
        Part::Md => ExportPart::Markdown,
        Part::Files => ExportPart::Files,
    }
}

fn name_of(part: ExportPart) -> &'static str {
    match part {
        ExportPart::Video => "video and no sound",
        ExportPart::Vtt => "transcript",
        ExportPart::Text => "words",
        ExportPart::Markdown => "document",
        ExportPart::Files => "files",
    }
}
