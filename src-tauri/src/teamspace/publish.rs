//! Publishing: files first, under a fresh attempt; the manifest last, created once.
//!
//! Every step looks at the world and may be made again after a crash. Whoever loses removes only its own
//! attempt, and never one that a manifest names.

use std::io;
use std::path::Path;

use bytes::{BufMut, Bytes, BytesMut};
use data_encoding::HEXLOWER;
use futures::TryStreamExt;
use object_store::ObjectStoreExt;
use object_store::path::Path as Key;
use sha2::{Digest, Sha256};
use tokio::io::AsyncReadExt;

use super::exclusive::Created;
use super::location::folder::move_in;
use super::log::Op;
use super::manifest::Manifest;
use super::{Error, Teamspace, key, new_nonce};
use crate::recording::RecordingId;

/// Bytes that are read and written at a time when a file is copied; large enough for a part of a bucket.
const PIECE: usize = 8 << 20;

/// A file to put into a teamspace, with what is known about it.
#[derive(Debug, Clone, Copy)]
pub struct Staged<'a> {
    /// Where it is now: in the cache, on this machine.
    pub path: &'a Path,
    /// Its size in bytes.
    pub size: u64,
    /// SHA-256 of its content, lower-case hex.
    pub sha256: &'a str,
}

/// Whether publishing was needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Our manifest stands: written now, or by an earlier try of ours.
    Published,
    /// Somebody else's manifest stands. Our attempt can be removed.
    AlreadyThere,
}

/// A manifest that stands in the teamspace.
#[derive(Debug, Clone, PartialEq)]
pub struct Publication {
    /// Whose it is.
    pub outcome: Outcome,
    /// What stands there.
    pub manifest: Manifest,
    /// What the log says about it. Saying it twice does no harm.
    pub op: Op,
}

