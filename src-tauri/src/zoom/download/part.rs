//! What is there of a file from an earlier try, and whether one may go on with it.

use std::io::{self, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};

use reqwest::header::{ACCEPT_RANGES, CONTENT_RANGE, ETAG, HeaderMap, HeaderValue, IF_RANGE, RANGE};
use serde::{Deserialize, Serialize};
use tokio::fs;
use tokio::io::AsyncReadExt as _;

use super::Error;
use super::boot::boot;
use super::spans::Spans;
use super::write::Written;
use crate::container::HEAD;

/// What is known of the file that the part belongs to; stands beside the part.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Memo {
    /// A strong ETag.
    pub(super) etag: Option<String>,
    /// Bytes of the whole file.
    pub(super) total: Option<u64>,
    /// What is here, once the part did not come in order any more. Before that its length says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) here: Option<Spans>,
    /// Up to where everything was flushed when it came in order.
    #[serde(default)]
    pub(super) flushed: u64,
    /// The run of the machine in which the length is believed; after another one only what was flushed is.
    #[serde(default)]
    pub(super) boot: Option<String>,
}

impl Memo {
    /// From the answer that a part comes from.
    pub(super) fn of(headers: &HeaderMap, total: Option<u64>) -> Self {
        Self { etag: strong_etag(headers), total, boot: boot(), ..Self::default() }
    }

    /// Writes it beside its part, whole or not at all, also when the power fails.
    pub(super) fn save(&self, part: &Path) -> io::Result<()> {
        let fresh = part.with_extension("memo-new");
        let mut file = std::fs::File::create(&fresh)?;
        file.write_all(&serde_json::to_vec(self)?)?;
        if self.here.is_some() {
            // One that says only whose the part is may be lost: that costs a download from the start.
            file.sync_data()?;
        }
        std::fs::rename(fresh, memo_path(part))
    }
}

/// A staged file before it is whole.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) path: PathBuf,
    pub(super) here: Spans,
    pub(super) memo: Memo,
}

impl Part {
    /// Looks for what is there. A part of which nothing is known that could tell whether the file is still the
    /// same is worth nothing.
    pub(super) fn find(path: &Path) -> Result<Self, Error> {
        let length = match std::fs::metadata(path) {
            Ok(metadata) => metadata.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
            Err(error) => return Err(error.into()),
        };
        let memo: Memo = match std::fs::read(memo_path(path)) {
            Ok(bytes) => serde_json::from_slice(&bytes).unwrap_or_default(),
            Err(_) => Memo::default(),
        };
        let usable = memo.etag.is_some() || memo.total.is_some_and(|total| length <= total);
        let is_sure = memo.boot.is_some() && memo.boot == boot();
        let in_order = if is_sure { length } else { length.min(memo.flushed) };
        let mut here = memo.here.clone().unwrap_or_else(|| Spans::up_to(in_order));
        here.truncate(if usable { length } else { 0 });
        Ok(Self { path: path.to_owned(), here, memo })
    }

    /// Up to where everything is here.
    pub(super) fn front(&self) -> u64 {
        self.here.front()
    }

    /// Asks only for what is missing, or for the first of it, if the file is still the same one.
    pub(super) fn ask_for_the_rest(&self, headers: &mut HeaderMap) {
        if self.here.total() == 0 {
            return;
        }
        let total = self.memo.total.unwrap_or(u64::MAX);
        let gap = self.here.gaps(total).into_iter().next().unwrap_or(total..total);
        self.ask_for(&gap, headers);
    }

    /// Asks for these bytes, if the file is still the same one.
    pub(super) fn ask_for(&self, range: &Range<u64>, headers: &mut HeaderMap) {
        let text = match range.end >= self.memo.total.unwrap_or(u64::MAX) {
            true => format!("bytes={}-", range.start),
            false => format!("bytes={}-{}", range.start, range.end - 1),
        };
        if let Ok(value) = HeaderValue::try_from(text) {
            headers.insert(RANGE, value);
        }
        if let Some(Ok(etag)) = self.memo.etag.as_ref().map(HeaderValue::try_from) {
            headers.insert(IF_RANGE, etag);
        }
    }

    /// The server sends all of it: what was there does not count. The memo goes first, so that at no moment it
    /// speaks of bytes that are not its file's.
    pub(super) async fn restart(&mut self) -> Result<(), Error> {
        remove(&memo_path(&self.path)).await?;
        fs::File::create(&self.path).await?;
        (self.here, self.memo) = (Spans::default(), Memo::default());
        Ok(())
    }

