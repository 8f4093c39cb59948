//! A teamspace's objects: reading, creating and listing, with errors that a person can act on.
//!
//! A bucket says with each answer whether it is there. For a folder, "not there" is believed only while the teamspace itself is there: when its disk is pulled
//! out, every file is "not found", and a reader that believed it would find nothing new for ever, a writer
//! would fill an empty mount point.

use std::fmt;
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use object_store::multipart::MultipartStore;
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt, PutMode, PutOptions};

use super::exclusive::{self, Created};
use super::location::Access;
use super::{Error, Trouble, key, on_disk};

/// The largest JSON that is read: a manifest with thousands of files. What is larger is refused before it is held.
pub(super) const MAX_SMALL: u64 = 16 << 20;

/// A store that takes uploads in parts by their number.
pub(super) trait InParts: MultipartStore + fmt::Debug {}

impl<T: MultipartStore + fmt::Debug> InParts for T {}

/// The objects of one teamspace. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Store {
    pub(super) objects: Arc<dyn ObjectStore>,
    /// The folder, where it is one.
    pub(super) root: Option<Arc<PathBuf>>,
    /// The place in words.
    pub(super) place: Arc<str>,
    /// The same store, where uploads in parts have a number and can be gone on with.
    pub(super) parts: Option<Arc<dyn InParts>>,
    /// What shows that the place is there: `teamspace.json`, or what marks a copy that is not finished.
    pub(super) marker: &'static str,
}

impl Store {
    pub(super) fn root(&self) -> Option<&FilePath> {
        self.root.as_deref().map(PathBuf::as_path)
    }

    /// Fails when the place is gone.
    pub(super) async fn ensure_there(&self) -> Result<(), Error> {
        let Some(root) = self.root() else { return Ok(()) };
        match tokio::fs::metadata(root.join(self.marker)).await {
            Ok(_) => Ok(()),
            Err(source) => match Error::of_io(&self.place, "look at the teamspace", source) {
                Error::Io { .. } => Err(Error::Unreachable { place: self.place.to_string() }),
                sorted => Err(sorted),
            },
        }
    }

    /// Creates `key` if nothing is there; `body` holds a nonce.
    pub(super) async fn create(&self, key: &str, body: Bytes) -> Result<Created, Error> {
        self.ensure_there().await?;
        match self.create_first(key, body).await {
            Err(error) => Err(self.explain(error).await),
            created => created,
        }
    }

    /// What an error means when the place went away in the middle: a disk can be pulled out after it was seen to
    /// be there, and then anything may fail in any words.
    pub(super) async fn explain(&self, error: Error) -> Error {
        match error {
            Error::Io { .. } | Error::Store { .. } => self.ensure_there().await.err().unwrap_or(error),
            other => other,
        }
    }

    /// The same, for the one key that makes the place a teamspace.
    pub(super) async fn create_first(&self, key: &str, body: Bytes) -> Result<Created, Error> {
        exclusive::create_exclusive(&*self.objects, &Path::from(key), body)
            .await
            .map_err(|source| self.error("write to the teamspace", source))
    }

    /// Reads a small object whole; none when it is not there.
    pub(super) async fn get(&self, key: &str) -> Result<Option<Bytes>, Error> {
        let found = match self.objects.get(&Path::from(key)).await {
            Ok(found) => found,
            Err(source @ object_store::Error::NotFound { .. }) => {
                self.refuse_lost_bucket("read from the teamspace", &source)?;
                if key != key::TEAMSPACE && key != self.marker {
                    self.ensure_there().await?;
                }
                return Ok(None);
            }
            Err(source) => return Err(self.error("read from the teamspace", source)),
        };
        if found.meta.size > MAX_SMALL {
            let detail = format!("{} bytes are too many", found.meta.size);
            return Err(Error::Damaged { what: key.to_owned(), detail });
        }
        let bytes = found.bytes().await.map_err(|source| self.error("read from the teamspace", source))?;
        Ok(Some(bytes))
    }

    /// The size of an object; none when it is not there.
    pub(super) async fn size(&self, key: &str) -> Result<Option<u64>, Error> {
        match self.objects.head(&Path::from(key)).await {
            Ok(meta) => Ok(Some(meta.size)),
            Err(object_store::Error::NotFound { .. }) => {
                self.ensure_there().await?;
                Ok(None)
            }
            Err(source) => Err(self.error("read from the teamspace", source)),
        }
    }

