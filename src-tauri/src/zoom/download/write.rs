//! Writing and hashing on a thread of their own, while the network goes on.

use std::fs::File;
use std::io::{self, BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::Error;
use super::part::Part;

/// Chunks that wait to be written. A chunk is what one read of the connection gives: at most some 100 kB.
const WAITING: usize = 64;
/// Bytes that are read at once, for the digest of what is there.
const BLOCK: usize = 1 << 20;
/// Bytes that are written at once: what a crash may cost of a file.
const PENDING: usize = 1 << 16;

/// What is on disk, all of it flushed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    /// Bytes.
    pub(super) size: u64,
    /// SHA-256, lower-case hex.
    pub(super) sha256: String,
}

/// Writes a staged file, in order.
#[derive(Debug)]
pub(super) struct Writer {
    chunks: mpsc::Sender<Bytes>,
    /// Taken when its end was seen.
    done: Option<JoinHandle<io::Result<Written>>>,
}

impl Writer {
    /// Goes on after what the part has. Its bytes are read once more, for the digest.
    pub(super) async fn start(path: &Path, part: &Part) -> Result<Self, Error> {
        let (chunks, received) = mpsc::channel(WAITING);
        let (path, keep) = (path.to_owned(), part.length());
        let done = tokio::task::spawn_blocking(move || write(&path, keep, received));
        Ok(Self { chunks, done: Some(done) })
    }

    /// Hands a chunk over; waits when the disk is slower than the network.
    pub(super) async fn write(&mut self, chunk: Bytes) -> Result<(), Error> {
        if self.chunks.send(chunk).await.is_ok() {
            return Ok(());
        }
        // The thread has ended, and only an error ends it early.
        self.end().await?;
        Err(io::Error::other("the writing thread ended").into())
    }

    /// Waits until everything is on disk.
    pub(super) async fn finish(mut self) -> Result<Written, Error> {
        // Closing the channel is what ends the thread.
        self.chunks = mpsc::channel(1).0;
        self.end().await
    }

    async fn end(&mut self) -> Result<Written, Error> {
        match self.done.take() {
            Some(done) => Ok(done.await.map_err(io::Error::other)??),
            None => Err(io::Error::other("the writing thread ended before").into()),
        }
    }
}

fn write(path: &PathBuf, keep: u64, mut received: mpsc::Receiver<Bytes>) -> io::Result<Written> {
    let mut file = File::options().read(true).write(true).create(true).truncate(false).open(path)?;
    file.set_len(keep)?;
    let mut digest = Sha256::new();
    file.seek(SeekFrom::Start(0))?;
    let mut block = vec![0; BLOCK];
    let mut size = 0;
    while size < keep {
        let read = file.read(&mut block)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        digest.update(block.get(..read).unwrap_or_default());
        size += read as u64;
    }
    drop(block);
    let mut file = BufWriter::with_capacity(PENDING, file);
    while let Some(chunk) = received.blocking_recv() {
        digest.update(&chunk);
        file.write_all(&chunk)?;
        size += chunk.len() as u64;
    }
    file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    Ok(Written { size, sha256: HEXLOWER.encode(&digest.finalize()) })
}
