//! `nextctl recordings set`, `history`, `trash`, `restore` and `delete`.

use std::collections::BTreeMap;
use std::process::ExitCode;

use next_desktop::app::{App, BulkOutcome, DAYS_IN_TRASH, RecordingEdit, TrashedRecording};
use next_desktop::catalog::{HistoryEntry, HistoryKind};
use next_desktop::error::{Code, UserError, UserResult};
use next_desktop::recording::{Recording, RecordingId};
use serde_json::json;

use super::args::{OneRecording, SomeRecordings};
use super::output::{DONE, FAILED, Output, length, plain, say_note, table, time};
use super::recordings::all;
use super::teamspaces::find;

/// Ids by teamspace.
type OfTeamspaces = BTreeMap<String, Vec<RecordingId>>;

pub async fn set(
    app: &App,
    which: &SomeRecordings,
    edit: RecordingEdit,
    output: Output,
) -> UserResult<ExitCode> {
    if edit == RecordingEdit::default() {
        return Err(UserError::new(
            Code::Usage,
            "There is nothing to set",
            "give --title, --add-tag or --remove-tag",
        ));
    }
    if let [id] = which.ids.as_slice() {
        let one = OneRecording { id: id.clone(), teamspace: which.teamspace.clone() };
        let (teamspace, id) = listed(app, &one).await?;
        app.edit_recording(&teamspace, &id, edit).await?;
        let recording = app.open_recording(&teamspace, &id).await?.recording;
        output.document(&json!({ "recording": recording }), || shown(&recording));
        return Ok(ExitCode::from(DONE));
    }
    let mut outcome = BulkOutcome::default();
    let mut recordings = Vec::new();
    for (teamspace, ids) in all_known(app, which).await? {
        let edited = app.edit_recordings(&teamspace, &ids, edit.clone()).await?;
        for id in &edited.done {
            recordings.push(app.open_recording(&teamspace, id).await?.recording);
        }
        outcome.failed.extend(edited.failed);
    }
    output.document(&json!({ "recordings": recordings, "failed": outcome.failed }), || {
        recordings.iter().map(|recording| shown(recording) + "\n").collect()
    });
    Ok(ended(&outcome))
}

fn shown(recording: &Recording) -> String {
    let tags: Vec<String> = recording.tags.iter().map(|tag| plain(tag)).collect();
    format!("{}\ntags: {}", plain(&recording.title), tags.join(", "))
}

/// Says what failed; 1 when something did.
fn ended(outcome: &BulkOutcome) -> ExitCode {
    for failure in &outcome.failed {
        say_note(&format!("{} {}: {}", failure.recording_id, plain(&failure.title), failure.error));
    }
    ExitCode::from(if outcome.failed.is_empty() { DONE } else { FAILED })
}

pub async fn history(app: &App, which: &OneRecording, output: Output) -> UserResult<()> {
    let (teamspace, id) = known(app, which).await?;
    let entries = app.recording_history(&teamspace, &id).await?;
    output.document(&json!({ "history": entries }), || {
        if entries.is_empty() {
            return "Nobody has changed anything about it.".to_owned();
        }
        entries.iter().map(|entry| said(entry) + "\n").collect()
    });
    Ok(())
}

fn said(entry: &HistoryEntry) -> String {
    let who = entry.name.as_deref().map_or_else(|| "somebody".to_owned(), plain);
    let list = |values: &[String]| match values {
        [] => "nothing".to_owned(),
        values => values.iter().map(|value| plain(value)).collect::<Vec<_>>().join(", "),
    };
    let original =
        |values: &[String]| if values.is_empty() { "as in the file".to_owned() } else { list(values) };
    let what = match entry.kind {
        HistoryKind::Title => format!("title: {} -> {}", list(&entry.old), list(&entry.new)),
        HistoryKind::Tags => format!("tags: {} -> {}", list(&entry.old), list(&entry.new)),
        HistoryKind::Line => {
            let at = entry.line.as_ref().map(|line| length(line.at.max(0.0) as u64));
            let at = at.map(|at| format!(" at {at}")).unwrap_or_default();
            format!("line{at}: {} -> {}", original(&entry.old), original(&entry.new))
        }
        HistoryKind::Speaker => format!("speaker: {} -> {}", list(&entry.old), list(&entry.new)),
        HistoryKind::Trash => "moved to the trash".to_owned(),
        HistoryKind::Restore => "restored from the trash".to_owned(),
        HistoryKind::Delete => "deleted for good".to_owned(),
        HistoryKind::Highlight => {
            format!(
                "highlight: {} -> {}",
                super::highlights::told(&entry.old),
                super::highlights::told(&entry.new)
            )
        }
    };
    format!("{}  {who}  {what}", time(entry.at))
}

pub async fn trash(app: &App, which: &SomeRecordings, output: Output) -> UserResult<ExitCode> {
    let mut outcome = BulkOutcome::default();
    for (teamspace, ids) in all_known(app, which).await? {
        join(&mut outcome, app.trash_recordings(&teamspace, &ids).await?);
    }
    only_one(&outcome)?;
    output.document(&json!({ "trashed": outcome.done, "failed": outcome.failed }), || {
        let ids: Vec<&str> = outcome.done.iter().map(RecordingId::as_str).collect();
        format!(
            "{} in the trash, to be restored for {DAYS_IN_TRASH} days: nextctl recordings restore {}",
            ids.len(),
            ids.join(" ")
        )
    });
    Ok(ended(&outcome))
}

