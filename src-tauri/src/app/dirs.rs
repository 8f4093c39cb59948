//! The data directory: one folder that holds everything local.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::{Code, UserError};

/// Where local data lives. All paths are below one folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dirs {
    root: PathBuf,
}

impl Dirs {
    /// Everything below `root`.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The place that the operating system gives: for example `~/.local/share/next-desktop`.
    pub fn of_system() -> Result<Self, UserError> {
        directories::ProjectDirs::from("app", "NEXT", "next-desktop")
            .map(|dirs| Self::at(dirs.data_local_dir()))
            .ok_or_else(|| {
                UserError::new(
                    Code::DataDirectory,
                    "The system does not say where your home folder is",
                    "set NEXT_DATA_DIR to a folder for NEXT's data",
                )
            })
    }

    /// Makes the folder and sees whether it can be written, before anything relies on it.
    pub fn prepare(&self) -> Result<(), UserError> {
        let attempt = || -> io::Result<()> {
            fs::create_dir_all(&self.root)?;
            keep_private(&self.root)?;
            let probe = self.root.join(format!(".writable-{}", std::process::id()));
            fs::write(&probe, b"")?;
            fs::remove_file(probe)
        };
        attempt().map_err(|error| {
            let (code, message, action) = match error.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => (
                    Code::DiskFull,
                    "is on a disk that is full",
                    "free some space, or set NEXT_DATA_DIR to a folder on another disk",
                ),
                io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => (
                    Code::DataDirectory,
                    "is not a folder",
                    "move the file that has its name away, or set NEXT_DATA_DIR to a folder",
                ),
                _ => (
                    Code::DataDirectory,
                    "cannot be written",
                    "give yourself write permission there, or set NEXT_DATA_DIR to another folder",
                ),
            };
            UserError::new(code, format!("NEXT's data directory {} {message}", self.root.display()), action)
                .with("path", self.root.display())
                .detail(error)
        })
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The precious database.
    pub fn state_db(&self) -> PathBuf {
        self.root.join("state.db")
    }

    /// The disposable database.
    pub fn catalog_db(&self) -> PathBuf {
        self.root.join("catalog.db")
    }

    /// Staged media and posters.
    pub fn cache(&self) -> PathBuf {
        self.root.join("cache")
    }

    /// Logs.
    pub fn logs(&self) -> PathBuf {
        self.root.join("logs")
    }

    /// Held by the one process that changes the Zoom tokens.
    pub fn refresh_lock(&self) -> PathBuf {
        self.root.join("zoom-refresh.lock")
    }

    /// How fast Zoom may be called, for all processes.
    pub fn zoom_pace(&self) -> PathBuf {
        self.root.join("zoom-pace")
    }

    /// Held by the one process that works the queue.
    pub fn worker_lock(&self) -> PathBuf {
        self.root.join("worker.lock")
    }

    /// Held by the one process that looks for new recordings by itself.
    pub fn auto_import_lock(&self) -> PathBuf {
        self.root.join("auto-import.lock")
    }

    /// Held by the one process that fetches what is pinned.
    pub fn keep_lock(&self) -> PathBuf {
        self.root.join("keep.lock")
    }

    /// Held by the one process that verifies or repairs a teamspace.
    pub fn verify_lock(&self) -> PathBuf {
        self.root.join("verify.lock")
    }
}

/// Recordings' titles and transcripts are nobody else's business.
#[cfg(unix)]
fn keep_private(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = fs::metadata(folder)?.permissions().mode();
    if mode & 0o077 == 0 {
        return Ok(());
    }
    fs::set_permissions(folder, fs::Permissions::from_mode(mode & !0o077))
}

/// Elsewhere the system's own rights of a home folder stand.
#[cfg(not(unix))]
fn keep_private(_folder: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_in_the_place_of_the_data_directory_is_said() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("data");
        fs::write(&file, "a file").unwrap();
        let error = Dirs::at(&file).prepare().unwrap_err();
        assert_eq!(error.code, Code::DataDirectory);
        assert!(error.message.contains("is not a folder"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn the_data_directory_is_nobody_elses() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        Dirs::at(&data).prepare().unwrap();
        assert_eq!(fs::metadata(&data).unwrap().permissions().mode() & 0o777, 0o700);
    }
}
