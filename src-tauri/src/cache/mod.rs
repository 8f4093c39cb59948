//! Media on this machine: what is staged for an import, what was played from a bucket, what is pinned, and posters.
//!
//! Names in here are ours: a digest of what Zoom calls a file, never what Zoom calls it. A staged file keeps
//! its name from the first byte to the last; whether it is whole is written in the queue, beside its digest.

mod kept;
mod played;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use crate::error::UserError;
use crate::recording::RecordingId;

pub use kept::{CacheUse, Holdings, MediaHere};

/// Bytes of a piece of what is played: few enough to come within a second or two on an ordinary line, as the first one
/// must.
pub const PIECE: u64 = 2 << 20;
/// Bytes of what was played that are kept, where nobody chose another budget.
pub const BUDGET: u64 = 10_000_000_000;

/// The cache folder of a data directory. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Cache {
    root: PathBuf,
    budget: Arc<AtomicU64>,
}

/// The cache could not be used.
#[derive(Debug, thiserror::Error)]
#[error("cannot {attempted}")]
pub struct Error {
    attempted: &'static str,
    #[source]
    source: io::Error,
}

impl Error {
    /// What was attempted, and why it failed.
    pub(crate) fn new(attempted: &'static str, source: io::Error) -> Self {
        Self { attempted, source }
    }
}

impl Cache {
    /// The cache in this folder, which is made when it is missing.
    pub fn open(root: &Path) -> Result<Self, Error> {
        for folder in ["staged", "played", "kept", "posters"] {
            fs::create_dir_all(root.join(folder))
                .map_err(|source| Error { attempted: "make the cache folder", source })?;
        }
        Ok(Self { root: root.to_owned(), budget: Arc::new(AtomicU64::new(BUDGET)) })
    }

    /// How much of what was played is kept, in bytes.
    pub fn budget(&self) -> u64 {
        self.budget.load(Ordering::Relaxed)
    }

    /// Keeps no more than this from now on, and removes at once what is too much.
    pub fn set_budget(&self, bytes: u64) -> Result<(), Error> {
        if self.budget.swap(bytes, Ordering::Relaxed) == bytes {
            return Ok(());
        }
        played::trim(&self.root.join("played"), Path::new(""), bytes)
            .map_err(|source| Error { attempted: "keep the cache within its budget", source })
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where a job's file is staged. `file` is Zoom's identity of it, which never becomes a name.
    pub fn staged_file(&self, job: i64, file: &str) -> Result<PathBuf, Error> {
        let folder = self.job_folder(job);
        fs::create_dir_all(&folder).map_err(|source| Error { attempted: "make a staging folder", source })?;
        let mut name = HEXLOWER.encode(&Sha256::digest(file));
        name.truncate(32);
        Ok(folder.join(name + ".part"))
    }

    /// Whether a job has begun to stage files, and not ended.
    pub fn has_staged(&self, job: i64) -> bool {
        self.job_folder(job).exists()
    }

    /// Removes what a job staged. What is already gone is fine.
    pub fn remove_staged(&self, job: i64) -> Result<(), Error> {
        match fs::remove_dir_all(self.job_folder(job)) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                Err(Error { attempted: "remove staged files", source })
            }
            _ => Ok(()),
        }
    }

    /// Removes what jobs staged that nobody knows any more.
    pub fn sweep_staged(&self, known: impl Fn(i64) -> bool) -> Result<(), Error> {
        let wrap = |source| Error { attempted: "look through staged files", source };
        for entry in fs::read_dir(self.root.join("staged")).map_err(wrap)? {
            let name = entry.map_err(wrap)?.file_name();
            if let Some(job) = name.to_str().and_then(|name| name.parse().ok())
                && !known(job)
            {
                self.remove_staged(job)?;
            }
        }
        Ok(())
    }

    /// Where a recording's poster stands, or will stand.
    ///
    /// `teamspace` is the id of a known teamspace: a UUID, safe as a name.
    pub fn poster(&self, teamspace: &str, recording: &RecordingId) -> PathBuf {
        let teamspace: String =
            teamspace.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
        self.root.join("posters").join(teamspace).join(format!("{recording}.jpg"))
    }

    /// Keeps a poster: written beside, then renamed, so that nobody sees half of one.
    pub fn save_poster(
        &self,
        teamspace: &str,
        recording: &RecordingId,
        jpeg: &[u8],
    ) -> Result<PathBuf, Error> {
        let path = self.poster(teamspace, recording);
        let write = || -> io::Result<()> {
            let folder = path.parent().unwrap_or(&self.root);
            fs::create_dir_all(folder)?;
            let fresh = path.with_extension("new");
            fs::write(&fresh, jpeg)?;
            fs::rename(fresh, &path)
        };
        write().map_err(|source| Error { attempted: "keep a poster", source })?;
        Ok(path)
    }

    fn job_folder(&self, job: i64) -> PathBuf {
        self.root.join("staged").join(job.to_string())
    }
}

impl From<Error> for UserError {
    fn from(error: Error) -> Self {
        let detail = format!("{error}: {}", error.source);
        Self::of_data_directory(error.attempted, &error.source).detail(detail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_from_zoom_never_becomes_a_path() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::open(dir.path()).unwrap();
        let path = cache.staged_file(7, "../../etc/passwd").unwrap();
        assert_eq!(path.parent(), Some(dir.path().join("staged/7").as_path()));
        assert!(!path.to_string_lossy().contains("passwd"));
    }

    #[test]
    fn staged_files_of_forgotten_jobs_are_swept() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::open(dir.path()).unwrap();
        for job in [1, 2] {
            fs::write(cache.staged_file(job, "a").unwrap(), "x").unwrap();
        }
        cache.sweep_staged(|job| job == 2).unwrap();
        assert!(!dir.path().join("staged/1").exists());
        assert!(dir.path().join("staged/2").exists());
    }
}
