//! Writing, hashing and noting on threads of their own, while the network goes on.
//!
//! Pieces may come in any order. The digest follows behind the point up to which everything is here: a piece that
//! comes exactly there is hashed from memory, the others are read back, from the page cache as a rule.
//!
//! # What a crash finds
//!
//! While a file comes in order, its length says what is here. Before the first piece is written elsewhere, the
//! memo says it instead, and from then on the memo alone counts. Bytes are noted only after they were flushed, so
//! that the memo is right also when the power fails; writing waits where noting falls behind, so that never more
//! than a few per cent of a file are here unnoted.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;

use bytes::Bytes;
use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::Error;
use super::part::{Memo, Part};
use super::spans::Spans;

/// Pieces that wait to be written. A piece is what one read of a connection gives: at most some 400 kB.
const WAITING: usize = 32;
/// Pieces that wait to be hashed; what finds no place is read back later.
const UNHASHED: usize = 16;
/// Bytes that are read back at once.
const BLOCK: usize = 1 << 18;
/// Noted is after this share of the file …
const STEPS: u64 = 100;
/// … but not after fewer bytes than these.
const SMALLEST_STEP: u64 = 1 << 19;

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
    mut here: Spans,
    mut memo: Memo,
    mut received: mpsc::Receiver<Piece>,
    is_given_up: Arc<AtomicBool>,
) -> io::Result<Written> {
    let mut file = File::options().read(true).write(true).create(true).truncate(false).open(path)?;
    let mut hasher = Hasher::start(path.to_owned(), is_given_up.clone());
    let mut notes = match memo.here {
        Some(_) => Some(Notes::start(path, &memo)?),
        None => None,
    };
    hasher.hash_up_to(here.front());
    let mut position = 0;
    while let Some((at, piece)) = received.blocking_recv() {
        if notes.is_none() && at != here.front() {
            memo.here = Some(here.clone());
            file.sync_all()?;
            memo.save(path)?;
            sync_folder(path);
            notes = Some(Notes::start(path, &memo)?);
        }
        if position != at {
            file.seek(SeekFrom::Start(at))?;
        }
        file.write_all(&piece)?;
        let size = piece.len() as u64;
        position = at + size;
        here.insert(at..position);
        hasher.offer(at, piece);
        hasher.hash_up_to(here.front());
        if let Some(notes) = &mut notes {
            notes.wrote(size, &here)?;
        }
    }
    hasher.close(here.front());
    // The digest is made meanwhile.
    file.sync_all()?;
    if let Some(notes) = notes {
        notes.finish(here.clone())?;
    }
    Ok(Written { size: here.front(), sha256: hasher.finish()? })
}

/// So that the memo's new name is there after a power failure. Where folders cannot be opened, the system does it.
fn sync_folder(path: &Path) {
    if let Some(folder) = path.parent().and_then(|folder| File::open(folder).ok()) {
        let _ = folder.sync_all();
    }
}

/// What is to be hashed next.
enum Next {
    /// From memory.
    Piece(Bytes),
    /// From the file, where it was written before this was said.
    Written(Range<u64>),
}

/// Hashes in order, beside the writing.
struct Hasher {
    next: Option<SyncSender<Next>>,
    /// Up to where it was told.
    told: u64,
    done: Option<thread::JoinHandle<io::Result<String>>>,
}

impl Hasher {
    fn start(path: PathBuf, is_given_up: Arc<AtomicBool>) -> Self {
        let (next, told) = sync_channel(UNHASHED);
        let done = thread::spawn(move || hash(&path, &told, &is_given_up));
        Self { next: Some(next), told: 0, done: Some(done) }
    }

    fn tell(&mut self, next: Next, up_to: u64) {
        // A full channel is no harm: what is not told now is read back later.
        if self.next.as_ref().is_some_and(|sender| sender.try_send(next).is_ok()) {
            self.told = up_to;
        }
    }

