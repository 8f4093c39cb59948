//! Copying a person's own file into the cache, with its digest. The original is only read.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};
use tokio_util::sync::CancellationToken;

use super::local_file;
use super::progress::Progress;
use crate::error::UserError;

/// Bytes that are read and written at a time.
const BLOCK: usize = 4 << 20;

/// A copy that is on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digested {
    /// Bytes.
    pub size: u64,
    /// SHA-256 of its content.
    pub sha256: [u8; 32],
}

impl Digested {
    /// The digest in lower-case hex.
    pub fn hex(&self) -> String {
        HEXLOWER.encode(&self.sha256)
    }
}

/// Copies `from` to `to`, flushed to disk. `Err(None)` when it was stopped.
pub async fn stage_copy(
    from: &Path,
    to: &Path,
    progress: &Progress,
    stop: &CancellationToken,
) -> Result<Digested, Option<UserError>> {
    let (from, to) = (from.to_owned(), to.to_owned());
    let (tell, mut told) = tokio::sync::mpsc::channel::<u64>(4);
    let stop = stop.clone();
    let copying = tokio::task::spawn_blocking(move || copy(&from, &to, &tell, &stop));
    while let Some(bytes) = told.recv().await {
        progress.file_is_at("media", bytes);
    }
    match copying.await {
        Ok(result) => result,
        Err(panic) => Err(Some(UserError::unexpected("copy the file", panic))),
    }
}

fn copy(
    from: &Path,
    to: &Path,
    tell: &tokio::sync::mpsc::Sender<u64>,
    stop: &CancellationToken,
) -> Result<Digested, Option<UserError>> {
    let reading = |error: io::Error| Some(UserError::from(local_file::Error::Read(error)));
    let writing = |error: io::Error| Some(UserError::from(crate::cache::Error::new("stage a file", error)));
    let mut source = File::open(from).map_err(reading)?;
    let mut target = File::create(to).map_err(writing)?;
    let (mut digest, mut size, mut block) = (Sha256::new(), 0_u64, vec![0; BLOCK]);
    loop {
        if stop.is_cancelled() {
            return Err(None);
        }
        let read = source.read(&mut block).map_err(reading)?;
        let Some(bytes) = block.get(..read).filter(|bytes| !bytes.is_empty()) else { break };
        digest.update(bytes);
        target.write_all(bytes).map_err(writing)?;
        size += bytes.len() as u64;
        // A listener that is behind misses a number, nothing else.
        let _ = tell.try_send(size);
    }
    target.sync_all().map_err(writing)?;
    Ok(Digested { size, sha256: digest.finalize().into() })
}
