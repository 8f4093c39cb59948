//! Where a teamspace stands: a folder, or a bucket of an S3-compatible store.

mod bucket;
pub(super) mod folder;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub use bucket::{Bucket, Credentials};

use super::Error;
use super::reach::Reach;
use crate::error::{Code, UserError};

/// Where a teamspace stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[ts(export)]
pub enum Location {
    /// A folder on this machine or a file server.
    Folder {
        /// Its absolute path.
        path: String,
    },
    /// A bucket in an S3-compatible object store, or a part of one.
    Bucket(Bucket),
}

/// A location, with what it takes to get there. A folder takes nothing.
#[derive(Debug, Clone)]
pub struct Place {
    /// Where the teamspace stands.
    pub location: Location,
    /// How it is reached.
    pub reach: Reach,
}

impl From<&Location> for Place {
    fn from(location: &Location) -> Self {
        Self { location: location.clone(), reach: Reach::default() }
    }
}

impl Location {
    /// A folder.
    pub fn folder(path: impl AsRef<Path>) -> Self {
        Self::Folder { path: path.as_ref().to_string_lossy().into_owned() }
    }

    /// The place in words, for people: a path, or `s3://bucket/prefix`.
    pub fn place(&self) -> String {
        match self {
            Self::Folder { path } => path.clone(),
            Self::Bucket(bucket) => bucket.place(),
        }
    }

    /// The folder, where it is one.
    pub fn on_disk(&self) -> Option<&Path> {
        match self {
            Self::Folder { path } => Some(Path::new(path)),
            Self::Bucket(_) => None,
        }
    }

    /// Under which name the secret of its access key is kept; none when it has none of its own.
    pub fn secret_name(&self) -> Option<String> {
        match self {
            Self::Folder { .. } => None,
            Self::Bucket(bucket) => bucket.secret_name(),
        }
    }

    /// Whether looking at it costs requests over a network.
    pub fn is_remote(&self) -> bool {
        matches!(self, Self::Bucket(_))
    }

    /// What a person should know about the place before using it, for example that it is a synced folder.
    pub fn warnings(&self) -> Vec<UserError> {
        let Self::Folder { path } = self else { return Vec::new() };
        let Some(service) = folder::synced_by(Path::new(path)) else { return Vec::new() };
        vec![
            UserError::new(
                Code::TeamspaceUnsafe,
                format!("{path} is synced by {service}, which makes its own copies on each machine"),
                "use it from this machine only; to share with colleagues choose a network folder or a bucket \
                 instead",
            )
            .with("path", path)
            .with("service", service),
        ]
    }

    /// Bytes that are free there; none when the place does not say or is not there.
    pub fn free_bytes(&self) -> Option<u64> {
        free_bytes(self.on_disk()?)
    }
}

/// Bytes that this user may still write on the disk that holds `path`, or will hold it.
pub fn free_bytes(path: &Path) -> Option<u64> {
    let existing = path.ancestors().find(|ancestor| ancestor.exists())?;
    fs4::available_space(existing).ok()
}

/// What may be done in a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    ReadWrite,
    ReadOnly,
}

/// The folder at a path, which must be a whole one.
pub(super) fn absolute(path: &str) -> Result<PathBuf, Error> {
    let path = PathBuf::from(path);
    if path.is_absolute() {
        Ok(path)
    } else {
        Err(Error::Invalid("the folder of a teamspace must be given as a whole path, from the root on"))
    }
}
