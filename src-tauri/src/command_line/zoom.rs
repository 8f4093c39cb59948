//! `nextctl zoom`.

use std::process::ExitCode;
use std::time::Duration;

use jiff::{Timestamp, ToSpan as _, tz::TimeZone};
use next_desktop::account::{AccountStatus, AuthorizationStep, Plan, SignInState};
use next_desktop::app::{App, ClaimAnswer, CloudListing, ListedRecording};
use next_desktop::delete_at_zoom;
use next_desktop::error::{Code, UserError, UserResult};
use next_desktop::ledger::TrashOutcome;
use next_desktop::recording::CloudStatus;
use next_desktop::settings::ZoomClientDraft;
use serde_json::json;

use super::args::{Client, DeleteAfterImport, Zoom};
use super::input::secret_from_standard_input;
use super::output::{
    DONE, NEEDS_PERSON, Output, bytes, length, line, plain, say_error, say_note, table, time,
};

pub async fn zoom(app: &App, command: Zoom, output: Output) -> UserResult<ExitCode> {
    match command {
        Zoom::Connect { no_browser, take_over, timeout } => {
            let status = connect(app, no_browser, take_over, Duration::from_secs(timeout)).await?;
            say_status(&status, output);
        }
        Zoom::Status => say_status(&app.account_status().await?, output),
        Zoom::Disconnect => {
            let done = app.disconnect_zoom().await?;
            output.document(&done, || match done.revoked_at_zoom {
                true => {
                    "Disconnected. Zoom confirmed that access is revoked. What was imported stays.".to_owned()
                }
                false => "Disconnected on this machine. Zoom could not be told: remove NEXT at \
                          https://marketplace.zoom.us/user/installed to be sure. What was imported stays."
                    .to_owned(),
            });
        }
        Zoom::Recordings { from, to } => {
            let today = Timestamp::now().to_zoned_datetime(TimeZone::UTC).date();
            let to = to.unwrap_or(today);
            let from = from.unwrap_or_else(|| to.saturating_sub(30.days()));
            let listing = app.cloud_recordings(from, to).await?;
            output.document(&contract(&listing), || text(&listing));
        }
        Zoom::Client(command) => client(app, command, output).await?,
        Zoom::DeleteAfterImport(command) => return delete_after_import(app, command, output).await,
    }
    Ok(ExitCode::from(DONE))
}

/// Signs in, and waits until it is settled or `timeout` is over.
async fn connect(
    app: &App,
    no_browser: bool,
    take_over: bool,
    timeout: Duration,
) -> UserResult<AccountStatus> {
    let mut events = app.events().subscribe();
    let mut status = app.begin_connect(!no_browser).await?;
    let deadline = tokio::time::Instant::now() + timeout;
    let mut address_said = false;
    loop {
        match (&status.state, &status.step) {
            (
                SignInState::Authorizing,
                Some(AuthorizationStep::WaitingForBrowser { authorization_url, .. }),
            ) => {
                if !address_said {
                    line(authorization_url);
                    address_said = true;
                }
            }
            (
                SignInState::Authorizing,
                Some(AuthorizationStep::ConfirmAccount { account, profile_email }),
            ) => {
                say_note(&format!(
                    "the Zoom account is {}, the profile's e-mail {profile_email}; \
                     wrong account? log out of Zoom in the browser, then connect again",
                    account.email
                ));
                status = app.confirm_account(true).await?;
                continue;
            }
            (SignInState::Authorizing, Some(AuthorizationStep::ClaimConflict { account, holder })) => {
                if take_over {
                    status = app.resolve_claim(ClaimAnswer::Move).await?;
                    continue;
                }
                let (account, holder) = (account.clone(), holder.clone());
                app.resolve_claim(ClaimAnswer::Cancel).await?;
                return Err(UserError::new(
                    Code::ClaimConflict,
                    format!(
                        "The Zoom account {} belongs to {} on {} since {} (teamspace {})",
                        account.email,
                        plain(&holder.name),
                        plain(&holder.device),
                        time(holder.since),
                        plain(&holder.teamspace)
                    ),
                    "connect another account, or take this one over with `nextctl zoom connect --move`",
                ));
            }
            (SignInState::Authorizing, _) => {}
            (SignInState::Connected, _) if status.error.is_none() => return Ok(status),
            _ => {
                return Err(status.error.unwrap_or_else(|| {
                    UserError::new(
                        Code::AuthorizationCancelled,
                        "Connecting Zoom was cancelled",
                        "run `nextctl zoom connect` again",
                    )
                }));
            }
        }
        if tokio::time::timeout_at(deadline, events.recv()).await.is_err() {
            app.cancel_connect().await?;
            return Err(UserError::new(
                Code::AuthorizationExpired,
                format!("Nobody authorized NEXT at Zoom within {} seconds", timeout.as_secs()),
                "run `nextctl zoom connect` again and press Authorize in the browser",
            ));
        }
        status = app.account_status().await?;
    }
}

