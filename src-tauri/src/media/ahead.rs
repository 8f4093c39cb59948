//! Playing from a bucket: by pieces, each fetched once and kept in the cache, with a few ahead of who watches.
//!
//! # Why pieces of their own files
//!
//! A piece is there whole or not at all, because it gets its name when it is whole; two that want the same piece at
//! once fetch it once; and what a person skipped was never fetched.

use std::collections::HashMap;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use bytes::Bytes;
use futures::Stream;
use object_store::{Error, ObjectStoreExt};

use super::Origin;
use crate::cache::{Cache, PIECE};

/// Pieces that are fetched ahead of who watches.
const AHEAD: u64 = 3;

/// What is being fetched just now, so that nobody fetches it twice. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(super) struct Fetching(Arc<Mutex<HashMap<PathBuf, Weak<tokio::sync::Mutex<()>>>>>);

impl Fetching {
    /// The turn at a piece: whoever holds its lock fetches it.
    fn turn(&self, piece: &std::path::Path) -> Arc<tokio::sync::Mutex<()>> {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        turns.retain(|_, turn| turn.strong_count() > 0);
        if let Some(turn) = turns.get(piece).and_then(Weak::upgrade) {
            return turn;
        }
        let turn = Arc::default();
        turns.insert(piece.to_owned(), Arc::downgrade(&turn));
        turn
    }
}

/// An object that is read by pieces. Cheap to clone.
#[derive(Clone)]
pub(super) struct Pieces {
    pub origin: Origin,
    pub size: u64,
    pub sha256: Arc<str>,
    pub cache: Cache,
    pub fetching: Fetching,
}

impl Pieces {
    /// The bytes of a range, which is not empty, beginning with a piece that is there already.
    pub(super) async fn read(
        self,
        range: Range<u64>,
    ) -> Result<impl Stream<Item = Result<Bytes, Error>> + Send + 'static, Error> {
        let first = self.part(&range).await?;
        let rest = futures::stream::try_unfold((self, range, Some(first)), async |(pieces, range, ready)| {
            if range.is_empty() {
                return Ok(None);
            }
            let part = match ready {
                Some(part) => part,
                None => pieces.part(&range).await?,
            };
            let start = range.start + part.len() as u64;
            Ok(Some((part, (pieces, start..range.end, None))))
        });
        Ok(rest)
    }

    /// The beginning of a range, as far as its piece goes. The next pieces are begun to be fetched.
    async fn part(&self, range: &Range<u64>) -> Result<Bytes, Error> {
        let n = range.start / PIECE;
        let piece = self.piece(n).await?;
        for next in n + 1..=n + AHEAD {
            if next * PIECE < self.size && !self.cache.has_played(&self.sha256, next) {
                let pieces = self.clone();
                tokio::spawn(async move {
                    if let Err(error) = pieces.piece(next).await {
                        tracing::debug!(%error, "a piece could not be fetched ahead");
                    }
                });
            }
        }
        let start = (range.start - n * PIECE) as usize;
        let end = (range.end - n * PIECE).min(piece.len() as u64) as usize;
        Ok(piece.slice(start.min(end)..end))
    }

    /// One piece: from the cache, else from the store into the cache.
    async fn piece(&self, n: u64) -> Result<Bytes, Error> {
        let range = n * PIECE..self.size.min((n + 1) * PIECE);
        let length = range.end - range.start;
        if let Some(piece) = self.cache.played(&self.sha256, n, length).await {
            return Ok(piece);
        }
        let turn = self.fetching.turn(&self.cache.played_piece(&self.sha256, n));
        let _turn = turn.lock().await;
        if let Some(piece) = self.cache.played(&self.sha256, n, length).await {
            return Ok(piece);
        }
        // Only now: what is in the cache plays also while the store is away.
        let away = || Error::Generic { store: "the teamspace", source: "it cannot be reached".into() };
        let (store, path) = (self.origin)().await.ok_or_else(away)?;
        let piece = store.get_range(&path, range).await?;
        if piece.len() as u64 != length {
            let source = "it is shorter than its manifest says".into();
            return Err(Error::Generic { store: "the teamspace", source });
        }
        if let Err(error) = self.cache.keep_played(&self.sha256, n, piece.clone()).await {
            // It plays all the same.
            tracing::debug!(%error, "a piece is not kept");
        }
        Ok(piece)
    }
}
