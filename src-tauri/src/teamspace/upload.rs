//! Sending a file to a bucket: small ones at once, others in parts that are remembered.
//!
//! A part that the store has is never sent again, also after a crash: the upload's id and its parts stand in
//! `state.db`. At most a few parts are in memory. What was sent is read back before anybody relies on it: stores
//! accept wrong checksums.
//!
//! # Why nothing is given up when the network fails
//!
//! The upload is gone on with at the next try. One whose import is gone is given up at the next start; one whose id
//! was lost between beginning it and noting it is for the bucket's own rule (docs/buckets.md).

use std::io;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use data_encoding::HEXLOWER;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};
use object_store::ObjectStoreExt;
use object_store::multipart::PartId;
use object_store::path::Path as Key;
use sha2::{Digest, Sha256};
use tokio::io::AsyncSeekExt;

use super::publish::{check_size, read_piece, staged_error, unreadable};
use super::store::InParts;
use super::uploads::Upload;
use super::{Error, Found, Staged, Teamspace, Trouble, trouble};

/// Bytes of a part, where that makes no more parts than stores take.
pub(super) const PART: u64 = 8 << 20;
/// Parts that stores take: 10,000, less some to spare.
const MOST_PARTS: u64 = 9_500;
/// Parts that are under way, and so in memory, at the same time.
const AT_ONCE: usize = 3;
/// How often an upload is begun that the store forgets.
const TRIES: usize = 2;

/// What an upload is to become.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a> {
    /// Its key in the teamspace.
    pub full: &'a str,
    /// Bytes of the whole.
    pub size: u64,
    /// SHA-256 of the whole, lower-case hex.
    pub sha256: &'a str,
}

/// Where the bytes of an upload come from. Read in order from the beginning; once more when the store has forgotten
/// the upload.
pub(super) trait Content: Send {
    /// The bytes of a range, all of them.
    fn read(&mut self, range: Range<u64>) -> BoxFuture<'_, Result<Bytes, Halt>>;
    /// What it means when all of it has another digest than was said.
    fn is_another(&self) -> Halt;
}

/// Why an upload did not come to its end.
pub(super) enum Halt {
    /// The store no longer knows the upload.
    Gone,
    /// What is wrong with the file where its bytes come from.
    Found(Found),
    /// A place failed, or the staged file is not what it was said to be.
    Error(Error),
}

impl Halt {
    /// Whether the file is not the one that was said: then nothing that was sent of it is of use.
    fn says_another(&self) -> bool {
        matches!(
            self,
            Self::Found(Found::OtherContent | Found::OtherSize) | Self::Error(Error::Staged { .. })
        )
    }
}

impl From<Error> for Halt {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

/// A file on this machine.
struct StagedContent<'a> {
    full: &'a str,
    staged: Staged<'a>,
    file: tokio::fs::File,
    at: u64,
}

impl Content for StagedContent<'_> {
    fn read(&mut self, range: Range<u64>) -> BoxFuture<'_, Result<Bytes, Halt>> {
        async move {
            let failed = |error| unreadable(self.full, &error);
            if self.at != range.start {
                self.file.seek(io::SeekFrom::Start(range.start)).await.map_err(failed)?;
            }
            let piece =
                read_piece(&mut self.file, (range.end - range.start) as usize).await.map_err(failed)?;
            self.at = range.start + piece.len() as u64;
            if self.at < range.end {
                check_size(self.full, self.staged, self.at)?;
            }
            Ok(piece)
        }
        .boxed()
    }

    fn is_another(&self) -> Halt {
        staged_error(self.full, "its content differs").into()
    }
}

impl Teamspace {
    /// Sends a staged file to its key. It is read back by the caller.
    pub(super) async fn send(
        &self,
        parts: &Arc<dyn InParts>,
        full: &str,
        staged: Staged<'_>,
    ) -> Result<(), Error> {
        if staged.size <= PART {
            return self.send_at_once(full, staged).await;
        }
        let wanted = Wanted { full, size: staged.size, sha256: staged.sha256 };
        let file = tokio::fs::File::open(staged.path).await.map_err(|e| unreadable(full, &e))?;
        // What is wrong with a staged file is an error.
        self.upload(parts, wanted, &mut StagedContent { full, staged, file, at: 0 }).await.map(drop)
    }

    /// Sends bytes to a key in parts, going on with what was sent before, and tells how it stands with the file that they
    /// come from. What was sent is read back by the caller.
    pub(super) async fn upload(
        &self,
        parts: &Arc<dyn InParts>,
        wanted: Wanted<'_>,
        content: &mut dyn Content,
    ) -> Result<Found, Error> {
        for _ in 0..TRIES {
            match self.send_in_parts(parts, wanted, content).await {
                Ok(()) => return Ok(Found::Whole),
                Err(Halt::Found(found)) => return Ok(found),
                Err(Halt::Error(error)) => return Err(error),
                // Its rule for uploads that lie around can have removed it: once more from the beginning.
                Err(Halt::Gone) => {}
            }
        }
        Err(Error::Damaged {
            what: wanted.full.to_owned(),
            detail: "the store forgets uploads that are under way".to_owned(),
        })
    }

