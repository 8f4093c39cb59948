//! The one primitive that everything in a teamspace stands on: put if absent.
//!
//! # Why the read-back
//!
//! `AlreadyExists` does not mean that somebody else was faster: our own write may have arrived and its answer
//! not, and a store may answer "conflict" where nothing exists at all. So every body carries a nonce, which
//! makes it unlike any other writer's, and after any error we look at what is there: our bytes, we won; other
//! bytes, we lost; nothing, we try again with the same bytes, because a write that was given up may still
//! arrive.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use object_store::path::Path;
use object_store::{Error, ObjectStore, ObjectStoreExt, PutMode, PutOptions};

use super::error::io_kind;
use super::store::MAX_SMALL;

/// How often a creation is tried before it is given up.
const TRIES: u32 = 6;

/// Who created it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Created {
    /// We did.
    Won,
    /// Somebody else did; this is what stands there. Nothing, when it is larger than anything of ours.
    Lost(Bytes),
}

/// Creates `key` with `body`, if and only if nothing is there. `body` must hold a fresh nonce.
///
/// An error means that we do not know: the same call, with the same body, may be made again.
pub(super) async fn create_exclusive(
    store: &dyn ObjectStore,
    key: &Path,
    body: Bytes,
) -> Result<Created, Error> {
    let mut tries = 0;
    loop {
        let options = PutOptions::from(PutMode::Create);
        let Err(error) = store.put_opts(key, body.clone().into(), options).await else {
            return Ok(Created::Won);
        };
        if let Ok(found) = read(store, key, body.len() as u64).await {
            return Ok(if found == body { Created::Won } else { Created::Lost(found) });
        }
        tries += 1;
        if tries >= TRIES || !may_pass(&error) {
            return Err(error);
        }
        tokio::time::sleep(pause(tries)).await;
    }
}

/// What stands there. What is neither as large as ours nor small is not ours, and is not held.
async fn read(store: &dyn ObjectStore, key: &Path, ours: u64) -> Result<Bytes, Error> {
    let found = store.get(key).await?;
    if found.meta.size > MAX_SMALL && found.meta.size != ours {
        return Ok(Bytes::new());
    }
    found.bytes().await
}

/// Whether trying again can help.
fn may_pass(error: &Error) -> bool {
    use io::ErrorKind as Is;
    match error {
        Error::NotImplemented { .. }
        | Error::NotSupported { .. }
        | Error::InvalidPath { .. }
        | Error::PermissionDenied { .. }
        | Error::Unauthenticated { .. }
        | Error::UnknownConfigurationKey { .. } => false,
        _ => match io_kind(error) {
            Some(error) => matches!(
                error.kind(),
                Is::AlreadyExists | Is::Interrupted | Is::TimedOut | Is::WouldBlock | Is::ResourceBusy
            ),
            None => true,
        },
    }
}

/// Grows fourfold from 10 ms to about a second; two writers that met once should not meet again.
fn pause(tries: u32) -> Duration {
    let longest = 10u64.saturating_mul(4u64.saturating_pow(tries.saturating_sub(1))).min(1_000);
    Duration::from_millis(rand::random_range(longest / 2..=longest))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use object_store::memory::InMemory;

    use super::*;
    use crate::teamspace::testing::{Fault, Faulty};

    fn key() -> Path {
        Path::from("log/00000000/001.json")
    }

    fn body(nonce: &str) -> Bytes {
        Bytes::from(format!("{{\"nonce\":\"{nonce}\"}}"))
    }

    async fn create(faults: &[Fault]) -> (Result<Created, Error>, Arc<InMemory>) {
        let memory = Arc::new(InMemory::new());
        let store = Faulty::new(memory.clone(), faults);
        (create_exclusive(&store, &key(), body("ours")).await, memory)
    }

    async fn there(memory: &InMemory) -> Option<Bytes> {
        read(memory, &key(), 0).await.ok()
    }

    #[tokio::test]
    async fn the_first_wins_and_the_second_sees_what_stands_there() {
        let store = InMemory::new();
        assert_eq!(create_exclusive(&store, &key(), body("a")).await.unwrap(), Created::Won);
        assert_eq!(create_exclusive(&store, &key(), body("b")).await.unwrap(), Created::Lost(body("a")));
    }

    #[tokio::test]
    async fn what_is_larger_than_anything_of_ours_is_not_held_to_see_whose_it_is() {
        let store = InMemory::new();
        let large = Bytes::from(vec![b' '; MAX_SMALL as usize + 1]);
        store.put(&key(), large.clone().into()).await.unwrap();
        assert_eq!(create_exclusive(&store, &key(), body("a")).await.unwrap(), Created::Lost(Bytes::new()));
        assert_eq!(create_exclusive(&store, &key(), large).await.unwrap(), Created::Won, "our own is seen");
    }

    #[tokio::test]
    async fn an_error_after_the_store_accepted_is_our_own_success() {
        let (created, memory) = create(&[Fault::ErrorAfter]).await;
        assert_eq!(created.unwrap(), Created::Won);
        assert_eq!(there(&memory).await, Some(body("ours")));
    }

    #[tokio::test]
    async fn already_exists_after_the_store_accepted_is_our_own_success() {
        let (created, _) = create(&[Fault::AlreadyExistsAfter]).await;
        assert_eq!(created.unwrap(), Created::Won);
    }

    #[tokio::test]
    async fn already_exists_with_nothing_there_is_tried_again() {
        let (created, memory) = create(&[Fault::AlreadyExistsInstead, Fault::AlreadyExistsInstead]).await;
        assert_eq!(created.unwrap(), Created::Won);
        assert_eq!(there(&memory).await, Some(body("ours")));
    }

    #[tokio::test]
    async fn a_write_that_was_lost_is_tried_again() {
        let (created, _) = create(&[Fault::ErrorInstead]).await;
        assert_eq!(created.unwrap(), Created::Won);
    }

    #[tokio::test]
    async fn a_write_that_arrives_late_is_recognised_as_ours() {
        let (created, memory) = create(&[Fault::ArrivesWithNext]).await;
        assert_eq!(created.unwrap(), Created::Won);
        assert_eq!(there(&memory).await, Some(body("ours")));
    }

    #[tokio::test]
    async fn when_the_read_back_fails_too_the_next_try_tells() {
        let (created, _) = create(&[Fault::ErrorAfterAndUnreadable]).await;
        assert_eq!(created.unwrap(), Created::Won);
    }

    #[tokio::test]
    async fn a_store_that_never_answers_is_given_up_with_its_error() {
        let (created, memory) = create(&[Fault::ErrorInstead; TRIES as usize]).await;
        assert!(created.is_err());
        assert_eq!(there(&memory).await, None);
    }

    #[tokio::test]
    async fn a_full_disk_is_not_tried_again() {
        let (created, memory) = create(&[Fault::FullInstead]).await;
        assert!(created.is_err());
        assert_eq!(there(&memory).await, None);
    }
}
