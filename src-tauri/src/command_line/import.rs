//! `nextctl import`: asking, and waiting for the outcome.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use jiff::{Timestamp, tz::TimeZone};
use next_desktop::app::App;
use next_desktop::error::{Code, UserError, UserResult};
use next_desktop::events::Event;
use next_desktop::import::{Job, JobState, QueueState};
use next_desktop::ledger::How;
use next_desktop::recording::RecordingId;
use next_desktop::teamspace::TeamspaceInfo;
use serde_json::json;

use super::args::Import;
use super::output::{DONE, FAILED, NEEDS_PERSON, Output, plain, say_note};
use super::teamspaces::find;

/// A retry that is due within this time is waited for; a later one is reported.
const NEAR: jiff::SignedDuration = jiff::SignedDuration::from_secs(60);

/// How often the rows are looked at.
const LOOK: Duration = Duration::from_millis(100);

pub async fn import(app: &App, wanted: Import, output: Output) -> UserResult<ExitCode> {
    let teamspace = find(app, &wanted.teamspace).await?;
    let mut already = Vec::new();
    let jobs = if let Some(file) = &wanted.file {
        let transcript = wanted.transcript.as_deref().map(absolute).transpose()?;
        vec![app.import_file(&teamspace.id, &absolute(file)?, transcript.as_deref()).await?]
    } else {
        let mut uuids = wanted.uuids.clone();
        if wanted.all {
            let to = wanted.to.unwrap_or_else(|| Timestamp::now().to_zoned_datetime(TimeZone::UTC).date());
            let listing = match wanted.from {
                Some(from) => app.cloud_recordings(from, to).await?,
                None => app.all_cloud_recordings(to).await?,
            };
            uuids = listing.recordings.into_iter().map(|listed| listed.recording.uuid).collect();
        }
        uuids.sort();
        uuids.dedup();
        already = app.already_imported(&teamspace.id, &uuids).await?;
        app.import_recordings(&teamspace.id, &uuids).await?
    };
    if wanted.wait {
        return work(app, &teamspace, jobs, &already, output).await;
    }
    output.document(&json!({ "jobs": jobs }), || {
        format!("{} asked for, {} of them imported before.", jobs.len(), already.len())
    });
    say_note(
        "the work is done by the open window, by another `nextctl import --wait`, or by the next one; \
         add --wait to do it now",
    );
    Ok(ExitCode::from(DONE))
}

fn absolute(path: &Path) -> UserResult<PathBuf> {
    std::path::absolute(path).map_err(|error| {
        UserError::new(
            Code::Usage,
            format!("{} is not a usable path", path.display()),
            "give the path of a file",
        )
        .detail(error)
    })
}

/// How a job stands for somebody who waits.
enum Standing {
    Moving,
    Settled,
}

fn standing(job: &Job, queue: &QueueState) -> Standing {
    let held = job.paused || queue.paused || queue.full.is_some();
    match job.state {
        // Somebody must let it go, or make room.
        JobState::Queued | JobState::Waiting if held => Standing::Settled,
        JobState::Queued | JobState::Running => Standing::Moving,
        JobState::Done | JobState::Failed | JobState::Cancelled => Standing::Settled,
        JobState::Waiting => {
            let near = job.retry_at.is_some_and(|at| at.duration_since(Timestamp::now()) <= NEAR);
            // What waits for Zoom or for a person is looked at again and again: near, and without end.
            let endless =
                |error: &UserError| error.code == Code::StillProcessing || error.code.needs_person();
            let ends = !job.error.as_ref().is_some_and(endless);
            if near && ends { Standing::Moving } else { Standing::Settled }
        }
    }
}

/// Works the queue until every one of `jobs` is settled, and says how each ended.
pub async fn work(
    app: &App,
    teamspace: &TeamspaceInfo,
    jobs: Vec<Job>,
    already: &[String],
    output: Output,
) -> UserResult<ExitCode> {
    let mut events = app.events().subscribe();
    let before = files_of(app, teamspace, already).await?;
    app.start_worker();
    let mut seen: BTreeMap<i64, Option<Job>> = jobs.into_iter().map(|job| (job.id, None)).collect();
    let mut settled = false;
    while !settled {
        settled = true;
        let mut moving = 0;
        let looked = Instant::now();
        let queue = app.queue_state().await?;
        for job in app.jobs().await? {
            let Some(before) = seen.get_mut(&job.id) else { continue };
            if before.as_ref().is_none_or(|before| before.state != job.state) {
                say_job(&job, output);
            }
            if matches!(standing(&job, &queue), Standing::Moving) {
                (settled, moving) = (false, moving + 1);
            }
            *before = Some(job);
        }
        if settled {
            break;
        }
        // Small recordings end many times a second, and another process, which may do the work, is not heard: so the
        // rows are looked at a few times a second, less often the longer that takes. The last one is told at once.
        let next = tokio::time::sleep(LOOK.max(looked.elapsed() * 4));
        tokio::pin!(next);
        loop {
            tokio::select! {
                event = events.recv() => match event {
                    Ok(Event::JobProgress { id, bytes, bytes_total, .. }) => {
                        let fields = json!({ "id": id, "bytes": bytes, "bytes_total": bytes_total });
                        output.event("progress", fields, || None);
                    }
                    Ok(Event::JobChanged { id }) if moving == 1 && seen.contains_key(&id) => break,
                    _ => {}
                },
                () = &mut next => break,
            }
        }
    }
    let jobs: Vec<Job> = seen.into_values().flatten().collect();
    let late = files_of(app, teamspace, already).await?.saturating_sub(before);
    let already = with_others(app, teamspace, &jobs, already).await?;
    Ok(summary(teamspace, &jobs, &app.queue_state().await?, &already, late, output))
}

