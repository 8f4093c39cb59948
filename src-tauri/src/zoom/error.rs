//! What a call to Zoom can end with.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::trouble::{CertificateTrouble, ProxyTrouble};
use crate::error::{Code, UserError};

/// A call to Zoom that did not give what was asked for.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// Nobody was reached: no network, no name, no connection, or it broke.
    #[error("Zoom cannot be reached: {why}")]
    Offline {
        /// What the network said.
        why: String,
    },
    /// Nobody knows the host's name.
    #[error("there is no host {host}: {why}")]
    NameUnknown {
        /// The host.
        host: String,
        /// What the network said.
        why: String,
    },
    /// The proxy on the way does not let us through.
    #[error("the proxy {proxy} does not let NEXT through ({trouble:?}): {why}")]
    Proxy {
        /// What is wrong.
        trouble: ProxyTrouble,
        /// Its address, as it may be shown.
        proxy: String,
        /// Where we wanted to.
        host: String,
        /// What the network said.
        why: String,
    },
    /// The other side's certificate is not one that this system trusts.
    #[error("the certificate of {host} is not trusted ({trouble:?}): {why}")]
    Certificate {
        /// What is wrong.
        trouble: CertificateTrouble,
        /// Whose certificate it should be.
        host: String,
        /// What the network said.
        why: String,
    },
    /// The way that is set could not be made ready.
    #[error("{0}")]
    NoWay(UserError),
    /// Something answered that is not an answer: HTML, half JSON, a server error.
    #[error("Zoom gave no answer that makes sense: {why}")]
    Unavailable {
        /// What was seen.
        why: String,
    },
    /// 429.
    #[error("Zoom asks for a pause of {} s", retry_after.as_secs())]
    RateLimited {
        /// How long to wait.
        retry_after: Duration,
        /// When that is over.
        again: Timestamp,
    },
    /// The access token is not, or no longer, good.
    #[error("Zoom refuses the access token")]
    Unauthorized,
    /// The token lacks permissions.
    #[error("permissions are missing: {}", scopes.join(", "))]
    ScopesMissing {
        /// Names of the scopes.
        scopes: Vec<String>,
    },
    /// Not allowed for this account, user or recording.
    #[error("Zoom refuses: {why}")]
    Refused {
        /// What Zoom said.
        why: String,
    },
    /// No such recording, and none to be expected.
    #[error("the recording is not at Zoom")]
    Gone,
    /// No such recording yet: Zoom may still be working on it.
    #[error("the recording is not at Zoom yet")]
    NotYet,
    /// A page token that is no longer good (400, code 300).
    #[error("the list changed while it was read")]
    StalePage,
    /// Zoom does not know the client id, its secret or its redirect.
    #[error("Zoom refuses the client: {why}")]
    ClientRefused {
        /// What Zoom said.
        why: String,
    },
    /// The app is switched off at Zoom, by its owner or an administrator.
    #[error("the app is disabled at Zoom: {why}")]
    AppDisabled {
        /// What Zoom said.
        why: String,
    },
    /// The authorization code is older than five minutes.
    #[error("the authorization code has expired")]
    CodeExpired,
    /// The authorization code is wrong, or was used before.
    #[error("Zoom refuses the authorization code: {why}")]
    CodeRefused {
        /// What Zoom said.
        why: String,
    },
    /// The sign-in is over: revoked, replaced by a newer one, expired, or its user is gone.
    #[error("the sign-in is over: {why}")]
    SignInOver {
        /// What Zoom said.
        why: String,
    },
    /// There was no token to call with.
    #[error("{0}")]
    Tokens(UserError),
}

impl Error {
    /// Whether nothing gets through until the network, its settings or this system's are put right.
    pub(super) fn bars_the_way(&self) -> bool {
        matches!(self, Self::Proxy { .. } | Self::Certificate { .. })
    }

    /// Zoom asks for a pause from `now` on.
    pub(super) fn rate_limited(retry_after: Duration, now: Timestamp) -> Self {
        let again = SignedDuration::try_from(retry_after).ok().and_then(|pause| now.checked_add(pause).ok());
        Self::RateLimited { retry_after, again: again.unwrap_or(now) }
    }
}

