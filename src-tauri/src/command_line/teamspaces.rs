//! `nextctl teamspace`.

use std::path::Path;
use std::process::ExitCode;

use next_desktop::app::{App, BucketDraft, CopyWish, PlaceDraft};
use next_desktop::error::{Code, UserError, UserResult};
use next_desktop::teamspace::{Bucket, Credentials, TeamspaceInfo, Tested};
use serde_json::json;

use super::input::secret_from_standard_input;
use super::output::{DONE, Output, plain, say_note, table};
use super::teamspace_args::{BucketPlace, Teamspace, TeamspacePlace};
use super::{copying, verifying};

pub async fn teamspace(app: &App, command: Teamspace, output: Output) -> UserResult<ExitCode> {
    match command {
        Teamspace::Add { name, place } => {
            let info = app.add_at(&name, draft(place)?).await?;
            for warning in &info.warnings {
                say_note(&warning.to_string());
            }
            one(&info, output);
        }
        Teamspace::Test { place } => {
            let tested = app.test_place(draft(place)?).await?;
            for warning in &tested.warnings {
                say_note(&warning.to_string());
            }
            output.document(&json!({ "tested": tested }), || said(&tested));
        }
        Teamspace::List => {
            let all = app.teamspaces().await?;
            output.document(&json!({ "teamspaces": all }), || {
                let rows: Vec<Vec<String>> = all.iter().map(row).collect();
                if rows.is_empty() {
                    return "No teamspace yet. Add one: nextctl teamspace add NAME --at FOLDER (or --bucket NAME)".to_owned();
                }
                table(&["NAME", "STATE", "RECORDINGS", "ID", "AT"], &rows)
            });
        }
        Teamspace::Members { teamspace } => {
            let info = find(app, &teamspace).await?;
            if let Some(error) = app.refresh_teamspace(&info.id).await?.error {
                say_note(&error.to_string());
            }
            let members = app.members(&info.id).await?;
            output.document(&json!({ "members": members }), || {
                if members.is_empty() {
                    return "Nobody has said who they are yet.".to_owned();
                }
                let photo = |photo: &Option<String>| if photo.is_some() { "yes" } else { "no" }.to_owned();
                let rows: Vec<Vec<String>> = members
                    .iter()
                    .map(|member| vec![plain(&member.name), photo(&member.photo), member.profile.clone()])
                    .collect();
                table(&["NAME", "PHOTO", "ID"], &rows)
            });
        }
        Teamspace::Refresh { teamspace, all } => {
            let id = find(app, &teamspace).await?.id;
            if all {
                app.read_all_recordings(&id, &mut |left| {
                    output.progress(&format!("{left} recordings still to be read"));
                })
                .await?;
            }
            let info = app.refresh_teamspace(&id).await?;
            if let Some(error) = info.error {
                return Err(error);
            }
            one(&info, output);
        }
        Teamspace::Verify { teamspace, restart, recording } => {
            return verifying::verify(app, &teamspace, restart, recording.as_deref(), output).await;
        }
        Teamspace::Repair { teamspace } => return verifying::repair(app, &teamspace, output).await,
        Teamspace::Copy { teamspace, to, place, no_move, leave_damaged } => {
            let info = find(app, &teamspace).await?;
            let wish = CopyWish { backup: no_move, leave_damaged };
            let report = if to.starts_with("s3://") {
                let draft = bucket(place, Some(to.as_str()))?;
                copying::told(app, &info.id, output, app.copy_to_bucket(&info.id, draft, wish)).await?
            } else {
                let path = folder(&to)?;
                copying::told(app, &info.id, output, app.copy_to_folder(&info.id, &path, wish)).await?
            };
            return Ok(copying::report(&report, wish, output));
        }
        Teamspace::Forget { teamspace } => {
            let info = find(app, &teamspace).await?;
            app.forget_teamspace(&info.id).await?;
            output.document(&json!({ "forgotten": info.id }), || {
                format!("{} is off this machine's list. Nothing in it was touched.", plain(&info.name))
            });
        }
    }
    Ok(ExitCode::from(DONE))
}

