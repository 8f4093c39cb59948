//! Writing, hashing and noting on threads of their own, while the network goes on.
//!
//! Pieces may come in any order. The digest follows behind the point up to which everything is here: a piece that
//! comes exactly there is hashed from memory, the others are read back, from the page cache as a rule.
//!
//! # What a crash finds
//!
//! While a file comes in order, its length says what is here, as long as the machine runs. Before the first piece is
//! written elsewhere, the memo says it instead, and from then on the memo alone counts. Either way the memo notes
//! what was flushed: nothing else is believed after the power failed.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::Error;
use super::blocks::{BLOCK, Blocks};
use super::flush::{Flusher, Reached};
use super::hash::Hasher;
use super::part::{Memo, Part};
use super::spans::Spans;

/// Pieces that wait to be written. A piece is what one read of a connection gives: at most some 400 kB.
const WAITING: usize = 32;
/// What waits for its block to be full is written when nothing comes for this long.
const LINGER: Duration = Duration::from_millis(5);

/// Bytes, and where in the file they belong.
pub(super) type Piece = (u64, Bytes);

/// What is on disk, all of it flushed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    /// Bytes.
    pub(super) size: u64,
    /// SHA-256, lower-case hex.
    pub(super) sha256: String,
}

/// Writes a staged file.
#[derive(Debug)]
pub(super) struct Writer {
    pieces: mpsc::Sender<Piece>,
    is_given_up: Arc<AtomicBool>,
    done: JoinHandle<io::Result<Written>>,
}

impl Writer {
    /// Goes on with what the part has. Its bytes are read once more, for the digest.
    pub(super) fn start(part: &Part) -> Self {
        let (pieces, received) = mpsc::channel(WAITING);
        let is_given_up = Arc::new(AtomicBool::new(false));
        let (path, here, memo) = (part.path.clone(), part.here.clone(), part.memo.clone());
        let given_up = is_given_up.clone();
        let done = tokio::task::spawn_blocking(move || write(&path, here, memo, received, given_up));
        Self { pieces, is_given_up, done }
    }

    /// Where pieces are handed in. Handing in waits when the disk is slower than the network, and fails when
    /// writing has failed: [`Writer::finish`] knows why.
    pub(super) fn inlet(&self) -> mpsc::Sender<Piece> {
        self.pieces.clone()
    }

    /// Waits until everything is on disk. All inlets must be gone.
    pub(super) async fn finish(self) -> Result<Written, Error> {
        // Closing the channel is what ends the thread.
        drop(self.pieces);
        Ok(self.done.await.map_err(io::Error::other)??)
    }

    /// Waits until what came is on disk; no digest is wanted any more.
    pub(super) async fn give_up(self) -> Result<(), Error> {
        self.is_given_up.store(true, Ordering::Relaxed);
        self.finish().await.map(drop)
    }
}

fn write(
    path: &Path,
    here: Spans,
    memo: Memo,
    mut received: mpsc::Receiver<Piece>,
    is_given_up: Arc<AtomicBool>,
) -> io::Result<Written> {
    let file = File::options().read(true).write(true).create(true).truncate(false).open(path)?;
    let mut writing = Writing {
        path,
        blocks: Blocks::of(file, memo.total, BLOCK),
        hasher: Hasher::start(path.to_owned(), is_given_up),
        flusher: Flusher::of(path, &memo),
        in_order: memo.here.is_none(),
        here,
        memo,
    };
    writing.hasher.hash_up_to(writing.here.front());
    let runtime = Handle::current();
    loop {
        let next = match writing.blocks.is_empty() {
            true => Ok(received.blocking_recv()),
            false => runtime.block_on(async { timeout(LINGER, received.recv()).await }),
        };
        match next {
            Ok(Some((at, piece))) => writing.take(at, piece)?,
            Ok(None) => break,
            Err(_) => writing.write_the_rest()?,
        }
    }
    writing.finish()
}

/// A file while it is written.
struct Writing<'a> {
    path: &'a Path,
    blocks: Blocks,
    hasher: Hasher,
    flusher: Flusher,
    /// What is written.
    here: Spans,
    memo: Memo,
    /// Whether the length of the file still says what is here.
    in_order: bool,
}

