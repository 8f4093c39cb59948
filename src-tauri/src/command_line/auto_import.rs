//! `nextctl auto-import`.

use std::process::ExitCode;

use next_desktop::activity::{ActivityEntry, ActivityPage, ExportFormat};
use next_desktop::app::App;
use next_desktop::auto_import::{
    AutoImportStatus, Backfill, DecidedRecording, InboxItem, PauseUntil, ProblemKind, Verdict,
};
use next_desktop::error::{Code, UserError, UserResult};
use next_desktop::events::Event;
use next_desktop::import::JobState;
use next_desktop::teamspace::TeamspaceInfo;
use serde_json::json;
use tokio::sync::broadcast;

use super::auto_args::{AutoImport, Export, Which};
use super::auto_rules;
use super::import::work;
use super::output::{
    DONE, FAILED, NEEDS_PERSON, Output, bytes, length, line, plain, say_error, say_note, table, time,
};
use super::teamspaces::find;

pub async fn auto_import(app: &App, command: AutoImport, output: Output) -> UserResult<ExitCode> {
    match command {
        AutoImport::On { teamspace } => {
            let teamspace = find(app, &teamspace).await?;
            say_status(app, &app.switch_on_auto_import(&teamspace.id).await?, output).await?;
            say_note("an open window looks for new recordings, or `nextctl auto-import watch`");
        }
        AutoImport::Off => say_status(app, &app.switch_off_auto_import().await?, output).await?,
        AutoImport::Status => {
            let status = app.auto_import_status().await?;
            say_status(app, &status, output).await?;
            return Ok(code_of(&status));
        }
        AutoImport::Rules { set } => {
            let mut rules = app.auto_import_rules().await?;
            for text in &set {
                auto_rules::change(&mut rules, text)?;
            }
            if !set.is_empty() {
                rules = app.set_auto_import_rules(rules).await?;
            }
            output.document(&json!({ "rules": rules }), || auto_rules::shown(&rules));
        }
        AutoImport::DryRun { days } => {
            let decided = app.auto_import_dry_run(days, None).await?;
            output.document(&json!({ "recordings": decided }), || decided_in_words(&decided));
        }
        AutoImport::Backfill { from, to, yes } => {
            let backfill = match yes {
                true => app.backfill(from, to).await?,
                false => app.backfill_preview(from, to).await?,
            };
            output.document(&json!({ "backfill": backfill, "asked": yes }), || {
                backfill_in_words(&backfill, yes)
            });
            if yes && backfill.count > 0 {
                say_note("an open window imports them, or `nextctl auto-import once`");
            }
        }
        AutoImport::Inbox => {
            let inbox = app.inbox().await?;
            output.document(&json!({ "inbox": inbox }), || inbox_in_words(&inbox));
        }
        AutoImport::Keep(which) => {
            let kept = app.keep_from_inbox(&chosen(app, which).await?).await?;
            output
                .document(&json!({ "kept": kept }), || format!("{kept} kept; they are in the import queue."));
        }
        AutoImport::Discard(which) => {
            let discarded = app.discard_from_inbox(&chosen(app, which).await?).await?;
            output.document(&json!({ "discarded": discarded }), || {
                format!("{discarded} discarded; they stay at Zoom.")
            });
        }
        AutoImport::Why { uuid } => {
            let why = app.why_not_imported(&uuid).await?;
            output.document(&json!({ "why": why }), || {
                format!("{}\n{}", plain(&why.title), plain(&why.sentence))
            });
        }
        AutoImport::Activity { export: Some(format), .. } => {
            let format = match format {
                Export::Csv => ExportFormat::Csv,
                Export::JsonLines => ExportFormat::JsonLines,
            };
            line(app.activity_text(format).await?.trim_end());
        }
        AutoImport::Activity { words, from, limit, export: None } => {
            let page = app.activity(&words.join(" "), None, from, limit).await?;
            output.document(&json!({ "activity": page.entries, "next": page.next }), || {
                activity_in_words(&page)
            });
        }
        AutoImport::Pause { until } => {
            let until = until.map_or(PauseUntil::Tomorrow, |at| PauseUntil::Instant { at });
            say_status(app, &app.pause_auto_import(until).await?, output).await?;
        }
        AutoImport::Resume => say_status(app, &app.resume_auto_import().await?, output).await?,
        AutoImport::Once => return once(app, output).await,
        AutoImport::Watch => return watch(app, output).await,
    }
    Ok(ExitCode::from(DONE))
}

