//! What stands in a teamspace, as bytes: for verifying and repairing. Looks at the store, and not at the log.
//!
//! The folders that recordings are spread over are read one by one, so that memory does not grow with the
//! number of recordings.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use object_store::ObjectStoreExt;
use object_store::path::Path as Key;
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

use super::log::Op;
use super::manifest::{Manifest, ManifestFile};
use super::{Error, Teamspace, key, new_nonce};
use crate::recording::RecordingId;

/// Bytes that are read and hashed at a time.
const PIECE: u64 = 4 << 20;

/// The folder of one recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordingFolder {
    /// The recording.
    pub id: RecordingId,
    /// Whether its manifest is there.
    pub has_manifest: bool,
    /// How many addenda are there.
    pub addenda: u64,
    /// What was put under attempts, by attempt.
    pub attempts: Vec<AttemptFolder>,
}

/// The folder of one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptFolder {
    /// Its name.
    pub name: String,
    /// How many files are in it.
    pub files: u64,
    /// Sum of their sizes.
    pub bytes: u64,
    /// When the newest of them was written.
    pub newest: Timestamp,
}

/// What is published of a recording.
#[derive(Debug, Default)]
pub struct Published {
    /// Its manifest, and what the log says about it.
    pub manifest: Option<(Manifest, Op)>,
    /// Its addenda, each with what the log says about it.
    pub addenda: Vec<(Manifest, Op)>,
    /// What stands there and cannot be read as a manifest or addendum.
    pub unreadable: Vec<Error>,
}

impl Published {
    /// The files that it names, each key once.
    pub fn files(&self) -> Vec<&ManifestFile> {
        let mut by_key = BTreeMap::new();
        for file in self.all().flat_map(|manifest| &manifest.files) {
            by_key.entry(file.key.as_str()).or_insert(file);
        }
        by_key.into_values().collect()
    }

    /// Whether anything of it names files of this attempt.
    pub fn names_attempt(&self, attempt: &str) -> bool {
        self.all().any(|manifest| manifest.names_attempt(attempt))
    }

    /// What the log should say about it.
    pub fn ops(&self) -> impl Iterator<Item = &Op> {
        self.manifest.iter().chain(&self.addenda).map(|(_, op)| op)
    }

    fn all(&self) -> impl Iterator<Item = &Manifest> {
        self.manifest.iter().chain(&self.addenda).map(|(manifest, _)| manifest)
    }
}

/// What a look at a stored file showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// It is what its manifest says.
    Whole,
    /// It is not there.
    Missing,
    /// It has another size.
    OtherSize,
    /// It has other content.
    OtherContent,
    /// It is there and cannot be read.
    Unreadable,
    /// Looking was stopped.
    Stopped,
}

impl Teamspace {
    /// The time by the clock of the store: that of a small object, which is removed again.
    pub async fn time(&self) -> Result<Timestamp, Error> {
        let at = format!("{}/{}.json", key::PROBE, new_nonce());
        self.store.create(&at, new_nonce().into()).await?;
        let path = Key::from(at);
        let written = self.store.objects.head(&path).await;
        self.store.delete(&path).await?;
        if let Some(root) = self.store.root() {
            // One that others use just now stays.
            let _ = tokio::fs::remove_dir(root.join(key::PROBE)).await;
        }
        let written = written.map_err(|source| self.store.error("read from the teamspace", source))?;
        let time = Timestamp::from_millisecond(written.last_modified.timestamp_millis());
        // Before everything, nothing is old.
        Ok(time.unwrap_or(Timestamp::MIN))
    }

    /// The folders that recordings are spread over, in order.
    pub async fn shards(&self) -> Result<Vec<String>, Error> {
        self.store.ensure_there().await?;
        let folders = self.store.folders_in("recordings").await?;
        let mut names: Vec<String> =
            folders.iter().filter_map(|path| path.rsplit('/').next().map(str::to_owned)).collect();
        names.sort();
        Ok(names)
    }

