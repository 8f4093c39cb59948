//! What is there of a file from an earlier try, and whether one may go on with it.

use std::io;
use std::path::{Path, PathBuf};

use reqwest::header::{CONTENT_RANGE, ETAG, HeaderMap, HeaderValue, IF_RANGE, RANGE};
use serde::{Deserialize, Serialize};
use tokio::fs;
use tokio::io::AsyncReadExt as _;

use super::Error;
use super::write::Written;
use crate::container::HEAD;

/// What the server said of the file that the part belongs to; stands beside the part.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Memo {
    /// A strong ETag.
    etag: Option<String>,
    /// Bytes of the whole file.
    total: Option<u64>,
}

impl Memo {
    /// From the answer that a part comes from.
    pub(super) fn of(headers: &HeaderMap, total: Option<u64>) -> Self {
        let etag = headers.get(ETAG).and_then(|value| value.to_str().ok());
        // A weak one may stand for other bytes (RFC 9110, §8.8.1).
        Self { etag: etag.filter(|etag| !etag.starts_with("W/")).map(str::to_owned), total }
    }
}

/// A staged file before it is whole.
#[derive(Debug)]
pub(super) struct Part {
    path: PathBuf,
    length: u64,
    memo: Memo,
}

impl Part {
    /// Looks for what is there. A part of which nothing is known that could tell whether the file is still the
    /// same is worth nothing.
    pub(super) async fn find(path: &Path) -> Result<Self, Error> {
        let length = match fs::metadata(path).await {
            Ok(metadata) => metadata.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
            Err(error) => return Err(error.into()),
        };
        let memo: Memo = match fs::read(memo_path(path)).await {
            Ok(bytes) => serde_json::from_slice(&bytes).unwrap_or_default(),
            Err(_) => Memo::default(),
        };
        let usable = memo.etag.is_some() || memo.total.is_some_and(|total| length <= total);
        Ok(Self { path: path.to_owned(), length: if usable { length } else { 0 }, memo })
    }

    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Asks only for what is missing, if the file is still the same one.
    pub(super) fn ask_for_the_rest(&self, headers: &mut HeaderMap) {
        if self.length == 0 {
            return;
        }
        if let Ok(range) = HeaderValue::try_from(format!("bytes={}-", self.length)) {
            headers.insert(RANGE, range);
        }
        if let Some(Ok(etag)) = self.memo.etag.as_ref().map(HeaderValue::try_from) {
            headers.insert(IF_RANGE, etag);
        }
    }

    /// The server sends all of it: what was there does not count.
    pub(super) fn restart(&mut self) {
        self.length = 0;
    }

    /// Whether a 206 goes on exactly where the part ends, in the same file.
    pub(super) fn continues(&self, headers: &HeaderMap) -> bool {
        let Some((Some(start), total)) = content_range(headers) else { return false };
        let etag = Memo::of(headers, total).etag;
        let same_tag = self.memo.etag.is_none() || etag.is_none() || self.memo.etag == etag;
        let same_total = self.memo.total.is_none() || total.is_none() || self.memo.total == total;
        start == self.length && same_tag && same_total
    }

    /// Whether a 416 says that the part is the whole file already.
    pub(super) fn is_all(&self, headers: &HeaderMap) -> bool {
        matches!(content_range(headers), Some((_, Some(total))) if total == self.length && total > 0)
    }

    /// Throws the part away.
    pub(super) async fn discard(&mut self) -> Result<(), Error> {
        for path in [self.path.clone(), memo_path(&self.path)] {
            match fs::remove_file(path).await {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
                _ => {}
            }
        }
        self.length = 0;
        self.memo = Memo::default();
        Ok(())
    }

    /// Notes which file the part is of, before its first byte is written. A note that does not survive a
    /// crash costs a download from the start, nothing else.
    pub(super) async fn remember(&mut self, memo: &Memo) -> Result<(), Error> {
        if *memo != self.memo || self.length == 0 {
            let bytes = serde_json::to_vec(memo).map_err(io::Error::from)?;
            fs::write(memo_path(&self.path), bytes).await?;
            self.memo = memo.clone();
        }
        Ok(())
    }

    /// The first bytes of what is there.
    pub(super) async fn head(&self) -> Result<Vec<u8>, Error> {
        let mut head = Vec::new();
        if self.length > 0 {
            let wanted = self.length.min(HEAD as u64);
            fs::File::open(&self.path).await?.take(wanted).read_to_end(&mut head).await?;
        }
        Ok(head)
    }

    /// Reads a part that is the whole file, for its digest.
    pub(super) async fn reread(&self) -> Result<Written, Error> {
        super::write::Writer::start(&self.path, self).await?.finish().await
    }
}

/// `bytes 5-9/10` → (5, 10); `bytes */10` → (none, 10); RFC 9110, §14.4.
fn content_range(headers: &HeaderMap) -> Option<(Option<u64>, Option<u64>)> {
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
    let part = Part { path: PathBuf::new(), length, memo: Memo { etag: None, total: Some(length) } };
    let said = content_range(&headers);
    assert!(!part.continues(&headers) || matches!(said, Some((Some(start), _)) if start == length));
    assert!(
        !part.is_all(&headers) || (length > 0 && matches!(said, Some((_, Some(total))) if total == length))
    );
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
        let memo = Memo { etag: etag.map(str::to_owned), total };
        Part { path: PathBuf::from("x.part"), length, memo }
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
        assert_eq!(Part::find(&path).await.unwrap().length(), 0);
        std::fs::write(memo_path(&path), r#"{"etag":"\"a\"","total":10}"#).unwrap();
        assert_eq!(Part::find(&path).await.unwrap().length(), 5);
    }
}