/// Looks once, and works the queue until everything is done or needs a person.
async fn once(app: &App, output: Output) -> UserResult<ExitCode> {
    app.start_worker();
    let status = app.check_now().await?;
    if let Some(problem) = &status.problem
        && !matches!(problem.kind, ProblemKind::NoCloudRecordings | ProblemKind::TeamspaceFull)
    {
        return Err(problem.error.clone());
    }
    let teamspace = teamspace_of(app, &status).await?;
    let unfinished =
        |state: JobState| matches!(state, JobState::Queued | JobState::Running | JobState::Waiting);
    let jobs = app.jobs().await?.into_iter();
    let jobs = jobs.filter(|job| job.teamspace == teamspace.id && unfinished(job.state)).collect();
    work(app, &teamspace, jobs, &[], output).await
}

/// Looks and imports until the process is asked to end. What goes on is said line by line.
async fn watch(app: &App, output: Output) -> UserResult<ExitCode> {
    let mut events = app.events().subscribe();
    let status = app.auto_import_status().await?;
    let fields = json!({ "on": status.on, "teamspace": status.teamspace });
    output.event("watching", fields, || Some("Looking for new recordings; end with Ctrl+C.".to_owned()));
    if !status.on {
        say_note("auto-import is off; it begins once it is switched on");
    }
    app.start_worker();
    app.start_auto_import();
    let ended = end();
    tokio::pin!(ended);
    loop {
        tokio::select! {
            () = &mut ended => break,
            event = events.recv() => match event {
                Ok(Event::ActivityAdded { id, .. }) => {
                    if let Some(entry) = app.activity_entry(id).await? {
                        say_entry(&entry, output);
                    }
                }
                Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => {}
                Err(broadcast::error::RecvError::Closed) => break,
            },
        }
    }
    Ok(ExitCode::from(DONE))
}

/// Ends when the process is asked to.
async fn end() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminated.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}

fn say_entry(entry: &ActivityEntry, output: Output) {
    let kind = kind_name(entry);
    let fields = json!({
        "id": entry.id, "teamspace": entry.teamspace, "recording_id": entry.recording_id, "uuid": entry.uuid,
        "title": entry.title, "rule": entry.rule, "error": entry.error, "automatic": entry.automatic,
    });
    output.event(&kind, fields, || Some(entry_in_words(entry)));
}

fn kind_name(entry: &ActivityEntry) -> String {
    serde_json::to_value(entry.kind)
        .ok()
        .and_then(|kind| kind.as_str().map(str::to_owned))
        .unwrap_or_default()
}

fn entry_in_words(entry: &ActivityEntry) -> String {
    let why = match (&entry.error, &entry.rule) {
        (Some(error), _) => format!(": {error}"),
        (None, Some(rule)) => format!(" ({rule})"),
        (None, None) => String::new(),
    };
    format!("{}  {:<12}  {}{}", time(entry.at), kind_name(entry), plain(&entry.title), plain(&why))
}

async fn chosen(app: &App, which: Which) -> UserResult<Vec<String>> {
    match which.all {
        true => Ok(app.inbox().await?.into_iter().map(|item| item.uuid).collect()),
        false => Ok(which.uuids),
    }
}