fn say_status(status: &AccountStatus, output: Output) {
    let document = json!({
        "state": status.state, "account": status.account, "since": status.since, "error": status.error,
    });
    output.document(&document, || {
        let who = status.account.as_ref().map(|account| {
            let plan = match account.plan {
                Plan::Basic => "Basic plan: no cloud recordings",
                Plan::Licensed => "Licensed",
                Plan::Other => "other plan",
            };
            format!("{} <{}> ({plan})", plain(&account.name), plain(&account.email))
        });
        match (status.state, who) {
            (SignInState::Connected, Some(who)) => {
                let since = status.since.map(|since| format!(" since {}", time(since))).unwrap_or_default();
                format!("Connected{since}: {who}")
            }
            (SignInState::NeedsReauthorization, Some(who)) => {
                format!("Signed out by Zoom: {who}. Connect again: nextctl zoom connect")
            }
            (SignInState::Authorizing, _) => "A sign-in is under way.".to_owned(),
            _ => "Not connected. Connect: nextctl zoom connect".to_owned(),
        }
    });
}

/// The shape that `design` promises to scripts.
fn contract(listing: &CloudListing) -> serde_json::Value {
    let recordings: Vec<_> = listing
        .recordings
        .iter()
        .map(|ListedRecording { recording, imported, teamspaces, .. }| {
            json!({
                "uuid": recording.uuid,
                "recording_id": recording.recording_id,
                "topic": recording.topic,
                "start": recording.start,
                "duration": recording.duration,
                "size": recording.size,
                "status": recording.status,
                "imported": imported,
                "teamspaces": teamspaces,
                "auto_delete_at": recording.auto_delete_at,
                "files": recording.files,
            })
        })
        .collect();
    json!({ "covered": listing.covered, "recordings": recordings })
}

fn text(listing: &CloudListing) -> String {
    if listing.recordings.is_empty() {
        return format!("No cloud recordings from {} to {}.", listing.covered.from, listing.covered.to);
    }
    let rows: Vec<Vec<String>> = listing
        .recordings
        .iter()
        .map(|listed| {
            let recording = &listed.recording;
            let state = match (listed.imported, recording.status) {
                (true, _) => "imported",
                (false, CloudStatus::Processing) => "processing",
                (false, CloudStatus::Completed) => "",
            };
            vec![
                time(recording.start),
                length(recording.duration),
                bytes(recording.size),
                state.to_owned(),
                recording.uuid.clone(),
                plain(&recording.topic),
            ]
        })
        .collect();
    table(&["START", "LENGTH", "SIZE", "STATE", "UUID", "TITLE"], &rows)
}

async fn client(app: &App, command: Client, output: Output) -> UserResult<()> {
    let client = match command {
        Client::Show => app.zoom_client().await?,
        Client::Remove => app.remove_zoom_client().await?,
        Client::Set { client_id, secret_from_stdin, redirect_uri } => {
            let client_secret = secret_from_stdin.then(secret_from_standard_input).transpose()?;
            app.save_zoom_client(ZoomClientDraft { client_id, client_secret, redirect_uri }).await?
        }
    };
    output.document(&json!({ "client": client }), || match &client.client_id {
        Some(id) => format!(
            "client id  {id}\nsecret     {}\nfrom       {}\nredirect   {}",
            if client.has_secret { "stored" } else { "none (public client)" },
            format!("{:?}", client.source).to_lowercase(),
            client.redirect_uri.as_deref().unwrap_or("http://127.0.0.1 (loopback)"),
        ),
        None => "No Zoom client id is configured. See `nextctl zoom client set --help`.".to_owned(),
    });
    Ok(())
}

async fn delete_after_import(app: &App, command: DeleteAfterImport, output: Output) -> UserResult<ExitCode> {
    let status = match command {
        DeleteAfterImport::On { days } => app.set_delete_after_import(true, days).await?,
        DeleteAfterImport::Off => {
            let days = app.delete_after_import().await?.days;
            app.set_delete_after_import(false, days).await?
        }
        DeleteAfterImport::Status => app.delete_after_import().await?,
    };
    output.document(&status, || said(&status));
    Ok(match &status.error {
        Some(error) => {
            say_error(error);
            if error.code == Code::ScopesMissing {
                say_note("`nextctl zoom connect` asks for the permission; imports go on without it");
            }
            ExitCode::from(NEEDS_PERSON)
        }
        None => ExitCode::from(DONE),
    })
}

fn said(status: &delete_at_zoom::DeleteAfterImport) -> String {
    let mut text = match status.on {
        true => format!(
            "On: recordings move to Zoom's trash {} days after their import, once their copies are read again.\n",
            status.days
        ),
        false => "Off: nothing is deleted at Zoom.\n".to_owned(),
    };
    let verb = if status.on { "will move" } else { "would move" };
    for planned in &status.planned {
        text.push_str(&format!("  {verb} {}  {}\n", time(planned.due), plain(&planned.title)));
        if let Some(why) = &planned.why {
            text.push_str(&format!("      stays for now: {why}\n"));
        }
    }
    for trashed in &status.trashed {
        let what = match trashed.outcome {
            TrashOutcome::Trashed => "moved",
            TrashOutcome::AlreadyGone => "was gone",
        };
        text.push_str(&format!("  {what} {}  {}\n", time(trashed.at), plain(&trashed.title)));
    }
    text
}
