//! How much room disks have, as an argument: a story can fill one without filling anybody's.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use crate::teamspace::free_bytes;

/// Tells how much room there is. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Disks(Option<Arc<Mutex<u64>>>);

impl Disks {
    /// The machine's.
    pub fn system() -> Self {
        Self(None)
    }

    /// One disk for everything, with so many bytes free until that is changed.
    pub fn with_free(bytes: u64) -> Self {
        Self(Some(Arc::new(Mutex::new(bytes))))
    }

    /// Changes what is free on a disk made by [`Disks::with_free`]; the machine's stay as they are.
    pub fn set_free(&self, bytes: u64) {
        if let Some(free) = &self.0 {
            *free.lock().unwrap_or_else(PoisonError::into_inner) = bytes;
        }
    }

    /// Bytes that are free where `path` is, or will be; none when the place does not say.
    pub fn free(&self, path: &Path) -> Option<u64> {
        match &self.0 {
            Some(free) => Some(*free.lock().unwrap_or_else(PoisonError::into_inner)),
            None => free_bytes(path),
        }
    }

    /// Whether two places are on one disk. Where the system does not tell, they are taken for two: then a little
    /// more room is asked for than is needed.
    pub fn same(&self, one: &Path, other: &Path) -> bool {
        self.0.is_some() || device(one).is_some_and(|found| device(other) == Some(found))
    }
}

#[cfg(unix)]
fn device(path: &Path) -> Option<u64> {
    use std::os::unix::fs::MetadataExt as _;
    let existing = path.ancestors().find(|ancestor| ancestor.exists())?;
    Some(std::fs::metadata(existing).ok()?.dev())
}

/// The drive that a path begins with.
#[cfg(not(unix))]
fn device(path: &Path) -> Option<std::ffi::OsString> {
    Some(path.components().next()?.as_os_str().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_and_what_will_be_in_it_are_on_one_disk_with_room() {
        let dir = tempfile::tempdir().unwrap();
        let disks = Disks::system();
        assert!(disks.same(dir.path(), &dir.path().join("not/yet")));
        assert!(disks.free(&dir.path().join("not/yet")).unwrap() > 0);
    }
}
