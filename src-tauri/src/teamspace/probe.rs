//! The self-test: a store is tested before it is trusted with a team's recordings.
//!
//! # Why
//!
//! Several S3-compatible servers ignore "put if absent" in silence, and one checks for it but races: one
//! writer after the other finds nothing wrong with it. So many writers ask for the same keys at once.

use bytes::Bytes;
use futures::TryStreamExt;
use futures::future::join_all;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};

use super::exclusive::{Created, create_exclusive};
use super::location::Access;
use super::store::Store;
use super::trouble::code_of;
use super::{Error, Trouble, key, new_nonce};

const KEYS: usize = 4;
const WRITERS: usize = 8;

/// Large enough that a body which is seen half-written shows.
const BODY: usize = 64 << 10;

/// Why a store cannot be used: it misbehaved, or it could not be asked.
enum Failure {
    Misbehaved(&'static str),
    Store(object_store::Error),
}

impl From<object_store::Error> for Failure {
    fn from(error: object_store::Error) -> Self {
        Self::Store(error)
    }
}

impl Store {
    /// Tests what a teamspace needs: of many writers one wins, content stays whole, parts can be read, names are
    /// listed in order, uploads in parts end whole or leave nothing, what is removed is gone.
    ///
    /// Leaves nothing behind, except where removing is not permitted: members of a teamspace do without it. Where
    /// writing is not permitted, nothing else is tested.
    pub(super) async fn probe(&self) -> Result<Access, Error> {
        let folder = format!("{}/{}", key::PROBE, new_nonce());
        let result = self.test(&folder).await;
        // Whatever is left of a test that failed is in nobody's way.
        let _ = self.clear(&folder).await;
        if let Some(root) = self.root() {
            for folder in [folder.as_str(), key::PROBE] {
                let _ = tokio::fs::remove_dir(root.join(folder)).await;
            }
        }
        let unsafe_because =
            |reason: &str| Error::Unsafe { place: self.place.to_string(), reason: reason.to_owned() };
        match result {
            Ok(()) => Ok(Access::ReadWrite),
            Err(Failure::Misbehaved(reason)) => Err(unsafe_because(reason)),
            Err(Failure::Store(source)) if code_of(&source).as_deref() == Some("NotImplemented") => {
                Err(unsafe_because("it does not know how to create a file only where there is none"))
            }
            Err(Failure::Store(source)) => match self.error("write to the teamspace", source) {
                Error::Bucket { trouble: Trouble::NotAllowed { .. }, .. } => Ok(Access::ReadOnly),
                error => Err(error),
            },
        }
    }

