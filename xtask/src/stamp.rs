//! Remembers from what something was made, so that it is made again only when that changed.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};

use crate::process::{Result, attempt};

/// A digest of the content and the names of files and folders, in a fixed order. Folders named in `except` are left
/// out wherever they are.
pub fn digest(paths: &[PathBuf], except: &[&str]) -> Result<String> {
    let mut files = Vec::new();
    for path in paths {
        collect(path, except, &mut files)?;
    }
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        file.hash(&mut hasher);
        attempt(&format!("cannot read {}", file.display()), fs::read(&file))?.hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

fn collect(path: &Path, except: &[&str], files: &mut Vec<PathBuf>) -> Result {
    if path.is_dir() {
        let entries = attempt(&format!("cannot read {}", path.display()), fs::read_dir(path))?;
        for entry in entries {
            let entry = attempt(&format!("cannot read {}", path.display()), entry)?;
            if !except.iter().any(|name| entry.file_name() == *name) {
                collect(&entry.path(), except, files)?;
            }
        }
    } else if path.is_file() {
        files.push(path.to_owned());
    }
    Ok(())
}

/// Whether `stamp` says that something was made from exactly this.
pub fn matches(stamp: &Path, digest: &str) -> bool {
    fs::read_to_string(stamp).is_ok_and(|written| written == digest)
}

/// Writes the stamp, after the thing was made.
pub fn write(stamp: &Path, digest: &str) -> Result {
    let what = format!("cannot write {}", stamp.display());
    if let Some(folder) = stamp.parent() {
        attempt(&what, fs::create_dir_all(folder))?;
    }
    attempt(&what, fs::write(stamp, digest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("next-xtask-stamp-{name}-{}", std::process::id()));
        fs::create_dir_all(folder.join("src")).unwrap();
        fs::create_dir_all(folder.join("node_modules")).unwrap();
        folder
    }

    #[test]
    fn a_changed_file_changes_the_digest_and_an_excepted_one_does_not() {
        let folder = folder("change");
        fs::write(folder.join("src/a"), "one").unwrap();
        let before = digest(std::slice::from_ref(&folder), &["node_modules"]).unwrap();
        fs::write(folder.join("node_modules/b"), "other").unwrap();
        assert_eq!(digest(std::slice::from_ref(&folder), &["node_modules"]).unwrap(), before);
        fs::write(folder.join("src/a"), "two").unwrap();
        assert_ne!(digest(std::slice::from_ref(&folder), &["node_modules"]).unwrap(), before);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_stamp_matches_only_what_it_was_written_for() {
        let folder = folder("stamp");
        let stamp = folder.join("deep/stamp");
        assert!(!matches(&stamp, "1"));
        write(&stamp, "1").unwrap();
        assert!(matches(&stamp, "1"));
        assert!(!matches(&stamp, "2"));
        fs::remove_dir_all(folder).unwrap();
    }
}
