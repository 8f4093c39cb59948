//! `nextctl profile` and `nextctl doctor`.

use std::process::ExitCode;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use next_desktop::app::App;
use next_desktop::error::{Code, UserError, UserResult};
use next_desktop::profile::{PhotoChange, Profile as Person, ProfileDraft};
use serde_json::json;

use super::args::Profile;
use super::output::{DONE, FAILED, Output};

pub async fn profile(app: &App, command: Profile, output: Output) -> UserResult<ExitCode> {
    let known = app.profile().await?;
    let person = match command {
        Profile::Show => known.ok_or_else(no_profile)?,
        Profile::Set { name, email, photo, no_photo } => {
            let photo = match photo {
                Some(path) => {
                    let bytes = std::fs::read(&path).map_err(|error| {
                        UserError::new(
                            Code::NotFound,
                            format!("{} cannot be read", path.display()),
                            "give the path of a PNG, JPEG or WebP file",
                        )
                        .detail(error)
                    })?;
                    PhotoChange::Set { base64: BASE64.encode(bytes) }
                }
                None if no_photo => PhotoChange::Remove,
                None => PhotoChange::Keep,
            };
            let missing = |what: &str| {
                UserError::new(
                    Code::Usage,
                    format!("A new profile needs a {what}"),
                    "give both --name and --email",
                )
            };
            let kept = |pick: fn(&Person) -> &String| known.as_ref().map(pick).cloned();
            app.save_profile(ProfileDraft {
                name: name.or_else(|| kept(|p| &p.name)).ok_or_else(|| missing("name"))?,
                email: email.or_else(|| kept(|p| &p.email)).ok_or_else(|| missing("e-mail address"))?,
                photo,
            })
            .await?
        }
    };
    output.document(&json!({ "profile": person }), || {
        let photo = if person.photo.is_some() { "yes" } else { "no" };
        format!("{} <{}>\nid     {}\nphoto  {photo}", person.name, person.email, person.id)
    });
    Ok(ExitCode::from(DONE))
}

pub fn no_profile() -> UserError {
    UserError::new(
        Code::NoProfile,
        "There is no profile yet",
        "make one with `nextctl profile set --name NAME --email ADDRESS`",
    )
}

pub async fn doctor(app: &App, output: Output) -> UserResult<ExitCode> {
    let checks = app.doctor().await?;
    let well = checks.iter().all(|check| check.ok);
    output.document(&json!({ "ok": well, "checks": checks }), || {
        let mut text = String::new();
        for check in &checks {
            let mark = if check.ok { "ok  " } else { "FAIL" };
            text.push_str(&format!("{mark}  {:<12} {}\n", check.name, check.message));
            if let Some(action) = &check.action {
                text.push_str(&format!("{:18} → {action}\n", ""));
            }
        }
        text
    });
    Ok(ExitCode::from(if well { DONE } else { FAILED }))
}