/// Which jobs found their recording there: those that were known before, and those that another machine brought
/// meanwhile. What this machine imported stands in its ledger.
async fn with_others(
    app: &App,
    teamspace: &TeamspaceInfo,
    jobs: &[Job],
    already: &[String],
) -> UserResult<BTreeSet<i64>> {
    let mut there = BTreeSet::new();
    for job in jobs.iter().filter(|job| job.state == JobState::Done) {
        let known = job.uuid.as_ref().is_some_and(|uuid| already.contains(uuid));
        let ours = match &job.recording_id {
            Some(id) if !known => {
                let ledger = app.recording_ledger(&teamspace.id, id).await?;
                ledger.verified.iter().any(|entry| entry.how == How::Import)
            }
            _ => !known,
        };
        if !ours {
            there.insert(job.id);
        }
    }
    Ok(there)
}

/// How many files a teamspace holds of these recordings.
async fn files_of(app: &App, teamspace: &TeamspaceInfo, uuids: &[String]) -> UserResult<usize> {
    if uuids.is_empty() {
        return Ok(0);
    }
    let ids: BTreeSet<RecordingId> = uuids.iter().map(|uuid| RecordingId::of_zoom_meeting(uuid)).collect();
    let items = app.recordings(&teamspace.id).await?.into_iter();
    let wanted = items.filter(|item| ids.contains(&item.recording.recording_id));
    Ok(wanted.map(|item| item.recording.files.len()).sum())
}

fn say_job(job: &Job, output: Output) {
    let fields = json!({
        "id": job.id, "recording_id": job.recording_id, "uuid": job.uuid, "state": job.state,
        "retry_at": job.retry_at, "error": job.error,
    });
    output.event("job", fields, || {
        let title = plain(&job.title);
        match job.state {
            JobState::Queued => None,
            JobState::Running => Some(format!("importing  {title}")),
            JobState::Done => Some(format!("done       {title}")),
            JobState::Cancelled => Some(format!("cancelled  {title}")),
            JobState::Waiting => Some(format!("waiting    {title}{}", why(job))),
            JobState::Failed => Some(format!("FAILED     {title}{}", why(job))),
        }
    });
}

/// What is said after a job's title.
pub fn why(job: &Job) -> String {
    job.error.as_ref().map(|error| format!(": {error}")).unwrap_or_default()
}

/// The last line, and the exit code: 3 when a person is needed, 1 when something failed, else 0.
fn summary(
    teamspace: &TeamspaceInfo,
    jobs: &[Job],
    queue: &QueueState,
    already: &BTreeSet<i64>,
    late: usize,
    output: Output,
) -> ExitCode {
    let was_there = |job: &&Job| already.contains(&job.id);
    let of = |state: JobState| jobs.iter().filter(move |job| job.state == state);
    let before = of(JobState::Done).filter(was_there).count();
    let imported = of(JobState::Done).count() - before;
    let held = of(JobState::Queued).count();
    let waiting = of(JobState::Waiting).count() + held;
    let failed: Vec<_> = of(JobState::Failed)
        .chain(of(JobState::Cancelled))
        .map(|job| json!({ "id": job.id, "uuid": job.uuid, "title": job.title, "error": job.error }))
        .collect();
    let fields = json!({
        "imported": imported, "already": before, "late_files": late, "waiting": waiting, "failed": failed,
    });
    output.event("summary", fields, || {
        let came = if late > 0 { format!(" ({late} late files of them came now)") } else { String::new() };
        Some(format!(
            "{imported} imported to {}, {before} there before{came}, {waiting} waiting, {} failed.",
            plain(&teamspace.name),
            failed.len()
        ))
    });
    let codes: Vec<Code> = jobs
        .iter()
        .filter(|job| matches!(job.state, JobState::Waiting | JobState::Failed))
        .filter_map(|job| job.error.as_ref().map(|error| error.code))
        .collect();
    if let Some(error) =
        jobs.iter().filter_map(|job| job.error.as_ref()).find(|error| error.code.needs_person())
    {
        super::output::say_error(error);
        return ExitCode::from(NEEDS_PERSON);
    }
    if held > 0 {
        match &queue.full {
            Some(full) => super::output::say_error(full),
            None => say_note("imports are paused; `nextctl resume` lets them go on"),
        }
        return ExitCode::from(NEEDS_PERSON);
    }
    // Zoom at work, or asking for patience, is no failure; everything else that is not done is.
    let patient =
        |code: &Code| matches!(code, Code::StillProcessing | Code::RateLimited | Code::AtWorkElsewhere);
    let fine = failed.is_empty() && codes.iter().all(patient);
    ExitCode::from(if fine { DONE } else { FAILED })
}