    /// Whether a 206 goes on exactly where the part's first gap begins, in the same file.
    pub(super) fn continues(&self, headers: &HeaderMap) -> bool {
        self.is_stretch_from(self.front(), headers)
    }

    /// Whether a 206 holds the bytes from `start` on, of the same file.
    pub(super) fn is_stretch_from(&self, start: u64, headers: &HeaderMap) -> bool {
        let Some((Some(first), total)) = content_range(headers) else { return false };
        let etag = strong_etag(headers);
        let same_tag = self.memo.etag.is_none() || etag.is_none() || self.memo.etag == etag;
        let same_total = self.memo.total.is_none() || total.is_none() || self.memo.total == total;
        first == start && same_tag && same_total
    }

    /// Whether stretches of this file may come on several connections: the server said how it tells versions of
    /// the file apart, how long the file is, and that it gives ranges.
    pub(super) fn may_be_divided(&self, is_range: bool, headers: &HeaderMap) -> bool {
        let gives_ranges = headers.get(ACCEPT_RANGES).is_some_and(|value| value.as_bytes() == b"bytes");
        self.memo.etag.is_some() && self.memo.total.is_some() && (is_range || gives_ranges)
    }

    /// Whether a 416 says that the part is the whole file already.
    pub(super) fn is_all(&self, headers: &HeaderMap) -> bool {
        matches!(content_range(headers), Some((_, Some(total))) if total == self.front() && total > 0)
    }

    /// Throws the part away.
    pub(super) async fn discard(&mut self) -> Result<(), Error> {
        // The memo first: without it nobody believes in the part.
        remove(&memo_path(&self.path)).await?;
        remove(&self.path).await?;
        (self.here, self.memo) = (Spans::default(), Memo::default());
        Ok(())
    }

    /// Notes which file the part is of, before its first byte is written. A note that does not survive a
    /// crash costs a download from the start, nothing else.
    pub(super) async fn remember(&mut self, said: Memo) -> Result<(), Error> {
        let (front, here) = (self.front(), self.memo.here.clone());
        let memo = Memo { flushed: self.memo.flushed.min(front), here, ..said };
        if memo != self.memo || self.here.total() == 0 {
            let (path, saved) = (self.path.clone(), memo.clone());
            let noting = move || {
                // What is not believed must be gone before its length is: the power may have failed before.
                if saved.here.is_none() && std::fs::metadata(&path).is_ok_and(|part| part.len() > front) {
                    std::fs::File::options().write(true).open(&path)?.set_len(front)?;
                }
                saved.save(&path)
            };
            tokio::task::spawn_blocking(noting).await.map_err(io::Error::other)??;
            self.memo = memo;
        }
        Ok(())
    }

    /// The first bytes of what is there.
    pub(super) async fn head(&self) -> Result<Vec<u8>, Error> {
        let mut head = Vec::new();
        if self.front() > 0 {
            let wanted = self.front().min(HEAD as u64);
            fs::File::open(&self.path).await?.take(wanted).read_to_end(&mut head).await?;
        }
        Ok(head)
    }

    /// Reads a part that is the whole file, for its digest.
    pub(super) async fn reread(&self) -> Result<Written, Error> {
        super::write::Writer::start(self).finish().await
    }
}

/// What tells this version of the file from others. A weak one may stand for other bytes (RFC 9110, §8.8.1).
fn strong_etag(headers: &HeaderMap) -> Option<String> {
    let etag = headers.get(ETAG)?.to_str().ok()?;
    (!etag.starts_with("W/")).then(|| etag.to_owned())
}

/// `bytes 5-9/10` → (5, 10); `bytes */10` → (none, 10); RFC 9110, §14.4.
pub(super) fn content_range(headers: &HeaderMap) -> Option<(Option<u64>, Option<u64>)> {
    let text = headers.get(CONTENT_RANGE)?.to_str().ok()?;
    let (range, total) = text.trim().strip_prefix("bytes ")?.split_once('/')?;
    let start = range.split_once('-').and_then(|(start, _)| start.trim().parse().ok());
    Some((start, total.trim().parse().ok()))
}

/// What must hold of any `Content-Range`; see `crate::fuzzing`. `length` is what is there.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn holds(header: &str, length: u64) {
    let Ok(value) = HeaderValue::try_from(header) else { return };
    let headers = HeaderMap::from_iter([(CONTENT_RANGE, value)]);
    let part = Part {
        path: PathBuf::new(),
        here: Spans::up_to(length),
        memo: Memo { total: Some(length), ..Memo::default() },
    };
    let said = content_range(&headers);
    assert!(!part.continues(&headers) || matches!(said, Some((Some(start), _)) if start == length));
    assert!(
        !part.is_all(&headers) || (length > 0 && matches!(said, Some((_, Some(total))) if total == length))
    );
}