async fn teamspace_of(app: &App, status: &AutoImportStatus) -> UserResult<TeamspaceInfo> {
    let known = app.teamspaces().await?.into_iter();
    let mut wanted = known.filter(|known| Some(&known.id) == status.teamspace.as_ref());
    wanted.next().ok_or_else(|| {
        UserError::new(
            Code::NotFound,
            "The teamspace of auto-import is not known here any more",
            "choose one with `nextctl auto-import on --teamspace NAME`",
        )
    })
}

async fn say_status(app: &App, status: &AutoImportStatus, output: Output) -> UserResult<()> {
    let name = teamspace_of(app, status).await.map(|teamspace| plain(&teamspace.name)).unwrap_or_default();
    output.document(&json!({ "auto_import": status }), || status_in_words(status, &name));
    Ok(())
}

fn code_of(status: &AutoImportStatus) -> ExitCode {
    let Some(problem) = &status.problem else { return ExitCode::from(DONE) };
    say_error(&problem.error);
    ExitCode::from(match problem.kind {
        ProblemKind::NoCloudRecordings | ProblemKind::RateLimited => DONE,
        _ if problem.error.code.needs_person() => NEEDS_PERSON,
        _ => FAILED,
    })
}

fn status_in_words(status: &AutoImportStatus, teamspace: &str) -> String {
    if !status.on {
        return "Auto-import is off.".to_owned();
    }
    let at = |at: Option<jiff::Timestamp>| at.map_or("-".to_owned(), time);
    let mut text = format!("Auto-import is on: recordings come to {teamspace}.\n");
    for (name, value) in [
        ("began after", at(status.since)),
        ("covered up to", at(status.covered_up_to)),
        ("last look", at(status.last_poll)),
        ("next look", at(status.next_poll)),
        ("paused until", at(status.paused_until)),
        ("inbox", status.inbox_count.to_string()),
        ("calls today", status.calls_today.to_string()),
    ] {
        text.push_str(&format!("{name:<14} {value}\n"));
    }
    text
}

fn decided_in_words(decided: &[DecidedRecording]) -> String {
    if decided.is_empty() {
        return "Zoom lists no recordings in these days.".to_owned();
    }
    let row = |one: &DecidedRecording| {
        let recording = &one.recording;
        vec![
            time(recording.start),
            length(recording.duration),
            bytes(recording.size),
            format!("{:?}", one.decision.verdict).to_lowercase(),
            one.decision.by.name(),
            plain(&recording.topic),
        ]
    };
    let rows: Vec<_> = decided.iter().map(row).collect();
    let taken = decided.iter().filter(|one| matches!(one.decision.verdict, Verdict::Take | Verdict::Review));
    let head = ["START", "LENGTH", "SIZE", "VERDICT", "RULE", "TITLE"];
    format!("{}{} of {} would be taken.", table(&head, &rows), taken.count(), decided.len())
}

fn backfill_in_words(backfill: &Backfill, asked: bool) -> String {
    let verb = if asked { "asked for" } else { "would be imported; give --yes to do it" };
    format!(
        "{} recordings, {}, {verb}. {} are there or asked for already, {} the rules leave out.",
        backfill.count,
        bytes(backfill.bytes),
        backfill.already,
        backfill.skipped
    )
}

fn inbox_in_words(inbox: &[InboxItem]) -> String {
    if inbox.is_empty() {
        return "Nothing waits for review.".to_owned();
    }
    let row = |item: &InboxItem| {
        vec![time(item.start), length(item.duration), bytes(item.size), item.uuid.clone(), plain(&item.title)]
    };
    table(&["START", "LENGTH", "SIZE", "UUID", "TITLE"], &inbox.iter().map(row).collect::<Vec<_>>())
}

fn activity_in_words(page: &ActivityPage) -> String {
    if page.entries.is_empty() {
        return "Nothing happened.".to_owned();
    }
    let mut text: String = page.entries.iter().map(|entry| entry_in_words(entry) + "\n").collect();
    if let Some(next) = page.next {
        text.push_str(&format!("older ones: --from {next}\n"));
    }
    text
}