    async fn test(&self, folder: &str) -> Result<(), Failure> {
        let store = &*self.objects;
        let paths: Vec<Path> = (0..KEYS).map(|key| Path::from(format!("{folder}/{key}.json"))).collect();
        join_all(paths.iter().map(|path| contest(store, path)))
            .await
            .into_iter()
            .collect::<Result<(), _>>()?;
        let (Some(first), Some(second)) = (paths.first(), paths.get(1)) else { return Ok(()) };
        let whole = store.get(first).await?.bytes().await?;
        let part = store.get_range(first, 1_000..2_000).await;
        // A store that sends the whole file where a part was asked for is one the library does not put up with.
        if !part.is_ok_and(|part| whole.get(1_000..2_000) == Some(&part[..])) {
            return Err(Failure::Misbehaved("it does not read parts of files correctly"));
        }
        self.test_lists(folder, &paths, second).await?;
        self.upload(folder).await?;
        match self.clear(folder).await {
            Ok(()) => {}
            Err(error) if is_not_allowed(&error) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
        match store.head(first).await {
            Err(object_store::Error::NotFound { .. }) => Ok(()),
            Ok(_) => Err(Failure::Misbehaved("it keeps files that were removed")),
            Err(error) => Err(error.into()),
        }
    }

    /// Folders list in any order, and are sorted by whoever lists them.
    async fn test_lists(&self, folder: &str, paths: &[Path], after: &Path) -> Result<(), Failure> {
        let at = Path::from(folder);
        let whole = self.objects.list(Some(&at)).map_ok(|found| found.location).try_collect();
        let rest = self.objects.list_with_offset(Some(&at), after).map_ok(|found| found.location);
        let (mut whole, mut rest): (Vec<Path>, Vec<Path>) = (whole.await?, rest.try_collect().await?);
        if self.root().is_some() {
            whole.sort();
            rest.sort();
        }
        let expected: Vec<&Path> = paths.iter().filter(|path| *path > after).collect();
        if whole != paths || !rest.iter().eq(expected) {
            return Err(Failure::Misbehaved("it does not list its files correctly"));
        }
        Ok(())
    }

    async fn upload(&self, folder: &str) -> Result<(), Failure> {
        let store = &*self.objects;
        let (kept, dropped) = (Path::from(format!("{folder}/kept")), Path::from(format!("{folder}/dropped")));
        let body = Bytes::from(new_nonce());
        let mut upload = store.put_multipart(&kept).await?;
        upload.put_part(body.clone().into()).await?;
        upload.complete().await?;
        if store.get(&kept).await?.bytes().await? != body {
            return Err(Failure::Misbehaved("it does not keep what was uploaded in parts"));
        }
        let mut upload = store.put_multipart(&dropped).await?;
        upload.put_part(body.into()).await?;
        upload.abort().await?;
        match store.head(&dropped).await {
            Err(object_store::Error::NotFound { .. }) => Ok(()),
            Ok(_) => Err(Failure::Misbehaved("it keeps uploads that were given up")),
            Err(error) => Err(error.into()),
        }
    }

    async fn clear(&self, folder: &str) -> Result<(), object_store::Error> {
        let found = self.objects.list(Some(&Path::from(folder))).map_ok(|found| found.location);
        for path in found.try_collect::<Vec<Path>>().await? {
            self.objects.delete(&path).await?;
        }
        Ok(())
    }
}

fn is_not_allowed(error: &object_store::Error) -> bool {
    matches!(Trouble::of("remove", error), Some(Trouble::NotAllowed { .. }))
}

/// Many writers create one key at once: one wins, and all others see its content, whole.
async fn contest(store: &dyn ObjectStore, path: &Path) -> Result<(), Failure> {
    let bodies: Vec<Bytes> = (0..WRITERS).map(|_| new_nonce().repeat(BODY / 32).into()).collect();
    let writes = bodies.iter().map(|body| create_exclusive(store, path, body.clone()));
    let created = join_all(writes).await.into_iter().collect::<Result<Vec<_>, _>>()?;
    let mut winners = created.iter().zip(&bodies).filter(|(created, _)| **created == Created::Won);
    let (Some((_, winner)), None) = (winners.next(), winners.next()) else {
        return Err(Failure::Misbehaved("it lets several writers create the same file at once"));
    };
    let seen = |created: &Created| match created {
        Created::Won => true,
        Created::Lost(found) => found == winner,
    };
    if !created.iter().all(seen) || store.get(path).await?.bytes().await? != *winner {
        return Err(Failure::Misbehaved("it does not keep what was written"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use object_store::memory::InMemory;

    use super::*;
    use crate::teamspace::key;
    use crate::teamspace::testing::{Careless, Habit};

    async fn probe(objects: Arc<dyn ObjectStore>) -> Result<Access, Error> {
        Store { objects, root: None, place: "a store".into(), parts: None, marker: key::TEAMSPACE }
            .probe()
            .await
    }

    #[tokio::test]
    async fn a_store_that_keeps_its_word_passes_and_nothing_is_left() {
        let memory = Arc::new(InMemory::new());
        probe(memory.clone()).await.unwrap();
        assert!(memory.list(None).try_collect::<Vec<_>>().await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_folder_passes_every_time_and_nothing_is_left() {
        let root = tempfile::tempdir().unwrap();
        let objects = Arc::new(crate::teamspace::location::folder::folder_store(root.path()).unwrap());
        let place = "a folder".into();
        let store = Store {
            objects,
            root: Some(Arc::new(root.path().to_owned())),
            place,
            parts: None,
            marker: key::TEAMSPACE,
        };
        for _ in 0..5 {
            store.probe().await.unwrap();
        }
        assert_eq!(std::fs::read_dir(root.path()).unwrap().count(), 0);
    }

    #[tokio::test]
    async fn a_store_that_breaks_its_word_is_refused_with_the_reason() {
        for (habit, word) in [
            (Habit::IgnoresCreate, "several writers"),
            (Habit::ChecksThenWrites, "several writers"),
            (Habit::ReadsWrongParts, "parts of files"),
            (Habit::KeepsRemoved, "removed"),
        ] {
            let refused = probe(Arc::new(Careless::new(habit))).await;
            let Err(Error::Unsafe { reason, .. }) = refused else { panic!("{habit:?}: {refused:?}") };
            assert!(reason.contains(word), "{habit:?}: {reason}");
        }
    }

    #[tokio::test]
    async fn a_store_that_breaks_its_word_after_it_was_accepted_is_refused_when_it_is_opened_again() {
        for (habit, keeps) in [(Habit::KeepsRemoved, true), (Habit::IgnoresCreate, false)] {
            let objects = Arc::new(Careless::new(habit));
            let about = Bytes::from_static(b"{}");
            objects.put(&Path::from(crate::teamspace::key::TEAMSPACE), about.clone().into()).await.unwrap();
            let store =
                Store { objects, root: None, place: "a store".into(), parts: None, marker: key::TEAMSPACE };
            match store.may_write(about).await {
                Ok(Access::ReadWrite) => assert!(keeps, "{habit:?}"),
                Err(Error::Unsafe { reason, .. }) => assert!(!keeps && reason.contains("several writers")),
                other => panic!("{habit:?}: {other:?}"),
            }
        }
    }

    #[tokio::test]
    async fn a_race_does_not_show_to_one_writer_after_the_other() {
        let store = Careless::new(Habit::ChecksThenWrites);
        let path = Path::from("key");
        let (a, b) = (Bytes::from("a"), Bytes::from("b"));
        assert_eq!(create_exclusive(&store, &path, a.clone()).await.unwrap(), Created::Won);
        assert_eq!(create_exclusive(&store, &path, b).await.unwrap(), Created::Lost(a));
    }
}