/// Removes a file; one that is not there is fine.
async fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path).await {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

pub(super) fn memo_path(path: &Path) -> PathBuf {
    path.with_extension("memo")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(reqwest::header::HeaderName, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect()
    }

    fn part(length: u64, etag: Option<&str>, total: Option<u64>) -> Part {
        let memo = Memo { etag: etag.map(str::to_owned), total, ..Memo::default() };
        Part { path: PathBuf::from("x.part"), here: Spans::up_to(length), memo }
    }

    #[test]
    fn a_206_must_go_on_exactly_where_the_part_ends() {
        let part = part(5, Some("\"a\""), Some(10));
        assert!(part.continues(&headers(&[(CONTENT_RANGE, "bytes 5-9/10"), (ETAG, "\"a\"")])));
        assert!(part.continues(&headers(&[(CONTENT_RANGE, "bytes 5-9/10")])));
        assert!(!part.continues(&headers(&[(CONTENT_RANGE, "bytes 0-9/10"), (ETAG, "\"a\"")])));
        assert!(!part.continues(&headers(&[(CONTENT_RANGE, "bytes 5-9/10"), (ETAG, "\"b\"")])));
        assert!(!part.continues(&headers(&[(CONTENT_RANGE, "bytes 5-11/12")])));
        assert!(!part.continues(&headers(&[])));
    }

    #[test]
    fn a_416_can_mean_that_everything_is_here() {
        assert!(part(10, None, Some(10)).is_all(&headers(&[(CONTENT_RANGE, "bytes */10")])));
        assert!(!part(10, None, Some(10)).is_all(&headers(&[(CONTENT_RANGE, "bytes */8")])));
        assert!(!part(10, None, Some(10)).is_all(&headers(&[])));
    }

    #[test]
    fn a_weak_etag_proves_nothing() {
        assert_eq!(Memo::of(&headers(&[(ETAG, "W/\"a\"")]), None).etag, None);
    }

    #[tokio::test]
    async fn a_part_without_a_memo_is_not_gone_on_with() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.part");
        std::fs::write(&path, "12345").unwrap();
        assert_eq!(Part::find(&path).unwrap().front(), 0);
        Memo { etag: Some("\"a\"".to_owned()), total: Some(10), boot: boot(), ..Memo::default() }
            .save(&path)
            .unwrap();
        assert_eq!(Part::find(&path).unwrap().front(), if boot().is_some() { 5 } else { 0 });
    }

    #[tokio::test]
    async fn after_the_power_failed_only_what_was_flushed_is_believed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.part");
        std::fs::write(&path, "123\0\0").unwrap();
        let before = r#"{"etag":"\"a\"","total":10,"flushed":3,"boot":"another"}"#;
        std::fs::write(memo_path(&path), before).unwrap();
        let mut part = Part::find(&path).unwrap();
        assert_eq!(part.front(), 3);
        // Nor later, when the machine runs on.
        part.remember(Memo { boot: boot(), ..part.memo.clone() }).await.unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"123");
        assert_eq!(Part::find(&path).unwrap().front(), 3);
    }

    #[tokio::test]
    async fn a_memo_is_believed_only_as_far_as_the_part_goes() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.part");
        std::fs::write(&path, "1234567890").unwrap();
        std::fs::write(memo_path(&path), r#"{"etag":"\"a\"","total":30,"here":[[0,3],[8,20]]}"#).unwrap();
        let part = Part::find(&path).unwrap();
        assert_eq!(part.here.gaps(30), [3..8, 10..30]);
        let mut asked = HeaderMap::new();
        part.ask_for_the_rest(&mut asked);
        assert_eq!(asked.get(RANGE).unwrap(), "bytes=3-7");
    }

    #[tokio::test]
    async fn a_part_that_is_begun_anew_says_nothing_of_what_was_there() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.part");
        std::fs::write(&path, "1234567890").unwrap();
        std::fs::write(memo_path(&path), r#"{"etag":"\"a\"","total":30,"here":[[0,3],[8,20]]}"#).unwrap();
        let mut part = Part::find(&path).unwrap();
        part.restart().await.unwrap();
        let memo = Memo { etag: Some("\"b\"".to_owned()), total: Some(30), ..Memo::default() };
        part.remember(memo).await.unwrap();
        let found = Part::find(&path).unwrap();
        assert_eq!((found.here.total(), found.memo.here), (0, None));
    }
}