    /// The recordings' folders in one of [`Teamspace::shards`], in order of their ids.
    pub async fn folders(&self, shard: &str) -> Result<Vec<RecordingFolder>, Error> {
        let mut folders: BTreeMap<RecordingId, (bool, u64, BTreeMap<String, AttemptFolder>)> =
            BTreeMap::new();
        for object in self.store.list(&format!("recordings/{shard}")).await? {
            let mut parts = object.location.as_ref().split('/').skip(2);
            let Some(Ok(id)) = parts.next().map(str::parse::<RecordingId>) else { continue };
            let folder = folders.entry(id).or_default();
            match (parts.next(), parts.next()) {
                (Some("manifest.json"), None) => folder.0 = true,
                (Some("addenda"), Some(name)) if name.ends_with(".json") => folder.1 += 1,
                (Some(name), Some(_)) if name != "addenda" => {
                    let written = Timestamp::from_millisecond(object.last_modified.timestamp_millis());
                    let written = written.unwrap_or(Timestamp::MAX);
                    let attempt = folder.2.entry(name.to_owned()).or_insert_with(|| AttemptFolder {
                        name: name.to_owned(),
                        files: 0,
                        bytes: 0,
                        newest: written,
                    });
                    attempt.files += 1;
                    attempt.bytes = attempt.bytes.saturating_add(object.size);
                    attempt.newest = attempt.newest.max(written);
                }
                _ => {}
            }
        }
        let folder = |(id, (has_manifest, addenda, attempts)): (RecordingId, (bool, u64, BTreeMap<_, _>))| {
            RecordingFolder { id, has_manifest, addenda, attempts: attempts.into_values().collect() }
        };
        Ok(folders.into_iter().map(folder).collect())
    }

    /// What is published of a recording. What cannot be read is named beside the rest.
    pub async fn published(&self, id: &RecordingId) -> Result<Published, Error> {
        let mut published = Published::default();
        match self.publication(id).await {
            Ok(found) => published.manifest = found.map(|found| (found.manifest, found.op)),
            Err(error @ (Error::Damaged { .. } | Error::TooNew { .. })) => published.unreadable.push(error),
            Err(error) => return Err(error),
        }
        for object in self.store.list(&key::addenda(id)).await? {
            let at = object.location.to_string();
            if !at.ends_with(".json") {
                continue;
            }
            let parsed = match self.store.get(&at).await {
                Ok(None) => continue,
                Ok(Some(bytes)) => Manifest::parse(&bytes, id, &at).map(|addendum| {
                    let op = Op::addendum(&addendum, &bytes);
                    (addendum, op)
                }),
                Err(error) => Err(error),
            };
            match parsed {
                Ok(addendum) => published.addenda.push(addendum),
                Err(error @ (Error::Damaged { .. } | Error::TooNew { .. })) => {
                    published.unreadable.push(error)
                }
                Err(error) => return Err(error),
            }
        }
        Ok(published)
    }

    /// Reads a stored file again and compares it with what its manifest says. `read` hears how many bytes more
    /// were read.
    ///
    /// An error means that the teamspace could not be looked at; a file that cannot be read is a finding.
    pub async fn look_at(
        &self,
        id: &RecordingId,
        file: &ManifestFile,
        read: &(dyn Fn(u64) + Sync),
        stop: &CancellationToken,
    ) -> Result<Found, Error> {
        let full = self.full_key(id, &file.key)?;
        match self.digest_of(&full, file.size, read, stop).await {
            Ok(Looked::Digest(digest)) if digest == file.sha256 => Ok(Found::Whole),
            Ok(Looked::Digest(_)) => Ok(Found::OtherContent),
            Ok(Looked::Missing) => Ok(Found::Missing),
            Ok(Looked::OtherSize) => Ok(Found::OtherSize),
            Ok(Looked::Stopped) => Ok(Found::Stopped),
            Err(error) => {
                // A worn-out disk says the same of one file as a disk that is gone says of all.
                self.store.ensure_there().await?;
                tracing::warn!(%error, key = %full, "a stored file cannot be read");
                Ok(Found::Unreadable)
            }
        }
    }

    async fn digest_of(
        &self,
        full: &str,
        size: u64,
        read: &(dyn Fn(u64) + Sync),
        stop: &CancellationToken,
    ) -> Result<Looked, Error> {
        match self.store.size(full).await? {
            None => return Ok(Looked::Missing),
            Some(found) if found != size => return Ok(Looked::OtherSize),
            Some(_) => {}
        }
        let path = Key::from(full);
        let (mut hash, mut at) = (Sha256::new(), 0);
        while at < size {
            if stop.is_cancelled() {
                return Ok(Looked::Stopped);
            }
            let end = size.min(at + PIECE);
            let bytes = match self.store.objects.get_range(&path, at..end).await {
                Err(object_store::Error::NotFound { .. }) => {
                    self.store.ensure_there().await?;
                    return Ok(Looked::Missing);
                }
                bytes => bytes.map_err(|source| self.store.error("read from the teamspace", source))?,
            };
            let got = bytes.len() as u64;
            if got != end - at {
                return Ok(Looked::OtherSize);
            }
            let hashing = tokio::task::spawn_blocking(move || {
                hash.update(&bytes);
                hash
            });
            hash = hashing.await.map_err(|stopped| Error::Io {
                attempted: "hash a stored file".to_owned(),
                source: std::io::Error::other(stopped),
            })?;
            at = end;
            read(got);
        }
        Ok(Looked::Digest(HEXLOWER.encode(&hash.finalize())))
    }
}

enum Looked {
    Digest(String),
    Missing,
    OtherSize,
    Stopped,
}
