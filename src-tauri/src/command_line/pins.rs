//! `nextctl pins` and `nextctl cache`: what is kept on this machine, and what was played.

use std::process::ExitCode;

use next_desktop::app::App;
use next_desktop::error::{Code, UserError, UserResult};
use next_desktop::pins::{Pin, PinInfo, PinState, PinTarget};
use next_desktop::recording::RecordingId;
use serde_json::json;

use super::output::{DONE, Output, bytes, exit_code, plain, say_note, table};
use super::pin_args::{Cache, PinChoice, Pins};
use super::teamspaces::find;

pub async fn pins(app: &App, command: Option<Pins>, output: Output) -> UserResult<ExitCode> {
    match command {
        None => {
            list(app, output).await?;
            Ok(ExitCode::from(DONE))
        }
        Some(Pins::Add { which, wait }) => {
            app.pin(&chosen(app, &which).await?).await?;
            let ended = if wait { keep(app).await? } else { ExitCode::from(DONE) };
            list(app, output).await?;
            if !wait && !output.json {
                say_note("the window fetches it while it is open, and so does --wait");
            }
            Ok(ended)
        }
        Some(Pins::Remove { which }) => {
            app.unpin(&chosen(app, &which).await?).await?;
            list(app, output).await?;
            Ok(ExitCode::from(DONE))
        }
        Some(Pins::Fetch) => {
            let ended = keep(app).await?;
            list(app, output).await?;
            Ok(ended)
        }
    }
}

/// Fetches all that is pinned; what could not be is said.
async fn keep(app: &App) -> UserResult<ExitCode> {
    for info in app.pins().await? {
        if let Some(error) = app.refresh_teamspace(&info.pin.teamspace).await?.error {
            say_note(&error.to_string());
        }
    }
    let kept = app.keep_pinned().await?;
    for (id, error) in &kept.failed {
        say_note(&format!("{id}: {error}"));
    }
    let worst = kept.failed.iter().map(|(_, error)| exit_code(error.code)).max();
    Ok(ExitCode::from(worst.unwrap_or(DONE)))
}

async fn chosen(app: &App, which: &PinChoice) -> UserResult<Vec<Pin>> {
    let teamspace = find(app, &which.teamspace).await?.id;
    let pin = |target| Pin { teamspace: teamspace.clone(), target };
    if which.all {
        return Ok(vec![pin(PinTarget::Teamspace)]);
    }
    let tags = which.tag.iter().map(|tag| Ok(pin(PinTarget::Tag { tag: tag.clone() })));
    let recordings = which.ids.iter().map(|id| {
        let recording_id: RecordingId = id.parse().map_err(|_| {
            UserError::new(
                Code::NotFound,
                format!("No recording has the id {}", plain(id)),
                "look at `nextctl recordings`",
            )
        })?;
        Ok(pin(PinTarget::Recording { recording_id }))
    });
    tags.chain(recordings).collect()
}

async fn list(app: &App, output: Output) -> UserResult<()> {
    let pins = app.pins().await?;
    output.document(&json!({ "pins": pins }), || {
        if pins.is_empty() {
            return "Nothing is pinned. Keep something here: nextctl pins add --teamspace NAME --all"
                .to_owned();
        }
        table(&["WHAT", "STATE", "HERE", "RECORDINGS", "TITLE"], &pins.iter().map(row).collect::<Vec<_>>())
    });
    for error in pins.iter().filter_map(|info| info.error.as_ref()) {
        say_note(&error.to_string());
    }
    Ok(())
}

fn row(info: &PinInfo) -> Vec<String> {
    let what = match &info.pin.target {
        PinTarget::Teamspace => "teamspace",
        PinTarget::Tag { .. } => "tag",
        PinTarget::Recording { .. } => "recording",
    };
    let state = match info.state {
        PinState::Here if info.folder => "here (a folder)",
        PinState::Here => "here",
        PinState::Keeping => "being fetched",
        PinState::Waiting => "waiting",
        PinState::Away => "waiting: away",
        PinState::Failed => "failed",
    };
    vec![
        what.to_owned(),
        state.to_owned(),
        format!("{} / {}", bytes(info.bytes_here), bytes(info.bytes)),
        info.recordings.to_string(),
        plain(&info.title),
    ]
}

pub async fn cache(app: &App, command: Option<Cache>, output: Output) -> UserResult<ExitCode> {
    let freed = match command {
        Some(Cache::FreeUp) => Some(app.free_up_space().await?),
        None => None,
    };
    let cache = app.cache_use().await?;
    output.document(&json!({ "cache": cache, "freed": freed }), || {
        let mut text = String::new();
        if let Some(freed) = freed {
            text.push_str(&format!("freed   {}\n", bytes(freed)));
        }
        text.push_str(&format!("pinned  {}\n", bytes(cache.pinned)));
        text.push_str(&format!("played  {} of {}\n", bytes(cache.played), bytes(cache.budget)));
        if let Some(free) = cache.free {
            text.push_str(&format!("free    {}\n", bytes(free)));
        }
        text
    });
    Ok(ExitCode::from(DONE))
}
