//! What goes wrong, as a person meets it.
//!
//! Every module has its own `Error` inside; at the border it becomes a [`UserError`]: a stable [`Code`], one
//! sentence that says what happened, and one that says what to do next. The window translates by code and
//! parameters and falls back to the English sentence; the command line prints
//! `error: what happened; what to do`.
//!
//! A code exists only when somebody treats it differently: the window (other words, other button) or a
//! script (other exit code). No text here ever holds a token, a signed address or words from a transcript.

use std::collections::BTreeMap;
use std::io;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What kind of thing went wrong. Stable: scripts and the window decide by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Code {
    /// A command or value that makes no sense as given.
    Usage,
    /// The named thing does not exist.
    NotFound,
    /// There is no profile yet.
    NoProfile,
    /// No Zoom client id is configured.
    NoZoomClient,
    /// Zoom does not know the configured client id, or refuses its secret.
    ZoomClientRefused,
    /// No Zoom account is connected.
    NotConnected,
    /// The sign-in at Zoom is no longer valid; a person must connect again.
    NeedsReauthorization,
    /// The person pressed Decline at Zoom.
    AuthorizationDeclined,
    /// The authorization or its code took too long.
    AuthorizationExpired,
    /// A callback whose state is not the one we sent, or was used before.
    AuthorizationStateMismatch,
    /// A callback without state: started at Zoom's Marketplace instead of here.
    AuthorizationNotStartedHere,
    /// Zoom refused the authorization code.
    AuthorizationCodeRefused,
    /// The person cancelled the sign-in here.
    AuthorizationCancelled,
    /// Permissions that we need were not granted at Zoom.
    ScopesMissing,
    /// The Zoom account belongs to another profile.
    ClaimConflict,
    /// The network cannot be reached.
    Offline,
    /// The proxy does not answer.
    ProxyUnreachable,
    /// The proxy wants a user name and a password, or others.
    ProxyPassword,
    /// The proxy does not connect us.
    ProxyRefused,
    /// A certificate on the way is not trusted by this system.
    CertificateNotTrusted,
    /// Zoom asks us to slow down.
    RateLimited,
    /// Zoom answered something that is not an answer: HTML, half JSON, an error of its own.
    ZoomUnavailable,
    /// Zoom refused: not allowed for this account or recording.
    ZoomRefused,
    /// Zoom has not finished this recording.
    StillProcessing,
    /// Another machine imports this recording just now.
    AtWorkElsewhere,
    /// The recording is no longer at Zoom.
    GoneAtZoom,
    /// Zoom has something of a recording that is not imported, so it stays there.
    NotAllImported,
    /// A recording's copy in a teamspace is not whole, so it stays at Zoom.
    CopyDamaged,
    /// The recording is in a teamspace's trash, or was deleted there for good: it is not imported again.
    InTrash,
    /// What was downloaded is not the file it should be; it was not kept.
    FileRefused,
    /// A stored or given file is damaged.
    FileDamaged,
    /// The teamspace's place cannot be reached: unplugged, unmounted, removed.
    TeamspaceUnreachable,
    /// The object store refuses: keys, region, rights, clock; `trouble` in the parameters says which.
    BucketRefused,
    /// The teamspace's place can be read but not written.
    TeamspaceReadOnly,
    /// The teamspace was moved to another place.
    TeamspaceMoved,
    /// A teamspace cannot be copied to a place that holds something else.
    PlaceNotEmpty,
    /// The place cannot keep a teamspace's promises.
    TeamspaceUnsafe,
    /// The teamspace, or a manifest in it, is of a newer format.
    FormatTooNew,
    /// No space is left.
    DiskFull,
    /// The operating system forbids it.
    PermissionDenied,
    /// The keyring is missing, locked or refuses.
    KeyringUnavailable,
    /// The data directory cannot be used.
    DataDirectory,
    /// A program of others that is needed for this is not installed.
    ProgramMissing,
    /// Another process holds what is needed.
    Busy,
    /// Stopped on purpose.
    Cancelled,
    /// Something that should not happen.
    Unexpected,
}

impl Code {
    /// The name as it stands in JSON, for example `needs_reauthorization`.
    pub fn name(self) -> String {
        match serde_json::to_value(self) {
            Ok(serde_json::Value::String(name)) => name,
            _ => "unexpected".to_owned(),
        }
    }

    /// Whether only a person can go on: sign in, free space, unlock, plug in. Exit code 3 of `nextctl`.
    pub fn needs_person(self) -> bool {
        matches!(
            self,
            Self::NoProfile
                | Self::NoZoomClient
                | Self::NotConnected
                | Self::NeedsReauthorization
                | Self::ScopesMissing
                | Self::ClaimConflict
                | Self::ProxyUnreachable
                | Self::ProxyPassword
                | Self::ProxyRefused
                | Self::CertificateNotTrusted
                | Self::KeyringUnavailable
                | Self::TeamspaceUnreachable
                | Self::BucketRefused
                | Self::TeamspaceReadOnly
                | Self::TeamspaceMoved
                | Self::DiskFull
                | Self::ProgramMissing
        )
    }
}

/// An error as a person meets it: what happened, and what to do next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, thiserror::Error)]
#[error("{message}; {action}")]
#[ts(export)]
pub struct UserError {
    /// What kind of thing went wrong.
    pub code: Code,
    /// What happened: a sentence without its full stop.
    pub message: String,
    /// What to do next: a sentence without its full stop, lower case at its start.
    pub action: String,
    /// Values that the window needs to say the same in another language (`name`, `path`, `since` …).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub params: BTreeMap<String, String>,
    /// A technical line to copy into a report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub detail: Option<String>,
}

/// What a door of the product answers.
pub type UserResult<T> = Result<T, UserError>;

impl UserError {
    /// An error with its two sentences.
    pub fn new(code: Code, message: impl Into<String>, action: impl Into<String>) -> Self {
        Self { code, message: message.into(), action: action.into(), params: BTreeMap::new(), detail: None }
    }

    /// Adds a value for translation.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.params.insert(name.to_owned(), value.to_string());
        self
    }

    /// Adds the technical line.
    #[must_use]
    pub fn detail(mut self, detail: impl ToString) -> Self {
        self.detail = Some(detail.to_string());
        self
    }

    /// The same, treated as another kind.
    #[must_use]
    pub fn recoded(mut self, code: Code) -> Self {
        self.code = code;
        self
    }

    /// For what should not happen: says so and keeps the technical line.
    pub fn unexpected(attempted: &str, detail: impl ToString) -> Self {
        Self::new(
            Code::Unexpected,
            format!("NEXT could not {attempted}"),
            "try again; if it happens once more, send us the technical line",
        )
        .detail(detail)
    }

    /// For a file of the data directory that could not be read or written: a full disk and missing rights say what a
    /// person can do about them.
    pub fn of_data_directory(attempted: &str, source: &io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::new(
                Code::DiskFull,
                "The disk that holds NEXT's data is full",
                "free some space; the import goes on by itself",
            ),
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Self::new(
                Code::DataDirectory,
                "NEXT cannot write to its data directory",
                "give yourself write permission there, or set NEXT_DATA_DIR to another folder",
            ),
            _ => Self::unexpected(attempted, source),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_error_reads_as_what_happened_and_what_to_do() {
        let error = UserError::new(Code::DiskFull, "The disk is full", "free some space and try again");
        assert_eq!(error.to_string(), "The disk is full; free some space and try again");
        assert_eq!(error.code.name(), "disk_full");
        assert!(error.code.needs_person());
    }
}
