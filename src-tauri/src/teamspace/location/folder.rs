//! Teamspaces in folders, and whether a folder can keep a teamspace's promises.
//!
//! An existing teamspace's folder is never made anew: an unplugged disk leaves an empty mount point or
//! nothing at all, and writing there would fill the wrong disk and hide the recordings.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use object_store::local::LocalFileSystem;

use super::super::{Error, new_nonce};
use super::Access;

/// The store over a folder that is there. Every write reaches the disk before it is answered.
pub(in super::super) fn folder_store(root: &Path) -> Result<LocalFileSystem, Error> {
    let place = root.display().to_string();
    match fs::metadata(root) {
        Ok(found) if found.is_dir() => {}
        Ok(_) => return Err(Error::Invalid("the place of a teamspace must be a folder, and this is a file")),
        Err(source) if is_missing(&source) => return Err(Error::Unreachable { place }),
        Err(source) => return Err(Error::of_io(&place, "look at the teamspace's folder", source)),
    }
    match LocalFileSystem::new_with_prefix(root) {
        Ok(store) => Ok(store.with_fsync(true)),
        Err(source) => Err(Error::of_store(&place, "open the teamspace's folder", source)),
    }
}

/// Makes the folder of a new teamspace, and those above it.
pub(in super::super) fn make_folder(root: &Path) -> Result<(), Error> {
    let error = |source: io::Error| match source.kind() {
        io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => {
            Error::Invalid("the place of a teamspace must be a folder, and this is a file")
        }
        io::ErrorKind::NotFound
        | io::ErrorKind::InvalidFilename
        | io::ErrorKind::InvalidInput
        | io::ErrorKind::Unsupported => {
            Error::Invalid("no folder can be made at the place of this teamspace")
        }
        _ => Error::of_io(&root.display().to_string(), "make the teamspace's folder", source),
    };
    let existing = root.ancestors().find(|ancestor| ancestor.exists());
    fs::create_dir_all(root).map_err(error)?;
    for folder in root.ancestors() {
        sync_folder(folder).map_err(error)?;
        if Some(folder) == existing {
            break;
        }
    }
    Ok(())
}

/// Writes, links and removes a small file: whether the folder takes writes, and has the hard links that
/// creating exactly once needs. A full disk counts as writable: that is said when it matters.
pub(in super::super) fn test_folder(root: &Path) -> Result<Access, Error> {
    let place = root.display().to_string();
    let name = format!(".next-test-{}", new_nonce());
    let (first, second) = (root.join(&name), root.join(format!("{name}-link")));
    let outcome = match File::create_new(&first) {
        Ok(_) => match fs::hard_link(&first, &second) {
            Ok(()) => Ok(Access::ReadWrite),
            Err(source) if is_full(&source) => Ok(Access::ReadWrite),
            Err(source) => match Error::of_io(&place, "test the teamspace's folder", source) {
                gone @ Error::Unreachable { .. } => Err(gone),
                _ => Err(Error::NoHardLinks { place }),
            },
        },
        Err(source) if is_full(&source) => Ok(Access::ReadWrite),
        Err(source) => match Error::of_io(&place, "test the teamspace's folder", source) {
            Error::ReadOnly { .. } | Error::PermissionDenied { .. } => Ok(Access::ReadOnly),
            other => Err(other),
        },
    };
    for path in [first, second] {
        // What cannot be removed was not made.
        let _ = fs::remove_file(path);
    }
    outcome
}

/// Moves a file below `root` without copying it: linked at its new place, on the disk, then gone from its
/// old one. `false` when it is on another file system. Replaces nothing: fails with `AlreadyExists`.
pub(in super::super) fn move_in(staged: &Path, root: &Path, key: &str) -> io::Result<bool> {
    let target = root.join(key);
    open_for_sync(staged)?.sync_all()?;
    let made = make_parents(root, key)?;
    match fs::hard_link(staged, &target) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            if !same_file(staged, &target)? {
                return Err(error);
            }
        }
        // Another file system, or one of the many numbers by which links between two folders are refused.
        Err(error) if is_full(&error) => return Err(error),
        Err(_) => return Ok(false),
    }
    for folder in made {
        sync_folder(&folder)?;
    }
    fs::remove_file(staged)?;
    if let Some(folder) = staged.parent() {
        sync_folder(folder)?;
    }
    Ok(true)
}

/// Makes the folders between `root` and the last part of `key`, but never `root` itself. Returns those to
/// sync, the innermost first.
fn make_parents(root: &Path, key: &str) -> io::Result<Vec<PathBuf>> {
    let mut folder = root.to_owned();
    let mut made = vec![folder.clone()];
    let parts: Vec<&str> = key.split('/').collect();
    for part in parts.iter().take(parts.len().saturating_sub(1)) {
        folder.push(part);
        match fs::create_dir(&folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => made.push(folder.clone()),
        }
    }
    made.reverse();
    Ok(made)
}

#[cfg(unix)]
fn same_file(a: &Path, b: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let (a, b) = (fs::metadata(a)?, fs::metadata(b)?);
    Ok((a.dev(), a.ino()) == (b.dev(), b.ino()))
}