    /// The content of an object, piece by piece.
    pub(super) async fn stream(&self, key: &str) -> Result<BoxStream<'static, Result<Bytes, Error>>, Error> {
        let place = self.place.clone();
        let found = self.objects.get(&Path::from(key)).await;
        let found = found.map_err(|source| self.error("read from the teamspace", source))?;
        let error = move |source| Error::of_store(&place, "read from the teamspace", source);
        Ok(Box::pin(found.into_stream().map_err(error)))
    }

    /// Everything below a folder, in no order.
    pub(super) async fn list(&self, folder: &str) -> Result<Vec<ObjectMeta>, Error> {
        self.ensure_there().await?;
        if let Some(root) = self.root() {
            return on_disk::objects(&self.place, root, folder).await;
        }
        match self.objects.list(Some(&Path::from(folder))).try_collect().await {
            Ok(found) => Ok(found),
            // A folder that nobody has made yet is empty.
            Err(source @ object_store::Error::NotFound { .. }) => {
                self.refuse_lost_bucket("list the teamspace", &source)?;
                Ok(Vec::new())
            }
            Err(source) => Err(self.error("list the teamspace", source)),
        }
    }

    /// The first objects below a folder in the order of their keys, `most` at most: one request where the store
    /// lists in order.
    pub(super) async fn list_first(&self, folder: &str, most: usize) -> Result<Vec<ObjectMeta>, Error> {
        if self.root.is_some() {
            return Ok(first_of(self.list(folder).await?, most));
        }
        self.in_order(self.objects.list(Some(&Path::from(folder))), most).await
    }

    /// The first objects below a folder whose keys come after another one.
    pub(super) async fn list_after(
        &self,
        folder: &str,
        after: &str,
        most: usize,
    ) -> Result<Vec<ObjectMeta>, Error> {
        if self.root.is_some() {
            let mut found = self.list(folder).await?;
            found.retain(|object| object.location.as_ref() > after);
            return Ok(first_of(found, most));
        }
        self.in_order(self.objects.list_with_offset(Some(&Path::from(folder)), &Path::from(after)), most)
            .await
    }

    /// The folders that stand right in a folder.
    pub(super) async fn folders_in(&self, folder: &str) -> Result<Vec<String>, Error> {
        if let Some(root) = self.root() {
            let found = on_disk::folders(&self.place, root, folder).await?;
            if found.is_empty() {
                self.ensure_there().await?;
            }
            return Ok(found);
        }
        match self.objects.list_with_delimiter(Some(&Path::from(folder))).await {
            Ok(found) => Ok(found.common_prefixes.iter().map(Path::to_string).collect()),
            Err(object_store::Error::NotFound { .. }) => {
                self.ensure_there().await?;
                Ok(Vec::new())
            }
            Err(source) => Err(self.error("list the teamspace", source)),
        }
    }

    /// Whether nothing at all stands there, whosever it is, beside what a beginning that was killed left: the self-test's
    /// objects, and on a disk the marker's staging file.
    pub(super) async fn is_empty(&self) -> Result<bool, Error> {
        if let Some(root) = self.root() {
            let failed = |source| Error::of_io(&self.place, "list the new place", source);
            let mut entries = tokio::fs::read_dir(root).await.map_err(failed)?;
            while let Some(entry) = entries.next_entry().await.map_err(failed)? {
                let name = entry.file_name().into_string().unwrap_or_default();
                if name != key::PROBE && !name.starts_with(&format!("{}#", key::COPYING)) {
                    return Ok(false);
                }
            }
            return Ok(true);
        }
        let listed = self.objects.list_with_delimiter(None).await;
        let listed = listed.map_err(|source| self.error("list the new place", source))?;
        let theirs = |folder: &Path| folder.as_ref() != key::PROBE;
        Ok(listed.objects.is_empty() && !listed.common_prefixes.iter().any(theirs))
    }

    /// The first of what a bucket lists, which does so in order.
    async fn in_order(
        &self,
        found: BoxStream<'static, object_store::Result<ObjectMeta>>,
        most: usize,
    ) -> Result<Vec<ObjectMeta>, Error> {
        match found.take(most).try_collect().await {
            Ok(first) => Ok(first_of(first, most)),
            Err(object_store::Error::NotFound { .. }) => {
                self.ensure_there().await?;
                Ok(Vec::new())
            }
            Err(source) => Err(self.error("list the teamspace", source)),
        }
    }

    /// "Not found" can mean the bucket itself.
    fn refuse_lost_bucket(&self, attempted: &str, source: &object_store::Error) -> Result<(), Error> {
        match Trouble::of(attempted, source) {
            Some(trouble) => Err(Error::Bucket { place: self.place.to_string(), trouble }),
            None => Ok(()),
        }
    }

    /// Fails when the teamspace may not be listed: without that right, a store says "forbidden" of everything that
    /// is not there. One request.
    pub(super) async fn may_list(&self) -> Result<(), Error> {
        match self.objects.list_with_delimiter(Some(&Path::from(key::PROBE))).await {
            Ok(_) => Ok(()),
            Err(source) => Err(self.error("list the teamspace", source)),
        }
    }

    /// Whether the bucket takes writes: asks to create `teamspace.json` once more, with the bytes that stand there.
    /// Who may write hears that it exists, and nothing is changed. A store that takes it all the same has broken the
    /// promise that everything stands on, though it passed its test once.
    pub(super) async fn may_write(&self, there: Bytes) -> Result<Access, Error> {
        let create = PutOptions::from(PutMode::Create);
        match self.objects.put_opts(&Path::from(key::TEAMSPACE), there.into(), create).await {
            Err(object_store::Error::AlreadyExists { .. }) => Ok(Access::ReadWrite),
            Ok(_) => Err(Error::Unsafe {
                place: self.place.to_string(),
                reason: "it lets several writers create the same file".to_owned(),
            }),
            Err(source) => match self.error("write to the teamspace", source) {
                Error::Bucket { trouble: Trouble::NotAllowed { .. }, .. } => Ok(Access::ReadOnly),
                error => Err(error),
            },
        }
    }

    /// Removes an object; that it is not there is fine.
    pub(super) async fn delete(&self, path: &Path) -> Result<(), Error> {
        match self.objects.delete(path).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(source) => Err(self.error("remove from the teamspace", source)),
        }
    }

    pub(super) fn error(&self, attempted: &str, source: object_store::Error) -> Error {
        Error::of_store(&self.place, attempted, source)
    }
}

/// The first objects in the order of their keys.
fn first_of(mut found: Vec<ObjectMeta>, most: usize) -> Vec<ObjectMeta> {
    found.sort_by(|a, b| a.location.cmp(&b.location));
    found.truncate(most);
    found
}
