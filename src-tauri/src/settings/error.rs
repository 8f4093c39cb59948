//! A setting that makes no sense, or could not be read or kept.

use std::path::PathBuf;

use crate::database;
use crate::error::{Code, UserError};
use crate::secret;

/// Why settings were not read or saved.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A value that makes no sense.
    #[error("{name} {why}")]
    Value {
        /// What the person knows it by: a variable, or a field of the screen.
        name: String,
        /// What is wrong with it, as the rest of a sentence.
        why: &'static str,
        /// What would be right.
        action: &'static str,
    },
    /// The organisation's file cannot be read, or is not what it should be.
    #[error("the organisation's file cannot be used: {why}")]
    Organisation {
        /// Where it is.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The secret store refused.
    #[error(transparent)]
    Secret(#[from] secret::Error),
    /// The database refused.
    #[error(transparent)]
    Database(#[from] database::Error),
}

impl From<Error> for UserError {
    fn from(error: Error) -> Self {
        match error {
            Error::Value { name, why, action } => {
                Self::new(Code::Usage, format!("{name} {why}"), action).with("name", name)
            }
            Error::Organisation { path, why } => Self::new(
                Code::Usage,
                format!("The organisation's file {} cannot be used", path.display()),
                "ask who manages NEXT in your organisation to correct it",
            )
            .with("path", path.display())
            .detail(why),
            Error::Secret(error) => error.into(),
            Error::Database(error) => error.into(),
        }
    }
}
