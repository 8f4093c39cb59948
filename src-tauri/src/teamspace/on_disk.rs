//! What stands in a folder teamspace, by the file system itself.
//!
//! # Why not by `object_store`
//! Its listing of a folder ends at the first name that no key can have, and whoever passes over that error takes the
//! part that was read for all of it. Anybody can drop such a file into a shared folder. Here every name that is none
//! of ours is passed over by itself.

use std::fs::{self, DirEntry};
use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::Arc;

use object_store::ObjectMeta;

use super::{Error, key};

/// Keys have at most six parts; what lies deeper is none of ours, and a link that leads up into its own folder ends.
const DEEPEST: usize = 8;

/// Every object below a folder, in no order. A folder that is not there has none.
pub(super) async fn objects(place: &Arc<str>, root: &Path, folder: &str) -> Result<Vec<ObjectMeta>, Error> {
    let (root, folder) = (root.to_owned(), folder.to_owned());
    blocking(place, move || {
        let mut found = Vec::new();
        let mut open = vec![(folder, 0)];
        while let Some((folder, depth)) = open.pop() {
            for (key, entry) in named(&root, &folder)? {
                // A link counts as what it leads to; what went away meanwhile is not there.
                match unless_gone(fs::metadata(entry.path()))? {
                    Some(about) if about.is_dir() && depth < DEEPEST => open.push((key, depth + 1)),
                    Some(about) if about.is_file() => found.push(ObjectMeta {
                        location: key.into(),
                        last_modified: about.modified()?.into(),
                        size: about.len(),
                        e_tag: None,
                        version: None,
                    }),
                    _ => {}
                }
            }
        }
        Ok(found)
    })
    .await
}

/// The keys of the folders that stand right in a folder, in no order.
pub(super) async fn folders(place: &Arc<str>, root: &Path, folder: &str) -> Result<Vec<String>, Error> {
    let (root, folder) = (root.to_owned(), folder.to_owned());
    blocking(place, move || {
        let mut found = Vec::new();
        for (key, entry) in named(&root, &folder)? {
            if unless_gone(fs::metadata(entry.path()))?.is_some_and(|about| about.is_dir()) {
                found.push(key);
            }
        }
        Ok(found)
    })
    .await
}

/// What stands right in a folder under a name that a key can have, with that key.
fn named(root: &Path, folder: &str) -> io::Result<Vec<(String, DirEntry)>> {
    let Some(entries) = unless_gone(fs::read_dir(root.join(folder)))? else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry?;
        let key = entry.file_name().to_str().map(|name| format!("{folder}/{name}"));
        found.extend(key.filter(|key| key::is_sound(key)).map(|key| (key, entry)));
    }
    Ok(found)
}

fn unless_gone<T>(read: io::Result<T>) -> io::Result<Option<T>> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn blocking<T: Send + 'static>(
    place: &Arc<str>,
    read: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, Error> {
    let read = tokio::task::spawn_blocking(read).await.map_err(io::Error::other).and_then(|read| read);
    read.map_err(|source| Error::of_io(place, "list the teamspace", source))
}