/// Without a stable way to ask, the caller compares contents.
#[cfg(not(unix))]
fn same_file(_: &Path, _: &Path) -> io::Result<bool> {
    Ok(false)
}

/// Windows syncs only through a handle that may write.
fn open_for_sync(path: &Path) -> io::Result<File> {
    if cfg!(windows) { File::options().write(true).open(path) } else { File::open(path) }
}

/// Puts a folder's entries on the disk. Only Unix can.
fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
}

fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// The service that syncs a folder, recognised by the names and marks that these services leave above it.
pub(super) fn synced_by(path: &Path) -> Option<&'static str> {
    const MARKS: [(&str, &str); 6] = [
        (".dropbox", "Dropbox"),
        (".dropbox.cache", "Dropbox"),
        (".tmp.driveupload", "Google Drive"),
        (".tmp.drivedownload", "Google Drive"),
        (".stfolder", "Syncthing"),
        (".owncloudsync.log", "Nextcloud"),
    ];
    path.ancestors().find_map(|folder| {
        let name = folder.file_name()?.to_string_lossy();
        let by_name = match &*name {
            "Dropbox" => Some("Dropbox"),
            "OneDrive" => Some("OneDrive"),
            "Google Drive" | "GoogleDrive" | "My Drive" => Some("Google Drive"),
            "iCloudDrive" | "iCloud Drive" | "Mobile Documents" => Some("iCloud Drive"),
            "Nextcloud" => Some("Nextcloud"),
            other if other.starts_with("OneDrive - ") || other.starts_with("OneDrive-") => Some("OneDrive"),
            other if other.starts_with("GoogleDrive-") => Some("Google Drive"),
            other if other.starts_with("Dropbox (") || other.starts_with("Dropbox-") => Some("Dropbox"),
            _ => None,
        };
        by_name.or_else(|| MARKS.iter().find(|(mark, _)| folder.join(mark).exists()).map(|(_, by)| *by))
    })
}

#[cfg(test)]
mod tests {
    use super::super::{Location, absolute, free_bytes};
    use super::*;

    #[test]
    fn a_synced_folder_is_recognised_by_name_and_by_mark() {
        let home = tempfile::tempdir().unwrap();
        for (path, service) in [
            ("Dropbox/Team", "Dropbox"),
            ("OneDrive - ACME GmbH/Recordings", "OneDrive"),
            ("Library/Mobile Documents/com~apple~CloudDocs/Team", "iCloud Drive"),
            ("Library/CloudStorage/GoogleDrive-a@b.c/My Drive/Team", "Google Drive"),
        ] {
            let warnings = Location::folder(home.path().join(path)).warnings();
            assert_eq!(warnings.first().unwrap().params["service"], service, "{path}");
        }
        fs::create_dir_all(home.path().join("Sync/.stfolder")).unwrap();
        assert_eq!(synced_by(&home.path().join("Sync/Team/Recordings")), Some("Syncthing"));
        assert!(Location::folder(home.path().join("Videos/NEXT")).warnings().is_empty());
    }

    #[test]
    fn free_space_is_told_for_a_folder_that_will_be_made() {
        let home = tempfile::tempdir().unwrap();
        assert!(free_bytes(&home.path().join("not/yet/there")).unwrap() > 0);
    }

    #[test]
    fn the_test_leaves_nothing_behind() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(test_folder(root.path()).unwrap(), Access::ReadWrite);
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_place_that_is_no_folder_is_said() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("file");
        fs::write(&file, "x").unwrap();
        assert!(matches!(folder_store(&file), Err(Error::Invalid(_))));
        assert!(matches!(make_folder(&file), Err(Error::Invalid(_))));
        assert!(matches!(absolute("Videos"), Err(Error::Invalid(_))));
        assert!(matches!(folder_store(&home.path().join("gone")), Err(Error::Unreachable { .. })));
    }

    #[test]
    fn moving_in_copies_nothing_and_replaces_nothing() {
        let root = tempfile::tempdir().unwrap();
        let (staged, other) = (root.path().join("staged"), root.path().join("other"));
        fs::write(&staged, "video").unwrap();
        assert!(move_in(&staged, root.path(), "a/b/video-0.mp4").unwrap());
        assert!(!staged.exists());
        assert_eq!(fs::read(root.path().join("a/b/video-0.mp4")).unwrap(), b"video");

        fs::write(&other, "other").unwrap();
        let error = move_in(&other, root.path(), "a/b/video-0.mp4").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(root.path().join("a/b/video-0.mp4")).unwrap(), b"video");
    }

    #[test]
    fn a_folder_that_is_gone_is_not_made_by_moving_in() {
        let home = tempfile::tempdir().unwrap();
        let staged = home.path().join("staged");
        fs::write(&staged, "video").unwrap();
        let root = home.path().join("unplugged");
        assert!(move_in(&staged, &root, "a/video-0.mp4").is_err());
        assert!(!root.exists() && staged.exists());
    }
}
