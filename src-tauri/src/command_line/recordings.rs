//! `nextctl recordings`.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::process::ExitCode;

use next_desktop::app::{App, RecordingEdit, RecordingLedger};
use next_desktop::catalog::PersonCount;
use next_desktop::error::{Code, UserError, UserResult};
use next_desktop::ledger::{How, TrashOutcome};
use next_desktop::recording::{Recording, RecordingId};
use serde_json::json;

use super::output::{DONE, Output, bytes, length, plain, say_note, table, time};
use super::recording_args::{Recordings, RecordingsCommand};
use super::teamspaces::find;
use super::{correcting, exporting, searching, tending};

pub async fn recordings(app: &App, wanted: Recordings, output: Output) -> UserResult<ExitCode> {
    match wanted.command {
        None if wanted.trash => tending::list_trash(app, wanted.teamspace.as_deref(), output).await?,
        None if wanted.people => people(app, wanted.teamspace.as_deref(), output).await?,
        None => {
            let mut recordings = all(app, wanted.teamspace.as_deref()).await?;
            let filtered = wanted.filters.query()?;
            if let Some(query) = &filtered {
                narrow(app, &mut recordings, query).await?;
            }
            output.document(&json!({ "recordings": recordings }), || {
                if recordings.is_empty() && filtered.is_some() {
                    return "No recording is so. Leave out a filter.".to_owned();
                }
                if recordings.is_empty() {
                    return "No recordings yet.".to_owned();
                }
                let rows: Vec<Vec<String>> = recordings
                    .iter()
                    .map(|recording| {
                        vec![
                            time(recording.start),
                            length(recording.duration),
                            recording.files.len().to_string(),
                            recording.recording_id.to_string(),
                            plain(&recording.title),
                        ]
                    })
                    .collect();
                table(&["START", "LENGTH", "FILES", "ID", "TITLE"], &rows)
            });
        }
        Some(RecordingsCommand::Show { id }) => {
            let recording = fetched(app, one(app, &id).await?).await?;
            let ledger = app.recording_ledger(&recording.teamspace, &recording.recording_id).await?;
            let corrections = app.corrections(&recording.teamspace, &recording.recording_id).await?;
            let document = json!({
                "recording": recording, "verified": ledger.verified, "at_zoom": ledger.at_zoom,
                "corrections": corrections,
            });
            output.document(&document, || {
                show(&recording) + &correcting::said(&corrections) + &show_ledger(&ledger)
            });
        }
        Some(RecordingsCommand::Set { which, title, add_tag, remove_tag }) => {
            let edit = RecordingEdit { title, add_tags: add_tag, remove_tags: remove_tag };
            return tending::set(app, &which, edit, output).await;
        }
        Some(RecordingsCommand::Correct(wanted)) => correcting::correct(app, wanted, output).await?,
        Some(RecordingsCommand::History { which }) => tending::history(app, &which, output).await?,
        Some(RecordingsCommand::Trash { which }) => return tending::trash(app, &which, output).await,
        Some(RecordingsCommand::Restore { which }) => return tending::restore(app, &which, output).await,
        Some(RecordingsCommand::Delete { which, now }) => tending::delete(app, &which, now, output).await?,
        Some(RecordingsCommand::EmptyTrash { teamspace }) => {
            tending::empty_trash(app, teamspace.as_deref(), output).await?;
        }
        Some(RecordingsCommand::Search(wanted)) => searching::search(app, wanted, output).await?,
        Some(RecordingsCommand::Export { ids, to, parts }) => {
            return exporting::export(app, &ids, &to, &parts, output).await;
        }
        Some(RecordingsCommand::Link { id, at }) => {
            let recording = one(app, &id).await?;
            let link = app.recording_link(&recording.teamspace, &recording.recording_id, at).await?;
            output.document(&json!({ "link": link }), || link.clone());
        }
    }
    Ok(ExitCode::from(DONE))
}

pub(super) async fn all(app: &App, teamspace: Option<&str>) -> UserResult<Vec<Recording>> {
    let teamspaces = match teamspace {
        Some(name) => vec![find(app, name).await?],
        None => app.teamspaces().await?,
    };
    let mut recordings = Vec::new();
    for teamspace in teamspaces {
        // What colleagues added is read first; a teamspace that is away is listed as it was seen last.
        if let Some(error) = app.refresh_teamspace(&teamspace.id).await?.error {
            say_note(&error.to_string());
        }
        let items = app.recordings(&teamspace.id).await?;
        recordings.extend(items.into_iter().map(|item| item.recording));
    }
    recordings.sort_by_key(|recording| std::cmp::Reverse(recording.start));
    Ok(recordings)
}

