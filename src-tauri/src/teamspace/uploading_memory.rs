//! What an upload holds in memory: a few parts, however large the file is. On a real S3 server.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use data_encoding::HEXLOWER;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use super::upload::{Content, Halt, PART, Wanted};
use super::{Error, Found, Teamspace};

/// Parts of the file.
const PARTS: u64 = 10;
/// Parts that may be in memory: three under way, and the one that is read.
const MOST: usize = 4;

/// Bytes in memory, now and at most.
#[derive(Default)]
struct Memory {
    now: AtomicUsize,
    most: AtomicUsize,
}

/// Bytes that count for as long as anybody holds them.
struct Held(Vec<u8>, Arc<Memory>);

impl Held {
    fn new(bytes: Vec<u8>, memory: &Arc<Memory>) -> Self {
        let now = memory.now.fetch_add(bytes.len(), Ordering::SeqCst) + bytes.len();
        memory.most.fetch_max(now, Ordering::SeqCst);
        Self(bytes, memory.clone())
    }
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.1.now.fetch_sub(self.0.len(), Ordering::SeqCst);
    }
}

struct Counted(Arc<Memory>);

impl Content for Counted {
    fn read(&mut self, range: Range<u64>) -> BoxFuture<'_, Result<Bytes, Halt>> {
        let held = Held::new(piece(range), &self.0);
        async move { Ok(Bytes::from_owner(held)) }.boxed()
    }

    fn is_another(&self) -> Halt {
        Error::Damaged { what: "the file".to_owned(), detail: "it is another".to_owned() }.into()
    }
}

fn piece(range: Range<u64>) -> Vec<u8> {
    range.map(|n| (n % 251) as u8).collect()
}

#[tokio::test]
async fn an_upload_holds_a_few_parts_however_large_the_file_is() {
    let Some((place, _proxy)) = super::buckets::behind_proxy() else { return };
    let teamspace = Teamspace::create(place, "Team", Timestamp::UNIX_EPOCH).await.unwrap();
    let size = PARTS * PART;
    let sha256 = HEXLOWER.encode(&Sha256::digest(piece(0..size)));
    let memory = Arc::new(Memory::default());

    let wanted = Wanted { full: "recordings/m/attempt/video-0.mp4", size, sha256: &sha256 };
    let parts = teamspace.store.parts.clone().unwrap();
    let sent = teamspace.upload(&parts, wanted, &mut Counted(memory.clone())).await.unwrap();

    assert_eq!(sent, Found::Whole);
    assert_eq!(teamspace.store.size(wanted.full).await.unwrap(), Some(size));
    let part = PART as usize;
    let most = memory.most.load(Ordering::SeqCst);
    assert!(most > part, "{most}: several are under way");
    assert!(most <= MOST * part, "{most} bytes of {size}");
    assert_eq!(memory.now.load(Ordering::SeqCst), 0, "nothing is kept");
}
