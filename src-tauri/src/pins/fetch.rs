//! Fetching one file of a pinned recording: what is here already is not fetched again, what was interrupted goes on, and
//! only what has the digest of its manifest is kept.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use data_encoding::HEXLOWER;
use futures::{StreamExt as _, TryStreamExt as _};
use sha2::{Digest as _, Sha256};
use tokio_util::sync::CancellationToken;

use crate::cache::{Cache, PIECE};
use crate::error::{Code, UserError, UserResult};
use crate::recording::{RecordingFile, RecordingId};
use crate::teamspace::Teamspace;
use crate::zoom::Zoom;

/// Pieces that are on their way at once: enough for a line with some delay, few enough for the memory.
const AT_ONCE: usize = 6;

/// What fetching takes.
pub struct Fetch<'a> {
    /// The teamspace, opened.
    pub teamspace: &'a Teamspace,
    /// Whose file it is.
    pub id: &'a RecordingId,
    /// Where it is kept.
    pub cache: &'a Cache,
    /// Keeps within the bandwidth limit.
    pub zoom: &'a Zoom,
    /// Hears of the bytes that came.
    pub tell: &'a (dyn Fn(u64) + Send + Sync),
    /// Ends it between two pieces; what is here stays.
    pub stop: &'a CancellationToken,
}

/// Fetches a file and keeps it. Done at once when it is kept.
pub async fn fetch(way: &Fetch<'_>, file: &RecordingFile) -> UserResult<()> {
    let (cache, teamspace) = (way.cache, way.teamspace.id());
    if file.size == 0 || cache.kept(teamspace, way.id, file).is_some() {
        return Ok(());
    }
    if cache.keep_played_whole(teamspace, way.id, file)? {
        return Ok(());
    }
    let part = cache.keeping_file(teamspace, way.id, file);
    let (mut gathered, from) = begin(part.clone(), file.size).await?;
    let ends = piece_ends(from, file.size);
    let mut pieces = futures::stream::iter(ends.map(|range| piece(way, file, range))).buffered(AT_ONCE);
    while let Some(bytes) = tokio::select! {
        next = pieces.try_next() => next?,
        () = way.stop.cancelled() => return Err(stopped()),
    } {
        way.zoom.keep_within_limit(bytes.len() as u64).await;
        let came = bytes.len() as u64;
        gathered = blocking(move || {
            gathered.write(&bytes)?;
            Ok(gathered)
        })
        .await?;
        (way.tell)(came);
    }
    drop(pieces);
    let digest = blocking(move || gathered.end()).await?;
    if digest != file.sha256 {
        // What is wrong would be wrong for ever: the next try begins anew.
        let _ = fs::remove_file(&part);
        return Err(UserError::new(
            Code::FileDamaged,
            "A file in the teamspace is not what its manifest says; it was not kept",
            "verify the teamspace, and repair it or import the recording again",
        )
        .detail(format!("{}: expected {}, got {digest}", file.key, file.sha256)));
    }
    Ok(cache.keep_gathered(teamspace, way.id, file)?)
}

/// From the first byte that is missing to the end, in the pieces that are played too.
fn piece_ends(from: u64, size: u64) -> impl Iterator<Item = std::ops::Range<u64>> {
    let mut start = from;
    std::iter::from_fn(move || {
        let end = size.min((start / PIECE + 1) * PIECE);
        let range = start..end;
        start = end;
        (!range.is_empty()).then_some(range)
    })
}

/// A piece that was played, else a stretch from the store.
async fn piece(way: &Fetch<'_>, file: &RecordingFile, range: std::ops::Range<u64>) -> UserResult<Bytes> {
    let length = range.end - range.start;
    if range.start.is_multiple_of(PIECE)
        && let Some(played) = way.cache.played(&file.sha256, range.start / PIECE, length).await
    {
        return Ok(played);
    }
    let bytes = way.teamspace.get_range(way.id, &file.key, range).await?;
    if bytes.len() as u64 == length {
        return Ok(bytes);
    }
    Err(UserError::new(
        Code::FileDamaged,
        "A file in the teamspace is shorter than its manifest says",
        "verify the teamspace, and repair it or import the recording again",
    )
    .detail(&file.key))
}

/// A file under way, with the digest of what it holds.
struct Gathered {
    file: File,
    hash: Sha256,
}

impl Gathered {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hash.update(bytes);
        self.file.write_all(bytes)
    }

    /// Its digest, once all of it is on the disk.
    fn end(self) -> io::Result<String> {
        self.file.sync_all()?;
        Ok(HEXLOWER.encode(&self.hash.finalize()))
    }
}

/// Goes on with what was gathered before, which is read again for its digest; and from which byte.
async fn begin(part: PathBuf, size: u64) -> UserResult<(Gathered, u64)> {
    blocking(move || {
        fs::create_dir_all(part.parent().unwrap_or(Path::new("")))?;
        let mut file = File::options().create(true).truncate(false).read(true).append(true).open(&part)?;
        if file.metadata()?.len() > size {
            file.set_len(0)?;
        }
        let (mut hash, mut from, mut buffer) = (Sha256::new(), 0, vec![0; 1 << 20]);
        loop {
            let read = file.read(&mut buffer)?;
            if read == 0 {
                break;
            }
            hash.update(buffer.get(..read).unwrap_or_default());
            from += read as u64;
        }
        Ok((Gathered { file, hash }, from))
    })
    .await
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> UserResult<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|panic| UserError::unexpected("keep a recording", panic))?
        .map_err(|source| UserError::of_data_directory("keep a recording", &source))
}

fn stopped() -> UserError {
    UserError::new(Code::Cancelled, "Keeping was stopped", "it goes on at the next start")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_asked_for_in_the_pieces_that_are_played() {
        let pieces: Vec<_> = piece_ends(5, 2 * PIECE + 3).collect();
        assert_eq!(pieces, [5..PIECE, PIECE..2 * PIECE, 2 * PIECE..2 * PIECE + 3]);
        assert_eq!(piece_ends(7, 7).count(), 0);
    }
}