    async fn send_at_once(&self, full: &str, staged: Staged<'_>) -> Result<(), Error> {
        let mut file = tokio::fs::File::open(staged.path).await.map_err(|e| unreadable(full, &e))?;
        let content = read_piece(&mut file, PART as usize).await.map_err(|e| unreadable(full, &e))?;
        check_size(full, staged, content.len() as u64)?;
        if HEXLOWER.encode(&Sha256::digest(&content)) != staged.sha256 {
            return Err(staged_error(full, "its content differs"));
        }
        let put = self.store.objects.put(&Key::from(full), content.into()).await;
        put.map(|_| ()).map_err(|source| self.store.error("write to the teamspace", source))
    }

    async fn send_in_parts(
        &self,
        parts: &Arc<dyn InParts>,
        wanted: Wanted<'_>,
        content: &mut dyn Content,
    ) -> Result<(), Halt> {
        let Wanted { full, size, sha256 } = wanted;
        let upload = self.begin(parts, wanted).await?;
        let (key, upload_id) = (Key::from(full), upload.upload_id.clone());
        let mut sent = upload.parts.clone();
        let (mut hash, mut at, mut failed) = (Sha256::new(), 0, None);
        let mut under_way = FuturesUnordered::new();
        for n in 0.. {
            if at >= size {
                break;
            }
            let range = at..size.min(at.saturating_add(upload.part_size));
            at = range.end;
            let piece = match content.read(range).await {
                Ok(piece) => piece,
                Err(halt) => {
                    failed = Some(halt);
                    break;
                }
            };
            // All of it is hashed, also what was sent before: the file must be the one that it was.
            let (hashed, piece) = hash_apart(hash, piece).await?;
            hash = hashed;
            if sent.contains_key(&n) {
                continue;
            }
            if under_way.len() >= AT_ONCE
                && let Some(done) = under_way.next().await
                && let Err(halt) = self.note_part(&upload, done, &mut sent)
            {
                failed = Some(halt);
                break;
            }
            let (parts, key, upload_id) = (parts.clone(), key.clone(), upload_id.clone());
            under_way.push(async move { (n, parts.put_part(&key, &upload_id, n, piece.into()).await) });
        }
        // When one failed, the others are under way all the same: what arrives is not sent again.
        while let Some(done) = under_way.next().await {
            if let Err(halt) = self.note_part(&upload, done, &mut sent) {
                failed.get_or_insert(halt);
            }
        }
        if failed.is_none() && HEXLOWER.encode(&hash.finalize()) != sha256 {
            failed = Some(content.is_another());
        }
        if let Some(halt) = failed {
            if halt.says_another() {
                self.give_up(parts, &upload).await?;
            }
            return Err(halt);
        }
        let ids = sent.into_values().map(|content_id| PartId { content_id }).collect();
        match parts.complete_multipart(&key, &upload_id, ids).await {
            Ok(_) => {}
            // The reply to an earlier try can have been lost; the caller reads back what is there.
            Err(error) if is_gone(&error) && self.store.size(full).await? == Some(size) => {}
            Err(error) => return Err(self.halt(&upload, error)),
        }
        Ok(self.uploads_forget(upload.id)?)
    }

    /// The upload of this very file that is under way, or a fresh one, noted before its first part.
    async fn begin(&self, parts: &Arc<dyn InParts>, wanted: Wanted<'_>) -> Result<Upload, Error> {
        let Wanted { full, size, sha256 } = wanted;
        let known = match &self.uploads {
            Some(uploads) => uploads.of(&self.noted_under, full).map_err(unnoted)?,
            None => None,
        };
        match known {
            Some(known) if known.size == size && known.sha256 == sha256 => return Ok(known),
            Some(other) => self.give_up(parts, &other).await?,
            None => {}
        }
        let begun = parts.create_multipart(&Key::from(full)).await;
        let upload = Upload {
            id: 0,
            upload_id: begun.map_err(|source| self.store.error("write to the teamspace", source))?,
            key: full.to_owned(),
            part_size: part_size(size),
            size,
            sha256: sha256.to_owned(),
            parts: Default::default(),
        };
        match &self.uploads {
            Some(uploads) => uploads.begun(&self.noted_under, &upload).map_err(unnoted),
            None => Ok(upload),
        }
    }

