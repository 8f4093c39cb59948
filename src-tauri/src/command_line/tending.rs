//! `nextctl recordings set`, `history`, `trash`, `restore` and `delete`.

use next_desktop::app::{App, DAYS_IN_TRASH, RecordingEdit, TrashedRecording};
use next_desktop::catalog::{HistoryEntry, HistoryKind};
use next_desktop::error::{Code, UserError, UserResult};
use next_desktop::recording::RecordingId;
use serde_json::json;

use super::args::OneRecording;
use super::output::{Output, plain, say_note, table, time};
use super::recordings::all;
use super::teamspaces::find;

pub async fn set(app: &App, which: &OneRecording, edit: RecordingEdit, output: Output) -> UserResult<()> {
    if edit == RecordingEdit::default() {
        return Err(UserError::new(
            Code::Usage,
            "There is nothing to set",
            "give --title, --add-tag or --remove-tag",
        ));
    }
    let (teamspace, id) = listed(app, which).await?;
    app.edit_recording(&teamspace, &id, edit).await?;
    let recording = app.open_recording(&teamspace, &id).await?.recording;
    output.document(&json!({ "recording": recording }), || {
        let tags: Vec<String> = recording.tags.iter().map(|tag| plain(tag)).collect();
        format!("{}\ntags: {}", plain(&recording.title), tags.join(", "))
    });
    Ok(())
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
    let what = match entry.kind {
        HistoryKind::Title => format!("title: {} -> {}", list(&entry.old), list(&entry.new)),
        HistoryKind::Tags => format!("tags: {} -> {}", list(&entry.old), list(&entry.new)),
        HistoryKind::Trash => "moved to the trash".to_owned(),
        HistoryKind::Restore => "restored from the trash".to_owned(),
        HistoryKind::Delete => "deleted for good".to_owned(),
    };
    format!("{}  {who}  {what}", time(entry.at))
}

pub async fn trash(app: &App, which: &OneRecording, output: Output) -> UserResult<()> {
    let (teamspace, id) = known(app, which).await?;
    app.trash_recording(&teamspace, &id).await?;
    output.document(&json!({ "trashed": id }), || {
        format!("It is in the trash, and can be restored for {DAYS_IN_TRASH} days: nextctl recordings restore {id}")
    });
    Ok(())
}

pub async fn restore(app: &App, which: &OneRecording, output: Output) -> UserResult<()> {
    let (teamspace, id) = known(app, which).await?;
    app.restore_recording(&teamspace, &id).await?;
    output.document(&json!({ "restored": id }), || "It is in the library again.".to_owned());
    Ok(())
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
async fn refreshed(app: &App, teamspace: Option<&str>) -> UserResult<Vec<String>> {
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
async fn listed(app: &App, which: &OneRecording) -> UserResult<(String, RecordingId)> {
    let id = parsed(&which.id)?;
    let found = all(app, which.teamspace.as_deref()).await?;
    let found = found.into_iter().find(|recording| recording.recording_id == id);
    found.map(|found| (found.teamspace, id.clone())).ok_or_else(|| unknown(&which.id))
}

/// A recording of a library, or of what was one.
async fn known(app: &App, which: &OneRecording) -> UserResult<(String, RecordingId)> {
    let id = parsed(&which.id)?;
    for teamspace in refreshed(app, which.teamspace.as_deref()).await? {
        let listed = app.recordings(&teamspace).await?.iter().any(|item| item.recording.recording_id == id);
        if listed || !app.recording_history(&teamspace, &id).await?.is_empty() {
            return Ok((teamspace, id));
        }
    }
    Err(unknown(&which.id))
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
