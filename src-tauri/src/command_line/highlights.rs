//! `nextctl highlights`.

use std::path::Path;
use std::process::ExitCode;

use next_desktop::app::{App, ClipWish, HighlightDraft, HighlightRef, HighlightsWish};
use next_desktop::catalog::Highlight;
use next_desktop::error::{Code, UserError, UserResult};
use next_desktop::recording::RecordingId;
use serde_json::{Value, json};

use super::exporting::until_stopped;
use super::highlight_args::{Highlights, HighlightsCommand};
use super::output::{DONE, Output, exit_code, length, plain, say_error, table};
use super::teamspaces::find;
use super::tending::{listed, refreshed};
use super::verifying::with_progress;

pub async fn highlights(app: &App, wanted: Highlights, output: Output) -> UserResult<ExitCode> {
    match wanted.command {
        None => list(app, wanted, output).await?,
        Some(HighlightsCommand::Add { which, from, to, note, tag }) => {
            let (teamspace, id) = listed(app, &which).await?;
            let draft = HighlightDraft { from, to, note, tags: tag };
            let made = app.add_highlight(&teamspace, &id, draft).await?;
            output.document(&json!({ "highlight": document(&made, None) }), || line(&made));
        }
        Some(HighlightsCommand::Change { id, from, to, note, add_tag, remove_tag }) => {
            let (teamspace, recording) = known(app, &id).await?;
            let before = shown(app, &teamspace, &recording, &id).await?;
            let same = |a: &str, b: &str| a.to_lowercase() == b.to_lowercase();
            let mut tags = before.tags;
            tags.retain(|tag| !remove_tag.iter().any(|other| same(tag, other)));
            tags.extend(add_tag);
            let draft = HighlightDraft {
                from: from.unwrap_or(before.from),
                to: to.unwrap_or(before.to),
                note: note.unwrap_or(before.note),
                tags,
            };
            let changed = app.change_highlight(&teamspace, &recording, &before.id, draft).await?;
            output.document(&json!({ "highlight": document(&changed, None) }), || line(&changed));
        }
        Some(HighlightsCommand::Remove { id }) => {
            let (teamspace, recording) = known(app, &id).await?;
            app.remove_highlight(&teamspace, &recording, &id).await?;
            output.document(&json!({ "removed": id }), || {
                format!("Removed; to take it back: nextctl highlights restore {}", plain(&id))
            });
        }
        Some(HighlightsCommand::Restore { id }) => {
            let (teamspace, recording) = known(app, &id).await?;
            let back = app.restore_highlight(&teamspace, &recording, &id).await?;
            output.document(&json!({ "highlight": document(&back, None) }), || line(&back));
        }
        Some(HighlightsCommand::Clip { ids, to }) => return clip(app, &ids, &to, output).await,
    }
    Ok(ExitCode::from(DONE))
}

async fn list(app: &App, wanted: Highlights, output: Output) -> UserResult<()> {
    refreshed(app, wanted.teamspace.as_deref()).await?;
    let teamspace = match &wanted.teamspace {
        Some(name) => Some(find(app, name).await?.id),
        None => None,
    };
    let recording_id = match &wanted.recording {
        Some(id) => Some(id.parse::<RecordingId>().map_err(|_| no_recording(id))?),
        None => None,
    };
    let of_one = recording_id.is_some();
    let (words, skip, limit) = (wanted.words.join(" "), wanted.more, wanted.limit);
    let wish = HighlightsWish { teamspace, recording_id, tag: wanted.tag, words, skip, limit };
    // Of one recording there are a thousand at most: all of them are put into the order of its timeline.
    let asked = if of_one { HighlightsWish { skip: 0, limit: 1_000, ..wish } } else { wish };
    let page = app.highlights(asked).await?;
    let (mut items, total) = (page.highlights, page.total as usize);
    if of_one {
        items.sort_by_key(|item| (item.highlight.from, item.highlight.to));
        items = items.into_iter().skip(skip as usize).take(limit as usize).collect();
    }
    let documents: Vec<Value> =
        items.iter().map(|item| document(&item.highlight, Some(&item.title))).collect();
    let more = skip as usize + items.len() < total;
    output.document(&json!({ "highlights": documents, "total": total, "more": more }), || {
        if items.is_empty() {
            return "No highlights yet: nextctl highlights add RECORDING --from 1:02 --to 1:30 --note WORDS"
                .to_owned();
        }
        let rows: Vec<Vec<String>> = items
            .drain(..)
            .map(|item| {
                let Highlight { from, to, id, note, tags, name, .. } = item.highlight;
                let tags: Vec<String> = tags.iter().map(|tag| format!("#{}", plain(tag))).collect();
                let by = name.as_deref().map_or_else(|| "somebody".to_owned(), plain);
                let words = [plain(&note), tags.join(" ")].join(" ");
                vec![format!("{}-{}", clock(from), clock(to)), id, by, plain(&item.title), words]
            })
            .collect();
        let mut text = table(&["WHEN", "ID", "BY", "RECORDING", "NOTE"], &rows);
        if more {
            text.push_str(&format!("There are more: --more {}\n", skip.saturating_add(limit)));
        }
        text
    });
    Ok(())
}

