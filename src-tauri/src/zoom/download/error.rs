//! Why a download did not end with a file.

use std::io;

use jiff::Timestamp;

use crate::error::{Code, UserError};

/// A download that did not end with a file. No variant holds an address.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Zoom does not take the access token: refresh it and ask again.
    #[error("the access token is not accepted")]
    Expired,
    /// The address is too old: list the meeting afresh.
    #[error("the download address has expired")]
    LinkExpired,
    /// Zoom asks for patience.
    #[error("too many requests")]
    RateLimited {
        /// When the next try makes sense.
        again: Option<Timestamp>,
    },
    /// Zoom does not give this file.
    #[error("refused with status {status}, code {code:?}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// Zoom's own code.
        code: Option<i64>,
    },
    /// Zoom has the file and names no address for it.
    #[error("Zoom names no download address")]
    NoAddress,
    /// The file is no longer there.
    #[error("the file is gone")]
    Gone,
    /// Zoom has trouble.
    #[error("status {status}")]
    Unavailable {
        /// The HTTP status.
        status: u16,
    },
    /// What came is not the file.
    #[error("what came is not the file: {0}")]
    NotTheFile(String),
    /// The connection ended before the file did; what came is kept.
    #[error("{got} of {expected} bytes came")]
    Truncated {
        /// Bytes of the file.
        expected: u64,
        /// Bytes that came.
        got: u64,
    },
    /// Nothing came for too long; what came before is kept.
    #[error("nothing came for too long")]
    Stalled,
    /// The file changed at Zoom between two requests of one try.
    #[error("the file changed while it was read")]
    ChangedWhileReading,
    /// The address is not Zoom's; the token was not sent.
    #[error("the download address is on an unknown host")]
    UnknownHost,
    /// A hop is not encrypted.
    #[error("a redirect leads to an address without encryption")]
    Insecure,
    /// A redirect that leads nowhere.
    #[error("a redirect without a usable address")]
    BadRedirect,
    /// Redirects without end.
    #[error("too many redirects")]
    TooManyRedirects,
    /// No connection.
    #[error("no connection: {0}")]
    Offline(String),
    /// The way there is barred, or could not be made ready.
    #[error("{0}")]
    Way(Box<crate::zoom::Error>),
    /// The staged file could not be written or read.
    #[error("the staged file cannot be used")]
    Io(#[from] io::Error),
    /// Stopped on purpose; what came is kept.
    #[error("stopped")]
    Stopped,
}

impl Error {
    /// Whether no other connection of the same download could do better.
    pub(super) fn ends_the_download(&self) -> bool {
        matches!(self, Self::NotTheFile(_) | Self::Io(_) | Self::Stopped)
    }

    /// Whether what came is worthless, and must not be gone on with.
    pub(super) fn is_not_the_file(&self) -> bool {
        matches!(self, Self::NotTheFile(_) | Self::ChangedWhileReading)
    }
}

impl From<crate::zoom::Error> for Error {
    fn from(error: crate::zoom::Error) -> Self {
        match error {
            crate::zoom::Error::Offline { why } => Self::Offline(why),
            other => Self::Way(Box::new(other)),
        }
    }
}

impl From<reqwest::Error> for Error {
    fn from(error: reqwest::Error) -> Self {
        // The address can carry a signature; what caused the error does not name it.
        let error = error.without_url();
        let mut text = error.to_string();
        let mut source = std::error::Error::source(&error);
        while let Some(inner) = source {
            text = inner.to_string();
            source = inner.source();
        }
        Self::Offline(text)
    }
}

impl From<Error> for UserError {
    fn from(error: Error) -> Self {
        let detail = match &error {
            Error::Io(source) => format!("{error}: {source}"),
            _ => error.to_string(),
        };
        let by_itself = "nothing to do: NEXT tries again by itself";
        match error {
            Error::Way(error) => return (*error).into(),
            Error::Expired => Self::new(
                Code::ZoomRefused,
                "Zoom does not let this sign-in download the recording",
                "check in Zoom's settings that the owner may download cloud recordings, then try again",
            ),
            Error::LinkExpired | Error::ChangedWhileReading => {
                Self::new(Code::ZoomUnavailable, "Zoom changed the recording's address meanwhile", by_itself)
            }
            Error::RateLimited { again } => {
                let error = Self::new(Code::RateLimited, "Zoom asks NEXT to slow down", by_itself);
                match again {
                    Some(at) => error.with("retry_at", at),
                    None => error,
                }
            }
            Error::Refused { .. } => Self::new(
                Code::ZoomRefused,
                "Zoom refuses to hand out this file",
                "check in Zoom's settings that the owner may download cloud recordings, then try again",
            ),
            Error::NoAddress => Self::new(
                Code::ZoomRefused,
                "Zoom gives no address for downloading this recording; it may stand on your organisation's own server",
                "ask the administrator of your Zoom account for the files, and import them from this computer",
            ),
            Error::Gone => Self::new(
                Code::GoneAtZoom,
                "This file is no longer at Zoom",
                "look into Zoom's trash: deleted recordings can be restored there for 30 days",
            ),
            Error::Unavailable { .. } => Self::new(Code::ZoomUnavailable, "Zoom has trouble", by_itself),
            Error::NotTheFile(_) => Self::new(
                Code::FileRefused,
                "Zoom sent something else instead of the file; it was not kept",
                by_itself,
            ),
            Error::Truncated { .. } | Error::Stalled => {
                Self::new(Code::ZoomUnavailable, "The download broke off; what came is kept", by_itself)
            }
            Error::UnknownHost | Error::Insecure | Error::BadRedirect | Error::TooManyRedirects => Self::new(
                Code::ZoomRefused,
                "Zoom named a download address that NEXT does not trust; your sign-in was not sent there",
                "try again later; if it happens once more, send us the technical line",
            ),
            Error::Offline(_) => {
                Self::new(Code::Offline, "The network cannot be reached; what came is kept", by_itself)
            }
            Error::Io(source) => Self::of_data_directory("write the download to its data directory", &source),
            Error::Stopped => Self::new(Code::Cancelled, "The download was stopped", "start it again"),
        }
        .detail(detail)
    }
}
