//! Sending one file from a teamspace to its copy: hashed on the way, read back, never silently wrong.
//!
//! A large file goes into a bucket as imports do (`upload.rs`): what the store has of it is not sent again, also after a
//! crash. Into a folder it goes anew; what was read is hashed all the same, wherever it goes.

use std::ops::Range;

use bytes::{Bytes, BytesMut};
use data_encoding::HEXLOWER;
use futures::FutureExt;
use futures::future::BoxFuture;
use object_store::path::Path as Key;
use object_store::{ObjectStoreExt, PutPayload};
use sha2::{Digest, Sha256};

use super::copying::{Copying, Step};
use super::upload::{Content, Halt, PART, Wanted};
use super::{Error, Found};

/// Bytes that are read and sent at a time.
const PIECE: u64 = PART;

/// A file at the old place, as what an upload is made of.
struct OldContent<'a> {
    copying: &'a Copying,
    at: &'a str,
    told: &'a (dyn Fn(Step) + Sync),
    /// As far as was told: a second pass over it is no progress.
    told_to: u64,
}

impl Content for OldContent<'_> {
    fn read(&mut self, range: Range<u64>) -> BoxFuture<'_, Result<Bytes, Halt>> {
        async move {
            let piece = self.copying.read_piece(self.at, range.clone()).await?.map_err(Halt::Found)?;
            (self.told)(Step::Bytes(range.end.saturating_sub(self.told_to.max(range.start))));
            self.told_to = self.told_to.max(range.end);
            Ok(piece)
        }
        .boxed()
    }

    fn is_another(&self) -> Halt {
        Halt::Found(Found::OtherContent)
    }
}

impl Copying {
    /// Sends a file, hashing what is read, and reads back what arrived. What is there already, whole, is not sent. The
    /// answer is about the file at the old place; an error is about one of the places. May be dropped at any moment.
    pub(super) async fn send(
        &self,
        at: &str,
        size: u64,
        sha256: &str,
        told: &(dyn Fn(Step) + Sync),
    ) -> Result<Found, Error> {
        if self.to.store.size(at).await? == Some(size) && self.to.digest(at).await? == sha256 {
            told(Step::Bytes(size));
            return Ok(Found::Whole);
        }
        match self.from.store.size(at).await {
            Ok(None) => return Ok(Found::Missing),
            Ok(Some(found)) if found != size => return Ok(Found::OtherSize),
            Ok(Some(_)) => {}
            Err(error) => return self.unreadable(at, error).await,
        }
        self.to.store.ensure_there().await?;
        self.clear_staged(at).await;
        let wanted = Wanted { full: at, size, sha256 };
        let sent = match &self.to.store.parts {
            _ if size <= PIECE => self.send_small(wanted, told).await?,
            Some(parts) => {
                let mut content = OldContent { copying: self, at, told, told_to: 0 };
                self.to.upload(parts, wanted, &mut content).await?
            }
            None => self.write_large(wanted, told).await?,
        };
        if sent != Found::Whole {
            return Ok(sent);
        }
        if self.to.store.size(at).await? == Some(size) && self.to.digest(at).await? == sha256 {
            return Ok(Found::Whole);
        }
        // What cannot be removed is replaced by the next call.
        let _ = self.to.store.delete(&Key::from(at)).await;
        Err(Error::Damaged {
            what: at.to_owned(),
            detail: "what was read back at the new place differs".to_owned(),
        })
    }

    async fn send_small(&self, wanted: Wanted<'_>, told: &(dyn Fn(Step) + Sync)) -> Result<Found, Error> {
        let Wanted { full: at, size, sha256 } = wanted;
        let piece = match self.read_piece(at, 0..size).await? {
            Ok(piece) => piece,
            Err(found) => return Ok(found),
        };
        if HEXLOWER.encode(&Sha256::digest(&piece)) != sha256 {
            return Ok(Found::OtherContent);
        }
        let put = self.to.store.objects.put(&Key::from(at), PutPayload::from(piece)).await;
        if let Err(source) = put {
            return Err(self.unwritten(source).await);
        }
        told(Step::Bytes(size));
        Ok(Found::Whole)
    }

