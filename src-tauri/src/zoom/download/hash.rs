//! The digest of a file, made in order beside the writing of it.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use bytes::Bytes;
use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

/// Pieces that wait to be hashed; what finds no place is read back later.
const UNHASHED: usize = 16;
/// Bytes that are read back at once.
const BLOCK: usize = 1 << 18;

/// What is to be hashed next.
enum Next {
    /// From memory.
    Piece(Bytes),
    /// From the file, where it was written before this was said.
    Written(Range<u64>),
}

/// Hashes in order, beside the writing.
pub(super) struct Hasher {
    next: Option<SyncSender<Next>>,
    /// Up to where it was told.
    told: u64,
    done: Option<thread::JoinHandle<io::Result<String>>>,
}

impl Hasher {
    pub(super) fn start(path: PathBuf, is_given_up: Arc<AtomicBool>) -> Self {
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
    pub(super) fn offer(&mut self, at: u64, piece: Bytes) {
        if at == self.told {
            let end = at + piece.len() as u64;
            self.tell(Next::Piece(piece), end);
        }
    }

    /// Everything up to here is written.
    pub(super) fn hash_up_to(&mut self, front: u64) {
        if front > self.told {
            self.tell(Next::Written(self.told..front), front);
        }
    }

    /// Nothing more will come than up to here.
    pub(super) fn close(&mut self, front: u64) {
        if let Some(next) = self.next.take()
            && front > self.told
        {
            // A thread that has ended says why when it is asked.
            let _ = next.send(Next::Written(self.told..front));
        }
    }

    pub(super) fn finish(mut self) -> io::Result<String> {
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