    /// A piece was written; it is hashed from memory when it is the very next one.
    fn offer(&mut self, at: u64, piece: Bytes) {
        if at == self.told {
            let end = at + piece.len() as u64;
            self.tell(Next::Piece(piece), end);
        }
    }

    /// Everything up to here is written.
    fn hash_up_to(&mut self, front: u64) {
        if front > self.told {
            self.tell(Next::Written(self.told..front), front);
        }
    }

    /// Nothing more will come than up to here.
    fn close(&mut self, front: u64) {
        if let Some(next) = self.next.take()
            && front > self.told
        {
            // A thread that has ended says why when it is asked.
            let _ = next.send(Next::Written(self.told..front));
        }
    }

    fn finish(mut self) -> io::Result<String> {
        match self.done.take().map(thread::JoinHandle::join) {
            Some(Ok(digest)) => digest,
            _ => Err(io::Error::other("the hashing thread ended")),
        }
    }
}

fn hash(path: &Path, told: &Receiver<Next>, is_given_up: &AtomicBool) -> io::Result<String> {
    let mut digest = Sha256::new();
    let mut file = None;
    let mut block = Vec::new();
    while let Ok(next) = told.recv() {
        let range = match next {
            Next::Piece(piece) => {
                digest.update(&piece);
                continue;
            }
            Next::Written(range) => range,
        };
        let file = match &mut file {
            Some(file) => file,
            None => file.insert(File::open(path)?),
        };
        file.seek(SeekFrom::Start(range.start))?;
        block.resize(BLOCK, 0);
        let mut left = range.end - range.start;
        while left > 0 && !is_given_up.load(Ordering::Relaxed) {
            let wanted = usize::try_from(left).unwrap_or(BLOCK).min(BLOCK);
            let read = file.read(block.get_mut(..wanted).unwrap_or_default())?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            digest.update(block.get(..read).unwrap_or_default());
            left -= read as u64;
        }
    }
    Ok(HEXLOWER.encode(&digest.finalize()))
}

/// Notes what is here, beside the writing: flushes first, then says so in the memo.
struct Notes {
    next: SyncSender<Spans>,
    done: thread::JoinHandle<io::Result<()>>,
    step: u64,
    unnoted: u64,
}

impl Notes {
    fn start(path: &Path, memo: &Memo) -> io::Result<Self> {
        // Without a place to wait in: what is noted is what was here when the last note was finished.
        let (next, told) = sync_channel::<Spans>(0);
        let (file, path, mut memo) = (File::open(path)?, path.to_owned(), memo.clone());
        let step = (memo.total.unwrap_or_default() / STEPS).max(SMALLEST_STEP);
        let done = thread::spawn(move || {
            while let Ok(here) = told.recv() {
                file.sync_data()?;
                memo.here = Some(here);
                memo.save(&path)?;
            }
            Ok(())
        });
        Ok(Self { next, done, step, unnoted: 0 })
    }

    /// So many bytes were written, and this is here now.
    fn wrote(&mut self, bytes: u64, here: &Spans) -> io::Result<()> {
        self.unnoted += bytes;
        if self.unnoted < self.step {
            return Ok(());
        }
        let told = match self.next.try_send(here.clone()) {
            Err(TrySendError::Full(here)) if self.unnoted >= 2 * self.step => self.next.send(here).is_ok(),
            Err(TrySendError::Full(_)) => return Ok(()),
            Err(TrySendError::Disconnected(_)) => false,
            Ok(()) => true,
        };
        self.unnoted = 0;
        if told { Ok(()) } else { Err(io::Error::other("what is here cannot be noted any more")) }
    }

    /// The last note.
    fn finish(self, here: Spans) -> io::Result<()> {
        // A thread that has ended says why.
        let _ = self.next.send(here);
        drop(self.next);
        self.done.join().map_err(|_| io::Error::other("the noting thread ended"))?
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
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
        assert_eq!((found.front(), found.memo.here), (2_000, None));
    }
}
