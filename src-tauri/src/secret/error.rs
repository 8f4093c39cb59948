//! What can go wrong with a place that keeps secrets.

use std::io;

use crate::error::{Code, UserError};

/// A secret could not be read, kept or forgotten.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no keyring: no Secret Service on the session bus, or no bus.
    #[error("there is no keyring: {why}")]
    Missing {
        /// What the system said.
        why: String,
    },
    /// The keyring is there and locked, or was never set up.
    #[error("the keyring is locked: {why}")]
    Locked {
        /// What the system said.
        why: String,
    },
    /// The store took a value and did not give it back.
    #[error("the store does not give back what it was given")]
    Forgetful,
    /// More bytes than an entry holds on every system.
    #[error("a secret of {length} bytes is too long")]
    TooLong {
        /// Its length in bytes.
        length: usize,
    },
    /// The passphrase does not open the file.
    #[error("the passphrase does not open the file of secrets")]
    WrongPassphrase,
    /// A passphrase without characters.
    #[error("the passphrase is empty")]
    EmptyPassphrase,
    /// The file is not one of ours, or is cut off.
    #[error("the file of secrets is damaged: {why}")]
    Damaged {
        /// What was seen.
        why: &'static str,
    },
    /// The file could not be read or written.
    #[error("cannot {attempted}")]
    Io {
        /// What was attempted.
        attempted: &'static str,
        /// Why it failed.
        #[source]
        source: io::Error,
    },
    /// Anything else that the store says.
    #[error("the store refused: {why}")]
    Refused {
        /// What it said.
        why: String,
    },
}

impl From<Error> for UserError {
    fn from(error: Error) -> Self {
        let detail = match std::error::Error::source(&error) {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        };
        let (code, message, action) = match &error {
            Error::Missing { .. } => (
                Code::KeyringUnavailable,
                "This system has no keyring that NEXT could keep its sign-in in",
                "start a Secret Service such as GNOME Keyring or KWallet and try again, keep secrets for this \
                 run only (NEXT_SECRETS=memory), or in an encrypted file (NEXT_SECRETS=file)",
            ),
            Error::Locked { .. } => (
                Code::KeyringUnavailable,
                "The keyring is locked, so NEXT cannot keep or read its sign-in",
                "unlock the keyring (signing in to the desktop usually does), then try again",
            ),
            Error::Forgetful | Error::Refused { .. } | Error::TooLong { .. } => (
                Code::KeyringUnavailable,
                "The keyring refused to keep NEXT's sign-in",
                "look at the keyring in your system's settings, then try again",
            ),
            Error::WrongPassphrase => (
                Code::KeyringUnavailable,
                "The passphrase does not open NEXT's encrypted file of secrets",
                "give the right passphrase, or remove the file secrets.age from the data directory and \
                 connect again",
            ),
            Error::EmptyPassphrase => (
                Code::Usage,
                "An encrypted file of secrets needs a passphrase",
                "set NEXT_SECRETS_PASSPHRASE, or enter a passphrase",
            ),
            Error::Damaged { .. } => (
                Code::FileDamaged,
                "NEXT's encrypted file of secrets is damaged",
                "move the file secrets.age out of the data directory and connect again",
            ),
            Error::Io { source, .. } => match source.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => (
                    Code::DiskFull,
                    "The disk is full, so NEXT cannot keep its sign-in",
                    "free some space and try again",
                ),
                _ => (
                    Code::DataDirectory,
                    "NEXT cannot read or write its encrypted file of secrets",
                    "give yourself permission to the data directory, then try again",
                ),
            },
        };
        Self::new(code, message, action).detail(detail)
    }
}