/// The teamspace of this name or id.
pub async fn find(app: &App, name_or_id: &str) -> UserResult<TeamspaceInfo> {
    let all = app.teamspaces().await?;
    if let Some(info) = all.iter().find(|info| info.id == name_or_id) {
        return Ok(info.clone());
    }
    let mut named = all.iter().filter(|info| info.name == name_or_id);
    match (named.next(), named.next()) {
        (Some(info), None) => Ok(info.clone()),
        (Some(_), Some(_)) => Err(UserError::new(
            Code::Usage,
            format!("Several teamspaces are called {name_or_id}"),
            "give the id instead, as `nextctl teamspace list` prints it",
        )),
        (None, _) => Err(UserError::new(
            Code::NotFound,
            format!("No teamspace is called {name_or_id}"),
            "look at `nextctl teamspace list`, or add it with `nextctl teamspace add`",
        )),
    }
}

fn said(tested: &Tested) -> String {
    let Some(name) = &tested.teamspace else { return "A teamspace can stand there.".to_owned() };
    let how = if tested.read_only { ", for reading only" } else { "; adding it joins it" };
    let mut text = format!("The teamspace {} stands there{how}.", plain(name));
    if !tested.members.is_empty() {
        let members: Vec<String> = tested.members.iter().map(|member| plain(&member.name)).collect();
        let more = if tested.more_members { ", and perhaps others" } else { "" };
        text.push_str(&format!("\nMembers: {}{more}", members.join(", ")));
    }
    text
}

/// The place that the arguments name.
fn draft(place: TeamspacePlace) -> UserResult<PlaceDraft> {
    Ok(match place.at.as_deref() {
        Some(at) if !at.starts_with("s3://") => PlaceDraft::Folder { path: folder(at)? },
        at => PlaceDraft::Bucket(bucket(place.bucket, at)?),
    })
}

/// The bucket that the arguments name, with the secret of its key; `at` is `s3://BUCKET/FOLDER`.
fn bucket(place: BucketPlace, at: Option<&str>) -> UserResult<BucketDraft> {
    let (mut name, mut prefix) = (place.bucket, place.prefix.unwrap_or_default());
    if let Some(rest) = at.and_then(|at| at.strip_prefix("s3://")) {
        let (bucket, folder) = rest.split_once('/').unwrap_or((rest, ""));
        (name, prefix) = (Some(bucket.to_owned()), folder.to_owned());
    }
    let bucket = name.ok_or_else(|| {
        UserError::new(Code::Usage, "The bucket's name is missing", "give it with --bucket NAME")
    })?;
    let credentials = match place.access_key_id {
        Some(id) => Credentials::AccessKey { id },
        None => Credentials::Aws { profile: place.aws_profile },
    };
    let secret = place.secret_from_stdin.then(secret_from_standard_input).transpose()?;
    let bucket = Bucket { endpoint: place.endpoint, region: place.region, bucket, prefix, credentials };
    Ok(BucketDraft { bucket, secret })
}

fn folder(at: &str) -> UserResult<String> {
    if at.contains("://") {
        return Err(UserError::new(
            Code::Usage,
            format!("{at} is not a folder"),
            "give the path of a folder on this machine or a file server, or s3://BUCKET/FOLDER",
        ));
    }
    let path = std::path::absolute(Path::new(at)).map_err(|error| {
        UserError::new(Code::Usage, format!("{at:?} is not a path"), "give the path of a folder")
            .detail(error)
    })?;
    path.into_os_string().into_string().map_err(|_| {
        UserError::new(
            Code::Usage,
            "The folder's path is not valid Unicode",
            "choose a folder whose path has only ordinary characters",
        )
    })
}

fn row(info: &TeamspaceInfo) -> Vec<String> {
    let state = format!("{:?}", info.state).to_lowercase();
    vec![
        plain(&info.name),
        state,
        info.recordings.to_string(),
        info.id.clone(),
        plain(&info.location.place()),
    ]
}

fn one(info: &TeamspaceInfo, output: Output) {
    output.document(&json!({ "teamspace": info }), || {
        table(&["NAME", "STATE", "RECORDINGS", "ID", "AT"], &[row(info)])
    });
}