impl From<Error> for UserError {
    fn from(error: Error) -> Self {
        let detail = error.to_string();
        let (code, message, action) = match error {
            Error::Tokens(error) | Error::NoWay(error) => return error,
            Error::NameUnknown { host, .. } => {
                return Self::new(
                    Code::Offline,
                    format!("The name {host} is not found"),
                    "check the network; where only a proxy leads out of it, set one in the settings",
                )
                .with("unknown_host", host)
                .detail(detail);
            }
            Error::Proxy { trouble, proxy, host, .. } => {
                return of_proxy(trouble, &proxy, &host).detail(detail);
            }
            Error::Certificate { trouble, host, .. } => return of_certificate(trouble, &host).detail(detail),
            Error::Offline { .. } => {
                (Code::Offline, "Zoom cannot be reached", "check the network and try again; nothing is lost")
            }
            Error::Unavailable { .. } => (
                Code::ZoomUnavailable,
                "Zoom answered with something that is not an answer",
                "try again in a few minutes; a proxy or a sign-in page of the network may stand in between",
            ),
            Error::RateLimited { retry_after, again } => {
                return Self::new(
                    Code::RateLimited,
                    "Zoom asks NEXT to slow down",
                    format!("wait {} and try again", in_words(retry_after)),
                )
                .with("seconds", retry_after.as_secs())
                .with("retry_at", again);
            }
            Error::Unauthorized => (
                Code::ZoomRefused,
                "Zoom refuses the sign-in although it was just renewed",
                "disconnect Zoom and connect it again",
            ),
            Error::ScopesMissing { scopes } => {
                let scopes = scopes.join(", ");
                return Self::new(
                    Code::ScopesMissing,
                    format!("Permissions that NEXT needs were not granted at Zoom: {scopes}"),
                    "connect again and leave all permissions ticked; if they are not offered, the Zoom app \
                     lacks these scopes",
                )
                .with("scopes", scopes);
            }
            Error::Refused { .. } => (
                Code::ZoomRefused,
                "Zoom does not allow this for this account",
                "ask the administrator of your Zoom account whether cloud recordings may be viewed and \
                 downloaded",
            ),
            Error::Gone => (
                Code::GoneAtZoom,
                "The recording is no longer at Zoom",
                "look in Zoom's trash, where it stays for 30 days",
            ),
            Error::NotYet => (
                Code::StillProcessing,
                "Zoom has not finished this recording",
                "wait: it is looked for again by itself",
            ),
            Error::StalePage => (
                Code::ZoomUnavailable,
                "Zoom's list kept changing while it was read",
                "try again in a moment",
            ),
            Error::ClientRefused { .. } => (
                Code::ZoomClientRefused,
                "Zoom refuses the client id, its secret or its redirect address",
                "compare them with your app's page at marketplace.zoom.us; a public client has a client id \
                 of its own and no secret",
            ),
            Error::AppDisabled { .. } => (
                Code::ZoomClientRefused,
                "NEXT's app is switched off at Zoom",
                "ask the administrator of your Zoom account to allow it",
            ),
            Error::CodeExpired => (
                Code::AuthorizationExpired,
                "The authorization came too late: Zoom accepts it for five minutes",
                "connect again",
            ),
            Error::CodeRefused { .. } => {
                (Code::AuthorizationCodeRefused, "Zoom refused the authorization code", "connect again")
            }
            Error::SignInOver { .. } => (
                Code::NeedsReauthorization,
                "The sign-in at Zoom is no longer valid",
                "connect Zoom again; what was imported stays",
            ),
        };
        Self::new(code, message, action).detail(detail)
    }
}

fn of_proxy(trouble: ProxyTrouble, proxy: &str, host: &str) -> UserError {
    let (code, message, action) = match trouble {
        ProxyTrouble::Unreachable => (
            Code::ProxyUnreachable,
            format!("The proxy {proxy} cannot be reached"),
            "check its address in the settings, under Network; what waits for it goes on by itself",
        ),
        ProxyTrouble::SignIn => (
            Code::ProxyPassword,
            format!("The proxy {proxy} asks for a user name and a password"),
            "enter them in the settings, under Network",
        ),
        ProxyTrouble::SignInRefused => (
            Code::ProxyPassword,
            format!("The proxy {proxy} does not accept the user name or the password"),
            "correct them in the settings, under Network",
        ),
        ProxyTrouble::Refuses => (
            Code::ProxyRefused,
            format!("The proxy {proxy} refuses to connect to {host}"),
            "ask your IT department to allow it, or choose another proxy in the settings, under Network",
        ),
    };
    let signed_in = if trouble == ProxyTrouble::SignInRefused { "yes" } else { "no" };
    UserError::new(code, message, action).with("proxy", proxy).with("host", host).with("signed_in", signed_in)
}

fn of_certificate(trouble: CertificateTrouble, host: &str) -> UserError {
    let (reason, message, action) = match trouble {
        CertificateTrouble::Unknown => (
            "unknown",
            format!(
                "The certificate of {host} is not trusted: somebody whom this system does not know vouches \
                 for it, as when a company looks into encrypted connections"
            ),
            "ask your IT department to add its CA to the system's trust store",
        ),
        CertificateTrouble::Date => (
            "date",
            format!("The certificate of {host} is not trusted: it is not valid today"),
            "check this computer's date and time; if they are right, ask your IT department",
        ),
        CertificateTrouble::OtherName => (
            "name",
            format!("The certificate of {host} is not trusted: it is somebody else's"),
            "open a browser and see whether the network wants you to sign in first; else ask your IT department",
        ),
    };
    UserError::new(Code::CertificateNotTrusted, message, action).with("host", host).with("reason", reason)
}

fn in_words(duration: Duration) -> String {
    match duration.as_secs() {
        0..=90 => format!("{} seconds", duration.as_secs().max(1)),
        seconds => format!("{} minutes", seconds.div_ceil(60)),
    }
}