impl Teamspace {
    /// Puts a staged file into an attempt and returns its key relative to the recording's folder. On success
    /// the staged file is gone: moved where the file system is the same, else copied, read back and removed.
    ///
    /// `name` comes from [`super::file_name`]. Putting the same file again is fine.
    pub async fn put_file(
        &self,
        id: &RecordingId,
        attempt: &str,
        name: &str,
        staged: Staged<'_>,
    ) -> Result<String, Error> {
        let relative = match self.put(id, attempt, name, staged, true).await {
            Ok(relative) => relative,
            Err(error) => return Err(self.store.explain(error).await),
        };
        match tokio::fs::remove_file(staged.path).await {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                Err(Error::Io { attempted: "remove a file that is in the teamspace now".to_owned(), source })
            }
            _ => Ok(relative),
        }
    }

    /// The same for a file that is a person's own: it is always copied and stays where it is.
    pub async fn copy_file(
        &self,
        id: &RecordingId,
        attempt: &str,
        name: &str,
        staged: Staged<'_>,
    ) -> Result<String, Error> {
        match self.put(id, attempt, name, staged, false).await {
            Err(error) => Err(self.store.explain(error).await),
            put => put,
        }
    }

    async fn put(
        &self,
        id: &RecordingId,
        attempt: &str,
        name: &str,
        staged: Staged<'_>,
        may_move: bool,
    ) -> Result<String, Error> {
        let relative = format!("{attempt}/{name}");
        let full = format!("{}/{relative}", key::recording(id));
        if !key::is_sound(&full) || name.contains('/') {
            return Err(Error::Invalid("a file's name in a teamspace holds only a-z, 0-9, - and ."));
        }
        self.store.ensure_there().await?;
        if self.store.size(&full).await? == Some(staged.size) && self.digest(&full).await? == staged.sha256 {
            return Ok(relative);
        }
        if self.store.size(&full).await?.is_some() {
            // Left from an earlier download of ours that differs. A manifest's file is never replaced.
            self.refuse_published(id, attempt).await?;
            match self.store.delete(&Key::from(full.as_str())).await {
                // A bucket replaces it anyway, and members may lack the right to remove.
                Err(error) if self.store.parts.is_none() => return Err(error),
                _ => {}
            }
        }
        if may_move && self.move_file(&full, staged).await? {
            return Ok(relative);
        }
        self.copy(&full, staged).await?;
        Ok(relative)
    }

    /// Moves the file in where that is possible. It was hashed while it was written to the same disk, and
    /// moving does not touch its content; so its size is what is read back.
    async fn move_file(&self, full: &str, staged: Staged<'_>) -> Result<bool, Error> {
        let Some(root) = self.store.root().map(Path::to_owned) else { return Ok(false) };
        let size = tokio::fs::metadata(staged.path).await.map(|found| found.len());
        check_size(full, staged, size.map_err(|source| unreadable(full, &source))?)?;
        let (path, target) = (staged.path.to_owned(), full.to_owned());
        let moved = tokio::task::spawn_blocking(move || move_in(&path, &root, &target)).await;
        let moved = moved.unwrap_or_else(|stopped| Err(io::Error::other(stopped)));
        let moved = moved
            .map_err(|source| Error::of_io(&self.store.place, "move a file into the teamspace", source))?;
        if moved && self.store.size(full).await? != Some(staged.size) {
            return Err(Error::Damaged { what: full.to_owned(), detail: "its size changed".to_owned() });
        }
        Ok(moved)
    }

    /// Copies the file in, hashing what was read, and reads back what was written.
    async fn copy(&self, full: &str, staged: Staged<'_>) -> Result<(), Error> {
        match &self.store.parts {
            Some(parts) => self.send(parts, full, staged).await?,
            None => self.write(full, staged).await?,
        }
        let whole =
            self.store.size(full).await? == Some(staged.size) && self.digest(full).await? == staged.sha256;
        if whole {
            return Ok(());
        }
        // What cannot be removed is nobody's: no manifest names it.
        let _ = self.store.delete(&Key::from(full)).await;
        Err(Error::Damaged { what: full.to_owned(), detail: "what was read back differs".to_owned() })
    }

    async fn write(&self, full: &str, staged: Staged<'_>) -> Result<(), Error> {
        let target = Key::from(full);
        let store_error = |source| self.store.error("copy a file into the teamspace", source);
        let mut file = tokio::fs::File::open(staged.path).await.map_err(|e| unreadable(full, &e))?;
        let mut upload = self.store.objects.put_multipart(&target).await.map_err(store_error)?;
        let (mut hash, mut size) = (Sha256::new(), 0u64);
        let sent = async {
            loop {
                let piece = read_piece(&mut file, PIECE).await.map_err(|e| unreadable(full, &e))?;
                if piece.is_empty() {
                    break;
                }
                hash.update(&piece);
                size += piece.len() as u64;
                upload.put_part(piece.into()).await.map_err(store_error)?;
            }
            check_size(full, staged, size)?;
            if HEXLOWER.encode(&hash.finalize()) != staged.sha256 {
                return Err(staged_error(full, "its content differs"));
            }
            Ok(())
        }
        .await;
        if let Err(error) = sent {
            // What matters is why it failed; a part that stays is swept later.
            let _ = upload.abort().await;
            return Err(error);
        }
        upload.complete().await.map_err(store_error)?;
        Ok(())
    }

    pub(super) async fn digest(&self, full: &str) -> Result<String, Error> {
        let hash = self.store.stream(full).await?;
        let hash = hash
            .try_fold(Sha256::new(), |mut hash, piece| async move {
                hash.update(&piece);
                Ok(hash)
            })
            .await?;
        Ok(HEXLOWER.encode(&hash.finalize()))
    }

    /// Creates the manifest: from here on the recording is there. Its files must have been put.
    pub async fn publish(&self, manifest: &Manifest) -> Result<Publication, Error> {
        self.commit(key::manifest(&manifest.recording_id), manifest, Op::add).await
    }

    /// Creates an addendum, named after its source file: what Zoom finished later.
    pub async fn publish_addendum(
        &self,
        source_file_id: &str,
        addendum: &Manifest,
    ) -> Result<Publication, Error> {
        let at = key::addendum(&addendum.recording_id, source_file_id);
        self.commit(at, addendum, Op::addendum).await
    }

    async fn commit(
        &self,
        at: String,
        manifest: &Manifest,
        op: fn(&Manifest, &[u8]) -> Op,
    ) -> Result<Publication, Error> {
        let folder = key::recording(&manifest.recording_id);
        manifest.check().map_err(|detail| Error::Damaged { what: at.clone(), detail })?;
        for file in &manifest.files {
            let full = format!("{folder}/{}", file.key);
            match self.store.size(&full).await? {
                Some(size) if size == file.size => {}
                Some(_) => return Err(Error::Damaged { what: full, detail: "its size differs".to_owned() }),
                None => return Err(Error::Missing { what: full }),
            }
        }
        self.refuse_known_moved()?;
        let ours = manifest.to_bytes();
        match self.store.create(&at, ours.clone().into()).await? {
            Created::Won => Ok(Publication {
                outcome: Outcome::Published,
                manifest: manifest.clone(),
                op: op(manifest, &ours),
            }),
            Created::Lost(theirs) => {
                let found = Manifest::parse(&theirs, &manifest.recording_id, &at)?;
                // An attempt is ours alone: its manifest was written by an earlier try of ours.
                let outcome = if found.attempt == manifest.attempt && found.files == manifest.files {
                    Outcome::Published
                } else {
                    Outcome::AlreadyThere
                };
                Ok(Publication { outcome, op: op(&found, &theirs), manifest: found })
            }
        }
    }

    /// The manifest that stands there, with what the log says about it; none before it is published.
    pub async fn publication(&self, id: &RecordingId) -> Result<Option<Publication>, Error> {
        let at = key::manifest(id);
        let Some(bytes) = self.store.get(&at).await? else { return Ok(None) };
        let manifest = Manifest::parse(&bytes, id, &at)?;
        let op = Op::add(&manifest, &bytes);
        Ok(Some(Publication { outcome: Outcome::AlreadyThere, manifest, op }))
    }

    /// The manifest of a recording; none before it is published.
    pub async fn manifest(&self, id: &RecordingId) -> Result<Option<Manifest>, Error> {
        Ok(self.publication(id).await?.map(|publication| publication.manifest))
    }

    /// What was published later for a recording, in order of import. One that is damaged is an error of its
    /// own beside the others.
    pub async fn addenda(&self, id: &RecordingId) -> Result<Vec<Result<Manifest, Error>>, Error> {
        let found = self.addenda_published(id).await?;
        Ok(found.into_iter().map(|addendum| addendum.map(|read| read.manifest)).collect())
    }

    /// The same, each with what the log says about it.
    pub async fn addenda_published(
        &self,
        id: &RecordingId,
    ) -> Result<Vec<Result<Publication, Error>>, Error> {
        let mut found = Vec::new();
        for object in self.store.list(&key::addenda(id)).await? {
            let at = object.location.to_string();
            if !at.ends_with(".json") {
                continue;
            }
            let bytes = match self.store.get(&at).await {
                Ok(Some(bytes)) => bytes,
                Ok(None) => continue,
                Err(error @ Error::Damaged { .. }) => {
                    found.push(Err(error));
                    continue;
                }
                Err(error) => return Err(error),
            };
            found.push(Manifest::parse(&bytes, id, &at).map(|manifest| Publication {
                outcome: Outcome::AlreadyThere,
                op: Op::addendum(&manifest, &bytes),
                manifest,
            }));
        }
        found.sort_by_key(|addendum| addendum.as_ref().map(|read| read.manifest.imported_at).ok());
        Ok(found)
    }

    /// Removes an attempt's files. Refuses when a manifest or an addendum names the attempt, or cannot be
    /// read.
    pub async fn remove_attempt(&self, id: &RecordingId, attempt: &str) -> Result<(), Error> {
        if !key::is_sound(attempt) || attempt == "addenda" {
            return Err(Error::Invalid("an attempt's name holds only a-z, 0-9 and -"));
        }
        self.refuse_published(id, attempt).await?;
        self.give_up_attempt(attempt).await?;
        for object in self.store.list(&format!("{}/{attempt}", key::recording(id))).await? {
            self.store.delete(&object.location).await?;
        }
        if let Some(root) = self.store.root() {
            // An empty folder is no harm; one that others have filled stays.
            let _ = tokio::fs::remove_dir(root.join(key::recording(id)).join(attempt)).await;
        }
        Ok(())
    }

    /// Deletes a recording's files for good. Its manifest and addenda stay: they are the mark against importing
    /// it again. The log must say so before. Every file that a manifest names stands in its own recording's
    /// folder, so that nothing of another recording can be touched.
    pub async fn delete_files(&self, id: &RecordingId) -> Result<(), Error> {
        let folder = key::recording(id);
        for object in self.store.list(&folder).await? {
            let inside = object.location.as_ref().strip_prefix(&folder).unwrap_or("/manifest.json");
            let stays =
                inside == "/manifest.json" || (inside.starts_with("/addenda/") && inside.ends_with(".json"));
            if !stays {
                self.store.delete(&object.location).await?;
            }
        }
        Ok(())
    }

    /// Tries whether files of a recording may be deleted here, on one that nobody has: stores do not mind that it is not
    /// there, unless whoever asks may not delete at all.
    pub async fn may_delete(&self, id: &RecordingId) -> Result<(), Error> {
        self.store.ensure_there().await?;
        let nobodys = format!("{}/{}.json", key::recording(id), new_nonce());
        self.store.delete(&Key::from(nobodys)).await
    }

    async fn refuse_published(&self, id: &RecordingId, attempt: &str) -> Result<(), Error> {
        let first = self.manifest(id).await?;
        let addenda = self.addenda(id).await?.into_iter().collect::<Result<Vec<_>, _>>()?;
        if first.iter().chain(&addenda).any(|manifest| manifest.names_attempt(attempt)) {
            return Err(Error::Published { what: attempt.to_owned() });
        }
        Ok(())
    }
}

pub(super) fn staged_error(full: &str, detail: &str) -> Error {
    Error::Staged { what: full.to_owned(), detail: detail.to_owned() }
}

pub(super) fn unreadable(full: &str, source: &io::Error) -> Error {
    staged_error(full, &format!("it cannot be read: {}", source.kind()))
}

pub(super) fn check_size(full: &str, staged: Staged<'_>, size: u64) -> Result<(), Error> {
    if size == staged.size {
        return Ok(());
    }
    Err(staged_error(full, &format!("it has {size} bytes instead of {}", staged.size)))
}

/// Reads until a piece is full or the file ends.
pub(super) async fn read_piece(file: &mut tokio::fs::File, length: usize) -> io::Result<Bytes> {
    let mut piece = BytesMut::with_capacity(length);
    while piece.len() < length {
        let left = length - piece.len();
        let mut rest = (&mut piece).limit(left);
        if file.read_buf(&mut rest).await? == 0 {
            break;
        }
    }
    Ok(piece.freeze())
}