    async fn write_large(&self, wanted: Wanted<'_>, told: &(dyn Fn(Step) + Sync)) -> Result<Found, Error> {
        let Wanted { full: at, size, sha256 } = wanted;
        let mut upload = match self.to.store.objects.put_multipart(&Key::from(at)).await {
            Ok(upload) => upload,
            Err(source) => return Err(self.unwritten(source).await),
        };
        let (mut hash, mut done) = (Sha256::new(), 0);
        let sent = loop {
            if done >= size {
                let whole = HEXLOWER.encode(&hash.finalize()) == sha256;
                break Ok(if whole { Found::Whole } else { Found::OtherContent });
            }
            let end = size.min(done + PIECE);
            let piece = match self.read_piece(at, done..end).await {
                Ok(Ok(piece)) => piece,
                Ok(Err(found)) => break Ok(found),
                Err(error) => break Err(error),
            };
            hash.update(&piece);
            if let Err(source) = upload.put_part(PutPayload::from(piece)).await {
                break Err(self.unwritten(source).await);
            }
            told(Step::Bytes(end - done));
            done = end;
        };
        match sent {
            Ok(Found::Whole) => match upload.complete().await {
                Ok(_) => Ok(Found::Whole),
                Err(source) => Err(self.unwritten(source).await),
            },
            other => {
                // What matters is why it ended.
                let _ = upload.abort().await;
                other
            }
        }
    }

    /// Why something could not be written at the new place.
    async fn unwritten(&self, source: object_store::Error) -> Error {
        let store = &self.to.store;
        store.explain(store.error("write to the new place", source)).await
    }

    /// A stretch of a file at the old place, or what is wrong with the file.
    async fn read_piece(&self, at: &str, range: Range<u64>) -> Result<Result<Bytes, Found>, Error> {
        let length = range.end - range.start;
        if length == 0 {
            return Ok(Ok(Bytes::new()));
        }
        let (store, path) = (&self.from.store, Key::from(at));
        let mut got = BytesMut::new();
        // In stretches that a store answers quickly, however large a part is.
        let mut next = range.start;
        while next < range.end {
            let end = range.end.min(next + PIECE);
            match store.objects.get_range(&path, next..end).await {
                Ok(bytes) if bytes.len() as u64 == end - next && next == range.start && end == range.end => {
                    return Ok(Ok(bytes));
                }
                Ok(bytes) if bytes.len() as u64 == end - next => got.extend_from_slice(&bytes),
                Ok(_) => return Ok(Err(Found::OtherSize)),
                Err(object_store::Error::NotFound { .. }) => {
                    store.ensure_there().await?;
                    return Ok(Err(Found::Missing));
                }
                Err(source) => {
                    let error = store.error("read from the teamspace", source);
                    return Ok(Err(self.unreadable(at, error).await?));
                }
            }
            next = end;
        }
        Ok(Ok(got.freeze()))
    }

    /// A worn-out disk says the same of one file as a disk that is gone says of all. A bucket's network is no file's fault.
    async fn unreadable(&self, at: &str, error: Error) -> Result<Found, Error> {
        if self.from.store.root().is_none() {
            return Err(error);
        }
        self.from.store.ensure_there().await?;
        tracing::warn!(%error, key = %at, "a stored file cannot be read");
        Ok(Found::Unreadable)
    }

    /// Removes what a call that was killed left beside a file in a folder.
    pub(super) async fn clear_staged(&self, at: &str) {
        let Some(root) = self.to.store.root() else { return };
        for n in 1.. {
            if tokio::fs::remove_file(root.join(format!("{at}#{n}"))).await.is_err() {
                return;
            }
        }
    }
}