    fn note_part(
        &self,
        upload: &Upload,
        (n, done): (usize, object_store::Result<PartId>),
        sent: &mut std::collections::BTreeMap<usize, String>,
    ) -> Result<(), Halt> {
        let part = done.map_err(|error| self.halt(upload, error))?;
        if let Some(uploads) = &self.uploads {
            uploads.sent(upload.id, n, &part.content_id).map_err(unnoted)?;
        }
        sent.insert(n, part.content_id);
        Ok(())
    }

    /// What an error ends: the upload, when the store does not know it, or only this try.
    fn halt(&self, upload: &Upload, error: object_store::Error) -> Halt {
        if is_gone(&error) {
            return match self.uploads_forget(upload.id) {
                Ok(()) => Halt::Gone,
                Err(error) => Halt::Error(error),
            };
        }
        Halt::Error(self.store.error("write to the teamspace", error))
    }

    /// Gives an upload up: the store removes its parts. One that it does not know is fine.
    async fn give_up(&self, parts: &Arc<dyn InParts>, upload: &Upload) -> Result<(), Error> {
        match parts.abort_multipart(&Key::from(upload.key.as_str()), &upload.upload_id).await {
            Err(error) if !is_gone(&error) => {
                Err(self.store.error("give up an upload to the teamspace", error))
            }
            _ => self.uploads_forget(upload.id),
        }
    }

    /// Gives up the uploads whose attempt nobody works on any more. `at_work` is asked after the uploads were
    /// looked up: one that is begun meanwhile is not among them.
    pub async fn give_up_abandoned<E: From<Error>>(
        &self,
        at_work: impl FnOnce() -> Result<Vec<String>, E>,
    ) -> Result<(), E> {
        let all = self.uploads_noted()?;
        let at_work = at_work()?;
        for upload in all {
            if !at_work.iter().any(|attempt| names_attempt(&upload.key, attempt)) {
                self.give_up_noted(&upload).await?;
            }
        }
        Ok(())
    }

    /// Gives up the uploads of one attempt.
    pub(super) async fn give_up_attempt(&self, attempt: &str) -> Result<(), Error> {
        for upload in self.uploads_noted()? {
            if names_attempt(&upload.key, attempt) {
                self.give_up_noted(&upload).await?;
            }
        }
        Ok(())
    }

    /// Gives up all that is still noted. What the store does not let us give up is for the bucket's own rule.
    pub(super) async fn give_up_rest(&self) -> Result<(), Error> {
        for upload in self.uploads_noted()? {
            self.give_up_noted(&upload).await?;
        }
        Ok(())
    }

    async fn give_up_noted(&self, upload: &Upload) -> Result<(), Error> {
        match &self.store.parts {
            Some(parts) => self.give_up(parts, upload).await,
            None => Ok(()),
        }
    }

    fn uploads_noted(&self) -> Result<Vec<Upload>, Error> {
        match &self.uploads {
            Some(uploads) => uploads.all(&self.noted_under).map_err(unnoted),
            None => Ok(Vec::new()),
        }
    }

    fn uploads_forget(&self, upload: i64) -> Result<(), Error> {
        match &self.uploads {
            Some(uploads) => uploads.forget(upload).map_err(unnoted),
            None => Ok(()),
        }
    }
}

fn names_attempt(key: &str, attempt: &str) -> bool {
    key.split('/').nth(3) == Some(attempt)
}

/// Equal parts, as some stores want them, and no more of them than any store takes.
fn part_size(size: u64) -> u64 {
    const MIB: u64 = 1 << 20;
    PART.max(size.div_ceil(MOST_PARTS).div_ceil(MIB) * MIB)
}

fn is_gone(error: &object_store::Error) -> bool {
    trouble::code_of(error).as_deref() == Some("NoSuchUpload")
        && !matches!(Trouble::of("", error), Some(Trouble::NoBucket))
}

fn unnoted(error: crate::database::Error) -> Error {
    Error::Io { attempted: "note an upload".to_owned(), source: io::Error::other(error) }
}

async fn hash_apart(mut hash: Sha256, piece: bytes::Bytes) -> Result<(Sha256, bytes::Bytes), Error> {
    let hashing = tokio::task::spawn_blocking(move || {
        hash.update(&piece);
        (hash, piece)
    });
    hashing.await.map_err(|stopped| Error::Io {
        attempted: "hash a file".to_owned(),
        source: io::Error::other(stopped),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_file_fits_into_the_parts_that_a_store_takes() {
        const TIB: u64 = 1 << 40;
        assert_eq!(part_size(100 << 20), PART);
        for size in [PART + 1, 5 << 30, 80 << 30, 5 * TIB] {
            assert!(size.div_ceil(part_size(size)) <= 10_000, "{size}");
            assert!(part_size(size) < 5 << 30, "{size}");
            assert_eq!(part_size(size) % (1 << 20), 0);
        }
    }
}