/// Leaves those that a query asks for.
async fn narrow(app: &App, recordings: &mut Vec<Recording>, query: &str) -> UserResult<()> {
    let teamspaces: BTreeSet<String> =
        recordings.iter().map(|recording| recording.teamspace.clone()).collect();
    let mut left = HashSet::new();
    for teamspace in teamspaces {
        let found = app.filter_recordings(&teamspace, query).await?.recordings;
        left.extend(found.into_iter().map(|id| (teamspace.clone(), id)));
    }
    recordings.retain(|found| left.contains(&(found.teamspace.clone(), found.recording_id.clone())));
    Ok(())
}

/// Who can be asked for.
async fn people(app: &App, teamspace: Option<&str>, output: Output) -> UserResult<()> {
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    let teamspaces = match teamspace {
        Some(name) => vec![find(app, name).await?],
        None => app.teamspaces().await?,
    };
    for teamspace in teamspaces {
        if let Some(error) = app.refresh_teamspace(&teamspace.id).await?.error {
            say_note(&error.to_string());
        }
        for person in app.people_in(&teamspace.id).await? {
            *counts.entry(person.name).or_default() += person.recordings;
        }
    }
    let mut people: Vec<PersonCount> =
        counts.into_iter().map(|(name, recordings)| PersonCount { name, recordings }).collect();
    people.sort_by_key(|person| std::cmp::Reverse(person.recordings));
    output.document(&json!({ "people": people }), || {
        let rows: Vec<Vec<String>> =
            people.iter().map(|one| vec![one.recordings.to_string(), plain(&one.name)]).collect();
        table(&["RECORDINGS", "NAME"], &rows)
    });
    Ok(())
}

async fn one(app: &App, id: &str) -> UserResult<Recording> {
    named(&all(app, None).await?, id).cloned()
}

/// The recording of an id.
pub(super) fn named<'a>(recordings: &'a [Recording], id: &str) -> UserResult<&'a Recording> {
    let parsed = id.parse::<RecordingId>().ok();
    parsed.and_then(|id| recordings.iter().find(|recording| recording.recording_id == id)).ok_or_else(|| {
        UserError::new(
            Code::NotFound,
            format!("No teamspace here holds a recording {}", plain(id)),
            "look at `nextctl recordings`",
        )
    })
}

/// With its files, which are fetched where only what the log says is here. While the teamspace is away, that must do.
async fn fetched(app: &App, recording: Recording) -> UserResult<Recording> {
    if recording.unread.is_none() {
        return Ok(recording);
    }
    match app.read_recording(&recording.teamspace, &recording.recording_id).await {
        Err(error) if matches!(error.code, Code::TeamspaceUnreachable | Code::Offline) => {
            say_note(&error.to_string());
            Ok(recording)
        }
        read => read,
    }
}

fn show(recording: &Recording) -> String {
    let mut text = format!(
        "{}\n{}  {}  imported by {} on {}\n",
        plain(&recording.title),
        time(recording.start),
        length(recording.duration),
        plain(&recording.imported_by),
        time(recording.imported_at)
    );
    if !recording.tags.is_empty() {
        let tags: Vec<String> = recording.tags.iter().map(|tag| plain(tag)).collect();
        text.push_str(&format!("tags: {}\n", tags.join(", ")));
    }
    if let Some(size) = recording.unread {
        let size = bytes(size);
        text.push_str(&format!(
            "{size}; its files and transcript are fetched when the teamspace can be reached\n"
        ));
    }
    for file in &recording.files {
        text.push_str(&format!("  {}  {}  sha256 {}\n", file.key, bytes(file.size), file.sha256));
    }
    text
}

fn show_ledger(ledger: &RecordingLedger) -> String {
    let mut text = String::new();
    for verification in &ledger.verified {
        let how = match verification.how {
            How::Import => "when it was imported",
            How::Second => "before it left Zoom",
            How::Manual => "on request",
        };
        let result = match verification.damaged.len() {
            0 => "whole".to_owned(),
            n => format!("{n} DAMAGED"),
        };
        text.push_str(&format!(
            "verified {how} on {} by {}: {} files, {}, {result}\n",
            time(verification.at),
            plain(&verification.by),
            verification.files,
            bytes(verification.bytes)
        ));
    }
    if let Some(trashed) = &ledger.at_zoom {
        let what = match trashed.outcome {
            TrashOutcome::Trashed => "moved to Zoom's trash",
            TrashOutcome::AlreadyGone => "found gone at Zoom",
        };
        text.push_str(&format!("{what} on {} by {}\n", time(trashed.at), plain(&trashed.by)));
    }
    text
}
