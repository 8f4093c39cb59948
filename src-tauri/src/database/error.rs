//! What can go wrong with a database file.

use crate::error::{Code, UserError};

/// A database that could not be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file is not a database, or its pages do not hold together.
    #[error("the database is damaged")]
    Damaged(#[source] rusqlite::Error),
    /// A newer version of the app wrote it.
    #[error("the database was written by a newer version")]
    TooNew,
    /// No space is left on the disk.
    #[error("the disk is full")]
    Full,
    /// The file or its folder cannot be written.
    #[error("the database cannot be written")]
    ReadOnly,
    /// Another process held it for too long.
    #[error("another process holds the database")]
    Busy,
    /// Files around the database could not be handled.
    #[error("cannot {attempted}")]
    Io {
        /// What was attempted.
        attempted: &'static str,
        /// Why it failed.
        #[source]
        source: std::io::Error,
    },
    /// A migration failed.
    #[error("the database could not be brought up to date")]
    Migration(#[source] rusqlite_migration::Error),
    /// A stored value cannot be read.
    #[error("a stored value cannot be read")]
    Value(#[from] serde_json::Error),
    /// Anything else that SQLite says.
    #[error("the database refused")]
    Sqlite(#[source] rusqlite::Error),
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Is;
        match error.sqlite_error_code() {
            Some(Is::DatabaseCorrupt | Is::NotADatabase) => Self::Damaged(error),
            Some(Is::DiskFull) => Self::Full,
            Some(Is::ReadOnly | Is::CannotOpen | Is::PermissionDenied) => Self::ReadOnly,
            Some(Is::DatabaseBusy | Is::DatabaseLocked) => Self::Busy,
            _ => Self::Sqlite(error),
        }
    }
}

impl From<rusqlite_migration::Error> for Error {
    fn from(error: rusqlite_migration::Error) -> Self {
        use rusqlite_migration::{Error as Migration, MigrationDefinitionError as Definition};
        match error {
            Migration::MigrationDefinition(Definition::DatabaseTooFarAhead) => Self::TooNew,
            Migration::RusqliteError { err, .. } => match Self::from(err) {
                Self::Sqlite(source) => {
                    Self::Migration(Migration::RusqliteError { query: String::new(), err: source })
                }
                known => known,
            },
            other => Self::Migration(other),
        }
    }
}

impl From<Error> for UserError {
    fn from(error: Error) -> Self {
        let detail = match std::error::Error::source(&error) {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        };
        match error {
            Error::Full => Self::new(
                Code::DiskFull,
                "The disk that holds NEXT's data is full",
                "free some space and try again",
            ),
            Error::ReadOnly => Self::new(
                Code::DataDirectory,
                "NEXT cannot write to its data directory",
                "give yourself write permission there, or set NEXT_DATA_DIR to another folder",
            ),
            Error::TooNew => Self::new(
                Code::FormatTooNew,
                "NEXT's data was written by a newer version of NEXT",
                "install the newest version",
            ),
            Error::Busy => Self::new(
                Code::Busy,
                "Another NEXT process is holding the data for a long time",
                "close other NEXT windows and commands, then try again",
            ),
            Error::Damaged(_) => Self::new(
                Code::FileDamaged,
                "NEXT's data on this machine is damaged",
                "start NEXT again: it sets the damaged file aside and goes back to its last backup",
            ),
            Error::Io { .. } | Error::Migration(_) | Error::Value(_) | Error::Sqlite(_) => {
                Self::unexpected("read or write its data", &detail)
            }
        }
        .detail(detail)
    }
}
