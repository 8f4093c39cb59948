//! Pieces of media that were played from a bucket, so that a second play needs no request. Within a budget: what
//! was not played for longest goes first.
//!
//! A file is known by its SHA-256, so that the same recording in two teamspaces is kept once.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use bytes::Bytes;

use super::{Cache, Error};
use crate::teamspace::free_bytes;

/// Bytes that are left free on the disk, whatever the budget says.
const SPARE: u64 = 2 << 30;

impl Cache {
    /// Where a piece of a file stands, or will stand.
    pub fn played_piece(&self, sha256: &str, n: u64) -> PathBuf {
        self.played_folder(sha256).join(n.to_string())
    }

    pub(super) fn played_folder(&self, sha256: &str) -> PathBuf {
        let name: String = sha256.chars().filter(char::is_ascii_hexdigit).take(64).collect();
        self.root.join("played").join(name)
    }

    /// Whether a piece is there.
    pub fn has_played(&self, sha256: &str, n: u64) -> bool {
        self.played_piece(sha256, n).exists()
    }

    /// A piece, when it is there in its whole length. Its file remembers when that was, which file systems do not by
    /// themselves.
    pub async fn played(&self, sha256: &str, n: u64, length: u64) -> Option<Bytes> {
        let path = self.played_piece(sha256, n);
        let read = move || -> io::Result<Vec<u8>> {
            let piece = fs::read(&path)?;
            // One that may only be read is played all the same.
            let _ =
                fs::File::options().write(true).open(&path).and_then(|f| f.set_modified(SystemTime::now()));
            Ok(piece)
        };
        let piece = tokio::task::spawn_blocking(read).await.ok()?.ok()?;
        (piece.len() as u64 == length).then(|| piece.into())
    }

    /// Keeps a piece: written beside, then renamed. Not kept where the disk has little room left.
    pub async fn keep_played(&self, sha256: &str, n: u64, piece: Bytes) -> Result<(), Error> {
        self.keep_within(sha256, n, piece, self.budget()).await
    }

    async fn keep_within(&self, sha256: &str, n: u64, piece: Bytes, budget: u64) -> Result<(), Error> {
        let (cache, sha256) = (self.clone(), sha256.to_owned());
        let work = move || {
            let folder = cache.played_folder(&sha256);
            if free_bytes(&cache.root).is_some_and(|free| free < SPARE) {
                return Err(io::Error::from(io::ErrorKind::StorageFull));
            }
            let is_new = !folder.exists();
            fs::create_dir_all(&folder)?;
            let fresh = folder.join(format!("{n}.{}", uuid::Uuid::now_v7()));
            fs::write(&fresh, &piece)?;
            fs::rename(&fresh, folder.join(n.to_string()))?;
            // Looking at all of it takes time: once per recording, and now and then during a long one.
            if is_new || n.is_multiple_of(64) {
                trim(&cache.root.join("played"), &folder, budget)?;
            }
            Ok(())
        };
        let kept = tokio::task::spawn_blocking(work).await.unwrap_or_else(|e| Err(io::Error::other(e)));
        kept.map_err(|source| Error::new("keep a piece that was played", source))
    }
}

/// What was played: when each was used last, its folder, and its bytes.
pub(super) fn known(played: &Path) -> io::Result<Vec<(SystemTime, PathBuf, u64)>> {
    let mut known = Vec::new();
    for entry in fs::read_dir(played)? {
        let folder = entry?.path();
        let (mut size, mut newest) = (0, SystemTime::UNIX_EPOCH);
        // One that is renamed or removed meanwhile counts nothing.
        for piece in fs::read_dir(&folder).into_iter().flatten() {
            let Ok(about) = piece.and_then(|piece| piece.metadata()) else { continue };
            size += about.len();
            newest = newest.max(about.modified()?);
        }
        known.push((newest, folder, size));
    }
    Ok(known)
}

/// Removes what was not played for longest, until the others fit. What is played now stays.
pub(super) fn trim(played: &Path, now: &Path, budget: u64) -> io::Result<()> {
    let mut known = known(played)?;
    let mut total: u64 = known.iter().map(|(_, _, size)| size).sum();
    known.sort();
    for (_, folder, size) in known {
        if total <= budget {
            break;
        }
        if folder != now {
            fs::remove_dir_all(&folder)?;
            total = total.saturating_sub(size);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sha256(n: u8) -> String {
        format!("{n:02x}").repeat(32)
    }

    #[tokio::test]
    async fn a_piece_is_there_whole_or_not_at_all() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::open(dir.path()).unwrap();
        assert_eq!(cache.played(&sha256(1), 0, 4).await, None);
        cache.keep_played(&sha256(1), 0, Bytes::from_static(b"abcd")).await.unwrap();
        assert_eq!(cache.played(&sha256(1), 0, 4).await.as_deref(), Some(&b"abcd"[..]));
        assert_eq!(cache.played(&sha256(1), 0, 5).await, None, "cut off");
        assert_eq!(cache.played(&sha256(2), 0, 4).await, None);
    }

    #[tokio::test]
    async fn what_was_not_played_for_longest_goes_first_and_never_what_is_played_now() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::open(dir.path()).unwrap();
        let old = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000);
        for n in [1, 2] {
            cache.keep_played(&sha256(n), 0, Bytes::from_static(b"abcd")).await.unwrap();
            let file = fs::File::options().write(true).open(cache.played_piece(&sha256(n), 0)).unwrap();
            file.set_modified(old + std::time::Duration::from_secs(u64::from(n))).unwrap();
        }
        cache.keep_within(&sha256(3), 0, Bytes::from_static(b"abcd"), 8).await.unwrap();
        let there = [1, 2, 3].map(|n| cache.has_played(&sha256(n), 0));
        assert_eq!(there, [false, true, true]);
        cache.keep_within(&sha256(4), 0, Bytes::from_static(b"abcd"), 1).await.unwrap();
        let there = [1, 2, 3, 4].map(|n| cache.has_played(&sha256(n), 0));
        assert_eq!(there, [false, false, false, true]);
    }

    #[test]
    fn a_digest_never_becomes_a_path() {
        let cache = Cache { root: PathBuf::from("/cache"), budget: Default::default() };
        assert_eq!(cache.played_piece("../../etc", 3), PathBuf::from("/cache/played/ec/3"));
    }
}