async fn clip(app: &App, ids: &[String], to: &Path, output: Output) -> UserResult<ExitCode> {
    let folder = std::path::absolute(to).map_err(|error| {
        UserError::new(Code::Usage, "That is not the path of a folder", "give another one").detail(error)
    })?;
    let folder = folder
        .to_str()
        .ok_or_else(|| UserError::new(Code::Usage, "The folder's name is no text", "give another folder"))?
        .to_owned();
    refreshed(app, None).await?;
    let mut highlights: Vec<HighlightRef> = Vec::new();
    for id in ids {
        let (teamspace, recording_id) = app.highlight_of(id).await?;
        if !highlights.iter().any(|one| one.id == *id) {
            highlights.push(HighlightRef { teamspace, recording_id, id: id.clone() });
        }
    }
    let work = app.export_clips(ClipWish { highlights, folder });
    let mut report = until_stopped(app, with_progress(app, output, work)).await?;
    if ids.len() == 1
        && let Some(failed) = report.failed.pop()
    {
        return Err(failed.error);
    }
    output.document(&report, || report.saved.iter().map(|clip| format!("{}\n", clip.file)).collect());
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

/// Where a highlight is, with what colleagues did read first.
async fn known(app: &App, id: &str) -> UserResult<(String, RecordingId)> {
    refreshed(app, None).await?;
    app.highlight_of(id).await
}

async fn shown(app: &App, teamspace: &str, recording: &RecordingId, id: &str) -> UserResult<Highlight> {
    let all = app.recording_highlights(teamspace, recording).await?;
    all.into_iter().find(|one| one.id == id).ok_or_else(|| {
        UserError::new(
            Code::NotFound,
            "This highlight was removed",
            format!("take it back first: nextctl highlights restore {}", plain(id)),
        )
    })
}

fn no_recording(id: &str) -> UserError {
    UserError::new(
        Code::NotFound,
        format!("{} is not the id of a recording", plain(id)),
        "look at `nextctl recordings`",
    )
}

fn clock(millis: u64) -> String {
    length(millis / 1_000)
}

fn line(one: &Highlight) -> String {
    format!("{}-{}  {}  {}", clock(one.from), clock(one.to), one.id, plain(&one.note))
}

/// A highlight for scripts: times in seconds, as everywhere.
fn document(one: &Highlight, title: Option<&str>) -> Value {
    let mut document = json!({
        "id": one.id,
        "teamspace": one.teamspace,
        "recording_id": one.recording_id,
        "from": seconds(one.from),
        "to": seconds(one.to),
        "note": one.note,
        "tags": one.tags,
        "profile": one.profile,
        "by": one.name,
        "at": one.at,
    });
    if let (Some(title), Some(fields)) = (title, document.as_object_mut()) {
        fields.insert("title".to_owned(), json!(title));
    }
    document
}

fn seconds(millis: u64) -> f64 {
    millis as f64 / 1_000.0
}

/// What the history keeps of a highlight, in words: its times and its note.
pub(super) fn told(values: &[String]) -> String {
    let [from, to, note, ..] = values else { return "nothing".to_owned() };
    let time = |millis: &String| clock(millis.parse().unwrap_or_default());
    format!("{}-{} {}", time(from), time(to), plain(note)).trim_end().to_owned()
}
