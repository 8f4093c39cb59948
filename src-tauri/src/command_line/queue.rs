//! `nextctl jobs`, `retry`, `cancel`, `pause` and `resume`: looking after the queue.

use std::process::ExitCode;

use next_desktop::app::App;
use next_desktop::error::UserResult;
use next_desktop::import::Job;
use serde_json::json;

use super::import::why;
use super::output::{DONE, Output, bytes, line, plain, say_note, table, time};

pub async fn jobs(app: &App, output: Output) -> UserResult<ExitCode> {
    let (jobs, queue) = (app.jobs().await?, app.queue_state().await?);
    output.document(&json!({ "jobs": jobs, "queue": queue }), || {
        if jobs.is_empty() {
            return "No imports.".to_owned();
        }
        let rows: Vec<Vec<String>> = jobs.iter().map(row).collect();
        table(&["ID", "STATE", "TRIES", "RETRY AT", "BYTES", "TITLE"], &rows)
    });
    if queue.paused {
        say_note("the queue is paused; `nextctl resume` lets it go on");
    }
    if let Some(full) = &queue.full {
        say_note(&full.to_string());
    }
    Ok(ExitCode::from(DONE))
}

fn row(job: &Job) -> Vec<String> {
    let state = format!("{:?}", job.state).to_lowercase();
    vec![
        job.id.to_string(),
        if job.paused { format!("{state}, paused") } else { state },
        job.attempts.to_string(),
        job.retry_at.map(time).unwrap_or_default(),
        format!("{} / {}", bytes(job.bytes), bytes(job.bytes_total)),
        plain(&job.title) + &why(job),
    ]
}

pub async fn retry(app: &App, id: Option<i64>, output: Output) -> UserResult<ExitCode> {
    match id {
        Some(id) => {
            app.retry_job(id).await?;
            output.document(&json!({ "id": id, "state": "queued" }), || format!("Job {id} is due now."));
        }
        None => {
            let ids = app.retry_failed_jobs().await?;
            output.document(&json!({ "ids": ids, "state": "queued" }), || {
                format!("{} failed before and are due now.", ids.len())
            });
        }
    }
    Ok(ExitCode::from(DONE))
}

pub async fn cancel(app: &App, id: Option<i64>, output: Output) -> UserResult<ExitCode> {
    match id {
        Some(id) => {
            app.cancel_job(id).await?;
            output.document(&json!({ "id": id, "state": "cancelled" }), || format!("Job {id} is cancelled."));
        }
        None => {
            let ids = app.cancel_all_jobs().await?;
            output.document(&json!({ "ids": ids, "state": "cancelled" }), || {
                format!("{} were not over and are cancelled.", ids.len())
            });
        }
    }
    line_for_people(output, "What it had downloaded is removed; nothing in the teamspace changes.");
    Ok(ExitCode::from(DONE))
}

pub async fn pause(app: &App, id: Option<i64>, output: Output) -> UserResult<ExitCode> {
    match id {
        Some(id) => {
            app.pause_job(id).await?;
            output.document(&json!({ "id": id, "paused": true }), || format!("Job {id} is paused."));
        }
        None => {
            app.pause_queue().await?;
            output.document(&json!({ "paused": true }), || "The queue is paused.".to_owned());
        }
    }
    line_for_people(output, "What is there stays; `nextctl resume` lets it go on from there.");
    Ok(ExitCode::from(DONE))
}

pub async fn resume(app: &App, id: Option<i64>, output: Output) -> UserResult<ExitCode> {
    match id {
        Some(id) => {
            app.resume_job(id).await?;
            output.document(&json!({ "id": id, "paused": false }), || format!("Job {id} goes on."));
            if app.queue_state().await?.paused {
                say_note("the queue as a whole is paused; `nextctl resume` lets everything go on");
            }
        }
        None => {
            app.resume_queue().await?;
            output.document(&json!({ "paused": false }), || "Imports go on.".to_owned());
        }
    }
    Ok(ExitCode::from(DONE))
}

fn line_for_people(output: Output, text: &str) {
    if !output.json {
        line(text);
    }
}
