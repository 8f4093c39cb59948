//! The pages that a person sees in the browser. They need no JavaScript, and controls have ids for WebDriver:
//! `authorize`, `decline`, `logout`, and `user-<first name in lower case>` on the sign-in page.

use crate::account::User;
use crate::authorize::step;
use crate::encoding::{html, percent_encode};

const STYLE: &str = include_str!("authorize_page.css");

fn document(title: &str, main: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title}</title><style>{STYLE}</style></head><body>\
         <div class=\"note\">Practice mode: this is a simulated Zoom on your own machine.</div>\
         <main><div class=\"brand\">zoom</div>{main}</main></body></html>",
        title = html(title),
    )
}

fn who(user: &User) -> String {
    format!(
        "<span class=\"avatar\">{}</span><span><b>{}</b><small>{}</small></span>",
        html(&user.initials()),
        html(&user.display_name),
        html(&user.email)
    )
}

/// The consent page: who is signed in, what the app wants, Authorize or Decline.
pub(crate) fn consent(
    app: &str,
    signed_in: &[&User],
    required: &[String],
    optional: &[String],
    request: &str,
) -> String {
    let log_out = format!(
        "<a class=\"aside\" id=\"logout\" href=\"{}\">Log out</a>",
        html(&step("/oauth/logout?", request))
    );
    let people = match signed_in {
        [only] => format!(
            "<div class=\"who\">{}{log_out}</div><input type=\"hidden\" name=\"user\" value=\"{}\">",
            who(only),
            html(&only.id)
        ),
        several => {
            let choices: String = several
                .iter()
                .enumerate()
                .map(|(index, user)| {
                    format!(
                        "<label class=\"who\"><input type=\"radio\" name=\"user\" id=\"{}\" value=\"{}\"{}>{}</label>",
                        html(&handle(user)),
                        html(&user.id),
                        if index == 0 { " checked" } else { "" },
                        who(user)
                    )
                })
                .collect();
            format!("<h2>Continue as</h2>{choices}<p>{log_out}</p>")
        }
    };
    let fixed = required.iter().map(|scope| {
        format!(
            "<li><div><span class=\"always\">✓</span><span>{}<small>{}</small></span></div></li>",
            meaning(scope),
            html(scope)
        )
    });
    let choice = optional.iter().map(|scope| {
        format!(
            "<li><label><input type=\"checkbox\" name=\"scope\" value=\"{0}\" checked><span>{1}<small>{0}</small></span></label></li>",
            html(scope),
            meaning(scope)
        )
    });
    let scopes: String = fixed.chain(choice).collect();
    document(
        &format!("Authorize {app}"),
        &format!(
            "<h1>{app} is requesting access to your Zoom account</h1>\
             <p>You can take the access back at any time in your Zoom settings.</p>\
             <form method=\"post\" action=\"/oauth/authorize\"><input type=\"hidden\" name=\"request\" value=\"{request}\">\
             {people}<h2>This app will be able to</h2><ul>{scopes}</ul>\
             <div class=\"buttons\"><button id=\"authorize\" name=\"decision\" value=\"authorize\">Authorize</button>\
             <button id=\"decline\" name=\"decision\" value=\"decline\">Decline</button></div></form>\
             <p class=\"fine\">By choosing Authorize you allow {app} to use the information named above.</p>",
            app = html(app),
            request = html(request),
        ),
    )
}

/// The id of a user's control.
fn handle(user: &User) -> String {
    format!("user-{}", user.names().0.to_lowercase())
}

/// Nobody is signed in: choose who you are.
pub(crate) fn sign_in(users: &[User], request: &str) -> String {
    let choices: String = users
        .iter()
        .map(|user| {
            let path = format!("/oauth/signin?user={}&", percent_encode(&user.id));
            format!(
                "<a class=\"who\" id=\"{}\" href=\"{}\">{}</a>",
                html(&handle(user)),
                html(&step(&path, request)),
                who(user)
            )
        })
        .collect();
    document(
        "Sign in",
        &format!("<h1>Sign in</h1><p>Choose who you want to be in this simulated Zoom.</p>{choices}"),
    )
}

/// Zoom's error page. Nobody is sent back to the app.
pub(crate) fn error(code: u32, sentence: &str) -> String {
    let spaced = format!("{},{:03}", code / 1000, code % 1000);
    document(
        "Error",
        &format!(
            "<h1>Invalid request</h1><p id=\"error\">{}: ({spaced})</p><p class=\"code\">errorCode: {code}, errorMessage: {0}</p>",
            html(sentence)
        ),
    )
}

/// An unpublished app and a user of another account.
pub(crate) fn not_published(app: &str, user: &User) -> String {
    document(
        "You cannot authorize the app",
        &format!(
            "<h1 id=\"error\">You cannot authorize the app</h1><p>{} is not published. Only users of its developer's account can \
             authorize it, and {} is not one of them.</p>",
            html(app),
            html(&user.email)
        ),
    )
}

/// The organisation approves apps first.
pub(crate) fn needs_approval(app: &str, user: &User) -> String {
    document(
        "Approval needed",
        &format!(
            "<h1 id=\"error\">{} needs approval</h1><p>The administrator of {}'s account has to approve this app before you can \
             add it.</p><div class=\"buttons\"><button id=\"request-approval\">Request pre-approval</button></div>",
            html(app),
            html(&user.display_name)
        ),
    )
}

/// What a scope means, in words.
fn meaning(scope: &str) -> &'static str {
    match scope {
        "user:read:user" | "user:read" => "See who you are",
        "user:read:email" => "See your e-mail address",
        "cloud_recording:read:list_user_recordings" | "recording:read" => {
            "See the list of your cloud recordings"
        }
        "cloud_recording:read:list_recording_files" => "Read the files of your cloud recordings",
        "cloud_recording:read:meeting_transcript" => "Read the transcripts of your meetings",
        "meeting:read:summary" | "meeting_summary:read" => "Read the AI summaries of your meetings",
        "cloud_recording:delete:meeting_recording" | "recording:write" => {
            "Move your cloud recordings to the trash"
        }
        _ => "Use this permission",
    }
}
