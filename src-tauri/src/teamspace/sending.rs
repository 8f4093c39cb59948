//! Sending one file from a teamspace to its copy: hashed on the way, read back, never silently wrong.

use bytes::{Bytes, BytesMut};
use data_encoding::HEXLOWER;
use object_store::path::Path as Key;
use object_store::{ObjectStoreExt, PutPayload};
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

use super::copying::{Copying, Step};
use super::{Error, Found};

/// Bytes that are read and sent at a time, and the smallest part of an upload.
const PIECE: u64 = 8 << 20;
/// Parts of an upload at most; stores take 10,000.
const PARTS: u64 = 9_000;

impl Copying {
    /// Sends a file, hashing what is read, and reads back what arrived. What is there already, whole, is not sent. The
    /// answer is about the file at the old place; an error is about one of the places.
    pub(super) async fn send(
        &self,
        at: &str,
        size: u64,
        sha256: &str,
        told: &(dyn Fn(Step) + Sync),
        stop: &CancellationToken,
    ) -> Result<Found, Error> {
        if stop.is_cancelled() {
            return Ok(Found::Stopped);
        }
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
        let sent = if size <= PIECE {
            self.send_small(at, size, sha256, told).await?
        } else {
            self.send_large(at, size, sha256, told, stop).await?
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

    async fn send_small(
        &self,
        at: &str,
        size: u64,
        sha256: &str,
        told: &(dyn Fn(Step) + Sync),
    ) -> Result<Found, Error> {
        let piece = match self.read_piece(at, 0..size).await? {
            Ok(piece) => piece,
            Err(found) => return Ok(found),
        };
        if HEXLOWER.encode(&Sha256::digest(&piece)) != sha256 {
            return Ok(Found::OtherContent);
        }
        self.to.store.ensure_there().await?;
        let put = self.to.store.objects.put(&Key::from(at), PutPayload::from(piece)).await;
        if let Err(source) = put {
            return Err(self.to.store.explain(self.to.store.error("write to the new place", source)).await);
        }
        told(Step::Bytes(size));
        Ok(Found::Whole)
    }

    async fn send_large(
        &self,
        at: &str,
        size: u64,
        sha256: &str,
        told: &(dyn Fn(Step) + Sync),
        stop: &CancellationToken,
    ) -> Result<Found, Error> {
        let target = Key::from(at);
        let store = &self.to.store;
        store.ensure_there().await?;
        self.clear_staged(at).await;
        // Several stores want all parts but the last of one size.
        let part = PIECE.max(size.div_ceil(PARTS));
        let mut upload = match store.objects.put_multipart(&target).await {
            Ok(upload) => upload,
            Err(source) => return Err(store.explain(store.error("write to the new place", source)).await),
        };
        let (mut hash, mut done) = (Sha256::new(), 0);
        let sent = loop {
            if done >= size {
                let whole = HEXLOWER.encode(&hash.finalize()) == sha256;
                break Ok(if whole { Found::Whole } else { Found::OtherContent });
            }
            if stop.is_cancelled() {
                break Ok(Found::Stopped);
            }
            let end = size.min(done + part);
            let piece = match self.read_piece(at, done..end).await {
                Ok(Ok(piece)) => piece,
                Ok(Err(found)) => break Ok(found),
                Err(error) => break Err(error),
            };
            hash.update(&piece);
            if let Err(source) = upload.put_part(PutPayload::from(piece)).await {
                break Err(store.explain(store.error("write to the new place", source)).await);
            }
            told(Step::Bytes(end - done));
            done = end;
        };
        match sent {
            Ok(Found::Whole) => match upload.complete().await {
                Ok(_) => Ok(Found::Whole),
                Err(source) => Err(store.explain(store.error("write to the new place", source)).await),
            },
            other => {
                // What matters is why it ended.
                let _ = upload.abort().await;
                other
            }
        }
    }

    /// A stretch of a file at the old place, or what is wrong with the file.
    async fn read_piece(&self, at: &str, range: std::ops::Range<u64>) -> Result<Result<Bytes, Found>, Error> {
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
    async fn clear_staged(&self, at: &str) {
        let Some(root) = self.to.store.root() else { return };
        for n in 1.. {
            if tokio::fs::remove_file(root.join(format!("{at}#{n}"))).await.is_err() {
                return;
            }
        }
    }
}