impl Writing<'_> {
    fn take(&mut self, at: u64, piece: Bytes) -> io::Result<()> {
        if !self.blocks.goes_on(at) {
            self.write_the_rest()?;
            if self.in_order && at != self.here.front() {
                self.leave_order()?;
            }
        }
        let written = self.blocks.take(at, piece)?;
        self.wrote(written)
    }

    fn write_the_rest(&mut self) -> io::Result<()> {
        let written = self.blocks.flush()?;
        self.wrote(written)
    }

    fn wrote(&mut self, pieces: Vec<Piece>) -> io::Result<()> {
        let mut bytes = 0;
        for (at, piece) in pieces {
            let size = piece.len() as u64;
            self.here.insert(at..at + size);
            self.hasher.offer(at, piece);
            bytes += size;
        }
        self.hasher.hash_up_to(self.here.front());
        self.flusher.wrote(bytes, || reached(&self.here, self.in_order), self.in_order)
    }

    /// From here on the memo says what is here.
    fn leave_order(&mut self) -> io::Result<()> {
        // What it notes now would say that the length still does.
        self.flusher.join()?;
        self.blocks.file().sync_all()?;
        (self.memo.flushed, self.memo.here) = (self.here.front(), Some(self.here.clone()));
        self.memo.save(self.path)?;
        sync_folder(self.path);
        self.in_order = false;
        Ok(())
    }

    fn finish(mut self) -> io::Result<Written> {
        self.write_the_rest()?;
        let front = self.here.front();
        self.hasher.close(front);
        let is_whole = self.memo.total.is_none_or(|total| front >= total);
        if !is_whole {
            self.blocks.give_back()?;
        }
        // The digest is made meanwhile.
        self.blocks.file().sync_all()?;
        match self.in_order && is_whole {
            true => self.flusher.join()?,
            false => self.flusher.finish(reached(&self.here, self.in_order))?,
        }
        Ok(Written { size: front, sha256: self.hasher.finish()? })
    }
}

fn reached(here: &Spans, in_order: bool) -> Reached {
    Reached { front: here.front(), here: (!in_order).then(|| here.clone()) }
}

/// So that the memo's new name is there after a power failure. Where folders cannot be opened, the system does it.
fn sync_folder(path: &Path) {
    if let Some(folder) = path.parent().and_then(|folder| File::open(folder).ok()) {
        let _ = folder.sync_all();
    }
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use data_encoding::HEXLOWER;
    use proptest::prelude::*;
    use sha2::{Digest as _, Sha256};

    use super::*;

    fn part_in(dir: &tempfile::TempDir) -> Part {
        let path = dir.path().join("x.part");
        Part { path, here: Spans::default(), memo: Memo { total: Some(50_000), ..Memo::default() } }
    }

    fn content() -> Bytes {
        (0..50_000_u32).flat_map(|word| [word.to_le_bytes()[0], word.to_le_bytes()[1]]).take(50_000).collect()
    }

    /// Writes these stretches of the content, in this order.
    async fn write_all(part: &Part, stretches: &[Range<usize>]) -> Writer {
        let writer = Writer::start(part);
        let inlet = writer.inlet();
        for stretch in stretches {
            inlet.send((stretch.start as u64, content().slice(stretch.clone()))).await.unwrap();
        }
        writer
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn in_whatever_order_pieces_come_the_digest_is_that_of_the_whole(
            cuts in prop::collection::btree_set(1..50_000_usize, 0..30),
            order in any::<u64>(),
        ) {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_time().build().unwrap();
            let mut stretches = Vec::new();
            let mut at = 0;
            for cut in cuts.into_iter().chain([50_000]) {
                stretches.push(at..cut);
                at = cut;
            }
            stretches.sort_by_key(|stretch| (stretch.start as u64).wrapping_mul(order | 1));
            let dir = tempfile::tempdir().unwrap();
            let part = part_in(&dir);
            let written = runtime.block_on(async { write_all(&part, &stretches).await.finish().await }).unwrap();
            prop_assert_eq!(written.sha256, HEXLOWER.encode(&Sha256::digest(content())));
            prop_assert_eq!(std::fs::read(&part.path).unwrap(), content());
        }
    }

    #[tokio::test]
    async fn what_came_out_of_order_is_noted_and_gone_on_with() {
        let dir = tempfile::tempdir().unwrap();
        let part = part_in(&dir);
        part.memo.save(&part.path).unwrap();
        write_all(&part, &[0..1_000, 30_000..40_000]).await.give_up().await.unwrap();
        let found = Part::find(&part.path).unwrap();
        assert_eq!(found.here.gaps(50_000), [1_000..30_000, 40_000..50_000]);
        let written = write_all(&found, &[40_000..50_000, 1_000..30_000]).await.finish().await.unwrap();
        assert_eq!(written.sha256, HEXLOWER.encode(&Sha256::digest(content())));
    }

    #[tokio::test]
    async fn what_comes_in_order_needs_no_notes() {
        let dir = tempfile::tempdir().unwrap();
        let part = part_in(&dir);
        part.memo.save(&part.path).unwrap();
        write_all(&part, &[0..1_000, 1_000..2_000]).await.give_up().await.unwrap();
        let found = Part::find(&part.path).unwrap();
        assert_eq!((found.front(), found.memo.here, found.memo.flushed), (2_000, None, 2_000));
    }

    #[tokio::test]
    async fn a_part_takes_no_more_of_the_disk_than_it_is_long() {
        let dir = tempfile::tempdir().unwrap();
        let mut part = part_in(&dir);
        part.memo.total = Some(1 << 30);
        write_all(&part, &[0..500, 500..1_000]).await.give_up().await.unwrap();
        let file = std::fs::metadata(&part.path).unwrap();
        assert_eq!(file.len(), 1_000);
        #[cfg(unix)]
        assert!(std::os::unix::fs::MetadataExt::blocks(&file) * 512 < 1 << 20);
    }
}
