//! Why a sign-in ended, in words. What Zoom says has its words in `zoom`.

use crate::error::{Code, UserError};

pub(super) fn no_profile() -> UserError {
    UserError::new(Code::NoProfile, "There is no profile yet", "enter your name and e-mail address first")
}

pub(super) fn no_zoom_client() -> UserError {
    UserError::new(
        Code::NoZoomClient,
        "No Zoom app is configured",
        "enter your team's client id (`nextctl zoom client set`, or NEXT_ZOOM_CLIENT_ID); the README says how \
         to register one",
    )
}

pub(super) fn not_connected() -> UserError {
    UserError::new(Code::NotConnected, "No Zoom account is connected", "connect Zoom first")
}

pub(super) fn declined() -> UserError {
    UserError::new(
        Code::AuthorizationDeclined,
        "Access was declined at Zoom",
        "connect again and press Authorize; NEXT only reads your recordings",
    )
}

pub(super) fn cancelled() -> UserError {
    UserError::new(
        Code::AuthorizationCancelled,
        "Connecting Zoom was cancelled",
        "connect again when you like",
    )
}

pub(super) fn wrong_account(email: &str) -> UserError {
    UserError::new(
        Code::AuthorizationCancelled,
        format!("{email} was not the right Zoom account and was not connected"),
        "log out of Zoom in the browser, then connect again",
    )
    .with("email", email)
}

pub(super) fn expired() -> UserError {
    UserError::new(
        Code::AuthorizationExpired,
        "Nobody authorized NEXT at Zoom in time",
        "connect again; if Zoom showed an error instead of a question, ask who manages the Zoom app",
    )
}

pub(super) fn not_started_here() -> UserError {
    UserError::new(
        Code::AuthorizationNotStartedHere,
        "This sign-in was started at Zoom and not in NEXT, so it was not used",
        "press Connect Zoom in NEXT; that takes you to the same page",
    )
}

pub(super) fn state_mismatch() -> UserError {
    UserError::new(
        Code::AuthorizationStateMismatch,
        "This sign-in is not the one that NEXT waits for, or it was used already",
        "press Connect Zoom in NEXT and use the page that opens",
    )
}

pub(super) fn no_code(why: &str) -> UserError {
    UserError::new(
        Code::AuthorizationCodeRefused,
        "Zoom came back without an authorization",
        "connect again; if it happens once more, ask who manages the Zoom app",
    )
    .detail(why)
}

pub(super) fn not_a_callback() -> UserError {
    UserError::new(
        Code::Usage,
        "This link is not one that NEXT understands",
        "press Connect Zoom in NEXT to connect an account",
    )
}

pub(super) fn belongs_to(holder: &super::ClaimHolder, email: &str) -> UserError {
    UserError::new(
        Code::ClaimConflict,
        format!("The Zoom account {email} belongs to {}", holder.in_words()),
        "connect another account, or move this one here",
    )
    .with("name", &holder.name)
    .with("device", &holder.device)
    .with("since", holder.since)
    .with("teamspace", &holder.teamspace)
}

pub(super) fn nothing_to_answer() -> UserError {
    UserError::new(
        Code::NotFound,
        "There is no sign-in that waits for this answer",
        "press Connect Zoom to begin one",
    )
}

pub(super) fn port_taken(port: u16, why: &std::io::Error) -> UserError {
    let message = match port {
        0 => "NEXT cannot listen for the browser on this machine".to_owned(),
        port => format!("Port {port}, where the browser should come back, is taken"),
    };
    UserError::new(
        Code::Busy,
        message,
        "close the program that uses it, or leave the port out of the redirect address",
    )
    .with("port", port)
    .detail(why)
}

pub(super) fn client_changed() -> UserError {
    UserError::new(
        Code::NeedsReauthorization,
        "The Zoom app that NEXT uses was changed since the account was connected",
        "connect Zoom again; what was imported stays",
    )
}

pub(super) fn tokens_missing() -> UserError {
    UserError::new(
        Code::NeedsReauthorization,
        "The sign-in is no longer in the keyring",
        "connect Zoom again; what was imported stays",
    )
}