pub async fn restore(app: &App, which: &SomeRecordings, output: Output) -> UserResult<ExitCode> {
    let mut outcome = BulkOutcome::default();
    for (teamspace, ids) in all_known(app, which).await? {
        join(&mut outcome, app.restore_recordings(&teamspace, &ids).await?);
    }
    only_one(&outcome)?;
    output.document(&json!({ "restored": outcome.done, "failed": outcome.failed }), || {
        format!("{} in the library again.", outcome.done.len())
    });
    Ok(ended(&outcome))
}

fn join(outcome: &mut BulkOutcome, more: BulkOutcome) {
    outcome.done.extend(more.done);
    outcome.failed.extend(more.failed);
}

/// What was asked of one recording alone fails as a whole.
fn only_one(outcome: &BulkOutcome) -> UserResult<()> {
    match (outcome.done.as_slice(), outcome.failed.as_slice()) {
        ([], [failure]) => Err(failure.error.clone()),
        _ => Ok(()),
    }
}

pub async fn delete(app: &App, which: &OneRecording, now: bool, output: Output) -> UserResult<()> {
    let (teamspace, id) = known(app, which).await?;
    match now {
        true => app.delete_recording_now(&teamspace, &id).await?,
        false => app.delete_recording(&teamspace, &id).await?,
    }
    output.document(&json!({ "deleted": id }), || {
        "Its files are deleted for good. It is not imported here again.".to_owned()
    });
    Ok(())
}

pub async fn empty_trash(app: &App, teamspace: Option<&str>, output: Output) -> UserResult<()> {
    let mut deleted = Vec::new();
    for id in refreshed(app, teamspace).await? {
        deleted.extend(app.empty_trash(&id).await?);
    }
    output.document(&json!({ "deleted": deleted }), || match deleted.len() {
        0 => "Nothing has been in the trash for 30 days.".to_owned(),
        n => format!("{n} deleted for good."),
    });
    Ok(())
}

pub async fn list_trash(app: &App, teamspace: Option<&str>, output: Output) -> UserResult<()> {
    let mut trashed: Vec<TrashedRecording> = Vec::new();
    for id in refreshed(app, teamspace).await? {
        trashed.extend(app.trash(&id).await?);
    }
    for (place, one) in trashed.iter().enumerate() {
        let said = trashed.iter().take(place).any(|before| before.stays == one.stays);
        if let (Some(why), false) = (&one.stays, said) {
            say_note(&why.to_string());
        }
    }
    output.document(&json!({ "trash": trashed }), || {
        if trashed.is_empty() {
            return "The trash is empty.".to_owned();
        }
        let row = |one: &TrashedRecording| {
            let by = one.name.as_deref().map_or_else(|| "somebody".to_owned(), plain);
            let id = one.recording.recording_id.to_string();
            let goes = if one.stays.is_some() { "stays".to_owned() } else { time(one.until) };
            vec![time(one.at), by, goes, id, plain(&one.recording.title)]
        };
        table(&["SINCE", "BY", "GOES", "ID", "TITLE"], &trashed.iter().map(row).collect::<Vec<_>>())
    });
    Ok(())
}

/// Ids of the teamspaces that are meant, with what is new in them read.
pub(super) async fn refreshed(app: &App, teamspace: Option<&str>) -> UserResult<Vec<String>> {
    let teamspaces = match teamspace {
        Some(name) => vec![find(app, name).await?],
        None => app.teamspaces().await?,
    };
    for teamspace in &teamspaces {
        if let Some(error) = app.refresh_teamspace(&teamspace.id).await?.error {
            say_note(&error.to_string());
        }
    }
    Ok(teamspaces.into_iter().map(|teamspace| teamspace.id).collect())
}

/// A recording of a library.
pub(super) async fn listed(app: &App, which: &OneRecording) -> UserResult<(String, RecordingId)> {
    let id = parsed(&which.id)?;
    let found = all(app, which.teamspace.as_deref()).await?;
    let found = found.into_iter().find(|recording| recording.recording_id == id);
    found.map(|found| (found.teamspace, id.clone())).ok_or_else(|| unknown(&which.id))
}

/// Recordings of libraries, or of what were some, by teamspace.
async fn all_known(app: &App, which: &SomeRecordings) -> UserResult<OfTeamspaces> {
    let mut found = OfTeamspaces::new();
    let teamspaces = refreshed(app, which.teamspace.as_deref()).await?;
    for text in &which.ids {
        let (teamspace, id) = known_in(app, &teamspaces, text).await?;
        found.entry(teamspace).or_default().push(id);
    }
    Ok(found)
}

/// A recording of a library, or of what was one.
async fn known(app: &App, which: &OneRecording) -> UserResult<(String, RecordingId)> {
    known_in(app, &refreshed(app, which.teamspace.as_deref()).await?, &which.id).await
}

async fn known_in(app: &App, teamspaces: &[String], text: &str) -> UserResult<(String, RecordingId)> {
    let id = parsed(text)?;
    for teamspace in teamspaces {
        let listed = app.recordings(teamspace).await?.iter().any(|item| item.recording.recording_id == id);
        if listed || !app.recording_history(teamspace, &id).await?.is_empty() {
            return Ok((teamspace.clone(), id));
        }
    }
    Err(unknown(text))
}

fn parsed(id: &str) -> UserResult<RecordingId> {
    id.parse().map_err(|_| unknown(id))
}

fn unknown(id: &str) -> UserError {
    UserError::new(
        Code::NotFound,
        format!("No teamspace here holds a recording {}", plain(id)),
        "look at `nextctl recordings`, and at `nextctl recordings --trash`",
    )
}
