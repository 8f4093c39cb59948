//! `nextctl teamspace verify` and `repair`.

use std::process::ExitCode;

use next_desktop::app::App;
use next_desktop::error::{Code, UserError, UserResult};
use next_desktop::events::Event;
use next_desktop::ledger::{Damage, Orphan, Problem, VerifyState};
use next_desktop::recording::RecordingId;
use serde_json::json;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

use super::output::{DONE, FAILED, Output, bytes, plain};
use super::teamspaces::find;

pub async fn verify(
    app: &App,
    teamspace: &str,
    restart: bool,
    recording: Option<&str>,
    output: Output,
) -> UserResult<ExitCode> {
    let teamspace = find(app, teamspace).await?;
    if let Some(id) = recording {
        return verify_one(app, &teamspace.id, id, output).await;
    }
    let report = with_progress(app, output, app.verify_teamspace(&teamspace.id, restart)).await?;
    if report.state != VerifyState::Done {
        return Err(UserError::new(
            Code::Cancelled,
            "Verifying was stopped",
            "run the command again to go on",
        ));
    }
    let document = json!({
        "checked": report.checked, "files": report.files, "bytes": report.bytes,
        "damaged": report.damaged, "orphans": report.orphans,
    });
    output.document(&document, || {
        let mut text = format!(
            "{} recordings, {} files, {} read again: {}\n",
            report.checked,
            report.files,
            bytes(report.bytes),
            verdict(&report.damaged)
        );
        report.damaged.iter().for_each(|damage| text.push_str(&damage_line(damage)));
        report.orphans.iter().for_each(|orphan| text.push_str(&orphan_line(orphan)));
        text
    });
    Ok(code(&report.damaged))
}

/// Works, and says how far it is.
pub async fn with_progress<T>(
    app: &App,
    output: Output,
    work: impl Future<Output = UserResult<T>>,
) -> UserResult<T> {
    let mut events = app.events().subscribe();
    tokio::pin!(work);
    let done = loop {
        tokio::select! {
            done = &mut work => break done?,
            event = events.recv() => match event {
                Ok(event) => say_progress(&event, output),
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => break work.await?,
            },
        }
    };
    // What was told while the end came.
    loop {
        match events.try_recv() {
            Ok(event) => say_progress(&event, output),
            Err(TryRecvError::Lagged(_)) => {}
            Err(TryRecvError::Empty | TryRecvError::Closed) => return Ok(done),
        }
    }
}

fn say_progress(event: &Event, output: Output) {
    match event {
        Event::VerifyProgress { checked, total, bytes: read, .. } => {
            output.event("progress", json!({ "checked": checked, "total": total, "bytes": read }), || {
                Some(format!("{checked} of {total} recordings, {} read", bytes(*read)))
            });
        }
        Event::CopyProgress { files, files_total, bytes: done, bytes_total, .. } => {
            let document = json!({
                "files": files, "files_total": files_total, "bytes": done, "bytes_total": bytes_total,
            });
            output.event("progress", document, || {
                Some(format!("{files} of {files_total} files, {} of {}", bytes(*done), bytes(*bytes_total)))
            });
        }
        Event::ExportProgress { done, total, bytes: copied, bytes_total } if copied < bytes_total => {
            output.progress(&format!(
                "{done} of {total} recordings, {} of {}",
                bytes(*copied),
                bytes(*bytes_total)
            ));
        }
        Event::ClipProgress { done, total, cut, length: all } if cut < all => {
            let share = cut.saturating_mul(100) / all;
            output.progress(&format!("{done} of {total} clips, {share} % cut"));
        }
        Event::RepairProgress { done, total, .. } if done % (total / 20).max(1) == 0 => {
            output.progress(&format!("{done} of {total} folders looked through"));
        }
        _ => {}
    }
}

async fn verify_one(app: &App, teamspace: &str, id: &str, output: Output) -> UserResult<ExitCode> {
    let id: RecordingId = id.parse().map_err(|_| {
        UserError::new(
            Code::NotFound,
            format!("{} is not the id of a recording", plain(id)),
            "look at `nextctl recordings`",
        )
    })?;
    let verification = app.verify_recording(teamspace, &id).await?;
    let document = json!({
        "checked": 1, "files": verification.files, "bytes": verification.bytes,
        "damaged": verification.damaged, "orphans": [],
    });
    output.document(&document, || {
        let mut text = format!(
            "{} files, {} read again: {}\n",
            verification.files,
            bytes(verification.bytes),
            verdict(&verification.damaged)
        );
        verification.damaged.iter().for_each(|damage| text.push_str(&damage_line(damage)));
        text
    });
    Ok(code(&verification.damaged))
}

pub async fn repair(app: &App, teamspace: &str, output: Output) -> UserResult<ExitCode> {
    let teamspace = find(app, teamspace).await?;
    let repaired = with_progress(app, output, app.repair_teamspace(&teamspace.id)).await?;
    output.document(&repaired, || {
        let freed = repaired.removed.iter().map(|orphan| orphan.bytes).sum();
        format!(
            "{} log entries sent, {} recordings entered in the log, {} dead attempts removed ({}).",
            repaired.sent,
            repaired.entered,
            repaired.removed.len(),
            bytes(freed)
        )
    });
    Ok(ExitCode::from(DONE))
}

fn code(damaged: &[Damage]) -> ExitCode {
    ExitCode::from(if damaged.is_empty() { DONE } else { FAILED })
}

fn verdict(damaged: &[Damage]) -> String {
    match damaged.len() {
        0 => "everything is whole.".to_owned(),
        1 => "1 file is damaged.".to_owned(),
        n => format!("{n} files are damaged."),
    }
}

fn damage_line(damage: &Damage) -> String {
    let problem = in_words(damage.problem);
    format!("  DAMAGED  {}  {} {problem}  ({})\n", plain(&damage.title), damage.key, damage.recording_id)
}

pub fn in_words(problem: Problem) -> &'static str {
    match problem {
        Problem::Missing => "is missing",
        Problem::Size => "has another size",
        Problem::Content => "has other content",
        Problem::Unreadable => "cannot be read",
    }
}

fn orphan_line(orphan: &Orphan) -> String {
    let state =
        if orphan.dead { "left over; `nextctl teamspace repair` removes it" } else { "perhaps under way" };
    format!("  unnamed  {}/{}  {}  {state}\n", orphan.recording_id, orphan.attempt, bytes(orphan.bytes))
}
